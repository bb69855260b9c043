/**
 * A kernel that is a recording: it answers the requests of the app from what is embedded in the page. What would
 * change something is refused.
 */

import type { FilterAsked, GroupsShown, Kinds, Label, Mode, State } from "../messages";
import { Refusal, type Model } from "../wire";
import { colours } from "./colours";
import { beside, Filters, inside, pack, sum } from "./filters";
import { counted, found, listed, type Listed } from "./listing";
import { LabelPages } from "./label_pages";
import type { Records } from "./records";
import { labelTable, pairMatrix, progress, relationTable, selected, type Chosen, type Sent } from "./tables";

const NO_SOURCES = "Sources are not in this published copy";
const READ_ONLY = "This is a published copy: it can be read, not changed";
const NO_PROPOSALS = "Proposed changes of the label set are not in a published copy";
const NO_RATERS = "Nobody votes in this published copy";
const NO_RULES = "No rules are in this published copy";
const NO_GROUPS = "Novel groups are not in this published copy: nobody had looked for them";
const NO_HEALTH = "Health is not in this published copy";
const NO_MODELS = "Models are not in this published copy: nobody had audited the labels";
/** Every request that is not answered, and why: none is left out by accident, and none is offered. */
const REFUSED = {
  decide: READ_ONLY,
  edit: READ_ONLY,
  confirm: READ_ONLY,
  judge: READ_ONLY,
  audit: READ_ONLY,
  rename: READ_ONLY,
  undo: READ_ONLY,
  redo: READ_ONLY,
  reasons: READ_ONLY,
  reason: READ_ONLY,
  reason_kinds: READ_ONLY,
  rule: READ_ONLY,
  ask_preview: READ_ONLY,
  ask: READ_ONLY,
  ask_stop: READ_ONLY,
  ask_resume: READ_ONLY,
  raters_export: READ_ONLY,
  rule_try: READ_ONLY,
  rule_save: READ_ONLY,
  rule_delete: READ_ONLY,
  rule_undo: READ_ONLY,
  rule_words: READ_ONLY,
  rules_export: READ_ONLY,
  rules_import: READ_ONLY,
  batch: READ_ONLY,
  batch_apply: READ_ONLY,
  unknown: READ_ONLY,
  unknown_decide: READ_ONLY,
  unknown_accept: READ_ONLY,
  rest_draw: READ_ONLY,
  rest: READ_ONLY,
  grid: READ_ONLY,
  grid_apply: READ_ONLY,
  rest_accept: READ_ONLY,
  bulk: READ_ONLY,
  bulk_apply: READ_ONLY,
  run: READ_ONLY,
  cancel: READ_ONLY,
  reconsider: READ_ONLY,
  export: READ_ONLY,
  static_view: READ_ONLY,
  groups_find: READ_ONLY,
  join: READ_ONLY,
  join_write: READ_ONLY,
  group_say: READ_ONLY,
  grow: READ_ONLY,
  grow_selected: READ_ONLY,
  grow_judge: READ_ONLY,
  grow_undo: READ_ONLY,
  label_text: READ_ONLY,
  proposals: NO_PROPOSALS,
  proposal: READ_ONLY,
  proposal_apply: READ_ONLY,
  attribution: "Words or regions that influenced the model need the model, which is not in a published copy",
  pair_grid: "All labels by all labels are not in a published copy; it holds the commonest",
} as const satisfies Partial<Record<keyof Kinds, string>>;
const N_TOP_LABELS = 60;
const N_FOUND = 50;
const N_LETTERS = 180; // of an example
const KEPT_LISTINGS = 8;

/** What was recorded, if it was. */
function kept<T>(recorded: T | null | undefined, why: string): { body: T } {
  if (!recorded) throw new Error(why);
  return { body: recorded };
}

type Answers = {
  [K in Exclude<keyof Kinds, keyof typeof REFUSED>]: (body: Kinds[K][0], buffers: ArrayBuffer[]) => Sent<K>;
};
type Listener = (message: unknown, buffers: DataView[]) => void;

export class Recording implements Model {
  private readonly listeners = new Set<Listener>();
  private readonly filters: Filters;
  private readonly labelPages: LabelPages;
  private readonly listings = new Map<string, Listed[]>();
  private readonly answers: Answers;
  private version = 1;
  private next = 1;

  constructor(private readonly of: Records) {
    this.filters = new Filters(of);
    this.labelPages = new LabelPages(of, this.filters);
    this.answers = this.known();
  }

