/** A bar between two parts of the app: dragged, or moved with the arrow keys when it has the focus. */

import { h } from "./dom";
import { recall, remember } from "./store";

interface Split {
  /** CSS variable on the host that holds the share of the first part, in per cent. */
  property: string;
  name: string;
  axis: "x" | "y";
  least: number;
  most: number;
  start: number;
  /** Where the share is remembered. */
  store: string;
}

const KEYS = { x: { ArrowLeft: -3, ArrowRight: 3 }, y: { ArrowUp: -3, ArrowDown: 3 } } as const;

/** The bar; where it was left is remembered. */
export function splitter(host: HTMLElement, split: Split): HTMLElement {
  let share = split.start;
  const across = split.axis === "x";
  const bar = h("div", {
    role: "separator",
    tabindex: 0,
    class: `ls-splitter ls-split-${split.axis}`,
    "aria-orientation": across ? "vertical" : "horizontal",
    "aria-label": split.name,
    "aria-valuemin": split.least,
    "aria-valuemax": split.most,
  });
  const move = (to: number) => {
    share = Math.max(split.least, Math.min(split.most, to));
    host.style.setProperty(split.property, `${share}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(share)));
  };
  const keep = () => remember(split.store, share);
  bar.addEventListener("pointerdown", event => {
    bar.setPointerCapture(event.pointerId);
    const box = host.getBoundingClientRect();
    const drag = (next: PointerEvent) =>
      move(across ? ((next.clientX - box.left) / box.width) * 100 : ((next.clientY - box.top) / box.height) * 100);
    bar.addEventListener("pointermove", drag);
    bar.addEventListener(
      "lostpointercapture",
      () => {
        bar.removeEventListener("pointermove", drag);
        keep();
      },
      { once: true },
    );
  });
  bar.addEventListener("dblclick", () => {
    move(split.start);
    keep();
  });
  bar.addEventListener("keydown", event => {
    const step = (KEYS[split.axis] as Record<string, number>)[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(share + step);
    keep();
  });
  move(recall(split.store, split.start));
  return bar;
}
