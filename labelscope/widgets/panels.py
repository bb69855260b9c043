"""The views of the label space beside the map: the long tail, co-occurrence and relations, as small JSON and matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.errors import DataError
from labelscope.stats.long_tail import HEAD_ABOVE, TAIL_BELOW
from labelscope.stats.ordering import cluster_order
from labelscope.stats.pair_grid import MOST_CELLS
from labelscope.widgets.wire import Reply, Request

if TYPE_CHECKING:
    from labelscope.widgets.board import Board

__all__ = ["label_table", "pair_grid", "pair_matrix", "relation_table"]

LARGEST_WINDOW = 200
N_CURVE = 240
MOST_PAIRED = 48
MOST_RELATIONS = 400
MOST_NAMED = 6_000  # labels whose names go along with a grid
SORTS = ("count", "rare", "name", "selected", "suggested")


def label_table(board: Board, request: Request) -> Reply:
    """A window of the labels with their counts; with the first one, the whole long tail as a curve."""
    counts = _counts(board)
    order = _sorted(board, counts, request.text("sort", "count"), request.text("query", ""))
    offset = max(0, request.number("offset", 0))
    window = order[offset : offset + min(LARGEST_WINDOW, request.number("limit", 60))]
    falling = np.sort(counts["positive"])[::-1]
    at = np.unique(np.linspace(0, len(falling) - 1, min(N_CURVE, len(falling))).astype(np.int64))
    tiers = {"head": int((falling > HEAD_ABOVE).sum()), "tail": int((falling < TAIL_BELOW).sum())}
    return Reply({
        "total": len(order),
        "offset": offset,
        "most": int(falling[0]) if len(falling) else 0,
        "n_selected": board.n_selected(),
        "rows": [_row(board, counts, int(k)) for k in window],
        "curve": [[int(i), int(falling[i])] for i in at],
        "tiers": {**tiers, "medium": len(falling) - tiers["head"] - tiers["tail"]},
    })  # fmt: skip


def pair_matrix(board: Board, request: Request) -> Reply:
    """Counts, lift and significance among some labels: the commonest, or those that go with one label.

    Buffers: int32 counts, float32 lift (NaN where it is not defined), float32 q-value, each (n, n).
    """
    if board.pairs is None:
        return Reply({"ready": False})
    focus, most = request.number("label", -1), min(MOST_PAIRED, request.number("n", 24))
    columns = _paired(board, focus, most)
    names = [board.dataset.label_names[k] for k in columns]
    frame = board.pairs.frame.filter(pl.col("label_a").is_in(names) & pl.col("label_b").is_in(names))
    place = {name: i for i, name in enumerate(names)}
    a, b = (np.array([place[name] for name in frame[column]], np.int64) for column in ("label_a", "label_b"))
    n_ab = np.diag(board.dataset.labels.n_positive[columns]).astype(np.int32)
    lift = np.full(n_ab.shape, np.nan, np.float32)
    q_value, npmi = np.ones(n_ab.shape, np.float32), np.eye(len(names))
    for matrix, column in ((n_ab, "n_ab"), (lift, "lift"), (q_value, "q_value"), (npmi, "npmi")):
        values = frame[column].fill_null(float("nan")).to_numpy() if column != "n_ab" else frame[column].to_numpy()
        matrix[a, b] = matrix[b, a] = values
    order = cluster_order(np.nan_to_num(npmi)) if request.text("order", "cluster") == "cluster" else np.arange(len(names))
    n_ab, lift, q_value = (np.ascontiguousarray(matrix[np.ix_(order, order)]) for matrix in (n_ab, lift, q_value))
    labels = [{"label": int(columns[i]), "name": names[i]} for i in order]
    body = {"ready": True, "labels": labels, "focus": focus, "n_labels": board.dataset.n_labels, "summary": board.pairs.summary()}
    return Reply({**body, "whole": True}, [n_ab.astype(np.int32).tobytes(), lift.tobytes(), q_value.tobytes()])


def pair_grid(board: Board, request: Request) -> Reply:
    """All labels by all labels, or a window of them, in cells: at most 400 a side, each with its strongest pair.

    The labels are in the order in which those that go together lie side by side. `down` and `across` are windows [first,
    last) in it; a wish beyond the labels is cut. Buffers, each (n_down, n_across): float32 NPMI of the strongest pair of the
    cell (NaN: none differs from chance), int32 items in common, int32 pairs that differ from chance, int32 columns a and b
    of the strongest pair (-1: none).
    """
    if board.pairs is None:
        return Reply({"ready": False})
    order = board.pairs.order
    down, across = (_window(request.numbers(side), len(order)) for side in ("down", "across"))
    grid = board.pairs.grid(order[slice(*down)], order[slice(*across)], most=max(1, min(MOST_CELLS, request.number("most", MOST_CELLS))))
    shown = np.flatnonzero(grid.strongest >= 0)
    ends = np.full((2, grid.strongest.size), -1, np.int32)
    rows = board.pairs.frame.select("label_a", "label_b")[grid.strongest.ravel()[shown]]
    for end, names in zip(ends, rows.iter_columns(), strict=True):
        end[shown] = [board.dataset.label_position(name) for name in names.to_list()]
    body = {
        "ready": True,
        "n_labels": len(order),
        "down": down,
        "across": across,
        "shape": list(grid.npmi.shape),
        "names": [[_ends(labels) for labels in side] for side in (grid.rows, grid.columns)],
        "labels": [[board.dataset.label_position(labels[0]) for labels in side] for side in (grid.rows, grid.columns)],
        "found": {int(k): board.dataset.label_names[k] for k in np.unique(ends[ends >= 0])[:MOST_NAMED]},
    }
    return Reply(body, [
        grid.npmi.astype(np.float32).tobytes(), grid.n_ab.astype(np.int32).tobytes(), grid.n_pairs.astype(np.int32).tobytes(),
        ends[0].tobytes(), ends[1].tobytes(),
    ])  # fmt: skip


def _window(asked: list[int], n: int) -> list[int]:
    """A window [first, last) of n labels, at least one of them."""
    first, last = (asked[0], asked[1]) if len(asked) == 2 else (0, n)
    first = max(0, min(first, n - 1))
    return [first, max(first + 1, min(last, n))] if n else [0, 0]


def _ends(labels: tuple[str, ...]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} … {labels[-1]}"


def relation_table(board: Board, request: Request) -> Reply:
    """The relations between labels, those with exceptions to review first in each kind."""
    if board.relations is None:
        return Reply({"ready": False})
    frame = board.session.rules.judged(board.relations.frame)
    kinds = dict(frame.group_by("relation").len().iter_rows())
    kind, query = request.text("relation", ""), request.text("query", "").strip().lower()
    if kind:
        frame = frame.filter(pl.col("relation") == kind)
    if query:
        names = pl.col("label_a", "label_b").str.to_lowercase().str.contains(query, literal=True)
        frame = frame.filter(pl.any_horizontal(names))
    frame = frame.with_columns(clean=pl.col("counter_examples").fill_null(0) == 0).sort("clean", maintain_order=True)
    columns = [
        "label_a",
        "label_b",
        "relation",
        "n_a",
        "n_b",
        "n_ab",
        "expected",
        "counter_examples",
        "q_value",
        "source",
        "supported",
        "direct",
        "verdict",
    ]
    return Reply({"ready": True, "total": frame.height, "kinds": kinds, "rows": frame.select(columns).head(MOST_RELATIONS).to_dicts()})


def _counts(board: Board) -> dict[str, np.ndarray]:
    """Positives, unknown, positives in the selection, and pending additions and removals of each label."""
    labels, worklist, n = board.dataset.labels, board.worklist, board.dataset.n_labels
    pending = worklist.verdicts == 0
    if board.mask is not None:
        pending &= board.mask[worklist.rows]
    chosen = labels.positives if board.mask is None else labels.positives[np.flatnonzero(board.mask)]
    return {
        "positive": labels.n_positive + _moved(board),
        "unknown": labels.n_unknown,
        "selected": np.bincount(chosen.indices, minlength=n),
        "add": np.bincount(worklist.labels[pending & worklist.adds], minlength=n),
        "remove": np.bincount(worklist.labels[pending & ~worklist.adds], minlength=n),
    }


def _moved(board: Board) -> np.ndarray:
    """Positives gained or lost by decisions, of each label."""
    changes = board.session.changes.select("label", gained=(pl.col("after") == 1).cast(pl.Int64) - (pl.col("before") == 1).cast(pl.Int64))
    out = np.zeros(board.dataset.n_labels, np.int64)
    for label, gained in changes.group_by("label").agg(pl.col("gained").sum()).iter_rows():
        if board.dataset.has_label(label):  # the labels shown are those that the data set was read with
            out[board.dataset.label_position(label)] = gained
    return out


def _sorted(board: Board, counts: dict[str, np.ndarray], sort: str, query: str) -> np.ndarray:
    """Columns of the labels whose name holds the query, in an order."""
    if sort not in SORTS:
        raise DataError(f"labels: expected an order of {', '.join(SORTS)}, got {sort!r}")
    names = board.dataset.label_names
    words = query.strip().lower()
    found = np.array([k for k, name in enumerate(names) if words in name.lower()] if words else range(len(names)), np.int64)
    if sort == "name":
        return found[np.argsort(np.asarray([names[k].lower() for k in found]), kind="stable")]
    key = {
        "count": -counts["positive"], "rare": counts["positive"], "selected": -counts["selected"],
        "suggested": -(counts["add"] + counts["remove"]),
    }[sort]  # fmt: skip
    return found[np.lexsort((found, key[found]))]


def _row(board: Board, counts: dict[str, np.ndarray], label: int) -> dict[str, Any]:
    positive = int(counts["positive"][label])
    tier = "head" if positive > HEAD_ABOVE else "medium" if positive >= TAIL_BELOW else "tail"
    return {"label": label, "name": board.dataset.label_names[label], "tier": tier, **{name: int(of[label]) for name, of in counts.items()}}


def _paired(board: Board, focus: int, most: int) -> np.ndarray:
    """The labels of the matrix, the commonest first."""
    counts = board.dataset.labels.n_positive
    if not 0 <= focus < board.dataset.n_labels:
        return np.argsort(-counts, kind="stable")[:most]
    name = board.dataset.label_names[focus]
    with_it = board.pairs.frame.filter((pl.col("label_a") == name) | (pl.col("label_b") == name)).head(most - 1)
    others = with_it.select(pl.when(pl.col("label_a") == name).then("label_b").otherwise("label_a").alias("other"))["other"]
    return np.array([focus, *(board.dataset.label_position(other) for other in others)], np.int64)
