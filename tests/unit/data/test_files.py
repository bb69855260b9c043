"""Files appear whole, keep their permissions and links, and never take the place of what somebody else needs."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from labelscope.data.files import add_to_mark, write_files
from labelscope.data.mark import MARK, read_mark, refuse_foreign
from labelscope.errors import DataError, LabelscopeWarning

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")


def put(path, text="new", *, name="export", inputs=()):
    write_files({path: lambda file: file.write(text.encode())}, name=name, inputs=inputs)


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(mode)
    put(path)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@POSIX
def test_a_new_file_has_the_permissions_of_new_files(tmp_path):
    (tmp_path / "plain").write_text("")
    put(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


@POSIX
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path, there):
    (tmp_path / "store").mkdir()
    if there:
        (tmp_path / "store" / "real.csv").write_text("old")
    link = tmp_path / "out.csv"
    link.symlink_to("store/real.csv")
    put(link)
    assert link.is_symlink()
    assert (tmp_path / "store" / "real.csv").read_text() == "new"
    assert listed(tmp_path / "store") == ["real.csv"]
    assert listed(tmp_path) == ["out.csv", "store"]


@POSIX
def test_what_no_file_can_replace_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    (tmp_path / "fixed").write_text("precious")
    (tmp_path / "fixed").chmod(0o444)
    before = listed(tmp_path)
    for target, words in {
        tmp_path / "pipe": "a device or a pipe",
        os.devnull: "a device or a pipe",
        tmp_path / "loop": "a link that leads back to itself",
        tmp_path / "folder": "it is a folder; add a file name",
        tmp_path / "fixed": "read-only",
        "no\0name": "a name that a file can have",
    }.items():
        with pytest.raises(DataError, match=f"report: expected .*{words}"):
            put(tmp_path / target, name="report")
    assert listed(tmp_path) == before
    assert (tmp_path / "fixed").read_text() == "precious"


def test_a_writer_that_fails_leaves_the_old_files_and_nothing_else(tmp_path):
    (tmp_path / "a").write_text("old")

    def fail(file):
        file.write(b"half")
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        write_files({tmp_path / "a": lambda file: file.write(b"new"), tmp_path / "b": fail}, name="export", inputs=())
    assert listed(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


KILLED = """
import os, sys
from pathlib import Path
from labelscope.data.files import write_files
write_files({Path(sys.argv[1]): lambda file: (file.write(b"half"), file.flush(), os._exit(9))}, name="export", inputs=())
"""


@POSIX
def test_what_a_killed_run_left_is_removed_by_the_next_and_what_a_living_one_writes_is_not(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    killed = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert killed.returncode == 9
    assert path.read_text() == "old"
    assert len(listed(tmp_path)) == 2

    def meanwhile(file):
        file.write(b"slow ")
        put(tmp_path / "other.csv")  # another run in the same folder while this one writes
        file.write(b"but whole")

    write_files({path: meanwhile}, name="export", inputs=())
    assert path.read_text() == "slow but whole"
    assert listed(tmp_path) == ["other.csv", "out.csv"]


KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from labelscope.data import files
folder, n = Path(sys.argv[1]), int(sys.argv[2])
rename = files.Part.rename
def kill(part):
    kill.n += 1
    if kill.n > n:
        os.kill(os.getpid(), signal.SIGKILL)
    rename(part)
kill.n = 0
files.Part.rename = kill
names = ["out.labels.jsonl", "out.changes.jsonl", "out.csv"]
files.write_files({folder / name: lambda file: file.write(b"new") for name in names}, name="export", inputs=())
"""
OUTPUTS = ("out.changes.jsonl", "out.csv", "out.labels.jsonl")


@pytest.fixture
def killed(tmp_path):
    """Runs that write three files and are killed after so many renames."""
    for name in OUTPUTS:
        (tmp_path / name).write_text("old")

    def run(n):
        assert subprocess.run([sys.executable, "-c", KILLED_BETWEEN, str(tmp_path), str(n)], check=False).returncode == -9
        return [(tmp_path / name).read_text() for name in OUTPUTS]

    return run


@POSIX
@pytest.mark.parametrize("n", [0, 1, 2])
def test_files_of_which_a_kill_left_some_old_are_all_new_once_anything_is_written_there(tmp_path, killed, n):
    assert killed(n).count("new") == n
    with pytest.warns(LabelscopeWarning, match="a program was killed while it replaced files; .*out.csv had been left over and took their"):
        put(tmp_path / "another.csv", "other")
    assert [(tmp_path / name).read_text() for name in OUTPUTS] == ["new"] * 3
    assert listed(tmp_path) == ["another.csv", *OUTPUTS]


@POSIX
def test_what_a_killed_run_would_replace_is_left_alone_where_it_has_become_an_input(tmp_path, killed):
    before = killed(1)
    put(tmp_path / "another.csv", inputs=[("the table", tmp_path / "out.csv")])
    assert [(tmp_path / name).read_text() for name in OUTPUTS] == before
    assert listed(tmp_path) == ["another.csv", *OUTPUTS]


