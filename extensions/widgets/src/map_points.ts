/** The points of the map: the items that they stand for, their codes, and which of them are lit. */

const MOST_RINGED = 200; // points that a search found: of more the colour has to do

export class MapPoints {
  /** Codes of the points. */
  codes: Uint8Array = new Uint8Array(0);
  /** Points that are selected and searched for (one byte each); null where all are. */
  mask: Uint8Array | null = null;
  /** Points that were searched for, where they are few enough to ring each. */
  ringed: number[] = [];
  /** Items that the points stand for, rising; null where every item has its point. */
  private rows: Uint32Array | null = null;
  private allCodes: Uint8Array = new Uint8Array(0);
  private selected: Uint8Array | null = null;
  private sought: Uint8Array | null = null;

  get sampled(): boolean {
    return this.rows !== null;
  }

  /** Whether some items are singled out, be they on the map or not. */
  get narrowed(): boolean {
    return (this.selected ?? this.sought) !== null;
  }

  /** Number of points that are lit; null where all are. */
  get lit(): number | null {
    return this.mask && this.mask.reduce((sum, one) => sum + one, 0);
  }

  /** Stand for other items; null for all. */
  stand(rows: Uint32Array | null): void {
    this.rows = rows;
    this.gather();
  }

  /** Codes of all items. */
  colour(codes: Uint8Array): void {
    this.allCodes = codes;
    this.gather();
  }

  /** The items that are selected (one byte each), or null for no selection. */
  select(mask: Uint8Array | null): void {
    this.selected = mask;
    this.gather();
  }

  /** The items that a search found (one byte each), or null for no search. */
  find(mask: Uint8Array | null): void {
    this.sought = mask;
    this.gather();
  }

  /** The item that a point stands for. */
  item(point: number): number {
    return this.rows?.[point] ?? point;
  }

  /** The point of an item, or -1. */
  of(row: number): number {
    const { rows } = this;
    if (!rows || row < 0) return row;
    let [low, high] = [0, rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return rows[low] === row ? low : -1;
  }

  /** Codes and mask of the points, out of those of the items. */
  private gather(): void {
    const { rows, selected, sought } = this;
    const of = (all: Uint8Array) => (rows && all.length ? Uint8Array.from(rows, row => all[row]!) : all);
    this.codes = of(this.allCodes);
    const both = selected && sought ? selected.map((one, i) => one & sought[i]!) : (selected ?? sought);
    this.mask = both && of(both);
    this.ringed = sought && this.mask ? first(this.mask, MOST_RINGED) : [];
  }
}

/** The places that are set, or none of them if there are more than `most`. */
function first(mask: Uint8Array, most: number): number[] {
  const out: number[] = [];
  for (let at = mask.indexOf(1); at >= 0; at = mask.indexOf(1, at + 1)) {
    if (out.length === most) return [];
    out.push(at);
  }
  return out;
}
