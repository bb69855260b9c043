/**
 * The page of a label: all that is known about it, each figure a filter. Examples come later: it takes longer to choose
 * them.
 */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type {
  FilterAsked,
  LabelBin,
  LabelExamples,
  LabelFact,
  LabelItem,
  LabelPageShown,
  LabelShare,
  LabelTextShown,
} from "../messages";
import { percent, plural } from "../numbers";
import { useFocus } from "../page/focus";
import type { Overlay } from "../page/overlay";
import type { Wire } from "../wire";
import { NearPicture } from "./evidence";
import { LabelProposals } from "./label_proposals";
import { LabelText } from "./label_text";

const RELATIONS = { implies: "always has", identical: "is the same as", exclusive: "never goes with" };
const CHART = 150;
type Kind = LabelItem["kind"];
const SUSPECTS: [Kind, string][] = [
  ["missing", "Possibly missing"],
  ["spurious", "Possibly wrong"],
];
const EXAMPLES: [Kind, string][] = [
  ["exemplar", "Typical"],
  ["borderline, given", "Borderline, with the label"],
  ["borderline, not given", "Borderline, without it"],
];

interface PageOf {
  label: number;
  name: string;
  put: (asked: FilterAsked) => void;
  image: (row: number) => Promise<string>;
  say: (text: string, kind?: "" | "good" | "error") => void;
  /** Whether nothing can be changed. */
  readOnly: boolean;
}

type List = (asked: FilterAsked) => void;

/** Open the dialog. */
export function showLabelPage(overlay: Overlay, wire: Wire, of: PageOf): void {
  const close = () => overlay.hide();
  const list: List = asked => {
    close();
    of.put(asked);
  };
  overlay.show(`Label page: ${of.name}`, <LabelPage wire={wire} of={of} list={list} close={close} />);
}

function LabelPage({ wire, of, list, close }: { wire: Wire; of: PageOf; list: List; close: () => void }) {
  const first = useFocus<HTMLButtonElement>();
  const [page, setPage] = useState<LabelPageShown | null>(null);
  const [examples, setExamples] = useState<LabelExamples | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let open = true;
    const fail = (error: Error) => open && setTrouble(error.message);
    const fetch = async () => {
      const { body } = await wire.request("label_page", { label: of.label });
      if (!open) return;
      setPage(body);
      if (!body.examples) return;
      const chosen = (await wire.request("label_examples", { label: of.label })).body;
      if (open) setExamples(chosen);
    };
    fetch().catch(fail);
    return () => {
      open = false;
    };
  }, [wire, of.label]);
  const done = (words: string) => {
    close();
    of.say(words, "good");
  };
  const save = async (texts: LabelTextShown) => {
    const { description, guideline } = texts;
    const { body } = await wire.request("label_text", { label: of.label, description, guideline });
    setPage(known => known && { ...known, ...body });
    of.say(`${of.name}: description and guideline saved`, "good");
  };
  return (
    <div class="ls-lpage">
      <button ref={first} type="button" class="ls-button ls-small ls-lpage-close" onClick={close}>
        Close
      </button>
      {trouble && <p class="ls-note ls-error">{trouble}</p>}
      {page ? (
        <Known page={page} examples={examples} image={of.image} list={list} save={of.readOnly ? null : save} />
      ) : (
        <p class="ls-note">Loading…</p>
      )}
      {page && !of.readOnly && <LabelProposals wire={wire} label={of.label} done={done} />}
    </div>
  );
}

interface KnownProps {
  page: LabelPageShown;
  examples: LabelExamples | null;
  image: PageOf["image"];
  list: List;
  /** Null where nothing can be changed. */
  save: ((texts: LabelTextShown) => Promise<void>) | null;
}

function Known({ page, examples, image, list, save }: KnownProps) {
  const query = (text: string) => list({ by: "query", text });
  const items = (kind: Kind, title: string, of: LabelItem[]) => (
    <Items
      key={title}
      title={title}
      items={of.filter(item => item.kind === kind)}
      page={page}
      image={image}
      list={list}
    />
  );
  const sections = (titles: string[]) =>
    titles.map(title => {
      const facts = page.facts.filter(({ section }) => section === title);
      return facts.length > 0 && <Facts key={title} title={title} facts={facts} label={page.label} list={list} />;
    });
  return (
    <>
      <LabelText texts={page} save={save} />
      <div class="ls-lpage-parts">
        <section>{sections(["Counts", "Errors", "Review"])}</section>
        <section>
          {sections(["Model", "Raters"])}
          <Rules rules={page.rules} query={query} />
          {sections(["Splits"])}
          {page.shares.length > 0 && <Shares shares={page.shares} query={query} />}
        </section>
        {page.bins.length > 0 && <Reliability bins={page.bins} query={query} />}
      </div>
      {SUSPECTS.map(([kind, title]) => items(kind, title, page.items))}
      {examples && <Chosen examples={examples} query={query} items={items} />}
      {page.examples && !examples && <p class="ls-note">Choosing typical and borderline items…</p>}
    </>
  );
}

