/** What comes beside the table: files with names, votes, a taxonomy, arrays. */

import type { ImportModel } from "./model";
import { TextField } from "./text_field";

export function Files({ model }: { model: ImportModel }) {
  return (
    <section class="lsx-section" aria-labelledby="lsx-beside">
      <h3 id="lsx-beside">Files beside it</h3>
      <datalist id="lsx-files">
        {model.files.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextField model={model} isFile name="label_names" words="Label names" hint="JSON, CSV, or a name a line" />
      <TextField model={model} isFile name="taxonomy" words="Taxonomy" hint="Parent and child, or SKOS" />
      <TextField model={model} isFile name="votes" words="Votes" hint="item_id, rater, label, value" />
      <TextField model={model} isFile name="embeddings" words="Embeddings" hint=".npy, one row an item" />
      <TextField model={model} isFile name="probabilities" words="Probabilities" hint=".npy, out of fold" />
      {model.choices.value.image && (
        <TextField
          model={model}
          isFile
          name="image_root"
          words="Image folder"
          hint="Where image files lie, if not here"
        />
      )}
    </section>
  );
}
