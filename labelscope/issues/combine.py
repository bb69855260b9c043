"""How detectors are combined: beliefs first, then estimates, the two one-sidedness factors, votes, and rules last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelscope.data.labels import POSITIVE
from labelscope.issues.asymmetry import weigh_odds
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Role, Scorer
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

    def judge(self, cells: CellBlock, p: np.ndarray, sides: Sides | None = None) -> tuple[np.ndarray, np.ndarray | None]:
        """Suspicion of the cells of a block, and on which of them votes or rules speak.

        Without any estimate, self-confidence is what beliefs and votes are about, and rules alone stand for themselves.

        Parameters
        ----------
        cells : CellBlock
        p : float32 array of the shape of the block
            P(label), from :meth:`Context.block` of this team's context.
        sides : Sides, optional
            Default: all odds as they are.

        Returns
        -------
        suspicion : float32 array of the shape of the block
            In [0, 1]; NaN where unknown.
        firm : bool array of the shape of the block, or None
            None where no vote and no rule takes part.
        """
        suspicion, states = self._estimate(cells, p), cells.states
        if sides is not None:
            suspicion = _weigh(suspicion, cells, sides)
        votes, rules = self._of("votes"), self._of("rule")
        firm = np.zeros(states.shape, bool) if votes or rules else None
        for vote in votes:
            left = np.where(np.isnan(suspicion), p, np.abs((states == POSITIVE) - suspicion))
            if sides is not None:
                np.copyto(left, p, where=~cells.by_label(sides.scored))
            voted = vote(cells, left)
            firm |= ~np.isnan(voted)
            suspicion = np.where(np.isnan(voted), suspicion, voted)
        for rule in rules:
            broken = rule(cells, p)
            firm |= broken >= np.nan_to_num(suspicion)
            suspicion = np.fmax(suspicion, broken)
        return suspicion, firm

    def _of(self, role: Role) -> list[Scorer]:
        return [scorer for of, scorer in self.scorers if of == role]

    def _estimate(self, cells: CellBlock, p: np.ndarray) -> np.ndarray:
        estimates = [score(cells, p) for score in self._of("estimate")]
        if len(estimates) == 1:
            return estimates[0]
        if not estimates:
            alone = score_cells(cells.states, p)
            return alone * np.float32(0) if self.scorers and not self._of("votes") else alone
        return sigmoid(np.mean([logit(estimate) for estimate in estimates], axis=0)).astype(np.float32)


def _weigh(suspicion: np.ndarray, cells: CellBlock, sides: Sides) -> np.ndarray:
    positive = np.nonzero(cells.states == POSITIVE)
    weighed = weigh_odds(suspicion, np.float32(sides.missing))
    weighed[positive] = weigh_odds(suspicion[positive], sides.spurious[cells.label_of(*positive)])
    if not sides.scored.all():
        weighed *= cells.by_label(sides.scored.astype(np.float32))
    return weighed
