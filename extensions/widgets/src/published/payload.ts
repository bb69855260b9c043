/** What is embedded in a published page: one compressed block with a header of JSON and typed arrays behind it. */

import type {
  AuditReport,
  Averaged,
  GroupsShown,
  HealthReport,
  LabelState,
  LegendEntry,
  ModelTable,
  RaterTable,
  RegionsShown,
  RelationRow,
  Remaining,
  ReviewYield,
  RuleTable,
  SourceTable,
  Way,
  Word,
} from "../messages";

interface Column {
  name: string;
  /** Numbers are in an array, words in `values` with their codes in an array. */
  kind: "number" | "words";
  array: string;
  values: string[];
  /** Whether its numbers are whole: others are written with a point. */
  whole: boolean;
  /** Whether the items can be coloured by it. */
  groups: boolean;
}

export interface Said {
  row: number;
  label: number;
  verdict: string;
  before: LabelState;
  after: LabelState;
  reviewer: string;
  time: string;
  suggested: boolean;
}

/** A cell that reviewers disagree on. */
export interface Conflict {
  row: number;
  label: number;
  opinions: { reviewer: string; state: LabelState }[];
}

export interface Header {
  version: number;
  title: string;
  n_items: number;
  n_changed: number;
  labels: string[];
  descriptions: Record<string, string>;
  /** State of a cell that is in neither list. */
  default: 0 | -1;
  ids: string[];
  /** One text an item; empty where they were left out. */
  texts: string[];
  text: boolean;
  image: boolean;
  method: string;
  no_map: string;
  no_neighbors: string;
  reasons: string[];
  columns: Column[];
  raters: string[];
  voter_kinds: Word["kind"][];
  voter_rates: Word["rates"][];
  voter_reasons: string[];
  decisions: Said[];
  conflicts: Conflict[];
  /** What the decisions have come to. */
  review: ReviewYield;
  remaining: Remaining | null;
  audit: AuditReport | null;
  /** Null where nobody audited. */
  models: Partial<Record<Averaged, ModelTable>> | null;
  /** Null where nobody votes, or there are no rules. */
  rater_table: RaterTable | null;
  rule_table: RuleTable | null;
  /** Null where nothing was measured; with the array of each finding's items, and another of their labels. */
  health: {
    report: HealthReport;
    parts: { check: string; title: string; array: string; cells: boolean }[];
  } | null;
  /** Null where nobody looked for groups; with the array of each group's items. */
  groups: { report: GroupsShown; arrays: Record<string, string> } | null;
  /**
   * Null where there is no map; with the array of each level (0: in no region, 1: in the first), that of the lines of
   * equal density, and of each hot spot its title, and arrays of its items and their labels.
   */
  regions: { report: RegionsShown; levels: string[]; lines: string; spots: string; titles: string[] } | null;
  pairs: string;
  relations: RelationRow[];
  /** The tables of sources by what is compared; none where they were not recorded. */
  sources: Record<string, SourceTable>;
  /** Values of columns, with the array of each item's value: 0 for none, 1 for the first. */
  slices: { column: string; values: string[]; array: string }[];
  /** Personal data, with the array of the items that hold some. */
  personal: { column: string; kind: string; array: string }[];
  /** What the map can be coloured by, each with the array of its codes and what they mean. */
  ways: (Way & { array: string; legend: LegendEntry[] })[];
  arrays: Record<string, [keyof typeof KINDS, number, number]>;
}

const KINDS = {
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;
type Numbers =
  Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export class Payload {
  constructor(
    readonly header: Header,
    private readonly block: ArrayBuffer,
    private readonly start: number,
  ) {}

  /** An array by name; empty if there is none. */
  array(name: string): Numbers {
    const found = this.header.arrays[name];
    if (!found) return new Uint8Array(0);
    const [kind, offset, length] = found;
    return new KINDS[kind](this.block, this.start + offset, length);
  }
}

/** Decode base64 of gzip of: length of the header, header, arrays, each at a multiple of 8 bytes. */
export async function decode(text: string): Promise<Payload> {
  const binary = atob(text.trim());
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) packed[i] = binary.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const block = await new Response(stream).arrayBuffer();
  const length = new DataView(block).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(block, 8, length))) as Header;
  return new Payload(header, block, 8 + Math.ceil(length / 8) * 8);
}
