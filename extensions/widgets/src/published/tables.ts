/** The label space of a published page: the long tail, co-occurrence, relations and the progress of the review. */

import type { FilterChip, Kinds, LabelRow, ProgressReport, Selected } from "../messages";
import { pack, sum, type Chosen as Picked } from "./filters";
import { counted } from "./listing";
import type { Records } from "./records";

const HEAD_ABOVE = 100;
const TAIL_BELOW = 20;
const N_CURVE = 240;
const MOST_PAIRED = 48;
const MOST_RELATIONS = 400;

type Five = [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];

export interface Sent<K extends keyof Kinds> {
  body: Kinds[K][1];
  buffers?: ArrayBuffer[];
}

/** The selection, as every request that changes it is answered. */
export interface Chosen {
  body: Selected;
  buffers?: ArrayBuffer[];
}

/** A window of the labels with their counts; with it, the whole long tail as a curve. */
export function labelTable(of: Records, asked: Kinds["label_table"][0], mask: Uint8Array | null): Sent<"label_table"> {
  const rows = labelRows(of, mask);
  const words = asked.query.trim().toLowerCase();
  const found = rows.filter(({ name }) => name.toLowerCase().includes(words));
  const keys: Record<string, (row: LabelRow) => number> = {
    count: row => -row.positive,
    rare: row => row.positive,
    selected: row => -row.selected,
    suggested: row => -row.add - row.remove,
  };
  const key = keys[asked.sort];
  if (key) found.sort((a, b) => key(a) - key(b) || a.label - b.label);
  else found.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const falling = rows.map(({ positive }) => positive).sort((a, b) => b - a);
  const at = [
    ...new Set(
      Array.from({ length: Math.min(N_CURVE, falling.length) }, (_, i, n = Math.min(N_CURVE, falling.length)) =>
        Math.floor((i * (falling.length - 1)) / Math.max(1, n - 1)),
      ),
    ),
  ];
  const tiers = {
    head: rows.filter(({ tier }) => tier === "head").length,
    medium: rows.filter(({ tier }) => tier === "medium").length,
    tail: rows.filter(({ tier }) => tier === "tail").length,
  };
  const selected = mask && sum(mask);
  return {
    body: {
      total: found.length,
      offset: asked.offset,
      most: falling[0] ?? 0,
      n_selected: selected,
      rows: found.slice(asked.offset, asked.offset + asked.limit),
      curve: at.map(i => [i, falling[i]!]),
      tiers,
    },
  };
}

function labelRows(of: Records, mask: Uint8Array | null): LabelRow[] {
  const zeros = () => new Uint32Array(of.nLabels);
  const [selected, add, remove] = [zeros(), zeros(), zeros()];
  for (let row = 0; row < of.n; row++) {
    if (mask && !mask[row]) continue;
    for (let i = of.positives.starts[row]!; i < of.positives.starts[row + 1]!; i++)
      selected[of.positives.values[i]!]!++;
  }
  for (let i = 0; i < of.rows.length; i++)
    if (of.verdicts[i] === 0 && (!mask || mask[of.rows[i]!])) (of.adds[i] ? add : remove)[of.labels[i]!]!++;
  return of.header.labels.map((name, label) => {
    const positive = of.positive[label]!;
    const tier = positive > HEAD_ABOVE ? "head" : positive >= TAIL_BELOW ? "medium" : "tail";
    return {
      label,
      name,
      tier,
      positive,
      unknown: of.unknown[label]!,
      selected: selected[label]!,
      add: add[label]!,
      remove: remove[label]!,
    };
  });
}

/** Counts, lift and significance among the commonest labels, or among those that go with one. */
export function pairMatrix(of: Records, asked: Kinds["pair_matrix"][0]): Sent<"pair_matrix"> {
  const [a, b, together, lifts, qs] = (["p_a", "p_b", "p_n", "p_lift", "p_q"] as const).map((name): ArrayLike<number> =>
    of.payload.array(name),
  ) as Five;
  const labels = paired(of, asked.label, Math.min(MOST_PAIRED, asked.n), a, b);
  const place = new Map(labels.map((label, i) => [label, i]));
  const size = labels.length;
  const [n, lift, q] = [
    new Int32Array(size * size),
    new Float32Array(size * size).fill(NaN),
    new Float32Array(size * size).fill(1),
  ];
  labels.forEach((label, i) => (n[i * size + i] = of.given[label]!));
  for (let pair = 0; pair < a.length; pair++) {
    const [i, j] = [place.get(a[pair]!), place.get(b[pair]!)];
    if (i === undefined || j === undefined) continue;
    for (const cell of [i * size + j, j * size + i])
      [n[cell], lift[cell], q[cell]] = [together[pair]!, lifts[pair]!, qs[pair]!];
  }
  const body = {
    ready: true,
    labels: labels.map(label => ({ label, name: of.header.labels[label]! })),
    focus: asked.label,
    n_labels: of.nLabels,
    summary: of.header.pairs,
    whole: false,
  };
  return { body, buffers: [n.buffer, lift.buffer, q.buffer] };
}

function paired(of: Records, focus: number, most: number, a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  if (focus < 0 || focus >= of.nLabels)
    return of.header.labels
      .map((_, label) => label)
      .sort((x, y) => of.given[y]! - of.given[x]! || x - y)
      .slice(0, most);
  const out = [focus];
  for (let i = 0; i < a.length && out.length < most; i++)
    if (a[i] === focus || b[i] === focus) out.push(a[i] === focus ? b[i]! : a[i]!);
  return out;
}

/** The relations between labels, those with exceptions first. */
export function relationTable(of: Records, asked: Kinds["relation_table"][0]): Sent<"relation_table"> {
  const all = of.header.relations;
  const kinds: Record<string, number> = {};
  for (const { relation } of all) kinds[relation] = (kinds[relation] ?? 0) + 1;
  const words = asked.query.trim().toLowerCase();
  const kept = all.filter(
    row =>
      (!asked.relation || row.relation === asked.relation) &&
      (row.label_a.toLowerCase().includes(words) || row.label_b.toLowerCase().includes(words)),
  );
  kept.sort((x, y) => Number(!x.counter_examples) - Number(!y.counter_examples));
  return { body: { ready: true, total: kept.length, kinds, rows: kept.slice(0, MOST_RELATIONS) } };
}

/** How far the review was when the page was made. */
export function progress(of: Records): ProgressReport {
  return {
    counts: counted(of, null),
    review: of.header.review,
    remaining: of.header.remaining ?? {
      text:
        "How many wrong labels are left cannot be said from suggestions alone: " +
        "it takes a sample that somebody judged.",
      count: null,
      low: null,
      high: null,
      n_judged: 0,
    },
    audit: of.header.audit,
    searched: false,
    expected: null,
    unlike: 0,
    agreement: [],
  };
}

/** The filters and how many items they leave, with one bit an item. */
export function selected(of: Records, chosen: Picked | null, version: number, filters: FilterChip[]): Chosen {
  const body = { version, count: chosen && sum(chosen.items), counts: counted(of, chosen), filters };
  return chosen ? { body, buffers: [pack(chosen.items)] } : { body };
}
