/** What to mend before anybody trains on the data: each finding a sentence that lists its items, and what mends it. */

import type { FilterAsked, HealthFix, HealthLabel, HealthReport, HealthRow, StageReport } from "../messages";
import { count, plural } from "../numbers";
import type { View } from "../tab_panel";
import type { Wire } from "../wire";
import { NameLink } from "./name_link";
import { panel, type Shown } from "./panel";

interface HealthEvents {
  /** List the items or cells of a filter. */
  list: (asked: FilterAsked) => void;
  /** Open what is known of a label. */
  label: (label: number, name: string) => void;
  /** What a click on a fix does; null where it cannot be done here. */
  mend: (fix: HealthFix) => (() => void) | null;
  /** How far the stage is that measures it. */
  stage: () => StageReport | undefined;
}

const GROUPS = [
  ["serious", "To mend"],
  ["warning", "To look at"],
  ["fine", "Fine"],
  ["not measured", "Not measured"],
] as const;
const MEASURING = "Still measuring the embedding, duplicates, splits and more. The labels alone tell this:";
const CANCELLED = "Measuring was cancelled. The labels alone tell this:";

export function healthPanel(wire: Wire, events: HealthEvents): View {
  const Content = ({ got }: Shown<HealthReport>) =>
    got ? (
      <div class="ls-rows ls-raters ls-health">
        <p class="ls-note" aria-live="polite">
          {waiting(got, events.stage()) || `${verdict(got.rows)} These are rules of thumb, not limits with a proof.`}
        </p>
        <table aria-label="Health">
          {GROUPS.map(([severity, words]) => {
            const of = got.rows.filter(row => row.severity === severity);
            return (
              of.length > 0 && (
                <tbody key={severity} class={`ls-health-${severity.replace(" ", "-")}`}>
                  <tr>
                    <th scope="rowgroup">{words}</th>
                  </tr>
                  {of.map(row => (
                    <Finding key={row.check} of={row} events={events} />
                  ))}
                </tbody>
              )
            );
          })}
        </table>
      </div>
    ) : (
      <p class="ls-note">Looking at the labels…</p>
    );
  return panel<HealthReport>({
    name: "Health",
    needs: ["health", "decisions", "voters"],
    fetch: async () => (await wire.request("health", {})).body,
    Content,
  });
}

/** Why not everything is there yet; "" where it is. */
export function waiting({ measured }: HealthReport, stage?: StageReport): string {
  if (measured) return "";
  if (stage?.status === "cancelled") return CANCELLED;
  return stage && ["failed", "skipped"].includes(stage.status) ? stage.error : MEASURING;
}

/** How many findings there are to mend and to look at. */
export function verdict(rows: HealthRow[]): string {
  const of = (severity: HealthRow["severity"]) => rows.filter(row => row.severity === severity).length;
  const [serious, warnings] = [of("serious"), of("warning")];
  if (serious + warnings === 0) return "Nothing to mend was found.";
  return `${plural(serious, "finding")} to mend, ${count(warnings)} to look at.`;
}

function Finding({ of, events }: { of: HealthRow; events: HealthEvents }) {
  const { check, says, labels, n_labels, items, cells, fix } = of;
  const mend = fix && events.mend(fix);
  return (
    <tr>
      <td>
        <div class="ls-health-says">
          {items === null ? (
            <span dir="auto">{says}</span>
          ) : (
            <NameLink
              title={`List ${cells === null ? plural(items, "item") : plural(cells, "cell")}`}
              use={() => events.list({ by: "health", check })}
            >
              {says}
            </NameLink>
          )}
          {mend && (
            <button type="button" class="ls-button ls-small" onClick={mend}>
              {fix.words}
            </button>
          )}
        </div>
        {labels.length > 0 && (
          <ul class="ls-health-labels" aria-label="Labels">
            {labels.map(one => (
              <Named key={one.label} of={one} open={events.label} />
            ))}
            {n_labels > labels.length && <li class="ls-soft">{`and ${count(n_labels - labels.length)} more`}</li>}
          </ul>
        )}
      </td>
    </tr>
  );
}

function Named({ of: { label, name, words }, open }: { of: HealthLabel; open: HealthEvents["label"] }) {
  return (
    <li>
      <NameLink title={`Open ${name}`} use={() => open(label, name)}>
        {name}
      </NameLink>
      <small>{words}</small>
    </li>
  );
}
