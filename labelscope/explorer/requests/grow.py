"""The answers about a label that is just being made: what to look at next, and what was judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.explorer.asked import as_state
from labelscope.explorer.asked_labels import GrowAsked, GrowJudged, GrowNamed, LabelNameAsked
from labelscope.explorer.cards import Cards
from labelscope.explorer.filters import Filters
from labelscope.explorer.growing import GrowingLabels
from labelscope.explorer.replies.growing import GrowCount, GrowItem, GrowRound, GrowTold
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import check_cell
from labelscope.session import Session
from labelscope.suggest.grow import LabelRound

__all__ = ["GrowRequests"]

AT_ONCE = 20
TEXT = 600


class GrowRequests:
    """Answers about labels that are just being made.

    Parameters
    ----------
    session : Session
    filters : Filters
    cards : Cards
    growing : GrowingLabels
    """

    def __init__(self, session: Session, filters: Filters, cards: Cards, growing: GrowingLabels) -> None:
        self._session, self._dataset, self._filters, self._cards = session, session.dataset, filters, cards
        self._growing = growing

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"grow": self.next, "grow_selected": self.select, "grow_judge": self.judge, "grow_undo": self.undo}

    def next(self, request: Request) -> Reply:
        """What to look at next."""
        asked = request.read(GrowAsked)
        name = _named(asked.label)
        self._growing.settle(name)
        states = self._growing.states(name)
        found = self._session.next_round(
            name,
            negatives=self._dataset.item_ids.gather(self._growing.waiting(name)).to_list(),
            description=asked.description.strip() or None,
            n=AT_ONCE,
            n_sampled=AT_ONCE if asked.of == "sample" else None,
        )
        if asked.of == "selection":
            rows = np.flatnonzero(self._selected() & (states == UNKNOWN))[:AT_ONCE].tolist()
            likely: list[float | None] = [None] * len(rows)
        else:
            rows = [self._dataset.position(item) for item in found.frame["item_id"]]
            likely = found.frame["probability"].to_list()
        told = self._told(name)
        return Reply(
            GrowRound(
                name=told.name,
                there=told.there,
                positive=told.positive,
                negative=told.negative,
                row=-1,
                state=-1,
                items=[self._item(row, p) for row, p in zip(rows, likely, strict=True)],
                basis="selection" if asked.of == "selection" else found.basis,
                count=_count(found),
                advice="" if found.count is None else found.count.advice,
            )
        )

    def select(self, request: Request) -> Reply:
        """Make the label, with all selected items."""
        asked = request.read(GrowNamed)
        name, rows = _named(asked.label), np.flatnonzero(self._selected())
        if not len(rows):
            raise DataError("new label: expected selected items, got none; select some, or begin without them")
        self._growing.select(name, rows, asked.description.strip())
        return Reply(self._told(name))

    def judge(self, request: Request) -> Reply:
        """Say whether an item has the label."""
        asked = request.read(GrowJudged)
        check_cell(self._dataset, asked.row)
        name = _named(asked.label)
        self._growing.judge(name, asked.row, asked.state, asked.description.strip())
        return Reply(self._told(name, asked.row))

    def undo(self, request: Request) -> Reply:
        """Take the last judgement back."""
        name = _named(request.read(LabelNameAsked).label)
        return Reply(self._told(name, self._growing.undo(name)))

    def _told(self, name: str, row: int = -1) -> GrowTold:
        states = self._growing.states(name)
        positive, negative = int((states == POSITIVE).sum()), int((states == NEGATIVE).sum())
        state = as_state(int(states[row])) if row >= 0 else UNKNOWN
        return GrowTold(name, name in self._session.label_names, positive, negative, row, as_state(state))

    def _selected(self) -> np.ndarray:
        mask = self._filters.mask
        return np.zeros(self._dataset.n_items, bool) if mask is None else mask

    def _item(self, row: int, probability: float | None) -> GrowItem:
        text = " ".join(self._cards.text(row).split())[:TEXT]
        likely = None if probability is None else round(float(probability), 3)
        return GrowItem(row, str(self._dataset.item_ids[row]), text, self._dataset.image is not None, likely)


def _named(label: str) -> str:
    """The name of a label as it was typed."""
    name = " ".join(label.split())
    if not name:
        raise DataError("name: expected the name of a label, got an empty one; name it")
    return name


def _count(found: LabelRound) -> GrowCount | None:
    """How many there are, where any of the sample was judged."""
    if found.count is None:
        return None
    sampled, total = int(found.count.frame["n_sampled"].sum()), found.count.total
    return GrowCount(round(total.estimate, 1), total.low, total.high, sampled) if sampled else None
