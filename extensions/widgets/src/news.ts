/** What people said since the suggestions were made, and the offer to make them anew. */

import { fill, h, icon } from "./dom";
import { plural } from "./numbers";
import type { News } from "./wire";

const ENOUGH = 20; // decisions that tell something about the other suggestions

export class NewsBar {
  readonly element = h("div", {
    class: "ls-news ls-hidden",
    role: "group",
    "aria-label": "Since the suggestions were made",
  });
  private told = "";

  constructor(private readonly again: () => void) {}

  /** Say what there is, and whether the suggestions are being made: `status` is that of their stage. */
  show({ decisions, relations }: News = { decisions: 0, relations: 0 }, status = ""): void {
    const making = status === "waiting" || status === "running";
    const worth = (decisions >= ENOUGH || relations > 0) && (making || status === "done");
    const told = worth ? `${decisions} ${relations} ${making}` : "";
    if (told === this.told) return;
    this.told = told;
    this.element.classList.toggle("ls-hidden", !worth);
    if (!worth) return fill(this.element);
    const said = [decisions && plural(decisions, "decision"), relations && `${plural(relations, "relation")} judged`]
      .filter(Boolean)
      .join(" and ");
    const again = h(
      "button",
      {
        type: "button",
        class: "ls-button ls-small",
        title: "Make the suggestions anew: decisions settle how sure they are, confirmed relations add what they imply",
        onclick: () => this.again(),
      },
      icon("refresh"),
      "Update suggestions",
    );
    fill(
      this.element,
      h("span", {}, making ? "Learning from your decisions…" : `${said} since.`),
      h("span", { class: "ls-gap" }),
      !making && again,
    );
  }
}
