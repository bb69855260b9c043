"""The commands as a script calls them: exit status, the files of the contract, one line for bad input, nothing half-written."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.cli.app import app
from labelscope.cli.scan import FILES as NAMED

FILES = {
    "summary.json", "labels.parquet", "cells.parquet", "items.parquet", "suggestions.parquet", "pseudo_labels.parquet",
    "cooccurrence.parquet", "relations.parquet", "report.html",
}  # fmt: skip


def run(*arguments, cwd):
    command = [sys.executable, "-c", "from labelscope.cli.app import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A small table with embeddings that separate its two topics, and two wrong rows."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    topic = np.arange(300) % 2
    np.save(folder / "x.npy", (rng.normal(size=(300, 6)) * 0.3 + np.where(topic, 2, -2)[:, None]).astype(np.float32))
    labels = [["sport", "ball"] if t else ["music"] for t in topic]
    labels[0], labels[1] = ["sport", "ball"], ["music"]
    words = ["goal and ball" if t else "a song" for t in topic]
    frame = pl.DataFrame({"id": [f"r{k}" for k in range(300)], "text": words, "labels": labels, "weight": rng.random(300)})
    frame.write_parquet(folder / "table.parquet")
    return folder


@pytest.fixture(scope="module")
def scanned(table):
    done = run(
        "scan", "table.parquet", "--labels", "labels", "--text", "text", "--id", "id", "--embeddings", "x.npy", "--out", "out", cwd=table
    )
    assert done.returncode == 0, done.stderr
    return table / "out"


def test_scan_writes_the_files_of_the_contract(scanned):
    assert {p.name for p in scanned.iterdir()} >= FILES
    summary = json.loads((scanned / "summary.json").read_text())
    assert summary["counts"]["n_items"] == 300
    assert summary["counts"]["n_labels"] == 3
    assert set(summary["stages"]["predict"]) == {"seconds", "peak_memory_mib"}
    assert {"fingerprint", "seed", "versions"} <= summary.keys()
    assert not [p for p in scanned.parent.iterdir() if p.name.startswith(".out")]


def test_the_planted_errors_are_the_first_suggestions(scanned):
    cells = pl.read_parquet(scanned / "cells.parquet")
    assert set(cells.head(5)["item_id"]) == {"r0", "r1"}


def test_the_report_needs_nothing_from_elsewhere(scanned):
    html = (scanned / "report.html").read_text()
    assert "<script" not in html
    assert 'src="http' not in html
    assert "@import" not in html


def test_what_breaks_the_taxonomy_is_listed_and_suggested(table, tmp_path):
    frame = pl.read_parquet(table / "table.parquet")
    broken = [["ball"] if row == 7 else labels for row, labels in enumerate(frame["labels"].to_list())]
    frame.with_columns(labels=pl.Series(broken)).write_parquet(tmp_path / "table.parquet")
    (tmp_path / "tree.csv").write_text("parent,child\nsport,ball\n")
    given = ("--labels", "labels", "--id", "id", "--embeddings", table / "x.npy", "--taxonomy", "tree.csv")
    done = run("scan", "table.parquet", *given, "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    violations = pl.read_parquet(tmp_path / "out/violations.parquet")
    assert violations.select("item_id", "label", "action").rows() == [("r7", "sport", "add")]
    suggested = pl.read_parquet(tmp_path / "out/suggestions.parquet").filter(item_id="r7", label="sport")
    assert suggested["reason"].str.contains("implied by 'ball'", literal=True).all()
    assert suggested.height == 1
    assert pl.read_parquet(tmp_path / "out/batches.parquet").columns[:2] == ["batch_id", "title"]


def test_export_changes_the_accepted_cells_only(scanned):
    done = run("export", "out", "--to", "fixed.parquet", "--accept-above", "0", cwd=scanned.parent)
    assert done.returncode == 0, done.stderr
    before, after = (pl.read_parquet(scanned.parent / name) for name in ("table.parquet", "fixed.parquet"))
    assert after.schema == before.schema
    assert after.drop("labels").equals(before.drop("labels"))
    changed = (before["labels"].list.join(",") != after["labels"].list.join(",")).arg_true().to_list()
    lines = [json.loads(line) for line in (scanned.parent / "fixed.parquet.changes.jsonl").read_text().splitlines()]
    assert set(changed) == {int(line["item_id"][1:]) for line in lines}
    assert {0, 1} & set(changed)


def test_a_preview_says_how_many_changes_each_threshold_would_make_and_writes_nothing(scanned):
    before = sorted(scanned.parent.iterdir())
    done = run("export", "out", "--preview", cwd=scanned.parent)
    assert done.returncode == 0, done.stderr
    n = pl.read_parquet(scanned / "suggestions.parquet").filter(pl.col("confidence") >= 0.5).height
    assert f"{n:,} at 0.5" in " ".join(done.stderr.split())
    assert sorted(scanned.parent.iterdir()) == before
    refused = run("export", "out", cwd=scanned.parent)
    assert refused.returncode == 2
    assert "--preview" in refused.stderr


def test_formulas_are_escaped_or_kept_as_asked(table, tmp_path):
    frame = pl.read_parquet(table / "table.parquet").with_columns(text=pl.lit("=1+1"), labels=pl.col("labels").list.join(","))
    frame.write_csv(tmp_path / "table.csv")
    done = run(
        "scan",
        "table.csv",
        "--labels",
        "labels",
        "--labels-delimiter",
        ",",
        "--id",
        "id",
        "--embeddings",
        table / "x.npy",
        "--out",
        "out",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    for option, text in (((), "=1+1"), (("--keep-formulas",), "=1+1"), (("--escape-formulas",), "'=1+1")):
        assert run("export", "out", "--to", "fixed.csv", *option, cwd=tmp_path).returncode == 0
        assert set(pl.read_csv(tmp_path / "fixed.csv")["text"]) == {text}


def test_report_is_written_again(scanned):
    done = run("report", "out", "--to", "again.html", cwd=scanned.parent)
    assert done.returncode == 0, done.stderr
    assert (scanned.parent / "again.html").stat().st_size > 10_000


def test_export_refuses_a_table_that_changed(scanned, tmp_path):
    other = tmp_path / "table.parquet"
    pl.read_parquet(scanned.parent / "table.parquet").head(200).write_parquet(other)
    folder = tmp_path / "out"
    folder.mkdir()
    for path in scanned.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    summary = json.loads((folder / "summary.json").read_text())
    summary["input"] |= {"path": str(other)}
    del summary["input"]["embeddings"]
    (folder / "summary.json").write_text(json.dumps(summary))
    done = run("export", folder, "--to", "fixed.parquet", cwd=tmp_path)
    assert done.returncode == 2
    assert "as it was when it was scanned" in done.stderr


BAD = {
    "missing column": (["table.parquet", "--labels", "tags"], "tags"),
    "missing file": (["none.parquet", "--labels", "labels"], "none.parquet"),
    "wrong shape": (["table.parquet", "--labels", "labels", "--embeddings", "short.npy"], "shape"),
    "not finite": (["table.parquet", "--labels", "labels", "--embeddings", "nan.npy"], "finite"),
    "not a probability": (["table.parquet", "--labels", "labels", "--probabilities", "p.npy"], r"[0, 1]"),
    "duplicate ids": (["table.parquet", "--labels", "labels", "--id", "text"], "unique"),
    "empty table": (["empty.csv", "--labels", "labels"], "empty"),
    "truncated": (["cut.parquet", "--labels", "labels"], "cut.parquet"),
    "votes for nobody": (["table.parquet", "--labels", "labels", "--id", "id", "--votes", "votes.csv"], "r999"),
    "cycle": (["table.parquet", "--labels", "labels", "--taxonomy", "cycle.csv"], "cycle"),
}


@pytest.fixture(scope="module")
def broken(table):
    np.save(table / "short.npy", np.zeros((10, 3)))
    np.save(table / "nan.npy", np.full((300, 3), np.nan))
    np.save(table / "p.npy", np.full((300, 3), 1.5))
    (table / "empty.csv").write_text("id,labels\n")
    (table / "cut.parquet").write_bytes((table / "table.parquet").read_bytes()[:500])
    (table / "votes.csv").write_text("item_id,rater,label,value\nr999,ann,sport,1\n")
    (table / "cycle.csv").write_text("parent,child\nsport,ball\nball,sport\n")
    return table


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gives_one_line_status_2_and_nothing_written(broken, case):
    arguments, words = BAD[case]
    before = {p.name for p in broken.iterdir()}
    done = run("scan", *arguments, "--out", "bad", cwd=broken)
    assert done.returncode == 2, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("labelscope: ")
    assert words in last
    assert "Traceback" not in done.stderr
    assert {p.name for p in broken.iterdir()} == before


def test_a_failed_scan_leaves_no_folder_on_the_way(broken):
    done = run("scan", "none.parquet", "--labels", "labels", "--out", "new/deep/out", cwd=broken)
    assert done.returncode == 2
    assert not (broken / "new").exists()


def test_a_folder_that_is_no_scan_is_left_alone(table):
    keep = table / "keep"
    keep.mkdir(exist_ok=True)
    (keep / "thesis.txt").write_text("years of work")
    done = run("scan", "table.parquet", "--labels", "labels", "--embeddings", "x.npy", "--out", "keep", cwd=table)
    assert done.returncode == 2
    assert (keep / "thesis.txt").read_text() == "years of work"


@pytest.fixture
def reviewed(scanned, tmp_path, monkeypatch):
    """A scanned table with all that lies beside it, a ledger with one decision, and the scan; it is the current folder."""
    for name in ("table.parquet", "x.npy"):
        (tmp_path / name).write_bytes((scanned.parent / name).read_bytes())
    pl.DataFrame({"item_id": ["r3"], "rater": ["ann"], "label": ["ball"], "value": [1]}).write_csv(tmp_path / "votes.csv")
    monkeypatch.chdir(tmp_path)
    called(*SCAN, "--id", "id", "--votes", "votes.csv", "--out", "out")
    session = ls.Session(ls.read("table.parquet", labels="labels", id="id"))
    session.edit("r0", "music", 1)
    session.close()
    return tmp_path


def called(*arguments):
    """A command in this process, which raises what the command line says in one line."""
    app(list(arguments), standalone_mode=False)


def contents(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm", "-journal"))]
    return {path.relative_to(folder): path.read_bytes() for path in files}


SCAN = ("scan", "table.parquet", "--labels", "labels", "--embeddings", "x.npy")
LEDGER = "table.parquet.labelscope/ledger.sqlite"
LOSING = {
    "the input in the folder of a scan": (("scan", "out/table.parquet", *SCAN[2:], "--out", "out"), "the table"),
    "the input and its ledger in the folder": ((*SCAN, "--out", "."), "the table"),
    "a person's folder with some summary.json": ((*SCAN, "--out", "thesis"), "the mark of labelscope"),
    "the ledger's folder": ((*SCAN, "--out", "table.parquet.labelscope"), "the mark of labelscope"),
    "a page on the input": (("publish", "out", "--out", "table.parquet"), "the input is never overwritten"),
    "a page on the votes": (("publish", "out", "--out", "votes.csv"), "which is the votes"),
    "a page on the embeddings": (("publish", "out", "--out", "x.npy"), "which is the embeddings"),
    "a page on the ledger": (("publish", "out", "--out", LEDGER), "which is a ledger"),
    "a page on a table of the scan": (("publish", "out", "--out", "out/cells.parquet"), "which belongs to a scan"),
    "a report on the input": (("report", "out", "--to", "table.parquet"), "the input is never overwritten"),
    "a report on the votes": (("report", "out", "--to", "votes.csv"), "which is the votes"),
    "a report on the ledger": (("report", "out", "--to", LEDGER), "which is a ledger"),
    "an export on the input": (("export", "out", "--to", "table.parquet"), "the input is never overwritten"),
    "an export on the votes": (("export", "out", "--to", "votes.csv"), "which is the votes"),
    "an export on the suggestions": (("export", "out", "--to", "out/suggestions.parquet"), "which belongs to a scan"),
}


def test_no_output_takes_the_place_of_what_somebody_needs(reviewed):
    (reviewed / "thesis").mkdir()
    (reviewed / "thesis" / "summary.json").write_text("{}")
    (reviewed / "thesis" / "chapter.txt").write_text("years of work")
    (reviewed / "out" / "table.parquet").write_bytes((reviewed / "table.parquet").read_bytes())
    before = contents(reviewed)
    for arguments, words in LOSING.values():
        with pytest.raises(ls.DataError, match=words):
            called(*arguments)
        assert contents(reviewed) == before, arguments


def test_a_scan_again_keeps_what_a_person_put_beside_its_results(reviewed):
    out = reviewed / "out"
    (out / "notes.md").write_text("mine")
    called("report", "out")  # written into the scan's own folder, which stays its own
    called(*SCAN, "--id", "id", "--seed", "7", "--out", "out")
    assert (out / "notes.md").read_text() == "mine"
    assert json.loads((out / "summary.json").read_text())["seed"] == 7
    (out / "nutrition_label.md").write_text("a better text")
    with pytest.raises(ls.DataError, match=r"a changed nutrition_label\.md"):
        called(*SCAN, "--id", "id", "--out", "out")
    assert (out / "nutrition_label.md").read_text() == "a better text"


def test_a_scan_writes_no_file_that_it_does_not_name(scanned):
    assert {path.name for path in scanned.iterdir()} - {".labelscope.json"} <= NAMED


def test_version_and_help(tmp_path):
    assert run("--version", cwd=tmp_path).stdout.strip().count(".") == 2
    shown = run("scan", "-h", cwd=tmp_path)
    assert shown.returncode == 0
    assert "--unlisted" in shown.stdout
