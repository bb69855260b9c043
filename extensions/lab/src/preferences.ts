/**
 * The part of the settings that is for the apps themselves: keys, colours, confirmation, saved lists. The apps read
 * them from the browser's storage (they also run where there is no JupyterLab); here they are written there, and what
 * a person changes in an app comes back into the settings.
 */

import { Notification } from "@jupyterlab/apputils";
import { ISettingRegistry } from "@jupyterlab/settingregistry";

const STORE = "labelscope.";
const CHANGED = "labelscope:preferences";
const REBOUND = "labelscope:keys";
const SAVED = "labelscope:saved";

type Keys = Record<string, string>;
/** The saved lists of each data set, by its title. */
type Saved = Record<string, Record<string, string>[]>;

/** Keep the apps on this page as the settings say, from now on. */
export function share(settings: ISettingRegistry.ISettings): void {
  let own = false; // whether a change is on its way from an app into the settings
  let known = false; // keys that the person chose in an app before there were settings are left as they are
  let kept: Saved = {}; // lists that were saved in an app before there were settings are left as they are, too
  const write = () => {
    const { keys, palette, confirmDecisions, saved } = settings.composite as {
      keys?: Keys;
      palette?: string;
      confirmDecisions?: boolean;
      saved?: Saved;
    };
    if (settings.user.keys !== undefined || known) put("keys", changed(settings, keys ?? {}));
    put("palette", palette ?? "standard");
    put("confirm", confirmDecisions === true);
    const lists = saved ?? {};
    for (const title of new Set([...Object.keys(kept), ...Object.keys(lists)]))
      put(`saved.${title}`, lists[title] ?? []);
    kept = lists;
    window.dispatchEvent(new CustomEvent(CHANGED));
    known = settings.user.keys !== undefined;
    if (!own) warn(keys ?? {});
  };
  settings.changed.connect(write);
  write();
  window.addEventListener(REBOUND, event => {
    own = true;
    const keys = (event as CustomEvent<Keys>).detail;
    const stored = Object.keys(keys).length ? settings.set("keys", keys) : settings.remove("keys");
    void stored.catch(() => undefined).then(() => (own = false));
  });
  window.addEventListener(SAVED, event => {
    const { title, lists } = (event as CustomEvent<{ title: string; lists: Saved[string] }>).detail;
    const others = Object.entries(kept).filter(([name]) => name !== title);
    // at once: the next list adds to these
    kept = Object.fromEntries<Saved[string]>(lists.length ? [...others, [title, lists]] : others);
    own = true;
    void settings
      .set("saved", kept)
      .catch(() => undefined)
      .then(() => (own = false));
  });
}

/** The keys that are other than the defaults: only they are kept, so that a better default reaches everybody else. */
function changed(settings: ISettingRegistry.ISettings, keys: Keys): Keys {
  const defaults = (settings.default("keys") ?? {}) as Keys;
  const own = (settings.user.keys ?? {}) as Keys;
  const whole = Object.keys(own).some(action => own[action] === defaults[action]);
  const chosen = ([action, key]: [string, string]) => key !== defaults[action] && !(whole && key === FORMER[action]);
  return Object.fromEntries(Object.entries(keys).filter(chosen));
}

/**
 * Defaults of earlier versions. The settings editor writes all keys as soon as one is changed: there they are no choice
 * of the person's.
 */
const FORMER: Keys = { batch: "g", similar: "n", filter: "f" };

/** Actions of the review and of the audit: they are never meant at the same time, and may share a key. */
const REVIEW = ["accept", "reject", "skip", "edit", "confirm", "similar", "batch"];
const AUDIT = ["right", "wrong", "unsure"];

function clash(keys: Keys, one: string, other: string): boolean {
  const [first, second] = [REVIEW, AUDIT].map(part => [one, other].filter(action => part.includes(action)).length);
  return keys[one]?.toLowerCase() === keys[other]?.toLowerCase() && !(first === 1 && second === 1);
}

function warn(keys: Keys): void {
  const actions = Object.keys(keys);
  for (const [i, action] of actions.entries()) {
    const other = actions.slice(0, i).find(before => clash(keys, before, action));
    if (other)
      Notification.warning(
        `Labelscope: the key “${keys[action]}” is set for “${other}” and for “${action}”; it does the first of them.`,
      );
  }
}

function put(name: string, value: unknown): void {
  try {
    localStorage.setItem(STORE + name, JSON.stringify(value));
  } catch {
    /* storage is forbidden: the apps keep what they came with */
  }
}
