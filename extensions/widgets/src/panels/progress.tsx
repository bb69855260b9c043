/** How far the review is, and what stopping now would mean; numbers that are not known are not shown. */

import type { View } from "../tab_panel";
import { about, count, percent, plural } from "../numbers";
import type { ProgressReport, ReviewerAgreement, ReviewYield } from "../messages";
import type { Wire } from "../wire";
import { Audit, type AuditEvents } from "./audit";
import { panel } from "./panel";

const BACK =
  "Some decided cells come back as if nobody had decided on them: " +
  "1 in 10 of what others decided, 1 in 50 of your own.";
const CHART = { width: 320, height: 130, left: 34, bottom: 20, top: 8, right: 8 };

export interface ProgressEvents extends AuditEvents {
  /** Show the like items that were decided unlike. */
  unlike(): void;
}

export function progressPanel(wire: Wire, events: ProgressEvents): View {
  return panel<ProgressReport>({
    name: "Progress",
    needs: ["decisions", "worklist"],
    class: "ls-progress",
    fetch: async () => (await wire.request("progress", {})).body,
    Content: ({ got }) => got && <Progress report={got} wire={wire} events={events} />,
  });
}

function Progress({ report, wire, events }: { report: ProgressReport; wire: Wire; events: ProgressEvents }) {
  return (
    <>
      <Tiles {...report} />
      <div class="ls-progress-body">
        <Found {...report.review} />
        <Stopping report={report} events={events} />
      </div>
      {report.agreement.length > 0 && <Agreeing pairs={report.agreement} />}
      <Audit report={report.audit} searched={report.searched} wire={wire} events={events} />
    </>
  );
}

function Tiles({ counts, review, expected }: ProgressReport) {
  const hourly = review.repairs_per_hour;
  const { reviewed, rate, per_minute, seconds, confirmed } = review;
  const total = reviewed + counts.pending + counts.skipped;
  const pace = per_minute === null ? "–" : per_minute.toFixed(per_minute < 10 ? 1 : 0);
  const range = rate ? `${percent(rate.low)} to ${percent(rate.high)}` : "no verdict yet";
  return (
    <div class="ls-tiles">
      <Tile name="Reviewed" value={count(reviewed)}>
        {(total ? `of ${count(total)} suggestions` : "nothing to review yet") +
          (confirmed ? `, ${plural(confirmed, "label")} confirmed` : "")}
      </Tile>
      <Tile name="Accepted" value={rate ? percent(rate.share) : "–"}>
        {range}
      </Tile>
      <Tile name="Pace" value={pace}>
        {`decisions a minute${seconds === null ? "" : `; ${seconds.toFixed(seconds < 10 ? 1 : 0)} s a verdict`}`}
      </Tile>
      <Tile name="Changed labels" value={count(counts.changed)}>
        {`different from the data${hourly === null ? "" : `; ${count(Math.round(hourly))} an hour`}`}
      </Tile>
      {expected && (
        <Tile name={`Next ${count(expected.n)}`} value={`≈ ${count(Math.round(expected.repairs))}`}>
          repairs expected
        </Tile>
      )}
    </div>
  );
}

function Tile({ name, value, children }: { name: string; value: string; children: string }) {
  return (
    <div class="ls-tile">
      <span>{name}</span>
      <b>{value}</b>
      <small>{children}</small>
    </div>
  );
}

