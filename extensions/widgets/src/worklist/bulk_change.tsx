/**
 * One label set on the whole selection, or all of it confirmed: shown first, single items can be unticked, one
 * undo.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Bulk, BulkShown, Label } from "../messages";
import { count, plural } from "../numbers";
import { DialogActions } from "../page/dialog_actions";
import { Finder } from "../page/finder";
import type { Overlay } from "../page/overlay";
import { usePreview } from "../page/preview";
import type { Wire } from "../wire";
import { Box } from "./chip";

interface ChangeAsked {
  do: Bulk;
  find: (query: string) => Promise<Label[]>;
  done: (words: string, decisions: number) => void;
}

export const BULK: [Bulk, string, string][] = [
  ["add", "Add label", "Give a label to the selected items"],
  ["remove", "Remove label", "Take a label from the selected items"],
  ["unknown", "Set unknown", "Say of the selected items that nobody knows about a label"],
  ["confirm", "Confirm items", "The labels of the selected items are right; what is suggested for them is rejected"],
];
const STATES = { 1: "added to", 0: "removed from", [-1]: "unknown on" } as const;
const PAST: Record<Bulk, string> = { add: "Added", remove: "Removed", unknown: "Set unknown", confirm: "Confirmed" };

/** Open the dialog. */
export function showBulkChange(overlay: Overlay, wire: Wire, asked: ChangeAsked): void {
  const name = BULK.find(([of]) => of === asked.do)![1];
  overlay.show(name, <BulkChange key={asked.do} wire={wire} asked={asked} close={() => overlay.hide()} />);
}

function BulkChange({ wire, asked, close }: { wire: Wire; asked: ChangeAsked; close: () => void }) {
  const { do: what, find, done } = asked;
  const [label, setLabel] = useState<Label | null>(null);
  const [without, setWithout] = useState<number[]>([]);
  const needsLabel = what !== "confirm";
  const body = { do: what, label: label?.label ?? -1, without };
  const look = needsLabel && !label ? null : () => wire.request("bulk", { ...body, offset: 0 });
  // what was fetched of the list stays
  const join = (now: BulkShown, before: BulkShown | null) => ({
    ...now,
    entries: merged(now.entries, before?.entries ?? []),
  });
  const { shown, setShown, ready, trouble, apply } = usePreview(look, [wire, what, label, without], { join });
  const more = async () => {
    const { body: next } = await wire.request("bulk", { ...body, offset: shown!.entries.length });
    setShown(now => now && { ...now, entries: merged(now.entries, next.entries) });
  };
  const tick = (row: number) => setWithout(now => (now.includes(row) ? now.filter(of => of !== row) : [...now, row]));
  const total = shown?.total ?? 0;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // once there is something to do, Enter does it
    if (look && ready && total && !document.activeElement?.closest(".ls-batch")) button.current!.focus();
  }, [label, ready, total]);
  const change = async () => {
    const { body: made } = await wire.request("bulk_apply", { ...body, selection: shown!.selection, total });
    close();
    done(`${PAST[what]}: ${label ? `${label.name}, ` : ""}${plural(made.total, "cell")}`, made.decisions);
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (ready && total) apply(change);
      }}
    >
      {needsLabel && (
        <div class="ls-batch-ask">
          <Finder
            name="Which label?"
            find={find}
            focused
            choose={of => {
              setLabel(of);
              setWithout([]);
              setShown(null);
            }}
          />
          {label && <strong dir="auto">{label.name}</strong>}
        </div>
      )}
      <div class="ls-batch">
        {trouble ? (
          <p class="ls-note ls-error">{trouble}</p>
        ) : shown ? (
          <Preview what={what} name={label?.name ?? ""} shown={shown} without={without} tick={tick} more={more} />
        ) : (
          <p class="ls-note">{needsLabel && !label ? "Choose a label to see what would change." : "Looking…"}</p>
        )}
      </div>
      <DialogActions
        close={close}
        words="One undo takes all of it back."
        action={total ? `Apply to ${plural(total, "cell")}` : "Nothing to apply"}
        disabled={!ready || !total}
        button={button}
      />
    </form>
  );
}

interface PreviewProps {
  what: Bulk;
  name: string;
  shown: BulkShown;
  without: number[];
  tick: (row: number) => void;
  more: () => Promise<void>;
}

function Preview({ what, name, shown, without, tick, more }: PreviewProps) {
  const { items, total, same, decided, rules, entries } = shown;
  const all = items + without.length;
  const notes = [
    same > 0 && `${plural(same, "item")} ${same === 1 ? "is" : "are"} so already`,
    decided > 0 && `${plural(decided, "item")} decided before ${decided === 1 ? "is" : "are"} left alone`,
  ].filter(Boolean);
  return (
    <>
      <p>
        <strong>{plural(what === "confirm" ? items : total, what === "confirm" ? "item" : "cell")}</strong>
        {what === "confirm" ? " would be confirmed" : " would change"}
        {notes.length > 0 && <span class="ls-soft">{`. ${notes.join("; ")}.`}</span>}
      </p>
      {rules.map(({ label, state, n }) => (
        <p key={label} class="ls-along">
          {"Rules: "}
          <strong dir="auto">{label}</strong>
          {` is ${STATES[state]} ${plural(n, "item")} with it.`}
        </p>
      ))}
      <div role="group" aria-label="Items that change" class="ls-ticks">
        {entries.map(({ row, item, text, state }) => (
          <label key={row} class="ls-tickline">
            <input type="checkbox" checked={!without.includes(row)} onChange={() => tick(row)} />
            {what !== "confirm" && <Box state={state} />}
            <span class="ls-btext" dir="auto">
              {text || `item ${item}`}
            </span>
          </label>
        ))}
      </div>
      {entries.length < all && (
        <button type="button" class="ls-link" onClick={() => void more()}>
          {`Show more of ${count(all)} items`}
        </button>
      )}
      {!all && <p class="ls-note">{`No cell of ${name || "the selection"} would change.`}</p>}
    </>
  );
}

function merged(first: BulkShown["entries"], then: BulkShown["entries"]): BulkShown["entries"] {
  const known = new Set(first.map(({ row }) => row));
  return [...first, ...then.filter(({ row }) => !known.has(row))].sort((a, b) => a.row - b.row);
}
