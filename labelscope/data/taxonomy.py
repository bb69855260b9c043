"""The taxonomy: which label implies which. A directed acyclic graph; a label may have several parents."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.taxonomies.concepts import Concepts
from labelscope.data.taxonomies.tables import table_edges
from labelscope.errors import DataError

__all__ = ["Taxonomy", "find_cycle"]


@dataclass(frozen=True, eq=False, repr=False)
class Taxonomy:
    """Edges between labels, by position. Make one with :meth:`build` or :meth:`read`.

    Attributes
    ----------
    edges : int64, shape (n_edges, 2)
        Rows of (parent, child) label columns.
    n_labels : int
    unknown : tuple of str
        Concepts of the source that are no label of the data set and were bridged.
    """

    edges: np.ndarray
    n_labels: int
    unknown: tuple[str, ...] = ()

    @classmethod
    def build(cls, given: Any, label_names: Sequence[str], *, unknown: str | None = None) -> Taxonomy:
        """Taxonomy from what is in memory.

        Parameters
        ----------
        given : optional
            Pairs (parent, child); a frame with these columns, or with a label and its parents in each row; a mapping of
            child to parent(s); :class:`labelscope.data.taxonomies.concepts.Concepts`; or a Taxonomy of these labels.
        label_names : sequence of str
            Of the data set.
        unknown : {"refuse", "skip"}, optional
            What becomes of concepts that are no label: refused, or bridged (their children come under their parents).
            Default: refused, but skipped in a vocabulary that gives its concepts identifiers (SKOS).

        Raises
        ------
        DataError
            On a label that the data set does not have, or a cycle (which is named).

        Examples
        --------
        >>> taxonomy = Taxonomy.build({"dog": "mammal", "mammal": "animal"}, ["animal", "dog"], unknown="skip")
        >>> taxonomy.edges.tolist(), taxonomy
        ([[0, 1]], Taxonomy of 1 edge between 2 labels; 1 concept is no label)
        """
        if isinstance(given, Taxonomy):
            if given.n_labels != len(label_names):
                raise DataError(
                    f"taxonomy: expected one of {len(label_names):,} labels, got one of {given.n_labels:,}; build it for this data set"
                )
            return given
        if unknown not in (None, "refuse", "skip"):
            raise DataError(f'unknown: expected "refuse" or "skip", got {unknown!r}')
        concepts = given if isinstance(given, Concepts) else Concepts(_pairs(given, label_names))
        _refuse_cycle(concepts)
        skips = bool(concepts.names) if unknown is None else unknown == "skip"
        pairs, left_out = concepts.labelled(label_names, skip_unknown=skips)
        edges = np.unique(np.asarray(pairs, np.int64).reshape(-1, 2), axis=0)
        cycle = find_cycle(edges, len(label_names))  # two concepts of one name may close one
        if cycle:
            raise _cyclic([label_names[k] for k in cycle])
        return cls(edges, len(label_names), left_out)

    @classmethod
    def read(cls, path: str | os.PathLike[str], label_names: Sequence[str], *, unknown: str | None = None) -> Taxonomy:
        """Taxonomy from a file: a table, JSON, or SKOS as RDF/XML, Turtle or N-Triples.

        Parameters
        ----------
        path : path
            ``.json``; ``.rdf``, ``.xml``, ``.owl``; ``.ttl``, ``.nt``, ``.n3``; anything else is a table (Parquet, CSV ...).
        label_names, unknown
            As for :meth:`build`.

        Raises
        ------
        DataError
            If the file is missing, broken or cyclic, or names what is no label.
        """
        from labelscope.data.companions import load_taxonomy  # the readers of files, which need not be loaded before

        return cls.build(load_taxonomy(path), label_names, unknown=unknown)

    @cached_property
    def above(self) -> sp.csr_matrix:
        """Which labels each label implies, sparse bool (n_labels, n_labels): above[c, a], a is an ancestor of c."""
        parents, children = self.edges.T
        step = sp.csr_matrix((np.ones(len(self.edges), bool), (children, parents)), shape=(self.n_labels, self.n_labels))
        above, n = step, -1
        while above.nnz > n:
            n, above = above.nnz, sp.csr_matrix(above + above @ step)
        above.sort_indices()
        return above

    def parents(self, label: int) -> list[int]:
        """Direct parents of a label."""
        return self.edges[self.edges[:, 1] == label, 0].tolist()

    def ancestors(self, label: int) -> list[int]:
        """All labels that `label` implies, nearest first."""
        found: list[int] = []
        todo = self.parents(label)
        while todo:
            parent = todo.pop(0)
            if parent not in found:
                found.append(parent)
                todo.extend(self.parents(parent))
        return found

    def descendants(self, label: int) -> list[int]:
        """All labels that imply `label`, nearest first."""
        return Taxonomy(self.edges[:, ::-1], self.n_labels).ancestors(label)

    def __repr__(self) -> str:
        n, left_out = len(self.edges), len(self.unknown)
        aside = f"; {left_out:,} {'concept is no label' if left_out == 1 else 'concepts are no labels'}" if left_out else ""
        return f"Taxonomy of {n:,} edge{'s' * (n != 1)} between {self.n_labels:,} labels{aside}"


def _pairs(given: Any, label_names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if isinstance(given, Mapping):
        return tuple((str(parent), str(child)) for child, parents in given.items() for parent in _several(parents))
    if isinstance(given, pl.DataFrame):
        return tuple(table_edges(given, label_names))
    pairs = []
    for pair in _iterable(given):
        if isinstance(pair, str) or not isinstance(pair, (Sequence, np.ndarray)) or len(pair) != 2:
            raise DataError(f"taxonomy: expected pairs of (parent, child), got {pair!r}; write both names")
        pairs.append((str(pair[0]), str(pair[1])))
    return tuple(pairs)


def _several(parents: Any) -> Iterable[Any]:
    return [parents] if isinstance(parents, str) else _iterable(parents)


def _iterable(given: Any) -> Iterable[Any]:
    if given is None or isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise DataError(
            f"taxonomy: expected pairs of (parent, child) or a mapping of child to parent(s), got {given!r}; write it as a list of pairs"
        )
    return given.tolist() if isinstance(given, np.ndarray) else given


def _refuse_cycle(concepts: Concepts) -> None:
    keys = list(dict.fromkeys(key for edge in concepts.edges for key in edge))
    place = {key: k for k, key in enumerate(keys)}
    edges = np.asarray([(place[parent], place[child]) for parent, child in concepts.edges], np.int64).reshape(-1, 2)
    cycle = find_cycle(edges, len(keys))
    if cycle:
        raise _cyclic([concepts.called(keys[k]) for k in cycle])


def _cyclic(names: list[str]) -> DataError:
    return DataError(f"taxonomy: expected no cycle, got {' > '.join(names)}; remove one of these edges")


def find_cycle(edges: np.ndarray, n_labels: int) -> list[int]:
    """Labels of one cycle, the first one repeated at the end; empty if there is none.

    Parameters
    ----------
    edges : int64 array of shape (n_edges, 2)
        Rows of (from, to).
    n_labels : int

    Examples
    --------
    >>> find_cycle(np.array([[0, 1], [1, 2], [2, 1]]), 3)
    [1, 2, 1]
    """
    children: dict[int, list[int]] = {}
    for parent, child in edges.tolist():
        children.setdefault(parent, []).append(child)
    state = np.zeros(n_labels, np.int8)  # 0 new, 1 on the path, 2 done
    for root in children:
        path: list[int] = []
        stack = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                state[path.pop()] = 2
            elif state[node] == 1:
                return [*path[path.index(node) :], node]
            elif state[node] == 0:
                state[node] = 1
                path.append(node)
                stack.append((node, True))
                stack.extend((child, False) for child in children.get(node, []))
    return []