interface ChosenProps {
  examples: LabelExamples;
  query: Query;
  items: (kind: Kind, title: string, of: LabelItem[]) => ComponentChildren;
}

/** What comes later: it stands below what is there, so that nothing moves under the pointer. */
function Chosen({ examples, query, items }: ChosenProps) {
  const others = [...new Set(examples.items.map(({ other }) => other))].filter(Boolean);
  return (
    <>
      <div class="ls-lpage-parts">
        <Others title="Easily confused with" of={examples.confused} query={query} />
        <Others title="Goes with" of={examples.goes_with} query={query} />
        <section>
          <h3>Embedding</h3>
          <p class="ls-lpage-fact">{examples.sight}</p>
        </section>
      </div>
      {EXAMPLES.map(([kind, title]) => items(kind, title, examples.items))}
      {others.map(other =>
        items(
          "confused",
          `Confused with ${other}`,
          examples.items.filter(item => item.other === other),
        ),
      )}
    </>
  );
}

type Query = (text: string) => void;

type Figure = Extract<FilterAsked, { by: "figure" }>["figure"];

interface ListingProps {
  look?: string;
  query: string;
  /** Null where no filter lists it: then it is words alone. */
  act: (() => void) | null;
  children: ComponentChildren;
}

/** A figure that lists what it counts. */
function Listing({ look = "ls-lpage-fact", query, act, children }: ListingProps) {
  if (!act) return <p class={look}>{children}</p>;
  return (
    <button type="button" class={look} title={query ? `Filter: ${query}` : "Show these"} onClick={act}>
      {children}
    </button>
  );
}

interface FactsProps {
  title: string;
  facts: LabelFact[];
  label: number;
  list: List;
}

function Facts({ title, facts, label, list }: FactsProps) {
  const asked = ({ figure, query, cells }: LabelFact): FilterAsked | null =>
    query ? { by: "query", text: query } : cells ? { by: "figure", label, figure: figure as Figure, rows: [] } : null;
  return (
    <>
      <h3>{title}</h3>
      {facts
        .map(fact => ({ ...fact, filter: asked(fact) }))
        .map(({ figure, words, query, filter }) => (
          <Listing key={figure} query={query} act={filter && (() => list(filter))}>
            {words}
          </Listing>
        ))}
    </>
  );
}

function Rules({ rules, query }: { rules: LabelPageShown["rules"]; query: Query }) {
  if (!rules.length) return null;
  return (
    <>
      <h3>Rules</h3>
      {rules.map(({ label_a, relation, label_b, exceptions, query: text }) => (
        <Listing key={text} query={text} act={text ? () => query(text) : null}>
          <span>
            <bdi>{label_a}</bdi> {RELATIONS[relation]} <bdi>{label_b}</bdi>
          </span>
          <small>{exceptions === null ? "" : plural(exceptions, "exception")}</small>
        </Listing>
      ))}
    </>
  );
}

function Others({ title, of, query }: { title: string; of: LabelExamples["confused"]; query: Query }) {
  if (!of.length) return null;
  return (
    <section>
      <h3>{title}</h3>
      {of.map(({ name, words, query: text }) => (
        <Listing key={name} query={text} act={text ? () => query(text) : null}>
          <span dir="auto">{name}</span>
          <small>{words}</small>
        </Listing>
      ))}
    </section>
  );
}

/** The share in each split as a bar, with its interval. */
function Shares({ shares, query }: { shares: LabelShare[]; query: Query }) {
  const most = Math.max(1e-9, ...shares.map(({ high }) => high ?? 0));
  const at = (share: number) => `${(100 * share) / most}%`;
  return (
    <>
      {shares.map(({ split, n_positive, share, low, high, query: text }) => (
        <Listing key={split} look="ls-lpage-share" query={text} act={text ? () => query(text) : null}>
          <span dir="auto">{split}</span>
          <span class="ls-lpage-bar" aria-hidden="true">
            {share !== null && <i style={{ width: at(share) }} />}
            {low !== null && high !== null && <b style={{ left: at(low), width: at(high - low) }} />}
          </span>
          <small>{share === null ? "nothing known" : `${percent(share)} · ${plural(n_positive, "item")}`}</small>
        </Listing>
      ))}
    </>
  );
}

