/** The selection of a published page: the list of filters that all hold, as in labelscope/explorer/filters.py. */

import type { Counted, FilterAsked, FilterChip, Mode, RegionPlace } from "../messages";
import { quoted } from "../quoted";
import type { Records } from "./records";
import { cellsOfLabel, find, where, type Asked, type Cell } from "./terms";

interface Filter {
  key: string;
  kind: string;
  title: string;
  mask: Uint8Array;
  negated: boolean;
  cells: Cell[] | null;
}

/** Titles of the figures of a label page that can be listed here. */
const FIGURES: Record<string, string> = {
  given: "{} as given",
  changed: "{} changed",
  exemplar: "Typical of {}",
  "borderline, given": "Borderline, with {}",
  "borderline, not given": "Borderline, without {}",
  confused: "Confusions of {}",
};

type Made = [title: string, mask: Uint8Array, cells?: Cell[] | null];

/** The selected items, and which of their cells are listed: those that are named, all of an item where none is. */
export class Chosen {
  readonly cells: Cell[];
  private readonly named = new Map<number, Set<number>>();

  constructor(
    readonly items: Uint8Array,
    cells: Cell[],
  ) {
    for (const [row, label] of cells) {
      if (!items[row]) continue;
      const known = this.named.get(row);
      if (known) known.add(label);
      else this.named.set(row, new Set([label]));
    }
    this.cells = [...this.named].flatMap(([row, labels]) => [...labels].map((label): Cell => [row, label]));
    this.cells.sort(([a, x], [b, y]) => a - b || x - y);
  }

  /** Whether an item is selected and has no named cell. */
  whole(row: number): boolean {
    return this.items[row] === 1 && !this.named.has(row);
  }

  names(row: number, label: number): boolean {
    return this.named.get(row)?.has(label) ?? false;
  }

  keeps(row: number, label: number): boolean {
    return this.whole(row) || this.names(row, label);
  }

  /** How many entries the list of all items has. */
  get nEntries(): number {
    return this.cells.length + sum(this.items) - this.named.size;
  }
}

export class Filters {
  private list: Filter[] = [];
  private next = 1;

  constructor(private readonly of: Records) {}

  /** The items that pass all filters; null without a filter. */
  get mask(): Uint8Array | null {
    return this.without("");
  }

  /** The same with the cells that the filters name; null without a filter. */
  get chosen(): Chosen | null {
    const mask = this.mask;
    return (
      mask &&
      new Chosen(
        mask,
        this.list.flatMap(({ cells, negated }) => (negated ? [] : (cells ?? []))),
      )
    );
  }

  get chips(): FilterChip[] {
    return this.list.map(({ key, kind, title, mask, negated, cells }) => ({
      key,
      kind,
      title,
      negated,
      count: negated ? mask.length - sum(mask) : sum(mask),
      ...(cells && !negated ? { cells: cells.length } : {}),
    }));
  }

  put(asked: FilterAsked): void {
    const [title, mask, cells = null] = this.make(asked);
    const kind = asked.by === "personal" ? "source" : asked.by; // one row of that tab at a time
    if (kind === "item") {
      const rest = this.without("item");
      // an item outside of the selection: it alone
      if (rest && !rest.some((value, row) => value & mask[row]!)) this.list = [];
    }
    if (["item", "similar", "suggested", "source", "health", "group", "place"].includes(kind))
      this.list = this.list.filter(one => one.kind !== kind);
    if (!this.list.some(one => one.kind === kind && one.title === title && !one.negated))
      this.add(kind, title, mask, cells);
  }

  /** How much a query would list of all items. */
  count(text: string): Counted["found"][number] {
    try {
      const [, mask, cells] = this.make({ by: "query", text });
      return { items: sum(mask), ...(cells && { cells: cells.length }), error: "" };
    } catch (error) {
      return { items: 0, error: (error as Error).message };
    }
  }

  /** Whether a filter can be answered from what is in the copy. */
  answers(asked: FilterAsked): boolean {
    try {
      this.make(asked);
      return true;
    } catch {
      return false;
    }
  }

