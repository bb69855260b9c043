/** What people said since the suggestions were made, and the offer to make them anew. */

import { plural } from "../numbers";
import { Icon } from "../page/icon";
import type { News } from "../messages";

const ENOUGH = 20; // decisions that tell something about the other suggestions

interface ChangesBarProps {
  news: News | undefined;
  /** Status of the stage that makes the suggestions. */
  status: string | undefined;
  again: () => void;
}

export function ChangesBar({ news = { decisions: 0, relations: 0 }, status = "", again }: ChangesBarProps) {
  const { decisions, relations } = news;
  const making = status === "waiting" || status === "running";
  const worth = (decisions >= ENOUGH || relations > 0) && (making || status === "done");
  if (!worth) return null;
  const rules = relations ? plural(relations, "new rule") : "";
  const said = decisions ? plural(decisions, "new decision") + (rules && ` (${rules})`) : rules;
  return (
    <div class="ls-news" role="group" aria-label="Since the suggestions were made">
      <span>{making ? "Learning from your decisions…" : `${said}.`}</span>
      <span class="ls-gap" />
      {!making && (
        <button
          type="button"
          class="ls-button ls-small ls-writes"
          title="Make the suggestions anew: decisions settle how sure they are, confirmed rules add what they imply"
          onClick={again}
        >
          <Icon name="refresh" />
          Update suggestions
        </button>
      )}
    </div>
  );
}
