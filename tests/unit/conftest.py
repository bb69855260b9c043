"""A small data set whose stages are already over, on a real ledger."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session
from labelscope.suggest.relabel import Suggestions

LABELS = ("cat", "dog", "tree")
STATES = np.array([[1, 0, 0], [0, 1, -1], [0, 0, 1], [1, 1, 0]])
XY = np.array([[0, 0], [1, 0], [1, 1], [5, 5]], np.float32)
SUGGESTIONS = pl.DataFrame(
    {
        "suggestion_id": ["s0", "s1", "s2"],
        "item_id": ["a", "b", "a"],
        "label": ["dog", "dog", "tree"],
        "action": ["add", "remove", "add"],
        "confidence": [0.9, 0.8, 0.6],
        "reason": ["close to dogs", "far from dogs", None],
    },
    schema_overrides={"confidence": pl.Float32},
)


class StagedSession(Session):
    """Stages that have their results at once."""

    @property
    def first_map(self):
        return SimpleNamespace(frame=pl.DataFrame({"item_id": self.dataset.item_ids, "x": XY[:, 0], "y": XY[:, 1]}))

    map = first_map

    @property
    def predictions(self):
        return SimpleNamespace(cell_probabilities=Scores(np.full(STATES.shape, 0.5, np.float32)))

    @property
    def findings(self):
        items = pl.DataFrame({"item_id": list("abcd"), "suspicion": [0.9, 0.8, None, None], "n_flagged": [2, 1, 0, 0]})
        cells = pl.DataFrame({
            "item_id": ["a", "b", "a", "d"], "label": ["dog", "dog", "tree", "tree"], "given": [0, 1, 0, 0],
            "kind": ["missing", "spurious", "missing", "missing"], "suspicion": [0.9, 0.8, 0.6, 0.1], "flagged": [True, True, True, False],
            "confidence": [0.9, 0.8, 0.6, 0.1],
        })  # fmt: skip
        return SimpleNamespace(items=items, cells=cells, miss_rates=pl.DataFrame({"label": LABELS}))


@pytest.fixture
def dataset() -> Dataset:
    texts = ["a cat & a <dog>", "a dog", None, "x" * 900]
    items = pl.DataFrame({"item_id": list("abcd"), "text": texts})
    return Dataset.from_arrays(STATES, label_names=LABELS, items=items, text="text", embeddings=XY)


@pytest.fixture
def session(dataset, tmp_path):
    opened = StagedSession(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann", suggestions=Suggestions(SUGGESTIONS))
    yield opened
    opened.close()


@pytest.fixture
def board(session) -> ExplorerState:
    board = ExplorerState(session, lambda: None)
    board.take_map(session.first_map, "PCA")
    board.take_predictions(session.predictions)
    board.take_findings(session.findings)
    board.take_suggestions(session.suggestions)
    return board


class Talk:
    """What open apps send to their views, and requests as a view makes them."""

    def __init__(self) -> None:
        self.sent: list[tuple[object, dict, list]] = []  # (app, message, buffers)
        self._requests = itertools.count(1)

    def request(self, app, kind, **body) -> str:
        """Ask as a view does; the id under which the reply comes, at once or later."""
        asked = f"t{next(self._requests)}"
        message = {"method": "custom", "content": {"id": asked, "kind": kind, "body": body}}
        app.comm.handle_msg({"content": {"data": message}, "buffers": []})
        return asked

    def reply(self, asked):
        """The (message, buffers) that answered a request, or None where it is under way."""
        return next(((message, buffers) for _, message, buffers in self.sent if message.get("id") == asked), None)

    def ask(self, app, kind, **body) -> dict:
        """The body of the reply to a request that is answered at once."""
        message, _ = self.reply(self.request(app, kind, **body))
        assert message["ok"], message
        return message["body"]


@pytest.fixture
def talk(monkeypatch):
    pytest.importorskip("anywidget")
    from labelscope.widgets.explorer import Explorer

    talk = Talk()
    monkeypatch.setattr(Explorer, "send", lambda app, message, buffers=None: talk.sent.append((app, message, buffers or [])))
    return talk


@pytest.fixture
def ask(board):
    handlers = answers(board, lambda path, **_: f"wrote {path}")

    def ask(kind, buffers=(), **body):
        return handlers[kind](Request("1", kind, body, tuple(memoryview(b) for b in buffers)))

    return ask
