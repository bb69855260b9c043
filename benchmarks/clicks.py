"""What a click costs after 1,000 and after a million decisions: nothing that grows with the ledger may be in it.

    python benchmarks/clicks.py [--events 1000 1000000] [--clicks 100]

The same data set (200,000 items, 28 labels, 20,000 suggestions) with a ledger of each length, written by two reviewers
who disagree on one cell in twenty. Each length runs in a process of its own: it opens the session and the state of the
Explorer, then sends the requests that a view sends, with half of the items selected. Printed are median milliseconds of
each kind of request (by the clock, and of the processor alone, which other work on the machine does not lengthen), the
ratio of the longest ledger to the shortest with its bar, seconds and memory to open, and how long a decision made by code
or by another session takes to be pushed to an open view.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl
import scipy.sparse as sp

import labelscope as ls
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.explorer.watch import Watch
from labelscope.review.events import Event, utc_now
from labelscope.review.ledger import Ledger
from labelscope.session import Session
from labelscope.widgets.wire import Channel

N_ITEMS, N_LABELS, N_SUGGESTIONS, BATCH = 200_000, 28, 20_000, 50_000
BAR = 1.5
CLICKS = ("decide", "settle a conflict", "undo", "redo")  # what the bar is about
NAMES = [f"label {k:02d}" for k in range(N_LABELS)]


def data_set() -> ls.Dataset:
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, N_ITEMS, 3 * N_ITEMS), rng.integers(0, N_LABELS, 3 * N_ITEMS)
    labels = sp.csr_matrix((np.ones(len(rows), bool), (rows, columns)), shape=(N_ITEMS, N_LABELS))
    labels.sum_duplicates()
    return ls.Dataset.from_arrays(labels, label_names=NAMES, items=pl.DataFrame({"item_id": np.arange(N_ITEMS)}))


def suggestions(dataset: ls.Dataset) -> SimpleNamespace:
    rows = np.arange(N_SUGGESTIONS)
    columns = np.arange(N_SUGGESTIONS) % N_LABELS
    present = dataset.labels.states(rows, columns) == 1
    return SimpleNamespace(
        frame=pl.DataFrame(
            {
                "suggestion_id": [f"s{k}" for k in range(N_SUGGESTIONS)],
                "item_id": rows,
                "label": np.array(NAMES)[columns],
                "action": np.where(present, "remove", "add"),
                "confidence": np.linspace(1, 0, N_SUGGESTIONS, dtype=np.float32),
                "reason": pl.Series(["near items say so"] * N_SUGGESTIONS),
            }
        )
    )


def write(place: Path, dataset: ls.Dataset, n_events: int) -> None:
    """A ledger of so many events, on cells that have no suggestion; one in twenty contradicts the one before it."""
    ledger, now, rng = Ledger.open(place, fingerprint=dataset.fingerprint), utc_now(), np.random.default_rng(1)
    cells = rng.choice((N_ITEMS - N_SUGGESTIONS) * N_LABELS, n_events, replace=False) + N_SUGGESTIONS * N_LABELS
    given = dataset.labels.states(*np.divmod(cells, N_LABELS))

    def event(k: int) -> Event:
        against = k % 20 == 19  # bob, on the cell on which ann was just before
        at = k - 1 if against else k
        row, column = divmod(int(cells[at]), N_LABELS)
        before, opposite = int(given[at]), 1 - int(given[at])
        said = (opposite, before) if against else (before, opposite)
        return Event(0, "edit", str(row), NAMES[column], *said, None, "bob" if against else "ann", now)

    for start in range(0, n_events, BATCH):
        ledger.append([event(k) for k in range(start, min(start + BATCH, n_events))])
    ledger.close()


def memory() -> float:
    """Resident MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(place: Path, n_clicks: int) -> dict[str, float]:
    dataset = data_set()
    found = suggestions(dataset)
    _ = dataset.position(0)
    before, begun = memory(), time.perf_counter()
    session = Session(dataset, ledger=place, reviewer="ann", suggestions=found)
    out = {"open the session, s": time.perf_counter() - begun, "its memory, MiB": memory() - before}
    begun = time.perf_counter()
    board = ExplorerState(session, lambda: None)
    board.take_suggestions(session.suggestions)
    out |= {"open the Explorer, s": time.perf_counter() - begun, "memory with it, MiB": memory() - before}
    handlers = answers(board, str)

    def took(kind: str, **body: object) -> tuple[float, float]:
        begun, worked = time.perf_counter(), time.thread_time()
        handlers[kind](Request("1", kind, body))
        return 1000 * (time.perf_counter() - begun), 1000 * (time.thread_time() - worked)

    for k in range(20):  # until everything is loaded
        took("decide", suggestion=f"s{N_SUGGESTIONS - 1 - k}", verdict="accept")
    rows, labels = board.conflicts.cells
    half = np.zeros(N_ITEMS, bool)
    half[::2] = True
    board.filters.select(half)
    n = min(n_clicks, len(rows))
    window = {"listing": "", "queue": "conflicts", "order": "data", "query": "", "offset": 0, "limit": 40}
    series = {
        "decide": [took("decide", suggestion=f"s{k}", verdict=("accept", "reject")[k % 2]) for k in range(n_clicks)],
        "settle a conflict": [took("edit", row=int(rows[k]), label=int(labels[k]), state=k % 2, suggestion="") for k in range(n)],
        "undo": [took("undo") for _ in range(n)],
        "redo": [took("redo") for _ in range(n)],
        "evidence": [took("evidence", row=int(rows[k]), label=int(labels[k])) for k in range(n)],
        "list of conflicts": [took("worklist", **window) for _ in range(5)],
        "panel of progress": [took("progress") for _ in range(3)],
        "colours of a label": [took("colours", by="label", label=3) for _ in range(5)],
        "filter is:changed": [took("filter", by="query", text="is:changed") for _ in range(5)],
    }
    for name, times in series.items():
        clock, processor = zip(*times, strict=True)
        out |= {f"{name}, ms": statistics.median(clock), f"{name}, processor ms": statistics.median(processor)}
    return out | shown(session, dataset, found, place)


