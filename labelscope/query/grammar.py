"""The query language of the Explorer's filter: labels, states, words and columns, with AND, OR, NOT and brackets.

::

    anger AND NOT annoyance          two labels
    "New York":? OR joy:no           an unknown cell, a negative one
    text:"not sure" split:test       words of the text, a column; side by side means AND
    joy>0.8 AND suspicion>=0.5       a probability of the model, a score
    column:by:ann                    a column whose name is that of another term

A query is parsed into a tree of terms and evaluated to one mask over the items. What a term means is not decided
here but by a function (:class:`labelscope.explorer.terms.Terms`), so that the grammar can be tested alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as attribute

import numpy as np

from labelscope.errors import DataError

__all__ = ["And", "Node", "Not", "Or", "Term", "affirmed", "evaluate", "parse", "quoted"]

OPERATORS = (">=", "<=", ">", "<", ":")
TOKEN = re.compile(r'\s*(?:(?P<bracket>[()])|(?P<word>(?:"(?:[^"\\]|\\.)*"|[^\s()"])+)|(?P<open>"))')
PART = re.compile(r'"((?:[^"\\]|\\.)*)"|(>=|<=|[><:])|([^"><:]+|[><:])')
WORDS = {"and", "or", "not"}
DEEPEST = 60
COLUMN = "column"


@dataclass(frozen=True)
class Term:
    """One condition.

    Attributes
    ----------
    raw : str
        As it was typed, without quotes: a label whose name holds a colon is still found by its name.
    field : str
        What is in front of the operator, or the whole term.
    op : str
        One of ``: > < >= <=``, or "" for a term without one.
    value : str
    of_column : bool
        Whether the field is the name of a column, whatever else has that name.
    span : (int, int)
        Where it stands in the query.
    """

    raw: str
    field: str
    op: str = ""
    value: str = ""
    of_column: bool = attribute(default=False, repr=False)
    span: tuple[int, int] = attribute(default=(0, 0), repr=False, compare=False)


@dataclass(frozen=True)
class Not:
    """All items but those of a node."""

    child: Node


@dataclass(frozen=True)
class And:
    """Items of both."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Or:
    """Items of either."""

    left: Node
    right: Node


Node = Term | Not | And | Or


def parse(query: str) -> Node:
    """The tree of a query.

    Parameters
    ----------
    query : str

    Returns
    -------
    Term, Not, And or Or

    Raises
    ------
    DataError
        On an empty query, a bracket or quote that is not closed, or an operator without a side: one line.

    Examples
    --------
    >>> parse("anger AND NOT annoyance")
    And(left=Term(raw='anger', field='anger', op='', value=''), right=Not(child=Term(raw='annoyance', field='annoyance', op='', value='')))
    """
    return _Parser(_tokens(query)).whole()


def evaluate(node: Node, mask_of: Callable[[Term], np.ndarray]) -> np.ndarray:
    """The items of a tree, bool (n_items,)."""
    match node:
        case Term():
            return mask_of(node)
        case Not(child):
            return ~evaluate(child, mask_of)
        case And(left, right):
            return evaluate(left, mask_of) & evaluate(right, mask_of)
        case Or(left, right):
            return evaluate(left, mask_of) | evaluate(right, mask_of)


def affirmed(node: Node) -> Iterator[Term]:
    """The terms of a tree that no NOT is around, from left to right.

    Examples
    --------
    >>> [term.raw for term in affirmed(parse("anger OR (joy AND NOT love)"))]
    ['anger', 'joy']
    """
    match node:
        case Term():
            yield node
        case And(left, right) | Or(left, right):
            yield from affirmed(left)
            yield from affirmed(right)


def quoted(name: str) -> str:
    """A name as it is written in a query.

    Examples
    --------
    >>> quoted("anger"), quoted("New York"), quoted("not")
    ('anger', '"New York"', '"not"')
    """
    plain = re.fullmatch(r"[^\s()\"\\><:]+", name) and name.lower() not in WORDS
    return name if plain else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _tokens(query: str) -> list[tuple[str, tuple[int, int]]]:
    """The words and brackets of a query, each with where it stands."""
    tokens, at, end = [], 0, len(query.rstrip())
    while at < end:
        found = TOKEN.match(query, at)
        if found is None or found["open"] is not None:
            raise DataError(f'filter: expected a closing ", got the end after {query[at:].strip()[:40]!r}; close the quote')
        word = found["bracket"] or found["word"]
        at = found.end()
        tokens.append((word, (at - len(word), at)))
    return tokens


class _Parser:
    """Recursive descent: OR below AND below NOT below a term or a bracket."""

    def __init__(self, tokens: list[tuple[str, tuple[int, int]]]) -> None:
        self._tokens = [word for word, _ in tokens]
        self._spans = [span for _, span in tokens]
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        if self._at < len(self._tokens):
            raise DataError(f"filter: expected the end, got {self._tokens[self._at]!r}; check the brackets")
        return node

    def _either(self) -> Node:
        node = self._both()
        while self._is("or"):
            self._at += 1
            node = Or(node, self._both())
        return node

    def _both(self) -> Node:
        node = self._negated()
        while self._at < len(self._tokens) and not self._is("or") and not self._is(")"):
            if self._is("and"):
                self._at += 1
            node = And(node, self._negated())
        return node

    def _negated(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise DataError(f"filter: expected at most {DEEPEST} brackets and NOTs in one another; make it simpler")
        try:
            if self._is("not"):
                self._at += 1
                return Not(self._negated())
            return self._single()
        finally:
            self._depth -= 1

    def _single(self) -> Node:
        if self._at >= len(self._tokens):
            raise DataError('filter: expected a label or a condition, got the end; for example: anger AND NOT "New York":?')
        word = self._tokens[self._at]
        if word == ")" or word.lower() in {"and", "or"}:
            raise DataError(f"filter: expected a label or a condition before {word!r}; a label of that name goes in quotes")
        self._at += 1
        if word != "(":
            return _term(word, self._spans[self._at - 1])
        node = self._either()
        if not self._is(")"):
            raise DataError("filter: expected a closing bracket, got the end; add )")
        self._at += 1
        return node

    def _is(self, word: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].lower() == word


def _term(token: str, span: tuple[int, int]) -> Term:
    """A term: cut at its first operator that is not in quotes, unless nothing is on one side of it; after ``column:`` once more."""
    pieces = [(re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[0], bool(found[2])) for found in PART.finditer(token)]
    whole = "".join(piece for piece, _ in pieces)
    before, op, rest = _cut(pieces)
    if before.lower() == COLUMN and op == ":":
        name, sign, asked = _cut(rest)
        if sign and _joined(asked):
            return Term(whole, name, sign, _joined(asked), of_column=True, span=span)
    value = _joined(rest)
    return Term(whole, before, op, value, span=span) if op and value else Term(whole, whole, span=span)


def _cut(pieces: list[tuple[str, bool]]) -> tuple[str, str, list[tuple[str, bool]]]:
    """What stands before the first operator, the operator, and the pieces behind it."""
    at = next((i for i, (_, is_sign) in enumerate(pieces) if is_sign and _joined(pieces[:i])), len(pieces))
    return _joined(pieces[:at]), "".join(piece for piece, _ in pieces[at : at + 1]), pieces[at + 1 :]


def _joined(pieces: list[tuple[str, bool]]) -> str:
    return "".join(piece for piece, _ in pieces)
