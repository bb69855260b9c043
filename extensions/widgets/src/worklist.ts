/** The worklist: queues, order, search, the list of cards, and the decisions on the current one. */

import { createElement, render } from "preact";
import { Card, JUDGED, skeleton } from "./card";
import { nextState } from "./chips";
import { fill, h, icon, set } from "./dom";
import { count, plural } from "./numbers";
import { keyName, typing } from "./keys";
import { VirtualList } from "./list";
import { ChangesBar } from "./worklist/changes_bar";
import type {
  Chip,
  Counts,
  Entry,
  Judgement,
  Kinds,
  LabelState,
  Order,
  Queue,
  State,
  Suggestion,
  Tally,
} from "./messages";
import { bytes, type Wire } from "./wire";

export interface WorklistEvents {
  say(text: string, kind?: "" | "good" | "error"): void;
  /** The current entry (null: there is none, or it is judged blindly and nothing may be said about it). */
  at(entry: Entry | null, blind: boolean): void;
  /** Show what the audit says. */
  estimate(): void;
  /** Decide on many: a list, and the suggestion that the person is at. */
  batch(listing: string, current: Suggestion | null): void;
  /** A decision is in the ledger. */
  decided(): void;
  /** The list is searched for these words; "" for none. */
  searched(words: string): void;
}

const QUEUES: [Queue, string][] = [
  ["pending", "Pending"],
  ["accepted", "Accepted"],
  ["rejected", "Rejected"],
  ["skipped", "Skipped"],
  ["all", "All items"],
  ["conflicts", "Conflicts"],
  ["audit", "Audit"],
];
const ORDERS: [string, string][] = [
  ["confidence", "Most confident"],
  ["suspicion", "Most suspicious item"],
  ["rare", "Rare labels first"],
  ["group", "Same change together"],
  ["label", "By label"],
  ["uncertain", "Least confident"],
  ["shuffled", "Shuffled"],
  ["data", "As in the data"],
];
const SOMETIMES: ReadonlySet<Queue> = new Set<Queue>(["conflicts", "audit"]); // queues that most reviews do without
const PAGE = 40;
const AHEAD = 20; // entries that are fetched before somebody comes to them
const MOST_FLYING = 16; // decisions under way: the next key press does not wait for the disk
const PAST: Record<"accept" | "reject" | "skip", string> = { accept: "Accepted", reject: "Rejected", skip: "Skipped" };
const JUDGEMENTS = { right: "right", wrong: "wrong", unsure: "undecidable" } as const;
const SHORT: Record<Judgement, string> = { right: "Right", wrong: "Wrong", undecidable: "Unsure" };
const NAMES = {
  accept: "Accept",
  reject: "Reject",
  skip: "Skip",
  right: JUDGED.right,
  wrong: JUDGED.wrong,
  unsure: JUDGED.undecidable,
  undo: "Undo",
} as const;
const LOADING = "The list is being renewed; nothing was decided. Press the key again";
const STATES: Record<string, string> = { "1": "yes", "0": "no", "-1": "unknown" };

