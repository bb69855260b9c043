/** A text in which the words that were searched for are marked, in any case. */

import type { ComponentChild } from "preact";

const MOST = 200; // marks in one text

export function Marked({ text, words }: { text: string; words: string }) {
  const [wanted, folded] = [words.trim().toLowerCase(), text.toLowerCase()];
  // a character that grows when it is folded: places would be wrong
  if (!wanted || folded.length !== text.length) return <span>{text}</span>;
  const out: ComponentChild[] = [];
  let at = 0;
  for (let found = folded.indexOf(wanted); found >= 0 && out.length < 2 * MOST; found = folded.indexOf(wanted, at)) {
    out.push(text.slice(at, found), <mark class="ls-found">{text.slice(found, found + wanted.length)}</mark>);
    at = found + wanted.length;
  }
  return (
    <span>
      {out}
      {text.slice(at)}
    </span>
  );
}
