/** The keys, as a table; those on a button can be changed by clicking it and pressing another. */

import { Fragment } from "preact";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { bindings, changes, rebind, resetKeys, type Binding } from "../keys";
import { useFocus } from "./focus";
import type { Overlay } from "./overlay";

const QUERIES = [
  "anger AND NOT annoyance",
  "add:joy",
  "remove:joy",
  "missing:joy",
  "spurious:joy",
  "unknown:joy",
  "decided:joy",
  "by:ann",
  "joy:? (unknown)",
  "joy:no",
  'text:"not sure"',
  "is:pending",
  "split:test",
  "column:by:x",
  "joy>0.8",
  "suspicion>0.5",
  "labels>=3",
  "id:42",
];
const MODIFIERS = ["Tab", "Shift", "Alt", "Control", "Meta"];

interface HelpProps {
  /** Whether nothing can be changed: keys that would are left out. */
  readOnly: boolean;
  /** Told when a key has become another. */
  changed: () => void;
}

export function showHelp(overlay: Overlay, props: HelpProps): void {
  overlay.show("Keys", <Help {...props} close={() => overlay.hide()} />);
}

function Help({ readOnly, changed, close }: HelpProps & { close: () => void }) {
  const [, draw] = useReducer<number, undefined>(n => n + 1, 0);
  const first = useFocus<HTMLButtonElement>();
  const again = () => {
    draw(undefined);
    changed();
  };
  return (
    <>
      <div class="ls-shortcuts">
        {bindings()
          .filter(({ action }) => !readOnly || !changes(action))
          .map(binding => (
            <div key={binding.action} class="ls-shortcut">
              <span>
                {binding.key && <KeyCap binding={binding} changed={again} />}
                {binding.fixed.map((key, i) => (
                  <Fragment key={key}>
                    {(binding.key || i > 0) && " or "}
                    <kbd>{key}</kbd>
                  </Fragment>
                ))}
              </span>
              <span>{binding.words}</span>
            </div>
          ))}
      </div>
      <p class="ls-soft">
        To change a key, click it and press another. On the map: drag moves, the wheel zooms, a double click resets, a
        click picks an item. With lasso, box or brush (or with Shift to add and Alt to remove), drag over items.
        {!readOnly && " Click a label to change it, Alt+click to say unknown."}
      </p>
      <p class="ls-soft">
        Filters:{" "}
        {QUERIES.map((query, i) => (
          <Fragment key={query}>
            {i > 0 && " · "}
            <code>{query}</code>
          </Fragment>
        ))}
      </p>
      <div class="ls-dialog-actions">
        <button
          type="button"
          class="ls-link"
          onClick={() => {
            resetKeys();
            again();
          }}
        >
          Reset keys
        </button>
        <span class="ls-gap" />
        <button ref={first} type="button" class="ls-button" onClick={close}>
          Close
        </button>
      </div>
    </>
  );
}

/** A key that waits for another one once it is clicked. */
function KeyCap({ binding: { action, key, words }, changed }: { binding: Binding; changed: () => void }) {
  const [waiting, setWaiting] = useState(false);
  const cap = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (waiting) cap.current!.focus(); // Safari gives a button that is clicked no focus
  }, [waiting]);
  const press = (event: KeyboardEvent) => {
    if (!waiting || MODIFIERS.includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== "Escape") rebind(action, event.key.toLowerCase());
    setWaiting(false);
    changed();
  };
  return (
    <button
      ref={cap}
      type="button"
      class={`ls-keycap ${waiting ? "ls-waiting" : ""}`}
      data-action={action}
      aria-label={`Key for ${words}: ${key.toUpperCase()}`}
      title="Click and press another key"
      onClick={() => setWaiting(true)}
      onKeyDown={press}
      onBlur={() => setWaiting(false)}
    >
      {waiting ? "…" : key.toUpperCase()}
    </button>
  );
}