export class Worklist {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  /** Decisions known to this view; another number in a pushed state means that somebody else decided. */
  decisions = 0;
  private queue: Queue = "pending";
  private listing = "";
  private total = 0;
  private turn = 0;
  /** Whether a list is on its way: until it is there nobody knows what a key would decide on. */
  private loading = false;
  /** A list that has arrived while the person types into a field of the old one. */
  private held: (() => void) | null = null;
  /** Whether the next list gets the focus. */
  private wanted = false;
  private current = -1;
  private waiting = "";
  private problem = "";
  private selected: number | null = null;
  private chain: Promise<void> = Promise.resolve();
  /** Decisions that the kernel has not confirmed yet, and the suggestions they are about. */
  private readonly flying = new Set<Promise<void>>();
  private readonly deciding = new Set<string>();
  private readonly unsaved = (event: BeforeUnloadEvent) => {
    if (this.flying.size) event.preventDefault();
  };
  private searchTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly entries = new Map<number, Entry>();
  private readonly cards = new Map<number, Card>();
  private readonly pages = new Map<number, Promise<void>>();
  private readonly images = new Map<number, Promise<string>>();
  private readonly list = new VirtualList("Worklist", index => this.row(index), 168);
  private readonly tabs = new Map<Queue, HTMLButtonElement>();
  private readonly numbers = new Map<Queue, HTMLElement>();
  private readonly order: HTMLSelectElement;
  private readonly tools: HTMLElement;
  private readonly sample = h("div", { class: "ls-audit-bar ls-hidden", role: "group", "aria-label": "Audit" });
  private readonly changes = h("div");
  private counts: Counts | null = null;
  private readonly empty = h("div", { class: "ls-empty ls-hidden" });
  private readonly buttons: Record<keyof typeof NAMES | "redo", HTMLButtonElement>;

