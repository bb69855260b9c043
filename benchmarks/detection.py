"""How well wrong labels are found on real noise, detector by detector, against the usual pipeline in the same run.

    python benchmarks/detection.py [--data ../shared/data] [--sets NAME ...] [--quick]

Each set has labels as a data set would ship with them and a better second look, used for scoring only (``real_sets.py``).
The usual pipeline is a logistic regression a label, cross-fitted in 5 folds, and self-confidence. The probabilities of
labelscope are made once a set; printed are, for each way to find issues with them, the average precision (AP) over all
known cells, over given positives (spurious), over given negatives (missing) and over items: as geometric means of the
ratio to the usual pipeline, with the worst set, and the seconds of find_issues alone. Then: the choice of the constants
with each set left out; flags and their precision, confidence and its calibration. --quick leaves out the slow detectors.
"""

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"  # every run computes everything

import numpy as np
from real_sets import BOARD, SETS, TEXT_SETS, VOTE_SETS, RealSet
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold, cross_val_predict

import labelscope as ls
from labelscope.issues import asymmetry, rarity
from labelscope.issues.detectors import competing_labels
from labelscope.issues.registry import DETECTORS, available
from labelscope.models.predict import Predictions

KINDS = ("all", "spurious", "missing", "items")
Find = Callable[[ls.Dataset, Predictions], np.ndarray]


def usual(of: RealSet) -> np.ndarray:
    """Self-confidence of a logistic regression a label, or of the probabilities that came with the set."""
    y, folds = np.maximum(of.given, 0), KFold(5, shuffle=True, random_state=0)
    p = of.parts.get("probabilities")
    if p is None:
        p = np.tile(y.mean(0), (len(y), 1))
        x = of.parts.get("embeddings")
        enough = [] if x is None else np.flatnonzero((y.sum(0) >= 5) & (y.sum(0) <= len(y) - 5))
        for k in enough:
            p[:, k] = cross_val_predict(LogisticRegression(max_iter=300), x, y[:, k], cv=folds, method="predict_proba")[:, 1]
    return np.where(of.given == 1, 1 - p, p)


def average_precisions(of: RealSet, scores: np.ndarray) -> np.ndarray:
    known = (of.given >= 0) & (of.truth >= 0)
    wrong, s = (of.given != of.truth) & known, np.nan_to_num(scores)
    parts = (known, known & (of.given == 1), known & (of.given == 0))
    found = [average_precision_score(wrong[p], s[p]) if wrong[p].any() else np.nan for p in parts]
    return np.array([*found, average_precision_score(wrong.any(1), np.where(known, s, 0).max(1))])


def by(names: tuple[str, ...] | None = None, **options: object) -> Find:
    return lambda ds, p: ls.find_issues(ds, p, detectors=names, **options).scores


def without_tail(ds: ls.Dataset, p: Predictions) -> np.ndarray:
    power, rarity.POWER = rarity.POWER, 0.0
    try:
        return by()(ds, p)
    finally:
        rarity.POWER = power


def default_and(name: str) -> Find:
    def find(ds: ls.Dataset, p: Predictions) -> np.ndarray:
        names = ls.find_issues(ds, p).detectors  # what cannot run changes nothing
        return ls.find_issues(ds, p, detectors=(*names, name) if name in available(ds) else names).scores

    return find


def default_less(name: str) -> Find:
    def find(ds: ls.Dataset, p: Predictions) -> np.ndarray:
        rest = tuple(n for n in ls.find_issues(ds, p).detectors if n != name)
        return ls.find_issues(ds, p, detectors=rest if name != "label_set" else (*rest, "self_confidence")).scores

    return find


WAYS: dict[str, Find] = {
    "self-confidence, nothing else": lambda ds, p: ls.score_cells(ds.labels.dense(), p.probabilities),
    "self_confidence": by(("self_confidence",)),
    "label_set": by(("label_set",)),
    "noise_rates": by(("noise_rates",)),
    "neighbors": by(("neighbors",)),
    "learning_dynamics": by(("learning_dynamics",)),
    "default": by(),
    "default - asymmetry": by(noise="both"),
    "default - tail": without_tail,
    "default - label_set": default_less("label_set"),
    "default + noise_rates": default_and("noise_rates"),
    "default + neighbors": default_and("neighbors"),
    "default + learning_dynamics": default_and("learning_dynamics"),
    "default + relations": default_and("relations"),
    "default, noise known: spurious": by(noise="spurious"),
    "default, noise known: missing": by(noise="missing"),
}
TEXT_WAYS: dict[str, Find] = {
    "label_set (text not read)": by(("label_set",)),
    "default": by(),
    "default - words": default_less("words"),
    "default - mentions": default_less("mentions"),
}
VOTE_WAYS: dict[str, Find] = {"label_set (votes not heard)": by(("label_set",)), "votes": by(("votes",)), "default": by()}
SLOW = ("neighbors", "learning_dynamics", "relations", "noise_rates")


