/**
 * What the terms of a query mean, as in labelscope/explorer/terms.py; probabilities of a model are not in a published
 * copy.
 */

import { quoted } from "../quoted";
import { Refusal } from "../wire";
import { VERDICTS, type Records } from "./records";
import { evaluate, type Term } from "./query";

const STATES: Record<string, number> = {
  "1": 1,
  yes: 1,
  true: 1,
  positive: 1,
  "0": 0,
  no: 0,
  false: 0,
  negative: 0,
  "?": -1,
  "-1": -1,
  unknown: -1,
};
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  ":": (a, b) => a === b,
};

/** A cell: an item and a label. */
export type Cell = readonly [row: number, label: number];

/** What a query asks for: a byte an item, and the cells that its terms outside NOT name (null: none is about cells). */
export interface Asked {
  items: Uint8Array;
  cells: Cell[] | null;
}

/** What a query asks for. */
export function find(of: Records, query: string): Asked {
  let cells: Cell[] | null = null;
  const items = evaluate(query, (term, affirmed) => {
    const named = cellsOf(of, term);
    if (named && affirmed) cells = [...(cells ?? []), ...named];
    return named ? having(of, named) : mask(of, term);
  });
  return { items, cells };
}

/** The cells of a label that a term such as "add" names. */
export function cellsOfLabel(of: Records, field: string, label: number): Asked {
  const cells = LABEL_CELLS[field]!(of, label);
  return { items: having(of, cells), cells };
}

/** The items for which something holds. */
export function where(n: number, holds: (row: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: n }, (_, row) => Number(holds(row)));
}

/** The column of a label by name, in any case if no label is written so; -1 if there is none. */
function named(of: Records, name: string): number {
  const exact = of.header.labels.indexOf(name);
  return exact >= 0 ? exact : of.header.labels.findIndex(label => label.toLowerCase() === name.toLowerCase());
}

function mask(of: Records, term: Term): Uint8Array {
  const whole = named(of, term.raw);
  if (whole >= 0) return inState(of, whole, 1);
  if (!term.op) throw noLabel(of, term.raw);
  const label = term.ofColumn ? -1 : named(of, term.field);
  if (label >= 0) {
    const state = STATES[term.value.toLowerCase()];
    if (term.op !== ":")
      throw new Error(`filter: ${term.raw} asks for a probability, and there is none in a published copy`);
    if (state === undefined) throw new Error(`filter: expected ${term.field}:yes, :no or :?, got ${term.value}`);
    return inState(of, label, state);
  }
  const field = term.ofColumn ? undefined : FIELDS[term.field.toLowerCase()];
  if (field) return field(of, term);
  const column = of.header.columns.find(({ name }) => name === term.field);
  if (!column)
    throw new Error(
      `filter: no label, column or condition "${term.field}"; text:${quoted(term.field)} searches the texts`,
    );
  const compare = COMPARE[term.op]!;
  if (column.kind === "number") {
    const [values, asked] = [of.payload.array(column.array), number(term)];
    return where(of.n, row => compare(values[row]!, asked));
  }
  if (term.op !== ":")
    throw new Error(`filter: expected ${term.field}:value, got ${term.raw}; ${term.field} holds no numbers`);
  return where(of.n, row => of.value(column.name, row).toLowerCase() === term.value.toLowerCase());
}

function inState(of: Records, label: number, state: number): Uint8Array {
  return Uint8Array.from(of.states(label), value => Number(value === state));
}

/** The items with one of some cells. */
function having(of: Records, cells: Cell[]): Uint8Array {
  const out = new Uint8Array(of.n);
  for (const [row] of cells) out[row] = 1;
  return out;
}

/** A word that is no label: the texts that hold it are a click away. */
function noLabel(of: Records, name: string): Error {
  const words = name.toLowerCase();
  const n = of.header.text ? of.header.texts.filter(text => text.toLowerCase().includes(words)).length : 0;
  if (!n)
    return new Error(`filter: no label "${name}"; expected a label, or a condition such as text:word or add:label`);
  const found = n > 1 ? `${n} texts contain it` : "1 text contains it";
  return new Refusal(`filter: no label "${name}"; ${found}`, [[found, `text:${quoted(name)}`]]);
}

