/**
 * A kernel that is a recording: it answers the requests of the app from what is embedded in the page. What would
 * change something is refused.
 */

import type { FilterAsked, Kinds, Label, Mode, State } from "../messages";
import type { Model } from "../wire";
import { colours } from "./colours";
import { beside, Filters, inside, pack, sum } from "./filters";
import { counted, found, listed, type Listed } from "./listing";
import type { Records } from "./records";
import { labelTable, pairMatrix, progress, relationTable, selected, type Chosen, type Sent } from "./tables";

const READ_ONLY = "This is a published copy: it can be read, not changed";
/** Every request that is not answered, and why: none is left out by accident, and none is offered. */
const REFUSED = {
  decide: READ_ONLY,
  edit: READ_ONLY,
  judge: READ_ONLY,
  audit: READ_ONLY,
  rename: READ_ONLY,
  undo: READ_ONLY,
  redo: READ_ONLY,
  rule: READ_ONLY,
  batch: READ_ONLY,
  batch_apply: READ_ONLY,
  run: READ_ONLY,
  cancel: READ_ONLY,
  reconsider: READ_ONLY,
  export: READ_ONLY,
  still: READ_ONLY,
  attribution: "Words or regions that influenced the model need the model, which is not in a published copy",
  pair_grid: "All labels by all labels are not in a published copy; it holds the commonest",
} as const satisfies Partial<Record<keyof Kinds, string>>;
const N_TOP_LABELS = 60;
const N_FOUND = 50;
const KEPT_LISTINGS = 8;

type Answers = {
  [K in Exclude<keyof Kinds, keyof typeof REFUSED>]: (body: Kinds[K][0], buffers: ArrayBuffer[]) => Sent<K>;
};
type Listener = (message: unknown, buffers: DataView[]) => void;

export class Recording implements Model {
  private readonly listeners = new Set<Listener>();
  private readonly filters: Filters;
  private readonly listings = new Map<string, Listed[]>();
  private readonly answers: Answers;
  private version = 1;
  private next = 1;

  constructor(private readonly of: Records) {
    this.filters = new Filters(of);
    this.answers = this.known();
  }

  get(name: string): unknown {
    return { _title: this.of.header.title, _height: 720, _read_only: READ_ONLY }[name];
  }

  on(event: string, listener: Listener): void {
    if (event === "msg:custom") this.listeners.add(listener);
  }

  off(_: string, listener: Listener): void {
    this.listeners.delete(listener);
  }

  send(content: unknown, _: unknown, buffers: ArrayBuffer[] = []): void {
    const { id, kind, body } = content as { id: string; kind: keyof Kinds; body: never };
    setTimeout(() => this.reply(id, kind, body, buffers)); // like a kernel, never while the app is still asking
  }

  private reply(id: string, kind: keyof Kinds, body: never, buffers: ArrayBuffer[]): void {
    const before = this.version;
    try {
      if (kind in REFUSED) throw new Error(REFUSED[kind as keyof typeof REFUSED]);
      const answer = this.answers[kind as keyof Answers] as (body: never, buffers: ArrayBuffer[]) => Sent<keyof Kinds>;
      const sent = answer(body, buffers);
      this.tell({ kind: "reply", id, ok: true, version: this.version, body: sent.body }, sent.buffers);
    } catch (error) {
      this.tell({
        kind: "reply",
        id,
        ok: false,
        version: this.version,
        error: { message: error instanceof Error ? error.message : String(error) },
      });
    }
    if (this.version > before) this.tell({ kind: "state", version: this.version, body: this.state() });
  }

  private tell(message: unknown, buffers: ArrayBuffer[] = []): void {
    for (const listener of this.listeners)
      listener(
        message,
        buffers.map(buffer => new DataView(buffer)),
      );
  }

