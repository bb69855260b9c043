"""Tables of several raters: a row or a column a rater, joined to one row an item; what each says is a vote."""

from __future__ import annotations

import polars as pl
import pytest
from typer.testing import CliRunner

import labelscope as ls
from labelscope.cli.app import app
from labelscope.errors import ReadingWarning

ROWS = pl.DataFrame(
    {
        "comment_id": [7, 7, 7, 5, 5, 9, 9, 9],
        "annotator": ["ann", "bo", "cy", "ann", "bo", "cy", "ann", "bo"],
        "text": ["so good it is"] * 3 + ["what is it"] * 2 + ["never came back"] * 3,
        "tags": ["p;q", "p", "p;q", "q", "p", "r", "r;p", "r"],
        "seconds": [1, 2, 3, 4, 5, 6, 7, 8],
    }
)
SINGLE = ROWS.with_columns(tags=pl.Series(["p", "p", "q", "q", "p", "r", "r", "q"]))
WIDE = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "annotator_1": ["p", "q", "p", None],
        "annotator_2": ["p", "p", "", "r"],
        "annotator_3": ["q", "r", None, "r"],
        "checked": ["q", "p", "p", "r"],
    }
)
RATERS = ["annotator_1", "annotator_2", "annotator_3"]


def votes(ds):
    """The votes as (item, rater, label, value)."""
    v = ds.votes
    return {
        (ds.item_ids[i], v.rater_names[r], ds.label_names[k], x)
        for i, r, k, x in zip(v.items.tolist(), v.raters.tolist(), v.labels.tolist(), v.values.tolist(), strict=True)
    }


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
def test_the_rows_of_an_item_are_joined_by_what_most_raters_say():
    ds = ls.read(ROWS, labels="tags", text="text", id="comment_id", rater="annotator")
    assert (ds.item_ids.to_list(), ds.label_names) == ([7, 5, 9], ("p", "q", "r"))
    assert ds.labels.dense().tolist() == [[1, 1, 0], [-1, -1, 0], [0, 0, 1]]  # two raters who disagree leave a cell unknown
    assert ds.items["text"].to_list() == ["so good it is", "what is it", "never came back"]
    said = votes(ds)
    assert len(said) == len(ROWS) * 3
    assert {(7, "bo", "p", 1), (7, "bo", "q", 0), (5, "ann", "q", 1), (9, "ann", "p", 1)} <= said


def test_what_is_not_clear_in_joined_rows_is_told():
    with pytest.warns(ReadingWarning) as told:
        ls.read(ROWS, labels="tags", id="comment_id", rater="annotator")
    lines = [str(one.message) for one in told]
    assert "2 cells are unknown: as many raters say yes as no" in lines
    assert "'seconds' differs between the rows of an item: the value of its first row is kept" in lines


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
def test_raters_who_give_one_label_each_are_joined_to_one_label_or_none():
    ds = ls.read(SINGLE, labels="tags", text="text", id="comment_id", rater="annotator")
    assert ds.labels.dense().tolist() == [[1, 0, 0], [-1, -1, -1], [0, 0, 1]]
    assert ds.one_label_each
    three_ways = pl.DataFrame({"id": [1, 1, 1, 2], "rater": ["a", "b", "c", "a"], "kind": ["p", "q", "r", "p"]})
    ds = ls.read(three_ways, labels="kind", id="id", rater="rater")
    assert ds.labels.dense().tolist() == [[-1, -1, -1], [1, 0, 0]]  # no item of such data is without a label


def test_one_column_a_label_is_joined_and_keeps_its_columns():
    table = pl.DataFrame({"id": [1, 1, 1, 2], "rater": list("abca"), "joy": [1, 1, 0, 0], "fear": [0, None, 1, 1], "note": ["x"] * 4})
    with pytest.warns(ReadingWarning, match="1 cell is unknown"):
        ds = ls.read(table, labels=["joy", "fear"], id="id", rater="rater")
    assert ds.labels.dense().tolist() == [[1, -1], [0, 1]]
    assert (1, "b", "fear", 0) not in votes(ds)
    assert len(votes(ds)) == 7


def test_unlisted_labels_may_be_no_vote():
    ds = ls.read(ROWS.drop("seconds"), labels="tags", id="comment_id", rater="annotator", unlisted="unknown")
    assert ds.labels.dense().tolist() == [[1, 1, -1], [1, 1, -1], [1, -1, 1]]
    assert {value for *_, value in votes(ds)} == {1}


