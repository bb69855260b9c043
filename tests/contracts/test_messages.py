"""The types of the front end are those of the kernel."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made():
    """The script that makes the TypeScript types."""
    spec = importlib.util.spec_from_file_location("front_end_messages", ROOT / "extensions" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_types_of_the_front_end_are_as_new_as_those_of_the_kernel(made):
    assert made.TARGET.read_text("utf-8") == made.typescript(), "run python extensions/messages.py"


def test_what_cannot_travel_is_refused_by_name(made):
    with pytest.raises(TypeError, match=r"travels as JSON, got set"):
        made.Types().spelled(set[int])
