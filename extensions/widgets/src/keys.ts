/** The keys of the app, in one table: what the help shows is what works. Each person may change them; they are remembered. */

import { keepKeys, ownKeys } from "./preferences";

export type Action =
  | "accept"
  | "reject"
  | "skip"
  | "edit"
  | "undo"
  | "redo"
  | "next"
  | "previous"
  | "search"
  | "filter"
  | "similar"
  | "batch"
  | "clear"
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

const DEFAULTS: Binding[] = [
  { action: "accept", key: "a", fixed: [], words: "Accept the suggestion" },
  { action: "reject", key: "r", fixed: [], words: "Reject it" },
  { action: "skip", key: "s", fixed: [], words: "Skip it" },
  { action: "edit", key: "e", fixed: [], words: "Edit the labels of the item" },
  { action: "digit", key: "", fixed: ["1 – 9"], words: "Toggle a label of the item" },
  { action: "undo", key: "u", fixed: ["Ctrl Z"], words: "Undo the last decision or batch" },
  { action: "redo", key: "", fixed: ["Shift Ctrl Z"], words: "Redo it" },
  { action: "next", key: "j", fixed: ["↓", "→"], words: "Next entry" },
  { action: "previous", key: "k", fixed: ["↑", "←"], words: "Previous entry" },
  { action: "batch", key: "g", fixed: [], words: "Decide on many at once" },
  { action: "similar", key: "n", fixed: [], words: "More like this item" },
  { action: "filter", key: "f", fixed: [], words: "Filter the items" },
  { action: "search", key: "/", fixed: [], words: "Search the worklist" },
  { action: "clear", key: "", fixed: ["Esc"], words: "Close, or clear search and filters" },
  { action: "help", key: "?", fixed: [], words: "This help" },
];
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
  return DEFAULTS.map(binding => ({
    ...binding,
    key: binding.key && usable(own[binding.action]) ? own[binding.action]!.toLowerCase() : binding.key,
  }));
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
  const other = now.find(binding => binding.key === key);
  if (other) other.key = mine.key;
  mine.key = key;
  keepKeys(
    Object.fromEntries(
      now.flatMap((binding, i) => (binding.key !== DEFAULTS[i]!.key ? [[binding.action, binding.key]] : [])),
    ),
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

/** Whether the person is typing: keys then belong to the field. */
export function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== "range";
  return target instanceof HTMLElement && (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName));
}

/** What a key press means, with the digit for "digit"; null if it is not one of ours. */
export function meaning(event: KeyboardEvent): { action: Action; digit: number } | null {
  const key = event.key.toLowerCase();
  if (typing(event.target)) return key === "escape" ? { action: "clear", digit: 0 } : null;
  if (event.ctrlKey || event.metaKey)
    return key === "z" && !event.altKey ? { action: event.shiftKey ? "redo" : "undo", digit: 0 } : null;
  if (event.altKey) return null;
  if (/^[1-9]$/.test(key)) return { action: "digit", digit: Number(key) };
  const action = ARROWS[key] ?? bindings().find(binding => binding.key && binding.key === key)?.action;
  return action ? { action, digit: 0 } : null;
}

/** Whether a key press in the app is left to JupyterLab: saving still saves. Plain keys never are (D D deletes the cell). */
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
