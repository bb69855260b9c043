/** Requests, replies and pushed states: the other side of labelscope/widgets/wire.py. */

import type { Kinds, State } from "./messages";

type Listener = (message: unknown, buffers: DataView[]) => void;

/** What comes from the kernel: a pushed state or a reply. */
type Message =
  | { kind: "state"; version: number; body: State }
  | { kind: "reply"; id: string; version: number; ok: boolean; body: unknown; error?: Problem };

interface Problem {
  message?: string;
  remedies?: [words: string, query: string][];
}

/** What the kernel does not do, and the queries that may have been meant instead. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly remedies: [words: string, query: string][] = [],
  ) {
    super(message);
  }
}

/** What anywidget hands to a view, as far as it is used here. */
export interface Model {
  get(name: string): unknown;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
}

interface Answer<K extends keyof Kinds> {
  body: Kinds[K][1];
  buffers: DataView[];
}

interface Pending {
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
  sent: number;
  /** Whether the answer takes its time without the kernel being busy. */
  patient: boolean;
}

const SLOW_MS = 1500;
const RESYNC_MS = 400;
const PATIENT: ReadonlySet<string> = new Set(["ask_preview", "attribution", "audit", "export", "raters"]);

/** One view's end of the wire. */
export class Wire {
  onstate: (state: State) => void = () => {};
  /** Told how long the oldest request has been waiting (ms), 0 when none has for long. */
  onwait: (ms: number) => void = () => {};
  readonly prefix = Math.random().toString(36).slice(2, 10);
  private readonly pending = new Map<string, Pending>();
  private next = 0;
  private version = -1;
  private expected = -1;
  private resync: ReturnType<typeof setTimeout> | undefined;
  private readonly watch: ReturnType<typeof setInterval>;
  private readonly listener = (message: unknown, buffers: DataView[]) =>
    this.receive(message as Message | undefined, buffers);

  constructor(private readonly model: Model) {
    model.on("msg:custom", this.listener);
    this.watch = setInterval(() => this.look(), 500);
  }

  /** Ask the kernel; rejects with the kernel's one-line message. */
  request<K extends keyof Kinds>(kind: K, body: Kinds[K][0], buffers: ArrayBuffer[] = []): Promise<Answer<K>> {
    const id = `${this.prefix}-${this.next++}`;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, sent: performance.now(), patient: PATIENT.has(kind) });
      try {
        this.model.send({ id, kind, body }, undefined, buffers);
      } catch (error) {
        this.pending.delete(id);
        reject(new Error(`The kernel cannot be reached: ${error instanceof Error ? error.message : String(error)}`));
      }
    });
  }

  /** Forget everything; nothing is called any more. */
  close(): void {
    this.model.off("msg:custom", this.listener);
    clearInterval(this.watch);
    clearTimeout(this.resync);
    this.pending.clear();
  }

  private receive(message: Message | undefined, buffers: DataView[]): void {
    if (message?.kind === "state") this.take(message.version, message.body);
    else if (message?.kind === "reply") this.settle(message, buffers ?? []);
  }

  private settle(message: Message & { kind: "reply" }, buffers: DataView[]): void {
    this.expect(message.version);
    const waiting = this.pending.get(message.id);
    if (!waiting) return; // another view's
    this.pending.delete(message.id);
    if (message.ok)
      waiting.resolve({ body: message.body, buffers } as never); // of the kind that was asked for
    else waiting.reject(new Refusal(message.error?.message ?? "The kernel gave no reason.", message.error?.remedies));
  }

  private take(version: number, state: State): void {
    if (version <= this.version) return;
    this.version = version;
    this.onstate(state);
  }

  /** A reply knows of a newer state: if that one does not arrive by itself, it was lost on the way. */
  private expect(version: number): void {
    this.expected = Math.max(this.expected, version);
    if (this.expected <= this.version || this.resync !== undefined) return;
    this.resync = setTimeout(() => {
      this.resync = undefined;
      if (this.expected > this.version) void this.refresh();
    }, RESYNC_MS);
  }

  /** Ask for the newest state. */
  async refresh(): Promise<void> {
    const { body } = await this.request("state", {});
    this.take(body.version, body.body);
  }

  private look(): void {
    let oldest = 0;
    for (const { sent, patient } of this.pending.values())
      if (!patient) oldest = Math.max(oldest, performance.now() - sent);
    this.onwait(oldest > SLOW_MS ? oldest : 0);
  }
}

/** The bytes of a buffer, copied: what arrives may be unaligned. */
export function bytes(view: DataView | undefined): ArrayBuffer {
  if (!view) return new ArrayBuffer(0);
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer;
}

/** One bit an item, to one byte an item. */
export function unpack(view: DataView | undefined, n: number): Uint8Array | null {
  if (!view) return null;
  const packed = new Uint8Array(bytes(view));
  const out = new Uint8Array(n);
  for (let i = 0; i < n; i++) out[i] = (packed[i >> 3]! >> (i & 7)) & 1;
  return out;
}
