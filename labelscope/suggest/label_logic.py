"""What one label says about another: a child implies its parents, exclusive labels rule each other out.

Constraints are certain, suggestions are not: so a suggestion may only be made together with everything that the constraints
make of it (:mod:`labelscope.suggest.consistency`). They are the taxonomy, and what a person confirmed.
Exclusions come also from relations that the caller passes, and only from those with strong evidence, or from the data
set as a whole where practically every item carries one label. They are inherited: what excludes 'animal' excludes 'dog'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.labels import NEGATIVE
from labelscope.data.positions import positions
from labelscope.errors import DataError, StageError
from labelscope.issues.detectors.competing_labels import exclusivity
from labelscope.stats.constraints import Constraints, inherited
from labelscope.stats.pairs import count_given_pairs

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.stats.relations import Relations

__all__ = ["LabelLogic", "followed", "label_logic"]

SINGLE = 0.98  # share of items with exactly one label from which two labels of an item rule each other out
MANY, LEFT_OUT = 1000, 0.9  # children without their parent, and their share, from which parents are left out on purpose
EXPECTED = 10  # items in common, if the labels were independent, from which their absence is strong evidence
STRAY_SHARE = 0.01  # of the rarer label's items that such a pair may share


@dataclass(frozen=True, eq=False)
class LabelLogic:
    """Which labels imply and exclude which, by position.

    Attributes
    ----------
    above : scipy.sparse.csr_matrix of bool, shape (n_labels, n_labels)
        above[c, a]: a is an ancestor of c, or c itself.
    excluded : scipy.sparse.csr_matrix of bool, shape (n_labels, n_labels)
        excluded[a, b]: the two cannot hold together, by a stated relation or an inherited one. Symmetric.
    stated : scipy.sparse.csr_matrix of bool, shape (n_labels, n_labels)
        The part of `excluded` that the constraints say: items that carry both labels are wrong, and are repaired.
    single : bool
        Any two labels exclude each other.
    """

    above: sp.csr_matrix
    excluded: sp.csr_matrix
    stated: sp.csr_matrix
    single: bool = False

    @property
    def any(self) -> bool:
        """Whether any label says anything about another."""
        return self.single or self.excluded.nnz > 0 or self.above.nnz > self.above.shape[0]

    def implies(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Whether a[i] implies another label b[i], bool (n_pairs,)."""
        return (a != b) & _holds(self.above, a, b)

    def excludes(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Whether a[i] and b[i] rule each other out, bool (n_pairs,)."""
        return (a != b) if self.single else _holds(self.excluded, a, b)

    def keeps_apart(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Whether a constraint says that a[i] and b[i] rule each other out, bool (n_pairs,)."""
        return _holds(self.stated, a, b)

    def requires(self, a: np.ndarray, adds_a: np.ndarray, b: np.ndarray, adds_b: np.ndarray) -> np.ndarray:
        """Whether the change of label a[i] makes that of b[i] necessary, bool (n_pairs,).

        Parameters
        ----------
        a, b : array of int, shape (n_pairs,)
        adds_a, adds_b : array of bool, shape (n_pairs,)
            Whether the change adds the label; else it removes it.
        """
        up, down = adds_a & adds_b, ~adds_a & ~adds_b
        return (up & self.implies(a, b)) | (down & self.implies(b, a)) | (adds_a & ~adds_b & self.excludes(a, b))

    def contradicts(self, a: np.ndarray, adds_a: np.ndarray, b: np.ndarray, adds_b: np.ndarray) -> np.ndarray:
        """Whether the two changes cannot both be right, bool (n_pairs,). Parameters as for :meth:`requires`."""
        against = (adds_a & ~adds_b & self.implies(a, b)) | (~adds_a & adds_b & self.implies(b, a))
        return against | (adds_a & adds_b & self.excludes(a, b))


def label_logic(
    dataset: Dataset, relations: Relations | None = None, constraints: Constraints | None = None, *, one_label: bool | None = None
) -> LabelLogic:
    """What the labels of a data set say about one another.

    Parameters
    ----------
    dataset : Dataset
    relations : Relations, optional
        From :func:`labelscope.relations`; its exclusive pairs with at least 10 items in common expected and at most
        1% of the rarer label's items shared count.
    constraints : Constraints, optional
        Default: the taxonomy. What its taxonomy says counts unless practically no label comes with its parent: then the
        labels name the most special only, and parents are not missing. Without any implication, items that practically
        all carry one label make all labels exclusive, unless most of the other cells are unknown.
    one_label : bool, optional
        Whether any two labels exclude each other. Default: if practically all items carry one, and nothing implies anything.

    Raises
    ------
    DataError
        If a relation or constraint names a label that the data set does not have.
    StageError
        If items shall carry one label though labels imply others.

    Examples
    --------
    >>> from labelscope import Dataset
    >>> ds = Dataset.from_arrays([["dog", "pet"], ["car"]], taxonomy=[("pet", "dog")])
    >>> logic = label_logic(ds)
    >>> logic.implies(np.array([1, 2]), np.array([2, 1])).tolist()  # car, dog, pet
    [True, False]
    """
    n = dataset.n_labels
    held = followed(dataset, constraints)
    complete = dataset.labels.default == NEGATIVE  # one label and the others unknown says nothing about them
    single = complete and not held.implies.nnz and exclusivity(dataset.labels) >= SINGLE
    single = n > 1 and (single if one_label is None else one_label)
    if single and held.implies.nnz:
        raise StageError("one_label: expected no taxonomy, got one: a label and its parents are several; leave one_label out")
    above = sp.csr_matrix(held.implies + sp.identity(n, dtype=bool, format="csr"))
    above.sort_indices()
    pairs = np.empty((0, 2), np.int64) if relations is None or single else _exclusive(dataset, relations)
    excluded = sp.csr_matrix(held.exclusive + inherited(_without_shared(pairs, above), held.implies))
    excluded.sort_indices()
    return LabelLogic(above, excluded, sp.csr_matrix(held.exclusive), single)


def followed(dataset: Dataset, constraints: Constraints | None = None) -> Constraints:
    """The constraints (default: the taxonomy), without a taxonomy that the labels do not follow. Raises as :func:`label_logic`."""
    names = dataset.label_names
    if constraints is None:
        constraints = Constraints.build(dataset.taxonomy if dataset.taxonomy is not None else [], names)
    elif constraints.label_names != names:
        raise DataError("constraints: expected those of this data set, got others; build them with its label names")
    if dataset.taxonomy is None or not _leaves_only(dataset):
        return constraints
    return Constraints.build(constraints.frame.filter(pl.col("source").ne_missing("taxonomy")), names)


def _leaves_only(dataset: Dataset) -> bool:
    """Whether the labels leave parents out as a matter of course."""
    assert dataset.taxonomy is not None
    parents, children = dataset.taxonomy.edges.T
    pairs = count_given_pairs(dataset.labels, children, parents)
    lacking, carried = int((pairs.n_a - pairs.n_ab).sum()), int(pairs.n_a.sum())
    return lacking >= MANY and lacking >= LEFT_OUT * carried


def _exclusive(dataset: Dataset, relations: Relations) -> np.ndarray:
    frame = relations.frame.filter(
        (pl.col("relation") == "exclusive")
        & (pl.col("expected") >= EXPECTED)
        & (pl.col("n_ab") <= STRAY_SHARE * pl.min_horizontal("n_a", "n_b"))
    )
    known = {"expected": "relations: expected labels of this data set", "remedy": "relate the labels of this one"}
    names = pl.Series(dataset.label_names, dtype=pl.String)
    return np.stack([positions(frame[side], names, **known) for side in ("label_a", "label_b")], axis=1)


def _without_shared(pairs: np.ndarray, above: sp.csr_matrix) -> sp.csr_matrix:
    """The pairs both ways; one with a label under both is no exclusion and left out."""
    n, below = above.shape[0], above.T.tocsr()
    shared = below[pairs[:, 0]].multiply(below[pairs[:, 1]]).sum(axis=1)
    a, b = pairs[np.asarray(shared).ravel() == 0].T
    return sp.csr_matrix((np.ones(2 * len(a), bool), (np.concatenate([a, b]), np.concatenate([b, a]))), shape=(n, n))


def _holds(matrix: sp.csr_matrix, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The entries (rows[i], columns[i]) of a sparse bool matrix, by binary search: no row is copied."""
    n = matrix.shape[1]
    keys = np.repeat(np.arange(matrix.shape[0], dtype=np.int64) * n, np.diff(matrix.indptr)) + matrix.indices
    asked = np.asarray(rows, np.int64) * n + columns
    place = np.searchsorted(keys, asked)
    found = np.zeros(len(asked), bool)
    inside = place < len(keys)
    found[inside] = keys[place[inside]] == asked[inside]
    return found
