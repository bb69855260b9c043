"""Reviewers who decide at the same time, each in a process of their own, and what came of it.

As a program it is one reviewer: ``reviewing.py URL NAME N`` decides N cells. What is refused is decided again, as a
person does; each answer goes out as a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import NamedTuple

import polars as pl

from labelscope import Dataset, Session
from labelscope.errors import LedgerError

PATIENCE = 120.0  # seconds after which a reviewer gives up a decision


def data_set(n: int) -> Dataset:
    return Dataset.from_arrays([["cat"]] * n, label_names=["cat", "dog", "cow"])


def session(url: str, name: str, n: int) -> Session:
    """A session of one reviewer whose suggestions are all on one label that is theirs."""
    label = {"ann": "dog", "ben": "cow"}[name]
    frame = pl.DataFrame({"item_id": range(n)}).with_columns(
        suggestion_id=pl.format(f"{name}-{{}}", "item_id"),
        label=pl.lit(label),
        action=pl.lit("add"),
        confidence=pl.lit(0.9),
        reason=pl.lit(""),
    )
    return Session(data_set(n), ledger=url, reviewer=name, suggestions=SimpleNamespace(frame=frame))


def review(url: str, name: str, n: int) -> None:
    """Decide as a person does: press, and press again what was refused."""
    reviewer = session(url, name, n)
    say(ready=True)
    sys.stdin.readline()  # all begin at once
    for k in range(n):
        begun = time.monotonic()
        while True:
            pressed = time.monotonic()
            try:
                event = reviewer.accept(f"{name}-{k}")
            except LedgerError as error:
                say(refused=str(error), seconds=time.monotonic() - pressed)
                if time.monotonic() - begun > PATIENCE:
                    raise
            else:
                say(seq=event.seq, suggestion=event.suggestion_id, seconds=time.monotonic() - pressed)
                break
    reviewer.close()


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Outcome(NamedTuple):
    """What the reviewers were told, and what is in the ledger afterwards."""

    answers: list[dict]
    lost: int
    doubled: int
    gaps: int

    @property
    def taken(self) -> list[float]:
        """Seconds that each decision which counts took."""
        return sorted(answer["seconds"] for answer in self.answers if "seq" in answer)

    @property
    def refused(self) -> list[str]:
        return [answer["refused"] for answer in self.answers if "refused" in answer]

    @property
    def slowest(self) -> float:
        """Seconds of the slowest answer, refusals included."""
        return max(answer["seconds"] for answer in self.answers)


def review_together(url: str, n: int, disturb: Sequence[tuple[str, int, Callable[[], None]]] = ()) -> Outcome:
    """Two reviewers decide n cells each.

    Parameters
    ----------
    url : str
        The ledger.
    n : int
    disturb : sequence of ("seq" or "refused", count, callable)
        What is done as soon as so many decisions are taken, or so many presses refused; in this order.
    """
    names = ("ann", "ben")
    answers: list[dict] = []
    told = threading.Condition()
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, url, name, str(n)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        for name in names
    ]

    def listen(process: subprocess.Popen[str]) -> None:
        for line in process.stdout:
            with told:
                answers.append(json.loads(line))
                told.notify_all()

    listeners = [threading.Thread(target=listen, args=(process,), daemon=True) for process in processes]
    for listener in listeners:
        listener.start()

    def wait_for(name: str, count: int) -> None:
        with told:
            told.wait_for(lambda: sum(name in answer for answer in answers) >= count or not any(t.is_alive() for t in listeners), 300)

    wait_for("ready", len(names))
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for kind, count, what in disturb:
        wait_for(kind, count)
        what()
    for listener in listeners:
        listener.join()
    for process in processes:
        errors = process.stderr.read()
        if process.wait() or errors:
            raise RuntimeError(errors)
    return judge(url, n, names, [answer for answer in answers if "ready" not in answer])


def judge(url: str, n: int, names: Sequence[str], answers: list[dict]) -> Outcome:
    """Hold what the reviewers were told against what the ledger has."""
    reader = session(url, names[0], n)
    decisions = reader.decisions
    reader.close()
    told = {(answer["suggestion"], answer["seq"]) for answer in answers if "seq" in answer}
    kept = set(decisions.select("suggestion_id", "seq").iter_rows())
    times = Counter(decisions["suggestion_id"].to_list())
    wanted = {f"{name}-{k}" for name in names for k in range(n)}
    return Outcome(
        answers,
        lost=len(told - kept) + len(wanted - times.keys()),
        doubled=sum(count - 1 for count in times.values()),
        gaps=int(decisions["seq"].sort().to_list() != list(range(1, decisions.height + 1))),
    )


if __name__ == "__main__":
    review(sys.argv[1], sys.argv[2], int(sys.argv[3]))
