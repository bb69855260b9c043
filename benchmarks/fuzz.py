"""Reads and studies broken, hostile and degenerate inputs; prints every one that ends in anything but a result or one line.

    python benchmarks/fuzz.py [--inputs 3000] [--first 0] [--workers 2] [--seconds 20] [--gigabytes 2] [--only SEED ...]

Each input is made by its seed alone, so ``--only SEED`` makes it again. It runs in a child process, which is ended when it
takes longer or more memory than allowed. On Linux seconds are those of the processor, so that a busy machine fails nothing (ten
times as many on the clock do); elsewhere they are those of the clock, and memory is not watched. The exit status is 1 if any input failed.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ["LABELSCOPE_CACHE"] = "off"

from fuzzing.attempts import Outcome, attempt, warm_up  # noqa: E402 - the variables come first

TICK = 0.05  # seconds between two looks at a child


def work(pipe: Connection) -> None:
    """A child: seeds in, outcomes out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what panics print themselves
    with tempfile.TemporaryDirectory() as folder:
        warm_up()
        pipe.send(None)
        while (seed := pipe.recv()) is not None:
            forget_peak()
            outcome = attempt(seed, Path(folder))
            pipe.send((outcome, memory(os.getpid(), "VmHWM")))


def forget_peak() -> None:
    """Begin to measure the peak of memory anew."""
    place = Path("/proc/self/clear_refs")
    if place.exists():
        place.write_text("5")


def memory(pid: int, of: str) -> float:
    """Gigabytes of a process: VmRSS now, VmHWM at the peak; 0 where nothing tells."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / (1 << 20) for line in lines if line.startswith(of)), 0.0)


def processor_seconds(pid: int) -> float | None:
    """What a process has worked so far; None where nothing tells."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Child:
    """One process that works off seeds, started again when it had to be ended."""

    def __init__(self, seconds: float, gigabytes: float) -> None:
        self._seconds, self._gigabytes = seconds, gigabytes
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()  # all libraries are loaded

    def run(self, seed: int) -> tuple[Outcome, float, float]:
        """Outcome, seconds and gigabytes at the peak."""
        self._pipe.send(seed)
        clock, before = time.perf_counter(), processor_seconds(self._process.pid or 0)
        took, most, reason = 0.0, 0.0, ""

        def seconds() -> float:
            now = processor_seconds(self._process.pid or 0)
            return time.perf_counter() - clock if now is None or before is None else now - before

        while not reason:
            try:
                if self._pipe.poll(TICK):
                    outcome, peak = self._pipe.recv()
                    took = seconds()
                    reason = f"{peak:.1f} GiB at the peak" if peak > self._gigabytes else ""
                    outcome = Outcome(outcome.name, "failed", reason) if reason else outcome
                    return outcome, took, max(most, peak)
            except (EOFError, OSError):
                reason = "the process died"
            took, most = seconds(), max(most, memory(self._process.pid or 0, "VmRSS"))
            if took > self._seconds or time.perf_counter() - clock > 10 * self._seconds:
                reason = f"more than {self._seconds:g} s"
            elif most > self._gigabytes:
                reason = f"more than {self._gigabytes:g} GiB"
        self._process.kill()
        self._process.join()
        self._start()
        return Outcome("", "failed", reason), took, most

    def stop(self) -> None:
        """End the process."""
        self._pipe.send(None)
        self._process.join()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--inputs", type=int, default=3000)
    arguments.add_argument("--first", type=int, default=0, metavar="SEED")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("--gigabytes", type=float, default=2)
    arguments.add_argument("--only", type=int, nargs="*", metavar="SEED")
    asked = arguments.parse_args()
    seeds = iter(asked.only or range(asked.first, asked.first + asked.inputs))
    kinds, slowest, largest, taking = Counter[str](), (0.0, -1), (0.0, -1), threading.Lock()

    def taken() -> Iterator[int]:
        while True:
            with taking:
                seed = next(seeds, None)
            if seed is None:
                return
            yield seed

    def serve() -> None:
        nonlocal slowest, largest
        child = Child(asked.seconds, asked.gigabytes)
        for seed in taken():
            outcome, seconds, gigabytes = child.run(seed)
            with taking:
                kinds[outcome.kind] += 1
                slowest, largest = max(slowest, (seconds, seed)), max(largest, (gigabytes, seed))
                if outcome.failed or asked.only:
                    print(
                        f"seed {seed} ({outcome.name}): {outcome.kind}, {seconds:.1f} s, {gigabytes:.2f} GiB\n{outcome.detail}", flush=True
                    )
        child.stop()

    threads = [threading.Thread(target=serve) for _ in range(asked.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{sum(kinds.values()):,} inputs: {counts}")
    print(f"slowest: {slowest[0]:.1f} s (seed {slowest[1]}); most memory: {largest[0]:.2f} GiB (seed {largest[1]})")
    sys.exit(1 if kinds["failed"] else 0)


if __name__ == "__main__":
    main()
