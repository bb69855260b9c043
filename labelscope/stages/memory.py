"""Free memory goes back to the system once the stages are over.

glibc keeps what was freed in a pool for each thread that asked for memory. The stages run in threads of their own, so that
after every run a few hundred megabytes of a million items stay in pools that nobody uses again: not leaked, but not there
for others either. Other systems give memory back by themselves.
"""

from __future__ import annotations

import ctypes
import functools
import sys

__all__ = ["give_back"]


def give_back() -> bool:
    """Hand freed memory back to the system; whether any was, False where there is nothing to be done."""
    library = _glibc() if sys.platform.startswith("linux") else None
    trim = getattr(library, "malloc_trim", None)  # releases Python's lock while it runs
    return trim is not None and bool(trim(0))


@functools.cache
def _glibc() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL("libc.so.6")
    except OSError:  # another C library
        return None
