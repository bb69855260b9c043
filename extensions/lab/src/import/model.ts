/** What is chosen on the page, and what the kernel says of it: asked after each choice, the last one counts. */

import { batch, computed, signal } from "@preact/signals";

import { Problem as Failure } from "../kernel";
import type { Ask, Carry, Choices, Inspected, Look, Place, Problem, Reading, Remedy } from "./messages";
import { Role, withRole } from "./roles";

const PAUSE = 250; // milliseconds after the last choice
const NAME = "labelscope.reviewer"; // where the Explorer keeps the name too

/** Ways to say how the labels are written, of which one is taken. */
const WAYS = ["labels_delimiter", "labels_format"] as const;

export class ImportModel {
  constructor(
    look: Look,
    private readonly ask: Ask,
    private readonly opening: (choices: Choices, reviewer: string | undefined) => Promise<void>,
    /** Files beside the table, to choose from. */
    readonly files: readonly string[],
    chosen: Choices | null,
  ) {
    this.look = signal(look);
    this.choices = signal(chosen ?? {});
    this.guessing = !chosen;
    void this.inspect();
  }

  readonly look;
  readonly choices;
  readonly inspected = signal<Inspected | null>(null);
  /** Whether the kernel is asked, or will be at once. */
  readonly busy = signal(true);
  /** What an opening, or a question, failed with. */
  readonly failed = signal<Problem | null>(null);
  /** What takes the decisions on an earlier version of the table over, where an opening was refused for that. */
  readonly carry = signal<Carry | null>(null);
  readonly reviewer = signal(recall());

  readonly place = computed<Place | null>(() => this.inspected.value?.place ?? null);
  /** Whether the table can be opened as it is chosen. */
  readonly isClear = computed(() => !this.busy.value && !!this.inspected.value?.call && !this.place.value?.problem);
  readonly chosenReading = computed<Reading | null>(
    () => this.inspected.value?.readings.find(({ chosen }) => chosen) ?? null,
  );

  /** The problems that concern some of the arguments: refusals and, where asked for, what else to know. */
  problems(about: readonly string[], withWarnings = false): Problem[] {
    const found = this.inspected.value;
    const place = found?.place.problem ? [{ about: "ledger", text: found.place.problem, remedies: [] }] : [];
    const all = [
      ...(this.failed.value ? [this.failed.value] : []),
      ...(found?.refusals ?? []),
      ...place,
      ...(withWarnings ? (found?.warnings ?? []) : []),
    ];
    return all.filter((problem, at) => about.includes(problem.about) && all.findIndex(same(problem)) === at);
  }

  set(change: Choices): void {
    const next = { ...this.choices.value, ...change } as Record<string, unknown>;
    for (const name of Object.keys(next)) if (next[name] === undefined) delete next[name];
    this.take(next);
  }

  role(column: string, role: Role): void {
    const order = this.look.value.columns.map(({ name }) => name);
    this.take(withRole(this.choices.value, column, role, order));
  }

  /** Take a way out, or the argument of a reading. */
  apply({ arguments: given }: Remedy): void {
    const next: Record<string, unknown> = { ...this.choices.value };
    if (WAYS.some(way => way in given) || "rater" in given) for (const way of WAYS) delete next[way];
    if (given.labels_format === "columns") delete next.rater;
    this.take({ ...next, ...given });
  }

  sign(name: string): void {
    this.reviewer.value = name;
    try {
      if (name) localStorage.setItem(NAME, JSON.stringify(name));
      else localStorage.removeItem(NAME);
    } catch {
      /* storage is forbidden: the name counts until the page is left */
    }
  }

  async open(): Promise<void> {
    if (!this.isClear.value) return;
    try {
      await this.opening(this.choices.value, this.reviewer.value || undefined);
    } catch (error) {
      if (!(error instanceof Failure) || !error.ofFile) throw error;
      this.fail(error);
    }
  }

  fail(error: Failure): void {
    this.carry.value = error.carry;
    this.failed.value = error.details ?? { about: "", text: error.message, remedies: [] };
  }

  /** Take the decisions on the earlier version over, and open the table. */
  async carryOver(): Promise<void> {
    try {
      await this.ask("carry", { choices: this.choices.value });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return this.fail(error);
    }
    this.failed.value = this.carry.value = null;
    await this.open();
  }

  dispose(): void {
    this.turn++;
    clearTimeout(this.timer);
  }

  private take(next: Choices): void {
    const { separator, columns } = this.choices.value;
    const another = next.separator !== separator || JSON.stringify(next.columns) !== JSON.stringify(columns);
    batch(() => {
      this.choices.value = next;
      this.failed.value = this.carry.value = null;
      this.busy.value = true;
    });
    this.guessing = another; // another table: its columns are guessed anew
    this.stale ||= another;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.inspect(), PAUSE);
  }

  /** Ask how the table would be read; while an answer is awaited, at most one more question waits for it. */
  private async inspect(): Promise<void> {
    const turn = ++this.turn;
    await this.running.catch(() => undefined);
    if (turn !== this.turn) return;
    this.running = this.question(turn);
    await this.running;
  }

  private async question(turn: number): Promise<void> {
    const { separator, columns, ledger } = this.choices.value;
    try {
      if (this.stale) this.look.value = await this.ask("look", { separator, columns });
      this.stale = false;
      const asked: Choices = this.guessing ? { separator, columns, ledger } : this.choices.value;
      const inspected = await this.ask("inspect", { choices: asked, guess: this.guessing });
      if (turn !== this.turn) return;
      batch(() => {
        this.inspected.value = inspected;
        if (this.guessing) this.choices.value = inspected.choices;
        this.busy.value = false;
      });
      this.guessing = false;
      if (inspected.call) void this.ask("prepare", { choices: this.choices.value }).catch(() => undefined);
    } catch (error) {
      if (turn !== this.turn) return;
      batch(() => {
        this.busy.value = false;
        this.fail(error instanceof Failure ? error : new Failure(String(error)));
      });
    }
  }

  private guessing: boolean;
  private stale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> = Promise.resolve();
  private turn = 0;
}

function same(problem: Problem): (other: Problem) => boolean {
  return other => other.about === problem.about && other.text === problem.text;
}

function recall(): string {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? '""');
    return typeof kept === "string" ? kept : "";
  } catch {
    return "";
  }
}
