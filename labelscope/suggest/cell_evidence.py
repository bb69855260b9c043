"""What is known of suspicious cells beside the suspicion, as columns that an order can learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import logit

from labelscope.data.positions import positions
from labelscope.issues.context import Context, has
from labelscope.issues.find import Findings

__all__ = ["SLOPE", "CellEvidence"]

N_CANDIDATES = 100_000  # the most suspicious cells
EDGE = 1e-3  # suspicion and probabilities stay so far within 0 and 1
FEW_LABELS = 60  # up to so many, the states and probabilities of all labels of an item take part
N_AXES, AXES_FROM = 24, 3000  # principal axes of the embedding, and the items that they are found from
TOP = 100  # the level of the suspicion is that of so many cells
OUT = np.inf  # penalty of a column that takes no part
SLOPE = 1  # the column of the log odds of the suspicion

# What holds back each group of columns, a model a row: the more there is to learn from, the more each piece is held back.
MODELS = (
    {"level": 0.1},
    {"level": 0.1, "slope": 1.0, "kind": 1.0},
    {"level": 0.1, "slope": 1.0, "kind": 1.0, "label": 2.0},
    {"level": 0.1, "slope": 1.0, "kind": 1.0, "label": 2.0, "item": 4.0},
    {"level": 0.1, "slope": 1.0, "kind": 1.0, "label": 2.0, "item": 8.0, "embedding": 8.0},
)


@dataclass(frozen=True)
class CellEvidence:
    """The most suspicious cells of some findings, in their order.

    Attributes
    ----------
    offset : float64, shape (n_cells,)
        Log odds of the suspicion, about 0 for the first cells.
    columns : float32, shape (n_cells, n_columns)
        All columns but those of the labels; the first is 1, the second (:data:`SLOPE`) the centred log odds.
    code : int64, shape (n_cells,)
        Label and kind of each cell as one number below `n_codes`.
    n_codes : int
    penalties : list of float64 arrays, each of shape (n_columns + n_codes,)
        What holds back each coefficient, a model each; infinite where a column takes no part.
    """

    offset: np.ndarray
    columns: np.ndarray
    code: np.ndarray
    n_codes: int
    penalties: list[np.ndarray]

    @classmethod
    def of(cls, findings: Findings) -> CellEvidence:
        """Of the findings of :func:`labelscope.find_issues`; of findings made by hand, what their cells say themselves."""
        cells = findings.cells.head(N_CANDIDATES)
        odds = logit(np.clip(cells["suspicion"].to_numpy().astype(np.float64), EDGE, 1 - EDGE))
        spurious = (cells["kind"] == "spurious").to_numpy()
        _, label = np.unique(cells["label"].to_numpy().astype(str), return_inverse=True)
        n_labels = int(label.max(initial=-1)) + 1
        centred, side = odds - odds.sum() / max(1, len(odds)), spurious - 0.5
        groups = {"level": np.ones((len(odds), 1)), "slope": centred[:, None], "kind": np.stack([side, centred * side], axis=1)}
        if findings.context is not None and len(odds):
            groups |= _of_items(findings.context, cells, spurious)
        widths = {name: group.shape[1] for name, group in groups.items()} | {"label": 2 * n_labels}
        penalties = [np.concatenate([np.full(width, model.get(name, OUT)) for name, width in widths.items()]) for model in MODELS]
        return cls(
            offset=odds - odds[:TOP].sum() / max(1, len(odds[:TOP])),
            columns=np.hstack([group.astype(np.float32) for group in groups.values()]),
            code=label + n_labels * spurious,
            n_codes=2 * n_labels,
            penalties=[penalty for k, penalty in enumerate(penalties) if not any(np.array_equal(penalty, p) for p in penalties[:k])],
        )

    def design(self, cells: np.ndarray) -> np.ndarray:
        """All columns of some cells, those of the labels last, float32 (n_chosen, n_columns + n_codes)."""
        labels = np.zeros((len(cells), self.n_codes), np.float32)
        labels[np.arange(len(cells)), self.code[cells]] = 1
        return np.hstack([self.columns[cells], labels])

    def scores(self, fits: np.ndarray) -> np.ndarray:
        """Columns times coefficients of all cells, float64 (n_cells, n_models), without making the columns of the labels."""
        n = self.columns.shape[1]
        return self.columns @ fits[:n].astype(np.float32) + fits[n:][self.code]


def _of_items(context: Context, cells: pl.DataFrame, spurious: np.ndarray) -> dict[str, np.ndarray]:
    """What the items of the cells have and what the model thinks of them, and where they lie in the embedding."""
    dataset, known = context.dataset, {"expected": "findings: expected items and labels of their data set", "remedy": "find them anew"}
    row = positions(cells["item_id"], dataset.item_ids, **known)
    column = positions(cells["label"], pl.Series(dataset.label_names, dtype=pl.String), **known)
    items, of = np.unique(row, return_inverse=True)
    cell = np.arange(len(row))
    positive = dataset.labels.positives[items]
    probable = logit(np.clip(context.probabilities.rows(items).astype(np.float64), EDGE, 1 - EDGE))
    two = np.partition(probable, probable.shape[1] - 2, axis=1)[:, -2:] if probable.shape[1] > 1 else probable
    single = [np.log1p(np.asarray(positive.sum(axis=1), np.float64))[of], probable[of, column][:, None], two[of]]
    parts = [_standard(np.hstack(single))]
    if dataset.n_labels <= FEW_LABELS:
        others = positive.toarray()[of].astype(np.float64)
        others[cell, column] = 0
        parts += [others, _by_kind(_standard(probable)[of] / np.sqrt(dataset.n_labels), spurious)]
    found = {"item": np.hstack(parts)}
    if has(dataset, "embeddings"):
        found["embedding"] = _by_kind(_axes(context.features, items)[of], spurious)
    return found


def _standard(values: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and standard deviation 1, those without any spread 0."""
    return (values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9)


def _by_kind(values: np.ndarray, spurious: np.ndarray) -> np.ndarray:
    """Each column twice: for the spurious cells and for the missing ones."""
    return np.hstack([np.where(spurious[:, None], values, 0), np.where(spurious[:, None], 0, values)])


def _axes(features: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Coordinates of some items on the main axes of all, the widest of spread 1, float32 (n_items, n_axes)."""
    step = max(1, len(features) // AXES_FROM)
    some = np.asarray(features[::step], np.float32)
    middle = some.mean(axis=0)
    _, _, axes = np.linalg.svd(some - middle, full_matrices=False)
    along = (np.asarray(features[items], np.float32) - middle) @ axes[:N_AXES].T
    return along / max(float(along.std(axis=0).max(initial=0)), 1e-9)
