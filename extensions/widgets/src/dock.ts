/** The views under the map, one at a time: tabs that remember which one is open, and work only for the one in sight. */

import { h, set } from "./dom";
import { recall, remember } from "./store";

/** Something that changed in the kernel. */
export type News = "selection" | "decisions" | "worklist" | "pairs" | "entry";

export interface View {
  readonly name: string;
  /** The name where there is little room. */
  readonly brief?: string;
  readonly element: HTMLElement;
  /** What it shows depends on these. */
  readonly needs: ReadonlySet<News>;
  /** Fetch and draw; called when it comes into sight or when it is out of date. */
  refresh(): Promise<void>;
  close?(): void;
}

const REST_MS = 120;

export class Dock {
  readonly element: HTMLElement;
  private readonly tabs = new Map<View, HTMLButtonElement>();
  private readonly body = h("div", { class: "ls-dock-body" });
  private readonly stale = new Set<View>();
  /** Shown beside the dock rather than in it: always in sight. */
  private apart: View | null = null;
  private open: View;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ready = false;

  constructor(
    private readonly views: View[],
    private readonly store: string,
  ) {
    const list = h("div", { role: "tablist", "aria-label": "Views", class: "ls-dock-tabs" });
    const wanted = recall(`${store}.view`, views[0]!.name);
    this.open = views.find(view => view.name === wanted) ?? views[0]!;
    for (const view of views) {
      const tab = h(
        "button",
        {
          type: "button",
          role: "tab",
          class: "ls-dock-tab",
          "aria-selected": "false",
          "aria-label": view.name,
          onclick: () => this.show(view),
        },
        ...(view.brief
          ? [h("span", { class: "ls-long" }, view.name), h("span", { class: "ls-short" }, view.brief)]
          : [view.name]),
      );
      tab.addEventListener("keydown", event => this.step(event, view));
      set(view.element, { role: "tabpanel", "aria-label": view.name });
      this.tabs.set(view, tab);
      list.append(tab);
      this.stale.add(view);
    }
    this.element = h("section", { class: "ls-dock", "aria-label": "Label space and evidence" }, list, this.body);
    this.mount();
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
  hear(news: News): void {
    for (const view of this.views) if (view.needs.has(news)) this.stale.add(view);
    this.later();
  }

  close(): void {
    clearTimeout(this.timer);
    for (const view of this.views) view.close?.();
  }

  private mount(): void {
    for (const [view, tab] of this.tabs) {
      const selected = view === this.open;
      set(tab, { "aria-selected": String(selected), tabindex: selected ? 0 : -1 });
      tab.classList.toggle("ls-hidden", view === this.apart);
    }
    if (this.body.firstChild !== this.open.element) this.body.replaceChildren(this.open.element);
  }

  private step(event: KeyboardEvent, view: View): void {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const shown = this.views.filter(of => of !== this.apart);
    const next = shown[(shown.indexOf(view) + way + shown.length) % shown.length]!;
    this.show(next);
    this.tabs.get(next)!.focus({ preventScroll: true });
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
