/** Relations between labels; a click on one selects the items that break it. */

import type { News, View } from "./dock";
import { count, fill, h, icon, plural } from "./dom";
import type { FilterAsked, RelationRow, Wire } from "./wire";

const SIGNS = { implies: "→", identical: "=", exclusive: "≠", overlaps: "∩" } as const;
const KINDS: [string, string][] = [
  ["", "All"],
  ["implies", "Implies"],
  ["identical", "Identical"],
  ["exclusive", "Exclusive"],
  ["overlaps", "Overlaps"],
];

export class RelationsView implements View {
  readonly name = "Relations";
  readonly needs: ReadonlySet<News> = new Set<News>(["pairs"]);
  readonly element: HTMLElement;
  private readonly kinds = h("div", { class: "ls-segments", role: "group", "aria-label": "Kind of relation" });
  private readonly list = h("div", {
    class: "ls-rows ls-relations",
    role: "group",
    "aria-label": "Relations between labels",
  });
  private readonly field: HTMLInputElement;
  private kind = "";

  constructor(
    private readonly wire: Wire,
    private readonly put: (asked: FilterAsked) => void,
    private readonly trouble: (text: string) => void,
  ) {
    this.field = h("input", {
      type: "text",
      class: "ls-field ls-small",
      placeholder: "Find a label",
      "aria-label": "Find a label in the relations",
      spellcheck: "false",
      oninput: () => void this.refresh(),
    });
    this.element = h(
      "div",
      { class: "ls-view" },
      h("div", { class: "ls-view-tools" }, this.field, this.kinds),
      this.list,
    );
  }

  async refresh(): Promise<void> {
    const { body } = await this.wire.request("relation_table", { relation: this.kind, query: this.field.value });
    if (!body.ready) return fill(this.list, h("p", { class: "ls-note" }, "Looking for relations between labels…"));
    this.drawKinds(body.kinds);
    if (!body.total)
      return fill(
        this.list,
        h(
          "p",
          { class: "ls-note" },
          this.field.value || this.kind
            ? "No relation of that kind."
            : "No two labels imply, exclude or match one another beyond chance.",
        ),
      );
    fill(
      this.list,
      ...body.rows.map(row => this.row(row)),
      body.total > body.rows.length &&
        h("p", { class: "ls-note" }, `${count(body.total - body.rows.length)} more; type a label to see its own.`),
    );
  }

  private drawKinds(kinds: Record<string, number>): void {
    const known = KINDS.filter(([kind]) => !kind || kinds[kind]);
    fill(
      this.kinds,
      ...known.map(([kind, name]) =>
        h(
          "button",
          {
            type: "button",
            class: "ls-segment",
            "aria-pressed": String(kind === this.kind),
            onclick: () => {
              this.kind = kind;
              void this.refresh();
            },
          },
          name,
          kind && h("small", {}, count(kinds[kind]!)),
        ),
      ),
    );
  }

  private row(row: RelationRow): HTMLElement {
    const broken = row.counter_examples ?? 0;
    const of = {
      implies: row.n_a,
      identical: row.n_a + row.n_b - row.n_ab,
      exclusive: row.n_a + row.n_b - row.n_ab,
      overlaps: row.n_ab,
    }[row.relation];
    const meaning = {
      implies: `${row.label_a} implies ${row.label_b}`,
      identical: `${row.label_a} and ${row.label_b} are the same`,
      exclusive: `${row.label_a} excludes ${row.label_b}`,
      overlaps: `${row.label_a} and ${row.label_b} overlap`,
    }[row.relation];
    const note =
      row.relation === "overlaps"
        ? `${count(row.n_ab)} together, ${(row.n_ab / Math.max(row.expected, 1e-9)).toFixed(1)}× chance`
        : `${plural(broken, "exception")} in ${count(of)}`;
    const doubt =
      row.source === "taxonomy"
        ? row.supported === false
          ? "taxonomy, not supported by the labels"
          : "taxonomy"
        : row.direct
          ? ""
          : "follows from others";
    const shown = h(
      "button",
      {
        type: "button",
        class: "ls-rshow",
        "aria-label": `${meaning}: ${note}`,
        title: row.relation === "overlaps" ? "Selects the items with both" : "Selects the items that break it",
        onclick: () => this.put({ by: "relation", relation: row.relation, a: row.label_a, b: row.label_b }),
      },
      h("span", { class: "ls-rname", dir: "auto" }, row.label_a),
      h("span", { class: "ls-rsign", "aria-hidden": "true" }, SIGNS[row.relation]),
      h("span", { class: "ls-rname", dir: "auto" }, row.label_b),
      h("span", { class: "ls-gap" }),
      doubt && h("small", {}, doubt),
      h("span", { class: broken && row.relation !== "overlaps" ? "ls-broken-count" : "ls-soft" }, note),
    );
    const asked = row.verdict && row.relation !== "overlaps";
    return h(
      "div",
      { class: `ls-rrow ls-${row.relation} ls-is-${row.verdict ?? "pending"}` },
      shown,
      asked && this.judge(row, meaning, "confirm"),
      asked && this.judge(row, meaning, "reject"),
    );
  }

  /** A button that says that a relation holds, or that it does not. */
  private judge(row: RelationRow, meaning: string, verdict: "confirm" | "reject"): HTMLElement {
    const holds = verdict === "confirm";
    const pressed = row.verdict === (holds ? "confirmed" : "rejected");
    const title = holds ? "It holds: items that break it become suggestions" : "It does not hold";
    return h(
      "button",
      {
        type: "button",
        class: `ls-rjudge ls-r${verdict}`,
        "aria-label": `${holds ? "Confirm" : "Reject"}: ${meaning}`,
        "aria-pressed": String(pressed),
        title: pressed ? "Click again to take this back" : title,
        onclick: () => void this.say(row, pressed ? "withdraw" : verdict),
      },
      icon(holds ? "check" : "cross"),
    );
  }

  private async say(
    { label_a: a, label_b: b, relation }: RelationRow,
    verdict: "confirm" | "reject" | "withdraw",
  ): Promise<void> {
    try {
      await this.wire.request("rule", { a, relation, b, verdict }); // the list follows: relations have changed
    } catch (error) {
      this.trouble((error as Error).message);
    }
  }
}
