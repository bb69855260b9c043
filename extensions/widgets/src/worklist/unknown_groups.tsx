/** What becomes of how many unknown cells, and what stays unknown and why: a group of label and state a line. */

import { count, percent, plural } from "../numbers";
import { Icon } from "../page/icon";
import { Meter } from "../page/meter";
import { STATES, type Unseen } from "../state/unseen";
import type { Review } from "../state/review";

export function UnknownGroups({ review, unseen }: { review: Review; unseen: Unseen }) {
  if (review.queue.value !== "unknown") return null;
  const shown = unseen.unknown.value;
  if (!shown || (!shown.groups.length && !shown.abstained.length)) return null;
  const { source, groups, abstained } = shown;
  const most = Math.max(1, ...groups.map(({ n }) => n));
  const at = review.current.value;
  const about = review.entries.at(at)?.proposed;
  const left = abstained.reduce((sum, { n }) => sum + n, 0);
  return (
    <section class="ls-unknown" aria-label="Groups of unknown cells">
      <p class="ls-soft">{source.charAt(0).toUpperCase() + source.slice(1)}. One undo takes a group back.</p>
      <div class="ls-ugroups" role="group" aria-label="Groups">
        {groups.map(group => {
          const { label, name, state, n, weakest, methods, first } = group;
          const words = `${name}: ${plural(n, "unknown cell")} ${n === 1 ? "becomes" : "become"} ${STATES[state]}`;
          const pooled = methods.some(method => method.includes("pooled"));
          const voted = methods.includes("votes");
          const isCurrent = about?.label === label && about.state === state;
          return (
            <div key={`${label} ${state}`} class={`ls-ugroup ${isCurrent ? "ls-now" : ""}`}>
              <button
                type="button"
                class="ls-ugroup-name"
                aria-label={`Show ${words}`}
                title={`${words}. The least sure one: ${percent(weakest)}.${
                  pooled ? " The rate holds for the whole list, not for this label alone." : ""
                }${voted ? " With votes: an estimate by what the voters are worth." : ""} Click to go there.`}
                onClick={() => first >= 0 && review.go(first, true)}
              >
                <span class={`ls-bsign ${state ? "ls-add" : "ls-remove"}`} aria-hidden="true">
                  {state ? "+" : "−"}
                </span>
                <span class="ls-bname" dir="auto">
                  {name}
                </span>
                <span class="ls-soft">{STATES[state]}</span>
                <Meter share={n / most} />
                <b>{count(n)}</b>
              </button>
              <button
                type="button"
                class="ls-button ls-small ls-writes"
                aria-label={`Review a sample: ${name} ${STATES[state]}`}
                title="Judge cells drawn at random; it says how many of the others may be accepted unseen"
                onClick={() => unseen.draw(group)}
              >
                Sample
              </button>
              <button
                type="button"
                class="ls-button ls-small ls-writes"
                aria-label={`Accept all ${count(n)}: ${name} ${STATES[state]}`}
                aria-keyshortcuts={isCurrent ? `Shift+${review.keyOf("accept")}` : undefined}
                title={`Accept all ${count(n)}${isCurrent ? ` (Shift ${review.keyOf("accept")})` : ""}`}
                onClick={() => unseen.acceptGroup(group)}
              >
                <Icon name="check" />
                Accept all
              </button>
            </div>
          );
        })}
      </div>
      {left > 0 && (
        <details class="ls-abstained">
          <summary>{`${plural(left, "cell")} ${left === 1 ? "stays" : "stay"} unknown`}</summary>
          {abstained.map(({ name, n, reason }) => (
            <p key={`${name} ${reason}`}>
              <strong dir="auto">{name}</strong>
              {` ${count(n)}: ${reason}`}
            </p>
          ))}
        </details>
      )}
    </section>
  );
}