def compare(title: str, sets: dict[str, Callable[[Path], RealSet]], ways: dict[str, Find], data: Path) -> dict[str, tuple]:
    """Print the table of one family of sets; the sets and their probabilities come back."""
    loaded, found, references = {}, {}, {}
    for name, load in sets.items():
        of = load(data)
        ds = of.dataset()
        learnable = "embeddings" in of.parts or "probabilities" in of.parts
        start = time.perf_counter()
        p = ls.predict(ds) if learnable else None
        took = time.perf_counter() - start
        loaded[name] = (of, ds, p)
        start = time.perf_counter()
        references[name] = average_precisions(of, usual(of)) if name != "audioset" else np.full(4, np.nan)  # 527 regressions
        theirs = time.perf_counter() - start
        ls.find_issues(ds, p)  # warm-up
        print(f"\n{name}: {of.given.shape[0]:,} x {of.given.shape[1]}, predict {took:.2f} s, usual pipeline {theirs:.2f} s")
        print(f"{'':34s}" + "".join(f"{k:>10s}" for k in KINDS))
        print(f"{'usual pipeline':34s}" + "".join(f"{v:10.4f}" for v in references[name]))
        for way, find in ways.items():
            if (way in DETECTORS and way not in available(ds)) or (p is None and way.startswith("label_set")):
                continue
            start = time.perf_counter()
            scores = find(ds, p)
            seconds = time.perf_counter() - start
            found.setdefault(way, {})[name] = average_precisions(of, scores)
            print(f"{way:34s}" + "".join(f"{v:10.4f}" for v in found[way][name]) + f"  {seconds:.3f} s", flush=True)
    print(f"\n{title}: times the AP of the usual pipeline, geometric mean over sets (worst set)")
    for way, of_way in found.items():
        names = list(of_way)
        table = np.stack([of_way[name] / references[name] for name in names])
        words = [
            f"{kind} {np.exp(np.nanmean(np.log(column))):.3f} ({np.nanmin(column):.2f} {names[int(np.nanargmin(column))]})"
            for kind, column in zip(KINDS, table.T, strict=True)
        ]
        if set(BOARD) <= set(names):
            ours, theirs = (np.mean([of[name][0] for name in BOARD]) for of in (of_way, references))
            words.append(f"board {ours:.4f} against {theirs:.4f}")
        if len(names) < len(sets):
            words.append(f"{len(names)} sets only")
        print(f"{way:34s} " + "  ".join(words))
    return loaded


def leave_one_out(loaded: dict[str, tuple]) -> None:
    """The constants that are best on all other sets, and what they give on the set left out."""
    grid = list(product((1.0, 2.0, 4.0, 8.0), (2, 4, 6), (0.0, 1 / 3, 2 / 3), (0.0, 0.2, 0.4)))
    owners = ((asymmetry, "MOST"), (asymmetry, "POWER"), (competing_labels, "RIVALRY"), (rarity, "POWER"))
    before = [getattr(*owner) for owner in owners]
    names = [name for name in loaded if name != "audioset"]
    gains = np.empty((len(grid), len(names)))
    for g, values in enumerate(grid):
        for (module, constant), value in zip(owners, values, strict=True):
            setattr(module, constant, value)
        for n, name in enumerate(names):
            of, ds, p = loaded[name]
            gains[g, n] = np.log(average_precisions(of, by(("label_set",))(ds, p))[0])
    for (module, constant), value in zip(owners, before, strict=True):
        setattr(module, constant, value)
    chosen = [int((gains.sum(axis=1) - gains[:, n]).argmax()) for n in range(len(names))]
    ours = grid.index(tuple(before))
    print("\nconstants (MOST, POWER, RIVALRY, tail POWER) chosen with each set left out, and AP against the default's")
    for n, name in enumerate(names):
        print(f"{name:16s} {tuple(round(v, 2) for v in grid[chosen[n]])}  {np.exp(gains[chosen[n], n] - gains[ours, n]):.3f}")
    print(
        f"geometric mean {np.exp(np.mean([gains[c, n] - gains[ours, n] for n, c in enumerate(chosen)])):.3f}; best of all on all: ", end=""
    )
    print(tuple(round(v, 2) for v in grid[int(gains.sum(axis=1).argmax())]), f"{np.exp((gains - gains[ours]).mean(axis=1).max()):.3f}")


