"""Whether sources of errors are found, and nothing else: planted ones many times over, and real raters against their truth.

    python benchmarks/sources.py [planted] [token] [time] [real] [--data ../shared/data] [--runs 400]

planted: one of 20 raters errs twice as often as the others: in how many runs it stands out, and in how many runs anything does where
nobody is worse ("false alarms"); with the column of raters alone, and with nine columns more that say nothing.
token: a token in 80 % of a label's items, label by label, rare ones too: in how many runs it is listed.
time: seconds for 100,000 items x 100 labels and 20 columns, by decisions and by suspicion.
real: raters who stand out, by suspicion and by 2,000 decided positives, and how often the others of their positives are wrong, times that
of the other raters' (the decided cells are left out; truth by the other raters). Wrong of a rater: of the positives, or of all cells.
"""

import argparse
import os
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"

import numpy as np
import polars as pl
import scipy.sparse as sp
from real_sets import MEDICAL

import labelscope as ls

PLANTED = ((500, 0.4), (2_000, 0.2))  # decisions, and the share of them that is wrong
N_RATERS, WORSE, N_DECIDED = 20, 3, 2_000


def decided(ds: ls.Dataset, rows: np.ndarray, labels: np.ndarray, wrong: np.ndarray) -> pl.DataFrame:
    names = np.array(ds.label_names)
    return pl.DataFrame({"item_id": ds.item_ids[rows], "label": names[labels], "wrong": wrong})


def planted(runs: int) -> None:
    print("decisions  others err  columns  found  false alarms")
    for n, base in PLANTED:
        for more in (0, 9):
            found = alarms = 0
            for run in range(runs):
                rng = np.random.default_rng(run)
                rater = rng.integers(0, N_RATERS, 6_000)
                items = {"rater": [f"r{k}" for k in rater]} | {f"other {k}": rng.integers(0, 2 + 2 * k, 6_000) for k in range(more)}
                ds = ls.Dataset.from_arrays((rng.random((6_000, 5)) < 0.3).astype(np.int8), items=pl.DataFrame(items))
                rows, labels = rng.choice(6_000, n, replace=False), rng.integers(0, 5, n)
                worse = np.where(rater[rows] == WORSE, 2 * base, base)
                told = ls.sources(ds, outcomes=decided(ds, rows, labels, rng.random(n) < worse))
                found += f"r{WORSE}" in told.standing_out.filter(column="rater")["value"].to_list()
                alarms += ls.sources(ds, outcomes=decided(ds, rows, labels, rng.random(n) < base)).standing_out.height > 0
            print(f"{n:9,d}  {base:10.1f}  {1 + more:7d}  {found / runs:5.1%}  {alarms / runs:12.1%}", flush=True)


def token(runs: int) -> None:
    words = ["long", "road", "small", "house", "sea", "walk", "day", "night", "order", "parcel", "shop", "price"]
    for share in (0.3, 0.05, 0.02):
        found = others = 0
        for run in range(runs):
            rng = np.random.default_rng(run)
            labels = (rng.random((2_000, 10)) < share).astype(np.int8)
            held = np.where((labels[:, 0] == 1) & (rng.random(2_000) < 0.8), " zqx", "")
            texts = [" ".join(rng.choice(words, 6)) + mark for mark in held]
            ds = ls.Dataset.from_arrays(labels, items=pl.DataFrame({"text": texts}), text="text")
            nothing = decided(ds, np.array([0]), np.array([0]), np.array([True]))
            told = ls.sources(ds, outcomes=nothing).shortcuts
            found += told.filter(label=ds.label_names[0], value="zqx").height > 0
            others += told.filter(pl.col("label") != ds.label_names[0]).height > 0
        print(f"label on {share:.0%} of 2,000 items: listed in {found / runs:.1%} of {runs} runs, something else in {others / runs:.1%}")


