/** The buttons under the list: what is decided on the current entry. */

import type { Action } from "../keys";
import { Icon } from "../page/icon";
import type { SHAPES } from "../page/shapes";
import type { Review } from "../state/review";
import { JUDGED } from "./card";

export function Actions({ review }: { review: Review }) {
  const { blind, confirm, decide, judge, step } = review;
  return (
    <div class="ls-actions ls-writes">
      {!blind.value && (
        <>
          <Act review={review} of="accept" name="Accept" icon="check" kind="ls-accept" act={() => decide("accept")} />
          <Act review={review} of="reject" name="Reject" icon="cross" kind="ls-reject" act={() => decide("reject")} />
          <Act review={review} of="skip" name="Skip" icon="skip" act={() => decide("skip")} />
          <Act review={review} of="confirm" name="Confirm" icon="confirm" kind="ls-confirm" act={confirm} />
        </>
      )}
      <span class="ls-gap" />
      <span class="ls-steps">
        <Act review={review} of="undo" name="Undo" icon="undo" kind="ls-ghost" act={() => step("undo")} />
        <button
          type="button"
          class="ls-button ls-ghost"
          aria-label="Redo"
          aria-keyshortcuts="Control+Shift+Z"
          title="Redo (Shift Ctrl Z)"
          onClick={() => step("redo")}
        >
          <Icon name="redo" />
          <span>Redo</span>
        </button>
      </span>
      {blind.value && ( // on the other side of the bar: the hand that accepts does not judge
        <>
          <Act review={review} of="right" name="Right" icon="check" kind="ls-right" act={() => judge("right")} />
          <Act review={review} of="wrong" name="Wrong" icon="cross" kind="ls-wrong" act={() => judge("wrong")} />
          <Act review={review} of="unsure" name="Unsure" icon="skip" act={() => judge("undecidable")} />
        </>
      )}
    </div>
  );
}

interface ActProps {
  review: Review;
  of: Action;
  name: string;
  icon: keyof typeof SHAPES;
  kind?: string;
  act: () => void;
}

const TITLES: Partial<Record<Action, string>> = {
  confirm: "Confirm labels: what the item has is right, what is suggested for it is rejected",
};
const LONG: Partial<Record<Action, string>> = {
  right: JUDGED.right,
  wrong: JUDGED.wrong,
  unsure: JUDGED.undecidable,
  confirm: "Confirm labels",
};

function Act({ review, of, name, icon, kind = "", act }: ActProps) {
  const [key, words] = [review.keyOf(of), LONG[of] ?? name];
  const enabled = of === "undo" || review.open.value || (of === "confirm" && review.current.value >= 0);
  return (
    <button
      type="button"
      class={`ls-button ${kind}`}
      aria-label={words}
      aria-keyshortcuts={key}
      aria-disabled={enabled ? undefined : "true"}
      title={`${TITLES[of] ?? words} (${key})`}
      onClick={act}
    >
      <Icon name={icon} />
      <span>{name}</span>
      <kbd aria-hidden="true">{key}</kbd>
    </button>
  );
}
