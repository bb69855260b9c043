"""Constraints: the relations that a person confirmed or a taxonomy states, closed under what follows from them.

What a label implies, all that this implies is implied too; labels that are identical imply one another; what excludes a
label excludes all that imply it. Relations that cannot hold together (a cycle of implications, a label that implies two
that exclude each other) are refused, and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from labelscope.data.positions import positions
from labelscope.data.taxonomy import Taxonomy, find_cycle
from labelscope.errors import DataError
from labelscope.review.relation_verdicts import CONSTRAINING

__all__ = ["Constraints", "closed", "inherited"]

COLUMNS = ("label_a", "relation", "label_b", "source", "reviewer", "time")


@dataclass(frozen=True, eq=False)
class Constraints:
    """Relations that the labels of every item should keep. Make them with :meth:`build`.

    Attributes
    ----------
    label_names : tuple of str
    frame : polars.DataFrame
        What was stated: label_a, relation ("implies", "identical", "exclusive"), label_b, source, reviewer, time.
    implies : scipy.sparse.csr_matrix of bool, shape (n_labels, n_labels)
        Whether the row's label implies the column's, directly or not.
    exclusive : scipy.sparse.csr_matrix of bool, shape (n_labels, n_labels)
        Whether the two exclude each other, directly or not; symmetric.
    """

    label_names: tuple[str, ...]
    frame: pl.DataFrame
    implies: sp.csr_matrix
    exclusive: sp.csr_matrix

    @classmethod
    def build(cls, given: Any, label_names: Sequence[str]) -> Constraints:
        """Constraints from stated relations.

        Parameters
        ----------
        given : polars.DataFrame, Taxonomy, or iterable of (label_a, relation, label_b)
            A frame has at least these columns; source, reviewer and time are kept.
        label_names : sequence of str
            Of the data set.

        Raises
        ------
        DataError
            On a label or a relation that does not exist, a cycle of implications between labels that are not said to be
            identical, or a label that could never be given.

        Examples
        --------
        >>> rules = Constraints.build([("dog", "implies", "animal"), ("animal", "exclusive", "car")], ("dog", "animal", "car"))
        >>> rules.implied("dog"), rules.excluded("dog")
        (['animal'], ['car'])
        """
        names = tuple(label_names)
        frame = _frame(given, names)
        wrong = set(frame["relation"].to_list()) - set(CONSTRAINING)
        if wrong:
            raise DataError(f"constraints: expected the relations {', '.join(CONSTRAINING)}, got {min(map(str, wrong))!r}")
        here = {"expected": "constraints: expected label names of the data set", "remedy": "remove or rename it"}
        keys = pl.Series(names, dtype=pl.String)
        ends = {name: positions(frame[name], keys, **here) for name in ("label_a", "label_b")}
        of = {
            kind: (ends["label_a"][rows], ends["label_b"][rows])
            for kind in CONSTRAINING
            for rows in [(frame["relation"] == kind).to_numpy()]
        }
        _refuse_cycles(*of["implies"], *of["identical"], names)
        implies = closed(_matrix(*of["implies"], len(names)) + _both_ways(*of["identical"], len(names)))
        exclusive = inherited(_both_ways(*of["exclusive"], len(names)), implies)
        _refuse_impossible(implies, exclusive, of["exclusive"], names)
        return cls(names, frame, implies, exclusive)

    def implied(self, label: str) -> list[str]:
        """Names of all labels that a label implies, in the order of the data set."""
        return self._row(self.implies, label)

    def excluded(self, label: str) -> list[str]:
        """Names of all labels that a label excludes, in the order of the data set."""
        return self._row(self.exclusive, label)

    def _row(self, matrix: sp.csr_matrix, label: str) -> list[str]:
        return [self.label_names[k] for k in np.sort(matrix[self.label_names.index(label)].indices)]

    def __repr__(self) -> str:
        counts = dict(self.frame.group_by("relation").len().iter_rows())
        return f"Constraints: {', '.join(f'{counts[kind]:,} {kind}' for kind in CONSTRAINING if kind in counts) or 'none'}"


def _frame(given: Any, names: tuple[str, ...]) -> pl.DataFrame:
    if isinstance(given, Taxonomy):
        labels = pl.Series(names, dtype=pl.String)
        parents, children = given.edges.T
        given = pl.DataFrame({"label_a": labels[children], "label_b": labels[parents]}).with_columns(
            relation=pl.lit("implies"), source=pl.lit("taxonomy")
        )
    elif not isinstance(given, pl.DataFrame):
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise DataError(f"constraints: expected triples of (label, relation, label), got {given!r}")
        rows = [tuple(row) for row in given]
        if any(len(row) != 3 for row in rows):
            raise DataError(f"constraints: expected triples of (label, relation, label), got {next(r for r in rows if len(r) != 3)!r}")
        given = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS[:3], pl.String), orient="row")
    missing = [name for name in COLUMNS[:3] if name not in given.columns]
    if missing:
        raise DataError(f"constraints: expected the columns {', '.join(COLUMNS[:3])}, got none named {missing[0]}")
    wanted = [pl.col(name) if name in given.columns else pl.lit(None).alias(name) for name in COLUMNS]
    return given.select(column.cast(pl.String) for column in wanted).unique(COLUMNS[:3], keep="first", maintain_order=True)


def _matrix(a: np.ndarray, b: np.ndarray, n: int) -> sp.csr_matrix:
    return sp.csr_matrix((np.ones(len(a), bool), (a, b)), shape=(n, n), dtype=bool)


def _both_ways(a: np.ndarray, b: np.ndarray, n: int) -> sp.csr_matrix:
    return _matrix(np.concatenate([a, b]), np.concatenate([b, a]), n)


def closed(edges: sp.csr_matrix) -> sp.csr_matrix:
    """Reachability without the diagonal: the square of the relation is added until nothing is new."""
    reach = sp.csr_matrix(edges, dtype=bool)
    while True:
        longer = sp.csr_matrix(reach + reach @ reach)
        longer.setdiag(values=False)
        longer.eliminate_zeros()
        if longer.nnz == reach.nnz:
            longer.sort_indices()
            return longer
        reach = longer


def inherited(exclusive: sp.csr_matrix, implies: sp.csr_matrix) -> sp.csr_matrix:
    """Stated exclusions, bool and symmetric (n_labels, n_labels), and those of all labels that imply one of the two."""
    if not exclusive.nnz:
        return exclusive
    up = sp.csr_matrix(implies + sp.identity(implies.shape[0], dtype=bool, format="csr"))
    out = sp.csr_matrix(up @ exclusive @ up.T, dtype=bool)
    out.sort_indices()
    return out


def _refuse_cycles(a: np.ndarray, b: np.ndarray, same_a: np.ndarray, same_b: np.ndarray, names: tuple[str, ...]) -> None:
    _, concept = connected_components(_matrix(same_a, same_b, len(names)), directed=False)  # identical labels are one concept
    within = concept[a] == concept[b]
    cycle = find_cycle(np.stack([concept[a], concept[b]], axis=1)[~within], len(names))
    if cycle:
        spoken = {concept[k]: names[k] for k in reversed(range(len(names)))}
        path = " > ".join(spoken[k] for k in cycle)
        raise DataError(
            f"constraints: expected no cycle of implications, got {path}; reject one of them, or confirm the labels as identical"
        )


def _refuse_impossible(
    implies: sp.csr_matrix, exclusive: sp.csr_matrix, stated: tuple[np.ndarray, np.ndarray], names: tuple[str, ...]
) -> None:
    impossible = np.flatnonzero(exclusive.diagonal())
    if len(impossible):
        k = int(impossible[0])
        above = {k, *implies[k].indices.tolist()}
        i, j = next((i, j) for i, j in zip(*(ends.tolist() for ends in stated), strict=True) if i in above and j in above)
        raise DataError(
            f"constraints: expected relations that can hold together, got {names[k]!r}, which is or implies both {names[i]!r} and "
            f"{names[j]!r}, which exclude each other; reject one of these relations"
        )
