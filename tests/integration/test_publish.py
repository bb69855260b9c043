"""The command `publish` as a script calls it: a scan with its decisions, and one line for bad input."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.cli.folder import load_dataset
from labelscope.cli.scan_tables import load_frame
from labelscope.suggest.relabel import Suggestions


def run(*arguments, cwd):
    command = [sys.executable, "-c", "from labelscope.cli.app import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def header(path):
    block = gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', path.read_text("utf-8"))[1]))
    return json.loads(block[8 : 8 + int.from_bytes(block[:8], "little")])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A scan of a small table, of which the first suggestion was accepted."""
    folder = tmp_path_factory.mktemp("publish")
    rng = np.random.default_rng(0)
    topic = np.arange(200) % 2
    np.save(folder / "x.npy", (rng.normal(size=(200, 6)) * 0.3 + np.where(topic, 2, -2)[:, None]).astype(np.float32))
    labels = [["sport", "ball"] if t else ["music"] for t in topic]
    labels[0], labels[1] = ["sport", "ball"], ["music"]
    texts = [f"words {k}" for k in range(200)]
    pl.DataFrame({"key": [f"r{k}" for k in range(200)], "text": texts, "labels": labels}).write_parquet(folder / "t.parquet")
    done = run(
        "scan", "t.parquet", "--labels", "labels", "--text", "text", "--id", "key", "--embeddings", "x.npy", "--out", "out", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    dataset = load_dataset(folder / "out")
    suggestions = Suggestions(load_frame(folder / "out", "suggestions", dataset))
    session = ls.Session(dataset, suggestions=suggestions, reviewer="ann")
    session.accept(suggestions.frame["suggestion_id"][0])
    session.close()
    return folder


def test_a_scan_is_published_with_its_decisions(folder):
    done = run("publish", "out", "--out", "page.html", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert re.search(r"page\.html: 200 items, 0\.\d MB\.", done.stderr)
    found = header(folder / "page.html")
    assert found["title"] == "t.parquet"
    assert [(said["verdict"], said["reviewer"], said["suggested"]) for said in found["decisions"]] == [("accepted", "ann", True)]
    assert found["texts"][3] == "words 3"
    assert len(found["arrays"]["near_items"]) == 3


def test_options_leave_out_texts_ids_and_items(folder):
    done = run(
        "publish", "out", "--out", "small.html", "--no-texts", "--max-items", 20, "--redact", "key", "--redact", "reviewer", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert "20 of 200 items" in done.stderr
    found = header(folder / "small.html")
    assert len(found["ids"]) == 20
    assert not any(found["texts"])
    shown = re.sub(r"base64,[^\"]*", "", (folder / "small.html").read_text("utf-8").split('id="data"')[0].split('id="still"')[1])
    assert "item 1<" in shown
    assert not re.search(r"words \d|\br\d+\b|\bann\b", shown + json.dumps(found))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["absent", "--out", "x.html"],
            "labelscope: DIR: expected a folder that `labelscope scan` wrote, got absent; scan the table first",
        ),
        (
            ["out", "--out", "x.html", "--redact", "labels"],
            "labelscope: redact: expected another column than 'labels', which holds the labels",
        ),
        (["out", "--out", "no/x.html"], "labelscope: publish: expected to write no/x.html, but there is no such folder; make it first"),
        (["no.ipynb", "--out", "x.html"], "labelscope: publish: expected a Jupyter notebook, got no.ipynb"),
        (["no.ipynb", "--out", "x.html", "--no-texts"], "labelscope: publish: expected no further option for a notebook"),
    ],
)
def test_bad_input_is_one_line(folder, arguments, line):
    done = run("publish", *arguments, cwd=folder)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith(line)
    assert not (folder / "x.html").exists()
