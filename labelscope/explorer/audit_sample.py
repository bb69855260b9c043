"""The audit sample of a ledger as arrays: its cells in the order of reading, and which of them wait for a judgement."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from labelscope.audit.sample import Audit, Judgement
from labelscope.session import Session

__all__ = ["JUDGEMENTS", "Sample"]

JUDGEMENTS = get_args(Judgement)


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
        self._said: dict[tuple[int, int], Judgement] = {}

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

    def remember(self, cell: tuple[int, int], judgement: Judgement) -> None:
        """Remember what was said of a cell, to show it on its card."""
        self._said[cell] = judgement

    def judgement(self, cell: tuple[int, int]) -> Judgement | Literal["judged"] | None:
        """What was said of a cell: one of :data:`JUDGEMENTS`, "judged" if that was elsewhere, or None."""
        return None if self.open[self._places[cell]] else self._said.get(cell, "judged")

    def counts(self) -> dict[str, int]:
        """Cells that wait for a judgement, and cells that have one."""
        n = int(self.open.sum())
        return {"audit": n, "judged": len(self) - n}
