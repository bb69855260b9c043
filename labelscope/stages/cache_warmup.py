"""Heavy stages beside the kernel: a process of their own fills the cache, and the stage then finds its answer there.

A thread is not enough for them: compiling (numba, for UMAP and the neighbour search) and many small steps hold Python's
lock, and a decision of the person would wait for it. The process is started as a fresh interpreter on a module of ours,
so the user's `__main__` is never run again, and nothing is unpickled: embeddings go as a file, results come through the
cache, by content. Where it cannot be done (no cache, full disk, a worker that dies), the stage computes in its thread as
it would have without.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labelscope.compute.cache import cached, content_key, folder
from labelscope.compute.progress import advance

if TYPE_CHECKING:
    from labelscope.session import Session
    from labelscope.stages.table import StageSpec

__all__ = ["compute", "warm"]

LEAST_ITEMS = 2000  # below, a new interpreter takes longer than the work
NICE = 10  # how far the work steps back when others want the cores
HEARTBEAT = 0.2  # seconds between two looks at whether somebody cancelled


def compute(spec: StageSpec, session: Session) -> Any:
    """The result of a stage, with its heavy part done by a process where that helps."""
    if spec.name not in session.ready and spec.warmup and session.has_map and _worthwhile(spec, session):
        warm(spec.warmup, session.embeddings, session.seed)
    return spec.compute(session)


def _worthwhile(spec: StageSpec, session: Session) -> bool:
    """Whether the stage will ask for what the process makes: in large sets no neighbours vote."""
    from labelscope.models.predict_config import PredictConfig, searches_all

    dataset = session.dataset
    return spec.warmup != "neighbours" or (dataset.probabilities is None and searches_all(dataset, PredictConfig()))


def warm(task: str, X: np.ndarray, seed: int, *, least: int = LEAST_ITEMS) -> bool:
    """Let a process fill the cache for a task; progress is reported as that of the running stage.

    Parameters
    ----------
    task : one of :data:`labelscope.stages.warmup_worker.TASKS`
    X : array of float, shape (n_items, n_features)
    seed : int
    least : int
        Fewer items are left to the stage.

    Returns
    -------
    bool
        Whether it was done; the stage works either way.

    Raises
    ------
    Cancelled
        If the person stops the stage: the process is ended at once.
    """
    place = folder()
    if place is None or len(X) < least:
        return False
    mark = content_key("warmed", 1, task, X, seed)
    if (place / f"{mark}.npz").exists():  # done before: no interpreter is started for nothing
        return True
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix="embeddings-") as aside:
            path = Path(aside) / "embeddings.npy"
            np.save(path, X)
            done = _run([sys.executable, "-m", "labelscope.stages.warmup_worker", task, str(path), str(seed)])
    except OSError:  # no room for the file, or no process to be had
        return False
    if done:
        cached(mark, lambda: {"done": np.ones(1, np.uint8)})
    return done


def _run(command: list[str]) -> bool:
    root = str(Path(__file__).parents[2])  # the kernel may know us by sys.path alone
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert process.stdout is not None
    with contextlib.suppress(AttributeError, OSError):  # the person and the view come first, where the system can say so
        os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        done = 0.0
        while process.poll() is None:
            with contextlib.suppress(queue.Empty, ValueError):
                done = float(lines.get(timeout=HEARTBEAT))
            advance("worker", done)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join(1)
        process.stdout.close()
    return process.returncode == 0


def _read(stream: Iterable[str], lines: queue.SimpleQueue[str]) -> None:
    for line in stream:
        lines.put(line)
