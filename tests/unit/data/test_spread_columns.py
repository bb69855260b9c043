"""Several columns of names: the labels of one set, one or none in each; or what one rater each says, which is asked about."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import ReadingWarning

NAMES = ["cat", "dog", "owl", "fox", "hen"]
TAGS = ["tag1", "tag2", "tag3"]
ROWS = [["cat", "dog", None], ["dog", None, None], [None, None, None], ["owl", "cat", "dog"], ["cat", None, None], ["owl", "dog", None]]


def tagged(rows=ROWS, names=TAGS):
    columns = {name: pl.Series([row[k] for row in rows], dtype=pl.String) for k, name in enumerate(names)}
    return pl.DataFrame({"id": range(len(rows)), "text": [f"a text of number {k}" for k in range(len(rows))], **columns})


def positives(ds):
    """The names of each item."""
    return [{name for name, state in zip(ds.label_names, row, strict=True) if state == 1} for row in ds.labels.dense().tolist()]


@pytest.mark.parametrize("seed", range(20))
def test_tags_in_columns_come_back_as_they_were_written(seed, tmp_path):
    draw = random.Random(seed)  # noqa: S311 - no secret
    rows = [draw.sample(NAMES, draw.randint(0, 3)) for _ in range(30)]
    table = tagged([(row + [None] * 3)[:3] for row in rows])
    table.write_csv(tmp_path / "in.csv")
    for source in (table, tmp_path / "in.csv"):
        ds = ls.read(source, labels=TAGS)
        assert positives(ds) == [set(row) for row in rows]
        assert not ds.labels.has_unknown
    assert ls.inspect(tmp_path / "in.csv").call.endswith("labels=['tag1', 'tag2', 'tag3'], text='text', id='id')")


def test_an_edit_blanks_a_cell_or_fills_the_first_blank_one(tmp_path):
    tagged().write_csv(tmp_path / "in.csv")
    ds = ls.read(tmp_path / "in.csv", labels=TAGS, id="id", text="text")
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.edit(0, "cat", 0)
    session.edit(1, "owl", 1)
    session.export(tmp_path / "out.csv")
    before, after = ((tmp_path / name).read_text().splitlines() for name in ("in.csv", "out.csv"))
    assert after[1:3] == ["0,a text of number 0,,dog,", "1,a text of number 1,dog,owl,"]
    assert after[:1] + after[3:] == before[:1] + before[3:]
    again = ls.read(tmp_path / "out.csv", labels=TAGS, id="id")
    assert np.array_equal(again.labels.dense(), session.labels.dense())
    session.apply(ls.LabelEdit.rename("dog", "hound"))
    session.export(tmp_path / "renamed.csv")
    session.close()
    assert positives(ls.read(tmp_path / "renamed.csv", labels=TAGS, id="id"))[3] == {"owl", "cat", "hound"}


def test_an_item_with_more_labels_than_columns_is_asked_about_and_the_advice_works(tmp_path):
    table = tagged([*ROWS, ["hen", None, None]])
    ds = ls.read(table, labels=TAGS, id="id")
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.edit(3, "hen", 1)
    with pytest.raises(ls.DataError, match=r"expected at most 3 labels an item in 'tag1', 'tag2', 'tag3'.* add a blank column"):
        session.export(tmp_path / "out.parquet")
    session.close()
    four = ls.read(table.with_columns(tag4=pl.lit(None, pl.String)), labels=[*TAGS, "tag4"], id="id")
    session = ls.Session(four, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    session.export(tmp_path / "out.parquet")
    session.close()
    assert pl.read_parquet(tmp_path / "out.parquet")[3].select(*TAGS, "tag4").row(0) == ("owl", "cat", "dog", "hen")


def test_words_for_nothing_known_leave_an_item_unknown():
    rows = [*ROWS, ["NA", "NA", "NA"], ["NA", "cat", "dog"]]
    ds = ls.read(tagged(rows), labels=TAGS)
    assert ds.labels.dense()[-2:].tolist() == [[-1, -1, -1], [1, 1, 0]]


AGREEING = [["cat", "cat"], ["dog", "dog"], ["owl", "cat"], ["fox", "fox"], ["hen", "dog"], ["cat", None]]
APART = [["red", "round"], ["blue", "square"], ["red", "square"], ["blue", "round"]]


@pytest.mark.filterwarnings("ignore::labelscope.errors.ReadingWarning")
@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (AGREEING, ["a1", "a2"]),
        (AGREEING, ["annotator_1", "annotator_2"]),
        (APART, ["colour", "shape"]),
        (ROWS, ["rater1", "rater2", "rater3"]),
    ],
)
def test_columns_that_may_be_raters_are_asked_about(rows, names):
    table = tagged(rows, names)
    with pytest.raises(ls.DataError, match=r"pass labels_format='columns' or rater=\[") as caught:
        ls.read(table, labels=names)
    for advice in ({"labels_format": "columns"}, {"rater": names}):
        assert ", ".join(f"{name}={value!r}" for name, value in advice.items()) in str(caught.value)
        assert ls.read(table, labels=names, **advice).n_items == len(rows)
    found = ls.inspect(table, labels=names)
    assert found.readings["argument"].to_list() == ["labels_format='columns'", f"rater={names!r}"]
    assert not found.call


def test_states_of_raters_are_not_taken_for_labels():
    table = pl.DataFrame({"annotator_1": [1, 0, 1], "annotator_2": [1, 1, 0]})
    with pytest.raises(ls.DataError, match=r"called as raters are; pass rater=\['annotator_1', 'annotator_2'\] with label_names"):
        ls.read(table, labels=["annotator_1", "annotator_2"])
    assert ls.read(table, labels=["annotator_1", "annotator_2"], labels_format="states").n_labels == 2
    with pytest.warns(ReadingWarning):
        ds = ls.read(table, labels=["annotator_1", "annotator_2"], rater=["annotator_1", "annotator_2"], label_names=["positive"])
    assert ds.labels.dense().tolist() == [[1], [-1], [-1]]


def test_sentiments_of_raters_are_names():
    words = ["positive", "negative", "neutral"]
    draw = random.Random(3)  # noqa: S311 - no secret
    said = [draw.choice(words) for _ in range(30)]
    table = tagged([[word, word if k % 4 else draw.choice(words), word] for k, word in enumerate(said)], ["ann1", "ann2", "ann3"])
    found = ls.inspect(table)
    assert found.arguments["rater"] == ["ann1", "ann2", "ann3"]
    assert any("'ann1', 'ann2', 'ann3' each seem to hold what one rater says" in line for line in found.warnings)
    assert found.readings["format"][0] == "single"
