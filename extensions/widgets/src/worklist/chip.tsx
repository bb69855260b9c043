/** A label chip: a checkbox with three states. Colour is never the only sign of a state. */

import type { Chip, LabelState } from "../messages";
import { Icon } from "../page/icon";
import { LongName } from "../page/long_name";

const CHECKED = { 1: "true", 0: "false", [-1]: "mixed" } as const;
const WORDS = { 1: "present", 0: "absent", [-1]: "unknown, nobody checked" } as const;

/**
 * The state that a click leads to: unknown and negative become positive, positive becomes negative; Alt says unknown.
 */
export function nextState(state: LabelState, alt: boolean): LabelState {
  return alt ? -1 : state === 1 ? 0 : 1;
}

interface LabelChipProps {
  chip: Chip;
  /** The key that toggles it, or 0. */
  digit: number;
  /** Missing where nobody can change it. */
  toggle: ((chip: Chip, alt: boolean) => void) | undefined;
}

export function LabelChip({ chip, digit, toggle }: LabelChipProps) {
  const { name, state, probability, suggested, proposed } = chip;
  const pseudo = proposed === undefined ? "" : ` Pseudo-label, not accepted yet: ${WORDS[proposed]}.`;
  const hint = (suggested ? ` Suggested: ${suggested}.` : "") + pseudo;
  const percent = probability === undefined ? "" : ` Model: ${Math.round(probability * 100)}%.`;
  const looks = (suggested ? ` ls-suggest-${suggested}` : "") + (pseudo && " ls-pseudo");
  const click = toggle ? " Click to toggle, Alt+click for unknown." : "";
  return (
    <button
      type="button"
      role="checkbox"
      class={`ls-chip ls-state-${CHECKED[state]}${looks}`}
      aria-checked={CHECKED[state]}
      aria-label={name}
      aria-description={hint.trim() || undefined}
      title={`${name}: ${WORDS[state]}.${hint}${percent}${click}`}
      disabled={!toggle}
      onClick={event => toggle?.(chip, event.altKey)}
    >
      <Box state={state} />
      <span class="ls-chip-name">
        <LongName name={name} />
      </span>
      {suggested && (
        <span class="ls-mark" aria-hidden="true">
          {suggested === "add" ? "+" : "−"}
        </span>
      )}
      {proposed !== undefined && !suggested && (
        <span class={`ls-mark ls-${proposed === 1 ? "add" : "remove"}`} aria-hidden="true">
          {proposed === 1 ? "+" : "−"}
        </span>
      )}
      {digit > 0 && <kbd aria-hidden="true">{digit}</kbd>}
    </button>
  );
}

/** The box of a state. */
export function Box({ state }: { state: LabelState }) {
  return (
    <span class={`ls-box ls-state-${CHECKED[state]}`} aria-hidden="true">
      {state === 1 ? <Icon name="check" /> : state === -1 && "?"}
    </span>
  );
}
