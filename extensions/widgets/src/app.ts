/** The app: what the parts of it tell one another. */

import { Dock, type View } from "./dock";
import { h } from "./dom";
import { Hover } from "./hover";
import { changes, guard, isOfAudit, isOfReview, keyName, meaning, theirs, typing, type Action } from "./keys";
import { Layout } from "./layout";
import { MapView } from "./map";
import { showExport, showReviewer } from "./page/field_dialog";
import { openColourControl, type ColourControl } from "./page/colour_control";
import { openFilterBar, type FilterBar } from "./page/filter_bar";
import { openHeader, type Header, type HeaderEvents } from "./page/header";
import { showHelp } from "./page/help";
import { Overlay } from "./page/overlay";
import { evidencePanel, type EvidenceView } from "./panels/evidence";
import { labelsPanel } from "./panels/labels";
import { pairsPanel } from "./panels/pairs";
import { progressPanel } from "./panels/progress";
import { relationsPanel } from "./panels/relations";
import { onPreferences, Sure } from "./preferences";
import { Selection } from "./selection";
import { openPictures, type Pictures } from "./state/pictures";
import { Status } from "./status";
import { still } from "./still";
import { recall, remember } from "./store";
import type { Entry, FilterAsked, Kinds, Selected, State } from "./messages";
import { bytes, unpack, Wire, type Model } from "./wire";
import { showBulkReview, type BulkAsked } from "./worklist/bulk_review";
import { openWorklist, type Worklist } from "./worklist/worklist";

const LOST_MS = 6000;
const N_SIMILAR = 50;
const REVIEWER = "reviewer";
const ASKED = "reviewer.asked";
/**
 * Events between the app and the front end around it, where that hears them: see names.ts of the JupyterLab extension.
 */
const STILL = "labelscope:still";
const GONE = "labelscope:gone";
const AGAIN = "labelscope:again";
const TWICE: Partial<Record<Action, string>> = { right: "say that it is right", wrong: "say that it is wrong" };

export class App {
  private readonly wire: Wire;
  private readonly root: HTMLElement;
  private readonly header: Header;
  private readonly map: MapView;
  private readonly work: Worklist;
  private readonly selection: Selection;
  private readonly filters: FilterBar;
  private readonly dock: Dock;
  private readonly layout: Layout;
  private readonly evidence: EvidenceView;
  private readonly progress: View;
  private readonly status = new Status();
  private readonly overlay: Overlay;
  private readonly colour: ColourControl;
  private readonly hover: Hover;
  private readonly pictures: Pictures;
  private readonly closing: (() => void)[] = [];
  private known = { map: 0, worklist: 0, decisions: 0, pairs: 0 };
  private state: State | null = null;
  private facts: Kinds["open"][1] | null = null;
  private recolouring: ReturnType<typeof setTimeout> | undefined;
  private row = -1;
  private readonly sure = new Sure();
  private slow = false;
  /** Whether the kernel is gone: nothing can be decided then. */
  private dead = false;
  /** What the saved picture shows, or will soon. */
  private pictured = "";
  private fetched = "";
  /** Whether the last thing that somebody did was to write into a field. */
  private writing = false;
  private ready = false;
  private sought = "";
  /** Why nothing can be changed here; "" where it can. */
  private readonly readOnly: string;

