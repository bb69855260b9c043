"""Every benchmark starts: what it imports from the package and from its neighbours is there, and it says what it does."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if "argparse" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_benchmark_starts_and_explains_itself(script):
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"benchmarks/{script.name}" in done.stdout


def test_the_results_speak_of_benchmarks_that_are_there():
    results = (FOLDER / "RESULTS.md").read_text(encoding="utf-8")
    named = {word.split("benchmarks/")[1].split(".py")[0] for word in results.split("`") if "benchmarks/" in word and ".py" in word}
    assert named <= {path.stem for path in FOLDER.glob("*.py")}
