"""What Windows lacks is not needed: the command line works where labelscope can import no module of POSIX."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import labelscope

LACKING = """
import builtins

POSIX = {"resource", "fcntl", "termios", "pwd", "grp", "tty", "pty", "syslog", "readline", "curses", "posix", "spwd", "crypt", "nis"}
load = builtins.__import__

def load_as_on_windows(name, globals=None, locals=None, fromlist=(), level=0):
    if name.partition(".")[0] in POSIX and (globals or {}).get("__name__", "").partition(".")[0] == "labelscope":
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return load(name, globals, locals, fromlist, level)

builtins.__import__ = load_as_on_windows
"""
FUNCTIONS = {
    "getuid", "geteuid", "getgid", "getegid", "fork", "forkpty", "chown", "lchown", "fchown", "fchmod", "mkfifo", "mknod", "uname", "nice",
    "setpriority", "getpriority", "sched_getaffinity", "sched_setaffinity", "statvfs", "sysconf", "getloadavg", "killpg", "setsid",
    "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK", "pread", "posix_fadvise", "sendfile", "register_at_fork", "SIGKILL", "SIGHUP",
    "SIGALRM", "SIGUSR1", "SIGCHLD", "alarm", "setitimer", "EX_OK", "rename",
}  # fmt: skip
GUARDED = {
    "data/files.py": {"chown"},  # after hasattr
    "stages/cache_warmup.py": {"setpriority"},  # AttributeError is caught
}
PACKAGE = Path(labelscope.__file__).resolve().parent


def without_posix(*arguments, cwd):
    code = f"{LACKING}\nfrom labelscope.cli.app import main\nmain()"
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False)


def test_the_code_calls_nothing_of_posix_alone():
    """`os.rename` among it, which does not replace a file on Windows."""
    used = {}
    for path in PACKAGE.rglob("*.py"):
        names = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in {"os", "signal"} and node.attr in FUNCTIONS
        }
        if names:
            used[path.relative_to(PACKAGE).as_posix()] = names
    assert {path: names - GUARDED.get(path, set()) for path, names in used.items() if names - GUARDED.get(path, set())} == {}


def test_the_help_shows(tmp_path):
    done = without_posix("--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "scan" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="takes away what is not there")
def test_a_table_is_scanned_twice_and_exported(tmp_path):
    rng = np.random.default_rng(0)
    topic = np.arange(60) % 2
    np.save(tmp_path / "x.npy", rng.normal(size=(60, 4)) + 3 * topic[:, None])
    pl.DataFrame({"id": range(60), "labels": [["sport"] if t else ["music"] for t in topic]}).write_parquet(tmp_path / "t.parquet")
    scan = ("scan", "t.parquet", "--labels", "labels", "--id", "id", "--embeddings", "x.npy", "--out", "out")
    for arguments in (scan, scan, ("export", "out", "--to", "fixed.csv", "--accept-above", "0")):
        done = without_posix(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["counts"]["n_items"] == 60
    assert pl.read_csv(tmp_path / "fixed.csv").height == 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fixed.csv", "fixed.csv.changes.jsonl", "out", "t.parquet", "x.npy"]
