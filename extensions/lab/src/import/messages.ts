/** What travels between this page and the kernel, as labelscope/labextension/messages.py declares it. */

/** Arguments of labelscope.read, and where the decisions go; files are paths. What is left out has its default. */
export interface Choices {
  labels?: string | string[];
  text?: string[] | string;
  image?: string;
  id?: string;
  features?: string[];
  groups?: string;
  split?: string;
  values?: string;
  rater?: string | string[];
  unlisted?: "negative" | "unknown";
  labels_per_item?: "one" | "several";
  labels_delimiter?: string;
  labels_format?: string;
  missing?: string[];
  empty?: string[];
  label_names?: string | string[];
  taxonomy?: string;
  votes?: string;
  embeddings?: string;
  probabilities?: string;
  separator?: string;
  columns?: string[];
  format?: string;
  image_root?: string;
  ledger?: string;
}

export interface Cell {
  text: string | null;
  full?: string;
}

export interface Column {
  name: string;
  type: string;
}

export interface Look {
  name: string;
  format: string;
  n_rows: number;
  columns: Column[];
  rows: Cell[][];
  chosen: Choices | null;
  is_open: boolean;
}

export interface Remedy {
  words: string;
  code: string;
  arguments: Record<string, string | string[]>;
}

export interface Problem {
  about: string;
  text: string;
  remedies: Remedy[];
}

export interface Example {
  row: number;
  cell: string;
  labels: string[];
  n_positive: number;
  n_unknown: number;
}

export interface Reading {
  title: string;
  why: string;
  argument: Remedy | null;
  n_labels: number;
  n_positive: number;
  n_unknown: number;
  names: string[];
  examples: Example[];
  chosen: boolean;
}

export interface Place {
  path: string;
  problem: string;
  reviewer: string;
}

export interface Inspected {
  choices: Choices;
  n_rows: number;
  readings: Reading[];
  one_label_each: boolean;
  keeps_one: boolean;
  refusals: Problem[];
  warnings: Problem[];
  call: string;
  place: Place;
}

export interface Opened {
  title: string;
  n_items: number;
  n_labels: number;
}

/** What carrying the decisions on an earlier version over would do. */
export interface Carry {
  ledger: string;
  counts: Record<string, number>;
  command: string;
  to: string | null;
}

export interface Carried {
  counts: Record<string, number>;
  line: string;
  lines: string[];
}

/** The requests, and what answers each. */
export interface Requests {
  look: [{ separator?: string; columns?: string[] }, Look];
  inspect: [{ choices: Choices; guess: boolean }, Inspected];
  prepare: [{ choices: Choices }, object];
  open: [{ choices: Choices; reviewer?: string }, Opened];
  carry: [{ choices: Choices }, Carried];
}

/** Asks the kernel about the table that the page is about. */
export type Ask = <K extends keyof Requests>(kind: K, body: Requests[K][0]) => Promise<Requests[K][1]>;
