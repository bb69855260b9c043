/**
 * What the Explorers in this window report: read along from the messages of the kernels, without asking them anything.
 */

import { ISessionContext } from "@jupyterlab/apputils";
import { Kernel, KernelMessage } from "@jupyterlab/services";
import { ISignal, Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";

import { GONE } from "./names";

export interface Progress {
  stages: { title: string; status: string; done: number; error: string }[];
  running: boolean;
  counts: { pending: number; accepted: number; rejected: number; skipped: number };
}

/** One widget of the shell with a kernel in which an Explorer reports. */
export interface Entry {
  widget: Widget;
  title: string;
  progress: Progress | null;
  /** Whose the decisions are; "" until the Explorer says it. */
  reviewer: string;
}

export class Watch {
  /** Begin to read along with the kernel of a widget, whichever it has, until the widget is gone. */
  add(widget: Widget, session: ISessionContext, isOurs: boolean): void {
    if (this.entries.has(widget)) return;
    const entry: Entry = { widget, title: "", progress: null, reviewer: "" };
    this.entries.set(widget, entry);
    if (isOurs) this.shown.add(widget);
    const onMessage = (_: unknown, message: KernelMessage.IMessage) => this.read(entry, message);
    session.iopubMessage.connect(onMessage);
    const gone = () => {
      entry.progress = null;
      this._changed.emit();
      for (const app of widget.node.querySelectorAll(".ls-root")) app.dispatchEvent(new CustomEvent(GONE));
    };
    const forget = (_: unknown, status: Kernel.Status) => {
      if (["restarting", "autorestarting", "terminating", "dead"].includes(status)) gone();
    };
    const onKernel = (_: unknown, { oldValue }: { oldValue: unknown }) => {
      if (oldValue) gone();
    };
    session.statusChanged.connect(forget);
    session.kernelChanged.connect(onKernel);
    widget.title.changed.connect(() => this._changed.emit());
    widget.disposed.connect(() => {
      session.iopubMessage.disconnect(onMessage);
      session.statusChanged.disconnect(forget);
      session.kernelChanged.disconnect(onKernel);
      this.entries.delete(widget);
      this.shown.delete(widget);
      this._changed.emit();
    });
    this._changed.emit();
  }

  /** Documents of ours, and notebooks and consoles in which an Explorer has reported. */
  get list(): Entry[] {
    return [...this.entries.values()].filter(({ widget, progress }) => this.shown.has(widget) || progress);
  }

  find(widget: Widget | null): Entry | null {
    return this.list.find(entry => entry.widget === widget) ?? null;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is in sight has changed: say so to those who show it. */
  touch(): void {
    this._changed.emit();
  }

  private read(entry: Entry, message: KernelMessage.IMessage): void {
    if (!KernelMessage.isCommMsgMsg(message)) return;
    const data = message.content.data as {
      method?: string;
      content?: { kind?: string; body?: Partial<Progress & { reviewer: string }> };
    };
    const content = data?.method === "custom" ? data.content : null;
    const body = content?.kind === "state" ? content.body : null;
    if (!Array.isArray(body?.stages) || typeof body.counts?.pending !== "number") return; // another widget's message
    entry.progress = { stages: body.stages, running: !!body.running, counts: body.counts };
    if (typeof body.reviewer === "string") entry.reviewer = body.reviewer;
    this._changed.emit();
  }

  private readonly entries = new Map<Widget, Entry>();
  private readonly shown = new Set<Widget>();
  private readonly _changed = new Signal<this, void>(this);
}

/** One line about how far an Explorer is. */
export function inWords({ progress }: Entry): string {
  if (!progress) return "Not opened yet";
  const { counts, stages, running } = progress;
  const stage = running ? stages.find(({ status }) => status === "running") : undefined;
  const failed = stages.find(({ status }) => status === "failed");
  if (stage) return `${stage.title}${stage.done > 0 && stage.done < 1 ? ` ${Math.round(100 * stage.done)}%` : "…"}`;
  if (failed) return `${failed.title} failed`;
  const decided = counts.accepted + counts.rejected + counts.skipped;
  return `${counts.pending.toLocaleString()} pending, ${decided.toLocaleString()} decided`;
}
