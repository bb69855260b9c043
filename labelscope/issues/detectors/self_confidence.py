"""Self-confidence: the probability that the model puts on the other state of the cell.

Northcutt, Jiang and Chuang (2021), per label as in Thyagarajan et al. (2023). The plain yardstick: whatever claims to
be better has to beat it on real noise (``benchmarks/RESULTS.md``).
"""

from __future__ import annotations

import numpy as np

from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer
from labelscope.issues.scores import score_cells

__all__ = ["DETECTOR"]


def prepare(_: Context) -> Scorer:
    """Scorer of :func:`labelscope.score_cells`."""

    def score(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        return score_cells(cells.states, p)

    return score


DETECTOR = Detector("self_confidence", "estimate", (), "what the model believes", prepare, on_listed=True)
