"""A name that no file can have, or a place that cannot be reached, is one line, wherever a path is given; nothing is written."""

import errno
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import labelscope as ls
from labelscope.cli.app import app
from labelscope.export.notebook_page import publish_notebook
from labelscope.labextension.choices import Choices
from labelscope.labextension.preview import look
from labelscope.labextension.tables import open_table
from labelscope.review.recovery import recover, survey

ODD = {"long": "x" * 300, "deep": "/".join(["y" * 200] * 30), "zero": "a\0b", "half": "a\ud800b"}
TABLE = pl.DataFrame({"id": ["1", "2", "3"], "text": ["x", "y", "z"], "labels": ["a;b", "b", "a"]})
PETS = ls.Dataset.from_arrays([[1, 0], [0, 1]] * 9, label_names=["cat", "dog"], embeddings=np.arange(54.0).reshape(18, 3) % 13)
RULE = ls.Rule("r", "a", "text")


def read(**beside):
    return ls.read(TABLE, labels="labels", id="id", text="text", **beside)


USES = {
    "table": lambda name: ls.read(name, labels="labels"),
    "several tables": lambda name: ls.read(f"{name}/*.csv", labels="labels"),
    "inspect": lambda name: ls.inspect(f"{name}.csv"),
    "carry from": lambda name: ls.carry(name, read(), labels="labels"),
    "carry to": lambda name: ls.carry("old.sqlite", f"{name}.csv", labels="labels"),
    "carry ledger": lambda name: ls.carry("old.sqlite", read(), ledger=name),
    "embeddings": lambda name: read(embeddings=f"{name}.npy"),
    "probabilities": lambda name: read(probabilities=f"{name}.npy"),
    "taxonomy": lambda name: read(taxonomy=f"{name}.csv"),
    "label_names": lambda name: read(label_names=f"{name}.txt"),
    "votes": lambda name: read(votes=f"{name}.csv"),
    "image_root": lambda name: ls.read(TABLE, labels="labels", image="text", image_root=name),
    "ledger": lambda name: ls.Session(read(), ledger=name),
    "ledger URL": lambda name: ls.Session(read(), ledger=f"sqlite:///{name}"),
    "explore ledger": lambda name: ls.explore(read(), ledger=name),
    "survey": survey,
    "recover to": lambda name: recover("old.sqlite", Path(name)),
    "read_rules": ls.read_rules,
    "write_rules": lambda name: ls.write_rules([RULE], f"{name}.json"),
    "write_demo": lambda name: ls.write_demo(name, 20),
    "export": lambda name: ls.Session(read(), ledger="ledger.sqlite").export(f"{name}.csv"),
    "publish": lambda name: ls.publish(read(), f"{name}.html"),
    "publish to": lambda name: publish_notebook(f"{name}.html", "some.ipynb"),
    "publish from": lambda name: publish_notebook("page.html", f"{name}.ipynb"),
    "guideline": lambda name: ls.guideline(PETS, label="cat").write(f"{name}.html"),
    "judge cache": lambda name: ls.judge(read(), pl.DataFrame({"item_id": ["1"], "label": ["a"]}), lambda *_: 1, cache=name),
    "model": lambda name: ls.Session(read(), model=name).embeddings,
    "JupyterLab opens": lambda name: open_table(name, Choices()),
    "JupyterLab looks": look,
}
COMMANDS = {
    "scan": lambda name: ["scan", name, "--labels", "labels", "--out", "out"],
    "scan --out": lambda name: ["scan", "table.csv", "--labels", "labels", "--out", name],
    "scan --embeddings": lambda name: ["scan", "table.csv", "--labels", "labels", "--out", "out", "--embeddings", f"{name}.npy"],
    "inspect": lambda name: ["inspect", name],
    "export": lambda name: ["export", name, "--to", "out.csv"],
    "report": lambda name: ["report", name],
    "publish": lambda name: ["publish", name, "--out", "out.html"],
    "publish a notebook": lambda name: ["publish", f"{name}.ipynb", "--out", "out.html"],
    "carry from": lambda name: ["carry", name, "table.csv", "--labels", "labels"],
    "carry to": lambda name: ["carry", "old.sqlite", name],
    "demo": lambda name: ["demo", "--out", name, "--no-notebook"],
    "ledger check": lambda name: ["ledger", "check", name],
    "ledger recover": lambda name: ["ledger", "recover", name],
    "ledger recover --to": lambda name: ["ledger", "recover", "old.sqlite", "--to", name],
    "rules apply": lambda name: ["rules", "apply", name, "--rules", "rules.json", "--out", "out.csv"],
    "rules apply --rules": lambda name: ["rules", "apply", "table.csv", "--rules", name, "--out", "out.csv"],
    "rules apply --out": lambda name: ["rules", "apply", "table.csv", "--rules", "rules.json", "--out", f"{name}.csv"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table, its ledger, rules, a notebook, and nothing else."""
    folder = tmp_path_factory.mktemp("names")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        fill()
    return folder


def fill():
    TABLE.write_csv("table.csv")
    ls.Session(read(), ledger="old.sqlite").edit("1", "a", 0)
    ls.write_rules([RULE], "rules.json")
    Path("some.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')


@pytest.fixture(autouse=True)
def nothing_new(folder, monkeypatch):
    monkeypatch.chdir(folder)
    there = sorted(folder.iterdir())
    yield
    assert sorted(folder.iterdir()) == there


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("use", USES)
def test_a_name_that_no_file_can_have_is_one_line(use, odd):
    with pytest.raises(ls.LabelscopeError, match=r"that a file can have") as refusal:
        USES[use](ODD[odd])
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize("odd", ["long", "deep"])  # a command line holds no zero byte, and each of its bytes has a character
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_so_too(command, odd):
    error = CliRunner().invoke(app, COMMANDS[command](ODD[odd])).exception
    assert isinstance(error, ls.LabelscopeError), error
    assert "that a file can have" in str(error)
    assert len(str(error).splitlines()) == 1
    assert len(str(error)) < 250


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"demo"}))  # which keeps everything inside its folder
def test_so_is_a_name_that_leaves_no_room_for_what_is_kept_beside_the_file(command):
    error = CliRunner().invoke(app, COMMANDS[command]("z" * 245)).exception
    assert isinstance(error, ls.LabelscopeError), error
    assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("use", [use for use in USES if use not in {"several tables", "ledger URL", "image_root"}])
def test_a_folder_that_may_not_be_entered_is_one_line(use, monkeypatch):
    def stat(path, *, follow_symlinks=True):
        if "closed" in os.fspath(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return looked_at(path, follow_symlinks=follow_symlinks)

    looked_at = os.stat
    monkeypatch.setattr(os, "stat", stat)
    with pytest.raises(ls.LabelscopeError, match=r"permission denied|Permission denied|PermissionError"):
        USES[use]("closed/table")


def test_a_name_of_any_bytes_is_a_name(folder):
    name = os.fsdecode(b"caf\xe9.npy")
    np.save(name, np.ones((3, 2)))
    assert read(embeddings=name).embeddings.shape == (3, 2)
    (folder / name).unlink()


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl", "json", "arrow"])
def test_a_name_that_would_be_a_pattern_is_a_name(tmp_path, ending):
    folder = tmp_path / "a[1]*{x}?"
    folder.mkdir()
    path = folder / f"~b[1]*{{x}}?.{ending}"
    frame = pl.DataFrame({"id": range(4), "labels": ["a,b", "b", "a", "b"]})
    write = {"parquet": frame.write_parquet, "csv": frame.write_csv, "jsonl": frame.write_ndjson, "json": frame.write_json}
    with path.open("wb") as file:
        write.get(ending, frame.write_ipc)(file)
    assert ls.read(path, labels="labels").n_items == 4
    assert ls.inspect(path).n_rows == 4
