/** The query language of the filter, as in labelscope/query/grammar.py: AND, OR, NOT, brackets, and terms. */

export interface Term {
  raw: string;
  field: string;
  op: string;
  value: string;
  /** Whether the field is the name of a column, whatever else has that name. */
  ofColumn: boolean;
}

const TOKEN = /\s*(?:([()])|((?:"(?:[^"\\]|\\.)*"|[^\s()"])+)|("))/y;
const PART = /"((?:[^"\\]|\\.)*)"|(>=|<=|[><:])|([^"><:]+|[><:])/g;
const DEEPEST = 60;

/**
 * The items of a query: a byte an item, 1 for those that it keeps. `of` gives the items of a term, and hears whether no
 * NOT is around it.
 */
export function evaluate(query: string, of: (term: Term, affirmed: boolean) => Uint8Array): Uint8Array {
  const tokens = split(query);
  let at = 0;
  let depth = 0;
  let negations = 0;
  const is = (word: string) => at < tokens.length && tokens[at]!.toLowerCase() === word;
  const either = (): Uint8Array => {
    let left = both();
    while (is("or")) {
      at++;
      const right = both();
      left = left.map((value, i) => value | right[i]!);
    }
    return left;
  };
  const both = (): Uint8Array => {
    let left = negated();
    while (at < tokens.length && !is("or") && !is(")")) {
      if (is("and")) at++;
      const right = negated();
      left = left.map((value, i) => value & right[i]!);
    }
    return left;
  };
  const negated = (): Uint8Array => {
    if (++depth > DEEPEST)
      throw new Error(`filter: expected at most ${DEEPEST} brackets and NOTs in one another; make it simpler`);
    try {
      if (!is("not")) return single();
      at++;
      negations++;
      const inside = negated();
      negations--;
      return inside.map(value => 1 - value);
    } finally {
      depth--;
    }
  };
  const single = (): Uint8Array => {
    const word = tokens[at];
    if (word === undefined)
      throw new Error('filter: expected a label or a condition, got the end; for example: anger AND NOT "New York":?');
    if ([")", "and", "or"].includes(word.toLowerCase()))
      throw new Error(`filter: expected a label or a condition before "${word}"; a label of that name goes in quotes`);
    at++;
    if (word !== "(") return of(term(word), !negations);
    const inside = either();
    if (!is(")")) throw new Error("filter: expected a closing bracket, got the end; add )");
    at++;
    return inside;
  };
  const found = either();
  if (at < tokens.length) throw new Error(`filter: expected the end, got "${tokens[at]}"; check the brackets`);
  return found;
}

function split(query: string): string[] {
  const text = query.trimEnd();
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found || found[3])
      throw new Error(`filter: expected a closing ", got the end after ${text.slice(at, at + 40)}; close the quote`);
    tokens.push(found[1] ?? found[2]!);
  }
  return tokens;
}

type Piece = [text: string, isSign: boolean];

/**
 * A term: cut at its first operator that is not in quotes, unless nothing is on one side of it; after `column:` once
 * more.
 */
function term(token: string): Term {
  const pieces = [...token.matchAll(PART)].map(([piece, inQuotes, sign]): Piece => [
    inQuotes === undefined ? piece : inQuotes.replace(/\\(.)/g, "$1"),
    sign !== undefined,
  ]);
  const raw = joined(pieces);
  const [field, op, rest] = cut(pieces);
  if (field.toLowerCase() === "column" && op === ":") {
    const [name, sign, value] = cut(rest);
    if (sign && joined(value)) return { raw, field: name, op: sign, value: joined(value), ofColumn: true };
  }
  const value = joined(rest);
  return op && value
    ? { raw, field, op, value, ofColumn: false }
    : { raw, field: raw, op: "", value: "", ofColumn: false };
}

/** What stands before the first operator, the operator, and the pieces behind it. */
function cut(pieces: Piece[]): [before: string, op: string, rest: Piece[]] {
  const found = pieces.findIndex(([, isSign], i) => isSign && joined(pieces.slice(0, i)));
  const at = found < 0 ? pieces.length : found;
  return [joined(pieces.slice(0, at)), pieces[at]?.[0] ?? "", pieces.slice(at + 1)];
}

function joined(pieces: Piece[]): string {
  return pieces.map(([text]) => text).join("");
}
