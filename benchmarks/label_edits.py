"""How soon an edit of the label set is in every view, and whether it is there after the kernel was killed.

    python benchmarks/label_edits.py [--items 100000] [--labels 100]

A session with its stages done, and the state of the Explorer. Each edit (new, merge, rename, split) and its undo is made by
code, as a dialog makes it; then everything is asked for that the views of an open app ask for: worklist, labels, pairs,
relations, colours of the map and a filter by the label. The seconds from the edit to the last answer are printed,
by the clock and of the processor, which other work on the machine hardly lengthens, and the slowest answers; the bar
is 1 s by the clock. What the browser takes to draw them comes on top, and the page
of the label, where somebody opens it, is a column of its own. The last edit is made in a process
that is killed as soon as it says that the edit was applied; another one opens the ledger and looks for it.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl

import labelscope as ls
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.stages.table import stage_of

BAR = 1.0
N_FEATURES = 16
LEDGER = "ledger.sqlite"


def data_set(n_items: int, n_labels: int) -> ls.Dataset:
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(N_FEATURES, n_labels))
    x = rng.normal(size=(n_items, N_FEATURES)).astype("f4")
    rate = np.minimum(0.3, 6 / (3 + np.arange(n_labels)) ** 1.3)
    score = x @ directions / np.sqrt(N_FEATURES) + rng.normal(size=(n_items, n_labels)) * 0.7
    labels = (score > np.array([np.quantile(score[:, k], 1 - r) for k, r in enumerate(rate)])).astype(np.int8)
    labels ^= rng.random(labels.shape) < 0.003
    names = [f"label {k:03d}" for k in range(n_labels)]
    items = pl.DataFrame({"item_id": np.arange(n_items), "text": [f"comment {i}" for i in range(n_items)]})
    return ls.Dataset.from_arrays(labels, label_names=names, embeddings=x, items=items, text="text")


def views(ask: Callable[..., object], session: ls.Session, name: str) -> dict[str, float]:
    """Seconds that each answer takes to what an open app asks for."""
    label = session.dataset.label_names.index(name)
    window = {"listing": "", "order": "data", "query": "", "offset": 0, "limit": 40}
    wanted = {
        "worklist": {**window, "queue": "pending"},
        "label_table": {},
        "pair_matrix": {},
        "relation_table": {},
        "colours": {"by": "label", "label": label},
        "count": {"queries": [name.join('""')]},
        "labels": {"query": name, "row": 0},
    }
    took = {}
    for kind, body in wanted.items():
        begun = time.perf_counter()
        ask(kind, **body)
        took[kind] = time.perf_counter() - begun
    return took


class View:
    """The state of the Explorer, with what an open app asks of it."""

    def __init__(self, session: ls.Session) -> None:
        self.session = session
        self.state = ExplorerState(session, lambda: None)
        self.take()
        self.state.take_findings(session.findings)
        self.state.take_predictions(session.predictions)
        self.state.take_suggestions(session.suggestions)
        self.known = answers(self.state, str)

    def take(self) -> None:
        """What the stages about labels say, which run again where the label set is another one."""
        self.state.take_cooccurrence(stage_of("cooccurrence").compute(self.session))
        self.state.take_relations(stage_of("label_relations").compute(self.session))

    def follow(self) -> None:
        """As the widget does, after each request and when it is told of a decision."""
        self.state.decisions.follow()
        if self.state.label_version != self.session.label_version:
            self.state = ExplorerState(self.session, lambda: None, before=self.state)
            self.known = answers(self.state, str)
            self.take()

    def ask(self, kind: str, **body: object) -> object:
        return self.known[kind](Request("1", kind, body))

    def step(self, act: Callable[[], object], name: str) -> tuple[float, float, float, dict[str, float]]:
        """Seconds until an edit is made, until every view has it, the same of the processor, and of each answer."""
        begun, used = time.perf_counter(), time.process_time()
        act()
        made = time.perf_counter() - begun
        self.follow()
        took = {"follow": time.perf_counter() - begun - made} | views(self.ask, self.session, name)
        return made, time.perf_counter() - begun, time.process_time() - used, took


def measure(session: ls.Session) -> None:
    begun = time.perf_counter()
    view = View(session)
    print(f"stages: {time.perf_counter() - begun:.0f} s", flush=True)
    views(view.ask, session, "label 000")  # what is computed once
    print("| edit | items of the label | made, s | in every view, s (processor) | slowest answers, ms ", end="")
    print("| undone, s | in every view, s (processor) | label page, s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, other in (("label 030", "label 031"), ("label 003", "label 004")):
        items = session.dataset.item_ids.gather(np.flatnonzero(session.states(name) == 1)).to_list()
        edits = {
            "new": (ls.LabelEdit.new("made", items), "made"),
            "merge": (ls.LabelEdit.merge(name, other), other),
            "rename": (ls.LabelEdit.rename(name, "other name"), "other name"),
            "split": (ls.LabelEdit.split(name, {"part": items[: len(items) // 2]}), "part"),
        }
        for kind, (edit, now) in edits.items():
            made, shown, busy, took = view.step(lambda edit=edit: session.apply(edit), now)
            begun = time.perf_counter()
            view.ask("label_page", label=session.dataset.label_names.index(now))
            page = time.perf_counter() - begun
            undone, back, busy_back, _ = view.step(session.undo, other)
            slow = ", ".join(f"{of} {1000 * s:.0f}" for of, s in sorted(took.items(), key=lambda one: -one[1])[:2])
            verdict = "" if max(shown, back) <= BAR else " **over the bar**"
            print(
                f"| {kind} | {len(items):,} | {made:.2f} | {shown:.2f} ({busy:.2f}) | {slow} | {undone:.2f} "
                f"| {back:.2f} ({busy_back:.2f}){verdict} | {page:.2f} |",
                flush=True,
            )


def edited(place: Path, n_items: int, n_labels: int) -> None:
    """Make a label, say so, and wait to be killed."""
    session = ls.Session(data_set(n_items, n_labels), ledger=place, reviewer="ann")
    session.apply(ls.LabelEdit.new("survives", session.dataset.item_ids.head(1000).to_list()))
    print("applied", flush=True)
    signal.pause()


def survives(dataset: ls.Dataset, place: Path, n_items: int, n_labels: int) -> None:
    command = [sys.executable, __file__, "--place", str(place), "--items", str(n_items), "--labels", str(n_labels)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this file again
        said = process.stdout.readline().strip() if process.stdout else ""
        process.kill()
    begun = time.perf_counter()
    session = ls.Session(dataset, ledger=place, reviewer="bo")
    there = int((session.states("survives") == 1).sum()) if said == "applied" else 0
    session.close()
    print(f"killed once it said {said!r}: {there:,} of 1,000 cells there; opened in {time.perf_counter() - begun:.2f} s")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--items", type=int, default=100_000)
    arguments.add_argument("--labels", type=int, default=100)
    arguments.add_argument("--place", type=Path, help=argparse.SUPPRESS)  # of a ledger, in the process that is killed
    asked = arguments.parse_args()
    if asked.place:
        edited(asked.place, asked.items, asked.labels)
        return
    dataset = data_set(asked.items, asked.labels)
    with tempfile.TemporaryDirectory() as folder:
        survives(dataset, Path(folder) / f"killed-{LEDGER}", asked.items, asked.labels)
        session = ls.Session(dataset, ledger=Path(folder) / LEDGER, reviewer="ann")
        measure(session)
        session.close()


if __name__ == "__main__":
    main()
