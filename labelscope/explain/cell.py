"""One cell and what stands behind its probability: the vectors of the items and the heads of its label."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.explain.faithfulness import FaithfulnessConfig
from labelscope.models.label_head import LabelHead, fit_label_head
from labelscope.models.predict import PredictConfig, Predictions
from labelscope.space.embed import embed

__all__ = ["Cell", "ExplainConfig"]


@dataclass(frozen=True)
class ExplainConfig:
    """How a cell is explained.

    Attributes
    ----------
    n_neighbors : int
        Nearest items that are looked at.
    n_shown : int
        Most items shown on either side.
    duplicate : float
        Cosine from which a neighbour is marked as a near-duplicate.
    n_listed : int
        Most training labels listed with their influence.
    most_words : int
        Most parts of a text; in a longer one each part is several words.
    grid : int
        Patches a side of an image.
    gradient_steps : int
        Steps of integrated gradients.
    faithfulness : FaithfulnessConfig
    prediction : PredictConfig
    groups : str or None
    seed : int
        The last three as they were given to `predict`, so that the heads explained are those behind its probabilities.
    """

    n_neighbors: int = 25
    n_shown: int = 5
    duplicate: float = 0.995
    n_listed: int = 50
    most_words: int = 64
    grid: int = 8
    gradient_steps: int = 48
    faithfulness: FaithfulnessConfig = field(default_factory=FaithfulnessConfig)
    prediction: PredictConfig = field(default_factory=PredictConfig)
    groups: str | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell by name, found in its data set.

    Attributes
    ----------
    dataset : Dataset
    predictions : Predictions or None
    row, column : int
    config : ExplainConfig
    """

    dataset: Dataset
    predictions: Predictions | None
    row: int
    column: int
    config: ExplainConfig

    @classmethod
    def find(cls, dataset: Dataset, predictions: Predictions | None, item: object, label: str | int, config: ExplainConfig | None) -> Cell:
        """The cell of an item and a label.

        Raises
        ------
        DataError
            If there is no such item or label.
        """
        return cls(dataset, predictions, dataset.position(item), dataset.label_position(label), config or ExplainConfig())

    @property
    def item_id(self) -> object:
        """Id of the item."""
        return self.dataset.item_ids[self.row]

    @property
    def label(self) -> str:
        """Name of the label."""
        return self.dataset.label_names[self.column]

    @property
    def state(self) -> int:
        """Given state, 1, 0 or -1."""
        return self.dataset.labels.state(self.row, self.column)

    @property
    def probability(self) -> float | None:
        """Out-of-fold probability, where predictions were given."""
        return None if self.predictions is None else self.predictions.cell_probabilities.of(self.row, self.column)

    @property
    def model(self) -> str | None:
        """Embedding model that the predictions were made with."""
        return None if self.predictions is None else self.predictions.model

    @cached_property
    def features(self) -> np.ndarray:
        """Vectors of all items, float32 (n_items, n_features)."""
        return embed(self.dataset, model=self.model, seed=self.config.seed)

    @cached_property
    def head(self) -> LabelHead:
        """The heads of the label."""
        return self.head_of(self.column)

    def head_of(self, column: int) -> LabelHead:
        """The heads of any label."""
        of = self.config
        share = None if self.predictions is None or not self.predictions.heads else self.predictions.vote_share
        return fit_label_head(self.dataset, self.features, column, config=of.prediction, groups=of.groups, vote_share=share, seed=of.seed)

    def texts(self, rows: np.ndarray) -> dict[str, pl.Series]:
        """A column "text" for a frame of some items, where the data set has one."""
        text = self.dataset.text
        return {} if text is None else {"text": self.dataset.items[text][rows].alias("text")}
