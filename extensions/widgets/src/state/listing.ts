/** The listing that the worklist shows, and the entry of it that the keys act on. */

import { batch, computed, signal } from "@preact/signals";
import { typing } from "../keys";
import type { VirtualList } from "../list";
import type { Counts, Entry, Listed, Order, Queue, RaterTable, Tally } from "../messages";
import { plural } from "../numbers";
import type { Wire } from "../wire";
import { Entries, PAGE, pageOf } from "./entries";

export interface ListingEvents {
  say(text: string, kind?: "" | "good" | "error"): void;
  /** The current entry (null: there is none, or it is judged blindly and nothing may be said about it). */
  at(entry: Entry | null, blind: boolean): void;
  /** The list is searched for these words; "" for none. */
  searched(words: string): void;
}

/** Queues of what voters leave open. */
export const VOTED: ReadonlySet<Queue> = new Set<Queue>(["ask_next", "ambiguous"]);
const AHEAD = 20; // entries that are fetched before somebody comes to them
const REST_MS = 180; // after the last letter of a search

export function openListing(wire: Wire, events: ListingEvents, list: VirtualList) {
  const queue = signal<Queue>("pending");
  const order = signal<Order>("confidence");
  const words = signal(""); // of the search
  const counts = signal<Counts | null>(null);
  const listing = signal("");
  const total = signal(0);
  const current = signal(-1);
  const voters = signal<RaterTable | null>(null); // as of the last time that a queue of theirs was opened
  const open = signal(false); // whether the current entry can be decided on
  const selected = signal<number | null>(null);
  /** Whether the entries are judged without a hint of what a model thinks of them. */
  const blind = computed(() => queue.value === "audit");
  const entries = new Entries(load);
  let decisions = 0; // known here; another number in a pushed state means that somebody else decided
  let turn = 0;
  let loading = false; // whether a list is on its way: until it is there nobody knows what a key would decide on
  let waiting: (() => void)[] = []; // who wants to know when it is there
  let held: Listed | null = null; // a list that has arrived while the person types into a field of the old one
  let wanted = false; // whether the next list gets the focus
  let top = false; // whether it is shown from its first entry on
  let searching: ReturnType<typeof setTimeout> | undefined;

  const fail = (error: Error) => events.say(error.message, "error");
  // not sooner: the pointer must stay on what it is on
  list.element.addEventListener("focusout", () => setTimeout(release));

  function page(offset: number) {
    const at = { queue: queue.value, order: order.value, query: words.value };
    return { listing: listing.value, ...at, offset, limit: PAGE };
  }

  /** Ask for the list anew. */
  async function reload(): Promise<void> {
    clearTimeout(searching);
    const mine = ++turn;
    listing.value = "";
    loading = true;
    held = null;
    events.searched(blind.value ? "" : words.value.trim());
    try {
      // worked out in the background, so that nothing else waits for it
      if (VOTED.has(queue.value)) voters.value = (await wire.request("raters", {})).body;
      const { body } = await wire.request("worklist", page(0));
      if (mine !== turn) return;
      held = body;
      release();
    } catch (error) {
      if (mine === turn) arrived();
      fail(error as Error);
    }
  }

  /** No list is on its way any more. */
  function arrived(): void {
    loading = false;
    waiting.forEach(go => go());
    waiting = [];
  }

  /** Once the list that is on its way is there. */
  function settled(): Promise<void> {
    return loading ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve();
  }

  /**
   * Show the list that has arrived, unless somebody types into a field of the one before: that one stays until they are
   * done.
   */
  function release(): void {
    const active = document.activeElement;
    if (!held || (typing(active) && list.element.contains(active))) return;
    const body = held;
    held = null;
    const at = entries.at(current.value);
    const focused = list.element.contains(active) || (wanted && !typing(active));
    wanted = false;
    arrived();
    entries.clear();
    entries.take(body.offset, body.entries);
    batch(() => {
      listing.value = body.listing;
      total.value = body.total;
      takeTally(body);
    });
    list.reset(body.total);
    const same = body.entries.findIndex(
      entry =>
        !top &&
        entry.row === at?.row &&
        entry.proposed?.label === at.proposed?.label &&
        (!at.suggestion || entry.suggestion?.id === at.suggestion.id),
    );
    top = false;
    if (words.value) events.say(`${plural(body.total, "entry", "entries")} found`, body.total ? "good" : "");
    go(body.total ? Math.max(0, same) : -1, focused && body.total > 0);
    if (focused && !body.total) focus(); // or the keys would be dead
  }

  /**
   * Put the focus on the current card, now and when the list that is on its way is there. A field keeps it unless it is
   * left.
   */
  function focus(leave = false): void {
    const root = list.element.closest<HTMLElement>(".ls-root");
    if (!root || (!leave && typing(document.activeElement))) return;
    wanted = loading;
    list.reveal(current.value);
    (list.card(current.value) ?? root).focus({ preventScroll: true });
    if (!root.contains(document.activeElement)) root.focus({ preventScroll: true }); // the list is hidden by focus mode
  }

  async function load(start: number): Promise<void> {
    const mine = turn;
    try {
      const { body } = await wire.request("worklist", page(start));
      if (mine !== turn) return;
      entries.take(start, body.entries);
      list.renew(start, start + body.entries.length);
      if (pageOf(current.value) === start)
        // the keys were on what was still to come
        arrive(document.activeElement === list.element.closest(".ls-root"));
    } catch (error) {
      entries.lose(start);
      fail(error as Error);
    }
  }

  /** Fetch the page of an entry, once. */
  async function fetch(index: number): Promise<void> {
    if (index >= 0 && index < total.value && listing.value) await entries.fetch(index);
  }

  function go(index: number, focused: boolean): void {
    current.value = index;
    list.reveal(index);
    void fetch(index + AHEAD);
    arrive(focused);
  }

  function arrive(focused: boolean): void {
    const entry = entries.at(current.value) ?? null;
    if (focused && !typing(document.activeElement)) list.card(current.value)?.focus({ preventScroll: true });
    open.value = Boolean(entry?.suggestion ?? entry?.audit ?? entry?.proposed);
    events.at(entry?.audit ? null : entry, blind.value);
  }

  function find({ row, suggestion, audit, proposed }: Entry): number {
    if (audit) return entries.find(other => other.row === row && other.audit?.label === audit.label);
    if (blind.value) return -1;
    if (proposed) {
      const cell = entries.find(other => other.row === row && other.proposed?.label === proposed.label);
      if (cell >= 0) return cell;
    }
    const same = (other: Entry) => other.row === row && (!suggestion || other.suggestion?.id === suggestion.id);
    const here = entries.at(current.value);
    if (here && same(here)) return current.value;
    const found = entries.find(same);
    return found >= 0 ? found : entries.find(other => other.row === row && !other.suggestion);
  }

  /** What a reply says of the decisions, unless something newer came meanwhile. */
  function takeTally(tally: Tally): void {
    if (tally.decisions < decisions) return;
    decisions = tally.decisions;
    counts.value = tally.counts;
  }

  /** Somebody else decided: show the entries in the list as they are now. */
  async function refresh(known: number): Promise<void> {
    decisions = known;
    const mine = turn;
    for (const start of entries.seen) {
      const { body } = await wire.request("worklist", page(start));
      if (mine !== turn) return;
      entries.take(start, body.entries);
    }
  }

  /** The place of an entry in sight. */
  function place(index: number) {
    entries.seen.add(pageOf(index));
    return entries.place(index);
  }

  /** Switch to a queue (also if it is shown already: the list is made anew); `first`: from its first entry on. */
  function show(name: Queue, first = false): void {
    top ||= first;
    batch(() => {
      queue.value = name;
      void reload();
    });
  }

  /** The next list is about something else: it is shown from the first pending entry on. */
  function begin(): void {
    queue.value = "pending";
    top = true;
  }

  /** Make the list anew, and show it from its first entry on. */
  async function restart(): Promise<void> {
    top = true;
    await reload();
  }

  /** Search the list, once the words are written. */
  function seek(text: string): void {
    words.value = text;
    clearTimeout(searching);
    searching = setTimeout(() => void reload(), REST_MS);
  }

  /** Whether Esc had something to clear here. */
  function clearSearch(): boolean {
    if (!words.value) return false;
    words.value = "";
    void reload();
    return true;
  }

  /** The selection is another one; `cells`: it names some, which are listed in any case. */
  async function select(n: number | null, tally: Counts, cells: boolean): Promise<void> {
    batch(() => {
      selected.value = n;
      counts.value = tally;
      if (cells && tally.all && !tally[queue.value] && !blind.value) queue.value = "all";
    });
    if (!blind.value) await reload();
  }

  /** Go to the next or previous entry. */
  function move(step: 1 | -1): void {
    if (total.value) go(Math.max(0, Math.min(total.value - 1, current.value + step)), true);
  }

  /** Go to an entry that was clicked: the focus is there already. */
  function touch(index: number): void {
    if (index !== current.value) go(index, false);
  }

  return {
    queue,
    order,
    words,
    counts,
    listing,
    total,
    current,
    open,
    selected,
    blind,
    voters,
    entries,
    reload,
    focus,
    fetch,
    find,
    go,
    /** Whether the list has the focus. */
    holds: () => list.element.contains(document.activeElement),
    takeTally,
    refresh,
    /** Whether a list is on its way. */
    loading: () => loading,
    settled,
    /** How often a list was asked for. */
    turn: () => turn,
    place,
    /** Decisions known to this view. */
    known: () => decisions,
    show,
    restart,
    begin,
    seek,
    clearSearch,
    select,
    move,
    touch,
    close: () => clearTimeout(searching),
  };
}
