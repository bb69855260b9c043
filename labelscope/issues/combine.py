"""How detectors are combined: beliefs first, then estimates, the two one-sidedness factors, votes, and rules last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelscope.data.labels import POSITIVE
from labelscope.issues.asymmetry import weigh_odds
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Role, Rows, Scorer
from labelscope.issues.log_odds import logit, sigmoid
from labelscope.issues.scores import score_cells

__all__ = ["Sides", "Team"]


@dataclass(frozen=True, eq=False)
class Sides:
    """What the suspicion of each kind of cell weighs.

    Attributes
    ----------
    missing : float
        Factor on the odds of negative cells.
    spurious : float32, shape (n_labels,)
        Factor on the odds of the positive cells of each label.
    scored : bool, shape (n_labels,)
        Labels that can be estimated.
    """

    missing: float
    spurious: np.ndarray
    scored: np.ndarray


@dataclass(frozen=True, eq=False)
class Team:
    """Detectors that are ready to judge.

    Attributes
    ----------
    scorers : tuple of (role, scorer)
        Without the beliefs, which have had their say.
    context : Context
        With P(label) as the beliefs revised it.
    """

    scorers: tuple[tuple[Role, Scorer], ...]
    context: Context

    @classmethod
    def prepare(cls, detectors: Sequence[Detector], context: Context) -> Team:
        """Do all that is done once. The beliefs come first, one after the other, so that everybody judges what they leave."""
        for detector in detectors:
            if detector.role == "belief":
                context = context.revised(detector.prepare(context))
        return cls(tuple((detector.role, detector.prepare(context)) for detector in detectors if detector.role != "belief"), context)

    def judge(self, rows: Rows, states: np.ndarray, sides: Sides | None = None) -> tuple[np.ndarray, np.ndarray | None]:
        """Suspicion of the cells of some rows, and on which of them votes or rules speak.

        Without any estimate, self-confidence is what beliefs and votes are about, and rules alone stand for themselves.

        Parameters
        ----------
        rows : slice or array of int
        states : int8 array of shape (n_rows, n_labels)
        sides : Sides, optional
            Default: all odds as they are.

        Returns
        -------
        suspicion : float32 array of shape (n_rows, n_labels)
            In [0, 1]; NaN where unknown.
        firm : bool array of shape (n_rows, n_labels), or None
            None where no vote and no rule takes part.
        """
        p = self.context.probabilities.rows(rows)
        suspicion = self._estimate(rows, states, p)
        if sides is not None:
            suspicion = _weigh(suspicion, states, sides)
        votes, rules = self._of("votes"), self._of("rule")
        firm = np.zeros(states.shape, bool) if votes or rules else None
        for vote in votes:
            left = np.where(np.isnan(suspicion), p, np.abs((states == POSITIVE) - suspicion))
            if sides is not None:
                left[:, ~sides.scored] = p[:, ~sides.scored]
            voted = vote(rows, states, left)
            firm |= ~np.isnan(voted)
            suspicion = np.where(np.isnan(voted), suspicion, voted)
        for rule in rules:
            broken = rule(rows, states, p)
            firm |= broken >= np.nan_to_num(suspicion)
            suspicion = np.fmax(suspicion, broken)
        return suspicion, firm

    def _of(self, role: Role) -> list[Scorer]:
        return [scorer for of, scorer in self.scorers if of == role]

    def _estimate(self, rows: Rows, states: np.ndarray, p: np.ndarray) -> np.ndarray:
        estimates = [score(rows, states, p) for score in self._of("estimate")]
        if len(estimates) == 1:
            return estimates[0]
        if not estimates:
            alone = score_cells(states, p)
            return alone * np.float32(0) if self.scorers and not self._of("votes") else alone
        return sigmoid(np.mean([logit(estimate) for estimate in estimates], axis=0)).astype(np.float32)


def _weigh(suspicion: np.ndarray, states: np.ndarray, sides: Sides) -> np.ndarray:
    positive = np.nonzero(states == POSITIVE)
    weighed = weigh_odds(suspicion, np.float32(sides.missing))
    weighed[positive] = weigh_odds(suspicion[positive], sides.spurious[positive[1]])
    if not sides.scored.all():
        weighed[:, ~sides.scored] *= 0.0
    return weighed
