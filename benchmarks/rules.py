"""How long 50 rules (40 patterns, 8 queries, 2 functions) take on 100,000 texts.

    python benchmarks/rules.py [--items 100000] [--runs 3]

Texts of 5 to 40 words, out of a vocabulary of 5,000 with frequencies as in a language. Printed: seconds of the best run and of each kind.
"""

import argparse
import re
import time

import numpy as np
import polars as pl

import labelscope as ls


def texts(n_items: int) -> list[str]:
    rng = np.random.default_rng(0)
    words = np.array([f"w{k}" for k in range(5000)])
    share = 1 / np.arange(1, 5001)
    drawn = rng.choice(words, 40 * n_items, p=share / share.sum()).reshape(n_items, 40)
    return [" ".join(row[:length]) for row, length in zip(drawn, rng.integers(5, 41, n_items), strict=True)]


def rules() -> list[ls.Rule]:
    patterns = (
        [rf"\bw{k}\b" for k in range(10, 30)]
        + [rf"w{k}\d* w1\b" for k in range(1, 11)]
        + [rf"(w{k}|w{k + 1}) \w+ w2" for k in range(3, 13)]
    )
    found = [ls.Rule(f"pattern {k}", "a", re.compile(pattern, re.IGNORECASE if k % 2 else 0)) for k, pattern in enumerate(patterns)]
    queries = [
        "text:w7 AND source:web",
        "length>20",
        "NOT text:w1",
        "b AND text:w3",
        'text:"w2 w3"',
        "source:mail OR text:w99",
        "b:no",
        "text:w50",
    ]
    asked = [ls.Rule(f"query {k}", "a", query) for k, query in enumerate(queries)]
    return [
        *found,
        *asked,
        ls.Rule("long", "a", lambda row: row["length"] > 30),
        ls.Rule("first", "a", lambda row: row["text"][:2] == "w1"),
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--items", type=int, default=100_000)
    arguments.add_argument("--runs", type=int, default=3)
    asked = arguments.parse_args()
    rng = np.random.default_rng(1)
    column = texts(asked.items)
    items = pl.DataFrame(
        {"text": column, "source": rng.choice(["web", "mail"], asked.items), "length": [text.count(" ") + 1 for text in column]}
    )
    labels = (rng.random((asked.items, 2)) < 0.2).astype(int)
    dataset = ls.Dataset.from_arrays(labels, label_names=["a", "b"], items=items, text="text")
    made = rules()
    best = min(timed(dataset, made)[0] for _ in range(asked.runs))
    print(f"{len(made)} rules x {asked.items:,} texts: {best:.2f} s, {timed(dataset, made)[1]:,} votes")
    for kind in ("regex", "query", "python"):
        of = [rule for rule in made if rule.kind == kind]
        print(f"  {len(of)} {kind}: {timed(dataset, of)[0]:.2f} s")
    start = time.perf_counter()
    ls.rule_report(dataset, made)
    print(f"  report: {time.perf_counter() - start:.2f} s")


def timed(dataset: ls.Dataset, made: list[ls.Rule]) -> tuple[float, int]:
    start = time.perf_counter()
    votes = ls.rule_votes(dataset, made)
    return time.perf_counter() - start, votes.height


if __name__ == "__main__":
    main()
