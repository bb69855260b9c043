/** One entry of the worklist: the item, the proposed change in words, and its label chips. */

import { useComputed, type ReadonlySignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type {
  Chip,
  Conflict,
  Entry,
  Judgement,
  Label,
  LabelState,
  Proposed,
  Question,
  Suggestion,
  Verdict,
} from "../messages";
import { Finder } from "../page/finder";
import { Icon } from "../page/icon";
import { LongName } from "../page/long_name";
import { Marked } from "../page/marked";
import { usePicture } from "../page/picture";
import type { SmallPicture } from "../state/pictures";
import { LabelChip } from "./chip";
import { BY_EVIDENCE, BY_MODEL, Confidence } from "./confidence";

export interface CardEvents {
  /** Whether labels are shown as they are, and nobody can change them. */
  readOnly: boolean;
  toggle(entry: Entry, chip: Chip, alt: boolean): void;
  /** Settle a conflict of an item. */
  settle(entry: Entry, conflict: Conflict, state: LabelState): void;
  text(row: number): Promise<string>;
  image: SmallPicture;
  find(row: number, query: string): Promise<Label[]>;
  /** What the worklist is searched for. */
  searched(): string;
}

/** A place in the list. */
export interface Place {
  entry: Signal<Entry>;
  /** Whether a decision on it is under way. */
  busy: Signal<boolean>;
}

const BADGES: Record<Exclude<Verdict, "pending">, string> = {
  accepted: "Accepted",
  rejected: "Rejected",
  skipped: "Skipped",
};
export const JUDGED: Record<Judgement | "judged", string> = {
  right: "Label right",
  wrong: "Label wrong",
  undecidable: "Cannot tell",
  judged: "Judged",
};
/**
 * Other colours than those of the review: there, green says that a suggestion was taken, here that the label is right.
 */
const COLOURS: Record<Judgement | "judged", string> = {
  right: "right",
  wrong: "wrong",
  undecidable: "skipped",
  judged: "skipped",
};
const STATES = { 1: "Yes", 0: "No", [-1]: "Unknown" } as const;
const WORDS = { 1: "Has", 0: "Without", [-1]: "Unknown:" } as const;
const DIGITS = 9;

interface CardProps {
  place: Place;
  index: number;
  total: number;
  /** Index of the entry that the keys act on. */
  current: ReadonlySignal<number>;
  events: CardEvents;
}

export function Card({ place, index, total, current, events }: CardProps) {
  const card = useRef<HTMLDivElement>(null);
  const entry = place.entry.value;
  const isCurrent = useComputed(() => current.value === index);
  const kind = useComputed(() => {
    const { audit, suggestion, proposed } = place.entry.value;
    const verdict = audit?.judgement
      ? COLOURS[audit.judgement]
      : (suggestion?.verdict ?? proposed?.verdict ?? "pending");
    return `ls-card ls-${verdict} ${isCurrent.value ? "ls-current" : ""} ${place.busy.value ? "ls-busy" : ""}`;
  });
  const { audit, suggestion, conflict } = entry;
  return (
    <div
      ref={card}
      role="listitem"
      class={kind}
      tabIndex={useComputed(() => (isCurrent.value ? 0 : -1))}
      aria-current={useComputed(() => (isCurrent.value ? "true" : undefined))}
      aria-setsize={total}
      aria-posinset={index + 1}
      data-row={entry.row}
    >
      <Heading entry={entry} />
      {suggestion && suggestion.companions.length > 0 && <Along {...suggestion} />}
      {conflict && (
        <Dispute {...conflict} settle={events.readOnly ? undefined : state => events.settle(entry, conflict, state)} />
      )}
      <div class="ls-body">
        {entry.image && <Thumbnail entry={entry} image={events.image} />}
        {entry.text && <Passage entry={entry} events={events} />}
      </div>
      {!audit && <Chips entry={entry} events={events} done={() => card.current!.focus({ preventScroll: true })} />}
      <Reasons entry={entry} />
    </div>
  );
}

/** Why a change is suggested, and why somebody decided as they did. */
export function Reasons({ entry }: { entry: Entry }) {
  const { suggestion, proposed, said } = entry;
  return (
    <>
      {suggestion?.reason && <div class="ls-reason">{suggestion.reason}</div>}
      {proposed && <div class="ls-reason">{`Pseudo-label by ${proposed.reason}`}</div>}
      {said && (
        <div class="ls-reason ls-said">
          {"Reason given: "}
          <span dir="auto">{said}</span>
        </div>
      )}
    </>
  );
}

/** What a card is about, in words. */
export function Heading({ entry }: { entry: Entry }) {
  const { audit, suggestion, conflict, proposed } = entry;
  const cell = conflict ? undefined : entry.chips.find(of => of.label === entry.label);
  return (
    <div class="ls-card-head">
      {audit ? (
        <Asked {...audit} />
      ) : suggestion ? (
        <Suggested {...suggestion} />
      ) : proposed ? (
        <Pseudo {...proposed} />
      ) : cell ? (
        <Change words={`${WORDS[cell.state]} `} name={cell.name} class="ls-about" />
      ) : (
        <Change words="Item " name={entry.item} />
      )}
      {entry.ask && (
        <span class="ls-badge ls-whom" dir="auto" title="Who should vote on this item next">
          {`Ask ${entry.ask}`}
        </span>
      )}
      <span class="ls-gap" />
      {(audit || suggestion || cell) && <span class="ls-item">{`#${entry.item}`}</span>}
    </div>
  );
}

/** The labels that matter for an item, and the search for another. `done`: another one was chosen. */
export function Chips({ entry, events, done }: { entry: Entry; events: CardEvents; done?: () => void }) {
  const choose = (label: Label, alt: boolean) => {
    const known = entry.chips.find(of => of.label === label.label) ?? label.chip;
    if (known) events.toggle(entry, known, alt);
    done?.();
  };
  const toggle = events.readOnly ? undefined : (chip: Chip, alt: boolean) => events.toggle(entry, chip, alt);
  return (
    <div class="ls-chips">
      {entry.chips.map((chip, i) => (
        <LabelChip key={chip.label} chip={chip} digit={toggle && i < DIGITS ? i + 1 : 0} toggle={toggle} />
      ))}
      {toggle && <Finder name="Other label…" find={query => events.find(entry.row, query)} choose={choose} />}
    </div>
  );
}

/** A card that is still on its way. */
export function Skeleton() {
  return (
    <div class="ls-card ls-loading" aria-hidden="true">
      <i style={{ width: "45%" }} />
      <i style={{ width: "92%" }} />
      <i style={{ width: "70%" }} />
    </div>
  );
}

function Change({ words, name, class: kind = "", children }: ChangeProps) {
  return (
    <span class={`ls-change ${kind}`}>
      {words}
      <strong dir="auto">
        <LongName name={name} />
      </strong>
      {children}
    </span>
  );
}

interface ChangeProps {
  words: string;
  name: string;
  class?: string;
  children?: ComponentChildren;
}

function Suggested({ action, name, instead, confidence, verdict }: Suggestion) {
  const adds = action === "add";
  return (
    <>
      <span class={`ls-action ls-${action}`} aria-hidden="true">
        <Icon name={adds ? "plus" : "minus"} />
      </span>
      {instead ? (
        <Replaced from={adds ? instead : name} to={adds ? name : instead} />
      ) : (
        <Change words={adds ? "Add " : "Remove "} name={name} />
      )}
      {confidence !== null && <Confidence share={confidence} by={BY_EVIDENCE} />}
      {verdict !== "pending" && <span class={`ls-badge ls-${verdict}`}>{BADGES[verdict]}</span>}
    </>
  );
}

/** What an unknown cell would become. */
function Pseudo({ name, state, probability, verdict }: Proposed) {
  const share = state === 1 ? probability : 1 - probability;
  return (
    <>
      <span class={`ls-action ls-pseudo ls-${state === 1 ? "add" : "remove"}`} aria-hidden="true">
        <Icon name={state === 1 ? "plus" : "minus"} />
      </span>
      <Change words="Unknown: " name={name}>
        <span class="ls-soft">{state === 1 ? " → present" : " → absent"}</span>
      </Change>
      <Confidence share={share} by={BY_MODEL} />
      {verdict !== "pending" && (
        <span class={`ls-badge ls-${verdict}`}>{verdict === "skipped" ? "Left unknown" : BADGES[verdict]}</span>
      )}
    </>
  );
}

/** One label in the place of another, where each item has one. */
function Replaced({ from, to }: { from: string; to: string }) {
  return (
    <span class="ls-change" aria-label={`${from} becomes ${to}`}>
      <bdi>
        <LongName name={from} />
      </bdi>
      {" → "}
      <strong dir="auto">
        <LongName name={to} />
      </strong>
    </span>
  );
}

/** What the data says of a cell, in words that do not lean to either side. */
function Asked({ name, given, judgement }: Question) {
  return (
    <>
      <Change words={given ? "Labelled " : "Not labelled "} name={name} class="ls-question">
        <span class="ls-soft">: is that right?</span>
      </Change>
      {judgement && <span class={`ls-badge ls-${COLOURS[judgement]}`}>{JUDGED[judgement]}</span>}
    </>
  );
}

/** What goes along with the change, by the same decision and the same undo. */
function Along({ companions }: Suggestion) {
  return (
    <div class="ls-along">
      {"with: "}
      {companions.map(({ action, label, name }, i) => (
        <span key={label}>
          {`${i ? ", " : ""}${action} `}
          <strong dir="auto">{name}</strong>
        </span>
      ))}
    </div>
  );
}

/** Who says what, and a button for each of the states. */
function Dispute({ name, opinions, settle }: Conflict & { settle: ((state: LabelState) => void) | undefined }) {
  const says = (state: LabelState) =>
    opinions
      .filter(one => one.state === state)
      .map(one => one.reviewer)
      .join(", ");
  return (
    <div class="ls-dispute">
      <Icon name="warning" />
      <span>
        <strong>{name}</strong>: reviewers disagree
      </span>
      {([1, 0, -1] as const).filter(says).map(state => (
        <button
          key={state}
          type="button"
          class="ls-button ls-small"
          disabled={!settle}
          title={settle && `Settle it: ${STATES[state]}`}
          onClick={() => settle?.(state)}
        >
          <b>{STATES[state]}</b>
          <small>{says(state)}</small>
        </button>
      ))}
    </div>
  );
}

function Passage({ entry, events }: { entry: Entry; events: CardEvents }) {
  const [whole, setWhole] = useState("");
  const turn = async () => setWhole(whole ? "" : await events.text(entry.row).catch(() => entry.text));
  const text = whole || entry.text + (entry.more ? "…" : "");
  return (
    <p class="ls-text" dir="auto">
      <Marked text={entry.more ? `${text} ` : text} words={events.searched()} />
      {entry.more > 0 && (
        <button type="button" class="ls-link" aria-expanded={whole !== ""} onClick={() => void turn()}>
          {whole ? "Show less" : "Show all"}
        </button>
      )}
    </p>
  );
}

function Thumbnail({ entry, image }: { entry: Entry; image: CardEvents["image"] }) {
  const { source, trouble } = usePicture(entry.row, image);
  return (
    <button
      type="button"
      tabIndex={-1} // by keyboard: the key of the focus mode
      aria-label={`Open the picture of item ${entry.item}`}
      class={`ls-thumbnail ${source ? "" : trouble ? "ls-broken" : "ls-skeleton"}`}
      title={trouble || "Open it large"}
    >
      {source && <img src={source} alt={`Item ${entry.item}`} draggable={false} />}
      {trouble && <Icon name="warning" />}
    </button>
  );
}
