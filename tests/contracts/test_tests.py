"""What must not stand in the tests: sleeps of a fixed length, and attributes that are private."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
FILES = sorted(path for path in TESTS.rglob("*.py") if path != Path(__file__))
SLEEPS = re.compile(r"\bsleep\(|wait_for_timeout\(")
POLLS = "looks again and again, up to a limit"
ALLOWED = {
    "conftest.py": POLLS,
    "browser/labkit.py": POLLS,
    "team/postgres_server.py": POLLS,
    "integration/test_crash.py": "draws the moment of a kill: any one must do",
}
IN_CODE = re.compile(r"\b(?:app|explorer|session)\.(_\w+)")  # a string that a kernel runs
PATCHES = {"setattr", "delattr", "getattr"}


def name(path: Path) -> str:
    return path.relative_to(TESTS).as_posix()


def is_private(attribute: str) -> bool:
    """Whether an attribute is its owner's alone; names like ``_repr_mimebundle_`` are protocols of Jupyter's."""
    return attribute.startswith("_") and not attribute.endswith("_")


def private(tree: ast.AST) -> list[str]:
    """Private names of others that a test file uses, with their lines."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            found += [] if own else [(node.lineno, node.attr)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [(node.lineno, word) for word in IN_CODE.findall(node.value)]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.lineno, alias.name) for alias in node.names if is_private(alias.name)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in PATCHES:
            words = [argument.value for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
            found += [(node.lineno, word) for word in words if is_private(word.rpartition(".")[2])]
    return [f"line {line}: {word}" for line, word in found]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_test_waits_for_what_it_needs_and_uses_what_is_public(path):
    code = path.read_text(encoding="utf-8")
    assert private(ast.parse(code)) == []
    if name(path) not in ALLOWED:
        slept = [line.strip() for line in code.splitlines() if SLEEPS.search(line)]
        assert slept == [], "wait for the state itself: the fixture `until`, or Playwright's wait_for and expect"


def test_what_may_sleep_still_does():
    assert [file for file in ALLOWED if not SLEEPS.search((TESTS / file).read_text(encoding="utf-8"))] == []
