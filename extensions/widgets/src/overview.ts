/**
 * All labels by all labels, however many: the kernel sends at most 400 × 400 cells of the window shown, and a zoom asks
 * for its own. Where cells hold several labels each is drawn by its strongest pair.
 */

import { fill, h } from "./dom";
import { count, plural } from "./numbers";
import type { FilterAsked, Kinds } from "./messages";
import { bytes, type Wire } from "./wire";

const MOST = 400; // cells a side
const LEAST_CELL = 2; // pixels
const NAMED_CELL = 11;
const NAME = 118;
const FEWEST = 6; // labels a side
const MOVED = 4; // pixels of a drag
const WAIT = 120; // ms after the last turn of the wheel

type Window = [number, number];

interface Cells {
  body: Kinds["pair_grid"][1];
  npmi: Float32Array;
  n: Int32Array;
  pairs: Int32Array;
  a: Int32Array;
  b: Int32Array;
}

export class Overview {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { class: "ls-overview", role: "img", tabindex: 0 });
  private readonly names = h("div", { class: "ls-overview-names", "aria-hidden": "true" });
  private readonly box = h("i", { class: "ls-overview-box", hidden: true });
  private cells: Cells | null = null;
  private down: Window = [0, 0]; // what is asked for
  private across: Window = [0, 0];
  private side = 0;
  private at: [number, number] = [0, 0];
  private from: [number, number] | null = null;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly wire: Wire,
    private readonly events: { put(asked: FilterAsked): void; say(words: string): void; zoomed(whole: boolean): void },
  ) {
    this.element = h("div", { class: "ls-overview-stage" }, this.canvas, this.names, this.box);
    const { canvas } = this;
    canvas.addEventListener("pointermove", event => this.moved(event));
    canvas.addEventListener("pointerdown", event => this.pressed(event));
    canvas.addEventListener("pointerup", event => this.released(event));
    canvas.addEventListener("pointerleave", () => this.from || this.events.say(this.summary()));
    canvas.addEventListener("wheel", event => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", event => this.key(event));
  }

  /** The whole matrix again. */
  whole(): void {
    const room = this.element.parentElement;
    if (room) this.fit(room.clientWidth, room.clientHeight);
    this.down = this.across = [0, 0];
    void this.ask();
  }

  /** Draw in this much room. */
  fit(width: number, height: number): void {
    this.side = Math.max(80, Math.floor(Math.min(height - 4, width - NAME)));
    if (this.cells) this.draw();
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private async ask(): Promise<void> {
    const number = ++this.asked;
    const asked = {
      down: this.down[1] ? this.down : [],
      across: this.across[1] ? this.across : [],
      most: Math.min(MOST, Math.floor(this.side / LEAST_CELL)),
    };
    const { body, buffers } = await this.wire.request("pair_grid", asked);
    if (number !== this.asked || !body.ready) return;
    const [npmi, n, pairs, a, b] = buffers.map(buffer => bytes(buffer)) as [
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
    ];
    this.cells = {
      body,
      npmi: new Float32Array(npmi),
      n: new Int32Array(n),
      pairs: new Int32Array(pairs),
      a: new Int32Array(a),
      b: new Int32Array(b),
    };
    [this.down, this.across] = [body.down, body.across];
    this.at = [Math.min(this.at[0], body.shape[0] - 1), Math.min(this.at[1], body.shape[1] - 1)];
    this.events.zoomed(span(this.down) < body.n_labels || span(this.across) < body.n_labels);
    this.events.say(this.summary());
    this.draw();
  }

  private summary(): string {
    if (!this.cells) return "";
    const { n_labels, shape } = this.cells.body;
    const [rows, columns] = [span(this.down), span(this.across)];
    const shown =
      rows === n_labels && columns === n_labels
        ? `${plural(n_labels, "label")} in a pair`
        : `${count(rows)} × ${count(columns)} of ${plural(n_labels, "label")}`;
    const merged = rows > shape[0] || columns > shape[1] ? "; a cell shows its strongest pair" : "";
    return `${shown}${merged}`;
  }

  private draw(): void {
    const { npmi, body } = this.cells!;
    const [rows, columns] = body.shape;
    const [more, less, none] = resolved(this.element, ["--ls-more", "--ls-less", "--ls-cell"]) as [
      number[],
      number[],
      number[],
    ];
    const image = new ImageData(columns, rows);
    for (let k = 0; k < npmi.length; k++) {
      const value = npmi[k]!;
      const share = Number.isNaN(value) ? 0 : 0.18 + 0.82 * Math.min(1, Math.abs(value));
      const ink = value < 0 ? less : more;
      for (let c = 0; c < 3; c++) image.data[4 * k + c] = none[c]! + share * (ink[c]! - none[c]!);
      image.data[4 * k + 3] = 255;
    }
    const { canvas, side } = this;
    [canvas.width, canvas.height] = [columns, rows];
    canvas.style.width = canvas.style.height = `${side}px`;
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    canvas.setAttribute(
      "aria-label",
      `Co-occurrence of ${count(span(this.down))} by ${count(span(this.across))} labels`,
    );
    const cell = side / rows;
    const named = cell >= NAMED_CELL;
    this.names.style.left = `${side + 6}px`;
    fill(
      this.names,
      ...(named
        ? body.names[0].map((name, i) =>
            h("span", { style: `top:${(i + 0.5) * cell}px;font-size:${Math.min(12, cell * 0.8)}px` }, name),
          )
        : [
            h(
              "span",
              { style: `top:${side / 2}px` },
              "Turn the wheel or drag a box to zoom in until names show; a click selects the items of a pair.",
            ),
          ]),
    );
  }

  private where(event: { offsetX: number; offsetY: number }): [number, number] {
    const [rows, columns] = this.cells!.body.shape;
    const clamp = (value: number, n: number) => Math.max(0, Math.min(n - 1, Math.floor((value / this.side) * n)));
    return [clamp(event.offsetY, rows), clamp(event.offsetX, columns)];
  }

  private words([i, j]: [number, number]): string {
    const { body, npmi, n, pairs, a, b } = this.cells!;
    const k = i * body.shape[1] + j;
    const [row, column] = [body.names[0][i]!, body.names[1][j]!];
    if (row === column && span(this.down) === body.shape[0]) return row;
    if (a[k]! < 0) return `${row} × ${column}: ${count(n[k]!)} together, as by chance`;
    const [one, other] = [body.found[a[k]!] ?? "a label", body.found[b[k]!] ?? "another"];
    const times = `${npmi[k]! < 0 ? "less" : "more"} than chance (NPMI ${npmi[k]!.toFixed(2)})`;
    const pair = `${one} and ${other} go together ${times}`;
    return pairs[k]! > 1
      ? `${pair}, the strongest of ${count(pairs[k]!)} such pairs here`
      : `${pair}, ${count(n[k]!)} together`;
  }

  private moved(event: PointerEvent): void {
    if (!this.cells) return;
    if (!this.from) return this.events.say(this.words((this.at = this.where(event))));
    const [x, y] = this.from;
    this.box.hidden = Math.hypot(event.offsetX - x, event.offsetY - y) < MOVED;
    Object.assign(this.box.style, {
      left: `${Math.min(x, event.offsetX)}px`,
      top: `${Math.min(y, event.offsetY)}px`,
      width: `${Math.abs(event.offsetX - x)}px`,
      height: `${Math.abs(event.offsetY - y)}px`,
    });
  }

  private pressed(event: PointerEvent): void {
    if (event.button !== 0 || !this.cells) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.from = [event.offsetX, event.offsetY];
  }

  private released(event: PointerEvent): void {
    const { from } = this;
    [this.from, this.box.hidden] = [null, true];
    if (!from || !this.cells) return;
    if (Math.hypot(event.offsetX - from[0], event.offsetY - from[1]) < MOVED) return this.choose(this.where(event));
    const pick = (p: number, q: number, window: Window): Window => {
      const place = (value: number) => window[0] + (Math.max(0, Math.min(this.side, value)) / this.side) * span(window);
      return wide([Math.floor(place(Math.min(p, q))), Math.ceil(place(Math.max(p, q)))], this.cells!.body.n_labels);
    };
    this.down = pick(from[1], event.offsetY, this.down);
    this.across = pick(from[0], event.offsetX, this.across);
    void this.ask();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    if (this.cells) this.zoom(event.deltaY < 0 ? 0.6 : 1 / 0.6, event.offsetY / this.side, event.offsetX / this.side);
  }

  /** Another window about a place in this one (shares of its sides). */
  private zoom(factor: number, down: number, across: number): void {
    const { n_labels } = this.cells!.body;
    const about = (window: Window, share: number): Window => {
      const [centre, width] = [window[0] + share * span(window), Math.max(FEWEST, span(window) * factor)];
      return wide([Math.round(centre - share * width), Math.round(centre + (1 - share) * width)], n_labels);
    };
    [this.down, this.across] = [about(this.down, down), about(this.across, across)];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), WAIT);
  }

  private choose([i, j]: [number, number]): void {
    const { body, a, b } = this.cells!;
    const k = i * body.shape[1] + j;
    const [row, column] = [body.labels[0][i]!, body.labels[1][j]!];
    if (a[k]! >= 0) this.events.put({ by: "pair", a: a[k]!, b: b[k]! });
    else if (span(this.down) === body.shape[0] && span(this.across) === body.shape[1])
      this.events.put(row === column ? { by: "label", label: row, state: 1 } : { by: "pair", a: row, b: column });
  }

  private key(event: KeyboardEvent): void {
    if (!this.cells) return;
    const [rows, columns] = this.cells.body.shape;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const factor = { "+": 0.6, "=": 0.6, "-": 1 / 0.6 }[event.key];
    if (!move && !factor && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (factor) return this.zoom(factor, (this.at[0] + 0.5) / rows, (this.at[1] + 0.5) / columns);
    if (!move) return this.choose(this.at);
    this.at = [
      Math.max(0, Math.min(rows - 1, this.at[0] + move[0]!)),
      Math.max(0, Math.min(columns - 1, this.at[1] + move[1]!)),
    ];
    this.events.say(this.words(this.at));
  }
}

function span([first, last]: Window): number {
  return last - first;
}

/** A window within n labels, not too narrow. */
function wide([first, last]: Window, n: number): Window {
  const width = Math.min(n, Math.max(FEWEST, last - first));
  const start = Math.max(0, Math.min(n - width, first));
  return [start, start + width];
}

/** Colours of the theme as numbers, on its paper: the browser works out what they are made of. */
function resolved(element: HTMLElement, names: string[]): number[][] {
  const probe = h("i", { hidden: true });
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
    willReadFrequently: true,
  })!;
  element.append(probe);
  const paint = (name: string) => {
    probe.style.color = `var(${name})`;
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(0, 0, 1, 1);
  };
  const found = names.map(name => {
    paint("--ls-surface");
    paint(name);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  });
  probe.remove();
  return found;
}