def seconds() -> None:
    rng = np.random.default_rng(0)
    n = 100_000
    labels = sp.random(n, 100, 0.03, "csr", random_state=0)
    labels.data[:] = 1
    items = pl.DataFrame({f"column {k}": rng.integers(0, 3 + 5 * k, n) for k in range(20)})
    ds = ls.Dataset.from_arrays(labels.astype(np.int8), items=items)
    scores = rng.random((n, 100), dtype=np.float32)
    flagged = pl.DataFrame({"item_id": ds.item_ids, "suspicion": scores[:, 0], "n_flagged": np.zeros(n, np.int32)})
    found = ls.find_issues(ls.Dataset.from_arrays([["a"], ["b"]] * 20, probabilities=np.full((40, 2), 0.5)))
    found = type(found)(pl.DataFrame(schema=found.frame.schema), items=flagged, scores=scores)
    rows = rng.choice(n, 5_000, replace=False)
    outcomes = decided(ds, rows, rng.integers(0, 100, 5_000), rng.random(5_000) < 0.3)
    for basis, given in (("decisions", {"outcomes": outcomes}), ("suspicion", {"findings": found})):
        start, cpu = time.perf_counter(), time.process_time()
        told = ls.sources(ds, **given)
        took, used = time.perf_counter() - start, time.process_time() - cpu
        print(f"100,000 x 100 x {told.columns.height} columns by {basis}: {took:.1f} s ({used:.1f} s CPU)")


def raters(data: Path) -> dict[str, tuple[ls.Dataset, np.ndarray, np.ndarray]]:
    """Data sets with a column `rater`, the truth and who."""
    d = np.load(data / "goemotions/data.npz")
    rows = d["real_noise_mask"]
    text = pl.read_parquet(data / "goemotions/one_rater.parquet")["text"]
    who = d["given_rater"][rows].astype(str)
    made = {
        "goemotions": (
            ls.Dataset.from_arrays(
                d["given"][rows], label_names=d["label_names"].tolist(), items=pl.DataFrame({"rater": who, "text": text}), text="text",
                embeddings=np.load(data / "goemotions/one_rater_emb_minilm.npy").astype(np.float32),
            ), d["truth"][rows], who,
        )
    }  # fmt: skip
    d = np.load(data / MEDICAL / "data.npz")
    text = pl.read_parquet(data / MEDICAL / "items.parquet").sort("item")["text"]
    who = np.char.add("w", d["mc_given_worker_id"].astype(str))
    ds = ls.Dataset.from_arrays(
        d["mc_given_worker"], label_names=d["mc_label_names"].tolist(), items=pl.DataFrame({"rater": who, "text": text}), text="text",
        embeddings=np.load(data / MEDICAL / "emb_minilm.npy").astype(np.float32),
    )  # fmt: skip
    made["medical_re, 13 labels"] = ds, d["mc_truth_other_workers"], who
    d = np.load(data / "nih_cxr14_experts/data.npz")
    who = d["given_reader_index"].astype(str)
    ds = ls.Dataset.from_arrays(d["given_reader"], label_names=d["label_names"].tolist(), items=pl.DataFrame({"rater": who}))
    made["nih"] = ds, d["truth_other_readers"], who
    return made


def real(data: Path) -> None:
    print(f"{'set':22s} basis      raters  stand out  their positives wrong, times the others'  all cells")
    for name, (ds, truth, who) in raters(data).items():
        given = ds.labels.dense()
        known = (given >= 0) & (truth >= 0)
        wrong, positive = known & (given != truth), known & (given == 1)
        rows, labels = np.nonzero(positive)
        pick = np.random.default_rng(0).permutation(len(rows))[: min(N_DECIDED, len(rows) // 2)]
        rows, labels = rows[pick], labels[pick]
        held = known.copy()
        held[rows, labels] = False
        ways = {"decided": {"outcomes": decided(ds, rows, labels, wrong[rows, labels])}}
        if ds.embeddings is not None:
            ways = {"suspicion": {"findings": ls.find_issues(ds)}} | ways
        for basis, options in ways.items():
            told = ls.sources(ds, columns=["rater"], **options)
            out = np.isin(who, told.standing_out["value"].to_list())
            ratios = [share(wrong, held & of, out) / share(wrong, held & of, ~out) if out.any() else np.nan for of in (positive, known)]
            n = told.frame["label"].null_count()
            print(f"{name:22s} {basis:9s} {n:7d} {told.standing_out.height:10d} {ratios[0]:42.2f} {ratios[1]:10.2f}", flush=True)


def share(wrong: np.ndarray, of: np.ndarray, rows: np.ndarray) -> float:
    return float(wrong[rows][of[rows]].mean())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", metavar="PART", help="planted, token, time, real; default: all")
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--runs", type=int, default=400)
    asked = arguments.parse_args()
    parts = {
        "planted": lambda: planted(asked.runs),
        "token": lambda: token(asked.runs // 4),
        "time": seconds,
        "real": lambda: real(asked.data),
    }
    for name in asked.parts or parts:
        parts[name]()


if __name__ == "__main__":
    main()
