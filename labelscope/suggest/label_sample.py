"""How many items have a label that is just being made: its own sample, and what that says.

The sample is drawn from strata of like probability in one random order that belongs to the name, so that nothing has to be
remembered between the rounds: of each stratum, those items count as drawn that were decided without a gap from the start of
that order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.audit.population_total import Total, total_interval
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.suggest.label_round import Round, best_open, draw_order

__all__ = ["NEXT", "LabelCount", "LabelSample", "counted", "drawn_next", "label_sample"]

N_STRATA = 4
NEXT = 20  # items that a round shows unless asked otherwise: those that the advice is about
COUNTS = ("n_items", "n_sampled", "n_positive", "n_found")


@dataclass(frozen=True, eq=False, repr=False)
class LabelCount(Result):
    """How many items have a label that is just being made.

    Attributes
    ----------
    frame : polars.DataFrame
        A row a stratum, the least probable first: probability (mean of its items, in [0, 1]), n_items, n_sampled (items of
        the label's own sample that are decided), n_positive (of these), n_found (positives known, sampled or not).
    name : str
    total : Total
        estimate, low and high: the number of positives in all, with an interval of 95%.
    next_hits : float
        Positives to be expected among the next 20 that :func:`grow_label` shows.
    """

    name: str
    total: Total
    next_hits: float

    @property
    def advice(self) -> str:
        """Whether to go on, in one line."""
        left = max(0, self.total.high - int(self.frame["n_found"].sum()))
        if self.next_hits >= 1:
            return f"go on: about {self.next_hits:.0f} of the next {NEXT} are positive"
        count_on = f"; at most {left:,} are left, and a larger sample would say this better" if left else "; none is left"
        return f"stop looking: fewer than 1 of the next {NEXT} is expected to be positive{count_on}"

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        found = int(self.frame["n_found"].sum())
        in_all = f"about {self.total.estimate:,.0f} [{self.total.low:,}, {self.total.high:,}] in all"
        return f"{self.name!r}: {found:,} found, {in_all}; {self.advice}"


@dataclass(frozen=True)
class LabelSample:
    """The label's own sample: the items of each stratum in the order of the draw, and how many of each are drawn."""

    queues: list[np.ndarray]
    n_drawn: np.ndarray


def label_sample(here: Round, name: str) -> LabelSample:
    """Strata of equal sums of the standard deviation sqrt(p (1 - p)) (Dalenius and Hodges 1959), and what of them is drawn."""
    order = np.argsort(here.probability, kind="stable")
    p = here.probability[order]
    deviation = np.cumsum(np.sqrt(p * (1 - p)) + 1e-6)
    stratum = np.empty(len(order), np.int64)
    stratum[order] = np.minimum(N_STRATA * deviation / deviation[-1], N_STRATA - 1).astype(np.int64)
    drawn = draw_order(len(order), name)
    queues = [drawn[stratum[drawn] == h] for h in range(N_STRATA)]
    open_ = here.open
    n_drawn = [int(np.argmax(open_[queue])) if open_[queue].any() else len(queue) for queue in queues]
    return LabelSample(queues, np.array(n_drawn))


def drawn_next(here: Round, sample: LabelSample, n: int, shown: np.ndarray) -> np.ndarray:
    """The next items of the sample, each from the stratum that gains most by it (Neyman 1934, Wright 2012)."""
    fresh = here.open
    fresh[shown] = False
    waiting = [queue[k:][fresh[queue[k:]]] for queue, k in zip(sample.queues, sample.n_drawn, strict=True)]
    p = [here.probability[queue] for queue in sample.queues]
    weight = np.array([np.sqrt(q * (1 - q)).sum() for q in p])
    n_drawn, taken = sample.n_drawn.copy(), np.zeros(N_STRATA, np.int64)
    out: list[int] = []
    left = np.array([len(queue) for queue in waiting])
    while len(out) < n and (taken < left).any():
        h = int(np.argmax(np.where(taken < left, weight / np.sqrt((n_drawn + 0.5) * (n_drawn + 1.5)), -1)))
        out.append(int(waiting[h][taken[h]]))
        taken[h] += 1
        n_drawn[h] += 1
    return np.array(out, np.int64)


def counted(ds: Dataset, here: Round, sample: LabelSample, name: str) -> LabelCount:
    """How many items have the label, by what of its sample is decided."""
    hits = np.zeros(ds.n_items, np.int64)
    hits[here.decided] = here.states
    rows, ended = [], []
    for queue, n_drawn in zip(sample.queues, sample.n_drawn, strict=True):
        if len(queue):
            drawn, ends = queue[:n_drawn], queue[n_drawn : n_drawn + (n_drawn > 0)]
            counts = (len(queue), len(drawn), int(hits[drawn].sum()), int(hits[queue].sum()))
            rows.append((float(here.probability[queue].mean()), *counts))
            ended.append((len(ends), round(float(here.probability[ends].sum()))))
    schema = {"probability": pl.Float64, **dict.fromkeys(COUNTS, pl.Int64)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    n_items, n_sampled, n_positive, n_found = (frame[column].to_numpy() for column in COUNTS)
    more, likely = np.array(ended).T  # inverse sampling: without the item that ends a draw, the best ones count too much
    n_sampled, n_positive = n_sampled + more, n_positive + likely
    known = hits[here.decided].sum()
    refuted = len(here.decided) - known  # decided negatives, wherever they are, cannot be positive
    total = total_interval(n_items, n_sampled, n_positive, least=np.maximum(n_found, n_positive))
    total = Total(max(total.estimate, float(known)), total.low, min(total.high, ds.n_items - int(refuted)))
    return LabelCount(frame, name, total, float(here.probability[best_open(here, NEXT)].sum()))
