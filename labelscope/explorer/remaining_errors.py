"""The one place where the Explorer learns how many wrong labels are left: an estimate from an audit sample, or its absence.

Suggestions are not a sample: how many of them were right says nothing about the cells that nobody suggested. So no
number is shown here unless cells of a sample were judged.
"""

from __future__ import annotations

from dataclasses import dataclass

from labelscope.errors import StageError
from labelscope.session import Session

__all__ = ["Remaining", "remaining"]


@dataclass(frozen=True)
class Remaining:
    """Wrong cells that are left, by an audit.

    Attributes
    ----------
    text : str
        One or two sentences for people; without an audit, what to do to get a number.
    count, low, high : float or None
        Estimate and its 95 % interval, in cells, without those that were found already; None without judged cells.
    n_judged : int
        Cells of the sample that were judged, those that nobody can decide included.
    """

    text: str
    count: float | None = None
    low: float | None = None
    high: float | None = None
    n_judged: int = 0


def remaining(session: Session) -> Remaining:
    """The wrong cells that are left in a data set, by the verdicts on its audit sample; draws none.

    Parameters
    ----------
    session : Session
    """
    try:
        strata = session.estimate.strata
    except StageError:
        cells = session.dataset.n_items * session.dataset.n_labels
        words = f"No audit yet: how many of the {cells:,} cells are still wrong cannot be said from suggestions alone."
        return Remaining(f"{words} Start an audit to learn it.")
    n_judged = int(strata["n_audited"].sum()) + int(strata["n_undecidable"].sum())
    stopping = session.stopping
    if stopping.left is None:
        n = int(strata["n_drawn"].sum())
        return Remaining(f"No verdict yet: {n:,} cells of the audit sample wait for one.", n_judged=n_judged)
    left = stopping.left
    return Remaining(stopping.words, left.estimate, float(left.low), float(left.high), n_judged)
