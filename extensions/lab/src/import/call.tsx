/** The Python call that reads the table as it is chosen, to copy. */

import { useState } from "preact/hooks";

import type { ImportModel } from "./model";

export function Call({ model }: { model: ImportModel }) {
  const [copied, setCopied] = useState("");
  const call = model.inspected.value?.call ?? "";
  const copy = () => void navigator.clipboard.writeText(call).then(() => setCopied(call));
  return (
    <section class="lsx-section lsx-call" aria-labelledby="lsx-call">
      <h3 id="lsx-call">The same in Python</h3>
      {call ? (
        <div class="lsx-code">
          <pre>
            <code>{call}</code>
          </pre>
          <button type="button" class="jp-mod-styled jp-mod-reject" onClick={copy}>
            {copied === call ? "Copied" : "Copy"}
          </button>
        </div>
      ) : (
        <p class="lsx-soft">Appears when it is clear how the table is read.</p>
      )}
    </section>
  );
}
