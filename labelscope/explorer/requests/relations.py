"""The relations between labels, and what people say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from labelscope.errors import DataError
from labelscope.explorer.messages import Reply, Request

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["KINDS"]

MOST_RELATIONS = 400


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


def rule(board: Board, request: Request) -> Reply:
    """Say that a relation holds, that it does not, or nothing of it any more."""
    relation = (request.text("a"), request.text("relation"), request.text("b"))
    verdict, rules = request.text("verdict"), board.session.rules
    board.ruled()  # what was said before is not news
    if verdict == "confirm":
        rules.confirm(*relation)
    elif verdict == "reject":
        rules.reject(*relation)
    elif verdict == "withdraw":
        rules.withdraw(*relation)
    else:
        raise DataError(f"relation: expected confirm, reject or withdraw, got {verdict!r}")
    board.ruled()
    return Reply()


KINDS = {"relation_table": relation_table, "rule": rule}
