"""Inspecting: the columns by role, the readings of the labels, and a call that does what it says."""

from __future__ import annotations

import inspect
import json
import time

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import labelscope as ls
from labelscope.cli.app import app
from labelscope.data.inspection import ARGUMENTS
from labelscope.data.remedies import remedies_of

SETS = [["cat"], ["dog"], ["cat", "dog"], [], ["owl"], ["cat", "owl"]]
TABLE = pl.DataFrame({"id": range(6), "text": [f"the text number {k}, all its own" for k in range(6)], "tags": SETS})


def run(call: str, **names: object) -> ls.Dataset:
    """What a call of an inspection reads."""
    assert call.startswith("labelscope.read(")
    return eval(call, {"labelscope": ls, **names})  # noqa: S307 - the call under test, of our own table


def test_roles_are_seen_and_the_call_reads_the_table():
    found = ls.inspect(TABLE)
    assert dict(found.frame.select("column", "role").iter_rows()) == {"id": "id", "text": "text", "tags": "labels"}
    assert found.readings.filter("chosen").select("n_labels", "n_positive", "n_unknown").row(0) == (3, 7, 0)
    assert found.call == "labelscope.read(table, labels='tags', text='text', id='id')"
    ds = run(found.call, table=TABLE)
    assert (ds.n_labels, int(ds.labels.n_positive.sum())) == (3, 7)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_a_file_is_inspected_as_it_is_read(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    table = TABLE if suffix != "csv" else TABLE.with_columns(pl.col("tags").list.join("|"))
    {"parquet": table.write_parquet, "csv": table.write_csv, "jsonl": table.write_ndjson}[suffix](path)
    found = ls.inspect(path)
    assert (found.format, found.n_rows, found.warnings) == (suffix, 6, ())
    ds = run(found.call)
    chosen = found.readings.filter("chosen").row(0, named=True)
    assert (chosen["n_labels"], chosen["n_positive"], chosen["n_unknown"]) == (3, int(ds.labels.n_positive.sum()), 0)


def test_columns_of_states_are_proposed_together():
    table = pl.DataFrame({"text": [f"words and words {k}" for k in range(4)], "cat": [1, 0, 1, 0], "dog": [0, 0, 1, 1]})
    found = ls.inspect(table)
    assert found.call == "labelscope.read(table, labels=['cat', 'dog'], text='text')"


def test_where_nothing_is_clear_the_readings_name_their_arguments():
    table = pl.DataFrame({"answer": ["agree", "strongly agree", "disagree", "strongly disagree"] * 5})
    found = ls.inspect(table, labels="answer")
    assert (found.call, found.readings["chosen"].to_list()) == ("", [False, False])
    assert set(found.readings["argument"]) == {"labels_delimiter=' '", "labels_delimiter=''"}
    with pytest.raises(ls.DataError) as caught:
        ls.read(table, labels="answer")
    assert found.warnings == (str(caught.value),)
    settled = ls.inspect(table, labels="answer", labels_delimiter="")
    assert run(settled.call, table=table).n_labels == 4


@pytest.mark.parametrize("word", ["none", "n/a", "", "NaN"])
def test_a_column_that_says_nothing_is_not_proposed_as_a_label(word):
    table = pl.DataFrame({"remark": [word] * 4, "joy": ["0", "1", "0", "1"], "rare": ["-1"] * 4, "anger": ["1", "0", "-1", "0"]})
    assert ls.inspect(table).arguments["labels"] == ["joy", "rare", "anger"]


def test_missing_columns_and_unknown_arguments_are_refused():
    with pytest.raises(ls.DataError, match="did you mean 'tags'"):
        ls.inspect(TABLE, labels="tgas")
    with pytest.raises(ls.DataError, match="'colour'"):
        ls.inspect(TABLE, colour="red")


def test_a_table_without_anything_like_labels_says_so():
    found = ls.inspect(pl.DataFrame({"price": [1.5, 2.5], "when": ["2020-01-01", "2020-01-02"]}))
    assert "name it with labels=" in found.warnings[0] or found.readings.height


def test_what_comes_from_the_table_is_escaped():
    table = pl.DataFrame({"<b>x</b>": ["<i>a</i>;b", "b", "<i>a</i>"], "text": ["<script>1</script>", "two words", "three words"]})
    shown = ls.inspect(table, labels="<b>x</b>")._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;x" in shown
    assert not any(tag in shown for tag in ("<b>x", "<i>a", "<script>"))


def test_it_prints_and_as_json_for_programs(tmp_path):
    path = tmp_path / "t.csv"
    TABLE.with_columns(pl.col("tags").list.join("|")).write_csv(path)
    shown = CliRunner().invoke(app, ["inspect", str(path)])
    assert (shown.exit_code, "names joined by '|'" in shown.output, "labelscope.read(" in shown.output) == (0, True, True)
    record = json.loads(CliRunner().invoke(app, ["inspect", str(path), "--labels", "tags", "--json"]).stdout)
    assert record["call"] == ls.inspect(path, labels="tags").call
    assert [reading["chosen"] for reading in record["readings"]].count(True) == 1


def test_looking_at_many_columns_costs_what_they_are():
    table = pl.DataFrame({"tags": ["cat;dog", "dog"], **{f"k{k}": [k, k + 1] for k in range(3000)}})
    begun = time.process_time()
    assert ls.inspect(table, labels="tags").frame.height == 3001
    assert time.process_time() - begun < 20  # it was the square of them: a minute


def test_the_labels_are_found_among_thousands_of_columns():
    n = 1500
    numbers = {f"n{k}": [k, k + 1, k + 2, k + 3] for k in range(n)}
    words = {f"w{k}": ["red", "red", "blue", "blue"] for k in range(n)}
    sets = {"kinds": ["cat;dog", "dog", "cat", "dog"]}
    begun = time.process_time()
    assert ls.inspect(pl.DataFrame(numbers | words | {"kinds": [["cat"], ["dog"], [], ["cat"]]})).arguments["labels"] == "kinds"
    assert ls.inspect(pl.DataFrame(words | {"tags": sets["kinds"]})).arguments["labels"] == "tags"
    assert ls.inspect(pl.DataFrame(numbers | sets)).arguments["labels"] == "kinds"
    assert ls.inspect(pl.DataFrame(numbers | {f"s{k}": [0, 1, 1, k % 2] for k in range(5)})).arguments["labels"] == [
        f"s{k}" for k in range(5)
    ]
    assert time.process_time() - begun < 20  # every reading was tried on every column: half a minute


def test_of_very_many_columns_the_first_are_shown_and_those_with_a_role():
    found = ls.inspect(pl.DataFrame({f"n{k}": [1.5, 2.5] for k in range(300)} | {"text": ["one two", "three"], "tags": ["a;b", "b"]}))
    assert found.frame.height == 302
    assert "202 more columns in .frame" in repr(found)
    assert "202 more columns" in found._repr_mimebundle_()["text/html"]
    assert repr(found).split("\n")[3].startswith("text ")


@pytest.mark.parametrize("name", ["*", "^.*$", "^t.*$"])
@pytest.mark.parametrize("suffix", ["", ".csv", ".parquet", ".jsonl", ".json", ".arrow"])
@pytest.mark.parametrize("look", [ls.inspect, ls.read])
def test_a_column_whose_name_is_a_pattern_is_no_other_column(name, suffix, look, tmp_path):
    table = pl.DataFrame({name: ["one", "two"], "tags": ["a;b", "b"]})
    path = tmp_path / f"table{suffix}"
    write = {".csv": "csv", ".parquet": "parquet", ".jsonl": "ndjson", ".json": "json", ".arrow": "ipc"}
    if suffix:
        getattr(table, f"write_{write[suffix]}")(path)
    with pytest.raises(ls.LabelscopeError, match="no pattern") as refused:
        look(path if suffix else table, labels="tags")
    assert repr(name) in str(refused.value)


def test_it_knows_every_argument_of_read():
    assert set(ARGUMENTS) == set(inspect.signature(ls.read).parameters) - {"path"}


def test_a_text_of_few_words_that_recurs_is_not_taken_for_labels_beside_columns_of_states():
    table = pl.DataFrame({"text": ["red apple", "green leaf", "blue sea"] * 40, "apple": [1, 0, None] * 40, "leaf": [0, 1, None] * 40})
    assert ls.inspect(table).arguments["labels"] == ["apple", "leaf"]


def test_features_groups_split_and_several_texts_are_in_the_call():
    table = TABLE.with_columns(age=pl.Series(range(6)), who=pl.lit("a"), part=pl.Series(["train", "test"] * 3))
    given = {"text": ["text", "part"], "features": ["age"], "groups": "who", "split": "part"}
    found = ls.inspect(table, labels="tags", **given)
    ds = run(found.call, table=table)
    assert (ds.text_columns, ds.features, ds.groups, ds.split) == (("text", "part"), ("age",), "who", "part")
    roles = dict(found.frame.select("column", "role").iter_rows())
    assert (roles["age"], roles["who"], roles["part"]) == ("features", "groups", "text")


def test_what_does_not_fit_is_told_before_it_is_read(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((3, 2)))
    for given in (
        {"embeddings": str(tmp_path / "x.npy")}, {"probabilities": str(tmp_path / "x.npy")}, {"features": ["tags"]},
        {"taxonomy": "none.csv"},
        {"votes": pl.DataFrame({"item_id": [99], "rater": ["a"], "label": ["cat"], "value": [1]})}, {"embeddings": "none.npy"},
    ):  # fmt: skip
        found = ls.inspect(TABLE, labels="tags", **given)
        assert (len(found.refusals), found.call) == (1, ""), given
        with pytest.raises(ls.DataError):
            ls.read(TABLE, labels="tags", id="id", **given)
    assert "expected at least one label" in ls.inspect(TABLE.with_columns(tags=pl.lit("")), labels="tags").refusals[0]
    assert "positive or unknown" in ls.inspect(TABLE.with_columns(a=0, b=0), labels=["a", "b"]).refusals[0]
    double = TABLE.with_columns(id=pl.lit(1))
    assert "unique" in ls.inspect(double, labels="tags", id="id").refusals[0]
    assert "id" not in ls.inspect(double, labels="tags").arguments


def test_an_id_that_only_begins_as_one_is_not_guessed(tmp_path):
    table = pl.DataFrame({"item": range(1200), "user_id": [*range(1100), *range(100)], "tags": [["a"], ["b"]] * 600})
    found = ls.inspect(table)
    assert "user_id" not in found.call
    assert run(found.call, table=table).n_items == 1200


def test_three_rows_show_where_the_readings_differ():
    table = pl.DataFrame({"answer": ["yes", "agree", "strongly agree", "disagree", "strongly disagree"] * 4})
    found = ls.inspect(table, labels="answer")
    rows = {
        reading: [(row["row"], row["labels"]) for row in rows] for reading, rows in found.readings.select("argument", "rows").iter_rows()
    }
    assert rows["labels_delimiter=' '"][1:] == [(2, ["agree", "strongly"]), (4, ["disagree", "strongly"])]
    assert rows["labels_delimiter=''"][1:] == [(2, ["strongly agree"]), (4, ["strongly disagree"])]


@pytest.mark.parametrize(("tags", "alone"), [(["a", "b", "a"], True), (["a;b", "b", "a;b"], False), ([["a"], ["b"], ["a"]], True)])
def test_one_label_each_is_recognised(tags, alone):
    found = ls.inspect(pl.DataFrame({"tags": tags}), labels="tags")
    assert found.one_label_each is alone


def test_a_cell_that_is_no_state_is_listed_and_not_raised():
    found = ls.inspect(pl.DataFrame({"a": ["1", "0", "perhaps"], "b": ["0", "1", "1"]}), labels=["a", "b"])
    assert "got 'perhaps' in row 2" in found.refusals[0]
    assert (found.call, found.readings.height) == ("", 0)


def test_a_long_table_is_gathered_by_the_one_way_out_that_its_refusal_names():
    rows = [(item, label, value) for item in ("p", "q", "r") for label, value in (("cat", 1), ("dog", 0))]
    table = pl.DataFrame(rows, schema=["picture_id", "label_name", "there"], orient="row")
    found = ls.inspect(table)
    assert found.arguments["labels"] == "label_name"
    (way,) = remedies_of(found.refusals[0], ARGUMENTS)
    assert run(ls.inspect(table, **{**found.arguments, **way}).call, table=table).n_items == 3


SEVERAL = {
    "words for yes and no of another language": ({"boats": ["Ja", "Nein"] * 9, "music": ["Nein", "Ja", "Ja"] * 6}, ["boats", "music"]),
    "shares in per cent": ({"boats": ["85%", "3%"] * 9, "music": ["9 %", "70 %", "5 %"] * 6}, ["boats", "music"]),
    "counts of votes are no labels": ({"boats": ["5", "0", "3"] * 6, "music": ["1", "2", "4"] * 6}, None),
    "a first and a second label": ({"first_label": [*"abc"] * 6, "second_label": ["b", "", "a"] * 6}, ["first_label", "second_label"]),
    "options and those that were accepted": ({"options": [["a", "b"]] * 18, "accept": [["a"], ["b"], []] * 6}, "accept"),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "labels"), SEVERAL.values(), ids=SEVERAL)
