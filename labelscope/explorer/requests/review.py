"""The answers about the worklist: its windows, and the decisions taken in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labelscope.explorer import map_geometry
from labelscope.explorer.messages import Reply, Request
from labelscope.explorer.requests import audit, batch

if TYPE_CHECKING:
    from labelscope.explorer.state import Board
    from labelscope.explorer.worklist import Listing

__all__ = ["KINDS"]

LARGEST_WINDOW = 200


def worklist(board: Board, request: Request) -> Reply:
    """A window of a listing; the listing is made if it is not named, or too old."""
    listing = board.worklist.listing(request.text("listing", ""))
    if listing is None:
        found = board.find(request.text("query", ""))
        cells = {"conflicts": board.conflicts.cells, "audit": board.sample.left}
        listing = board.worklist.open(request.text("queue"), request.text("order"), board.mask, found, cells=cells)
    offset = max(0, request.number("offset", 0))
    window = slice(offset, offset + min(LARGEST_WINDOW, max(0, request.number("limit", 40))))
    return Reply({
        "listing": listing.token,
        "total": len(listing.rows),
        "offset": offset,
        "entries": _entries(board, listing, window),
        **board.tally(),
    })  # fmt: skip


def decide(board: Board, request: Request) -> Reply:
    """Accept, reject or skip one suggestion; with an accepted one goes what it makes necessary."""
    position, n = board.decide(request.text("suggestion"), request.text("verdict"))
    entry = board.cards.entry(int(board.worklist.rows[position]), position, conflicts=board.conflicts)
    return Reply({"entry": entry, "n": n, **board.tally()})


def edit(board: Board, request: Request) -> Reply:
    """Set one cell to a state."""
    row, label = request.number("row"), request.number("label")
    board.edit(row, label, request.number("state"))
    named = request.text("suggestion", "")
    suggestion = board.worklist.position(named) if named else -1
    entry = board.cards.entry(row, suggestion, conflicts=board.conflicts)
    return Reply({"entry": entry, "chip": board.cards.chip(row, label), **board.tally()})


def undo(board: Board, request: Request) -> Reply:
    """Undo the last decision or batch."""
    return _stepped(board, board.step_back(), request)


def redo(board: Board, request: Request) -> Reply:
    """Redo what was undone last."""
    return _stepped(board, board.step_forward(), request)


def find(board: Board, request: Request) -> Reply:
    """The items that a search of the worklist finds, one bit an item; no buffer without words to search for."""
    mask = board.found(request.text("query", ""))
    return Reply({"count": None}) if mask is None else Reply({"count": int(mask.sum())}, [map_geometry.pack(mask)])


KINDS = {
    "find": find,
    "worklist": worklist, "decide": decide, "edit": edit, "undo": undo, "redo": redo,
    "batch": batch.preview, "batch_apply": batch.apply,
    **audit.KINDS,
}  # fmt: skip


def _entries(board: Board, listing: Listing, window: slice) -> list[dict[str, Any]]:
    if listing.blind:
        return [board.question(*cell) for cell in zip(listing.rows[window].tolist(), listing.labels[window].tolist(), strict=True)]
    columns = (listing.rows[window].tolist(), listing.suggestions[window].tolist(), listing.labels[window].tolist())
    return [
        board.cards.entry(row, suggestion, label=label, conflicts=board.conflicts) for row, suggestion, label in zip(*columns, strict=True)
    ]


def _stepped(board: Board, step: dict[str, Any] | None, request: Request) -> Reply:
    if step is None:
        return Reply({"entry": None, "label": "", "n": 0, **board.tally()})
    known = board.dataset.has_label(step["label"])  # a label that came by an edit of the label set is on no card
    cell = (step["row"], board.dataset.label_position(step["label"]) if known else -1)
    if request.flag("blind") and cell in board.sample:
        entry = board.question(*cell)
    else:
        entry = board.cards.entry(step["row"], step["suggestion"], conflicts=board.conflicts)
    return Reply({"entry": entry, "label": step["label"], "n": step["n"], **board.tally()})
