"""Second looks: cells that come back unmarked, so that it shows how far reviewers agree with one another and with themselves.

A tenth of the cells that another decided, and 2% of one's own, are drawn by a hash of the decision's number and the reviewer's
name: the same ones in every process and at every start, and nobody can tell which. That a look was a second one is a note in the
ledger, written before the decision; the decision itself is one like any other. Somebody who decides on a cell again on purpose
has seen what was said, and says nothing about agreement.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from labelscope.review.events import Cell, Event, utc_now
from labelscope.review.reviewer_log import ReviewerLog
from labelscope.review.said_notes import Said, SaidNotes

__all__ = ["PAIRS", "SecondLooks", "spread_places"]

OF_OTHERS, OF_OWN = 0.1, 0.02  # shares of decided cells that come back
REST = 50  # decisions after which one's own cell may come back: sooner, it is remembered
DRAWN_FOR = 0.001  # of the events, so many more may come before cells are drawn again: that reads them all, and a decision must not
JUDGED = ("accept", "reject", "edit")
PAIRS = {"item_id": pl.String(), "label": pl.String(), "first": pl.String(), "second": pl.String(), "same": pl.Boolean()}


@dataclass(frozen=True, slots=True)
class LookNote(Said):
    """A decision is about to be looked at again by somebody who does not see it."""

    seq: int
    kind: str
    about: int
    reviewer: str
    time: str
    undoes: int | None = None

    @property
    def key(self) -> tuple[int, str]:
        """The decision and who looks at it again."""
        return (self.about, self.reviewer)


@dataclass(frozen=True)
class _Draw:
    """The cells that were drawn for a reviewer, when there were so many events, the last of them of that number."""

    reviewer: str
    n_events: int
    seq: int
    cells: pl.DataFrame

    @cached_property
    def seqs(self) -> dict[Cell, int]:
        """The decision on each of the cells."""
        return {(item, label): seq for seq, item, label in self.cells.iter_rows()}


class SecondLooks:
    """The second looks in a ledger, and those that wait for the reviewer of a log.

    Parameters
    ----------
    log : ReviewerLog
    """

    def __init__(self, log: ReviewerLog) -> None:
        self._log = log
        self._notes = SaidNotes(log.ledger, lambda: log.reviewer, "second look", LookNote)
        self._draw: _Draw | None = None

    @property
    def due(self) -> pl.DataFrame:
        """The cells that are to come back to the reviewer: seq (of the decision), item_id, label; in the order of the decisions."""
        with self._log.lock:
            index, reviewer, draw = self._log.index, self._log.reviewer, self._draw
            n_events = len(index.events)
            if draw is None or draw.reviewer != reviewer or n_events - draw.n_events > DRAWN_FOR * n_events:
                draw = self._draw = _Draw(reviewer, n_events, index.seq, self._drawn(reviewer))
            touched = {event.cell for event in index.since(draw.seq)} & draw.seqs.keys()
            last = {cell: index.latest(cell) for cell in touched}  # by an undo it is as it was
            moved = [draw.seqs[cell] for cell, event in last.items() if event is None or event.seq != draw.seqs[cell]]
            return draw.cells.filter(~pl.col("seq").is_in(moved))

    def look(self, seq: int) -> None:
        """Note that the reviewer now looks again at the cell of a decision, unseen. Raises LedgerError if that cannot be kept."""
        reviewer = self._log.reviewer
        self._notes.add(LookNote(0, "look", seq, reviewer, utc_now()), ("look", reviewer, seq))

    def sync(self) -> None:
        """Take in the second looks of others. Raises LedgerError if the ledger cannot be read."""
        self._notes.sync()

    @property
    def pairs(self) -> pl.DataFrame:
        """What came of the second looks: item_id, label, first and second (reviewers, the same for one's own cell), same (Boolean).

        Left out are decisions that were undone, and cells of which one of the two could not tell.
        """
        rows = []
        with self._log.lock:
            for note in self._notes.standing:
                place = self._log.index.events.place(note.about)
                first = self._log.index.events[place] if place >= 0 else None
                second = None if first is None else self._answer(first, note)
                if first is not None and second is not None and self._log.index.stands(first):
                    rows.append((first.item_id, first.label, first.reviewer, second.reviewer, first.after == second.after))
        return pl.DataFrame(rows, schema=PAIRS, orient="row")

    def _answer(self, first: Event, note: LookNote) -> Event | None:
        """What the second look came to."""
        later = (event for event in self._log.index.on(first.cell) if event.seq > note.seq and event.reviewer == note.reviewer)
        answer = next(later, None)
        return answer if answer is not None and answer.kind in JUDGED else None

    def _drawn(self, reviewer: str) -> pl.DataFrame:
        index = self._log.index
        events = index.events.compact().select("seq", "kind", "suggestion_id", "batch", "reviewer", "source")
        decided = events.with_row_index("place").with_columns(cell=pl.Series(index.cell_numbers)).filter(pl.Series(index.active))
        decided = decided.filter(pl.col("kind").is_in(JUDGED), pl.col("source").is_null())
        mine = pl.col("reviewer") == reviewer
        alone = pl.col("batch").is_null() & pl.col("suggestion_id").is_not_null()
        later = pl.col("seq").rank("dense", descending=True).over("reviewer") - 1  # decisions that its reviewer took since
        cells = decided.with_columns(later=later).group_by("cell", maintain_order=True)
        last = cells.agg(pl.all().last(), n=pl.len(), n_mine=mine.sum(), n_reviewers=pl.col("reviewer").n_unique(), alone=alone.last())
        others = (pl.col("n_mine") == 0) & (pl.col("n_reviewers") == 1)  # who disagree already have a queue of their own
        own = (pl.col("n_mine") == 1) & (pl.col("n") == 1) & (pl.col("later") >= REST)
        share = pl.when(others).then(OF_OTHERS).when(own).then(OF_OWN).otherwise(0.0)
        chosen = last.filter("alone", pl.Series(_uniform(last["seq"].to_numpy(), reviewer)) < last.select(share).to_series()).sort("seq")
        told = index.events.frame(chosen["place"].to_numpy().astype(np.int64))
        return told.select("seq", "item_id", "label")


def _uniform(seqs: np.ndarray, reviewer: str) -> np.ndarray:
    """Numbers in [0, 1) that depend on the decision and the reviewer alone, float64 (n,): a finalizer of splitmix64."""
    with np.errstate(over="ignore"):
        x = seqs.astype(np.uint64) + np.uint64(zlib.crc32(reviewer.encode()) << 32) + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53


def spread_places(n_entries: int, n_more: int, every: int = 10) -> np.ndarray:
    """Places for at most `n_more` entries between `n_entries` others, int64: one in each stretch of `every`, none first or last.

    Examples
    --------
    >>> spread_places(30, 9).tolist()
    [2, 12, 23, 31]
    """
    k = np.arange(n_more)
    places = k * every + 1 + (_uniform(k, "places") * (every - 1)).astype(np.int64)
    return places[places < n_entries + k]
