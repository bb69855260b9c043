/** Dialogs that ask for one text: the file to write, the name that decisions carry. */

import { useState } from "preact/hooks";
import { plural } from "../numbers";
import { useFocus } from "./focus";
import type { Overlay } from "./overlay";

interface FieldProps {
  /** What the field is, for a screen reader. */
  name: string;
  value: string;
  /** Explains what happens to it. */
  words: string;
  /** Name of the button. */
  action: string;
  maxLength?: number;
  close: () => void;
  /** Whether the text was taken; the dialog closes then. */
  take: (text: string) => Promise<boolean>;
}

function Field({ name, value, words, action, maxLength, close, take }: FieldProps) {
  const field = useFocus<HTMLInputElement>();
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    if (await take(field.current!.value)) close();
    else setBusy(false);
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        void send();
      }}
    >
      <p class="ls-soft">{words}</p>
      <input
        ref={field}
        type="text"
        class="ls-field"
        aria-label={name}
        spellcheck={false}
        defaultValue={value}
        {...(maxLength && { maxLength })}
      />
      <div class="ls-dialog-actions">
        <button type="button" class="ls-button" onClick={close}>
          Cancel
        </button>
        <button type="submit" class="ls-button ls-primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}

/** Where to write the corrected labels; `write` says whether they were written. */
export function showExport(
  overlay: Overlay,
  path: string,
  changed: number,
  write: (path: string) => Promise<boolean>,
): void {
  const words =
    `Original table with ${plural(changed, "correction")}. The file extension sets the format; ` +
    "the list of changes is written beside it.";
  const close = () => overlay.hide();
  overlay.show(
    "Save corrected labels",
    <Field name="File" value={path} words={words} action="Save file" close={close} take={write} />,
  );
}

/** Whose decisions these are; `rename` says whether the name was taken. */
export function showReviewer(overlay: Overlay, name: string, rename: (name: string) => Promise<boolean>): void {
  const words = "Recorded with each decision from now on. Undo takes back the decisions made under this name.";
  const close = () => overlay.hide();
  overlay.show(
    "Your name",
    <Field name="Your name" value={name} words={words} action="Save" maxLength={80} close={close} take={rename} />,
  );
}
