/**
 * What the terms of a query mean, as in labelscope/explorer/terms.py; probabilities of a model are not in a published
 * copy.
 */

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

/** The items of a query, a byte an item. */
export function find(of: Records, query: string): Uint8Array {
  return evaluate(query, term => mask(of, term));
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
  if (whole >= 0) return having(of, whole, 1);
  const label = term.op ? named(of, term.field) : -1;
  if (label >= 0) {
    const state = STATES[term.value.toLowerCase()];
    if (term.op !== ":")
      throw new Error(`filter: ${term.raw} asks for a probability, and there is none in a published copy`);
    if (state === undefined) throw new Error(`filter: expected ${term.field}:yes, :no or :?, got ${term.value}`);
    return having(of, label, state);
  }
  const field = term.op ? FIELDS[term.field.toLowerCase()] : undefined;
  if (field) return field(of, term);
  const column = term.op ? of.header.columns.find(({ name }) => name === term.field) : undefined;
  if (!column)
    throw new Error(
      `filter: expected a label, a column, text:, id: or is:, got ${term.op ? term.field : term.raw}; ` +
        `text:${term.field} searches the texts`,
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

function having(of: Records, label: number, state: number): Uint8Array {
  return Uint8Array.from(of.states(label), value => Number(value === state));
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
