"""A small data set whose stages are already over, on a real ledger."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.explorer.messages import Request
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session

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
        return SimpleNamespace(probabilities=np.full(STATES.shape, 0.5, np.float32))

    @property
    def findings(self):
        return SimpleNamespace(items=pl.DataFrame({"item_id": ["a", "b"], "suspicion": [0.9, 0.8], "n_flagged": [2, 1]}))


@pytest.fixture
def dataset() -> Dataset:
    texts = ["a cat & a <dog>", "a dog", None, "x" * 900]
    items = pl.DataFrame({"item_id": list("abcd"), "text": texts})
    return Dataset.from_arrays(STATES, label_names=LABELS, items=items, text="text", embeddings=XY)


@pytest.fixture
def session(dataset, tmp_path):
    opened = StagedSession(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann", suggestions=SimpleNamespace(frame=SUGGESTIONS))
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


@pytest.fixture
def ask(board):
    handlers = answers(board, lambda path: f"wrote {path}")

    def ask(kind, buffers=(), **body):
        return handlers[kind](Request("1", kind, body, tuple(memoryview(b) for b in buffers)))

    return ask
