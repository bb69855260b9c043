"""What the votes of raters and rules come to, against the majority, a weighted vote and Dawid-Skene; and what they tell of errors.

    python benchmarks/voters.py [--data ../shared/data] [--sets NAME ...] [--draws 5] [--skip-errors]

Needs crowd-kit (`pip install crowd-kit`). Three tables, all in one run on the same votes:
micro-F1 of the consensus on each set with votes (accuracy where labels exclude each other, ties at random);
accuracy on labels by rules with 50, 100 and 200 audited items, mean over `--draws`, on the items that were not audited;
average precision of the wrong cells, all and missing, with the voters heard by `find_issues` and not heard, with a coin as one more.
"""

import argparse
import os
import time
import warnings
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything

import numpy as np
import pandas as pd
import polars as pl
from polls import POLLS, Poll, labelled_by_rules
from real_sets import VOTE_SETS, RealSet
from sklearn.metrics import average_precision_score

import labelscope as ls

RULES = ("youtube", "trec")


def crowd_kit(poll: Poll, method: str) -> np.ndarray:
    """P(label) by crowd-kit, label by label where labels are independent."""
    out = np.zeros(poll.truth.shape)
    votes = pd.DataFrame(poll.votes, columns=["task", "worker", "label", "value"])
    if poll.exclusive:
        told = aggregate(votes[["task", "worker", "label"]], method)
        out[np.ix_(told.index, told.columns)] = told
        return out
    for label, part in votes.groupby("label"):
        asked = part[["task", "worker", "value"]].rename(columns={"value": "label"})
        told = aggregate(asked, method) if asked["label"].nunique() > 1 else asked.groupby("task")["label"].mean().to_frame(1)
        out[told.index, label] = told[1]
    return out


def aggregate(votes: pd.DataFrame, method: str) -> pd.DataFrame:
    from crowdkit.aggregation import DawidSkene, MajorityVote
    from crowdkit.aggregation.utils import get_accuracy

    if method == "Dawid-Skene":
        return DawidSkene(n_iter=50).fit(votes).probas_.fillna(0)
    majority = MajorityVote().fit(votes)
    if method == "weighted vote":
        majority = MajorityVote().fit(votes, get_accuracy(votes, majority.labels_, by="worker"))
    return majority.probas_.fillna(0)


def consensus(poll: Poll, audited: pl.DataFrame | None = None) -> np.ndarray:
    return poll.probabilities(ls.consensus(poll.dataset(), poll.frame, audited=audited, exclusive=poll.exclusive).frame)


def compare(names: list[str], data: Path) -> None:
    methods = ("majority", "weighted vote", "Dawid-Skene")
    print("| set | " + " | ".join(methods) + " | consensus | less the best | seconds |\n|" + "---|" * 7)
    rows = []
    for name in names:
        poll = POLLS[name](data)
        others = [poll.score(crowd_kit(poll, method)) for method in methods]
        start = time.perf_counter()
        ours = poll.score(consensus(poll))
        spent = time.perf_counter() - start
        rows.append([*others, ours])
        print(
            f"| {name} | " + " | ".join(f"{s:.3f}" for s in (*others, ours)) + f" | {ours - max(others):+.3f} | {spent:.1f} |", flush=True
        )
    print("| mean | " + " | ".join(f"{mean:.3f}" for mean in np.mean(rows, axis=0)) + " | | |")


def with_audits(data: Path, draws: int) -> None:
    print("\n| rules | majority | no audit | 50 audited | 100 | 200 |\n|---|---|---|---|---|---|")
    for name in RULES:
        poll = POLLS[name](data)
        covered = np.unique(poll.votes[:, 0])
        told: dict[int, list[float]] = {0: [], 50: [], 100: [], 200: []}
        majority = []
        for draw in range(draws):
            order = np.random.default_rng(draw).permutation(covered)
            for n_audited, scores in told.items():
                rows = order[:n_audited]
                item, label = np.nonzero(poll.truth[rows] == 1)
                audited = pl.DataFrame({"item_id": rows[item], "label": label.astype(str), "state": 1}) if n_audited else None
                rest = Poll(poll.votes[~np.isin(poll.votes[:, 0], rows)], poll.truth, exclusive=True)
                scores.append(rest.score(consensus(poll, audited)))
            majority.append(rest.score(crowd_kit(rest, "majority")))
        print(f"| {name} | " + " | ".join(f"{np.mean(scores):.3f}" for scores in (majority, *told.values())) + " |", flush=True)


def found(of: RealSet, votes: pl.DataFrame | None) -> str:
    """Average precision of the wrong cells, all and missing."""
    parts = {name: part for name, part in of.parts.items() if name != "votes"} | ({} if votes is None else {"votes": votes})
    dataset = ls.Dataset.from_arrays(of.given, **parts)
    if votes is None and not dataset.has_content:
        return ""
    scores, known = ls.find_issues(dataset).scores, (of.given >= 0) & (of.truth >= 0)
    missing = known & (of.given == 0)
    return " / ".join(f"{average_precision_score((of.given != of.truth)[cells], scores[cells]):.3f}" for cells in (known, missing))


def toss(votes: pl.DataFrame, *, one_label: bool) -> pl.DataFrame:
    """A voter who guesses: yes or no to each cell with a vote, or one label for each item with a vote."""
    rng = np.random.default_rng(0)
    asked = votes.with_columns(rater=pl.lit("coin")).unique("item_id" if one_label else ["item_id", "label"], maintain_order=True)
    if one_label:
        return asked.with_columns(label=pl.Series(rng.choice(votes["label"].unique().sort().to_list(), asked.height)))
    return asked.with_columns(value=pl.Series(rng.integers(0, 2, asked.height)).cast(votes["value"].dtype))


def errors(data: Path) -> None:
    print("\n| wrong cells | voters not heard | heard | with a coin |\n|---|---|---|---|")
    sets = VOTE_SETS | {f"{name}_most": lambda data, name=name: labelled_by_rules(data, name) for name in RULES}
    for name, make in sets.items():
        of = make(data)
        votes = of.parts["votes"].with_columns(pl.col("rater").cast(pl.String))
        coin = toss(votes, one_label=name.endswith("_most"))
        told = [found(of, None), found(of, votes), found(of, pl.concat([votes, coin]))]
        print(f"| {name} | " + " | ".join(told) + " |", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--sets", nargs="+", default=list(POLLS), choices=list(POLLS), metavar="NAME")
    arguments.add_argument("--draws", type=int, default=5)
    arguments.add_argument("--skip-errors", action="store_true", help="Leave out the third table.")
    asked = arguments.parse_args()
    warnings.filterwarnings("ignore", module="crowdkit")
    compare(asked.sets, asked.data)
    with_audits(asked.data, asked.draws)
    if not asked.skip_errors:
        errors(asked.data)


if __name__ == "__main__":
    main()
