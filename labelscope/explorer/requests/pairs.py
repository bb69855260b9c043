"""Which labels go together: a matrix of some of them, and a grid of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.explorer.messages import PairGridAsked, PairMatrixAsked
from labelscope.explorer.replies.panels import NamedLabel, PairGrid, PairMatrix
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import StageResults
from labelscope.stats.ordering import cluster_order
from labelscope.stats.pair_grid import MOST_CELLS

__all__ = ["PairRequests"]

MOST_PAIRED = 48
MOST_NAMED = 6_000  # labels whose names go along with a grid


class PairRequests:
    """Answers about pairs of labels.

    Parameters
    ----------
    dataset : Dataset
    results : StageResults
    """

    def __init__(self, dataset: Dataset, results: StageResults) -> None:
        self._dataset, self._results = dataset, results

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"pair_matrix": self.pair_matrix, "pair_grid": self.pair_grid}

    def pair_matrix(self, request: Request) -> Reply:
        """Counts, lift and significance among some labels: the commonest, or those that go with one label.

        Buffers: int32 counts, float32 lift (NaN where it is not defined), float32 q-value, each (n, n).
        """
        if self._results.pairs is None:
            return Reply(PairMatrix(ready=False))
        asked = request.read(PairMatrixAsked)
        focus, most = asked.label, min(MOST_PAIRED, asked.n)
        columns = self._paired(focus, most)
        names = [self._dataset.label_names[k] for k in columns]
        frame = self._results.pairs.frame.filter(pl.col("label_a").is_in(names) & pl.col("label_b").is_in(names))
        place = {name: i for i, name in enumerate(names)}
        a, b = (np.array([place[name] for name in frame[column]], np.int64) for column in ("label_a", "label_b"))
        n_ab = np.diag(self._dataset.labels.n_positive[columns]).astype(np.int32)
        lift = np.full(n_ab.shape, np.nan, np.float32)
        q_value, npmi = np.ones(n_ab.shape, np.float32), np.eye(len(names))
        for matrix, column in ((n_ab, "n_ab"), (lift, "lift"), (q_value, "q_value"), (npmi, "npmi")):
            values = frame[column].fill_null(float("nan")).to_numpy() if column != "n_ab" else frame[column].to_numpy()
            matrix[a, b] = matrix[b, a] = values
        order = cluster_order(np.nan_to_num(npmi)) if asked.order == "cluster" else np.arange(len(names))
        n_ab, lift, q_value = (np.ascontiguousarray(matrix[np.ix_(order, order)]) for matrix in (n_ab, lift, q_value))
        matrix_of = PairMatrix(
            ready=True,
            labels=[NamedLabel(int(columns[i]), names[i]) for i in order],
            focus=focus,
            n_labels=self._dataset.n_labels,
            summary=self._results.pairs.summary(),
            whole=True,
        )
        return Reply(matrix_of, [n_ab.astype(np.int32).tobytes(), lift.tobytes(), q_value.tobytes()])

    def pair_grid(self, request: Request) -> Reply:
        """All labels by all labels, or a window of them, in cells: at most 400 a side, each with its strongest pair.

        The labels are in the order in which those that go together lie side by side. `down` and `across` are windows [first,
        last) in it; a wish beyond the labels is cut. Buffers, each (n_down, n_across): float32 NPMI of the strongest pair of the
        cell (NaN: none differs from chance), int32 items in common, int32 pairs that differ from chance, int32 columns a and b
        of the strongest pair (-1: none).
        """
        if self._results.pairs is None:
            return Reply(PairGrid(ready=False))
        order, asked = self._results.pairs.order, request.read(PairGridAsked)
        down, across = (_window(side, len(order)) for side in (asked.down, asked.across))
        grid = self._results.pairs.grid(order[slice(*down)], order[slice(*across)], most=max(1, min(MOST_CELLS, asked.most)))
        shown = np.flatnonzero(grid.strongest >= 0)
        ends = np.full((2, grid.strongest.size), -1, np.int32)
        rows = self._results.pairs.frame.select("label_a", "label_b")[grid.strongest.ravel()[shown]]
        for end, names in zip(ends, rows.iter_columns(), strict=True):
            end[shown] = [self._dataset.label_position(name) for name in names.to_list()]
        position = self._dataset.label_position
        shown_grid = PairGrid(
            ready=True,
            n_labels=len(order),
            down=down,
            across=across,
            shape=grid.npmi.shape,
            names=([_ends(labels) for labels in grid.rows], [_ends(labels) for labels in grid.columns]),
            labels=([position(labels[0]) for labels in grid.rows], [position(labels[0]) for labels in grid.columns]),
            found={int(k): self._dataset.label_names[k] for k in np.unique(ends[ends >= 0])[:MOST_NAMED]},
        )
        return Reply(shown_grid, [
            grid.npmi.astype(np.float32).tobytes(), grid.n_ab.astype(np.int32).tobytes(), grid.n_pairs.astype(np.int32).tobytes(),
            ends[0].tobytes(), ends[1].tobytes(),
        ])  # fmt: skip

    def _paired(self, focus: int, most: int) -> np.ndarray:
        """The labels of the matrix, the commonest first."""
        counts = self._dataset.labels.n_positive
        if not 0 <= focus < self._dataset.n_labels:
            return np.argsort(-counts, kind="stable")[:most]
        name = self._dataset.label_names[focus]
        with_it = self._results.pairs.frame.filter((pl.col("label_a") == name) | (pl.col("label_b") == name)).head(most - 1)
        others = with_it.select(pl.when(pl.col("label_a") == name).then("label_b").otherwise("label_a").alias("other"))["other"]
        return np.array([focus, *(self._dataset.label_position(other) for other in others)], np.int64)


def _window(asked: list[int], n: int) -> tuple[int, int]:
    """A window [first, last) of n labels, at least one of them."""
    first, last = (asked[0], asked[1]) if len(asked) == 2 else (0, n)
    first = max(0, min(first, n - 1))
    return (first, max(first + 1, min(last, n))) if n else (0, 0)


def _ends(labels: tuple[str, ...]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} … {labels[-1]}"
