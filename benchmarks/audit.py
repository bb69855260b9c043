"""Do the intervals of an audit cover, and how wide are they: ours against seven other constructions, and on real sets.

    python benchmarks/audit.py simulated [--repeats 400] [--n 200]
    python benchmarks/audit.py real      [--repeats 200] [--n 200] [--data ../shared/data]

Simulated: 40,000 cells, 6 % given positive, with estimates of the error that are good, worthless, over-confident,
reversed, blind on one side, or skewed, and truths from no error to 20 %. Printed: the share of intervals (nominal 95 %)
that hold the true number of wrong cells, and their mean width over that of the Clopper-Pearson interval of a uniform
sample of the same size. `PPS` draws each cell in proportion to .9 sqrt(e (1 - e)) + .1 uniform, with replacement.

Real: labels as a data set ships with them, the second look as the verdict; sets without features get each label's
prevalence as its probability, that is, no model at all. Printed: coverage and width (over that of a uniform sample) of
the number of wrong cells, of each kind of error and of the false discovery rate, and how often a label gets an
interval at this size and whether those cover.
"""

import argparse
import os
import sys
from functools import cache
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl
from real_sets import load
from scipy.stats import beta

import labelscope as ls
from labelscope.audit.population_total import total_interval
from labelscope.audit.strata import AuditConfig, stratify
from labelscope.issues.find import Findings

N_ITEMS, N_LABELS, POSITIVE = 2000, 20, 0.06
Z = 1.959964
BETS = 300  # totals that the betting interval tries


# Populations -------------------------------------------------------------------------------------------------------


def population(shape):
    """A data set and findings whose confidence is the estimate e, float64 (n_cells,), of each cell's error."""
    rng = np.random.default_rng(1)
    given = (rng.random((N_ITEMS, N_LABELS)) < POSITIVE).astype(np.int8)
    n = given.size
    if shape == "skewed":
        e = np.full(n, 1e-6)
        e[rng.choice(n, 100, replace=False)] = 0.5
    else:
        negative = 0.0 if shape == "one-sided" else rng.beta(0.25, 25, n)
        e = np.where(given.ravel() == 1, rng.beta(1, 4, n), negative)
    e = np.clip(e, 0, 0.98)
    listed = np.argsort(-e, kind="stable")[: int((e > 0).sum())]
    state = given.ravel()[listed]
    flagged = np.zeros(len(listed), bool)
    for one in (0, 1):
        flagged[np.flatnonzero(state == one)[: int(0.03 * given.sum())]] = True
    cells = pl.DataFrame({
        "item_id": listed // N_LABELS, "label": [str(k) for k in listed % N_LABELS], "given": state,
        "kind": np.where(state == 1, "spurious", "missing"), "suspicion": e[listed].astype(np.float32), "flagged": flagged,
        "confidence": e[listed].astype(np.float32),
    })  # fmt: skip
    found = Findings(cells, scores=e.reshape(given.shape).astype(np.float32))
    return ls.Dataset.from_arrays(given), found, e


def truth(given, e, how, rate, rng):
    """Which cells are wrong, bool (n_cells,), `rate` of them on average, depending on the estimates as `how` says."""
    if rate == 0:
        return np.zeros(len(e), bool)
    chance = {
        "good": e + 1e-9,
        "worthless": np.where(given == 1, 5.0, 1.0),
        "over-confident": np.sqrt(e + 1e-6),
        "under-confident": (e + 1e-9) ** 2,
        "reversed": 1 / (e + 0.01),
        "spurious only": np.where(given == 1, e + 1e-9, 0),
        "hidden": (given == 0) & (e <= np.quantile(e[given == 0], 0.6)),
    }[how].astype(float)
    for _ in range(30):
        chance = np.clip(chance * rate / chance.mean(), 0, 0.95)
    return rng.random(len(e)) < chance


TRUTHS = [
    *[("typical", how, rate) for how in ("good", "worthless", "over-confident", "under-confident") for rate in (0.005, 0.02, 0.2)],
    *[("typical", how, rate) for how in ("reversed", "hidden") for rate in (0.005, 0.02, 0.2)],
    *[("typical", "spurious only", rate) for rate in (0.005, 0.02)],
    *[("one-sided", how, rate) for how in ("spurious only", "worthless", "hidden") for rate in (0.005, 0.02)],
    *[("skewed", how, rate) for how in ("good", "worthless") for rate in (0.0012, 0.01)],
    ("typical", "good", 0),
]  # fmt: skip


