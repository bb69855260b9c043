/** Where the decisions go, and whose they are. */

import type { ImportModel } from "./model";
import { TextField } from "./text_field";

export function Decisions({ model }: { model: ImportModel }) {
  const place = model.place.value;
  return (
    <section class="lsx-section" aria-labelledby="lsx-decisions">
      <h3 id="lsx-decisions">Decisions</h3>
      <TextField model={model} isFile name="ledger" words="Kept in" hint={place?.path ?? ""} />
      <label class="lsx-field">
        <span>Signed as</span>
        <input
          type="text"
          class="jp-mod-styled"
          name="reviewer"
          maxLength={80}
          spellcheck={false}
          value={model.reviewer.value || (place?.reviewer ?? "")}
          onChange={event => {
            const name = event.currentTarget.value.trim();
            model.sign(name === place?.reviewer ? "" : name);
          }}
          onKeyDown={event => event.key === "Enter" && event.preventDefault()}
        />
      </label>
    </section>
  );
}
