/** What people said since the suggestions were made, and the offer to make them anew. */

import { plural } from "../numbers";
import { Icon } from "../page/icon";
import type { SinceSuggestions } from "../messages";

const ENOUGH = 20; // decisions that tell something about the other suggestions

interface ChangesBarProps {
  since: SinceSuggestions | undefined;
  /** Status of the stage that makes the suggestions. */
  status: string | undefined;
  again: () => void;
}

export function ChangesBar({
  since = { decisions: 0, relations: 0, voters: 0, labels: 0 },
  status = "",
  again,
}: ChangesBarProps) {
  const { decisions, relations, voters, labels } = since;
  const making = status === "waiting" || status === "running";
  const worth = (decisions >= ENOUGH || relations > 0 || voters > 0 || labels > 0) && (making || status === "done");
  if (!worth) return null;
  const more = [
    relations > 0 && plural(relations, "confirmed or rejected relation"),
    voters > 0 && plural(voters, "change of voters", "changes of voters"),
    labels > 0 && plural(labels, "edit of the label set", "edits of the label set"),
  ].filter(Boolean);
  const said = [decisions > 0 && plural(decisions, "new decision"), ...more].filter(Boolean).join(", ");
  return (
    <div class="ls-since" role="group" aria-label="Since the suggestions were made">
      <span>{making ? "Learning from your decisions…" : `${said}.`}</span>
      <span class="ls-gap" />
      {!making && (
        <button
          type="button"
          class="ls-button ls-small ls-writes"
          title="Suggest anew: decisions settle how sure, confirmed relations add what they imply, votes are heard"
          onClick={again}
        >
          <Icon name="refresh" />
          Update suggestions
        </button>
      )}
    </div>
  );
}
