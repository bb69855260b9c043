/**
 * Co-occurrence as a triangle: each name is written once, at the end of its row and at the top of its column. Blue
 * pairs meet more often than independent labels would, orange ones less often; grey ones may be chance.
 */

import type { News, View } from "./dock";
import { fill, h, s, set } from "./dom";
import { count } from "./numbers";
import { Overview } from "./overview";
import type { FilterAsked } from "./messages";
import { bytes, type Wire } from "./wire";

const SIGNIFICANT = 0.05;
const CELL = { least: 13, most: 30 };
const NAME = 118; // pixels for the last name
const ALL = "all";

interface Matrix {
  labels: { label: number; name: string }[];
  n: Int32Array;
  lift: Float32Array;
  q: Float32Array;
}

export class PairsView implements View {
  readonly name = "Co-occurrence";
  readonly brief = "Pairs";
  readonly needs: ReadonlySet<News> = new Set<News>(["pairs"]);
  readonly element: HTMLElement;
  private readonly chart = h("div", { class: "ls-pairs" });
  private readonly readout = h("p", { class: "ls-readout", "aria-live": "polite" });
  private readonly focus: HTMLSelectElement;
  private readonly out: HTMLButtonElement;
  private readonly overview: Overview;
  private readonly observer: ResizeObserver;
  private matrix: Matrix | null = null;
  private summary = "";
  private at: [number, number] = [1, 0];

