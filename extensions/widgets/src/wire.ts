/** Requests, replies and pushed states: the other side of labelscope/widgets/wire.py. */

type Listener = (message: unknown, buffers: DataView[]) => void;

/** What comes from the kernel: a pushed state or a reply. */
type Message =
  | { kind: "state"; version: number; body: State }
  | { kind: "reply"; id: string; version: number; ok: boolean; body: unknown; error?: { message?: string } };

/** What anywidget hands to a view, as far as it is used here. */
export interface Model {
  get(name: string): unknown;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
}

export type LabelState = 1 | 0 | -1;
export type Verdict = "pending" | "accepted" | "rejected" | "skipped";
export type Queue = Verdict | "all" | "conflicts" | "audit";
/** Entries of the queues (of the audit: cells without a judgement), judged cells of the audit, changed cells. */
export type Counts = Record<Queue | "judged" | "changed", number>;
export type Judgement = "right" | "wrong" | "undecidable";

export interface Label {
  label: number;
  name: string;
  count: number;
  chip?: Chip;
}

export interface Chip {
  label: number;
  name: string;
  state: LabelState;
  probability?: number;
  suggested?: "add" | "remove";
}

export interface Suggestion {
  id: string;
  label: number;
  name: string;
  action: "add" | "remove";
  confidence: number | null;
  reason: string;
  verdict: Verdict;
  /** What it makes necessary: accepted with it, by the same decision. */
  with?: { label: number; name: string; action: "add" | "remove" }[];
}

export interface Entry {
  row: number;
  item: string;
  text: string;
  more: number;
  image: boolean;
  /** Label that the entry is about, or -1. */
  label: number;
  suggestion: Suggestion | null;
  conflict: { label: number; name: string; opinions: { reviewer: string; state: LabelState }[] } | null;
  chips: Chip[];
  /** A cell of the audit sample: nothing else is known about it here. */
  audit?: { label: number; name: string; given: 0 | 1; judgement: Judgement | "judged" | null };
}

export interface Stage {
  name: string;
  title: string;
  status: "waiting" | "running" | "done" | "failed" | "cancelled" | "skipped";
  done: number;
  error: string;
}

export interface State {
  stages: Stage[];
  running: boolean;
  versions: { map: number; selection: number; worklist: number; decisions: number; pairs: number };
  method: string;
  counts: Counts;
  selected: number | null;
  filters: FilterChip[];
  reviewer?: string;
  /** What people said since the suggestions were made. */
  news?: News;
}

export interface News {
  decisions: number;
  relations: number;
}

/** One condition of the selection. */
export interface FilterChip {
  key: string;
  kind: string;
  title: string;
  negated: boolean;
  count: number;
}

/** What a view asks to be selected. */
export type FilterAsked =
  | { by: "query"; text: string }
  | { by: "label"; label: number; state: LabelState }
  | { by: "pair"; a: number; b: number }
  | { by: "relation"; relation: string; a: string; b: string }
  | { by: "similar"; row: number; k: number }
  | { by: "item"; row: number };

export type Mode = "replace" | "add" | "remove";

export interface Selected {
  version: number;
  count: number | null;
  counts: Counts;
  filters: FilterChip[];
}

export interface Way {
  by: string;
  column: string;
  name: string;
}

export interface LabelRow {
  label: number;
  name: string;
  tier: "head" | "medium" | "tail";
  positive: number;
  unknown: number;
  selected: number;
  add: number;
  remove: number;
}

export interface RelationRow {
  label_a: string;
  label_b: string;
  relation: "implies" | "identical" | "exclusive" | "overlaps";
  n_a: number;
  n_b: number;
  n_ab: number;
  expected: number;
  counter_examples: number | null;
  q_value: number;
  source: string;
  supported: boolean | null;
  direct: boolean;
  /** What a person said of it; absent where nobody can be asked. */
  verdict?: "confirmed" | "rejected" | "pending";
}

export interface Neighbor {
  row: number;
  item: string;
  text: string;
  similarity: number;
  state: LabelState;
  duplicate: boolean;
}

export interface Side {
  n: number;
  items: Neighbor[];
}

export interface Evidence {
  row: number;
  label: number;
  item: string;
  name: string;
  description: string;
  given: LabelState;
  chip: Chip;
  suggestion: Suggestion | null;
  suspicion: number | null;
  neighbors: { asked: number; agree: Side; contradict: Side } | null;
  /** Why there are no neighbours, where it is not for lack of embeddings. */
  without?: string;
  votes: { rater: string; value: LabelState }[];
  history: { reviewer: string; verdict: string; after: LabelState; time: string }[];
  fields: { name: string; value: string }[];
}

/** What speaks for a label in an item: pieces of its text or squares of its picture, or why that cannot be said. */
export interface Attributed {
  row: number;
  label: number;
  name: string;
  why?: string;
  of?: "text" | "image";
  side?: 1 | -1;
  finding?: string;
  faithful?: { verdict: "faithful" | "weak" | "unfaithful" | "flat" | "short"; words: string };
  notes?: string[];
  /** Words and weight, in [-1, 1]. */
  pieces?: [string, number][];
  /** Left, top, right and bottom in shares of the picture, and weight. */
  squares?: [number, number, number, number, number][];
}

export interface ProgressReport {
  counts: Counts;
  changed: number;
  reviewed: number;
  accepted: number;
  rate: { share: number; low: number; high: number } | null;
  per_minute: number | null;
  recent: { n: number; accepted: number };
  curve: [number, number][];
  reviewers: { name: string; n: number }[];
  remaining: { text: string; count: number | null; low: number | null; high: number | null; n_judged: number };
  audit: AuditReport | null;
  /** Whether a sample can be drawn. */
  searched: boolean;
}