  constructor(
    private readonly model: Model,
    host: HTMLElement,
  ) {
    const title = (model.get("_title") as string) || "Data set";
    this.readOnly = (model.get("_read_only") as string | undefined) ?? "";
    const say = this.status.say.bind(this.status);
    const back = () => this.back();
    const put = (asked: FilterAsked) => void this.selection.put(asked).then(back);
    const find = async (query: string) => (await this.wire.request("labels", { query, row: -1 })).body.labels;
    this.wire = new Wire(model);
    this.pictures = openPictures(this.wire);
    this.selection = new Selection(this.wire, { say, changed: (body, mask) => this.selected(body, mask) });
    this.filters = openFilterBar({
      query: text => this.selection.put({ by: "query", text }),
      find,
      drop: key => void this.selection.drop(key).then(back),
      negate: key => void this.selection.negate(key).then(back),
      clear: () => void this.selection.clear().then(back),
      done: () => this.back(true),
    });
    this.colour = openColourControl(find, () => void this.recolour());
    this.work = openWorklist(
      this.wire,
      {
        say,
        searched: words => void this.find(words),
        at: (entry, blind) => this.arrived(entry, blind),
        estimate: () => this.dock.show(this.progress),
        decided: () => this.decided(),
        batch: (listing, current) => this.batch(listing, current),
      },
      { readOnly: this.readOnly !== "", image: this.pictures.image },
    );
    this.hover = new Hover(this.wire, this.pictures.image);
    this.map = new MapView(
      {
        lasso: (polygon, mode) => void this.selection.lasso(polygon, mode).then(back),
        brush: (stroke, radius, mode) => void this.selection.brush(stroke, radius, mode).then(back),
        pick: row => put({ by: "item", row }),
        query: text => put({ by: "query", text }),
        hover: row => this.hover.describe(row),
        look: bounds => void this.look(bounds),
      },
      this.colour.element,
    );
    this.evidence = evidencePanel(this.wire, {
      images: () => Boolean(this.facts?.image),
      put,
      image: this.pictures.image,
    });
    this.progress = progressPanel(this.wire, { say, judge: () => this.judge() });
    this.dock = new Dock(
      [
        this.evidence,
        labelsPanel(this.wire, { put, colour: (label, name) => this.colour.byLabel(label, name) }),
        pairsPanel(this.wire, put),
        relationsPanel(this.wire, put, text => this.status.say(text, "error")),
        this.progress,
      ],
      `layout.${title}`,
    );
    this.root = h("div", {
      role: "application",
      "aria-label": "Labelscope explorer",
      class: "ls-root",
      tabindex: 0,
      style: `height:${Number(model.get("_height")) || 720}px`,
      onkeydown: (event: KeyboardEvent) => this.key(event),
      onfocusin: (event: FocusEvent) => (this.writing ||= typing(event.target)),
      onpointerdown: () => (this.writing = false),
      onclick: (event: MouseEvent) => this.clicked(event),
      onchange: (event: Event) => {
        if (event.target instanceof HTMLSelectElement && !this.overlay.open) this.back(true);
      },
    });
    this.layout = new Layout(
      this.root,
      { map: this.map.element, dock: this.dock.element, work: this.work.element, evidence: this.evidence.element },
      `layout.${title}`,
      wide => this.dock.setApart(wide ? this.evidence : null),
    );
    const asked: HeaderEvents = {
      exporting: () => this.exporting(),
      help: () => this.help(),
      cancel: () => this.tell("cancel"),
      run: () => this.tell("run"),
      reviewer: () => this.askReviewer(),
      rename: name => this.rename(name),
      answered: () => this.back(true),
    };
    this.header = openHeader(title, asked, this.filters, this.layout.full);
    this.root.append(this.header.element, this.layout.element, this.status.element);
    this.overlay = new Overlay(this.root, () => this.back(true));
    host.append(this.root);
    this.closing.push(
      guard(this.root),
      this.watchTheme(),
      onPreferences(() => this.prefer()),
    );
    this.root.addEventListener(GONE, () => this.gone());
    this.wire.onstate = state => this.take(state);
    this.wire.onwait = ms => this.waited(ms);
    void this.start();
  }

  close(): void {
    for (const close of this.closing) close();
    clearTimeout(this.recolouring);
    if (this.facts) this.wire.request("leave", { view: this.wire.prefix }).catch(() => {});
    this.wire.close();
    this.map.close();
    this.work.close();
    this.pictures.close();
    this.dock.close();
    this.layout.close();
    this.header.close();
    this.root.remove();
  }

  private async start(): Promise<void> {
    this.map.say("Laying out the items", "loading");
    this.work.expect("Looking for labels that look wrong", "");
    try {
      const { body, buffers } = await this.wire.request("open", { view: this.wire.prefix });
      this.facts = body;
      this.hover.images = body.image;
      this.selection.describe(body.n_items);
      this.header.size.value = [body.n_items, body.n_labels];
      this.header.reviewer.value = body.reviewer;
      if (body.guessed) void this.introduce(body.reviewer);
      this.colour.offer(body.colours, body.labels, body.n_labels);
      if (body.map && buffers.length) {
        this.known.map = body.map.version;
        this.map.colour(new Uint8Array(bytes(buffers[buffers.length - 1])), body.legend ?? []);
        this.map.place(buffers[0]!, buffers.length > 2 ? buffers[1]! : null, body.map.total);
        await drawn(); // first the points, then everything else
      }
      this.ready = true;
      if (this.state) this.follow(this.state);
      await this.wire.refresh();
      await this.work.reload();
      // the table was just opened by a click
      if (this.root.offsetParent && isNobodys(document.activeElement)) this.back();
      this.dock.begin();
    } catch (error) {
      this.status.say((error as Error).message, "error");
    }
  }

