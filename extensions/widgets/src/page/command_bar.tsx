/** One field for everything: filters with what they would list, labels, queues, orders and actions, by typing. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Counted } from "../messages";
import { count, plural } from "../numbers";
import { useFocus } from "./focus";
import { Icon } from "./icon";
import { useOwnId } from "./options";
import type { Overlay } from "./overlay";

/** Something that can be chosen. */
export interface Command {
  group: "Saved" | "Recent" | "Filters" | "Queues" | "Orders" | "Views" | "On the map" | "Actions";
  name: string;
  run: () => void;
  /** How many entries it lists. */
  count?: number | null | undefined;
  /** A query whose hits are counted. */
  query?: string;
  /** Keys that do the same. */
  keys?: string[];
  /** Take it out of what is saved. */
  forget?: () => void;
}

export interface CommandSource {
  /** What can be chosen without a word. */
  known: () => Command[];
  /** What the words may mean as filters. */
  filters: (words: string) => Promise<Command[]>;
  /** How many items and cells queries would list, in their order. */
  counted: (queries: string[]) => Promise<Counted["found"]>;
  /** Keep the list that is shown under a name; absent where there is none to keep. */
  save?: ((name: string) => void) | undefined;
}

const MOST = 12; // of a group, while something is typed
const REST_MS = 90; // after the last letter, before hits are counted

/** Open the dialog. */
export function showCommandBar(overlay: Overlay, source: CommandSource): void {
  overlay.show("Command bar", <CommandBar source={source} close={() => overlay.hide()} />);
}

function CommandBar({ source, close }: { source: CommandSource; close: () => void }) {
  const field = useFocus<HTMLInputElement>();
  const [words, setWords] = useState("");
  const [filters, setFilters] = useState<Command[]>([]);
  const [hits, setHits] = useState<ReadonlyMap<string, Counted["found"][number]>>(new Map());
  const [active, setActive] = useState(0);
  const [, draw] = useState(0);
  const waiting = useRef<Promise<Command[]>>(Promise.resolve([]));
  const id = useOwnId();
  const known = source.known();
  const shown = useMemo(() => found(known, filters, words), [known.length, filters, words]);
  const asked = shown.flatMap(({ query }) => (query && !hits.has(query) ? [query] : []));
  useEffect(() => {
    let newest = true;
    setActive(0);
    waiting.current = words.trim() ? source.filters(words.trim()).catch(() => []) : Promise.resolve([]);
    void waiting.current.then(now => newest && setFilters(now));
    return () => void (newest = false);
  }, [words]);
  useEffect(() => {
    if (!asked.length) return;
    let newest = true;
    const soon = setTimeout(() => {
      source.counted(asked).then(
        now => newest && setHits(before => new Map([...before, ...asked.map((query, i) => [query, now[i]!] as const)])),
        () => {},
      );
    }, REST_MS);
    return () => {
      newest = false;
      clearTimeout(soon);
    };
  }, [asked.join("\n")]);
  const take = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const enter = async () => {
    const chosen = active; // what is typed last counts, also where its filters are still on their way
    const now = found(known, await waiting.current, words);
    take(now[chosen]);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const forget = shown[active]?.forget;
    if (step) setActive((active + step + shown.length) % Math.max(1, shown.length));
    else if (event.key === "Enter") void enter();
    else if (event.key === "Delete" && forget && !words) {
      forget();
      draw(n => n + 1);
    } else return;
    event.preventDefault();
  };
  return (
    <div class="ls-command">
      <div class="ls-command-field">
        <Icon name="search" />
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-label="Filter, label, queue, order or action"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={shown.length ? `${id}-${active}` : ""}
          aria-autocomplete="list"
          placeholder="Filter, label, queue, order or action"
          autocomplete="off"
          spellcheck={false}
          value={words}
          onInput={event => setWords(event.currentTarget.value)}
          onKeyDown={press}
        />
        {source.save && (
          <button
            type="button"
            class="ls-button ls-small"
            title="Keep this list (filters, queue and order) in the command bar"
            onClick={() => {
              source.save!(words.trim());
              setWords("");
              field.current!.focus();
              draw(n => n + 1);
            }}
          >
            Save this list
          </button>
        )}
      </div>
      <div id={id} role="listbox" aria-label="Commands" class="ls-commands">
        {shown.map((command, i) => (
          <Line
            key={`${command.group} ${command.name}`}
            id={`${id}-${i}`}
            command={command}
            first={command.group !== shown[i - 1]?.group}
            active={i === active}
            hit={command.query ? hits.get(command.query) : undefined}
            choose={() => take(command)}
            forgot={() => draw(n => n + 1)}
          />
        ))}
        {!shown.length && <p class="ls-note">Nothing here has that name.</p>}
      </div>
    </div>
  );
}

interface LineProps {
  id: string;
  command: Command;
  /** Whether its group begins here. */
  first: boolean;
  active: boolean;
  hit: Counted["found"][number] | undefined;
  choose: () => void;
  forgot: () => void;
}

function Line({ id, command, first, active, hit, choose, forgot }: LineProps) {
  const { group, name, keys = [], forget } = command;
  return (
    <>
      {first && (
        <div role="presentation" class="ls-command-group">
          {group}
        </div>
      )}
      <div
        id={id}
        ref={element => void (active && element?.scrollIntoView({ block: "nearest" }))}
        role="option"
        aria-selected={active}
        class={`ls-option ${active ? "ls-active" : ""}`}
        onMouseDown={event => {
          event.preventDefault(); // the field keeps the focus
          choose();
        }}
      >
        <span class="ls-chip-name" dir="auto">
          {name}
        </span>
        <small>{told(command, hit)}</small>
        {keys.map(key => (
          <kbd key={key}>{key}</kbd>
        ))}
        {forget && (
          <button
            type="button"
            class="ls-fchip-away"
            aria-label={`Forget ${name}`}
            title="Forget (Delete)"
            tabIndex={-1}
            onMouseDown={event => {
              event.preventDefault();
              event.stopPropagation();
              forget();
              forgot();
            }}
          >
            <Icon name="cross" />
          </button>
        )}
      </div>
    </>
  );
}

/** How much a command would list. */
function told({ count: n }: Command, hit: Counted["found"][number] | undefined): string {
  if (hit?.error) return hit.error;
  if (hit) return hit.cells === undefined ? plural(hit.items, "item") : plural(hit.cells, "cell");
  return n === undefined || n === null ? "" : count(n);
}

/**
 * What the words name: what is saved and known by its name, and the filters that they may mean. Filters go first where
 * the words are the beginning of one.
 */
function found(known: Command[], filters: Command[], words: string): Command[] {
  const typed = words.trim().toLowerCase();
  if (!typed) return known;
  const parts = typed.split(/\s+/);
  const named = known.filter(({ name }) => parts.every(part => name.toLowerCase().includes(part)));
  const begins = ({ name }: Command) => name.toLowerCase().startsWith(typed);
  named.sort((a, b) => Number(begins(b)) - Number(begins(a)));
  const all = filters.some(begins) ? [...filters, ...named] : [...named, ...filters];
  const groups = new Map<Command["group"], Command[]>();
  for (const command of all) groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  return [...groups.values()].flatMap(list => list.slice(0, MOST));
}