# Constructions -----------------------------------------------------------------------------------------------------


def clopper_pearson(x, n):
    low = np.where(x > 0, beta.ppf(0.025, np.maximum(x, 1e-9), n - x + 1), 0)
    return low, np.where(x < n, beta.ppf(0.975, x + 1, np.maximum(n - x, 1e-9)), 1)


def uniform(wrong, n, repeats, rng):
    low, high = clopper_pearson(rng.hypergeometric(wrong.sum(), (~wrong).sum(), n, repeats), n)
    return low * len(wrong), high * len(wrong)


def in_proportion(e, wrong, n, repeats, rng):
    """Limits by construction, from one PPS sample with replacement a repeat."""
    size = np.sqrt(e * (1 - e))
    chance = 0.9 * size / size.sum() + 0.1 / len(e)
    cells = rng.choice(len(e), (repeats, n), p=chance)
    z, expected, weight = wrong[cells].astype(float), e[cells], 1 / chance[cells]
    out = {}
    for name, value, start in (
        ("Wald, difference estimator", (z - expected) * weight, e.sum()),
        ("Wald, Horvitz-Thompson", z * weight, 0.0),
    ):
        middle, error = start + value.mean(1), value.std(1, ddof=1) / np.sqrt(n)
        out[name] = middle - Z * error, middle + Z * error
    difference = (z - expected) * weight
    out["bootstrap-t, difference estimator"] = bootstrap_t(difference, e.sum(), rng)
    share = np.clip((z * weight).mean(1) / len(e), 1e-12, 1)
    error = (z * weight).std(1, ddof=1) / np.sqrt(n) / len(e)
    deff = n / (1 + (weight.std(1) / weight.mean(1)) ** 2)
    effective = np.minimum(np.where(error > 0, share * (1 - share) / np.maximum(error, 1e-12) ** 2, deff), n)
    low, high = clopper_pearson(share * effective, effective)
    out["Korn-Graubard, effective sample"] = np.where(z.any(1), low, 0) * len(e), high * len(e)
    out["betting, hedged"] = betting(z * weight, (1 / chance).max(), len(e), e.sum())
    return out


def bootstrap_t(value, start, rng, draws=300):
    low, high = np.empty(len(value)), np.empty(len(value))
    for r, row in enumerate(value):
        again = row[rng.integers(0, len(row), (draws, len(row)))]
        error = again.std(1, ddof=1) / np.sqrt(len(row))
        t = (again.mean(1) - row.mean()) / np.maximum(error, 1e-9)
        own = row.std(ddof=1) / np.sqrt(len(row))
        low[r], high[r] = (start + row.mean() - np.quantile(t, q) * own for q in (0.975, 0.025))
    return low, high


def betting(value, largest, n_cells, prior):
    """Waudby-Smith and Ramdas (2024): the totals against which neither of two bettors multiplied his stake by 20."""
    repeats, n = value.shape
    scaled, guess = value / largest, prior / largest
    before = np.concatenate([np.zeros((repeats, 1)), np.cumsum(scaled, 1)[:, :-1]], 1)
    mean = (before + 0.5 * guess) / (np.arange(n) + 0.5)
    spread = np.concatenate([np.zeros((repeats, 1)), np.cumsum((scaled - mean) ** 2, 1)[:, :-1]], 1)
    stake = np.sqrt(2 * np.log(40) / (n * np.maximum((spread + guess) / (np.arange(n) + 1), 1e-12)))
    totals = np.geomspace(0.5, n_cells, BETS)
    m = (totals / largest)[:, None]
    low, high = np.empty(repeats), np.empty(repeats)
    for r in range(repeats):
        up = np.log1p(np.minimum(stake[r], 0.9 / m) * (scaled[r] - m)).sum(1)
        down = np.log1p(-np.minimum(stake[r], 0.99 / np.maximum(1 - m, 1e-12)) * (scaled[r] - m)).sum(1)
        kept = np.flatnonzero(np.logaddexp(up, down) - np.log(2) < np.log(20))
        low[r], high[r] = totals[max(kept[0] - 1, 0)], totals[min(kept[-1] + 1, BETS - 1)]
    return np.where(low <= 0.5, 0, low), high


