/** The rows of a long list, fetched a page at a time as they come into sight. */

import { batch, signal } from "@preact/signals";

export const PAGE = 60;

export class Pages<T> {
  readonly total = signal(0);
  readonly rows = signal<ReadonlyMap<number, T>>(new Map());
  private asked = new Set<number>();
  private first = 0;
  private turn = 0;

  constructor(private readonly fetch: (offset: number, limit: number) => Promise<{ total: number; rows: T[] }>) {}

  /** Ask anew for the page in sight (`top`: the first one), and forget the others once it is there. */
  async renew(top = false): Promise<void> {
    if (top) this.first = 0;
    const [turn, start] = [++this.turn, this.first];
    const { total, rows } = await this.fetch(start, PAGE);
    if (turn !== this.turn) return;
    this.asked = new Set([start]);
    batch(() => {
      this.total.value = total;
      this.rows.value = new Map(numbered(rows, start));
    });
  }

  /** These rows are in sight: what is not known of them is fetched, once. */
  async need(first: number, last: number): Promise<void> {
    this.first = first - (first % PAGE);
    for (let start = this.first; start <= last; start += PAGE) await this.page(start);
  }

  private async page(start: number): Promise<void> {
    if (this.asked.has(start)) return;
    this.asked.add(start);
    const { turn, asked } = this;
    try {
      const { rows } = await this.fetch(start, PAGE);
      if (turn === this.turn) this.rows.value = new Map([...this.rows.value, ...numbered(rows, start)]);
    } catch {
      asked.delete(start); // the next look asks again
    }
  }
}

function numbered<T>(rows: T[], start: number): [number, T][] {
  return rows.map((row, i) => [start + i, row]);
}