  /** A state was pushed. */
  private take(state: State): void {
    this.state = state;
    this.header.state.value = state;
    if (state.reviewer) this.header.reviewer.value = state.reviewer;
    this.status.stages(state);
    this.work.counts.value = state.counts;
    const making = state.stages.find(of => of.name === "suggestions");
    this.work.changes.value = { news: state.news, status: making?.status };
    this.explain(state);
    if (this.ready) this.follow(state);
  }

  /** Fetch what is newer than what is shown. */
  private follow({ versions }: State): void {
    if (this.newer("map", versions.map)) void this.fetchMap();
    if (versions.selection > this.selection.version) void this.selection.fetch();
    if (this.newer("pairs", versions.pairs)) this.dock.hear("pairs");
    if (this.newer("worklist", versions.worklist)) {
      this.decidedSoon();
      this.dock.hear("worklist");
      if (this.work.turn()) void this.work.reload(); // else it is on its way
    } else if (versions.decisions > this.work.known()) {
      this.hover.forget();
      void this.work.follow(versions.decisions);
    }
    if (this.newer("decisions", versions.decisions)) {
      this.dock.hear("decisions");
      this.decidedSoon();
    }
    const shown = this.shown({ versions });
    if (shown !== this.pictured) {
      this.pictured = shown;
      this.root.dispatchEvent(new CustomEvent(STILL, { detail: () => this.picture(), bubbles: true }));
    }
  }

  private shown({ versions }: Pick<State, "versions">): string {
    return [versions.map, versions.worklist, Math.max(versions.decisions, this.work.known())].join();
  }

  /** What is saved with a notebook, with the decisions under way; null where it was fetched before. */
  private async picture(): Promise<Record<string, unknown> | null> {
    await this.work.written();
    const shown = this.shown(this.state!);
    if (shown === this.fetched) return null;
    const { body } = await this.wire.request("still", {});
    this.fetched = shown;
    return body.data;
  }

  private newer(what: keyof App["known"], version: number): boolean {
    const newer = version > this.known[what];
    if (newer) this.known[what] = version;
    return newer;
  }

  /** What the empty parts of the app say. */
  private explain(state: State): void {
    const first = state.stages.find(of => of.name === "first_map");
    if (!state.versions.map) {
      if (first?.status === "failed") this.map.say(first.error, "error");
      else if (first?.status === "cancelled") this.map.say("The map was cancelled.");
      else if (first?.status === "skipped") this.map.say(first.error);
      else this.map.say("Laying out the items", "loading");
    }
    const problem = state.stages.find(
      of =>
        ["predictions", "findings", "suggestions"].includes(of.name) &&
        ["failed", "cancelled", "skipped"].includes(of.status),
    );
    const coming = !state.versions.worklist && !problem && state.running;
    this.work.expect(
      coming ? "Looking for labels that look wrong" : "",
      problem ? problem.error || "The search for wrong labels was cancelled." : "",
    );
  }

  private async fetchMap(): Promise<void> {
    const colours = this.recolour(); // on its way with the map: one frame shows both
    const { body, buffers } = await this.wire.request("map", { bounds: [] });
    if (!buffers[0]) return;
    this.known.map = Math.max(this.known.map, body.version);
    this.map.place(buffers[0], buffers[1] ?? null, body.total);
    await colours;
  }

  /** A part of a map that is too large to be sent whole. */
  private async look(bounds: number[]): Promise<void> {
    const { body, buffers } = await this.wire.request("map", { bounds });
    if (buffers[1] && body.version === this.known.map) this.map.detail(buffers[0]!, buffers[1]);
  }

  private async recolour(): Promise<void> {
    const wanted = this.colour.wanted();
    try {
      const { body, buffers } = await this.wire.request("colours", { ...wanted });
      if (wanted === this.colour.wanted()) this.map.colour(new Uint8Array(bytes(buffers[0])), body.legend);
    } catch (error) {
      this.status.say((error as Error).message, "error");
    }
  }

  /** Show on the map what the worklist is searched for. */
  private async find(words: string): Promise<void> {
    if (words === this.sought) return;
    this.sought = words;
    if (!words) return this.map.find(null);
    try {
      const { buffers } = await this.wire.request("find", { query: words });
      if (words === this.sought && this.facts) this.map.find(unpack(buffers[0], this.facts.n_items));
    } catch (error) {
      this.status.say((error as Error).message, "error");
    }
  }

