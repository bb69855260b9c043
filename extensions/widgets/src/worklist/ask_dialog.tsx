/** Ask a judge about the cells of a list: what would be sent, and where, is shown first. */

import { useLayoutEffect, useState } from "preact/hooks";
import type { AskPreview } from "../messages";
import { about, plural } from "../numbers";
import { DialogActions } from "../page/dialog_actions";
import { useFocus } from "../page/focus";
import type { Overlay } from "../page/overlay";
import { usePreview } from "../page/preview";
import type { Wire } from "../wire";

const USUAL = 200; // cells
const REST_MS = 250; // after the last digit

/** Open the dialog. */
export function showAskJudge(overlay: Overlay, wire: Wire, listing: string): void {
  overlay.show("Ask a judge", <AskJudge wire={wire} listing={listing} close={() => overlay.hide()} />);
}

function AskJudge({ wire, listing, close }: { wire: Wire; listing: string; close: () => void }) {
  const field = useFocus<HTMLInputElement>();
  const [n, setN] = useState(USUAL);
  const look = () => wire.request("ask_preview", { listing, n });
  const { shown, ready, trouble, apply } = usePreview(look, [wire, listing, n], { rest: REST_MS });
  const cells = shown?.cells ?? 0;
  useLayoutEffect(() => {
    if (n === USUAL) field.current!.select(); // the list is shorter, the number another: it is typed over as before
  }, [shown?.total]);
  const ask = async () => {
    await wire.request("ask", { listing, n, cells });
    close();
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (ready && cells) apply(ask);
      }}
    >
      <label class="ls-ask-first">
        Ask about the first
        <input
          ref={field}
          type="number"
          class="ls-field"
          aria-label="Cells to ask about"
          min={1}
          max={shown?.total}
          value={shown ? Math.min(n, shown.total) : n}
          onInput={event => setN(Math.max(0, Math.floor(Number(event.currentTarget.value))))}
        />
        {shown && `of ${plural(shown.total, "cell")} in this list`}
      </label>
      <div class="ls-batch ls-ask">
        {trouble ? (
          <p class="ls-note ls-error">{trouble}</p>
        ) : shown ? (
          <Preview {...shown} />
        ) : (
          <p class="ls-note">Making the questions…</p>
        )}
      </div>
      <DialogActions
        close={close}
        words="Answers become votes of the judge. They change no label."
        action={shown && !cells ? "Nothing to ask" : `Ask about ${cells ? plural(cells, "cell") : "them"}`}
        disabled={!ready || !cells}
      />
    </form>
  );
}

function Preview({ judges, total, cells, known, item, label, text, tokens }: AskPreview) {
  const [first, ...others] = judges;
  if (!total)
    return <p class="ls-note">No entry of this list is about a label. Open another queue, or filter cells.</p>;
  if (!first) return null;
  return (
    <>
      <p>
        <strong dir="auto">{first.name}</strong>
        <Where of={first} />
        {cells > 0 && ` gets ${plural(cells, "question")}`}
        {tokens !== null && cells > 0 && `, about ${about(tokens)} tokens with its answers`}.
        {known > 0 && ` It has answered ${plural(known, "cell")} of these before.`}
        <Budget of={first} cells={cells} tokens={tokens} />
      </p>
      {others.map(other => (
        <p key={other.name}>
          <strong dir="auto">{other.name}</strong>
          <Where of={other} />
          {" is asked where the one before contradicts the label as given, or is unsure."}
        </p>
      ))}
      {text && (
        <>
          <p class="ls-soft">
            {"What is sent, for example about "}
            <b dir="auto">{label}</b>
            {` of item ${item}`}
            {first.pictures ? " (with its picture)" : ""}
            {". Whether the item has the label is not."}
          </p>
          <pre class="ls-ask-text" dir="auto" tabIndex={0} aria-label="Example of a question">
            {text}
          </pre>
        </>
      )}
    </>
  );
}

interface BudgetProps {
  of: AskPreview["judges"][number];
  /** Questions to it, and how many tokens they are thought to take. */
  cells: number;
  tokens: number | null;
}

/** What is left of a judge's budget, and how far that goes. */
function Budget({ of, cells, tokens }: BudgetProps) {
  const left = [of.calls !== null && plural(of.calls, "call"), of.tokens !== null && plural(of.tokens, "token")].filter(
    Boolean,
  );
  if (!left.length) return null;
  const each = tokens && cells ? tokens / cells : 0;
  const enough = Math.min(of.calls ?? Infinity, of.tokens === null || !each ? Infinity : Math.floor(of.tokens / each));
  return (
    <>
      {` Left of its budget: ${left.join(" and ")}.`}
      {enough < cells && <b>{` That is enough for about ${plural(enough, "question")}; the others wait.`}</b>}
    </>
  );
}

function Where({ of: { address } }: { of: AskPreview["judges"][number] }) {
  return address ? (
    <>
      {" at "}
      <code>{address}</code>
    </>
  ) : (
    <span class="ls-soft"> (a function in this kernel)</span>
  );
}
