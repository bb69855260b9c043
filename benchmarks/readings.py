"""Writes random label sets in every way that the readings know and reads them; counts what is equal, refused and different.

    python benchmarks/readings.py [--examples 2000] [--first 0] [--shape NAME]

The exit status is 1 if anything was read differently from how it was written, or a refusal gave advice that leads nowhere.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "properties"))

from label_shapes import SHAPES, attempt


def main() -> int:
    """Run the examples and print a line a shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--shape", choices=list(SHAPES), default=None)
    args = parser.parse_args()
    started, counts, wrong = time.perf_counter(), Counter(), 0
    for seed in range(args.first, args.first + args.examples):
        outcome = attempt(seed, args.shape)
        counts[outcome.shape, outcome.kind] += 1
        if outcome.kind not in {"read", "refused"}:
            wrong += 1
            print(f"seed {seed} ({outcome.shape}): {outcome.kind}: {outcome.detail}")
    for shape in SHAPES if args.shape is None else [args.shape]:
        kinds = {kind: n for (name, kind), n in sorted(counts.items()) if name == shape}
        print(f"{shape:20s} {', '.join(f'{n} {kind}' for kind, n in kinds.items())}")
    total = Counter(kind for (_, kind), n in counts.items() for _ in range(n))
    print(f"{args.examples} examples in {time.perf_counter() - started:.0f} s: {dict(total)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
