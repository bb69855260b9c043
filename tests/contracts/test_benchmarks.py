"""Every benchmark starts: what it imports from the package and from its neighbours is there, and it says what it does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if "argparse" in path.read_text(encoding="utf-8"))
START_ALL = """
import contextlib, io, json, runpy, sys, traceback
folder, *scripts = sys.argv[1:]
sys.path.insert(0, folder)
said = {}
for script in scripts:
    out, sys.argv, status = io.StringIO(), [script, "--help"], None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as left:
            status = left.code
        except BaseException:
            traceback.print_exc()
    said[script] = (status, out.getvalue())
print(json.dumps(said))
"""  # in one process: most of the time of a start goes into the libraries that all of them load


@pytest.fixture(scope="module")
def said():
    command = [sys.executable, "-c", START_ALL, FOLDER, *SCRIPTS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_benchmark_starts_and_explains_itself(said, script):
    status, text = said[str(script)]
    assert status == 0, text
    assert f"benchmarks/{script.name}" in text


def test_the_results_speak_of_benchmarks_that_are_there():
    results = (FOLDER / "RESULTS.md").read_text(encoding="utf-8")
    named = {word.split("benchmarks/")[1].split(".py")[0] for word in results.split("`") if "benchmarks/" in word and ".py" in word}
    assert named <= {path.stem for path in FOLDER.glob("*.py")}
