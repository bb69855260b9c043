"""The labels with their counts: the long tail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.errors import DataError
from labelscope.explorer.messages import Reply, Request
from labelscope.stats.long_tail import HEAD_ABOVE, TAIL_BELOW

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["KINDS"]

LARGEST_WINDOW = 200
N_CURVE = 240
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


KINDS = {"label_table": label_table}


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
