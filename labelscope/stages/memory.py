"""Memory that the stages free is there for others.

glibc keeps what was freed in a pool for each thread that asked for memory. The stages run in threads of their own, so that
after every run a few hundred megabytes of a million items stay in pools that nobody uses again: not leaked, but not there
for others either. So these threads share two pools, and free memory goes back to the system once the stages are over. Other
systems give memory back by themselves.
"""

from __future__ import annotations

import ctypes
import os
import sys

__all__ = ["give_back", "keep_pools_few"]

MOST_POOLS = -8  # glibc's M_ARENA_MAX
N_POOLS = 2
CHOSEN_BY_USER = ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")


def give_back() -> bool:
    """Hand freed memory back to the system; whether any was, False where there is nothing to be done."""
    library = _glibc()
    trim = getattr(library, "malloc_trim", None)  # releases Python's lock while it runs
    return trim is not None and bool(trim(0))


def keep_pools_few() -> bool:
    """Let threads share two pools in place of eight a core; whether that was done.

    What one view leaves free in the pool of its threads, the next view's threads then use again. Where the user set glibc's
    options in the environment, they stay as they are.
    """
    library = None if any(name in os.environ for name in CHOSEN_BY_USER) else _glibc()
    choose = getattr(library, "mallopt", None)
    return choose is not None and bool(choose(MOST_POOLS, N_POOLS))


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL("libc.so.6")
    except OSError:  # another C library
        return None
