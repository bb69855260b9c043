"""One undo for all that a reviewer says: decisions on cells, and the notes beside them, in the order in which they came.

The decisions have their own undo (:class:`labelscope.review.reviewer_log.ReviewerLog`). Here is what comes before it: the note of any
kind that the reviewer wrote after the last decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labelscope.review.reviewer_log import ReviewerLog
from labelscope.review.said_notes import SaidNotes

__all__ = ["redo_note", "undo_note"]


def undo_note(log: ReviewerLog, kinds: Sequence[SaidNotes[Any]]) -> Any | None:
    """Take back the reviewer's last note, if nothing was decided since.

    Parameters
    ----------
    log : ReviewerLog
        The decisions.
    kinds : sequence of SaidNotes
        Notes of the same ledger and reviewer.

    Returns
    -------
    note or None
        What no longer counts; None where a decision is to be undone first, or there is no note.
    """
    with log.lock:
        decided = log.index.undoable(log.reviewer)
        found = [(note.seq, k, note) for k, of in enumerate(kinds) if (note := of.undoable) is not None]
        seq, k, note = max(found, default=(0, -1, None))
        if note is None or (decided and decided[-1].seq > seq):
            return None
        kinds[k].undo()
        return note


def redo_note(log: ReviewerLog, kinds: Sequence[SaidNotes[Any]]) -> Any | None:
    """Take back the reviewer's last undo of a note, if nothing was undone or said since. Returns as :func:`undo_note`."""
    with log.lock:
        undone = log.index.redoable(log.reviewer)
        found = [(note.seq, k, note) for k, of in enumerate(kinds) if (note := of.redoable) is not None]
        seq, k, note = max(found, default=(0, -1, None))
        said = [event.seq for event in log.index.undoable(log.reviewer)] + [last.seq for of in kinds if (last := of.undoable) is not None]
        if note is None or seq < max(said, default=0) or (undone and undone[-1].seq > seq):
            return None
        kinds[k].redo()
        return note
