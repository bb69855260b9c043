"""What is wrong with an embedding before anything rests on it: collapse, hubs, duplicates, labels it cannot see.

Everything after it (neighbour votes, reasons, the map, pseudo-labels) takes the neighbourhoods of the embedding for
likeness. This says in plain words where they are not. The cut-offs are rules of thumb, not limits with a proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.stats import skew

from labelscope.compute.executor import row_blocks
from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.space.duplicates import hashed_duplicates, n_different, pair_cosines
from labelscope.space.embed import embed
from labelscope.space.neighbors import Neighbors, nearest, nearest_to
from labelscope.space.quality import label_lift

__all__ = ["COLLAPSED", "HUBS", "EmbeddingQuality", "NeighborSearch", "embedding_quality", "hubness", "rank_me"]

N_NEIGHBORS = 10
DUPLICATE = 0.995  # cosine from which two items are near-duplicates
COLLAPSED = 0.1  # effective rank, as a share of the features, below which an embedding has collapsed
HUBS = 3.0  # skewness of how often items are neighbours above which few items are everybody's neighbours
LEAST_FEATURES = 20  # below, an effective rank says nothing
RANK_SAMPLE = 25_600
ALL_SEARCHED = 20_000  # items up to which the neighbours of all are looked for; beyond, those of
N_ASKED = 4000  # so many, positives of every label among them, in
MOST_SEARCHED = 100_000  # at most so many


@dataclass(frozen=True, eq=False)
class NeighborSearch:
    """The neighbours that a diagnosis rests on, by position.

    Attributes
    ----------
    among : array of int64, or None
        Rows of the items that were searched, in their order; None for all.
    asked : array of int64, or None
        Of which of these the neighbours are; None for all.
    near : Neighbors
    pairs : array of int64, shape (n_pairs, 2)
        Near-duplicates, as rows of the data set, in the order of :attr:`EmbeddingQuality.duplicates`.
    """

    among: np.ndarray | None
    asked: np.ndarray | None
    near: Neighbors
    pairs: np.ndarray

    @property
    def hubs(self) -> np.ndarray:
        """Items that are neighbours of very many: more than two standard deviations above the mean. Rows, the greatest hub first."""
        if self.asked is not None:
            return np.empty(0, np.int64)
        counts = _occurrences(self.near, N_NEIGHBORS)
        rows = np.flatnonzero(counts > counts.mean() + 2 * counts.std())
        return rows[np.argsort(-counts[rows], kind="stable")]

    def lift(self, labels: LabelMatrix) -> pl.DataFrame:
        """How visible labels are, as :func:`labelscope.space.quality.label_lift`."""
        return label_lift(labels if self.among is None else labels.rows(self.among), self.near, self.asked)


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddingQuality(Result):
    """Where the neighbourhoods of an embedding mislead.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a label, the least visible first: label, n_positive, lift (how much likelier than chance the neighbours
        of its positives carry it; null where it cannot be said), invisible (see
        :func:`labelscope.space.quality.label_lift`).
    duplicates : polars.DataFrame
        Pairs of near-duplicates, the most alike first: item_a, item_b, similarity (cosine), n_different (labels that are
        positive in one and negative in the other), across_splits (null without a column of splits).
    rank_me : float
        Effective number of dimensions, 1 to n_features.
    n_features : int
    hubness : float
        Skewness of how often an item is among the ten nearest of others; NaN below 12 items, and above 20,000.
    search : NeighborSearch
        What it rests on.
    split : str or None
        The column of splits.
    """

    duplicates: pl.DataFrame
    rank_me: float
    n_features: int
    hubness: float
    search: NeighborSearch
    split: str | None

    @property
    def collapsed(self) -> bool:
        """Whether few directions hold everything: an effective rank below a tenth of the features, from 20 features on."""
        return self.n_features >= LEAST_FEATURES and self.rank_me < COLLAPSED * self.n_features

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before using it, in plain words; empty if all is well."""
        return tuple(_warnings(self))

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        found = "; ".join(self.warnings) if self.warnings else "nothing to warn about"
        return f"Embedding of {self.n_features} features, effective rank {self.rank_me:.0f}: {found}"

    def on(self, ds: Dataset) -> EmbeddingQuality:
        """The same for other labels of the same items, as corrected ones are: nothing is searched anew.

        Parameters
        ----------
        ds : Dataset
        """
        different = n_different(ds.labels, self.search.pairs)
        return replace(self, frame=_by_label(ds, self.search), duplicates=self.duplicates.with_columns(n_different=different))


