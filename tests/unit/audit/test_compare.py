"""What a repair was worth: two tables, a table and its ledger, and the page that says it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.cli import app as cli
from labelscope.export.comparison_page import write_comparison

NAMES = ["cat", "dog", "<i>tree</i>"]
N = 400


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A table with wrong labels, and the same repaired; ids, and vectors from which the labels can be learnt."""
    folder = tmp_path_factory.mktemp("compare")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 5)).astype(np.float32)
    truth = (x[:, :3] > 0.5).astype(np.int8)
    given = np.where(rng.random(truth.shape) < 0.15, 1 - truth, truth).astype(np.int8)
    given[:7, 0] = -1
    ids = [f"i{k:03d}" for k in range(N)]
    np.save(folder / "x.npy", x)
    for name, states in (("old", given), ("new", truth)):
        cells = [["" if state < 0 else str(state) for state in row] for row in states.tolist()]
        rows = [[i, *row] for i, row in zip(ids, cells, strict=True)]
        pl.DataFrame(rows, schema=["id", *NAMES], orient="row").write_csv(folder / f"{name}.csv")
    old = ls.Dataset.from_arrays(given, label_names=NAMES, item_ids=ids, embeddings=x)
    new = ls.Dataset.from_arrays(truth, label_names=NAMES, item_ids=ids, embeddings=x)
    return SimpleNamespace(folder=folder, old=old, new=new, given=given, truth=truth, ids=ids)


def test_changed_cells_are_counted_by_kind_and_label_whatever_the_order(world):
    shuffle = np.random.default_rng(1).permutation(N)
    new = ls.Dataset.from_arrays(world.truth[shuffle][:, ::-1], label_names=NAMES[::-1], item_ids=[world.ids[k] for k in shuffle])
    told = ls.compare(world.old, new, downstream=False)
    was, now = world.given, world.truth
    assert told.counts == {
        "added": int(((was == 0) & (now == 1)).sum()),
        "removed": int(((was == 1) & (now == 0)).sum()),
        "decided": 7,
        "unset": 0,
    }
    assert told.cells.height == (was != now).sum()
    row = told.frame.filter(label="cat").row(0, named=True)
    assert row["n_changed"] == (was[:, 0] != now[:, 0]).sum()
    back = ls.compare(new, world.old, downstream=False)
    assert back.counts["unset"] == 7


def test_items_and_labels_of_one_version_alone_are_named(world):
    part = ls.Dataset.from_arrays(world.truth[5:, :2], label_names=["cat", "cow"], item_ids=world.ids[5:])
    told = ls.compare(world.old, part, downstream=False)
    assert (told.n_items, told.n_labels) == (N - 5, 1)
    assert told.only_old == {"items": tuple(world.ids[:5]), "labels": ("dog", "<i>tree</i>")}
    assert told.only_new == {"items": (), "labels": ("cow",)}


def test_what_cannot_be_compared_is_refused(world):
    numbered = ls.Dataset.from_arrays(world.truth[:9], label_names=NAMES)
    with pytest.raises(ls.DataError, match="400 and 9 rows without ids; name the column of the ids"):
        ls.compare(world.old, numbered)
    other = ls.Dataset.from_arrays(world.truth, label_names=["a", "b", "c"], item_ids=world.ids)
    with pytest.raises(ls.DataError, match="expected labels that both versions have, got none"):
        ls.compare(world.old, other)
    with pytest.raises(ls.DataError, match="name its label column with labels="):
        ls.compare(str(world.folder / "old.csv"), world.new)
    with pytest.raises(ls.LedgerError):
        ls.compare(world.old, world.new, ledger=world.folder / "nothing.sqlite")


def test_the_model_is_fitted_on_both_labels_and_the_repaired_ones_are_better(world):
    told = ls.compare(world.old, world.new)
    value = {(row["trained_on"], row["judged_by"]): row["value"] for row in told.model.filter(metric="f1").iter_rows(named=True)}
    assert value["new", "new"] > value["old", "new"]
    assert told.better.startswith("the new labels make the better model: F1 on the new labels changes by +0.")
    same = ls.compare(world.old, world.old)
    assert "not decided which labels make the better model" in same.better
    bare = ls.Dataset.from_arrays(world.given, label_names=NAMES, item_ids=world.ids)
    assert any(note.startswith("No model was fitted: ") for note in ls.compare(bare, bare).notes)


