"""Why one cell: the nearest items that agree with its state and the nearest that contradict it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.explain.attribution import Attribution, attribute_cell
from labelscope.explain.cell import Cell, ExplainConfig
from labelscope.explain.cutting import Kind
from labelscope.explain.faithfulness import Faithfulness
from labelscope.explain.influence import Influence, influence_of
from labelscope.models.predict import Predictions
from labelscope.space.neighbors import nearest

__all__ = ["ExplainConfig", "Explanation", "explain"]

STATE_WORDS = {1: "positive", 0: "negative", -1: "unknown"}


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Result):
    """Evidence about one cell.

    Attributes
    ----------
    frame : polars.DataFrame
        item_id, similarity (cosine), state (1 or 0), agrees (bool), duplicate (bool), text (where there is one);
        those that agree first, nearest first.
    item_id : object
    label : str
    state : int
        Given state of the cell, 1, 0 or -1. For an unknown cell, neighbours "agree" with a positive.
    n_agree, n_contradict : int
        Among all neighbours looked at.
    probability : float or None
        Out-of-fold probability of the label, where predictions were given.
    attributed : Attribution or None
        Set where an attribution was asked for at once; the figure then shows it too.
    """

    item_id: object = None
    label: str = ""
    state: int = UNKNOWN
    n_agree: int = 0
    n_contradict: int = 0
    probability: float | None = None
    attributed: Attribution | None = None
    _cell: Cell | None = field(default=None, repr=False)

    @cached_property
    def influence(self) -> Influence:
        """Exact influence of the training labels on this cell, computed at the first access."""
        return influence_of(self._known_cell())

    @cached_property
    def attribution(self) -> Attribution:
        """Which words or patches speak for the label: as asked for, or by occlusion, computed at the first access."""
        return self.attributed or attribute_cell(self._known_cell())

    @property
    def faithfulness(self) -> Faithfulness:
        """Whether to believe the attribution."""
        return self.attribution.faithfulness

    def _known_cell(self) -> Cell:
        if self._cell is None:
            raise StageError("explanation: expected one made by explain, got one made by hand; call explain(dataset, item=, label=)")
        return self._cell

    def summary(self) -> str:
        """One line of plain text."""
        model = "" if self.probability is None else f"; model: {self.probability:.0%}"
        return (
            f"Item {self.item_id}, label '{self.label}' ({STATE_WORDS[self.state]}): {self.n_agree} near items agree, "
            f"{self.n_contradict} contradict{model}"
        )


@checked
def explain(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    item: object,
    label: str | int,
    attribution: str | None = None,
    of: Kind | None = None,
    against: str | None = None,
    encoder: Any = None,
    config: ExplainConfig | None = None,
) -> Explanation:
    """Why the state of one cell is believed or doubted.

    The nearest items on either side come at once. The influence of the training labels and the attribution to words or
    patches are computed when `.influence`, `.attribution` or `.faithfulness` of the result is first looked at.

    Parameters
    ----------
    dataset : Dataset
        With embeddings, or text or images to embed.
    predictions : Predictions, optional
        Adds the out-of-fold probability of the cell.
    item : item id
    label : str
    attribution : {"auto", "occlusion", "terms", "integrated_gradients", "grad_cam"}, optional
        Attribute to the words of the text or the patches of the image at once, and show it.
    of : {"text", "image"}, optional
    against : str, optional
    encoder : object, optional
        As for :func:`labelscope.explain.attribution.attribute`.
    config : ExplainConfig, optional

    Returns
    -------
    Explanation

    Raises
    ------
    DataError
        If there is no such item or label.
    StageError
        If the data set has nothing to find neighbours in, or the attribution is not possible.
    """
    cell = Cell.find(dataset, predictions, item, label, config)
    found = _neighbors(cell)
    if attribution is None and of is None and against is None and encoder is None:
        return found
    return replace(found, attributed=attribute_cell(cell, method=attribution or "auto", of=of, against=against, encoder=encoder))


def _neighbors(cell: Cell) -> Explanation:
    config, labels = cell.config, cell.dataset.labels
    near = nearest(cell.features, config.n_neighbors)
    neighbors, similarities = near.indices[cell.row].astype(np.int64), near.similarities[cell.row]
    states = labels.states(neighbors, np.full(len(neighbors), cell.column))
    agrees = states == (cell.state if cell.state != UNKNOWN else 1)
    known = states != UNKNOWN
    shown = np.concatenate([np.flatnonzero(known & side)[: config.n_shown] for side in (agrees, ~agrees)])
    columns: dict[str, object] = {
        "item_id": cell.dataset.item_ids[neighbors[shown]],
        "similarity": similarities[shown],
        "state": states[shown],
        "agrees": agrees[shown],
        "duplicate": similarities[shown] >= config.duplicate,
        **cell.texts(neighbors[shown]),
    }
    return Explanation(
        pl.DataFrame(columns),
        item_id=cell.item_id,
        label=cell.label,
        state=cell.state,
        n_agree=int((known & agrees).sum()),
        n_contradict=int((known & ~agrees).sum()),
        probability=cell.probability,
        _cell=cell,
    )
