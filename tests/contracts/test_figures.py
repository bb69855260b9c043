"""The figures that the pages tell come from one file, and that file says what the results say."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11 or later")

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
FIGURES = tomllib.loads((BENCHMARKS / "figures.toml").read_text(encoding="utf-8"))["figure"]
LINES = (BENCHMARKS / "RESULTS.md").read_text(encoding="utf-8").splitlines()
PAGES = ["README.md", "docs/compare.md"]


def table(page: str) -> list[str]:
    """The rows of the table of a page whose head names us and the usual pipeline."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start = lines.index("| | labelscope | the usual pipeline |") + 2
    return lines[start : next(k for k, line in enumerate([*lines, ""]) if k > start and not line.startswith("|"))]


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text)


def told(evidence: list[list]) -> list[float]:
    """The numbers that some lines of the results hold, each of them found in its line."""
    found: list[float] = []
    for begins, *values in evidence:
        lines = [line for line in LINES if begins in line]
        assert lines, f"no line of RESULTS.md has {begins!r}"
        for value in values:
            assert any(float(value) in map(float, numbers(line)) for line in lines), f"{begins!r} does not say {value}"
        found += map(float, values)
    return found


def worked_out(figure: dict, side: str) -> list[float]:
    if side not in figure["evidence"]:
        return [1.0]  # what the other is a multiple of
    values = np.array(told(figure["evidence"][side]))
    if "over" in figure["evidence"]:
        values = values / np.array(told(figure["evidence"]["over"]))
    if figure.get("mean") == "arithmetic":
        return [float(values.mean())]
    return [float(np.exp(np.log(values).mean()))] if figure.get("mean") == "geometric" else values.tolist()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_tells_the_figures_of_the_one_file(page):
    assert table(page) == [f"| {figure['what']} | {figure['ours']} | {figure['usual']} |" for figure in FIGURES]


@pytest.mark.parametrize("side", ["ours", "usual"])
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure["what"][:40])
def test_a_figure_is_what_the_results_say(figure, side):
    shown, known = numbers(figure[side]), worked_out(figure, side)
    assert len(shown) == len(known)
    for text, value in zip(shown, known, strict=True):
        places = len(text.partition(".")[2])
        assert abs(float(text) - value) <= 0.5000001 * 10**-places, f"{text} is told, {value} was measured"


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure["what"][:40])
def test_a_figure_has_a_command_of_a_benchmark_that_is_there_and_a_date(figure):
    scripts = re.findall(r"benchmarks/(\w+)\.py", figure["command"])
    assert scripts
    assert all((BENCHMARKS / f"{name}.py").is_file() for name in scripts)
    assert isinstance(figure["date"], date)
