/** The audit in the panel "Progress": start it, how far it is, and what the judgements say so far, with intervals. */

import { count, fill, h, percent, plural, s } from "./dom";
import type { AuditPart, AuditReport, Wire } from "./wire";

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

export class AuditView {
  readonly element = h("section", { class: "ls-audit", "aria-label": "Audit" });
  private readonly size = h("input", {
    type: "number",
    class: "ls-field ls-small",
    min: 1,
    max: 20000,
    step: 1,
    "aria-label": "Cells to judge",
  });
  private readonly begin = h("button", { type: "submit", class: "ls-button ls-primary" }, "Start an audit");
  private readonly form = h("form", { class: "ls-audit-form" }, this.begin, h("label", {}, "of", this.size, "cells"));
  private known = 0;

  constructor(
    private readonly wire: Wire,
    private readonly events: AuditEvents,
  ) {
    this.size.value = String(N);
    this.form.addEventListener("submit", event => {
      event.preventDefault();
      void this.start();
    });
  }

  draw(report: AuditReport | null, searched: boolean): void {
    const total = report ? report.audit + report.judged : 0;
    if (total !== this.known) this.size.value = String(total ? 2 * total : N);
    this.known = total;
    this.begin.textContent = total ? "Enlarge" : "Start an audit";
    this.begin.classList.toggle("ls-primary", !total);
    this.begin.disabled = !searched;
    if (!report)
      return fill(
        this.element,
        h("h3", {}, "Audit"),
        h(
          "p",
          {},
          "Judge a drawn sample of cells, right or wrong, and learn how many labels are wrong in the whole data set: " +
            "the suspicious ones and those that nothing points at.",
        ),
        this.form,
        !searched && h("p", { class: "ls-soft" }, "It can start once the search for wrong labels is over."),
      );
    fill(
      this.element,
      this.head(report),
      ...this.numbers(report),
      ...report.notes.map(note => h("p", { class: "ls-soft" }, note)),
      this.form,
    );
  }

  private head({ audit, judged }: AuditReport): HTMLElement {
    const go =
      audit > 0 &&
      h(
        "button",
        { type: "button", class: "ls-button ls-primary", onclick: () => this.events.judge() },
        judged ? "Go on judging" : "Judge the cells",
      );
    return h(
      "div",
      { class: "ls-audit-head" },
      h("h3", {}, "Audit"),
      h("span", {}, `${count(judged)} of ${count(audit + judged)} judged`),
      h("span", { class: "ls-gap" }),
      go,
    );
  }

  private numbers({ parts, discoveries, undecidable }: AuditReport): HTMLElement[] {
    const shown = parts.filter(part => part.part in NAMES && part.n_audited > 0);
    if (!shown.length) return [];
    const most = Math.max(...shown.map(part => part.wrong_high), 1);
    const rows = shown.map(part => row(part, most));
    const out = [h("div", { class: "ls-estimates", role: "table", "aria-label": "Wrong cells by kind" }, ...rows)];
    if (discoveries)
      out.push(
        h(
          "p",
          {},
          "False discoveries: ",
          h("b", {}, percent(discoveries.share)),
          ` (${percent(discoveries.low)} to ${percent(discoveries.high)}) of the flagged cells are right after all.`,
        ),
      );
    if (undecidable) out.push(h("p", {}, `Nobody could tell in ${percent(undecidable)} of the judged cells.`));
    return out;
  }

  private async start(): Promise<void> {
    const n = Number(this.size.value);
    if (!Number.isInteger(n) || n < 1)
      return this.events.say("An audit needs a whole number of cells, 1 or more", "error");
    this.begin.disabled = true;
    try {
      const { body } = await this.wire.request("audit", { n });
      this.events.say(`${plural(body.n, "cell")} drawn for the audit`, "good");
      this.events.judge();
    } catch (error) {
      this.events.say((error as Error).message, "error");
    } finally {
      this.begin.disabled = false;
    }
  }
}

/** One number with its interval, as words and as a line. */
function row(part: AuditPart, most: number): HTMLElement {
  const [name, words] = NAMES[part.part]!;
  const at = (value: number) => (WIDTH * value) / most;
  const number = part.wrong === null ? "?" : about(part.wrong);
  const line = s(
    "svg",
    { viewBox: `0 0 ${WIDTH} 12`, preserveAspectRatio: "none", "aria-hidden": "true" },
    s("line", { x1: 0, y1: 6, x2: WIDTH, y2: 6, class: "ls-axis" }),
    s("line", {
      x1: at(part.wrong_low),
      y1: 6,
      x2: Math.max(at(part.wrong_high), at(part.wrong_low) + 0.6),
      y2: 6,
      class: "ls-span",
    }),
    part.wrong !== null && s("line", { x1: at(part.wrong), y1: 1, x2: at(part.wrong), y2: 11, class: "ls-point" }),
  );
  const judged = plural(part.n_audited, "judged cell");
  const rate = part.rate === null ? "" : ` · ${percent(part.rate)}`;
  return h(
    "div",
    { role: "row", class: part.part === "all" ? "ls-strong" : "" },
    h(
      "span",
      {
        role: "rowheader",
        title: `${words}: ${count(part.n_wrong)} of ${judged}, of ${count(part.n_cells)} in all`,
      },
      name,
    ),
    h("span", { role: "cell", class: "ls-interval" }, line),
    h(
      "span",
      { role: "cell", class: "ls-amount" },
      h("b", {}, number),
      ` (${about(part.wrong_low)} to ${about(part.wrong_high)})${rate}`,
    ),
  );
}

/** A count as people say it: two digits that count. */
export function about(value: number): string {
  if (Math.abs(value) < 1) return count(Math.round(value));
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 1);
  return count(Math.round(value / unit) * unit);
}
