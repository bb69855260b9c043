"""The audit in the app: the cells of the sample, one after the other, with nothing on them that could sway the person.

What is shown is the item, the label and its given state: no suggestion, no probability, no suspicion, no neighbours. The
list is the whole rest of the sample in its order of reading, whatever is selected or searched for: a part that was
chosen would not be a sample any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from labelscope.errors import DataError, StageError
from labelscope.widgets.wire import Reply, Request

if TYPE_CHECKING:
    from labelscope.audit.sample import Audit
    from labelscope.session import Session
    from labelscope.widgets.board import Board

__all__ = ["JUDGEMENTS", "KINDS", "Sample", "numbers"]

JUDGEMENTS = ("right", "wrong", "undecidable")
LARGEST = 20_000  # cells that somebody could mean to judge


class Sample:
    """The audit sample of a ledger as arrays, and which of its cells wait for a judgement.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._standing: Audit | None = None
        self._places: dict[tuple[int, int], int] = {}
        self.rows = np.empty(0, np.int64)
        self.labels = np.empty(0, np.int64)
        self.open = np.empty(0, bool)
        self._said: dict[tuple[int, int], str] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, cell: tuple[int, int]) -> bool:
        return cell in self._places

    @property
    def left(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and labels of the cells that nobody has judged, in the order of reading."""
        return self.rows[self.open], self.labels[self.open]

    def renew(self) -> bool:
        """Look which sample stands, and take it where it is another one; whether it is. Nothing is drawn."""
        standing = self._session.audit_sample
        if standing is None or standing is self._standing:
            return False
        dataset, cells = self._session.dataset, standing.cells
        waiting = set(self._session.audit_cells.select("item_id", "label").iter_rows())
        self.rows = np.array([dataset.position(item) for item in cells["item_id"]], np.int64)
        self.labels = np.array([dataset.label_position(label) for label in cells["label"]], np.int64)
        self.open = np.array([cell in waiting for cell in cells.select("item_id", "label").iter_rows()], bool)
        self._places = {cell: i for i, cell in enumerate(zip(self.rows.tolist(), self.labels.tolist(), strict=True))}
        self._standing, self._said = standing, {}
        return True

    def put(self, cell: tuple[int, int], *, judged: bool) -> None:
        """Whether a cell of the sample has a judgement now."""
        self.open[self._places[cell]] = not judged
        if not judged:
            self._said.pop(cell, None)

    def hear(self, cell: tuple[int, int], judgement: str) -> None:
        """Remember what was said of a cell, to show it on its card."""
        self._said[cell] = judgement

    def judgement(self, cell: tuple[int, int]) -> str | None:
        """What was said of a cell: one of :data:`JUDGEMENTS`, "judged" if that was elsewhere, or None."""
        return None if self.open[self._places[cell]] else self._said.get(cell, "judged")

    def counts(self) -> dict[str, int]:
        """Cells that wait for a judgement, and cells that have one."""
        n = int(self.open.sum())
        return {"audit": n, "judged": len(self) - n}


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


def numbers(session: Session) -> dict[str, Any]:
    """What the judgements say so far, as JSON: the estimate by kind and what stopping now would mean.

    Parameters
    ----------
    session : Session
        With a sample.

    Returns
    -------
    dict
        parts = rows of the estimate (part, n_cells, n_audited, n_wrong, wrong with low and high, rate with low and high);
        discoveries = share of the flagged cells that are right after all, with its interval; undecidable = share of the
        answers; notes; advice and words of :class:`~labelscope.audit.stopping.Stopping`.
    """
    estimate, stopping = session.estimate, session.stopping
    flagged = estimate.frame.filter(part="flagged")
    false = estimate.false_discovery_rate
    known = flagged.height > 0 and bool(flagged["n_audited"].item())
    return {
        "parts": estimate.frame.to_dicts(),
        "discoveries": {"share": false.estimate, "low": false.low, "high": false.high} if known else None,
        "undecidable": estimate.undecidable_share,
        "notes": list(estimate.notes),
        "advice": stopping.advice,
        "words": stopping.words,
    }
