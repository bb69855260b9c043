/** The long tail: all labels with their counts, in the selection and overall, and what is suggested for them. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { View } from "../tab_panel";
import { count, plural } from "../numbers";
import { Icon } from "../page/icon";
import { useInSight } from "../page/in_sight";
import { LongName } from "../page/long_name";
import { SearchField } from "../page/search_field";
import { Pages } from "../state/pages";
import type { FilterAsked, Kinds, LabelRow, Sort } from "../messages";
import type { Wire } from "../wire";
import { panel, type Shown } from "./panel";

const SORTS: [string, string][] = [
  ["count", "Most frequent"],
  ["rare", "Rarest"],
  ["suggested", "Most suggestions"],
  ["selected", "Most in selection"],
  ["name", "A to Z"],
];
const CURVE = { width: 600, height: 46 };
const [HEAD_ABOVE, TAIL_BELOW] = [100, 20];
const HEIGHT = 27;

type Table = Kinds["label_table"][1];

interface LabelEvents {
  put(asked: FilterAsked): void;
  /** List the cells of a label that are suggested to be added, or removed. */
  suggested(label: number, action: "add" | "remove"): void;
  colour(label: number, name: string): void;
  /** Open the page of a label; absent where there are none. */
  page?(label: number, name: string): void;
  /** Make a new label; absent where nothing can be changed. */
  create?(): void;
  /** Show groups of items that no label explains; absent where there are none. */
  groups?: (() => void) | undefined;
}

