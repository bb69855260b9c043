"""What the detectors of one run share: the data set, the probabilities and what follows from them, each computed once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from labelscope.compute.executor import Rows, row_blocks
from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.issues.cell_block import CellBlock, cell_block
from labelscope.models.predict import PredictConfig, Predictions
from labelscope.space.embed import embed
from labelscope.space.neighbors import Neighbors, nearest
from labelscope.space.text import N_FEATURES

__all__ = ["NEEDS", "Context", "Need", "has"]

Need = Literal["embeddings", "votes", "taxonomy", "text", "label words", "more than words"]
NEEDS: dict[Need, str] = {
    "embeddings": "embeddings, text or images",
    "votes": "votes",
    "taxonomy": "a taxonomy",
    "text": "a text column",
    "label words": "label names or descriptions in words",
    "more than words": "embeddings or probabilities that are not made of the words of the text",
}
N_NEIGHBORS = 25
WORD = re.compile(r"[^\W\d_]{3}")  # three letters in a row, of any script


def has(dataset: Dataset, need: Need) -> bool:
    """Whether the data set has what a detector needs."""
    if need == "embeddings":
        return dataset.n_items > 1 and dataset.has_content
    if need == "label words":
        described = dataset.label_descriptions or {}
        return any(WORD.search(name) for name in dataset.label_names) or any(described.values())
    if need == "more than words":
        if dataset.n_items < PredictConfig.n_folds:  # too few to learn from the words at all
            return False
        return dataset.probabilities is not None or (dataset.embeddings is not None and not _made_of_words(dataset))
    return {"votes": dataset.votes, "taxonomy": dataset.taxonomy, "text": dataset.text}[need] is not None


def _made_of_words(dataset: Dataset) -> bool:
    """Whether the embeddings are what :func:`labelscope.space.embed.embed` makes of the text."""
    if dataset.text is None:
        return False
    given = np.asarray(dataset.embeddings)
    if given.shape[1] > N_FEATURES or not np.isin(np.linalg.norm(given[:1000], axis=1).round(3), (0, 1)).all():
        return False  # without embedding anything: TF-IDF rows are of length 1, and narrow
    made = embed(replace(dataset, embeddings=None, image=None))
    return made.shape == given.shape and np.allclose(made[:1000], given[:1000], atol=1e-3)


@dataclass(frozen=True, eq=False)
class Context:
    """One run of the detectors.

    Attributes
    ----------
    dataset : Dataset
    predictions : Predictions
    seed : int
    executor : concurrent.futures.Executor or None
    """

    dataset: Dataset
    predictions: Predictions
    seed: int = 0
    executor: Executor | None = None

    def revised(self, revise: Callable[[CellBlock, np.ndarray], np.ndarray]) -> Context:
        """The same run with P(label) of all cells revised by a function of (cells, P(label))."""
        out = np.empty(self.probabilities.shape, np.float32)
        for block in row_blocks(*self.dataset.labels.shape):
            out[block] = revise(*self.block(block))
        return replace(self, predictions=replace(self.predictions, probabilities=out))

    def block(self, rows: Rows) -> tuple[CellBlock, np.ndarray]:
        """The cells of some items that have a probability, and P(label) of each."""
        return cell_block(self.dataset.labels, self.probabilities, rows)

    @property
    def probabilities(self) -> Scores:
        """P(label given) of every cell."""
        return self.predictions.cell_probabilities

    @cached_property
    def prevalence(self) -> np.ndarray:
        """Share of positives among the known cells of each label, float64 (n_labels,), inside (0, 1)."""
        labels = self.dataset.labels
        return (labels.n_positive + 0.5) / (labels.n_positive + labels.n_negative + 1)

    @cached_property
    def features(self) -> np.ndarray:
        """The vector of each item, float32 (n_items, n_features)."""
        return embed(self.dataset, model=self.predictions.model, seed=self.seed)

    @cached_property
    def near(self) -> Neighbors:
        """The nearest neighbours of each item: those that the other stages use."""
        return nearest(self.features, N_NEIGHBORS, seed=self.seed)
