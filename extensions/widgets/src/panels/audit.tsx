/** The audit in the panel "Progress": start it, how far it is, and what the judgements say so far, with intervals. */

import { useRef, useState } from "preact/hooks";
import { about, count, percent, plural } from "../numbers";
import type { AuditPart, AuditReport } from "../messages";
import type { Wire } from "../wire";

export interface AuditEvents {
  say(text: string, kind?: "" | "good" | "error"): void;
  /** Show the queue of the audit. */
  judge(): void;
}

const N = 200;
const NAMES: Record<string, [string, string]> = {
  all: ["All cells", "wrong either way"],
  spurious: ["Spurious", "labels given that should not be"],
  missing: ["Missing", "labels absent that should be given"],
  flagged: ["Flagged", "wrong among the suspicious cells"],
  "not flagged": ["Not flagged", "wrong among those nothing points at"],
};
const WIDTH = 100;

interface AuditProps {
  report: AuditReport | null;
  /** Whether a sample can be drawn. */
  searched: boolean;
  wire: Wire;
  events: AuditEvents;
}

export function Audit({ report, searched, wire, events }: AuditProps) {
  const total = report ? report.audit + report.judged : 0;
  return (
    <section class={`ls-audit ${report ? "" : "ls-writes"}`} aria-label="Audit">
      {report ? <Judged report={report} judge={() => events.judge()} /> : <Offer />}
      <Start key={total} total={total} searched={searched} wire={wire} events={events} />
      {!searched && <p class="ls-soft">It can start once the search for wrong labels is over.</p>}
    </section>
  );
}

function Offer() {
  return (
    <>
      <h3>Audit</h3>
      <p>
        Judge a random sample of cells, right or wrong, and learn how many labels are wrong in the whole data set: the
        suspicious ones and those that nothing points at.
      </p>
    </>
  );
}

function Judged({ report, judge }: { report: AuditReport; judge: () => void }) {
  const { audit, judged, parts, discoveries, undecidable, notes } = report;
  const shown = parts.filter(part => part.part in NAMES && part.n_audited > 0);
  const most = Math.max(...shown.map(part => part.wrong_high), 1);
  return (
    <>
      <div class="ls-audit-head">
        <h3>Audit</h3>
        <span>{`${count(judged)} of ${count(audit + judged)} judged`}</span>
        <span class="ls-gap" />
        {audit > 0 && (
          <button type="button" class="ls-button ls-primary ls-writes" onClick={judge}>
            {judged ? "Continue judging" : "Start judging"}
          </button>
        )}
      </div>
      {shown.length > 0 && (
        <>
          <div class="ls-estimates" role="table" aria-label="Wrong cells by kind">
            {shown.map(part => (
              <Estimate key={part.part} part={part} most={most} />
            ))}
          </div>
          {discoveries && (
            <p>
              False discoveries: <b>{percent(discoveries.share)}</b>
              {` (${percent(discoveries.low)} to ${percent(discoveries.high)}) `}
              of the flagged cells are right after all.
            </p>
          )}
          {undecidable > 0 && <p>{`Nobody could tell in ${percent(undecidable)} of the judged cells.`}</p>}
        </>
      )}
      {notes.map(note => (
        <p key={note} class="ls-soft">
          {note}
        </p>
      ))}
    </>
  );
}

/** One number with its interval, as words and as a line. */
function Estimate({ part, most }: { part: AuditPart; most: number }) {
  const [name, words] = NAMES[part.part]!;
  const [low, high] = [(WIDTH * part.wrong_low) / most, (WIDTH * part.wrong_high) / most];
  const at = part.wrong === null ? null : (WIDTH * part.wrong) / most;
  const judged = plural(part.n_audited, "judged cell");
  const title = `${words}: ${count(part.n_wrong)} of ${judged}, of ${count(part.n_cells)} in all`;
  const rate = part.rate === null ? "" : ` · ${percent(part.rate)}`;
  return (
    <div role="row" class={part.part === "all" ? "ls-strong" : ""}>
      <span role="rowheader" title={title}>
        {name}
      </span>
      <span role="cell" class="ls-interval">
        <svg viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" aria-hidden="true">
          <line x1={0} y1={6} x2={WIDTH} y2={6} class="ls-axis" />
          <line x1={low} y1={6} x2={Math.max(high, low + 0.6)} y2={6} class="ls-span" />
          {at !== null && <line x1={at} y1={1} x2={at} y2={11} class="ls-point" />}
        </svg>
      </span>
      <span role="cell" class="ls-amount">
        <b>{part.wrong === null ? "?" : about(part.wrong)}</b>
        {` (${about(part.wrong_low)} to ${about(part.wrong_high)})${rate}`}
      </span>
    </div>
  );
}

/** Draw a sample, or a larger one. */
function Start({ total, searched, wire, events }: Omit<AuditProps, "report"> & { total: number }) {
  const size = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const draw = async (n: number) => {
    setBusy(true);
    try {
      const { body } = await wire.request("audit", { n });
      events.say(`${plural(body.n, "cell")} drawn for the audit`, "good");
      events.judge();
    } catch (error) {
      events.say((error as Error).message, "error");
    }
    setBusy(false);
  };
  const start = (event: Event) => {
    event.preventDefault();
    const n = Number(size.current!.value);
    if (Number.isInteger(n) && n >= 1) void draw(n);
    else events.say("An audit needs a whole number of cells, 1 or more", "error");
  };
  return (
    <form class="ls-audit-form ls-writes" onSubmit={start}>
      <button type="submit" class={`ls-button ${total ? "" : "ls-primary"}`} disabled={busy || !searched}>
        {total ? "Increase sample" : "Start an audit"}
      </button>
      <label>
        {total ? "to" : "of"}
        <input
          ref={size}
          type="number"
          class="ls-field ls-small"
          min={1}
          max={20000}
          step={1}
          aria-label="Cells to judge"
          defaultValue={String(total ? 2 * total : N)}
        />
        cells
      </label>
    </form>
  );
}
