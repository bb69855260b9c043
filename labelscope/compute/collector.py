"""Python's collector of circular garbage, out of the way while a great many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused_collector"]


@contextmanager
def paused_collector() -> Iterator[None]:
    """No search for circular garbage in this block.

    It is started by the number of new objects, and goes through all objects of the process: a batch of 50,000 decisions, none of them
    garbage, sets off one search after the other, which took half of the time of the batch. In a block within a block, the outer one
    says when it goes on.

    Examples
    --------
    >>> with paused_collector():
    ...     gc.isenabled()
    False
    """
    runs = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if runs:
            gc.enable()
