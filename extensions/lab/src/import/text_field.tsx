/** A text that is an argument: a delimiter, the path of a file. It counts when it is left, or with Enter. */

import type { Choices } from "./messages";
import type { ImportModel } from "./model";
import { Problems } from "./problems";

type Name = {
  [K in keyof Choices]-?: string extends Choices[K] ? K : never;
}[keyof Choices];

interface TextFieldProps {
  model: ImportModel;
  name: Name;
  words: string;
  hint: string;
  /** Whether it is a file, of which those beside the table are proposed. */
  isFile?: boolean;
}

export function TextField({ model, name, words, hint, isFile = false }: TextFieldProps) {
  const value = model.choices.value[name];
  const shown = typeof value === "string" ? value : (value ?? []).join(", ");
  const take = (text: string) => {
    if (text !== shown) model.set({ [name]: text || undefined });
  };
  const bad = isFile && model.problems([name]).length > 0;
  return (
    <div class="lsx-argument">
      <label class="lsx-field">
        <span>{words}</span>
        <input
          type="text"
          class="jp-mod-styled"
          name={name}
          value={shown}
          placeholder={hint}
          title={hint}
          spellcheck={false}
          autocomplete="off"
          aria-invalid={bad}
          list={isFile ? "lsx-files" : undefined}
          onChange={event => take(event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key !== "Enter") return;
            event.preventDefault(); // it takes the text; the table is opened by another one
            take(event.currentTarget.value);
          }}
        />
      </label>
      {isFile && <Problems model={model} about={[name]} />}
    </div>
  );
}
