/**
 * A long list of rows of one height, of which only those in sight exist; windows of them are fetched as they are
 * needed.
 */

import { h } from "./dom";

const PAGE = 60;

export class Rows<T> {
  readonly element: HTMLElement;
  private readonly space = h("div", { class: "ls-rows-space" });
  private readonly shown = new Map<number, HTMLElement>();
  private readonly known = new Map<number, T>();
  private readonly asked = new Set<number>();
  private readonly observer: ResizeObserver;
  private total = 0;
  private turn = 0;

  constructor(
    name: string,
    private readonly height: number,
    private readonly fetch: (offset: number, limit: number) => Promise<{ total: number; rows: T[] }>,
    private readonly make: (row: T) => HTMLElement,
  ) {
    this.element = h(
      "div",
      { class: "ls-rows", role: "group", "aria-label": name, onscroll: () => this.render() },
      this.space,
    );
    this.observer = new ResizeObserver(() => this.render());
    this.observer.observe(this.element);
  }

  /** Ask anew, staying where we are. */
  async renew(top = false): Promise<void> {
    const turn = ++this.turn;
    if (top) this.element.scrollTop = 0;
    const start = Math.floor(this.element.scrollTop / this.height / PAGE) * PAGE;
    const { total, rows } = await this.fetch(start, PAGE);
    if (turn !== this.turn) return;
    this.total = total;
    this.known.clear();
    this.asked.clear();
    this.asked.add(start);
    rows.forEach((row, i) => this.known.set(start + i, row));
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
    this.space.style.height = `${total * this.height}px`;
    this.render();
  }

  close(): void {
    this.observer.disconnect();
  }

  private render(): void {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - 4);
    const last = Math.min(this.total - 1, Math.ceil((scrollTop + (clientHeight || 300)) / this.height) + 4);
    for (const [index, element] of this.shown) {
      if (index >= first && index <= last) continue;
      element.remove();
      this.shown.delete(index);
    }
    for (let index = first; index <= last; index++) {
      const row = this.known.get(index);
      if (!row) void this.page(Math.floor(index / PAGE) * PAGE);
      else if (!this.shown.has(index)) this.put(index, row);
    }
  }

  private put(index: number, row: T): void {
    const element = this.make(row);
    element.style.top = `${index * this.height}px`;
    this.shown.set(index, element);
    const after = [...this.shown.keys()].filter(other => other > index).sort((a, b) => a - b)[0];
    // the order of Tab is that of the eye
    this.space.insertBefore(element, after === undefined ? null : this.shown.get(after)!);
  }

  private async page(start: number): Promise<void> {
    if (this.asked.has(start)) return;
    this.asked.add(start);
    const turn = this.turn;
    const { rows } = await this.fetch(start, PAGE);
    if (turn !== this.turn) return;
    rows.forEach((row, i) => this.known.set(start + i, row));
    this.render();
  }
}