@pytest.mark.parametrize("told", [
    b"", b"{", b"[]", b'{"writer": "export", "parts": []}', b'{"writer": "export", "parts": {"../out.csv": ".labelscope-1.part"}}',
    b'{"writer": "export", "parts": {"out.csv": "secret.txt"}}', b'{"writer": "export", "parts": {"out.csv": "../.labelscope-1.part"}}',
    b'{"writer": "export", "parts": {"out.csv": null}}',
])  # fmt: skip
def test_what_nobody_of_us_wrote_down_renames_nothing(tmp_path, told):
    folder = tmp_path / "in"
    folder.mkdir()
    for place in (folder / "out.csv", tmp_path / "out.csv", folder / "secret.txt", tmp_path / ".labelscope-1.part"):
        place.write_text("old")
    (folder / ".labelscope-0.renames").write_bytes(told)
    put(folder / "another.csv")
    assert listed(folder) == ["another.csv", "out.csv", "secret.txt"]
    assert listed(tmp_path) == [".labelscope-1.part", "in", "out.csv"]
    assert (folder / "out.csv").read_text() == (tmp_path / "out.csv").read_text() == "old"


def test_threads_write_the_same_file_at_once(tmp_path):
    path = tmp_path / "out.csv"
    texts = [str(k) * 100_000 for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: put(path, text), texts * 4))
    assert path.read_text() in texts
    assert listed(tmp_path) == ["out.csv"]


@POSIX
def test_inputs_are_refused_by_whatever_name(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("precious")
    (tmp_path / "soft").symlink_to(table)
    os.link(table, tmp_path / "hard")
    (tmp_path / "folder").mkdir()
    (tmp_path / "door").symlink_to(tmp_path, target_is_directory=True)
    for target in ("table.csv", "soft", "hard", "folder/../table.csv", "door/table.csv"):
        for given in (table, tmp_path / "soft", tmp_path / "hard"):
            with pytest.raises(DataError, match=r"publish: expected a file that may be replaced, got .*, which is the votes"):
                put(tmp_path / target, name="publish", inputs=[("the votes", given)])
    assert table.read_text() == "precious"


@pytest.mark.parametrize("name", ["ledger.sqlite", "anything.html"])
def test_a_ledger_is_refused_whatever_its_name(tmp_path, name):
    path = tmp_path / name
    with sqlite3.connect(path) as database:
        database.execute("create table x (y)")
    database.close()
    for target in (path, path.with_name(f"{name}-journal"), path.with_name(f"{name}-wal")):
        target.touch()
        before = target.read_bytes()
        with pytest.raises(DataError, match="which is a ledger"):
            put(target)
        assert target.read_bytes() == before


@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm", "-writer"])
def test_a_name_that_a_ledger_needs_is_refused_before_anything_has_it(tmp_path, end):
    ledger = tmp_path / "ledger.sqlite"
    with sqlite3.connect(ledger) as database:
        database.execute("create table x (y)")
    database.close()
    with pytest.raises(DataError, match=r"which is a name that the ledger ledger\.sqlite needs"):
        put(tmp_path / f"ledger.sqlite{end}")
    put(tmp_path / f"other{end}")  # of nobody
    assert listed(tmp_path) == sorted(["ledger.sqlite", f"other{end}"])


def test_files_of_a_marked_folder_are_replaced_by_their_own_writer_alone(tmp_path):
    (tmp_path / "report.html").write_text("old")
    add_to_mark(tmp_path, {"report.html": "report"})
    with pytest.raises(DataError, match="belongs to a scan"):
        put(tmp_path / "report.html", name="publish")
    with pytest.raises(DataError, match="belongs to a scan"):
        put(tmp_path / ".labelscope.json", name="report")
    put(tmp_path / "report.html", name="report")
    assert read_mark(tmp_path)["report.html"].size == 3
    refuse_foreign(tmp_path, ["report.html", "none.html"], "demo")
    put(tmp_path / "mine.html", name="publish")
    assert set(read_mark(tmp_path)) == {"report.html"}
    with pytest.raises(DataError, match=r"demo: expected files as labelscope wrote them, got .*mine\.html"):
        refuse_foreign(tmp_path, ["mine.html"], "demo")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 1, "files": [{"name": 3}]}', "[" * 100_000])
def test_a_broken_mark_is_no_mark(tmp_path, text):
    (tmp_path / ".labelscope.json").write_text(text)
    assert read_mark(tmp_path) is None


def test_a_mark_speaks_of_its_own_folder_only(tmp_path):
    files = [{"name": name, "size": 1, "digest": "", "writer": "scan"} for name in ("../x", "y", "..", "/z")]
    (tmp_path / ".labelscope.json").write_text(json.dumps({"version": 1, "files": files}))
    assert set(read_mark(tmp_path)) == {"y"}
    (tmp_path / ".labelscope.json").write_text(json.dumps({"version": 2, "files": []}))
    with pytest.raises(DataError, match="upgrade labelscope"):
        read_mark(tmp_path)


@POSIX
@pytest.mark.parametrize("name", [MARK, ".labelscope-0123456789abcdef.renames", ".labelscope-0123456789abcdef.part", "t.csv.escapes.jsonl"])
def test_a_pipe_in_the_place_of_a_file_of_ours_is_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    (tmp_path / "t.csv").write_text("id,tags\n'=a,dog\n=b,cat\n")
    code = "import sys, labelscope as ls; ls.Session(ls.read('t.csv', labels='tags', id='id')).export(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, "out.csv"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "t.csv").read_bytes()
