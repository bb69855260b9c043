"""Given labels that break a constraint, and the smallest change that repairs them.

A label without its parent is an error for certain, in one cell or the other. Nothing is known against the child (it
would have been suggested for removal), so the parent is added; unless another label of the item excludes it. What a
given label implies is as sure as that label. Of given labels that a constraint keeps apart, the most plausible one stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE, LabelMatrix
from labelscope.suggest.changes import SCHEMA, apply, beside, best_first, given_labels, joined, one_each, suspicion_of
from labelscope.suggest.label_logic import LabelLogic

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Findings

__all__ = ["mark_implied", "mend", "separate"]


SURE = 1e-6  # no label is wrong, or right, more surely than that


def mend(changes: pl.DataFrame, dataset: Dataset, findings: Findings, logic: LabelLogic) -> pl.DataFrame:
    """Parents that given labels still lack after the changes; or the label goes, where another one excludes its parent.

    Parameters
    ----------
    changes : polars.DataFrame
        Consistent ones, in :data:`labelscope.suggest.changes.SCHEMA`.
    dataset : Dataset
    findings : Findings
    logic : LabelLogic

    Returns
    -------
    polars.DataFrame
        Further changes, of the kinds "implied" and "excluded".
    """
    after = apply(dataset.labels, changes)
    broken = _broken(after, logic)
    suspicion = suspicion_of(findings, broken["row"], broken["cause"])
    broken = broken.with_columns(pl.Series("suspicion", suspicion), pl.Series("wrong", _wrong(findings, dataset, broken)))
    lost = _lost(broken, after, logic)
    parents = broken.join(lost, on=["row", "cause"], how="anti").with_columns(
        add=pl.lit(value=True), confidence=1 - pl.col("wrong"), strength=1 - pl.col("wrong")
    )
    gone = lost.join(broken.unique(["row", "cause"]), on=["row", "cause"]).select(
        "row", add=pl.lit(value=False), column="cause", cause="by", confidence="wrong", strength="suspicion"
    )
    return joined(one_each(parents, "implied"), one_each(gone, "excluded"))


def separate(changes: pl.DataFrame, dataset: Dataset, findings: Findings, logic: LabelLogic) -> pl.DataFrame:
    """Removals that leave no item with two given labels which a constraint keeps apart.

    The most plausible label of an item stays, then the next one that no label which stays excludes, and so on. A label
    counts as plausible as its best descendant in the item, so that no label goes whose descendant stays.

    Parameters
    ----------
    changes, dataset, findings, rules
        As for :func:`mend`.

    Returns
    -------
    polars.DataFrame
        Further changes, of the kind "exclusive". Their confidence is the probability that this label is the wrong one, if
        one of the two is.
    """
    positives = apply(dataset.labels, changes).positives.astype(np.int32)
    clashing = positives.multiply(positives @ logic.stated.astype(np.int32)).tocoo()
    cells = pl.DataFrame({"row": clashing.row.astype(np.int64), "cause": clashing.col.astype(np.int64)})
    cells = cells.with_columns(pl.Series("suspicion", suspicion_of(findings, cells["row"], cells["cause"])))
    cells = cells.with_columns(pl.Series("wrong", _wrong(findings, dataset, cells)).clip(SURE, 1 - SURE))
    cells = cells.join(_ranked(cells, logic), on=["row", "cause"]).sort("rank", "row", "cause").with_row_index("place")
    pairs = cells.join(cells, on="row", suffix="_2").filter(pl.col("place") < pl.col("place_2"))
    pairs = pairs.filter(pl.Series(logic.keeps_apart(pairs["cause"].to_numpy(), pairs["cause_2"].to_numpy())))
    stays = best_first(cells.height, pairs["place"].to_numpy(), pairs["place_2"].to_numpy())
    pairs = pairs.filter(pl.Series(stays[pairs["place"].to_numpy()] & ~stays[pairs["place_2"].to_numpy()]))
    only_first, only_second = pl.col("wrong") * (1 - pl.col("wrong_2")), pl.col("wrong_2") * (1 - pl.col("wrong"))
    gone = pairs.select(
        "row", "cause", column="cause_2", add=pl.lit(value=False), strength="suspicion_2",
        confidence=only_second / (only_first + only_second),
    )  # fmt: skip
    return one_each(gone, "exclusive")


def mark_implied(changes: pl.DataFrame, dataset: Dataset, findings: Findings, logic: LabelLogic) -> pl.DataFrame:
    """The same changes; those that a given label implies are marked so, and at least as sure as that label."""
    pairs = beside(changes.filter("add"), dataset).rename({"given": "child"})
    pairs = pairs.filter(pl.Series(logic.implies(pairs["child"].to_numpy(), pairs["column"].to_numpy())))
    removed = changes.filter(~pl.col("add")).select("row", child="column")
    pairs = pairs.join(removed, on=["row", "child"], how="anti").with_columns(cause="child").drop("index", "child")
    sure = pairs.with_columns(confidence=1 - _wrong(findings, dataset, pairs))
    best = sure.sort(["confidence", "cause"], descending=[True, False]).unique(["row", "column"], keep="first", maintain_order=True)
    best = best.select("row", "column", by="cause", sure="confidence")
    found = changes.join(best, on=["row", "column"], how="left", maintain_order="left")
    return found.with_columns(
        kind=pl.when(pl.col("by").is_not_null()).then(pl.lit("implied")).otherwise("kind"),
        cause=pl.coalesce("by", "cause"),
        confidence=pl.max_horizontal("confidence", "sure"),
        strength=pl.max_horizontal("strength", "sure"),
    ).select(list(SCHEMA))


def _broken(labels: LabelMatrix, logic: LabelLogic) -> pl.DataFrame:
    """Negative ancestors of positive labels: row, column and cause (the label that implies it); one row a pair."""
    present = labels.positives.astype(np.int32)
    wanted = (present @ logic.above.astype(np.int32)).tocoo()
    rows, columns = wanted.row.astype(np.int64), wanted.col.astype(np.int64)
    negative = labels.states(rows, columns) == NEGATIVE
    cells = pl.DataFrame({"row": rows[negative], "column": columns[negative]})
    pairs = cells.join(given_labels(labels, rows[negative], "cause"), on="row", maintain_order="left")
    return pairs.filter(pl.Series(logic.implies(pairs["cause"].to_numpy(), pairs["column"].to_numpy())))


def _lost(broken: pl.DataFrame, labels: LabelMatrix, logic: LabelLogic) -> pl.DataFrame:
    """Labels (row, cause) whose missing parent another label of the item excludes, and by which: `by`.

    Of two labels that both lack a parent and exclude each other the more plausible one stays.
    """
    pairs = broken.join(given_labels(labels, broken["row"].to_numpy(), "by"), on="row").filter(pl.col("by") != pl.col("cause"))
    pairs = pairs.filter(pl.Series(logic.excludes(pairs["column"].to_numpy(), pairs["by"].to_numpy())))
    rank = _ranked(broken, logic)
    back = pairs.select("row", cause="by", by="cause").join(rank, on=["row", "cause"], how="semi")
    pairs = pl.concat([pairs.select("row", "cause", "by"), back])  # both lack a parent: the worse is lost, whichever it is
    pairs = pairs.join(rank, on=["row", "cause"]).join(rank.rename({"cause": "by", "rank": "by_rank"}), on=["row", "by"], how="left")
    beaten = pl.col("by_rank").is_null() | (pl.col("by_rank") < pl.col("rank"))
    lost = pairs.filter(beaten).sort("row", "cause", "by_rank", "by", nulls_last=True)
    return lost.unique(["row", "cause"], keep="first", maintain_order=True).select("row", "cause", "by")


def _ranked(broken: pl.DataFrame, logic: LabelLogic) -> pl.DataFrame:
    """Rank of each label that lacks a parent, the most plausible first: row, cause, rank. A label ranks with its best descendant."""
    cells = broken.unique(["row", "cause"]).sort("suspicion", "cause", "row").select("row", "cause").with_row_index("rank")
    pairs = cells.join(cells, on="row", suffix="_2")
    a, b = pairs["cause_2"].to_numpy(), pairs["cause"].to_numpy()
    return pairs.filter(pl.Series((a == b) | logic.implies(a, b))).group_by("row", "cause").agg(pl.col("rank_2").min().alias("rank"))


def _wrong(findings: Findings, dataset: Dataset, cells: pl.DataFrame) -> pl.Series:
    """Estimated probability that given labels (row, cause) are wrong: as listed, or at most their suspicion."""
    listed = findings.cells.filter(kind="spurious").select("item_id", "label", "confidence")
    keys = cells.select(
        pl.Series("item_id", dataset.item_ids)[cells["row"].to_numpy()],
        pl.Series("label", dataset.label_names, dtype=pl.String)[cells["cause"].to_numpy()],
    )
    known = keys.join(listed, on=["item_id", "label"], how="left", maintain_order="left")["confidence"].cast(pl.Float64)
    return known.fill_null(pl.Series(suspicion_of(findings, cells["row"], cells["cause"]))).alias("wrong")
