/** The data set of a published page: the states of cells, suggestions with their verdicts, and what a card says. */

import type { Chip, Entry, Evidence, Kinds, LabelState, Neighbor, Suggestion, Verdict, Word } from "../messages";
import type { Header, Payload, Said } from "./payload";

export const VERDICTS: Verdict[] = ["pending", "accepted", "rejected", "skipped"];
const NONE = 65535; // stands for a number that is not there
const TEXT_LENGTH = 420;
const N_CHIPS = 14;
const N_SHOWN = 4;
const N_VOTES = 40;
const DUPLICATE = 0.995;

/** Rows of column indices, one after the other. */
class Lists {
  readonly starts: Uint32Array;

  constructor(
    lengths: ArrayLike<number>,
    readonly values: ArrayLike<number>,
  ) {
    this.starts = new Uint32Array(lengths.length + 1);
    for (let i = 0; i < lengths.length; i++) this.starts[i + 1] = this.starts[i]! + lengths[i]!;
  }

  of(row: number): number[] {
    return Array.from(
      { length: this.starts[row + 1]! - this.starts[row]! },
      (_, i) => this.values[this.starts[row]! + i]!,
    );
  }

  /** Write `state` at the rows that hold a value. */
  mark(out: Int8Array, value: number, state: LabelState): void {
    let row = 0;
    for (let i = 0; i < this.values.length; i++) {
      if (this.values[i] !== value) continue;
      while (this.starts[row + 1]! <= i) row++;
      out[row] = state;
    }
  }
}

export class Records {
  readonly header: Header;
  readonly n: number;
  readonly nLabels: number;
  readonly xy: Float32Array | null;
  readonly suspicion: Float32Array;
  /** Suggestions, best first: item, label, whether it adds, verdict (a position in VERDICTS). */
  readonly rows: ArrayLike<number> & Iterable<number>;
  readonly labels: ArrayLike<number>;
  readonly adds: ArrayLike<number>;
  readonly verdicts: ArrayLike<number>;
  /** Whether a judge agrees. */
  readonly agreed: ArrayLike<number>;
  /** Positives of each label in the whole data set: as given, and with the decisions. */
  readonly given: ArrayLike<number>;
  readonly positive: ArrayLike<number>;
  readonly unknown: ArrayLike<number>;
  readonly positives: Lists;
  /** Places in the orders of the worklist: of items, items, labels and suggestions. */
  readonly orders: Record<"shuffled" | "suspected" | "alphabetical" | "grouped", ArrayLike<number>>;
  /** Which suggestions are an entry of the worklist: the second half of a replacement is none. */
  readonly listed: ArrayLike<number>;
  private readonly exceptions: Lists;
  private readonly confidence: ArrayLike<number>;
  private readonly reasons: ArrayLike<number>;
  /** The label that goes for the one that comes, or comes for the one that goes, from 1; 0 where there is none. */
  private readonly others: ArrayLike<number>;
  private readonly ofRow = new Map<number, number[]>();
  private readonly touched = new Map<number, number[]>();
  private readonly changed = new Map<number, LabelState>();
  private readonly nearOf = new Map<number, number>();
  private readonly pictures = new Map<number, [number, number]>();

  constructor(readonly payload: Payload) {
    const { header } = payload;
    this.header = header;
    [this.n, this.nLabels] = [header.n_items, header.labels.length];
    const get = (name: string) => payload.array(name);
    this.positives = new Lists(get("positive_lengths"), get("positives"));
    this.exceptions = new Lists(get("exception_lengths"), get("exceptions"));
    this.xy = header.no_map ? null : places(get("x"), get("y"), get("box"));
    this.suspicion = Float32Array.from(get("suspicion"), value => (value === NONE ? NaN : value / 10000));
    [this.rows, this.labels, this.adds, this.verdicts] = [get("s_row"), get("s_label"), get("s_add"), get("s_verdict")];
    [this.agreed, this.listed] = [get("s_agreed"), get("s_listed")];
    [this.confidence, this.reasons, this.others] = [get("s_confidence"), get("s_reason"), get("s_other")];
    [this.given, this.positive, this.unknown] = [get("n_given"), get("n_positive"), get("n_unknown")];
    this.orders = {
      shuffled: get("shuffled"),
      suspected: get("suspected"),
      alphabetical: get("alphabetical"),
      grouped: get("grouped"),
    };
    for (let i = 0; i < this.rows.length; i++) push(this.ofRow, this.rows[i]!, i);
    get("near_row").forEach((row, i) => this.nearOf.set(row, i));
    let start = 0;
    const sizes = get("picture_sizes");
    get("picture_rows").forEach((row, i) => this.pictures.set(row, [start, (start += sizes[i]!)]));
    for (const said of header.decisions) this.learn(said);
  }

  private learn({ row, label, verdict, after }: Said): void {
    if (!this.touched.get(row)?.includes(label)) push(this.touched, row, label);
    if (verdict !== "skipped") this.changed.set(row * this.nLabels + label, after);
  }

