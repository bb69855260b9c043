"""What second looks recover: how often reviewers are right, from how often they agree, and which of two is steadier.

    python benchmarks/second_looks.py [--runs 200] [--looks 500]

Two simulated reviewers decide the same cells apart from one another, each right with a probability of its own. Printed: in how
many runs the accuracy read from their agreement lies within .02 of the true one, how often its interval holds it, how often two
unequal reviewers are told apart by their own repeats, and how often two equal ones are.
"""

import argparse

import numpy as np
import polars as pl

from labelscope.review.reviewer_agreement import agreement


def decided(random, accuracy, n):
    """Whether each of `n` verdicts is right."""
    return random.random(n) < accuracy


def looks(first, second, one, other):
    return pl.DataFrame({"first": [first] * len(one), "second": [second] * len(one), "same": one == other})


def run(random, a, b, n):
    """What is said of a pair after `n` second looks at each other's cells, and as many at their own."""
    pairs = [
        looks("ann", "bob", decided(random, a, n), decided(random, b, n)),
        looks("ann", "ann", decided(random, a, n), decided(random, a, n)),
        looks("bob", "bob", decided(random, b, n), decided(random, b, n)),
    ]
    return next(of for of in agreement(pl.concat(pairs)) if of.first != of.second)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=200)
    arguments.add_argument("--looks", type=int, default=500)
    asked = arguments.parse_args()
    random = np.random.default_rng(0)
    print("| accuracies | within .02 | interval holds it | said to be unequal |\n|---|---|---|---|")
    for a, b in ((0.90, 0.90), (0.95, 0.95), (0.95, 0.90), (0.95, 0.85), (0.90, 0.80)):
        found = [run(random, a, b, asked.looks) for _ in range(asked.runs)]
        near = np.mean([abs(of.accuracy - a) <= 0.02 for of in found])
        held = np.mean([of.accuracy_low <= a <= of.accuracy_high for of in found])
        unequal = np.mean([of.unequal for of in found])
        told = (f"{near:.1%}", f"{held:.1%}") if a == b else ("", "")
        print(f"| {a:.2f}, {b:.2f} | {told[0]} | {told[1]} | {unequal:.1%} |", flush=True)


if __name__ == "__main__":
    main()
