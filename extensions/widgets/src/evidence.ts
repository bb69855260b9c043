/** Why the current cell is suggested: the model, near items that agree and contradict, votes, and earlier decisions. */

import { AttributionView } from "./attribution";
import type { News, View } from "./dock";
import { fill, h, icon } from "./dom";
import { percent } from "./numbers";
import type { Entry, Evidence, FilterAsked, LabelState, Neighbor, Side } from "./messages";
import type { Wire } from "./wire";

const WORDS: Record<string, string> = { "1": "yes", "0": "no", "-1": "unknown" };
const N_SIMILAR = 50;

export interface EvidenceEvents {
  put(asked: FilterAsked): void;
  image(row: number): Promise<string>;
}

export class EvidenceView implements View {
  readonly name = "Evidence";
  readonly needs: ReadonlySet<News> = new Set<News>(["entry", "decisions"]);
  readonly element = h("div", { class: "ls-view ls-evidence" });
  private entry: Entry | null = null;
  private blind = false;
  private turn = 0;
  private readonly parts: AttributionView;

  constructor(
    private readonly wire: Wire,
    private readonly images: () => boolean,
    private readonly events: EvidenceEvents,
  ) {
    this.parts = new AttributionView(wire);
  }

  close(): void {
    this.parts.close();
  }

  /** The entry that the worklist is at. */
  about(entry: Entry | null, blind = false): void {
    [this.entry, this.blind] = [entry, blind];
  }

  async refresh(): Promise<void> {
    const { entry } = this;
    const label = entry ? (entry.label >= 0 ? entry.label : (entry.chips[0]?.label ?? -1)) : -1;
    const turn = ++this.turn;
    if (!entry || label < 0)
      return fill(
        this.element,
        h(
          "p",
          { class: "ls-note" },
          this.blind
            ? "Evidence is hidden while the audit sample is judged: it would sway the judgement."
            : "Choose an entry of the worklist to see what speaks for and against its label.",
        ),
      );
    const { body } = await this.wire.request("evidence", { row: entry.row, label });
    if (turn !== this.turn) return;
    this.draw(body);
    this.parts.about(entry.row, label);
  }

  private draw(of: Evidence): void {
    fill(this.element, this.head(of), this.parts.element, this.sides(of), this.more(of));
  }

  private head(of: Evidence): HTMLElement {
    const { suggestion, chip } = of;
    const title = suggestion
      ? [suggestion.action === "add" ? "Add " : "Remove ", h("strong", { dir: "auto" }, of.name)]
      : [h("strong", { dir: "auto" }, of.name)];
    const similar = h(
      "button",
      {
        type: "button",
        class: "ls-button ls-small",
        "aria-label": "Similar items",
        title: `Select the ${N_SIMILAR} items most like this one (N)`,
        onclick: () => this.events.put({ by: "similar", row: of.row, k: N_SIMILAR }),
      },
      icon("similar"),
      "Similar",
    );
    return h(
      "div",
      { class: "ls-ev-head" },
      h(
        "div",
        { class: "ls-ev-title" },
        h("span", {}, ...title),
        h("small", {}, `item ${of.item}`),
        h("span", { class: "ls-gap" }),
        similar,
      ),
      of.description && h("p", { class: "ls-soft", dir: "auto" }, of.description),
      h(
        "div",
        { class: "ls-ev-facts" },
        fact("Current label", WORDS[String(of.given)]!),
        chip.state !== of.given && fact("Now", WORDS[String(chip.state)]!),
        chip.probability !== undefined && this.belief(chip.probability),
        of.suspicion !== null && fact("Suspicion", of.suspicion.toFixed(2)),
      ),
      suggestion?.reason && h("p", { class: "ls-ev-reason" }, suggestion.reason),
    );
  }