export interface AuditPart {
  part: string;
  n_cells: number;
  n_audited: number;
  n_wrong: number;
  wrong: number | null;
  wrong_low: number;
  wrong_high: number;
  rate: number | null;
  rate_low: number;
  rate_high: number;
}

export interface AuditReport {
  audit: number;
  judged: number;
  parts: AuditPart[];
  discoveries: { share: number; low: number; high: number } | null;
  undecidable: number;
  notes: string[];
  advice: "go on" | "audit first" | "stop";
  words: string;
}

export interface BatchShown {
  total: number;
  /** What the suggestions make necessary besides: accepted with them. */
  companions: number;
  items: number;
  n_groups: number;
  groups: { label: string; action: "add" | "remove"; n: number; least: number }[];
  sample: { row: number; item: string; label: string; action: "add" | "remove"; confidence: number; text: string }[];
}

export interface LegendEntry {
  code: number;
  name: string;
  role: string;
  count: number;
  /** A query for the items of this colour, where there is one. */
  query?: string;
}

export interface Tally {
  counts: Counts;
  decisions: number;
}

type Nothing = Record<string, never>;

/** Body of the request and body of the reply, by kind. */
export interface Kinds {
  open: [
    { view: string },
    {
      n_items: number;
      n_labels: number;
      labels: Label[];
      image: boolean;
      text: boolean;
      export_path: string;
      reviewer: string;
      guessed: boolean;
      colours: Way[];
      map?: Kinds["map"][1];
      legend?: LegendEntry[];
    },
  ];
  leave: [{ view: string }, Nothing];
  state: [Nothing, { version: number; body: State }];
  run: [Nothing, Nothing];
  cancel: [Nothing, Nothing];
  reconsider: [Nothing, Nothing];
  /** What is saved with a notebook: MIME type to data. */
  still: [Nothing, { data: Record<string, unknown> }];
  rule: [{ a: string; relation: string; b: string; verdict: "confirm" | "reject" | "withdraw" }, Nothing];
  map: [{ bounds?: number[] }, { version: number; method: string; total: number }];
  colours: [{ by: string; label: number; column: string }, { legend: LegendEntry[] }];
  lasso: [{ mode: Mode }, Selected];
  brush: [{ mode: Mode; radius: number }, Selected];
  select: [{ rows: number[] }, Selected];
  selection: [Nothing, Selected];
  filter: [FilterAsked, Selected];
  unfilter: [{ key: string }, Selected];
  negate: [{ key: string }, Selected];
  worklist: [
    { listing: string; queue: Queue; order: string; query: string; offset: number; limit: number },
    Tally & { listing: string; total: number; offset: number; entries: Entry[] },
  ];
  decide: [{ suggestion: string; verdict: "accept" | "reject" | "skip" }, Tally & { entry: Entry; n: number }];
  edit: [{ row: number; label: number; state: LabelState; suggestion: string }, Tally & { entry: Entry; chip: Chip }];
  judge: [{ row: number; label: number; verdict: Judgement }, Tally & { entry: Entry }];
  audit: [{ n: number }, Tally & { n: number }];
  rename: [{ name: string }, { reviewer: string }];
  undo: [{ blind: boolean }, Tally & { entry: Entry | null; label: string; n: number }];
  redo: [{ blind: boolean }, Tally & { entry: Entry | null; label: string; n: number }];
  batch: [{ listing: string; like: string; above: number }, BatchShown];
  batch_apply: [
    { listing: string; like: string; above: number; total: number; verdict: string },
    Tally & { total: number },
  ];
  evidence: [{ row: number; label: number }, Evidence];
  attribution: [{ row: number; label: number }, Attributed];
  find: [{ query: string }, { count: number | null }];
  progress: [Nothing, ProgressReport];
  label_table: [
    { sort: string; query: string; offset: number; limit: number },
    {
      total: number;
      offset: number;
      most: number;
      n_selected: number | null;
      rows: LabelRow[];
      curve: [number, number][];
      tiers: Record<"head" | "medium" | "tail", number>;
    },
  ];
  pair_matrix: [
    { label: number; n: number; order: string },
    {
      ready: boolean;
      labels: { label: number; name: string }[];
      focus: number;
      n_labels: number;
      summary: string;
      whole?: boolean;
    },
  ];
  pair_grid: [
    { down: number[]; across: number[]; most: number },
    {
      ready: boolean;
      n_labels: number;
      down: [number, number];
      across: [number, number];
      shape: [number, number];
      names: [string[], string[]];
      labels: [number[], number[]];
      found: Record<number, string>;
    },
  ];
  relation_table: [
    { relation: string; query: string },
    { ready: boolean; total: number; kinds: Record<string, number>; rows: RelationRow[] },
  ];
  text: [{ row: number }, { text: string }];
  hover: [{ row: number }, { row: number; item: string; text: string; labels: string[]; n_labels: number }];
  thumbnail: [{ row: number }, { type: string }];
  labels: [{ query: string; row: number }, { labels: Label[]; total: number }];
  export: [{ path: string }, { summary: string }];
}

export interface Answer<K extends keyof Kinds> {
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
const PATIENT: ReadonlySet<string> = new Set(["attribution", "audit", "export"]);

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
    else waiting.reject(new Error(message.error?.message ?? "The kernel gave no reason."));
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
