"""Cells that say more than names, as people and tools write them: read right, or refused with advice that works."""

from __future__ import annotations

import ast
import re

import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError, ReadingWarning
from labelscope.export.corrected import export_labels

ROWS = [["boats", "coding"], ["coding"], ["boats", "music"], ["music", "coding"], ["music"], ["boats", "coding", "music"], ["boats"]] * 2


def joined(write, between):
    return pl.DataFrame({"y": [between.join(write(k, name) for k, name in enumerate(row)) for row in ROWS]})


def positives(dataset):
    states = dataset.labels.dense()
    return [sorted(name for name, state in zip(dataset.label_names, row, strict=True) if state == 1) for row in states]


READ = {
    "numbers": (lambda k, name: f"{k + 1}. {name}", "; "),
    "numbers in one line": (lambda k, name: f"{k + 1}) {name}", " "),
    "numbers in brackets": (lambda k, name: f"({k + 1}) {name}", ", "),
    "lines with dashes": (lambda _, name: f"- {name}", "\n"),
    "bullets": (lambda _, name: f"• {name}", "\n"),
    "line breaks of HTML": (lambda _, name: name, "<br>"),
}


@pytest.mark.parametrize(("write", "between"), READ.values(), ids=READ)
def test_lists_of_people_are_read_and_written_in_their_way(write, between, tmp_path):
    table = joined(write, between)
    dataset = ls.read(table, labels="y")
    assert positives(dataset) == [sorted(row) for row in ROWS]
    edits = pl.DataFrame({"item_id": [0, 1], "label": ["boats", "music"], "before": [1, 0], "after": [0, 1]})
    export_labels(dataset, edits, tmp_path / "out.parquet")
    after = pl.read_parquet(tmp_path / "out.parquet")["y"]
    assert after[:2].to_list() == [write(0, "coding"), between.join([write(0, "coding"), write(1, "music")])]
    assert after[2:].to_list() == table["y"][2:].to_list()


def test_a_number_that_always_stands_before_one_name_is_part_of_it():
    codes = {"boats": 1, "coding": 2, "music": 3}
    dataset = ls.read(joined(lambda _, name: f"{codes[name]}. {name}", "; "), labels="y")
    assert dataset.label_names == ("1. boats", "2. coding", "3. music")


COMMAS = {"boats": "Boats, rivers", "coding": "Coding", "music": "Music, live"}
REFUSED = {
    "scores": joined(lambda k, name: f"{name}:0.{k + 4}{len(name)}", ";"),
    "answers": pl.DataFrame({"y": ["|".join(f"{name}={int(name in row)}" for name in COMMAS) for row in ROWS]}),
    "counts": joined(lambda k, name: f"{name} ({k + 1})", ", "),
    "denials": pl.DataFrame({"y": [",".join(name if name in row else f"not {name}" for name in COMMAS) for row in ROWS]}),
    "doubts": joined(lambda k, name: name + "?" * k, ";"),
    "entities": joined(lambda _, name: COMMAS[name].replace(",", " &amp;"), "; "),
    "lists in lists": pl.DataFrame({"y": [[";".join(row)] for row in ROWS]}),
    "brackets": pl.DataFrame({"y": ["(" + ")(".join(row) + ")" for row in ROWS]}),
    "enumerations": pl.DataFrame({"y": ["[" + ", ".join(f"<Topic.{name}: 1>" for name in row) + "]" for row in ROWS]}),
    "one number": pl.DataFrame({"y": ["1,204", "2,100", "1,100", "2,204"] * 4}),
    "options with commas": pl.DataFrame({"y": ["[" + ", ".join(COMMAS[name] for name in row) + "]" for row in ROWS]}),
    "answers to a task": pl.DataFrame({"y": [[{"task": "T0", "value": row}] for row in ROWS]}),
}


@pytest.mark.parametrize("table", REFUSED.values(), ids=REFUSED)
def test_what_is_more_than_a_name_is_refused_and_every_advice_works(table):
    with pytest.raises(DataError) as refusal:
        ls.read(table, labels="y")
    advice = re.findall(r"\b(label\w+)=('[^']*'|\[[^\]]*\])", str(refusal.value))
    assert advice
    for name, value in advice:
        assert ls.read(table, labels="y", **{name: ast.literal_eval(value)}).n_items == len(table)


