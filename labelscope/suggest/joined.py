"""Two data sets as one: which of their labels are the same, which imply one another, and which only one of them has.

Heads are fitted on each set and asked about the other. How far the items of a label stand out to a head, in standard
deviations of its scores, is compared with how far the head's own items do, out of fold. Two labels are the same if both
heads see the other's items as nearly their own; one implies the other if that holds in one direction only. Names are not
needed. Nothing is joined until a person confirms it, and what a set never annotated is unknown there, never negative.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.vectors import unit_rows
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.inputs import input_files
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.new_table import NewTable, write_new_table
from labelscope.data.results import Result
from labelscope.data.votes import Votes
from labelscope.errors import DataError, StageError
from labelscope.models.folds import assign_folds
from labelscope.space.embed import embed

__all__ = ["Join", "join"]

SIDES = LEFT, RIGHT = "left", "right"
RELATIONS = IDENTICAL, SAME_NAME, IMPLIES, IMPLIED, NOT_THERE, UNCLEAR = (
    "identical", "same name", "implies", "implied by", "not annotated", "unclear",
)  # fmt: skip
AS_ONE = (IDENTICAL, SAME_NAME)
PAIRED = (*AS_ONE, IMPLIES, IMPLIED)
"""Relations of two labels; the others are of one."""
LEAST = 0.6  # of how far a head's own items stand out: labels that are the same have 0.79 or more, others 0.37 or less
LEAST_ONE_WAY = 0.8  # like labels (anger, annoyance) reach 0.6 in one direction
LEAST_POSITIVES = 30
LEAST_SEEN = 0.5  # standard deviations by which a label's own items must stand out
PENALTY = 10.0
N_FOLDS = 5
SCHEMA: dict[str, Any] = {"left": pl.String, "right": pl.String, "relation": pl.String, "score": pl.Float64, "examples": pl.List(pl.String)}
KEY = ["left", "right", "relation"]


@dataclass(frozen=True, eq=False, repr=False)
class Join(Result):
    """What two data sets have in common. Confirm rows of the frame, and make one data set of them with :meth:`dataset`.

    Attributes
    ----------
    frame : polars.DataFrame
        left, right (names of labels; null where a row is about one label), relation, score (about 0 to 1), examples (ids
        of up to two items as in the joined data set). `relation`: "identical"; "implies" (left implies right); "implied
        by" (right implies left); "same name" (too few items to compare, but called the same); "not annotated" (nothing in
        the other set is identical: the examples are its items most likely to have the label); "unclear" (fewer than 30
        positives, or the embedding does not see the label).
    a, b : Dataset
    """

    a: Dataset
    b: Dataset

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        counts = self.frame["relation"].value_counts()
        n = dict(zip(counts["relation"], counts["count"], strict=True))
        told = ", ".join(f"{n[relation]:,} {relation}" for relation in RELATIONS if relation in n)
        return f"Join of {self.a.n_items:,} and {self.b.n_items:,} items: {told or 'no labels'}"

    def dataset(self, confirmed: pl.DataFrame) -> Dataset:
        """Both sets as one, with the relations that a person confirmed.

        Parameters
        ----------
        confirmed : polars.DataFrame
            left, right, relation: rows of :attr:`frame`, or rows written by hand.

        Returns
        -------
        Dataset
            Item ids are "left:ID" and "right:ID"; a column says the source, which is also a rater of all cells that it
            knows. Identical labels are one, called as on the left. A label that is implied is positive on the items of the
            other. All other cells of a label that a set has not got are unknown. A label of the right that is called like
            another one of the left gets " (right)" behind its name. Probabilities, taxonomies and images are left behind.

        Raises
        ------
        DataError
            If a column is missing, a label or relation is unknown, or a label is identical to several.
        """
        of_right, implied = self._confirmed(confirmed)
        names = [*self.a.label_names]
        place = np.empty(self.b.n_labels, np.int64)  # column of each label of the right
        for k, name in enumerate(self.b.label_names):
            place[k] = of_right.get(k, len(names))
            if k not in of_right:
                names.append(_free(name, {*names, *self.b.label_names[k + 1 :]} if name in names else set(names)))
        parts = [
            _widened(self.a.labels, np.arange(self.a.n_labels), len(names)),
            _widened(self.b.labels, place, len(names)),
        ]
        votes = _votes(parts, (self.a.votes, self.b.votes), (np.arange(self.a.n_labels), place))
        for side, narrow, broad in implied:
            columns = (place[narrow], broad) if side == RIGHT else (narrow, place[broad])
            parts[SIDES.index(side)] = _implied(parts[SIDES.index(side)], *columns)
        states = [sp.csr_matrix(sp.vstack([getattr(part, name) for part in parts])) for name in ("positives", "exceptions")]
        labels = LabelMatrix(states[0], states[1], UNKNOWN)
        stacked = self._stacked
        descriptions = dict(self.a.label_descriptions or {})
        for name, column in zip(self.b.label_names, place, strict=True):
            if name in (self.b.label_descriptions or {}):
                descriptions.setdefault(names[column], (self.b.label_descriptions or {})[name])
        return Dataset(
            item_ids=stacked.item_ids, label_names=tuple(names), labels=labels, items=stacked.items, text=stacked.text,
            embeddings=stacked.embeddings, votes=votes, label_descriptions=descriptions or None,
        )  # fmt: skip

    def write(self, confirmed: pl.DataFrame, path: str | os.PathLike[str]) -> NewTable:
        """The same data set as a table: a column for each label, null where nobody knows, votes and embeddings in files beside it.

        Parameters
        ----------
        confirmed : polars.DataFrame
            As for :meth:`dataset`.
        path : path
            CSV or Parquet; what is there is replaced, unless one of the two sets came from it.

        Returns
        -------
        NewTable
            What was written, and the arguments with which :func:`labelscope.read` reads it.

        Raises
        ------
        DataError
            As :meth:`dataset`, or if a label is called like a column, or the file cannot be written.
        """
        return write_new_table(self.dataset(confirmed), path, name="join", inputs=[*input_files(self.a), *input_files(self.b)])

    @cached_property
    def _stacked(self) -> Dataset:
        return _stack(self.a, self.b)

    def _confirmed(self, confirmed: pl.DataFrame) -> tuple[dict[int, int], list[tuple[str, int, int]]]:
        """Left column of each right column that is the same, and what is implied: side, narrower and broader column."""
        missing = [name for name in KEY if name not in confirmed.columns]
        if missing:
            raise DataError(f"confirmed: expected the columns {', '.join(KEY)}, got no {missing[0]}; pass rows of the frame")
        same: dict[int, int] = {}
        implied = []
        for left, right, relation in confirmed.select(KEY).iter_rows():
            if relation not in RELATIONS:
                raise DataError(f"confirmed: expected the relations {', '.join(RELATIONS)}, got {relation!r}")
            if relation in (NOT_THERE, UNCLEAR):
                continue
            i, j = self.a.label_position(left), self.b.label_position(right)
            if relation in AS_ONE:
                if j in same or i in same.values():
                    raise DataError(f"confirmed: expected a label to be identical to one other, got {left!r} and {right!r} again")
                same[j] = i
            else:
                implied.append((LEFT, i, j) if relation == IMPLIES else (RIGHT, j, i))
        return same, implied


@checked
def join(a: Dataset, b: Dataset) -> Join:
    """Compare the labels of two data sets, to make one of them.

    Parameters
    ----------
    a, b : Dataset
        With embeddings of the same model, or both with texts and without embeddings. Called left and right.

    Returns
    -------
    Join
        Identical labels first, then what implies what, then the labels that only one set has.

    Raises
    ------
    StageError
        If the two have no embedding in common.

    Notes
    -----
    Labels that only few items have, or that the embedding does not see, cannot be compared: they are listed as unclear.
    ``benchmarks/join.py`` measures halves of one set without names, and sets that have nothing in common.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(400, 4))
    >>> one, other = Dataset.from_arrays(x[:200, :1] > 0.5, embeddings=x[:200]), Dataset.from_arrays(x[200:, :1] > 0.5, embeddings=x[200:])
    >>> found = join(one, other)
    >>> found.frame.select("left", "right", "relation").rows()
    [('0', '0', 'identical')]
    >>> found.dataset(found.frame)
    Dataset of 400 items x 1 labels: 133 positive cells, 0.0% of cells unknown
    """
    stacked = _stack(a, b)
    rows = unit_rows(embed(stacked))
    one, other = _Heads.of(rows[: a.n_items], rows[a.n_items :], a.labels), _Heads.of(rows[a.n_items :], rows[: a.n_items], b.labels)
    of_right = one.stand_out(b.labels)  # how the items of each right label look to each left head
    of_left = other.stand_out(a.labels).T
    both = np.minimum(of_right, of_left)
    found = _pairs(both, of_right, of_left)
    ids = stacked.item_ids.to_numpy()
    frame = _frame(a, b, found, both, (one, other), (ids[: a.n_items], ids[a.n_items :]))
    return Join(frame, a, b)


@dataclass(frozen=True)
class _Heads:
    """The heads of one set, and their scores of the other set's items in standard deviations, float (n_others, n_labels).

    `seen`: how far a head's own items stand out, out of fold; NaN where that cannot be told.
    """

    scores: np.ndarray
    seen: np.ndarray

    @classmethod
    def of(cls, mine: np.ndarray, others: np.ndarray, labels: LabelMatrix) -> _Heads:
        from sklearn.linear_model import Ridge

        states = labels.dense()
        known = states != UNKNOWN
        share = (states == POSITIVE).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        targets = np.where(known, states, share).astype(np.float32)
        own = np.zeros(targets.shape, np.float32)
        folds = assign_folds(np.arange(len(mine)), N_FOLDS, 0)
        for fold in np.unique(folds):
            model = Ridge(PENALTY).fit(mine[folds != fold], targets[folds != fold])
            own[folds == fold] = model.predict(mine[folds == fold]).reshape(-1, labels.shape[1])
        seen = np.einsum("ij,ij->j", _standard(own), states == POSITIVE) / np.maximum(labels.n_positive, 1)
        seen = np.where((labels.n_positive >= LEAST_POSITIVES) & (seen >= LEAST_SEEN), seen, np.nan)
        scores = Ridge(PENALTY).fit(mine, targets).predict(others).reshape(-1, labels.shape[1])
        return cls(_standard(scores), seen)

    def stand_out(self, labels: LabelMatrix) -> np.ndarray:
        """How far the items of each label of the other set do, as a part of `seen`, (n_labels, n_other_labels)."""
        sums = np.asarray(labels.positives.T.astype(np.float32) @ self.scores).T
        enough = labels.n_positive >= LEAST_POSITIVES
        return np.where(enough, sums / np.maximum(labels.n_positive, 1) / self.seen[:, None], np.nan)


def _standard(scores: np.ndarray) -> np.ndarray:
    spread = scores.std(axis=0)
    return np.asarray((scores - scores.mean(axis=0)) / np.where(spread > 0, spread, 1))


def _pairs(both: np.ndarray, of_right: np.ndarray, of_left: np.ndarray) -> list[tuple[int, int, str, float]]:
    """Pairs that are identical, one to one and in all as alike as can be, and those of which one implies the other."""
    from scipy.optimize import linear_sum_assignment

    alike = np.nan_to_num(both, nan=-1.0)
    i, j = linear_sum_assignment(-np.maximum(alike, -1))
    sure = alike[i, j] >= LEAST
    found = [(int(p), int(q), IDENTICAL, float(alike[p, q])) for p, q in zip(i[sure], j[sure], strict=True)]
    found.sort(key=lambda row: -row[3])
    taken = {(p, q) for p, q, *_ in found}
    one_way = [(of_left, of_right, IMPLIES), (of_right, of_left, IMPLIED)]
    for there, back, relation in one_way:
        rows = [(int(p), int(q), relation, float(there[p, q])) for p, q in np.argwhere((there >= LEAST_ONE_WAY) & (back < LEAST))]
        found += sorted((row for row in rows if row[:2] not in taken), key=lambda row: -row[3])
    return found


def _frame(
    a: Dataset, b: Dataset, found: list[tuple[int, int, str, float]], both: np.ndarray,
    heads: tuple[_Heads, _Heads], ids: tuple[np.ndarray, np.ndarray],
) -> pl.DataFrame:  # fmt: skip
    """The pairs, and behind them every label that has no identical one in the other set."""
    rows: list[tuple[str | None, str | None, str, float | None, list[str]]] = []
    for i, j, relation, score in found:
        shown = [_clearest(a.labels, i, heads[1].scores[:, j], ids[0]), _clearest(b.labels, j, heads[0].scores[:, i], ids[1])]
        rows.append((a.label_names[i], b.label_names[j], relation, score, [item for item in shown if item is not None]))
    same = [row for row in found if row[2] == IDENTICAL]
    matched = ({row[0] for row in same}, {row[1] for row in same})
    blind = [np.isnan(of.seen) for of in heads]
    for i, name in enumerate(a.label_names):
        if i not in matched[0] and b.has_label(name) and (blind[0][i] or blind[1][b.label_position(name)]):
            j = b.label_position(name)
            if j not in matched[1]:
                matched[0].add(i)
                matched[1].add(j)
                rows.append((name, name, SAME_NAME, None, []))
    for side, ds in enumerate((a, b)):
        nearest = np.nanmax(np.nan_to_num(both, nan=0.0), axis=1 - side, initial=0.0)
        for k, name in enumerate(ds.label_names):
            if k in matched[side]:
                continue
            pair = (name, None) if side == 0 else (None, name)
            if blind[side][k]:
                rows.append((*pair, UNCLEAR, None, []))
            else:
                likely = ids[1 - side][np.argsort(-heads[side].scores[:, k], kind="stable")[:2]]
                rows.append((*pair, NOT_THERE, float(np.clip(1 - nearest[k], 0, 1)), likely.tolist()))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _clearest(labels: LabelMatrix, label: int, score: np.ndarray, ids: np.ndarray) -> str | None:
    """The item of a label that the other set's head is surest of."""
    carried = labels.positives[:, label].nonzero()[0]
    return str(ids[carried[np.argmax(score[carried])]]) if len(carried) else None


