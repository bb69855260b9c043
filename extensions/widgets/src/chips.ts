/** Label chips: one checkbox with three states a label. Colour is never the only sign of a state. */

import { h, icon } from "./dom";
import type { Chip, Label, LabelState } from "./messages";

const CHECKED = { 1: "true", 0: "false", [-1]: "mixed" } as const;
const WORDS = { 1: "present", 0: "absent", [-1]: "unknown, nobody checked" } as const;

/**
 * The state that a click leads to: unknown and negative become positive, positive becomes negative; Alt says unknown.
 */
export function nextState(state: LabelState, alt: boolean): LabelState {
  return alt ? -1 : state === 1 ? 0 : 1;
}

/** A chip; `digit` is the key that toggles it, if it has one, and `toggle` is null where nobody can change it. */
export function chip(
  of: Chip,
  digit: number | null,
  toggle: ((chip: Chip, alt: boolean) => void) | null,
): HTMLButtonElement {
  const percent = of.probability === undefined ? "" : ` Model: ${Math.round(of.probability * 100)} %.`;
  const hint = of.suggested ? ` Suggested: ${of.suggested}.` : "";
  const click = toggle ? " Click to toggle, Alt+click for unknown." : "";
  return h(
    "button",
    {
      type: "button",
      role: "checkbox",
      class: `ls-chip ls-state-${CHECKED[of.state]} ${of.suggested ? `ls-suggest-${of.suggested}` : ""}`,
      "aria-checked": CHECKED[of.state],
      "aria-label": of.name,
      "aria-description": hint.trim() || null,
      "data-label": of.label,
      title: `${of.name}: ${WORDS[of.state]}.${hint}${percent}${click}`,
      disabled: !toggle || null,
      onclick: (event: MouseEvent) => toggle?.(of, event.altKey),
    },
    h("span", { class: "ls-box", "aria-hidden": "true" }, of.state === 1 ? icon("check") : of.state === -1 ? "?" : ""),
    h("span", { class: "ls-chip-name" }, of.name),
    of.suggested && h("span", { class: "ls-mark", "aria-hidden": "true" }, of.suggested === "add" ? "+" : "−"),
    digit !== null && h("kbd", { "aria-hidden": "true" }, String(digit)),
  );
}

export interface FinderEvents {
  find(query: string): Promise<Label[]>;
  choose(label: Label, alt: boolean): void;
}

let finders = 0;

/** A search among all labels: a field with a list under it. */
export class Finder {
  readonly element: HTMLElement;
  readonly field: HTMLInputElement;
  private readonly list: HTMLElement;
  private labels: Label[] = [];
  private active = 0;
  private turn = 0;
  /** Settled when the list shows what was typed: Enter must not choose from an older one. */
  private ready: Promise<void> = Promise.resolve();

  constructor(
    private readonly events: FinderEvents,
    private readonly name = "Find a label",
  ) {
    const id = `ls-finder-${++finders}`;
    this.list = h("div", { id, role: "listbox", "aria-label": "Labels", class: "ls-options ls-hidden" });
    this.field = h("input", {
      type: "text",
      class: "ls-finder-field",
      placeholder: this.name,
      "aria-label": this.name,
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.look(),
      onfocus: () => this.look(),
      onkeydown: (event: KeyboardEvent) => this.key(event),
      onblur: () => setTimeout(() => !this.element.contains(document.activeElement) && this.hide(), 120),
    });
    this.element = h("span", { class: "ls-finder" }, this.field, this.list);
  }

  private look(): void {
    this.ready = this.fetch();
  }

  private async fetch(): Promise<void> {
    const turn = ++this.turn;
    const labels = await this.events.find(this.field.value).catch(() => []);
    if (turn !== this.turn || document.activeElement !== this.field) return;
    [this.labels, this.active] = [labels, 0];
    this.show();
  }

  private show(): void {
    const options = this.labels.map((label, i) =>
      h(
        "div",
        {
          role: "option",
          id: `${this.list.id}-${i}`,
          class: `ls-option ${i === this.active ? "ls-active" : ""}`,
          "aria-selected": String(i === this.active),
          onmousedown: (event: MouseEvent) => {
            event.preventDefault();
            this.choose(i, event.altKey);
          },
        },
        label.chip &&
          h(
            "span",
            { class: `ls-box ls-state-${CHECKED[label.chip.state]}`, "aria-hidden": "true" },
            label.chip.state === 1 ? icon("check") : label.chip.state === -1 ? "?" : "",
          ),
        h("span", { class: "ls-chip-name" }, label.name),
        h("small", {}, label.count.toLocaleString("en-US")),
      ),
    );
    this.list.replaceChildren(
      ...(options.length ? options : [h("div", { class: "ls-option ls-none" }, "No label has that name.")]),
    );
    this.list.classList.remove("ls-hidden");
    this.field.setAttribute("aria-expanded", "true");
    this.field.setAttribute("aria-activedescendant", options.length ? `${this.list.id}-${this.active}` : "");
    options[this.active]?.scrollIntoView?.({ block: "nearest" });
  }

  private hide(): void {
    this.turn++;
    this.list.classList.add("ls-hidden");
    this.field.setAttribute("aria-expanded", "false");
  }

  private choose(at: number, alt: boolean): void {
    const label = this.labels[at];
    if (!label) return;
    this.field.value = "";
    this.hide();
    this.events.choose(label, alt);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.active = (this.active + step + this.labels.length) % Math.max(1, this.labels.length);
      this.show();
      event.preventDefault();
    } else if (event.key === "Enter") {
      const { altKey } = event;
      void this.ready.then(() => this.choose(this.active, altKey));
      event.preventDefault();
    }
  }
}
