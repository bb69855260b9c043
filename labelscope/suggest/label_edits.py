"""Edits of the label set that are suggested: labels to merge, to rename into another, or to split.

Nothing is changed here. A preview lists the cells; ``session.apply(edits.edit(edit_id))`` writes the edit to the ledger as
one batch with one undo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.review.label_edit import EditPreview, LabelEdit, plan
from labelscope.stats.pairs import count_given_pairs
from labelscope.stats.relations import Relations, relations
from labelscope.suggest.label_splits import LabelSplits, SplitConfig, find_splits

__all__ = ["EditPreview", "LabelEdit", "LabelEdits", "label_edits"]

SCHEMA = {
    "edit_id": pl.String, "action": pl.String, "label": pl.String, "into": pl.String, "n_items": pl.Int64, "n_shared": pl.Int64,
    "score": pl.Float64, "reason": pl.String,
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class LabelEdits(Result):
    """Suggested edits of the label set, those of the same kind together, surest first.

    Attributes
    ----------
    frame : polars.DataFrame
        edit_id; action = "merge" (one thing under two names), "rename" (one name spelt in two ways) or "split" (two
        things under one name); label = the label that goes, or is split; into = the label that takes its items, null for
        a split; n_items = items that carry `label`; n_shared = those that carry `into` too, or the smaller part of a
        split; score = confidence of an identity, ratio of two names, silhouette of a split; reason.
    dataset : Dataset
    splits : LabelSplits
        What the splits were seen in.
    """

    dataset: Dataset
    splits: LabelSplits
    view: ClassVar[str | None] = None

    def summary(self) -> str:
        """One line of plain text."""
        counts = dict(self.frame.group_by("action").len().iter_rows())
        merges, renames, splits = (counts.get(action, 0) for action in ("merge", "rename", "split"))
        return f"Edits of the label set: {merges:,} merges, {renames:,} renames, {splits:,} splits"

    def edit(self, edit_id: str, *, into: str | None = None, rest: str | None = None, parent: str = "narrows") -> LabelEdit:
        """A suggested edit, to preview and apply in a session: ``session.apply(edits.edit("merge:hound"))``.

        Parameters
        ----------
        edit_id : str
        into : str, optional
            Label that takes the items, one of the data set or, except in a merge, a new one. For a split it takes the smaller
            part and must be named. Default: as suggested.
        rest : str, optional
            For a split: label that takes the other part. Default: none.
        parent : {"narrows", "stays", "goes"}
            For a split: whether the label is taken from the items of the parts, stays on them as the broader label, or goes;
            then `rest` must be named.

        Raises
        ------
        DataError
            If there is no such edit, or no label to take the items.
        """
        found = self.frame.filter(edit_id=edit_id)
        if found.is_empty():
            raise DataError(f"edit: expected one of the {self.frame.height:,} edit ids, got {edit_id!r}")
        edit = found.row(0, named=True)
        label, target = edit["label"], into if into is not None else edit["into"]
        if target is None:
            raise DataError(f"into: expected a label that takes the smaller part of {label!r}, got none; name one, or a new one")
        if edit["action"] != "split":
            make = LabelEdit.merge if edit["action"] == "merge" else LabelEdit.rename
            return make(label, target, reason=edit["reason"])
        rows = self.splits.smaller[label]
        parts = {target: self.dataset.item_ids.gather(rows)}
        if rest is not None:
            carriers = self.dataset.labels.positives[:, [self.dataset.label_position(label)]].nonzero()[0]
            parts[rest] = self.dataset.item_ids.gather(np.setdiff1d(carriers, rows))
        return LabelEdit.split(label, parts, parent=parent, reason=edit["reason"])

    def preview(self, edit_id: str, *, into: str | None = None, rest: str | None = None, parent: str = "narrows") -> EditPreview:
        """What an edit changes in the labels of the data set that the edits were made for. Takes and raises as :meth:`edit`.

        In a session, :meth:`labelscope.Session.preview` says what it changes in the labels as they stand.
        """
        return plan(self.dataset, self.edit(edit_id, into=into, rest=rest, parent=parent))


@checked
def label_edits(ds: Dataset, found: Relations | None = None, *, config: SplitConfig | None = None) -> LabelEdits:
    """Edits of the label set that its relations, names and embeddings suggest.

    *Merge*: labels that are identical by the labels or the embeddings; the rarer goes into the more common. *Rename*: names
    that differ in case, punctuation, plural or one letter, whatever the labels say. *Split*: a label whose items fall
    into two groups in the embeddings, which differ in their other labels too (:func:`labelscope.suggest.label_splits.find_splits`);
    only where the data set has embeddings.

    Parameters
    ----------
    ds : Dataset
    found : Relations, optional
        Default: ``relations(ds)``, with the embeddings if there are any.
    config : SplitConfig, optional

    Returns
    -------
    LabelEdits

    Examples
    --------
    >>> ds = Dataset.from_arrays([["etching"], ["etchings"], ["etching", "ink"]])
    >>> edits = label_edits(ds)
    >>> edits.frame.select("action", "label", "into").rows()
    [('rename', 'etchings', 'etching')]
    >>> edits.preview("rename:etchings").cells
    [(1, 'etching', 1), (1, 'etchings', 0)]
    >>> edits.edit("rename:etchings")
    Rename 'etchings' into 'etching'; 'etchings' goes
    """
    found = found if found is not None else relations(ds, embeddings=ds.embeddings is not None)
    splits = find_splits(ds, config=config)
    rows = [*_identities(ds, found), *_divisions(splits)]
    return LabelEdits(pl.DataFrame(rows, schema=SCHEMA, orient="row"), ds, splits)


def _identities(ds: Dataset, found: Relations) -> list[tuple[object, ...]]:
    """Merges and renames: of the labels that are one, the most common takes the items of all others."""
    same = found.frame.filter(relation="identical").sort("confidence", "n_ab", descending=True, nulls_last=True, maintain_order=True)
    rows = list(same.iter_rows(named=True))
    ends = [(ds.label_position(row["label_a"]), ds.label_position(row["label_b"])) for row in rows]
    taker = _takers(ends, ds.labels.n_positive)
    counts = count_given_pairs(ds.labels, np.array([*taker], np.int64), np.array([*taker.values()], np.int64))
    shared = dict(zip(taker, counts.n_ab.tolist(), strict=True))
    out: dict[int, tuple[object, ...]] = {}
    for row, pair in sorted(zip(rows, ends, strict=True), key=lambda entry: taker[entry[1][0]] not in entry[1]):  # its own evidence first
        for label in pair:
            into = taker[label]
            if label == into or label in out:
                continue
            action = "rename" if "names" in row["sources"] else "merge"
            words = f"{', '.join(row['sources'])} say that they are one; {shared[label]:,} items carry both"
            aside = "; the labels contradict, as where raters use one word or the other" if row["conflict"] else ""
            name, n_items = ds.label_names[label], int(ds.labels.n_positive[label])
            key = f"{action}:{name}"
            out[label] = (key, action, name, ds.label_names[into], n_items, shared[label], row["confidence"], words + aside)
    return sorted(out.values(), key=lambda edit: edit[1] != "merge")


def _takers(pairs: list[tuple[int, int]], counts: np.ndarray) -> dict[int, int]:
    """For each label in a pair, the most common one of all that it is joined with, by way of others too."""
    labels, ends = np.unique(np.asarray(pairs, np.int64).reshape(-1, 2), return_inverse=True)
    a, b = ends.reshape(-1, 2).T
    n = len(labels)
    _, group = connected_components(sp.csr_matrix((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    order = np.lexsort((labels, -counts[labels]))
    first = dict(reversed([(int(group[k]), int(labels[k])) for k in order]))
    return {int(label): first[int(g)] for label, g in zip(labels, group, strict=True)}


def _divisions(splits: LabelSplits) -> list[tuple[object, ...]]:
    return [
        (f"split:{row['label']}", "split", row["label"], None, row["n_items"], row["n_smaller"], row["silhouette"], row["reason"])
        for row in splits.frame.iter_rows(named=True)
    ]
