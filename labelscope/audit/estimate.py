"""What an audit sample says: how many labels are wrong, of which kind, in which label, and how sure that is.

Every number comes with an interval; there is no number that only a model has said. Undecidable cells count neither as
right nor as wrong (the cells of their stratum that were decided stand for them) and their share is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from labelscope.audit.population_total import Total, total_interval
from labelscope.data.results import Result

__all__ = ["AuditEstimate", "Share", "about", "estimate", "one_in"]

PARTS = {
    "all": pl.lit(True),
    "spurious": pl.col("kind") == "spurious",
    "missing": pl.col("kind") == "missing",
    "flagged": pl.col("flagged"),
    "flagged spurious": pl.col("flagged") & (pl.col("kind") == "spurious"),
    "flagged missing": pl.col("flagged") & (pl.col("kind") == "missing"),
    "not flagged": ~pl.col("flagged"),
}
WITHIN = {"flagged": ("flagged spurious", "flagged missing"), "all": ("spurious", "missing", "flagged", "not flagged")}
LEAST_AUDITED = 5  # cells of a label below which its interval is not worth computing
TELLING = 0.4  # share of a label's cells that its interval must be narrower than
NUMBERS = {
    "part": pl.String, "n_cells": pl.Int64, "n_audited": pl.Int64, "n_wrong": pl.Int64, "n_undecidable": pl.Int64,
    "wrong": pl.Float64, "wrong_low": pl.Int64, "wrong_high": pl.Int64,
    "rate": pl.Float64, "rate_low": pl.Float64, "rate_high": pl.Float64,
}  # fmt: skip
LABELS = {
    "label": pl.String, "n_cells": pl.Int64, "n_audited": pl.Int64, "n_wrong": pl.Int64,
    "error_rate": pl.Float64, "error_low": pl.Float64, "error_high": pl.Float64,
    "given_prevalence": pl.Float64, "prevalence": pl.Float64, "prevalence_low": pl.Float64, "prevalence_high": pl.Float64,
    "note": pl.String,
}  # fmt: skip
ERRORS: dict[str, Any] = {"label": pl.String} | {
    f"{what}{limit}": pl.Float64 for what in ("spurious", "missing", "true") for limit in ("", "_low", "_high")
} | {"note": pl.String}  # fmt: skip


class Share(NamedTuple):
    """A share with its interval, all in [0, 1]."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, repr=False)
