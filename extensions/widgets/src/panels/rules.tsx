/** The rules that vote: what each covers, where they meet and contradict one another, and how often they are right. */

import type { FilterAsked, RuleMeasured, RuleRow, RuleTable } from "../messages";
import { count, percent, plural } from "../numbers";
import { Icon } from "../page/icon";
import type { View } from "../tab_panel";
import type { Wire } from "../wire";
import { panel, type Shown } from "./panel";
import { limits } from "./voters";

export interface RuleEvents {
  put: (asked: FilterAsked) => void;
  say(text: string, kind?: "good" | "error"): void;
  /** Open the form: on a rule that is there, or on an empty one. */
  write(row: RuleRow | null): void;
  file(way: "import" | "export", path: string): void;
}

/** The tab; in a copy (no events) the rules can be read only. */
export function rulesPanel(wire: Wire, events: RuleEvents | null): View {
  const Content = ({ got }: Shown<RuleTable>) =>
    got && (
      <>
        {events && <Tools wire={wire} of={got} events={events} />}
        <div class="ls-rows ls-rule-list" role="list" aria-label="Rules">
          {got.rows.map(row => (
            <Rule key={row.rule_id} row={row} wire={wire} events={events} />
          ))}
          {!got.rows.length && (
            <p class="ls-note">
              No rules yet. A rule votes on one label wherever its condition holds: words or a pattern in the text, or a
              query of the filter. Rules are voters, as raters are: the findings hear them.
            </p>
          )}
          {got.functions.length > 0 && (
            <p class="ls-note">{`Functions of Python, of which the votes are kept: ${got.functions.join(", ")}.`}</p>
          )}
        </div>
      </>
    );
  return panel<RuleTable>({
    name: "Rules",
    needs: ["voters", "decisions"],
    fetch: async () => (await wire.request("rules", {})).body,
    Content,
  });
}

/** Do what a button says, and tell what went wrong. */
function attempt(asked: Promise<unknown>, events: RuleEvents): void {
  asked.catch((error: Error) => events.say(error.message, "error"));
}

function Tools({ wire, of: { undo, path, rows }, events }: { wire: Wire; of: RuleTable; events: RuleEvents }) {
  return (
    <div class="ls-view-tools">
      <button type="button" class="ls-button ls-small ls-writes" onClick={() => events.write(null)}>
        <Icon name="plus" />
        New rule
      </button>
      {undo && (
        <button
          type="button"
          class="ls-button ls-small ls-writes"
          aria-label={undo}
          title={undo}
          onClick={() => attempt(wire.request("rule_undo", {}), events)}
        >
          <Icon name="undo" />
          Undo
        </button>
      )}
      <span class="ls-gap" />
      <button type="button" class="ls-link ls-writes" onClick={() => events.file("import", path)}>
        Import rules
      </button>
      {rows.length > 0 && (
        <button type="button" class="ls-link" onClick={() => events.file("export", path)}>
          Export rules
        </button>
      )}
    </div>
  );
}

interface RuleProps {
  row: RuleRow;
  wire: Wire;
  events: RuleEvents | null;
}

function Rule({ row, wire, events }: RuleProps) {
  const { name, label, vote, condition, why, measured, reviewer } = row;
  return (
    <div class="ls-rule" role="listitem" aria-label={name}>
      <div class="ls-rule-head">
        <strong dir="auto">{name}</strong>
        <span class={`ls-rule-vote ${vote ? "ls-yes" : "ls-no"}`} dir="auto">
          {`${vote ? "yes" : "no"} to ${label}`}
        </span>
        <span class="ls-gap" />
        {events ? (
          <>
            <button
              type="button"
              class="ls-link ls-writes"
              aria-label={`Edit rule ${name}`}
              title={`Saved by ${reviewer}`}
              onClick={() => events.write(row)}
            >
              Edit
            </button>
            <button
              type="button"
              class="ls-link ls-writes"
              aria-label={`Delete rule ${name}`}
              onClick={() => remove(wire, row, events)}
            >
              Delete
            </button>
          </>
        ) : (
          <small class="ls-soft">{`saved by ${reviewer}`}</small>
        )}
      </div>
      <code class="ls-rule-when" dir="auto" title={condition}>
        {condition}
      </code>
      {why && <p class="ls-error">{why}</p>}
      {measured && <Measured of={measured} row={row} put={events && events.put} />}
    </div>
  );
}

function remove(wire: Wire, { rule_id, name }: RuleRow, events: RuleEvents): void {
  const deleted = () => events.say(`Rule “${name}” deleted. Undo brings it back`, "good");
  attempt(wire.request("rule_delete", { rule_id }).then(deleted), events);
}

interface MeasuredProps {
  of: RuleMeasured;
  row: RuleRow;
  /** Null where nothing can be listed. */
  put: RuleEvents["put"] | null;
}

function Measured({ of, row: { rule_id, name }, put }: MeasuredProps) {
  const link = (
    which: "votes" | "overlaps" | "conflicts" | "right" | "wrong",
    n: number,
    words: string,
    title: string,
  ) =>
    n > 0 && put ? (
      <button
        type="button"
        class={`ls-link ls-rule-${which}`}
        aria-label={`${words} of ${name}`}
        title={title}
        onClick={() => put({ by: "rule", rule_id, which })}
      >
        {words}
      </button>
    ) : (
      <span class="ls-soft">{words}</span>
    );
  return (
    <div class="ls-rule-facts">
      {link("votes", of.n, `${plural(of.n, "vote")} (${percent(of.coverage)})`, "List the cells that it votes on")}
      {link("overlaps", of.overlaps, plural(of.overlaps, "overlap"), "List the cells that other rules vote on as well")}
      {link(
        "conflicts",
        of.conflicts,
        plural(of.conflicts, "conflict"),
        "List the cells where another rule says the opposite",
      )}
      {link("right", of.right, `${count(of.right)} right`, "List the cells where the given label agrees")}
      {link("wrong", of.wrong, `${count(of.wrong)} wrong`, "List the cells where the given label says the opposite")}
      <Precision of={of} />
    </div>
  );
}

/** How often a rule is right, by the given labels and, where there are any, by what people decided. */
export function Precision({ of: { given, decided, n_decided } }: { of: RuleMeasured }) {
  if (!given && !decided) return null;
  return (
    <span class="ls-fact" title="Share of its votes that are right, with 95% limits">
      {given && (
        <>
          right by the given labels <b>{limits(given)}</b>
        </>
      )}
      {decided && (
        <>
          {`${given ? ", " : "right "}on ${plural(n_decided, "decided cell")} `}
          <b>{limits(decided)}</b>
        </>
      )}
    </span>
  );
}
