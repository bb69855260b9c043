/** The review: the listing that is shown, and the decisions on its entries. */

import { signal } from "@preact/signals";
import { keyName } from "../keys";
import type { VirtualList } from "../list";
import type {
  Asking,
  Chip,
  Decision,
  Entry,
  Judgement,
  LabelState,
  Proposed,
  Queue,
  RaterFile,
  SinceSuggestions,
  StageReport,
  Suggestion,
  Tally,
} from "../messages";
import { plural } from "../numbers";
import type { Wire } from "../wire";
import { JUDGED } from "../worklist/card";
import { nextState } from "../worklist/chip";
import { openListing, type ListingEvents } from "./listing";

export interface WorklistEvents extends ListingEvents {
  /** Show what the audit says. */
  estimate(): void;
  /** Decide on many: a list, and the suggestion that the person is at. */
  batch(listing: string, current: Suggestion | null): void;
  /** Ask a judge about the cells of a list. */
  ask(listing: string): void;
  /** Write the votes wanted, or soft labels, to a file. */
  votersFile(what: RaterFile["what"]): void;
  /** Show many items at once. */
  grid(): void;
  /** Show the current item large. */
  large(): void;
  /** A decision is in the ledger. */
  decided(): void;
}

/** Queues of what is still to be decided: decided entries are passed over. */
const OPEN: ReadonlySet<Queue> = new Set<Queue>(["pending", "agreed", "sample"]);
const MOST_FLYING = 16; // decisions under way: the next key press does not wait for the disk
const PAST: Record<Decision, string> = { accept: "Accepted", reject: "Rejected", skip: "Skipped" };
const LOADING = "The list is being renewed; nothing was decided. Press the key again";
const STATES: Record<string, string> = { "1": "yes", "0": "no", "-1": "unknown" };

export type Review = ReturnType<typeof openReview>;

