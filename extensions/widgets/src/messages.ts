/** What travels between a view and the kernel. Made by extensions/messages.py: do not edit. */

export type LabelState = 1 | 0 | -1;
export type Decision = "accept" | "reject" | "skip";
export type Judgement = "right" | "wrong" | "undecidable";
export type Verdict = "pending" | "accepted" | "rejected" | "skipped";
export type Relation = "implies" | "identical" | "exclusive" | "overlaps";
export type Mode = "replace" | "add" | "remove";
export type Queue = "pending" | "accepted" | "rejected" | "skipped" | "all" | "conflicts" | "audit";
export type Order = "confidence" | "rare" | "label" | "group" | "suspicion" | "uncertain" | "shuffled" | "data";
export type Sort = "count" | "rare" | "name" | "selected" | "suggested";
export type Colour = "labels" | "label" | "suspicion" | "review" | "number" | "cluster" | "rater" | "column";
export type FilterAsked = QueryFilter | LabelFilter | PairFilter | RelationFilter | SimilarFilter | ItemFilter;
export type Action = "add" | "remove";
export type Tier = "head" | "medium" | "tail";

/** A verdict on a batch as it was shown. */
export interface ApplyBatchAsked {
  listing: string;
  total: number;
  verdict: Decision;
  like: string;
  above: number;
}

/** What speaks for a label in an item, or why that cannot be said. */
export interface Attributed {
  row: number;
  label: number;
  name: string;
  why: string;
  found: Influence | null;
}

/** A sample of so many cells. */
export interface AuditAsked {
  n: number;
}

/** The estimate for one kind of cells. */
export interface AuditPart {
  part: string;
  n_cells: number;
  n_audited: number;
  n_wrong: number;
  n_undecidable: number;
  wrong: number | null;
  wrong_low: number;
  wrong_high: number;
  rate: number | null;
  rate_low: number;
  rate_high: number;
}

/** What the judgements of the audit say so far, and what stopping now would mean. */
export interface AuditReport {
  audit: number;
  judged: number;
  parts: AuditPart[];
  discoveries: Share | null;
  undecidable: number;
  notes: string[];
  advice: "go on" | "audit first" | "stop";
  words: string;
}

/** How many suggestions were decided. */
export interface BatchApplied extends Tally {
  total: number;
}

/** Undecided suggestions of a listing: those like one of them, from a confidence on. */
export interface BatchAsked {
  listing: string;
  like: string;
  above: number;
}

/** One suggestion of a batch. */
export interface BatchExample {
  row: number;
  item: string;
  label: string;
  action: Action;
  confidence: number;
  text: string;
}

/** Equal changes of a batch, and the least confidence among them. */
export interface BatchGroup {
  label: string;
  action: Action;
  n: number;
  least: number;
}

/** What a batch would change. Companions: what its suggestions make necessary besides, accepted with them. */
export interface BatchShown {
  total: number;
  companions: number;
  items: number;
  n_groups: number;
  groups: BatchGroup[];
  sample: BatchExample[];
}

/** How many decisions a reviewer took. */
export interface ByReviewer {
  name: string;
  n: number;
}

/** Something of one cell. */
export interface CellAsked {
  row: number;
  label: number;
}

/** A change that a suggestion makes necessary: accepted with it, by the same decision. */
export interface Change {
  label: number;
  name: string;
  action: Action;
}

/** A label of an item; with the probability where there is a model, and what is suggested on a card. */
export interface Chip {
  label: number;
  name: string;
  state: LabelState;
  probability?: number;
  suggested?: Action;
}

/** What the codes of the items, in the buffer, mean. */
export interface Coloured {
  legend: LegendEntry[];
}

/** Codes of all items. */
export interface ColoursAsked {
  by: Colour;
  label: number;
  column: string;
}

/** A cell that reviewers disagree on. */
export interface Conflict {
  label: number;
  name: string;
  opinions: Opinion[];
}

/** Entries of the queues (of the audit: cells without a judgement), judged cells of the audit, changed cells. */
export interface Counts {
  pending: number;
  accepted: number;
  rejected: number;
  skipped: number;
  all: number;
  conflicts: number;
  audit: number;
  judged: number;
  changed: number;
}

/** A verdict on a suggestion. */
export interface DecideAsked {
  suggestion: string;
  verdict: Decision;
}

/** The card as it is now, and how many suggestions were decided. */
export interface Decided extends Tally {
  entry: Entry;
  n: number;
}

/** It is done: there is nothing else to say. */
export type Done = Record<string, never>;

