"""Pages without scripts, opened from a file in a real browser: what axe-core finds in both themes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import labkit
import pytest

from labelscope.export.report import write_report

pytestmark = pytest.mark.browser

spec = importlib.util.spec_from_file_location("report_material", Path(__file__).parents[1] / "unit" / "export" / "test_report.py")
unit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(unit)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """A report with every chapter, of texts and labels that try to be markup."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, **unit.results(with_unknown=True))
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 480])
def test_axe_finds_nothing_serious_in_the_report(browser, report, scheme, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(report.as_uri())
    page.get_by_role("heading", level=1).wait_for()
    found = labkit.serious_findings(page, "body")
    context.close()
    assert found == []
