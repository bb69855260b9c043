"""Verdicts: what became of each suggestion. One verdict a cell, whoever gave it and however.

A suggestion is judged by the last active decision on its cell, not by its id: so a cell edited by hand answers
the suggestion on it, and verdicts survive a run of the stages that numbers its suggestions anew.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple, get_args

import polars as pl

from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.errors import DataError
from labelscope.review.events import Cell
from labelscope.review.replay_index import ReplayIndex

__all__ = ["PENDING", "SKIPPED", "VERDICTS", "Suggested", "Verdict", "Verdicts"]

Verdict = Literal["pending", "accepted", "rejected", "skipped"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
PENDING, ACCEPTED, REJECTED, SKIPPED = VERDICTS


class Suggested(NamedTuple):
    """One suggestion: its id, its cell, and the state that the cell would take."""

    suggestion_id: str
    cell: Cell
    target: int


class Verdicts:
    """The suggestions, looked up by id and by cell, and their verdicts.

    Parameters
    ----------
    frame : polars.DataFrame
        suggestion_id, item_id, label, action ("add" or "remove").
    index : ReplayIndex
        Followed from now on: a look at the verdicts costs what came since the last one.
    """

    def __init__(self, frame: pl.DataFrame, index: ReplayIndex) -> None:
        ids = frame["suggestion_id"].to_list()
        cells = zip(frame["item_id"].cast(pl.String).to_list(), frame["label"].to_list(), strict=True)
        targets = [POSITIVE if action == "add" else NEGATIVE for action in frame["action"].to_list()]
        self._by_id = {i: Suggested(i, cell, target) for i, cell, target in zip(ids, cells, targets, strict=True)}
        self._by_cell = {suggested.cell: suggested for suggested in self._by_id.values()}
        self._index = index
        self._read = 0  # events taken in
        self._decided: dict[Cell, str] = {}
        self._counts: Counter[str] = Counter({PENDING: len(self._by_cell)})

    def suggested(self, suggestion_id: str) -> Suggested:
        """The suggestion of an id.

        Raises
        ------
        DataError
            If there is none.
        """
        found = self._by_id.get(suggestion_id)
        if found is None:
            raise DataError(f"suggestion: expected one of the {len(self._by_id):,} suggestion ids, got {suggestion_id!r}")
        return found

    def on(self, cell: Cell) -> Suggested | None:
        """The suggestion on a cell, if there is one."""
        return self._by_cell.get(cell)

    def of(self, suggestion_id: str) -> str:
        """Verdict on a suggestion: "pending", "accepted", "rejected" or "skipped"."""
        self._follow()
        return self._decided.get(self.suggested(suggestion_id).cell, PENDING)

    def decided(self) -> dict[str, str]:
        """The verdicts that are not "pending", by suggestion id."""
        self._follow()
        return {self._by_cell[cell].suggestion_id: verdict for cell, verdict in self._decided.items()}

    def counts(self) -> dict[str, int]:
        """Number of suggested cells of each verdict."""
        self._follow()
        return {verdict: self._counts[verdict] for verdict in VERDICTS}

    def _follow(self) -> None:
        events = self._index.events
        if not self._read:  # what was decided before, in one go
            cells = pl.DataFrame(list(self._by_cell), schema={"item_id": pl.String, "label": pl.String}, orient="row")
            decided = self._index.decided.join(cells, on=["item_id", "label"], how="semi", maintain_order="left")
            for item, label, kind, after in decided.select("item_id", "label", "kind", "after").iter_rows():
                self._put((item, label), kind, after)
        for event in events[self._read :] if self._read else ():
            if event.cell in self._by_cell:
                latest = self._index.latest(event.cell)
                self._put(event.cell, *((None, 0) if latest is None else (latest.kind, latest.after)))
        self._read = len(events)

    def _put(self, cell: Cell, kind: str | None, after: int) -> None:
        """Note the verdict that the last decision on a cell amounts to."""
        self._counts[self._decided.pop(cell, PENDING)] -= 1
        verdict = _verdict(self._by_cell[cell].target, kind, after)
        self._counts[verdict] += 1
        if verdict != PENDING:
            self._decided[cell] = verdict


def _verdict(target: int, kind: str | None, after: int) -> str:
    if kind is None:
        return PENDING
    if kind == "skip":
        return SKIPPED
    return ACCEPTED if kind != "reject" and after == target else REJECTED
