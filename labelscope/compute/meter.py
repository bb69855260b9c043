"""Seconds and peak memory of a stretch of work, for the record that every scan writes."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Usage", "measure"]

INTERVAL = 0.05
STATM = Path("/proc/self/statm")


@dataclass
class Usage:
    """What a block took.

    Attributes
    ----------
    seconds : float
        Wall time.
    peak_bytes : int
        Largest resident memory of this process, sampled 20 times a second (where the system tells only the peak since
        the start, as on macOS, that one).
    """

    seconds: float = 0.0
    peak_bytes: int = 0


@contextmanager
def measure() -> Iterator[Usage]:
    """Measure the block; the yielded :class:`Usage` is filled when it ends."""
    usage = Usage(peak_bytes=_resident())
    done = threading.Event()

    def sample() -> None:
        while not done.wait(INTERVAL):
            usage.peak_bytes = max(usage.peak_bytes, _resident())

    thread = threading.Thread(target=sample, daemon=True, name="labelscope-meter")
    start = time.perf_counter()
    thread.start()
    try:
        yield usage
    finally:
        usage.seconds = time.perf_counter() - start
        done.set()
        thread.join()
        usage.peak_bytes = max(usage.peak_bytes, _resident())


def _resident() -> int:
    if STATM.exists():
        return int(STATM.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
