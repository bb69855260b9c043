"""How long `labelscope.inspect` takes on a million rows, how much memory, and whether reading is as fast as it was.

    python benchmarks/inspection.py [--rows 1000000] [--against COMMIT]

Makes a table of ids, texts of 150 characters and labels as Parquet (lists, and text joined by ";") and as a CSV of about 200 MB
in a temporary folder. Each measurement runs in a process of its own. With `--against` the same tables are also read by that commit:
the ratio of the seconds of the processor, the best of three each, in one run.
"""

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
INSPECT = """
import json, resource, sys, time
import labelscope as ls
started = time.perf_counter(), time.process_time()
found = ls.inspect(sys.argv[1])
print(json.dumps({"seconds": time.perf_counter() - started[0], "cpu": time.process_time() - started[1],
                  "gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, "summary": found.summary()}))
"""
READ = """
import json, sys, time
import labelscope as ls
import labelscope.data.read
taken = []
for _ in range(3):
    started = time.process_time()
    ls.read(sys.argv[1], labels="labels", text="text", id="id")
    taken.append(time.process_time() - started)
print(json.dumps(min(taken)))
"""


def make(folder: Path, n_rows: int) -> list[Path]:
    """The tables."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("abcdefghijklmnop"), rng.integers(3, 9))) for _ in range(3000)]
    texts = pl.Series([" ".join(rng.choice(words, 25))[:140] for _ in range(20_000)])
    weights = 1 / np.arange(1, 41)
    sets = [sorted(rng.choice(40, rng.integers(0, 5), replace=False, p=weights / weights.sum()).tolist()) for _ in range(20_000)]
    labels = pl.Series([[f"label {k}" for k in mine] for mine in sets], dtype=pl.List(pl.String))
    table = pl.DataFrame(
        {
            "id": np.arange(n_rows),
            "text": texts.gather(rng.integers(0, len(texts), n_rows)) + ', said "' + pl.Series(np.arange(n_rows)).cast(pl.String) + '"',
            "labels": labels.gather(rng.integers(0, len(labels), n_rows)),
        }
    )
    paths = [folder / name for name in ("lists.parquet", "joined.parquet", "joined.csv")]
    joined = table.with_columns(pl.col("labels").list.join(";"))
    table.write_parquet(paths[0])
    joined.write_parquet(paths[1])
    joined.write_csv(paths[2])
    return paths


def run(script: str, path: Path, package: Path) -> object:
    """What a script prints about a file, with the package that lies in a folder."""
    command = [sys.executable, "-W", "ignore", "-c", script, path]
    done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=True)  # noqa: S603 - our own scripts
    return json.loads(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--against", default=None, metavar="COMMIT")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder), args.rows)
        before = Path(folder) / "before"
        if args.against:
            command = ["git", "archive", args.against, "labelscope"]
            archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S603
            with tarfile.open(fileobj=io.BytesIO(archive)) as files:
                files.extractall(before, filter="data")
        for path in paths:
            found = run(INSPECT, path, ROOT)
            size = path.stat().st_size / 1e6
            took = f"{found['seconds']:.1f} s ({found['cpu']:.1f} s of the processor), {found['gib']:.2f} GiB"
            print(f"inspect {path.name} ({size:.0f} MB): {took}")
            print(f"  {found['summary']}")
            if args.against:
                now, then = run(READ, path, ROOT), run(READ, path, before)
                print(f"  read: {now:.2f} s of the processor, {then:.2f} s at {args.against}: ratio {now / then:.2f}")


if __name__ == "__main__":
    main()
