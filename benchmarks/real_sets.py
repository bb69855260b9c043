"""Sets with real noise and a better second look, as data sets of labelscope and the truth to score by.

Of the folder of data that the benchmarks are given (`--data`). Where a set has neither features nor probabilities, what
stands in for them is real and independent of the truth: other raters' votes, or what a network said. So those sets say
little about models, and much about how scores of any origin should be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from sklearn.decomposition import TruncatedSVD

import labelscope as ls
from labelscope.space.text import embed_tfidf

BOARD = ("goemotions", "medical_re", "mirflickr", "yeastmf")
WITH_FEATURES = (*BOARD, "medical_ds", "medical_expert")
MEDICAL = "crowdtruth_medical_re"


@dataclass
class RealSet:
    """Labels as given (n_items, n_labels), the second look of the same shape, and what else `Dataset.from_arrays` takes."""

    given: np.ndarray
    truth: np.ndarray
    parts: dict[str, Any] = field(default_factory=dict)

    def dataset(self) -> ls.Dataset:
        return ls.Dataset.from_arrays(self.given, **self.parts)

    def kept(self) -> RealSet:
        """Without the items that have no label state at all."""
        keep = (self.given >= 0).any(axis=1)
        if keep.all():
            return self
        votes = self.parts.get("votes")
        rows = dict(zip(np.flatnonzero(keep).tolist(), range(int(keep.sum())), strict=True))
        parts = {name: part for name, part in self.parts.items() if name != "votes"}
        for name in ("embeddings", "probabilities"):
            if name in parts:
                parts[name] = parts[name][keep]
        if "items" in parts:
            parts["items"] = parts["items"].filter(pl.Series(keep))
        if votes is not None:
            parts["votes"] = votes.filter(pl.col("item_id").is_in(list(rows))).with_columns(pl.col("item_id").replace_strict(rows))
        return RealSet(self.given[keep], self.truth[keep], parts)


def one_hot(kinds: np.ndarray, n_labels: int) -> np.ndarray:
    return (kinds[:, None] == np.arange(n_labels)).astype(np.int8)


def texts(column: pl.Series, names: list[str]) -> dict[str, Any]:
    return {"items": pl.DataFrame({"text": column}), "text": "text", "label_names": names}


def goemotions(data: Path, *, text: bool = False) -> RealSet:
    d = np.load(data / "goemotions/data.npz")
    rows = d["real_noise_mask"]
    parts = {"embeddings": np.load(data / "goemotions/one_rater_emb_minilm.npy").astype(np.float32)}
    if text:
        parts |= texts(pl.read_parquet(data / "goemotions/one_rater.parquet")["text"], d["label_names"].tolist())
    return RealSet(d["given"][rows], d["truth"][rows], parts)


def medical(data: Path, given: str, truth: str, names: str, *, text: bool = False) -> RealSet:
    d = np.load(data / MEDICAL / "data.npz")
    parts = {"embeddings": np.load(data / MEDICAL / "emb_minilm.npy").astype(np.float32)}
    if text:
        parts |= texts(pl.read_parquet(data / MEDICAL / "items.parquet").sort("item")["text"], d[names].tolist())
    return RealSet(d[given], d[truth], parts).kept()


def medical_votes(data: Path, n_voters: int, *, majority: bool) -> RealSet:
    """Some workers vote, all others are the second look: given is the voters' majority, or one of them."""
    d = np.load(data / MEDICAL / "data.npz")
    names, x = d["mc_label_names"].tolist(), np.load(data / MEDICAL / "emb_minilm.npy").astype(np.float32)
    votes = pl.read_parquet(data / MEDICAL / "votes.parquet")
    votes = votes.with_columns(draw=pl.Series(np.random.default_rng(1).random(votes.height))).sort("item", "draw")
    votes = votes.with_columns(turn=pl.int_range(pl.len()).over("item"))
    cells = votes.join(pl.DataFrame({"label": range(len(names))}), how="cross")
    cells = cells.with_columns(value=pl.col("labels").list.contains(pl.col("label").cast(pl.Int8)).cast(pl.Int8))
    shares, counts = np.zeros((2, *d["mc_given_worker"].shape)), np.zeros((2, *d["mc_given_worker"].shape))
    first = np.zeros(d["mc_given_worker"].shape, np.int8)
    side, item, label = (cells["turn"] >= n_voters).to_numpy().astype(int), cells["item"].to_numpy(), cells["label"].to_numpy()
    np.add.at(shares, (side, item, label), cells["value"].to_numpy())
    np.add.at(counts, (side, item, label), 1)
    one = (cells["turn"] == 0).to_numpy()
    first[item[one], label[one]] = cells["value"].to_numpy()[one]
    judged = counts[1] >= 6
    share = shares[1] / np.maximum(counts[1], 1)
    truth = np.where(judged & (share >= 0.5), 1, np.where(judged & (share <= 0.2), 0, -1)).astype(np.int8)
    given = np.where(judged, (2 * shares[0] > n_voters) if majority else first, -1).astype(np.int8)
    asked = cells.filter(pl.col("turn") < n_voters)
    long = asked.select(
        item_id="item", rater=pl.col("rater").cast(pl.String), label=pl.col("label").replace_strict(dict(enumerate(names))), value="value"
    )
    return RealSet(given, truth, {"embeddings": x, "label_names": names} | ({} if majority else {"votes": long})).kept()


