"""The terms of a query that a review adds to those of the data: probabilities, suspicion, suggestions and decisions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.cell_terms import CellTerms
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.open_conflicts import OpenConflicts
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.worklist import Suggested
from labelscope.query.grammar import Term
from labelscope.query.terms import ItemTerms, compared
from labelscope.review.verdicts import VERDICTS

__all__ = ["session_terms"]


def session_terms(
    dataset: Dataset,
    labels: CurrentLabels,
    results: StageResults,
    suggested: Suggested,
    decided: DecidedCells,
    conflicts: OpenConflicts,
    cells: CellTerms,
) -> ItemTerms:
    """The terms of the Explorer's filter: labels as they stand now, and what stages and people said."""

    def probabilities(label: int, term: Term) -> np.ndarray:
        if results.probabilities is None:
            raise DataError(f"filter: {term.raw} asks for a probability, and there is none yet; wait for the predictions")
        return results.probabilities.column(label)

    def suspicion(term: Term) -> np.ndarray:
        return compared(np.nan_to_num(results.suspicion), term)

    def reviewed(term: Term) -> np.ndarray:
        worklist, word = suggested.worklist, term.value.lower()
        rows: dict[str, Callable[[], np.ndarray]] = {
            "suggested": lambda: worklist.rows,
            "added": lambda: worklist.rows[worklist.adds],
            "removed": lambda: worklist.rows[~worklist.adds],
            "changed": decided.changed_rows,
            "conflict": lambda: conflicts.cells[0],
        }
        if word in VERDICTS:
            chosen = worklist.rows[worklist.verdicts == VERDICTS.index(word)]
        elif word in rows:
            chosen = rows[word]()
        else:
            raise DataError(f"filter: expected is:{', is:'.join([*VERDICTS, *rows])}, got is:{term.value}")
        mask = np.zeros(dataset.n_items, bool)
        mask[chosen] = True
        return mask

    return ItemTerms(
        dataset,
        labels.column,
        probabilities=probabilities,
        fields={"is": reviewed, "suspicion": suspicion},
        label_cells=cells.of_label,
        cells=cells.others,
    )