def test_errors_before_and_after_by_an_audit_that_took_no_part(world):
    item, label = np.divmod(np.flatnonzero(world.given.ravel() >= 0), 3)
    cells = pl.DataFrame({
        "item_id": np.array(world.ids)[item], "label": np.array(NAMES)[label], "state": world.truth[item, label], "inclusion": 1.0,
    })  # fmt: skip
    half = np.where(np.arange(N)[:, None] < 200, world.truth, world.given)
    errors = ls.compare(
        world.old, ls.Dataset.from_arrays(half, label_names=NAMES, item_ids=world.ids), audited=cells, downstream=False
    ).errors
    wrong = (world.given != world.truth) & (world.given >= 0)
    row = errors.filter(kind="all").row(0, named=True)
    assert (row["before"], row["after"]) == (wrong.sum(), wrong[200:].sum())
    assert errors.filter(kind="missing")["before"][0] == (wrong & (world.truth == 1)).sum()


@pytest.fixture
def review(world, tmp_path):
    """A session with an audit of 150 cells, all decided rightly, 40 cells mended beside it, and 10 accepted unseen."""
    session = ls.Session(world.old, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    frame = session.audit(150).frame
    audited = set(frame.select("item_id", "label").rows())
    session.edit_all((i, k, int(world.truth[world.ids.index(i), NAMES.index(k)])) for i, k in audited)
    rows, columns = np.nonzero((world.given >= 0) & (world.given != world.truth))
    wrong = [(world.ids[r], NAMES[c], int(world.truth[r, c])) for r, c in zip(rows, columns, strict=True)]
    rest = [cell for cell in wrong if cell[:2] not in audited]
    session.edit_all(rest[:40])
    session.accept_all(rest[40:50], source="a list")
    yield session
    session.close()


def test_a_table_and_its_ledger_tell_errors_model_and_effort(world, review, tmp_path):
    told = ls.compare(world.old, tmp_path / "ledger.sqlite")
    wrong = int(((world.given != world.truth) & (world.given >= 0)).sum())
    n_mended = told.cells.height
    row = told.errors.filter(kind="all").row(0, named=True)
    assert row["before_low"] <= wrong <= row["before_high"]
    assert row["after_low"] <= wrong - n_mended <= row["after_high"]
    assert row["after"] == pytest.approx(row["before"] - n_mended)
    assert row["after_high"] == row["before_high"] - (n_mended - 10) + 10  # of those accepted unseen nobody knows
    assert told.effort.rows() == [("ann", 200, 200, pytest.approx(told.effort["minutes"][0]))]
    assert told.model["judged_by"].unique(maintain_order=True).to_list() == ["old", "new", "truth"]
    assert told.frame["n_changed"].sum() == n_mended


def test_the_page_holds_everything_once_and_no_markup_of_the_data(world, review, tmp_path):
    told = ls.compare(world.old, tmp_path / "ledger.sqlite")
    write_comparison(tmp_path / "page.html", told, name="<b>pets</b>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for words in (
        "cells wrong before",
        "Model before and after",
        "Changed cells by label",
        "Effort by reviewer",
        "the truth, by the audit",
    ):
        assert words in page
    assert "<i>tree" not in page
    assert "<b>pets" not in page
    assert "http" not in page.replace("http-equiv", "")
    facts = json.loads((tmp_path / "page.json").read_text(encoding="utf-8"))
    assert facts["changed"]["all"] == told.cells.height
    assert {row["kind"] for row in facts["errors"]} == {"all", "spurious", "missing"}


def run(monkeypatch, capsys, *words):
    """Exit status and the line on the error stream of the command."""
    monkeypatch.setattr("sys.argv", ["labelscope", *map(str, words)])
    status = 0
    try:
        cli.main()
    except SystemExit as left:
        status = left.code
    return status, capsys.readouterr().err


def test_the_command_writes_a_page_and_its_json(world, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    labels = [f"--labels={name}" for name in NAMES]
    files = [world.folder / "old.csv", world.folder / "new.csv"]
    status, said = run(monkeypatch, capsys, "compare", *files, *labels, "--id=id", f"--embeddings={world.folder / 'x.npy'}")
    assert status == 0, said
    assert "cells changed" in said
    assert (tmp_path / "comparison.html").stat().st_size > 10_000
    assert json.loads((tmp_path / "comparison.json").read_text())["model"]
    status, said = run(monkeypatch, capsys, "compare", *files, *labels, "--id=id", f"--out={files[0]}")
    assert status == 2
    assert "expected another file than the input" in said
    status, said = run(monkeypatch, capsys, "compare", files[0], tmp_path / "none.csv", *labels)
    assert status == 2
    assert said.splitlines()[-1].startswith("labelscope: new: expected an existing file, got ")