def shown(session: Session, dataset: ls.Dataset, found: SimpleNamespace, place: Path) -> dict[str, float]:
    """Milliseconds, at worst of five, until an open view is told of a decision by code, and of one by another session."""
    told, pushed, wake = threading.Condition(), [0], threading.Event()

    def send(content: Mapping[str, Any], _: object) -> None:
        with told:
            pushed.append(content["body"]["decisions"])
            told.notify_all()

    channel = Channel(send, {}, lambda: {"decisions": board.versions["decisions"], "counts": board.decisions.counts()})
    board = ExplorerState(session, channel.changed, wake=wake)
    watch = Watch(board.decisions.follow, board.decisions.sync, wake)
    watch.join("view")
    other = Session(dataset, ledger=place, reviewer="carl", suggestions=found)
    out = {}
    for name, by in (("code", session), ("another session", other)):
        times = []
        for k in range(5):
            known, begun = pushed[-1], time.perf_counter()
            by.edit(k, "label 07", k % 2)
            with told:
                if not told.wait_for(lambda known=known: pushed[-1] > known, 30):
                    raise SystemExit(f"a view was never told of a decision by {name}")
            times.append(1000 * (time.perf_counter() - begun))
        out[f"told of a decision by {name}, ms"] = max(times)
    watch.close()
    channel.close()
    return out


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--events", type=int, nargs="+", default=[1_000, 1_000_000])
    arguments.add_argument("--clicks", type=int, default=100)
    arguments.add_argument("--place", type=Path, help=argparse.SUPPRESS)  # of a ledger to measure, in the process that does
    asked = arguments.parse_args()
    if asked.place:
        print(json.dumps(measure(asked.place, asked.clicks)))
        return
    found = []
    for n_events in asked.events:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "ledger.sqlite"
            begun = time.perf_counter()
            write(place, data_set(), n_events)
            print(f"ledger of {n_events:,} events written in {time.perf_counter() - begun:.1f} s", flush=True)
            command = [sys.executable, __file__, "--place", str(place), "--clicks", str(asked.clicks)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this file again
            found.append(json.loads(done.stdout))
    print(f"\n| {'':42s} |" + "".join(f" {n:>11,} |" for n in asked.events) + f" {'ratio':>6s} |   bar |")
    for name in found[0]:
        values = [of[name] for of in found]
        bar = f"{BAR:5.1f}" if name.split(",")[0] in CLICKS else ""
        shown_values = "".join(f" {value:11.2f} |" for value in values)
        print(f"| {name:42s} |{shown_values} {values[-1] / max(values[0], 0.01):6.2f} | {bar:>5s} |")


if __name__ == "__main__":
    main()
