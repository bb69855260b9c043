/** What the command bar offers: put together from the parts of the app. */

import { bindings, changes, type Action } from "../keys";
import type { FilterChip, Label, Order, Queue } from "../messages";
import { keepSaved, recent, saved, visited, type Kept } from "../preferences";
import { quoted } from "../quoted";
import type { Wire } from "../wire";
import { isUsed, QUEUES } from "../worklist/queue_tabs";
import { ORDERS } from "../worklist/tools";
import type { Worklist } from "../worklist/worklist";
import type { Command, CommandSource } from "./command_bar";
import { asQuery } from "./query";

interface CommandParts {
  wire: Wire;
  work: Worklist;
  /** Name of the data set: what is kept is kept for it. */
  title: string;
  readOnly: boolean;
  filters: () => FilterChip[];
  find: (word: string) => Promise<Label[]>;
  /** One more filter. */
  ask: (query: string) => Promise<void>;
  clear: () => Promise<void>;
  act: (action: Action) => void;
  /** Buttons without a key. */
  others: [string, () => void][];
  views: { name: string; show: () => void }[];
  /** What is written on the map. */
  onMap: { name: string; run: () => void }[];
}

/** Terms about the cells of a label, the commonest wish first. */
const CELLS = ["add", "remove", "missing", "spurious", "unknown", "decided"];
const N_LABELS = 3;
const APART: readonly Action[] = ["digit", "clear", "command", "acceptAll", "right", "wrong", "unsure"];

export function commands(parts: CommandParts): CommandSource {
  const { wire, work, title, readOnly, filters, find, ask, clear, act, others, views, onMap } = parts;
  const shown = () => asQuery(filters());
  const go = async ({ queue, order, query }: Kept) => {
    await clear();
    if (queue) work.queue.value = queue;
    if (order) work.order.value = order;
    if (query) await ask(query);
    else await work.reload();
    work.focus(true);
  };
  const kept = (group: "Saved" | "Recent", of: Kept): Command => ({
    group,
    name: of.name,
    run: () => void go(of),
    ...(of.query ? { query: of.query } : { count: of.queue && work.counts.value?.[of.queue] }),
    ...(group === "Saved" && {
      forget: () =>
        keepSaved(
          title,
          saved(title).filter(one => one.name !== of.name),
        ),
    }),
  });
  const filter = (query: string): Command => ({
    group: "Filters",
    name: query,
    query,
    run: () => {
      if (/^(add|remove):/.test(query)) work.begin();
      void ask(query).then(
        () => work.focus(true),
        () => {},
      );
    },
  });
  const known = (): Command[] => {
    const counts = work.counts.value;
    const used = ({ action }: { action: Action }) => !APART.includes(action) && (!readOnly || !changes(action));
    return [
      ...saved(title).map(of => kept("Saved", of)),
      ...recent(title).map(of => kept("Recent", of)),
      ...QUEUES.filter(([queue]) => isUsed(queue, counts)).map(([queue, name]: [Queue, string]) => ({
        group: "Queues" as const,
        name: `Queue: ${name}`,
        count: counts?.[queue],
        run: () => {
          visited(title, { name: `Queue: ${name}`, queue });
          work.show(queue);
        },
      })),
      ...ORDERS.filter(([order]) => !readOnly || order !== "learned").map(([order, name]: [Order, string]) => ({
        group: "Orders" as const,
        name: `Order: ${name}`,
        run: () => {
          work.order.value = order;
          void work.reload();
        },
      })),
      ...views.map(({ name, show }) => ({ group: "Views" as const, name: `Tab: ${name}`, run: show })),
      ...onMap.map(({ name, run }) => ({ group: "On the map" as const, name, run })),
      ...bindings()
        .filter(used)
        .map(({ action, words, key, fixed }) => ({
          group: "Actions" as const,
          name: words,
          keys: [key.toUpperCase(), ...fixed].filter(Boolean).slice(0, 1),
          run: () => act(action),
        })),
      ...others.map(([name, run]) => ({ group: "Actions" as const, name, run })),
    ];
  };
  /** The query as it is typed, and what there is about the labels that it names. */
  const meant = async (words: string): Promise<Command[]> => {
    const labels = await find(words.replace(/^\w+:/, "").replace(/"/g, ""));
    const about = labels.slice(0, N_LABELS).flatMap(({ name }) => {
      const label = quoted(name);
      return [label, ...CELLS.map(term => `${term}:${label}`)];
    });
    const isQuery = /[:<>]|\b(and|or|not)\b/i.test(words);
    const starts = /^\w+:/.exec(words)?.[0] ?? "";
    const fitting = about.filter(query => query.startsWith(starts));
    const offered = [...fitting, ...(isQuery ? [words] : []), `text:${quoted(words)}`];
    return [...new Set(offered)].map(filter);
  };
  const name = (given: string) => given || shown() || QUEUES.find(([queue]) => queue === work.queue.value)![1];
  return {
    known,
    filters: meant,
    counted: async queries => (await wire.request("count", { queries })).body.found,
    save: given => {
      const made = { name: name(given), query: shown(), queue: work.queue.value, order: work.order.value };
      keepSaved(title, [made, ...saved(title).filter(one => one.name !== made.name)]);
    },
  };
}