  /** State of a cell as given. */
  before(row: number, label: number): LabelState {
    if (this.positives.of(row).includes(label)) return 1;
    if (this.exceptions.of(row).includes(label)) return this.header.default === 0 ? -1 : 0;
    return this.header.default;
  }

  /** State of a cell with the decisions. */
  now(row: number, label: number): LabelState {
    return this.changed.get(row * this.nLabels + label) ?? this.before(row, label);
  }

  /** State of one label on every item now. */
  states(label: number): Int8Array {
    const out = new Int8Array(this.n).fill(this.header.default);
    this.exceptions.mark(out, label, this.header.default === 0 ? -1 : 0);
    this.positives.mark(out, label, 1);
    for (const { row, label: of } of this.header.decisions) if (of === label) out[row] = this.now(row, label);
    return out;
  }

  /** The cells of a label that are suggested to be added, or removed. */
  suggested(label: number, adds: boolean): [row: number, label: number][] {
    const cells: [number, number][] = [];
    for (let i = 0; i < this.rows.length; i++)
      if (this.labels[i] === label && Boolean(this.adds[i]) === adds) cells.push([this.rows[i]!, label]);
    return cells;
  }

  /** The suspicious cells of a label that look wrong, or missing. */
  flagged(label: number, spurious: boolean): [row: number, label: number][] {
    const get = (name: string): ArrayLike<number> => this.payload.array(name);
    const [rows, labels, wrong] = [get("f_row"), get("f_label"), get("f_spurious")];
    const cells: [number, number][] = [];
    for (let i = 0; i < rows.length; i++)
      if (labels[i] === label && Boolean(wrong[i]) === spurious) cells.push([rows[i]!, label]);
    return cells;
  }

  /** Whether a cell of an item is other than given. */
  isChanged(row: number): boolean {
    return (this.touched.get(row) ?? []).some(label => this.now(row, label) !== this.before(row, label));
  }

  text(row: number): string {
    return this.header.texts[row] ?? "";
  }

  suggestionsOf(row: number): number[] {
    return this.ofRow.get(row) ?? [];
  }

  suggestion(at: number): Suggestion {
    const label = this.labels[at]!;
    const sure = this.confidence[at]!;
    return {
      id: `S${at}`,
      label,
      name: this.header.labels[label]!,
      action: this.adds[at] ? "add" : "remove",
      confidence: sure === NONE ? null : sure / 10000,
      reason: this.header.reasons[this.reasons[at]!] ?? "",
      verdict: VERDICTS[this.verdicts[at]!]!,
      companions: [],
      instead: this.header.labels[this.others[at]! - 1] ?? "",
    };
  }

  /** The card of an item, about a suggestion or a label (-1: none), or what reviewers disagree on there. */
  entry(row: number, suggestion: number, about: number): Entry {
    const text = this.text(row);
    const here = this.header.conflicts.filter(one => one.row === row);
    const suggested = suggestion < 0 ? -1 : this.labels[suggestion]!;
    const first = (this.touched.get(row) ?? []).find(label => here.some(one => one.label === label)) ?? -1;
    const label = suggested >= 0 ? suggested : about >= 0 ? about : first;
    const conflict = here.find(one => one.label === label);
    const disputed = conflict ? { label, name: this.header.labels[label]!, opinions: conflict.opinions } : null;
    return {
      row,
      item: this.header.ids[row]!,
      text: text.slice(0, TEXT_LENGTH),
      more: Math.max(0, text.length - TEXT_LENGTH),
      image: this.pictures.has(row),
      label,
      suggestion: suggestion < 0 ? null : this.suggestion(suggestion),
      conflict: disputed,
      chips: this.chips(row, label),
    };
  }

  chip(row: number, label: number): Chip {
    return { label, name: this.header.labels[label]!, state: this.now(row, label) };
  }

  /** A label on a card, with what is suggested for it. */
  private marked(row: number, label: number): Chip {
    const chip = this.chip(row, label);
    const open = this.suggestionsOf(row).find(at => this.labels[at] === label && this.verdicts[at] === 0);
    if (open !== undefined) chip.suggested = this.adds[open] ? "add" : "remove";
    return chip;
  }

  private chips(row: number, first: number): Chip[] {
    const suggested = this.suggestionsOf(row).map(at => this.labels[at]!);
    const all = new Set([...(first >= 0 ? [first] : []), ...suggested, ...this.positives.of(row)]);
    const ranked = [...all].slice(0, N_CHIPS);
    const edited = [...(this.touched.get(row) ?? [])].filter(label => !ranked.includes(label)).slice(0, N_CHIPS);
    return [...ranked.slice(0, N_CHIPS - edited.length), ...edited].map(label => this.marked(row, label));
  }

  hover(row: number): Kinds["hover"][1] {
    const columns = new Set([...this.positives.of(row), ...(this.touched.get(row) ?? [])]);
    const now = [...columns].filter(label => this.now(row, label) === 1).map(label => this.header.labels[label]!);
    return {
      row,
      item: this.header.ids[row]!,
      text: this.text(row).slice(0, 180),
      labels: now.slice(0, 8),
      n_labels: now.length,
    };
  }