  private selected(body: Selected, mask: Uint8Array | null): void {
    this.map.select(mask);
    this.filters.filters.value = body.filters;
    this.filters.selected.value = body.count;
    this.dock.hear("selection");
    void this.work.select(body.count, body.counts);
  }

  /** The worklist is at another entry. */
  private arrived(entry: Entry | null, blind: boolean): void {
    this.row = entry?.row ?? -1;
    this.map.point(this.row);
    this.evidence.about(entry, blind);
    this.dock.hear("entry");
  }

  private decided(): void {
    this.hover.forget();
    this.decidedSoon();
  }

  /** Colours that decisions change follow them, though not at every key press. */
  private decidedSoon(): void {
    if (["labels", "column", "number", "cluster", "rater"].includes(this.colour.wanted().by)) return;
    this.recolouring ??= setTimeout(() => {
      this.recolouring = undefined;
      void this.recolour();
    }, 150);
  }

  private batch(listing: string, current: BulkAsked["current"]): void {
    showBulkReview(this.overlay, this.wire, {
      listing,
      current,
      done: (words, decisions) => {
        this.status.say(words, "good");
        void this.work.batched(decisions);
      },
    });
  }

  /** The keys or the colours are others. */
  private prefer(): void {
    this.work.rename();
    this.map.restyle();
  }

  private help(): void {
    showHelp(this.overlay, { readOnly: this.readOnly !== "", changed: () => this.work.rename() });
  }

  private exporting(): void {
    if (!this.facts) return;
    showExport(this.overlay, this.facts.export_path, this.state?.counts.changed ?? 0, async path => {
      try {
        const { body } = await this.wire.request("export", { path });
        if (this.facts) this.facts.export_path = path;
        this.status.say(body.summary, "good");
        return true;
      } catch (error) {
        this.status.say((error as Error).message, "error");
        return false;
      }
    });
  }

  /** The name was guessed: take the one that was given here before, or ask for it, once. */
  private async introduce(guess: string): Promise<void> {
    const known = recall(REVIEWER, "");
    if (known) return void (known !== guess && (await this.rename(known)));
    if (!recall(ASKED, false)) this.header.asked.value = { guess, over: () => remember(ASKED, true) };
  }

  private askReviewer(): void {
    if (this.facts) showReviewer(this.overlay, this.state?.reviewer ?? this.facts.reviewer, name => this.rename(name));
  }

  private async rename(name: string): Promise<boolean> {
    try {
      const { body } = await this.wire.request("rename", { name });
      remember(REVIEWER, body.reviewer);
      this.header.reviewer.value = body.reviewer;
      this.status.say(`Decisions are recorded under “${body.reviewer}”`, "good");
      return true;
    } catch (error) {
      this.status.say((error as Error).message, "error");
      return false;
    }
  }

  private tell(kind: "run" | "cancel"): void {
    this.wire.request(kind, {}).catch((error: Error) => this.status.say(error.message, "error"));
  }

  /** The focus goes back to the current card, where the keys are. `leave`: also out of a field. */
  private back(leave = false): void {
    if (this.overlay.open) return;
    if (leave || !typing(document.activeElement)) this.writing = false;
    this.work.focus(leave);
  }

  /**
   * A click on a button did something: the keys are for the list again. A button that was reached by Tab keeps the
   * focus.
   */
  private clicked(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (event.detail > 0 && button && !button.closest("form, [role=dialog]")) this.back();
  }

  /**
   * Whether a key belongs to words that somebody is typing although no field has the focus: one that they were in is
   * gone. Only what leaves a field on purpose ends that: a click, Esc, Enter or Tab.
   */
  private isStray(event: KeyboardEvent): boolean {
    if (["Escape", "Enter", "Tab"].includes(event.key)) this.writing = false;
    else if (typing(event.target)) this.writing = true;
    return this.writing && !typing(event.target) && event.key.length === 1 && !event.ctrlKey && !event.metaKey;
  }

  /** The kernel is gone: say so, and take the keys out of use. */
  private gone(): void {
    if (this.dead) return;
    this.dead = true;
    this.wire.close();
    this.root.classList.add("ls-gone");
    this.layout.element.inert = true;
    this.header.again.value = () => this.root.dispatchEvent(new CustomEvent(AGAIN, { bubbles: true }));
    this.status.say("The kernel has stopped", "error");
    this.status.idle();
  }

