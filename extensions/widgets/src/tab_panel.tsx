/** The views under the map, one at a time: tabs that remember which one is open, and work only for the one in sight. */

import { render } from "preact";
import { h, set, squareButton } from "./dom";
import { Tabs } from "./page/tabs";
import { recall, remember } from "./store";

/** Something that changed in the kernel. */
export type ChangeKind = "selection" | "decisions" | "worklist" | "pairs" | "voters" | "health" | "groups" | "entry";

export interface View {
  readonly name: string;
  /** The name where there is little room. */
  readonly brief?: string;
  readonly element: HTMLElement;
  /** What it shows depends on these. */
  readonly needs: ReadonlySet<ChangeKind>;
  /** Fetch and draw; called when it comes into sight or when it is out of date. */
  refresh(): Promise<void>;
  close?(): void;
  /** Give it the focus, where its keys are its own. */
  focus?(): void;
}

const REST_MS = 120;

export class TabPanel {
  readonly element: HTMLElement;
  private readonly tabs = h("div");
  private readonly body = h("div", { class: "ls-tab-panel-body" });
  private readonly large: HTMLButtonElement;
  private readonly stale: Set<View>;
  /** Shown beside the tabs rather than in it: always in sight. */
  private apart: View | null = null;
  private open: View;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ready = false;

  constructor(
    private readonly views: View[],
    private readonly store: string,
  ) {
    this.open = this.named(recall(`${store}.view`, views[0]!.name)) ?? views[0]!;
    this.stale = new Set(views);
    for (const view of views) set(view.element, { role: "tabpanel", "aria-label": view.name });
    this.large = squareButton("Open the tab large", "expand", {
      title: "Open the tab large, in the place of the map",
      onclick: () => this.enlarge(this.large.getAttribute("aria-pressed") !== "true"),
    });
    this.element = h(
      "section",
      { class: "ls-tab-panel", "aria-label": "Label space and evidence" },
      h("div", { class: "ls-tab-panel-head" }, this.tabs, this.large),
      this.body,
    );
    this.enlarge(recall(`${store}.large`, false));
    this.mount();
  }

  /** Give the tab the place of the map and more of the width, or give it back. */
  private enlarge(on: boolean): void {
    this.element.classList.toggle("ls-large", on);
    set(this.large, { "aria-pressed": String(on) });
    remember(`${this.store}.large`, on);
  }

  /** The kernel answers: views may ask it now. */
  begin(): void {
    this.ready = true;
    this.later();
  }

  show(view: View): void {
    this.open = view;
    remember(`${this.store}.view`, view.name);
    this.mount();
    this.later(0);
  }

  /** Take a view out of the tabs (the app is wide enough to show it beside), or back. */
  setApart(view: View | null): void {
    if (view === this.apart) return;
    this.apart = view;
    if (this.open === view) this.open = this.views.find(other => other !== view)!;
    this.mount();
    this.later();
  }

  /** Something changed: what depends on it is fetched anew, at once if it is in sight. */
  markStale(kind: ChangeKind): void {
    for (const view of this.views) if (view.needs.has(kind)) this.stale.add(view);
    this.later();
  }

  close(): void {
    clearTimeout(this.timer);
    for (const view of this.views) view.close?.();
    render(null, this.tabs);
  }

  private named(name: string): View | undefined {
    return this.views.find(view => view.name === name);
  }

  private mount(): void {
    const tabs = this.views.filter(view => view !== this.apart);
    render(
      <Tabs
        label="Views"
        look="ls-tab-panel-tab"
        selected={this.open.name}
        onSelect={name => this.show(this.named(name)!)}
        tabs={tabs.map(({ name, brief }) => ({
          name,
          content: brief ? [<span class="ls-long">{name}</span>, <span class="ls-short">{brief}</span>] : name,
        }))}
      />,
      this.tabs,
    );
    if (this.body.firstChild !== this.open.element) this.body.replaceChildren(this.open.element);
  }

  private later(ms = REST_MS): void {
    clearTimeout(this.timer);
    if (this.ready) this.timer = setTimeout(() => this.work(), ms);
  }

  private work(): void {
    for (const view of [this.open, this.apart]) {
      if (!view || !this.stale.delete(view)) continue;
      view
        .refresh()
        .catch((error: Error) => view.element.replaceChildren(h("p", { class: "ls-note ls-error" }, error.message)));
    }
  }
}
