/** One entry of the worklist: the item, the proposed change in words, and its label chips. */

import { chip, Finder } from "./chips";
import { fill, h, icon } from "./dom";
import { marked } from "./marks";
import type { Chip, Entry, Judgement, Label, LabelState, Suggestion, Verdict } from "./messages";

export interface CardEvents {
  /** Whether labels are shown as they are, and nobody can change them. */
  readOnly: boolean;
  toggle(entry: Entry, chip: Chip, alt: boolean): void;
  /** Settle the conflict of an entry. */
  settle(entry: Entry, state: LabelState): void;
  text(row: number): Promise<string>;
  image(row: number): Promise<string>;
  find(row: number, query: string): Promise<Label[]>;
  /** What the worklist is searched for. */
  searched(): string;
}

const BADGES: Record<Exclude<Verdict, "pending">, string> = {
  accepted: "Accepted",
  rejected: "Rejected",
  skipped: "Skipped",
};
export const JUDGED: Record<Judgement | "judged", string> = {
  right: "Label right",
  wrong: "Label wrong",
  undecidable: "Cannot tell",
  judged: "Judged",
};
/**
 * Other colours than those of the review: there, green says that a suggestion was taken, here that the label is right.
 */
const COLOURS: Record<Judgement | "judged", string> = {
  right: "right",
  wrong: "wrong",
  undecidable: "skipped",
  judged: "skipped",
};
const STATES = { 1: "Yes", 0: "No", [-1]: "Unknown" } as const;
const DIGITS = 9;

export class Card {
  readonly element: HTMLElement;
  readonly finder: Finder;
  private readonly chips = h("div", { class: "ls-chips" });
  private readonly head = h("div", { class: "ls-card-head" });
  private readonly along = h("div", { class: "ls-along ls-hidden" });
  private readonly dispute = h("div", { class: "ls-dispute ls-hidden" });
  private current = false;

  constructor(
    public entry: Entry,
    index: number,
    total: number,
    private readonly events: CardEvents,
  ) {
    const finder = {
      find: (query: string) => events.find(this.entry.row, query),
      choose: (label: Label, alt: boolean) => this.choose(label, alt),
    };
    this.finder = new Finder(finder, "Other label…");
    this.element = h("div", {
      role: "listitem",
      class: "ls-card",
      tabindex: -1,
      "aria-setsize": total,
      "aria-posinset": index + 1,
      "data-row": entry.row,
    });
    const reason = entry.suggestion?.reason;
    fill(
      this.element,
      this.head,
      this.along,
      this.dispute,
      h("div", { class: "ls-body" }, entry.image && this.picture(), entry.text && this.text()),
      this.chips,
      reason && h("div", { class: "ls-reason" }, reason),
    );
    this.update(entry);
  }

