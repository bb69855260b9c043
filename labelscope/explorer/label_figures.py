"""The cells behind the figures of a label page that no query names: as given, as changed, as raters see them, and its examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.messages import FigureFilter
from labelscope.explorer.stage_results import check_cell
from labelscope.query.terms import Asked
from labelscope.voters.agreement import disputed

__all__ = ["FIGURES", "figure_cells"]

FIGURES: Mapping[str, str] = {
    "given": "{} as given",
    "changed": "{} changed",
    "disagreement": "Raters disagree on {}",
}
"""Title of each figure that is found in the data by its name."""
EXAMPLES: Mapping[str, str] = {
    "exemplar": "Typical of {}",
    "borderline, given": "Borderline, with {}",
    "borderline, not given": "Borderline, without {}",
    "confused": "Confusions of {}",
}


def figure_cells(dataset: Dataset, labels: CurrentLabels, asked: FigureFilter) -> tuple[str, Asked]:
    """A title for a figure of a label page, and its cells.

    Raises
    ------
    DataError
        If there is no such label, or an example is not in the data set.
    """
    label = asked.label
    check_cell(dataset, 0, label)
    given = dataset.labels.columns(np.array([label]))[:, 0]
    found: Mapping[str, Callable[[], np.ndarray]] = {
        "given": lambda: np.flatnonzero(given == POSITIVE),
        "changed": lambda: np.flatnonzero(labels.column(label) != given),
        "disagreement": lambda: disputed(dataset.votes, label),
    }
    if asked.figure in found:
        rows = found[asked.figure]()
    else:
        for row in asked.rows:
            check_cell(dataset, row, label)
        rows = np.unique(np.array(asked.rows, np.int64))
    mask = np.zeros(dataset.n_items, bool)
    mask[rows] = True
    title = {**FIGURES, **EXAMPLES}[asked.figure].format(dataset.label_names[label])
    return title, Asked(mask, (rows, np.full(len(rows), label, np.int64)))
