"""When to stop reviewing: what the last decisions were worth, what is left, and what stopping now would mean in words.

Two questions, both asked. *Is going on still worth the clicks?* The last decisions of the queue are binomial draws with a
precision that falls; with a uniform prior it is Beta(1 + found, 1 + not found), and the queue is spent when the
precision is below cost/value with the stated probability. *Is what remains acceptable?* That the queue runs dry says
nothing about wrong cells that the model never suspected: only the audit sample does (the elusion test of document
review), and without one there is no advice to stop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl
from scipy.special import betainc

from labelscope.audit.estimate import AuditEstimate, about, in_words, one_in
from labelscope.audit.population_total import Total, total_interval
from labelscope.data.frames import to_polars
from labelscope.data.results import Result
from labelscope.errors import DataError, StageError

__all__ = ["Stopping", "StoppingConfig", "stopping"]

Advice = Literal["go on", "audit first", "stop"]


@dataclass(frozen=True)
class StoppingConfig:
    """What makes stopping reasonable.

    Attributes
    ----------
    window : int
        Last decisions of the queue that its present precision is judged by.
    cost_per_value : float
        Cost of looking at one cell over the value of one repaired label, 0 to 1: the precision at which going on is
        worth nothing. 0.1: ten looks for one repair are a fair price.
    probability : float
        How sure it must be that the precision is below that.
    most_left : float, optional
        Most wrong cells that may stay, as a share of the known cells: then the upper limit must be below it, too.
    """

    window: int = 50
    cost_per_value: float = 0.1
    probability: float = 0.95
    most_left: float | None = None

    def __post_init__(self) -> None:
        if self.window < 1:
            raise StageError(f"window: expected a number of decisions, 1 or more, got {self.window!r}")
        for name in ("cost_per_value", "probability"):
            if not 0 < getattr(self, name) < 1:
                raise StageError(f"{name}: expected a number between 0 and 1, got {getattr(self, name)!r}")
        if self.most_left is not None and not 0 <= self.most_left <= 1:
            raise StageError(f"most_left: expected a share from 0 to 1, got {self.most_left!r}")


@dataclass(frozen=True, eq=False, repr=False)
class Stopping(Result):
    """Whether to stop, and what that would mean.

    Attributes
    ----------
    frame : polars.DataFrame
        The course of the review, a row a decision of the queue: n_reviewed, item_id, label, wrong, n_found, precision (of
        the last `window` decisions up to here).
    advice : {"go on", "audit first", "stop"}
        "audit first": the queue is spent, but nobody knows what it never showed.
    words : str
        The advice and its reasons, in sentences.
    spent : float
        Probability that the precision of the last decisions is below `cost_per_value`.
    left : Total or None
        Wrong cells that would stay, with the interval; None without audited cells.
    unflagged : Total or None
        Those of them among the cells that were never flagged.
    found : int
        Wrong cells found so far, in the queue and in the audit.
    estimate : AuditEstimate or None
    config : StoppingConfig
    """

    advice: Advice = "go on"
    words: str = ""
    spent: float = 0.0
    left: Total | None = None
    unflagged: Total | None = None
    found: int = 0
    estimate: AuditEstimate | None = None
    config: StoppingConfig = field(default_factory=StoppingConfig)

    def summary(self) -> str:
        """One line of plain text."""
        return f"Stopping: {self.words}"


def stopping(reviewed: Any, estimate: AuditEstimate | None = None, *, config: StoppingConfig | None = None) -> Stopping:
    """Whether to stop reviewing, from the decisions of the queue and an audit.

    Parameters
    ----------
    reviewed : polars, pandas or Arrow frame
        The decisions, in the order in which they were made, without the audited cells: item_id, label, wrong (bool:
        whether the given state was wrong), and, if known, stratum (of the audit, as an int), which makes `left` sharper.
    estimate : AuditEstimate, optional
        From the audit. Without audited cells the advice is never to stop.
    config : StoppingConfig, optional

    Returns
    -------
    Stopping

    Raises
    ------
    DataError
        If a column is missing or `wrong` is not boolean.

    Examples
    --------
    >>> reviewed = pl.DataFrame({"item_id": range(60), "label": "cat", "wrong": [True] * 10 + [False] * 50})
    >>> stopping(reviewed).words
    'Audit first: the last 50 decisions found 0 wrong cells, but nothing is known about the cells that the queue never showed.'
    """
    config = config or StoppingConfig()
    course = _course(to_polars(reviewed, "reviewed"), config.window)
    recent = course["wrong"].tail(config.window)
    hits, n = int(recent.sum()), len(recent)
    spent = float(betainc(1 + hits, 1 + n - hits, config.cost_per_value))
    audited = estimate is not None and bool(estimate.strata["n_audited"].sum())
    found = int(course["wrong"].sum()) + (int(estimate.strata["n_wrong"].sum()) if estimate is not None else 0)
    left = _left(estimate, course, flagged_too=True) if estimate is not None and audited else None
    unflagged = _left(estimate, course, flagged_too=False) if estimate is not None and audited else None
    dry = n >= min(config.window, 20) and spent >= config.probability
    few = left is not None and estimate is not None and (config.most_left is None or left.high <= config.most_left * _cells(estimate))
    advice: Advice = "go on" if not dry else "audit first" if left is None else "stop" if few else "go on"
    words = _words(advice, hits, n, course.height, found, left, estimate, config)
    return Stopping(
        course.select("n_reviewed", "item_id", "label", "wrong", "n_found", "precision"),
        advice=advice, words=words, spent=spent, left=left, unflagged=unflagged, found=found, estimate=estimate, config=config,
    )  # fmt: skip


def _course(reviewed: pl.DataFrame, window: int) -> pl.DataFrame:
    missing = [name for name in ("item_id", "label", "wrong") if name not in reviewed.columns]
    if missing:
        got = ", ".join(reviewed.columns)
        raise DataError(f"reviewed: expected the columns item_id, label and wrong, got {got}; {missing[0]} is missing")
    if reviewed.is_empty():
        reviewed = reviewed.cast({"wrong": pl.Boolean})
    if reviewed["wrong"].dtype != pl.Boolean or reviewed["wrong"].null_count():
        got = "null" if reviewed["wrong"].null_count() else str(reviewed["wrong"].dtype)
        raise DataError(f"reviewed: expected wrong to be true or false in every row, got {got}; leave skipped cells out")
    if "stratum" not in reviewed.columns:
        reviewed = reviewed.with_columns(stratum=pl.lit(-1, pl.Int64))
    return reviewed.with_columns(
        n_reviewed=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        n_found=pl.col("wrong").cast(pl.Int64).cum_sum(),
        precision=pl.col("wrong").cast(pl.Float64).rolling_mean(window, min_samples=1),
    )


def _left(estimate: AuditEstimate, course: pl.DataFrame, *, flagged_too: bool) -> Total:
    """Wrong cells that nobody has found.

    With the stratum of every decision known, what was found and what was seen to be right bounds each stratum. Without,
    what was found is taken off the total.
    """
    strata = estimate.strata if flagged_too else estimate.strata.filter(~pl.col("flagged"))
    cells, drawn, hits = (strata[name].to_numpy() for name in ("n_cells", "n_audited", "n_wrong"))
    if (course["stratum"] < 0).any():
        total = total_interval(cells, drawn, hits, confidence=estimate.confidence)
        gone = int(hits.sum()) + (int(course["wrong"].sum()) if flagged_too else 0)
    else:
        seen = course.group_by("stratum").agg(found=pl.col("wrong").sum(), right=(~pl.col("wrong")).sum())
        known = strata.join(seen, on="stratum", how="left", maintain_order="left")
        known = known.select(pl.col("found", "right").fill_null(0).cast(pl.Int64))
        found, right = hits + known["found"].to_numpy(), drawn - hits + known["right"].to_numpy()
        total = total_interval(cells, drawn, hits, least=found, most=cells - right, confidence=estimate.confidence)
        gone = int(found.sum())
    return Total(max(0.0, total.estimate - gone), max(0, total.low - gone), max(0, total.high - gone))


def _words(
    advice: Advice, hits: int, n: int, reviewed: int, found: int, left: Total | None, estimate: AuditEstimate | None, config: StoppingConfig
) -> str:
    lately = f"the last {n} decisions found {hits} wrong {'cell' if hits == 1 else 'cells'}" if n else "nothing of the queue was reviewed"
    if left is None or estimate is None:
        blind = "nothing is known about the cells that the queue never showed"
        return f"Audit first: {lately}, but {blind}." if advice == "audit first" else f"Go on: {lately}; {blind} until some are audited."
    unseen = max(1, _cells(estimate) - reviewed - int(estimate.strata["n_audited"].sum()))
    rate = one_in(left.estimate / unseen)
    share = f", {rate}" if left.estimate else ""
    stay = f"Stopping now would leave {in_words(left)} wrong cells among {about(unseen)}{share}"
    if left.high == 0:
        stay = "Stopping now would leave no wrong cell"
    why = {
        "stop": f"Stop: {lately}, less than one in {about(1 / config.cost_per_value)} is worth.",
        "go on": f"Go on: {lately}.",
        "audit first": f"Audit first: {lately}.",
    }[advice]
    if advice == "go on" and config.most_left is not None and left.high > config.most_left * _cells(estimate):
        why = f"Go on: up to {about(left.high)} may be left, and {about(config.most_left * _cells(estimate))} are allowed; {lately}."
    return f"{why} {stay}; {found:,} were found."


def _cells(estimate: AuditEstimate) -> int:
    return int(estimate.strata["n_cells"].sum())
