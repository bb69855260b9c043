"""The first rows of a table as text: every format, every type, names that are no patterns."""

from __future__ import annotations

import polars as pl
import pytest

from labelscope import labextension

WRITERS = {"parquet": "write_parquet", "csv": "write_csv", "jsonl": "write_ndjson", "arrow": "write_ipc"}


def look(path):
    return labextension.answer({"ask": "look", "path": str(path)})


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_is_looked_into(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    getattr(pl.DataFrame({"text": ["one, two", "three four"], "labels": ["x;y", "y"]}), WRITERS[suffix])(path)
    found = look(path)
    assert [column["name"] for column in found["columns"]] == ["text", "labels"]
    assert found["rows"][0] == [{"text": "one, two"}, {"text": "x;y"}]
    assert (found["n_rows"], found["chosen"], found["is_open"]) == (2, None, False)


def test_columns_and_cells_are_said_in_words(tmp_path):
    pl.DataFrame({
        "labels": [["x", "y"]], "n": [1], "on": [True], "raw": [b"abc"], "words": ["a\nb"], "none": [None], "long": ["x" * 5000],
        "image": [{"bytes": b"abc", "path": "a.png"}],
    }).write_parquet(tmp_path / "t.parquet")  # fmt: skip
    found = look(tmp_path / "t.parquet")
    types = [column["type"] for column in found["columns"]]
    assert types == ["lists of text", "numbers", "yes or no", "bytes", "text", "nothing", "text", "image"]
    cells = found["rows"][0]
    assert [cell["text"] for cell in cells[:6]] == ['["x", "y"]', "1", "True", "3 bytes", "a b", None]
    assert (len(cells[6]["text"]), len(cells[6]["full"])) == (120, 2000)
    assert cells[7]["text"] == "a.png"


def test_a_table_without_a_header_line_gets_names(tmp_path):
    (tmp_path / "t.csv").write_text("a b,x;y\nc d,y\n")
    found = labextension.answer({"ask": "look", "path": str(tmp_path / "t.csv"), "columns": ["column_1", "column_2"]})
    assert (found["n_rows"], [column["name"] for column in found["columns"]]) == (2, ["column_1", "column_2"])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "got an empty file"),
        ("a.jsonl", b'{"text": "a"}\n{"text"\n', "line 2"),
        ("a.jsonl", b'{"text": "a"}\n\n[1]\n', "line 3"),
        ("a.parquet", b"PAR1 and no more", "write or copy it again"),
        ("a.arrow", b"ARROW1 and no more", "write or copy it again"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    error = look(tmp_path / name)["error"]
    assert error.startswith(f"{name}: expected")
    assert words in error
    assert "\n" not in error


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_name_is_neither_a_pattern_nor_a_home_directory(tmp_path, monkeypatch, suffix):
    monkeypatch.chdir(tmp_path)
    for name, label in ((f"~[1]*.{suffix}", "ours"), (f"~1x.{suffix}", "another's")):  # the first, read as a pattern, is the second
        frame = pl.DataFrame({"text": ["a b", "c d"], "labels": [label, label]})
        with open(name, "wb") as file:  # noqa: PTH123 - a path would be read as a pattern
            getattr(frame, WRITERS[suffix])(file)
    assert look(f"~[1]*.{suffix}")["rows"][0][1] == {"text": "ours"}
