/** How far a judge is that was asked from here, and what it said. */

import { useState } from "preact/hooks";
import type { Asking, JudgeTally } from "../messages";
import { count, plural } from "../numbers";
import { Trouble } from "../page/attempt";
import { Icon } from "../page/icon";
import { Progress } from "../page/meter";
import type { Review } from "../state/review";

export function AskBar({ of, review }: { of: Asking | undefined; review: Review }) {
  const [closed, close] = useState(0); // the run that the person has put away
  if (!of || (of.run === closed && !of.running) || review.blind.value) return null;
  const { run, total, judges, running, stopping, trouble } = of;
  const done = answered(judges[0]);
  const agreed = review.counts.value?.agreed ?? 0;
  return (
    <div class="ls-ask-bar" role="group" aria-label="Judge">
      <span class="ls-ask-words">
        <b>{`${running ? "Asking" : "Asked"} ${judges[0]?.name ?? review.oracle.value}`}</b>
        {` ${count(done)} of ${plural(total, "cell")}`}
      </span>
      <Progress name="Answers" done={done} of={total} />
      {judges.map((of, i) => answered(of) > 0 && <Tally key={of.name} of={of} named={i > 0} />)}
      <span class="ls-gap" />
      {running && !stopping && (
        <button type="button" class="ls-link" onClick={() => review.steer("ask_stop")}>
          Cancel
        </button>
      )}
      {stopping && <span class="ls-soft">Stopping: answers under way are kept…</span>}
      {!running && done < total && (
        <button type="button" class="ls-link" onClick={() => review.steer("ask_resume")}>
          Resume
        </button>
      )}
      {!running && agreed > 0 && review.queue.value !== "agreed" && (
        <button type="button" class="ls-link" onClick={() => review.show("agreed")}>
          {`Judge agrees (${count(agreed)})`}
        </button>
      )}
      {!running && (
        <button
          type="button"
          class="ls-button ls-ghost ls-square ls-small"
          aria-label="Close the judge's bar"
          onClick={() => close(run)}
        >
          <Icon name="cross" />
        </button>
      )}
      <Trouble words={trouble} />
    </div>
  );
}

function Tally({ of: { name, yes, no, unsure }, named }: { of: JudgeTally; named: boolean }) {
  const said = [yes && `${count(yes)} yes`, no && `${count(no)} no`, unsure && `${count(unsure)} unsure`];
  return (
    <span class="ls-soft">
      {named && <b dir="auto">{`${name}: `}</b>}
      {said.filter(Boolean).join(" · ")}
    </span>
  );
}

function answered(of: JudgeTally | undefined): number {
  return of ? of.yes + of.no + of.unsure : 0;
}
