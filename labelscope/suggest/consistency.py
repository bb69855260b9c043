"""Suggestions that can be applied together: every change comes with what it makes necessary, and none contradicts another.

Flagged cells are looked at one by one; labels are not independent. Here the flagged changes of an item become a
consistent set under the constraints (:mod:`labelscope.suggest.label_logic`):

1. A removal is dropped where a plausible label of the item implies the label; an addition is dropped where a more
   plausible label of the item excludes it.
2. Of two changes that contradict each other the surer one stays.
3. Missing parents of added labels are added, children of removed labels are removed, and so are the given labels that
   an added label excludes (a swap).
4. Given labels that a constraint keeps apart are parted, and where a given label still lacks a parent, the parent is
   added (:mod:`labelscope.suggest.constraint_repair`). In data with one label an item, an item that loses its label gets the next
   best one.

After all of them are applied no positive has a negative parent, no pair that a constraint keeps apart is left, and no
exclusive pair has come about. Confidence is
coherent (:func:`cohere`), so the same holds for the suggestions above any confidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.cell_scores import Scores
from labelscope.data.labels import POSITIVE
from labelscope.suggest.changes import beside, best_first, joined, one_each, suspicion_of
from labelscope.suggest.constraint_repair import mark_implied, mend, separate
from labelscope.suggest.label_logic import LabelLogic

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Findings

__all__ = ["cohere", "complete", "requirements", "swaps"]

PLAUSIBLE = 0.5  # suspicion up to which a given label stays


def complete(changes: pl.DataFrame, dataset: Dataset, findings: Findings, probabilities: Scores, logic: LabelLogic) -> pl.DataFrame:
    """The changes that are consistent, with what they require.

    Parameters
    ----------
    changes : polars.DataFrame
        The flagged ones in :data:`labelscope.suggest.changes.SCHEMA`, one a cell, best first.
    dataset : Dataset
    findings : Findings
        For the suspicion of the given labels.
    probabilities : Scores, shape (n_items, n_labels)
    logic : LabelLogic

    Returns
    -------
    polars.DataFrame
        In :data:`labelscope.suggest.changes.SCHEMA`, one row a cell, in no particular order.
    """
    if not logic.any:
        return changes
    kept = _uncontradicted(_supported(changes, dataset, findings, logic), logic)
    changes = joined(kept, _forced(kept, dataset, logic))
    changes = joined(changes, separate(changes, dataset, findings, logic))
    if logic.single:
        return joined(changes, _instead(changes, dataset, probabilities))
    changes = joined(changes, mend(changes, dataset, findings, logic))
    return mark_implied(changes, dataset, findings, logic)


def requirements(changes: pl.DataFrame, logic: LabelLogic) -> tuple[np.ndarray, np.ndarray]:
    """Positions (i, j) of the changes such that change i makes change j of the same item necessary, int64 (n_pairs,) each."""
    pairs = _together(changes)
    needed = logic.requires(*_arguments(pairs))
    return pairs["index"].to_numpy()[needed], pairs["index_2"].to_numpy()[needed]


def swaps(changes: pl.DataFrame, source: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Which of the requirements are an added label that replaces a removed one, bool (n_pairs,)."""
    adds = changes["add"].to_numpy()
    return np.asarray(adds[source] & ~adds[needed])


def cohere(confidence: np.ndarray, source: np.ndarray, needed: np.ndarray, swapped: np.ndarray | None = None) -> np.ndarray:
    """Confidence such that what a change makes necessary is at least as sure as the change.

    Parameters
    ----------
    confidence : array of float, shape (n_changes,)
    source, needed : array of int, shape (n_pairs,)
        From :func:`requirements`, which is transitive, so that one pass is enough.
    swapped : array of bool, shape (n_pairs,), optional
        Pairs in which the change is lowered instead: a swap is as sure as its weaker half. An exclusion is read from data,
        and decisions that go against it should not be talked over. By default what is necessary is raised in all pairs.
    """
    out = confidence.copy()
    if swapped is not None:
        np.minimum.at(out, source[swapped], confidence[needed[swapped]])
        source, needed = source[~swapped], needed[~swapped]
    np.maximum.at(out, needed, out[source])
    return out


def _arguments(pairs: pl.DataFrame) -> tuple[np.ndarray, ...]:
    return tuple(pairs[name].to_numpy() for name in ("column", "add", "column_2", "add_2"))