export function openReview(wire: Wire, events: WorklistEvents, list: VirtualList) {
  const shown = openListing(wire, events, list);
  const { entries, current, total, queue, blind, listing, refresh, takeTally, fetch, find, go, reload } = shown;
  const expected = signal({ waiting: "", problem: "" });
  const changes = signal<{ since: SinceSuggestions | undefined; status: StageReport["status"] | undefined }>({
    since: undefined,
    status: undefined,
  });
  const oracle = signal(""); // who can be asked; "" for nobody
  const asking = signal<Asking | undefined>(undefined);
  const keys = signal(0); // rises when the keys are others
  /** Decisions that the kernel has not confirmed yet, and the suggestions they are about. */
  const flying = new Set<Promise<void>>();
  const deciding = new Set<string>();
  let chain: Promise<void> = Promise.resolve();

  const fail = (error: Error) => events.say(error.message, "error");
  const unsaved = (event: BeforeUnloadEvent) => {
    if (flying.size) event.preventDefault();
  };
  const listens = new AbortController();
  window.addEventListener("beforeunload", unsaved, { signal: listens.signal });

  /** The next entry that nobody has decided on, not of the item `past`; or where we are. */
  function following(at: number, past = -1): number {
    for (let index = at + 1; index < total.value; index++) {
      const entry = entries.at(index);
      if (entry?.row === past) continue;
      if (entry?.audit?.judgement || (entry?.suggestion && deciding.has(entry.suggestion.id))) continue;
      if (entry?.proposed) {
        if (entry.proposed.verdict === "pending") return index;
        continue;
      }
      if (!entry?.suggestion || entry.suggestion.verdict === "pending" || !OPEN.has(queue.value)) return index;
    }
    return at;
  }

  function settle(at: number, body: Tally & { entry: Entry; n?: number }): void {
    const others = body.decisions - (body.n ?? 1) > shown.known(); // more was decided than this reply is about
    takeTally(body);
    if (others) void refresh(body.decisions);
    entries.settle(at, body.entry);
    events.decided();
  }

  /** One action after the other: the next key press acts on what the last one has left. */
  function enqueue(action: () => Promise<void> | void): void {
    chain = chain.then(action).catch(fail);
  }

  /** Act on the current entry, once it is there: fast hands are ahead of the list. */
  function act(action: (entry: Entry | undefined) => Promise<void> | void): void {
    if (shown.loading()) return events.say(LOADING);
    enqueue(async () => {
      await fetch(current.value);
      await action(entries.at(current.value));
    });
  }

  /** Once the kernel has confirmed the decisions that are under way. */
  async function landed(): Promise<void> {
    await Promise.all(flying);
  }

  /** Send a decision; what it changed is shown when the ledger has it. */
  function write(at: number, { id, action, name, instead }: Suggestion, verdict: Decision): Promise<void> {
    const mine = shown.turn();
    entries.busy(at, true);
    deciding.add(id);
    const written = wire
      .request("decide", { suggestion: id, verdict })
      .then(({ body }) => {
        deciding.delete(id);
        settle(mine === shown.turn() ? at : find(body.entry), body);
        const rest = body.n - 1;
        const more =
          rest > 0 && !instead ? ` and ${plural(rest, "change")} that ${rest === 1 ? "goes" : "go"} with it` : "";
        if (rest > 0) void refresh(body.decisions);
        const [from, to] = action === "add" ? [instead, name] : [name, instead];
        events.say(`${PAST[verdict]}: ${instead ? `${from} → ${to}` : `${action} ${name}`}${more}`, "good");
      })
      .catch((error: Error) => {
        deciding.delete(id);
        if (mine === shown.turn()) go(at, false); // it is still to be decided
        events.say(`Not saved: ${action} ${name}. ${error.message}`, "error");
      })
      .finally(() => {
        if (mine === shown.turn()) entries.busy(at, false);
        flying.delete(written);
      });
    flying.add(written);
    return written;
  }

  /** Set a label of an item to a state. */
  function put(entry: Entry, chip: Pick<Chip, "label" | "name">, to: () => LabelState): void {
    enqueue(async () => {
      await landed();
      const [state, suggestion] = [to(), entry.suggestion?.id ?? ""];
      const { body } = await wire.request("edit", { row: entry.row, label: chip.label, state, suggestion });
      settle(find(body.entry), body);
      events.say(`${chip.name} of item ${entry.item} is now: ${STATES[String(state)]}`, "good");
    });
  }

  /** Change the state of a label of an item. */
  function toggle(entry: Entry, chip: Chip, alt: boolean): void {
    const known = () => entries.at(find(entry))?.chips.find(of => of.label === chip.label);
    put(entry, chip, () => nextState((known() ?? chip).state, alt));
  }

  /** What the list waits for while it is empty, or why there will be none. */
  function expect(waiting: string, problem: string): void {
    const before = expected.value;
    if (waiting !== before.waiting || problem !== before.problem) expected.value = { waiting, problem };
  }

  /** There are decisions that are not shown here, unless they are those that this view has just taken. */
  async function follow(known: number): Promise<void> {
    await landed();
    if (known > shown.known()) await refresh(known);
  }

  /** Make the suggestions anew, once the decisions under way are written; the list follows when they are there. */
  async function reconsider(): Promise<void> {
    await landed();
    await wire.request("reconsider", {}).catch(fail);
  }

  /** Accept, reject or skip the current suggestion, and go on to the next one while it is written. */
  function decide(verdict: Decision): void {
    act(async entry => {
      if (entry?.audit) return;
      if (entry?.proposed) return decideUnknown(entry, entry.proposed, verdict);
      if (!entry?.suggestion)
        return events.say(
          entry ? "This item has no suggestion; change its labels with the chips" : "There is no entry to decide on",
        );
      const at = current.value;
      const written = write(at, entry.suggestion, verdict);
      if (entry.suggestion.companions.length || flying.size >= MOST_FLYING) await written;
      if (current.value === at) go(following(at), true);
    });
  }

  /** Accept what is proposed for an unknown cell, say that it is the other state, or leave it unknown; and go on. */
  async function decideUnknown(entry: Entry, { label, name, state }: Proposed, verdict: Decision): Promise<void> {
    const at = current.value;
    entries.busy(at, true);
    try {
      const { body } = await wire.request("unknown_decide", { row: entry.row, label, verdict });
      settle(at, body);
      const now = verdict === "skip" ? "left unknown" : (verdict === "accept") === (state === 1) ? "present" : "absent";
      events.say(`${name} of item ${entry.item}: ${now}`, "good");
      if (current.value === at) go(following(at), true);
    } finally {
      entries.busy(at, false);
    }
  }

  /** Say that the labels of the current item are right as they stand, and go on to the next item. */
  function confirm(): void {
    act(async entry => {
      if (!entry || entry.audit) return;
      const at = current.value;
      await landed();
      const { body } = await wire.request("confirm", { row: entry.row, suggestion: entry.suggestion?.id ?? "" });
      settle(at, body);
      events.say(`Labels of item ${entry.item} confirmed`, "good");
      await refresh(body.decisions);
      if (current.value === at) go(following(at, entry.row), true);
    });
  }

  /** Say whether the given state of a cell of the audit sample is right, and go on to the next one. */
  function judge(verdict: Judgement): void {
    act(async entry => {
      if (!entry?.audit) return;
      const { row, audit } = entry;
      const at = current.value;
      entries.busy(at, true);
      try {
        const { body } = await wire.request("judge", { row, label: audit.label, verdict });
        settle(at, body);
        events.say(`${JUDGED[verdict]}: ${audit.name} of item ${body.entry.item}`, "good");
        if (!body.counts.audit) await reload();
        else if (current.value === at) go(following(at), true);
      } finally {
        entries.busy(at, false);
      }
    });
  }

  /** Undo or redo, and show what it was about. */
  function step(way: "undo" | "redo"): void {
    enqueue(async () => {
      await landed();
      const { body } = await wire.request(way, { blind: blind.value });
      const { entry, label, n, kept, by, reason, text, group } = body;
      const done = way === "undo" ? "Undone" : "Redone";
      if (text || group)
        return events.say(
          `${done}: ${group ? "what was said of the group" : "description and guideline of"} ${label}`,
          "good",
        );
      if (!entry) return events.say(`Nothing to ${way}`);
      if (entry.audit && find(entry) < 0) await reload();
      const at = find(entry);
      settle(at, { ...body, entry });
      if (at >= 0) go(at, true);
      if (n > 1) void refresh(body.decisions);
      const of = reason ? "the reason of " : "";
      const what = n > 1 ? plural(n, "decision") : `${body.label} of item ${entry.item}`;
      const rest = kept
        ? `. ${plural(kept, "cell")} ${kept === 1 ? "keeps" : "keep"} what ${by.join(" and ")} decided since`
        : "";
      events.say(`${done}: ${of}${what}${rest}`, "good");
    });
  }

  /** Decide on the undecided suggestions of the list, or on those like the current one. */
  async function batch(): Promise<void> {
    await landed();
    await shown.settled();
    if (listing.value && !blind.value) events.batch(listing.value, entries.at(current.value)?.suggestion ?? null);
  }

  /** Ask a judge about the list. */
  async function ask(): Promise<void> {
    await landed();
    if (!oracle.value) return events.say("No judge to ask: open the data with ls.explore(ds, judge=...)");
    if (asking.value?.running) return events.say("The judge is still being asked; wait for it, or cancel first");
    await shown.settled();
    if (listing.value && !blind.value) events.ask(listing.value);
  }

  /** Stop asking the judge, or go on. */
  function steer(way: "ask_stop" | "ask_resume"): void {
    wire.request(way, {}).catch(fail);
  }

  /** A batch was decided. */
  async function batched(known: number): Promise<void> {
    await refresh(known);
    events.decided();
  }

  /** Many were decided: the list is made anew, from its first entry on. */
  async function renew(tally: Tally): Promise<void> {
    takeTally(tally);
    events.decided();
    await shown.restart();
  }

  /** Toggle the n-th label of the current entry. */
  function digit(n: number): void {
    act(entry => {
      const chip = entry?.chips[n - 1];
      if (entry && chip) toggle(entry, chip, false);
    });
  }

  /** Once everything that was asked for by keys and clicks is done. */
  async function written(): Promise<void> {
    await chain;
    await landed();
  }

  function close(): void {
    listens.abort();
    shown.close();
  }

  return {
    ...shown,
    expected,
    changes,
    oracle,
    asking,
    ask,
    steer,
    toggle,
    put,
    /** The key of an action, as it is now. */
    keyOf: (action: Parameters<typeof keyName>[0]) => (keys.value, keyName(action)),
    expect,
    /** The keys are others. */
    rename: () => void keys.value++,
    follow,
    reconsider,
    decide,
    confirm,
    judge,
    step,
    batch,
    batched,
    renew,
    /** Go on to the next entry that waits, if this one does not. */
    advance: () => {
      const entry = entries.at(current.value);
      const verdict = entry?.suggestion?.verdict ?? entry?.proposed?.verdict ?? "pending";
      if (verdict !== "pending") go(following(current.value), true);
    },
    /** Do something once what was asked for before is written. */
    after: (action: () => Promise<void> | void) =>
      enqueue(async () => {
        await landed();
        await action();
      }),
    digit,
    /**
     * Put the cursor into the label search of the current entry, once the decisions before it are sent; whether there
     * is one.
     */
    edit: (): Promise<boolean> =>
      new Promise(done =>
        enqueue(() => {
          list.reveal(current.value);
          const field = list.card(current.value)?.querySelector<HTMLElement>(".ls-finder-field");
          field?.focus({ preventScroll: true });
          done(Boolean(field) && field === document.activeElement);
        }),
      ),
    written,
    close,
  };
}
