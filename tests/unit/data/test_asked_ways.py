"""Ways of writing labels that programs use without saying so: each is read right, or asked about in a line whose advice reads it right."""

from __future__ import annotations

import ast
import json
import re
import warnings

import polars as pl
import pytest

import labelscope as ls
from labelscope.data.inspection import ARGUMENTS
from labelscope.data.remedies import remedies_of
from labelscope.errors import DataError, ReadingWarning

NAMES = ["boats", "coding", "food", "music", "sport"]
SETS = [["boats", "coding"], ["food"], ["music", "sport"], ["boats"], ["coding", "food", "music"], ["sport"], [], ["boats", "sport"],
        ["music"], ["coding"], ["boats", "food", "sport"], ["coding", "music"]] * 2  # fmt: skip
SOME = [names for names in SETS if names]
KEPT = {name: [int(name in names) for names in SETS] for name in NAMES}


def states(table, labels, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)
        ds = ls.read(table, labels=labels, **options)
    return dict(zip(ds.label_names, ds.labels.dense().T.tolist(), strict=True))


def line_of(table, labels, **options):
    with pytest.raises(DataError) as caught:
        states(table, labels, **options)
    return str(caught.value)


def wide(present, absent, names=NAMES):
    said = {name: [present(name) if name in row else absent for row in SETS] for name in names}
    return pl.DataFrame({name: pl.Series(cells, strict=False) for name, cells in said.items()})


def one(write, rows=SETS):
    return pl.DataFrame({"y": pl.Series([write(row) for row in rows], strict=False)})


def positives(rows, name=str):
    return {name(label): [int(label in row) for row in rows] for label in sorted({label for row in rows for label in row})}


@pytest.mark.parametrize(("yes", "no"), [("WAHR", "FALSCH"), ("VRAI", "FAUX"), ("✓", "✗"), ("sí", "no"), ("да", "нет"), ("是", "否")])
def test_yes_and_no_of_other_languages(yes, no):
    assert states(wide(lambda _: yes, no), NAMES) == KEPT


