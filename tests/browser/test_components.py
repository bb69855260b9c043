"""The unit tests of the front end, in a real Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import labkit

ROOT = Path(__file__).resolve().parents[2]


def test_components(browser):
    chromium = labkit.find_chromium() or browser.browser_type.executable_path
    environment = {**os.environ, "LABELSCOPE_CHROMIUM": chromium}
    command = [sys.executable, "extensions/build.py", "test"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"
