/** A scrolling list of which only what is in sight exists. Rows have any height; they are measured when they appear. */

import { render, type ComponentChild } from "preact";
import { h } from "./dom";

const GAP = 8;
const BEYOND = 300; // pixels above and below the window that are kept ready
const LARGEST = 100_000; // rows; beyond that, browsers cannot scroll as far

export type VirtualList = ReturnType<typeof openVirtualList>;

/** `make` gives the content of a row and is called whenever the row comes into sight; `estimate`: its height before. */
export function openVirtualList(name: string, make: (index: number) => ComponentChild, estimate: number) {
  const above = h("div", { role: "presentation" });
  const below = h("div", { role: "presentation" });
  const rows = new Map<number, HTMLElement>();
  const element = h(
    "div",
    { role: "list", "aria-label": name, class: "ls-list", onscroll: () => draw() },
    above,
    below,
  );
  const observer = new ResizeObserver(() => measure());
  observer.observe(element);
  let heights = new Float32Array(0);
  let offsets = new Float64Array(1);

  /** Start again with this many rows. */
  function reset(total: number): void {
    heights = new Float32Array(Math.min(total, LARGEST)).fill(estimate);
    clear();
    element.scrollTop = 0;
    layout();
    draw();
  }

  /** Make the rows in sight anew (they have arrived, or changed). */
  function renew(first: number, last: number): void {
    for (let i = first; i < last; i++) drop(i);
    draw();
  }

  /** Bring a row into sight. */
  function reveal(index: number): void {
    if (index < 0 || index >= heights.length) return;
    for (let pass = 0; pass < 3; pass++) {
      const { scrollTop, clientHeight } = element;
      const [top, bottom] = [offsets[index]!, offsets[index + 1]!];
      const wanted =
        top < scrollTop
          ? top - GAP
          : bottom > scrollTop + clientHeight
            ? Math.min(top - GAP, bottom - clientHeight)
            : scrollTop;
      if (Math.abs(wanted - scrollTop) < 1 && rows.has(index)) return;
      element.scrollTop = wanted;
      draw(); // rows that had not been measured may move it
    }
  }

  /** The card in a row, if the row is in sight and its entry has arrived. */
  function card(index: number): HTMLElement | null {
    return rows.get(index)?.querySelector("[role=listitem]") ?? null;
  }

  function close(): void {
    observer.disconnect();
    clear();
  }

  function draw(): void {
    const total = heights.length;
    const { scrollTop, clientHeight } = element;
    const first = Math.max(0, at(scrollTop - BEYOND));
    const last = Math.min(total - 1, at(scrollTop + (clientHeight || 600) + BEYOND));
    for (const index of [...rows.keys()]) if (index < first || index > last) drop(index);
    let after: Element = above;
    for (let index = first; index <= last; index++) {
      let row = rows.get(index);
      if (!row) {
        row = h("div", { role: "presentation" });
        rows.set(index, row);
        after.after(row);
        render(make(index), row);
        observer.observe(row);
      }
      after = row;
    }
    space(first, last);
    measure();
  }

  /** Take over the heights that rows really have, keeping what is in sight where it is. */
  function measure(): void {
    let shift = 0;
    let changed = false;
    for (const [index, row] of rows) {
      const height = row.offsetHeight + GAP;
      const difference = height - heights[index]!;
      if (height <= GAP || Math.abs(difference) < 0.5) continue;
      if (offsets[index + 1]! <= element.scrollTop) shift += difference;
      heights[index] = height;
      changed = true;
    }
    if (!changed) return;
    layout();
    const shown = [...rows.keys()];
    space(Math.min(...shown), Math.max(...shown));
    if (shift) element.scrollTop += shift;
  }

  function space(first: number, last: number): void {
    const total = heights.length;
    above.style.height = `${total ? offsets[first]! : 0}px`;
    below.style.height = `${total ? offsets[total]! - offsets[last + 1]! : 0}px`;
  }

  function layout(): void {
    offsets = new Float64Array(heights.length + 1);
    for (let i = 0; i < heights.length; i++) offsets[i + 1] = offsets[i]! + heights[i]!;
  }

  function at(pixel: number): number {
    let [low, high] = [0, heights.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (offsets[middle]! <= pixel) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function drop(index: number): void {
    const row = rows.get(index);
    if (!row) return;
    observer.unobserve(row);
    render(null, row);
    row.remove();
    rows.delete(index);
  }

  function clear(): void {
    for (const index of [...rows.keys()]) drop(index);
  }

  return { element, reset, renew, reveal, card, close };
}
