"""Every writer goes through the one place that keeps inputs and ledgers safe; a new one that forgets it fails here."""

from __future__ import annotations

import ast
import inspect
import os
import sqlite3
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import labelscope as ls
from labelscope.export.corrected import export_labels
from labelscope.export.notebook_page import publish_notebook

PACKAGE = Path(ls.__file__).resolve().parent
FRAMES = {"write_parquet", "write_csv", "write_ndjson", "write_json", "write_ipc", "write_ipc_stream", "write_excel"}
METHODS = {"write_text", "write_bytes", "NamedTemporaryFile", "mkstemp", "savefig", "write_image", "write_html", "unlink", "rmtree"}
FUNCTIONS = {"save", "savez", "savez_compressed", "copy", "copyfile", "copytree", "move", "rename", "replace", "remove", "rmdir"}
MODULES = {"os", "shutil", "np", "numpy"}
WHOLE = {
    "data/locks.py": "opens the files that data/files.py writes",
    "data/files.py": "the one place",
    "data/folders.py": "the same for folders",
    "data/replacement.py": "the renames of data/files.py, written down until all are done",
    "data/formats/packed.py": "a temporary folder of its own, to read from",
    "compute/cache.py": "its own folder, whose entries can be lost",
    "review/carried.py": "a new ledger, aside until it is whole",
    "review/recovery.py": "a new ledger, where nothing was",
    "review/sqlite_file.py": "a ledger that is made beside its place, and removed if it did not take it",
    "review/turns.py": "whose turn it is to write to a ledger",
    "stages/cache_warmup.py": "a temporary folder of its own, for another process",
    "labextension/choices.py": "the columns chosen for a table, in the ledger's folder",
}
OPENS = {"w", "a", "x", "+"}


def name_of(node: ast.AST | None) -> str:
    return getattr(node, "attr", "") or getattr(node, "id", "")


def writes(call: ast.Call) -> bool:
    """Whether a call writes or removes a file by its path; what is written to a file that was handed in does not count."""
    name = name_of(call.func)
    if name in FRAMES:
        return bool(call.args) and name_of(call.args[0]) not in {"file", "out"}
    if name == "open":
        values = [word.value for word in (*call.args, *(given.value for given in call.keywords)) if isinstance(word, ast.Constant)]
        return any(isinstance(value, str) and len(value) < 4 and bool(set(value) & OPENS) for value in values)
    return name in METHODS or (name in FUNCTIONS and name_of(getattr(call.func, "value", None)) in MODULES)


def writing_calls(tree: ast.AST) -> set[str]:
    return {name_of(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and writes(node)}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_files_are_written_in_one_place(path):
    if path.relative_to(PACKAGE).as_posix() not in WHOLE:
        assert writing_calls(ast.parse(path.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize(
    "code", ["p.write_text('')", "f.write_csv(path)", "open(p, 'w')", "p.open(mode='wb')", "np.save(p, x)", "p.unlink()"]
)
def test_what_writes_is_seen(code):
    assert writing_calls(ast.parse(code))


@pytest.mark.parametrize("code", ["f.write_csv()", "f.write_csv(file)", "p.open('rb')", "open(p)", "copy.copy(x)", "frame.rename(x)"])
def test_what_does_not_write_is_not(code):
    assert not writing_calls(ast.parse(code))


def takes_a_place(function: object) -> bool:
    return inspect.isfunction(function) and bool({"path", "folder", "to", "out"} & set(inspect.signature(function).parameters))


def public_functions() -> dict[str, object]:
    found: dict[str, object] = {}
    for name in ls.__all__:
        public = getattr(ls, name)
        found |= (
            {f"{name}.{key}": of for key, of in vars(public).items() if not key.startswith("_")}
            if inspect.isclass(public)
            else {name: public}
        )
    return found


def test_the_public_writers_are_those_tested_here():
    found = {name for name, function in public_functions().items() if takes_a_place(function)}
    writers = {"Explorer.export", "Explorer.publish", "Session.export", "publish", "write_demo", "write_rules"}
    assert found - {"read", "read_rules"} == writers


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A data set with everything that can come beside it, and a ledger under a name of its own."""
    folder = tmp_path_factory.mktemp("given")
    rng = np.random.default_rng(0)
    ids = [f"i{k}" for k in range(40)]
    Image.new("RGB", (4, 4)).save(folder / "pic.png")
    table = pl.DataFrame({"item_id": ids, "image": "pic.png", "labels": ["a;b", "b"] * 20})
    table.write_csv(folder / "table.csv")
    np.save(folder / "x.npy", rng.normal(size=(40, 3)))
    np.save(folder / "p.npy", rng.random((40, 2)))
    pl.DataFrame({"item_id": ["i1"], "rater": ["ann"], "label": ["a"], "value": [1]}).write_csv(folder / "votes.csv")
    (folder / "tree.csv").write_text("parent,child\na,b\n")
    (folder / "names.txt").write_text("a\nb\n")
    dataset = ls.read(
        folder / "table.csv", labels="labels", image="image", embeddings=folder / "x.npy", probabilities=folder / "p.npy",
        votes=folder / "votes.csv", taxonomy=folder / "tree.csv", label_names=folder / "names.txt",
    )  # fmt: skip
    session = ls.Session(dataset, ledger=folder / "decisions.db")
    session.edit("i0", "b", 0)
    session.close()
    (folder / "notebook.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    return folder, dataset


VICTIMS = ("table.csv", "pic.png", "x.npy", "p.npy", "votes.csv", "tree.csv", "names.txt", "decisions.db")
WRITERS = {
    "export_labels": lambda dataset, _, target: export_labels(dataset, pl.DataFrame(), target, format="csv"),
    "Session.export": lambda dataset, folder, target: ls.Session(dataset, ledger=folder / "decisions.db").export(target),
    "publish": lambda dataset, folder, target: ls.publish(ls.Session(dataset, ledger=folder / "decisions.db"), target),
    "publish_notebook": lambda _, folder, target: publish_notebook(target, folder / "notebook.ipynb"),
    "write_rules": lambda *given: ls.write_rules([ls.Rule("cats", "a", "cat")], given[2]),
    "Guideline.write": lambda dataset, _, target: ls.guideline(dataset, label="a").write(target),
}


ENDINGS = {"Session.export": ".csv", "Guideline.write": ".html"}


def suffixed(writer: str, folder: Path, name: str) -> Path:
    """A name for the file whose ending the writer takes: a link where its own will not do."""
    wanted = ENDINGS.get(writer, "")
    if Path(name).suffix.endswith(wanted):
        return folder / name
    link = folder / f"{writer}-{name}{wanted}"
    if not link.is_symlink():
        link.symlink_to(name)
    return link


@pytest.mark.skipif(sys.platform == "win32", reason="makes links")
@pytest.mark.parametrize("writer", WRITERS)
def test_no_writer_replaces_what_came_in(given, writer):
    folder, dataset = given
    for name in ("notebook.ipynb", "decisions.db") if writer == "publish_notebook" else VICTIMS:
        before = (folder / name).read_bytes()
        hard = folder / f"{writer}-{name}{ENDINGS.get(writer, '')}-hard{ENDINGS.get(writer, '')}"
        os.link(folder / name, hard)
        for target in (suffixed(writer, folder, name), hard):
            with pytest.raises(ls.DataError, match=r"expected another file than the input|expected a file that may be replaced"):
                WRITERS[writer](dataset, folder, target)
        assert (folder / name).read_bytes() == before
        hard.unlink()
    with sqlite3.connect(folder / "decisions.db") as database:
        assert database.execute("pragma quick_check").fetchone() == ("ok",)
    database.close()
