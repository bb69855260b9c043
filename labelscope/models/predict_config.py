"""How :func:`labelscope.predict` works, and what follows from that and the size of a data set alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.errors import StageError
from labelscope.models.heads import check_heads

__all__ = ["Cells", "PredictConfig", "enough_known", "lists_cells", "n_cross_fits", "searches_all", "settled"]

Cells = Literal["auto", "all", "listed"]


@dataclass(frozen=True)
class PredictConfig:
    """How :func:`predict` works.

    Attributes
    ----------
    heads : tuple of str
        What is cross-fitted: "ridge", "logistic", "mlp", "votes" (:mod:`labelscope.models.heads`). Several are mixed with
        weights chosen out of fold; each holds one more array of the size of the probabilities.
    loss : str
        Of the logistic and MLP heads: "bce", "focal", "asl", "db", "pu" or "em" (:mod:`labelscope.models.losses`).
    n_folds : int
    n_repeats : int
        Cross-fits with other folds whose scores are averaged: less noise from the draw of the folds.
    steady : int
        With more items a feature than this, one cross-fit is steady enough.
    n_neighbors : int
        Neighbours that vote; 0 leaves the votes out.
    vote_share : float
        Share of the votes in the mix, 0 to 1. Fixed: choosing it by the log loss of the noisy labels favours votes
        most where noise is shared by neighbours.
    min_positives : int
        A label with fewer known positives (or negatives) is reported, not scored.
    duplicate : float
        Cosine from which two items are near-duplicates: kept in one fold, no vote for each other.
    searched_per_label : int
        Up to this many items a label, all pairs of items are compared to find who votes. With more, the search would cost
        many times what the heads cost: landmarks vote instead, where that lowers the out-of-fold log loss.
    max_voting_items : int
        Above this many items all pairs are never compared: heads that have seen so many gain nothing from votes.
    cells : {"auto", "all", "listed"}
        Which cells have a probability of their own: all in one array, or those of which somebody may want to know
        (:mod:`labelscope.models.listed`). "auto" lists cells above `dense_cells` cells and `dense_labels` labels.
    dense_cells, dense_labels : int
        Up to so many cells (items times labels), or so many labels, there is an array of all. Above, one cross-fit is made.
    n_listed : int
        Cells listed for each item for their probability alone.
    """

    heads: tuple[str, ...] = ("ridge",)
    loss: str = "bce"
    n_folds: int = 5
    n_repeats: int = 3
    steady: int = 40
    n_neighbors: int = 25
    vote_share: float = 0.1
    min_positives: int = 5
    duplicate: float = 0.995
    searched_per_label: int = 400
    max_voting_items: int = 20_000
    cells: Cells = "auto"
    dense_cells: int = 200_000_000
    dense_labels: int = 1_000
    n_listed: int = 50


def settled(config: PredictConfig, heads: str | Sequence[str] | None, loss: str | None, cells: Cells | None) -> PredictConfig:
    """The configuration with what was asked for by name in it, checked."""
    asked = config.heads if heads is None else heads
    config = replace(config, heads=(asked,) if isinstance(asked, str) else tuple(asked))
    if loss is not None:
        config = replace(config, loss=loss)
    if cells is not None:
        config = replace(config, cells=cells)
    check_heads(config.heads, config.loss)
    if config.cells not in ("auto", "all", "listed"):
        raise StageError(f'cells: expected "auto", "all" or "listed", got {config.cells!r}')
    if config.n_listed < 1:
        raise StageError(f"n_listed: expected at least 1 cell an item, got {config.n_listed}")
    return config


def lists_cells(dataset: Dataset, config: PredictConfig) -> bool:
    """Whether only the cells worth a probability have one.

    Raises
    ------
    StageError
        If they are to be listed, and the heads or columns asked for learn all cells only.
    """
    if config.cells == "all" or (config.cells == "auto" and not _large(dataset.labels, config)):
        return False
    all_cells = "or compute all with predict(..., cells='all')"
    got = f"got {dataset.n_items:,} items x {dataset.n_labels:,} labels and "
    if config.heads != ("ridge",):
        raise StageError(f"heads: expected 'ridge' where cells are listed, {got}{', '.join(config.heads)}; leave heads out, {all_cells}")
    if dataset.features and dataset.has_content:
        named = ", ".join(dataset.features)
        raise StageError(f"features: expected none beside embeddings where cells are listed, {got}{named}; leave them out, {all_cells}")
    return True


def _large(labels: LabelMatrix, config: PredictConfig) -> bool:
    n_items, n_labels = labels.shape
    return n_items * n_labels > config.dense_cells and n_labels > config.dense_labels


def searches_all(dataset: Dataset, config: PredictConfig) -> bool:
    """Whether every item is compared with every other."""
    if "votes" in config.heads:
        return config.n_neighbors > 0
    few_enough = min(config.max_voting_items, max(2000, config.searched_per_label * dataset.n_labels))
    return config.vote_share > 0 and 0 < config.n_neighbors < dataset.n_items <= few_enough


def n_cross_fits(features: np.ndarray, labels: LabelMatrix, config: PredictConfig) -> int:
    """How many cross-fits are averaged: the more items there are to a feature, the steadier one is. One in a large set."""
    n_items, n_features = features.shape
    return config.n_repeats if n_items <= config.steady * n_features and not _large(labels, config) else 1


def enough_known(labels: LabelMatrix, config: PredictConfig) -> np.ndarray:
    """Labels with enough known positives and negatives to be scored, bool (n_labels,)."""
    return np.minimum(labels.n_positive, labels.n_negative) >= config.min_positives