  draw(mask: Uint8Array, mode: Mode): void {
    const before = this.list.find(one => one.kind === "lasso");
    const known = before ? items(before) : mode === "remove" ? mask.map(() => 1) : mask.map(() => 0);
    const drawn =
      mode === "replace"
        ? mask
        : mode === "add"
          ? known.map((value, row) => value | mask[row]!)
          : known.map((value, row) => value & (1 - mask[row]!));
    this.list = this.list.filter(one => one.kind !== "lasso");
    if (drawn.includes(1)) this.add("lasso", "Lasso", drawn);
  }

  remove(key: string): void {
    this.list = this.list.filter(one => one.key !== key);
  }

  negate(key: string): void {
    this.list = this.list.map(one => (one.key === key ? { ...one, negated: !one.negated } : one));
  }

  select(rows: number[]): void {
    this.list = [];
    if (rows.length)
      this.add("python", rows.length === 1 ? `Item ${this.of.header.ids[rows[0]!]}` : "Picked items", this.only(rows));
  }

  private without(kind: string): Uint8Array | null {
    const masks = this.list.filter(one => one.kind !== kind).map(items);
    return masks.length ? masks.reduce((left, right) => left.map((value, row) => value & right[row]!)) : null;
  }

  private add(kind: string, title: string, mask: Uint8Array, cells: Cell[] | null = null): void {
    this.list.push({ key: `F${this.next++}`, kind, title, mask, negated: false, cells });
  }

  private only(rows: number[]): Uint8Array {
    const out = new Uint8Array(this.of.n);
    for (const row of rows) out[row] = 1;
    return out;
  }

  /** The cells behind a figure of a label page, as in labelscope/explorer/label_figures.py. */
  private figure({ label, figure, rows }: Extract<FilterAsked, { by: "figure" }>): Made {
    const { of } = this;
    const title = FIGURES[figure]?.replace("{}", of.header.labels[label]!);
    if (!title) throw new Error("The votes of all raters are not in a published copy");
    const mask =
      figure === "given"
        ? where(of.n, row => of.before(row, label) === 1)
        : figure === "changed"
          ? where(of.n, row => of.now(row, label) !== of.before(row, label))
          : this.only(rows);
    return [title, mask, [...mask].flatMap((holds, row): Cell[] => (holds ? [[row, label]] : []))];
  }

  /** The items of a region of the map, or the cells of a hot spot. */
  private place({ what, at }: Extract<FilterAsked, { by: "place" }>): Made {
    const { of } = this;
    const { regions } = of.header;
    const one = what === "region" ? regions?.report.regions[at] : regions?.report.spots[at];
    if (!regions || !one) throw new Error("This part of the map is not in this copy");
    if (what === "region") {
      const codes = of.payload.array(regions.levels[one.level]!);
      return [`Region: ${(one as RegionPlace).name}`, where(of.n, row => codes[row] === at + 1)];
    }
    const rows = [...of.payload.array(`${regions.spots}${at}`)];
    const labels = of.payload.array(`${regions.spots}${at}_labels`);
    return [regions.titles[at]!, this.only(rows), rows.map((row, i): Cell => [row, labels[i]!])];
  }