  /** The picture of an item as WebP. */
  picture(row: number): DataView {
    const at = this.pictures.get(row);
    if (!at) throw new Error("No picture of this item is in the published copy");
    const blob = this.payload.array("pictures");
    return new DataView(blob.buffer, blob.byteOffset + at[0], at[1] - at[0]);
  }

  /** The items that are nearest to one, and how near; null where they were not kept. */
  near(row: number): { rows: number[]; similarity: number[] } | null {
    const at = this.nearOf.get(row);
    if (at === undefined) return null;
    const [items, cosines] = [this.payload.array("near_items"), this.payload.array("near_cosines")];
    const k = items.length / this.nearOf.size;
    return {
      rows: [...items.slice(at * k, (at + 1) * k)],
      similarity: [...cosines.slice(at * k, (at + 1) * k)].map(value => value / 10000),
    };
  }

  evidence(row: number, label: number): Evidence {
    const name = this.header.labels[label]!;
    const at = this.suggestionsOf(row).find(of => this.labels[of] === label);
    const suspicion = this.suspicion[row]!;
    return {
      row,
      label,
      item: this.header.ids[row]!,
      name,
      description: this.header.descriptions[name] ?? "",
      given: this.before(row, label),
      chip: this.chip(row, label),
      suggestion: at === undefined ? null : this.suggestion(at),
      suspicion: Number.isNaN(suspicion) ? null : suspicion,
      neighbors: this.sides(row, label),
      without: this.header.no_neighbors,
      ...this.voted(row, label),
      history: this.history(row, label),
      fields: this.fields(row),
    };
  }

  private sides(row: number, label: number): Evidence["neighbors"] {
    const near = this.near(row);
    if (!near) return null;
    const own = this.before(row, label);
    const states = near.rows.map(other => this.before(other, label));
    const pick = (agrees: boolean) =>
      near.rows.map((_, i) => i).filter(i => states[i] !== -1 && (states[i] === (own === -1 ? 1 : own)) === agrees);
    const side = (found: number[]) => ({
      n: found.length,
      items: found.slice(0, N_SHOWN).map(i => this.neighbor(near.rows[i]!, near.similarity[i]!, states[i]!)),
    });
    const [agree, contradict] = [pick(true), pick(false)];
    return { asked: agree.length + contradict.length, agree: side(agree), contradict: side(contradict) };
  }

  private neighbor(row: number, similarity: number, state: LabelState): Neighbor {
    return {
      row,
      item: this.header.ids[row]!,
      text: this.text(row).replace(/\s+/g, " ").slice(0, 150),
      similarity,
      state,
      duplicate: similarity >= DUPLICATE,
    };
  }

  /** What the voters say of a cell, and P(positive) by all of them. */
  private voted(row: number, label: number): Pick<Evidence, "votes" | "agreed"> {
    const get = (name: string): ArrayLike<number> => this.payload.array(name);
    const [items, labels] = [get("v_row"), get("v_label")];
    const [raters, values, rates, reasons] = [get("v_rater"), get("v_value"), get("v_rates"), get("v_reason")];
    const here = Array.from(items, (_, i) => i).filter(i => items[i] === row && labels[i] === label);
    const votes = here.slice(0, N_VOTES).map((i): Word => ({
      rater: this.header.raters[raters[i]!]!,
      value: values[i] as LabelState,
      kind: this.header.voter_kinds[raters[i]!]!,
      reason: this.header.voter_reasons[reasons[i]!]!,
      rates: this.header.voter_rates[rates[i]!]!,
    }));
    const agreed = here.length ? get("v_agreed")[here[0]!]! : NONE;
    return { votes, agreed: agreed === NONE ? null : agreed / 10000 };
  }

  private history(row: number, label: number): Evidence["history"] {
    return this.header.decisions
      .filter(said => said.row === row && said.label === label)
      .slice(-6)
      .map(({ reviewer, verdict, after, time }) => ({ reviewer, verdict, after, time }));
  }

  private fields(row: number): Evidence["fields"] {
    return this.header.columns
      .map(({ name }) => ({ name, value: this.value(name, row).slice(0, 200) }))
      .filter(({ value }) => value !== "");
  }

  /** What a column says of an item, in words; "" where it says nothing. */
  value(name: string, row: number): string {
    const column = this.header.columns.find(of => of.name === name)!;
    const found = this.payload.array(column.array)[row]!;
    if (column.kind === "words") return column.values[found] ?? "";
    if (Number.isNaN(found)) return "";
    return column.whole || !Number.isInteger(found) ? String(found) : found.toFixed(1);
  }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Places on the map, kept as fractions of its box in 16 bits; NaN for an item that is not on it. */
function places(x: ArrayLike<number>, y: ArrayLike<number>, box: ArrayLike<number>): Float32Array {
  const out = new Float32Array(2 * x.length);
  for (let i = 0; i < x.length; i++) {
    const missing = x[i] === NONE;
    out[2 * i] = missing ? NaN : box[0]! + (x[i]! / (NONE - 1)) * (box[2]! - box[0]!);
    out[2 * i + 1] = missing ? NaN : box[1]! + (y[i]! / (NONE - 1)) * (box[3]! - box[1]!);
  }
  return out;
}