class AuditEstimate(Result):
    """Numbers of wrong cells, with intervals.

    Attributes
    ----------
    frame : polars.DataFrame
        part ("all"; "spurious" and "missing"; "flagged", whole and by kind; "not flagged"), n_cells, n_audited (with a
        verdict of right or wrong), n_wrong (among these), n_undecidable, then the number of wrong cells as wrong,
        wrong_low and wrong_high, and the same as a share of the cells: rate, rate_low and rate_high. Parts without
        cells are left out. Numbers are null where nothing was audited; their limits are then all that is possible.
    strata : polars.DataFrame
        stratum, kind, flagged, n_cells, n_drawn, n_audited, n_wrong, n_undecidable: all that the numbers rest on.
    by_label : polars.DataFrame
        label, stratum, kind, n_cells, n_audited, n_wrong, for the labels in the sample.
    confidence : float
        Of each interval by itself.
    """

    strata: pl.DataFrame = field(default_factory=pl.DataFrame)
    by_label: pl.DataFrame = field(default_factory=pl.DataFrame)
    confidence: float = 0.95

    def wrong(self, part: str = "all") -> Total:
        """Number of wrong cells of a part, with its interval; the estimate is NaN where nothing was audited."""
        row = self._row(part)
        return Total(math.nan, 0, 0) if row is None else Total(_number(row["wrong"]), int(row["wrong_low"]), int(row["wrong_high"]))

    @property
    def false_discovery_rate(self) -> Share:
        """Share of the flagged cells that are right after all. With one kind flagged, the interval of Clopper and Pearson."""
        row = self._row("flagged")
        return Share(math.nan, 0.0, 1.0) if row is None else Share(1 - _number(row["rate"]), 1 - row["rate_high"], 1 - row["rate_low"])

    @property
    def undecidable_share(self) -> float:
        """Share of the answered cells on which no verdict was possible; 0 if none was answered."""
        answered = self._sum("n_audited") + self._sum("n_undecidable")
        return self._sum("n_undecidable") / answered if answered else 0.0

    @property
    def n_left(self) -> int:
        """Drawn cells without an answer."""
        return self._sum("n_drawn") - self._sum("n_audited") - self._sum("n_undecidable")

    @cached_property
    def labels(self) -> pl.DataFrame:
        """Error rate and prevalence of each label in the sample, most audited first; computed when asked for.

        Columns: label, n_cells (known), n_audited, n_wrong, error_rate with error_low and error_high,
        given_prevalence, prevalence (share of known cells that truly carry the label) with prevalence_low and
        prevalence_high, and a note. Numbers are null, and the note says why, where the sample says next to nothing.
        Each interval holds by itself: of many labels some will lie outside.
        """
        rows = [_label(str(label), part, self.confidence) for (label,), part in self.by_label.group_by("label", maintain_order=True)]
        return pl.DataFrame(rows, schema=LABELS, orient="row").sort(["n_audited", "n_wrong"], descending=True, maintain_order=True)

    @cached_property
    def label_errors(self) -> pl.DataFrame:
        """How many positives of each label in the sample are wrong, and how many are missed; computed when asked for.

        Columns: label; spurious = number of its given positives that are none, missing = number of its given negatives that
        are positive, true = number of its known cells that are positive in truth (only where both others are told), each
        with `_low` and `_high`; and a note. Numbers are null, and the note says why, where the sample says next to nothing.
        Each interval holds by itself.
        """
        rows = [_errors(str(label), part, self.confidence) for (label,), part in self.by_label.group_by("label", maintain_order=True)]
        return pl.DataFrame(rows, schema=ERRORS, orient="row")

    @property
    def notes(self) -> tuple[str, ...]:
        """What the numbers do not say, and what would make the interval narrower, in sentences."""
        return tuple(note for note in (self._unfinished(), self._undecided(), self._widest()) if note)

    def summary(self) -> str:
        """One line of plain text."""
        if not self._sum("n_audited"):
            return f"AuditEstimate: nothing can be said yet; {self.n_left:,} cells wait for a verdict"
        total = self.wrong()
        kinds = ", ".join(f"{kind} {in_words(self.wrong(kind))}" for kind in ("spurious", "missing") if self._row(kind) is not None)
        audited = f"{self._sum('n_audited'):,} audited cells"
        return f"AuditEstimate: {in_words(total)} of {self._sum('n_cells'):,} cells are wrong ({kinds}), by {audited}"

    def _unfinished(self) -> str:
        unseen = self.strata.filter(pl.col("n_audited") == 0)
        said = f"{_cells(self.n_left)} of the sample still wait for a verdict." if self.n_left else ""
        if unseen.height and self._sum("n_audited"):
            silent = _cells(int(unseen["n_cells"].sum()))
            said += f" Nothing is known yet about {silent} of which none was audited: the limits allow for anything there."
        return said.strip()

    def _undecided(self) -> str:
        n = self._sum("n_undecidable")
        if not n:
            return ""
        share = f"{100 * self.undecidable_share:.0f}% of the answers"
        return f"{_cells(n)} ({share}) could not be decided; those decided beside them stand for them."

    def _widest(self) -> str:
        audited = self._sum("n_audited")
        if not audited:
            return ""
        x, n, cells = (self.strata[name].to_numpy() for name in ("n_wrong", "n_audited", "n_cells"))
        rate = (x + 1) / (n + 2)
        spread = cells**2.0 * rate * (1 - rate) / np.maximum(n, 0.5) * (1 - n / cells)
        if not spread.sum():
            return ""
        most = self.strata.row(int(np.argmax(spread)), named=True)
        what = f"{'flagged ' if most['flagged'] else ''}{'given' if most['kind'] == 'spurious' else 'absent'} labels"
        share = spread.max() / spread.sum()
        alike = "" if most["flagged"] else " that look alike"
        return (
            f"{100 * share:.0f}% of the uncertainty comes from {most['n_cells']:,} {what}{alike}, of which {most['n_audited']:,} were "
            f"audited and {most['n_wrong']:,} found wrong. About {about(3 * audited)} more audited cells would halve the interval."
        )

    def _row(self, part: str) -> dict[str, float] | None:
        return next(self.frame.filter(part=part).iter_rows(named=True), None)

    def _sum(self, column: str) -> int:
        return int(self.strata[column].sum()) if column in self.strata.columns else 0


def estimate(strata: pl.DataFrame, by_label: pl.DataFrame, confidence: float) -> AuditEstimate:
    """The numbers that the counts of a sample give.

    Parameters
    ----------
    strata : polars.DataFrame
        stratum, kind, flagged, n_cells, n_drawn, n_audited, n_wrong, n_undecidable.
    by_label : polars.DataFrame
        label, stratum, kind, n_cells, n_audited, n_wrong.
    confidence : float
    """
    chosen = {part: found for part, belongs in PARTS.items() if (found := strata.filter(belongs)).height}
    totals = {part: _total(found, confidence) for part, found in chosen.items()}
    for whole in WITHIN:
        if whole in totals:
            totals[whole] = _at_least_its_parts(whole, totals, chosen)
    rows = []
    for part, (value, low, high) in totals.items():
        cells, *counts = (int(chosen[part][name].sum()) for name in ("n_cells", "n_audited", "n_wrong", "n_undecidable"))
        known = value if counts[0] else None
        rows.append((part, cells, *counts, known, low, high, None if known is None else known / cells, low / cells, high / cells))
    return AuditEstimate(pl.DataFrame(rows, schema=NUMBERS, orient="row"), strata=strata, by_label=by_label, confidence=confidence)


