import platform
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from labelscope.stages import memory


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_a_thread_freed_goes_back():
    def use():
        kept = [np.ones(5_000) for _ in range(4_000)]  # 160 MB in pieces that come out of a pool
        kept[::2] = [None] * 2_000
        del kept

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    before = resident()
    memory.give_back()
    assert resident() <= before


def test_a_system_without_it_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.give_back() is False
    assert memory.keep_pools_few() is False


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_a_number_of_pools_that_the_user_chose_stays(monkeypatch, name):
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    usual = memory.keep_pools_few()
    assert usual is (platform.libc_ver()[0] == "glibc")
    monkeypatch.setenv(name, "glibc.malloc.arena_max=4" if name == "GLIBC_TUNABLES" else "4")
    assert memory.keep_pools_few() is False
