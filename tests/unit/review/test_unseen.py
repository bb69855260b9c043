"""Cells that are accepted with many others and that nobody looked at: one batch, one undo, with their source, and no verdicts."""

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.session import Session
from labelscope.suggest.acceptance import outcomes

SOURCE = "pseudo-label: at most 10% wrong against the labels as given"


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(1)
    main = rng.integers(0, 2, 300)
    labels = np.where(rng.random((300, 2)) < 0.4, -1, np.eye(2, dtype=int)[main])
    embeddings = (np.eye(2)[main] * 6 + rng.normal(size=(300, 2))).astype("f4")
    return Dataset.from_arrays(labels, label_names=["cat", "dog"], embeddings=embeddings)


@pytest.fixture
def session(dataset, tmp_path):
    opened = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    yield opened
    opened.close()


def unknown(dataset, n):
    rows, labels = np.nonzero(dataset.labels.dense() == -1)
    return [(dataset.item_ids[int(row)], dataset.label_names[label], 1) for row, label in zip(rows[:n], labels[:n], strict=True)]


def test_they_keep_their_source_in_the_ledger_the_changes_and_the_export(dataset, session, tmp_path):
    cells = unknown(dataset, 30)
    assert len(session.accept_all(cells, source=f"  {SOURCE}\n")) == 30
    again = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bob")
    for one in (session, again):
        assert one.changes.select("label", "after", "source").unique("source").rows()[0][1:] == (1, SOURCE)
        assert one.changes.height == 30
    again.export(tmp_path / "out.csv")
    assert set(pl.read_ndjson(tmp_path / "out.csv.changes.jsonl")["source"]) == {SOURCE}
    assert session.undo() is not None
    assert session.changes.height == 0


def test_they_are_no_verdicts_of_the_person(dataset, session):
    cells = unknown(dataset, 5)
    session.accept_all(cells, source=SOURCE)
    assert session.decisions["source"].to_list() == [SOURCE] * 5
    assert session.decided.height == session.standing_numbers.height == outcomes(session.decisions).height == 0
    item, label, _ = cells[0]
    assert not any(event.audits for event in session.decisions_on(dataset.position(item), dataset.label_position(label)))
    session.reviewer = "bob"
    session.edit(item, label, 0)  # who looks at a cell disagrees with nobody
    assert session.conflicts.height == 0
    assert session.decided.select("item_id", "label", "state").rows() == [(item, label, 0)]


def test_pseudo_labels_of_a_label_and_state_are_accepted_but_for_what_was_decided(session):
    frame = session.pseudo_labels.frame.filter(pl.col("label") == "dog", pl.col("state") == 1)
    session.edit(frame["item_id"][0], "dog", 0)
    assert len(session.accept_pseudo_labels("dog", 1)) == frame.height - 1
    assert session.state(frame["item_id"][0], "dog") == 0
    with pytest.raises(DataError, match="some that nobody has decided, got none"):
        session.accept_pseudo_labels("dog", 1)
    assert session.changes["source"].to_list().count(session.pseudo_labels.source) == frame.height - 1


@pytest.mark.parametrize(
    ("cells", "source", "words"),
    [([], SOURCE, "at least one"), ([(0, "cat", 1)], " ", "where the states come from"), ([(0, "cat", 2)], SOURCE, "1, 0 or -1")],
)
def test_what_cannot_be_accepted_is_one_line(session, cells, source, words):
    with pytest.raises(DataError, match=words):
        session.accept_all(cells, source=source)
    assert session.decisions.height == 0