LONG = pl.DataFrame(
    {
        "image": ["p"] * 5 + ["q"] * 3,
        "worker_id": [1, 1, 2, 2, 3, 1, 2, 3],
        "name": ["a", "b", "a", "c", "a", "b", "b", "c"],
        "there": [1, 1, 1, 0, 0, 1, 0, 0],
    }
)


def test_several_rows_of_a_rater_are_gathered_first():
    ds = ls.read(LONG.drop("there"), labels="name", id="image", rater="worker_id", labels_format="long")
    assert ds.labels.dense().tolist() == [[1, 0, 0], [0, 1, 0]]
    assert ("p", "1", "b", 1) in votes(ds)
    assert ("p", "2", "b", 0) in votes(ds)


def test_several_rows_of_a_rater_with_values_leave_out_what_nobody_asked():
    with pytest.warns(ReadingWarning, match="cells? (is|are) unknown"):
        ds = ls.read(LONG, labels="name", id="image", rater="worker_id", values="there")
    assert ds.labels.dense().tolist() == [[1, 1, 0], [-1, -1, 0]]
    assert len(votes(ds)) == len(LONG)


def test_a_rater_who_says_two_things_of_an_item_is_asked_about():
    with pytest.raises(ls.DataError, match=r"several that differ for 'p' by 1; pass labels_format='long'"):
        ls.read(LONG.drop("there"), labels="name", id="image", rater="worker_id")
    twice = pl.concat([SINGLE, SINGLE.head(2)]).drop("seconds")  # a row that is there twice is one answer
    with pytest.warns(ReadingWarning, match="1 item is unknown"):
        assert len(votes(ls.read(twice, labels="tags", id="comment_id", rater="annotator"))) == 24


@pytest.mark.parametrize("given", [{"id": "comment_id"}, {}, {"text": "text"}, {"labels_delimiter": ""}])
def test_rows_of_several_raters_are_not_read_as_items(given):
    table = SINGLE if "labels_delimiter" in given else ROWS
    with pytest.raises(ls.DataError, match=r"8 rows of 3 different 'comment_id' by several 'annotator'; pass .*rater='annotator'"):
        ls.read(table, labels="tags", **given)


def test_reviews_by_users_are_items():
    reviews = ROWS.rename({"annotator": "user_id", "comment_id": "product_id"}).with_columns(
        text=pl.Series([f"text {k}" for k in range(8)])
    )
    assert ls.read(reviews, labels="tags", text="text").n_items == 8
    assert ls.inspect(reviews, labels="tags").arguments.get("rater") is None


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
def test_inspect_proposes_the_rater_and_says_so(tmp_path):
    for table in (ROWS, ROWS.sort("annotator")):
        found = ls.inspect(table)
        assert found.call == "labelscope.read(table, labels='tags', text='text', id='comment_id', rater='annotator')"
        assert any("'annotator' says; what each says is kept as votes" in line for line in found.warnings)
        assert any("'seconds' differs" in line for line in found.warnings)
    assert ls.inspect(ROWS, labels="tags", id="comment_id", rater="annotator").readings["n_unknown"][0] == 2
    ROWS.write_csv(tmp_path / "rows.csv")
    done = CliRunner().invoke(app, ["inspect", str(tmp_path / "rows.csv"), "--id", "comment_id", "--rater", "annotator"])
    assert done.exit_code == 0
    assert "as most of 3 raters say" in done.output


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
def test_a_column_a_rater_is_joined_and_a_blank_is_no_answer():
    ds = ls.read(WIDE.drop("checked"), labels=RATERS, rater=RATERS, id="id")
    assert ds.labels.dense().tolist() == [[1, 0, 0], [-1, -1, -1], [1, 0, 0], [0, 0, 1]]
    assert len(votes(ds)) == (12 - 3) * 3
    assert ds.one_label_each


