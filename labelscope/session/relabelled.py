"""Results of stages under the labels that there are now: made on an earlier label set, and fitted to the one of today.

Every label keeps its place, whatever becomes of the label set: labels that came stand behind the others, those that went have
no known cell. So what was found holds for the same columns; a label that was renamed takes what was found under its earlier
name, and of a label that came nothing is found until the stages run again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.data.cell_scores import Scores
from labelscope.data.extended_scores import ExtendedScores
from labelscope.data.listed_scores import ListedScores

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Findings
    from labelscope.models.predict import Predictions
    from labelscope.suggest.novel import NovelLabels
    from labelscope.suggest.pseudo import PseudoLabels
    from labelscope.suggest.relabel import Suggestions

__all__ = ["FITTED", "OF_ITEMS", "LabelSetNow"]

OF_ITEMS = frozenset({"embeddings", "first_map", "map", "personal_data", "_content"})  # no label is in them


@dataclass(frozen=True)
class LabelSetNow:
    """The labels now, against those that a result was made with.

    Attributes
    ----------
    dataset : Dataset
        Every label that ever was, each at its place.
    names : mapping of str to str
        What each label that ever was is called now; labels that went are not in it.
    origins : int64 array of shape (n_labels,)
        Place of the label that each one was first.
    closed : polars.DataFrame
        Cells of labels that have another name now that somebody had decided: item_id (as text), label (the earlier name).
    """

    dataset: Dataset
    names: Mapping[str, str]
    origins: np.ndarray
    closed: pl.DataFrame

    def renamed(self, frame: pl.DataFrame, column: str = "label") -> pl.DataFrame:
        """The rows of a frame about labels that are there, under their names of today."""
        named = pl.col(column).replace_strict(self.names, default=None, return_dtype=pl.String)
        return frame.with_columns(named).filter(pl.col(column).is_not_null())


def _fitted(scores: Scores, n_labels: int, more: np.ndarray, name: str) -> Scores:
    """Scores of so many labels, those behind the known ones given; of listed scores, their cells are not listed."""
    if not more.shape[1] and n_labels == scores.shape[1]:
        return scores
    if not isinstance(scores, ListedScores):
        return ExtendedScores(scores, min(n_labels, scores.shape[1]), more)
    n_items, kept = scores.shape[0], scores.labels < n_labels
    starts = np.append(0, np.cumsum(np.bincount(scores.items[kept], minlength=n_items)))
    means = more.mean(axis=0)
    rest = np.append(scores.rest[:n_labels], means).astype(np.float32)
    told = np.append(scores.means()[:n_labels], means)
    return ListedScores((n_items, n_labels), starts, scores.labels[kept], scores.numbers[kept], rest, told, name)


def _predictions(made: Predictions, now: LabelSetNow) -> Predictions:
    known, dataset = made.frame.height, now.dataset
    more = range(known, dataset.n_labels)
    given = made.cell_probabilities
    share = dataset.labels.n_positive / max(1, dataset.n_items)
    columns = np.empty((dataset.n_items, len(more)), np.float32)
    rows = []
    for i, label in enumerate(more):
        of = int(now.origins[label])
        is_known = of < known
        columns[:, i] = given.column(of) if is_known and not isinstance(given, ListedScores) else share[label]
        told = made.frame.row(of, named=True) if is_known else {"n_positive": int(dataset.labels.n_positive[label]), "scored": False}
        rows.append({**told, "label": dataset.label_names[label]})
    told_of = [{name: row.get(name) for name in made.frame.columns} for row in rows]
    frame = pl.concat([made.frame.head(dataset.n_labels), pl.DataFrame(told_of, schema=made.frame.schema)])
    return replace(made, frame=frame, probabilities=_fitted(given, dataset.n_labels, columns, "probabilities"))


def _findings(made: Findings, now: LabelSetNow) -> Findings:
    scores, n_labels = made.cell_scores, now.dataset.n_labels
    n_items, known = scores.shape
    unscored = np.zeros((n_items, max(0, n_labels - known)), np.float32)
    unseen = [name for k, name in enumerate(now.dataset.label_names) if k >= known and now.origins[k] >= known]
    return replace(
        made,
        frame=now.renamed(made.frame),
        scores=_fitted(scores, n_labels, unscored, "scores"),
        not_scored=(*(now.names[name] for name in made.not_scored if name in now.names), *unseen),
        miss_rates=now.renamed(made.miss_rates),
        _context=made.context if n_labels == known else None,
    )


def _suggestions(made: Suggestions, now: LabelSetNow) -> Suggestions:
    frame = now.renamed(made.frame.with_columns(__was=pl.col("label")))
    decided = now.closed.rename({"item_id": "__item", "label": "__was"})
    frame = frame.with_columns(__item=pl.col("item_id").cast(pl.String)).join(
        decided, on=["__item", "__was"], how="anti", maintain_order="left"
    )
    moved = frame.filter(pl.col("label") != pl.col("__was"))
    if moved.height:
        place = {name: k for k, name in enumerate(now.dataset.label_names)}
        rows = [now.dataset.position(item) for item in moved["item_id"]]
        ids = [f"{row}.{place[name]}" for row, name in zip(rows, moved["label"], strict=True)]
        new = dict(zip(moved["suggestion_id"], ids, strict=True))
        own = [pl.col(name).replace(new) for name in ("suggestion_id", "set_id") if name in frame.columns]
        listed = [pl.col("companions").list.eval(pl.element().replace(new))] if "companions" in frame.columns else []
        frame = frame.with_columns(*own, *listed)
    if "swap" in frame.columns:
        frame = frame.with_columns(pl.col("swap").replace_strict(now.names, default=None, return_dtype=pl.String))
    frame = frame.drop("__was", "__item")
    batches = now.renamed(made.batches) if made.batches.height else made.batches
    return replace(made, frame=frame, batches=batches)


def _pseudo_labels(made: PseudoLabels, now: LabelSetNow) -> PseudoLabels:
    abstained = now.renamed(made.abstained) if made.abstained.height else made.abstained
    return replace(made, frame=now.renamed(made.frame), abstained=abstained)


def _novel_labels(made: NovelLabels, now: LabelSetNow) -> NovelLabels:
    return made.on(now.dataset)


FITTED: Mapping[str, Callable[[Any, LabelSetNow], Any]] = {
    "predictions": _predictions,
    "findings": _findings,
    "suggestions": _suggestions,
    "pseudo_labels": _pseudo_labels,
    "novel_labels": _novel_labels,
}
"""How the results that are kept through an edit of the label set are fitted to it; all others about labels are made anew."""
