"""The suggestions that a judge agrees with."""

from __future__ import annotations

import numpy as np

from labelscope.data.labels import NEGATIVE
from labelscope.data.votes import Votes
from labelscope.explorer.chosen import Chosen
from labelscope.explorer.worklist import UNDECIDED, Suggested, Worklist
from labelscope.query.terms import Cells
from labelscope.session import Session

__all__ = ["JudgeAgrees"]


class JudgeAgrees:
    """Which suggestions a judge says the same as, and no judge the opposite.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    """

    def __init__(self, session: Session, suggested: Suggested) -> None:
        self._session, self._suggested = session, suggested
        self._votes: Votes | None = None
        self._known: tuple[Votes | None, Worklist, np.ndarray] | None = None

    def renew(self) -> None:
        """Take the votes of judges as they are now: they take time to look up, so counts go by those of the last call."""
        self._votes = self._session.voters.judged

    @property
    def mask(self) -> np.ndarray:
        """Whether that is so, bool (n_suggestions,), whatever was decided since."""
        known, votes, worklist = self._known, self._votes, self._suggested.worklist
        if known is None or known[0] is not votes or known[1] is not worklist:
            known = self._known = (votes, worklist, _agreed(votes, worklist))
        return known[2]

    @property
    def cells(self) -> Cells:
        """Rows and labels of those that nobody has decided on."""
        worklist = self._suggested.worklist
        here = self.mask & np.isin(worklist.verdicts, UNDECIDED) & worklist.listed
        return worklist.rows[here], worklist.labels[here]

    def count(self, chosen: Chosen | None) -> int:
        """How many of :attr:`cells` are selected."""
        rows, labels = self.cells
        return len(rows) if chosen is None else int(chosen.keeps(rows, labels).sum())


def _agreed(votes: Votes | None, worklist: Worklist) -> np.ndarray:
    if votes is None:
        return np.zeros(len(worklist.rows), bool)
    said = votes.values >= NEGATIVE
    suggestion = worklist.on_all(votes.items[said], votes.labels[said])
    same, here = np.append(worklist.adds, False)[suggestion] == votes.values[said].astype(bool), suggestion >= 0
    agrees, disagrees = (np.bincount(suggestion[here & of], minlength=len(worklist.rows)) for of in (same, ~same))
    return (agrees > 0) & (disagrees == 0)
