"""What people said since the suggestions were made, and what they say of relations: both make the next suggestions better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelscope.errors import DataError
from labelscope.widgets.wire import Reply, Request

if TYPE_CHECKING:
    from labelscope.widgets.board import Board

__all__ = ["KINDS", "News"]


class News:
    """Decisions on suggestions and verdicts on relations since the suggestions were made.

    Parameters
    ----------
    decided : int
        Suggestions accepted or rejected when they were made.
    """

    def __init__(self, decided: int) -> None:
        self._decided = decided
        self.n_relations = 0

    def report(self, decided: int) -> dict[str, int]:
        """How many there are of each, as JSON, with the suggestions that are decided now."""
        return {"decisions": max(0, decided - self._decided), "relations": self.n_relations}


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


KINDS = {"rule": rule}
