/** The map of items: a canvas with pan, zoom, hover and lasso, and its legend. */

import { fill, h, icon, set } from "./dom";
import { plural } from "./numbers";
import { Gestures, type Pixel } from "./gestures";
import { Grid } from "./grid";
import { drawLegend } from "./legend";
import { type MapNames, openMapNames } from "./map_names";
import { places, type Place } from "./map_places";
import { MapPoints } from "./map_points";
import { mapToolbar } from "./map_toolbar";
import { colourOf, faded, QUIET, themeOf, type Theme } from "./palette";
import { paint } from "./raster";
import { Tooltip } from "./tooltip";
import { Normal, Viewport } from "./viewport";
import type { LegendEntry, Mode, RegionsShown } from "./messages";
import { bytes } from "./wire";

interface MapEvents {
  lasso(polygon: Float32Array, mode: Mode): void;
  brush(stroke: Float32Array, radius: number, mode: Mode): void;
  pick(row: number): void;
  query(text: string): void;
  hover(row: number): Promise<Node[]>;
  /** Somebody looks at a part (left, bottom, right, top) of a map of which only a sample is here. */
  look(bounds: number[]): void;
  /** A name on the map was chosen. */
  choose(place: Place): void;
  image(row: number): Promise<string>;
}

const REACH = 9; // pixels from the pointer to a point
const MORPH_MS = 700;
const MORPH_LIMIT = 150_000; // points; more are not moved but redrawn
const CONTINUED_SCROLL_MS = 250;
const LOOK_MS = 300;

export class MapView {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", { role: "img", "aria-label": "Map of the items", class: "ls-canvas" });
  private readonly overlay = h("canvas", { class: "ls-overlay", "aria-hidden": "true" });
  private readonly stage: HTMLElement;
  private readonly legend = h("div", { class: "ls-legend" });
  private readonly message = h("div", { class: "ls-map-message" });
  private readonly tooltip: Tooltip;
  private readonly gestures: Gestures;
  private readonly narrow: HTMLButtonElement;
  /** What is written on it. */
  readonly names: MapNames;
  private readonly view = new Viewport();
  private readonly observer: ResizeObserver;
  private normal: Normal | null = null;
  private xy: Float32Array | null = null;
  private target: Float32Array | null = null;
  /** What is where, sorted when the pointer first asks. */
  private grid: Grid | null = null;
  private readonly points = new MapPoints();
  private looking: ReturnType<typeof setTimeout> | undefined;
  private entries: LegendEntry[] = [];
  private theme: Theme = { dark: false, background: "#ffffff", ink: "#1c2024", accent: "#2f6fde" };
  private current = -1;
  private hovered = -1;
  private frame = 0;
  private frames = 0;
  private coloured = 0;
  private settle: ReturnType<typeof setTimeout> | undefined;
  private scrolledElsewhere = -Infinity;
  private readonly elsewhere = (event: Event) => {
    if (!this.stage.contains(event.target as Node)) this.scrolledElsewhere = performance.now();
  };