def _stack(a: Dataset, b: Dataset) -> Dataset:
    """The items of both, without labels: ids, columns, and what there is to embed."""
    if (a.embeddings is None) != (b.embeddings is None) or (a.embeddings is None and (a.text is None or b.text is None)):
        raise StageError(
            f"join: expected embeddings in both data sets, or texts in both, got {_content(a)} on the left and {_content(b)} on the right; "
            "give embeddings of one model for each, or a text of each"
        )
    embeddings = None
    if a.embeddings is not None and b.embeddings is not None:
        if a.embeddings.shape[1] != b.embeddings.shape[1]:
            raise StageError(
                f"join: expected embeddings of one model, got {a.embeddings.shape[1]} and {b.embeddings.shape[1]} features; "
                "embed both alike"
            )
        embeddings = np.concatenate([a.embeddings, b.embeddings])
    source = _free("source", {*a.items.columns, *b.items.columns, *a.label_names, *b.label_names})
    text = a.text if b.text is not None else None
    parts = []
    for side, ds in zip(SIDES, (a, b), strict=True):
        items = ds.items
        if text is not None and ds.text is not None and ds.text != text:
            items = items.drop(text, strict=False).rename({ds.text: text})
        ids = pl.lit(f"{side}:") + ds.item_ids.cast(pl.String)
        parts.append(items.with_columns(ids.alias("item_id"), pl.lit(side).alias(source)))
    table = pl.concat(parts, how="diagonal_relaxed")
    nothing = sp.csr_matrix((table.height, 1), dtype=bool)
    labels = LabelMatrix(nothing, nothing, UNKNOWN)
    return Dataset(table["item_id"], ("",), labels, table, text=text, embeddings=embeddings)