/** The cells of a term; null where it is about items. */
function cellsOf(of: Records, term: Term): Cell[] | null {
  if (term.ofColumn || term.op !== ":" || named(of, term.raw) >= 0 || named(of, term.field) >= 0) return null;
  const field = term.field.toLowerCase();
  if (field === "by") return by(of, term.value);
  const cells = LABEL_CELLS[field];
  if (!cells) return null;
  const label = named(of, term.value);
  if (label < 0) throw noLabel(of, term.value);
  return cells(of, label);
}

/** The terms whose value is a label and which name cells of it. */
const LABEL_CELLS: Record<string, (of: Records, label: number) => Cell[]> = {
  add: (of, label) => of.suggested(label, true),
  remove: (of, label) => of.suggested(label, false),
  missing: (of, label) => of.flagged(label, false),
  spurious: (of, label) => of.flagged(label, true),
  unknown: (of, label) => [...of.states(label)].flatMap((state, row): Cell[] => (state === -1 ? [[row, label]] : [])),
  decided(of, label) {
    const last = new Map<number, string>();
    for (const said of of.header.decisions) if (said.label === label) last.set(said.row, said.verdict);
    return [...last].flatMap(([row, verdict]): Cell[] => (verdict === "skipped" ? [] : [[row, label]]));
  },
};

/** The cells on which a reviewer has decided. */
function by(of: Records, reviewer: string): Cell[] {
  const made = of.header.decisions.filter(({ verdict }) => verdict !== "skipped");
  const own = made.filter(said => said.reviewer.toLowerCase() === reviewer.toLowerCase());
  const known = [...new Set(made.map(said => said.reviewer))].join(", ");
  if (!own.length)
    throw new Error(
      `filter: no decision by "${reviewer}"; ${known ? `there are some by ${known}` : "nobody has decided yet"}`,
    );
  return own.map(({ row, label }) => [row, label]);
}

const FIELDS: Record<string, (of: Records, term: Term) => Uint8Array> = {
  text: (of, { value }) => {
    if (!of.header.text) throw new Error("filter: text: asks for texts, and there are none in this copy");
    const words = value.toLowerCase();
    return where(of.n, row => of.text(row).toLowerCase().includes(words));
  },
  id: (of, { value }) => where(of.n, row => of.header.ids[row] === value),
  is: (of, term) => where(of.n, state(of, term.value.toLowerCase())),
  suspicion: (of, term) => compared(of, term, row => of.suspicion[row] || 0),
  vote: () => {
    throw new Error(
      "filter: vote: asks for all votes; a published copy holds those on suggested labels, in the evidence",
    );
  },
  labels: (of, term) => compared(of, term, row => of.positives.starts[row + 1]! - of.positives.starts[row]!),
};

function compared(of: Records, term: Term, value: (row: number) => number): Uint8Array {
  const asked = number(term);
  return where(of.n, row => COMPARE[term.op]!(value(row), asked));
}

function state(of: Records, word: string): (row: number) => boolean {
  const some = (holds: (at: number) => boolean) => (row: number) => of.suggestionsOf(row).some(holds);
  const verdict = (VERDICTS as string[]).indexOf(word);
  if (verdict >= 0) return some(at => of.verdicts[at] === verdict);
  if (word === "suggested") return some(() => true);
  if (word === "added") return some(at => Boolean(of.adds[at]));
  if (word === "removed") return some(at => !of.adds[at]);
  if (word === "changed") return row => of.isChanged(row);
  if (word === "conflict") {
    const disputed = new Set(of.header.conflicts.map(({ row }) => row));
    return row => disputed.has(row);
  }
  const known = [...VERDICTS, "suggested", "added", "removed", "changed", "conflict"].map(one => `is:${one}`);
  throw new Error(`filter: expected ${known.join(", ")}, got is:${word}`);
}

function number(term: Term): number {
  const value = Number(term.value);
  if (!Number.isFinite(value))
    throw new Error(`filter: expected a number after ${term.field}${term.op}, got ${term.value}`);
  return value;
}