def mirflickr(data: Path) -> RealSet:
    d = np.load(data / "pml_real_noise/mirflickr.npz")
    x = d["X"].astype(np.float32)
    return RealSet(d["given"], d["truth"], {"embeddings": (x - x.mean(0)) / (x.std(0) + 1e-9)})


def yeastmf(data: Path) -> RealSet:
    d, f = np.load(data / "pml_real_noise/yeastmf.npz"), np.load(data / "pml_real_noise/yeast_features.npz")
    x = sp.csr_matrix((f["X_data"], f["X_indices"], f["X_indptr"]), shape=tuple(f["X_shape"])).astype(np.float32)
    x = TruncatedSVD(200, random_state=0).fit_transform(x.log1p())
    return RealSet(d["given"], d["truth"], {"embeddings": (x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-9)).astype(np.float32)})


def wrench(data: Path, name: str, *, majority: bool) -> RealSet:
    """Labels by rules: those that any rule voted for, or the majority of the rules."""
    d = np.load(data / f"wrench_weak_supervision/{name}.npz")
    text = pl.read_parquet(data / f"wrench_weak_supervision/{name}_items.parquet").sort("item")["text"]
    n_labels = len(d["label_names"])
    given = one_hot(d["majority"].astype(int), n_labels) if majority else d["candidate_labels"]
    covered = d["majority"] >= 0 if majority else (d["weak_labels"] >= 0).any(axis=1)
    x = embed_tfidf(text.to_list())
    return RealSet(
        np.where(covered[:, None], given, -1).astype(np.int8), one_hot(d["truth"].astype(int), n_labels), {"embeddings": x}
    ).kept()


def audioset(data: Path) -> RealSet:
    """Features: the label sets that a network gave, reduced."""
    d = np.load(data / "cleanlab_label_errors/audioset.npz")
    x = TruncatedSVD(128, random_state=0).fit_transform(sp.csr_matrix(d["predicted"].astype(np.float32))).astype(np.float32)
    return RealSet(d["given"], d["truth"], {"embeddings": x})


def nih(data: Path, *, report: bool, voters: int = 0) -> RealSet:
    """Report-mined labels with one reader as features, or one reader with the report as features."""
    d = np.load(data / "nih_cxr14_experts/data.npz")
    given, x = (d["given"], d["given_reader"]) if report else (d["given_reader"], d["given"])
    if not voters:
        return RealSet(given, d["truth_other_readers"], {"embeddings": x.astype(np.float32)})
    order = np.argsort(np.random.default_rng(0).random((len(given), 5)), axis=1)
    answers = np.take_along_axis(d["votes"], order.T[:, :, None], axis=0)
    names = d["label_names"].tolist()
    turn, item, label = np.nonzero(np.ones_like(answers[:voters], bool))
    readers = order.T[turn, item]
    votes = {"item_id": item, "rater": readers, "label": np.asarray(names)[label], "value": answers[:voters].ravel()}
    truth = (answers[voters:].sum(axis=0) >= 2).astype(np.int8)
    return RealSet(given, truth, {"label_names": names, "votes": pl.DataFrame(votes)})


def ferplus(data: Path, n_items: int = 8000) -> RealSet:
    """One vote; features: four others; second look: the five that remain."""
    d = np.load(data / "ferplus/data.npz")
    votes = d["votes_without_given"].astype(int)
    usable = (votes.sum(axis=1) == 9) & (d["truth"] >= 0).any(axis=1)
    rng = np.random.default_rng(0)
    rows = np.flatnonzero(usable)[np.sort(rng.permutation(int(usable.sum()))[:n_items])]
    four = np.stack([rng.multivariate_hypergeometric(votes[row], 4) for row in rows])
    share = (votes[rows] - four)[:, :8] / 5
    truth = np.where(share >= 0.4, 1, np.where(share == 0, 0, -1)).astype(np.int8)
    return RealSet(d["given"][rows][:, :8], truth, {"embeddings": four.astype(np.float32)})