/** Changes found against suggestions reviewed: where it flattens, the list is running dry. */
function Found({ curve, reviewed, accepted }: ReviewYield) {
  if (reviewed < 2)
    return (
      <div class="ls-found ls-note">
        A chart of changes found against suggestions reviewed grows here as you decide.
      </div>
    );
  const { width, height, left, bottom, top, right } = CHART;
  const x = (value: number) => left + ((width - left - right) * value) / reviewed;
  const y = (value: number) => height - bottom - ((height - bottom - top) * value) / reviewed;
  const points = curve.map(([at, found]) => `${x(at).toFixed(1)},${y(found).toFixed(1)}`).join(" ");
  const words = `${accepted} accepted of ${reviewed} reviewed`;
  return (
    <div class="ls-found">
      <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label={words}>
        <line x1={left} y1={y(0)} x2={width - right} y2={y(0)} class="ls-axis" />
        <line x1={x(0)} y1={y(0)} x2={x(reviewed)} y2={y(reviewed)} class="ls-ideal" />
        <polyline points={points} class="ls-line" />
        <circle cx={x(reviewed)} cy={y(accepted)} r={3.5} class="ls-end" />
        <text x={left - 5} y={y(reviewed) + 4} text-anchor="end">
          {count(reviewed)}
        </text>
        <text x={left - 5} y={y(0)} text-anchor="end">
          0
        </text>
        <text x={width - right} y={height - 5} text-anchor="end">
          {count(reviewed)} reviewed
        </text>
        <text x={x(reviewed) - 7} y={Math.max(top + 10, y(accepted) - 7)} text-anchor="end" class="ls-strong">
          {count(accepted)} accepted
        </text>
      </svg>
    </div>
  );
}

/** What second looks say of the reviewers. */
function Agreeing({ pairs }: { pairs: ReviewerAgreement[] }) {
  return (
    <div class="ls-stop">
      <p>
        <strong>Second looks</strong>
        <span title={BACK}>Cells that came back without a mark.</span>
      </p>
      <ul class="ls-agreeing">
        {pairs.map(of => (
          <li key={`${of.first} ${of.second}`}>{agreed(of)}</li>
        ))}
      </ul>
    </div>
  );
}

function agreed({ first, second, n, same, low, high, unequal, ...of }: ReviewerAgreement): string {
  const range = `${percent(low)} to ${percent(high)}`;
  if (first === second) return `${first}'s own repeats agree in ${count(same)} of ${count(n)} (${range}).`;
  const right = `${percent(of.accuracy_low)} to ${percent(of.accuracy_high)}`;
  const words = unequal
    ? "One of the two is steadier: see their own repeats."
    : `If both are equally good, each is right in ${percent(of.accuracy)} (${right}).`;
  return `${first} and ${second} agree in ${count(same)} of ${count(n)} (${range}). ${words}`;
}

function Stopping({ report, events }: { report: ProgressReport; events: ProgressEvents }) {
  const { counts, remaining, unlike } = report;
  const { recent, reviewers, reasons } = report.review;
  const open = counts.pending + counts.skipped;
  const lately = recent.n ? ` Of the last ${count(recent.n)} you judged, ${count(recent.accepted)} were right.` : "";
  const words = open
    ? `Stopping now leaves ${plural(open, "suggestion")} unreviewed.`
    : "Every suggestion is reviewed.";
  const left =
    remaining.count === null
      ? remaining.text
      : `About ${about(remaining.count)} (${about(remaining.low!)} to ${about(remaining.high!)}) wrong cells, ` +
        `from ${plural(remaining.n_judged, "judged cell")}.`;
  return (
    <div class="ls-stop">
      <p>
        <strong>If you stop now</strong>
        {remaining.count === null ? words + lately : remaining.text}
      </p>
      <p>
        <strong>Errors left</strong>
        {left}
      </p>
      {reviewers.length > 1 && (
        <p>
          <strong>Reviewers</strong>
          {reviewers.map(({ name, n }) => `${name} ${count(n)}`).join(" · ")}
        </p>
      )}
      {unlike > 0 && (
        <p>
          <strong>Like items decided unlike</strong>
          {`${plural(unlike, "cell")}. `}
          <button type="button" class="ls-link" onClick={() => events.unlike()}>
            Review them
          </button>
        </p>
      )}
      {reasons.length > 0 && (
        <p>
          <strong>Reasons given</strong>
          {reasons.map(({ reason, n }) => `${reason} ${count(n)}`).join(" · ")}
        </p>
      )}
    </div>
  );
}
