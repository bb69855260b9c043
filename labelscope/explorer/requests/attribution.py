"""Which words or patches of an item speak for a label, as the view shows them: pieces of the text, or squares on the picture.

Asked for by the person, answered in a thread: it takes from a fraction of a second to, the first time, the fitting of the
heads behind the probabilities. Where it cannot be said, the answer is why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, cast

import numpy as np

from labelscope.errors import LabelscopeError, StageError
from labelscope.explain.attribution import Attribution
from labelscope.explain.faithfulness import WORDS, FaithfulnessConfig
from labelscope.explorer.messages import CellAsked
from labelscope.explorer.replies.evidence import Attributed, Faithful, Influence
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import check_cell
from labelscope.models.predict import Predictions
from labelscope.session import Session

__all__ = ["AttributionRequests"]

LONGEST = 4000  # characters of a text that are sent
GRID, N_STEPS = 5, 8  # patches a side, and steps of a curve: a person waits, and every one embeds the item anew


class AttributionRequests:
    """Answers about which parts of an item speak for a label.

    Parameters
    ----------
    session : Session
    encoder : object or None
    """

    def __init__(self, session: Session, encoder: Any) -> None:
        self._session, self._encoder = session, encoder

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"attribution": self.attribution}

    def attribution(self, request: Request) -> Reply:
        """What speaks for one label in one item.

        Returns
        -------
        Reply
            An :class:`~labelscope.explorer.replies.evidence.Influence`, or why there is none. A picture comes in the buffer.
        """
        asked = request.read(CellAsked)
        row, label = asked.row, asked.label
        check_cell(self._session.dataset, row, label)
        name = self._session.dataset.label_names[label]
        try:
            found = self._attribute(row, label)
        except LabelscopeError as error:
            return Reply(Attributed(row, label, name, why=" ".join(str(error).split())))
        verdict = found.faithfulness.verdict
        says = partial(
            Influence,
            of=cast("Literal['text', 'image']", found.of),
            finding=found.finding(),
            faithful=Faithful(cast("Any", verdict), WORDS[verdict]),
            notes=list(found.notes),
        )
        weights = _scaled(found)
        if found.of == "text":
            spans = found.frame.select("start", "stop").to_numpy()
            return Reply(Attributed(row, label, name, found=says(pieces=pieces(found.text or "", spans, weights))))
        sides = found.frame.select("left", "top", "right", "bottom").to_numpy() / np.tile(_size(found), 2)
        squares = np.column_stack([sides, weights]).round(4).tolist()
        return Reply(Attributed(row, label, name, found=says(squares=squares)), [found.image or b""])

    def _attribute(self, row: int, label: int) -> Attribution:
        from labelscope.explain.attribution import attribute  # heavy: loaded by the first who asks
        from labelscope.explain.cell import ExplainConfig

        session, dataset = self._session, self._session.dataset
        if dataset.embeddings is not None and self._encoder is None and session.model is None:
            raise StageError("The embeddings came with the data set: say what made them, explore(..., encoder=), to see what matters.")
        known = session.predictions if "predictions" in session.ready else None
        predictions = replace(known, model=known.model or session.model) if isinstance(known, Predictions) else None
        item, name = dataset.item_ids[row], dataset.label_names[label]
        config = ExplainConfig(grid=GRID, faithfulness=FaithfulnessConfig(n_steps=N_STEPS), seed=session.seed)
        return attribute(dataset, predictions, item=item, label=name, encoder=self._encoder, config=config)


def pieces(text: str, spans: np.ndarray, weights: np.ndarray) -> list[tuple[str, float]]:
    """A text cut at its parts, the gaps between them with weight 0, cut off where it is very long.

    Pieces rather than offsets: the browser counts characters in another way than Python.

    Examples
    --------
    >>> pieces("not so bad", np.array([[0, 3], [7, 10]]), np.array([1.0, -0.5]))
    [('not', 1.0), (' so ', 0.0), ('bad', -0.5)]
    """
    out: list[tuple[str, float]] = []
    at = 0
    for (start, stop), weight in zip(spans.tolist(), weights.tolist(), strict=True):
        if start >= LONGEST:
            break
        if start > at:
            out.append((text[at:start], 0.0))
        out.append((text[start:stop], round(weight, 3)))
        at = stop
    rest = text[at:LONGEST]
    if rest:
        out.append((rest, 0.0))
    if len(text) > max(at, LONGEST):
        out.append(("…", 0.0))
    return out


def _scaled(found: Attribution) -> np.ndarray:
    weights = found.frame["weight"].to_numpy()
    most = np.abs(weights).max(initial=0.0)
    return weights / most if most > 0 else np.zeros_like(weights)


def _size(found: Attribution) -> np.ndarray:
    """Width and height of the picture."""
    pixels = found.pixels
    return np.array([1, 1]) if pixels is None else np.array([pixels.shape[1], pixels.shape[0]])
