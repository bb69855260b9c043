"""The page on readings names the ways that there are, and what it says of a cell is what reading makes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labelscope.data.readings.registry import READINGS
from labelscope.data.readings.state_ways import FORMATS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "howto" / "readings.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.split("## One column a label")[0].splitlines() if line.startswith("| ") and '`"' in line]


def test_every_way_is_on_the_page():
    named = {name.split(":")[0] for line in ROWS for name in re.findall(r'`"([a-z]+(?::\w+)?)"`', line)}
    assert named == {reading.formats[0] for reading in READINGS}


@pytest.mark.parametrize("name", FORMATS)
def test_every_way_of_columns_is_on_the_page(name):
    assert f'"{name}"' in PAGE
