"""A label that is just being made: items are judged one by one, and each judgement is in the ledger before it counts.

The label is there from its first positive on. What was judged negative before that is remembered here, and written with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.errors import DataError
from labelscope.explorer.asked import LabelState, as_state
from labelscope.explorer.asked_labels import GrowAsked, GrowJudged, GrowNamed, LabelNameAsked
from labelscope.explorer.cards import Cards
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.filters import Filters
from labelscope.explorer.replies.growing import GrowCount, GrowItem, GrowRound, GrowTold
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import check_cell
from labelscope.review.label_edit import LabelEdit
from labelscope.session import Session
from labelscope.suggest.grow import LabelRound

__all__ = ["GrowRequests", "GrowingLabels"]

AT_ONCE = 20
TEXT = 600


@dataclass
class _Growing:
    """What is said of a label beside the ledger: items without it before it is there, and how each judgement is taken back."""

    negatives: dict[int, None] = field(default_factory=dict)
    steps: list[tuple[int, LabelState, int]] = field(default_factory=list)  # row, what it was before, undos that take it back
    known: tuple[int, np.ndarray] | None = None  # the states in the ledger, and the number of the last event in them


class GrowingLabels:
    """The labels that are just being made, by name.

    Parameters
    ----------
    session : Session
    follow : callable
        Shows what was decided.
    """

    def __init__(self, session: Session, follow: Callable[[], object]) -> None:
        self._session, self._follow = session, follow
        self._known: dict[str, _Growing] = {}

    def of(self, name: str) -> _Growing:
        """What is said of a label beside the ledger."""
        return self._known.setdefault(name, _Growing())

    def states(self, name: str) -> np.ndarray:
        """What is said of each item so far, int8 (n_items,)."""
        growing, seq = self.of(name), self._session.last_event
        if growing.known is None or growing.known[0] != seq:
            growing.known = (seq, self._session.states(name))
        states = growing.known[1].copy()
        states[list(growing.negatives)] = NEGATIVE
        return states

    def select(self, name: str, rows: np.ndarray, reason: str) -> None:
        """Make the label, with these items."""
        self._apply(name, rows, reason)
        self._settle(name)
        self._follow()

    def judge(self, name: str, row: int, state: LabelState, reason: str) -> None:
        """Say of an item that it has the label, has it not, or nothing any more."""
        growing, before = self.of(name), as_state(int(self.states(name)[row]))
        if before == state:
            return
        n_steps = 0
        if name in self._session.label_names:
            event = self._session.edit(self._session.dataset.item_ids[row], name, state)
            if growing.known is not None and event.seq == growing.known[0] + 1:  # nothing else came: a click costs what it changes
                growing.known[1][row] = state
                growing.known = (event.seq, growing.known[1])
            n_steps = 1
        elif state == POSITIVE:
            growing.negatives.pop(row, None)
            self._apply(name, np.array([row]), reason)
            n_steps = 1 + self._settle(name)
        else:
            growing.negatives.pop(row, None)
            if state == NEGATIVE:
                growing.negatives[row] = None
        growing.steps.append((row, before, n_steps))
        self._follow()

    def undo(self, name: str) -> int:
        """Take the last judgement back: the row of its item, -1 where there is none."""
        growing = self.of(name)
        if not growing.steps:
            return -1
        row, before, n_steps = growing.steps[-1]
        waiting = np.flatnonzero(self._session.states(name) == NEGATIVE).tolist() if n_steps > 1 else []
        for _ in range(n_steps):
            event = self._session.undo()
            if event is not None and event.label != name:
                self._session.redo()
                raise DataError(
                    f"undo: expected a decision about {name!r} to be the last one, got one about {event.label!r}; undo it first"
                )
        growing.steps.pop()
        growing.negatives.update(dict.fromkeys(waiting))
        if not n_steps or name not in self._session.label_names:
            growing.negatives.pop(row, None)
            if before == NEGATIVE:
                growing.negatives[row] = None
        self._follow()
        return row

    def _apply(self, name: str, rows: np.ndarray, reason: str) -> None:
        self._session.apply(LabelEdit.new(name, self._session.dataset.item_ids.gather(rows).to_list(), reason=reason))

    def _settle(self, name: str) -> int:
        """Write what was judged negative before the label was there: how many undos take that back."""
        growing = self.of(name)
        ids = self._session.dataset.item_ids
        cells = [(ids[row], name, NEGATIVE) for row in growing.negatives]
        if cells:
            self._session.edit_all(cells)
        growing.negatives.clear()
        return int(bool(cells))


class GrowRequests:
    """Answers about labels that are just being made.

    Parameters
    ----------
    session : Session
    filters : Filters
    cards : Cards
    decisions : Decisions
    """

    def __init__(self, session: Session, filters: Filters, cards: Cards, decisions: Decisions) -> None:
        self._session, self._dataset, self._filters, self._cards = session, session.dataset, filters, cards
        self._growing = GrowingLabels(session, decisions.follow)

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"grow": self.next, "grow_selected": self.select, "grow_judge": self.judge, "grow_undo": self.undo}

    def next(self, request: Request) -> Reply:
        """What to look at next."""
        asked = request.read(GrowAsked)
        name = _named(asked.label)
        states = self._growing.states(name)
        found = self._session.next_round(
            name,
            negatives=self._dataset.item_ids.gather(list(self._growing.of(name).negatives)).to_list(),
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
