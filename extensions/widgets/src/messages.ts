/** What travels between a view and the kernel. Made by extensions/messages.py: do not edit. */

export type LabelState = 1 | 0 | -1;
export type Judgement = "right" | "wrong" | "undecidable";
export type Verdict = "pending" | "accepted" | "rejected" | "skipped";
export type Decision = "accept" | "reject" | "skip";
export type Relation = "implies" | "identical" | "exclusive" | "overlaps";
export type Bulk = "add" | "remove" | "unknown" | "confirm";
export type Mode = "replace" | "add" | "remove";
export type Queue =
  | "pending"
  | "accepted"
  | "rejected"
  | "skipped"
  | "agreed"
  | "all"
  | "label_next"
  | "ask_next"
  | "ambiguous"
  | "unknown"
  | "sample"
  | "unlike"
  | "conflicts"
  | "audit";
export type Order =
  "confidence" | "learned" | "rare" | "label" | "group" | "suspicion" | "uncertain" | "shuffled" | "data";
export type Averaged = "micro" | "macro" | "hierarchical";
export type Colour =
  "labels" | "label" | "suspicion" | "density" | "review" | "number" | "cluster" | "rater" | "column";
export type FilterAsked =
  | QueryFilter
  | LabelFilter
  | SuggestedFilter
  | PairFilter
  | RelationFilter
  | RuleFilter
  | SourceFilter
  | PersonalFilter
  | HealthFilter
  | GroupFilter
  | PlaceFilter
  | FigureFilter
  | SimilarFilter
  | ItemFilter;
export type Sort = "count" | "rare" | "name" | "selected" | "suggested";
export type GrowFrom = "next" | "sample" | "selection";
export type Action = "add" | "remove";
export type Tier = "head" | "medium" | "tail";

/** Cells of a label that stay unknown, and why. */
export interface AbstainedGroup {
  name: string;
  n: number;
  reason: string;
}

/** Accept that, as many cells as were shown. */
export interface AcceptRestAsked {
  total: number;
  alpha: number;
}

/** All unknown cells of a label that would become one state, as many as were shown. */
export interface AcceptUnknownAsked {
  label: number;
  state: LabelState;
  total: number;
}

/** The same as it was shown: so many cells are to be asked about. */
export interface ApplyAsk extends AskCells {
  cells: number;
}

/** A verdict on a batch as it was shown. */
export interface ApplyBatchAsked {
  listing: string;
  total: number;
  verdict: Decision;
  like: string;
  above: number;
}

/** The same done as it was shown: on the same selection, and as many cells. */
export interface ApplyBulkAsked {
  do: Bulk;
  selection: number;
  total: number;
  label: number;
  without: number[];
}

/** Items that are right about a label and state, but for the wrong ones among them. */
export interface ApplyGridAsked {
  label: number;
  state: 1 | 0;
  rows: number[];
  wrong: number[];
}

/** The first cells of a listing, to ask a judge about. */
export interface AskCells {
  listing: string;
  n: number;
}

/** What would be sent: to whom, about how many cells of a list, and one question as an example. */
export interface AskPreview {
  judges: AskedJudge[];
  total: number;
  cells: number;
  known: number;
  item: string;
  label: string;
  text: string;
  tokens: number | null;
}

/** A judge by its name, and the address that questions to it are sent to; "" for a function in this kernel. */
export interface AskedJudge {
  name: string;
  address: string;
  pictures: boolean;
  calls: number | null;
  tokens: number | null;
}

