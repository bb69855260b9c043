/** Decide on many suggestions at once: what would change is shown first, and one undo takes it back. */

import { useState } from "preact/hooks";
import { count, percent, plural } from "../numbers";
import { DialogActions } from "../page/dialog_actions";
import { useFocus } from "../page/focus";
import { Meter } from "../page/meter";
import type { Overlay } from "../page/overlay";
import { usePreview } from "../page/preview";
import type { BatchShown, Suggestion } from "../messages";
import type { Wire } from "../wire";

export interface BulkAsked {
  listing: string;
  /** The current suggestion: "only ones like it" is about it. */
  current: Suggestion | null;
  done(words: string, decisions: number): void;
}

const PAST = { accept: "Accepted", reject: "Rejected", skip: "Skipped" } as const;
type Decision = keyof typeof PAST;

/** Open the dialog. */
export function showBulkReview(overlay: Overlay, wire: Wire, asked: BulkAsked): void {
  overlay.show("Bulk review", <BulkReview wire={wire} asked={asked} close={() => overlay.hide()} />);
}

function BulkReview({ wire, asked, close }: { wire: Wire; asked: BulkAsked; close: () => void }) {
  const { listing, current } = asked;
  const first = useFocus<HTMLSelectElement>();
  const [verdict, setVerdict] = useState<Decision>("accept");
  const [like, setLike] = useState("");
  const [above, setAbove] = useState(0);
  const look = () => wire.request("batch", { listing, like, above });
  const { shown, ready, trouble, apply } = usePreview(look, [wire, listing, like, above]);
  const total = shown?.total ?? 0;
  const decide = async () => {
    const { body } = await wire.request("batch_apply", { listing, like, above, total, verdict });
    close();
    asked.done(`${PAST[verdict]}: ${plural(body.total, "suggestion")}`, body.decisions);
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (ready && total) apply(decide);
      }}
    >
      <div class="ls-batch-ask">
        <select
          ref={first}
          class="ls-select"
          aria-label="Decision"
          value={verdict}
          onChange={event => setVerdict(event.currentTarget.value as Decision)}
        >
          <option value="accept">Accept</option>
          <option value="reject">Reject</option>
          <option value="skip">Skip</option>
        </select>
        <select
          class="ls-select"
          aria-label="Which suggestions"
          value={like}
          onChange={event => setLike(event.currentTarget.value)}
        >
          <option value="">The whole list</option>
          {current && <option value={current.id}>{`Only “${current.action} ${current.name}”`}</option>}
        </select>
        <label>
          Confidence
          <input
            type="range"
            min={0}
            max={1}
            step={0.01}
            value={above}
            aria-label="Least confidence"
            onInput={event => setAbove(Number(event.currentTarget.value))}
          />
          <output>{above ? `at least ${above.toFixed(2)}` : "any"}</output>
        </label>
      </div>
      <div class="ls-batch">
        {trouble ? <p class="ls-note ls-error">{trouble}</p> : shown && <Preview {...shown} />}
      </div>
      <DialogActions
        close={close}
        words="Reviewed items are not changed. One undo takes all of it back."
        action={!shown ? "Apply" : total ? `Apply to ${plural(total, "suggestion")}` : "Nothing to apply"}
        disabled={!ready || !total}
      />
    </form>
  );
}

function Preview({ total, companions, items, groups, n_groups, sample }: BatchShown) {
  if (!total) return <p class="ls-note">No open suggestion is that confident.</p>;
  const most = Math.max(...groups.map(group => group.n));
  const along = companions
    ? `, and accepting takes ${plural(companions, "change")} along that they make necessary`
    : "";
  return (
    <>
      <p>
        <strong>{plural(total, "cell")}</strong>
        {` of ${plural(items, "item")} would be decided${along}:`}
      </p>
      <div class="ls-bgroups">
        {groups.map(({ action, label, n, least }) => (
          <div key={`${action} ${label}`} class="ls-brow">
            <Sign action={action} />
            <span class="ls-bname" dir="auto">
              {label}
            </span>
            <Meter share={n / most} />
            <b>{count(n)}</b>
            <small>{`from ${percent(least)}`}</small>
          </div>
        ))}
        {n_groups > groups.length && <p class="ls-soft">{`and ${count(n_groups - groups.length)} smaller groups`}</p>}
      </div>
      <p class="ls-soft">For example</p>
      <div>
        {sample.map(({ row, item, label, action, text }) => (
          <div key={`${row} ${label}`} class="ls-bexample">
            <Sign action={action} />
            <span class="ls-bname" dir="auto">
              {label}
            </span>
            <span class="ls-btext" dir="auto">
              {text || `item ${item}`}
            </span>
          </div>
        ))}
      </div>
    </>
  );
}

function Sign({ action }: { action: "add" | "remove" }) {
  return <span class={`ls-bsign ls-${action}`}>{action === "add" ? "+" : "−"}</span>;
}
