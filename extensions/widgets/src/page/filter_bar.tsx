/** The bar of filters: a query field that completes label names, and one chip for each filter that holds. */

import { signal } from "@preact/signals";
import { createRef } from "preact";
import type { Bulk, FilterChip, Label } from "../messages";
import { count, plural } from "../numbers";
import { quoted } from "../quoted";
import { Refusal } from "../wire";
import { BULK } from "../worklist/bulk_change";
import { Icon } from "./icon";
import { Options, useOwnId } from "./options";
import { asQuery } from "./query";

interface FilterBarEvents {
  /** Throws why the query was not taken. */
  query(text: string): Promise<void>;
  find(word: string): Promise<Label[]>;
  drop(key: string): void;
  negate(key: string): void;
  clear(): void;
  /** Change all selected items. */
  bulk(what: Bulk): void;
  /** Make a new label of them; absent where nothing can be changed. */
  label?(): void;
  /** Make a rule of a query; absent where nothing can be changed. */
  rule?(query: string): void;
  /** The person is done with the field. */
  done(): void;
}

const WORD = /(?:"[^"]*|[^\s()"]*)$/; // what is being typed, up to the cursor
const MOST = 8;
const REST_MS = 120; // a click into the list takes the focus for a moment
const EXAMPLES =
  'anger AND NOT annoyance · add:joy · missing:joy · joy:? (unknown) · text:"not sure" · is:pending · joy>0.8';

export type FilterBar = ReturnType<typeof openFilterBar>;

export function openFilterBar(events: FilterBarEvents) {
  const filters = signal<FilterChip[]>([]);
  /** How many items the filters leave; null without one. */
  const selected = signal<number | null>(null);
  const completions = signal<Label[] | null>(null);
  const active = signal(-1);
  const wrong = signal<Error | null>(null); // why the kernel did not take the query
  const ref = createRef<HTMLInputElement>();
  let turn = 0;

  const word = ({ value, selectionStart }: HTMLInputElement) =>
    WORD.exec(value.slice(0, selectionStart ?? undefined))?.[0] ?? "";
  const hide = () => {
    turn++;
    completions.value = null;
  };
  const complete = async (field: HTMLInputElement) => {
    wrong.value = null;
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
    const written = `${before}${quoted(name)} `;
    field.value = written + field.value.slice(at).trimStart();
    field.setSelectionRange(written.length, written.length);
    hide();
  };
  const send = async (field: HTMLInputElement) => {
    const text = field.value.trim();
    hide();
    if (!text) return;
    try {
      await events.query(text);
      wrong.value = null;
      field.value = "";
      events.done();
    } catch (error) {
      wrong.value = error as Error;
    }
  };
  /** Take what may have been meant. */
  const instead = (query: string) => {
    ref.current!.value = query;
    void send(ref.current!);
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
          aria-invalid={wrong.value ? true : undefined}
          aria-describedby={wrong.value ? `${id}-wrong` : undefined}
          placeholder="Filter items"
          autocomplete="off"
          spellcheck={false}
          title={EXAMPLES}
          onInput={event => void complete(event.currentTarget)}
          onKeyDown={press}
          onBlur={() => setTimeout(hide, REST_MS)}
        />
        <Options id={id} name="Completions" labels={completions.value} active={active.value} choose={put} />
        {wrong.value && <Wrong id={`${id}-wrong`} error={wrong.value} instead={instead} />}
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
          {events.rule && asQuery(filters.value) && (
            <button
              type="button"
              class="ls-link ls-writes"
              title="A rule votes on a label wherever this query holds"
              onClick={() => events.rule!(asQuery(filters.value))}
            >
              Save as rule
            </button>
          )}
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
        {n !== null && n > 0 && <Changes events={events} />}
      </div>
    );
  };
  return { filters, selected, field: ref, Query, Filters };
}

/** What is done with all selected items. */
function Changes({ events }: { events: FilterBarEvents }) {
  return (
    <div role="toolbar" aria-label="Selection" class="ls-changes ls-writes">
      {BULK.map(([what, name, title]) => (
        <button key={what} type="button" class="ls-button ls-small" title={title} onClick={() => events.bulk(what)}>
          {name}
        </button>
      ))}
      {events.label && (
        <button
          type="button"
          class="ls-button ls-small"
          title="Make a new label of the selected items, and look for more like them"
          onClick={() => events.label!()}
        >
          New label
        </button>
      )}
    </div>
  );
}

/** Why a query was not taken, and what may have been meant, a click away. */
function Wrong({ id, error, instead }: { id: string; error: Error; instead: (query: string) => void }) {
  const remedies = error instanceof Refusal ? error.remedies : [];
  return (
    <div id={id} role="alert" class="ls-misread">
      <span>{error.message.replace(/^filter: ./, first => first.slice(-1).toUpperCase())}</span>
      {remedies.map(([words, query]) => (
        <button
          key={query}
          type="button"
          class="ls-button ls-small"
          title={`Filter by ${query}`}
          onMouseDown={event => event.preventDefault()} // the field keeps the focus
          onClick={() => instead(query)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

function Filter({
  filter: { key, title, negated, count: n, cells },
  events,
}: {
  filter: FilterChip;
  events: FilterBarEvents;
}) {
  const words = negated ? `not ${title}` : title;
  const items = cells === undefined ? plural(n, "item") : `${plural(cells, "cell")} in ${plural(n, "item")}`;
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
