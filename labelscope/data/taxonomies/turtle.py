"""Turtle and N-Triples, the statements of which a taxonomy is made; numbers, lists and blank nodes are read over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin

from labelscope.data.taxonomies.skos import Statement
from labelscope.errors import DataError

__all__ = ["parse_turtle"]

DEEPEST = 100
LONGEST_IRI = 8192  # characters: a base is joined with every name, so a long one takes time without end
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TOKEN = re.compile(
    r"""(?P<gap>\s+|\#[^\n]*)
      | (?P<iri><[^<>"{}|^`\s]*>)
      | (?P<long>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3})
      | (?P<text>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      | (?P<directive>@(?:prefix|base)\b|(?i:PREFIX|BASE)(?=\s))
      | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<type>\^\^)
      | (?P<blank>_:[^\s;,\[\]()<>"']+?(?=\.?(?:[\s;,\[\]()<>"']|$)))
      | (?P<number>[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)(?![\w:-]))
      | (?P<name>[^\s;,\[\]()<>"'#:]*:(?:[^\s;,\[\]()<>"'#\\]|\\.)*?(?=\.?(?:[\s;,\[\]()<>"'#]|$)))
      | (?P<word>true|false|a(?=[\s<\[]))
      | (?P<mark>[.;,\[\]()])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def parse_turtle(text: str, name: str) -> list[Statement]:
    """The statements of a Turtle or N-Triples text.

    Parameters
    ----------
    text : str
    name : str
        Of the file, for messages.

    Raises
    ------
    DataError
        Where the text is no Turtle; the message names the line.
    """
    return _Parser(text, name).parse()


def _tokens(text: str, name: str) -> Iterator[_Token]:
    place, line = 0, 1
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise DataError(f"taxonomy: expected Turtle in {name}, got {text[place : place + 20]!r} in line {line}; mend it")
        if found.lastgroup != "gap":
            yield _Token(found.lastgroup, found.group(), line)
        line += text.count("\n", place, found.end())
        place = found.end()
    yield _Token("end", "the end", line)


class _Parser:
    """Recursive descent over the tokens; brackets within brackets are followed to a depth of 100."""

    def __init__(self, text: str, name: str) -> None:
        self._tokens = _tokens(text, name)
        self._name = name
        self._next = next(self._tokens)
        self._statements: list[Statement] = []
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._n_blank = self._depth = 0

    def parse(self) -> list[Statement]:
        """All statements of the text."""
        while self._next.kind != "end":
            if self._next.kind == "directive":
                self._directive()
            else:
                self._sentence()
        return self._statements

    def _directive(self) -> None:
        kind = self._take()
        if kind.text.lower().endswith("prefix"):
            prefix = self._take("name").text[:-1]
            self._prefixes[prefix] = self._iri(self._take("iri"))
        else:
            self._base = self._iri(self._take("iri"))
        if kind.text.startswith("@"):
            self._mark(".")

    def _sentence(self) -> None:
        """A subject with its predicates and objects, up to the full stop."""
        alone = self._at("[")
        subject = self._bracket() if alone or self._at("(") else self._resource()
        if not (alone and self._at(".")):
            self._predicates(subject)
        self._mark(".")

    def _predicates(self, subject: str) -> None:
        while True:
            predicate = self._predicate()
            self._object(subject, predicate)
            while self._at(","):
                self._take()
                self._object(subject, predicate)
            if not self._at(";"):
                return
            while self._at(";"):
                self._take()
            if self._at(".") or self._at("]"):
                return

    def _bracket(self) -> str:
        """A blank node with what is said of it, or a list with its members."""
        opened, blank = self._take().text, f"_:made{self._n_blank}"
        self._n_blank += 1
        self._depth += 1
        if self._depth > DEEPEST:
            self._complain(f"at most {DEEPEST} brackets within one another")
        if opened == "(":
            while not self._at(")"):
                self._object(blank, "_:member")
        elif not self._at("]"):
            self._predicates(blank)
        self._depth -= 1
        self._mark(")" if opened == "(" else "]")
        return blank

    def _predicate(self) -> str:
        if self._next.kind == "word" and self._next.text == "a":
            self._take()
            return TYPE
        return self._resource()

    def _object(self, subject: str, predicate: str) -> None:
        if self._next.kind in {"number", "word", "text", "long"}:
            self._statements.append(Statement(subject, predicate, self._literal(), literal=True))
            return
        value = self._bracket() if self._at("[") or self._at("(") else self._resource()
        self._statements.append(Statement(subject, predicate, value, literal=False))

    def _literal(self) -> str:
        token = self._take()
        if token.kind in {"number", "word"}:
            return token.text
        if self._next.kind == "lang":
            self._take()
        elif self._next.kind == "type":
            self._take()
            self._resource()
        cut = 3 if token.kind == "long" else 1
        return _unescaped(token.text[cut:-cut])

    def _resource(self) -> str:
        token = self._next
        if token.kind == "iri":
            return self._iri(self._take())
        if token.kind == "blank":
            return self._take().text
        if token.kind != "name":
            self._complain("a name or an IRI")
        prefix, _, local = self._take().text.partition(":")
        if prefix not in self._prefixes:
            raise DataError(f"taxonomy: expected a declared prefix in {self._name}, got {prefix!r} in line {token.line}; declare it")
        return self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def _iri(self, token: _Token) -> str:
        if len(token.text) > LONGEST_IRI:
            raise DataError(
                f"taxonomy: expected an IRI of at most {LONGEST_IRI:,} characters in {self._name}, line {token.line}; shorten it"
            )
        return urljoin(self._base, _unescaped(token.text[1:-1]))

    def _at(self, mark: str) -> bool:
        return self._next.kind == "mark" and self._next.text == mark

    def _mark(self, mark: str) -> None:
        if not self._at(mark):
            self._complain(repr(mark))
        self._take()

    def _take(self, kind: str | None = None) -> _Token:
        token = self._next
        if kind is not None and token.kind != kind:
            self._complain({"name": "a prefix", "iri": "an IRI in <>"}[kind])
        if token.kind == "end":
            self._complain("a full stop")
        self._next = next(self._tokens)
        return token

    def _complain(self, expected: str) -> None:
        raise DataError(f"taxonomy: expected {expected} in {self._name}, got {self._next.text[:40]!r} in line {self._next.line}; mend it")


def _unescaped(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        code = found.group(1)
        return chr(int(code[1:], 16)) if len(code) > 1 else ESCAPED.get(code, code)

    return ESCAPE.sub(letter, text) if "\\" in text else text
