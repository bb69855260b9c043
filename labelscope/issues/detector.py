"""What a detector is: a name, what it needs, and a function that judges a block of cells.

Every detector answers on one scale: the suspicion, in [0, 1], that the state of a cell is wrong; NaN where it has no
opinion. A detector says what it needs and nothing else, so which detectors can run on a data set is derived, never
configured. Where cells are listed, those run that judge a cell by what is listed of its item (`on_listed`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context, Need

__all__ = ["Detector", "Role", "Scorer"]

Scorer = Callable[[CellBlock, np.ndarray], np.ndarray]
"""(cells, P(label) float32) -> float32, the arrays of the shape of the block."""

Role = Literal["belief", "estimate", "votes", "rule"]


@dataclass(frozen=True)
class Detector:
    """A source of suspicion.

    Attributes
    ----------
    name : str
        As in ``find_issues(..., detectors=(name, ...))``.
    role : {"belief", "estimate", "votes", "rule"}
        How it is combined with others. A belief revises P(label) before anybody judges the cells. Estimates are
        averaged, as log-odds. Votes replace the estimate of a cell that people voted on, and take it as one more
        voter. A rule raises the suspicion of the cells that break it, however one-sided the noise is otherwise.
    needs : tuple of str
        What the data set must have.
    says : str
        What it speaks of, in words: "how the item's other labels fit".
    prepare : callable
        Context -> scorer; all that is done once. The scorer of a belief returns P(label), every other the suspicion.
    on_listed : bool
        Whether it can judge the cells that are listed without the others.
    """

    name: str
    role: Role
    needs: tuple[Need, ...]
    says: str
    prepare: Callable[[Context], Scorer]
    on_listed: bool = False
