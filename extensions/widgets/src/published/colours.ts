/** What the map of a published page is coloured by: the codes come with the page, but for those of a single label. */

import type { LegendEntry } from "../messages";
import { quoted } from "../quoted";
import type { Records } from "./records";

export interface Colours {
  codes: Uint8Array;
  legend: LegendEntry[];
}

/** A code an item, and what the codes mean. */
export function colours(of: Records, by: string, label: number, column: string): Colours {
  if (by === "label") return ofLabel(of, label);
  const way = of.header.ways.find(one => one.by === by && one.column === column);
  if (!way)
    throw new Error(
      `colours: expected one of ${of.header.ways.map(({ name }) => name).join(", ")}, got ${column || by}`,
    );
  return { codes: Uint8Array.from(of.payload.array(way.array)), legend: way.legend };
}

function ofLabel(of: Records, label: number): Colours {
  const codes = Uint8Array.from(of.states(label), state => (state < 0 ? 2 : state));
  for (let i = 0; i < of.rows.length; i++)
    if (of.labels[i] === label && of.verdicts[i] === 0) codes[of.rows[i]!] = of.adds[i] ? 3 : 4;
  const name = quoted(of.header.labels[label]!);
  const roles: [role: string, name: string, query?: string][] = [
    ["negative", "Negative", `${name}:no`],
    ["positive", "Positive", name],
    ["unknown", "Unknown", `${name}:?`],
    ["add", "Add suggested"],
    ["remove", "Remove suggested"],
  ];
  const counts = [0, 0, 0, 0, 0];
  for (const code of codes) counts[code]!++;
  const legend = roles.map(([role, words, query], code) => ({
    code,
    name: words,
    role,
    count: counts[code]!,
    ...(query ? { query } : {}),
  }));
  return { codes, legend };
}