  private key(event: KeyboardEvent): void {
    if (this.dead) return this.status.say("The kernel has stopped: nothing was decided. Run again first", "error");
    const blind = this.work.blind.value;
    const meant = meaning(event, blind);
    if (!theirs(event)) event.stopPropagation(); // the notebook would move the focus to its cell
    if (this.isStray(event)) {
      event.preventDefault();
      return this.status.say("The field is closed, and nothing was decided. Press Esc, then go on");
    }
    if (!meant || (this.overlay.open && meant.action !== "clear") || event.defaultPrevented) return;
    event.preventDefault();
    if (this.readOnly && changes(meant.action)) return this.status.say(this.readOnly);
    if (blind && (isOfReview(meant.action) || meant.action === "digit")) return this.status.say(this.judging());
    if (!blind && isOfAudit(meant.action)) return this.status.say(`${keyName(meant.action)} is a key of the audit`);
    if (!["accept", "reject", "right", "wrong"].includes(meant.action)) this.sure.forget();
    else if (!this.overlay.open && !this.sure.of(meant.action))
      return this.status.say(`Press ${keyName(meant.action)} again to ${TWICE[meant.action] ?? meant.action}`);
    const { work } = this;
    const acts: Record<Action, () => void> = {
      accept: () => work.decide("accept"),
      reject: () => work.decide("reject"),
      skip: () => work.decide("skip"),
      right: () => work.judge("right"),
      wrong: () => work.judge("wrong"),
      unsure: () => work.judge("undecidable"),
      edit: () => {
        this.writing = true; // what is typed from now on is no decision
        void work.edit().then(open => (this.writing &&= open));
      },
      undo: () => work.step("undo"),
      redo: () => work.step("redo"),
      next: () => work.move(1),
      previous: () => work.move(-1),
      search: () => work.field.current?.focus({ preventScroll: true }),
      filter: () => this.filters.field.current?.focus({ preventScroll: true }),
      batch: () => void work.batch(),
      similar: () => {
        if (this.row >= 0)
          void this.selection.put({ by: "similar", row: this.row, k: N_SIMILAR }).then(() => this.back());
      },
      clear: () => this.clear(event.target),
      help: () => this.help(),
      digit: () => work.digit(meant.digit),
    };
    acts[meant.action]();
  }

  /** Show what is to be judged. */
  private judge(): void {
    this.work.show("audit");
    this.back(true);
  }

  /** The keys of the audit, in words. */
  private judging(): string {
    return `This is the audit: ${keyName("right")} right, ${keyName("wrong")} wrong, ${keyName("unsure")} cannot tell`;
  }

  /**
   * Esc closes or clears one thing: the dialog, the field (the search keeps its words), the tool, the filters, the
   * search.
   */
  private clear(target: EventTarget | null): void {
    if (this.overlay.open) return this.overlay.hide();
    if (typing(target)) {
      if (target === this.filters.field.current) (target as HTMLInputElement).value = "";
      return this.back(true);
    }
    if (this.map.armed) this.map.disarm();
    if (this.selection.active) void this.selection.clear().then(() => this.back());
    else this.work.clearSearch();
    this.back();
  }

  private waited(ms: number): void {
    if (ms > LOST_MS && !this.facts) return this.lost();
    if (ms > 0 !== this.slow) {
      this.slow = ms > 0;
      this.root.classList.toggle("ls-slow", this.slow);
      this.status.waiting(this.slow);
    }
  }

  /** Nobody answers (a saved notebook): show the picture that was saved. */
  private lost(): void {
    const { element, close } = still(this.model);
    this.closing.push(close);
    this.wire.close();
    this.header.lost.value = true;
    this.layout.element.replaceWith(element);
    this.status.say("Not connected to a kernel");
  }

  private watchTheme(): () => void {
    const restyle = () => requestAnimationFrame(() => this.root.classList.toggle("ls-dark", this.map.restyle()));
    const observer = new MutationObserver(restyle);
    observer.observe(document.body, {
      attributes: true,
      attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"],
    });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", restyle);
    restyle();
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", restyle);
    };
  }
}

/** Whether no part of the page has the focus. */
function isNobodys(active: Element | null): boolean {
  return !active || active === document.body;
}

/** Once the next frame is painted (soon, where the page is not in sight and has no frames). */
function drawn(): Promise<void> {
  return new Promise(done => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 250);
  });
}
