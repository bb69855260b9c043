"""What the ledger promises, at full size: a million events, clicks, and what becomes of damage, kills and bad drives.

    python benchmarks/ledger.py opening|clicks|bits|kills|drives

`opening`: open a ledger of 1,000,000 events (bars: 6 s, which on a busy machine is
processor time, and at most 350 MiB more than with labelscope loaded). `clicks`: 100 decisions, undos and counts at
1,000 and at 1,000,000 events with conflicts (bar: at most 1.5 times). `bits`: 400 ledgers with one flipped bit (bar: none silently
wrong, none a traceback). `kills`: 100 decisions and kill -9, the file copied alone; then 20 kills in the middle of a commit.
`drives`: two writers whose locks do not see each other, or have none, 200 decisions each, three times (bar: refused, or none of 400
lost).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from msgspec.structs import replace

from labelscope.errors import LedgerError
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
from labelscope.review.recovery import recover

FINGERPRINT = "f" * 40
NEW = Event(0, "accept", "7", "cat", 0, 1, "s1", "ann", "2026-01-01T00:00:00.000+00:00")
N_LABELS = 80


def fill(place: Path, n: int, fingerprint: str = FINGERPRINT) -> None:
    """n events on n // 5 items: two reviewers, every hundredth cell contested, every fiftieth event an undo."""
    ledger = Ledger.open(place, fingerprint=fingerprint)
    for start in range(0, n, 50_000):
        events = []
        for k in range(start, min(start + 50_000, n)):
            event = replace(
                NEW, item_id=str(k // 5), label=f"label{k % N_LABELS}", suggestion_id=f"s{k}", reviewer=("ann", "ben")[k // 7 % 2]
            )
            if k % 100 == 1:
                event = replace(events[-1], kind="reject", before=1, after=0, reviewer="ben" if events[-1].reviewer == "ann" else "ann")
            elif k % 50 == 2:
                event = replace(events[-2], kind="undo", before=1, after=0, undoes=k - 1)
            events.append(replace(event, time=f"2026-01-01T{k // 3600 % 24:02}:{k // 60 % 60:02}:{k % 60:02}.{k % 1000:03}+00:00"))
        ledger.append(events)


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(code: str, *arguments: object) -> dict:
    process = child(code, *arguments)
    out, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors)
    return json.loads(out)


OPENING = """
import json, sys, time
from pathlib import Path
from labelscope import Session
from labelscope.review.reviewer_log import ReviewerLog
from labelscope.review.ledger import Ledger

def peak():  # MiB. Not ru_maxrss: a process inherits that of the one that started it
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

loaded = peak()
begun, processor = time.perf_counter(), time.process_time()
journal = ReviewerLog(Ledger.open(sys.argv[1], fingerprint=sys.argv[2]), "ann", lambda cells: [0] * len(cells))
seconds, processor = time.perf_counter() - begun, time.process_time() - processor
told = {"events": len(journal.index.events), "seconds": round(seconds, 2), "processor_seconds": round(processor, 2)}
print(json.dumps({**told, "loaded_mib": round(loaded), "peak_mib_above_loaded": round(peak() - loaded)}))
"""

CLICKS = """
import json, resource, sys, time
from types import SimpleNamespace
import polars as pl
from labelscope import Dataset, Session
from labelscope.review.ledger import Ledger

n_items, n_labels = 10_000, 80
frame = pl.DataFrame({"item_id": range(1000, 2000)}).with_columns(
    suggestion_id=pl.format("t{}", "item_id"), label=pl.lit("label3"), action=pl.lit("add"), confidence=pl.lit(0.9), reason=pl.lit("")
)
names = [f"label{k}" for k in range(n_labels)]
dataset = Dataset.from_arrays([[names[k % n_labels]] for k in range(int(sys.argv[3]))], label_names=names)
dataset.__dict__["fingerprint"] = sys.argv[2]
session = Session(dataset, ledger=sys.argv[1], reviewer="ann", suggestions=SimpleNamespace(frame=frame))
session.verdicts, session.progress
session.accept("t1999")
session.undo()
seconds, processor = [], time.process_time()
for k in range(100):
    begun = time.perf_counter()
    event = session.accept(f"t{1000 + k}")
    session.together(event)
    session.located([event])
    session.progress
    if k % 10 == 9:
        session.undo()
    session.verdict(f"t{1000 + k}")
    seconds.append(time.perf_counter() - begun)
seconds.sort()
print(json.dumps({"median_ms": seconds[50] * 1e3, "p95_ms": seconds[95] * 1e3, "processor_ms": (time.process_time() - processor) * 10}))
"""

DECIDE = """
import sys
from labelscope.review import sqlite_file
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger

vfs = sys.argv[4]
if vfs:  # stands for a drive: one whose locks do nothing, or whose locks are another machine's
    usual = sqlite_file.sqlite3.connect
    sqlite_file.sqlite3.connect = lambda place, **options: usual(f"{place}&vfs={vfs}", **options)
ledger = Ledger.open(sys.argv[1], fingerprint="f" * 40)
new = Event(0, "accept", "7", "cat", 0, 1, "s1", "ann", "2026-01-01T00:00:00.000+00:00")
sys.stdin.readline() if sys.argv[3] == "wait" else None
for k in range(int(sys.argv[5])):
    print(ledger.append([replace(new, item_id=f"{sys.argv[2]}-{k}")])[0].item_id, flush=True)
"""


def opening(folder: Path, n: int) -> None:
    place = folder / "ledger.sqlite"
    fill(place, n)
    print(json.dumps({"opening": told(OPENING, place, FINGERPRINT), "file_mb": round(place.stat().st_size / 1e6)}))


