/** The status bar's item: how far the Explorer in sight is. */

import { Widget } from "@lumino/widgets";

import { inWords, Watch } from "./watch";

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
    this.node.textContent = entry ? `Labelscope: ${inWords(entry)}` : "";
  }
}
