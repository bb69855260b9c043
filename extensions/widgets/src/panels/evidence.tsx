/** Why the current cell is suggested: the model, near items that agree and contradict, votes, and earlier decisions. */

import type { ComponentChildren } from "preact";
import type { View } from "../tab_panel";
import type { Entry, Evidence, FilterAsked, Neighbor, Side } from "../messages";
import { keyName } from "../keys";
import { percent } from "../numbers";
import { Icon } from "../page/icon";
import { Meter } from "../page/meter";
import { usePicture } from "../page/picture";
import type { Wire } from "../wire";
import { Influence } from "./influence";
import { panel } from "./panel";
import { Voters } from "./voters";

const WORDS: Record<string, string> = { "1": "yes", "0": "no", "-1": "unknown" };
const N_SIMILAR = 50;
const NO_NEIGHBOURS = "No neighbours: this data set has no embeddings (yet).";

interface EvidenceEvents {
  put: (asked: FilterAsked) => void;
  image: (row: number) => Promise<string>;
  /** Whether items have pictures. */
  images(): boolean;
  /** Whether what a voter spoke on can be selected. */
  votes: boolean;
}

interface EvidenceView extends View {
  /** The entry that the worklist is at. */
  about(entry: Entry | null, blind: boolean): void;
}

export function evidencePanel(wire: Wire, events: EvidenceEvents): EvidenceView {
  let [entry, blind]: [Entry | null, boolean] = [null, false];
  const nothing = () =>
    blind
      ? "Evidence is hidden while the audit sample is judged: it would sway the judgement."
      : "Choose an entry of the worklist to see what speaks for and against its label.";
  const view = panel<Evidence | string>({
    name: "Evidence",
    needs: ["entry", "decisions"],
    class: "ls-evidence",
    fetch: async () => {
      const label = entry && entry.label < 0 ? entry.chips[0]?.label : entry?.label;
      return entry && label !== undefined
        ? (await wire.request("evidence", { row: entry.row, label })).body
        : nothing();
    },
    Content: ({ got }) => {
      if (!got) return null;
      if (typeof got === "string") return <Note>{got}</Note>;
      return (
        <>
          <Head of={got} put={events.put} />
          <Influence wire={wire} row={got.row} label={got.label} />
          <Sides of={got} events={events} />
          <More of={got} put={events.votes ? events.put : null} />
        </>
      );
    },
  });
  return { ...view, about: (now, hidden) => void ([entry, blind] = [now, hidden]) };
}

function Note({ children }: { children: string }) {
  return <p class="ls-note">{children}</p>;
}

function Head({ of, put }: { of: Evidence; put: EvidenceEvents["put"] }) {
  const { suggestion, chip, name, given, suspicion } = of;
  return (
    <div class="ls-ev-head">
      <div class="ls-ev-title">
        <span>
          {suggestion && (suggestion.action === "add" ? "Add " : "Remove ")}
          <strong dir="auto">{name}</strong>
        </span>
        <small>{`item ${of.item}`}</small>
        <span class="ls-gap" />
        <button
          type="button"
          class="ls-button ls-small"
          aria-label="Similar items"
          title={`Select the ${N_SIMILAR} items most like this one (${keyName("similar")})`}
          onClick={() => put({ by: "similar", row: of.row, k: N_SIMILAR })}
        >
          <Icon name="similar" />
          Similar
        </button>
      </div>
      {of.description && (
        <p class="ls-soft ls-ltext-said" dir="auto">
          {of.description}
        </p>
      )}
      <div class="ls-ev-facts">
        <Fact name="Current label" value={WORDS[given]!} />
        {chip.state !== given && <Fact name="Now" value={WORDS[chip.state]!} />}
        {chip.probability !== undefined && (
          <Fact
            name="Model"
            value={percent(chip.probability)}
            title="Out-of-fold probability of the label: the model did not see this item"
          >
            <Meter share={chip.probability} />
          </Fact>
        )}
        {suspicion !== null && (
          <Fact
            name="Suspicion"
            value={suspicion.toFixed(2)}
            title="How much the labels of this item look wrong beside those of others: 0 not at all, 1 the most"
          />
        )}
      </div>
      {suggestion?.reason && <p class="ls-ev-reason">{suggestion.reason}</p>}
    </div>
  );
}