def test_labels_are_proposed_with_all_their_columns_or_not_at_all(columns, labels):
    table = pl.DataFrame({"id": range(18), "text": [f"a text of number {k}" for k in range(18)], **columns})
    assert ls.inspect(table).arguments.get("labels") == labels


def test_raters_of_states_are_seen_before_their_numbers_are_taken_for_a_label():
    rows = [(k, r, k % 2, (k + r) % 2) for k in range(12) for r in range(3)]
    table = pl.DataFrame(rows, schema=["id", "rater_id", "boats", "music"], orient="row")
    found = ls.inspect(table)
    assert (found.arguments["labels"], found.arguments["rater"]) == (["boats", "music"], "rater_id")
    assert found.call


def test_labels_that_were_guessed_are_read_as_those_that_are_named(tmp_path):
    """What is in the label column of some tools depends on which column that is."""
    options = [{"id": name, "text": name} for name in ("boats", "food", "music")]
    lines = [
        {"text": f"text {k} of many words", "options": options, "accept": ["boats", "food"] if k % 2 else ["music"], "answer": answer}
        for k, answer in enumerate(["accept", "reject", "ignore", "accept"] * 5)
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    guessed, named = ls.inspect(tmp_path / "t.jsonl"), ls.inspect(tmp_path / "t.jsonl", labels="accept")
    assert guessed.call == named.call
    assert guessed.readings.equals(named.readings)
    assert guessed.readings["n_positive"][0] == int(ls.read(tmp_path / "t.jsonl", labels="accept").labels.n_positive.sum()) == 15


def test_a_column_of_values_that_is_not_there_is_refused_in_one_line():
    table = pl.DataFrame({"item_id": ["a", "a"], "label": ["cat", "dog"], "value": [1, 0]})
    with pytest.raises(ls.DataError, match="values: expected a column of the table, got 'gone'; the table has"):
        ls.inspect(table, labels="label", values="gone")
