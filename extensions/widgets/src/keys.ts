/**
 * The keys of the app, in one table: what the help shows is what works. Each person may change them; they are
 * remembered.
 */

import { keepKeys, ownKeys } from "./preferences";

export type Action =
  | "accept"
  | "acceptAll"
  | "reject"
  | "skip"
  | "right"
  | "wrong"
  | "unsure"
  | "edit"
  | "confirm"
  | "reason"
  | "undo"
  | "redo"
  | "next"
  | "previous"
  | "focus"
  | "grid"
  | "search"
  | "filter"
  | "similar"
  | "page"
  | "batch"
  | "ask"
  | "clear"
  | "command"
  | "help"
  | "digit";

export interface Binding {
  action: Action;
  /** The key that can be changed, as `KeyboardEvent.key` in lower case; "" where there is none. */
  key: string;
  /** Keys that always work. */
  fixed: string[];
  words: string;
}

/** Which of the actions are those of the review, and which those of the audit: the same key may stand in both. */
const REVIEW: ReadonlySet<Action> = new Set<Action>([
  "accept",
  "acceptAll",
  "reject",
  "skip",
  "edit",
  "confirm",
  "similar",
  "page",
  "batch",
  "ask",
  "grid",
]);
const AUDIT: ReadonlySet<Action> = new Set<Action>(["right", "wrong", "unsure"]);

const LOOKING: ReadonlySet<Action> = new Set<Action>([
  "next",
  "previous",
  "similar",
  "page",
  "focus",
  "filter",
  "search",
  "clear",
  "command",
  "help",
]);

const DEFAULTS: Binding[] = [
  { action: "accept", key: "a", fixed: [], words: "Accept the suggestion" },
  { action: "acceptAll", key: "", fixed: ["Shift A"], words: "Accept all unknown cells like this one (queue Unknown)" },
  { action: "reject", key: "r", fixed: [], words: "Reject it" },
  { action: "skip", key: "s", fixed: [], words: "Skip it" },
  { action: "right", key: "y", fixed: [], words: "Audit: the label is right" },
  { action: "wrong", key: "n", fixed: [], words: "Audit: the label is wrong" },
  { action: "unsure", key: "s", fixed: [], words: "Audit: cannot tell" },
  { action: "edit", key: "e", fixed: [], words: "Edit the labels of the item" },
  { action: "confirm", key: "c", fixed: [], words: "Confirm the labels of the item; what is suggested is rejected" },
  { action: "reason", key: ".", fixed: [], words: "Reason of the last verdict: a digit chooses one" },
  { action: "digit", key: "", fixed: ["1 – 9"], words: "Toggle a label of the item" },
  { action: "undo", key: "u", fixed: ["Ctrl Z"], words: "Undo the last decision or batch" },
  { action: "redo", key: "", fixed: ["Shift Ctrl Z"], words: "Redo it" },
  { action: "next", key: "j", fixed: ["↓", "→"], words: "Next entry" },
  { action: "previous", key: "k", fixed: ["↑", "←"], words: "Previous entry" },
  { action: "batch", key: "b", fixed: [], words: "Bulk review: decide on many at once" },
  { action: "ask", key: "q", fixed: [], words: "Ask a judge about the list" },
  { action: "similar", key: "m", fixed: [], words: "More like this item" },
  { action: "page", key: "p", fixed: [], words: "Page of the label: all that is known about it" },
  { action: "focus", key: "f", fixed: [], words: "Focus mode: one large item; Space zooms its picture" },
  { action: "grid", key: "g", fixed: [], words: "Grid mode: 24 items about the same question at once" },
  { action: "search", key: "/", fixed: [], words: "Search the worklist; pressed again: filter the items" },
  { action: "filter", key: "", fixed: [], words: "Filter the items" },
  {
    action: "command",
    key: "",
    fixed: ["Ctrl K"],
    words: "Command bar: filters, labels, queues, orders and actions by typing; works in fields too",
  },
  { action: "clear", key: "", fixed: ["Esc"], words: "Close, or clear search and filters" },
  { action: "help", key: "?", fixed: [], words: "This help" },
];
const DEFAULT_KEYS = new Map(DEFAULTS.map(({ action, key }) => [action, key]));
const LETTERS = [..."yntfqwzxcvbmpohdgijklurae"];
const ARROWS: Record<string, Action> = {
  arrowdown: "next",
  arrowright: "next",
  arrowup: "previous",
  arrowleft: "previous",
  escape: "clear",
};

