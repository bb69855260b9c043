/** The buttons above the map: what draws on it, and how near it is. */

import { h, icon, squareButton } from "./dom";
import type { Tool } from "./gestures";

interface Uses {
  reset: () => void;
  zoom: (factor: number) => void;
  zoomToSelection: () => void;
  /** The button that shows names. */
  names: Node;
}

/** The toolbar, the buttons of the tools, and the one that needs a selection. */
export function mapToolbar(controls: Node, { reset, zoom, zoomToSelection, names }: Uses) {
  const lasso = h(
    "button",
    {
      type: "button",
      class: "ls-button",
      "aria-label": "Lasso",
      "aria-pressed": "false",
      title: "Lasso: draw around items. Shift adds, Alt removes.",
    },
    icon("lasso"),
    h("span", {}, "Lasso"),
  );
  const drawn = { "aria-pressed": "false" };
  const box = squareButton("Box", "box", { ...drawn, title: "Box: drag over items. Shift adds, Alt removes." });
  const brush = squareButton("Brush", "brush", {
    ...drawn,
    title: "Brush: paint over items. Shift adds, Alt removes.",
  });
  const narrow = squareButton("Zoom to selection", "target", {
    title: "Zoom to the selected items",
    disabled: true,
    onclick: zoomToSelection,
  });
  const element = h(
    "div",
    { class: "ls-toolbar" },
    h("div", { class: "ls-group" }, lasso, box, brush),
    h(
      "div",
      { class: "ls-group" },
      squareButton("Zoom out", "minus", { onclick: () => zoom(1 / 1.5) }),
      squareButton("Zoom in", "plus", { onclick: () => zoom(1.5) }),
      squareButton("Reset zoom", "fit", { title: "Reset zoom (double-click on the map)", onclick: reset }),
      narrow,
      names,
    ),
    h("span", { class: "ls-gap" }),
    controls,
  );
  const tools = new Map<Tool, HTMLElement>([
    ["lasso", lasso],
    ["box", box],
    ["brush", brush],
  ]);
  return { element, tools, narrow };
}