  /** Show another state of the same entry. */
  update(entry: Entry): void {
    this.entry = entry;
    const focused = this.chips.contains(document.activeElement)
      ? document.activeElement?.getAttribute("data-label")
      : null;
    const judgement = entry.audit?.judgement;
    const verdict = judgement ? COLOURS[judgement] : (entry.suggestion?.verdict ?? "pending");
    this.element.className = `ls-card ls-${verdict} ${this.current ? "ls-current" : ""}`;
    if (entry.audit)
      return fill(
        this.head,
        ...question(entry.audit),
        h("span", { class: "ls-gap" }),
        h("span", { class: "ls-item" }, `#${entry.item}`),
      );
    fill(
      this.head,
      ...(entry.suggestion
        ? change(entry.suggestion)
        : [h("span", { class: "ls-change" }, "Item ", h("strong", {}, entry.item))]),
      h("span", { class: "ls-gap" }),
      entry.suggestion && h("span", { class: "ls-item" }, `#${entry.item}`),
    );
    this.drawAlong();
    this.drawDispute();
    const { readOnly } = this.events;
    const toggle = readOnly ? null : (clicked: Chip, alt: boolean) => this.events.toggle(this.entry, clicked, alt);
    const chips = entry.chips.map((of, i) => chip(of, i < DIGITS && !readOnly ? i + 1 : null, toggle));
    if (this.finder.element.parentNode === this.chips) {
      for (const old of [...this.chips.children]) if (old !== this.finder.element) old.remove();
      this.finder.element.before(...chips); // the field keeps its focus
    } else fill(this.chips, ...chips, !readOnly && this.finder.element);
    if (focused)
      this.chips.querySelector<HTMLElement>(`[data-label="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  /** Mark as the entry that the keys act on. */
  mark(current: boolean): void {
    this.current = current;
    this.element.classList.toggle("ls-current", current);
    this.element.setAttribute("tabindex", current ? "0" : "-1");
    if (current) this.element.setAttribute("aria-current", "true");
    else this.element.removeAttribute("aria-current");
  }

  /** What goes along with the change, by the same decision and the same undo. */
  private drawAlong(): void {
    const along = this.entry.suggestion?.companions ?? [];
    this.along.classList.toggle("ls-hidden", !along.length);
    fill(
      this.along,
      along.length > 0 && "with: ",
      ...along.flatMap(({ action, name }, i) => [i ? ", " : "", `${action} `, h("strong", { dir: "auto" }, name)]),
    );
  }

  /** Who says what, and a button for each of the states. */
  private drawDispute(): void {
    const { conflict } = this.entry;
    this.dispute.classList.toggle("ls-hidden", !conflict);
    if (!conflict) return fill(this.dispute);
    const says = (state: LabelState) =>
      conflict.opinions
        .filter(one => one.state === state)
        .map(one => one.reviewer)
        .join(", ");
    const states = ([1, 0, -1] as const).filter(state => says(state));
    fill(
      this.dispute,
      icon("warning"),
      h("span", {}, h("strong", {}, conflict.name), ": reviewers disagree"),
      ...states.map(state =>
        h(
          "button",
          {
            type: "button",
            class: "ls-button ls-small",
            disabled: this.events.readOnly || null,
            title: this.events.readOnly ? null : `Settle it: ${STATES[state]}`,
            onclick: () => this.events.settle(this.entry, state),
          },
          h("b", {}, STATES[state]),
          h("small", {}, says(state)),
        ),
      ),
    );
  }

  private choose(label: Label, alt: boolean): void {
    const known = this.entry.chips.find(of => of.label === label.label) ?? label.chip;
    if (known) this.events.toggle(this.entry, known, alt);
    this.element.focus({ preventScroll: true });
  }

  private text(): HTMLElement {
    const { entry } = this;
    const words = h("span", {}, ...marked(entry.more ? `${entry.text}… ` : entry.text, this.events.searched()));
    const block = h("p", { class: "ls-text", dir: "auto" }, words);
    if (!entry.more) return block;
    let whole = false;
    const more = h("button", { type: "button", class: "ls-link", "aria-expanded": "false" }, "Show all");
    const turn = async () => {
      const text = whole ? `${entry.text}… ` : `${await this.events.text(entry.row).catch(() => entry.text)} `;
      fill(words, ...marked(text, this.events.searched()));
      whole = !whole;
      more.textContent = whole ? "Show less" : "Show all";
      more.setAttribute("aria-expanded", String(whole));
    };
    more.addEventListener("click", () => void turn());
    block.append(more);
    return block;
  }

  private picture(): HTMLElement {
    const frame = h("span", { class: "ls-thumbnail ls-skeleton" });
    this.events.image(this.entry.row).then(
      source => {
        frame.classList.remove("ls-skeleton");
        frame.append(h("img", { src: source, alt: `Item ${this.entry.item}`, draggable: "false" }));
      },
      (error: Error) => {
        frame.classList.replace("ls-skeleton", "ls-broken");
        frame.title = error.message;
        frame.append(icon("warning"));
      },
    );
    return frame;
  }
}

/** A card that is still on its way. */
export function skeleton(): HTMLElement {
  return h(
    "div",
    { class: "ls-card ls-loading", "aria-hidden": "true" },
    h("i", { style: "width:45%" }),
    h("i", { style: "width:92%" }),
    h("i", { style: "width:70%" }),
  );
}

function change(suggestion: Suggestion): HTMLElement[] {
  const { action, name, confidence, verdict } = suggestion;
  const add = action === "add";
  const out = [
    h("span", { class: `ls-action ls-${action}`, "aria-hidden": "true" }, icon(add ? "plus" : "minus")),
    h("span", { class: "ls-change" }, add ? "Add " : "Remove ", h("strong", {}, name)),
  ];
  if (confidence !== null) out.push(meter(confidence));
  if (verdict !== "pending") out.push(h("span", { class: `ls-badge ls-${verdict}` }, BADGES[verdict]));
  return out;
}

/** What the data says of a cell, in words that do not lean to either side. */
function question({ name, given, judgement }: NonNullable<Entry["audit"]>): HTMLElement[] {
  const says = h(
    "span",
    { class: "ls-change ls-question" },
    given ? "Labelled " : "Not labelled ",
    h("strong", { dir: "auto" }, name),
    h("span", { class: "ls-soft" }, ": is that right?"),
  );
  return judgement ? [says, h("span", { class: `ls-badge ls-${COLOURS[judgement]}` }, JUDGED[judgement])] : [says];
}

function meter(value: number): HTMLElement {
  return h(
    "span",
    { class: "ls-meter", title: `Confidence ${value.toFixed(2)}` },
    h("span", { class: "ls-track", "aria-hidden": "true" }, h("i", { style: `width:${Math.round(value * 100)}%` })),
    h("span", { class: "ls-number" }, value.toFixed(2)),
  );
}
