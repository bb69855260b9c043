/** What a label means and when it is given: read here, and written here. */

import type { Ref } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LabelTextShown } from "../messages";
import { Trouble, useAttempt } from "../page/attempt";
import { DialogActions } from "../page/dialog_actions";
import { useFocus } from "../page/focus";

interface TextProps {
  texts: LabelTextShown;
  /** Write the texts: they are what stands then. */
  save: (texts: LabelTextShown) => Promise<void>;
}

interface LabelTextProps {
  texts: LabelTextShown;
  /** Null where nothing can be changed. */
  save: TextProps["save"] | null;
}

export function LabelText({ texts, save }: LabelTextProps) {
  const edit = useRef<HTMLButtonElement>(null);
  const [writing, setWriting] = useState<boolean | null>(null);
  useLayoutEffect(() => {
    if (writing === false) edit.current?.focus(); // from where it was opened
  }, [writing]);
  if (writing && save) return <Writing texts={texts} save={save} close={() => setWriting(false)} />;
  const { description, guideline } = texts;
  return (
    <div class="ls-ltext">
      {description && (
        <p class="ls-lpage-lead" dir="auto">
          {description}
        </p>
      )}
      {guideline && (
        <section>
          <h3>Guideline</h3>
          <p class="ls-ltext-said" dir="auto">
            {guideline}
          </p>
        </section>
      )}
      {save && (
        <button ref={edit} type="button" class="ls-button ls-small" onClick={() => setWriting(true)}>
          {description || guideline ? "Edit description and guideline" : "Write a description and a guideline"}
        </button>
      )}
    </div>
  );
}

function Writing({ texts, save, close }: TextProps & { close: () => void }) {
  const first = useFocus<HTMLTextAreaElement>();
  const guideline = useRef<HTMLTextAreaElement>(null);
  const { busy, trouble, attempt } = useAttempt();
  const write = () =>
    attempt(async () => {
      await save({ description: first.current!.value, guideline: guideline.current!.value });
      close();
    });
  return (
    <form
      class="ls-ltext ls-grow-begin"
      onSubmit={event => {
        event.preventDefault();
        write();
      }}
      onKeyDown={event => {
        if (event.key === "Escape") close();
        else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) write();
        else return;
        event.preventDefault();
        event.stopPropagation(); // the page stays open
      }}
    >
      <Words
        name="Description"
        says="what the label means"
        field={first}
        rows={2}
        most={2000}
        value={texts.description}
      />
      <Words
        name="Guideline"
        says="when it is given, and when not"
        field={guideline}
        rows={5}
        most={20000}
        value={texts.guideline}
      />
      <Trouble words={trouble} />
      <DialogActions
        close={close}
        words="Seen by everybody who reviews on this ledger; judges are told it. Ctrl + Enter saves."
        action={busy ? "Saving…" : "Save"}
        disabled={busy}
      />
    </form>
  );
}

interface WordsProps {
  name: string;
  says: string;
  field: Ref<HTMLTextAreaElement>;
  rows: number;
  most: number;
  value: string;
}

function Words({ name, says, field, rows, most, value }: WordsProps) {
  return (
    <label>
      {`${name}: ${says}`}
      <textarea
        ref={field}
        class="ls-field"
        rows={rows}
        maxLength={most}
        dir="auto"
        aria-label={name}
        defaultValue={value}
      />
    </label>
  );
}
