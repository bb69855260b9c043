/** The worklist of a published page: queues, orders and search, as in labelscope/explorer/worklist.py. */

import type { Counts, Kinds, Queue } from "../messages";
import { sum } from "./filters";
import type { Conflict } from "./payload";
import { VERDICTS, type Records } from "./records";

/** One entry: an item, and the suggestion (-1: none) or the conflict it is about. */
export interface Listed {
  row: number;
  suggestion: number;
  conflict?: Conflict;
}

/** The entries of a queue that are selected and found, in an order. */
export function listed(of: Records, asked: Kinds["worklist"][0], mask: Uint8Array | null): Listed[] {
  let entries = inQueue(of, asked.queue);
  if (mask) entries = entries.filter(({ row }) => mask[row]);
  const holds = search(of, asked.query);
  if (holds) entries = entries.filter(holds);
  return entries.sort(order(of, asked.order));
}

/** Which entries a search keeps: those whose item id is the query, or whose text or suggested label holds it. */
function search(of: Records, query: string): ((entry: Listed) => boolean) | null {
  const words = query.trim().toLowerCase();
  if (!words) return null;
  const named = of.header.labels.map(label => label.toLowerCase().includes(words));
  const known = new Map<number, boolean>();
  const looked = (row: number) =>
    (of.header.text && of.text(row).toLowerCase().includes(words)) || of.header.ids[row]!.toLowerCase() === words;
  return ({ row, suggestion }) => {
    if (suggestion >= 0 && named[of.labels[suggestion]!]) return true;
    if (!known.has(row)) known.set(row, looked(row));
    return known.get(row)!;
  };
}

/** The items that a search finds: by their id, their text or a label suggested for them. Null without words. */
export function found(of: Records, query: string): Uint8Array | null {
  const holds = search(of, query);
  if (!holds) return null;
  return Uint8Array.from({ length: of.n }, (_, row) =>
    Number([-1, ...of.suggestionsOf(row)].some(suggestion => holds({ row, suggestion }))),
  );
}

/** Entries of each queue, of the selected items only if there is a selection. */
export function counted(of: Records, mask: Uint8Array | null): Counts {
  const verdicts = [0, 0, 0, 0];
  for (let i = 0; i < of.rows.length; i++) if (!mask || mask[of.rows[i]!]) verdicts[of.verdicts[i]!]!++;
  const conflicts = of.header.conflicts.filter(({ row }) => !mask || mask[row]).length;
  return {
    pending: verdicts[0]!,
    accepted: verdicts[1]!,
    rejected: verdicts[2]!,
    skipped: verdicts[3]!,
    all: mask ? sum(mask) : of.n,
    conflicts,
    audit: 0,
    judged: 0,
    changed: of.header.n_changed,
  };
}

function inQueue(of: Records, queue: Queue): Listed[] {
  if (queue === "all")
    return Array.from({ length: of.n }, (_, row) => ({ row, suggestion: of.suggestionsOf(row)[0] ?? -1 }));
  if (queue === "conflicts")
    return of.header.conflicts.map(conflict => ({
      row: conflict.row,
      suggestion: of.suggestionsOf(conflict.row).find(at => of.labels[at] === conflict.label) ?? -1,
      conflict,
    }));
  const verdict = (VERDICTS as string[]).indexOf(queue);
  const out: Listed[] = [];
  for (let i = 0; i < of.rows.length; i++)
    if (of.verdicts[i] === verdict) out.push({ row: of.rows[i]!, suggestion: i });
  return out;
}

/** How to sort by an order. The places in it come with the page: what they are is decided in one language only. */
function order(of: Records, name: string): (a: Listed, b: Listed) => number {
  const last = of.rows.length;
  const place = ({ suggestion }: Listed) => (suggestion < 0 ? last : suggestion); // they are best first
  const row = (entry: Listed) => entry.row;
  const ofLabel =
    (places: ArrayLike<number>) =>
    ({ suggestion }: Listed) =>
      suggestion < 0 ? Infinity : places[of.labels[suggestion]!]!;
  const { shuffled, suspected, alphabetical, grouped } = of.orders;
  const keys: Record<string, ((entry: Listed) => number)[]> = {
    confidence: [place, row],
    uncertain: [entry => -place(entry), row],
    data: [row, place],
    suspicion: [entry => suspected[entry.row]!, row, place],
    shuffled: [entry => shuffled[entry.row]!, place],
    rare: [ofLabel(of.given), place, row],
    label: [ofLabel(alphabetical), place, row],
    group: [({ suggestion }) => (suggestion < 0 ? Infinity : grouped[suggestion]!), place, row],
  };
  const by = keys[name];
  if (!by) throw new Error(`worklist: expected an order of ${Object.keys(keys).join(", ")}, got ${name}`);
  return (a, b) => {
    for (const key of by) {
      const [left, right] = [key(a), key(b)];
      if (left !== right) return left - right;
    }
    return 0;
  };
}
