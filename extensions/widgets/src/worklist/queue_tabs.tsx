/** The queues, as tabs with the number of their entries; those that most reviews do without are hidden while empty. */

import type { Counts, Queue } from "../messages";
import { count } from "../numbers";
import { Tabs } from "../page/tabs";
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
  const shown = QUEUES.filter(([of]) => of === queue.value || isUsed(of, counts.value));
  const tabs = shown.map(([of, name]) => {
    const n = counts.value && count(counts.value[of]);
    return { name, description: n ?? undefined, content: [name, <span class="ls-count">{n ?? "–"}</span>] };
  });
  const named = (name: string) => QUEUES.find(([, other]) => other === name)![0];
  const selected = shown.find(([of]) => of === queue.value)![1];
  return <Tabs label="Queues" look="ls-tab" tabs={tabs} selected={selected} onSelect={name => show(named(name))} />;
}
