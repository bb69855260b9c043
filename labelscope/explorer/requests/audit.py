"""The audit in the app: the cells of the sample, one after the other, with nothing on them that could sway the person.

What is shown is the item, the label and its given state: no suggestion, no probability, no suspicion, no neighbours. The
list is the whole rest of the sample in its order of reading, whatever is selected or searched for: a part that was
chosen would not be a sample any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelscope.errors import DataError, StageError
from labelscope.explorer.messages import Reply, Request

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["KINDS"]

LARGEST = 20_000  # cells that somebody could mean to judge


def start(board: Board, request: Request) -> Reply:
    """Draw the sample, or make it larger."""
    n = request.number("n")
    if not 1 <= n <= LARGEST:
        raise DataError(f"audit: expected 1 to {LARGEST:,} cells, got {n:,}")
    if not board.searched:
        raise StageError("audit: expected what the search for wrong labels found, got nothing yet; wait for it")
    board.session.audit(n)
    board.drawn()
    return Reply({"n": len(board.sample), **board.tally()})


def judge(board: Board, request: Request) -> Reply:
    """Say of a cell of the sample that its given state is right, wrong or undecidable."""
    row, label = request.number("row"), request.number("label")
    board.judge(row, label, request.text("verdict"))
    return Reply({"entry": board.question(row, label), **board.tally()})


KINDS = {"audit": start, "judge": judge}
