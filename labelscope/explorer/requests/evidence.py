"""Why one cell is believed or doubted: near items that agree and contradict, the model, votes, and what was decided before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.data.labels import POSITIVE, UNKNOWN
from labelscope.errors import StageError
from labelscope.explorer.messages import Reply, Request
from labelscope.review.decisions import VERDICTS

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["evidence"]

N_NEIGHBORS = 25
N_SHOWN = 4  # on either side
N_VOTES = 12
DUPLICATE = 0.995
TEXT = 150


def evidence(board: Board, request: Request) -> Reply:
    """The evidence about one cell."""
    row, label = request.number("row"), request.number("label")
    board.check(row, label)
    item, name = board.dataset.item_ids[row], board.dataset.label_names[label]
    suggestion = board.worklist.on(row, label)
    return Reply({
        "row": row,
        "label": label,
        "item": str(item),
        "name": name,
        "description": (board.dataset.label_descriptions or {}).get(name, ""),
        "given": board.dataset.labels.state(row, label),
        "chip": board.cards.chip(row, label),
        "suggestion": None if suggestion < 0 else board.cards.suggestion(suggestion),
        "suspicion": None if np.isnan(board.suspicion[row]) else round(float(board.suspicion[row]), 3),
        "neighbors": _neighbors(board, row, label),
        "votes": _votes(board, row, label),
        "history": _history(board, row, label),
        "fields": _fields(board, row),
    })  # fmt: skip


def _neighbors(board: Board, row: int, label: int) -> dict[str, Any] | None:
    """The nearest items on both sides; None where there is nothing to be near in."""
    try:
        near, similarity = board.similar(row, N_NEIGHBORS)
    except StageError:
        return None
    states = board.dataset.labels.states(near, np.full(len(near), label))
    own = board.dataset.labels.state(row, label)
    agrees = states == (own if own != UNKNOWN else POSITIVE)
    known = states != UNKNOWN
    sides = {"agree": known & agrees, "contradict": known & ~agrees}
    out: dict[str, Any] = {"asked": int(known.sum())}
    for side, mask in sides.items():
        shown = np.flatnonzero(mask)[:N_SHOWN]
        out[side] = {"n": int(mask.sum()), "items": [_neighbor(board, int(near[i]), float(similarity[i]), int(states[i])) for i in shown]}
    return out


def _neighbor(board: Board, row: int, similarity: float, state: int) -> dict[str, Any]:
    return {
        "row": row,
        "item": str(board.dataset.item_ids[row]),
        "text": " ".join(board.cards.text(row).split())[:TEXT],
        "similarity": round(similarity, 3),
        "state": state,
        "duplicate": similarity >= DUPLICATE,
    }


def _votes(board: Board, row: int, label: int) -> list[dict[str, Any]]:
    votes = board.dataset.votes
    if votes is None:
        return []
    here = np.flatnonzero((votes.items == row) & (votes.labels == label))[:N_VOTES]
    return [{"rater": votes.rater_names[votes.raters[i]], "value": int(votes.values[i])} for i in here]


def _history(board: Board, row: int, label: int) -> list[dict[str, Any]]:
    here = [event for event in board.session.decisions_on(row, label) if event.kind in VERDICTS][-6:]
    return [{"reviewer": e.reviewer, "verdict": VERDICTS[e.kind], "after": e.after, "time": e.time} for e in here]


def _fields(board: Board, row: int) -> list[dict[str, str]]:
    """Other columns of the item, as words: never as markup, and links only to the web."""
    items = board.dataset.items
    own = {"item_id", board.dataset.text, board.dataset.image, *board.dataset.text_columns}
    names = [name for name in items.columns if name not in own and not items.schema[name].is_nested() and items.schema[name] != pl.Binary]
    values = ((name, items[name][row]) for name in names[:8])
    return [{"name": name, "value": str(value)[:200]} for name, value in values if value is not None]
