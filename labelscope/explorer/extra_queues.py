"""Two queues that are worked out when they are asked for: what to label next, and like items that were decided unlike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from labelscope.explorer.stage_results import StageResults
from labelscope.query.terms import Cells
from labelscope.review.cell_positions import cell_positions
from labelscope.session import Session
from labelscope.suggest.label_next import information, most_instructive
from labelscope.suggest.unlike_decisions import unlike_decisions

__all__ = ["DecidedUnlike", "LabelNext"]

MOST = 500  # items that are listed
NONE: Cells = (np.empty(0, np.int64), np.empty(0, np.int64))


class LabelNext:
    """The items with unknown cells from whose labels the model would learn most.

    Parameters
    ----------
    session : Session
    results : StageResults
    """

    def __init__(self, session: Session, results: StageResults) -> None:
        self._session, self._results = session, results
        self._n: int | None = None if session.dataset.labels.has_unknown else 0

    @property
    def count(self) -> int | None:
        """Items in the queue as it was worked out last; None before that. Works nothing out."""
        return self._n

    def cells(self) -> Cells:
        """Rows of these items, the most instructive first, and of each the label of the unknown cell that counts most."""
        known = self._results.probabilities
        if self._n == 0 or known is None:
            return NONE
        session = self._session
        dataset = replace(session.embedded if "embeddings" in session.ready else session.dataset, labels=session.labels)
        scores, labels, n_unknown = information(dataset, known)
        rows = most_instructive(dataset, scores, n_unknown, MOST)
        self._n = len(rows)
        return rows, labels[rows]


class DecidedUnlike:
    """The decided cells of like items that have another state than one another.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: tuple[pl.DataFrame, Cells] | None = None

    @property
    def count(self) -> int:
        """Cells in the queue as it was worked out last; 0 before that. Works nothing out."""
        return 0 if self._known is None else len(self._known[1][0])

    def cells(self) -> Cells:
        """Rows and labels of these cells; what belongs together one after the other."""
        decided = self._session.decided
        if self._known is None or not self._known[0].equals(decided):
            session = self._session
            dataset = session.embedded if "embeddings" in session.ready else session.dataset
            self._known = (decided, cell_positions(dataset, unlike_decisions(dataset, decided)))
        return self._known[1]
