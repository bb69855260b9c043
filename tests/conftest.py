"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With LABELSCOPE_REQUIRE_BROWSER=1 (make test, CI) a skipped browser test is a failed one."""
    report = yield
    required = os.environ.get("LABELSCOPE_REQUIRE_BROWSER") == "1" and "shared_data" not in item.keywords
    if report.skipped and "browser" in item.keywords and required:
        report.outcome = "failed"
        report.longrepr = f"a browser test was skipped where one is required: {report.longrepr}"
    return report
