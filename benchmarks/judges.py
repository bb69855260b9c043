"""What a judge adds to the order of suspicious cells; votes of other workers are replayed as its answers.

    python benchmarks/judges.py [--data ../shared/data] [--cells 1000] [--seed 0]

medical_re: one worker's labels, and the 1,000 negatives that `find_issues` suspects most. One further worker of each sentence is the
judge, a second one the other. Printed: precision and share of the errors where the raw vote of one judge says yes; the
precision of the order of `find_issues` with one and with two judges heard, at that share of the errors, and its average precision; the
same with a coin as the judge; and a cascade, in which the second is asked where the first says yes: its calls and its average precision
against that of both judges on everything. The judges are of the crowd that made the truth too, which flatters them.
"""

import argparse
import os
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything

import numpy as np
import polars as pl
from real_sets import MEDICAL, SETS
from sklearn.metrics import average_precision_score

import labelscope as ls


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--cells", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=0)
    asked = arguments.parse_args()
    of, d = SETS["medical_re"](asked.data), np.load(asked.data / MEDICAL / "data.npz")
    rows = np.flatnonzero((d["mc_given_worker"] >= 0).any(axis=1))
    ds = of.dataset()
    predictions = ls.predict(ds, progress=False)
    found = ls.find_issues(ds, predictions)
    candidates = np.where((of.given == 0) & (of.truth >= 0), found.scores, -1)
    top = np.argsort(-candidates.ravel(), kind="stable")[: asked.cells]
    item, label = top // ds.n_labels, top % ds.n_labels
    wrong = of.truth[item, label] == 1
    first, second = further_workers(asked, rows, d["mc_given_worker_id"][rows], item, label)
    coin = np.random.default_rng(asked.seed).integers(0, 2, len(top))

    def order(*judges: tuple[str, np.ndarray]) -> np.ndarray:
        """Suspicion of the cells with judges heard; an answer of -1 was not asked for."""
        if not judges:
            return found.scores[item, label]
        said = [
            pl.DataFrame({"item_id": item, "rater": name, "label": np.asarray(ds.label_names)[label], "value": answers})
            for name, answers in judges
        ]
        heard = ls.Dataset.from_arrays(of.given, **of.parts, votes=pl.concat(said))
        return ls.find_issues(heard, predictions).scores[item, label]

    agreed = first == 1
    share = wrong[agreed].sum() / wrong.sum()
    told = f"one judge says yes to {agreed.sum()}: precision {wrong[agreed].mean():.2f}, {share:.0%} of the errors"
    print(f"{wrong.mean():.2f} of {len(top):,} cells are wrong; {told}")
    cascade = np.where(agreed, second, -1)
    ways = {
        "no judge": (),
        "a coin": (("coin", coin),),
        "one judge": (("first", first),),
        "one judge and a coin": (("first", first), ("coin", coin)),
        "two judges": (("first", first), ("second", second)),
        "cascade": (("first", first), ("second", cascade)),
    }
    print("| way | calls | average precision | precision at that share |\n|---|---|---|---|")
    for name, judges in ways.items():
        score = order(*judges)
        ranked = wrong[np.argsort(-score, kind="stable")]
        depth = int(np.searchsorted(np.cumsum(ranked), share * wrong.sum())) + 1
        calls = sum(int((answers >= 0).sum()) for _, answers in judges)
        print(f"| {name} | {calls:,} | {average_precision_score(wrong, score):.3f} | {ranked[:depth].mean():.2f} |", flush=True)


def further_workers(
    asked: argparse.Namespace, rows: np.ndarray, given: np.ndarray, item: np.ndarray, label: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What two more workers of each cell's sentence said, drawn at random; -1 where there is none."""
    votes = pl.read_parquet(asked.data / MEDICAL / "votes.parquet")
    place = dict(zip(rows.tolist(), range(len(rows)), strict=True))
    votes = votes.filter(pl.col("item").is_in(rows.tolist())).with_columns(pl.col("item").replace_strict(place))
    others = votes.filter(votes["rater"].cast(pl.Int64) != pl.Series(given.astype(np.int64)).gather(votes["item"]))
    others = others.with_columns(draw=pl.Series(np.random.default_rng(asked.seed).random(others.height))).sort("item", "draw")
    lists = dict(others.group_by("item", maintain_order=True).agg(pl.col("labels").head(2)).iter_rows())
    answers = [
        [int(label_ in said) for said in lists.get(item_, [])] + [-1, -1]
        for item_, label_ in zip(item.tolist(), label.tolist(), strict=True)
    ]
    told = np.array([row[:2] for row in answers])
    return told[:, 0], told[:, 1]


if __name__ == "__main__":
    main()
