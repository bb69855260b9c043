/** Where a person was in the worklist: the queue, the order and the item are there again after a reload. */

import { effect } from "@preact/signals";
import type { Order, Queue } from "../messages";
import { PAGE, pageOf } from "../state/entries";
import type { Review } from "../state/review";
import { recall, remember } from "../store";
import { QUEUES } from "./queue_tabs";
import { ORDERS } from "./tools";

interface Place {
  queue: Queue;
  order: Order;
  row: number;
  label: number;
  index: number;
}

const MOST_PAGES = 5; // that are looked through for the item: what was decided before it is no longer in the list

/** Go on where the person was, and remember where they are. Returns the function that stops it. */
export function keepPlace(review: Review, store: string): () => void {
  const { queue, order, listing, total, current, entries } = review;
  const before = recall<Partial<Place>>(store, {});
  let back = false;
  if (QUEUES.some(([of]) => of === before.queue)) queue.value = before.queue!;
  if (ORDERS.some(([of]) => of === before.order)) order.value = before.order!;

  async function seek(): Promise<void> {
    const mine = listing.value;
    const first = pageOf(Math.min(before.index ?? 0, total.value - 1));
    for (let start = first; start >= 0 && start > first - MOST_PAGES * PAGE; start -= PAGE) {
      await review.fetch(start);
      if (listing.value !== mine || current.value > 0) return; // the person has gone on
      const at = entries.find(({ row, label }) => row === before.row && label === before.label);
      if (at >= 0) return review.go(at, review.holds());
    }
  }

  return effect(() => {
    const [list, index, n] = [listing.value, current.value, total.value];
    if (!list || !n || index < 0) return;
    if (!back) {
      back = true;
      if (before.row !== undefined && queue.peek() === before.queue) void seek();
      return;
    }
    const entry = entries.at(index);
    const { row, label } = entry ?? { row: -1, label: -1 };
    remember(store, { queue: queue.peek(), order: order.peek(), row, label, index });
  });
}