def wilson(x, n):
    p, z2 = x / n, Z * Z
    middle, half = (p + z2 / 2 / n) / (1 + z2 / n), Z * np.sqrt(p * (1 - p) / n + z2 / 4 / n / n) / (1 + z2 / n)
    return middle - half, middle + half


def recovered(limits, cells, drawn, hits):
    """MOVER (Zou and Donner 2008): the distances to the limits of the strata, added as standard errors are."""
    p, (low, high) = hits / drawn, limits(hits, drawn)
    total = (cells * p).sum(1)
    return total - np.sqrt(((cells * (p - low)) ** 2).sum(1)), total + np.sqrt(((cells * (high - p)) ** 2).sum(1))


def melded(cells, drawn, hits, rng, draws=2000):
    """Fay, Proschan and Brittain (2015): the confidence distributions of the strata, convolved."""
    low, high = np.empty(len(hits)), np.empty(len(hits))
    for r, x in enumerate(hits):
        below = rng.beta(np.maximum(x, 1e-9), drawn - x + 1, (draws, len(x))) * (x > 0)
        above = rng.beta(x + 1, np.maximum(drawn - x, 1e-9), (draws, len(x)))
        low[r], high[r] = np.quantile(below @ cells, 0.025), np.quantile(above @ cells, 0.975)
    return low, high


@cache
def exact(cells, drawn, hits):
    return total_interval(np.array(cells), np.array(drawn), np.array(hits))


def ours(cells, drawn, hits):
    found = [exact(tuple(cells.tolist()), tuple(drawn.tolist()), tuple(x.tolist())) for x in hits]
    return np.array([f.low for f in found]), np.array([f.high for f in found])


def strata_of(ds, found, n, config):
    """Stratum of each cell and cells drawn from each stratum."""
    strata = stratify(ds, found, config)
    sample = ls.audit(ds, found, n, config=config)
    rows, columns = np.divmod(np.arange(ds.n_items * ds.n_labels), ds.n_labels)
    return sample.strata_of(ds, found, rows, columns), np.bincount(sample.frame["stratum"], minlength=len(strata)), strata.frame


def hits_of(stratum, drawn, wrong, repeats, rng):
    cells = np.bincount(stratum[stratum >= 0], minlength=len(drawn))
    held = np.bincount(stratum[wrong], minlength=len(drawn))
    return cells, np.stack([rng.hypergeometric(m, c - m, k, repeats) for m, c, k in zip(held, cells, drawn, strict=True)], 1)


# Simulated ---------------------------------------------------------------------------------------------------------


def simulated(repeats, n):
    table = {}
    cases = {shape: population(shape) for shape in ("typical", "one-sided", "skewed")}
    configs = {"exact, strata, no floor": AuditConfig(least_error=0.0), "exact, strata (labelscope)": AuditConfig()}
    designs = {(shape, name): strata_of(*cases[shape][:2], n, config) for shape in cases for name, config in configs.items()}
    for shape, how, rate in TRUTHS:
        ds, _, e = cases[shape]
        rng = np.random.default_rng(5)
        wrong = truth(ds.labels.dense().ravel(), e, how, rate, rng)
        limits = {"uniform sample, Clopper-Pearson": uniform(wrong, n, repeats, rng)} | in_proportion(e, wrong, n, repeats, rng)
        for name in configs:
            stratum, drawn, _ = designs[shape, name]
            cells, hits = hits_of(stratum, drawn, wrong, repeats, rng)
            limits[name] = ours(cells, drawn, hits)
        limits["MOVER of Wilson, strata"] = recovered(wilson, cells, drawn, hits)
        limits["melded beta, strata"] = melded(cells, drawn, hits, rng)
        base = width(*limits["uniform sample, Clopper-Pearson"], len(e))
        print(f"\n{shape}, {how}, {rate:g}: {wrong.sum()} of {len(e)} wrong")
        for name, (low, high) in limits.items():
            covers = np.mean((low <= wrong.sum()) & (wrong.sum() <= high))
            table.setdefault(name, []).append((covers, width(low, high, len(e)) / base))
            print(f"  {name:36s} {covers:.3f}  {table[name][-1][1]:.2f}", flush=True)
    print(f"\n| construction | coverage, mean | least | truths of {len(TRUTHS)} below .93 | width, median | most |\n" + "|---" * 6 + "|")
    for name, rows in table.items():
        cover, wide = np.array(rows).T
        print(f"| {name} | {cover.mean():.3f} | {cover.min():.3f} | {(cover < 0.93).sum()} | {np.median(wide):.2f} | {wide.max():.2f} |")


