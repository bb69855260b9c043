/** The head of the app: what is open, how far the stages are, export and help. */

import { fill, h, icon, set } from "./dom";
import { count } from "./numbers";
import { overall } from "./status";
import type { State } from "./messages";

export interface HeaderEvents {
  exporting(): void;
  help(): void;
  cancel(): void;
  run(): void;
  /** Ask who reviews. */
  reviewer(): void;
  rename(name: string): Promise<boolean>;
  /** The question who reviews is answered, or put off. */
  answered(): void;
}

export class Header {
  readonly element: HTMLElement;
  readonly banner = h("div", { class: "ls-banner ls-hidden", role: "alert" });
  private readonly facts = h("span", { class: "ls-facts" });
  private readonly middle = h("span", { class: "ls-gap ls-middle" });
  /** Asks who reviews, where the name was only guessed; beside the flow of work, so that nobody has to answer. */
  readonly question = h("form", { role: "dialog", "aria-label": "Your name", class: "ls-banner ls-who ls-hidden" });
  private readonly reviewer = h("button", { type: "button", class: "ls-reviewer ls-writes" });
  private readonly buttons = h("span", { class: "ls-head-buttons" });
  private readonly stages = h("div", { class: "ls-stages" });
  private readonly bar = h(
    "div",
    { class: "ls-bar", role: "progressbar", "aria-label": "Stages", "aria-valuemin": 0, "aria-valuemax": 100 },
    h("i"),
  );
  private shown = "";
  private signed = "";

  constructor(
    title: string,
    private readonly events: HeaderEvents,
  ) {
    const exporting = h(
      "button",
      {
        type: "button",
        class: "ls-button ls-primary ls-writes",
        "aria-label": "Export",
        title: "Write the corrected labels to a file",
        onclick: () => events.exporting(),
      },
      icon("export"),
      h("span", {}, "Export"),
    );
    const help = h(
      "button",
      {
        type: "button",
        class: "ls-button ls-square",
        "aria-label": "Help",
        "aria-keyshortcuts": "?",
        title: "Keys (?)",
        onclick: () => events.help(),
      },
      "?",
    );
    this.reviewer.addEventListener("click", () => events.reviewer());
    this.element = h(
      "header",
      { class: "ls-header" },
      logo(),
      h("div", { class: "ls-names" }, h("span", { class: "ls-title" }, title), this.facts),
      this.middle,
      this.stages,
      this.reviewer,
      exporting,
      this.buttons,
      help,
      this.bar,
    );
  }

  /** One more button. */
  add(button: HTMLElement): void {
    this.buttons.append(button);
  }

  /** What stands between the title and the buttons. */
  centre(element: HTMLElement): void {
    this.middle.append(element);
  }

  /** Who reviews. */
  sign(reviewer: string): void {
    this.signed = reviewer;
    fill(
      this.reviewer,
      h("i", { "aria-hidden": "true" }, [...reviewer][0]?.toUpperCase() ?? "?"),
      h("span", {}, reviewer),
    );
    set(this.reviewer, {
      "aria-label": `Reviewer ${reviewer}`,
      title: `Decisions are recorded under “${reviewer}”. Click to change it.`,
    });
  }

  /** Ask once who reviews; an answer, or none, closes the question. */
  ask(guess: string, over: () => void): void {
    const field = h("input", {
      type: "text",
      class: "ls-field ls-small",
      "aria-label": "Your name",
      maxlength: 80,
      spellcheck: "false",
    });
    field.value = guess;
    const close = () => {
      this.question.classList.add("ls-hidden");
      over();
      this.events.answered();
    };
    const answer = async (event: Event) => {
      event.preventDefault();
      if (await this.events.rename(field.value)) close();
    };
    fill(
      this.question,
      h("span", {}, h("strong", {}, "Your name "), "(recorded with each decision)"),
      field,
      h("button", { type: "submit", class: "ls-button ls-small" }, "Save"),
      h("button", { type: "button", class: "ls-link", "aria-label": "Not now", onclick: close }, "Not now"),
    );
    this.question.onsubmit = event => void answer(event);
    this.question.classList.remove("ls-hidden");
  }

  /** Size of the data set. */
  size(nItems: number, nLabels: number): void {
    fill(this.facts, h("b", {}, count(nItems)), " items × ", h("b", {}, count(nLabels)), " labels");
  }

  /** How far the stages are. */
  update(state: State): void {
    if (state.reviewer && state.reviewer !== this.signed) this.sign(state.reviewer);
    const share = Math.round(overall(state.stages) * 100);
    set(this.bar, { "aria-valuenow": share });
    (this.bar.firstChild as HTMLElement).style.width = `${share}%`;
    this.bar.classList.toggle("ls-hidden", !state.running);
    const shown = JSON.stringify(
      state.stages.map(stage => [
        stage.status,
        stage.error,
        state.running,
        stage.status === "running" ? Math.round(stage.done * 100) : 0,
      ]),
    );
    if (shown === this.shown) return;
    this.shown = shown;
    this.drawStages(state);
    this.drawBanner(state);
  }

  private drawStages(state: State): void {
    const running = state.stages.find(stage => stage.status === "running");
    const stopped = state.stages.find(stage => stage.status === "cancelled");
    const dots = state.stages.map(stage =>
      h("i", { class: `ls-dot ls-${stage.status}`, title: `${stage.title}: ${stage.error || stage.status}` }),
    );
    const words = running
      ? h("span", {}, running.title, h("small", {}, `${Math.round(running.done * 100)} %`))
      : stopped
        ? h("span", {}, "Cancelled")
        : null;
    const stop = h("button", { type: "button", class: "ls-link", onclick: () => this.events.cancel() }, "Cancel");
    const resume = h("button", { type: "button", class: "ls-link", onclick: () => this.events.run() }, "Resume");
    const busy = Boolean(running) || Boolean(stopped) || state.stages.some(stage => stage.status === "failed");
    fill(
      this.stages,
      busy && h("span", { class: "ls-dots", "aria-hidden": "true" }, ...dots),
      words,
      running && stop,
      stopped && !state.running && resume,
    );
  }

  /** The kernel is gone. `again` makes the app anew, where the front end around it can. */
  gone(again: () => void): void {
    const words = "The kernel has stopped. Decisions made so far are in the ledger.";
    fill(this.stages);
    this.bar.classList.add("ls-hidden");
    this.question.classList.add("ls-hidden");
    fill(
      this.banner,
      icon("warning"),
      h("span", {}, words),
      h("button", { type: "button", class: "ls-button ls-small", onclick: again }, "Run again"),
    );
    this.banner.classList.remove("ls-hidden");
    for (const button of this.element.querySelectorAll("button")) button.disabled = true;
  }

  private drawBanner(state: State): void {
    const failed = state.running ? [] : state.stages.filter(stage => stage.status === "failed");
    const messages = [...new Set(failed.map(stage => stage.error))];
    const retry = h("button", { type: "button", class: "ls-link", onclick: () => this.events.run() }, "Try again");
    fill(this.banner, icon("warning"), h("span", {}, messages.join(" · ")), retry);
    this.banner.classList.toggle("ls-hidden", !messages.length);
  }
}

/** Three cells in three states. */
function logo(): HTMLElement {
  return h("span", { class: "ls-logo", "aria-hidden": "true" }, h("i"), h("i"), h("i"), h("i"));
}
