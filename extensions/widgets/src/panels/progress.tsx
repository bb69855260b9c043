/** How far the review is, and what stopping now would mean; numbers that are not known are not shown. */

import type { View } from "../dock";
import { about, count, percent, plural } from "../numbers";
import type { ProgressReport, ReviewYield } from "../messages";
import type { Wire } from "../wire";
import { Audit, type AuditEvents } from "./audit";
import { panel } from "./panel";

const CHART = { width: 320, height: 130, left: 34, bottom: 20, top: 8, right: 8 };

export function progressPanel(wire: Wire, events: AuditEvents): View {
  return panel<ProgressReport>({
    name: "Progress",
    needs: ["decisions", "worklist"],
    class: "ls-progress",
    fetch: async () => (await wire.request("progress", {})).body,
    Content: ({ got }) => got && <Progress report={got} wire={wire} events={events} />,
  });
}

function Progress({ report, wire, events }: { report: ProgressReport; wire: Wire; events: AuditEvents }) {
  return (
    <>
      <Tiles {...report} />
      <div class="ls-progress-body">
        <Found {...report.review} />
        <Stopping {...report} />
      </div>
      <Audit report={report.audit} searched={report.searched} wire={wire} events={events} />
    </>
  );
}

function Tiles({ counts, review: { reviewed, rate, per_minute } }: ProgressReport) {
  const total = reviewed + counts.pending + counts.skipped;
  const pace = per_minute === null ? "–" : per_minute.toFixed(per_minute < 10 ? 1 : 0);
  const range = rate ? `${percent(rate.low)} to ${percent(rate.high)}` : "no verdict yet";
  return (
    <div class="ls-tiles">
      <Tile name="Reviewed" value={count(reviewed)}>
        {total ? `of ${count(total)} suggestions` : "nothing to review yet"}
      </Tile>
      <Tile name="Accepted" value={rate ? percent(rate.share) : "–"}>
        {range}
      </Tile>
      <Tile name="Pace" value={pace}>
        decisions a minute
      </Tile>
      <Tile name="Changed labels" value={count(counts.changed)}>
        different from the data
      </Tile>
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

function Stopping({ counts, review: { recent, reviewers }, remaining }: ProgressReport) {
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
    </div>
  );
}
