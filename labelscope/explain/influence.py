"""Which training labels raised a cell's score and which lowered it, exactly."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.data.results import Result
from labelscope.explain.cell import Cell, ExplainConfig
from labelscope.models.influence import ScoreInfluence, head_influence
from labelscope.models.predict import Predictions

__all__ = ["Influence", "influence", "influence_of"]


@dataclass(frozen=True, eq=False, repr=False)
class Influence(Result):
    """What the labels of other items do to the probability of one cell.

    Attributes
    ----------
    frame : polars.DataFrame
        item_id, state (1 or 0, of the training item), influence (change of the score without this item), flip (change of the
        score with its label flipped), without and flipped (probability of the cell then), supports (bool: the training
        label speaks for the given state of the cell; of an unknown cell, for a positive), text (where there is one).
        The largest influences first, as many from either side.
    item_id : object
    label : str
    state : int
        Given state of the cell.
    score : float
        Out of fold, on the scale of the 0/1 targets.
    probability : float
        Of the head, without the neighbour votes.
    n_training : int
        Items whose label took part in training a head of this cell.
    removal, flips : float64, shape (n_items,)
        The changes for all items of the data set; 0 for those that took no part.
    agreement : float or None
        Correlation of the heads' probabilities with the given predictions; 1 where they are the same heads.
    """

    item_id: object = None
    label: str = ""
    state: int = UNKNOWN
    score: float = float("nan")
    probability: float = float("nan")
    n_training: int = 0
    removal: np.ndarray = field(default_factory=lambda: np.empty(0))
    flips: np.ndarray = field(default_factory=lambda: np.empty(0))
    agreement: float | None = None

    def summary(self) -> str:
        """One line of plain text."""
        head = f"Item {self.item_id}, label '{self.label}': {self.probability:.0%} from {self.n_training:,} training labels"
        if self.frame.is_empty():
            return head
        first = self.frame.row(0, named=True)
        return f"{head}; without item {first['item_id']} it would be {first['without']:.1%}, with its label flipped {first['flipped']:.1%}"


@checked
def influence(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    item: object,
    label: str | int,
    config: ExplainConfig | None = None,
    executor: Executor | None = None,
) -> Influence:
    """Exact influence of every training label on the score of one cell.

    Leave-one-out and flip in closed form, no approximation and no retraining: the head is a ridge regression
    (:mod:`labelscope.models.influence`). The heads are those that did not see the item, nor its near-duplicates. The penalty
    and the scaling of scores to probabilities are held fixed. With other heads (a network) there is no such form.

    Parameters
    ----------
    dataset : Dataset
        With embeddings, or text or images to embed.
    predictions : Predictions, optional
        Says which embedding model was used, and is compared with the heads.
    item : item id
    label : str
    config : ExplainConfig, optional
    executor : concurrent.futures.Executor, optional
        Where blocks of items are multiplied.

    Returns
    -------
    Influence
        O(n_items n_features) a cell, after one factorisation a data set that is kept.

    Raises
    ------
    DataError
        If there is no such item or label.
    StageError
        If there is nothing to embed, or the label has too few positives or negatives for a head.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    >>> ds = Dataset.from_arrays((x[:, :1] > 0).astype(int), embeddings=x, label_names=["up"])
    >>> influence(ds, item=7, label="up").frame.columns[:4]
    ['item_id', 'state', 'influence', 'flip']
    """
    return influence_of(Cell.find(dataset, predictions, item, label, config), executor)


def influence_of(cell: Cell, executor: Executor | None = None) -> Influence:
    """The same of a cell that was found already."""
    head = cell.head
    found = head_influence(cell.features, head, cell.row, executor)
    score = float(head.scores[cell.row])
    sees = (head.folds != head.folds[:, [cell.row]]).any(axis=0) & (head.states != UNKNOWN)
    return Influence(
        _listed(cell, found, score),
        item_id=cell.item_id,
        label=cell.label,
        state=cell.state,
        score=score,
        probability=float(_probability(cell, np.array(score))),
        n_training=int(sees.sum()),
        removal=found.removal,
        flips=found.flip,
        agreement=None if cell.predictions is None else head.agreement(cell.predictions),
    )


def _listed(cell: Cell, found: ScoreInfluence, score: float) -> pl.DataFrame:
    order = np.argsort(found.removal, kind="stable")  # removing what raises the score lowers it: that comes first
    half = max(1, cell.config.n_listed // 2)
    raising, lowering = order[:half], order[::-1][:half]
    rows = np.concatenate([raising[found.removal[raising] < 0], lowering[found.removal[lowering] > 0]])
    rows = rows[np.argsort(-np.abs(found.removal[rows]), kind="stable")]
    removal, flip = found.removal[rows], found.flip[rows]
    toward = (removal < 0) == (cell.state != NEGATIVE)
    return pl.DataFrame({
        "item_id": cell.dataset.item_ids[rows],
        "state": np.where(cell.head.states[rows] == POSITIVE, POSITIVE, NEGATIVE).astype(np.int8),
        "influence": removal,
        "flip": flip,
        "without": _probability(cell, score + removal),
        "flipped": _probability(cell, score + flip),
        "supports": toward,
        **cell.texts(rows),
    })  # fmt: skip


def _probability(cell: Cell, score: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(cell.head.slope * score + cell.head.intercept, -50, 50)))
