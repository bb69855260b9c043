"""Broken relations between labels: an implied label that is absent, two exclusive labels both given.

The relations are those that the labels themselves support strongly (:func:`labelscope.relations`; those of a taxonomy
are another detector). A negative cell is as suspicious as the most plausible given label that implies it; of two
exclusive given labels each is as suspicious as the other is plausible.

Relations read from noisy labels are rules with exceptions, and most exceptions are genuine: on the real-noise sets they
add nothing to what the probabilities know (``benchmarks/RESULTS.md``). So it is an option.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.positions import positions
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector, Scorer
from labelscope.stats.relations import relations

__all__ = ["DETECTOR"]


def prepare(context: Context) -> Scorer:
    """Scorer of the cells that break a relation."""
    ds = context.dataset
    broken = pl.col("counter_examples") > 0  # a rule that nothing breaks says nothing about any cell
    found = relations(ds).frame.filter((pl.col("source") == "labels") & pl.col("supported") & broken)
    names = pl.Series(ds.label_names, dtype=pl.String)

    def pairs(*kinds: str) -> np.ndarray:
        chosen = found.filter(pl.col("relation").is_in(kinds))
        ends = (positions(chosen[end], names, expected="relations: expected known labels", remedy="") for end in ("label_a", "label_b"))
        return np.stack(list(ends), axis=1)

    same = pairs("identical")
    implied, exclusive = np.concatenate([pairs("implies"), same, same[:, ::-1]]), pairs("exclusive")
    exclusive = np.concatenate([exclusive, exclusive[:, ::-1]])

    def score(cells: CellBlock, p: np.ndarray) -> np.ndarray:
        states = cells.states
        out = np.full(states.shape, np.nan, np.float32)
        for edges, other in ((implied, NEGATIVE), (exclusive, POSITIVE)):
            for a, b in edges:
                broken = np.flatnonzero((states[:, a] == POSITIVE) & (states[:, b] == other))
                out[broken, b] = np.fmax(out[broken, b], p[broken, a])
        return out

    return score


DETECTOR = Detector("relations", "rule", (), "a relation between labels that it breaks", prepare)
