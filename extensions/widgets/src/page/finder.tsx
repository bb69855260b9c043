/** A search among all labels: a field with a list under it. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Label } from "../messages";
import { Options, useOwnId } from "./options";

interface FinderProps {
  name: string;
  find: (query: string) => Promise<Label[]>;
  choose: (label: Label, alt: boolean) => void;
  /** Whether it takes the focus when it appears. */
  focused?: boolean;
}

const REST_MS = 120; // a click into the list takes the focus for a moment

export function Finder({ name, find, choose, focused }: FinderProps) {
  const [labels, setLabels] = useState<Label[] | null>(null);
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const turn = useRef(0);
  /** What was found for the words in the field: Enter must not choose from an older list. */
  const found = useRef<Promise<Label[]>>(Promise.resolve([]));
  const id = useOwnId();
  useLayoutEffect(() => {
    if (focused) field.current!.focus();
  }, [focused]);
  const look = async () => {
    const mine = ++turn.current;
    found.current = find(field.current!.value).catch(() => []);
    const now = await found.current;
    if (mine !== turn.current || document.activeElement !== field.current) return;
    setLabels(now);
    setActive(0);
  };
  const hide = () => {
    turn.current++;
    setLabels(null);
  };
  const take = (label: Label | undefined, alt: boolean) => {
    if (!label) return;
    field.current!.value = "";
    hide();
    choose(label, alt);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && labels) setActive((active + step + labels.length) % Math.max(1, labels.length));
    else if (event.key !== "Enter") return;
    else void found.current.then(now => take(now[now === labels ? active : 0], event.altKey));
    event.preventDefault();
  };
  return (
    <span class="ls-finder">
      <input
        ref={field}
        type="text"
        class="ls-finder-field"
        placeholder={name}
        aria-label={name}
        role="combobox"
        aria-expanded={labels !== null}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={labels?.length ? `${id}-${active}` : ""}
        autocomplete="off"
        spellcheck={false}
        onInput={() => void look()}
        onFocus={() => void look()}
        onKeyDown={press}
        onBlur={() => setTimeout(() => document.activeElement !== field.current && hide(), REST_MS)}
      />
      <Options id={id} name="Labels" labels={labels} active={active} choose={take} />
    </span>
  );
}
