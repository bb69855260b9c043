/**
 * A label that grows: a few items a round, each judged by a key or a click. Every judgement is written at once, also
 * while the next round is looked for.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { keyName, meaning } from "../keys";
import type { GrowFrom, GrowItem, GrowRound, GrowTold, LabelState } from "../messages";
import { count, percent, plural } from "../numbers";
import { Trouble } from "../page/attempt";
import { useFocus } from "../page/focus";
import { Icon } from "../page/icon";
import { usePicture } from "../page/picture";
import type { Wire } from "../wire";
import type { NewLabel } from "./new_label";

const BASIS: Record<GrowRound["basis"], string> = {
  examples: "The most likely ones come first.",
  words: "Their text holds words of the name or description.",
  random: "Nothing is known yet: items at random. A few with the label are enough to begin with.",
  selection: "The selected items.",
};

interface RoundsProps {
  wire: Wire;
  of: NewLabel & { name: string; description: string };
  /** The first round, where it is there already. */
  begun: GrowRound | null;
  close: () => void;
}

export function Rounds({ wire, of, begun, close }: RoundsProps) {
  const list = useRef<HTMLDivElement>(null);
  const [round, setRound] = useState(begun);
  const [told, setTold] = useState<GrowTold | null>(begun);
  const [states, setStates] = useState<ReadonlyMap<number, LabelState>>(new Map());
  const [hits, setHits] = useState<[number, number][]>([]); // of each round before: items with the label, items judged
  const [at, setAt] = useState(0);
  const [looking, setLooking] = useState(!begun);
  const [trouble, setTrouble] = useState("");
  const turn = useRef(0);
  const queue = useRef(Promise.resolve()); // judgements are written one after the other
  const latest = useRef(states);
  latest.current = states;
  const first = useFocus<HTMLButtonElement>();
  const asked = { label: of.name, description: of.description };

  /** Look for the next items, once what was judged is written; what is judged meanwhile is not shown again. */
  const next = async (from: GrowFrom = "next") => {
    const mine = ++turn.current;
    setLooking(true);
    try {
      await queue.current;
      const { body } = await wire.request("grow", { ...asked, of: from });
      if (mine !== turn.current) return;
      const judged = [...latest.current.values()];
      if (judged.length) setHits(now => [...now, [judged.filter(state => state === 1).length, judged.length]]);
      setRound({ ...body, items: body.items.filter(({ row }) => !latest.current.has(row)) });
      setTold(now => (now && now.positive + now.negative > body.positive + body.negative ? now : body));
      setStates(new Map());
      setAt(0);
      setTrouble("");
    } catch (error) {
      if (mine === turn.current) setTrouble((error as Error).message);
    }
    if (mine === turn.current) setLooking(false);
  };
  useEffect(() => {
    if (!begun) void next();
    return () => void turn.current++;
  }, []);
  useLayoutEffect(() => {
    const card = list.current?.querySelectorAll<HTMLElement>(".ls-grow-item")[at];
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  }, [round, at]);

  const items = round?.items ?? [];
  const left = items.filter(({ row }) => !states.has(row)).length;

  const judge = (index: number, state: LabelState) => {
    const item = items[index];
    if (!item) return;
    const now = new Map(states).set(item.row, state);
    setStates(now);
    const follows = items.findIndex((one, i) => i > index && !now.has(one.row));
    setAt(follows >= 0 ? follows : Math.min(index + 1, items.length - 1));
    queue.current = queue.current.then(async () => {
      try {
        const { body } = await wire.request("grow_judge", { ...asked, row: item.row, state });
        setTold(body);
      } catch (error) {
        setTrouble(`Not saved: item ${item.item}. ${(error as Error).message}`);
        setStates(before => without(before, item.row));
      }
    });
  };
  useEffect(() => {
    if (items.length && !left && !looking) void next(); // all are judged
  }, [left, round]);

  const undo = () => {
    queue.current = queue.current.then(async () => {
      try {
        const { body } = await wire.request("grow_undo", { label: of.name });
        setTold(body);
        if (body.row < 0) return setTrouble("Nothing to undo here.");
        setStates(before => without(before, body.row));
        const place = items.findIndex(({ row }) => row === body.row);
        if (place >= 0) setAt(place);
        setTrouble("");
      } catch (error) {
        setTrouble((error as Error).message);
      }
    });
  };
  const leave = () => {
    close();
    if (told?.there) of.say(`${told.name}: ${plural(told.positive, "item")} found`, "good");
  };
  const press = (event: KeyboardEvent) => {
    const meant = meaning(event)?.action;
    const acts: Partial<Record<string, () => void>> = {
      accept: () => judge(at, 1),
      reject: () => judge(at, 0),
      skip: () => setAt(Math.min(at + 1, items.length - 1)),
      undo,
      next: () => setAt(Math.min(at + 1, items.length - 1)),
      previous: () => setAt(Math.max(at - 1, 0)),
    };
    const act = meant && acts[meant];
    if (act) act();
    else if (event.key === "Enter" && !(event.target as Element).closest("button")) void next();
    else return;
    event.preventDefault();
  };
  return (
    <div class="ls-grow" onKeyDown={press}>
      <header class="ls-grow-head">
        <Standing round={round} told={told} hits={hits} />
        <button ref={first} type="button" class="ls-button ls-small" onClick={leave}>
          Close
        </button>
      </header>
      <Trouble words={trouble} />
      <div ref={list} class="ls-grow-items" role="group" aria-label="Items to judge" aria-busy={looking}>
        {items.map((item, i) => (
          <Item
            key={item.row}
            item={item}
            state={states.get(item.row)}
            current={i === at}
            image={of.image}
            choose={() => setAt(i)}
            judge={state => judge(i, state)}
          />
        ))}
        {!items.length && (
          <p class="ls-note">{looking ? "Looking for items…" : "No item is left that nobody has judged."}</p>
        )}
      </div>
      <footer class="ls-grow-foot">
        <Key of="accept" icon="check" kind="ls-accept" name="Has it" act={() => judge(at, 1)} />
        <Key of="reject" icon="cross" kind="ls-reject" name="Has it not" act={() => judge(at, 0)} />
        <Key of="undo" icon="undo" kind="ls-ghost" name="Undo" act={undo} />
        <span class="ls-soft ls-gap" role="status">
          {looking ? "Looking for the next items…" : `${count(left)} left in this round`}
        </span>
        <button
          type="button"
          class="ls-button"
          title="Judge items drawn at random: they say how many have the label in all"
          onClick={() => void next("sample")}
        >
          Sample 20
        </button>
        <button
          type="button"
          class="ls-button ls-primary"
          title="Leave the others of this round (Enter)"
          onClick={() => void next()}
        >
          Next round
        </button>
      </footer>
    </div>
  );
}