def test_a_column_that_says_its_own_name_or_0(tmp_path):
    table = wide(lambda name: name, "0")
    assert states(table, NAMES) == KEPT
    table.write_csv(tmp_path / "t.csv")
    ds = ls.read(tmp_path / "t.csv", labels=NAMES)
    session = ls.Session(ds, ledger=tmp_path / "l.sqlite")
    session.edit(ds.item_ids[1], "boats", 1)
    session.export(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[2] == "boats,0,food,0,0"


@pytest.mark.parametrize(
    ("present", "absent", "advice"),
    [
        (1, 2, {"labels_format": "states:1"}),
        ("iya", "tidak", {"labels_format": "states:iya"}),
        ("0,9", "0,1", {"labels_format": "scores"}),
        ("1", "#N/A", {"labels_format": "marks"}),
    ],
)
def test_values_that_may_mean_two_things_are_asked_about(present, absent, advice):
    table = wide(lambda _: present, absent)
    assert advice in remedies_of(line_of(table, NAMES), ARGUMENTS)
    assert states(table, NAMES, **advice) == KEPT


@pytest.mark.parametrize(("yes", "no"), [(1, 2), ("iya", "tidak")])
def test_an_edit_writes_the_values_that_were_named(yes, no, tmp_path):
    table = wide(lambda _: yes, no)
    ds = ls.read(table, labels=NAMES, labels_format=f"states:{yes}")
    session = ls.Session(ds, ledger=tmp_path / "l.sqlite")
    session.edit(0, "food", 1)
    session.edit(0, "boats", 0)
    session.export(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").row(0) == (no, yes, yes, no, no)


def test_a_value_that_is_named_for_present_must_be_there_beside_one_other():
    table = wide(lambda _: "3", "2").with_columns(boats=pl.Series(["9", *["2"] * (len(SETS) - 1)]))
    assert "write 1 and 0" in line_of(table, NAMES, labels_format="states:3")
    assert "write 1 and 0" in line_of(wide(lambda _: "1", "2"), NAMES, labels_format="states:7")


def test_a_row_of_totals_is_no_item():
    table = wide(lambda _: "1", "0")
    sums = pl.DataFrame({name: [str(sum(of))] for name, of in KEPT.items()})
    assert "last row alone" in line_of(pl.concat([table, sums]), NAMES)


def test_ids_in_columns_that_are_called_alike_are_asked_about_and_minus_one_fills_them_up(tmp_path):
    ids = {name: str(k + 2) for k, name in enumerate(NAMES)}
    rows = [[ids[name] for name in row] + ["-1"] * (3 - len(row)) for row in SETS]
    table = pl.DataFrame({f"label_{k}": [row[k] for row in rows] for k in range(3)})
    assert {"labels_format": "columns"} in remedies_of(line_of(table, table.columns), ARGUMENTS)
    assert states(table, table.columns, labels_format="columns") == positives(SETS, ids.get)
    ds = ls.read(table.cast(pl.Int64), labels=table.columns, labels_format="columns")
    session = ls.Session(ds, ledger=tmp_path / "l.sqlite")
    session.edit(0, "2", 0)
    session.edit(1, "2", 1)
    session.export(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").rows()[:2] == [(-1, 3, -1), (4, 2, -1)]


@pytest.mark.parametrize("mark", ["__", "_", ".", "..", "@", "$", "*", "!", "?", "\\", ">", "="])
def test_a_mark_that_is_common_in_names_is_asked_about_where_its_parts_recur(mark):
    table = one(mark.join, SOME)
    assert {"labels_delimiter": mark} in remedies_of(line_of(table, "y"), ARGUMENTS)
    assert states(table, "y", labels_delimiter=mark) == positives(SOME)


def test_names_with_such_marks_are_one_label_where_their_parts_do_not_recur():
    names = ["cs.AI", "v1.2", "new_york", "what?", "C*", "a@b", "R$", "x>y"]
    assert set(states(pl.DataFrame({"y": names * 3}), "y")) == set(names)


@pytest.mark.parametrize(("letters", "others"), [("ABCDE", {}), ("12345", {}), ("😀😂😡😢🎉", {})])
def test_labels_of_one_letter_are_asked_about(letters, others, tmp_path):
    of = dict(zip(NAMES, letters, strict=True))
    table = one(lambda row: "".join(of[name] for name in row), SOME)
    assert {"labels_format": "letters"} in remedies_of(line_of(table, "y", **others), ARGUMENTS)
    assert states(table, "y", labels_format="letters") == positives(SOME, of.get)
    session = ls.Session(ls.read(table, labels="y", labels_format="letters"), ledger=tmp_path / "l.sqlite")
    session.edit(0, of["sport"], 1)
    session.export(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["y"][0] == "".join(of[name] for name in ("boats", "coding", "sport"))


def test_few_texts_of_letters_are_asked_about_too():
    assert "labels_format='letters'" in line_of(pl.DataFrame({"y": ["ABC", "BC", "C", "A", "AB", "A"] * 5}), "y")


def test_blood_types_are_names():
    assert set(states(pl.DataFrame({"y": ["A", "B", "AB", "O"] * 5}), "y")) == {"A", "B", "AB", "O"}


def test_two_blanks_join_names_that_hold_one():
    names = {"boats": "Team sport", "coding": "Live music", "food": "boats", "music": "food", "sport": "Old towns"}
    assert states(one(lambda row: "  ".join(names[name] for name in row)), "y") == positives(SETS, names.get)


def test_a_line_end_behind_a_comma_is_a_blank():
    assert states(one(",\n".join), "y") == KEPT


@pytest.mark.parametrize(
    ("cells", "advice"),
    [
        ([0.1, 0.9] * 6, {"labels_format": "scores"}),
        (["1", "-1"] * 6, {"labels_format": "plus_minus_one"}),
        (["b'boats;food'", "b'food'", "b'boats'"] * 4, {"labels_format": "single"}),
        (["11010", "1", "100", "1001", "10"] * 4, {"labels_format": "single"}),
        (["none", "boats;food", "food"] * 4, {"empty": ["none"]}),
        ([2, -1, 0] * 4, {"missing": ["-1"]}),
        ([{"a": 1, "b": None}, {"a": None, "b": 1}] * 4, {"labels_format": "keys"}),
    ],
)  # fmt: skip
def test_a_column_that_may_be_something_else_is_asked_about(cells, advice):
    table = pl.DataFrame({"y": [str(cell) if isinstance(cell, float) else cell for cell in cells]})
    assert advice in remedies_of(line_of(table, "y"), ARGUMENTS)
    states(table, "y", **advice)


def test_null_in_an_object_is_absent_where_it_is_said_so(tmp_path):
    table = one(lambda row: json.dumps({name: 1 if name in row else None for name in NAMES}))
    assert states(table, "y", labels_format="keys") == KEPT
    assert states(table, "y", labels_format="scores")["boats"] == [1 if "boats" in row else -1 for row in SETS]
    session = ls.Session(ls.read(table, labels="y", labels_format="keys"), ledger=tmp_path / "l.sqlite")
    session.edit(0, "food", 1)
    session.edit(0, "boats", 0)
    session.export(tmp_path / "out.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadingWarning)
        after = states(tmp_path / "out.parquet", "y", labels_format="keys")
    assert [name for name in NAMES if after[name][0] == 1] == ["coding", "food"]


def test_objects_that_say_yes_and_no_are_no_names():
    table = one(lambda row: json.dumps({name: "yes" if name in row else "no" for name in NAMES}))
    assert "write true and false" in line_of(table, "y")


def test_lists_of_python_2():
    assert states(one(lambda row: "[" + ", ".join(f"u'{name}'" for name in row) + "]"), "y") == KEPT


def test_names_that_differ_in_blanks_are_kept_apart_and_told_in_few_lines():
    table = one(lambda row: str([name if k == 0 else f" {name}" for k, name in enumerate(row)]))
    with pytest.warns(ReadingWarning, match="differ in case or blanks alone.*so do 3 more pairs") as told:
        ls.read(table, labels="y")
    assert len(told) == 1


@pytest.mark.parametrize(("name", "plain"), [("Live%20music", "Live music"), ("caf\\u00e9", "café"), ("cafÃ©", "café")])
def test_codes_in_names_are_told(name, plain):
    with pytest.warns(ReadingWarning, match="kept as it is written") as told:
        ls.read(one(lambda row: [name if label == "boats" else label for label in row]), labels="y")
    assert repr(plain) in str(told[0].message)


def test_an_id_0_that_is_never_beside_another_is_told():
    table = one(lambda row: " ".join(str(NAMES.index(name) + 1) for name in row) or "0")
    with pytest.warns(ReadingWarning, match=r"empty=\['0'\]"):
        ls.read(table, labels="y")
    assert "0" not in states(table, "y", empty=["0"])


def test_ids_from_1_take_the_names_of_a_list_from_1():
    table = one(lambda row: " ".join(str(NAMES.index(name) + 1) for name in row))
    said = re.search(r"label_names=(\{.*?\})", line_of(table, "y", label_names=NAMES))
    assert states(table, "y", label_names=ast.literal_eval(said[1])) == KEPT


def test_a_comment_among_names_is_no_name(tmp_path):
    (tmp_path / "names.txt").write_text("# my classes\nboats\nfood\n")
    assert "remove that line" in line_of(one(";".join), "y", label_names=str(tmp_path / "names.txt"))


def test_lists_beside_lists_of_their_scores_are_asked_about():
    table = pl.DataFrame({"labels": [NAMES] * len(SETS), "scores": [[0.9 if name in row else 0.1 for name in NAMES] for row in SETS]})
    assert remedies_of(line_of(table, "labels"), ARGUMENTS) == [{"labels_format": "list"}]
    assert line_of(table, "labels") in ls.inspect(table, labels="labels").refusals


@pytest.mark.parametrize(
    "head",
    [
        "id,Q1\n1,boats;food\n",
        'id,Q1\nResponse ID,Which of these?\n"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}"\n',
        "id,Q1\nRespondent,Which of these?\n",
    ],
)
def test_headings_below_the_header_are_no_items(tmp_path, head):
    records = "".join(f"{k},{';'.join(row)}\n" for k, row in enumerate(SOME, 10))
    (tmp_path / "t.csv").write_text(head + records)
    if "1,boats" in head:
        assert len(states(tmp_path / "t.csv", "Q1")["boats"]) == len(SOME) + 1
        return
    line = line_of(tmp_path / "t.csv", "Q1")
    assert "from the file" in line
    assert line in ls.inspect(tmp_path / "t.csv", labels="Q1").refusals
    if "ImportId" in head:
        assert line in ls.inspect(tmp_path / "t.csv").refusals


def test_a_header_in_the_middle_of_a_file_is_no_item(tmp_path):
    part = "id,y\n" + "".join(f"{k},{';'.join(row)}\n" for k, row in enumerate(SETS))
    (tmp_path / "t.csv").write_text(part + part)
    assert f"the header line again in record {len(SETS) + 1}" in line_of(tmp_path / "t.csv", "y")


def test_the_ids_of_sparse_text_are_labels_also_where_all_are_0_and_1(tmp_path):
    (tmp_path / "t.txt").write_text("4 2 2\n0,1 0:1\n1,0 1:1\n0,1 0:2\n1,0 1:2\n")
    assert states(tmp_path / "t.txt", "labels") == {"0": [1] * 4, "1": [1] * 4}


@pytest.mark.parametrize("answer", ["because {}", "I think that it is good because of reason {}"])
def test_answers_in_free_words_are_no_labels(tmp_path, answer):
    records = [{"id": k, "fields": {"text": f"text {k}"}, "responses": {"why": [{"value": answer.format(k), "status": "submitted"}]}}
               for k in range(30)]  # fmt: skip
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, records)))
    assert "expected labels that recur" in line_of(tmp_path / "t.jsonl", "why")


def test_a_manifest_with_one_class_an_item_has_its_name(tmp_path):
    lines = [{"source-ref": f"{k}.jpg", "y": k % 3, "y-metadata": {"class-name": NAMES[k % 3], "confidence": 0.6}} for k in range(12)]
    (tmp_path / "t.manifest").write_text("\n".join(map(json.dumps, lines)) + "\n")
    ds = ls.read(tmp_path / "t.manifest", labels="y")
    assert ds.label_names == ("boats", "coding", "food")
    session = ls.Session(ds, ledger=tmp_path / "l.sqlite")
    session.edit(0, "food", 1)
    session.edit(0, "boats", 0)
    session.export(tmp_path / "out.manifest")
    first = json.loads((tmp_path / "out.manifest").read_text().splitlines()[0])
    assert (first["y"], first["y-metadata"]) == (2, {"class-name": "food", "confidence": 0.6})
