"""Vocabularies in RDF, above all SKOS (W3C recommendation of 2009): what concepts are called and how they nest. Parsed by rdflib.

Read are broader and narrower, prefLabel, altLabel and notation; and, for OWL and RDFS vocabularies, subClassOf and label.
The transitive closures (broaderTransitive) say nothing new, relations between vocabularies (broadMatch) nothing sure.
What a small hostile file could cost is refused before it is parsed: a document type declaration, with which go entities
that expand without end and those that fetch files, and bases that are joined with every name. JSON-LD is not read: its
contexts are fetched from a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from labelscope.data.taxonomies.concepts import Concepts
from labelscope.errors import DataError, MissingExtra

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["SUFFIXES", "read_skos"]

SUFFIXES = {".rdf": "xml", ".xml": "xml", ".owl": "xml", ".skos": "xml", ".ttl": "turtle", ".n3": "turtle", ".nt": "nt"}
WORDS = {"xml": "RDF/XML", "turtle": "Turtle", "nt": "N-Triples"}
BASE = "http://www.w3.org/XML/1998/namespace base"
DEEPEST = 1000
LONGEST_IRI = 8192  # characters
LONG_IRI = re.compile(rb"<[^<>\s]{%d,}>" % LONGEST_IRI)
LONGEST_REASON = 200


def read_skos(path: Path) -> Concepts:
    """The concepts of a vocabulary.

    Parameters
    ----------
    path : Path
        Its suffix, one of :data:`SUFFIXES`, says the syntax: RDF/XML, Turtle or N-Triples.

    Raises
    ------
    DataError
        If the file is broken, holds what is refused, or no concept in it is broader than another.
    MissingExtra
        If rdflib is not installed.
    """
    try:
        from rdflib import RDFS, SKOS, Literal, URIRef
    except ImportError:
        raise MissingExtra("rdflib", "rdf", "a taxonomy in RDF") from None
    graph = _graph(path)
    pairs = [(above, below) for says in (SKOS.broader, RDFS.subClassOf) for below, above in graph.subject_objects(says)]
    pairs += list(graph.subject_objects(SKOS.narrower))
    edges = dict.fromkeys((str(above), str(below)) for above, below in pairs if isinstance(above, URIRef) and isinstance(below, URIRef))
    if not edges:
        raise DataError(
            f"taxonomy: expected skos:broader or skos:narrower in {path.name}, got none; export the vocabulary with its hierarchy"
        )
    called: dict[str, list[str]] = {}
    for says in (SKOS.prefLabel, RDFS.label, SKOS.altLabel, SKOS.notation):
        for concept, name in graph.subject_objects(says):
            if isinstance(name, Literal):
                called.setdefault(str(concept), []).append(" ".join(str(name).split()))
    keys = dict.fromkeys(key for edge in edges for key in edge)
    return Concepts(tuple(edges), {key: (*called.get(key, []), _local(key), key) for key in keys})


def _graph(path: Path) -> Graph:
    """The statements of a file.

    Raises
    ------
    DataError
        If the file is broken, or holds what is refused.
    """
    from rdflib import Graph

    syntax = SUFFIXES[path.suffix.lower()]
    (_check_xml if syntax == "xml" else _check_iris)(path)
    graph = Graph(bind_namespaces="none")
    try:
        with path.open("rb") as file, _codes_as_written():
            graph.parse(file, format=syntax, publicID=path.resolve().as_uri())
    except RecursionError:
        raise _refused(path, "brackets nested too deep") from None
    except OSError:
        raise
    except Exception as error:  # rdflib's parsers raise whatever comes: SyntaxError, SAXParseException, AssertionError, KeyError
        raise DataError(f"taxonomy: expected {WORDS[syntax]} in {path.name}, got text that is not ({_reason(error)}); mend it") from error
    return graph


@contextmanager
def _codes_as_written() -> Iterator[None]:
    """As long as it lasts, a code like "007" keeps its zeros though it is declared a number."""
    import rdflib

    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before


def _check_xml(path: Path) -> None:
    """Refuse what could cost without end, by a parser that expands nothing and opens nothing."""
    depth = 0

    def refuse(*_: object) -> None:
        raise _refused(path, "a document type declaration (entities are never expanded)")

    def start(_: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise _refused(path, f"elements nested more than {DEEPEST:,} deep")
        if len(attributes.get(BASE, "")) > LONGEST_IRI:
            raise _refused(path, f"an xml:base longer than {LONGEST_IRI:,} characters")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"taxonomy: expected well-formed XML in {path.name}, got text that is not ({_reason(error)}); mend it") from None


def _check_iris(path: Path) -> None:
    """Refuse names that are joined with a long base again and again."""
    if LONG_IRI.search(path.read_bytes()):
        raise _refused(path, f"an IRI longer than {LONGEST_IRI:,} characters")


def _refused(path: Path, what: str) -> DataError:
    return DataError(f"taxonomy: expected plain {WORDS[SUFFIXES[path.suffix.lower()]]} in {path.name}, got {what}; save it without")


def _reason(error: Any) -> str:
    """What a parser complains about, on one line."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= LONGEST_REASON else f"{said[:LONGEST_REASON]}…"


def _local(iri: str) -> str:
    """The last piece of an IRI, which often is a code or a name."""
    for separator in ("#", "/", ":"):
        head, found, tail = iri.rstrip("/#").rpartition(separator)
        if found and head:
            return tail
    return iri
