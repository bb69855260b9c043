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

interface PairMatrixEvents {
  put(asked: FilterAsked): void;
  say(words: string): void;
  zoomed(whole: boolean): void;
}

export function openPairMatrix(wire: Wire, events: PairMatrixEvents) {
  const canvas = h("canvas", { class: "ls-pair-canvas", role: "img", tabindex: 0 });
  const names = h("div", { class: "ls-pair-canvas-names", "aria-hidden": "true" });
  const box = h("i", { class: "ls-pair-canvas-box", hidden: true });
  const element = h("div", { class: "ls-pair-canvas-stage" }, canvas, names, box);
  let cells: Cells | null = null;
  let down: Window = [0, 0]; // what is asked for
  let across: Window = [0, 0];
  let side = 0;
  let at: [number, number] = [0, 0];
  let from: [number, number] | null = null;
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  canvas.addEventListener("pointermove", moved);
  canvas.addEventListener("pointerdown", pressed);
  canvas.addEventListener("pointerup", released);
  canvas.addEventListener("pointerleave", () => from || events.say(summary()));
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("keydown", key);

  /** The whole matrix again. */
  function whole(): void {
    const room = element.parentElement;
    if (room) fit(room.clientWidth, room.clientHeight);
    down = across = [0, 0];
    void ask();
  }

  /** Draw in this much room. */
  function fit(width: number, height: number): void {
    side = Math.max(80, Math.floor(Math.min(height - 4, width - NAME)));
    if (cells) draw();
  }

  function close(): void {
    clearTimeout(timer);
  }

  async function ask(): Promise<void> {
    const number = ++turn;
    const asked = {
      down: down[1] ? down : [],
      across: across[1] ? across : [],
      most: Math.min(MOST, Math.floor(side / LEAST_CELL)),
    };
    const { body, buffers } = await wire.request("pair_grid", asked);
    if (number !== turn || !body.ready) return;
    const [npmi, n, pairs, a, b] = buffers.map(buffer => bytes(buffer)) as [
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
      ArrayBuffer,
    ];
    cells = {
      body,
      npmi: new Float32Array(npmi),
      n: new Int32Array(n),
      pairs: new Int32Array(pairs),
      a: new Int32Array(a),
      b: new Int32Array(b),
    };
    [down, across] = [body.down, body.across];
    at = [Math.min(at[0], body.shape[0] - 1), Math.min(at[1], body.shape[1] - 1)];
    events.zoomed(span(down) < body.n_labels || span(across) < body.n_labels);
    events.say(summary());
    draw();
  }

  function summary(): string {
    if (!cells) return "";
    const { n_labels, shape } = cells.body;
    const [rows, columns] = [span(down), span(across)];
    const shown =
      rows === n_labels && columns === n_labels
        ? `${plural(n_labels, "label")} in a pair`
        : `${count(rows)} × ${count(columns)} of ${plural(n_labels, "label")}`;
    const merged = rows > shape[0] || columns > shape[1] ? "; a cell shows its strongest pair" : "";
    return `${shown}${merged}`;
  }

  function draw(): void {
    const { npmi, body } = cells!;
    const [rows, columns] = body.shape;
    const [more, less, none] = resolved(element, ["--ls-more", "--ls-less", "--ls-cell"]) as [
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
    [canvas.width, canvas.height] = [columns, rows];
    canvas.style.width = canvas.style.height = `${side}px`;
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    canvas.setAttribute("aria-label", `Co-occurrence of ${count(span(down))} by ${count(span(across))} labels`);
    const cell = side / rows;
    const named = cell >= NAMED_CELL;
    names.style.left = `${side + 6}px`;
    fill(
      names,
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

  function where(event: { offsetX: number; offsetY: number }): [number, number] {
    const [rows, columns] = cells!.body.shape;
    const clamp = (value: number, n: number) => Math.max(0, Math.min(n - 1, Math.floor((value / side) * n)));
    return [clamp(event.offsetY, rows), clamp(event.offsetX, columns)];
  }

  function words([i, j]: [number, number]): string {
    const { body, npmi, n, pairs, a, b } = cells!;
    const k = i * body.shape[1] + j;
    const [row, column] = [body.names[0][i]!, body.names[1][j]!];
    if (row === column && span(down) === body.shape[0]) return row;
    if (a[k]! < 0) return `${row} × ${column}: ${count(n[k]!)} together, as by chance`;
    const [one, other] = [body.found[a[k]!] ?? "a label", body.found[b[k]!] ?? "another"];
    const times = `${npmi[k]! < 0 ? "less" : "more"} than chance (NPMI ${npmi[k]!.toFixed(2)})`;
    const pair = `${one} and ${other} go together ${times}`;
    return pairs[k]! > 1
      ? `${pair}, the strongest of ${count(pairs[k]!)} such pairs here`
      : `${pair}, ${count(n[k]!)} together`;
  }

  function moved(event: PointerEvent): void {
    if (!cells) return;
    if (!from) return events.say(words((at = where(event))));
    const [x, y] = from;
    box.hidden = Math.hypot(event.offsetX - x, event.offsetY - y) < MOVED;
    Object.assign(box.style, {
      left: `${Math.min(x, event.offsetX)}px`,
      top: `${Math.min(y, event.offsetY)}px`,
      width: `${Math.abs(event.offsetX - x)}px`,
      height: `${Math.abs(event.offsetY - y)}px`,
    });
  }

  function pressed(event: PointerEvent): void {
    if (event.button !== 0 || !cells) return;
    canvas.setPointerCapture(event.pointerId);
    from = [event.offsetX, event.offsetY];
  }

  function released(event: PointerEvent): void {
    const start = from;
    [from, box.hidden] = [null, true];
    if (!start || !cells) return;
    if (Math.hypot(event.offsetX - start[0], event.offsetY - start[1]) < MOVED) return choose(where(event));
    const pick = (p: number, q: number, window: Window): Window => {
      const place = (value: number) => window[0] + (Math.max(0, Math.min(side, value)) / side) * span(window);
      return wide([Math.floor(place(Math.min(p, q))), Math.ceil(place(Math.max(p, q)))], cells!.body.n_labels);
    };
    down = pick(start[1], event.offsetY, down);
    across = pick(start[0], event.offsetX, across);
    void ask();
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    if (cells) zoom(event.deltaY < 0 ? 0.6 : 1 / 0.6, event.offsetY / side, event.offsetX / side);
  }

  /** Another window about a place in this one (shares of its sides). */
  function zoom(factor: number, y: number, x: number): void {
    const { n_labels } = cells!.body;
    const about = (window: Window, share: number): Window => {
      const [centre, width] = [window[0] + share * span(window), Math.max(FEWEST, span(window) * factor)];
      return wide([Math.round(centre - share * width), Math.round(centre + (1 - share) * width)], n_labels);
    };
    [down, across] = [about(down, y), about(across, x)];
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), WAIT);
  }

  function choose([i, j]: [number, number]): void {
    const { body, a, b } = cells!;
    const k = i * body.shape[1] + j;
    const [row, column] = [body.labels[0][i]!, body.labels[1][j]!];
    if (a[k]! >= 0) events.put({ by: "pair", a: a[k]!, b: b[k]! });
    else if (span(down) === body.shape[0] && span(across) === body.shape[1])
      events.put(row === column ? { by: "label", label: row, state: 1 } : { by: "pair", a: row, b: column });
  }

  function key(event: KeyboardEvent): void {
    if (!cells) return;
    const [rows, columns] = cells.body.shape;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const factor = { "+": 0.6, "=": 0.6, "-": 1 / 0.6 }[event.key];
    if (!move && !factor && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (factor) return zoom(factor, (at[0] + 0.5) / rows, (at[1] + 0.5) / columns);
    if (!move) return choose(at);
    at = [Math.max(0, Math.min(rows - 1, at[0] + move[0]!)), Math.max(0, Math.min(columns - 1, at[1] + move[1]!))];
    events.say(words(at));
  }

  return { element, whole, fit, close };
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