  constructor(
    private readonly wire: Wire,
    private readonly put: (asked: FilterAsked) => void,
  ) {
    this.focus = h(
      "select",
      { class: "ls-select ls-small", "aria-label": "Labels of the matrix", onchange: () => void this.refresh() },
      h("option", { value: "-1" }, "Most frequent labels"),
    );
    this.out = h(
      "button",
      { type: "button", class: "ls-button ls-small", hidden: true, onclick: () => this.overview.whole() },
      "Whole matrix",
    );
    this.overview = new Overview(wire, {
      put,
      say: words => (this.readout.textContent = words),
      zoomed: zoomed => (this.out.hidden = !zoomed),
    });
    const key = h("span", { class: "ls-pair-key", "aria-hidden": "true" }, "less", h("i"), "more than chance");
    this.element = h(
      "div",
      { class: "ls-view" },
      h("div", { class: "ls-view-tools" }, this.focus, this.out, h("span", { class: "ls-gap" }), key),
      this.chart,
      this.readout,
    );
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.chart);
  }

  async refresh(): Promise<void> {
    this.out.hidden = true;
    if (this.focus.value === ALL) {
      fill(this.chart, this.overview.element);
      return this.overview.whole();
    }
    const { body, buffers } = await this.wire.request("pair_matrix", {
      label: Number(this.focus.value),
      n: 40,
      order: "count",
    });
    if (!body.ready) return fill(this.chart, h("p", { class: "ls-note" }, "Counting which labels occur together…"));
    this.summary = body.summary;
    const [n, lift, q] = buffers.map(buffer => bytes(buffer)) as [ArrayBuffer, ArrayBuffer, ArrayBuffer];
    this.matrix = { labels: body.labels, n: new Int32Array(n), lift: new Float32Array(lift), q: new Float32Array(q) };
    if (this.focus.options.length === 1 && body.whole && body.n_labels > body.labels.length)
      this.focus.append(h("option", { value: ALL }, `All ${count(body.n_labels)} labels`));
    if (!this.focus.querySelector("optgroup"))
      this.focus.append(
        h(
          "optgroup",
          { label: "What goes with" },
          ...body.labels.map(({ label, name }) => h("option", { value: label }, name)),
        ),
      );
    this.say(null);
    this.draw();
  }

  close(): void {
    this.observer.disconnect();
    this.overview.close();
  }

  private draw(): void {
    const { matrix } = this;
    const { clientWidth, clientHeight } = this.chart;
    if (!matrix || !clientWidth || !clientHeight) return;
    if (this.focus.value === ALL) return this.overview.fit(clientWidth, clientHeight);
    const room = Math.max(60, Math.min(clientHeight - 4, clientWidth - NAME));
    const n = Math.max(2, Math.min(matrix.labels.length, Math.floor(room / CELL.least)));
    const size = Math.min(CELL.most, room / n);
    this.at = [Math.min(this.at[0], n - 1), Math.min(this.at[1], n - 1)];
    const cells: SVGElement[] = [];
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) cells.push(this.cell(i, j, size));
    const font = Math.min(12, Math.max(9.5, size * 0.78));
    const names = matrix.labels.slice(0, n).map(({ name }, i) =>
      s(
        "text",
        {
          x: (i + 1) * size + 5,
          y: (i + 0.5) * size,
          "font-size": font,
          "dominant-baseline": "central",
          "data-name": i,
        },
        name,
      ),
    );
    const svg = s(
      "svg",
      {
        width: n * size + NAME,
        height: n * size + 2,
        role: "group",
        "aria-label": `Co-occurrence of ${n} labels`,
        onkeydown: (event: KeyboardEvent) => this.key(event, n),
      },
      ...cells,
      ...names,
    );
    svg.addEventListener("pointerleave", () => this.say(null));
    fill(this.chart, svg);
  }

  private cell(i: number, j: number, size: number): SVGElement {
    const rect = s("rect", {
      x: j * size + 0.5,
      y: i * size + 0.5,
      width: size - 1,
      height: size - 1,
      rx: Math.min(3, size / 5),
      role: "button",
      tabindex: this.at[0] === i && this.at[1] === j ? 0 : -1,
      class: i === j ? "ls-diagonal" : "",
      "aria-label": this.words(i, j),
      "data-cell": `${i}.${j}`,
      onpointerenter: () => this.say([i, j]),
      onfocus: () => this.say([i, j]),
      onclick: () => this.choose(i, j),
    });
    if (i !== j) rect.style.fill = this.colour(i, j);
    return rect;
  }

  private colour(i: number, j: number): string {
    const { lift, q, labels } = this.matrix!;
    const at = i * labels.length + j;
    const log = Math.log2(Math.max(lift[at]!, 1 / 64));
    if (!Number.isFinite(lift[at]!) || !(q[at]! <= SIGNIFICANT)) return "var(--ls-cell)";
    const strength = Math.round(18 + 82 * Math.min(1, Math.abs(log) / 4));
    return `color-mix(in srgb, var(${log > 0 ? "--ls-more" : "--ls-less"}) ${strength}%, var(--ls-cell))`;
  }

  private words(i: number, j: number): string {
    const { labels, n, lift, q } = this.matrix!;
    const at = i * labels.length + j;
    if (i === j) return `${labels[i]!.name}: ${count(n[at]!)} items`;
    const factor = lift[at]! >= 10 ? Math.round(lift[at]!) : lift[at]!.toFixed(lift[at]! < 1 ? 2 : 1);
    const times = Number.isFinite(lift[at]!) ? `, ${factor}× what chance would give` : "";
    const doubt = q[at]! <= SIGNIFICANT ? "" : " (may be chance)";
    return `${labels[i]!.name} and ${labels[j]!.name}: ${count(n[at]!)} together${times}${doubt}`;
  }

  private say(cell: [number, number] | null): void {
    this.readout.textContent = cell ? this.words(...cell) : this.summary.replace(/^[^:]*: /, "");
    for (const name of this.chart.querySelectorAll("text")) {
      const at = Number(name.getAttribute("data-name"));
      name.classList.toggle("ls-named", cell !== null && cell.includes(at));
    }
  }

  private choose(i: number, j: number): void {
    const { labels } = this.matrix!;
    const [a, b] = [labels[i]!.label, labels[j]!.label];
    this.put(i === j ? { by: "label", label: a, state: 1 } : { by: "pair", a, b });
  }

  private key(event: KeyboardEvent, n: number): void {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (!move) return this.choose(...this.at);
    const i = Math.max(0, Math.min(n - 1, this.at[0] + move[0]!));
    const j = Math.max(0, Math.min(i, this.at[1] + move[1]!));
    const find = ([row, column]: [number, number]) =>
      this.chart.querySelector<SVGElement>(`[data-cell="${row}.${column}"]`);
    set(find(this.at)!, { tabindex: -1 });
    this.at = [i, j];
    const next = find(this.at)!;
    set(next, { tabindex: 0 });
    next.focus();
  }
}
