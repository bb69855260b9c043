/** The roles that a column may have. */

import type { Choices } from "./messages";

export type Role = "" | "id" | "text" | "image" | "labels" | "split" | "groups" | "features" | "values" | "rater";

export const ROLES: { role: Role; words: string; hint: string }[] = [
  { role: "", words: "Ignore", hint: "Kept in the file, and not looked at" },
  { role: "labels", words: "Labels", hint: "Lists, joined text or one label a cell; or several columns, one a label" },
  { role: "text", words: "Text", hint: "What is read and shown; several columns are joined" },
  { role: "image", words: "Image", hint: "Paths, or the pictures themselves" },
  { role: "id", words: "Item id", hint: "One value an item, none twice" },
  { role: "split", words: "Split", hint: "What an item is for: training, validation, test" },
  {
    role: "groups",
    words: "Group",
    hint: "Items of one patient, conversation, sensor: never split in training and test",
  },
  { role: "features", words: "Feature", hint: "Numbers, words or dates to learn from beside text and image" },
  { role: "values", words: "Vote (1 or 0)", hint: "In a table with one row a label: whether the label is there" },
  { role: "rater", words: "Rater", hint: "Who gave the labels of the row: the rows of an item are joined" },
];

/** Roles that one column has at most. */
const ONE: Role[] = ["id", "image", "split", "groups", "values", "rater"];
/** What says how the labels are written: void once another column holds them. */
const WAYS: (keyof Choices)[] = ["labels_delimiter", "labels_format", "labels_per_item", "missing", "empty"];

function asList(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** The role of a column. */
export function roleOf(choices: Choices, column: string): Role {
  return ROLES.find(({ role }) => role && asList(choices[role]).includes(column))?.role ?? "";
}

/** The choices with another role for a column; `order`: the columns of the table. */
export function withRole(choices: Choices, column: string, role: Role, order: string[]): Choices {
  const next: Choices = { ...choices };
  const before = roleOf(choices, column);
  if (before === role) return next;
  if (before)
    put(
      next,
      before,
      asList(next[before]).filter(name => name !== column),
    );
  if (role)
    put(
      next,
      role,
      ONE.includes(role) ? [column] : order.filter(name => name === column || asList(next[role]).includes(name)),
    );
  if (before === "labels" || role === "labels") {
    for (const way of WAYS) delete next[way];
    if (Array.isArray(next.rater)) delete next.rater; // columns of raters are label columns too
  }
  return next;
}

function put(choices: Choices, role: Exclude<Role, "">, names: string[]): void {
  if (!names.length) delete choices[role];
  else if (role === "text" || role === "features") choices[role] = names;
  else if (role === "labels") choices.labels = names.length > 1 ? names : names[0];
  else choices[role] = names[0];
}
