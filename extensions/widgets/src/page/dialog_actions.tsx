/** The buttons below the form of a dialog: away with it, or do it. */

import type { Ref } from "preact";

interface ActionsProps {
  close: () => void;
  /** What comes of it, in a sentence. */
  words?: string;
  /** Name of the button that does it. */
  action: string;
  disabled: boolean;
  button?: Ref<HTMLButtonElement>;
}

export function DialogActions({ close, words, action, disabled, button = null }: ActionsProps) {
  return (
    <div class="ls-dialog-actions">
      {words && <span class="ls-soft ls-gap">{words}</span>}
      <button type="button" class="ls-button" onClick={close}>
        Cancel
      </button>
      <button ref={button} type="submit" class="ls-button ls-primary" disabled={disabled}>
        {action}
      </button>
    </div>
  );
}
