"""Seconds and peak memory of a stretch of work, for the record that every scan writes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

__all__ = ["Usage", "measure"]

INTERVAL = 0.05


@dataclass
class Usage:
    """What a block took.

    Attributes
    ----------
    seconds : float
        Wall time.
    peak_bytes : int
        Largest resident memory of this process, sampled 20 times a second.
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
    return int(psutil.Process().memory_info().rss)