function without(states: ReadonlyMap<number, LabelState>, row: number): ReadonlyMap<number, LabelState> {
  const now = new Map(states);
  now.delete(row);
  return now;
}

/** What is found so far, how many there are, and whether to go on. */
function Standing({ round, told, hits }: { round: GrowRound | null; told: GrowTold | null; hits: [number, number][] }) {
  if (!round || !told) return <div class="ls-gap" />;
  const { basis, count: total, advice } = round;
  return (
    <div class="ls-gap">
      <p>
        <strong>{`${count(told.positive)} found`}</strong>
        {told.negative > 0 && `, ${count(told.negative)} without it`}
        {total &&
          ` · about ${count(Math.round(total.estimate))} [${count(total.low)}, ${count(total.high)}] in all, ` +
            `by ${count(total.sampled)} drawn at random`}
      </p>
      <p class="ls-soft">{sentence(advice) || BASIS[basis]}</p>
      {hits.length > 0 && (
        <p class="ls-grow-hits" title="Items with the label in each round before">
          {`Hits a round: ${hits
            .slice(-8)
            .map(([yes, of]) => `${yes} of ${of}`)
            .join(", ")}`}
        </p>
      )}
    </div>
  );
}

function sentence(words: string): string {
  return words && `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

interface ItemProps {
  item: GrowItem;
  state: LabelState | undefined;
  current: boolean;
  image: NewLabel["image"];
  choose: () => void;
  judge: (state: LabelState) => void;
}

function Item({ item, state, current, image, choose, judge }: ItemProps) {
  const said = state === 1 ? "has it" : state === 0 ? "has it not" : "not judged";
  return (
    <div
      class={`ls-grow-item ${current ? "ls-current" : ""} ${state === 1 ? "ls-yes" : state === 0 ? "ls-no" : ""}`}
      role="group"
      aria-label={`Item ${item.item}: ${said}`}
      aria-current={current}
      tabIndex={current ? 0 : -1}
      onClick={choose}
    >
      {item.image && <Picture row={item.row} image={image} />}
      <span class="ls-grow-text" dir="auto">
        {item.text || `#${item.item}`}
      </span>
      <small>{item.probability === null ? "" : percent(item.probability)}</small>
      <span class="ls-grow-marks">
        {(
          [
            [1, "check", "Has it", "ls-accept"],
            [0, "cross", "Has it not", "ls-reject"],
          ] as const
        ).map(([value, icon, name, kind]) => (
          <button
            key={value}
            type="button"
            class={`ls-button ls-small ${state === value ? kind : "ls-ghost"}`}
            tabIndex={-1}
            aria-label={`${name}: item ${item.item}`}
            aria-pressed={state === value}
            onClick={event => {
              event.stopPropagation();
              judge(value);
            }}
          >
            <Icon name={icon} />
          </button>
        ))}
      </span>
    </div>
  );
}

function Picture({ row, image }: { row: number; image: NewLabel["image"] }) {
  const { source, trouble } = usePicture(row, image);
  return (
    <span class={`ls-grow-picture ${source || trouble ? "" : "ls-skeleton"}`} title={trouble || undefined}>
      {source && <img src={source} alt="" draggable={false} />}
      {trouble && <Icon name="warning" />}
    </span>
  );
}

interface KeyProps {
  of: "accept" | "reject" | "undo";
  icon: "check" | "cross" | "undo";
  kind: string;
  name: string;
  act: () => void;
}

function Key({ of, icon, kind, name, act }: KeyProps) {
  const key = keyName(of);
  return (
    <button
      type="button"
      class={`ls-button ${kind}`}
      aria-label={name}
      aria-keyshortcuts={key}
      title={`${name} (${key})`}
      onClick={act}
    >
      <Icon name={icon} />
      <span>{name}</span>
      <kbd aria-hidden="true">{key}</kbd>
    </button>
  );
}
