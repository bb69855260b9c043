/** The pages of labels in a published page: each is a record that is read when it is opened. */

import type { LabelExamples, LabelItem, LabelPageShown } from "../messages";
import type { Filters } from "./filters";
import type { Records } from "./records";

const TEXT_LENGTH = 180;

/** What the page has of its items already is not in the record. */
type Kept<T> = Omit<T, "items"> & { items: Omit<LabelItem, "item" | "text">[] };
interface Told {
  page: Kept<LabelPageShown>;
  examples: Kept<LabelExamples>;
}

export class LabelPages {
  private readonly places = new Map<number, [start: number, end: number]>();

  constructor(
    private readonly of: Records,
    private readonly filters: Filters,
  ) {
    const sizes = of.payload.array("page_sizes");
    let start = 0;
    of.payload.array("page_labels").forEach((label, i) => this.places.set(label, [start, (start += sizes[i]!)]));
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.places.size > 0;
  }

  /** What is known about a label. A figure whose filter needs what is not in the copy is words alone. */
  page(label: number): LabelPageShown {
    const { page } = this.told(label);
    const asked = <T extends { query: string }>(of: T): T => this.answerable(of);
    return {
      ...page,
      facts: page.facts.map(fact => ({
        ...asked(fact),
        cells: fact.cells && this.filters.answers({ by: "figure", label, figure: fact.figure as "given", rows: [] }),
      })),
      rules: page.rules.map(asked),
      shares: page.shares.map(asked),
      bins: page.bins.map(asked),
      items: this.items(page.items),
    };
  }

  examples(label: number): LabelExamples {
    const { examples } = this.told(label);
    const asked = <T extends { query: string }>(of: T): T => this.answerable(of);
    return {
      ...examples,
      confused: examples.confused.map(asked),
      goes_with: examples.goes_with.map(asked),
      items: this.items(examples.items),
    };
  }

  private told(label: number): Told {
    const at = this.places.get(label);
    if (!at) {
      const [name, held] = [this.of.header.labels[label]!, this.places.size];
      throw new Error(`No page of ${name} is in this published copy: it holds those of the ${held} commonest labels`);
    }
    const bytes = this.of.payload.array("page_bytes").subarray(...at) as Uint8Array;
    return JSON.parse(new TextDecoder().decode(bytes)) as Told;
  }

  private answerable<T extends { query: string }>(of: T): T {
    return of.query && !this.filters.answers({ by: "query", text: of.query }) ? { ...of, query: "" } : of;
  }

  private items(of: Told["page"]["items"]): LabelItem[] {
    return of.map(item => ({
      ...item,
      item: this.of.header.ids[item.row]!,
      text: this.of.text(item.row).trim().replace(/\s+/g, " ").slice(0, TEXT_LENGTH),
    }));
  }
}