  constructor(
    private readonly events: MapEvents,
    controls: Node,
    store: string,
  ) {
    this.names = openMapNames({
      store,
      choose: place => events.choose(place),
      image: row => events.image(row),
      changed: () => this.draw(),
    });
    const toolbar = mapToolbar(controls, {
      reset: () => this.reset(),
      zoom: factor => this.zoom(factor),
      zoomToSelection: () => this.zoomToSelection(),
      names: this.names.button,
    });
    this.narrow = toolbar.narrow;
    this.stage = h(
      "div",
      { class: "ls-stage" },
      this.canvas,
      this.overlay,
      this.names.element,
      this.message,
      this.legend,
    );
    this.tooltip = new Tooltip(this.stage);
    this.element = h("section", { class: "ls-map", "aria-label": "Map" }, toolbar.element, this.stage);
    this.gestures = new Gestures(this.canvas, this.stage, toolbar.tools, {
      pan: (dx, dy) => {
        this.view.pan(dx, dy);
        this.draw(true);
      },
      click: at => this.click(at),
      enclose: (polygon, mode) => this.enclose(polygon, mode),
      stroke: (path, radius, mode) => this.stroke(path, radius, mode),
      drawn: () => this.drawOverlay(),
      leave: () => this.leave(),
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.stage);
    this.listen();
  }

  get armed(): boolean {
    return this.gestures.armed !== null;
  }

  /** Put the tool down. */
  disarm(): void {
    this.gestures.arm(null);
  }

  /** Say something where the map will be; an empty text takes it away. */
  say(text: string, kind: "loading" | "error" | "" = ""): void {
    fill(
      this.message,
      kind === "loading" && h("span", { class: "ls-spinner" }),
      kind === "error" && icon("warning"),
      text && h("span", {}, text),
    );
    this.message.className = `ls-map-message ${text ? "" : "ls-hidden"} ${kind === "error" ? "ls-error" : ""}`;
  }

  /**
   * Show items at these coordinates (float32 x, y), moving there from where they were. `rows`: which items, if not all.
   */
  place(view: DataView, rows: DataView | null, total: number): void {
    this.names.take([], []); // those there were are of another map
    this.points.stand(rows && new Uint32Array(bytes(rows)));
    this.light();
    const raw = new Float32Array(bytes(view));
    this.normal = new Normal(raw);
    const target = this.normal.all(raw);
    this.grid = null;
    set(this.canvas, { "aria-label": `Map of ${plural(total, "item")}` });
    const from = this.xy;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!from || from.length !== target.length || still || target.length / 2 > MORPH_LIMIT) {
      this.view.extent = this.normal.extent;
      [this.xy, this.target] = [target, null];
      this.draw();
    } else this.morph(from.slice(), target, [...this.view.extent], this.normal.extent);
    this.say("");
  }

  /** Show the items of a part of the map in place of those of the overview. */
  detail(view: DataView, rows: DataView): void {
    if (!this.normal) return;
    this.points.stand(new Uint32Array(bytes(rows)));
    this.light();
    this.xy = this.normal.all(new Float32Array(bytes(view)));
    this.grid = null;
    this.draw();
  }

  /** Write names on the map, and draw these lines of equal density (float32 x, y). */
  write(shown: RegionsShown, points: DataView | undefined): void {
    const { normal } = this;
    if (!normal) return;
    const inBox = (xy: Float32Array) => normal.all(xy);
    const named = places(shown).map(place => {
      const [x, y] = inBox(new Float32Array([place.x, place.y]));
      return { ...place, x: x!, y: y! };
    });
    const all = inBox(points ? new Float32Array(bytes(points)) : new Float32Array(0));
    let start = 0;
    const lines = shown.lines.map(n => all.subarray(2 * start, 2 * (start += n)));
    this.names.take(named, lines);
    this.draw();
  }

  /** Colour the items by codes. */
  colour(codes: Uint8Array, legend: LegendEntry[]): void {
    this.points.colour(codes);
    this.entries = legend;
    this.coloured++;
    this.drawLegend();
    this.draw();
  }

  /** Show a selection (one byte an item), or none. */
  select(mask: Uint8Array | null): void {
    this.points.select(mask);
    this.light();
    this.draw();
  }

  /** Show what was searched for (one byte an item): the rest is grey, and few are ringed; null for no search. */
  find(mask: Uint8Array | null): void {
    this.points.find(mask);
    this.light();
    this.draw();
  }

  /** Other points are lit. */
  private light(): void {
    this.narrow.disabled = !this.points.narrowed;
    set(this.canvas, { "data-lit": this.points.lit }); // for tests: points that are not grey
  }

  /** Of a sample, ask for the items in sight once the view rests. */
  private lookCloser(): void {
    clearTimeout(this.looking);
    if (!this.points.sampled || !this.normal) return;
    this.looking = setTimeout(() => {
      const [left, bottom] = this.normal!.back(...this.view.at(0, this.view.height));
      const [right, top] = this.normal!.back(...this.view.at(this.view.width, 0));
      this.events.look(this.view.zoom > 1.02 ? [left, bottom, right, top] : []);
    }, LOOK_MS);
  }

  /** Bring the selected items into sight, as large as they fit. */
  zoomToSelection(): void {
    const { xy } = this;
    const { mask } = this.points;
    if (!xy || !mask) return;
    const [low, high] = [
      [Infinity, Infinity],
      [-Infinity, -Infinity],
    ];
    for (let i = 0; i < xy.length; i++) {
      const value = xy[i]!;
      if (!mask[i >> 1] || Number.isNaN(value)) continue;
      if (value < low[i & 1]!) low[i & 1] = value;
      if (value > high[i & 1]!) high[i & 1] = value;
    }
    if (low[0]! <= high[0]!) this.view.fit([low[0]!, low[1]!], [high[0]!, high[1]!]);
    this.lookCloser();
    this.draw();
  }

