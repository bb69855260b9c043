/**
 * What a person has set for every app on the page: the keys, the colours of the labels, whether a decision by key is
 * asked for twice. Kept in the browser, so that it holds wherever the app is shown; a front end with settings of its
 * own (JupyterLab) writes them there and says so by an event, and hears by another what was changed in an app.
 */

import type { Order, Queue } from "./messages";
import { recall, remember } from "./store";

export type Palette = "standard" | "okabe-ito" | "tol-muted";

const CHANGED = "labelscope:preferences"; // whoever wrote the preferences says so, on the window
const REBOUND = "labelscope:keys"; // an app has changed the keys: the front end may keep them
const LISTED = "labelscope:saved"; // an app has saved or forgotten a list: the same
const KEYS = "keys";
const PALETTE = "palette";
const CONFIRM = "confirm";
const AGAIN_MS = 4000;
const SAVED = "saved";
const RECENT = "recent";
const MOST_SAVED = 30;
const MOST_RECENT = 5;

/** The keys that are other than they came, by action. */
export function ownKeys(): Record<string, string> {
  return recall<Record<string, string>>(KEYS, {});
}

/** Keep the keys, and tell the other apps and the front end around them. */
export function keepKeys(keys: Record<string, string>): void {
  remember(KEYS, keys);
  window.dispatchEvent(new CustomEvent(REBOUND, { detail: keys }));
  window.dispatchEvent(new CustomEvent(CHANGED));
}

/** The colours of labels. */
export function palette(): Palette {
  return recall<string>(PALETTE, "standard") as Palette;
}

/** A list that somebody came to: its filters as a query, and where they stand in the app. */
export interface Kept {
  name: string;
  query?: string;
  queue?: Queue;
  order?: Order;
}

/** The lists that a person keeps for a data set, the newest first. */
export function saved(title: string): Kept[] {
  return recall<Kept[]>(`${SAVED}.${title}`, []);
}

/** Keep the lists of a data set, and tell the front end around the app. */
export function keepSaved(title: string, lists: Kept[]): void {
  const kept = lists.slice(0, MOST_SAVED);
  remember(`${SAVED}.${title}`, kept);
  window.dispatchEvent(new CustomEvent(LISTED, { detail: { title, lists: kept } }));
}

/** The lists of a data set that were asked for last, the newest first. */
export function recent(title: string): Kept[] {
  return recall<Kept[]>(`${RECENT}.${title}`, []);
}

/** A list was asked for. */
export function visited(title: string, list: Kept): void {
  const others = recent(title).filter(({ name }) => name !== list.name);
  remember(`${RECENT}.${title}`, [list, ...others].slice(0, MOST_RECENT));
}

/** Hear of preferences that have changed, here or in another tab. Returns the function that stops it. */
export function onPreferences(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  window.addEventListener("storage", changed);
  return () => {
    window.removeEventListener(CHANGED, changed);
    window.removeEventListener("storage", changed);
  };
}

/** Whether a decision by key counts: at once, or where the person wants it so at the second press. */
export class Sure {
  private asked = "";
  private at = -Infinity;

  of(action: string): boolean {
    if (!recall(CONFIRM, false)) return true;
    const again = this.asked === action && performance.now() - this.at < AGAIN_MS;
    [this.asked, this.at] = again ? ["", -Infinity] : [action, performance.now()];
    return again;
  }

  /** Something else was pressed. */
  forget(): void {
    this.asked = "";
  }
}