export function labelsPanel(wire: Wire, events: LabelEvents): View {
  const [sort, query] = [signal<Sort>("count"), signal("")];
  let table: Table | null = null;
  let top = false; // whether the list is another one
  const pages = new Pages<LabelRow>(async (offset, limit) => {
    const asked = { sort: sort.value, query: query.value, offset, limit };
    return (table = (await wire.request("label_table", asked)).body);
  });
  const Content = ({ got, again }: Shown<Table>) => {
    const box = useRef<HTMLDivElement>(null);
    const other = () => {
      box.current?.scrollTo({ top: 0 });
      top = true;
      again();
    };
    return (
      <>
        <div class="ls-view-tools">
          <SearchField name="Find a label" hint="Find a label" query={query} changed={other} />
          <select
            class="ls-select ls-small"
            aria-label="Sort labels"
            value={sort}
            onChange={event => {
              sort.value = event.currentTarget.value as Sort;
              other();
            }}
          >
            {SORTS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          {events.create && (
            <button
              type="button"
              class="ls-button ls-small ls-writes"
              title="A label that is not there yet: from the selected items, from words, or from nothing"
              onClick={() => events.create!()}
            >
              <Icon name="plus" />
              New label
            </button>
          )}
          {events.groups && (
            <button
              type="button"
              class="ls-button ls-small"
              title="Groups of like items that no label explains: each may be a label that is missing"
              onClick={() => events.groups!()}
            >
              Novel groups
            </button>
          )}
          <div class="ls-curve">{got && <Curve {...got} />}</div>
        </div>
        <div ref={box} class="ls-rows" role="group" aria-label="Labels by count">
          {got && <Rows box={box} pages={pages} table={got} events={events} />}
        </div>
      </>
    );
  };
  return panel<Table>({
    name: "Labels",
    needs: ["selection", "decisions", "worklist"],
    class: "ls-labels",
    fetch: async () => {
      await pages.renew(top);
      top = false;
      return table!;
    },
    Content,
  });
}

interface RowsProps {
  box: { current: HTMLElement | null };
  pages: Pages<LabelRow>;
  table: Table;
  events: LabelEvents;
}

function Rows({ box, pages, table, events }: RowsProps) {
  const total = pages.total.value;
  const [first, last] = useInSight(box, HEIGHT, total);
  useEffect(() => void pages.need(first, last));
  const shown = Array.from({ length: last + 1 - first }, (_, i) => first + i);
  return (
    <div class="ls-rows-space" style={{ height: `${total * HEIGHT}px` }}>
      {shown.map(index => {
        const row = pages.rows.value.get(index);
        return row && <Row key={index} row={row} top={index * HEIGHT} table={table} events={events} />;
      })}
    </div>
  );
}

/** A bar for all positives, the part in the selection filled, and what is suggested beside it. */
function Row({ row, top, table, events }: { row: LabelRow; top: number; table: Table; events: LabelEvents }) {
  const { name, label, positive, unknown, selected, add, remove, tier } = row;
  const chosen = table.n_selected !== null;
  const most = Math.max(1, table.most);
  // square root: the tail stays visible
  const width = (value: number) => `${Math.max(value ? 0.6 : 0, 100 * Math.sqrt(value / most))}%`;
  const words = [
    `${name}: ${plural(positive, "item")}`,
    chosen && `${count(selected)} selected`,
    add && `${count(add)} to add`,
    remove && `${count(remove)} to remove`,
  ]
    .filter(Boolean)
    .join(", ");
  const more = unknown ? `, ${count(unknown)} unknown` : "";
  return (
    <div class="ls-lline" style={{ top: `${top}px` }}>
      <button
        type="button"
        class="ls-lrow"
        aria-label={words}
        title={`${words}${more}. Click selects its items, Alt+click those without it.`}
        onClick={event => events.put({ by: "label", label, state: event.altKey ? 0 : 1 })}
      >
        <span class="ls-lname" dir="auto">
          <LongName name={name} />
        </span>
        <span class={`ls-lbar ls-${tier}`} aria-hidden="true">
          <i class="ls-all" style={{ width: width(positive) }} />
          <i class="ls-part" style={{ width: width(chosen ? selected : positive) }} />
        </span>
        <span class="ls-lcount">{chosen ? `${count(selected)} / ${count(positive)}` : count(positive)}</span>
      </button>
      <span class="ls-lmarks">
        {add > 0 && (
          <button
            type="button"
            class="ls-plus"
            aria-label={`Review ${count(add)} to add: ${name}`}
            title={`List the ${plural(add, "item")} to which ${name} may be added`}
            onClick={() => events.suggested(label, "add")}
          >{`+${count(add)}`}</button>
        )}
        {remove > 0 && (
          <button
            type="button"
            class="ls-minus"
            aria-label={`Review ${count(remove)} to remove: ${name}`}
            title={`List the ${plural(remove, "item")} from which ${name} may be removed`}
            onClick={() => events.suggested(label, "remove")}
          >{`−${count(remove)}`}</button>
        )}
      </span>
      {events.page && (
        <button
          type="button"
          class="ls-ldrop ls-lopen"
          aria-label={`Label page: ${name}`}
          title="Label page: all that is known about it"
          onClick={() => events.page!(label, name)}
        >
          <Icon name="page" />
        </button>
      )}
      <button
        type="button"
        class="ls-ldrop"
        aria-label={`Colour the map by ${name}`}
        title="Colour the map by this label"
        onClick={() => events.colour(label, name)}
      >
        <Icon name="drop" />
      </button>
    </div>
  );
}

/** Positives by rank on a log scale: how long the tail is, at a glance. */
function Curve({ curve, tiers, most }: Table) {
  if (curve.length < 8) return null;
  const { width, height } = CURVE;
  const last = curve[curve.length - 1]![0] || 1;
  const x = (rank: number) => (rank / last) * width;
  const y = (value: number) => height - 2 - ((height - 4) * Math.log1p(value)) / Math.log1p(Math.max(1, most));
  const points = curve.map(([rank, value]) => `${x(rank).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const splits = [
    tiers.head > 0 && tiers.head <= last && tiers.head,
    tiers.tail > 0 && tiers.head + tiers.medium,
  ].filter(at => at !== false);
  const words =
    `${plural(tiers.head, "label")} > ${HEAD_ABOVE} items, ` +
    `${count(tiers.medium)} with ${TAIL_BELOW} to ${HEAD_ABOVE}, ${count(tiers.tail)} < ${TAIL_BELOW}`;
  return (
    <>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <polygon points={`0,${height} ${points} ${width},${height}`} />
        <polyline points={points} />
        {splits.map(at => (
          <line key={at} x1={x(at)} x2={x(at)} y1={0} y2={height} class="ls-tick" />
        ))}
      </svg>
      <span title={words}>{words}</span>
    </>
  );
}