/** A polygon on the map; its corners are in the buffer. */
export interface DrawnAsked {
  mode: Mode;
}

/** A state for a cell. */
export interface EditAsked {
  row: number;
  label: number;
  state: LabelState;
  suggestion: string;
}

/** The card and the chip as they are now. */
export interface Edited extends Tally {
  entry: Entry;
  chip: Chip;
}

/**
 * A card: an item, what it is about (the label, or -1), and the labels that matter for it; `more` letters are left out.
 */
export interface Entry {
  row: number;
  item: string;
  text: string;
  more: number;
  image: boolean;
  label: number;
  suggestion: Suggestion | null;
  conflict: Conflict | null;
  chips: Chip[];
  audit?: Question;
}

/** Why one cell is believed or doubted. `without`: why there are no neighbours, where embeddings are there. */
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
  neighbors: Neighbors | null;
  votes: Vote[];
  history: Past[];
  fields: Field[];
  without: string;
}

/** What was written, in words. */
export interface Exported {
  summary: string;
}

/** Whether to believe an attribution. */
export interface Faithful {
  verdict: "faithful" | "weak" | "unfaithful" | "flat" | "short";
  words: string;
}

/** A column of an item, in words. */
export interface Field {
  name: string;
  value: string;
}

/** One condition of the selection. */
export interface FilterChip {
  key: string;
  kind: string;
  title: string;
  negated: boolean;
  count: number;
}

/** How many items a search finds, one bit an item in the buffer; None without words to search for. */
export interface Found {
  count: number | null;
}

/** Labels by name, and how many there are. */
export interface FoundLabels {
  labels: Label[];
  total: number;
}

/** What the map shows when the pointer rests on an item. */
export interface Hovered {
  row: number;
  item: string;
  text: string;
  labels: string[];
  n_labels: number;
}

/** What speaks for a label in an item, weights in [-1, 1]. */
export interface Influence {
  of: "text" | "image";
  finding: string;
  faithful: Faithful;
  notes: string[];
  pieces: [string, number][];
  squares: [number, number, number, number, number][];
}

/** Something of one item. */
export interface ItemAsked {
  row: number;
}

/** One item. */
export interface ItemFilter {
  by: "item";
  row: number;
}

/** What a person says of the given state of a cell of the sample. */
export interface JudgeAsked {
  row: number;
  label: number;
  verdict: Judgement;
}

/** The card of an audited cell as it is now. */
export interface Judged extends Tally {
  entry: Entry;
}

/** One filter of the selection. */
export interface KeyAsked {
  key: string;
}

/** A label with the items that have it; with its chip where an item was named. */
export interface Label {
  label: number;
  name: string;
  count: number;
  chip?: Chip;
}

/** The items on which a label has a state. */
export interface LabelFilter {
  by: "label";
  label: number;
  state: LabelState;
}

/** A label with its counts. */
export interface LabelRow {
  label: number;
  name: string;
  tier: Tier;
  positive: number;
  unknown: number;
  selected: number;
  add: number;
  remove: number;
}

/** A window of the labels with their counts, and the whole long tail as a curve. */
export interface LabelTable {
  total: number;
  offset: number;
  most: number;
  n_selected: number | null;
  rows: LabelRow[];
  curve: [number, number][];
  tiers: Record<Tier, number>;
}

/** A window of the labels with their counts. */
export interface LabelTableAsked {
  sort: Sort;
  query: string;
  offset: number;
  limit: number;
}

/** Labels by name; with their chips on an item, if one is named. */
export interface LabelsAsked {
  query: string;
  row: number;
}

/** What a code of a colour means, with a query for its items where there is one. */
export interface LegendEntry {
  code: number;
  name: string;
  role: string;
  count: number;
  query?: string;
}

/** A window of a listing. */
export interface Listed extends Tally {
  listing: string;
  total: number;
  offset: number;
  entries: Entry[];
}

/** The map, or what of it lies between left, bottom, right and top. */
export interface MapAsked {
  bounds: number[];
}

/** Who reviews. */
export interface NameAsked {
  name: string;
}

/** A label and its name. */
export interface NamedLabel {
  label: number;
  name: string;
}

/** An item near another, with its state of the label. */
export interface Neighbor {
  row: number;
  item: string;
  text: string;
  similarity: number;
  state: LabelState;
  duplicate: boolean;
}

/** Near items whose state of the label is known. */
export interface Neighbors {
  asked: number;
  agree: Side;
  contradict: Side;
}

/** What people said since the suggestions were made. */
export interface News {
  decisions: number;
  relations: number;
}

