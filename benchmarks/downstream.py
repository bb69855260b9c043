"""What suggestions are worth: a model trained on the labels before and after, and errors found for the cells reviewed.

    python benchmarks/downstream.py [--data ../shared/data] [--seeds 5] [SET ...]

Real noise only. In each of several random splits, suggestions are made from the training items (60 %) alone and applied to
their labels; a ridge head is fitted to them and judged on the truth of the held-out items. Printed: mean over the labels of
F1 (macro), F1 over all cells (micro), mean average precision, each with its change against the labels as given and the
standard error of that change over the splits. A label is predicted for as many held-out items as carry it among the
training labels, so no threshold is tuned. Controls: as many random cells changed, of the same actions; suggestions of which
a person takes the right ones only; and all errors corrected.

Then, on all items, the share of the reviewed cells that are errors, reviewing in the order of the suggestions, of plain
self-confidence, and at random; what 100 decisions do to the order of what comes after them; and how often suggestions with
a stated confidence of 0.85 to 0.95 are right.
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl
from real_sets import BOARD, load
from sklearn.linear_model import RidgeCV
from sklearn.metrics import average_precision_score, f1_score

import labelscope as ls
from labelscope.issues.find import FindConfig
from labelscope.suggest.relabel import suggest

BUDGET = 0.1  # of the positives, of each kind: enough suggestions for all rows
TOP = (0.02, 0.05, 0.1)  # suggestions applied, as a share of the positives
SURE = (0.5, 0.8)
REVIEWED = (50, 100, 200, 500)


def suggested(x: np.ndarray, given: np.ndarray):
    """Suggestions for one set of items, with the position and the suggested state of each cell."""
    ds = ls.Dataset.from_arrays(given, embeddings=x)
    predictions = ls.predict(ds)
    findings = ls.find_issues(ds, predictions, config=FindConfig(budget=BUDGET))
    found = suggest(ds, predictions, findings)
    return ds, predictions, findings, found


def cells(frame: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and new states; items and labels are numbered here."""
    rows, columns = (frame[name].cast(pl.Int64).to_numpy() for name in ("item_id", "label"))
    return rows, columns, (frame["action"] == "add").to_numpy().astype(np.int8)


def changed(given: np.ndarray, rows: np.ndarray, columns: np.ndarray, states: np.ndarray) -> np.ndarray:
    out = given.copy()
    out[rows, columns] = states
    return out


def at_random(given: np.ndarray, n_add: int, n_remove: int, rng: np.random.Generator) -> np.ndarray:
    """As many random cells changed, of the same actions."""
    out = given.copy()
    for state, n in ((0, n_add), (1, n_remove)):
        place = rng.choice(np.flatnonzero(given.ravel() == state), n, replace=False)
        out.ravel()[place] = 1 - state
    return out


