/** What an empty list says. */

import { plural } from "../numbers";
import { Icon } from "../page/icon";
import type { Review } from "../state/review";
import { Skeleton } from "./card";
import { QUEUES } from "./queue_tabs";

export function Empty({ review, estimate }: { review: Review; estimate: () => void }) {
  const { queue, blind, listing, counts, expected, show } = review;
  if (review.total.value) return null;
  const { waiting, problem } = expected.value;
  if (listing.value ? waiting && queue.value !== "all" && !blind.value : !problem)
    return (
      <div class="ls-empty">
        <Skeleton />
        <Skeleton />
        <Skeleton />
        <p>{waiting}</p>
      </div>
    );
  const [title, words] = blind.value ? finished(counts.value?.judged ?? 0) : reason(review);
  return (
    <div class="ls-empty">
      <div class="ls-empty-icon">
        <Icon name={problem && !blind.value ? "warning" : "check"} />
      </div>
      <strong>{title}</strong>
      <p>{words}</p>
      {queue.value !== "all" && (
        <button type="button" class="ls-button" onClick={() => (blind.value ? estimate() : show("all"))}>
          {blind.value ? "See the estimate" : "Show all items"}
        </button>
      )}
    </div>
  );
}

function finished(judged: number): [string, string] {
  return ["The audit is done", `${plural(judged, "cell")} of the sample ${judged === 1 ? "is" : "are"} judged.`];
}

function reason({ queue, selected, words, expected }: Review): [string, string] {
  const name = QUEUES.find(([of]) => of === queue.value)![1].toLowerCase();
  const n = selected.value;
  if (expected.value.problem && queue.value === "pending") return ["No suggestions", expected.value.problem];
  if (words.value) return ["Nothing found", "No entry of this queue holds the search words."];
  if (n === 0) return ["No item passes", "No item has all of these filters. Remove one, or click it to invert it."];
  if (n !== null) return [`Nothing ${name} here`, `None of the ${plural(n, "selected item")} is in this queue.`];
  if (queue.value === "label_next")
    return ["Nothing to label next", "Every cell is known, or the model that would say is not ready yet."];
  if (queue.value === "unlike") return ["Nothing decided unlike", "Like items were decided alike."];
  if (queue.value === "ask_next") return ["Nobody to ask", "Everybody has voted on everything."];
  if (queue.value === "ambiguous")
    return ["Nothing ambiguous", "No cell has five votes or more of which 30 to 70% say yes."];
  if (queue.value === "agreed") return ["All done", "No open suggestion is left that a judge agrees with."];
  if (queue.value === "unknown") return ["No unknown cell is left", "Every pseudo-label has been decided."];
  if (queue.value === "sample")
    return ["No sample", "Draw one with “Accept the rest” on a list of suggestions or unknown cells."];
  if (queue.value === "conflicts") return ["No conflict", "Reviewers agree on every cell."];
  if (queue.value === "pending") return ["All done", "No suggestion is waiting for a decision."];
  return [`Nothing ${name} yet`, "Decisions show up here."];
}