def test_a_column_a_rater_beside_checked_labels_is_votes_alone(tmp_path):
    WIDE.write_csv(tmp_path / "in.csv")
    with pytest.warns(ReadingWarning, match="3 blank cells are no answer"):
        ds = ls.read(tmp_path / "in.csv", labels="checked", rater=RATERS, id="id")
    assert ds.labels.dense().tolist() == [[0, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert (1, "annotator_1", "p", 1) in votes(ds)
    assert (1, "annotator_1", "q", 0) in votes(ds)
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.edit(1, "p", 1)
    session.edit(1, "q", 0)
    session.export(tmp_path / "out.csv")
    session.close()
    before, after = ((tmp_path / name).read_text().splitlines() for name in ("in.csv", "out.csv"))
    assert (after[1], after[2:]) == (before[1][:-1] + "p", before[2:])


def test_labels_that_only_raters_give_are_asked_about():
    table = WIDE.filter(pl.col("id") < 4)
    with pytest.raises(ls.DataError, match=r"got 'r' in annotator_1, annotator_2, annotator_3; pass label_names=\['p', 'q', 'r'\]"):
        ls.read(table, labels="checked", rater=RATERS, id="id")
    with pytest.warns(ReadingWarning):
        assert ls.read(table, labels="checked", rater=RATERS, id="id", label_names=["p", "q", "r"]).label_names == ("p", "q", "r")


def test_columns_of_yes_and_no_are_about_one_label_that_has_a_name():
    table = pl.DataFrame({"id": [1, 2, 3], "rater_a": [1, 0, 1], "rater_b": [1, 1, 1]})
    named = ["rater_a", "rater_b"]
    with pytest.raises(ls.DataError, match=r"pass label_names=\['positive'\]"):
        ls.read(table, labels=named, rater=named, id="id")
    with pytest.warns(ReadingWarning, match="1 cell is unknown"):
        ds = ls.read(table, labels=named, rater=named, id="id", label_names=["hate"])
    assert (ds.label_names, ds.labels.dense().tolist(), len(votes(ds))) == (("hate",), [[1], [-1], [1]], 6)


WRONG = [
    ({"rater": "nobody"}, "rater: expected a column"),
    ({"rater": "tags"}, "rater: expected another column than that of the labels"),
    ({"rater": "comment_id"}, "rater: expected another column than that of the ids"),
    ({"rater": "annotator", "votes": pl.DataFrame()}, "votes: expected no votes beside rater="),
    ({"rater": ["annotator", "tags"]}, "rater: expected the columns that labels names, or none"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
@pytest.mark.parametrize(("given", "line"), WRONG)
def test_a_rater_that_is_none_is_one_line(given, line):
    with pytest.raises(ls.DataError, match=line):
        ls.read(ROWS, labels="tags", **{"id": "comment_id", **given})


def test_a_row_without_a_rater_or_an_item_is_one_line():
    for column in ("annotator", "comment_id"):
        table = ROWS.with_columns(pl.when(pl.int_range(8) == 3).then(None).otherwise(pl.col(column)).alias(column))
        with pytest.raises(ls.DataError, match=rf"in every row of '{column}', got a blank in row 3; fill it"):
            ls.read(table, labels="tags", id="comment_id", rater="annotator")
    with pytest.raises(ls.DataError, match="pass id='comment_id'"):
        ls.read(ROWS, labels="tags", rater="annotator")


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
@pytest.mark.parametrize("table", [ROWS, SINGLE], ids=["several", "one"])
def test_a_table_of_raters_is_exported_with_one_row_an_item(tmp_path, table):
    table.write_csv(tmp_path / "in.csv")
    ds = ls.read(tmp_path / "in.csv", labels="tags", text="text", id="comment_id", rater="annotator")
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.edit(9, "q", 1)
    session.edit(9, "r", 0)
    session.export(tmp_path / "out.csv")
    session.close()
    again = ls.read(tmp_path / "out.csv", labels=["p", "q", "r"] if table is ROWS else "tags", id="comment_id", label_names=["p", "q", "r"])
    assert again.labels.dense().tolist()[2] == [0, 1, 0]
    assert pl.read_csv(tmp_path / "out.csv").columns[:2] == ["comment_id", "text"]
    assert again.item_ids.to_list() == [7, 5, 9]


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
def test_scan_and_export_know_the_raters(tmp_path):
    more = pl.concat([ROWS.with_columns(pl.col("comment_id") + 10 * k, pl.col("text") + f" {k}") for k in range(4)])
    more.write_csv(tmp_path / "in.csv")
    read = ["--labels", "tags", "--text", "text", "--id", "comment_id", "--rater", "annotator"]
    done = CliRunner().invoke(app, ["scan", str(tmp_path / "in.csv"), *read, "--out", str(tmp_path / "found")])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["export", str(tmp_path / "found"), "--to", str(tmp_path / "out.csv")])
    assert done.exit_code == 0, done.output
    assert pl.read_csv(tmp_path / "out.csv")["comment_id"].to_list()[:3] == [7, 5, 9]