def cifar10n(data: Path, n_items: int = 10_000) -> RealSet:
    """One worker's label; features: those of two others."""
    d = np.load(data / "cifar_n/cifar10n.npz")
    rows = np.random.default_rng(0).permutation(50_000)[:n_items]
    worker = [one_hot(d[f"random_label{k}"][rows].astype(int), 10) for k in (1, 2, 3)]
    return RealSet(worker[0], one_hot(d["clean"][rows].astype(int), 10), {"embeddings": np.hstack(worker[1:]).astype(np.float32)})


def published(data: Path, name: str) -> RealSet:
    """Test sets as published, with the cross-validated probabilities of a strong network."""
    d = np.load(data / f"cleanlab_label_errors/{name}.npz")
    given = one_hot(d["given"].astype(int), 10)
    if name == "cifar10":
        share = d["human_counts_cifar10h"] / d["human_counts_cifar10h"].sum(axis=1, keepdims=True)
        truth = np.where(share >= 0.5, 1, np.where(share <= 0.3, 0, -1))
    else:
        corrected, looked_at = d["corrected"].astype(int), np.isin(np.arange(len(given)), d["mturk_item"])
        truth = np.where(looked_at[:, None], np.where(corrected[:, None] >= 0, one_hot(corrected, 10), -1), given)
    return RealSet(given, truth.astype(np.int8), {"probabilities": d["pred_probs"].astype(np.float32)})


def affective(data: Path) -> RealSet:
    """News headlines: one worker's emotions, the votes of all ten, and what experts said; nothing else."""
    d = np.load(data / "crowd_votes_gold/affective_text.npz")
    names, scores = d["label_names"].tolist(), d["vote_scores"][:, :, : d["given"].shape[1]]
    rater, item, label = np.nonzero(~np.isnan(scores))
    answers = {
        "item_id": item,
        "rater": rater,
        "label": np.asarray(names)[label],
        "value": (scores[rater, item, label] >= 30).astype(np.int8),
    }
    return RealSet(d["given"], d["truth"], {"label_names": names, "votes": pl.DataFrame(answers)})


WORKER = ("mc_given_worker", "mc_truth_other_workers", "mc_label_names")
DISTANT, EXPERT = ("given", "truth", "label_names"), ("truth_expert", "truth", "label_names")
SETS: dict[str, Callable[[Path], RealSet]] = {
    "goemotions": goemotions,
    "medical_re": lambda data: medical(data, *WORKER),
    "mirflickr": mirflickr,
    "yeastmf": yeastmf,
    "medical_ds": lambda data: medical(data, *DISTANT),
    "medical_expert": lambda data: medical(data, *EXPERT),
    "medical_three": partial(medical_votes, n_voters=3, majority=True),
    "trec_any": partial(wrench, name="trec", majority=False),
    "trec_most": partial(wrench, name="trec", majority=True),
    "youtube_any": partial(wrench, name="youtube", majority=False),
    "youtube_most": partial(wrench, name="youtube", majority=True),
    "nih_report": partial(nih, report=True),
    "nih_reader": partial(nih, report=False),
    "audioset": audioset,
    "ferplus": ferplus,
    "cifar10n": cifar10n,
    "cifar10": partial(published, name="cifar10"),
    "mnist": partial(published, name="mnist"),
}
"""What a data set mostly is: items as vectors, labels by number."""
TEXT_SETS: dict[str, Callable[[Path], RealSet]] = {
    "goemotions": partial(goemotions, text=True),
    "medical_re": lambda data: medical(data, *WORKER, text=True),
    "medical_ds": lambda data: medical(data, *DISTANT, text=True),
    "medical_expert": lambda data: medical(data, *EXPERT, text=True),
}
"""The same items with their text and the names of the labels."""
VOTE_SETS: dict[str, Callable[[Path], RealSet]] = {
    "medical_2_votes": partial(medical_votes, n_voters=2, majority=False),
    "medical_3_votes": partial(medical_votes, n_voters=3, majority=False),
    "medical_5_votes": partial(medical_votes, n_voters=5, majority=False),
    "nih_2_votes": partial(nih, report=True, voters=2),
    "affective_10_votes": affective,
}
"""With votes; the last two have nothing else."""


def load(name: str, data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings, labels as given and the second look, of one of :data:`SETS` that has embeddings."""
    of = SETS[name](data)
    return of.parts["embeddings"], of.given, of.truth