/** No more than the kind of the request. */
export type Nothing = Record<string, never>;

/** The newest state and its number. */
export interface NumberedState {
  version: number;
  body: State;
}

/** What the data set is; with the map and its colours where they are there. */
export interface Opened {
  n_items: number;
  n_labels: number;
  labels: Label[];
  image: boolean;
  text: boolean;
  export_path: string;
  reviewer: string;
  guessed: boolean;
  colours: Way[];
  map?: Placed;
  legend?: LegendEntry[];
}

/** What a reviewer says of a cell. */
export interface Opinion {
  reviewer: string;
  state: LabelState;
}

/** The items with both labels. */
export interface PairFilter {
  by: "pair";
  a: number;
  b: number;
}

/** All labels by all labels, or windows of them, in cells whose values are in the buffers. */
export interface PairGrid {
  ready: boolean;
  n_labels: number;
  down: [number, number];
  across: [number, number];
  shape: [number, number];
  names: [string[], string[]];
  labels: [number[], number[]];
  found: Record<number, string>;
}

/** All labels by all labels, or windows [first, last) of them. */
export interface PairGridAsked {
  down: number[];
  across: number[];
  most: number;
}

/** Some labels and, in the buffers, counts, lift and significance of their pairs; `whole`: all of them can be shown. */
export interface PairMatrix {
  ready: boolean;
  labels: NamedLabel[];
  focus: number;
  n_labels: number;
  summary: string;
  whole: boolean;
}

/** The commonest labels, or those that go with one. */
export interface PairMatrixAsked {
  label: number;
  n: number;
  order: "cluster" | "count";
}

/** What somebody decided on a cell before. */
export interface Past {
  reviewer: string;
  verdict: string;
  after: LabelState;
  time: string;
}

/** Where to write. */
export interface PathAsked {
  path: string;
}

/** Which map it is whose places are in the buffer; a second buffer names the items where it is a sample. */
export interface Placed {
  version: number;
  method: string;
  total: number;
}

/** How far the review is, and whether an audit sample can be drawn. */
export interface ProgressReport {
  counts: Counts;
  review: ReviewYield;
  remaining: Remaining;
  audit: AuditReport | null;
  searched: boolean;
}

/** The items of a query. */
export interface QueryFilter {
  by: "query";
  text: string;
}

/** A cell of the audit sample: nothing else is known about it on its card. It may have been judged elsewhere. */
export interface Question {
  label: number;
  name: string;
  given: 0 | 1;
  judgement: Judgement | "judged" | null;
}

/** Yield of the last decisions. */
export interface Recent {
  n: number;
  accepted: number;
}

/** The items that break a relation, or that have both labels where it cannot be broken. */
export interface RelationFilter {
  by: "relation";
  relation: Relation;
  a: string;
  b: string;
}

/** A relation between two labels, and what a person said of it where somebody can be asked. */
export interface RelationRow {
  label_a: string;
  label_b: string;
  relation: Relation;
  n_a: number;
  n_b: number;
  n_ab: number;
  expected: number;
  counter_examples: number | null;
  q_value: number | null;
  source: string;
  supported: boolean | null;
  direct: boolean;
  verdict?: "confirmed" | "rejected" | "pending";
}

/** Relations, and how many there are of each kind. */
export interface RelationTable {
  ready: boolean;
  total: number;
  kinds: Record<string, number>;
  rows: RelationRow[];
}

/** The relations of a kind, with labels of a name. */
export interface RelationTableAsked {
  relation: string;
  query: string;
}

/** Wrong cells that are left, by an audit. */
export interface Remaining {
  text: string;
  count: number | null;
  low: number | null;
  high: number | null;
  n_judged: number;
}

/** Who reviews now. */
export interface Renamed {
  reviewer: string;
}

/** What the decisions have come to. */
export interface ReviewYield {
  reviewed: number;
  accepted: number;
  rate: Share | null;
  per_minute: number | null;
  recent: Recent;
  curve: [number, number][];
  reviewers: ByReviewer[];
}

/** Exactly these items; none for no selection. */
export interface RowsAsked {
  rows: number[];
}

/** What a person says of a relation. */
export interface RuleAsked {
  a: string;
  relation: string;
  b: string;
  verdict: "confirm" | "reject" | "withdraw";
}

/** How many cells the audit sample has now. */
export interface Sampled extends Tally {
  n: number;
}

/** The filters and how many items they leave; the buffer holds one bit an item, and there is none without a filter. */
export interface Selected {
  version: number;
  count: number | null;
  counts: Counts;
  filters: FilterChip[];
}