  private make(asked: FilterAsked): Made {
    const { of } = this;
    const names = of.header.labels;
    const two = (a: number, b: number, holds: (a: number, b: number) => boolean) => {
      const [left, right] = [of.states(a), of.states(b)];
      return where(of.n, row => holds(left[row]!, right[row]!));
    };
    switch (asked.by) {
      case "query": {
        const text = asked.text.trim().replace(/\s+/g, " ");
        return made(text, find(of, text));
      }
      case "suggested":
        return made(`${asked.action}:${quoted(names[asked.label]!)}`, cellsOfLabel(of, asked.action, asked.label));
      case "label": {
        const name = names[asked.label]!;
        return [
          asked.state === 1 ? name : asked.state === 0 ? `not ${name}` : `${name} unknown`,
          Uint8Array.from(of.states(asked.label), state => Number(state === asked.state)),
        ];
      }
      case "pair":
        return [`${names[asked.a]} and ${names[asked.b]}`, two(asked.a, asked.b, (a, b) => a === 1 && b === 1)];
      case "relation": {
        const [a, b] = [names.indexOf(asked.a), names.indexOf(asked.b)];
        if (asked.relation === "implies")
          return [`${asked.a} without ${asked.b}`, two(a, b, (left, right) => left === 1 && right === 0)];
        if (asked.relation === "identical")
          return [
            `${asked.a} or ${asked.b}, not both`,
            two(a, b, (left, right) => left + right === 1 && left >= 0 && right >= 0),
          ];
        return [`${asked.a} and ${asked.b}`, two(a, b, (left, right) => left === 1 && right === 1)];
      }
      case "rule":
        throw new Error("Tables of voters are not in a published copy");
      case "source": {
        const one = of.header.slices.find(({ column }) => column === asked.column);
        const code = one ? one.values.indexOf(asked.value) + 1 : 0;
        if (!one || !code) throw new Error(`No items with ${asked.column}: ${asked.value} are in this copy`);
        const codes = of.payload.array(one.array);
        return [`${asked.column}: ${asked.value}`, where(of.n, row => codes[row] === code)];
      }
      case "personal": {
        const one = of.header.personal.find(({ column, kind }) => column === asked.column && kind === asked.kind);
        return [`${asked.kind} in ${asked.column}`, this.only(one ? [...of.payload.array(one.array)] : [])];
      }
      case "health": {
        const one = of.header.health?.parts.find(({ check }) => check === asked.check);
        if (!one) throw new Error("The items of this finding are not in this copy");
        const rows = [...of.payload.array(one.array)];
        const labels = of.payload.array(`${one.array}_labels`);
        return [one.title, this.only(rows), one.cells ? rows.map((row, i): Cell => [row, labels[i]!]) : null];
      }
      case "group": {
        const { groups } = of.header;
        const one = groups?.report.groups.find(({ key }) => key === asked.key);
        if (!groups || !one) throw new Error("The items of this group are not in this copy");
        return [`Group: ${one.name}`, this.only([...of.payload.array(groups.arrays[one.key]!)])];
      }
      case "place":
        return this.place(asked);
      case "figure":
        return this.figure(asked);
      case "similar": {
        const near = of.near(asked.row);
        if (!near) throw new Error(of.header.no_neighbors);
        return [`Like item ${of.header.ids[asked.row]}`, this.only([asked.row, ...near.rows])];
      }
      case "item":
        return [`Item ${of.header.ids[asked.row]}`, this.only([asked.row])];
    }
  }
}

function made(title: string, { items: mask, cells }: Asked): Made {
  return [title, mask, cells];
}

function items(filter: Filter): Uint8Array {
  return filter.negated ? filter.mask.map(value => 1 - value) : filter.mask;
}

export function sum(mask: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < mask.length; i++) total += mask[i]!;
  return total;
}

/** A mask as one bit an item, the first item in the lowest bit of the first byte. */
export function pack(mask: Uint8Array): ArrayBuffer {
  const out = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) out[i >> 3]! |= mask[i]! << (i & 7);
  return out.buffer;
}

/** Which points lie inside a polygon of x, y pairs, by the even-odd rule. */
export function inside(xy: Float32Array, polygon: Float32Array): Uint8Array {
  const corners = polygon.length / 2;
  return where(xy.length / 2, row => {
    const [x, y] = [xy[2 * row]!, xy[2 * row + 1]!];
    let odd = false;
    for (let i = 0, j = corners - 1; i < corners; j = i++) {
      const [x1, y1, x2, y2] = [polygon[2 * i]!, polygon[2 * i + 1]!, polygon[2 * j]!, polygon[2 * j + 1]!];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
    }
    return odd && corners > 2;
  });
}

/** Which points lie within a distance of a line through x, y pairs. */
export function beside(xy: Float32Array, stroke: Float32Array, radius: number): Uint8Array {
  const last = Math.max(0, stroke.length / 2 - 2);
  return where(xy.length / 2, row => {
    for (let i = 0; i <= last; i++) {
      const [x, y] = [stroke[2 * i]!, stroke[2 * i + 1]!];
      const [dx, dy] = [(stroke[2 * i + 2] ?? x) - x, (stroke[2 * i + 3] ?? y) - y];
      const [px, py] = [xy[2 * row]! - x, xy[2 * row + 1]! - y];
      const share = Math.max(0, Math.min(1, (px * dx + py * dy) / Math.max(dx * dx + dy * dy, 1e-30)));
      if ((px - share * dx) ** 2 + (py - share * dy) ** 2 <= radius * radius) return true;
    }
    return false;
  });
}
