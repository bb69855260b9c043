/** What the colours of the map mean; a click on one selects its items. */

import { fill, h } from "./dom";
import { count } from "./numbers";
import { colourOf, gradient, type Theme } from "./palette";
import type { LegendEntry } from "./messages";

/** Fill the legend; levels become one ramp from their lowest to their highest value, beside what has no level. */
export function drawLegend(
  legend: HTMLElement,
  entries: LegendEntry[],
  theme: Theme,
  choose: (query: string) => void,
): void {
  const levels = entries.filter(({ role }) => role.startsWith("level"));
  const rest = entries.filter(entry => entry.count > 0 && !levels.includes(entry));
  fill(legend, ...ramp(levels, theme), ...rest.map(entry => key(entry, theme, choose)));
}

function ramp(levels: LegendEntry[], theme: Theme): HTMLElement[] {
  if (!levels.length) return [];
  const [low, high] = [levels[0]!.ends![0]!, levels.at(-1)!.ends![1]!];
  return [
    h("span", {}, low),
    h("span", { class: "ls-ramp", style: `background:${gradient(theme)}` }),
    h("span", {}, high),
  ];
}

function key({ name, role, count: n, query }: LegendEntry, theme: Theme, choose: (query: string) => void): HTMLElement {
  const parts = [
    h("i", { style: `background:${colourOf(role, theme)}` }),
    h("span", { class: "ls-key-name" }, name),
    h("b", {}, count(n)),
  ];
  if (!query) return h("span", { class: "ls-key" }, ...parts);
  return h(
    "button",
    {
      type: "button",
      class: "ls-key",
      title: `Select: ${query}`,
      "aria-label": `Select ${name}`,
      onclick: () => choose(query),
    },
    ...parts,
  );
}
