/** The long tail: all labels with their counts, in the selection and overall, and what is suggested for them. */

import type { News, View } from "./dock";
import { count, fill, h, icon, plural, s } from "./dom";
import { Rows } from "./rows";
import type { FilterAsked, Kinds, LabelRow, Wire } from "./wire";

const SORTS: [string, string][] = [
  ["count", "Most frequent"],
  ["rare", "Rarest"],
  ["suggested", "Most suggestions"],
  ["selected", "Most in selection"],
  ["name", "A to Z"],
];
const CURVE = { width: 600, height: 46 };
const HEAD_ABOVE = 100;

export interface LabelEvents {
  put(asked: FilterAsked): void;
  colour(label: number, name: string): void;
}

export class LabelsView implements View {
  readonly name = "Labels";
  readonly needs: ReadonlySet<News> = new Set<News>(["selection", "decisions", "worklist"]);
  readonly element: HTMLElement;
  private readonly rows: Rows<LabelRow>;
  private readonly curve = h("div", { class: "ls-curve" });
  private readonly field: HTMLInputElement;
  private readonly sort: HTMLSelectElement;
  private most = 1;
  private selected: number | null = null;

  constructor(
    private readonly wire: Wire,
    private readonly events: LabelEvents,
  ) {
    this.field = h("input", {
      type: "text",
      class: "ls-field ls-small",
      placeholder: "Find a label",
      "aria-label": "Find a label",
      spellcheck: "false",
      oninput: () => void this.rows.renew(true),
    });
    this.sort = h(
      "select",
      { class: "ls-select ls-small", "aria-label": "Sort labels", onchange: () => void this.rows.renew(true) },
      ...SORTS.map(([value, name]) => h("option", { value }, name)),
    );
    this.rows = new Rows(
      "Labels by count",
      27,
      (offset, limit) => this.fetch(offset, limit),
      row => this.row(row),
    );
    this.element = h(
      "div",
      { class: "ls-view ls-labels" },
      h("div", { class: "ls-view-tools" }, this.field, this.sort, this.curve),
      this.rows.element,
    );
  }

  refresh(): Promise<void> {
    return this.rows.renew();
  }

  close(): void {
    this.rows.close();
  }

  private async fetch(offset: number, limit: number): Promise<{ total: number; rows: LabelRow[] }> {
    const { body } = await this.wire.request("label_table", {
      sort: this.sort.value,
      query: this.field.value,
      offset,
      limit,
    });
    [this.most, this.selected] = [Math.max(1, body.most), body.n_selected];
    this.drawCurve(body);
    this.element.classList.toggle("ls-none-found", body.total === 0);
    return body;
  }

  /** A bar for all positives, the part in the selection filled, and what is suggested beside it. */
  private row(row: LabelRow): HTMLElement {
    const part = this.selected === null ? row.positive : row.selected;
    // square root: the tail stays visible
    const width = (value: number) => `${Math.max(value ? 0.6 : 0, 100 * Math.sqrt(value / this.most))}%`;
    const words = [
      `${row.name}: ${plural(row.positive, "item")}`,
      this.selected !== null && `${count(row.selected)} selected`,
      row.add && `${count(row.add)} to add`,
      row.remove && `${count(row.remove)} to remove`,
    ]
      .filter(Boolean)
      .join(", ");
    const unknown = row.unknown ? `, ${count(row.unknown)} unknown` : "";
    const main = h(
      "button",
      {
        type: "button",
        class: "ls-lrow",
        "aria-label": words,
        title: `${words}${unknown}. Click selects its items, Alt+click those without it.`,
        onclick: (event: MouseEvent) => this.events.put({ by: "label", label: row.label, state: event.altKey ? 0 : 1 }),
      },
      h("span", { class: "ls-lname", dir: "auto" }, row.name),
      h(
        "span",
        { class: `ls-lbar ls-${row.tier}`, "aria-hidden": "true" },
        h("i", { class: "ls-all", style: `width:${width(row.positive)}` }),
        h("i", { class: "ls-part", style: `width:${width(part)}` }),
      ),
      h(
        "span",
        { class: "ls-lcount" },
        this.selected === null ? count(row.positive) : `${count(part)} / ${count(row.positive)}`,
      ),
      h(
        "span",
        { class: "ls-lmarks" },
        row.add > 0 && h("span", { class: "ls-plus" }, `+${count(row.add)}`),
        row.remove > 0 && h("span", { class: "ls-minus" }, `−${count(row.remove)}`),
      ),
    );
    const colour = h(
      "button",
      {
        type: "button",
        class: "ls-ldrop",
        "aria-label": `Colour the map by ${row.name}`,
        title: "Colour the map by this label",
        onclick: () => this.events.colour(row.label, row.name),
      },
      icon("drop"),
    );
    return h("div", { class: "ls-lline" }, main, colour);
  }

  /** Positives by rank on a log scale: how long the tail is, at a glance. */
  private drawCurve({ curve, tiers, most }: Kinds["label_table"][1]): void {
    if (curve.length < 8) return fill(this.curve);
    const { width, height } = CURVE;
    const last = curve[curve.length - 1]![0] || 1;
    const y = (value: number) => height - 2 - ((height - 4) * Math.log1p(value)) / Math.log1p(Math.max(1, most));
    const points = curve
      .map(([rank, value]) => `${((rank / last) * width).toFixed(1)},${y(value).toFixed(1)}`)
      .join(" ");
    const split = (at: number) =>
      s("line", { x1: (at / last) * width, x2: (at / last) * width, y1: 0, y2: height, class: "ls-tick" });
    const svg = s(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      s("polygon", { points: `0,${height} ${points} ${width},${height}` }),
      s("polyline", { points }),
      tiers.head > 0 && tiers.head <= last && split(tiers.head),
      tiers.tail > 0 && split(tiers.head + tiers.medium),
    );
    const rest = `${count(tiers.medium)} between, ${count(tiers.tail)} in the tail`;
    const words = `${plural(tiers.head, "label")} above ${HEAD_ABOVE} items, ${rest}`;
    fill(
      this.curve,
      svg,
      h("span", { title: words }, `${count(tiers.head)} head · ${count(tiers.medium)} mid · ${count(tiers.tail)} tail`),
    );
  }
}
