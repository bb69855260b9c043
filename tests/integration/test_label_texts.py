"""What a label means is written while people review: kept, seen by others, undone in turn, exported, and told to judges."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.publish import publish
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.review.label_edit import LabelEdit
from labelscope.session import Session
from labelscope.views.label_page import page as rendered
from labelscope.voters.question import questions

N = 60


@pytest.fixture
def dataset():
    rng = np.random.default_rng(3)
    truth = np.column_stack([np.arange(N) % 2, np.arange(N) % 3 == 0]).astype(np.int8)
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(N)], "text": [f"note {k}" for k in range(N)]})
    embeddings = (truth @ np.eye(2) * 3 + rng.normal(size=(N, 2))).astype("f4")
    return Dataset.from_arrays(
        truth, label_names=["wolf", "den"], items=items, text="text", embeddings=embeddings, label_descriptions={"wolf": "a wild dog"}
    )


@pytest.fixture
def opened(dataset, tmp_path):
    made = []

    def open_(reviewer="ann"):
        made.append(Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer=reviewer))
        return made[-1]

    yield open_
    for session in made:
        session.close()


def test_texts_are_there_in_another_process_and_for_others_and_what_is_left_out_stays(opened):
    ann = opened()
    ann.describe("wolf", guideline="Puppies count.\nToys do not.")
    assert ann.label_text("wolf") == ("a wild dog", "Puppies count.\nToys do not.")
    bob = opened("bob")
    assert bob.label_text(0) == ann.label_text(0)
    bob.describe("wolf", "a wild animal")
    ann.catch_up()
    assert ann.label_text("wolf") == ("a wild animal", "Puppies count.\nToys do not.")
    assert ann.label_texts.select("label", "description", "reviewer").rows() == [("wolf", "a wild animal", "bob")]
    assert ann.label_page("wolf").instructions.startswith("Puppies")


def test_undo_takes_back_what_was_said_last_text_reason_or_decision(opened):
    session = opened()
    session.edit("i0", "wolf", 1)
    session.describe("wolf", "dogs")
    session.edit("i1", "wolf", 0)
    session.give_reason("hard to tell")
    session.describe("den", "a home")
    assert session.undo().label == "den"
    assert session.label_text("den") == ("", "")
    assert session.undo().item_id == "i1"  # its reason
    assert session.undo().item_id == "i1"
    assert session.undo().label == "wolf"
    assert session.label_text("wolf") == ("a wild dog", "")
    assert session.undo().item_id == "i0"
    assert session.undo() is None
    assert session.redo().item_id == "i0"
    assert session.redo().label == "wolf"
    assert session.label_text("wolf") == ("dogs", "")


def test_a_text_follows_its_label_under_another_name(opened):
    session = opened()
    session.describe("wolf", "dogs", guideline="Puppies count.")
    session.apply(LabelEdit.rename("wolf", "wolves"))
    assert session.label_text("wolves") == ("dogs", "Puppies count.")
    assert session.label_texts["label"].to_list() == ["wolves"]
    session.describe("wolves", "wild dogs")
    session.undo()
    session.undo()
    assert session.label_text("wolf") == ("dogs", "Puppies count.")


def test_the_same_texts_again_write_nothing_and_texts_that_are_none_are_refused(opened):
    session = opened()
    assert session.describe("wolf", " a wild dog ") is None
    assert session.undo() is None
    with pytest.raises(DataError, match="description: expected up to 2,000 letters, got 2,001"):
        session.describe("wolf", "x" * 2001)
    with pytest.raises(DataError, match="label"):
        session.describe("cat", "a pet")
    assert session.label_text("wolf") == ("a wild dog", "")


def test_export_report_and_published_page_say_what_was_written(opened, tmp_path):
    session = opened()
    written = session.export(tmp_path / "plain.parquet")
    assert not written.path.with_name("plain.parquet.texts.jsonl").exists()
    session.describe("den", "a home", guideline="Not a <b>hole</b>.")
    session.export(tmp_path / "out.parquet")
    lines = [json.loads(line) for line in (tmp_path / "out.parquet.texts.jsonl").read_text().splitlines()]
    assert [(of["label"], of["description"], of["guideline"], of["reviewer"]) for of in lines] == [
        ("wolf", "a wild dog", "", None),
        ("den", "a home", "Not a <b>hole</b>.", "ann"),
    ]
    page = session.label_page("den")
    assert "Not a &lt;b&gt;hole&lt;/b&gt;." in rendered(page, "html")
    assert "## Guideline" in rendered(page, "markdown")
    told = session.with_texts(session.dataset, guidelines=True).label_descriptions
    assert told == {"wolf": "a wild dog", "den": "a home\nGuideline: Not a <b>hole</b>."}
    assert publish(session, tmp_path / "page.html").n_shown == N


def test_the_app_writes_reads_undoes_and_tells_judges(opened):
    session = opened()
    state = ExplorerState(session, lambda: None)
    known = answers(state, lambda path: path)

    def ask(kind, **body):
        return known[kind](Request("1", kind, body)).body

    shown = ask("label_text", label=0, description="dogs", guideline="Puppies count.")
    assert (shown["description"], shown["guideline"]) == ("dogs", "Puppies count.")
    assert ask("label_page", label=0)["guideline"] == "Puppies count."
    asked = {question.label: question.written for question in known_questions(session)}
    assert "Label: wolf (dogs\nGuideline: Puppies count.)" in asked["wolf"]
    stepped = ask("undo")
    assert (stepped["text"], stepped["label"], stepped["entry"]) == (True, "wolf", None)
    assert ask("label_page", label=0)["description"] == "a wild dog"


def known_questions(session):
    return questions(session.for_judges, np.array([0]), np.array([0]), None, n_examples=0)