interface FactProps {
  name: string;
  value: string;
  title?: string;
  children?: ComponentChildren;
}

function Fact({ name, value, title, children }: FactProps) {
  return (
    <span class="ls-fact" title={title}>
      {name}
      {children}
      <b>{value}</b>
    </span>
  );
}

function Sides({ of: { neighbors, without, given }, events }: { of: Evidence; events: EvidenceEvents }) {
  if (!neighbors) return <Note>{without || NO_NEIGHBOURS}</Note>;
  const { agree, contradict, asked } = neighbors;
  if (!asked) return <Note>No similar item is known to have this label or not.</Note>;
  const [have, not] = ["have this label", "do not have this label"];
  return (
    <div class="ls-sides">
      <NearItems side={contradict} asked={asked} words={given ? not : have} kind="ls-against" events={events} />
      <NearItems side={agree} asked={asked} words={given ? have : `${not} either`} kind="ls-for" events={events} />
    </div>
  );
}

interface NearItemsProps {
  side: Side;
  asked: number;
  words: string;
  kind: string;
  events: EvidenceEvents;
}

function NearItems({ side: { n, items }, asked, words, kind, events }: NearItemsProps) {
  return (
    <div class={`ls-side ${kind}`}>
      <div class="ls-side-head">
        <b>{n}</b>
        {` of ${asked} similar items ${words}`}
        <Meter share={n / asked} />
      </div>
      {items.map(item => (
        <NearItem key={item.row} of={item} events={events} />
      ))}
    </div>
  );
}

function NearItem({
  of: { row, item, text, similarity, duplicate },
  events,
}: {
  of: Neighbor;
  events: EvidenceEvents;
}) {
  return (
    <button
      type="button"
      class="ls-near"
      aria-label={`Item ${item}, similarity ${similarity}`}
      title="Show this item"
      onClick={() => events.put({ by: "item", row })}
    >
      {events.images() && <NearPicture row={row} image={events.image} />}
      <span class="ls-near-text" dir="auto">
        {text || `#${item}`}
      </span>
      <small class={duplicate ? "ls-twin" : ""}>{duplicate ? "near-duplicate" : similarity.toFixed(2)}</small>
    </button>
  );
}

/** The small picture of an item beside its words. */
export function NearPicture({ row, image }: { row: number; image: EvidenceEvents["image"] }) {
  const { source, trouble } = usePicture(row, image);
  return trouble ? null : <span class="ls-near-picture">{source && <img src={source} alt="" />}</span>;
}

function More({ of: { votes, agreed, history, fields }, put }: { of: Evidence; put: EvidenceEvents["put"] | null }) {
  return (
    <div class="ls-ev-more">
      {votes.length > 0 && <Voters votes={votes} agreed={agreed} put={put} />}
      {history.length > 0 && (
        <p>
          <strong>Decisions</strong>
          {history.map(one => `${one.reviewer} ${one.verdict} (${WORDS[one.after]})`).join(" → ")}
        </p>
      )}
      {fields.length > 0 && (
        <dl>
          {fields.map(({ name, value }) => (
            <Field key={name} name={name} value={value} />
          ))}
        </dl>
      )}
    </div>
  );
}

function Field({ name, value }: { name: string; value: string }) {
  // an address on the web: no other kind of link is ever made of data
  const safe = /^https?:\/\/[^\s"'<>]+$/i.test(value);
  return (
    <>
      <dt>{name}</dt>
      <dd dir="auto">
        {safe ? (
          <a href={value} target="_blank" rel="noopener noreferrer">
            {value}
          </a>
        ) : (
          value
        )}
      </dd>
    </>
  );
}