@checked
def embedding_quality(ds: Dataset, *, split: str | None = None, model: str | None = None, seed: int = 0) -> EmbeddingQuality:
    """Effective rank, hubs, near-duplicates and the labels that an embedding cannot see.

    Parameters
    ----------
    ds : Dataset
        With embeddings, a text or an image.
    split : str, optional
        Column of `ds.items` that names the split of each item: duplicates across splits are test items seen in training.
    model : str, optional
        Embedding model, as for :func:`labelscope.space.embed.embed`.
    seed : int

    Returns
    -------
    EmbeddingQuality

    Raises
    ------
    StageError
        If there is nothing to embed, or no such column.

    Notes
    -----
    Near-duplicates are looked for among the 25 nearest of each item, so that of a group of more than 25 copies each is
    still listed, though not every pair of it. Above 20,000 items they are found by hashing, which misses at most a few in a
    hundred; how visible a label is comes from the neighbours of 4,000 items, positives of every label among them, in at most
    100,000; and hubs are not looked for. Effective rank: Garrido et al. (2023), RankMe. Hubness: Radovanović, Nanopoulos and
    Ivanović (2010).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(60, 8))
    >>> x[1] = x[0]
    >>> embedding_quality(Dataset.from_arrays((x[:, :1] > 0).astype(int), embeddings=x)).duplicates.select("item_a", "item_b").rows()
    [(0, 1)]
    """
    if split is not None and split not in ds.items.columns:
        raise StageError(f"split: expected a column of the items ({', '.join(ds.items.columns)}), got {split!r}")
    features = embed(ds, model=model, seed=seed)
    search = _search(ds.labels, features, seed)
    frame = _by_label(ds, search)
    hubs = hubness(search.near) if search.asked is None else float("nan")
    rank = rank_me(features, seed=seed)
    search, duplicates = _duplicates(ds, features, search, split)
    return EmbeddingQuality(frame, duplicates, rank, int(features.shape[1]), hubs, search, split)


def rank_me(X: np.ndarray, *, seed: int = 0) -> float:
    """Effective number of dimensions: the exponential of the entropy of the singular values, 1 to n_features.

    Parameters
    ----------
    X : array of float, shape (n_items, n_features)
        A sample of 25,600 rows is used.
    seed : int

    Examples
    --------
    >>> round(rank_me(np.eye(8)), 3)
    8.0
    """
    rows = np.arange(len(X))
    if len(X) > RANK_SAMPLE:
        rows = np.sort(generator(seed, "effective rank").choice(len(X), RANK_SAMPLE, replace=False))
    wide = len(rows) < X.shape[1]  # then the products of items have the same values above 0, and are fewer
    shorter, longer = sorted((len(rows), X.shape[1]))
    gram = np.zeros((shorter, shorter))
    for block in row_blocks(longer, shorter * 8):
        part = np.asarray(X[rows, block].T if wide else X[rows[block]], np.float64)
        gram += part.T @ part
    values = np.sqrt(np.linalg.eigvalsh(gram).clip(0))
    share = values / max(values.sum(), 1e-30)
    return float(np.exp(-(share * np.log(np.where(share > 0, share, 1))).sum()))


def hubness(neighbors: Neighbors, k: int = N_NEIGHBORS) -> float:
    """Skewness of how often an item is among the `k` nearest of others; NaN where there are no more than k + 1 items.

    Near 0 where every item is as good a neighbour as any other; above 3 few items are in almost every neighbourhood.

    Parameters
    ----------
    neighbors : Neighbors
    k : int
    """
    n_items = len(neighbors.indices)
    if n_items <= k + 1:
        return float("nan")
    counts = _occurrences(neighbors, k)
    return float(skew(counts)) if counts.std() > 0 else 0.0


def _occurrences(neighbors: Neighbors, k: int) -> np.ndarray:
    """How often each item is among the `k` nearest of others, int64 (n_items,)."""
    return np.bincount(neighbors.indices[:, :k].ravel(), minlength=len(neighbors.indices))


