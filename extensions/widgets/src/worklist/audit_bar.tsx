/** How far the audit is. */

import { count } from "../numbers";
import { Progress } from "../page/meter";
import type { Review } from "../state/review";

export function AuditBar({ review, estimate }: { review: Review; estimate: () => void }) {
  const counts = review.counts.value;
  if (!review.blind.value || !counts) return null;
  const { audit, judged } = counts;
  const all = audit + judged;
  return (
    <div class="ls-audit-bar" role="group" aria-label="Audit">
      <b>{`${count(judged)} of ${count(all)} judged`}</b>
      <Progress name="Judged cells" done={judged} of={all} />
      <span class="ls-soft">Model opinion hidden to avoid bias.</span>
      <span class="ls-gap" />
      <button type="button" class="ls-link" onClick={estimate}>
        Estimate
      </button>
    </div>
  );
}
