"""The answers about the selection: whatever a view clicks becomes a filter that all views share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.explorer import map_geometry
from labelscope.explorer.messages import Reply, Request

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["KINDS"]

N_SIMILAR = 50
MOST_SIMILAR = 5000
STATE_TITLES = {POSITIVE: "{}", NEGATIVE: "not {}", UNKNOWN: "{} unknown"}
RELATION_TITLES = {
    "implies": "{} without {}", "identical": "{} or {}, not both", "exclusive": "{} and {}", "overlaps": "{} and {}",
}  # fmt: skip


def selection(board: Board, _: Request) -> Reply:
    """The selected items as one bit an item, and the filters that led there."""
    body = {
        "version": board.versions["selection"],
        "count": board.n_selected(),
        "counts": board.progress(),
        "filters": board.filters.chips,
    }
    return Reply(body, [] if board.mask is None else [map_geometry.pack(board.mask)])


def lasso(board: Board, request: Request) -> Reply:
    """Items inside a polygon: float32 x, y pairs in the buffer."""
    if len(request.buffers) != 1 or len(request.buffers[0]) % 8:
        raise DataError("lasso: expected one buffer of float32 x, y pairs; reload the view")
    polygon = np.frombuffer(request.buffers[0], np.float32).reshape(-1, 2)
    board.filters.draw(board.lasso(polygon), request.text("mode", "replace"))
    board.narrowed()
    return selection(board, request)


def brush(board: Board, request: Request) -> Reply:
    """Items near a stroke: float32 x, y pairs in the buffer, `radius` in units of the map."""
    if len(request.buffers) != 1 or len(request.buffers[0]) % 8 or not request.buffers[0]:
        raise DataError("brush: expected one buffer of float32 x, y pairs; reload the view")
    stroke = np.frombuffer(request.buffers[0], np.float32).reshape(-1, 2)
    board.filters.draw(board.near(stroke, request.decimal("radius")), request.text("mode", "replace"))
    board.narrowed()
    return selection(board, request)


def select(board: Board, request: Request) -> Reply:
    """Exactly these items; none clears all filters."""
    rows = request.numbers("rows")
    if any(not 0 <= row < board.dataset.n_items for row in rows):
        raise DataError(f"select: expected items from 0 to {board.dataset.n_items - 1}; reload the view")
    mask = _of_rows(board, rows)
    board.select(mask if rows else None, f"Item {board.dataset.item_ids[rows[0]]}" if len(rows) == 1 else "Picked items")
    return selection(board, request)


def put(board: Board, request: Request) -> Reply:
    """One more filter: a query, a label, a pair of labels, a relation, items like one, or one item."""
    makers: dict[str, Callable[[Board, Request], tuple[str, np.ndarray]]] = {
        "query": _query, "label": _label, "pair": _pair, "relation": _relation, "similar": _similar, "item": _item,
    }  # fmt: skip
    kind = request.text("by")
    if kind not in makers:
        raise DataError(f"filter: expected one of {', '.join(makers)}, got {kind!r}; reload the view")
    title, mask = makers[kind](board, request)
    if kind == "item":
        rest = board.filters.without("item")
        if rest is not None and not (rest & mask).any():  # an item outside of the selection: it alone
            board.filters.clear()
    board.filters.put(kind, title, mask, only=kind in {"item", "similar"})
    board.narrowed()
    return selection(board, request)


def drop(board: Board, request: Request) -> Reply:
    """Take one filter away."""
    board.filters.remove(request.text("key"))
    board.narrowed()
    return selection(board, request)


def negate(board: Board, request: Request) -> Reply:
    """Turn one filter into its opposite."""
    board.filters.negate(request.text("key"))
    board.narrowed()
    return selection(board, request)


KINDS = {
    "selection": selection, "lasso": lasso, "brush": brush, "select": select,
    "filter": put, "unfilter": drop, "negate": negate,
}  # fmt: skip


def _query(board: Board, request: Request) -> tuple[str, np.ndarray]:
    text = " ".join(request.text("text").split())
    return text, board.terms.query(text)


def _label(board: Board, request: Request) -> tuple[str, np.ndarray]:
    label, state = request.number("label"), request.number("state", POSITIVE)
    board.check(0, label)
    if state not in STATE_TITLES:
        raise DataError(f"filter: expected the state 1, 0 or -1, got {state}")
    return STATE_TITLES[state].format(board.dataset.label_names[label]), board.states(label) == state


def _pair(board: Board, request: Request) -> tuple[str, np.ndarray]:
    a, b = request.number("a"), request.number("b")
    for label in (a, b):
        board.check(0, label)
    names = board.dataset.label_names
    return f"{names[a]} and {names[b]}", (board.states(a) == POSITIVE) & (board.states(b) == POSITIVE)


def _relation(board: Board, request: Request) -> tuple[str, np.ndarray]:
    """The items that break a relation (those that have both, where it cannot be broken)."""
    kind, names = request.text("relation"), (request.text("a"), request.text("b"))
    if kind not in RELATION_TITLES:
        raise DataError(f"filter: expected a relation of {', '.join(RELATION_TITLES)}, got {kind!r}; reload the view")
    a, b = (board.states(board.dataset.label_position(name)) for name in names)
    masks = {
        "implies": (a == POSITIVE) & (b == NEGATIVE),
        "identical": ((a == POSITIVE) & (b == NEGATIVE)) | ((a == NEGATIVE) & (b == POSITIVE)),
        "exclusive": (a == POSITIVE) & (b == POSITIVE),
        "overlaps": (a == POSITIVE) & (b == POSITIVE),
    }
    return RELATION_TITLES[kind].format(*names), masks[kind]


def _similar(board: Board, request: Request) -> tuple[str, np.ndarray]:
    row = _row(board, request)
    rows, _ = board.similar(row, min(MOST_SIMILAR, max(1, request.number("k", N_SIMILAR))))
    return f"Like item {board.dataset.item_ids[row]}", _of_rows(board, [row, *rows.tolist()])


def _item(board: Board, request: Request) -> tuple[str, np.ndarray]:
    row = _row(board, request)
    return f"Item {board.dataset.item_ids[row]}", _of_rows(board, [row])


def _row(board: Board, request: Request) -> int:
    row = request.number("row")
    board.check(row, 0)
    return row


def _of_rows(board: Board, rows: list[int]) -> np.ndarray:
    mask = np.zeros(board.dataset.n_items, bool)
    mask[rows] = True
    return mask