def about(value: float) -> str:
    """A count as a person would say it: two digits that count, and no more than the data has.

    Examples
    --------
    >>> about(3847), about(96), about(0)
    ('3,800', '96', '0')
    """
    if not value:
        return "0"
    digits = max(0, math.floor(math.log10(abs(value))) - 1)
    return f"{round(value, -digits):,.0f}"


def one_in(rate: float) -> str:
    """A rate in words.

    Examples
    --------
    >>> one_in(0.0033), one_in(0.4), one_in(0.0)
    ('1 in 300', '40%', 'none')
    """
    if rate <= 0:
        return "none"
    return f"1 in {about(1 / rate)}" if rate < 0.1 else f"{100 * rate:.0f}%"


def in_words(total: Total) -> str:
    """A total with its interval.

    Examples
    --------
    >>> in_words(Total(118.2, 60, 190)), in_words(Total(0.0, 0, 1825)), in_words(Total(7.0, 7, 7))
    ('about 120 (60 to 190)', 'none found, at most 1,800', '7')
    """
    if total.low == total.high:
        return f"{total.low:,}"
    if math.isnan(total.estimate):
        return f"unknown ({about(total.low)} to {about(total.high)})"
    if not total.estimate:
        return f"none found, at most {about(total.high)}"
    return f"about {about(total.estimate)} ({about(total.low)} to {about(total.high)})"


def _total(strata: pl.DataFrame, confidence: float) -> Total:
    return total_interval(*(strata[name].to_numpy() for name in ("n_cells", "n_audited", "n_wrong")), confidence=confidence)


def _at_least_its_parts(whole: str, totals: dict[str, Total], chosen: dict[str, pl.DataFrame]) -> Total:
    """The total of a whole whose upper limit leaves room for that of any part beside what was found outside it.

    Each limit holds by itself without this; but a person who reads "at most 6,000" under "at most 5,000" trusts neither.
    """
    found = int(chosen[whole]["n_wrong"].sum())
    needs = [totals[part].high + found - int(chosen[part]["n_wrong"].sum()) for part in WITHIN[whole] if part in totals]
    return totals[whole]._replace(high=max(totals[whole].high, *needs))


def _label(label: str, strata: pl.DataFrame, confidence: float) -> tuple[object, ...]:
    """One row of :attr:`AuditEstimate.labels`."""
    cells, audited, wrong = (strata[name].to_numpy() for name in ("n_cells", "n_audited", "n_wrong"))
    given = (strata["kind"] == "spurious").to_numpy()
    n, seen = int(cells.sum()), int(audited.sum())
    head = (label, n, seen, int(wrong.sum()))
    prevalence = float(cells[given].sum() / n)
    silent = (*head, None, None, None, prevalence, None, None, None)
    told = "1 audited cell says" if seen == 1 else f"{seen:,} audited cells say"
    if seen < LEAST_AUDITED:
        return (*silent, f"{told} nothing about {_cells(n)}")
    error = total_interval(cells, audited, wrong, confidence=confidence)
    if error.high - error.low > TELLING * n:
        return (*silent, f"{told} next to nothing about {_cells(n)}")
    true = total_interval(cells, audited, np.where(given, audited - wrong, wrong), confidence=confidence)
    return (*head, *(value / n for value in error), prevalence, *(value / n for value in true), "")


def _errors(label: str, strata: pl.DataFrame, confidence: float) -> tuple[object, ...]:
    """One row of :attr:`AuditEstimate.label_errors`."""
    found, notes = {}, []
    for kind, words in (("spurious", "positives"), ("missing", "negatives")):
        part = strata.filter(kind=kind)
        n, seen = int(part["n_cells"].sum()), int(part["n_audited"].sum())
        told = Total(0.0, 0, 0) if not n else _total(part, confidence) if seen >= LEAST_AUDITED else None
        if told is None:
            notes.append(f"{seen:,} of {n:,} {words} audited: too few to tell")
        found[kind] = told
    true = None
    if not notes:
        given, wrong = (strata["kind"] == "spurious").to_numpy(), strata["n_wrong"].to_numpy()
        right = strata.with_columns(n_wrong=np.where(given, strata["n_audited"].to_numpy() - wrong, wrong))
        true = _total(right, confidence)
    return (label, *(value for told in (*found.values(), true) for value in (told or (None,) * 3)), "; ".join(notes))


def _cells(n: int) -> str:
    return "1 cell" if n == 1 else f"{n:,} cells"


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
