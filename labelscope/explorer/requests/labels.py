"""The labels with their counts: the long tail."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.explorer.asked_labels import LabelTableAsked
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.filters import Filters
from labelscope.explorer.replies.panels import LabelRow, LabelTable, Tier
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.worklist import Suggested
from labelscope.session import Session
from labelscope.stats.long_tail import HEAD_ABOVE, TAIL_BELOW

__all__ = ["LabelRequests"]

LARGEST_WINDOW = 200
N_CURVE = 240


class LabelRequests:
    """Answers about the labels with their counts.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    filters : Filters
    decided : DecidedCells
    """

    def __init__(self, session: Session, suggested: Suggested, filters: Filters, decided: DecidedCells) -> None:
        self._dataset = session.dataset
        self._suggested, self._filters, self._decided, self._there = suggested, filters, decided, session.labels_there

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"label_table": self.label_table}

    def label_table(self, request: Request) -> Reply:
        """A window of the labels with their counts; with the first one, the whole long tail as a curve."""
        counts = self._counts()
        asked = request.read(LabelTableAsked)
        order = self._sorted(counts, asked.sort, asked.query)
        offset = max(0, asked.offset)
        window = order[offset : offset + min(LARGEST_WINDOW, asked.limit)]
        falling = np.sort(counts["positive"][self._there])[::-1]
        at = np.unique(np.linspace(0, len(falling) - 1, min(N_CURVE, len(falling))).astype(np.int64))
        head, tail = int((falling > HEAD_ABOVE).sum()), int((falling < TAIL_BELOW).sum())
        table = LabelTable(
            total=len(order),
            offset=offset,
            most=int(falling[0]) if len(falling) else 0,
            n_selected=self._filters.n_selected,
            rows=[self._row(counts, int(k)) for k in window],
            curve=[(int(i), int(falling[i])) for i in at],
            tiers={"head": head, "medium": len(falling) - head - tail, "tail": tail},
        )
        return Reply(table)

    def _counts(self) -> dict[str, np.ndarray]:
        """Positives, unknown, positives in the selection, and pending additions and removals of each label."""
        labels, worklist, n = self._dataset.labels, self._suggested.worklist, self._dataset.n_labels
        pending = worklist.verdicts == 0
        if self._filters.mask is not None:
            pending &= self._filters.mask[worklist.rows]
        chosen = labels.positives if self._filters.mask is None else labels.positives[np.flatnonzero(self._filters.mask)]
        return {
            "positive": labels.n_positive + self._decided.gained(labels),
            "unknown": labels.n_unknown,
            "selected": np.bincount(chosen.indices, minlength=n),
            "add": np.bincount(worklist.labels[pending & worklist.adds], minlength=n),
            "remove": np.bincount(worklist.labels[pending & ~worklist.adds], minlength=n),
        }

    def _sorted(self, counts: dict[str, np.ndarray], sort: str, query: str) -> np.ndarray:
        """Columns of the labels whose name holds the query, in an order."""
        names = self._dataset.label_names
        words = query.strip().lower()
        found = np.array([k for k in np.flatnonzero(self._there).tolist() if words in names[k].lower()], np.int64)
        if sort == "name":
            return found[np.argsort(np.asarray([names[k].lower() for k in found]), kind="stable")]
        key = {
            "count": -counts["positive"], "rare": counts["positive"], "selected": -counts["selected"],
            "suggested": -(counts["add"] + counts["remove"]),
        }[sort]  # fmt: skip
        return found[np.lexsort((found, key[found]))]

    def _row(self, counts: dict[str, np.ndarray], label: int) -> LabelRow:
        positive = int(counts["positive"][label])
        tier: Tier = "head" if positive > HEAD_ABOVE else "medium" if positive >= TAIL_BELOW else "tail"
        return LabelRow(label, self._dataset.label_names[label], tier, **{name: int(of[label]) for name, of in counts.items()})
