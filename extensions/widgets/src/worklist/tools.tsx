/** What the list is searched for, its order, and what is done with all of it. */

import type { Ref } from "preact";
import type { Order } from "../messages";
import { count } from "../numbers";
import { Icon, type IconName } from "../page/icon";
import { VOTED } from "../state/listing";
import type { Review } from "../state/review";

export const ORDERS: [Order, string][] = [
  ["confidence", "Most confident"],
  ["learned", "Learns from decisions"],
  ["suspicion", "Most suspicious item"],
  ["rare", "Rare labels first"],
  ["group", "Same change together"],
  ["label", "By label"],
  ["uncertain", "Least confident"],
  ["shuffled", "Shuffled"],
  ["data", "As in the data"],
];

interface ToolsProps {
  review: Review;
  field: Ref<HTMLInputElement>;
  /** Whether decisions are made here that an order could learn from. */
  learns: boolean;
  /** Draw a sample of the list, to accept the rest of it. */
  rest: () => void;
  /** Show many items at once. */
  grid: () => void;
}

export function Tools({ review, field, learns, rest, grid }: ToolsProps) {
  const { words, order, blind, queue, reload, total, listing } = review;
  const drawn = blind.value || queue.value === "sample";
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    void reload();
    review.focus(true);
  };
  return (
    // a sample is read as it is: a part of it that was chosen is no sample
    <div class={`ls-tools ${drawn ? "ls-hidden" : ""}`}>
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
        {words.value && listing.value && <small class="ls-hits">{`${count(total.value)} found`}</small>}
      </label>
      <select
        class={`ls-select ${VOTED.has(queue.value) || queue.value === "unknown" ? "ls-hidden" : ""}`}
        aria-label="Order"
        value={order}
        onChange={event => {
          order.value = event.currentTarget.value as Order;
          void reload();
        }}
      >
        {ORDERS.filter(([value]) => learns || value !== "learned").map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <Tool
        name="Bulk review"
        icon="batch"
        title={`Bulk review: decide on many at once (${review.keyOf("batch")})`}
        use={() => void review.batch()}
      />
      {review.oracle.value && (
        <Tool
          name="Ask a judge"
          icon="ask"
          title={`Ask ${review.oracle.value} about these: shows first what is sent (${review.keyOf("ask")})`}
          use={() => void review.ask()}
        />
      )}
      <Tool
        name="Grid mode"
        icon="grid"
        shortcut={review.keyOf("grid")}
        title={`Grid: 24 items about the same question at once (${review.keyOf("grid")})`}
        use={grid}
      />
      <Tool
        name="Accept the rest"
        icon="rest"
        title="Accept the rest: judge a sample of this list; it says how much of it may be accepted unseen"
        use={rest}
      />
      <Tool
        name="Refresh list"
        icon="refresh"
        title="Refresh: take decided entries out of the list"
        use={() => void reload()}
      />
    </div>
  );
}

interface ToolProps {
  name: string;
  icon: IconName;
  /** What it does. */
  title: string;
  shortcut?: string;
  use: () => void;
}

function Tool({ name, icon, title, shortcut, use }: ToolProps) {
  return (
    <button
      type="button"
      class="ls-button ls-square ls-writes"
      aria-label={name}
      aria-keyshortcuts={shortcut}
      title={title}
      onClick={use}
    >
      <Icon name={icon} />
    </button>
  );
}
