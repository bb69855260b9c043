"""Labels as people answer and tools convert: free words, entities, numbers of floats, "none of the above", weights."""

from __future__ import annotations

import ast
import re
import warnings

import polars as pl
import pytest

from labelscope.data.read import read
from labelscope.errors import DataError, ReadingWarning
from labelscope.session import Session

ROWS = [
    row.split() for row in ("boats coding", "coding", "boats", "chess coding", "chess", "boats chess", "chess boats coding", "coding boats")
] * 5


def read_rows(tmp_path, cells, **options):
    pl.DataFrame({"text": [f"text {k}" for k in range(len(cells))], "tags": cells}).write_parquet(tmp_path / "t.parquet")
    return read(tmp_path / "t.parquet", labels="tags", text="text", **options)


def sets(ds) -> list[set[str]]:
    return [{name for name, state in zip(ds.label_names, row, strict=True) if state == 1} for row in ds.labels.dense().tolist()]


def advised(message: str, name: str):
    return ast.literal_eval(re.search(rf"{name}=(\[.*?\]|\{{.*?\}}|'.*?')(?= |,|;|$)", message)[1])


FREE = [
    {3: ["chess", "Other: my own, thing"], 9: ["Other: sailing, but slowly, and far"]},
    {3: ["Other (please specify): a, b", "chess"]},
    {5: ["Autre : bateau, voile"]},
    {8: ["boats", "I like trains, planes"], 20: ["mostly reading, writing", "chess"]},
]


@pytest.mark.parametrize("answers", FREE)
def test_an_answer_in_free_words_is_not_split_at_its_comma_without_a_word(tmp_path, answers):
    rows = [answers.get(k, row) for k, row in enumerate(ROWS)]
    cells = [", ".join(row) for row in rows]
    with pytest.raises(DataError, match="as an answer in free words does") as refused:
        read_rows(tmp_path, cells)
    assert sets(read_rows(tmp_path, cells, label_names=advised(str(refused.value), "label_names"))) == [set(row) for row in rows]
    assert {"boats", "chess", "coding"} < set(read_rows(tmp_path, cells, labels_delimiter=",").label_names)


def test_rare_tags_beside_each_other_are_still_tags(tmp_path):
    cells = [", ".join([*row, *([f"rare{k}", f"seldom{k}"] if k % 10 == 3 else [])]) for k, row in enumerate(ROWS)]
    assert len(read_rows(tmp_path, cells).label_names) == 3 + 8


@pytest.mark.parametrize("joint", [", ", "|", "\t", "<br>", None])
def test_names_with_entities_are_kept_whole_and_told(tmp_path, joint):
    rows = [[name.replace("boats", "R&amp;D").replace("chess", "rock &#39;n&#39; roll") for name in row] for row in ROWS]
    cells = [row[0] if joint is None else joint.join(row) for row in rows]
    with pytest.warns(ReadingWarning, match="holds an entity of HTML") as told:
        ds = read_rows(tmp_path, cells)
    assert sets(ds) == [set(row[:1] if joint is None else row) for row in rows]
    clean = read_rows(tmp_path, cells, label_names=advised(str(told[0].message), "label_names"))
    assert set(clean.label_names) == {"R&D", "rock 'n' roll", "coding"}


def test_a_name_with_and_without_its_entity_is_told(tmp_path):
    cells = [", ".join(name.replace("boats", "R&amp;D" if k % 2 else "R&D") for name in row) for k, row in enumerate(ROWS)]
    with pytest.warns(ReadingWarning, match=r"'R&D' and 'R&amp;D' differ in nothing that one sees"):
        read_rows(tmp_path, cells)


@pytest.mark.parametrize("write", [", ".join, ";".join, " ".join, lambda row: f"[{', '.join(row)}]"])
def test_ids_that_went_through_floats_are_ids(tmp_path, write):
    ids = {"boats": "0.0", "chess": "2.0", "coding": "17.0"}
    cells = [write([ids[name] for name in row]) for row in ROWS]
    ds = read_rows(tmp_path, cells)
    assert ds.label_names == ("0", "2", "17")
    named = read_rows(tmp_path, cells, label_names={0: "boats", 2: "chess", 17: "coding"})
    assert sets(named) == [set(row) for row in ROWS]
    session = Session(ds, ledger=tmp_path / "ledger.sqlite")
    session.edit(1, "2", 1)
    session.export(tmp_path / "out.parquet")
    after = pl.read_parquet(tmp_path / "out.parquet")["tags"]
    assert after[1] == write(["17.0", "2.0"])
    assert after.to_list()[2:] == cells[2:]


def test_a_number_with_and_without_its_point_is_told(tmp_path):
    ids = {"boats": "0", "chess": "2", "coding": "17"}
    cells = [", ".join(ids[name] + (".0" if k % 2 else "") for name in row) for k, row in enumerate(ROWS)]
    with pytest.warns(ReadingWarning, match=r"'0' and '0\.0' differ in nothing"):
        read_rows(tmp_path, cells)


