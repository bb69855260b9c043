/** The control "colour by": the commonest labels, suspicion, review, a column, or the state of one label. */

import { Finder } from "./chips";
import { h } from "./dom";
import type { Colour, ColoursAsked, Label, Way } from "./messages";

export class ColourControl {
  readonly element: HTMLElement;
  value: ColoursAsked = { by: "labels", label: 0, column: "" };
  private readonly select: HTMLSelectElement;
  private readonly group = h("optgroup", { label: "State of one label" });
  private readonly columns = h("optgroup", { label: "Columns" });
  private readonly finder: Finder;

  constructor(
    find: (query: string) => Promise<Label[]>,
    private readonly changed: (value: ColoursAsked) => void,
  ) {
    this.select = h(
      "select",
      { class: "ls-select", "aria-label": "Colour by", onchange: () => this.chosen() },
      h("option", { value: "labels" }, "Common labels"),
    );
    this.finder = new Finder({ find, choose: label => this.pick(label) }, "Find a label…");
    this.finder.element.classList.add("ls-hidden");
    this.element = h(
      "label",
      { class: "ls-colouring" },
      h("span", { class: "ls-soft" }, "Colour"),
      this.select,
      this.finder.element,
    );
  }

  /** Offer these ways and labels, and a search for the rest. */
  offer(ways: Way[], labels: Label[], nLabels: number): void {
    const option = ({ by, column, name }: Way) =>
      h("option", { value: by === "column" ? `column:${column}` : by }, name);
    this.columns.replaceChildren(...ways.filter(way => way.by === "column").map(option));
    this.group.replaceChildren(...labels.map(label => h("option", { value: `label:${label.label}` }, label.name)));
    if (labels.length < nLabels) this.group.append(h("option", { value: "find" }, "Find a label…"));
    this.select.replaceChildren(
      ...ways.filter(way => way.by !== "column").map(option),
      ...(this.columns.children.length ? [this.columns] : []),
      this.group,
    );
  }

  /** Colour by the state of a label. */
  byLabel(label: number, name: string): void {
    this.pick({ label, name, count: 0 });
  }

  private chosen(): void {
    const { value } = this.select;
    const finding = value === "find";
    this.finder.element.classList.toggle("ls-hidden", !finding);
    if (finding) return this.finder.field.focus();
    const cut = value.indexOf(":");
    const [by, rest] = cut < 0 ? [value, ""] : [value.slice(0, cut), value.slice(cut + 1)];
    this.value = { by: by as Colour, label: by === "label" ? Number(rest) : 0, column: by === "column" ? rest : "" };
    this.changed(this.value);
  }

  private pick(label: Label): void {
    const value = `label:${label.label}`;
    if (![...this.select.options].some(option => option.value === value))
      this.group.prepend(h("option", { value }, label.name));
    this.select.value = value;
    this.chosen();
  }
}