def calibration(loaded: dict[str, tuple]) -> None:
    print("\nflags and confidence: cells flagged, share wrong, mean confidence; near 0.9; expected calibration error of listed cells")
    errors, briers = [], []
    for name, (of, ds, p) in loaded.items():
        found = ls.find_issues(ds, p)
        cells = found.cells
        item = cells["item_id"].to_numpy()
        label = np.array([ds.label_position(k) for k in cells["label"]])
        known = of.truth[item, label] >= 0
        wrong = of.truth[item, label] != cells["given"].to_numpy()
        flagged, confidence, suspicion = (cells[c].to_numpy() for c in ("flagged", "confidence", "suspicion"))
        words = []
        for kind in ("spurious", "missing"):
            mine = flagged & known & (cells["kind"] == kind).to_numpy()
            share, stated = (wrong[mine].mean(), confidence[mine].mean()) if mine.any() else (np.nan, np.nan)
            words.append(f"{kind} {mine.sum():4d} {share:.2f} {stated:.2f}")
        near = flagged & known & (np.abs(confidence - 0.9) <= 0.05)
        error = [_calibration_error(wrong[known], s[known]) for s in (suspicion, confidence)]
        errors.append(error)
        briers.append([((s[known] - wrong[known]) ** 2).mean() for s in (suspicion, confidence)])
        print(f"{name:16s} " + "; ".join(words) + f"; near 0.9: {near.sum()}; suspicion {error[0]:.3f}, confidence {error[1]:.3f}")
    for words, table in (("calibration error", errors), ("Brier score", briers)):
        print(f"mean {words}: suspicion {np.mean(table, axis=0)[0]:.3f}, confidence {np.mean(table, axis=0)[1]:.3f}")


def _calibration_error(wrong: np.ndarray, stated: np.ndarray) -> float:
    bins = np.array_split(np.argsort(stated, kind="stable"), 15)
    return float(sum(abs(wrong[b].mean() - stated[b].mean()) * len(b) for b in bins if len(b)) / max(1, len(stated)))


def filters(loaded: dict[str, tuple]) -> None:
    """Flags against cleanlab's filter on the same probabilities."""
    if importlib.util.find_spec("cleanlab") is None:
        print("\ncleanlab is not installed: no comparison of flags")
        return
    from cleanlab.multilabel_classification.filter import find_label_issues

    print("\nitems flagged by cleanlab, share of them with a wrong cell, and that of as many of our most suspicious items")
    for name, (of, ds, p) in loaded.items():
        known = (of.given >= 0) & (of.truth >= 0)
        if (of.given < 0).any() or not known.all():
            continue
        wrong = (of.given != of.truth).any(axis=1)
        theirs = np.asarray(find_label_issues([np.flatnonzero(row).tolist() for row in of.given], p.probabilities), bool)
        ours = np.argsort(-ls.score_items(ls.find_issues(ds, p).scores), kind="stable")[: theirs.sum()]
        print(f"{name:16s} {theirs.sum():5d}  {wrong[theirs].mean():.3f}  {wrong[ours].mean():.3f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--sets", nargs="*", help="of " + ", ".join(SETS))
    arguments.add_argument("--quick", action="store_true", help="without the slow detectors and the choice of constants")
    asked = arguments.parse_args()
    chosen = {name: SETS[name] for name in asked.sets or SETS}
    ways = {way: find for way, find in WAYS.items() if not (asked.quick and any(name in way for name in SLOW))}
    loaded = compare(f"{len(chosen)} sets", chosen, ways, asked.data)
    calibration(loaded)
    filters(loaded)
    if not asked.quick:
        leave_one_out(loaded)
    if not asked.sets:
        compare("with the text", TEXT_SETS, TEXT_WAYS, asked.data)
        compare("with votes", VOTE_SETS, VOTE_WAYS, asked.data)


if __name__ == "__main__":
    main()
