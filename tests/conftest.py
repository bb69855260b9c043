"""What all tests share."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "guard"))  # tests are imported by path: their helpers need a place
import this_machine_only

noted = Path(tempfile.gettempdir()) / f"labelscope-attempts-{os.getpid()}"  # there once something was refused
os.environ[this_machine_only.ATTEMPTS] = str(noted)
os.environ["PYTHONPATH"] = os.pathsep.join([sys.path[0], *filter(None, [os.environ.get("PYTHONPATH")])])

if "PYTEST_XDIST_WORKER" in os.environ:  # the processes share the cores: more threads than these would wait for one another
    threads = max(1, (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))
    for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ.setdefault(f"{library}_NUM_THREADS", str(threads))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the repository; what asks for it is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the repository")
    return folder


@pytest.fixture(scope="session")
def until() -> Callable[..., bool]:
    """Look at a condition again and again until it holds; False where it does not within `seconds`."""

    def until(condition: Callable[[], object], seconds: float = 20) -> bool:
        deadline = time.monotonic() + seconds
        while not (held := bool(condition())) and time.monotonic() < deadline:
            time.sleep(0.005)
        return held

    return until


@pytest.fixture(autouse=True)
def attempts() -> Iterator[Path]:
    """No test, and nothing that it starts, asks another machine: what was refused is a failure, however it was borne."""
    yield noted
    told = noted.read_text("utf-8") if noted.is_file() else ""
    noted.unlink(missing_ok=True)
    assert not told, told


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With LABELSCOPE_REQUIRE_BROWSER=1 (make test, CI) a skipped browser test is a failed one."""
    report = yield
    required = os.environ.get("LABELSCOPE_REQUIRE_BROWSER") == "1" and "shared_data" not in item.keywords
    if report.skipped and "browser" in item.keywords and required:
        report.outcome = "failed"
        report.longrepr = f"a browser test was skipped where one is required: {report.longrepr}"
    return report
