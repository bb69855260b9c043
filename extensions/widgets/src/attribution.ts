/**
 * Which words of a text, or squares of an image, speak for a label: asked for by the person, drawn as text, never as
 * markup.
 */

import { fill, h, icon } from "./dom";
import { recall, remember } from "./store";
import type { Attributed, Influence } from "./messages";
import { bytes, type Wire } from "./wire";

const STORE = "evidence.parts";
const REST_MS = 350;
const FAINT = 0.08; // share of the largest weight below which a part is left plain

export class AttributionView {
  readonly element = h("section", { class: "ls-parts", "aria-label": "What speaks for the label" });
  private wanted = recall(STORE, false);
  private cell: { row: number; label: number } | null = null;
  private asked = "";
  private busy = false;
  private source = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly wire: Wire) {}

  /**
   * The cell that the evidence is about. It is looked at once the person rests there, if the person wants to see it at
   * all.
   */
  about(row: number, label: number): void {
    this.cell = { row, label };
    if (this.asked === `${row} ${label}`) return;
    clearTimeout(this.timer);
    if (!this.wanted) return this.offer();
    fill(this.element, this.head(), h("p", { class: "ls-soft" }, "Looking at what moves the model…"));
    this.timer = setTimeout(() => void this.fetch(), REST_MS);
  }

  close(): void {
    clearTimeout(this.timer);
    if (this.source) URL.revokeObjectURL(this.source);
  }

  private offer(): void {
    this.asked = "";
    fill(
      this.element,
      h(
        "button",
        {
          type: "button",
          class: "ls-button ls-small",
          title: "Leave out one part of the item after the other and see what the model says",
          onclick: () => this.turn(true),
        },
        icon("highlight"),
        "Show what influenced the model",
      ),
    );
  }

  private turn(on: boolean): void {
    this.wanted = on;
    remember(STORE, on);
    this.asked = "";
    const root = this.element.closest<HTMLElement>(".ls-root");
    if (this.cell) this.about(this.cell.row, this.cell.label);
    root?.focus({ preventScroll: true }); // the button that was clicked is gone: the keys go on working
  }

  /** One question at a time: who moves on quickly asks about the last entry only. */
  private async fetch(): Promise<void> {
    if (this.busy || !this.cell) return;
    const { row, label } = this.cell;
    this.busy = true;
    try {
      const { body, buffers } = await this.wire.request("attribution", { row, label });
      if (this.cell?.row === row && this.cell.label === label && this.wanted) this.draw(body, buffers);
    } catch (error) {
      fill(this.element, this.head(), h("p", { class: "ls-note" }, (error as Error).message));
    } finally {
      this.busy = false;
      if (this.wanted && this.cell && (this.cell.row !== row || this.cell.label !== label)) void this.fetch();
    }
  }

  private head(): HTMLElement {
    return h(
      "div",
      { class: "ls-parts-head" },
      h("h4", {}, "What influenced the model"),
      h("span", { class: "ls-gap" }),
      h("button", { type: "button", class: "ls-link", onclick: () => this.turn(false) }, "Hide"),
    );
  }

  private draw(of: Attributed, buffers: DataView[]): void {
    this.asked = `${of.row} ${of.label}`;
    const { found } = of;
    if (!found) return fill(this.element, this.head(), h("p", { class: "ls-soft" }, of.why));
    const told = found.faithful;
    const trust = h(
      "p",
      {
        class: `ls-trust ${["unfaithful", "flat"].includes(told.verdict) ? "ls-doubtful" : ""}`,
        title:
          "Parts are left out in this order and in random orders: the model has to lose its opinion faster in this one",
      },
      told.verdict === "faithful" ? "Faithfulness check: passed." : `Faithfulness check: ${told.words}.`,
    );
    const key = h(
      "p",
      { class: "ls-parts-key", "aria-hidden": "true" },
      h("mark", { class: "ls-speaks-for" }, "for"),
      " ",
      h("mark", { class: "ls-speaks-against" }, "against"),
      ` ${of.name}`,
    );
    fill(
      this.element,
      this.head(),
      found.of === "text" ? this.text(found.pieces) : this.picture(found, buffers),
      h("p", {}, sentence(found.finding)),
      h("div", { class: "ls-parts-foot" }, key, trust),
      ...found.notes.map(note => h("p", { class: "ls-soft" }, note)),
    );
  }

  private text(pieces: [string, number][]): HTMLElement {
    const parts = pieces.map(([words, weight]) => {
      if (Math.abs(weight) < FAINT) return words;
      return h(
        "mark",
        {
          class: weight > 0 ? "ls-speaks-for" : "ls-speaks-against",
          style: `--ls-weight:${Math.round(10 + 45 * Math.abs(weight))}%`,
          title: `${weight > 0 ? "for" : "against"}: ${Math.round(100 * Math.abs(weight))} % of the strongest`,
        },
        words,
      );
    });
    return h("p", { class: "ls-parts-text", dir: "auto", tabindex: 0 }, ...parts);
  }

  private picture(of: Influence, buffers: DataView[]): HTMLElement {
    if (this.source) URL.revokeObjectURL(this.source);
    this.source = URL.createObjectURL(new Blob([bytes(buffers[0])], { type: "image/png" }));
    const squares = of.squares
      .filter(square => Math.abs(square[4]) >= FAINT)
      .map(([left, top, right, bottom, weight]) =>
        h("i", {
          class: weight > 0 ? "ls-speaks-for" : "ls-speaks-against",
          style:
            `left:${100 * left}%;top:${100 * top}%;width:${100 * (right - left)}%;height:${100 * (bottom - top)}%;` +
            `--ls-weight:${Math.round(60 * Math.abs(weight))}%`,
        }),
      );
    return h(
      "div",
      { class: "ls-parts-picture" },
      h("img", { src: this.source, alt: sentence(of.finding) }),
      ...squares,
    );
  }
}

function sentence(words: string): string {
  return `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}.`;
}