  private belief(probability: number): HTMLElement {
    return h(
      "span",
      { class: "ls-fact", title: "Out-of-fold probability of the label: the model did not see this item" },
      "Model",
      h(
        "span",
        { class: "ls-track", "aria-hidden": "true" },
        h("i", { style: `width:${Math.round(probability * 100)}%` }),
      ),
      h("b", {}, percent(probability)),
    );
  }

  private sides(of: Evidence): HTMLElement {
    if (!of.neighbors)
      return h("p", { class: "ls-note" }, of.without || "No neighbours: this data set has no embeddings (yet).");
    const { agree, contradict, asked } = of.neighbors;
    if (!asked) return h("p", { class: "ls-note" }, "No similar item is known to have this label or not.");
    const has = of.given === 0 ? "do not have this label either" : "have this label";
    const not = of.given === 0 ? "have this label" : "do not have this label";
    return h(
      "div",
      { class: "ls-sides" },
      this.side(contradict, asked, of.given === -1 ? "do not have this label" : not, "ls-against"),
      this.side(agree, asked, of.given === -1 ? "have this label" : has, "ls-for"),
    );
  }

  private side(side: Side, asked: number, words: string, kind: string): HTMLElement {
    const share = asked ? side.n / asked : 0;
    const head = h(
      "div",
      { class: "ls-side-head" },
      h("b", {}, `${side.n}`),
      ` of ${asked} similar items ${words}`,
      h("span", { class: "ls-track", "aria-hidden": "true" }, h("i", { style: `width:${Math.round(share * 100)}%` })),
    );
    return h("div", { class: `ls-side ${kind}` }, head, ...side.items.map(item => this.neighbor(item)));
  }

  private neighbor(of: Neighbor): HTMLElement {
    const words = of.duplicate ? "near-duplicate" : of.similarity.toFixed(2);
    const row = h("button", {
      type: "button",
      class: "ls-near",
      "aria-label": `Item ${of.item}, similarity ${of.similarity}`,
      title: "Show this item",
      onclick: () => this.events.put({ by: "item", row: of.row }),
    });
    if (this.images()) {
      const frame = h("span", { class: "ls-near-picture" });
      row.append(frame);
      this.events.image(of.row).then(
        source => frame.append(h("img", { src: source, alt: "" })),
        () => frame.remove(),
      );
    }
    row.append(
      h("span", { class: "ls-near-text", dir: "auto" }, of.text || `#${of.item}`),
      h("small", { class: of.duplicate ? "ls-twin" : "" }, words),
    );
    return row;
  }

  private more(of: Evidence): HTMLElement {
    const votes =
      of.votes.length > 0 &&
      h(
        "p",
        {},
        h("strong", {}, "Votes"),
        tally(of.votes.map(vote => vote.value)),
        ` · ${of.votes.map(vote => `${vote.rater} ${WORDS[String(vote.value)]}`).join(", ")}`,
      );
    const history =
      of.history.length > 0 &&
      h(
        "p",
        {},
        h("strong", {}, "Decisions"),
        of.history.map(one => `${one.reviewer} ${one.verdict} (${WORDS[String(one.after)]})`).join(" → "),
      );
    const fields =
      of.fields.length > 0 &&
      h(
        "dl",
        {},
        ...of.fields.flatMap(({ name, value }) => [
          h("dt", {}, name),
          h(
            "dd",
            { dir: "auto" },
            safe(value) ? h("a", { href: value, target: "_blank", rel: "noopener noreferrer" }, value) : value,
          ),
        ]),
      );
    return h("div", { class: "ls-ev-more" }, votes, history, fields);
  }
}

/** Whether a value is an address on the web: no other kind of link is ever made of data. */
function safe(value: string): boolean {
  return /^https?:\/\/[^\s"'<>]+$/i.test(value);
}

function fact(name: string, value: string): HTMLElement {
  return h("span", { class: "ls-fact" }, name, h("b", {}, value));
}

function tally(values: LabelState[]): string {
  const yes = values.filter(value => value === 1).length;
  return `${yes} of ${values.length} say yes`;
}
