/** Who votes, how far to believe whom, and on which labels they agree. */

import type { FilterAsked, LabelAgreement, Queue, RaterFile, RaterRow, RaterTable } from "../messages";
import { count, percent, plural } from "../numbers";
import type { View } from "../tab_panel";
import type { Wire } from "../wire";
import { panel, type Shown } from "./panel";
import { VoterName, limits } from "./voters";

const DRIFTS = 0.01; // p-value below which a voter has changed

interface RaterEvents {
  /** List all cells of a filter. */
  list: (asked: FilterAsked) => void;
  /** Show a queue. */
  queue: (name: Queue) => void;
  /** Write votes wanted, or soft labels, to a file. */
  file: (what: RaterFile["what"]) => void;
}

/** The tab; in a copy (no events) nothing is listed, asked for or written. */
export function ratersPanel(wire: Wire, events: RaterEvents | null): View {
  const Content = ({ got }: Shown<RaterTable>) =>
    got && (
      <div class="ls-rows ls-raters">
        {got.why ? <p class="ls-note">{got.why}</p> : <p class="ls-note">{certificate(got)}</p>}
        {!got.why && events && <Left of={got} events={events} />}
        {got.rows.filter(isGuess).map(({ rater, n_decided }) => (
          <p key={rater} class="ls-note ls-doubt" role="alert">
            <b dir="auto">{rater}</b>
            {` cannot be told from a guess on the ${plural(n_decided, "cell")} that people decided on. `}
            Decide on more cells that it answered before you follow it.
          </p>
        ))}
        {got.rows.length > 0 && (
          <table aria-label="Voters">
            <thead>
              <tr>
                <th>Voter</th>
                <th>Votes</th>
                <th title="Share of the labels that are there that it says yes to, with 95% limits">Sensitivity</th>
                <th title="Share of the labels that are not there that it does not say yes to, with 95% limits">
                  Specificity
                </th>
                {got.rows.some(row => row.right) && (
                  <th title="Share of its votes on cells that people decided on that say the same, with 95% limits">
                    As decided
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {got.rows.map(row => (
                <Voter key={row.rater} of={row} put={events && events.list} />
              ))}
            </tbody>
          </table>
        )}
        {got.labels.length > 0 && <Agreement of={got.labels} />}
      </div>
    );
  return panel<RaterTable>({
    name: "Raters",
    needs: ["voters", "decisions"],
    fetch: async () => (await wire.request("raters", {})).body,
    Content,
  });
}

/** Whether a judge was measured on decisions, and a guess would do as well. */
function isGuess({ kind, basis, at_chance }: RaterRow): boolean {
  return kind === "judge" && basis === "audited" && at_chance;
}

/** Whether more votes would change anything, in a sentence. */
export function certificate({ suffice, undecided, labels }: RaterTable): string {
  if (suffice) return "The votes suffice: more votes of the same voters would change little.";
  if (!labels.length) return "No cell has two votes: how far voters agree is not known.";
  return `${percent(undecided)} of the cells with votes depend on whom to believe.`;
}

/** What the votes leave open, and tables of it. */
function Left({ of: { ambiguous, wanted }, events }: { of: RaterTable; events: RaterEvents }) {
  return (
    <div class="ls-voters-left">
      {wanted > 0 && (
        <button
          type="button"
          class="ls-link"
          title="List the votes to ask people for, the most useful first"
          onClick={() => events.queue("ask_next")}
        >
          {`Ask next (${count(wanted)})`}
        </button>
      )}
      {ambiguous > 0 && (
        <button
          type="button"
          class="ls-link"
          title="Cells with five votes or more, of which 30 to 70% say yes"
          onClick={() => events.queue("ambiguous")}
        >
          {plural(ambiguous, "ambiguous cell")}
        </button>
      )}
      <span class="ls-gap" />
      {wanted > 0 && (
        <button type="button" class="ls-link" onClick={() => events.file("wanted")}>
          Export votes wanted
        </button>
      )}
      <button type="button" class="ls-link" onClick={() => events.file("soft")}>
        Export soft labels
      </button>
    </div>
  );
}

function Voter({ of, put }: { of: RaterRow; put: RaterEvents["list"] | null }) {
  const { rater, kind, n_votes, n_items, sensitivity, specificity, basis, at_chance, drift, right, n_decided } = of;
  const measured = basis === "audited" ? "Measured on cells that people decided on" : "Judged by what the others say";
  return (
    <tr title={measured}>
      <td>
        <VoterName voter={rater} title={`List the cells that ${rater} voted on`} put={put} />
        {kind !== "rater" && <small>{` ${kind}`}</small>}
        {at_chance && kind !== "rule" && (
          <small class="ls-doubt" title="Its limits hold what a guess would reach">
            {" "}
            perhaps a guess
          </small>
        )}
        {drift !== null && drift < DRIFTS && (
          <small
            class="ls-doubt"
            title={`Agrees with the others otherwise in the second half of its votes (p = ${drift.toPrecision(1)})`}
          >
            {" "}
            changes over time
          </small>
        )}
      </td>
      <td title={`on ${plural(n_items, "item")}`}>{count(n_votes)}</td>
      {kind === "rule" ? (
        <td colSpan={2} class="ls-soft">
          one answer: how often it is right is under Rules
        </td>
      ) : (
        <>
          <td>{sensitivity && limits(sensitivity)}</td>
          <td>{specificity && limits(specificity)}</td>
        </>
      )}
      {right && (
        <td title={`on ${plural(n_decided, "decided cell")} that it voted on`}>
          {limits(right)} <small class="ls-soft">{`of ${count(n_decided)}`}</small>
        </td>
      )}
    </tr>
  );
}

function Agreement({ of }: { of: LabelAgreement[] }) {
  return (
    <table aria-label="Agreement by label">
      <thead>
        <tr>
          <th>Label</th>
          <th title="Cells with two votes or more">Cells</th>
          <th title="Agreement beyond chance, 1 for full agreement, with 95% limits">Alpha (Krippendorff)</th>
          <th title="Agreement beyond chance, steadier for rare labels">AC1 (Gwet)</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ label, n_cells, alpha, ac1 }) => (
          <tr key={label}>
            <td dir="auto">{label}</td>
            <td>{count(n_cells)}</td>
            <td>{alpha && `${alpha[0].toFixed(2)} (${alpha[1].toFixed(2)}–${alpha[2].toFixed(2)})`}</td>
            <td>{ac1 !== null && ac1.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