/** How far a run is: the answers of each judge so far, the first of `total` cells; `trouble`: what went wrong. */
export interface Asking {
  run: number;
  total: number;
  judges: JudgeTally[];
  running: boolean;
  stopping: boolean;
  trouble: string;
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

/**
 * A label set on all selected items, or all of them confirmed; without those that were taken out. From an offset on.
 */
export interface BulkAsked {
  do: Bulk;
  label: number;
  without: number[];
  offset: number;
}

/** An item that would change, with the state of its cell now. */
export interface BulkItem {
  row: number;
  item: string;
  text: string;
  state: LabelState;
}

/** What the rules change with a label: another label that gets a state on so many items. */
export interface BulkRule {
  label: string;
  state: LabelState;
  n: number;
}

/**
 * What a change of the selection would do: cells and items that change, those that are so already, and those left
 * alone.
 */
export interface BulkShown {
  selection: number;
  total: number;
  items: number;
  same: number;
  decided: number;
  rules: BulkRule[];
  entries: BulkItem[];
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

/**
 * A label of an item; with the probability where there is a model, and what is suggested or proposed (a pseudo-label)
 * on a card.
 */
export interface Chip {
  label: number;
  name: string;
  state: LabelState;
  probability?: number;
  suggested?: Action;
  proposed?: LabelState;
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

/** The labels of an item are right as they stand; its card is about a suggestion, if one is named. */
export interface ConfirmAsked extends ItemAsked {
  suggestion: string;
}

/** A cell that reviewers disagree on. */
export interface Conflict {
  label: number;
  name: string;
  opinions: Opinion[];
}

/** Another label that the label is confused with (`words` say how) or that its items often have too, and its query. */
export interface ConfusedLabel {
  name: string;
  words: string;
  query: string;
}

/** How much each of some queries would list. */
export interface CountAsked {
  queries: string[];
}

/** How much each query would list, in their order. */
export interface Counted {
  found: CountedQuery[];
}

/** Items that a query selects, and cells where it names some; or why it is none. */
export interface CountedQuery {
  items: number;
  cells?: number;
  error: string;
}

/** Entries of the queues, judged cells of the audit, changed cells. */
export interface Counts {
  pending: number;
  accepted: number;
  rejected: number;
  skipped: number;
  agreed: number;
  all: number;
  label_next: number | null;
  ask_next: number | null;
  ambiguous: number | null;
  unlike: number;
  conflicts: number;
  audit: number;
  judged: number;
  changed: number;
  unknown: number;
  sample: number;
}

/** A verdict on a suggestion. */
export interface DecideAsked {
  suggestion: string;
  verdict: Decision;
}

/** A verdict on what is proposed for an unknown cell: "reject" says that it is the other state. */
export interface DecideUnknownAsked extends CellAsked {
  verdict: Decision;
}

/** The card as it is now, and how many suggestions were decided. */
export interface Decided extends Tally {
  entry: Entry;
  n: number;
}

/** It is done: there is nothing else to say. */
export type Done = Record<string, never>;

/** A sample of a list, or of the unknown cells of a label that would become one state. */
export interface DrawRestAsked {
  listing: string;
  label: number;
  state: LabelState;
}

/** A polygon on the map; its corners are in the buffer. */
export interface DrawnAsked {
  mode: Mode;
}

/** A state for a cell. */
export interface EditAsked extends CellAsked {
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
  ask?: string;
  proposed?: Proposed;
  said?: string;
}

/** Why one cell is believed or doubted. */
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
  votes: Word[];
  agreed: number | null;
  history: Past[];
  fields: Field[];
  without: string;
}

/** Of the next `n` suggestions in the order that learns, how many are likely right. */
export interface Expected {
  n: number;
  repairs: number;
}

/** Where to write the corrected table; `redact`: without personal data. */
export interface ExportAsked {
  path: string;
  redact: boolean;
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

/** The cells of a figure of a label page; `rows`: of its examples, which items those are. */
export interface FigureFilter {
  by: "figure";
  label: number;
  figure:
    "given" | "changed" | "disagreement" | "exemplar" | "borderline, given" | "borderline, not given" | "confused";
  rows: number[];
}

/** One condition of the selection; with the number of cells where it names some. */
export interface FilterChip {
  key: string;
  kind: string;
  title: string;
  negated: boolean;
  count: number;
  cells?: number;
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

/** Items of a list that are about the same label and state as its entry at a place. */
export interface GridAsked {
  listing: string;
  at: number;
}

/** An item among many. */
export interface GridItem {
  row: number;
  item: string;
  text: string;
  image: boolean;
}

/** Items that would all get a state of a label; how many there are in the list, and the rows that come after them. */
export interface GridShown {
  label: number;
  name: string;
  state: 1 | 0;
  left: number;
  items: GridItem[];
  ahead: number[];
}

/** One of the most central items of a group. */
export interface GroupExample {
  row: number;
  item: string;
  text: string;
}

/** The items of a group that no label explains. */
export interface GroupFilter {
  by: "group";
  key: string;
}

/** A group that no label explains, by its key. */
export interface GroupPlace {
  key: string;
  name: string;
  x: number;
  y: number;
  items: number;
}

/** What a person says of a group of items that no label explains; `name`: what it is to be called. */
export interface GroupSaid {
  key: string;
  do: "dismiss" | "restore" | "name";
  name: string;
}

/** One group: `key` names it in a request. */
export interface GroupShown {
  key: string;
  group: number;
  name: string;
  proposed: string;
  words: string[];
  items: number;
  stability: number;
  steady: string;
  nearest: string;
  share: number;
  state: "open" | "taken" | "dismissed";
  label: string;
  examples: GroupExample[];
}

/** All groups, the most stable and coherent first. */
export interface GroupsShown {
  found: boolean;
  blocked: string;
  stale: boolean;
  alone: number;
  images: boolean;
  groups: GroupShown[];
}

/** What to look at next for it; `of`: by what is known, at random for the count, or out of the selected items. */
export interface GrowAsked extends GrowNamed {
  of: GrowFrom;
}

/** How many items have the label in all, with a 95% interval, from a sample of so many. */
export interface GrowCount {
  estimate: number;
  low: number;
  high: number;
  sampled: number;
}

/** An item to look at, and the probability that it has the label, null where nothing is known. */
export interface GrowItem {
  row: number;
  item: string;
  text: string;
  image: boolean;
  probability: number | null;
}

/** Whether an item has the label; unknown takes back what was said. */
export interface GrowJudged extends LabelNameAsked {
  row: number;
  state: LabelState;
  description: string;
}

/** A label that is just being made, and what it means. */
export interface GrowNamed extends LabelNameAsked {
  description: string;
}

/**
 * What to look at next, and what these items were chosen by; how many there are is null before a sample of them is
 * judged.
 */
export interface GrowRound extends GrowTold {
  items: GrowItem[];
  basis: "examples" | "words" | "random" | "selection";
  count: GrowCount | null;
  advice: string;
}

/**
 * What is said of the label so far: whether it is there, the items with it and without it; the item that was just
 * judged or -1.
 */
export interface GrowTold {
  name: string;
  there: boolean;
  positive: number;
  negative: number;
  row: number;
  state: LabelState;
}

/** The items or cells of a finding of the tab Health. */
export interface HealthFilter {
  by: "health";
  check: string;
}

/** What mends a finding: a queue to work through, or a tab. */
export interface HealthFix {
  words: string;
  queue: Queue | null;
  tab: string;
}

/** A label that a finding names, and what of it. */
export interface HealthLabel {
  label: number;
  name: string;
  words: string;
}

/** All findings, the worst first; before the stage is over (`measured` is false), those that need no stage. */
export interface HealthReport {
  measured: boolean;
  summary: string;
  rows: HealthRow[];
}

/** A finding: what was looked at, how bad it is, and a sentence. */
export interface HealthRow {
  check: string;
  severity: "serious" | "warning" | "fine" | "not measured";
  says: string;
  labels: HealthLabel[];
  n_labels: number;
  items: number | null;
  cells: number | null;
  fix: HealthFix | null;
  column: string;
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

/** The file of another data set; `embeddings`: a .npy file of its embeddings, "" for none. */
export interface JoinAsked {
  path: string;
  embeddings: string;
}

/** What was found. */
export interface JoinCompared {
  made: number;
  left: JoinSide;
  right: JoinSide;
  reading: string;
  told: string[];
  pairs: JoinPair[];
  path: string;
}

/** The pairs, by `at`, that a person confirmed of the comparison `made`, and where the joined table goes. */
export interface JoinConfirmed {
  made: number;
  confirmed: number[];
  path: string;
}

/** Two labels that may be one, or of which one may imply the other. */
export interface JoinPair {
  at: number;
  left: string;
  right: string;
  relation: "identical" | "same name" | "implies" | "implied by";
  score: number | null;
  examples: string[];
}

/** One of the two: what it is called, how large it is, and the labels that only it has or that cannot be compared. */
export interface JoinSide {
  name: string;
  items: number;
  labels: number;
  alone: string[];
  unclear: string[];
}

/** What was written, in a line. */
export interface JoinTold {
  summary: string;
}

/** What a person says of the given state of a cell of the sample. */
export interface JudgeAsked extends CellAsked {
  verdict: Judgement;
}

/** The answers of a judge in this run. */
export interface JudgeTally {
  name: string;
  yes: number;
  no: number;
  unsure: number;
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

/**
 * How far voters agree on a label: alpha (Krippendorff) with its limits, and AC1 (Gwet), on cells with two votes or
 * more.
 */
export interface LabelAgreement {
  label: string;
  n_cells: number;
  alpha: [number, number, number] | null;
  ac1: number | null;
}

/** Cells of like probability, and the share of them that is positive with its 95% interval; `query`: these items. */
export interface LabelBin {
  n: number;
  probability: number;
  share: number;
  low: number;
  high: number;
  query: string;
}

/** Something of a label, by its position. */
export interface LabelColumnAsked {
  label: number;
}

/** Typical and borderline items, labels that it is confused with or goes with, and whether the embedding sees it. */
export interface LabelExamples {
  items: LabelItem[];
  confused: ConfusedLabel[];
  goes_with: ConfusedLabel[];
  sight: string;
}

/** A figure in words, and the query that lists its items or cells; "" where there is none. */
export interface LabelFact {
  section: string;
  figure: string;
  words: string;
  query: string;
  cells: boolean;
}

/** The items on which a label has a state. */
export interface LabelFilter {
  by: "label";
  label: number;
  state: LabelState;
}

/** An item on the page; `figure`: its suspicion, or the probability that the model gives it, 0 to 1. */
export interface LabelItem {
  row: number;
  item: string;
  kind: "missing" | "spurious" | "exemplar" | "borderline, given" | "borderline, not given" | "confused";
  other: string;
  text: string;
  figure: number;
}

/** Something of a label, by its name. */
export interface LabelNameAsked {
  label: string;
}

/**
 * What is known about a label; `examples`: whether typical items can be asked for, `images`: whether items have
 * pictures.
 */
export interface LabelPageShown {
  label: number;
  name: string;
  description: string;
  guideline: string;
  facts: LabelFact[];
  rules: LabelRule[];
  shares: LabelShare[];
  bins: LabelBin[];
  items: LabelItem[];
  examples: boolean;
  images: boolean;
}

/** An edit that is suggested, and why; `into`: the label that takes the items, "" where somebody must name one. */
export interface LabelProposal {
  edit_id: string;
  action: "merge" | "rename" | "split";
  label: string;
  into: string;
  items: number;
  reason: string;
}

/** The edits that are suggested for a label. */
export interface LabelProposals {
  proposals: LabelProposal[];
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

/** A relation to another label, the items that break it, and the query that lists them. */
export interface LabelRule {
  label_a: string;
  relation: "implies" | "identical" | "exclusive";
  label_b: string;
  exceptions: number | null;
  query: string;
}

/** The share of the label in a split with its 95% interval, null where nothing is known. */
export interface LabelShare {
  split: string;
  n_positive: number;
  share: number | null;
  low: number | null;
  high: number | null;
  query: string;
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

/** What a label means and when it is to be given, to write; "" for nothing. */
export interface LabelTextAsked extends LabelColumnAsked {
  description: string;
  guideline: string;
}

/** What a label means and when it is to be given, as it stands. */
export interface LabelTextShown {
  description: string;
  guideline: string;
}

/** Labels by name; with their chips on an item, if one is named. */
export interface LabelsAsked {
  query: string;
  row: number;
}

/**
 * What a code of a colour means, with a query for its items where there is one; of a level its lowest and highest
 * number.
 */
export interface LegendEntry {
  code: number;
  name: string;
  role: string;
  count: number;
  query?: string;
  ends?: string[];
}

/** A window of a listing. */
export interface Listed extends Tally {
  listing: string;
  total: number;
  offset: number;
  entries: Entry[];
}

/** A list, by the name of its listing. */
export interface ListingAsked {
  listing: string;
}

/** The map, or what of it lies between left, bottom, right and top. */
export interface MapAsked {
  bounds: number[];
}

/** F1 of the models for one label, each as in the table of all; `n_audited`: audited cells of the label. */
export interface ModelLabel {
  label: number;
  name: string;
  n_audited: number;
  rows: ModelRow[];
}

/**
 * Two models by one metric on the truth: difference with its limits, which is better (null: not decided), and that in
 * words.
 */
export interface ModelPair {
  model: string;
  other: string;
  metric: string;
  difference: [number, number, number] | null;
  better: string | null;
  says: string;
}

/** A model by one metric: counted on the labels as given and as they stand, estimated on the truth with its limits. */
export interface ModelRow {
  model: string;
  metric: string;
  given: number | null;
  corrected: number | null;
  truth: [number, number, number] | null;
}

/** All models; `why`: what it would take to judge them on the truth, where that is not known. */
export interface ModelTable {
  why: string;
  average: Averaged;
  averages: Averaged[];
  n_audited: number;
  confidence: number;
  rows: ModelRow[];
  pairs: ModelPair[];
  labels: ModelLabel[];
  n_more_labels: number;
}

/** The models, with an average over the labels. */
export interface ModelsAsked {
  average: Averaged;
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

/** No more than the kind of the request. */
export type Nothing = Record<string, never>;

/** The newest state and its number. */
export interface NumberedState {
  version: number;
  body: State;
}

/** What the data set is; with the map and its colours where they are there; the judge that can be asked, or "". */
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
  judge: string;
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

/** The items with personal data of a kind in a column. */
export interface PersonalFilter {
  by: "personal";
  column: string;
  kind: string;
}

/** Items with personal data of a kind in a column. */
export interface PersonalRow {
  column: string;
  kind: string;
  n_items: number;
}

/** The items of a region of the map, or the cells of a hot spot; `made`: which of the maps is meant. */
export interface PlaceFilter {
  by: "place";
  what: "region" | "spot";
  made: number;
  at: number;
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
  expected: Expected | null;
  unlike: number;
  agreement: ReviewerAgreement[];
}

/** The same, to be done; `cells`: how many would change, as was shown. */
export interface ProposalApplied extends ProposalAsked {
  cells: number;
}

/** An edit of the label set that is suggested; `into`: the label that takes the items. */
export interface ProposalAsked {
  edit_id: string;
  into: string;
}

/** What an edit would change: how many cells, and in words what becomes of the labels. */
export interface ProposalShown {
  cells: number;
  words: string[];
}

/** A pseudo-label of an unknown cell, and what became of it; `probability`: of positive. */
export interface Proposed {
  label: number;
  name: string;
  state: LabelState;
  probability: number;
  reason: string;
  verdict: Verdict;
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

/** Where to write a table of the raters: votes wanted, or soft labels. */
export interface RaterFile {
  what: "wanted" | "soft";
  path: string;
}

/** A voter over all labels: shares with their 95% limits, null where there is nothing to count. */
export interface RaterRow {
  rater: string;
  kind: "rater" | "rule" | "judge";
  n_votes: number;
  n_items: number;
  sensitivity: [number, number, number] | null;
  specificity: [number, number, number] | null;
  basis: "audited" | "agreement";
  at_chance: boolean;
  drift: number | null;
  n_decided: number;
  right: [number, number, number] | null;
}

/** All voters, the most informed first, and the labels, the least agreement first; `why`: why there are none. */
export interface RaterTable {
  why: string;
  rows: RaterRow[];
  labels: LabelAgreement[];
  undecided: number;
  suffice: boolean;
  ambiguous: number;
  wanted: number;
}

/** How far to believe a voter on a label: share and 95% limits. */
export interface Rates {
  sensitivity: [number, number, number] | null;
  specificity: [number, number, number] | null;
  n: number;
  basis: "audited" | "agreement";
}

/** The reason of a verdict, by the number of its decision. */
export interface ReasonAsked {
  about: number;
  reason: string;
}

/** How many decisions have a reason. */
export interface ReasonCount {
  reason: string;
  n: number;
}

/** The reasons to choose from. */
export interface ReasonKindsAsked {
  kinds: string[];
}

/** The last verdict of the reviewer, how many cells it is about, its reason or "", and the reasons to choose from. */
export interface ReasonsShown {
  about: number;
  verdict: "accepted" | "rejected" | "skipped" | "edited" | "confirmed";
  state: LabelState;
  label: string;
  item: string;
  n: number;
  reason: string;
  kinds: string[];
}

/** Yield of the last decisions. */
export interface Recent {
  n: number;
  accepted: number;
}

/** A region: `at` names it in a request, `level` is 0 for the largest, `row` is its most typical item. */
export interface RegionPlace {
  at: number;
  level: number;
  name: string;
  x: number;
  y: number;
  items: number;
  row: number;
}

/** What is written on the map. */
export interface RegionsShown {
  made: number;
  images: boolean;
  regions: RegionPlace[];
  spots: SpotPlace[];
  groups: GroupPlace[];
  lines: number[];
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

/** What may be accepted unseen, with this share of wrong cells at most. */
export interface RestAsked {
  alpha: number;
}

/** How far the sample of a list is judged, and how much of the list may be accepted unseen. */
export interface RestShown {
  title: string;
  n_listed: number;
  n_judged: number;
  n_wrong: number;
  alpha: number;
  n_free: number;
  within: number;
  n_more: number;
  n_then: number;
  anew: boolean;
}

/** What the decisions have come to. */
export interface ReviewYield {
  reviewed: number;
  accepted: number;
  rate: Share | null;
  per_minute: number | null;
  seconds: number | null;
  repairs_per_hour: number | null;
  confirmed: number;
  recent: Recent;
  curve: [number, number][];
  reviewers: ByReviewer[];
  reasons: ReasonCount[];
}

/** How often two reviewers, or one and the same, came to the same verdict. */
export interface ReviewerAgreement {
  first: string;
  second: string;
  n: number;
  same: number;
  share: number;
  low: number;
  high: number;
  accuracy: number;
  accuracy_low: number;
  accuracy_high: number;
  unequal: boolean;
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

/**
 * The cells that a saved rule votes on: all, those with votes of other rules or contrary ones, or where the given label
 * differs.
 */
export interface RuleFilter {
  by: "rule";
  rule_id: string;
  which: "votes" | "overlaps" | "conflicts" | "right" | "wrong";
}

/** A saved rule. */
export interface RuleIdAsked {
  rule_id: string;
}

/**
 * What a rule does: cells it votes on, those with votes of other rules and with contrary ones, and how often it is
 * right.
 */
export interface RuleMeasured {
  n: number;
  coverage: number;
  overlaps: number;
  conflicts: number;
  right: number;
  wrong: number;
  given: [number, number, number] | null;
  n_decided: number;
  decided: [number, number, number] | null;
}

/** A word that nearly always goes with a label: texts with it, those of them with the label, share and 95% limits. */
export interface RuleProposal {
  word: string;
  n: number;
  right: number;
  precision: [number, number, number];
}

/** Words for rules, the surest first. */
export interface RuleProposals {
  label: string;
  words: RuleProposal[];
}

/** A saved rule. `why`: why it cannot vote here; `words`, `regex`, `query`: its condition, one of them. */
export interface RuleRow {
  rule_id: string;
  name: string;
  label: string;
  vote: 1 | 0;
  condition: string;
  reviewer: string;
  why: string;
  measured: RuleMeasured | null;
  query: string | null;
  regex: string | null;
  flags: string;
  words: string[] | null;
}

/**
 * All saved rules; `undo`: what can be taken back, in words; `functions`: voters that are Python rules, of which votes
 * are kept.
 */
export interface RuleTable {
  rows: RuleRow[];
  text: boolean;
  undo: string;
  functions: string[];
  path: string;
}

/** A rule as a form holds it: one of a query, a regex and words; `rule_id`: the one that it takes the place of. */
export interface RuleWritten {
  name: string;
  label: string;
  vote: 1 | 0;
  query: string;
  regex: string;
  flags: string;
  words: string[];
  rule_id: string;
}

/** What was written or read, in words. */
export interface RulesFile {
  summary: string;
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

/** A share with its 95% interval. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

/** A label that one column or word alone tells: area under the ROC curve, and the items with that value. */
export interface ShortcutRow {
  label: string;
  column: string;
  value: string;
  auc: number;
  n_items: number;
  word: boolean;
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

/** What people said since the suggestions were made. */
export interface SinceSuggestions {
  decisions: number;
  relations: number;
  voters: number;
  labels: number;
}

/** The items with a value of a column, as the tab Sources lists it. */
export interface SourceFilter {
  by: "source";
  column: string;
  value: string;
}

/** A value of a column: its cells, the share of them that is wrong (or its mean suspicion) with 95% limits. */
export interface SourceRow {
  column: string;
  value: string;
  n: number;
  share: number;
  low: number;
  high: number;
  out: boolean;
  labels: string[];
}

/** The values of all columns, what stands out first; `why`: why there are none yet. */
export interface SourceTable {
  why: string;
  basis: "decided" | "suspicion";
  n_decided: number;
  rows: SourceRow[];
  total: number;
  shortcuts: ShortcutRow[];
  personal: PersonalRow[];
  redact: string;
}

/** What is compared between the values of each column; "": what there is more of to tell. */
export interface SourcesAsked {
  basis: "" | "decided" | "suspicion";
}

/**
 * A hot spot: where so many cells of a label look wrong in one way, of which an even spread would put `expected` there.
 */
export interface SpotPlace {
  at: number;
  level: number;
  label: string;
  kind: "missing" | "spurious";
  region: string;
  x: number;
  y: number;
  cells: number;
  expected: number;
}

/** Where a stage is: its share done, and why it did not run to its end. */
export interface StageReport {
  name: string;
  title: string;
  status: "idle" | "waiting" | "running" | "done" | "failed" | "cancelled" | "skipped";
  done: number;
  error: string;
}

/**
 * What is pushed whenever it changes; the last three only where somebody can decide, the last one once judges were
 * asked.
 */
export interface State {
  stages: StageReport[];
  running: boolean;
  versions: VersionNumbers;
  method: string;
  n_labels: number;
  counts: Counts;
  selected: number | null;
  filters: FilterChip[];
  reviewer?: string;
  since_suggestions?: SinceSuggestions;
  asking?: Asking;
}

/** What is saved with a notebook: MIME type to data. */
export interface StaticView {
  data: Record<string, unknown>;
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
  kept: number;
  by: string[];
  reason: boolean;
  text: boolean;
  group: boolean;
}

/** A stroke on the map; its points are in the buffer. */
export interface StrokeAsked {
  radius: number;
  mode: Mode;
}

/** The cells of a label that are suggested to be added, or removed. */
export interface SuggestedFilter {
  by: "suggested";
  label: number;
  action: Action;
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
  instead: string;
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

/** A small picture of an item, sharp where its longer side takes so many pixels of the screen. */
export interface ThumbnailAsked {
  row: number;
  pixels: number;
}

/**
 * Unknown cells of one label that would become one state; `weakest`: probability of that state of the least sure one.
 */
export interface UnknownGroup {
  label: number;
  name: string;
  state: LabelState;
  n: number;
  weakest: number;
  methods: string[];
  first: number;
}

/** What becomes of how many unknown cells, and what stays unknown; `source`: at which rate, against what. */
export interface UnknownShown {
  source: string;
  total: number;
  groups: UnknownGroup[];
  abstained: AbstainedGroup[];
}

/** Numbers that rise whenever something else is to be shown. */
export interface VersionNumbers {
  map: number;
  selection: number;
  worklist: number;
  decisions: number;
  pairs: number;
  voters: number;
  health: number;
  groups: number;
}

/** A view comes or goes. */
export interface ViewAsked {
  view: string;
}

/** Something that the map can be coloured by. */
export interface Way {
  by: Colour;
  column: string;
  name: string;
}

/** What a voter says of a cell: 1, 0 or -1 (undecided), and why, where it gave a reason. */
export interface Word {
  rater: string;
  value: LabelState;
  kind: "rater" | "rule" | "judge";
  reason: string;
  rates: Rates | null;
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
  static_view: [Nothing, StaticView];
  map: [MapAsked, Placed];
  colours: [ColoursAsked, Coloured];
  text: [ItemAsked, Text];
  hover: [ItemAsked, Hovered];
  thumbnail: [ThumbnailAsked, Thumbnail];
  picture: [ItemAsked, Thumbnail];
  labels: [LabelsAsked, FoundLabels];
  rename: [NameAsked, Renamed];
  export: [ExportAsked, Exported];
  progress: [Nothing, ProgressReport];
  evidence: [CellAsked, Evidence];
  attribution: [CellAsked, Attributed];
  selection: [Nothing, Selected];
  lasso: [DrawnAsked, Selected];
  brush: [StrokeAsked, Selected];
  select: [RowsAsked, Selected];
  count: [CountAsked, Counted];
  filter: [FilterAsked, Selected];
  unfilter: [KeyAsked, Selected];
  negate: [KeyAsked, Selected];
  find: [WordsAsked, Found];
  worklist: [WorklistAsked, Listed];
  decide: [DecideAsked, Decided];
  edit: [EditAsked, Edited];
  confirm: [ConfirmAsked, Decided];
  undo: [StepAsked, Stepped];
  redo: [StepAsked, Stepped];
  reasons: [Nothing, ReasonsShown];
  reason: [ReasonAsked, ReasonsShown];
  reason_kinds: [ReasonKindsAsked, ReasonsShown];
  batch: [BatchAsked, BatchShown];
  batch_apply: [ApplyBatchAsked, BatchApplied];
  unknown: [ListingAsked, UnknownShown];
  unknown_decide: [DecideUnknownAsked, Decided];
  unknown_accept: [AcceptUnknownAsked, BatchApplied];
  grid: [GridAsked, GridShown];
  grid_apply: [ApplyGridAsked, BatchApplied];
  rest_draw: [DrawRestAsked, Sampled];
  rest: [RestAsked, RestShown];
  rest_accept: [AcceptRestAsked, BatchApplied];
  bulk: [BulkAsked, BulkShown];
  bulk_apply: [ApplyBulkAsked, BatchApplied];
  audit: [AuditAsked, Sampled];
  judge: [JudgeAsked, Judged];
  label_table: [LabelTableAsked, LabelTable];
  pair_matrix: [PairMatrixAsked, PairMatrix];
  pair_grid: [PairGridAsked, PairGrid];
  relation_table: [RelationTableAsked, RelationTable];
  rule: [RuleAsked, Done];
  label_page: [LabelColumnAsked, LabelPageShown];
  label_examples: [LabelColumnAsked, LabelExamples];
  label_text: [LabelTextAsked, LabelTextShown];
  proposals: [LabelColumnAsked, LabelProposals];
  proposal: [ProposalAsked, ProposalShown];
  proposal_apply: [ProposalApplied, ProposalShown];
  grow: [GrowAsked, GrowRound];
  grow_selected: [GrowNamed, GrowTold];
  grow_judge: [GrowJudged, GrowTold];
  grow_undo: [LabelNameAsked, GrowTold];
  regions: [Nothing, RegionsShown];
  groups: [Nothing, GroupsShown];
  groups_find: [Nothing, Done];
  group_say: [GroupSaid, GroupsShown];
  ask_preview: [AskCells, AskPreview];
  ask: [ApplyAsk, Done];
  ask_stop: [Nothing, Done];
  ask_resume: [Nothing, Done];
  raters: [Nothing, RaterTable];
  raters_export: [RaterFile, RulesFile];
  sources: [SourcesAsked, SourceTable];
  models: [ModelsAsked, ModelTable];
  health: [Nothing, HealthReport];
  rules: [Nothing, RuleTable];
  rule_try: [RuleWritten, RuleMeasured];
  rule_save: [RuleWritten, Done];
  rule_delete: [RuleIdAsked, Done];
  join: [JoinAsked, JoinCompared];
  join_write: [JoinConfirmed, JoinTold];
  rule_undo: [Nothing, Done];
  rule_words: [LabelNameAsked, RuleProposals];
  rules_export: [PathAsked, RulesFile];
  rules_import: [PathAsked, RulesFile];
}
