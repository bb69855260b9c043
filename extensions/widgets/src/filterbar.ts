/** The bar of filters: a query field that completes label names, and one chip for each filter that holds. */

import { fill, h, icon, set } from "./dom";
import { count, plural } from "./numbers";
import type { FilterChip, Label } from "./messages";

export interface FilterBarEvents {
  /** Returns whether the query was taken. */
  query(text: string): Promise<boolean>;
  find(word: string): Promise<Label[]>;
  drop(key: string): void;
  negate(key: string): void;
  clear(): void;
  /** The person is done with the field. */
  done(): void;
}

const WORD = /(?:"[^"]*|[^\s()"]*)$/; // what is being typed, up to the cursor
const MOST = 8;

export class FilterBar {
  /** The query field. */
  readonly box: HTMLElement;
  /** The chips; out of sight while there is none. */
  readonly element: HTMLElement;
  readonly field: HTMLInputElement;
  private readonly chips = h("div", { class: "ls-filters", role: "group", "aria-label": "Filters" });
  private readonly list = h("div", { role: "listbox", "aria-label": "Completions", class: "ls-options ls-hidden" });
  private labels: Label[] = [];
  private active = -1;
  private turn = 0;

  constructor(private readonly events: FilterBarEvents) {
    this.field = h("input", {
      type: "text",
      class: "ls-query",
      role: "combobox",
      "aria-label": "Filter items",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      placeholder: "Filter items",
      autocomplete: "off",
      spellcheck: "false",
      title: 'anger AND NOT annoyance · joy:? (unknown) · text:"not sure" · is:pending · split:test · joy>0.8',
      oninput: () => void this.complete(),
      onkeydown: (event: KeyboardEvent) => this.key(event),
      onblur: () => setTimeout(() => this.hide(), 120),
    });
    this.box = h("div", { class: "ls-querybox" }, icon("filter"), this.field, this.list);
    this.element = h("div", { class: "ls-filterbar ls-hidden" }, this.chips);
  }

  /** The filters that hold, and how many items they leave. */
  show(filters: FilterChip[], selected: number | null): void {
    const clear = h(
      "button",
      {
        type: "button",
        class: "ls-clear",
        "aria-label": "Clear selection",
        title: "Clear all filters (Esc)",
        onclick: () => this.events.clear(),
      },
      selected === null ? "" : `${plural(selected, "item")} selected`,
      icon("cross"),
    );
    fill(this.chips, ...filters.map(filter => this.chip(filter)), selected !== null && clear);
    this.element.classList.toggle("ls-hidden", selected === null && !filters.length);
  }

  private chip(filter: FilterChip): HTMLElement {
    const words = filter.negated ? `not ${filter.title}` : filter.title;
    const turn = h(
      "button",
      {
        type: "button",
        class: "ls-fchip-name",
        "aria-pressed": String(filter.negated),
        "aria-label": `Filter ${words}, ${plural(filter.count, "item")}`,
        title: `${words}: ${plural(filter.count, "item")}. Click to invert.`,
        onclick: () => this.events.negate(filter.key),
      },
      filter.negated && h("em", {}, "not"),
      h("span", { dir: "auto" }, filter.title),
      h("small", {}, count(filter.count)),
    );
    const away = h(
      "button",
      {
        type: "button",
        class: "ls-fchip-away",
        "aria-label": `Remove filter ${words}`,
        onclick: () => this.events.drop(filter.key),
      },
      icon("cross"),
    );
    return h("span", { class: `ls-fchip ${filter.negated ? "ls-negated" : ""}` }, turn, away);
  }

  private async complete(): Promise<void> {
    set(this.field, { "aria-invalid": null });
    const turn = ++this.turn;
    const word = this.word().replace(/^"/, "");
    if (!word || /[:<>]/.test(word)) return this.hide();
    const labels = await this.events.find(word).catch(() => []);
    if (turn !== this.turn || document.activeElement !== this.field) return;
    [this.labels, this.active] = [labels.slice(0, MOST), -1];
    this.draw();
  }

  private word(): string {
    return WORD.exec(this.field.value.slice(0, this.field.selectionStart ?? undefined))?.[0] ?? "";
  }

  private draw(): void {
    if (!this.labels.length) return this.hide();
    fill(
      this.list,
      ...this.labels.map((label, i) =>
        h(
          "div",
          {
            role: "option",
            class: `ls-option ${i === this.active ? "ls-active" : ""}`,
            "aria-selected": String(i === this.active),
            onmousedown: (event: MouseEvent) => {
              event.preventDefault();
              this.put(label);
            },
          },
          h("span", { class: "ls-chip-name" }, label.name),
          h("small", {}, count(label.count)),
        ),
      ),
    );
    this.list.classList.remove("ls-hidden");
    set(this.field, { "aria-expanded": "true" });
  }

  private hide(): void {
    this.turn++;
    this.list.classList.add("ls-hidden");
    set(this.field, { "aria-expanded": "false" });
    this.labels = [];
  }

  /** Complete the word that is being typed. */
  private put(label: Label): void {
    const at = this.field.selectionStart ?? this.field.value.length;
    const before = this.field.value.slice(0, at - this.word().length);
    const name =
      /^[^\s()"\\><:]+$/.test(label.name) && !/^(and|or|not)$/i.test(label.name)
        ? label.name
        : `"${label.name.replace(/(["\\])/g, "\\$1")}"`;
    this.field.value = `${before}${name} ${this.field.value.slice(at).trimStart()}`;
    const cursor = before.length + name.length + 1;
    this.field.setSelectionRange(cursor, cursor);
    this.hide();
  }

  private key(event: KeyboardEvent): void {
    const open = this.labels.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const n = this.labels.length;
      this.active = event.key === "ArrowDown" ? (this.active + 1) % n : (Math.max(this.active, 0) - 1 + n) % n;
      this.draw();
      event.preventDefault();
    } else if (open && event.key === "Tab" && !event.shiftKey) {
      this.put(this.labels[Math.max(0, this.active)]!);
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const chosen = this.labels[this.active];
      if (open && chosen) this.put(chosen);
      else void this.send();
    } else if (event.key === "Backspace" && !this.field.value) {
      const last = this.chips.querySelectorAll<HTMLElement>(".ls-fchip-away");
      last[last.length - 1]?.click();
    }
  }

  private async send(): Promise<void> {
    const text = this.field.value.trim();
    this.hide();
    if (!text) return;
    if (await this.events.query(text)) {
      this.field.value = "";
      this.events.done();
    } else set(this.field, { "aria-invalid": "true" });
  }
}
