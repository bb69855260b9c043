"""What was chosen for a table, kept for the next time."""

from __future__ import annotations

import json

import polars as pl
import pytest

from labelscope import labextension
from labelscope.labextension.choices import arguments_of, choices_of, keep, kept
from labelscope.labextension.messages import Choices


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    pl.DataFrame({"text": ["a b", "c d"], "labels": ["x;y", "y"]}).write_csv(path)
    return path


def test_arguments_and_choices_are_the_same_thing_twice():
    arguments = {"labels": "tags", "text": "body", "labels_delimiter": "", "missing": [], "features": ["age"]}
    assert arguments_of(choices_of(arguments)) == arguments
    assert arguments_of(Choices(labels="tags", text=["title", "body"], ledger="x.sqlite")) == {"labels": "tags", "text": ["title", "body"]}


def test_it_is_kept_beside_the_table_or_else_in_the_user_s_folder(table, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    chosen = Choices(labels="labels", text=["text"], labels_delimiter=";")
    beside = table.with_name("t.csv.labelscope")
    beside.write_text("no folder")
    keep(table, chosen)
    assert kept(table) == chosen
    beside.unlink()
    keep(table, Choices(labels="text"))
    assert kept(table) == Choices(labels="text")
    assert json.loads((beside / "columns.json").read_text()) == {"labels": "text"}


@pytest.mark.parametrize("note", ["", "[]", '{"labels": 3}', '{"labels": []}', '{"labels": "gone"}', '{"labels": "labels", "colour": 1}'])
def test_a_choice_that_no_longer_fits_is_forgotten(table, note):
    folder = table.with_name("t.csv.labelscope")
    folder.mkdir()
    (folder / "columns.json").write_text(note)
    assert labextension.answer({"ask": "look", "path": str(table)})["chosen"] is None


def test_a_choice_of_an_earlier_version_is_understood(table):
    folder = table.with_name("t.csv.labelscope")
    folder.mkdir()
    (folder / "columns.json").write_text('{"labels": "labels", "text": "text", "image": null, "id": null}')
    assert arguments_of(kept(table)) == {"labels": "labels", "text": "text"}
