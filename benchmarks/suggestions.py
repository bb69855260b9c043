"""Whether confidence is honest, and whether the suggestions of a batch belong together, on real noise.

    python benchmarks/suggestions.py [--data ../shared/data] [--seeds 5] [SET ...]

Confidence: among suggestions with a stated confidence of 0.85 to 0.95, how many there are and which share is right, without
decisions and after some (simulated with the truth): on the first suggestions, as people review ("first"), or on random ones.
Suggestions that were decided are left out. ECE: expected calibration error over ten bins of all that were not decided.

Batches: the chance that two suggestions of one batch are both right or both wrong, against suggestions of the same label and
action drawn at random, and against any. Cover: share of the suggestions that are in a batch.

ferplus and nih have no features: the probabilities are shares of further raters' votes (three, two), the truth is what the
remaining raters say, or the adjudication. wtrec: the candidate labels that labelling functions give.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl
from real_sets import WITH_FEATURES, load

import labelscope as ls
from labelscope.issues.find import FindConfig
from labelscope.suggest.relabel import suggest

SETS = (*WITH_FEATURES, "wtrec", "ferplus", "nih")
BUDGETS = (0.03, 0.2)  # of the positives, of each kind: the default, and enough to count
DECIDED = (100, 200, 500)


def load_set(name: str, data: Path) -> tuple[ls.Dataset, np.ndarray]:
    """Data set and truth."""
    if name == "wtrec":
        d = np.load(data / "wrench_weak_supervision/trec.npz")
        items = pl.read_parquet(data / "wrench_weak_supervision/trec_items.parquet").select("text")
        given, truth = d["candidate_labels"].astype(np.int8), np.eye(d["candidate_labels"].shape[1], dtype=np.int8)[d["truth"]]
        covered = given.any(axis=1)
        return ls.Dataset.from_arrays(given[covered], items=items.filter(pl.Series(covered)), text="text"), truth[covered]
    if name == "ferplus":
        d = np.load(data / "ferplus/data.npz")
        votes, given = d["votes_without_given"].astype(int), d["given"][:, :8].astype(np.int8)
        used = (votes.sum(axis=1) == 9) & (votes[:, 8:].sum(axis=1) <= 2) & given.any(axis=1)
        votes, given, rng = votes[used], given[used], np.random.default_rng(0)
        three = np.array([rng.multivariate_hypergeometric(row, 3) for row in votes])
        share = (votes - three)[:, :8] / (votes - three).sum(axis=1, keepdims=True)
        p = (three[:, :8] + 0.3 * three[:, :8].mean(axis=0) / 3) / 3.3
        return ls.Dataset.from_arrays(given, probabilities=p), np.where(share >= 0.3, 1, np.where(share <= 0.12, 0, -1))
    if name == "nih":
        d = np.load(data / "nih_cxr14_experts/data.npz")
        votes = np.where(d["votes"] < 0, np.nan, d["votes"])
        with np.errstate(invalid="ignore"):
            two, n_two = np.nansum(votes[:2], axis=0), (~np.isnan(votes[:2])).sum(axis=0)
        p = (two + 0.4 * np.nanmean(votes, axis=(0, 1))) / (n_two + 0.4)
        return ls.Dataset.from_arrays(d["given"], probabilities=p), d["truth"]
    x, given, truth = load(name, data)
    return ls.Dataset.from_arrays(given, embeddings=x), truth


def with_right(truth: np.ndarray, frame: pl.DataFrame) -> pl.DataFrame:
    """The suggestions with a known truth, and whether each is right."""
    rows, columns = (frame[name].cast(pl.Int64).to_numpy() for name in ("item_id", "label"))
    states = np.where(frame["action"] == "add", 1, 0)
    known = pl.Series(truth[rows, columns] >= 0)
    return frame.with_columns(right=pl.Series(truth[rows, columns] == states)).filter(known)


def reliability(frame: pl.DataFrame) -> str:
    near = frame.filter(pl.col("confidence").is_between(0.85, 0.95, closed="left"))
    bins = frame.group_by((pl.col("confidence") * 10).floor().clip(0, 9)).agg(
        gap=(pl.col("confidence").mean() - pl.col("right").mean()).abs(), n=pl.len()
    )
    ece = (bins["gap"] * bins["n"]).sum() / max(1, frame.height)
    share = f"{near['right'].mean():.3f}" if near.height else "    -"
    return f"{near.height:5d} {share}  ece {ece:.2f}"


def calibration(name: str, data: Path, seeds: int) -> list[tuple[int, float]]:
    """Prints one line a budget, number and kind of decisions; the counts and shares near 0.9 come back."""
    ds, truth = load_set(name, data)
    predictions = ls.predict(ds)
    bands = []
    for budget in BUDGETS:
        findings = ls.find_issues(ds, predictions, config=FindConfig(budget=budget))
        frame = with_right(truth, suggest(ds, predictions, findings).frame)
        right = f"{frame['right'].mean():.3f}" if frame.height else "-"
        print(f"{name:15s} budget {budget:4g}: {frame.height:5d} suggestions, {right} right; no decisions        {reliability(frame)}")
        for n in DECIDED:
            for how in ("first", "random") if n < 0.7 * frame.height else ():
                for seed in range(seeds if how == "random" else 1):
                    chosen = np.arange(n) if how == "first" else np.random.default_rng(seed).choice(frame.height, n, replace=False)
                    decided = frame[chosen].select("item_id", "label", "right")
                    after = with_right(truth, suggest(ds, predictions, findings, outcomes=decided).frame)
                    after = after.join(decided, on=["item_id", "label"], how="anti")
                    near = after.filter(pl.col("confidence").is_between(0.85, 0.95, closed="left"))
                    bands.append((near.height, near["right"].mean() or 0.0))
                    if seed == 0:
                        print(f"{'':63s}{n:4d} {how:7s} {reliability(after)}", flush=True)
    return bands


def agreement(group: np.ndarray, right: np.ndarray) -> float:
    """Chance that two of one group agree, groups weighed by size; -1: in no group."""
    n = np.bincount(group[group >= 0])
    k = np.bincount(group[group >= 0], right[group >= 0])
    use = n > 1
    return float(np.average((k * (k - 1) + (n - k) * (n - k - 1))[use] / (n * (n - 1))[use], weights=n[use])) if use.any() else np.nan


def shuffled(right: np.ndarray, within: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    order = rng.permutation(len(right))
    out = np.empty_like(right)
    out[np.argsort(within, kind="stable")] = right[order[np.argsort(within[order], kind="stable")]]
    return out


def purity(name: str, data: Path) -> None:
    ds, truth = load_set(name, data)
    predictions = ls.predict(ds)
    rng = np.random.default_rng(0)
    for budget in BUDGETS:
        findings = ls.find_issues(ds, predictions, config=FindConfig(budget=budget))
        found = suggest(ds, predictions, findings)
        frame = with_right(truth, found.frame)
        group = frame["batch_id"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy() - 1
        fix = frame.select(pl.struct("label", "action").rank("dense")).to_series().to_numpy()
        right = frame["right"].to_numpy().astype(float)
        same, any_ = (np.mean([agreement(group, shuffled(right, within, rng)) for _ in range(20)]) for within in (fix, np.zeros_like(fix)))
        size = f"{found.batches.height:4d} batches, median {found.batches['n'].median() or 0:3.0f} items, cover {(group >= 0).mean():.2f}"
        agreed = f"agreement {agreement(group, right):.3f}, same label and action {same:.3f}, any {any_:.3f}"
        print(f"{name:15s} budget {budget:4g}: {size}; {agreed}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("sets", nargs="*", default=SETS)
    asked = arguments.parse_args()
    print("Confidence: suggestions stated near 0.9, and the share of them that is right")
    bands = [band for name in asked.sets for band in calibration(name, asked.data, asked.seeds)]
    many = [share for n, share in bands if n >= 200]
    kept = sum(0.8 <= share <= 0.97 for share in many)
    print(f"{len(many)} of {len(bands)} runs state 200 or more near 0.9; in {kept} of them 0.80 to 0.97 are right")
    print("\nBatches")
    for name in asked.sets:
        purity(name, asked.data)


if __name__ == "__main__":
    main()
