"""Many decisions at once: what a batch would change, shown before it does, and taken back by one undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.errors import DataError
from labelscope.explorer.messages import Reply, Request
from labelscope.explorer.worklist import UNDECIDED

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["apply", "preview"]

N_GROUPS = 12
N_SAMPLE = 5


def preview(board: Board, request: Request) -> Reply:
    """What a batch would be about: its size, its groups of equal changes, and a spread of examples."""
    chosen = _chosen(board, request)
    frame = board.worklist.frame[chosen]
    groups = (
        frame.group_by("label", "action").agg(pl.len().alias("n"), pl.col("confidence").min().alias("least")).sort("n", descending=True)
    )
    spread = chosen[np.unique(np.linspace(0, len(chosen) - 1, N_SAMPLE).astype(np.int64))] if len(chosen) else chosen
    return Reply({
        "total": len(chosen),
        "companions": len(board.worklist.with_companions(chosen)) - len(chosen),
        "items": frame["item_id"].n_unique(),
        "n_groups": groups.height,
        "groups": [_rounded(group) for group in groups.head(N_GROUPS).to_dicts()],
        "sample": [_example(board, int(i)) for i in spread],
    })  # fmt: skip


def apply(board: Board, request: Request) -> Reply:
    """Take the decision on what was shown.

    Raises
    ------
    DataError
        If the batch is another than the one that was shown (somebody decided meanwhile), or empty.
    """
    chosen, shown = _chosen(board, request), request.number("total")
    if len(chosen) != shown:
        raise DataError(f"batch: expected {shown:,} suggestions as shown, got {len(chosen):,}: somebody decided meanwhile; look again")
    if not shown:
        raise DataError("batch: expected at least one undecided suggestion, got none")
    return Reply({"total": board.decide_all(chosen, request.text("verdict")), **board.tally()})


def _chosen(board: Board, request: Request) -> np.ndarray:
    """Undecided suggestions of a listing, those like one of them if one is named, from a confidence on; in list order.

    What a person has decided is never overwritten.
    """
    listing = board.worklist.listing(request.text("listing"))
    if listing is None:
        raise DataError("batch: expected a list that was made lately; refresh the list")
    worklist, like = board.worklist, request.text("like", "")
    chosen = listing.suggestions[listing.suggestions >= 0]
    chosen = chosen[np.isin(worklist.verdicts[chosen], UNDECIDED)]
    if like:
        one = worklist.position(like)
        chosen = chosen[(worklist.labels[chosen] == worklist.labels[one]) & (worklist.adds[chosen] == worklist.adds[one])]
    confidence = worklist.frame["confidence"].fill_null(0.0).to_numpy()
    return chosen[confidence[chosen] >= request.decimal("above", 0.0) - 1e-6]


def _example(board: Board, position: int) -> dict[str, Any]:
    entry = board.worklist.frame.row(position, named=True)
    text = " ".join(board.cards.text(int(board.worklist.rows[position])).split())
    return {
        "row": int(board.worklist.rows[position]), "item": str(entry["item_id"]), "label": entry["label"], "action": entry["action"],
        "confidence": round(float(entry["confidence"] or 0.0), 3), "text": text[:140],
    }  # fmt: skip


def _rounded(group: dict[str, Any]) -> dict[str, Any]:
    return {**group, "least": round(float(group["least"] or 0.0), 3)}