def clicks(folder: Path, n: int) -> None:
    figures = {}
    for size in (1000, n):
        place = folder / f"{size}.sqlite"
        fill(place, size)
        figures[size] = told(CLICKS, place, FINGERPRINT, max(2000, n // 5))
    small, large = figures.values()
    ratio = {name: round(large[name] / small[name], 2) for name in small}
    print(json.dumps({"clicks": figures, "times": ratio}))


def bits(folder: Path, n: int) -> None:
    place = folder / "ledger.sqlite"
    fill(place, 200)
    ledger = Ledger.open(place, fingerprint=FINGERPRINT)
    for k in range(200):
        ledger.append([replace(NEW, item_id=f"single {k}")])
    ledger.keep("a sample " * 1000, after=0, reviewer="ann")
    whole, sample, data = tuple(ledger.events()), ledger.sample(), place.read_bytes()
    chance, found = random.Random(0), Counter[str]()  # noqa: S311 - which bits
    for _ in range(n):
        bit = chance.randrange(8 * len(data))
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        place.write_bytes(flipped)
        try:
            again = Ledger.open(place, fingerprint=FINGERPRINT)
            found["harmless" if (tuple(again.events()), again.sample()) == (whole, sample) else "silently wrong"] += 1
        except LedgerError:
            found["refused"] += 1
            saved = folder / f"saved-{bit}"
            try:
                recover(place, saved)
                events = Ledger.open(saved, fingerprint=FINGERPRINT).events()
                found["recovered wrong" if set(events) - set(whole) else "recovered"] += 1
                found["decisions not saved"] += len(whole) - len(events)
            except LedgerError:
                found["not recovered"] += 1
            saved.unlink(missing_ok=True)
        except Exception as error:  # noqa: BLE001 - a traceback is what must not be
            found[f"traceback {type(error).__name__}"] += 1
    print(json.dumps({"flipped bits": n, **found}))


def kills(folder: Path, n: int) -> None:
    place, alone = folder / "ledger.sqlite", folder / "alone.sqlite"
    writer = child(DECIDE, place, "a", "go", "", 1_000_000)
    acknowledged = [writer.stdout.readline().strip() for _ in range(100)]
    writer.kill()
    writer.wait()
    acknowledged += [line for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    shutil.copyfile(place, alone)
    there = _items(alone)
    lost = "refused" if there is None else sum(line.strip() not in there for line in acknowledged)
    found, chance = Counter[str](), random.Random(0)  # noqa: S311 - which bits, and when
    for k in range(n):
        place = folder / f"{k}.sqlite"
        fill(place, 2000)
        writer = child(DECIDE, place, "b", "go", "", 1_000_000)
        lines = [writer.stdout.readline().strip() for _ in range(3)]
        deadline = time.monotonic() + chance.uniform(0.0, 0.2)
        journal = place.with_name(f"{place.name}-journal")
        while time.monotonic() < deadline or not (journal.exists() and journal.stat().st_size):
            pass
        writer.kill()
        writer.wait()
        lines += [line.strip() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        found["in the middle"] += journal.exists()
        shutil.copyfile(place, alone)
        both = _items(place)
        found["acknowledged"] += len(lines)
        found["lost with the journal"] += len(lines) if both is None else sum(line not in both for line in lines)
        there = _items(alone)
        found["alone: refused" if there is None else "alone: whole" if set(lines) <= there else "alone: wrong"] += 1
        place.unlink()
    print(
        json.dumps(
            {
                "lost of the acknowledged after a kill, file alone": lost,
                "acknowledged": len(acknowledged),
                "kills": n,
                "kills in a commit": found,
            }
        )
    )


def _items(place: Path) -> set[str] | None:
    try:
        return {event.item_id for event in Ledger.open(place, fingerprint=FINGERPRINT).events()}
    except LedgerError:
        return None


def drives(folder: Path, n: int) -> None:
    for name, kinds in {
        "locks that do nothing": ("unix-none", "unix-none"),
        "locks of another machine": ("", "unix-dotfile"),
        "good locks": ("", ""),
    }.items():
        for turn in range(3):
            place = folder / f"{name} {turn}.sqlite"
            writers = [
                subprocess.Popen(  # noqa: S603 - our own code
                    [sys.executable, "-c", DECIDE, str(place), who, "wait", vfs, str(n)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for who, vfs in zip("ab", kinds, strict=True)
            ]
            for writer in writers:
                writer.stdin.write("\n")
                writer.stdin.flush()
            outcomes = [writer.communicate() for writer in writers]
            acknowledged = [line for out, _ in outcomes for line in out.split("\n") if line]
            there = _items(place) or set()
            refused = [errors.strip().splitlines()[-1][:200] for _, errors in outcomes if errors]
            print(
                json.dumps(
                    {
                        "drive": name,
                        "acknowledged": len(acknowledged),
                        "lost": sum(line not in there for line in acknowledged),
                        "refused": refused,
                    }
                )
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("opening", "clicks", "bits", "kills", "drives"))
    parser.add_argument("--n", type=int, default=None, help="events, bits, kills, or decisions of each writer")
    chosen = parser.parse_args()
    done, size = {
        "opening": (opening, 1_000_000),
        "clicks": (clicks, 1_000_000),
        "bits": (bits, 400),
        "kills": (kills, 20),
        "drives": (drives, 200),
    }[chosen.what]
    with tempfile.TemporaryDirectory() as folder:
        done(Path(folder), chosen.n or size)


if __name__ == "__main__":
    main()