  constructor(
    private readonly wire: Wire,
    private readonly events: WorklistEvents,
    private readonly readOnly: boolean,
  ) {
    const tabs = h("div", { role: "tablist", "aria-label": "Queues", class: "ls-tabs" });
    for (const [queue, name] of QUEUES) {
      const number = h("span", { class: "ls-count" }, "–");
      const tab = h(
        "button",
        {
          type: "button",
          role: "tab",
          class: `ls-tab ${SOMETIMES.has(queue) ? "ls-hidden" : ""}`,
          "aria-label": name,
          "aria-selected": String(queue === this.queue),
          onclick: () => this.show(queue),
        },
        name,
        number,
      );
      this.tabs.set(queue, tab);
      this.numbers.set(queue, number);
      tabs.append(tab);
    }
    this.search = h("input", {
      type: "search",
      class: "ls-search",
      placeholder: "Search text, id or label",
      "aria-label": "Search the worklist",
      spellcheck: "false",
      oninput: () => this.searched(),
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        clearTimeout(this.searchTimer);
        void this.reload();
        this.focus(true);
      },
    });
    this.order = h(
      "select",
      { class: "ls-select", "aria-label": "Order", onchange: () => void this.reload() },
      ...ORDERS.map(([value, name]) => h("option", { value }, name)),
    );
    const again = h(
      "button",
      {
        type: "button",
        class: "ls-button ls-square ls-writes",
        "aria-label": "Refresh list",
        title: "Refresh: take decided entries out of the list",
        onclick: () => void this.reload(),
      },
      icon("refresh"),
    );
    const many = h(
      "button",
      {
        type: "button",
        class: "ls-button ls-square ls-writes",
        "aria-label": "Bulk review",
        title: "Bulk review: decide on many at once (G)",
        onclick: () => void this.batch(),
      },
      icon("batch"),
    );
    this.tools = h(
      "div",
      { class: "ls-tools" },
      h("label", { class: "ls-searchbox" }, icon("search"), this.search),
      this.order,
      many,
      again,
    );
    this.buttons = {
      accept: button("Accept", "A", "check", "ls-accept", () => this.decide("accept")),
      reject: button("Reject", "R", "cross", "ls-reject", () => this.decide("reject")),
      skip: button("Skip", "S", "skip", "", () => this.decide("skip")),
      right: button(SHORT.right, "Y", "check", "ls-right", () => this.judgeAs("right")),
      wrong: button(SHORT.wrong, "N", "cross", "ls-wrong", () => this.judgeAs("wrong")),
      unsure: button(SHORT.undecidable, "S", "skip", "", () => this.judgeAs("unsure")),
      undo: button("Undo", "U", "undo", "ls-ghost", () => this.step("undo")),
      redo: button("Redo", "", "redo", "ls-ghost", () => this.step("redo")),
    };
    set(this.buttons.redo, { "aria-keyshortcuts": "Control+Shift+Z", title: "Redo (Shift Ctrl Z)" });
    this.element = h(
      "section",
      { class: "ls-work", "aria-label": "Review" },
      tabs,
      this.tools,
      this.sample,
      this.changes,
      h("div", { class: "ls-scroll" }, this.list.element, this.empty),
      h(
        "div",
        { class: "ls-actions ls-writes" },
        this.buttons.accept,
        this.buttons.reject,
        this.buttons.skip,
        h("span", { class: "ls-gap" }),
        this.buttons.undo,
        this.buttons.redo,
        this.buttons.right, // on the other side of the bar: the hand that accepts does not judge
        this.buttons.wrong,
        this.buttons.unsure,
      ),
    );
    this.list.element.addEventListener("focusout", () => setTimeout(() => this.release()));
    // not sooner: the pointer must stay on what it is on
    this.list.element.addEventListener("click", event => this.touched(event));
    window.addEventListener("beforeunload", this.unsaved);
    this.rename();
    this.hint();
  }

  /** Whether there is a list, or one is on its way. */
  get listed(): boolean {
    return this.turn > 0;
  }

  /** What the list waits for while it is empty, or why there will be none. */
  expect(waiting: string, problem: string): void {
    if (waiting === this.waiting && problem === this.problem) return;
    [this.waiting, this.problem] = [waiting, problem];
    this.hint();
  }

  /** Switch to a queue (also if it is shown already: the list is made anew). */
  show(queue: Queue): void {
    this.queue = queue;
    // the sample is read as it is: a part of it that was chosen is no sample
    this.tools.classList.toggle("ls-hidden", this.blind);
    this.sample.classList.toggle("ls-hidden", !this.blind);
    this.rename();
    this.progress();
    for (const [name, tab] of this.tabs) set(tab, { "aria-selected": String(name === queue) });
    const tab = this.tabs.get(queue)!;
    tab.classList.remove("ls-hidden");
    const strip = tab.parentElement!;
    strip.scrollLeft = Math.max(strip.scrollLeft, tab.offsetLeft + tab.offsetWidth - strip.clientWidth);
    void this.reload();
  }

  /** Whether the entries are judged without a hint of what a model thinks of them. */
  get blind(): boolean {
    return this.queue === "audit";
  }

  /** How far the audit is. */
  private progress(): void {
    if (!this.blind || !this.counts) return;
    const { audit, judged } = this.counts;
    const words = `${count(judged)} of ${count(audit + judged)} judged`;
    const track = h(
      "span",
      {
        class: "ls-track",
        role: "progressbar",
        "aria-label": "Judged cells",
        "aria-valuemin": 0,
        "aria-valuemax": audit + judged,
        "aria-valuenow": judged,
      },
      h("i", { style: `width:${(100 * judged) / Math.max(1, audit + judged)}%` }),
    );
    const numbers = h(
      "button",
      { type: "button", class: "ls-link", onclick: () => this.events.estimate() },
      "Estimate",
    );
    fill(
      this.sample,
      h("b", {}, words),
      track,
      h("span", { class: "ls-soft" }, "Model opinion hidden to avoid bias."),
      h("span", { class: "ls-gap" }),
      numbers,
    );
  }

  /** What people said since the suggestions were made, and the status of the stage that makes them. */
  told(news: State["news"], status: string | undefined): void {
    render(createElement(ChangesBar, { news, status, again: () => void this.reconsider() }), this.changes);
  }

  /** Make the suggestions anew, once the decisions under way are written; the list follows when they are there. */
  private async reconsider(): Promise<void> {
    await this.landed();
    try {
      await this.wire.request("reconsider", {});
    } catch (error) {
      this.events.say((error as Error).message, "error");
    }
  }

  /** The selection is another one. */
  async select(selected: number | null, counts: Counts | null): Promise<void> {
    this.selected = selected;
    if (counts) this.tally(counts);
    if (!this.blind) await this.reload();
  }

  /** Ask for the list anew. */
  async reload(): Promise<void> {
    const turn = ++this.turn;
    this.listing = "";
    this.loading = true;
    this.held = null;
    this.hint();
    this.events.searched(this.blind ? "" : this.search.value.trim());
    try {
      const { body } = await this.wire.request("worklist", this.body(0));
      if (turn !== this.turn) return;
      this.held = () => this.arrived(body);
      this.release();
    } catch (error) {
      if (turn === this.turn) this.loading = false;
      this.events.say((error as Error).message, "error");
    }
  }

  /**
   * Show the list that has arrived, unless somebody types into a field of the one before: that one stays until they are
   * done.
   */
  private release(): void {
    if (!this.held || this.isTypedInto) return;
    const show = this.held;
    this.held = null;
    show();
  }

  private get isTypedInto(): boolean {
    const active = document.activeElement;
    return typing(active) && this.list.element.contains(active);
  }

  private arrived(body: Kinds["worklist"][1]): void {
    const at = this.entries.get(this.current);
    const held = this.list.element.contains(document.activeElement) || (this.wanted && !typing(document.activeElement));
    this.wanted = this.loading = false;
    this.forget();
    [this.listing, this.total] = [body.listing, body.total];
    this.take(body.offset, body.entries);
    this.hear(body);
    this.hint(); // first: a list that is hidden takes no focus
    this.list.reset(this.total);
    const same = body.entries.findIndex(
      entry => entry.row === at?.row && (!at.suggestion || entry.suggestion?.id === at.suggestion.id),
    );
    this.go(this.total ? Math.max(0, same) : -1, held && this.total > 0);
    if (held && !this.total) this.focus(); // or the keys would be dead
  }

  /**
   * Put the focus on the current card, now and when the list that is on its way is there. A field keeps it unless it is
   * left.
   */
  focus(leave = false): void {
    const root = this.element.closest<HTMLElement>(".ls-root");
    if (!root || (!leave && typing(document.activeElement))) return;
    this.wanted = this.loading;
    if (this.current >= 0) this.list.reveal(this.current);
    const card = this.cards.get(this.current)?.element;
    (card?.isConnected ? card : root).focus({ preventScroll: true });
  }

  /** There are decisions that are not shown here, unless they are those that this view has just taken. */
  async follow(decisions: number): Promise<void> {
    await this.landed();
    if (decisions > this.decisions) await this.refresh(decisions);
  }

  /** Somebody else decided: show the entries in the list as they are now. */
  async refresh(decisions: number): Promise<void> {
    this.decisions = decisions;
    const turn = this.turn;
    for (const start of new Set([...this.cards.keys()].map(index => index - (index % PAGE)))) {
      const { body } = await this.wire.request("worklist", this.body(start));
      if (turn !== this.turn) return;
      body.entries.forEach((entry, i) => this.replace(start + i, entry));
    }
  }

  /** What a reply says of the decisions, unless something newer was heard meanwhile. */
  private hear({ counts, decisions }: Tally): void {
    if (decisions < this.decisions) return;
    this.decisions = decisions;
    this.tally(counts);
  }

  /** Counts on the tabs. */
  tally(counts: Counts): void {
    this.counts = counts;
    for (const [queue, number] of this.numbers) {
      number.textContent = count(counts[queue] ?? 0);
      set(this.tabs.get(queue)!, { "aria-description": count(counts[queue] ?? 0) });
    }
    this.tabs.get("audit")!.classList.toggle("ls-hidden", !counts.audit && !counts.judged && !this.blind);
    this.progress();
    this.tabs.get("conflicts")!.classList.toggle("ls-hidden", !counts.conflicts && this.queue !== "conflicts");
  }

  /** Accept, reject or skip the current suggestion, and go on to the next one while it is written. */
  decide(verdict: "accept" | "reject" | "skip"): void {
    if (this.loading) return this.events.say(LOADING);
    this.enqueue(async () => {
      await this.fetch(this.current); // fast hands are ahead of the list
      const entry = this.entries.get(this.current);
      if (entry?.audit) return;
      if (!entry?.suggestion)
        return this.events.say(
          entry ? "This item has no suggestion; change its labels with the chips" : "There is no entry to decide on",
        );
      const at = this.current;
      const written = this.write(at, entry.suggestion, verdict);
      if (entry.suggestion.companions.length || this.flying.size >= MOST_FLYING) await written;
      if (this.current === at) this.go(this.following(at), true);
    });
  }

  /** Judge the current cell of the audit, and go on to the next one. */
  judgeAs(verdict: keyof typeof JUDGEMENTS): void {
    if (this.loading) return this.events.say(LOADING);
    this.enqueue(async () => {
      await this.fetch(this.current);
      const entry = this.entries.get(this.current);
      if (entry?.audit) await this.judge(entry, JUDGEMENTS[verdict]);
    });
  }

  /** Send a decision; what it changed is shown when the ledger has it. */
  private write(at: number, { id, action, name }: Suggestion, verdict: "accept" | "reject" | "skip"): Promise<void> {
    const turn = this.turn;
    this.cards.get(at)?.element.classList.add("ls-busy");
    this.deciding.add(id);
    const written = this.wire
      .request("decide", { suggestion: id, verdict })
      .then(({ body }) => {
        this.deciding.delete(id);
        this.settle(turn === this.turn ? at : this.find(body.entry), body);
        const more =
          body.n > 1 ? ` and ${plural(body.n - 1, "change")} that ${body.n === 2 ? "goes" : "go"} with it` : "";
        if (more) void this.refresh(body.decisions);
        this.events.say(`${PAST[verdict]}: ${action} ${name}${more}`, "good");
      })
      .catch((error: Error) => {
        this.deciding.delete(id);
        if (turn === this.turn) this.go(at, false); // it is still to be decided
        this.events.say(`Not saved: ${action} ${name}. ${error.message}`, "error");
      })
      .finally(() => {
        if (turn === this.turn) this.cards.get(at)?.element.classList.remove("ls-busy");
        this.flying.delete(written);
      });
    this.flying.add(written);
    return written;
  }

  /** Once the kernel has confirmed the decisions that are under way. */
  private async landed(): Promise<void> {
    await Promise.all(this.flying);
  }

  /** Once everything that was asked for by keys and clicks is done. */
  async written(): Promise<void> {
    await this.chain;
    await this.landed();
  }

  /** Say whether the given state of a cell of the audit sample is right, and go on to the next one. */
  private async judge({ row, audit }: Entry, verdict: Judgement): Promise<void> {
    const at = this.current;
    this.cards.get(at)?.element.classList.add("ls-busy");
    try {
      const { body } = await this.wire.request("judge", { row, label: audit!.label, verdict });
      this.settle(at, body);
      this.events.say(`${JUDGED[verdict]}: ${audit!.name} of item ${body.entry.item}`, "good");
      if (!body.counts.audit) await this.reload();
      else if (this.current === at) this.go(this.following(at), true);
    } finally {
      this.cards.get(at)?.element.classList.remove("ls-busy");
    }
  }

  /** Undo or redo, and show what it was about. */
  step(way: "undo" | "redo"): void {
    this.enqueue(async () => {
      await this.landed();
      const { body } = await this.wire.request(way, { blind: this.blind });
      if (!body.entry) return this.events.say(`Nothing to ${way}`);
      const entry = body.entry;
      if (entry.audit && this.find(entry) < 0) await this.reload();
      const at = this.find(entry);
      this.settle(at, { ...body, entry });
      if (at >= 0) this.go(at, true);
      if (body.n > 1) void this.refresh(body.decisions);
      const what = body.n > 1 ? plural(body.n, "decision") : `${body.label} of item ${entry.item}`;
      this.events.say(`${way === "undo" ? "Undone" : "Redone"}: ${what}`, "good");
    });
  }

  /** Decide on the undecided suggestions of the list, or on those like the current one. */
  async batch(): Promise<void> {
    await this.landed();
    if (this.listing && !this.blind)
      this.events.batch(this.listing, this.entries.get(this.current)?.suggestion ?? null);
  }

  /** A batch was decided. */
  async batched(decisions: number): Promise<void> {
    await this.refresh(decisions);
    this.events.decided();
  }

  /** Change the state of a label of an item. */
  toggle(entry: Entry, chip: Chip, alt: boolean): void {
    this.put(entry, chip, () =>
      nextState(
        this.entries.get(this.find(entry))?.chips.find(of => of.label === chip.label)?.state ?? chip.state,
        alt,
      ),
    );
  }

  /** Set a label of an item to a state. */
  private put(entry: Entry, chip: Pick<Chip, "label" | "name">, to: () => LabelState): void {
    this.enqueue(async () => {
      await this.landed();
      const state = to();
      const suggestion = entry.suggestion?.id ?? "";
      const { body } = await this.wire.request("edit", { row: entry.row, label: chip.label, state, suggestion });
      this.settle(this.find(body.entry), body);
      this.events.say(`${chip.name} of item ${entry.item} is now: ${STATES[String(state)]}`, "good");
    });
  }

  /** Toggle the n-th label of the current entry. */
  digit(n: number): void {
    if (this.loading) return this.events.say(LOADING);
    const entry = this.entries.get(this.current);
    const chip = entry?.chips[n - 1];
    if (entry && chip) this.toggle(entry, chip, false);
  }

  /** Go to the next or previous entry. */
  move(step: 1 | -1): void {
    if (this.total) this.go(Math.max(0, Math.min(this.total - 1, this.current + step)), true);
  }

  /**
   * Put the cursor into the label search of the current entry, once the decisions before it are sent; whether there is
   * one.
   */
  edit(): Promise<boolean> {
    return new Promise(done =>
      this.enqueue(() => {
        this.list.reveal(this.current);
        const field = this.cards.get(this.current)?.finder.field;
        field?.focus({ preventScroll: true });
        done(field !== undefined && field === document.activeElement);
      }),
    );
  }

  /** Whether Esc had something to clear here. */
  clearSearch(): boolean {
    if (!this.search.value) return false;
    this.search.value = "";
    void this.reload();
    return true;
  }

  /** The keys are others: say so on the buttons. */
  rename(): void {
    for (const name of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
      const [key, words] = [keyName(name), NAMES[name]];
      set(this.buttons[name], { "aria-label": words, "aria-keyshortcuts": key, title: `${words} (${key})` });
      this.buttons[name].querySelector("kbd")!.textContent = key;
    }
    for (const name of ["accept", "reject", "skip"] as const)
      this.buttons[name].classList.toggle("ls-hidden", this.blind);
    for (const name of ["right", "wrong", "unsure"] as const)
      this.buttons[name].classList.toggle("ls-hidden", !this.blind);
    this.element.classList.toggle("ls-judging", this.blind);
  }

  close(): void {
    window.removeEventListener("beforeunload", this.unsaved);
    clearTimeout(this.searchTimer);
    this.list.close();
    for (const image of this.images.values())
      void image.then(
        source => URL.revokeObjectURL(source),
        () => {},
      );
  }

  private body(offset: number) {
    return {
      listing: this.listing,
      queue: this.queue,
      order: this.order.value as Order,
      query: this.search.value,
      offset,
      limit: PAGE,
    };
  }

  /** One action after the other: the next key press acts on what the last one has left. */
  private enqueue(action: () => Promise<void> | void): void {
    this.chain = this.chain.then(action).catch((error: Error) => this.events.say(error.message, "error"));
  }

  private settle(at: number, body: Tally & { entry: Entry; n?: number }): void {
    const others = body.decisions - (body.n ?? 1) > this.decisions; // more was decided than this reply is about
    this.hear(body);
    if (others) void this.refresh(body.decisions);
    if (at >= 0) this.replace(at, body.entry);
    for (const [index, other] of this.entries)
      if (index !== at && other.row === body.entry.row)
        this.replace(index, { ...other, chips: merge(other, body.entry) });
    this.events.decided();
  }

  private replace(index: number, entry: Entry): void {
    this.entries.set(index, entry);
    this.cards.get(index)?.update(entry);
  }

  private find(entry: Entry): number {
    if (entry.audit)
      return (
        [...this.entries].find(([, other]) => other.row === entry.row && other.audit?.label === entry.label)?.[0] ?? -1
      );
    if (this.blind) return -1;
    const same = (other: Entry | undefined) =>
      other?.row === entry.row && (!entry.suggestion || other.suggestion?.id === entry.suggestion.id);
    if (same(this.entries.get(this.current))) return this.current;
    for (const [index, other] of this.entries) if (same(other)) return index;
    for (const [index, other] of this.entries) if (other.row === entry.row && !other.suggestion) return index;
    return -1;
  }

  /** The next entry that nobody has decided on, or where we are. */
  private following(at: number): number {
    for (let index = at + 1; index < this.total; index++) {
      const entry = this.entries.get(index);
      if (entry?.audit?.judgement || (entry?.suggestion && this.deciding.has(entry.suggestion.id))) continue;
      if (!entry || !entry.suggestion || entry.suggestion.verdict === "pending" || this.queue !== "pending")
        return index;
    }
    return at;
  }

  private go(index: number, focus: boolean): void {
    this.cards.get(this.current)?.mark(false);
    this.current = index;
    if (index >= 0) this.list.reveal(index);
    void this.fetch(index + AHEAD);
    this.arrive(focus);
  }

  private arrive(focus: boolean): void {
    const card = this.cards.get(this.current);
    card?.mark(true);
    if (focus && !typing(document.activeElement)) card?.element.focus({ preventScroll: true });
    const entry = this.entries.get(this.current) ?? null;
    this.events.at(entry?.audit ? null : entry, this.blind);
    const open = entry?.suggestion ?? entry?.audit;
    for (const name of ["accept", "reject", "skip", "right", "wrong", "unsure"] as const)
      set(this.buttons[name], { "aria-disabled": open ? null : "true" });
  }

  private touched(event: MouseEvent): void {
    const element = (event.target as Element).closest(".ls-card");
    for (const [index, card] of this.cards)
      if (card.element === element && index !== this.current) this.go(index, false);
  }

  private row(index: number): HTMLElement {
    const entry = this.entries.get(index);
    if (!entry) {
      void this.fetch(index);
      return skeleton();
    }
    const card = new Card(entry, index, this.total, {
      readOnly: this.readOnly,
      toggle: (of, chip, alt) => this.toggle(of, chip, alt),
      settle: (of, state) => of.conflict && this.put(of, of.conflict, () => state),
      text: async row => (await this.wire.request("text", { row })).body.text,
      image: row => this.image(row),
      searched: () => this.search.value,
      find: async (row, query) => (await this.wire.request("labels", { query, row })).body.labels,
    });
    card.mark(index === this.current);
    this.cards.set(index, card);
    return card.element;
  }

  /** Fetch the page of an entry, once. */
  private async fetch(index: number): Promise<void> {
    const start = index - (index % PAGE);
    if (index < 0 || index >= this.total || !this.listing) return;
    if (!this.pages.has(start)) this.pages.set(start, this.load(start));
    await this.pages.get(start);
  }

  private async load(start: number): Promise<void> {
    const turn = this.turn;
    try {
      const { body } = await this.wire.request("worklist", this.body(start));
      if (turn !== this.turn) return;
      this.take(start, body.entries);
      this.list.renew(start, start + body.entries.length);
      if (this.current >= start && this.current < start + body.entries.length)
        // the keys were on what was still to come
        this.arrive(document.activeElement === this.element.closest(".ls-root"));
    } catch (error) {
      this.pages.delete(start);
      this.events.say((error as Error).message, "error");
    }
  }

  private take(offset: number, entries: Entry[]): void {
    this.pages.set(offset, Promise.resolve());
    entries.forEach((entry, i) => this.entries.set(offset + i, entry));
  }

  private forget(): void {
    this.entries.clear();
    this.cards.clear();
    this.pages.clear();
  }

  image(row: number): Promise<string> {
    let image = this.images.get(row);
    if (!image) {
      image = this.wire
        .request("thumbnail", { row })
        .then(({ body, buffers }) => URL.createObjectURL(new Blob([bytes(buffers[0])], { type: body.type })));
      this.images.set(row, image);
    }
    return image;
  }

  private searched(): void {
    clearTimeout(this.searchTimer);
    this.searchTimer = setTimeout(() => void this.reload(), 180);
  }

  /** What the audit says when all of it is judged. */
  private finished(): void {
    const n = this.counts?.judged ?? 0;
    const numbers = h(
      "button",
      { type: "button", class: "ls-button", onclick: () => this.events.estimate() },
      "See the estimate",
    );
    fill(
      this.empty,
      h("div", { class: "ls-empty-icon" }, icon("check")),
      h("strong", {}, "The audit is done"),
      h("p", {}, `${plural(n, "cell")} of the sample ${n === 1 ? "is" : "are"} judged.`),
      numbers,
    );
  }

  /** What an empty list says. */
  private hint(): void {
    this.empty.classList.toggle("ls-hidden", this.total > 0);
    this.list.element.classList.toggle("ls-hidden", this.total === 0);
    if (this.total) return;
    if (!this.listing && !this.problem)
      return fill(this.empty, skeleton(), skeleton(), skeleton(), h("p", {}, this.waiting));
    if (this.waiting && !["all", "audit"].includes(this.queue))
      return fill(this.empty, skeleton(), skeleton(), skeleton(), h("p", {}, this.waiting));
    const name = QUEUES.find(([queue]) => queue === this.queue)![1].toLowerCase();
    const all = h("button", { type: "button", class: "ls-button", onclick: () => this.show("all") }, "Show all items");
    if (this.blind) return this.finished();
    const [title, words] =
      this.problem && this.queue === "pending"
        ? ["No suggestions", this.problem]
        : this.search.value
          ? ["Nothing found", "No entry of this queue holds the search words."]
          : this.selected === 0
            ? ["No item passes", "No item has all of these filters. Remove one, or click it to invert it."]
            : this.selected !== null
              ? [`Nothing ${name} here`, `None of the ${plural(this.selected, "selected item")} is in this queue.`]
              : this.queue === "conflicts"
                ? ["No conflict", "Reviewers agree on every cell."]
                : this.queue === "pending"
                  ? ["All done", "No suggestion is waiting for a decision."]
                  : [`Nothing ${name} yet`, "Decisions show up here."];
    fill(
      this.empty,
      h("div", { class: "ls-empty-icon" }, icon(this.problem ? "warning" : "check")),
      h("strong", {}, title),
      h("p", {}, words),
      this.queue !== "all" && all,
    );
  }
}

/** The chips of another entry of the same item, in the states that are new. */
function merge(entry: Entry, fresh: Entry): Chip[] {
  const states = new Map<number, LabelState>(fresh.chips.map(chip => [chip.label, chip.state]));
  return entry.chips.map(chip => ({ ...chip, state: states.get(chip.label) ?? chip.state }));
}

function button(
  name: string,
  key: string,
  picture: Parameters<typeof icon>[0],
  kind: string,
  act: () => void,
): HTMLButtonElement {
  return h(
    "button",
    {
      type: "button",
      class: `ls-button ${kind}`,
      "aria-label": name,
      "aria-keyshortcuts": key || null,
      title: key ? `${name} (${key})` : name,
      onclick: act,
    },
    icon(picture),
    h("span", {}, name),
    key && h("kbd", { "aria-hidden": "true" }, key),
  );
}