  get(name: string): unknown {
    const { title, models, health, groups, rater_table, rule_table } = this.of.header;
    const absent: string[] = [];
    if (!models) absent.push("Models");
    if (!health) absent.push("Health");
    if (!groups) absent.push("Novel groups");
    if (!rater_table) absent.push("Raters");
    if (!rule_table) absent.push("Rules");
    if (!this.labelPages.any) absent.push("Label page");
    return { _title: title, _height: 720, _read_only: READ_ONLY, _absent: absent }[name];
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
        error: {
          message: error instanceof Error ? error.message : String(error),
          remedies: error instanceof Refusal ? error.remedies : [],
        },
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
      selection: () => selected(of, this.filters.chosen, this.version, this.filters.chips),
      filter: (asked: FilterAsked) => this.narrowed(() => this.filters.put(asked)),
      count: ({ queries }) => ({ body: { found: queries.map(query => this.filters.count(query)) } }),
      unfilter: ({ key }) => this.narrowed(() => this.filters.remove(key)),
      negate: ({ key }) => this.narrowed(() => this.filters.negate(key)),
      worklist: asked => ({ body: this.window(asked) }),
      find: ({ query }) => {
        const mask = found(of, query);
        return mask ? { body: { count: sum(mask) }, buffers: [pack(mask)] } : { body: { count: null } };
      },
      evidence: ({ row, label }) => ({ body: of.evidence(row, label) }),
      progress: () => ({ body: progress(of) }),
      models: ({ average }) => kept(of.header.models?.[average], NO_MODELS),
      raters: () => kept(of.header.rater_table, NO_RATERS),
      rules: () => kept(of.header.rule_table, NO_RULES),
      label_page: ({ label }) => ({ body: this.labelPages.page(label) }),
      label_examples: ({ label }) => ({ body: this.labelPages.examples(label) }),
      label_table: asked => labelTable(of, asked, this.filters.mask),
      pair_matrix: asked => pairMatrix(of, asked),
      relation_table: asked => relationTable(of, asked),
      sources: ({ basis = "" }) => kept(of.header.sources[basis], NO_SOURCES),
      health: () => kept(of.header.health?.report, NO_HEALTH),
      groups: () => ({ body: this.groups() }),
      regions: () => this.regions(),
      text: ({ row }) => ({ body: { text: of.text(row) } }),
      hover: ({ row }) => ({ body: of.hover(row) }),
      thumbnail: ({ row }) => this.picture(row),
      picture: ({ row }) => this.picture(row), // there is no larger one in the copy
      labels: ({ query, row }) => ({ body: this.labels(query, row) }),
    };
  }

  private picture(row: number): Sent<"thumbnail"> & Sent<"picture"> {
    const { buffer, byteOffset, byteLength } = this.of.picture(row);
    return {
      body: { type: "image/webp" },
      buffers: [buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer],
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
      judge: "",
      colours: header.ways.map(({ by, column, name }) => ({ by, column, name })),
    };
  }

  private state(): State {
    const { header, xy, rows } = this.of;
    const { mask, chosen } = this.filters;
    const counts = counted(this.of, chosen);
    const missing = xy
      ? []
      : [{ name: "first_map", title: "Map", status: "skipped" as const, done: 0, error: header.no_map }];
    const versions = {
      map: xy ? 1 : 0,
      selection: this.version,
      worklist: 1,
      decisions: rows.length ? 1 : 0,
      pairs: 1,
      voters: 1,
      health: 1,
      groups: 1,
    };
    return {
      stages: missing,
      running: false,
      versions,
      method: header.method,
      n_labels: this.of.nLabels,
      counts,
      selected: mask && sum(mask),
      filters: this.filters.chips,
    };
  }

  /** The groups, with the items as they are in the copy. */
  private groups(): GroupsShown {
    const { groups, ids } = this.of.header;
    if (!groups) throw new Error(NO_GROUPS);
    const example = (row: number) => {
      const text = this.of.text(row).replace(/\s+/g, " ").trim().slice(0, N_LETTERS);
      return { row, item: ids[row]!, text };
    };
    const shown = groups.report.groups.map(of => ({ ...of, examples: of.examples.map(({ row }) => example(row)) }));
    return { ...groups.report, groups: shown };
  }

  private regions(): Sent<"regions"> {
    const { regions } = this.of.header;
    if (!regions)
      return { body: { made: 1, images: false, regions: [], spots: [], groups: [], lines: [] }, buffers: [] };
    return { body: regions.report, buffers: [Float32Array.from(this.of.payload.array(regions.lines)).buffer] };
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
    return selected(this.of, this.filters.chosen, ++this.version, this.filters.chips);
  }

  private window(asked: Kinds["worklist"][0]): Kinds["worklist"][1] {
    const chosen = this.filters.chosen;
    let token = asked.listing;
    let entries = this.listings.get(token);
    if (!entries) {
      entries = listed(this.of, asked, chosen);
      this.listings.set((token = `L${this.next++}`), entries);
      if (this.listings.size > KEPT_LISTINGS) this.listings.delete(this.listings.keys().next().value!);
    }
    const window = entries
      .slice(asked.offset, asked.offset + asked.limit)
      .map(({ row, suggestion, label }) => this.of.entry(row, suggestion, label));
    return {
      listing: token,
      total: entries.length,
      offset: asked.offset,
      entries: window,
      counts: counted(this.of, chosen),
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
