/** The status line: what the last action did, and how far the stages are. One region, read out politely. */

import { fill, h, icon } from "./dom";
import type { StageReport, State } from "./messages";

const WAITING = "Waiting for the kernel: it may be busy with a cell";

export class Status {
  readonly element: HTMLElement;
  private readonly result = h("span", { class: "ls-result" });
  private readonly progress = h("span", { class: "ls-progress-text" });
  private sentence = "";
  private slow = false;

  constructor() {
    this.element = h("div", { role: "status", "aria-live": "polite", class: "ls-status" }, this.result, this.progress);
  }

  /** Say what happened. */
  say(text: string, kind: "" | "good" | "error" = ""): void {
    this.result.className = `ls-result ${kind ? `ls-${kind}` : ""}`;
    fill(this.result, kind === "good" && icon("check"), kind === "error" && icon("warning"), h("span", {}, text));
  }

  /** Say nothing of the stages: nobody knows. */
  idle(): void {
    [this.sentence, this.slow] = ["", false];
    this.show();
  }

  /** Say how far the stages are, in steps of ten per cent: every step is read out. */
  stages(state: State): void {
    this.sentence = sentence(state);
    this.show();
  }

  /** Say that the kernel lets wait, or no longer, in place of how far it is: what happened stays said. */
  waiting(slow: boolean): void {
    this.slow = slow;
    this.show();
  }

  private show(): void {
    const text = this.slow ? WAITING : this.sentence;
    if (this.progress.textContent !== text) this.progress.textContent = text;
  }
}

function sentence(state: State): string {
  const running = state.stages.find(stage => stage.status === "running");
  if (running) return `${running.title} ${Math.floor(running.done * 10) * 10}%`;
  const failed = state.stages.find(stage => stage.status === "failed");
  if (failed) return `${failed.title}: failed`;
  if (state.stages.some(stage => stage.status === "cancelled")) return "Cancelled";
  return state.running ? "Working" : "Ready";
}

/** How far all stages are together that somebody wants, 0 to 1. */
export function overall(all: StageReport[]): number {
  const stages = all.filter(({ status }) => status !== "idle");
  if (!stages.length) return 0;
  return (
    stages.reduce(
      (sum, stage) => sum + (stage.status === "done" ? 1 : stage.status === "running" ? stage.done : 0),
      0,
    ) / stages.length
  );
}
