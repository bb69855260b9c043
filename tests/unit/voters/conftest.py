"""Simulated voters on known truth."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset

NAMES = ["cat", "dog", "owl"]


class Poll:
    """A data set of three labels, its truth, and votes of raters with given rates."""

    def __init__(self, seed: int = 0, n_items: int = 600) -> None:
        self.rng = np.random.default_rng(seed)
        self.truth = (self.rng.random((n_items, 3)) < [0.4, 0.2, 0.1]).astype(int)
        self.ds = Dataset.from_arrays(self.truth, label_names=NAMES)

    def votes(self, rater: str, sensitivity: float, specificity: float, share: float = 1.0) -> pl.DataFrame:
        yes = np.where(self.truth == 1, self.rng.random(self.truth.shape) < sensitivity, self.rng.random(self.truth.shape) > specificity)
        item, label = np.nonzero(np.ones_like(yes))
        frame = pl.DataFrame({
            "item_id": item, "rater": [rater] * len(item), "label": np.asarray(NAMES)[label], "value": yes.ravel().astype(np.int8),
        })  # fmt: skip
        return frame.filter(pl.Series(self.rng.random(frame.height) < share))

    def audited(self, n_items: int) -> pl.DataFrame:
        item, label = np.nonzero(np.ones((n_items, 3), bool))
        return pl.DataFrame({"item_id": item, "label": np.asarray(NAMES)[label], "state": self.truth[:n_items].ravel()})

    def right(self, frame: pl.DataFrame) -> float:
        """Share of the cells of a consensus that are on the right side of one half."""
        label = frame["label"].replace_strict({name: k for k, name in enumerate(NAMES)}).to_numpy()
        return float(((frame["probability"].to_numpy() > 0.5) == self.truth[frame["item_id"].to_numpy(), label]).mean())


@pytest.fixture
def poll():
    return Poll()
