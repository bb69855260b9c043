/** How far the review is, and what stopping now would mean; numbers that are not known are not shown. */

import { about, AuditView, type AuditEvents } from "./audit";
import type { News, View } from "./dock";
import { count, fill, h, percent, plural, s } from "./dom";
import type { ProgressReport, Wire } from "./wire";

const CHART = { width: 320, height: 130, left: 34, bottom: 20, top: 8, right: 8 };

export class ProgressView implements View {
  readonly name = "Progress";
  readonly needs: ReadonlySet<News> = new Set<News>(["decisions", "worklist"]);
  readonly element = h("div", { class: "ls-view ls-progress" });

  private readonly audit: AuditView;
  private turn = 0;

  constructor(
    private readonly wire: Wire,
    events: AuditEvents,
  ) {
    this.audit = new AuditView(wire, events);
  }

  async refresh(): Promise<void> {
    const turn = ++this.turn;
    const { body } = await this.wire.request("progress", {});
    if (turn !== this.turn) return;
    this.audit.draw(body.audit, body.searched);
    fill(
      this.element,
      this.tiles(body),
      h("div", { class: "ls-progress-body" }, this.chart(body), this.words(body)),
      this.audit.element,
    );
  }

  private tiles({ counts, reviewed, rate, per_minute, changed }: ProgressReport): HTMLElement {
    const total = reviewed + counts.pending + counts.skipped;
    return h(
      "div",
      { class: "ls-tiles" },
      tile("Reviewed", count(reviewed), total ? `of ${count(total)} suggestions` : "nothing to review yet"),
      tile(
        "Accepted",
        rate ? percent(rate.share) : "–",
        rate ? `${percent(rate.low)} to ${percent(rate.high)}` : "no verdict yet",
      ),
      tile("Pace", per_minute === null ? "–" : per_minute.toFixed(per_minute < 10 ? 1 : 0), "decisions a minute"),
      tile("Changed", count(changed), changed === 1 ? "cell other than given" : "cells other than given"),
    );
  }

  /** Changes found against suggestions reviewed: where it flattens, the list is running dry. */
  private chart({ curve, reviewed, accepted }: ProgressReport): HTMLElement {
    if (reviewed < 2)
      return h(
        "div",
        { class: "ls-found ls-note" },
        "A chart of what is found against what is reviewed grows here with your decisions.",
      );
    const { width, height, left, bottom, top, right } = CHART;
    const x = (value: number) => left + ((width - left - right) * value) / reviewed;
    const y = (value: number) => height - bottom - ((height - bottom - top) * value) / reviewed;
    const points = curve.map(([at, found]) => `${x(at).toFixed(1)},${y(found).toFixed(1)}`).join(" ");
    const svg = s(
      "svg",
      {
        viewBox: `0 0 ${width} ${height}`,
        role: "group",
        "aria-label": `${accepted} accepted of ${reviewed} reviewed`,
      },
      s("line", { x1: left, y1: y(0), x2: width - right, y2: y(0), class: "ls-axis" }),
      s("line", { x1: x(0), y1: y(0), x2: x(reviewed), y2: y(reviewed), class: "ls-ideal" }),
      s("polyline", { points, class: "ls-line" }),
      s("circle", { cx: x(reviewed), cy: y(accepted), r: 3.5, class: "ls-end" }),
      s("text", { x: left - 5, y: y(reviewed) + 4, "text-anchor": "end" }, count(reviewed)),
      s("text", { x: left - 5, y: y(0), "text-anchor": "end" }, "0"),
      s("text", { x: width - right, y: height - 5, "text-anchor": "end" }, `${count(reviewed)} reviewed`),
      s(
        "text",
        { x: x(reviewed) - 7, y: Math.max(top + 10, y(accepted) - 7), "text-anchor": "end", class: "ls-strong" },
        `${count(accepted)} accepted`,
      ),
    );
    return h("div", { class: "ls-found" }, svg);
  }

  private words({ counts, recent, remaining, reviewers }: ProgressReport): HTMLElement {
    const open = counts.pending + counts.skipped;
    const still = open
      ? `${plural(open, "suggestion")} would stay undecided, and their cells as given.`
      : "Every suggestion is decided.";
    const lately = recent.n ? ` Of the last ${count(recent.n)} you judged, ${count(recent.accepted)} were right.` : "";
    const people =
      reviewers.length > 1 &&
      h("p", {}, h("strong", {}, "Reviewers"), reviewers.map(({ name, n }) => `${name} ${count(n)}`).join(" · "));
    const known = remaining.count !== null;
    const left = known
      ? `About ${about(remaining.count!)} (${about(remaining.low!)} to ${about(remaining.high!)}) wrong cells, ` +
        `from ${plural(remaining.n_judged, "judged cell")}.`
      : remaining.text;
    return h(
      "div",
      { class: "ls-stop" },
      h("p", {}, h("strong", {}, "If you stop now"), known ? remaining.text : still + lately),
      h("p", {}, h("strong", {}, "Errors left"), left),
      people,
    );
  }
}

function tile(name: string, value: string, note: string): HTMLElement {
  return h("div", { class: "ls-tile" }, h("span", {}, name), h("b", {}, value), h("small", {}, note));
}
