"""The code passes its own linters, with the configuration in pyproject.toml and, for TypeScript, in extensions/widgets."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {"ruff check": ["ruff", "check", "."], "ruff format": ["ruff", "format", "--check", "."], "mypy": ["mypy"]}


@pytest.mark.parametrize("command", COMMANDS)
def test_linter(command):
    done = subprocess.run([sys.executable, "-m", *COMMANDS[command]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_front_end():
    spec = importlib.util.spec_from_file_location("front_end_build", ROOT / "extensions" / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    done = build.run_tool("lint", capture_output=True)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"
