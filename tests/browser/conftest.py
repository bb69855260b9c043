"""A real JupyterLab and a real Chromium. Skipped where there is none, unless LABELSCOPE_REQUIRE_BROWSER=1: then it fails."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests are imported by path: their helpers need a place
import labkit
import playkit

from labelscope.session import Session

OWN = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
HIDDEN = {"jupyter": {"source_hidden": True}}  # so that the app is in sight
SCREENSHOTS = Path(__file__).parent / "screenshots"
FAILED = pytest.StashKey[bool]()
SHARED = {Path(__file__).parent / name for name in ("test_viewers.py", "test_capabilities.py")}  # what their tests share is slow to make


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what is slow to make come first: a process without work takes over the last tests of another one.

    A browser test that fails is run once more, and the report says so: a loaded machine may be late, a fault fails twice.
    """
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: item.path not in SHARED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.stash[FAILED] = report.failed
    return report


def missing(reason: str) -> None:
    if os.environ.get("LABELSCOPE_REQUIRE_BROWSER") == "1":
        pytest.fail(f"the browser tests must run here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        missing("Playwright is not installed")
    with sync_playwright() as playwright:
        options = {"args": labkit.CHROMIUM_ARGS}
        if (system := labkit.find_chromium()) is not None:
            options["executable_path"] = system
        try:
            opened = playwright.chromium.launch(**options)
        except Error as error:
            missing(f"no Chromium: {str(error).splitlines()[0]}")
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    with labkit.Lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def tolerated() -> list[str]:
    """Patterns of errors of JupyterLab's own that a test brings about: it adds to this list.

    Every kernel ends with its test, at times in the middle of a message, which JupyterLab then cannot read or gives up.
    """
    return [r"Kernel message validation error.*stream\.stderr", r"Canceled future for \w+ message before replies were done"]


@pytest.fixture
def page(browser, request, tolerated):
    """A page that must not fail and must not ask another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(120_000)  # generous: the machine may have other things to do
    errors, foreign = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(OWN) else foreign.append(request.url))
    yield page
    if request.node.stash.get(FAILED, False):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=str(SCREENSHOTS / f"failed-{request.node.name}.png"))
    context.close()
    errors = [error for error in errors if not any(re.search(pattern, error) for pattern in tolerated)]
    assert not errors, errors
    assert not foreign, foreign[:3]


@pytest.fixture
def session(dataset, tmp_path):
    """A session on the data set that a test file makes; it closes with the test."""
    opened = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    yield opened
    opened.close()


@pytest.fixture
def app(page, session):
    """The app on that session, in a page of its own."""
    return playkit.play(page, session)


@pytest.fixture
def notebook(lab, page, request):
    """Write a notebook of these cells, open it and run it; its kernel ends with the test."""

    def run(*cells: str) -> str:
        name = f"{request.node.name.translate(str.maketrans('[]', '--'))}.ipynb"
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(
            nbformat.v4.new_notebook(metadata=metadata, cells=[nbformat.v4.new_code_cell(cell, metadata=HIDDEN) for cell in cells]),
            lab.root / name,
        )
        labkit.open_notebook(page, lab, name)
        labkit.run_all(page)
        return name

    yield run
    page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown().catch(() => null)")


@pytest.fixture
def screenshot():
    """Save what a locator looks like, for people to see."""

    def save(locator, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        locator.screenshot(path=str(SCREENSHOTS / f"{name}.png"), animations="disabled")

    return save
