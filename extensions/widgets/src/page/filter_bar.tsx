/** The bar of filters: a query field that completes label names, and one chip for each filter that holds. */

import { signal } from "@preact/signals";
import { createRef } from "preact";
import type { FilterChip, Label } from "../messages";
import { count, plural } from "../numbers";
import { Icon } from "./icon";
import { Options, useOwnId } from "./options";

interface FilterBarEvents {
  /** Returns whether the query was taken. */
  query(text: string): Promise<boolean>;
  find(word: string): Promise<Label[]>;
  drop(key: string): void;
  negate(key: string): void;
  clear(): void;
  /** The person is done with the field. */
  done(): void;
}

const WORD = /(?:"[^"]*|[^\s()"]*)$/; // what is being typed, up to the cursor
const PLAIN = /^(?!(?:and|or|not)$)[^\s()"\\><:]+$/i; // a name that needs no quotes
const MOST = 8;
const REST_MS = 120; // a click into the list takes the focus for a moment
const EXAMPLES = 'anger AND NOT annoyance · joy:? (unknown) · text:"not sure" · is:pending · split:test · joy>0.8';

export type FilterBar = ReturnType<typeof openFilterBar>;

export function openFilterBar(events: FilterBarEvents) {
  const filters = signal<FilterChip[]>([]);
  /** How many items the filters leave; null without one. */
  const selected = signal<number | null>(null);
  const completions = signal<Label[] | null>(null);
  const active = signal(-1);
  const wrong = signal(false); // whether the kernel did not take the query
  const ref = createRef<HTMLInputElement>();
  let turn = 0;

  const word = ({ value, selectionStart }: HTMLInputElement) =>
    WORD.exec(value.slice(0, selectionStart ?? undefined))?.[0] ?? "";
  const hide = () => {
    turn++;
    completions.value = null;
  };
  const complete = async (field: HTMLInputElement) => {
    wrong.value = false;
    const mine = ++turn;
    const typed = word(field).replace(/^"/, "");
    if (!typed || /[:<>]/.test(typed)) return hide();
    const labels = await events.find(typed).catch(() => []);
    if (mine !== turn || document.activeElement !== field) return;
    [completions.value, active.value] = [labels.length ? labels.slice(0, MOST) : null, -1];
  };
  /** Complete the word that is being typed. */
  const put = ({ name }: Label) => {
    const field = ref.current!;
    const at = field.selectionStart ?? field.value.length;
    const before = field.value.slice(0, at - word(field).length);
    const written = `${before}${PLAIN.test(name) ? name : `"${name.replace(/(["\\])/g, "\\$1")}"`} `;
    field.value = written + field.value.slice(at).trimStart();
    field.setSelectionRange(written.length, written.length);
    hide();
  };
  const send = async (field: HTMLInputElement) => {
    const text = field.value.trim();
    hide();
    if (!text) return;
    wrong.value = !(await events.query(text));
    if (wrong.value) return;
    field.value = "";
    events.done();
  };
  const press = (event: KeyboardEvent) => {
    const field = event.target as HTMLInputElement;
    const labels = completions.value ?? [];
    const n = labels.length;
    const chosen = labels[active.value];
    if (n && event.key === "ArrowDown") active.value = (active.value + 1) % n;
    else if (n && event.key === "ArrowUp") active.value = (Math.max(active.value, 0) - 1 + n) % n;
    else if (n && event.key === "Tab" && !event.shiftKey) put(chosen ?? labels[0]!);
    else if (event.key === "Enter") void (chosen ? put(chosen) : send(field));
    else {
      const last = filters.value[filters.value.length - 1];
      if (event.key === "Backspace" && !field.value && last) events.drop(last.key);
      return;
    }
    event.preventDefault();
  };
  /** The query field. */
  const Query = () => {
    const id = useOwnId();
    return (
      <div class="ls-querybox">
        <Icon name="filter" />
        <input
          ref={ref}
          type="text"
          class="ls-query"
          role="combobox"
          aria-label="Filter items"
          aria-expanded={completions.value !== null}
          aria-autocomplete="list"
          aria-controls={id}
          aria-invalid={wrong.value || undefined}
          placeholder="Filter items"
          autocomplete="off"
          spellcheck={false}
          title={EXAMPLES}
          onInput={event => void complete(event.currentTarget)}
          onKeyDown={press}
          onBlur={() => setTimeout(hide, REST_MS)}
        />
        <Options id={id} name="Completions" labels={completions.value} active={active.value} choose={put} />
      </div>
    );
  };
  /** The chips; nothing while there is no filter. */
  const Filters = () => {
    const n = selected.value;
    if (n === null && !filters.value.length) return null;
    return (
      <div class="ls-filterbar">
        <div class="ls-filters" role="group" aria-label="Filters">
          {filters.value.map(filter => (
            <Filter key={filter.key} filter={filter} events={events} />
          ))}
          {n !== null && (
            <button
              type="button"
              class="ls-clear"
              aria-label="Clear selection"
              title="Clear all filters (Esc)"
              onClick={() => events.clear()}
            >
              {`${plural(n, "item")} selected`}
              <Icon name="cross" />
            </button>
          )}
        </div>
      </div>
    );
  };
  return { filters, selected, field: ref, Query, Filters };
}

function Filter({
  filter: { key, title, negated, count: n },
  events,
}: {
  filter: FilterChip;
  events: FilterBarEvents;
}) {
  const words = negated ? `not ${title}` : title;
  const items = plural(n, "item");
  return (
    <span class={`ls-fchip ${negated ? "ls-negated" : ""}`}>
      <button
        type="button"
        class="ls-fchip-name"
        aria-pressed={negated}
        aria-label={`Filter ${words}, ${items}`}
        title={`${words}: ${items}. Click to invert.`}
        onClick={() => events.negate(key)}
      >
        {negated && <em>not</em>}
        <span dir="auto">{title}</span>
        <small>{count(n)}</small>
      </button>
      <button
        type="button"
        class="ls-fchip-away"
        aria-label={`Remove filter ${words}`}
        onClick={() => events.drop(key)}
      >
        <Icon name="cross" />
      </button>
    </span>
  );
}