def _search(labels: LabelMatrix, features: np.ndarray, seed: int) -> NeighborSearch:
    """The neighbours of all items, or of a sample of many; with the pairs of near-duplicates, in no order yet."""
    n_items = len(features)
    if n_items <= ALL_SEARCHED:
        near = nearest(features, min(25, max(1, n_items - 1)), seed=seed)
        item, place = np.nonzero(near.similarities >= DUPLICATE)
        return NeighborSearch(None, None, near, _once(item, near.indices[item, place].astype(np.int64)))
    rng = generator(seed, "embedding quality")
    among = None if n_items <= MOST_SEARCHED else np.sort(rng.choice(n_items, MOST_SEARCHED, replace=False))
    here = labels if among is None else labels.rows(among)
    asked = _of_every_label(here, rng)
    near = nearest_to(features if among is None else features[among], asked, 25, seed=seed)
    return NeighborSearch(among, asked, near, _once(*hashed_duplicates(features, DUPLICATE, seed).T))


def _of_every_label(labels: LabelMatrix, rng: np.random.Generator) -> np.ndarray:
    """Rows of at most `N_ASKED` items, as many positives of each label among them as there is room for; rising."""
    entries = labels.positives.tocoo()
    drawn = rng.permutation(labels.shape[0])[entries.row]
    order = np.lexsort((drawn, entries.col))
    column = entries.col[order]
    place = np.arange(len(column)) - np.searchsorted(column, column)  # of a positive among those of its label
    turn = np.argsort(place, kind="stable")
    rows = entries.row[order][turn]
    first = np.unique(rows, return_index=True)[1]
    return np.sort(rows[np.sort(first)[:N_ASKED]]).astype(np.int64)


def _once(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pairs, each once, the lower row first: int64 (n_pairs, 2)."""
    return np.unique(np.column_stack([np.minimum(a, b), np.maximum(a, b)]), axis=0)


def _by_label(ds: Dataset, search: NeighborSearch) -> pl.DataFrame:
    lift = search.lift(ds.labels)
    return pl.DataFrame({
        "label": list(ds.label_names), "n_positive": ds.labels.n_positive, "lift": lift["lift"], "invisible": lift["invisible"],
    }).sort("lift", nulls_last=True, maintain_order=True)  # fmt: skip


def _duplicates(ds: Dataset, features: np.ndarray, search: NeighborSearch, split: str | None) -> tuple[NeighborSearch, pl.DataFrame]:
    """The search with its pairs in the order of their table, and the table."""
    a, b = search.pairs.T
    across = pl.Series([None] * len(a), dtype=pl.Boolean)
    if split is not None:
        named = ds.items[split].cast(pl.String, strict=False)
        across = named[a] != named[b]
    table = pl.DataFrame({
        "item_a": ds.item_ids[a],
        "item_b": ds.item_ids[b],
        "similarity": pair_cosines(features, search.pairs),
        "n_different": n_different(ds.labels, search.pairs),
        "across_splits": across,
        "place": np.arange(len(a)),
    }).sort("similarity", "n_different", descending=True, maintain_order=True)  # fmt: skip
    return replace(search, pairs=search.pairs[table["place"].to_numpy()]), table.drop("place")


def _warnings(of: EmbeddingQuality) -> Iterator[str]:
    invisible = of.frame.filter("invisible")["label"].to_list()
    if invisible:
        few = ", ".join(invisible[:3]) + (f" and {len(invisible) - 3} more" if len(invisible) > 3 else "")
        yield f"{_count(len(invisible), 'label is', 'labels are')} invisible in this embedding ({few}): neighbours say little about it"
    if of.collapsed:
        yield f"the embedding has collapsed: {of.rank_me:.0f} effective dimensions of {of.n_features}"
    if of.hubness > HUBS:
        yield f"a few items are neighbours of very many (hubness {of.hubness:.1f}): their labels spread by votes"
    if of.duplicates.height:
        different = of.duplicates.filter(pl.col("n_different") > 0).height
        yield f"{_count(of.duplicates.height, 'pair', 'pairs')} of near-duplicates, {different:,} of them with different labels"
    across = int(of.duplicates["across_splits"].sum() or 0)
    if across:
        yield f"{_count(across, 'pair lies', 'pairs lie')} across splits of {of.split}: those test items were seen in training"


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