/** The bindings as they are now; a key that cannot be used is passed over. */
export function bindings(): Binding[] {
  const own = ownKeys();
  const chosen = (action: Action) => (usable(own[action]) ? own[action]!.toLowerCase() : "");
  const now = DEFAULTS.map(binding => ({ ...binding, key: chosen(binding.action) || binding.key }));
  const accept = now.find(({ action }) => action === "accept")!;
  now.find(({ action }) => action === "acceptAll")!.fixed = [`Shift ${accept.key.toUpperCase()}`];
  for (const binding of now)
    if (binding.key && !chosen(binding.action) && clashes(binding, binding.key, now))
      // a person's own key for something else goes first
      binding.key = LETTERS.find(letter => !clashes(binding, letter, now))!;
  return now.filter(({ key, fixed }) => key || fixed.length);
}

/** Whether another action has the key, where both can be meant. */
function clashes({ action }: Binding, key: string, all: Binding[]): boolean {
  return all.some(other => other.action !== action && other.key === key && !apart(action, other.action));
}

/** Whether two actions are never meant at the same time: one is of the review, the other of the audit. */
function apart(one: Action, other: Action): boolean {
  return (AUDIT.has(one) && REVIEW.has(other)) || (REVIEW.has(one) && AUDIT.has(other));
}

/** One character that is not needed for something else. */
function usable(key: unknown): boolean {
  return typeof key === "string" && /^[^\s1-9]$/.test(key);
}

/** Give an action another key; the action that had it takes the old one. Returns whether the key can be used. */
export function rebind(action: Action, key: string): boolean {
  const now = bindings();
  const mine = now.find(binding => binding.action === action);
  if (!mine?.key || !usable(key)) return false;
  const other = now.find(binding => binding.key === key && !apart(action, binding.action));
  if (other) other.key = mine.key;
  mine.key = key;
  keepKeys(
    Object.fromEntries(now.flatMap(({ action, key: of }) => (of !== DEFAULT_KEYS.get(action) ? [[action, of]] : []))),
  );
  return true;
}

/** Back to the keys as they came. */
export function resetKeys(): void {
  keepKeys({});
}

/** The key of an action as people write it. */
export function keyName(action: Action): string {
  return (bindings().find(binding => binding.action === action)?.key ?? "").toUpperCase();
}

/** Whether an action decides on something or changes it. */
export function changes(action: Action): boolean {
  return !LOOKING.has(action);
}

/** Whether an action is of the review alone, or of the audit alone. */
export function isOfReview(action: Action): boolean {
  return REVIEW.has(action);
}
export function isOfAudit(action: Action): boolean {
  return AUDIT.has(action);
}

/** Whether the person is typing: keys then belong to the field. */
export function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== "range";
  return target instanceof HTMLElement && (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName));
}

/** What a key press means, in the audit or in the review, with the digit for "digit"; null if it is not one of ours. */
export function meaning(event: KeyboardEvent, audit = false): { action: Action; digit: number } | null {
  const key = event.key.toLowerCase();
  const controlled = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (controlled && key === "k" && !event.shiftKey) return { action: "command", digit: 0 };
  if (typing(event.target)) return key === "escape" ? { action: "clear", digit: 0 } : null;
  if (event.ctrlKey || event.metaKey)
    return key === "z" && !event.altKey ? { action: event.shiftKey ? "redo" : "undo", digit: 0 } : null;
  if (event.altKey) return null;
  if (/^[1-9]$/.test(key)) return { action: "digit", digit: Number(key) };
  const mine = bindings().filter(binding => binding.key && binding.key === key);
  const action = ARROWS[key] ?? (mine.find(of => !(audit ? REVIEW : AUDIT).has(of.action)) ?? mine[0])?.action;
  if (action === "accept" && event.shiftKey) return { action: "acceptAll", digit: 0 };
  return action ? { action, digit: 0 } : null;
}

/**
 * Whether a key press in the app is left to JupyterLab: saving still saves. Plain keys never are (D D deletes the
 * cell).
 */
export function theirs(event: KeyboardEvent): boolean {
  const editing = typing(event.target) && /^[acvxyz]$/i.test(event.key);
  return (event.ctrlKey || event.metaKey) && !editing && !meaning(event);
}

const SUPPRESS = "data-lm-suppress-shortcuts";

/**
 * Keep JupyterLab's shortcuts off the keys of the app. Lumino looks for the attribute from the target of the event
 * upwards, and takes a shortcut that matches an element before it comes to the attribute, so the attribute has to be on
 * the target itself; it is set just before, on the window. Returns the function that takes the listener away.
 */
export function guard(root: HTMLElement): () => void {
  root.setAttribute(SUPPRESS, "true");
  const listener = (event: KeyboardEvent) => {
    const { target } = event;
    if (!(target instanceof Element) || !root.contains(target)) return;
    for (const element of new Set([root, target])) {
      if (theirs(event)) element.removeAttribute(SUPPRESS);
      else element.setAttribute(SUPPRESS, "true");
    }
  };
  window.addEventListener("keydown", listener, true);
  return () => window.removeEventListener("keydown", listener, true);
}