def _together(changes: pl.DataFrame) -> pl.DataFrame:
    """All ordered pairs of changes of one item, with their positions."""
    cells = changes.select("row", "column", "add").with_row_index("index").with_columns(pl.col("index").cast(pl.Int64))
    cells = cells.filter(pl.len().over("row") > 1)
    return cells.join(cells, on="row", suffix="_2").filter(pl.col("index") != pl.col("index_2"))


def _excluded(pairs: pl.DataFrame, logic: LabelLogic) -> np.ndarray:
    """Whether a change makes it necessary to remove the given label beside it."""
    a, adds, b = (pairs[name].to_numpy() for name in ("column", "add", "given"))
    return logic.requires(a, adds, b, np.zeros(len(b), bool)) & (a != b)


def _supported(changes: pl.DataFrame, dataset: Dataset, findings: Findings, logic: LabelLogic) -> pl.DataFrame:
    """The changes that no plausible given label speaks against."""
    pairs = beside(changes, dataset)
    pairs = pairs.filter(pl.Series(_excluded(pairs, logic)))
    plausible = 1 - suspicion_of(findings, pairs["row"], pairs["given"])
    against = np.where(pairs["add"], plausible >= pairs["strength"].to_numpy(), plausible >= PLAUSIBLE)
    keep = np.ones(changes.height, bool)
    keep[pairs["index"].to_numpy()[against]] = False
    return changes.filter(pl.Series(keep))


def _uncontradicted(changes: pl.DataFrame, logic: LabelLogic) -> pl.DataFrame:
    """Best first, each change that no better one which is kept contradicts."""
    pairs = _together(changes)
    clash = logic.contradicts(*_arguments(pairs))
    a, b = pairs["index"].to_numpy()[clash], pairs["index_2"].to_numpy()[clash]
    return changes.filter(pl.Series(best_first(changes.height, np.minimum(a, b), np.maximum(a, b))))


def _forced(kept: pl.DataFrame, dataset: Dataset, logic: LabelLogic) -> pl.DataFrame:
    """What the changes make necessary and is neither given nor suggested already."""
    down = beside(kept, dataset)
    down = down.filter(pl.Series(_excluded(down, logic))).with_columns(cause="column").drop("column", "index")
    down = down.rename({"given": "column"}).with_columns(add=pl.lit(value=False))
    up = _lacking(kept.filter("add").with_columns(cause="column"), dataset, logic)
    found = pl.concat([part.select("row", "column", "add", "confidence", "strength", "cause") for part in (down, up)])
    return one_each(found, "forced").join(kept, on=["row", "column"], how="anti")


def _lacking(added: pl.DataFrame, dataset: Dataset, logic: LabelLogic) -> pl.DataFrame:
    """The ancestors of added labels that the items do not have, each with the addition that wants it."""
    columns = added["column"].to_numpy()
    width = np.diff(logic.above.indptr)[columns]
    wide = added[np.repeat(np.arange(added.height), width)].with_columns(
        pl.Series("column", logic.above[columns].indices.astype(np.int64)),
    )
    states = dataset.labels.states(wide["row"].to_numpy(), wide["column"].to_numpy())
    return wide.filter(pl.Series(states != POSITIVE) & (pl.col("column") != pl.col("cause")))


def _instead(changes: pl.DataFrame, dataset: Dataset, probabilities: Scores) -> pl.DataFrame:
    """For items that lose their only label: the most probable other one, where it is more probable than not."""
    counts = changes.group_by("row").agg(n_added=pl.col("add").sum(), n_removed=(~pl.col("add")).sum())
    lost = changes.filter(~pl.col("add")).join(counts.filter(n_added=0, n_removed=1), on="row", how="semi")
    rows, columns = lost["row"].to_numpy(), lost["column"].to_numpy()
    alone = np.diff(dataset.labels.positives.indptr)[rows] == 1
    p_lost = probabilities.at(rows, columns).astype(np.float32).astype(np.float64)
    best, most = probabilities.highest_besides(rows, columns)
    p_best = most.astype(np.float64)
    share = np.clip(p_best / np.maximum(1 - p_lost, 1e-6), 0, 1)  # of what is left once the lost label is ruled out
    return lost.with_columns(
        pl.Series("column", best), pl.lit(value=True).alias("add"), pl.lit("instead").alias("kind"), pl.Series("cause", columns),
        pl.col("confidence") * pl.Series(share), pl.col("strength") * pl.Series(share),
    ).filter(pl.Series(alone & (p_best > PLAUSIBLE)))  # fmt: skip
