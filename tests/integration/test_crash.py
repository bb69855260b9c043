"""What the ledger promises: a killed process loses no decision, and processes that write together lose none either."""

import random
import socket
import subprocess
import sys
import time

import psutil
import pytest

from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
from labelscope.review.turns import turn_file

REVIEW = """
import sys
from types import SimpleNamespace
import polars as pl
from labelscope import Dataset, Session

n = 3000
frame = pl.DataFrame({"item_id": range(n)}).with_columns(
    suggestion_id=pl.format("s{}", "item_id"), label=pl.lit("dog"), action=pl.lit("add"), confidence=pl.lit(0.9), reason=pl.lit("")
)
dataset = Dataset.from_arrays([["cat"]] * n, label_names=["cat", "dog"])
session = Session(dataset, ledger=sys.argv[1], reviewer="ann", suggestions=SimpleNamespace(frame=frame))
if sys.argv[2] == "accept":
    first = session.progress["accepted"]
    for k in range(first, n):
        session.accept(f"s{k}")
        print(f"s{k}", flush=True)
else:
    print(*(i for i, verdict in session.verdicts.items() if verdict == "accepted" and session.state(i[1:], "dog") == 1))
"""

AUDIT = """
import sys
import numpy as np
from labelscope import Dataset, Session

x = np.random.default_rng(0).normal(size=(300, 3)).astype(np.float32)
session = Session(Dataset.from_arrays((x > 0.5).astype(int), embeddings=x), ledger=sys.argv[1], reviewer="ann")
session.audit(20) if sys.argv[2] == "draw" else None
for item, label, _ in session.audit_cells.iter_rows():
    if sys.argv[2] == "draw":
        session.confirm(item, label)
    print(item, label, flush=True)
"""

HALF = """
import os, sqlite3, sys

database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size=1")
database.execute("BEGIN IMMEDIATE")
numbers = "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k LIMIT 20000)"
database.execute(f"CREATE TABLE half AS {numbers} SELECT n, hex(randomblob(50)) FROM k")
os._exit(9)  # with half of it in the file
"""

WRITE = """
import sys
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger

ledger = Ledger.open(sys.argv[1], fingerprint="f")
sys.stdin.readline()  # both start at once
for k in range(200):
    event = Event(0, "edit", str(k), "cat", 0, 1, None, sys.argv[2], "2026-01-01T00:00:00+00:00")
    print(ledger.append([event])[0].seq, flush=True)
"""


def python(code, *arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_process_loses_no_decision(tmp_path, seed):
    place = tmp_path / "x.labelscope" / "ledger.sqlite"
    chance = random.Random(seed)  # noqa: S311 - when to kill
    printed = []
    for _ in range(2):  # the second one goes on after the crash of the first
        review = python(REVIEW, place, "accept")
        printed.append(review.stdout.readline())
        time.sleep(chance.uniform(0, 0.3))
        review.kill()
        rest, errors = review.communicate()
        assert errors == ""
        printed.extend(line for line in rest.splitlines(keepends=True) if line.endswith("\n"))
    told = {line.strip() for line in printed}
    reopened = python(REVIEW, place, "list")
    found, errors = reopened.communicate()
    assert errors == ""
    assert len(told) >= 2
    assert told <= set(found.split())


def test_a_killed_process_loses_neither_the_audit_sample_nor_a_verdict(tmp_path):
    place = tmp_path / "x.labelscope" / "ledger.sqlite"
    review = python(AUDIT, place, "draw")
    told = [review.stdout.readline() for _ in range(5)]
    review.kill()
    told += [line for line in review.stdout.read().splitlines(keepends=True) if line.endswith("\n")]  # what was read ahead included
    review.wait()
    left, errors = python(AUDIT, place, "list").communicate()
    assert errors == ""
    assert 19 <= len(set(told)) + len(left.splitlines()) <= 20  # the kill may come between the verdict and its line
    assert not set(told) & set(left.splitlines(keepends=True))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("name", ["ledger.sqlite", "link.sqlite"])
def test_what_a_killed_writer_left_half_done_is_taken_back_by_whatever_name_the_ledger_goes(tmp_path, name):
    place = tmp_path / "ledger.sqlite"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link.sqlite").symlink_to(place)
    written = Ledger.open(place, fingerprint="f").append([Event(0, "accept", "7", "cat", 0, 1, None, "ann", "2026-01-01T00:00:00+00:00")])
    python(HALF, place).communicate()
    assert place.with_name("ledger.sqlite-journal").exists()
    found = Ledger.open(place if name == place.name else tmp_path / "elsewhere" / name, fingerprint="f")
    assert found.events() == written
    found.append(written)
    assert {path.name for path in tmp_path.rglob("*")} == {"elsewhere", "ledger.sqlite", "link.sqlite"}


@pytest.mark.skipif(sys.platform == "win32", reason="a process that ended is gone at once there")
def test_a_killed_writer_whose_parent_takes_no_notice_holds_nobody_up(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
    while psutil.Process(gone.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    turn_file(tmp_path / "ledger.sqlite").write_text(f"{socket.gethostname()} {gone.pid} 0123")
    event = Event(0, "accept", "7", "cat", 0, 1, None, "ann", "2026-01-01T00:00:00+00:00")
    assert Ledger.open(tmp_path / "ledger.sqlite", fingerprint="f", timeout=1).append([event])
    gone.wait()


def test_two_processes_write_one_new_ledger_together(tmp_path):
    place = tmp_path / "x.labelscope" / "ledger.sqlite"
    writers = [python(WRITE, place, name, stdin=subprocess.PIPE) for name in ("ann", "ben")]
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    numbers = []
    for writer in writers:
        output, errors = writer.communicate()
        assert errors == ""
        assert writer.returncode == 0
        mine = [int(line) for line in output.split()]
        assert mine == sorted(mine)
        numbers += mine
    assert sorted(numbers) == list(range(1, 401))
    events = Ledger.open(place, fingerprint="f").events()
    assert [event.seq for event in events] == list(range(1, 401))
    for name in ("ann", "ben"):
        assert [event.item_id for event in events if event.reviewer == name] == [str(k) for k in range(200)]
