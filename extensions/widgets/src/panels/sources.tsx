/** Where errors come from, labels that one column or word tells, and personal data; each row is a filter. */

import { signal } from "@preact/signals";
import type { FilterAsked, PersonalRow, ShortcutRow, SourceRow, SourceTable } from "../messages";
import { count, percent, plural } from "../numbers";
import { inQuotes } from "../quoted";
import type { View } from "../tab_panel";
import type { Wire } from "../wire";
import { NameLink } from "./name_link";
import { panel, type Shown } from "./panel";
import { Range } from "./range";

interface SourceEvents {
  /** List the items of a filter. */
  list: (asked: FilterAsked) => void;
  /** Write the corrected table without personal data; null where nothing can be written. */
  redact: (() => void) | null;
}

const GROUPS = [
  ["More errors than the others", true],
  ["No more than chance explains", false],
] as const;
const BASES = ["suspicion", "decided"] as const;

export function sourcesPanel(wire: Wire, events: SourceEvents): View {
  const basis = signal<SourceTable["basis"] | "">("");
  const Content = ({ got, again }: Shown<SourceTable>) =>
    got && (
      <div class="ls-rows ls-raters ls-sources">
        <div class="ls-sources-head">
          <p class="ls-note">{meaning(got)}</p>
          {got.n_decided > 0 && (
            <div class="ls-segments" role="group" aria-label="What is compared">
              {BASES.map(of => (
                <button
                  key={of}
                  type="button"
                  class="ls-segment"
                  aria-pressed={got.basis === of}
                  onClick={() => {
                    basis.value = of;
                    again();
                  }}
                >
                  {of === "decided" ? "Decisions" : "Suspicion"}
                  {of === "decided" && <small>{count(got.n_decided)}</small>}
                </button>
              ))}
            </div>
          )}
        </div>
        {got.rows.length > 0 && <Values of={got} list={events.list} />}
        {got.shortcuts.length > 0 && <Shortcuts of={got.shortcuts} list={events.list} />}
        <Personal of={got} events={events} />
      </div>
    );
  return panel<SourceTable>({
    name: "Sources",
    needs: ["worklist", "decisions"],
    fetch: async () => (await wire.request("sources", { basis: basis.value })).body,
    Content,
  });
}

/** What the figures are, and what they are not. */
export function meaning({ why, basis, n_decided, rows }: SourceTable): string {
  if (why) return why;
  const out = rows.filter(row => row.out).length;
  const found = out
    ? `${plural(out, "value")} ${out === 1 ? "has" : "have"} more errors than the others.`
    : "No value has more errors than the others.";
  return basis === "decided"
    ? `${found} Share of wrong labels among ${plural(n_decided, "decided cell")}.`
    : `${found} Mean suspicion, against cells of the same labels and states: a guess, until you decide on cells.`;
}

function Values({ of: { rows, total, basis }, list }: { of: SourceTable; list: SourceEvents["list"] }) {
  const most = Math.max(...rows.map(row => row.high), 1e-9);
  const guess = basis === "suspicion";
  return (
    <>
      <table aria-label="Errors by value">
        <thead>
          <tr>
            <th>Value</th>
            <th title={guess ? "Cells whose state is known" : "Cells that people decided on"}>Cells</th>
            <th title="With 95% limits">{guess ? "Suspicion (guess)" : "Wrong"}</th>
            <th title="Labels that are wrong more often there than elsewhere">Labels</th>
          </tr>
        </thead>
        {GROUPS.map(([words, out]) => {
          const of = rows.filter(row => row.out === out);
          return (
            of.length > 0 && (
              <tbody key={words}>
                <tr>
                  <th colSpan={4} scope="rowgroup">
                    {words}
                  </th>
                </tr>
                {of.map(row => (
                  <Value key={`${row.column}\n${row.value}`} of={row} most={most} list={list} />
                ))}
              </tbody>
            )
          );
        })}
      </table>
      {total > rows.length && <p class="ls-note">{`${count(total - rows.length)} more values.`}</p>}
    </>
  );
}

function Value({ of, most, list }: { of: SourceRow; most: number; list: SourceEvents["list"] }) {
  const { column, value, n, share, low, high, out, labels } = of;
  return (
    <tr class={out ? "ls-out" : ""}>
      <td>
        <NameLink title={`List the items with ${column}: ${value}`} use={() => list({ by: "source", column, value })}>
          {`${column}: ${value}`}
        </NameLink>
      </td>
      <td>{count(n)}</td>
      <td class="ls-share">
        <Range low={low} value={share} high={high} most={most} />
        {`${percent(share)} (${Math.round(100 * low)}–${Math.round(100 * high)})`}
      </td>
      <td dir="auto">{labels.join(", ")}</td>
    </tr>
  );
}

function Shortcuts({ of, list }: { of: ShortcutRow[]; list: SourceEvents["list"] }) {
  return (
    <table aria-label="Shortcuts">
      <caption>Shortcuts: one column or word alone tells the label</caption>
      <thead>
        <tr>
          <th>Label</th>
          <th>Told by</th>
          <th>Items</th>
          <th title="Area under the ROC curve: 0.5 tells nothing, 1 everything">AUC</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ label, column, value, auc, n_items, word }) => (
          <tr key={`${label}\n${column}`}>
            <td dir="auto">{label}</td>
            <td>
              <NameLink
                title="List these items"
                use={() =>
                  list(word ? { by: "query", text: `text:${inQuotes(value)}` } : { by: "source", column, value })
                }
              >
                {word ? `the word “${value}”` : `${column}: ${value}`}
              </NameLink>
            </td>
            <td>{count(n_items)}</td>
            <td>{auc.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Personal({ of: { personal, redact }, events }: { of: SourceTable; events: SourceEvents }) {
  if (!personal.length) return <p class="ls-note">No personal data found; names of people are not looked for.</p>;
  return (
    <>
      <table aria-label="Personal data">
        <caption>Personal data, by pattern and check digits; names of people are not looked for</caption>
        <thead>
          <tr>
            <th>Kind</th>
            <th>Items</th>
          </tr>
        </thead>
        <tbody>
          {personal.map(row => (
            <PersonalKind key={`${row.column}\n${row.kind}`} of={row} list={events.list} />
          ))}
        </tbody>
      </table>
      {events.redact && (
        <p class="ls-note">
          {redact || (
            <button type="button" class="ls-link" onClick={events.redact}>
              Export without personal data
            </button>
          )}
        </p>
      )}
    </>
  );
}

function PersonalKind({ of: { column, kind, n_items }, list }: { of: PersonalRow; list: SourceEvents["list"] }) {
  return (
    <tr>
      <td>
        <NameLink title="List these items" use={() => list({ by: "personal", column, kind })}>
          {`${kind} in ${column}`}
        </NameLink>
      </td>
      <td>{count(n_items)}</td>
    </tr>
  );
}
