/** The decisions on an earlier version of the table: what would become of them, and the button that takes them over. */

import { useState } from "preact/hooks";

import type { ImportModel } from "./model";

export function CarryOver({ model }: { model: ImportModel }) {
  const [busy, setBusy] = useState(false);
  const carry = model.carry.value;
  if (!carry) return null;
  const counts = Object.entries(carry.counts).map(([kind, n]) => `${n.toLocaleString()} ${kind}`);
  const take = () => {
    setBusy(true);
    void model.carryOver().finally(() => setBusy(false));
  };
  return (
    <div class="lsx-line lsx-fact" role="alert">
      <p>
        <strong>The decisions are about an earlier version of this table.</strong> Of these decisions:{" "}
        {counts.join(", ")}.
      </p>
      <button type="button" class="jp-mod-styled jp-mod-accept" disabled={busy} onClick={take}>
        Take the decisions over and open
      </button>
    </div>
  );
}
