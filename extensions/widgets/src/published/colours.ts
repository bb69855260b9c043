/** What the map of a published page may be coloured by, as in labelscope/explorer/colouring.py. */

import type { LegendEntry } from "../wire";
import { quoted } from "./query";
import type { Records } from "./records";

const N_HUES = 10;
const N_LEVELS = 16;
const NONE = "(none)";

export interface Colours {
  codes: Uint8Array;
  legend: LegendEntry[];
}

type Role = [role: string, name: string, query?: string | undefined];

export function colours(of: Records, by: string, label: number, column: string): Colours {
  if (by === "label") return ofLabel(of, label);
  if (by === "suspicion")
    return levels(
      Float64Array.from(of.suspicion, value => value || 0),
      0,
      1,
      2,
    );
  if (by === "number")
    return spread(
      Float64Array.from({ length: of.n }, (_, row) => of.positives.starts[row + 1]! - of.positives.starts[row]!),
    );
  if (by === "review") return review(of);
  if (by === "column") return ofColumn(of, column);
  return common(of);
}

function legend(codes: Uint8Array, roles: Role[]): Colours {
  const counts = new Array<number>(roles.length).fill(0);
  for (const code of codes) counts[code]!++;
  return {
    codes,
    legend: roles.map(([role, name, query], code) => ({
      code,
      name,
      role,
      count: counts[code]!,
      ...(query ? { query } : {}),
    })),
  };
}

/** Each item in the colour of the rarest of its labels among the ten commonest. */
function common(of: Records): Colours {
  const top = of.header.labels
    .map((_, label) => label)
    .sort((a, b) => of.given[b]! - of.given[a]! || a - b)
    .slice(0, N_HUES);
  const rank = new Map(top.map((label, at) => [label, at]));
  const codes = Uint8Array.from({ length: of.n }, (_, row) => {
    const labels = of.positives.of(row);
    if (!labels.length) return top.length + 1;
    const best = labels.reduce((most, label) => Math.max(most, rank.get(label) ?? -1), -1);
    return best < 0 ? top.length : best;
  });
  const out = legend(codes, [
    ...top.map((label, at): Role => [`hue${at}`, of.header.labels[label]!, quoted(of.header.labels[label]!)]),
    ["other", "Other labels"],
    ["negative", "No label"],
  ]);
  top.forEach((label, at) => (out.legend[at]!.count = of.given[label]!)); // an item may have several of them
  return out;
}

function ofLabel(of: Records, label: number): Colours {
  const codes = Uint8Array.from(of.states(label), state => (state < 0 ? 2 : state));
  for (let i = 0; i < of.rows.length; i++)
    if (of.labels[i] === label && of.verdicts[i] === 0) codes[of.rows[i]!] = of.adds[i] ? 3 : 4;
  const name = quoted(of.header.labels[label]!);
  return legend(codes, [
    ["negative", "Negative", `${name}:no`],
    ["positive", "Positive", name],
    ["unknown", "Unknown", `${name}:?`],
    ["add", "Add suggested"],
    ["remove", "Remove suggested"],
  ]);
}

function review(of: Records): Colours {
  const codes = new Uint8Array(of.n);
  for (const verdict of [3, 2, 1, 0])
    for (let i = 0; i < of.rows.length; i++) if (of.verdicts[i] === verdict) codes[of.rows[i]!] = verdict + 1;
  const known = ["pending", "accepted", "rejected", "skipped"];
  return legend(codes, [
    ["negative", "Nothing suggested"],
    ...known.map((role): Role => [role, role[0]!.toUpperCase() + role.slice(1), `is:${role}`]),
  ]);
}

function ofColumn(of: Records, name: string): Colours {
  const column = of.header.columns.find(one => one.name === name && one.groups);
  if (!column) throw new Error(`colours: expected a column of numbers or of few words, got ${name}`);
  const values = of.payload.array(column.array);
  if (column.kind === "number" && new Set(Array.from(values.slice(0, 5000)).filter(Number.isFinite)).size > N_HUES)
    return spread(Float64Array.from(values));
  const words = Array.from({ length: of.n }, (_, row) => of.value(name, row) || NONE);
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const top = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, N_HUES)
    .map(([word]) => word);
  const code = new Map(top.map((word, at) => [word, at]));
  const codes = Uint8Array.from(words, word => code.get(word) ?? top.length);
  return legend(codes, [
    ...top.map((word, at): Role => [`hue${at}`, word, word === NONE ? undefined : `${quoted(name)}:${quoted(word)}`]),
    ["other", "Other"],
  ]);
}

/** Levels between the 1st and the 99th percentile: a few extreme values must not take all the colours. */
function spread(values: Float64Array): Colours {
  const sorted = values.filter(Number.isFinite).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? share;
  return levels(values, at(0.01), at(0.99), null);
}

function levels(values: Float64Array, low: number, high: number, digits: number | null): Colours {
  const width = Math.max(high - low, 1e-12);
  const codes = Uint8Array.from(values, value =>
    Math.max(0, Math.min(N_LEVELS - 1, Math.floor(((value - low) / width || 0) * N_LEVELS))),
  );
  const edge = (level: number) => {
    const value = low + ((high - low) * level) / N_LEVELS;
    return digits === null ? String(Number(value.toPrecision(3))) : value.toFixed(digits);
  };
  return legend(
    codes,
    Array.from({ length: N_LEVELS }, (_, level): Role => [`level${level}`, `${edge(level)}-${edge(level + 1)}`]),
  );
}