  /** Ring the item that the worklist is at; -1 for none. */
  point(row: number): void {
    this.current = row;
    this.drawOverlay();
  }

  /** The theme changed: fetch its colours. Returns whether it is dark. */
  restyle(): boolean {
    this.theme = themeOf(this.stage);
    this.drawLegend();
    this.draw();
    return this.theme.dark;
  }

  reset(): void {
    this.view.reset();
    this.lookCloser();
    this.draw();
  }

  close(): void {
    this.observer.disconnect();
    window.removeEventListener("wheel", this.elsewhere, true);
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settle);
    clearTimeout(this.looking);
    this.tooltip.close();
    this.names.close();
  }

  private zoom(factor: number): void {
    this.view.zoomAt(this.view.width / 2, this.view.height / 2, factor);
    this.lookCloser();
    this.draw();
  }

  private morph(from: Float32Array, target: Float32Array, before: number[], after: [number, number]): void {
    this.target = target;
    const xy = (this.xy = from.slice());
    const start = performance.now();
    const step = () => {
      if (this.target !== target) return;
      const t = Math.min(1, (performance.now() - start) / MORPH_MS);
      const eased = t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2;
      for (let i = 0; i < xy.length; i++) xy[i] = from[i]! + (target[i]! - from[i]!) * eased;
      this.view.extent = [before[0]! + (after[0] - before[0]!) * eased, before[1]! + (after[1] - before[1]!) * eased];
      if (t >= 1) [this.xy, this.target] = [target, null];
      this.render(t < 1);
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.stage;
    if (!clientWidth || !clientHeight) return;
    const ratio = window.devicePixelRatio || 1;
    [this.view.width, this.view.height] = [clientWidth, clientHeight];
    for (const canvas of [this.canvas, this.overlay]) {
      canvas.width = Math.round(clientWidth * ratio);
      canvas.height = Math.round(clientHeight * ratio);
    }
    this.view.inset = this.legend.offsetHeight ? this.legend.offsetHeight + 14 : 0;
    this.render(false); // a resized canvas is blank: no frame without the points
  }

  /** Draw in the next frame; while the view moves, quickly, and once more carefully when it rests. */
  private draw(moving = false): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settle);
    this.frame = requestAnimationFrame(() => this.render(moving));
    if (moving)
      this.settle = setTimeout(() => {
        this.render(false);
        this.lookCloser();
      }, 120);
  }

  private render(quick: boolean): void {
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context || !this.canvas.width) return;
    const n = this.xy ? this.xy.length / 2 : 0;
    const ratio = this.canvas.width / this.view.width;
    const [left, top] = this.view.origin;
    const frame = {
      width: this.canvas.width,
      height: this.canvas.height,
      scale: this.view.scale * ratio,
      left: left * ratio,
      top: top * ratio,
      radius: this.radius(n) * ratio,
      opacity: n > 10_000 ? 0.62 : 0.85,
    };
    const { codes, mask } = this.points;
    const known = codes.length === n && n > 0;
    const scene = {
      xy: this.xy ?? new Float32Array(0),
      codes: known ? codes : new Uint8Array(n),
      colours: known ? this.entries.map(entry => colourOf(entry.role, this.theme)) : [colourOf("other", this.theme)],
      quiet: known ? this.entries.map(entry => QUIET.has(entry.role)) : [true],
      mask: mask?.length === n ? mask : null,
      faded: faded(this.theme),
      background: this.theme.background,
    };
    const start = performance.now();
    paint(context, scene, frame, quick);
    if (!this.target) this.names.drawLines(context, this.view, ratio, this.theme.ink);
    set(this.canvas, {
      "data-drawn": n,
      "data-frames": ++this.frames,
      "data-colours": this.coloured,
      "data-ms": (performance.now() - start).toFixed(1),
    }); // for tests: what is on the canvas
    this.drawOverlay();
    this.names.write(this.view, !this.target);
  }

  private radius(n: number): number {
    const room = Math.sqrt((this.view.width * this.view.height) / Math.max(1, n));
    return Math.max(
      0.8,
      Math.min(6.5, Math.max(n > 200_000 ? 0.8 : 1.2, Math.min(4, 0.26 * room)) * this.view.zoom ** 0.3),
    );
  }

  private drawOverlay(): void {
    const context = this.overlay.getContext("2d");
    if (!context) return;
    const ratio = this.overlay.width / this.view.width;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.view.width, this.view.height);
    const radius = this.radius(this.points.codes.length);
    for (const point of this.points.ringed) this.ring(context, point, radius + 3, 1.5, this.theme.accent);
    this.ring(context, this.hovered, radius + 2.5, 1.5, this.theme.ink);
    this.ring(context, this.points.of(this.current), radius + 4.5, 2.5, this.theme.accent);
    this.gestures.draw(context, this.theme);
  }

  private ring(context: CanvasRenderingContext2D, row: number, radius: number, width: number, colour: string): void {
    if (row < 0 || !this.xy || 2 * row + 1 >= this.xy.length) return;
    const [x, y] = this.view.pixel(this.xy[2 * row]!, this.xy[2 * row + 1]!);
    for (const [style, line] of [
      [this.theme.background, width + 2.5],
      [colour, width],
    ] as const) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.strokeStyle = style;
      context.lineWidth = line;
      context.stroke();
    }
  }

  private drawLegend(): void {
    drawLegend(this.legend, this.entries, this.theme, query => this.events.query(query));
    this.view.inset = this.legend.offsetHeight ? this.legend.offsetHeight + 14 : 0;
  }

  private listen(): void {
    const { canvas } = this;
    window.addEventListener("wheel", this.elsewhere, { capture: true, passive: true });
    const wheel = (event: WheelEvent) => this.wheel(event);
    canvas.addEventListener("wheel", wheel, { passive: false });
    this.names.element.addEventListener("wheel", wheel, { passive: false });
    canvas.addEventListener("dblclick", () => this.reset());
    canvas.addEventListener("pointermove", event => this.hoverAt(event));
    canvas.addEventListener("pointerleave", () => this.leave());
  }

  private wheel(event: WheelEvent): void {
    if (performance.now() - this.scrolledElsewhere < CONTINUED_SCROLL_MS) {
      this.scrolledElsewhere = performance.now(); // the page is being scrolled and the map came under the pointer
      return;
    }
    event.preventDefault();
    this.view.zoomAt(...this.gestures.position(event), Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)));
    this.draw(true);
  }

  private click(at: [number, number]): void {
    const row = this.near(at);
    if (row >= 0) this.events.pick(this.points.item(row));
  }

  private enclose(path: Pixel[], mode: Mode): void {
    if (this.normal) this.events.lasso(this.inData(path), mode);
  }

  private stroke(path: Pixel[], radius: number, mode: Mode): void {
    if (this.normal) this.events.brush(this.inData(path), (radius / this.view.scale) * this.normal.half, mode);
  }

  /** Pixels in units of the data. */
  private inData(path: Pixel[]): Float32Array {
    const out = new Float32Array(path.length * 2);
    path.forEach(([px, py], i) => out.set(this.normal!.back(...this.view.at(px, py)), 2 * i));
    return out;
  }

  private hoverAt(event: PointerEvent): void {
    if (event.buttons) return;
    const at = this.gestures.position(event);
    const row = this.near(at);
    if (row === this.hovered) return;
    this.hovered = row;
    this.stage.classList.toggle("ls-over", row >= 0 && !this.armed);
    this.drawOverlay();
    if (row >= 0 && this.xy)
      this.tooltip.show(this.view.pixel(this.xy[2 * row]!, this.xy[2 * row + 1]!), () =>
        this.events.hover(this.points.item(row)),
      );
    else this.tooltip.hide();
  }

  private leave(): void {
    this.hovered = -1;
    this.stage.classList.remove("ls-over");
    this.tooltip.hide();
    this.drawOverlay();
  }

  private near(at: [number, number]): number {
    if (!this.xy || this.target) return -1;
    this.grid ??= new Grid(this.xy);
    const [x, y] = this.view.at(...at);
    const reach = REACH / this.view.scale;
    const { mask } = this.points;
    const selected = this.grid.nearest(x, y, reach, mask);
    return selected < 0 && mask ? this.grid.nearest(x, y, reach / 2, null) : selected;
  }
}
