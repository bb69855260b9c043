"""Labels that are missing from the label set: groups of similar items that the labels do not explain.

In multi-label data an item that lacks a label in the label set usually carries others, so the items without a fitting
label are not the ones to look at. What the labels explain is instead taken out of the embeddings (the residual of
their linear regression on the labels), and what is left is clustered by density. Density clusters of sentence
embeddings themselves are one large blob and a few specks, so they are first laid out in five dimensions by UMAP.

A group counts only if it comes back when a fifth of the items is left out and everything is done again: density
clusters are often chance. Its name is a proposal: the words that set its texts apart, or its most central item.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.cache import cached, content_key
from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance, part_of
from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.data.positions import positions
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.review.label_edit import LabelEdit
from labelscope.space.embed import embed
from labelscope.space.layout import lay_out
from labelscope.space.neighbors import unit_rows
from labelscope.space.telling_words import count_words

__all__ = ["NovelConfig", "NovelLabels", "novel_labels"]

STAGE = "novel labels"
N_DIMENSIONS = 5
RIDGE = 1.0  # keeps the regression defined where labels always occur together; next to nothing for any other label
N_WORDS = 5
N_EXEMPLARS = 5
N_RESAMPLES = 2
KEPT = 0.8  # share of the items in a resample
N_VOTES = 5
VERSION = 1  # of what is kept of the groups
PLACED = 0.2  # share of the work that is done once the items are embedded


@dataclass(frozen=True)
class NovelConfig:
    """How :func:`novel_labels` works.

    Attributes
    ----------
    min_items : int
        Items of a group at least, of those clustered.
    min_samples : int
        Neighbours that make an item dense: larger leaves more items alone.
    largest : float
        Share of the clustered items that one group may have.
    stability : float
        Mean Jaccard similarity of a group with its best match when a fifth of the items is left out, below which the
        group is dropped, 0 to 1.
    max_items : int
        Items clustered; in larger sets the others join the groups of the items most like them.
    """

    min_items: int = 15
    min_samples: int = 5
    largest: float = 0.1
    stability: float = 0.5
    max_items: int = 5_000


@dataclass(frozen=True, eq=False, repr=False)
class NovelLabels(Result):
    """Groups that may deserve a label of their own, the most stable and coherent first.

    Attributes
    ----------
    frame : polars.DataFrame
        group (int), name (a proposal), n_items, stability (0 to 1), words (list of str, empty without texts), nearest
        (name of the label that most of its items carry, or null), nearest_share (share of its items that do).
    members : polars.DataFrame
        group, item_id, exemplar (1 for the most central item, 2 for the next, ...; null from the sixth on).
    n_alone : int
        Items in no group.
    """

    members: pl.DataFrame
    n_alone: int

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        if self.frame.is_empty():
            return "NovelLabels: no stable group of items that the labels do not explain"
        named = ", ".join(f"'{name}' ({n:,})" for name, n in self.frame.select("name", "n_items").head(3).iter_rows())
        return f"NovelLabels: {self.frame.height} groups of items that the labels do not explain, first {named}"

    def edit(self, group: int, name: str | None = None) -> LabelEdit:
        """A group as a new label, to preview and apply in a session: ``session.apply(found.edit(0, "comet"))``.

        The label is positive on the items of the group and unknown on all others: nobody has looked at those.

        Parameters
        ----------
        group : int
        name : str, optional
            Default: the proposed name.

        Raises
        ------
        DataError
            If there is no such group.
        """
        items = self.items(group)
        of = self.frame.row(by_predicate=pl.col("group") == group, named=True)
        words = f"{of['n_items']:,} items that no label explains, stability {of['stability']:.2f}"
        return LabelEdit.new(name or of["name"], items, reason=words)

    def items(self, group: int) -> pl.Series:
        """Ids of the items of a group, the most central first.

        Raises
        ------
        DataError
            If there is no such group.
        """
        found = self.members.filter(pl.col("group") == group)["item_id"]
        if found.is_empty():
            raise DataError(f"group: expected one of the {self.frame.height:,} groups, got {group!r}")
        return found

    def carried(self, dataset: Dataset) -> sp.csr_array:
        """How many items of each group carry each label in a data set of the same items, int64 (n_groups, n_labels)."""
        here = {"expected": "novel_labels: expected groups of items of this data set", "remedy": "look for groups in this one"}
        rows = positions(self.members["item_id"], dataset.item_ids, **here)
        return _carried(dataset, self.members["group"].to_numpy(), rows, self.frame.height)

    def on(self, dataset: Dataset) -> NovelLabels:
        """The same groups, with the label that most of their items carry in a data set of the same items and other labels."""
        return replace(self, frame=self.frame.with_columns(*_nearest(dataset, self.carried(dataset), self.frame["n_items"])))


@checked
def novel_labels(dataset: Dataset, *, config: NovelConfig | None = None, model: str | None = None, seed: int = 0) -> NovelLabels:
    """Groups of similar items that the labels do not explain.

    Parameters
    ----------
    dataset : Dataset
        With embeddings, a text or an image.
    config : NovelConfig, optional
    model : str, optional
        Embedding model, as for :func:`labelscope.space.embed.embed`.
    seed : int

    Returns
    -------
    NovelLabels

    Raises
    ------
    StageError
        If there is nothing to embed.

    Notes
    -----
    Clusters: Campello, Moulavi and Sander (2013). Stability: Hennig (2007), on subsamples. Names:
    :mod:`labelscope.space.telling_words`.
    """
    config = config or NovelConfig()
    with part_of(STAGE, 0.0, PLACED):
        features = embed(dataset, model=model, seed=seed)
    rest = _unexplained(features, dataset.labels)
    sample = np.arange(dataset.n_items)
    if len(sample) > config.max_items:
        sample = np.sort(generator(seed, "sample of novel labels").choice(dataset.n_items, config.max_items, replace=False))
    told = np.ascontiguousarray(rest[sample])
    key = content_key(STAGE, VERSION, told, astuple(config), seed)
    groups = cached(key, lambda: _groups(told, config.min_items, config, seed))
    codes, stability = groups["codes"], groups["stability"]
    everything = _extend(rest, sample, codes)
    stable = [(np.flatnonzero(everything == group), float(stability[group])) for group in np.flatnonzero(stability >= config.stability)]
    stable.sort(key=lambda group: -group[1] * _coherence(rest, group[0]))
    advance(STAGE, 1.0)
    central = [_central(rest, rows) for rows, _ in stable]
    return NovelLabels(
        _frame(dataset, stable, _words(dataset, [rows for rows, _ in stable]), central),
        members=_members(dataset, central),
        n_alone=dataset.n_items - sum(len(rows) for rows, _ in stable),
    )


def _unexplained(features: np.ndarray, labels: LabelMatrix) -> np.ndarray:
    """What is left of the centred embeddings once their regression on the labels is taken away, rows of length 1.

    The regression has no intercept: it would be the mean of the items without a label, which are to stand out.
    """
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    fitted = _regression(features, labels, mean)
    out = np.empty(features.shape, np.float32)
    for block in row_blocks(len(features), features.shape[1] * 8):
        out[block] = features[block] - mean - fitted(block)
    return unit_rows(out)


def _regression(features: np.ndarray, labels: LabelMatrix, mean: np.ndarray) -> Callable[[slice], np.ndarray]:
    """What the labels say of the centred embeddings of a block of items.

    With fewer items than labels the normal equations are those of the items: the same fit (Saunders et al. 1998).
    """
    given = labels.positives.astype(np.float32)
    if labels.shape[0] < labels.shape[1]:
        alike = given @ given.T
        dual = np.linalg.solve(alike.toarray() + RIDGE * np.eye(len(features)), np.asarray(features, np.float64) - mean)
        return lambda block: np.asarray(alike[block] @ dual, np.float32)
    counts = np.asarray(given.sum(axis=0), np.float64).ravel()
    cross = np.asarray(given.T @ np.asarray(features, np.float32), np.float64) - np.outer(counts, mean)
    gram = (given.T @ given).toarray().astype(np.float64) + RIDGE * np.eye(len(counts))
    weights = np.linalg.solve(gram, cross).astype(np.float32)
    return lambda block: np.asarray(given[block] @ weights)


def _groups(rest: np.ndarray, least: int, config: NovelConfig, seed: int) -> dict[str, np.ndarray]:
    """The `codes` of the items (-1 for those that are alone), and the `stability` of each group."""
    ends = np.linspace(PLACED, 0.95, N_RESAMPLES + 2).tolist()
    with part_of(STAGE, ends[0], ends[1]):
        codes = _cluster(rest, least, config, seed)
    n_groups = int(codes.max(initial=-1)) + 1
    overlap = np.zeros(n_groups)
    rng = generator(seed, STAGE)
    for resample in range(N_RESAMPLES if n_groups else 0):
        kept = np.sort(rng.choice(len(rest), int(KEPT * len(rest)), replace=False))
        with part_of(STAGE, ends[resample + 1], ends[resample + 2]):
            again = _cluster(rest[kept], max(2, int(KEPT * least)), config, seed + resample + 1)
        overlap += _best_overlap(codes[kept], again, n_groups)
    return {"codes": codes, "stability": overlap / N_RESAMPLES}


def _cluster(rest: np.ndarray, least: int, config: NovelConfig, seed: int) -> np.ndarray:
    """Density clusters of what is left, int (n_items,); -1 for the items in none."""
    from sklearn.cluster import HDBSCAN

    if len(rest) <= 2 * least:
        return np.full(len(rest), -1)
    points = lay_out(rest, n_dimensions=N_DIMENSIONS, min_dist=0.0, seed=seed)
    most = max(2 * least, int(config.largest * len(rest)))
    clusters = HDBSCAN(min_cluster_size=least, min_samples=config.min_samples, max_cluster_size=most, copy=True)
    return np.asarray(clusters.fit(points).labels_)


def _best_overlap(codes: np.ndarray, again: np.ndarray, n_groups: int) -> np.ndarray:
    """Jaccard similarity of each group with its best match among the clusters of the resample."""
    if again.max() < 0:
        return np.zeros(n_groups)
    table = np.zeros((n_groups + 1, int(again.max()) + 2))
    np.add.at(table, (codes, again), 1)  # the last row and column are what is alone
    both = table[:n_groups, :-1]
    union = table[:n_groups].sum(axis=1, keepdims=True) + table[:, :-1].sum(axis=0) - both
    return np.asarray((both / np.maximum(union, 1)).max(axis=1))


def _extend(rest: np.ndarray, sample: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Group of every item: those outside of the sample go where most of their five most alike sampled items are."""
    out = np.full(len(rest), -1)
    out[sample] = codes
    others = np.setdiff1d(np.arange(len(rest)), sample)
    for block in row_blocks(len(others), len(sample) * 4):
        rows = others[block]
        near = np.argpartition(-(rest[rows] @ rest[sample].T), N_VOTES, axis=1)[:, :N_VOTES]
        votes = codes[near]
        agreeing = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
        best = agreeing.argmax(axis=1)
        sure = agreeing[np.arange(len(rows)), best] > N_VOTES // 2
        out[rows[sure]] = votes[np.arange(len(rows)), best][sure]
    return out


