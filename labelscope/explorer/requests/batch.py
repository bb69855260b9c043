"""Many decisions at once: what a batch would change, shown before it does, and taken back by one undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from labelscope.errors import DataError
from labelscope.explorer.cards import Cards
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.messages import ApplyBatchAsked, BatchAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import BatchApplied, BatchExample, BatchGroup, BatchShown
from labelscope.explorer.requests.request import Request
from labelscope.explorer.worklist import UNDECIDED, Suggested

__all__ = ["BatchRequests"]

N_GROUPS = 12
N_SAMPLE = 5


class BatchRequests:
    """Answers about batches.

    Parameters
    ----------
    suggested : Suggested
    cards : Cards
    decisions : Decisions
    """

    def __init__(self, suggested: Suggested, cards: Cards, decisions: Decisions) -> None:
        self._suggested, self._cards, self._decisions = suggested, cards, decisions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"batch": self.preview, "batch_apply": self.apply}

    def preview(self, request: Request) -> Reply:
        """What a batch would be about: its size, its groups of equal changes, and a spread of examples."""
        chosen, worklist = self._chosen(request.read(BatchAsked)), self._suggested.worklist
        frame = worklist.frame[chosen]
        sizes = frame.group_by("label", "action").agg(pl.len().alias("n"), pl.col("confidence").min().alias("least"))
        groups = sizes.sort("n", descending=True)
        spread = chosen[np.unique(np.linspace(0, len(chosen) - 1, N_SAMPLE).astype(np.int64))] if len(chosen) else chosen
        shown = BatchShown(
            total=len(chosen),
            companions=len(worklist.with_companions(chosen)) - len(chosen),
            items=frame["item_id"].n_unique(),
            n_groups=groups.height,
            groups=[BatchGroup(label, action, n, _rounded(least)) for label, action, n, least in groups.head(N_GROUPS).iter_rows()],
            sample=[self._example(int(i)) for i in spread],
        )
        return Reply(shown)

    def apply(self, request: Request) -> Reply:
        """Take the decision on what was shown.

        Raises
        ------
        DataError
            If the batch is another than the one that was shown (somebody decided meanwhile), or empty.
        """
        asked = request.read(ApplyBatchAsked)
        total = self._decisions.decide_all(lambda: self._as_shown(asked), asked.verdict, wanted=asked)
        return Reply(BatchApplied(counts=self._decisions.counts(), decisions=self._decisions.version, total=total))

    def _as_shown(self, asked: ApplyBatchAsked) -> np.ndarray:
        chosen, shown = self._chosen(asked), asked.total
        if len(chosen) != shown:
            raise DataError(f"batch: expected {shown:,} suggestions as shown, got {len(chosen):,}: somebody decided meanwhile; look again")
        if not shown:
            raise DataError("batch: expected at least one undecided suggestion, got none")
        return chosen

    def _chosen(self, asked: BatchAsked | ApplyBatchAsked) -> np.ndarray:
        """Undecided suggestions of a listing, those like one of them if one is named, from a confidence on; in list order.

        What a person has decided is never overwritten.
        """
        worklist = self._suggested.worklist
        listing = worklist.listing(asked.listing)
        if listing is None:
            raise DataError("batch: expected a list that was made lately; refresh the list")
        chosen = listing.suggestions[listing.suggestions >= 0]
        chosen = chosen[np.isin(worklist.verdicts[chosen], UNDECIDED)]
        if asked.like:
            one = worklist.position(asked.like)
            chosen = chosen[(worklist.labels[chosen] == worklist.labels[one]) & (worklist.adds[chosen] == worklist.adds[one])]
        confidence = worklist.frame["confidence"].fill_null(0.0).to_numpy()
        return chosen[confidence[chosen] >= asked.above - 1e-6]

    def _example(self, position: int) -> BatchExample:
        worklist = self._suggested.worklist
        entry, row = worklist.frame.row(position, named=True), int(worklist.rows[position])
        return BatchExample(
            row=row,
            item=str(entry["item_id"]),
            label=entry["label"],
            action=entry["action"],
            confidence=_rounded(entry["confidence"]),
            text=" ".join(self._cards.text(row).split())[:140],
        )


def _rounded(confidence: float | None) -> float:
    return round(float(confidence or 0.0), 3)
