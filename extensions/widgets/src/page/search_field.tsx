/** A field of a panel's tools: what is typed narrows the list under it. */

import type { Signal } from "@preact/signals";

interface SearchFieldProps {
  /** What a screen reader calls it. */
  name: string;
  hint: string;
  query: Signal<string>;
  changed: () => void;
}

export function SearchField({ name, hint, query, changed }: SearchFieldProps) {
  return (
    <input
      type="text"
      class="ls-field ls-small"
      placeholder={hint}
      aria-label={name}
      spellcheck={false}
      value={query}
      onInput={event => {
        query.value = event.currentTarget.value;
        changed();
      }}
    />
  );
}