/** Share of positives against probability: on the line, probabilities mean what they say. */
function Reliability({ bins, query }: { bins: LabelBin[]; query: (text: string) => void }) {
  const [x, y] = [(value: number) => value * CHART, (value: number) => (1 - value) * CHART];
  const words = bins.map(({ probability, share }) => `${percent(probability)}: ${percent(share)}`).join(", ");
  return (
    <section class="ls-lpage-reliability">
      <h3>Reliability</h3>
      <svg
        viewBox={`-30 -6 ${CHART + 40} ${CHART + 38}`}
        role="group"
        aria-label={`Share positive by probability: ${words}`}
      >
        <path d={`M0 0V${CHART}H${CHART}`} />
        <line x1={0} y1={CHART} x2={CHART} y2={0} class="ls-diagonal" />
        {bins.map(bin => (
          <Bin
            key={bin.probability}
            of={bin}
            at={[x(bin.probability), y(bin.share), y(bin.low), y(bin.high)]}
            query={query}
          />
        ))}
        <text x={0} y={CHART + 13}>
          0
        </text>
        <text x={CHART} y={CHART + 13} text-anchor="end">
          100%
        </text>
        <text x={CHART / 2} y={CHART + 26} text-anchor="middle">
          probability of the model
        </text>
        <text x={-4} y={4} text-anchor="end">
          100%
        </text>
        <text transform={`translate(-10 ${CHART / 2}) rotate(-90)`} text-anchor="middle">
          share positive
        </text>
      </svg>
    </section>
  );
}

interface BinProps {
  of: LabelBin;
  /** Where its point is, and the ends of its interval. */
  at: [x: number, y: number, low: number, high: number];
  query: (text: string) => void;
}

/** A bin: a click, Enter or Space lists its items. */
function Bin({ of: { n, probability, share, query: text }, at: [x, y, low, high], query }: BinProps) {
  const words = `Probability about ${percent(probability)}: ${percent(share)} of ${plural(n, "item")} positive`;
  const list = () => query(text);
  const drawn = (
    <>
      <title>{words}</title>
      <line x1={x} x2={x} y1={low} y2={high} />
      <circle cx={x} cy={y} r={2.6} />
    </>
  );
  if (!text) return <g>{drawn}</g>;
  return (
    <g
      role="button"
      tabindex={0}
      class="ls-bin"
      aria-label={words}
      onClick={list}
      onKeyDown={event => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        list();
      }}
    >
      {drawn}
      <circle cx={x} cy={y} r={7} class="ls-bin-reach" />
    </g>
  );
}

interface ItemsProps {
  title: string;
  items: LabelItem[];
  page: LabelPageShown;
  image: PageOf["image"];
  list: List;
}

/** Of what the search found, all that it found and not only the few on the page; of examples, these. */
function allOf({ label, facts }: LabelPageShown, kind: Kind, items: LabelItem[]): FilterAsked {
  if (kind !== "missing" && kind !== "spurious")
    return { by: "figure", label, figure: kind, rows: items.map(({ row }) => row) };
  const figure = kind === "missing" ? "possibly missing" : "possibly wrong";
  return { by: "query", text: facts.find(fact => fact.figure === figure)!.query };
}

function Items({ title, items, page, image, list }: ItemsProps) {
  const [first] = items;
  if (!first) return null;
  const all = () => list(allOf(page, first.kind, items));
  return (
    <>
      <h3 dir="auto">
        <button
          type="button"
          class="ls-lpage-title"
          title={`Show ${plural(items.length, "item")} in the list`}
          onClick={all}
        >
          {title}
        </button>
      </h3>
      <div class="ls-lpage-items">
        {items.map(({ row, item, kind, text, figure }) => (
          <button
            key={row}
            type="button"
            class="ls-near"
            aria-label={`Item ${item}`}
            title="Show this item"
            onClick={() => list({ by: "item", row })}
          >
            {page.images && <NearPicture row={row} image={image} />}
            <span class="ls-near-text" dir="auto">
              {text || `#${item}`}
            </span>
            <small>{kind === "missing" || kind === "spurious" ? figure.toFixed(2) : percent(figure)}</small>
          </button>
        ))}
      </div>
    </>
  );
}
