"""The long tail: how many positives, negatives and unknown cells each label has, and the tier that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.results import Result
from labelscope.stats.characteristics import characteristics, imbalance

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["TIERS", "LongTail", "long_tail"]

TIERS = ("head", "medium", "tail")
HEAD_ABOVE, TAIL_BELOW = 100, 20  # positives; the tiers of COCO-MLT (Wu et al. 2020)
NO_AUDIT = "no audit yet"
ESTIMATED = [f"{what}{limit}" for what in ("spurious", "missing", "true") for limit in ("", "_low", "_high")]


@runtime_checkable
class Audited(Protocol):
    """What an audit says of single labels; :class:`labelscope.audit.estimate.AuditEstimate` is one."""

    @property
    def label_errors(self) -> pl.DataFrame:
        """label, spurious, missing and true, each with `_low` and `_high`, and note."""


@dataclass(frozen=True, eq=False, repr=False)
class LongTail(Result):
    """Label counts, most frequent label first.

    Attributes
    ----------
    frame : polars.DataFrame, n_labels rows
        label, n_positive, n_negative, n_unknown (items); share = positives / known cells of the label, null where
        nothing is known; tier = "head" (more than 100 positives), "medium", "tail" (fewer than 20); ir_lbl = positives
        of the most frequent label / of this one; cumulative_share = positive cells of this and all more frequent labels
        / all positive cells. What an audit found, with 95 % intervals: spurious, spurious_low, spurious_high = number of its
        positives that are wrong; missing and true, each with limits too, = number of positives that are missed, and that
        there are in truth. Null where the audit does not say, and `audit` says why: "no audit yet", or too few cells.
    characteristics : mapping of str to float
        See :func:`labelscope.stats.characteristics.characteristics`.
    """

    characteristics: Mapping[str, float]

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        sizes = dict(self.frame.group_by("tier").len().iter_rows())
        tiers = ", ".join(f"{sizes.get(tier, 0):,} {tier}" for tier in TIERS)
        of = self.characteristics
        audited = self.frame["true"].is_not_null().sum()
        audit = f"the audit tells the errors of {audited:,}" if self.audited else NO_AUDIT
        return (
            f"Long tail of {self.frame.height:,} labels over {of['n_items']:,} items: {tiers}; {of['cardinality']:.2f} labels an item, "
            f"imbalance {of['mean_ir']:.1f} on average, {of['unknown_share']:.1%} of cells unknown; {audit}"
        )

    @property
    def audited(self) -> bool:
        """Whether there was an audit."""
        return bool((self.frame["audit"] != NO_AUDIT).any())


@checked
def long_tail(ds: Dataset, *, empty_labels: str = "exclude", audit: Audited | None = None) -> LongTail:
    """Counts of each label, its tier, and the characteristics of the data set.

    Parameters
    ----------
    ds : Dataset
    empty_labels : {"exclude", "zero"}
        What a label that never occurs does to the imbalance figures: left out, or 0 as in the published tables (mldr).
    audit : AuditEstimate, optional
        ``session.estimate``, or the estimate of an audit sample: how many labels are wrong and missed, label by label. There
        are no such numbers without one: a model's guess is not a count.

    Returns
    -------
    LongTail

    Notes
    -----
    The TCS takes the number of input features from the embeddings; without any it is NaN.

    Examples
    --------
    >>> from labelscope import Dataset
    >>> long_tail(Dataset.from_arrays([["cat", "dog"], ["dog"]])).frame.select("label", "n_positive", "tier").rows()
    [('dog', 2, 'tail'), ('cat', 1, 'tail')]
    """
    labels = ds.labels
    n_features = None if ds.embeddings is None else int(ds.embeddings.shape[1])
    figures = characteristics(labels, n_features=n_features, empty_labels=empty_labels)
    counts = labels.n_positive
    known = counts + labels.n_negative
    order = np.argsort(-counts, kind="stable")
    columns = {
        "n_positive": counts,
        "n_negative": labels.n_negative,
        "n_unknown": labels.n_unknown,
        "share": np.divide(counts, known, out=np.full(len(counts), np.nan), where=known > 0),
        "ir_lbl": imbalance(counts, empty_labels=empty_labels),
    }
    n_positive = pl.col("n_positive")
    frame = pl.DataFrame({"label": np.asarray(ds.label_names, object)[order].tolist()} | {name: of[order] for name, of in columns.items()})
    frame = frame.with_columns(
        pl.col("share", "ir_lbl").fill_nan(None),
        pl.when(n_positive > HEAD_ABOVE).then(pl.lit("head")).when(n_positive >= TAIL_BELOW).then(pl.lit("medium"))
        .otherwise(pl.lit("tail")).alias("tier"),
        (n_positive.cum_sum() / n_positive.sum()).alias("cumulative_share"),
    )  # fmt: skip
    shown = ("label", "n_positive", "n_negative", "n_unknown", "share", "tier", "ir_lbl", "cumulative_share")
    return LongTail(_with_errors(frame.select(shown), audit), figures)


def _with_errors(frame: pl.DataFrame, audit: Audited | None) -> pl.DataFrame:
    """The frame with what the audit says of each label, null where it says nothing."""
    if audit is None:
        nothing = (pl.lit(None, pl.Float64).alias(name) for name in ESTIMATED)
        return frame.with_columns(*nothing, audit=pl.lit(NO_AUDIT))
    found = audit.label_errors.select("label", *ESTIMATED, pl.col("note").alias("audit"))
    return frame.join(found, on="label", how="left", maintain_order="left").with_columns(pl.col("audit").fill_null("not in the sample"))
