"""Where the chunks of a stage run: any ``concurrent.futures.Executor``, or right here.

The unit of work is a module-level function on one chunk, so that the same call runs serially, in threads,
in processes and on a Dask cluster (``dask.distributed.Client(...).get_executor()``) with the same result.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

__all__ = ["Rows", "map_chunks", "one_thread", "row_blocks"]

T = TypeVar("T")
R = TypeVar("R")
Rows = slice | np.ndarray
"""Some rows of an array, by position."""
IN_FLIGHT = 32
CHUNK_BYTES = 64 << 20


def map_chunks(function: Callable[[T], R], chunks: Iterable[T], executor: Executor | None = None) -> Iterator[R]:
    """Results of `function` for each chunk, in the order of the chunks.

    At most `IN_FLIGHT` chunks are out at a time, so that a generator of large chunks is never held in memory whole.

    Parameters
    ----------
    function : callable
        Module-level (it may have to travel to another process).
    chunks : iterable
    executor : concurrent.futures.Executor, optional
        None runs the chunks one after the other in this thread.
    """
    if executor is None:
        yield from map(function, chunks)
        return
    waiting: deque[Future[R]] = deque()
    for chunk in chunks:
        waiting.append(executor.submit(function, chunk))
        if len(waiting) == IN_FLIGHT:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def row_blocks(n_rows: int, bytes_per_row: int, budget: int | None = None) -> Iterator[slice]:
    """Slices that cover ``range(n_rows)`` such that one block stays within `budget` bytes (default: `CHUNK_BYTES`).

    Examples
    --------
    >>> [(b.start, b.stop) for b in row_blocks(5, bytes_per_row=8, budget=16)]
    [(0, 2), (2, 4), (4, 5)]
    """
    step = max(1, (budget or CHUNK_BYTES) // max(1, bytes_per_row))
    for start in range(0, n_rows, step):
        yield slice(start, min(n_rows, start + step))


def one_thread() -> AbstractContextManager[Any]:
    """A block in which BLAS and LAPACK use one thread.

    Small decompositions are faster so: on a busy machine their threads wait for each other longer than they compute.
    """
    return _libraries(len(sys.modules)).limit(limits=1)


@lru_cache(maxsize=1)
def _libraries(_n_modules: int) -> Any:
    """The libraries with threads of their own; finding them takes milliseconds, so that is done again only after an import."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
