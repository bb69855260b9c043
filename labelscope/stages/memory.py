"""Free memory goes back to the system once the stages are over.

glibc keeps what was freed in a pool for each thread that asked for memory. The stages run in threads of their own, so that
after every run a few hundred megabytes of a million items stay in pools that nobody uses again: not leaked, but not there
for others either. Other systems give memory back by themselves.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Callable

__all__ = ["give_back"]


def give_back() -> bool:
    """Hand freed memory back to the system; whether any was, False where there is nothing to be done."""
    trim = _trim()
    return trim is not None and bool(trim(0))


@functools.cache
def _trim() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:  # another C library
        return None
    trim: Callable[[int], int] | None = getattr(library, "malloc_trim", None)  # releases Python's lock while it runs
    return trim
