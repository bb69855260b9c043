/** Dialogs that ask for one text: the file to write, the name that decisions carry. */

import { useState } from "preact/hooks";
import type { RaterFile } from "../messages";
import { plural } from "../numbers";
import { DialogActions } from "./dialog_actions";
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
      <DialogActions close={close} action={action} disabled={busy} />
    </form>
  );
}

/** Where to write the corrected labels, `redact`: without personal data; `write` says whether they were written. */
export function showExport(
  overlay: Overlay,
  path: string,
  { changed, redact }: { changed: number; redact: boolean },
  write: (path: string) => Promise<boolean>,
): void {
  const masked = redact
    ? "; what was found of personal data is replaced by its kind, such as [e-mail address]. Your table stays as it is"
    : "";
  const words =
    `Original table with ${plural(changed, "correction")}${masked}. The file extension sets the format; ` +
    "the list of changes is written beside it.";
  const close = () => overlay.hide();
  overlay.show(
    redact ? "Save without personal data" : "Save corrected labels",
    <Field name="File" value={path} words={words} action="Save file" close={close} take={write} />,
  );
}

/** Where to write the rules, or what file to read them from; `take` says whether that went well. */
export function showRulesFile(
  overlay: Overlay,
  way: "import" | "export",
  path: string,
  take: (path: string) => Promise<boolean>,
): void {
  const words = {
    import: "A file of rules in JSON. Nothing in it is executed; rules that are here already are passed over.",
    export: "Words, patterns and queries in JSON, for other data: labelscope rules apply reads it.",
  };
  const close = () => overlay.hide();
  const action = way === "import" ? "Import" : "Save file";
  overlay.show(
    way === "import" ? "Import rules" : "Export rules",
    <Field name="File" value={path} words={words[way]} action={action} close={close} take={take} />,
  );
}

/** Where to write the votes wanted, or soft labels; `take` says whether that went well. */
export function showVotersFile(
  overlay: Overlay,
  what: RaterFile["what"],
  take: (path: string) => Promise<boolean>,
): void {
  const [name, path, words] = {
    wanted: [
      "Export votes wanted",
      "votes_wanted.csv",
      "Whom to ask about which item, the most useful first: item_id, rater, label, score. CSV or Parquet.",
    ],
    soft: [
      "Export soft labels",
      "soft_labels.csv",
      "Cells with votes: item_id, label, share of yes, n of votes, q (probability by all voters). CSV or Parquet.",
    ],
  }[what] as [string, string, string];
  const close = () => overlay.hide();
  overlay.show(name, <Field name="File" value={path} words={words} action="Save file" close={close} take={take} />);
}

/** What a group of items is to be called; `take` says whether the name was taken. */
export function showGroupName(overlay: Overlay, name: string, take: (name: string) => Promise<boolean>): void {
  const words =
    "Kept for everybody who reviews on this data; undo takes it back. A label made of the group begins with it.";
  const close = () => overlay.hide();
  overlay.show(
    "Name of the group",
    <Field
      name="Name of the group"
      value={name}
      words={words}
      action="Save"
      maxLength={120}
      close={close}
      take={take}
    />,
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
