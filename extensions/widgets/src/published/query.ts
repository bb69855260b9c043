/** The query language of the filter, as in labelscope/query/grammar.py: AND, OR, NOT, brackets, and terms. */

export interface Term {
  raw: string;
  field: string;
  op: string;
  value: string;
}

const TOKEN = /\s*(?:([()])|((?:"(?:[^"\\]|\\.)*"|[^\s()"])+)|("))/y;
const PART = /"((?:[^"\\]|\\.)*)"|(>=|<=|[><:])|([^"><:]+|[><:])/g;
const DEEPEST = 60;

/** The items of a query: a byte an item, 1 for those that it keeps. `of` gives the items of a term. */
export function evaluate(query: string, of: (term: Term) => Uint8Array): Uint8Array {
  const tokens = split(query);
  let at = 0;
  let depth = 0;
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
      return negated().map(value => 1 - value);
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
    if (word !== "(") return of(term(word));
    const inside = either();
    if (!is(")")) throw new Error("filter: expected a closing bracket, got the end; add )");
    at++;
    return inside;
  };
  const found = either();
  if (at < tokens.length) throw new Error(`filter: expected the end, got "${tokens[at]}"; check the brackets`);
  return found;
}

/** A name as it is written in a query. */
export function quoted(name: string): string {
  return /^[^\s()"\\><:]+$/.test(name) && !/^(and|or|not)$/i.test(name)
    ? name
    : `"${name.replace(/(["\\])/g, "\\$1")}"`;
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

/** A term: cut at its first operator that is not in quotes, unless nothing is on one side of it. */
function term(token: string): Term {
  let [before, op, after, raw] = ["", "", "", ""];
  for (const [piece, inQuotes, sign] of token.matchAll(PART)) {
    const plain = inQuotes === undefined ? piece : inQuotes.replace(/\\(.)/g, "$1");
    raw += plain;
    if (sign && !op && before) op = sign;
    else if (op) after += plain;
    else before += plain;
  }
  return op && after ? { raw, field: before, op, value: after } : { raw, field: raw, op: "", value: "" };
}