def _words(dataset: Dataset, groups: list[np.ndarray]) -> list[list[str]]:
    """The words that set each group apart from the other groups and from the rest; empty without texts."""
    counted = None
    if dataset.text is not None and groups:
        counted = count_words(dataset.items[dataset.text].cast(pl.String).fill_null("").to_list())
    return [[] for _ in groups] if counted is None else counted.apart(groups, N_WORDS)


def _coherence(rest: np.ndarray, rows: np.ndarray) -> float:
    """Length of the mean of unit vectors: 1 where all point the same way, near 0 where they have nothing in common."""
    return float(np.linalg.norm(rest[rows].mean(axis=0)))


def _central(rest: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows of a group, the most central first."""
    return np.asarray(rows[np.argsort(-(rest[rows] @ rest[rows].mean(axis=0)), kind="stable")])


def _frame(dataset: Dataset, groups: list[tuple[np.ndarray, float]], words: list[list[str]], central: list[np.ndarray]) -> pl.DataFrame:
    rows = []
    for number, ((members, stability), terms, order) in enumerate(zip(groups, words, central, strict=True)):
        name = ", ".join(terms[:3]) or f"like item {dataset.item_ids[int(order[0])]}"
        rows.append((number, name, len(members), stability, terms))
    schema: dict[str, Any] = {
        "group": pl.Int64, "name": pl.String, "n_items": pl.Int64, "stability": pl.Float64, "words": pl.List(pl.String),
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    numbers = np.repeat(np.arange(len(groups)), frame["n_items"].to_numpy())
    members_of_all = np.concatenate([np.zeros(0, np.int64), *(members for members, _ in groups)])
    return frame.with_columns(*_nearest(dataset, _carried(dataset, numbers, members_of_all, len(groups)), frame["n_items"]))


def _carried(dataset: Dataset, groups: np.ndarray, rows: np.ndarray, n_groups: int) -> sp.csr_array:
    """How many items of each group carry each label; `groups` names that of each of the `rows`."""
    ones = np.ones(len(rows), np.int64)
    return sp.csr_array(sp.csr_array((ones, (groups, rows)), shape=(n_groups, dataset.n_items)) @ dataset.labels.positives.astype(np.int64))


def _nearest(dataset: Dataset, carried: sp.csr_array, n_items: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The label that most items of each group carry, null where none carries any, and the share that does."""
    if not len(n_items):
        return pl.Series("nearest", [], pl.String), pl.Series("nearest_share", [], pl.Float64)
    most, labels = carried.max(axis=1).toarray().ravel(), np.asarray(carried.argmax(axis=1)).ravel()
    names = [dataset.label_names[label] if n else None for label, n in zip(labels.tolist(), most.tolist(), strict=True)]
    return pl.Series("nearest", names, pl.String), pl.Series("nearest_share", most / n_items.to_numpy(), pl.Float64)


def _members(dataset: Dataset, central: list[np.ndarray]) -> pl.DataFrame:
    rows = np.concatenate([np.zeros(0, np.int64), *central])
    place = np.concatenate([np.zeros(0, np.int64), *(np.arange(len(order)) + 1 for order in central)])
    group = np.repeat(np.arange(len(central)), [len(order) for order in central])
    frame = pl.DataFrame({"group": group, "item_id": dataset.item_ids[rows], "exemplar": place})
    return frame.with_columns(pl.when(pl.col("exemplar") <= N_EXEMPLARS).then("exemplar"))
