/** What the tooltip of the map says about an item: fetched once, forgotten when somebody decides. */

import { h } from "./dom";
import type { Kinds } from "./messages";
import type { Wire } from "./wire";

const KEPT = 500;

export class Hover {
  images = false;
  private readonly known = new Map<number, Kinds["hover"][1]>();

  constructor(
    private readonly wire: Wire,
    private readonly image: (row: number) => Promise<string>,
  ) {}

  forget(): void {
    this.known.clear();
  }

  async describe(row: number): Promise<Node[]> {
    const found = await this.fetch(row);
    const nodes: Node[] = [h("div", { class: "ls-item" }, `#${found.item}`)];
    if (this.images) {
      const source = await this.image(row).catch(() => "");
      if (source) nodes.push(h("img", { src: source, alt: "" }));
    }
    if (found.text) nodes.push(h("div", { class: "ls-tip-text", dir: "auto" }, found.text));
    const rest = found.n_labels - found.labels.length;
    nodes.push(
      h(
        "div",
        { class: "ls-tip-labels" },
        ...(found.labels.length ? found.labels.map(name => h("span", {}, name)) : [h("em", {}, "no label")]),
        rest > 0 && `+${rest}`,
      ),
    );
    return nodes;
  }

  private async fetch(row: number): Promise<Kinds["hover"][1]> {
    const known = this.known.get(row);
    if (known) return known;
    const { body } = await this.wire.request("hover", { row });
    if (this.known.size > KEPT) this.known.clear();
    this.known.set(row, body);
    return body;
  }
}
