from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.explorer.requests import attribution as attributed
from labelscope.explorer.requests.attribution import LONGEST, AttributionRequests, pieces
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session


def asked(board, row, label):
    requests = AttributionRequests(board.session, board.encoder)
    return requests.attribution(Request("1", "attribution", {"row": row, "label": label}))


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """Texts of which one word says the label."""
    rng = np.random.default_rng(0)
    plain = np.array(["the", "a", "walk", "long", "sunday", "morning", "with", "our", "friends", "and", "one", "more", "day"])
    labels = (np.arange(120) % 2)[:, None]
    texts = [" ".join([*rng.choice(plain, 7), "puppy 🐶" if label else "ledger"]) for label in labels[:, 0]]
    items = {"item_id": [f"i{i}" for i in range(120)], "text": texts}
    ds = ls.Dataset.from_arrays(labels, label_names=["dog"], items=pl.DataFrame(items), text="text")
    session = Session(ds, ledger=tmp_path_factory.mktemp("words") / "ledger.sqlite", reviewer="ann")
    yield session
    session.close()


def test_the_word_that_says_the_label_has_the_most_weight_and_the_text_comes_back_whole(words):
    board = ExplorerState(words, lambda: None)
    body = asked(board, 1, 0).body
    found = body["found"]
    assert (found["of"], body["name"]) == ("text", "dog")
    assert "".join(piece for piece, _ in found["pieces"]) == board.cards.text(1)
    best = max(found["pieces"], key=lambda piece: piece[1])
    assert best == ("puppy", 1.0)
    assert "puppy" in found["finding"]
    assert found["faithful"]["verdict"] in {"faithful", "weak", "unfaithful", "flat", "short"}


def test_embeddings_that_came_with_the_data_need_their_encoder(board):
    body = asked(board, 0, 0).body
    assert "encoder=" in body["why"]
    assert body["found"] is None


def test_an_encoder_is_handed_through_and_checked(words, tmp_path):
    class Lengths:
        def encode(self, texts):
            return np.array([[1.0, len(text) / 50, text.count("puppy")] for text in texts])

    texts = words.dataset.items["text"].to_list()
    given = replace(words.dataset, embeddings=Lengths().encode(texts).astype("f4"))
    session = Session(given, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    assert "puppy" in asked(ExplorerState(session, lambda: None, Lengths()), 1, 0).body["found"]["finding"]
    assert "encoder" in asked(ExplorerState(session, lambda: None, object()), 1, 0).body["why"]
    session.close()


def test_long_texts_are_cut_and_gaps_kept():
    text = "x" * 10 + " " + "y" * LONGEST
    cut = pieces(text, np.array([[0, 10]]), np.array([0.5]))
    assert cut[0] == ("x" * 10, 0.5)
    assert "".join(piece for piece, _ in cut) == text[:LONGEST] + "…"
    assert pieces("", np.empty((0, 2), int), np.empty(0)) == []


def test_an_image_comes_with_squares_in_shares_of_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(attributed, "GRID", 3)
    monkeypatch.setattr(attributed, "N_STEPS", 2)
    ds = replace(ls.demo(60), text=None)
    session = Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    reply = asked(ExplorerState(session, lambda: None), 0, int(np.argmax(ds.labels.n_positive)))
    session.close()
    assert reply.body["found"]["of"] == "image"
    squares = np.array(reply.body["found"]["squares"])
    assert (squares[:, :4].min(), squares[:, :4].max()) == (0, 1)
    assert np.abs(squares[:, 4]).max() == 1
    assert bytes(reply.buffers[0]).startswith(b"\x89PNG")
