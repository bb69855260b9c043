/** Names as queries have them, in the app and on published pages. */

const PLAIN = /^(?!(?:and|or|not)$)[^\s()"\\><:]+$/i; // a name that needs no quotes

/** A name as it is written in a query. */
export function quoted(name: string): string {
  return PLAIN.test(name) ? name : inQuotes(name);
}

/** The same, in quotes also where it needs none. */
export function inQuotes(name: string): string {
  return `"${name.replace(/(["\\])/g, "\\$1")}"`;
}
