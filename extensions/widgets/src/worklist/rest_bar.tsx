/** How far the sample of a list is judged, and how much of the list may be accepted unseen. */

import type { RestShown } from "../messages";
import { count, percent, plural } from "../numbers";
import type { Review } from "../state/review";
import type { Unseen } from "../state/unseen";
import { ORDERS } from "./tools";

const ENOUGH = 20; // decisions that say something about the rate
const LEARNED = ORDERS.find(([order]) => order === "learned")![1];
const SHARES = [0.02, 0.05, 0.1, 0.2, 0.3];

export function RestBar({ review, unseen }: { review: Review; unseen: Unseen }) {
  if (review.queue.value !== "sample") return null;
  const shown = unseen.rest.value;
  if (!shown) return null;
  const { title, n_listed, n_judged, n_wrong, n_free } = shown;
  return (
    <div class="ls-audit-bar ls-rest-bar" role="group" aria-label="Accept the rest">
      <span>
        <b>{`${count(n_judged)} judged, ${count(n_wrong)} wrong`}</b>
        <span class="ls-soft">{` · drawn from ${count(n_listed)}: ${title}`}</span>
      </span>
      <span class="ls-gap" />
      <label>
        At most
        <select
          class="ls-select"
          aria-label="Share of wrong cells among those accepted unseen"
          value={String(unseen.alpha.value)}
          onChange={event => (unseen.alpha.value = Number(event.currentTarget.value))}
        >
          {SHARES.map(share => (
            <option key={share} value={String(share)}>
              {percent(share)}
            </option>
          ))}
        </select>
        wrong
      </label>
      <p class="ls-soft" role="note">
        {told(shown)}
      </p>
      <button
        type="button"
        class={`ls-button ls-small ls-writes ${n_free ? "ls-primary" : ""}`}
        disabled={!n_free}
        title="One batch, one undo; each cell keeps where it comes from"
        onClick={() => unseen.acceptRest()}
      >
        {n_free ? `Accept ${count(n_free)} unseen` : "Nothing to accept yet"}
      </button>
    </div>
  );
}

/** What the sample says, and what more of it would bring. */
function told({ n_judged, n_free, within, n_listed, n_more, n_then, alpha, anew }: RestShown): string {
  const now = n_free
    ? `${plural(n_free, "cell")} of the first ${count(within)} may be accepted unseen.`
    : "Decide the cells in this order; “cannot tell” (skip) counts as wrong.";
  if (n_free && within >= n_listed) return now;
  if (anew && !n_free)
    return `${now} Or teach the order: sort the list by “${LEARNED}”, and draw again from what is left of it.`;
  if (!n_more && n_judged < ENOUGH) return now;
  if (!n_more) return n_free ? now : `${now} At this rate of wrong cells, no number of decisions would be enough.`;
  return `${now} About ${count(n_more)} more decisions would free ${count(Math.max(n_then, 0))} at ${percent(alpha)}.`;
}
