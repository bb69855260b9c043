/**
 * How the parts of the app are laid out: two columns, three where there is room, one where there is none; full screen.
 */

import { h, set, squareButton } from "./dom";
import { splitter } from "./splitter";
import { recall, remember } from "./store";

const WIDE = 1480; // pixels from which evidence has a column of its own
const NARROW = 700;
const LEAST_HEIGHT = 420;

export interface Parts {
  map: HTMLElement;
  tabPanel: HTMLElement;
  work: HTMLElement;
  evidence: HTMLElement;
}

export class Layout {
  readonly element = h("div", { class: "ls-main" });
  readonly full: HTMLButtonElement;
  private readonly side = h("div", { class: "ls-side-column ls-hidden" });
  private readonly observer: ResizeObserver;
  private wide = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly parts: Parts,
    private readonly store: string,
    private readonly apart: (wide: boolean) => void,
  ) {
    const left = h("div", { class: "ls-left" });
    left.append(
      parts.map,
      splitter(left, {
        property: "--ls-map",
        name: "Height of the map",
        axis: "y",
        least: 18,
        most: 88,
        start: 56,
        store: `${store}.map`,
      }),
      parts.tabPanel,
    );
    this.element.append(
      left,
      splitter(this.element, {
        property: "--ls-split",
        name: "Width of the map",
        axis: "x",
        least: 26,
        most: 70,
        start: 48,
        store: `${store}.split`,
      }),
      parts.work,
      this.side,
    );
    this.full = squareButton("Full screen", "expand", {
      "aria-pressed": "false",
      title: "Full screen",
      onclick: () => void this.toggle(),
    });
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(root);
    root.addEventListener("fullscreenchange", () => this.changed());
    const height = recall(`${store}.height`, 0);
    if (height >= LEAST_HEIGHT) root.style.height = `${height}px`;
  }

  close(): void {
    this.observer.disconnect();
    if (document.fullscreenElement === this.root) void document.exitFullscreen();
  }

  /** Put the parts where they belong once more: one of them was elsewhere. */
  refit(): void {
    this.apart(this.wide);
    if (this.wide) this.side.append(this.parts.evidence);
  }

  private fit(): void {
    const { clientWidth, clientHeight } = this.root;
    if (!clientWidth) return;
    this.root.classList.toggle("ls-narrow", clientWidth < NARROW);
    const wide = clientWidth >= WIDE;
    if (wide !== this.wide) {
      this.wide = wide;
      this.side.classList.toggle("ls-hidden", !wide);
      this.apart(wide);
      if (wide) this.side.replaceChildren(h("h3", { class: "ls-side-title" }, "Evidence"), this.parts.evidence);
    }
    const asked = Number.parseFloat(this.root.style.height);
    if (document.fullscreenElement !== this.root && clientHeight && Math.abs(asked - clientHeight) < 4)
      remember(`${this.store}.height`, Math.round(asked));
  }

  private async toggle(): Promise<void> {
    if (document.fullscreenElement === this.root) await document.exitFullscreen();
    // a frame may forbid it: fill the page then
    else await this.root.requestFullscreen().catch(() => this.root.classList.toggle("ls-filling"));
    this.changed();
  }

  private changed(): void {
    const on = document.fullscreenElement === this.root || this.root.classList.contains("ls-filling");
    set(this.full, { "aria-pressed": String(on) });
  }
}
