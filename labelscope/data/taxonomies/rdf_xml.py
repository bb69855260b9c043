"""RDF/XML, as far as vocabularies use it, by a parser that defines no entity and opens nothing.

A document type declaration is refused before it is read: with it go entities that expand without end and those that
fetch files.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin
from xml.parsers import expat

from labelscope.data.taxonomies.skos import Statement
from labelscope.errors import DataError

__all__ = ["read_rdf_xml"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"
GAP = " "  # between the name space and the name of an element
SYNTAX = {f"{RDF}{name}" for name in ("about", "ID", "nodeID", "resource", "datatype", "parseType")} | {f"{XML}base", f"{XML}lang"}
DEEPEST = 1000
LONGEST_IRI = 8192  # characters: a base is joined with every name, so a long one takes time without end


class _RefusedError(Exception):
    """What is not read."""


def read_rdf_xml(path: Path) -> list[Statement]:
    """The statements of an RDF/XML file.

    Raises
    ------
    DataError
        If it is no well-formed XML, or declares a document type or entities.
    """
    reader = _Reader(path.resolve().as_uri())
    parser = expat.ParserCreate(namespace_separator=GAP)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = reader.start, reader.end, reader.text
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except _RefusedError as error:
        raise DataError(f"taxonomy: expected plain RDF/XML in {path.name}, got {error}; save it without, or as Turtle") from None
    except (expat.ExpatError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"taxonomy: expected well-formed XML in {path.name}, got text that is not ({error}); mend it") from None
    return reader.statements


def _refuse(*_: object) -> None:
    raise _RefusedError("a document type declaration (entities are never expanded)")


class _Reader:
    """RDF/XML is striped: a node element holds property elements, which hold a text or further node elements."""

    def __init__(self, base: str) -> None:
        self.statements: list[Statement] = []
        self._stack: list[tuple[str, str]] = []  # ("node", its IRI) or ("property", its IRI), innermost last
        self._bases = [base]
        self._text: list[str] = []
        self._filled = False  # whether the open property has its object already
        self._blank = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name, given = _iri(tag), {_iri(key): value for key, value in attributes.items()}
        self._bases.append(urljoin(self._bases[-1], given.get(f"{XML}base", "")))
        if len(self._bases[-1]) > LONGEST_IRI:
            raise _RefusedError(f"an xml:base longer than {LONGEST_IRI:,} characters")
        if len(self._stack) > DEEPEST:
            raise _RefusedError(f"elements nested more than {DEEPEST:,} deep")
        if name == f"{RDF}RDF" and not self._stack:
            self._stack.append(("root", ""))
        elif not self._stack or self._stack[-1][0] != "node":
            self._start_node(given)
        else:
            self._start_property(name, given)

    def end(self, _: str) -> None:
        kind, name = self._stack.pop()
        self._bases.pop()
        text = "".join(self._text).strip()
        if kind == "property" and text and not self._filled:
            self.statements.append(Statement(self._stack[-1][1], name, text, literal=True))
        self._text.clear()
        self._filled = kind != "property"

    def text(self, data: str) -> None:
        if self._stack and self._stack[-1][0] == "property":
            self._text.append(data)

    def _start_node(self, given: dict[str, str]) -> None:
        subject = self._reference(given, "about")
        if self._stack and self._stack[-1][0] == "property":
            self.statements.append(Statement(self._stack[-2][1], self._stack[-1][1], subject, literal=False))
        self._stack.append(("node", subject))
        self._text.clear()
        self.statements += [Statement(subject, key, value, literal=True) for key, value in given.items() if key not in SYNTAX]

    def _start_property(self, name: str, given: dict[str, str]) -> None:
        self._filled = f"{RDF}resource" in given or f"{RDF}nodeID" in given
        if self._filled:
            self.statements.append(Statement(self._stack[-1][1], name, self._reference(given, "resource"), literal=False))
        # parseType="Resource" and "Collection" stand for blank nodes, of which a taxonomy says nothing
        self._stack.append(("property", name) if f"{RDF}parseType" not in given else ("node", self._new_blank()))
        self._text.clear()

    def _reference(self, given: dict[str, str], about: str) -> str:
        if f"{RDF}{about}" in given:
            return urljoin(self._bases[-1], given[f"{RDF}{about}"])
        if f"{RDF}ID" in given:
            return urljoin(self._bases[-1], "#" + given[f"{RDF}ID"])
        return f"_:{given[f'{RDF}nodeID']}" if f"{RDF}nodeID" in given else self._new_blank()

    def _new_blank(self) -> str:
        self._blank += 1
        return f"_:made{self._blank}"


def _iri(name: str) -> str:
    return name.replace(GAP, "", 1)