def test_options_with_commas_in_lists_without_quotes_stay_whole_and_are_written_whole(tmp_path):
    dataset = ls.read(REFUSED["options with commas"], labels="y", label_names=list(COMMAS.values()))
    assert positives(dataset) == [sorted(COMMAS[name] for name in row) for row in ROWS]
    edits = pl.DataFrame({"item_id": [1], "label": ["Music, live"], "before": [0], "after": [1]})
    export_labels(dataset, edits, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["y"][1] == "[Coding, Music, live]"


TEXTS = {
    "frozen sets": lambda row: f"frozenset({{{', '.join(map(repr, row))}}})",
    "keys of a dictionary": lambda row: f"dict_keys({row})",
    "values of numpy": lambda row: "[" + ", ".join(f"np.str_({name!r})" for name in row) + "]",
}


@pytest.mark.parametrize("write", TEXTS.values(), ids=TEXTS)
def test_texts_of_python_are_read_and_written(write, tmp_path):
    dataset = ls.read(pl.DataFrame({"y": [write(row) for row in ROWS]}), labels="y")
    assert positives(dataset) == [sorted(row) for row in ROWS]
    edits = pl.DataFrame({"item_id": [1], "label": ["music"], "before": [0], "after": [1]})
    export_labels(dataset, edits, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["y"][1] == write(["coding", "music"])


STATES = {"plus and minus": ("+", "-"), "REDCap": ("Checked", "Unchecked"), "decimal commas": ("1,0", "0,0"), "words": ("oui", "non")}


@pytest.mark.parametrize(("yes", "no"), STATES.values(), ids=STATES)
def test_words_for_present_and_absent(yes, no, tmp_path):
    table = pl.DataFrame({name: [yes if name in row else no for row in ROWS] for name in COMMAS})
    dataset = ls.read(table, labels=list(COMMAS))
    assert positives(dataset) == [sorted(row) for row in ROWS]
    edits = pl.DataFrame({"item_id": [0, 1], "label": ["boats", "boats"], "before": [1, 0], "after": [0, 1]})
    export_labels(dataset, edits, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["boats"][:2].to_list() == [no, yes]


def test_a_dash_beside_a_cross_is_asked_for():
    table = pl.DataFrame({name: ["x" if name in row else "-" for row in ROWS] for name in COMMAS})
    with pytest.raises(DataError, match="labels_format='marks' if it is absent"):
        ls.read(table, labels=list(COMMAS))
    assert positives(ls.read(table, labels=list(COMMAS), labels_format="marks")) == [sorted(row) for row in ROWS]


def test_a_survey_with_a_column_of_other_answers_is_asked_for():
    table = pl.DataFrame({name: [name if name in row else "" for row in ROWS] for name in COMMAS})
    table = table.with_columns(Other=pl.Series(["", "my own", "another", *[""] * 11]))
    with pytest.raises(DataError, match="labels_format='marks'"):
        ls.read(table, labels=table.columns)
    assert ls.read(table, labels=table.columns, labels_format="marks").labels.dense()[:3, 3].tolist() == [0, 1, 1]


def test_a_negative_label_of_objects_without_zeros_loses_its_key_so_that_the_others_mean_what_they_meant(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"cats": {"a": 1.0, "b": 1.0}}\n{"cats": {"a": 1.0}}\n{"cats": {"b": 1.0}}\n', encoding="utf-8")
    dataset = ls.read(source, labels="cats")
    export_labels(dataset, pl.DataFrame({"item_id": [0], "label": ["b"], "before": [1], "after": [0]}), tmp_path / "out.jsonl")
    assert ls.read(tmp_path / "out.jsonl", labels="cats").labels.dense().tolist() == [[1, 0], [1, 0], [0, 1]]


def test_a_missing_key_beside_zeros_is_unknown_and_it_is_said():
    table = pl.DataFrame({"y": ['{"a": 1, "b": 0}', '{"a": 1}', '{"b": 1}']})
    with pytest.warns(ReadingWarning, match="does not have is read as unknown"):
        dataset = ls.read(table, labels="y")
    assert dataset.labels.dense().tolist() == [[1, 0], [1, -1], [-1, 1]]
