/** What the colours of the map mean; a click on one selects its items. */

import { fill, h } from "./dom";
import { count } from "./numbers";
import { colourOf, gradient, type Theme } from "./palette";
import type { LegendEntry } from "./messages";

/** Fill the legend; levels become one ramp from their lowest to their highest value. */
export function drawLegend(
  legend: HTMLElement,
  entries: LegendEntry[],
  theme: Theme,
  choose: (query: string) => void,
): void {
  const first = entries[0];
  if (first?.role.startsWith("level")) {
    const [low, high] = [first.name.split("-")[0]!, entries[entries.length - 1]!.name.split("-").pop()!];
    fill(
      legend,
      h("span", {}, low),
      h("span", { class: "ls-ramp", style: `background:${gradient(theme)}` }),
      h("span", {}, high),
    );
    return;
  }
  const shown = entries.filter(entry => entry.count > 0);
  fill(legend, ...shown.map(entry => key(entry, theme, choose)));
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
