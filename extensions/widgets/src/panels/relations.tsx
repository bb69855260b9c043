/** Relations between labels; a click on one selects the items that break it. */

import { signal } from "@preact/signals";
import type { View } from "../tab_panel";
import { count, plural } from "../numbers";
import { Icon } from "../page/icon";
import { LongName } from "../page/long_name";
import { SearchField } from "../page/search_field";
import type { FilterAsked, Kinds, RelationRow } from "../messages";
import type { Wire } from "../wire";
import { panel, type Shown } from "./panel";

const SIGNS = { implies: "→", identical: "=", exclusive: "≠", overlaps: "∩" } as const;
const KINDS: [string, string][] = [
  ["", "All"],
  ["implies", "Implies"],
  ["identical", "Identical"],
  ["exclusive", "Exclusive"],
  ["overlaps", "Overlaps"],
];

type Table = Kinds["relation_table"][1];

interface RelationEvents {
  put(asked: FilterAsked): void;
  judge(row: RelationRow, verdict: "confirm" | "reject" | "withdraw"): void;
}

export function relationsPanel(wire: Wire, put: RelationEvents["put"], trouble: (text: string) => void): View {
  const [kind, query] = [signal(""), signal("")];
  const judge: RelationEvents["judge"] = ({ label_a: a, label_b: b, relation }, verdict) => {
    // the list follows by itself: relations have changed
    wire.request("rule", { a, relation, b, verdict }).catch((error: Error) => trouble(error.message));
  };
  const Content = ({ got, again }: Shown<Table>) => (
    <>
      <div class="ls-view-tools">
        <SearchField name="Find a label in the relations" hint="Find a label" query={query} changed={again} />
        <div class="ls-segments" role="group" aria-label="Kind of relation">
          {got?.ready &&
            KINDS.filter(([of]) => !of || got.kinds[of]).map(([of, name]) => (
              <button
                key={of}
                type="button"
                class="ls-segment"
                aria-pressed={of === kind.value}
                onClick={() => {
                  kind.value = of;
                  again();
                }}
              >
                {name}
                {of && <small>{count(got.kinds[of]!)}</small>}
              </button>
            ))}
        </div>
      </div>
      <div class="ls-rows ls-relations" role="group" aria-label="Relations between labels">
        {got && <List table={got} narrowed={Boolean(query.value || kind.value)} events={{ put, judge }} />}
      </div>
    </>
  );
  return panel<Table>({
    name: "Relations",
    needs: ["pairs"],
    fetch: async () => (await wire.request("relation_table", { relation: kind.value, query: query.value })).body,
    Content,
  });
}

function List({ table, narrowed, events }: { table: Table; narrowed: boolean; events: RelationEvents }) {
  if (!table.ready) return <p class="ls-note">Looking for relations between labels…</p>;
  if (!table.total)
    return (
      <p class="ls-note">
        {narrowed ? "No relation of that kind." : "No two labels imply, exclude or match one another more than chance."}
      </p>
    );
  const more = table.total - table.rows.length;
  return (
    <>
      {table.rows.map(row => (
        <Relation key={`${row.relation} ${row.label_a} ${row.label_b}`} row={row} events={events} />
      ))}
      {more > 0 && <p class="ls-note">{`${count(more)} more; type a label to see its own.`}</p>}
    </>
  );
}

function Relation({ row, events }: { row: RelationRow; events: RelationEvents }) {
  const { label_a: a, label_b: b, relation } = row;
  const broken = row.counter_examples ?? 0;
  const either = row.n_a + row.n_b - row.n_ab;
  const of = { implies: row.n_a, identical: either, exclusive: either, overlaps: row.n_ab }[relation];
  const meaning = {
    implies: `${a} implies ${b}`,
    identical: `${a} and ${b} are the same`,
    exclusive: `${a} excludes ${b}`,
    overlaps: `${a} and ${b} overlap`,
  }[relation];
  const overlaps = relation === "overlaps";
  const note = overlaps
    ? `${count(row.n_ab)} together, ${(row.n_ab / Math.max(row.expected, 1e-9)).toFixed(1)}× chance`
    : `${count(broken)} of ${plural(of, "item")} ${broken === 1 ? "breaks" : "break"} this rule`;
  const doubt = doubtOf(row);
  return (
    <div class={`ls-rrow ls-${relation} ls-is-${row.verdict ?? "pending"}`}>
      <button
        type="button"
        class="ls-rshow"
        aria-label={`${meaning}: ${note}`}
        title={overlaps ? "Selects the items with both" : "Selects the items that break it"}
        onClick={() => events.put({ by: "relation", relation, a, b })}
      >
        <span class="ls-rname" dir="auto">
          <LongName name={a} />
        </span>
        <span class="ls-rsign" aria-hidden="true">
          {SIGNS[relation]}
        </span>
        <span class="ls-rname" dir="auto">
          <LongName name={b} />
        </span>
        <span class="ls-gap" />
        {doubt && <small>{doubt}</small>}
        <span class={broken && !overlaps ? "ls-broken-count" : "ls-soft"}>{note}</span>
      </button>
      {row.verdict && !overlaps && (
        <>
          <Judge row={row} meaning={meaning} verdict="confirm" events={events} />
          <Judge row={row} meaning={meaning} verdict="reject" events={events} />
        </>
      )}
    </div>
  );
}

function doubtOf({ source, supported, direct }: RelationRow): string {
  if (source === "taxonomy") return supported === false ? "taxonomy, not supported by the labels" : "taxonomy";
  return direct ? "" : "follows from others";
}

interface JudgeProps {
  row: RelationRow;
  meaning: string;
  verdict: "confirm" | "reject";
  events: RelationEvents;
}

/** A button that says that a relation holds, or that it does not. */
function Judge({ row, meaning, verdict, events }: JudgeProps) {
  const holds = verdict === "confirm";
  const pressed = row.verdict === (holds ? "confirmed" : "rejected");
  const title = holds ? "It holds: items that break it become suggestions" : "It does not hold";
  return (
    <button
      type="button"
      class={`ls-rjudge ls-writes ls-r${verdict}`}
      aria-label={`${holds ? "Confirm" : "Reject"}: ${meaning}`}
      aria-pressed={pressed}
      title={pressed ? "Click again to take this back" : title}
      onClick={() => events.judge(row, pressed ? "withdraw" : verdict)}
    >
      <Icon name={holds ? "check" : "cross"} />
    </button>
  );
}
