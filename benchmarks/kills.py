"""Kills of a scan at random moments: what stands in its folder afterwards.

Run as ``python benchmarks/kills.py [--kills N] [--seed S]`` (POSIX). A table of 300 items is scanned into a folder that
holds an earlier scan and a person's notes; the process is killed (SIGKILL) at a random moment, every second time in
the last moments, in which the results change places. Then the folder must hold the earlier results or the new ones,
whole by their hashes, as soon as the next command has looked at it, and the notes; nothing may be left beside it after
the next scan.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from labelscope.data.folders import repair_folder
from labelscope.data.mark import changed_files, read_mark

MAIN = "from labelscope.cli.app import main; main()"


def make_table(folder: Path) -> None:
    rng = np.random.default_rng(0)
    topic = np.arange(300) % 2
    np.save(folder / "x.npy", (rng.normal(size=(300, 6)) + 4 * topic[:, None]).astype(np.float32))
    labels = [["sport", "ball"] if of else ["music"] for of in topic]
    pl.DataFrame({"id": range(300), "labels": labels}).write_parquet(folder / "table.parquet")


def scan(folder: Path, seed: int) -> subprocess.Popen[bytes]:
    given = ["scan", "table.parquet", "--labels", "labels", "--id", "id", "--embeddings", "x.npy", "--seed", str(seed), "--out", "out"]
    return subprocess.Popen([sys.executable, "-c", MAIN, *given], cwd=folder, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command


def content(out: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.iterdir()
        if path.name not in {"notes.md", ".labelscope.json"}
    }


def is_whole(out: Path) -> bool:
    """Whether the folder holds exactly the files of its mark, as they were written."""
    marked = read_mark(out) or {}
    return bool(marked) and content(out).keys() == marked.keys() and not changed_files(out, marked)


def wait_for_end(folder: Path, running: subprocess.Popen[bytes], chance: random.Random) -> None:
    """Until the last file of the new results is there, and a few milliseconds more."""
    last = folder / ".out.labelscope-work" / "new" / "summary.json"
    while running.poll() is None and not last.exists():
        time.sleep(0.0005)
    time.sleep(chance.uniform(0, 0.03))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311 - when to kill
    counts = dict.fromkeys(("earlier", "new", "torn", "notes lost"), 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_table(folder)
        start = time.perf_counter()
        if scan(folder, 0).wait():
            sys.exit("kills: expected the first scan to succeed")
        whole = time.perf_counter() - start
        out = folder / "out"
        (out / "notes.md").write_text("mine")
        print(f"one scan takes {whole:.1f} s", flush=True)
        k = 0
        while k < arguments.kills:
            before = content(out)
            running, start = scan(folder, k + 1), time.perf_counter()
            if k % 2:
                wait_for_end(folder, running, chance)
            else:
                time.sleep(chance.uniform(0, 0.8 * whole))
            if running.poll() is not None:  # too late: not a kill
                whole = min(whole, time.perf_counter() - start)
                continue
            k += 1
            running.kill()
            running.wait()
            repair_folder(out)
            counts["notes lost"] += (out / "notes.md").read_text() != "mine"
            state = "torn" if not is_whole(out) else "earlier" if content(out) == before else "new"
            counts[state] += 1
            print(f"kill {k}: {state} results", flush=True)
        if scan(folder, 0).wait():
            sys.exit("kills: expected the last scan to succeed")
        left = sorted(path.name for path in folder.iterdir() if path.name not in {"table.parquet", "x.npy", "out"})
    print(", ".join(f"{n} {what}" for what, n in counts.items()), f"; left beside the folder after the next scan: {left or 'nothing'}")
    if counts["torn"] or counts["notes lost"] or left:
        sys.exit(1)


if __name__ == "__main__":
    main()
