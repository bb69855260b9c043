"""What the JupyterLab extension asks the kernel: guesses, what was chosen, refusals in words."""

from __future__ import annotations

import json

import polars as pl
import pytest

from labelscope import labextension
from labelscope.data.read import read
from labelscope.errors import DataError
from labelscope.session import Session


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "comments.parquet"
    frame = pl.DataFrame({"item_id": ["a", "b"], "text": ["one two", "three four"], "labels": [["x"], ["y"]], "note": ["n", None]})
    frame.write_parquet(path)
    return path


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        ({"item_id": ["a", "b"], "text": ["a b", "c d"], "labels": [["x"], []]}, ("labels", "text", None, "item_id")),
        ({"uid": [1, 2], "title": ["a b", "c d"], "genres": [["x"], []], "votes": [[1], [2]]}, ("genres", "title", None, "uid")),
        ({"user_id": [1, 1], "words": ["a b", "c d"], "tags": ["x;y", "y"]}, ("tags", "words", None, None)),
        ({"comment": ["a b", "c d"], "toxic": [0, 1], "insult": [1, None]}, (["toxic", "insult"], "comment", None, None)),
        ({"file": ["a.png", "b.JPG"], "found": ['["x"]', "[]"]}, ("found", None, "file", None)),
        ({"short": ["a", "b"], "long": ["some more words", "and more of them"], "y": ["x", "y"]}, ("y", "long", None, None)),
        ({"number": [1.5, 2.5]}, (None, None, None, None)),
        ({"Text": ["a b", None], "LABELS": [["x"], None]}, ("LABELS", "Text", None, None)),
        ({"flag": [0, 1], "text": ["a b", "c d"]}, (None, "text", None, None)),
    ],
)
def test_guesses(columns, guess):
    found = labextension.guess_columns(pl.DataFrame(columns))
    assert (found["labels"], found["text"], found["image"], found["id"]) == guess