def _content(of: Dataset) -> str:
    """What there is to compare items by."""
    return "embeddings" if of.embeddings is not None else "a text" if of.text is not None else "neither"


def _free(name: str, taken: set[str]) -> str:
    """A name that nothing has yet."""
    while name in taken:
        name += f" ({RIGHT})"
    return name


def _widened(labels: LabelMatrix, place: np.ndarray, n_labels: int) -> LabelMatrix:
    """The labels of one set in the columns of the joined one, all other cells unknown."""
    shape = (labels.shape[0], n_labels)
    positives, negatives = (
        sp.csr_matrix((np.ones(cells.nnz, bool), (cells.row, place[cells.col])), shape=shape, dtype=bool)
        for cells in (labels.positives.tocoo(), _negatives(labels))
    )
    return LabelMatrix(positives, negatives, UNKNOWN)


def _negatives(labels: LabelMatrix) -> sp.coo_matrix:
    """The known negatives, cell by cell."""
    if labels.default == UNKNOWN:
        return labels.exceptions.tocoo()
    return sp.vstack([sp.csr_matrix(states == NEGATIVE) for _, states in labels.blocks()]).tocoo()


def _implied(labels: LabelMatrix, narrow: int, broad: int) -> LabelMatrix:
    """The broader label is positive where the narrower one is."""
    items = labels.positives[:, narrow].nonzero()[0]
    items = items[labels.states(items, np.full(len(items), broad)) == UNKNOWN]
    return labels.replace(items, np.full(len(items), broad), np.full(len(items), POSITIVE))


def _votes(parts: list[LabelMatrix], given: tuple[Votes | None, Votes | None], places: tuple[np.ndarray, np.ndarray]) -> Votes:
    """What each source says of the cells that it knows, and the votes that each set came with."""
    out, start = [], 0
    for side, labels, votes, place in zip(SIDES, parts, given, places, strict=True):
        yes, no = labels.positives.tocoo(), labels.exceptions.tocoo()
        items, columns = np.concatenate([yes.row, no.row]).astype(np.int64), np.concatenate([yes.col, no.col]).astype(np.int64)
        values = np.repeat(np.array([POSITIVE, NEGATIVE], np.int8), [yes.nnz, no.nnz])
        taken = set() if votes is None else set(votes.rater_names)
        out.append(Votes(items + start, np.zeros(len(items), np.int64), columns, values, (_free(side, taken),)))
        if votes is not None:
            out.append(Votes(votes.items + start, votes.raters, place[votes.labels], votes.values, votes.rater_names))
        start += labels.shape[0]
    return Votes.joined(out)
