/** Labels to choose from, under a field. */

import { useState } from "preact/hooks";
import type { Label } from "../messages";
import { count } from "../numbers";
import { Box } from "../worklist/chip";

/** An id of its own for a list: there may be several apps on a page. */
export function useOwnId(): string {
  return useState(() => `ls-${Math.random().toString(36).slice(2)}`)[0];
}

interface OptionsProps {
  id: string;
  name: string;
  /** Null hides the list. */
  labels: Label[] | null;
  active: number;
  choose: (label: Label, alt: boolean) => void;
}

export function Options({ id, name, labels, active, choose }: OptionsProps) {
  return (
    <div id={id} role="listbox" aria-label={name} class={`ls-options ${labels ? "" : "ls-hidden"}`}>
      {labels?.map((label, i) => (
        <div
          key={label.label}
          id={`${id}-${i}`}
          ref={element => void (i === active && element?.scrollIntoView({ block: "nearest" }))}
          role="option"
          class={`ls-option ${i === active ? "ls-active" : ""}`}
          aria-selected={i === active}
          onMouseDown={event => {
            event.preventDefault(); // the field keeps the focus
            choose(label, event.altKey);
          }}
        >
          {label.chip && <Box state={label.chip.state} />}
          <span class="ls-chip-name">{label.name}</span>
          <small>{count(label.count)}</small>
        </div>
      ))}
      {labels?.length === 0 && <div class="ls-option ls-none">No label has that name.</div>}
    </div>
  );
}
