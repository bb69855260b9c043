/** Why the last verdict was given: a digit chooses a reason, and the list of them can be written anew. */

import { useState } from "preact/hooks";
import type { ReasonsShown } from "../messages";
import { plural } from "../numbers";
import { DialogActions } from "../page/dialog_actions";
import { useFocus } from "../page/focus";
import type { Overlay } from "../page/overlay";
import type { Wire } from "../wire";

const MOST = 9; // a digit chooses one
const STATES = { 1: "present", 0: "absent", [-1]: "unknown" } as const;

interface ReasonsProps {
  first: ReasonsShown;
  wire: Wire;
  close: () => void;
  /** A reason was given. */
  given: (reason: string) => void;
}

/** Ask for the reason of the last verdict, once it is written. */
export async function showReasons(overlay: Overlay, wire: Wire, given: (reason: string) => void): Promise<void> {
  const { body } = await wire.request("reasons", {});
  const close = () => overlay.hide();
  overlay.show("Reason of the last verdict", <Reasons first={body} wire={wire} close={close} given={given} />);
}

function Reasons({ first, wire, close, given }: ReasonsProps) {
  const [shown, setShown] = useState(first);
  const [writing, setWriting] = useState(false);
  const [trouble, setTrouble] = useState("");
  const fail = (error: Error) => setTrouble(error.message);
  const choose = (reason: string | undefined) => {
    if (!reason?.trim()) return;
    wire.request("reason", { about: first.about, reason }).then(() => {
      close();
      given(reason.trim());
    }, fail);
  };
  const keep = (kinds: string[]) =>
    void wire.request("reason_kinds", { kinds }).then(({ body }) => {
      setShown({ ...shown, kinds: body.kinds });
      setWriting(false);
      setTrouble("");
    }, fail);
  const press = (event: KeyboardEvent) => {
    const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (field || event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
    event.preventDefault();
    choose(shown.kinds[Number(event.key) - 1]);
  };
  return (
    <div class="ls-reasons" onKeyDown={press}>
      <p class="ls-soft">
        {said(shown)}
        <strong dir="auto">{shown.label}</strong>
        {shown.n > 1 ? ` and ${plural(shown.n - 1, "more cell")} of the same batch` : ` of item ${shown.item}`}
        {shown.verdict === "edited" && `, now ${STATES[shown.state]}`}
      </p>
      {writing ? (
        <Kinds kinds={shown.kinds} keep={keep} cancel={() => setWriting(false)} />
      ) : (
        <Choices shown={shown} choose={choose} write={() => setWriting(true)} />
      )}
      {trouble && <p class="ls-note ls-error">{trouble}</p>}
    </div>
  );
}

function said({ verdict }: ReasonsShown): string {
  return `${verdict.slice(0, 1).toUpperCase()}${verdict.slice(1)}: `;
}

function Choices({
  shown,
  choose,
  write,
}: {
  shown: ReasonsShown;
  choose: (reason: string) => void;
  write: () => void;
}) {
  const first = useFocus<HTMLButtonElement>();
  const own = shown.reason && !shown.kinds.includes(shown.reason) ? shown.reason : "";
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        choose(new FormData(event.currentTarget).get("reason") as string);
      }}
    >
      {shown.kinds.map((kind, i) => (
        <button
          key={kind}
          ref={i ? null : first}
          type="button"
          class="ls-reason-kind"
          aria-pressed={kind === shown.reason}
          onClick={() => choose(kind)}
        >
          <kbd>{i + 1}</kbd>
          <span dir="auto">{kind}</span>
        </button>
      ))}
      <div class="ls-reason-own">
        <input
          name="reason"
          type="text"
          class="ls-field"
          aria-label="Another reason"
          placeholder="Another reason…"
          maxLength={200}
          defaultValue={own}
        />
        <button type="submit" class="ls-button">
          Give reason
        </button>
      </div>
      <button type="button" class="ls-link" onClick={write}>
        Edit the list
      </button>
    </form>
  );
}

function Kinds({ kinds, keep, cancel }: { kinds: string[]; keep: (kinds: string[]) => void; cancel: () => void }) {
  const [words, setWords] = useState(kinds.join("\n"));
  const lines = words.split("\n").filter(line => line.trim());
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        keep(lines);
      }}
    >
      <textarea
        ref={element => element?.focus()}
        class="ls-field"
        aria-label="Reasons, one a line"
        rows={Math.min(MOST, lines.length + 1)}
        value={words}
        onInput={event => setWords(event.currentTarget.value)}
      />
      <p class="ls-soft">{`One reason a line, ${MOST} at most. Everybody who reviews this data set gets this list.`}</p>
      <DialogActions close={cancel} action="Save the list" disabled={!lines.length || lines.length > MOST} />
    </form>
  );
}
