"""Two people on one PostgreSQL: what a session keeps in a ledger, and that each sees what the other does."""

import numpy as np
import pytest

from labelscope import Dataset, LabelEdit, Session

N = 60


@pytest.fixture
def dataset():
    x = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
    return Dataset.from_arrays((x > 0.5).astype(int), label_names=["cat", "dog", "bird"], embeddings=x)


@pytest.fixture
def ann(dataset, url):
    session = Session(dataset, ledger=url, reviewer="ann")
    yield session
    session.close()


@pytest.fixture
def ben(dataset, url):
    session = Session(dataset, ledger=url, reviewer="ben")
    yield session
    session.close()


def test_each_sees_what_the_other_decides_and_where_they_disagree(ann, ben):
    ann.edit(3, "cat", 1)
    ann.edit_all([(4, "cat", 0), (5, "dog", 1)])
    assert [event.cell for event in ben.sync()] == [("3", "cat"), ("4", "cat"), ("5", "dog")]
    ben.edit(3, "cat", 0)
    assert ann.sync()[0].reviewer == "ben"
    assert set(ann.conflicts["item_id"]) == set(ben.conflicts["item_id"]) == {3}
    assert ann.undo() is not None  # the batch of two
    ben.sync()
    for session in (ann, ben):
        assert session.decisions["undone"].to_list() == [False, True, True, False]
        assert session.state(3, "cat") == 0


def test_an_audit_drawn_by_one_is_the_audit_of_both(ann, ben):
    drawn = ann.audit(9)
    assert ben.audit(9).frame.equals(drawn.frame)
    item, label, _ = ben.audit_cells.row(0)
    ben.confirm(item, label)
    ann.sync()
    assert ann.audit_cells.height == ben.audit_cells.height == drawn.frame.height - 1


def test_relations_and_edits_of_the_label_set_reach_the_other(ann, ben):
    ann.constraints.confirm("cat", "implies", "bird")
    assert ben.constraints.frame["verdict"].to_list() == ["confirmed"]
    ann.apply(LabelEdit.rename("dog", "hound"))
    ben.sync()
    assert ben.label_names == ("cat", "bird", "hound")
    ann.undo()
    ben.sync()
    assert set(ben.label_names) == {"cat", "dog", "bird"}
