/** The worklist of a published page: queues, orders and search, as in labelscope/explorer/worklist.py. */

import type { Counts, Kinds, Queue } from "../wire";
import { sum } from "./filters";
import type { Conflict } from "./payload";
import { VERDICTS, type Records } from "./records";

/** One entry: an item, and the suggestion (-1: none) or the conflict it is about. */
export interface Listed {
  row: number;
  suggestion: number;
  conflict?: Conflict;
}

const SEED = 2026;

/** The entries of a queue that are selected and found, in an order. */
export function listed(of: Records, asked: Kinds["worklist"][0], mask: Uint8Array | null): Listed[] {
  let entries = inQueue(of, asked.queue);
  if (mask) entries = entries.filter(({ row }) => mask[row]);
  const words = asked.query.trim().toLowerCase();
  if (words) {
    const named = of.header.labels.map(label => label.toLowerCase().includes(words));
    const holds = new Map<number, boolean>();
    const held = (row: number) =>
      (of.header.text && of.text(row).toLowerCase().includes(words)) || of.header.ids[row]!.toLowerCase() === words;
    entries = entries.filter(({ row, suggestion, conflict }) => {
      if (named[conflict ? conflict.label : (of.labels[suggestion] ?? -1)]) return true;
      if (!holds.has(row)) holds.set(row, held(row));
      return holds.get(row);
    });
  }
  return entries.sort(order(of, asked.order));
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

function order(of: Records, name: string): (a: Listed, b: Listed) => number {
  const last = of.rows.length;
  const place = ({ suggestion }: Listed) => (suggestion < 0 ? last : suggestion); // they are best first
  const label = ({ suggestion }: Listed) => (suggestion < 0 ? of.nLabels : of.labels[suggestion]!);
  const by =
    (...keys: ((entry: Listed) => number)[]) =>
    (a: Listed, b: Listed) => {
      for (const key of keys) {
        const difference = key(a) - key(b);
        if (difference) return difference;
      }
      return 0;
    };
  const row = (entry: Listed) => entry.row;
  if (name === "data") return by(row, place);
  if (name === "suspicion") return by(entry => -(of.suspicion[entry.row] || 0), row, place);
  if (name === "uncertain") return by(entry => -place(entry), row);
  if (name === "audit") return by(entry => shuffled(entry.row), row);
  if (!["rare", "label", "group"].includes(name)) return by(place, row);
  const ranks = ranked(of, name);
  if (name === "group")
    return by(
      entry => ranks[label(entry)]!,
      ({ suggestion }) => (suggestion < 0 ? 0 : of.adds[suggestion]!),
      place,
      row,
    );
  return by(entry => ranks[label(entry)]!, place, row);
}

/** Place of each label in an order; items without a suggestion come last. */
function ranked(of: Records, name: string): number[] {
  const labels = of.header.labels.map((_, label) => label);
  if (name === "rare") return [...labels.map(label => of.given[label]!), Infinity];
  const suggested = new Array<number>(of.nLabels).fill(0);
  for (let i = 0; i < of.rows.length; i++) suggested[of.labels[i]!]!++;
  const sorted =
    name === "group"
      ? labels.sort((a, b) => suggested[b]! - suggested[a]! || a - b)
      : labels.sort((a, b) => (of.header.labels[a]! < of.header.labels[b]! ? -1 : 1));
  const ranks = new Array<number>(of.nLabels + 1).fill(of.nLabels);
  sorted.forEach((one, rank) => (ranks[one] = rank));
  return ranks;
}

/** A fixed number for a row that has nothing to do with its neighbours: sorting by it shuffles. */
function shuffled(row: number): number {
  let x = (row + SEED) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
