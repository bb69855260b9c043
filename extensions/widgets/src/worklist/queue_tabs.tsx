/** The queues, as tabs with the number of their entries; those that most reviews do without are hidden while empty. */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Counts, Queue } from "../messages";
import { count } from "../numbers";
import type { Review } from "../state/review";

export const QUEUES: [Queue, string][] = [
  ["pending", "Pending"],
  ["accepted", "Accepted"],
  ["rejected", "Rejected"],
  ["skipped", "Skipped"],
  ["all", "All items"],
  ["conflicts", "Conflicts"],
  ["audit", "Audit"],
];

function isUsed(queue: Queue, counts: Counts | null): boolean {
  if (queue === "audit") return Boolean(counts?.audit || counts?.judged);
  return queue !== "conflicts" || Boolean(counts?.conflicts);
}

export function QueueTabs({ review: { queue, counts, show } }: { review: Review }) {
  const open = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const tab = open.current!;
    const strip = tab.parentElement!;
    strip.scrollLeft = Math.max(strip.scrollLeft, tab.offsetLeft + tab.offsetWidth - strip.clientWidth);
  }, [queue.value]);
  return (
    <div role="tablist" aria-label="Queues" class="ls-tabs">
      {QUEUES.filter(([of]) => of === queue.value || isUsed(of, counts.value)).map(([of, name]) => {
        const n = counts.value && count(counts.value[of]);
        const selected = of === queue.value;
        return (
          <button
            key={of}
            ref={selected ? open : null}
            type="button"
            role="tab"
            class="ls-tab"
            aria-label={name}
            aria-selected={selected}
            aria-description={n ?? undefined}
            onClick={() => show(of)}
          >
            {name}
            <span class="ls-count">{n ?? "–"}</span>
          </button>
        );
      })}
    </div>
  );
}