  private known(): Answers {
    const { of } = this;
    return {
      open: () => ({ body: this.opened() }),
      leave: () => ({ body: {} }),
      state: () => ({ body: { version: this.version, body: this.state() } }),
      map: () => ({
        body: { version: 1, method: of.header.method, total: of.n },
        buffers: of.xy ? [of.xy.slice().buffer] : [],
      }),
      colours: ({ by, label, column }) => {
        const { codes, legend } = colours(of, by, label, column);
        return { body: { legend }, buffers: [codes.buffer as ArrayBuffer] };
      },
      lasso: ({ mode }, [buffer]) => this.drawn(inside(this.xy(), new Float32Array(buffer!)), mode),
      brush: ({ mode, radius }, [buffer]) => this.drawn(beside(this.xy(), new Float32Array(buffer!), radius), mode),
      select: ({ rows }) => this.narrowed(() => this.filters.select(rows)),
      selection: () => selected(of, this.filters.mask, this.version, this.filters.chips),
      filter: (asked: FilterAsked) => this.narrowed(() => this.filters.put(asked)),
      unfilter: ({ key }) => this.narrowed(() => this.filters.remove(key)),
      negate: ({ key }) => this.narrowed(() => this.filters.negate(key)),
      worklist: asked => ({ body: this.window(asked) }),
      find: ({ query }) => {
        const mask = found(of, query);
        return mask ? { body: { count: sum(mask) }, buffers: [pack(mask)] } : { body: { count: null } };
      },
      evidence: ({ row, label }) => ({ body: of.evidence(row, label) }),
      progress: () => ({ body: progress(of) }),
      label_table: asked => labelTable(of, asked, this.filters.mask),
      pair_matrix: asked => pairMatrix(of, asked),
      relation_table: asked => relationTable(of, asked),
      text: ({ row }) => ({ body: { text: of.text(row) } }),
      hover: ({ row }) => ({ body: of.hover(row) }),
      thumbnail: ({ row }) => {
        const { buffer, byteOffset, byteLength } = of.picture(row);
        return {
          body: { type: "image/webp" },
          buffers: [buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer],
        };
      },
      labels: ({ query, row }) => ({ body: this.labels(query, row) }),
    };
  }

  private opened(): Kinds["open"][1] {
    const { header, n, nLabels } = this.of;
    return {
      n_items: n,
      n_labels: nLabels,
      labels: this.labels("", -1, N_TOP_LABELS).labels,
      image: header.image,
      text: header.text,
      export_path: "",
      reviewer: "Read-only",
      guessed: false,
      colours: header.ways.map(({ by, column, name }) => ({ by, column, name })),
    };
  }

  private state(): State {
    const { header, xy, rows } = this.of;
    const mask = this.filters.mask;
    const counts = counted(this.of, mask);
    const missing = xy
      ? []
      : [{ name: "first_map", title: "Map", status: "skipped" as const, done: 0, error: header.no_map }];
    const versions = {
      map: xy ? 1 : 0,
      selection: this.version,
      worklist: 1,
      decisions: rows.length ? 1 : 0,
      pairs: 1,
    };
    return {
      stages: missing,
      running: false,
      versions,
      method: header.method,
      counts,
      selected: mask ? counts.all : null,
      filters: this.filters.chips,
    };
  }

  private xy(): Float32Array {
    if (!this.of.xy) throw new Error(this.of.header.no_map);
    return this.of.xy;
  }

  private drawn(mask: Uint8Array, mode: Mode): Chosen {
    return this.narrowed(() => this.filters.draw(mask, mode));
  }

  private narrowed(act: () => void): Chosen {
    act();
    return selected(this.of, this.filters.mask, ++this.version, this.filters.chips);
  }

  private window(asked: Kinds["worklist"][0]): Kinds["worklist"][1] {
    const mask = this.filters.mask;
    let token = asked.listing;
    let entries = this.listings.get(token);
    if (!entries) {
      entries = listed(this.of, asked, mask);
      this.listings.set((token = `L${this.next++}`), entries);
      if (this.listings.size > KEPT_LISTINGS) this.listings.delete(this.listings.keys().next().value!);
    }
    const window = entries
      .slice(asked.offset, asked.offset + asked.limit)
      .map(({ row, suggestion, conflict }) => this.of.entry(row, suggestion, conflict));
    return {
      listing: token,
      total: entries.length,
      offset: asked.offset,
      entries: window,
      counts: counted(this.of, mask),
      decisions: 1,
    };
  }

  /** Labels whose name holds the query, those that begin with it first, then the commoner ones. */
  private labels(query: string, row: number, most = N_FOUND): Kinds["labels"][1] {
    const { header, given } = this.of;
    const words = query.trim().toLowerCase();
    const found = header.labels
      .map((name, label) => ({ name: name.toLowerCase(), label }))
      .filter(({ name }) => name.includes(words));
    found.sort(
      (a, b) =>
        Number(b.name.startsWith(words)) - Number(a.name.startsWith(words)) || given[b.label]! - given[a.label]!,
    );
    const labels = found.slice(0, most).map(({ label }): Label => ({
      label,
      name: header.labels[label]!,
      count: given[label]!,
      ...(row >= 0 ? { chip: this.of.chip(row, label) } : {}),
    }));
    return { labels, total: found.length };
  }
}
