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
        return ctypes.CDLL("libc.so.6").malloc_trim  # releases Python's lock while it runs
    except (OSError, AttributeError):  # another C library
        return None
