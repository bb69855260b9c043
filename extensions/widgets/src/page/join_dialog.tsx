/** Another data set, joined with this one: a person confirms first what their labels have in common. */

import { useState } from "preact/hooks";
import type { JoinCompared, JoinPair, JoinSide } from "../messages";
import { count, plural } from "../numbers";
import type { Wire } from "../wire";
import { Trouble, useAttempt } from "./attempt";
import { DialogActions } from "./dialog_actions";
import { useFocus } from "./focus";
import type { Overlay } from "./overlay";

interface Props {
  wire: Wire;
  say: (words: string, kind: "good") => void;
  close: () => void;
}

const RELATIONS: Record<JoinPair["relation"], string> = {
  identical: "is the same label as",
  "same name": "is called like",
  implies: "implies",
  "implied by": "is implied by",
};

/** Open the dialog. */
export function showJoin(overlay: Overlay, wire: Wire, say: Props["say"]): void {
  overlay.show("Join another data set", <Joining wire={wire} say={say} close={() => overlay.hide()} />);
}

function Joining(props: Props) {
  const [found, setFound] = useState<JoinCompared | null>(null);
  return found ? <Confirm {...props} found={found} /> : <Compare {...props} take={setFound} />;
}

function Compare({ wire, close, take }: Props & { take: (found: JoinCompared) => void }) {
  const field = useFocus<HTMLInputElement>();
  const [vectors, setVectors] = useState("");
  const { busy, trouble, attempt } = useAttempt();
  const compare = async () =>
    take((await wire.request("join", { path: field.current!.value, embeddings: vectors })).body);
  return (
    <form
      class="ls-join"
      onSubmit={event => {
        event.preventDefault();
        attempt(compare);
      }}
    >
      <p class="ls-soft">
        Labels of both are compared by the items that carry them, whatever they are called. You confirm which are the
        same; both become one new table, and what a data set never annotated is unknown there. Nothing is changed here.
      </p>
      <input
        ref={field}
        type="text"
        class="ls-field"
        aria-label="File of the other data set"
        placeholder="File of the other data set: comments.csv"
        spellcheck={false}
      />
      <input
        type="text"
        class="ls-field"
        aria-label="Embeddings of the other data set"
        placeholder="Its embeddings, if this data set came with some: comments.npy"
        spellcheck={false}
        value={vectors}
        onInput={event => setVectors(event.currentTarget.value)}
      />
      <Trouble words={busy ? "" : trouble} />
      <DialogActions close={close} words={busy ? "Reading and comparing…" : ""} action="Compare" disabled={busy} />
    </form>
  );
}

function Confirm({ wire, say, close, found }: Props & { found: JoinCompared }) {
  const { made, left, right, reading, told, pairs } = found;
  const [confirmed, setConfirmed] = useState(() =>
    pairs.filter(({ relation }) => relation === "identical").map(({ at }) => at),
  );
  const path = useFocus<HTMLInputElement>();
  const { busy, trouble, attempt } = useAttempt();
  const tick = (at: number) => setConfirmed(now => (now.includes(at) ? now.filter(of => of !== at) : [...now, at]));
  const write = async () => {
    const { body } = await wire.request("join_write", { made, confirmed, path: path.current!.value });
    say(body.summary, "good");
    close();
  };
  return (
    <form
      class="ls-join"
      onSubmit={event => {
        event.preventDefault();
        attempt(write);
      }}
    >
      <p class="ls-soft" dir="auto">
        {`${right.name}: ${plural(right.items, "item")}, ${plural(right.labels, "label")} (${reading}).`}
      </p>
      {told.map(words => (
        <p key={words} class="ls-note" dir="auto">
          {words}
        </p>
      ))}
      <div class="ls-join-found">
        {pairs.length ? (
          <ul aria-label="Labels in common">
            {pairs.map(pair => (
              <Pair key={pair.at} pair={pair} ticked={confirmed.includes(pair.at)} tick={() => tick(pair.at)} />
            ))}
          </ul>
        ) : (
          <p class="ls-note">No label of one looks like a label of the other. All labels stay apart.</p>
        )}
        <Alone of={left} other={right.name} />
        <Alone of={right} other={left.name} />
      </div>
      <label class="ls-join-to">
        Joined table
        <input
          ref={path}
          type="text"
          class="ls-field"
          aria-label="File of the joined table"
          spellcheck={false}
          defaultValue={found.path}
        />
      </label>
      <Trouble words={busy ? "" : trouble} />
      <DialogActions
        close={close}
        words={
          busy
            ? "Writing…"
            : `${plural(left.items + right.items, "item")}, ${plural(confirmed.length, "relation")} confirmed.`
        }
        action="Write table"
        disabled={busy}
      />
    </form>
  );
}

function Pair({ pair, ticked, tick }: { pair: JoinPair; ticked: boolean; tick: () => void }) {
  const { left, right, relation, score, examples } = pair;
  const words = `${left} ${RELATIONS[relation]} ${right}`;
  return (
    <li class="ls-join-pair">
      <label>
        <input type="checkbox" aria-label={words} checked={ticked} onChange={tick} />
        <span dir="auto">
          <b>{left}</b>
          <span class="ls-soft">{` ${RELATIONS[relation]} `}</span>
          <b>{right}</b>
        </span>
        <small class="ls-soft" title="How alike their items are: 1 is as alike as the items of one label">
          {score === null ? "too few items to compare" : `alike ${score.toFixed(2)}`}
        </small>
      </label>
      {examples.map(text => (
        <q key={text} dir="auto">
          {text}
        </q>
      ))}
    </li>
  );
}

/** What only one of them has, which is unknown in the other. */
function Alone({ of: { name, alone, unclear }, other }: { of: JoinSide; other: string }) {
  return (
    <>
      {alone.length > 0 && (
        <p dir="auto">
          <b>{`Only in ${name}, ${count(alone.length)}:`}</b> {alone.join(", ")}
          <span class="ls-soft">{`. Unknown on the items of ${other}.`}</span>
        </p>
      )}
      {unclear.length > 0 && (
        <p dir="auto">
          <b>{`Not comparable in ${name}, ${count(unclear.length)}:`}</b> {unclear.join(", ")}
          <span class="ls-soft">
            . Too few items, or the embedding does not tell them apart; they stay labels of their own.
          </span>
        </p>
      )}
    </>
  );
}
