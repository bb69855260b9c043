/**
 * Which words of a text, or squares of an image, speak for a label: asked for by the person, drawn as text, never as
 * markup.
 */

import { signal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Attributed, Influence as Parts } from "../messages";
import { Icon } from "../page/icon";
import { recall, remember } from "../store";
import { bytes, type Wire } from "../wire";

const STORE = "evidence.parts";
const REST_MS = 350;
const FAINT = 0.08; // share of the largest weight below which a part is left plain
const ORDER =
  "Parts are left out in this order and in random orders: the model has to lose its opinion faster in this one";

/** What is known of a cell: the answer with its picture, or why there is none. */
interface Got {
  row: number;
  label: number;
  of: Attributed | null;
  buffer: DataView | undefined;
  trouble: string;
}

interface InfluenceProps {
  wire: Wire;
  row: number;
  label: number;
}

/** Whether the person wants to see it at all. */
const wanted: Signal<boolean> = signal(recall(STORE, false));

export function Influence({ wire, row, label }: InfluenceProps) {
  const [got, setGot] = useState<Got | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = got?.row === row && got.label === label ? got : null;
  const on = wanted.value;
  useEffect(() => {
    if (!on || shown || busy) return undefined;
    // one question at a time, once the person rests there: who moves on quickly asks about the last entry only
    const timer = setTimeout(() => {
      setBusy(true);
      void wire
        .request("attribution", { row, label })
        .then(
          ({ body, buffers }) => setGot({ row, label, of: body, buffer: buffers[0], trouble: "" }),
          ({ message }: Error) => setGot({ row, label, of: null, buffer: undefined, trouble: message }),
        )
        .finally(() => setBusy(false));
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [on, busy, wire, row, label]);
  const turn = (event: MouseEvent) => {
    remember(STORE, (wanted.value = !on));
    if (on) setGot(null);
    // the button that was clicked is gone: the keys go on working
    (event.currentTarget as Element).closest<HTMLElement>(".ls-root")?.focus({ preventScroll: true });
  };
  return (
    <section class="ls-parts" aria-label="What speaks for the label">
      {on ? (
        <>
          <div class="ls-parts-head">
            <h4>What influenced the model</h4>
            <span class="ls-gap" />
            <button type="button" class="ls-link" onClick={turn}>
              Hide
            </button>
          </div>
          {shown?.trouble && <p class="ls-note">{shown.trouble}</p>}
          {shown?.of && <Found of={shown.of} buffer={shown.buffer} />}
          {!shown && <Soft words="Looking at what moves the model…" />}
        </>
      ) : (
        <button
          type="button"
          class="ls-button ls-small"
          title="Leave out one part of the item after the other and see what the model says"
          onClick={turn}
        >
          <Icon name="highlight" />
          Show what influenced the model
        </button>
      )}
    </section>
  );
}

function Soft({ words }: { words: string }) {
  return <p class="ls-soft">{words}</p>;
}

function Found({ of: { name, why, found }, buffer }: { of: Attributed; buffer: DataView | undefined }) {
  if (!found) return <Soft words={why} />;
  const { verdict, words } = found.faithful;
  const finding = sentence(found.finding);
  return (
    <>
      {found.of === "text" ? (
        <Text pieces={found.pieces} />
      ) : (
        <Picture found={found} buffer={buffer} finding={finding} />
      )}
      <p>{finding}</p>
      <div class="ls-parts-foot">
        <p class="ls-parts-key" aria-hidden="true">
          <mark class="ls-speaks-for">for</mark> <mark class="ls-speaks-against">against</mark>
          {` ${name}`}
        </p>
        <p class={`ls-trust ${["unfaithful", "flat"].includes(verdict) ? "ls-doubtful" : ""}`} title={ORDER}>
          {`Faithfulness check: ${verdict === "faithful" ? "passed" : words}.`}
        </p>
      </div>
      {found.notes.map(note => (
        <Soft key={note} words={note} />
      ))}
    </>
  );
}

const side = (weight: number) => (weight > 0 ? "for" : "against");

function Text({ pieces }: Pick<Parts, "pieces">) {
  return (
    <p class="ls-parts-text" dir="auto" tabIndex={0}>
      {pieces.map(([words, weight]) => {
        const strength = Math.abs(weight);
        if (strength < FAINT) return words;
        return (
          <mark
            class={`ls-speaks-${side(weight)}`}
            style={`--ls-weight:${Math.round(10 + 45 * strength)}%`}
            title={`${side(weight)}: ${Math.round(100 * strength)}% of the strongest`}
          >
            {words}
          </mark>
        );
      })}
    </p>
  );
}

function Picture({ found, buffer, finding }: { found: Parts; buffer: DataView | undefined; finding: string }) {
  const [source, setSource] = useState("");
  useLayoutEffect(() => {
    const address = URL.createObjectURL(new Blob([bytes(buffer)], { type: "image/png" }));
    setSource(address);
    return () => URL.revokeObjectURL(address);
  }, [buffer]);
  return (
    <div class="ls-parts-picture">
      {source && <img src={source} alt={finding} />}
      {found.squares
        .filter(([, , , , weight]) => Math.abs(weight) >= FAINT)
        .map(([left, top, right, bottom, weight]) => (
          <i
            key={`${left} ${top}`}
            class={`ls-speaks-${side(weight)}`}
            style={
              `left:${100 * left}%;top:${100 * top}%;width:${100 * (right - left)}%;height:${100 * (bottom - top)}%;` +
              `--ls-weight:${Math.round(60 * Math.abs(weight))}%`
            }
          />
        ))}
    </div>
  );
}

function sentence(words: string): string {
  return `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}.`;
}
