/** The worklist of a published page: queues, orders and search, as in labelscope/explorer/worklist.py. */

import type { Counts, Kinds, Queue } from "../messages";
import type { Chosen } from "./filters";
import { VERDICTS, type Records } from "./records";

/** One entry: an item, and the suggestion and the label it is about (-1: none). */
export interface Listed {
  row: number;
  suggestion: number;
  label: number;
}

/** The entries of a queue that are selected and found, in an order. */
export function listed(of: Records, asked: Kinds["worklist"][0], chosen: Chosen | null): Listed[] {
  let entries = inQueue(of, asked.queue, chosen);
  if (chosen) entries = entries.filter(({ row, label }) => chosen.keeps(row, label));
  const holds = search(of, asked.query);
  if (holds) entries = entries.filter(holds);
  entries.sort(order(of, asked.order));
  const named = (entry: Listed) => Number(chosen?.names(entry.row, entry.label) ?? false);
  return chosen ? entries.sort((a, b) => named(b) - named(a)) : entries;
}

/** Which entries a search keeps: those whose item id is the query, or whose text or suggested label holds it. */
function search(of: Records, query: string): ((entry: Omit<Listed, "label">) => boolean) | null {
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

/** Entries of each queue, of those that are listed if there is a selection. */
export function counted(of: Records, chosen: Chosen | null): Counts {
  const verdicts = [0, 0, 0, 0];
  const kept = (row: number, label: number) => !chosen || chosen.keeps(row, label);
  for (let i = 0; i < of.rows.length; i++)
    if (of.listed[i] && kept(of.rows[i]!, of.labels[i]!)) verdicts[of.verdicts[i]!]!++;
  const conflicts = of.header.conflicts.filter(({ row, label }) => kept(row, label)).length;
  return {
    agreed: agreed(of).filter(({ row, label }) => kept(row, label)).length,
    pending: verdicts[0]!,
    accepted: verdicts[1]!,
    rejected: verdicts[2]!,
    skipped: verdicts[3]!,
    all: chosen ? chosen.nEntries : of.n,
    label_next: 0,
    unlike: 0,
    ask_next: 0,
    ambiguous: 0,
    conflicts,
    audit: 0,
    judged: 0,
    changed: of.header.n_changed,
    unknown: 0,
    sample: 0,
  };
}

function inQueue(of: Records, queue: Queue, chosen: Chosen | null): Listed[] {
  const ofCell = (row: number, label: number): Listed => ({
    row,
    suggestion: of.suggestionsOf(row).find(at => of.labels[at] === label) ?? -1,
    label,
  });
  if (queue === "all") {
    const whole = Array.from({ length: of.n }, (_, row) => row).filter(row => chosen?.whole(row) ?? true);
    const best = whole.map(row => of.suggestionsOf(row).find(at => of.listed[at]) ?? -1);
    const items = whole.map((row, i) => ({
      row,
      suggestion: best[i]!,
      label: best[i]! < 0 ? -1 : of.labels[best[i]!]!,
    }));
    return [...(chosen?.cells ?? []).map(([row, label]) => ofCell(row, label)), ...items];
  }
  if (queue === "agreed") return agreed(of);
  if (queue === "conflicts") return of.header.conflicts.map(({ row, label }) => ofCell(row, label));
  const verdict = (VERDICTS as string[]).indexOf(queue);
  const out: Listed[] = [];
  for (let i = 0; i < of.rows.length; i++)
    if (of.listed[i] && of.verdicts[i] === verdict) out.push({ row: of.rows[i]!, suggestion: i, label: of.labels[i]! });
  return out;
}

/** The suggestions that a judge agrees with and nobody has decided on. */
function agreed(of: Records): Listed[] {
  const open = ["pending", "skipped"].map(verdict => (VERDICTS as string[]).indexOf(verdict));
  const out: Listed[] = [];
  for (let i = 0; i < of.rows.length; i++)
    if (of.agreed[i] && of.listed[i] && open.includes(of.verdicts[i]!))
      out.push({ row: of.rows[i]!, suggestion: i, label: of.labels[i]! });
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
