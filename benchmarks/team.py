"""Two reviewers decide on one ledger in PostgreSQL while the server is restarted, crashes, and a row is locked by somebody else.

    python benchmarks/team.py [--decisions 200] [--rounds 1] [--sqlite]

Needs the programs of a PostgreSQL server (Debian's package postgresql, or the folder of initdb in LABELSCOPE_POSTGRES); a server
of its own is started in a temporary folder, whose commits wait for the disk as a team's do. Printed for each round: what
happened in the middle, decisions lost and decisions made twice (both must be 0), how many presses of a key were refused
with one line, the median and 95th percentile of a decision, and the slowest answer of all, refusals included (at most 5 s).
"""

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "team"))
import postgres_server
from reviewing import review_together

HELD = 6.0  # seconds that somebody else keeps the row: longer than a click waits


def hold_row(server, database):
    """Somebody else changes the row that every decision locks, and goes away for a while."""

    def hold():
        with server.connect(database) as other, other.transaction():
            other.execute("UPDATE labelscope_ledger SET seq = seq")
            held.set()
            time.sleep(HELD)

    held = threading.Event()
    threading.Thread(target=hold, daemon=True).start()
    held.wait(30)


def freeze(server):
    server.freeze()
    time.sleep(HELD)
    server.go_on()


def disturbances(server, database):
    return {
        "nothing": None,
        "restart": server.restart,
        "crash and restart": lambda: server.restart(signal.SIGQUIT),
        "row locked for 6 s": lambda: hold_row(server, database),
        "server frozen for 6 s": lambda: freeze(server),
    }


def report(name, outcome):
    taken, n = outcome.taken, len(outcome.taken)
    print(
        f"| {name} | {n} | {outcome.lost} | {outcome.doubled} | {len(outcome.refused)} | {1000 * taken[n // 2]:.1f} ms "
        f"| {1000 * taken[int(n * 0.95)]:.1f} ms | {outcome.slowest:.2f} s |",
        flush=True,
    )
    return outcome.lost + outcome.doubled + outcome.gaps + (outcome.slowest > 5.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=200, help="of each reviewer")
    parser.add_argument("--rounds", type=int, default=1, help="each with its own moment of the disturbance")
    parser.add_argument("--sqlite", action="store_true", help="the same two reviewers on a file, for comparison")
    asked = parser.parse_args()
    programs = postgres_server.find_postgres()
    if programs is None:
        raise SystemExit("no PostgreSQL server: install Debian's package postgresql, or name the folder of initdb in LABELSCOPE_POSTGRES")
    print("| in the middle | decisions | lost | twice | refused | median | 95 % | slowest answer |\n|---|---|---|---|---|---|---|---|")
    faults = 0
    with postgres_server.Server(programs, durable=True) as server, tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.rounds):
            chance = random.Random(seed)  # noqa: S311 - when to disturb
            for name in disturbances(server, ""):
                database = server.database()
                what = disturbances(server, database)[name]
                moment = chance.randrange(asked.decisions // 2, asked.decisions * 3 // 2)
                faults += report(name, review_together(server.url(database), asked.decisions, [("seq", moment, what)] if what else []))
            if asked.sqlite:
                faults += report("nothing (SQLite)", review_together(f"{folder}/{seed}.sqlite", asked.decisions))
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
