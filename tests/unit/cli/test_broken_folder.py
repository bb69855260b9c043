"""A folder of a scan that was damaged is refused in one line that says what to do; never a traceback."""

from __future__ import annotations

import json
import random
import shutil

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.cli.export import export
from labelscope.cli.publish import publish
from labelscope.cli.report import report
from labelscope.cli.scan import scan

SUMMARIES = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "a list": lambda _: "[1]",
    "a text": lambda _: '"input"',
    "nothing": lambda _: "null",
    "no keys": lambda _: "{}",
    "deep": lambda _: "[" * 200_000 + "]" * 200_000,
    "digits": lambda _: "9" * 10_000,
    "path of a number": lambda text: _with(text, path=5),
    "path with a zero": lambda text: _with(text, path="a\0b"),
    "path that is gone": lambda text: _with(text, path="/nowhere/table.csv"),
    "path without end": lambda text: _with(text, path="a" * 100_000),
    "path that is a folder": lambda text: _with(text, path="/"),
    "option that is none": lambda text: _with(text, colour="x"),
    "labels of a number": lambda text: _with(text, labels=5),
    "labels that are not there": lambda text: _with(text, labels="other"),
    "labels of lists": lambda text: _with(text, labels=[["a"], {"b": 1}]),
    "text of a list": lambda text: _with(text, text=["a", 5]),
    "format of an object": lambda text: _with(text, format={"a": 1}),
    "embeddings that are gone": lambda text: _with(text, embeddings="/nowhere/x.npy"),
    "input of a text": lambda text: json.dumps({**json.loads(text), "input": "x"}),
    "fingerprint of a number": lambda text: json.dumps({**json.loads(text), "fingerprint": 1}),
    "fingerprint of another table": lambda text: json.dumps({**json.loads(text), "fingerprint": "0" * 40}),
    "seed of a text": lambda text: json.dumps({**json.loads(text), "seed": "x"}),
    "skipped of a list": lambda text: json.dumps({**json.loads(text), "skipped": ["x"]}),
}
TABLES = {
    "cells": lambda table: table.drop("flagged"),
    "items": lambda table: table.rename({"item_id": "id"}),
    "suggestions": lambda table: table.with_columns(pl.col("item_id").cast(pl.Int64, strict=False)),
    "labels": lambda table: table.with_columns(scored=pl.lit("yes")),
    "map": lambda table: table.head(3),
}


def _with(text, /, **options):
    summary = json.loads(text)
    return json.dumps({**summary, "input": {**summary["input"], **options}})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    kinds = np.arange(60) % 2
    rows = [f"i{k},{'ball goal' if kind else 'song note'} {k},{'sport' if kind else 'music'}" for k, kind in enumerate(kinds)]
    (folder / "table.csv").write_text("id,words,tags\n" + "\n".join(rows) + "\n")
    np.save(folder / "x.npy", np.random.default_rng(0).normal(size=(60, 4)) + 4 * kinds[:, None])
    scan(folder / "table.csv", labels=["tags"], id="id", embeddings=folder / "x.npy", out=folder / "out")
    return folder / "out"


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "out")


def _refused(command):
    with pytest.raises(ls.LabelscopeError) as caught:
        command()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 1000
    assert "expected" in message
    assert ";" in message


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_broken_summary_is_one_line(folder, name):
    place = folder / "summary.json"
    place.write_text(SUMMARIES[name](place.read_text()))
    _refused(lambda: report(folder))
    if "seed" not in name and "skipped" not in name:
        _refused(lambda: export(folder, to=folder.parent / "new.csv"))
    _refused(lambda: publish(folder, out=folder.parent / "page.html"))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_with_other_columns_or_items_is_one_line(folder, name):
    place = folder / f"{name}.parquet"
    TABLES[name](pl.read_parquet(place)).write_parquet(place)
    _refused(lambda: report(folder))
    _refused(lambda: publish(folder, out=folder.parent / "page.html"))


@pytest.mark.parametrize("name", [*TABLES, "batches", "pseudo_labels", "abstained"])
def test_a_damaged_table_is_one_line(folder, name):
    place, draw = folder / f"{name}.parquet", random.Random(name)  # noqa: S311 - no secret: the same damage every time
    content = place.read_bytes()
    for broken in (b"", b"PAR1", content[: draw.randrange(len(content))], content[:-8] + draw.randbytes(8)):
        place.write_bytes(broken)
        _refused(lambda: report(folder))
    if name != "map":
        place.unlink()
        _refused(lambda: report(folder))


def test_a_damaged_card_is_one_line(folder):
    for broken in (b"{", b"\xff\xfe", b"[" * 100_000):
        (folder / "nutrition_label.json").write_bytes(broken)
        _refused(lambda: report(folder))
