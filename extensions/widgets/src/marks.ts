/** Words that were searched for, marked in a text: text nodes and <mark> elements, never markup. */

import { h } from "./dom";

const MOST = 200; // marks in one text

/** A text with every place marked that holds the words, in any case. */
export function marked(text: string, words: string): (Node | string)[] {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [text];
  const folded = text.toLowerCase();
  if (folded.length !== text.length) return [text]; // a character that grows when it is folded: places would be wrong
  const out: (Node | string)[] = [];
  let at = 0;
  for (let found = folded.indexOf(wanted); found >= 0 && out.length < 2 * MOST; found = folded.indexOf(wanted, at)) {
    if (found > at) out.push(text.slice(at, found));
    out.push(h("mark", { class: "ls-found" }, text.slice(found, found + wanted.length)));
    at = found + wanted.length;
  }
  if (at < text.length) out.push(text.slice(at));
  return out;
}