def width(low, high, most):
    return np.mean(np.clip(high, 0, most) - np.clip(low, 0, most))


# Real --------------------------------------------------------------------------------------------------------------


def real_set(name, data):
    if name in ("nih", "ferplus"):
        d = np.load(data / ("nih_cxr14_experts" if name == "nih" else "ferplus") / "data.npz")
        given, second = d["given"][:, :14] if name == "nih" else d["given"][:, :8], d["truth"]
        given = np.where(second < 0, -1, given).astype(np.int8)
        prevalence = np.tile((given == 1).mean(0), (len(given), 1)).astype(np.float32)
        return ls.Dataset.from_arrays(given, probabilities=prevalence), second
    x, given, second = load(name, data)
    return ls.Dataset.from_arrays(np.where(second < 0, -1, given).astype(np.int8), embeddings=x), second


def real(repeats, n, data, n_label_runs=10):
    print("| set | wrong of known | part | coverage | width / uniform | mean interval |\n|---|---|---|---|---|---|")
    for name in ("goemotions", "medical_re", "mirflickr", "yeastmf", "nih", "ferplus"):
        ds, second = real_set(name, data)
        given, found = ds.labels.dense(), ls.find_issues(ds)
        wrong, known = ((given != second) & (given >= 0)).ravel(), int((given >= 0).sum())
        rng = np.random.default_rng(0)
        stratum, drawn, frame = strata_of(ds, found, n, AuditConfig())
        cells, hits = hits_of(stratum, drawn, wrong, repeats, rng)
        low, high = uniform(wrong[given.ravel() >= 0], n, repeats, rng)
        base = width(low, high, known)
        parts = {
            "all": np.ones(len(drawn), bool),
            **{kind: (frame["kind"] == kind).to_numpy() for kind in ("spurious", "missing")},
            "flagged": frame["flagged"].to_numpy(),
        }
        for part, chosen in parts.items():
            low, high = ours(cells[chosen], drawn[chosen], hits[:, chosen])
            total = int(wrong[np.isin(stratum, np.flatnonzero(chosen))].sum())
            covers = np.mean((low <= total) & (total <= high))
            ratio = f"{width(low, high, known) / base:.2f}" if part == "all" else ""
            interval = f"{low.mean():.0f} to {high.mean():.0f}"
            print(f"| {name} | {total} of {int(cells[chosen].sum())} | {part} | {covers:.3f} | {ratio} | {interval} |", flush=True)
        told, cover, asked = 0, 0, 0
        for seed in range(n_label_runs):
            sample = ls.audit(ds, found, n, seed=seed)
            at = [ds.position(i) for i in sample.frame["item_id"]], [ds.label_position(k) for k in sample.frame["label"]]
            labels = sample.estimate(sample.cells.with_columns(state=second[at])).labels
            asked += ds.n_labels
            for row in labels.filter(pl.col("error_rate").is_not_null()).iter_rows(named=True):
                k = ds.label_position(row["label"])
                of, true = given[:, k] >= 0, (second[:, k] == 1)
                inside = row["error_low"] <= wrong.reshape(given.shape)[of, k].mean() <= row["error_high"]
                told, cover = told + 1, cover + (inside and row["prevalence_low"] <= true[of].mean() <= row["prevalence_high"])
        print(f"| {name} | | labels | {cover / max(told, 1):.3f} (both intervals) | | {told} of {asked} labels get one |", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["simulated", "real"], nargs="?", default="simulated")
    arguments.add_argument("--repeats", type=int)
    arguments.add_argument("--n", type=int, default=200)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    asked = arguments.parse_args()
    if asked.what == "simulated":
        simulated(asked.repeats or 400, asked.n)
    else:
        real(asked.repeats or 200, asked.n, asked.data)


if __name__ == "__main__":
    sys.exit(main())