/** A share with its 95 % interval. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

/** How many near items are of one opinion, and the nearest of them. */
export interface Side {
  n: number;
  items: Neighbor[];
}

/** Items like one. */
export interface SimilarFilter {
  by: "similar";
  row: number;
  k: number;
}

/** Where a stage is: its share done, and why it did not run to its end. */
export interface StageReport {
  name: string;
  title: string;
  status: "waiting" | "running" | "done" | "failed" | "cancelled" | "skipped";
  done: number;
  error: string;
}

/** What is pushed whenever it changes; the last two only where somebody can decide. */
export interface State {
  stages: StageReport[];
  running: boolean;
  versions: VersionNumbers;
  method: string;
  counts: Counts;
  selected: number | null;
  filters: FilterChip[];
  reviewer?: string;
  news?: News;
}

/** The last decision taken back, or taken again; `blind` while the audit is shown. */
export interface StepAsked {
  blind: boolean;
}

/** What an undo or redo was about, and how many decisions it took back or again; none, if there was nothing. */
export interface Stepped extends Tally {
  entry: Entry | null;
  label: string;
  n: number;
}

/** What is saved with a notebook: MIME type to data. */
export interface Still {
  data: Record<string, unknown>;
}

/** A stroke on the map; its points are in the buffer. */
export interface StrokeAsked {
  radius: number;
  mode: Mode;
}

/** A suggestion with the verdict on it. */
export interface Suggestion {
  id: string;
  label: number;
  name: string;
  action: Action;
  confidence: number | null;
  reason: string;
  verdict: Verdict;
  companions: Change[];
}

/** What every reply about decisions says: the counts, and the number of the newest decision known to it. */
export interface Tally {
  counts: Counts;
  decisions: number;
}

/** The whole text of an item. */
export interface Text {
  text: string;
}

/** MIME type of the picture in the buffer. */
export interface Thumbnail {
  type: string;
}

/** Numbers that rise whenever something else is to be shown. */
export interface VersionNumbers {
  map: number;
  selection: number;
  worklist: number;
  decisions: number;
  pairs: number;
}

/** A view comes or goes. */
export interface ViewAsked {
  view: string;
}

/** What a rater says of a cell. */
export interface Vote {
  rater: string;
  value: LabelState;
}

/** Something that the map can be coloured by. */
export interface Way {
  by: Colour;
  column: string;
  name: string;
}

/** Words to search for. */
export interface WordsAsked {
  query: string;
}

/** A window of a listing; the listing is made if it is not named, or too old. */
export interface WorklistAsked {
  queue: Queue;
  order: Order;
  listing: string;
  query: string;
  offset: number;
  limit: number;
}

/** Body of the request and body of the reply, by kind. */
export interface Kinds {
  open: [ViewAsked, Opened];
  leave: [ViewAsked, Done];
  state: [Nothing, NumberedState];
  run: [Nothing, Done];
  cancel: [Nothing, Done];
  reconsider: [Nothing, Done];
  still: [Nothing, Still];
  map: [MapAsked, Placed];
  colours: [ColoursAsked, Coloured];
  text: [ItemAsked, Text];
  hover: [ItemAsked, Hovered];
  thumbnail: [ItemAsked, Thumbnail];
  labels: [LabelsAsked, FoundLabels];
  rename: [NameAsked, Renamed];
  export: [PathAsked, Exported];
  progress: [Nothing, ProgressReport];
  evidence: [CellAsked, Evidence];
  attribution: [CellAsked, Attributed];
  selection: [Nothing, Selected];
  lasso: [DrawnAsked, Selected];
  brush: [StrokeAsked, Selected];
  select: [RowsAsked, Selected];
  filter: [FilterAsked, Selected];
  unfilter: [KeyAsked, Selected];
  negate: [KeyAsked, Selected];
  find: [WordsAsked, Found];
  worklist: [WorklistAsked, Listed];
  decide: [DecideAsked, Decided];
  edit: [EditAsked, Edited];
  undo: [StepAsked, Stepped];
  redo: [StepAsked, Stepped];
  batch: [BatchAsked, BatchShown];
  batch_apply: [ApplyBatchAsked, BatchApplied];
  audit: [AuditAsked, Sampled];
  judge: [JudgeAsked, Judged];
  label_table: [LabelTableAsked, LabelTable];
  pair_matrix: [PairMatrixAsked, PairMatrix];
  pair_grid: [PairGridAsked, PairGrid];
  relation_table: [RelationTableAsked, RelationTable];
  rule: [RuleAsked, Done];
}
