/** What a label means and when it is given: read here, and written here. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LabelTextShown } from "../messages";
import { DialogActions } from "../page/dialog_actions";
import { useFocus } from "../page/focus";

interface TextProps {
  texts: LabelTextShown;
  /** Write the texts: they are what stands then. */
  save: (texts: LabelTextShown) => Promise<void>;
}

export function LabelText({ texts, save }: TextProps) {
  const edit = useRef<HTMLButtonElement>(null);
  const [writing, setWriting] = useState<boolean | null>(null);
  useLayoutEffect(() => {
    if (writing === false) edit.current?.focus(); // from where it was opened
  }, [writing]);
  if (writing) return <Writing texts={texts} save={save} close={() => setWriting(false)} />;
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
      <button ref={edit} type="button" class="ls-button ls-small" onClick={() => setWriting(true)}>
        {description || guideline ? "Edit description and guideline" : "Write a description and a guideline"}
      </button>
    </div>
  );
}

function Writing({ texts, save, close }: TextProps & { close: () => void }) {
  const first = useFocus<HTMLTextAreaElement>();
  const guideline = useRef<HTMLTextAreaElement>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const write = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await save({ description: first.current!.value, guideline: guideline.current!.value });
      close();
    } catch (error) {
      setTrouble((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <form
      class="ls-ltext ls-grow-begin"
      onSubmit={event => {
        event.preventDefault();
        void write();
      }}
      onKeyDown={event => {
        if (event.key === "Escape") close();
        else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void write();
        else return;
        event.preventDefault();
        event.stopPropagation(); // the page stays open
      }}
    >
      <label>
        Description: what the label means
        <textarea
          ref={first}
          class="ls-field"
          rows={2}
          maxLength={2000}
          dir="auto"
          aria-label="Description"
          defaultValue={texts.description}
        />
      </label>
      <label>
        Guideline: when it is given, and when not
        <textarea
          ref={guideline}
          class="ls-field"
          rows={5}
          maxLength={20000}
          dir="auto"
          aria-label="Guideline"
          defaultValue={texts.guideline}
        />
      </label>
      {trouble && (
        <p role="alert" class="ls-error">
          {trouble}
        </p>
      )}
      <DialogActions
        close={close}
        words="Seen by everybody who reviews on this ledger; judges are told it. Ctrl + Enter saves."
        action={busy ? "Saving…" : "Save"}
        disabled={busy}
      />
    </form>
  );
}
