import numpy as np
import pytest

from labelscope.errors import DataError, StageError, UnknownName
from labelscope.explorer.state import ExplorerState


def cells(board, query):
    rows, labels = board.terms.asked(query).cells
    names = board.session.dataset.label_names
    return [(row, names[label]) for row, label in zip(rows.tolist(), labels.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("add:dog", [(0, "dog")]),
        ("ADD:Dog", [(0, "dog")]),
        ("remove:dog", [(1, "dog")]),
        ("missing:tree", [(0, "tree")]),  # another is not flagged
        ("spurious:dog", [(1, "dog")]),
        ("unknown:tree", [(1, "tree")]),
        ("decided:dog", []),
        ("add:dog AND NOT add:tree", [(0, "dog")]),
        ("add:dog OR add:tree", [(0, "dog"), (0, "tree")]),
    ],
)
def test_a_term_names_the_cells_of_a_label(board, query, expected):
    assert cells(board, query) == expected


def test_only_terms_outside_not_name_cells(board):
    assert board.terms.asked("NOT add:dog").cells is None
    assert np.flatnonzero(board.terms.query("NOT add:dog")).tolist() == [1, 2, 3]
    assert board.terms.asked("cat").cells is None


def test_decisions_and_who_took_them(board):
    board.decisions.decide("s0", "accept")
    board.decisions.decide("s2", "skip")
    board.decisions.edit(3, 2, 1)
    assert cells(board, "decided:dog") == [(0, "dog")]
    assert cells(board, "decided:tree") == [(3, "tree")]
    assert cells(board, "by:ANN") == [(0, "dog"), (3, "tree")]
    board.decisions.undo()
    assert cells(board, "decided:tree") == []
    with pytest.raises(DataError, match="no decision by 'bob'; there are some by ann"):
        board.terms.query("by:bob")


def test_suspicious_cells_wait_for_the_search(session):
    with pytest.raises(StageError, match="wait for it"):
        ExplorerState(session, lambda: None).terms.query("missing:dog")


def test_the_worklist_lists_the_cells_that_a_query_names(ask, board):
    ask("filter", by="query", text="add:tree")
    listed = ask("worklist", queue="pending", order="confidence").body
    assert [entry["suggestion"]["id"] for entry in listed["entries"]] == ["s2"]  # not s0, which is surer
    assert (listed["counts"]["pending"], listed["counts"]["all"]) == (1, 1)
    ask("select", rows=[])
    ask("filter", by="query", text="add:tree OR cat")
    listed = ask("worklist", queue="all", order="confidence").body
    assert [(entry["row"], entry["label"]) for entry in listed["entries"]] == [(0, 2), (3, -1)]
    ask("select", rows=[])
    ask("filter", by="query", text="unknown:tree")
    entry = ask("worklist", queue="all", order="data").body["entries"][0]
    assert (entry["row"], entry["label"], entry["suggestion"], entry["chips"][0]["name"]) == (1, 2, None, "tree")


def test_what_is_suggested_for_a_label_is_one_filter_that_the_next_replaces(ask):
    body = ask("filter", by="suggested", label=1, action="add").body
    assert [(chip["title"], chip["cells"]) for chip in body["filters"]] == [("add:dog", 1)]
    body = ask("filter", by="suggested", label=2, action="add").body
    assert [chip["title"] for chip in body["filters"]] == ["add:tree"]
    assert [entry["label"] for entry in ask("worklist", queue="pending", order="confidence").body["entries"]] == [2]


@pytest.mark.parametrize(
    ("query", "says", "offers"),
    [
        ("catt", "no label 'catt'; did you mean 'cat'?", [("cat", "cat")]),
        ("add:dgo AND cat", "no label 'dgo'; did you mean 'dog'?", [("dog", "add:dog AND cat")]),
        ("cat AND NOT doog", "no label 'doog'; did you mean 'dog'?", [("dog", "cat AND NOT dog")]),
        ("xxx", "no label 'xxx'; 1 text contains it", [("1 text contains it", "text:xxx")]),
        ('"a dog"', "did you mean 'dog'? 1 text contains it", [("dog", "dog"), ("1 text contains it", 'text:"a dog"')]),
        ("zebra", "no label 'zebra'; expected a label", []),
    ],
)
def test_a_word_that_is_no_label_offers_what_may_have_been_meant(board, query, says, offers):
    with pytest.raises(UnknownName) as refused:
        board.terms.query(query)
    assert says in str(refused.value)
    assert list(refused.value.remedies) == offers


def test_a_column_of_the_same_name_is_asked_for_as_one(session):
    items = session.dataset.items.with_columns(by=np.array(["x", "y", "x", "z"]), column=np.arange(4))
    object.__setattr__(session.dataset, "items", items)
    board = ExplorerState(session, lambda: None)
    assert np.flatnonzero(board.terms.query("column:by:x")).tolist() == [0, 2]
    assert np.flatnonzero(board.terms.query("column:column>=2")).tolist() == [2, 3]
    assert np.flatnonzero(board.terms.query("column:3")).tolist() == [3]
    with pytest.raises(UnknownName, match="'bye'"):
        board.terms.query("column:bye:x")