def judged(x: np.ndarray, labels: np.ndarray, held_out: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Macro F1, micro F1 and mean average precision on held-out items of a ridge head fitted to some labels."""
    y = np.maximum(labels, 0).astype(float)
    scores = RidgeCV(10.0 ** np.arange(-1, 4)).fit(x, y).predict(held_out)
    n_predicted = np.round(y.mean(axis=0) * len(held_out)).astype(int)
    rank = np.argsort(np.argsort(-scores, axis=0, kind="stable"), axis=0)
    predicted, known = rank < n_predicted, truth >= 0
    enough = [k for k in range(truth.shape[1]) if (truth[known[:, k], k] == 1).sum() >= 3]
    per_label = [f1_score(truth[known[:, k], k], predicted[known[:, k], k], zero_division=0) for k in enough]
    precision = [average_precision_score(truth[known[:, k], k], scores[known[:, k], k]) for k in enough]
    return np.array([np.mean(per_label), f1_score(truth[known], predicted[known]), np.mean(precision)])


def variants(given: np.ndarray, truth: np.ndarray, frame: pl.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Training labels to compare."""
    known = (truth >= 0) & (given >= 0)
    out = {"as given": given}
    for share in TOP:
        part = frame.head(round(share * int((given == 1).sum())))
        rows, columns, states = cells(part)
        right = truth[rows, columns] == states
        n_add = int(states.sum())
        out[f"suggestions, first {share:.0%} of the positives"] = changed(given, rows, columns, states)
        out[f"  of these the right ones only ({share:.0%})"] = changed(given, rows[right], columns[right], states[right])
        out[f"  as many random cells ({share:.0%})"] = at_random(given, n_add, len(states) - n_add, rng)
    for sure in SURE:
        part = frame.filter(pl.col("confidence") >= sure)
        out[f"suggestions of confidence {sure:g} or more"] = changed(given, *cells(part))
    out["all errors corrected"] = np.where(known, truth, given)
    return out


def downstream(name: str, data: Path, seeds: int) -> None:
    x, given, truth = load(name, data)
    table: dict[str, list[np.ndarray]] = {}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(x))
        train, test = np.split(order, [int(0.6 * len(x))])
        found = suggested(x[train], given[train])[3]
        for words, labels in variants(given[train], truth[train], found.frame, rng).items():
            table.setdefault(words, []).append(judged(x[train], labels, x[test], truth[test]))
    base = np.array(table["as given"])
    print(f"\n{name}: {len(x)} x {given.shape[1]}, {seeds} splits\n{'':46s} macro F1         micro F1         mean AP")
    for words, scores in table.items():
        gain = np.array(scores) - base
        error = gain.std(axis=0, ddof=1) / np.sqrt(seeds) if seeds > 1 else np.zeros(3)
        columns = (
            f"{m:.3f}" + (f" {g:+.3f}±{e:.3f}" if words != "as given" else " " * 13)
            for m, g, e in zip(np.mean(scores, axis=0), gain.mean(axis=0), error, strict=True)
        )
        print(f"{words:46s} " + "  ".join(columns), flush=True)


def review(name: str, data: Path) -> None:
    x, given, truth = load(name, data)
    ds, predictions, findings, found = suggested(x, given)
    known = (truth >= 0) & (given >= 0)
    wrong = known & (truth != given)
    plain = np.where(known, ls.score_cells(given, predictions.probabilities), -1)
    order = np.unravel_index(np.argsort(-plain, axis=None, kind="stable")[: max(REVIEWED)], plain.shape)
    rows, columns, _ = cells(found.frame)
    asked = known[rows, columns]
    hits = {"suggestions": wrong[rows, columns][asked], "self-confidence": wrong[order]}
    print(f"\n{name}: share of the first n reviewed cells that are errors\n{'':24s}" + "".join(f"{n:>8d}" for n in REVIEWED))
    for words, hit in hits.items():
        print(f"{words:24s}" + "".join(f"{hit[:n].mean():8.3f}" if len(hit) >= n else f"{'':8s}" for n in REVIEWED))
    print(f"{'at random':24s}" + f"{wrong.sum() / known.sum():8.3f}" * len(REVIEWED))
    decided(ds, predictions, findings, found, wrong, known)


def decided(ds, predictions, findings, found, wrong: np.ndarray, known: np.ndarray) -> None:
    """What decisions on the first suggestions do to those after them."""
    rows, columns, _ = cells(found.frame)
    frame = found.frame.with_columns(right=wrong[rows, columns]).filter(pl.Series(known[rows, columns]))
    for n in (100, 200, 500):
        first = frame.head(n).select("item_id", "label", "right")
        rest = frame[n:]
        if rest.height < 50:
            continue
        again = suggest(ds, predictions, findings, outcomes=first).frame.join(rest, on=["item_id", "label"], how="semi")
        right = again.join(rest.select("item_id", "label", "right"), on=["item_id", "label"], maintain_order="left")["right"]
        near = again["confidence"].is_between(0.85, 0.95, closed="left")
        stated = f"{int(near.sum()):4d} stated near 0.9" + (f", {right.filter(near).mean():.3f} right" if near.any() else "")
        brier = [float(((part["confidence"] - hit.cast(pl.Float64)) ** 2).mean()) for part, hit in ((rest, rest["right"]), (again, right))]
        order = f"of the next 200, {right[:200].mean():.3f} right (before: {rest['right'][:200].mean():.3f})"
        print(f"after {n:3d} decisions: {order}; {stated}; Brier score of the rest {brier[1]:.3f} (before: {brier[0]:.3f})", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("sets", nargs="*", default=BOARD)
    asked = arguments.parse_args()
    for name in asked.sets:
        downstream(name, asked.data, asked.seeds)
        review(name, asked.data)


if __name__ == "__main__":
    main()
