/** The queues, as tabs with the number of their entries; those that most reviews do without are hidden while empty. */

import type { Counts, Queue } from "../messages";
import { count } from "../numbers";
import { Tabs } from "../page/tabs";
import type { Review } from "../state/review";

export const QUEUES: [Queue, string][] = [
  ["pending", "Pending"],
  ["agreed", "Judge agrees"],
  ["unknown", "Unknown"],
  ["sample", "Sample"],
  ["accepted", "Accepted"],
  ["rejected", "Rejected"],
  ["skipped", "Skipped"],
  ["all", "All items"],
  ["label_next", "Label next"],
  ["ask_next", "Ask next"],
  ["ambiguous", "Ambiguous"],
  ["unlike", "Decided unlike"],
  ["conflicts", "Conflicts"],
  ["audit", "Audit"],
];

/** Whether a queue is of use: those that most reviews do without are not, while they are empty. */
export function isUsed(queue: Queue, counts: Counts | null): boolean {
  if (queue === "audit") return Boolean(counts?.audit || counts?.judged);
  if (queue === "label_next" || queue === "ask_next" || queue === "ambiguous")
    return counts ? counts[queue] !== 0 : false;
  const rare: readonly Queue[] = ["agreed", "unknown", "sample", "unlike", "conflicts"];
  if (rare.includes(queue)) return Boolean(counts?.[queue]);
  return true;
}

export function QueueTabs({ review: { queue, counts, show } }: { review: Review }) {
  const shown = QUEUES.filter(([of]) => of === queue.value || isUsed(of, counts.value));
  const tabs = shown.map(([of, name]) => {
    const known = counts.value?.[of] ?? null; // of some queues the number is not known before they are opened
    const n = known === null ? null : count(known);
    return { name, description: n ?? undefined, content: [name, <span class="ls-count">{n ?? "–"}</span>] };
  });
  const named = (name: string) => QUEUES.find(([, other]) => other === name)![0];
  const selected = shown.find(([of]) => of === queue.value)![1];
  return <Tabs label="Queues" look="ls-tab" tabs={tabs} selected={selected} onSelect={name => show(named(name))} />;
}
