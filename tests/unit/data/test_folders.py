"""A folder of results: the earlier one stands until the new one is whole, also where the run dies, and other files stay."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest

from labelscope.data.folders import new_folder, repair_folder
from labelscope.errors import DataError

FILES = {"a.txt", "b.txt"}


def run(place, text, meanwhile=lambda: None, **options):
    with new_folder(place, name="--out", files=FILES, **options) as folder:
        for name in sorted(FILES):
            (folder / name).write_text(text)
            meanwhile()


def texts(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file() and path.name != ".labelscope.json"}


@pytest.fixture
def place(tmp_path):
    run(tmp_path / "out", "old")
    return tmp_path / "out"


def test_a_new_run_replaces_what_the_earlier_one_wrote_and_keeps_the_rest(place):
    (place / "notes.md").write_text("mine")
    (place / "figures").mkdir()
    (place / "figures" / "a.txt").write_text("mine too")
    (place / "a.txt").unlink()
    run(place, "new")
    assert texts(place) == {"a.txt": "new", "b.txt": "new", "notes.md": "mine"}
    assert (place / "figures" / "a.txt").read_text() == "mine too"
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_files_that_no_run_writes_any_more_go(place):
    with new_folder(place, name="--out", files=FILES) as folder:
        (folder / "a.txt").write_text("new")
    assert texts(place) == {"a.txt": "new"}


def test_a_run_that_fails_changes_nothing(place):
    (place / "notes.md").write_text("mine")

    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(place, "half", fail)
    assert texts(place) == {"a.txt": "old", "b.txt": "old", "notes.md": "mine"}
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def refused(place, words, **options):
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    with pytest.raises(DataError, match=words):
        run(place, "new", **options)
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before
    assert not [path for path in place.parent.iterdir() if path.name.startswith(".")]


def test_what_a_person_changed_is_not_replaced(place):
    (place / "a.txt").write_text("improved")
    refused(place, r"got a changed a\.txt; move it away or choose another folder")
    (place / "a.txt").rename(place / "improved.txt")  # the remedy
    run(place, "new")
    assert texts(place) == {"a.txt": "new", "b.txt": "new", "improved.txt": "improved"}


def test_a_folder_without_a_mark_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    run(tmp_path / "out", "new")  # empty: nothing to lose
    (tmp_path / "out" / ".labelscope.json").unlink()
    (tmp_path / "out" / "summary.json").write_text("{}")
    refused(tmp_path / "out", "expected a new or empty folder, or one with the mark of labelscope")


def test_a_persons_file_in_the_way_is_refused_before_the_work(place):
    with new_folder(place, name="--out", files=FILES) as folder:
        (folder / "b.txt").write_text("old")
    (place / "a.txt").write_text("mine")
    with (
        pytest.raises(DataError, match=r"expected to write a\.txt, got one in .* that labelscope did not write"),
        new_folder(place, name="--out", files=FILES),
    ):
        pytest.fail("the work began")
    assert texts(place) == {"a.txt": "mine", "b.txt": "old"}


def test_a_file_that_comes_during_the_work_is_not_lost(place):
    with pytest.raises(DataError, match=r"got a changed b\.txt"):
        run(place, "new", lambda: (place / "b.txt").write_text("mine"))
    assert texts(place) == {"a.txt": "old", "b.txt": "mine"}


def test_inputs_and_ledgers_inside_are_refused(place, tmp_path):
    for name in ("table.csv", "deep/table.csv"):
        path = place / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
        refused(place, r"which holds the table table\.csv; choose another folder", inputs=[("the table", path)])
    door = tmp_path / "door"
    door.symlink_to(place, target_is_directory=True)
    refused(place, "which holds the votes", inputs=[("the votes", door / "table.csv")])
    refused(place, "which holds an image", inputs=[("an image", place / "deep" / "x.png")])
    ledger = place / "other.csv.labelscope" / "ledger.sqlite"
    ledger.parent.mkdir()
    with sqlite3.connect(ledger) as database:
        database.execute("create table x (y)")
    database.close()
    refused(place, "expected a folder without a ledger")
    refused(ledger.with_name("ledger.sqlite-journal"), "a name that the ledger ledger.sqlite needs")


def test_places_that_cannot_be_replaced_are_refused_at_once(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name, words in {
        "file": "expected a folder, got the file",
        "file/out": "there is a file in the place of its folder",
        "loop": "a link that leads back to itself",
        "here": "which holds the current one",
        "/": "a whole disk",
        "x" * 300: "is too long",
    }.items():
        with pytest.raises(DataError, match=words), new_folder(tmp_path / name, name="--out", files=FILES):
            pytest.fail("the work began")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "here", "loop"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link(tmp_path, there):
    (tmp_path / "disk").mkdir()
    link = tmp_path / "out"
    link.symlink_to("disk/results", target_is_directory=True)
    if there:
        run(tmp_path / "disk" / "results", "old")
    run(link, "new")
    assert link.is_symlink()
    assert texts(tmp_path / "disk" / "results") == {"a.txt": "new", "b.txt": "new"}
    assert [path.name for path in (tmp_path / "disk").iterdir()] == ["results"]


def test_one_run_at_a_time(place):
    with new_folder(place, name="--out", files=FILES) as folder:
        with pytest.raises(DataError, match="expected a folder that no other run is writing"), new_folder(place, name="--out", files=FILES):
            pytest.fail("the work began")
        repair_folder(place)  # takes nothing from a run at work
        (folder / "a.txt").write_text("new")
    assert texts(place) == {"a.txt": "new"}


DIES = """
import json, os, sys
from pathlib import Path
from labelscope.data.folders import new_folder, repair_folder

base = Path(sys.argv[1])
STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree", "open"}

def run(place, text, dies_at=0):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event in STEPS and str(base) in str(arguments[0]):
            seen += 1
            if seen == dies_at:
                os._exit(9)
    if dies_at:
        sys.addaudithook(hook)
    with new_folder(place, name="--out", files={"a.txt", "b.txt"}) as folder:
        for name in ("a.txt", "b.txt"):
            (folder / name).write_text(text)

def state(place):
    found = {path.name: path.read_text() for path in sorted(place.iterdir()) if path.name != ".labelscope.json"} if place.exists() else None
    return [found, sorted(path.name for path in place.parent.iterdir())]

for k in range(1, 200):
    place = base / str(k) / "out"
    run(place, "old")
    (place / "notes.md").write_text("mine")
    child = os.fork()
    if child == 0:
        run(place, "new", k)
        os._exit(0)
    died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    at_once = state(place)
    repair_folder(place)
    repaired = state(place)
    run(place, "newer")
    print(json.dumps([died, at_once, repaired, state(place)]))
    if not died:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_run_that_dies_at_any_step_leaves_old_or_new_results_whole(tmp_path):
    done = subprocess.run([sys.executable, "-c", DIES, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(steps) > 15
    assert steps[-1][0] == 0
    wholes = [{"a.txt": text, "b.txt": text} for text in ("old", "new")]
    seen = []
    for died, (found, _), (repaired, beside), last in steps:
        assert died in (0, 9)
        if found is not None:
            assert {name: text for name, text in found.items() if name != "notes.md"} in wholes
        assert repaired.pop("notes.md") == "mine"
        assert repaired in wholes
        assert beside == ["out"]
        assert last == [{"a.txt": "newer", "b.txt": "newer", "notes.md": "mine"}, ["out"]]
        seen.append(repaired["a.txt"])
    assert seen == sorted(seen, reverse=True)  # old results up to some step, new ones from there
    assert set(seen) == {"old", "new"}
