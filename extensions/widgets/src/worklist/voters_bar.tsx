/** What the queues of voters are: whose votes are wanted, and where people disagree with reason. */

import type { RaterFile } from "../messages";
import { certificate } from "../panels/raters";
import type { Review } from "../state/review";

export function VotersBar({ review, write }: { review: Review; write: (what: RaterFile["what"]) => void }) {
  const { queue, voters } = review;
  const known = voters.value;
  if (!known || known.why || (queue.value !== "ask_next" && queue.value !== "ambiguous")) return null;
  const asks = queue.value === "ask_next";
  return (
    <div class="ls-voters-bar" role="group" aria-label={asks ? "Votes wanted" : "Ambiguous cells"}>
      <span>
        {asks
          ? `${certificate(known)} Most useful votes first.`
          : "Five votes or more, and 30 to 70% say yes: people disagree with reason. It is no error to mend."}
      </span>
      <button type="button" class="ls-link" onClick={() => write(asks ? "wanted" : "soft")}>
        {asks ? "Export votes wanted" : "Export soft labels"}
      </button>
    </div>
  );
}
