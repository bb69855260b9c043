import numpy as np
import polars as pl
import pytest

from labelscope.errors import DataError, StageError
from labelscope.explorer.state import ExplorerState


def rows(board):
    return [] if board.filters.mask is None else np.flatnonzero(board.filters.mask).tolist()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cat", [0, 3]),
        ("CAT AND NOT dog", [0]),
        ("tree:?", [1]),
        ("dog:no", [0, 2]),
        ("text:DOG", [0, 1]),
        ('text:"a dog"', [1]),
        ("id:b", [1]),
        ("is:pending", [0, 1]),
        ("is:added", [0]),
        ("is:changed", []),
        ("suspicion>0.85", [0]),
        ("labels>=2", [3]),
        ("cat>0.4", [0, 1, 2, 3]),
        ("NOT (cat OR dog)", [2]),
    ],
)
def test_queries(board, query, expected):
    assert np.flatnonzero(board.terms.query(query)).tolist() == expected


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("catt", "did you mean 'cat'"),
        ("cat:maybe", ":yes"),
        ("is:odd", "is:pending"),
        ("suspicion>high", "a number"),
        ("nothing:1", "'nothing'"),
    ],
)
def test_a_query_that_names_what_is_not_there_says_so(board, query, says):
    with pytest.raises(DataError, match=says):
        board.terms.query(query)


def test_labels_are_meant_as_they_stand_now(board):
    board.decisions.edit(2, 0, 1)
    assert np.flatnonzero(board.terms.query("cat")).tolist() == [0, 2, 3]
    assert np.flatnonzero(board.terms.query("is:changed")).tolist() == [2]


def test_columns_are_fields_too(session):
    object.__setattr__(
        session.dataset,
        "items",
        session.dataset.items.with_columns(split=pl.Series(["dev", None, "Test", "dev"]), n=pl.Series([1, 2, 3, 4])),
    )
    board = ExplorerState(session, lambda: None)
    assert np.flatnonzero(board.terms.query("split:test")).tolist() == [2]
    assert np.flatnonzero(board.terms.query("n>2 split:dev")).tolist() == [3]
    colours = board.colouring.colours("column", column="split")
    counted = {entry["name"]: entry["count"] for entry in colours.legend}
    assert counted == {"dev": 2, "(none)": 1, "Test": 1, "Other": 0}
    assert board.colouring.colours("number").codes.tolist()[3] == 15  # the item with two labels
    with pytest.raises(DataError, match="number"):
        board.terms.query("split>2")
    with pytest.raises(DataError, match="column"):
        board.colouring.colours("column", column="text")


def test_every_view_adds_to_one_list_of_filters(ask, board):
    ask("filter", by="label", label=0, state=1)
    body = ask("filter", by="label", label=1, state=0).body
    assert ([chip["title"] for chip in body["filters"]], body["count"]) == (["cat", "not dog"], 1)
    ask("unfilter", key=body["filters"][0]["key"])
    assert rows(board) == [0, 2]
    assert ask("negate", key=body["filters"][1]["key"]).body["count"] == 2
    assert rows(board) == [1, 3]
    ask("select", rows=[])
    ask("filter", by="pair", a=0, b=1)
    assert rows(board) == [3]
    ask("select", rows=[])
    ask("filter", by="relation", relation="implies", a="dog", b="cat")
    assert (rows(board), board.filters.chips[0].title) == ([1], "dog without cat")
    ask("filter", by="query", text="  text:dog  ")
    assert board.filters.chips[1].title == "text:dog"
    with pytest.raises(DataError, match="expected one of"):
        ask("filter", by="nonsense")


def test_an_item_outside_of_the_selection_is_selected_alone(ask, board):
    ask("filter", by="label", label=0, state=1)
    ask("filter", by="item", row=0)
    assert rows(board) == [0]
    ask("filter", by="item", row=3)  # both have the label
    assert (rows(board), len(board.filters.chips)) == ([3], 2)
    ask("filter", by="item", row=1)
    assert (rows(board), len(board.filters.chips)) == ([1], 1)


def test_similar_items(ask, board):
    with pytest.raises(StageError, match="embeddings"):
        ask("filter", by="similar", row=1, k=1)
    board.take_embeddings(np.array([[1, 0], [0.9, 0.1], [0, 1], [1, 0.01]], np.float32))
    ask("filter", by="similar", row=0, k=2)
    assert rows(board) == [0, 1, 3]
    near, similarity = board.results.similar(0, 10)
    assert near.tolist() == [3, 1, 2]
    assert similarity == pytest.approx([0.99995, 0.99388, 0.0], abs=1e-4)


def test_a_brush_selects_what_lies_near_its_stroke(ask, board):
    stroke = np.array([[0, 0.1], [1, 0.1]], np.float32).tobytes()
    assert ask("brush", [stroke], radius=0.2, mode="replace").body["count"] == 2
    assert rows(board) == [0, 1]
    dab = np.array([[1, 1]], np.float32).tobytes()
    assert ask("brush", [dab], radius=0.5, mode="add").body["count"] == 3
    with pytest.raises(DataError, match="float32"):
        ask("brush", [b""], radius=0.5, mode="add")
