"""Decisions carried over to a new version of a table, at full size.

    python benchmarks/carry.py [--n 1000000] [--numbered]

1,000,000 decisions by two reviewers, with undos and disagreements, on a table of as many rows; in the new version the rows lie in another
order, one in twenty is gone, as many are new, and one label in fifty is given otherwise. Bars: 25 s of processor time for a million
decisions, reading and proof of the earlier ledger included, and at most 1.5 GiB; nothing is changed by a second time. `--numbered`: the
items have no ids and are found again by their texts. Prints one line of JSON; exit status 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
import scipy.sparse as sp
from ledger import N_LABELS, fill

from labelscope.data.dataset import Dataset
from labelscope.review.carry import carry

BARS = {"processor_seconds": 25.0, "peak_gib": 1.5}


def versions(n: int, *, numbered: bool) -> tuple[Dataset, Dataset]:
    """The earlier table, with the states that the decisions of :func:`ledger.fill` saw (no positive among them), and the new one."""
    rng = np.random.default_rng(0)
    names = [f"label{k}" for k in range(N_LABELS)]
    ids, texts = pl.Series([str(k) for k in range(n)]), pl.Series([f"text of item {k}" for k in range(n)])
    rest = np.arange(n // 5 + 1, n)  # items that nobody decided about
    before = sp.csr_matrix((np.ones(len(rest), bool), (rest, rest % N_LABELS)), (n, N_LABELS))
    kept = rng.permutation(n)[: n - n // 20]
    changed = rng.choice(n, n // 50, replace=False)
    given = sp.csr_matrix((np.ones(len(changed), bool), (changed // 5, changed % N_LABELS)), (n, N_LABELS))
    after = sp.vstack([(given + before)[kept], sp.csr_matrix((n - len(kept), N_LABELS), dtype=bool)]).tocsr()
    more = n - len(kept)
    new_ids = pl.concat([ids[kept], pl.Series([f"new{k}" for k in range(more)])])
    new_texts = pl.concat([texts[kept], pl.Series([f"another text {k}" for k in range(more)])])

    def made(labels: sp.csr_matrix, item_ids: pl.Series, text: pl.Series) -> Dataset:
        named = None if numbered else item_ids
        return Dataset.from_arrays(labels, label_names=names, item_ids=named, items=pl.DataFrame({"text": text}), text="text")

    return made(before, ids, texts), made(after, new_ids, new_texts)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--numbered", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old, new = versions(asked.n, numbered=asked.numbered)
        fill(folder / "old.sqlite", asked.n, old.fingerprint)
        begun, processor = time.perf_counter(), time.process_time()
        done = carry(old, new, earlier_ledger=folder / "old.sqlite", ledger=folder / "new.sqlite")
        told = {
            "decisions": asked.n,
            "rows": asked.n,
            "seconds": round(time.perf_counter() - begun, 1),
            "processor_seconds": round(time.process_time() - processor, 1),
            "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
            "counts": done.counts,
        }
        written = (folder / "new.sqlite").stat().st_mtime_ns
        again = carry(old, new, earlier_ledger=folder / "old.sqlite", ledger=folder / "new.sqlite")
        told["again"] = "nothing changed" if not again.written and (folder / "new.sqlite").stat().st_mtime_ns == written else "changed"
    print(json.dumps(told))
    return int(told["again"] == "changed" or any(told[bar] > most for bar, most in BARS.items()))


if __name__ == "__main__":
    sys.exit(main())
