/** The status bar's item: how far the Explorer in sight is, and whose the decisions are; a click changes the name. */

import { Widget } from "@lumino/widgets";

import { h } from "./dom";
import { inWords, Watch } from "./watch";

/** The button of an Explorer that asks for another name. */
const RENAME = ".ls-root button[aria-label^='Reviewer ']";

export class StatusItem extends Widget {
  constructor(
    private readonly watch: Watch,
    private readonly current: () => Widget | null,
  ) {
    super();
    this.addClass("lsx-status");
    watch.changed.connect(this.update, this);
    this.update();
  }

  /** Whether there is something to say about what is in sight. */
  get active(): boolean {
    return this.watch.find(this.current()) !== null;
  }

  protected override onUpdateRequest(): void {
    const entry = this.watch.find(this.current());
    const shown = JSON.stringify(entry && [inWords(entry), entry.reviewer]);
    if (shown === this.shown) return; // so that a button that has the focus keeps it
    this.shown = shown;
    this.node.replaceChildren();
    if (!entry) return;
    this.node.append(h("span", {}, `Labelscope: ${inWords(entry)}`));
    if (!entry.reviewer) return;
    const rename = () => this.current()?.node.querySelector<HTMLButtonElement>(RENAME)?.click();
    const title = `Decisions are signed as ${entry.reviewer}: click to change the name`;
    this.node.append(h("button", { type: "button", title, onclick: rename }, `Signed as ${entry.reviewer}`));
  }

  private shown = "";
}
