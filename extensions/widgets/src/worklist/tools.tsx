/** What the list is searched for, its order, and what is done with all of it. */

import type { Ref } from "preact";
import type { Order } from "../messages";
import { Icon } from "../page/icon";
import type { Review } from "../state/review";

const ORDERS: [Order, string][] = [
  ["confidence", "Most confident"],
  ["suspicion", "Most suspicious item"],
  ["rare", "Rare labels first"],
  ["group", "Same change together"],
  ["label", "By label"],
  ["uncertain", "Least confident"],
  ["shuffled", "Shuffled"],
  ["data", "As in the data"],
];

export function Tools({ review, field }: { review: Review; field: Ref<HTMLInputElement> }) {
  const { words, order, blind, reload } = review;
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    void reload();
    review.focus(true);
  };
  return (
    // the sample of the audit is read as it is: a part of it that was chosen is no sample
    <div class={`ls-tools ${blind.value ? "ls-hidden" : ""}`}>
      <label class="ls-searchbox">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          class="ls-search"
          placeholder="Search text, id or label"
          aria-label="Search the worklist"
          spellcheck={false}
          value={words}
          onInput={event => review.seek(event.currentTarget.value)}
          onKeyDown={enter}
        />
      </label>
      <select
        class="ls-select"
        aria-label="Order"
        value={order}
        onChange={event => {
          order.value = event.currentTarget.value as Order;
          void reload();
        }}
      >
        {ORDERS.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="ls-button ls-square ls-writes"
        aria-label="Bulk review"
        title="Bulk review: decide on many at once (G)"
        onClick={() => void review.batch()}
      >
        <Icon name="batch" />
      </button>
      <button
        type="button"
        class="ls-button ls-square ls-writes"
        aria-label="Refresh list"
        title="Refresh: take decided entries out of the list"
        onClick={() => void reload()}
      >
        <Icon name="refresh" />
      </button>
    </div>
  );
}
