"""Why one cell is believed or doubted: near items that agree and contradict, the model, votes, and what was decided before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from labelscope.data.labels import POSITIVE, UNKNOWN
from labelscope.errors import StageError
from labelscope.explorer.asked import LabelState, as_state
from labelscope.explorer.cards import Cards
from labelscope.explorer.known_voters import KnownVoters
from labelscope.explorer.messages import CellAsked
from labelscope.explorer.replies.evidence import Evidence, Field, Neighbor, Neighbors, Past, Side
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.second_looks import SecondLooks
from labelscope.explorer.stage_results import StageResults, check_cell
from labelscope.explorer.worklist import Suggested
from labelscope.review.decisions import VERDICT_OF
from labelscope.review.label_texts import told
from labelscope.session import Session

__all__ = ["EvidenceRequests"]

N_NEIGHBORS = 25
N_SHOWN = 4  # on either side
N_VOTES = 40
DUPLICATE = 0.995
TEXT = 150


class EvidenceRequests:
    """Answers about why one cell is believed or doubted.

    Parameters
    ----------
    session : Session
    suggested : Suggested
    cards : Cards
    results : StageResults
    voters : KnownVoters
    looks : SecondLooks
        Of a cell that comes back, nothing says what was decided.
    """

    def __init__(
        self, session: Session, suggested: Suggested, cards: Cards, results: StageResults, voters: KnownVoters, looks: SecondLooks
    ) -> None:
        self._session, self._dataset = session, session.dataset
        self._suggested, self._cards, self._results, self._voters = suggested, cards, results, voters
        self._looks = looks

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"evidence": self.evidence}

    def evidence(self, request: Request) -> Reply:
        """The evidence about one cell."""
        asked = request.read(CellAsked)
        row, label = asked.row, asked.label
        check_cell(self._dataset, row, label)
        item, name = self._dataset.item_ids[row], self._dataset.label_names[label]
        suggestion = self._suggested.worklist.on(row, label)
        unmarked = suggestion in self._looks
        suspicion, words = float(self._results.suspicion[row]), self._voters.words
        return Reply(
            Evidence(
                row=row,
                label=label,
                item=str(item),
                name=name,
                description=told(*self._session.label_text(label)),
                given=as_state(self._dataset.labels.state(row, label)),
                chip=self._cards.chip(row, label, unmarked=unmarked),
                suggestion=None if suggestion < 0 else self._cards.suggestion(suggestion, unmarked=unmarked),
                suspicion=None if np.isnan(suspicion) else round(suspicion, 3),
                neighbors=self._neighbors(row, label),
                votes=words.on(row, label)[:N_VOTES] if words else [],
                agreed=words.belief(row, label) if words else None,
                history=[] if unmarked else self._history(row, label),
                fields=self._fields(row),
            )
        )

    def _neighbors(self, row: int, label: int) -> Neighbors | None:
        """The nearest items on both sides; None where there is nothing to be near in."""
        try:
            near, similarity = self._results.similar(row, N_NEIGHBORS)
        except StageError:
            return None
        states = self._dataset.labels.states(near, np.full(len(near), label))
        own = self._dataset.labels.state(row, label)
        agrees = states == (own if own != UNKNOWN else POSITIVE)
        known = states != UNKNOWN

        def side(mask: np.ndarray) -> Side:
            shown = np.flatnonzero(mask)[:N_SHOWN].tolist()
            return Side(int(mask.sum()), [self._neighbor(int(near[i]), float(similarity[i]), states[i].item()) for i in shown])

        return Neighbors(int(known.sum()), agree=side(known & agrees), contradict=side(known & ~agrees))

    def _neighbor(self, row: int, similarity: float, state: LabelState) -> Neighbor:
        return Neighbor(
            row=row,
            item=str(self._dataset.item_ids[row]),
            text=" ".join(self._cards.text(row).split())[:TEXT],
            similarity=round(similarity, 3),
            state=state,
            duplicate=similarity >= DUPLICATE,
        )

    def _history(self, row: int, label: int) -> list[Past]:
        here = [event for event in self._session.decisions_on(row, label) if event.kind in VERDICT_OF][-6:]
        return [Past(e.reviewer, VERDICT_OF[e.kind], as_state(e.after), e.time) for e in here]

    def _fields(self, row: int) -> list[Field]:
        """Other columns of the item, as words: never as markup, and links only to the web."""
        items = self._dataset.items
        own = {"item_id", self._dataset.text, self._dataset.image, *self._dataset.text_columns}
        names = [name for name in items.columns if name not in own and not items[name].dtype.is_nested() and items[name].dtype != pl.Binary]
        values = ((name, items[name][row]) for name in names[:8])
        return [Field(name, str(value)[:200]) for name, value in values if value is not None]
