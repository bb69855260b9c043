/** A scrolling list of which only what is in sight exists. Rows have any height; they are measured when they appear. */

import { render, type ComponentChild } from "preact";
import { h } from "./dom";

const GAP = 8;
const BEYOND = 300; // pixels above and below the window that are kept ready
const LARGEST = 100_000; // rows; beyond that, browsers cannot scroll as far

export class VirtualList {
  readonly element: HTMLElement;
  private readonly above = h("div", { role: "presentation" });
  private readonly below = h("div", { role: "presentation" });
  private readonly rows = new Map<number, HTMLElement>();
  private readonly observer: ResizeObserver;
  private heights = new Float32Array(0);
  private offsets = new Float64Array(1);

  /** `make` gives the content of a row and is called whenever the row comes into sight. */
  constructor(
    name: string,
    private readonly make: (index: number) => ComponentChild,
    private readonly estimate: number,
  ) {
    this.element = h(
      "div",
      { role: "list", "aria-label": name, class: "ls-list", onscroll: () => this.render() },
      this.above,
      this.below,
    );
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.element);
  }

  /** Start again with this many rows. */
  reset(total: number): void {
    this.heights = new Float32Array(Math.min(total, LARGEST)).fill(this.estimate);
    this.clear();
    this.element.scrollTop = 0;
    this.layout();
    this.render();
  }

  /** Make the rows in sight anew (they have arrived, or changed). */
  renew(first: number, last: number): void {
    for (let i = first; i < last; i++) this.drop(i);
    this.render();
  }

  /** Bring a row into sight. */
  reveal(index: number): void {
    if (index < 0 || index >= this.heights.length) return;
    for (let pass = 0; pass < 3; pass++) {
      const { scrollTop, clientHeight } = this.element;
      const [top, bottom] = [this.offsets[index]!, this.offsets[index + 1]!];
      const wanted =
        top < scrollTop
          ? top - GAP
          : bottom > scrollTop + clientHeight
            ? Math.min(top - GAP, bottom - clientHeight)
            : scrollTop;
      if (Math.abs(wanted - scrollTop) < 1 && this.rows.has(index)) return;
      this.element.scrollTop = wanted;
      this.render(); // rows that had not been measured may move it
    }
  }

  /** The card in a row, if the row is in sight and its entry has arrived. */
  card(index: number): HTMLElement | null {
    return this.rows.get(index)?.querySelector("[role=listitem]") ?? null;
  }

  close(): void {
    this.observer.disconnect();
    this.clear();
  }

  private render(): void {
    const total = this.heights.length;
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, this.at(scrollTop - BEYOND));
    const last = Math.min(total - 1, this.at(scrollTop + (clientHeight || 600) + BEYOND));
    for (const index of [...this.rows.keys()]) if (index < first || index > last) this.drop(index);
    let after: Element = this.above;
    for (let index = first; index <= last; index++) {
      let row = this.rows.get(index);
      if (!row) {
        row = h("div", { role: "presentation" });
        this.rows.set(index, row);
        after.after(row);
        render(this.make(index), row);
        this.observer.observe(row);
      }
      after = row;
    }
    this.space(first, last);
    this.measure();
  }

  /** Take over the heights that rows really have, keeping what is in sight where it is. */
  private measure(): void {
    let shift = 0;
    let changed = false;
    for (const [index, row] of this.rows) {
      const height = row.offsetHeight + GAP;
      const difference = height - this.heights[index]!;
      if (height <= GAP || Math.abs(difference) < 0.5) continue;
      if (this.offsets[index + 1]! <= this.element.scrollTop) shift += difference;
      this.heights[index] = height;
      changed = true;
    }
    if (!changed) return;
    this.layout();
    const shown = [...this.rows.keys()];
    this.space(Math.min(...shown), Math.max(...shown));
    if (shift) this.element.scrollTop += shift;
  }

  private space(first: number, last: number): void {
    const total = this.heights.length;
    this.above.style.height = `${total ? this.offsets[first]! : 0}px`;
    this.below.style.height = `${total ? this.offsets[total]! - this.offsets[last + 1]! : 0}px`;
  }

  private layout(): void {
    this.offsets = new Float64Array(this.heights.length + 1);
    for (let i = 0; i < this.heights.length; i++) this.offsets[i + 1] = this.offsets[i]! + this.heights[i]!;
  }

  private at(pixel: number): number {
    let [low, high] = [0, this.heights.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.offsets[middle]! <= pixel) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private drop(index: number): void {
    const row = this.rows.get(index);
    if (!row) return;
    this.observer.unobserve(row);
    render(null, row);
    row.remove();
    this.rows.delete(index);
  }

  private clear(): void {
    for (const index of [...this.rows.keys()]) this.drop(index);
  }
}