WORDS = ["None of the above", "none of these", "No label", "unlabeled", "Not applicable", "No Finding", "None of the above (N/A)"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("write", [";".join, list, lambda row: row[0]])
def test_a_word_for_no_label_is_told_and_read_as_none_where_asked(tmp_path, word, write):
    rows = [[word] if k % 7 == 1 else row for k, row in enumerate(ROWS)]
    cells = [write(row) for row in rows]
    with pytest.warns(ReadingWarning, match="is read as a label") as told:
        kept = read_rows(tmp_path, cells)
    assert word in kept.label_names
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ds = read_rows(tmp_path, cells, empty=advised(str(told[0].message), "empty"))
    assert set(ds.label_names) == {"boats", "chess", "coding"}
    assert [not found for found in sets(ds)] == [row == [word] for row in rows]
    assert (ds.labels.dense() != -1).all() or write(["a"]) == "a"  # a cell of one label says nothing only where it is blank
    session = Session(ds, ledger=tmp_path / "ledger.sqlite")
    session.edit(1, "chess", 1)
    session.export(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["tags"].to_list()[1] in (["chess"], "chess")


def test_a_word_for_no_label_beside_labels_is_told(tmp_path):
    cells = [";".join([*row, *(["None of the above"] if k == 3 else [])]) for k, row in enumerate(ROWS)]
    with pytest.warns(ReadingWarning, match="in 1 cells of 'tags', beside other labels in 1 of them"):
        read_rows(tmp_path, cells)
    with pytest.raises(DataError, match="expected words that stand among the labels"):
        read_rows(tmp_path, cells, empty=["nothing"])


ODD = {
    "a word for no": [";".join(name if name in row else f"no_{name}" for name in ("boats", "chess", "coding")) for row in ROWS],
    "a period at the end": [", ".join(row) + "." for row in ROWS],
    "a line break of HTML": ["<br>\n".join([*row, ""]).strip() + ("<br>" if k % 2 else "") for k, row in enumerate(ROWS)],
    "quotes": [", ".join(f"'{name}'" for name in row) for row in ROWS],
    "values of one kind": [";".join(f"{name}=1" for name in row) for row in ROWS],
    "a score each": [";".join({"boats": "boats:0.8", "chess": "chess:0.1", "coding": "coding:1.0"}[name] for name in row) for row in ROWS],
}


@pytest.mark.parametrize("cells", ODD.values(), ids=ODD)
def test_names_that_say_more_than_names_are_refused_and_the_advice_works(tmp_path, cells):
    with pytest.raises(DataError, match="expected label names") as refused:
        read_rows(tmp_path, cells)
    assert read_rows(tmp_path, cells, labels_delimiter=advised(str(refused.value), "labels_delimiter")).n_labels >= 3


def test_characters_that_nobody_sees_are_told(tmp_path):
    cells = [";".join(f"{name}\u200b" if k % 4 == 0 else name for name in row) for k, row in enumerate(ROWS)]
    with pytest.warns(ReadingWarning, match="differ in nothing that one sees"):
        read_rows(tmp_path, cells)


def long_table(weights) -> pl.DataFrame:
    labels = ["cat", "dog", "owl"] * 4
    return pl.DataFrame({"id": [k // 3 for k in range(12)], "label": labels, "weight": weights})


@pytest.mark.parametrize("weights", [[0.9, 0.1, 0.0] * 4, [0.5, 0.25, 1.0] * 4, [1, 0, 1] * 4, [3, 0, 1] * 4])
def test_rows_that_a_weight_may_deny_are_not_gathered_as_if_all_were_there(tmp_path, weights):
    table = long_table(weights)
    table.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="which may say that some are not") as refused:
        read(tmp_path / "t.parquet", labels="label", id="id", labels_format="long")
    given = {name: advised(str(refused.value), name) for name in ("values", "labels_format") if f"{name}=" in str(refused.value)}
    ds = read(tmp_path / "t.parquet", labels="label", id="id", **given)
    least = 0.5 if max(weights) <= 1 else 1
    assert sets(ds) == [{label for label, weight in zip(("cat", "dog", "owl"), weights[:3], strict=True) if weight >= least}] * 4
    read(table.drop("weight"), labels="label", id="id", labels_format="long")


def test_numbers_that_deny_nothing_are_no_weights(tmp_path):
    for weights in ([3, 1, 2] * 4, [7] * 12, [k // 3 for k in range(12)]):
        assert read(long_table(weights), labels="label", id="id", labels_format="long").n_items == 4


@pytest.mark.parametrize("words", [["yes", "no", "yes"], ["present", "absent", "present"], ["Positive", "Negative", "Positive"]])
def test_rows_that_a_word_denies_are_read_with_it(words):
    table = long_table([1] * 12).drop("weight").with_columns(verdict=pl.Series(words * 4))
    with pytest.raises(DataError, match="pass values='verdict' if it does"):
        read(table, labels="label", id="id", labels_format="long")
    assert sets(read(table, labels="label", id="id", values="verdict")) == [{"cat", "owl"}] * 4
    odd = table.with_columns(verdict=pl.Series(["confirmed", "rejected", "confirmed"] * 4))
    with pytest.raises(DataError, match="keep the rows that say that it is there"):
        read(odd, labels="label", id="id", labels_format="long")


def test_the_labels_of_several_raters_are_not_put_together_without_a_word():
    table = pl.DataFrame({"id": [1, 1, 2, 2], "annotator": ["ann", "ben"] * 2, "label": ["cat", "dog", "dog", "dog"]})
    with pytest.warns(ReadingWarning, match="several 'annotator' are put together"):
        read(table, labels="label", id="id", labels_format="long")


def test_a_long_table_is_seen_where_nobody_names_its_ids():
    rows = [(k, f"text {k}", "web", label) for k, row in enumerate(ROWS) for label in row[:2]]
    table = pl.DataFrame(rows, schema=["number", "body", "source", "tag"], orient="row")
    with pytest.raises(DataError, match="a long table") as refused:
        read(table, labels="tag")
    given = {name: advised(str(refused.value), name) for name in ("id", "labels_format")}
    assert sets(read(table, labels="tag", **given)) == [set(row[:2]) for row in ROWS]
    groups = table.with_columns(body=pl.Series([f"text {k}" for k in range(table.height)]))  # several texts of one author are no items
    assert read(groups, labels="tag").n_items == table.height
