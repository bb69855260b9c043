"""Sets with the votes of raters or rules and a better second look, as votes by position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from real_sets import RealSet, affective, medical_votes, nih, one_hot, wrench

import labelscope as ls


@dataclass
class Poll:
    """Votes (item, rater, label, value), the truth (n_items, n_labels; -1 unknown), and whether one label fits an item."""

    votes: np.ndarray
    truth: np.ndarray
    exclusive: bool

    @property
    def frame(self) -> pl.DataFrame:
        item, rater, label, value = self.votes.T
        return pl.DataFrame({"item_id": item, "rater": rater.astype(str), "label": label.astype(str), "value": value})

    def dataset(self) -> ls.Dataset:
        """The items without labels of their own: the consensus must not see the truth."""
        return ls.Dataset.from_arrays(np.full(self.truth.shape, -1, np.int8))

    def probabilities(self, frame: pl.DataFrame) -> np.ndarray:
        """A consensus as a matrix, 0 where nobody voted."""
        out = np.zeros(self.truth.shape)
        out[frame["item_id"].to_numpy(), frame["label"].cast(pl.Int64).to_numpy()] = frame["probability"].to_numpy()
        return out

    def score(self, probabilities: np.ndarray) -> float:
        """Micro-F1 over the cells that were voted on; where labels exclude each other, accuracy, with ties at random."""
        items, _, labels, _ = self.votes.T
        if self.exclusive:
            asked = np.unique(items)
            asked = asked[(self.truth[asked] >= 0).all(axis=1)]
            noise = np.random.default_rng(0).random((len(asked), self.truth.shape[1])) * 1e-9
            return float((self.truth[asked, (probabilities[asked] + noise).argmax(axis=1)] == 1).mean())
        cells = np.zeros(self.truth.shape, bool)
        cells[items, labels] = True
        cells &= self.truth >= 0
        truth, said = self.truth[cells] == 1, probabilities[cells] > 0.5
        return float(2 * (truth & said).sum() / (truth.sum() + said.sum()))


def single(votes: np.ndarray, kinds: np.ndarray, n_labels: int) -> Poll:
    """Votes (item, rater, kind) for one label an item."""
    truth = np.where((kinds >= 0)[:, None], one_hot(kinds, n_labels), -1)
    return Poll(np.column_stack([votes, np.ones(len(votes), int)]), truth, exclusive=True)


def crowd(data: Path, name: str) -> Poll:
    folder = data / "crowd_votes_gold"
    votes = pl.read_parquet(folder / f"{name}_votes.parquet").select("item", "rater", "label").to_numpy().astype(int)
    gold = pl.read_parquet(folder / f"{name}_truth.parquet")
    kinds = np.full(votes[:, 0].max() + 1, -1)
    kinds[gold["item"].to_numpy()] = gold["truth"].to_numpy()
    return single(votes, kinds, int(max(kinds.max(), votes[:, 2].max())) + 1)


def rules(data: Path, name: str) -> Poll:
    d = np.load(data / f"wrench_weak_supervision/{name}.npz")
    item, rule = np.nonzero(d["weak_labels"] >= 0)
    votes = np.column_stack([item, rule, d["weak_labels"][item, rule].astype(int)])
    return single(votes, d["truth"].astype(int), len(d["label_names"]))


def cifar(data: Path, n_items: int = 10_000) -> Poll:
    """Three workers a picture, who have no names: the first, the second and the third."""
    d = np.load(data / "cifar_n/cifar10n.npz")
    rows = np.arange(n_items)
    votes = [np.column_stack([rows, np.full(n_items, k), d[f"random_label{k + 1}"][:n_items].astype(int)]) for k in range(3)]
    return single(np.concatenate(votes), d["clean"][:n_items].astype(int), 10)


def many(of: RealSet) -> Poll:
    """The votes of a set of `real_sets.py`."""
    votes, names = of.parts["votes"], of.parts["label_names"]
    rater = votes["rater"].cast(pl.String)
    places = {name: k for k, name in enumerate(rater.unique().sort())}
    columns = [
        votes["item_id"],
        rater.replace_strict(places),
        votes["label"].replace_strict({name: k for k, name in enumerate(names)}),
        votes["value"],
    ]
    return Poll(np.column_stack([column.to_numpy().astype(int) for column in columns]), of.truth.astype(int), exclusive=False)


def five_readers(data: Path) -> Poll:
    """All five readers of each chest X-ray against the adjudicated truth."""
    d = np.load(data / "nih_cxr14_experts/data.npz")
    reader, item, label = np.nonzero(d["votes"] >= 0)
    return Poll(
        np.column_stack([item, reader, label, d["votes"][reader, item, label]]).astype(int), d["truth"].astype(int), exclusive=False
    )


def four_of_nine(data: Path, n_items: int = 4000) -> Poll:
    """Four of nine votes on a face, whose raters have no names; the second look: the five that remain."""
    d = np.load(data / "ferplus/data.npz")
    counts = d["votes_without_given"].astype(int)
    rng = np.random.default_rng(0)
    usable = np.flatnonzero((counts.sum(axis=1) == 9) & (d["truth"] >= 0).any(axis=1))
    rows = usable[np.sort(rng.permutation(len(usable))[:n_items])]
    order = np.stack([rng.permutation(np.repeat(np.arange(10), counts[row])) for row in rows])
    share = np.stack([np.bincount(rest, minlength=10)[:8] for rest in order[:, 4:]]) / 5
    item, rater, label = (axis.ravel() for axis in np.indices((len(rows), 4, 8)))
    votes = np.column_stack([item, rater, label, (order[item, rater] == label).astype(int)])
    return Poll(votes, np.where(share >= 0.4, 1, np.where(share == 0, 0, -1)), exclusive=False)


POLLS: dict[str, Callable[[Path], Poll]] = {
    "affective_text": lambda data: many(affective(data)),
    "dogs": partial(crowd, name="dogs"),
    "products": partial(crowd, name="products"),
    "youtube": partial(rules, name="youtube"),
    "trec": partial(rules, name="trec"),
    "cifar10n": cifar,
    "medical_2_votes": lambda data: many(medical_votes(data, 2, majority=False)),
    "medical_3_votes": lambda data: many(medical_votes(data, 3, majority=False)),
    "medical_5_votes": lambda data: many(medical_votes(data, 5, majority=False)),
    "nih_2_votes": lambda data: many(nih(data, report=True, voters=2)),
    "nih_5_votes": five_readers,
    "ferplus_4_votes": four_of_nine,
}


def labelled_by_rules(data: Path, name: str) -> RealSet:
    """The majority of the rules as labels, with the rules as voters."""
    of = wrench(data, name, majority=True)
    d = np.load(data / f"wrench_weak_supervision/{name}.npz")
    said = d["weak_labels"][d["majority"] >= 0]
    item, rule = np.nonzero(said >= 0)
    of.parts["votes"] = pl.DataFrame({"item_id": item, "rater": rule.astype(str), "label": said[item, rule].astype(str), "value": 1})
    return of