@pytest.mark.parametrize("suffix", ["parquet", "csv", "tsv", "jsonl", "arrow"])
def test_every_format_is_looked_into(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    frame = pl.DataFrame({"text": ["one, two", "three four"], "labels": ["x;y", "y"]})
    writers = {"parquet": frame.write_parquet, "csv": frame.write_csv, "jsonl": frame.write_ndjson, "arrow": frame.write_ipc}
    writers.get(suffix, lambda place: frame.write_csv(place, separator="\t"))(path)
    look = labextension.look(path)
    assert [column["name"] for column in look["columns"]] == ["text", "labels"]
    assert look["columns"][0]["sample"] == "one, two"
    assert (look["guess"]["labels"], look["chosen"], look["open"]) == ("labels", None, False)


def test_an_answer_is_json_and_a_refusal_is_one_line(tmp_path, table):
    answer = labextension.answer({"ask": "look", "path": str(table)})
    assert json.loads(json.dumps(answer))["protocol"] == labextension.PROTOCOL
    (tmp_path / "broken.parquet").write_bytes(table.read_bytes()[:50])
    for request, words in [
        ({"ask": "look", "path": str(tmp_path / "none.csv")}, "none.csv"),
        ({"ask": "look", "path": str(tmp_path / "broken.parquet")}, "broken.parquet"),
        ({"ask": "open", "path": str(table), "labels": "nothing"}, "nothing"),
        ({"ask": "open", "path": str(table), "labels": None}, "choose one"),
        ({"ask": "sing"}, "sing"),
    ]:
        error = labextension.answer(request)["error"]
        assert words in error
        assert "\n" not in error


def test_what_was_chosen_is_kept_beside_the_ledger_and_the_folder_stands_for_its_table(table):
    pytest.importorskip("anywidget")
    if not built():
        pytest.skip("the front end is not built")
    answer = labextension.answer({"ask": "open", "path": str(table), "labels": "labels", "text": "text", "image": "", "id": None})
    assert (answer["title"], answer["n_items"], answer["n_labels"]) == ("comments.parquet", 2, 2)
    folder = table.with_name("comments.parquet.labelscope")
    look = labextension.look(folder)
    assert look["chosen"] == {"labels": "labels", "text": "text", "image": None, "id": None}
    assert look["open"]
    app = labextension.app(folder)
    assert app.dataset.item_ids[0] == "a"
    again = labextension.open_table(table, labels="labels")
    assert labextension.app(table) is again
    assert not [path for path in folder.iterdir() if path.suffix == ".part"]
    app.wait(20)
    again.wait(20)
    again.close()


def built():
    return (labextension.Path(labextension.__file__).parent / "widgets" / "static" / "explorer.js").is_file()


def test_what_was_prepared_is_what_is_opened_and_nothing_is_written_before(table):
    pytest.importorskip("anywidget")
    if not built():
        pytest.skip("the front end is not built")
    columns = {"labels": "labels", "text": "text", "image": None, "id": None}
    assert "error" not in labextension.answer({"ask": "prepare", "path": str(table), **columns})
    prepared = labextension._prefetched[table][1]
    labextension.prepare(table, **columns)
    assert labextension._prefetched[table][1] is prepared  # the same columns: it goes on
    assert not table.with_name("comments.parquet.labelscope").exists()
    app = labextension.open_table(table, **columns)
    assert app.session is prepared.take()
    assert table not in labextension._prefetched
    labextension.prepare(table, labels="note")
    other = labextension.open_table(table, **columns)  # other columns than were prepared
    assert other.dataset.label_names == ("x", "y")
    assert other.session is not app.session
    app.wait(20)
    other.wait(20)
    other.close()


def test_a_preparation_that_fails_is_told_at_the_opening(table):
    assert "error" not in labextension.answer({"ask": "prepare", "path": str(table), "labels": "nothing"})
    assert "nothing" in labextension.answer({"ask": "open", "path": str(table), "labels": "nothing"})["error"]
    assert "choose one" in labextension.answer({"ask": "prepare", "path": str(table)})["error"]


def test_columns_are_described_in_words(tmp_path):
    frame = pl.DataFrame({
        "labels": [[], ["x", "y"]], "n": [1, 2], "share": [0.5, 1.0], "on": [True, False],
        "raw": [b"abc", b""], "words": ["", "a\nb"], "none": [None, None],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "t.parquet")
    found = {of["name"]: (of["type"], of["sample"]) for of in labextension.look(tmp_path / "t.parquet")["columns"]}
    assert found == {
        "labels": ("lists of text", "x, y"), "n": ("numbers", "1"), "share": ("numbers", "0.5"), "on": ("yes or no", "True"),
        "raw": ("bytes", "3 bytes"), "words": ("text", "a b"), "none": ("nothing", ""),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "a.csv to be a table in CSV, got an empty file; write it again"),
        ("a.jsonl", b'{"text": "a"}\n{"text"\n', "JSON Lines, got something else in line 2; mend"),
        ("a.jsonl", b'{"text": "a"}\n\n[1]\n', "line 3"),
        ("a.parquet", b"PAR1 and no more", "a Parquet file, got "),
        ("a.arrow", b"ARROW1 and no more", "cut off"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="; ") as caught:
        labextension.look(tmp_path / name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "kept", ["", "[]", '{"labels": 3}', '{"labels": []}', '{"labels": "gone"}', '{"labels": "labels", "text": ["text"]}']
)
def test_a_choice_that_no_longer_fits_is_forgotten(table, kept):
    folder = table.with_name("comments.parquet.labelscope")
    folder.mkdir()
    (folder / "columns.json").write_text(kept)
    assert labextension.look(table)["chosen"] is None


def test_a_table_that_changed_is_refused_with_the_offer_to_carry_its_decisions_over(tmp_path):
    path = tmp_path / "t.csv"
    table = pl.DataFrame({"id": ["a", "b", "c"], "labels": ["x;y", "y", "x"]})
    table.write_csv(path)
    columns = {"path": str(path), "labels": "labels", "id": "id"}
    session = Session(read(path, labels="labels", id="id"))
    session.edit("b", "x", 1)
    session.close()
    table.reverse().write_csv(path)
    refused = json.loads(json.dumps(labextension.answer({"ask": "open", **columns})))
    assert refused["carry"]["counts"] == {"kept": 1}
    assert refused["carry"]["command"] in refused["error"]
    assert labextension.answer({"ask": "carry", "dry_run": True, **columns})["counts"] == {"kept": 1}
    assert "carry" in labextension.answer({"ask": "open", **columns})
    carried = labextension.answer({"ask": "carry", **columns})
    assert refused["carry"]["to"] in carried["line"]
    assert Session(read(path, labels="labels", id="id")).state("b", "x") == 1


def test_an_explorer_that_is_not_open_is_refused(table):
    with pytest.raises(DataError, match="open it first"):
        labextension.app(table)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl", "arrow"])
def test_a_name_is_neither_a_pattern_nor_a_home_directory(tmp_path, monkeypatch, suffix):
    monkeypatch.chdir(tmp_path)
    for name, label in ((f"~[1]*.{suffix}", "ours"), (f"~1x.{suffix}", "another's")):  # the first, read as a pattern, is the second
        frame = pl.DataFrame({"text": ["a b", "c d"], "labels": [label, label]})
        writer = {"parquet": frame.write_parquet, "csv": frame.write_csv, "jsonl": frame.write_ndjson, "arrow": frame.write_ipc}[suffix]
        with open(name, "wb") as file:  # noqa: PTH123 - a path would be read as a pattern
            writer(file)
    answer = labextension.answer({"ask": "look", "path": f"~[1]*.{suffix}"})
    assert answer["columns"][1]["sample"] == "ours"
