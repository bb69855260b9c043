/** What keys and clicks in the app do: the keys are for the list, and words that somebody types decide nothing. */

import { changes, isOfAudit, isOfReview, keyName, meaning, theirs, typing, type Action } from "../keys";
import type { MapView } from "../map";
import { Sure } from "../preferences";
import type { Selection } from "../selection";
import type { FocusMode } from "../worklist/focus_mode";
import type { GridMode } from "../worklist/grid_mode";
import type { Worklist } from "../worklist/worklist";
import type { FilterBar } from "./filter_bar";
import type { Overlay } from "./overlay";

interface KeyboardParts {
  work: Worklist;
  selection: Selection;
  filters: FilterBar;
  map: MapView;
  overlay: Overlay;
  /** Why nothing can be changed here; "" where it can. */
  readOnly: string;
  say: (text: string, kind?: "error") => void;
  help: () => void;
  command: () => void;
  similar: () => void;
  page: () => void;
  reasons: () => void;
  focusMode: FocusMode;
  gridMode: GridMode;
  /** Whether the kernel is gone: nothing can be decided then. */
  isDead: () => boolean;
}

const TWICE: Partial<Record<Action, string>> = {
  acceptAll: "accept all",
  right: "say that it is right",
  wrong: "say that it is wrong",
};
const OF_GRID: readonly Action[] = ["accept", "reject", "reason", "undo", "grid", "clear", "help", "command"];
const SURE: readonly Action[] = ["accept", "acceptAll", "reject", "right", "wrong"];

export function openKeyboard(parts: KeyboardParts) {
  const { work, selection, filters, map, overlay, gridMode, readOnly, say } = parts;
  const sure = new Sure();
  let writing = false; // whether the last thing that somebody did was to write into a field

  /** The focus goes back to the current card, where the keys are. `leave`: also out of a field. */
  function back(leave = false): void {
    if (overlay.open) return;
    if (leave || !typing(document.activeElement)) writing = false;
    work.focus(leave);
  }

  /**
   * Whether a key belongs to words that somebody is typing although no field has the focus: one that they were in is
   * gone. Only what leaves a field on purpose ends that: a click, Esc, Enter or Tab.
   */
  function isStray({ key, target, ctrlKey, metaKey }: KeyboardEvent): boolean {
    if (["Escape", "Enter", "Tab"].includes(key)) writing = false;
    else if (typing(target)) writing = true;
    return writing && !typing(target) && key.length === 1 && !ctrlKey && !metaKey;
  }

  /**
   * Esc closes or clears one thing: the dialog, the field (the search keeps its words), the tool, the filters, the
   * search.
   */
  function clear(target: EventTarget | null): void {
    if (overlay.open) return overlay.hide();
    if (typing(target)) {
      if (target === filters.field.current) filters.field.current!.value = "";
      return back(true);
    }
    if (gridMode.open.value) return gridMode.toggle(false);
    if (parts.focusMode.open.value) return parts.focusMode.toggle(false);
    if (map.armed) map.disarm();
    if (selection.active) void selection.clear().then(() => back());
    else work.clearSearch();
    back();
  }

  function act(action: Action, digit: number, target: EventTarget | null): void {
    const acts: Record<Action, () => void> = {
      accept: () => (gridMode.open.value ? gridMode.apply() : work.decide("accept")),
      acceptAll: () => (work.queue.value === "unknown" ? work.unseen.acceptGroup() : work.decide("accept")),
      reject: () => (gridMode.open.value ? gridMode.tick() : work.decide("reject")),
      skip: () => work.decide("skip"),
      right: () => work.judge("right"),
      wrong: () => work.judge("wrong"),
      unsure: () => work.judge("undecidable"),
      edit: () => {
        writing = true; // what is typed from now on is no decision
        void work.edit().then(open => (writing &&= open));
      },
      confirm: () => work.confirm(),
      reason: () => parts.reasons(),
      undo: () => (gridMode.open.value ? gridMode.undo() : work.step("undo")),
      redo: () => work.step("redo"),
      next: () => work.move(1),
      previous: () => work.move(-1),
      focus: () => parts.focusMode.toggle(),
      grid: () => gridMode.toggle(),
      search: () => work.field.current?.focus({ preventScroll: true }),
      filter: () => filters.field.current?.focus({ preventScroll: true }),
      batch: () => void work.batch(),
      ask: () => void work.ask(),
      similar: () => parts.similar(),
      page: () => parts.page(),
      clear: () => clear(target),
      command: () => parts.command(),
      help: () => parts.help(),
      digit: () => work.digit(digit),
    };
    acts[action]();
  }

  /** Whether the key of the search is pressed in the search, before any word: the filter is meant. */
  function isAgain({ key, target }: KeyboardEvent): boolean {
    const field = work.field.current;
    return target === field && field !== null && !field.value && key.toUpperCase() === keyName("search");
  }

  function press(event: KeyboardEvent): void {
    if (parts.isDead()) return say("The kernel has stopped: nothing was decided. Run again first", "error");
    const blind = work.blind.value;
    const meant = isAgain(event) ? { action: "filter" as const, digit: 0 } : meaning(event, blind);
    if (!theirs(event)) event.stopPropagation(); // the notebook would move the focus to its cell
    if (isStray(event)) {
      event.preventDefault();
      return say("The field is closed, and nothing was decided. Press Esc, then go on");
    }
    if (meant?.action === "command") event.preventDefault(); // also in a dialog: a browser has this key too
    if (!meant || (overlay.open && meant.action !== "clear") || (event.defaultPrevented && meant.action !== "command"))
      return;
    event.preventDefault();
    const { action, digit } = meant;
    if (readOnly && changes(action)) return say(readOnly);
    if (blind && (isOfReview(action) || action === "digit"))
      return say(
        `This is the audit: ${keyName("right")} right, ${keyName("wrong")} wrong, ${keyName("unsure")} cannot tell`,
      );
    if (!blind && isOfAudit(action)) return say(`${keyName(action)} is a key of the audit`);
    if (!SURE.includes(action)) sure.forget();
    else if (!overlay.open && !sure.of(action))
      return say(`Press ${keyName(action)} again to ${TWICE[action] ?? action}`);
    if (gridMode.open.value && !OF_GRID.includes(action))
      return say("This is grid mode: untick the wrong items, then press Enter");
    act(action, digit, event.target);
  }

  /**
   * A click on a button did something: the keys are for the list again. A button that was reached by Tab keeps the
   * focus.
   */
  function clicked(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (event.detail > 0 && button && !button.closest("form, [role=dialog]")) back();
  }

  /** Hear what happens in the app. */
  function listen(root: HTMLElement): void {
    root.addEventListener("keydown", press);
    root.addEventListener("focusin", event => (writing ||= typing(event.target)));
    root.addEventListener("pointerdown", () => (writing = false));
    root.addEventListener("click", clicked);
    root.addEventListener("change", event => {
      if (event.target instanceof HTMLSelectElement && !overlay.open) back(true);
    });
  }

  return { back, listen, act: (action: Action) => act(action, 0, null) };
}
