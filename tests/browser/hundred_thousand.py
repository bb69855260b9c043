"""A data set of 100,000 items, and a session whose stages take no time: what is tested is the app."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl

import labelscope as ls
from labelscope.data.cell_scores import Scores
from labelscope.issues.find import Findings
from labelscope.stages.empty import no_findings, no_pseudo_labels

N, K = 100_000, 40


def data_set() -> ls.Dataset:
    rng = np.random.default_rng(0)
    names = ["anger", "annoyance", "New York", *(f"label {i:02d}" for i in range(3, K))]
    rate = np.minimum(0.3, 6 / (3 + np.arange(K)) ** 1.3)
    labels = (rng.random((N, K)) < rate).astype(np.int8)
    labels[:, 1] |= labels[:, 0] & (rng.random(N) < 0.6)
    labels[rng.random((N, K)) < 0.01] = -1
    centres = rng.normal(size=(12, 8)) * 4
    embeddings = (centres[rng.integers(0, 12, N)] + rng.normal(size=(N, 8))).astype("f4")
    split = np.array(["train", "test"])[rng.integers(0, 2, N)]
    items = pl.DataFrame({"item_id": np.arange(N), "text": [f"comment {i} about words" for i in range(N)], "split": split})
    return ls.Dataset.from_arrays(labels, label_names=names, embeddings=embeddings, items=items, text="text")


def suggestions(dataset: ls.Dataset) -> pl.DataFrame:
    """3,000 cells at random, or somewhat fewer: unknown ones are left out."""
    rng = np.random.default_rng(1)
    rows, columns = rng.integers(0, N, 3000), rng.integers(0, K, 3000)
    states = dataset.labels.states(rows, columns)
    rows, columns, states = rows[states >= 0], columns[states >= 0], states[states >= 0]
    return pl.DataFrame({
        "suggestion_id": [f"{r}.{c}" for r, c in zip(rows, columns, strict=True)],
        "item_id": rows,
        "label": np.array(dataset.label_names)[columns],
        "action": np.where(states == 1, "remove", "add"),
        "confidence": np.sort(rng.random(len(rows)).astype("f4"))[::-1],
        "reason": pl.Series(["near items say so"] * len(rows)),
    }).unique("suggestion_id", maintain_order=True)  # fmt: skip


class Staged(ls.Session):
    """A session whose stages are over before they begin."""

    predictions = SimpleNamespace(cell_probabilities=Scores(np.full((N, K), 0.25, np.float32)))
    findings = property(lambda self: Findings(no_findings(self.dataset).cells, items=suspicious(self.suggestions.frame)))
    map = property(lambda self: self.first_map)
    pseudo_labels = property(lambda self: no_pseudo_labels(self.dataset))


def suspicious(made: pl.DataFrame) -> pl.DataFrame:
    return made.head(100).select("item_id", suspicion=0.9).unique("item_id")


def staged(dataset: ls.Dataset, made: pl.DataFrame, ledger: object, reviewer: str = "ann") -> Staged:
    return Staged(dataset, ledger=ledger, reviewer=reviewer, suggestions=SimpleNamespace(frame=made))
