"""What is wrong with an embedding before anything rests on it: collapse, hubs, duplicates, labels it cannot see.

Everything after it (neighbour votes, reasons, the map, pseudo-labels) takes the neighbourhoods of the embedding for
likeness. This says in plain words where they are not. The cut-offs are rules of thumb, not limits with a proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import skew

from labelscope.compute.executor import row_blocks
from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.space.embed import embed
from labelscope.space.neighbors import Neighbors, nearest
from labelscope.space.quality import label_lift

__all__ = ["EmbeddingQuality", "embedding_quality", "hubness", "rank_me"]

N_NEIGHBORS = 10
DUPLICATE = 0.995  # cosine from which two items are near-duplicates
COLLAPSED = 0.1  # effective rank, as a share of the features, below which an embedding has collapsed
HUBS = 3.0  # skewness of how often items are neighbours above which few items are everybody's neighbours
RANK_SAMPLE = 25_600


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
        Skewness of how often an item is among the ten nearest of others; NaN below 12 items.
    warnings : tuple of str
        What to know before using it, in plain words; empty if all is well.
    """

    duplicates: pl.DataFrame
    rank_me: float
    n_features: int
    hubness: float
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        found = "; ".join(self.warnings) if self.warnings else "nothing to warn about"
        return f"Embedding of {self.n_features} features, effective rank {self.rank_me:.0f}: {found}"


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
    still listed, though not every pair of it. Effective rank: Garrido et al. (2023), RankMe. Hubness: Radovanović,
    Nanopoulos and Ivanović (2010).

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
    near = nearest(features, min(25, max(1, ds.n_items - 1)), seed=seed)
    lift = label_lift(ds.labels, near)
    frame = pl.DataFrame({
        "label": list(ds.label_names), "n_positive": ds.labels.n_positive, "lift": lift["lift"], "invisible": lift["invisible"],
    }).sort("lift", nulls_last=True)  # fmt: skip
    duplicates = _duplicates(ds, near, split)
    rank, hubs = rank_me(features, seed=seed), hubness(near)
    warnings = tuple(_warnings(frame, duplicates, rank, features.shape[1], hubs, split))
    return EmbeddingQuality(frame, duplicates, rank, int(features.shape[1]), hubs, warnings)


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
    counts = np.bincount(neighbors.indices[:, :k].ravel(), minlength=n_items)
    return float(skew(counts)) if counts.std() > 0 else 0.0


def _duplicates(ds: Dataset, near: Neighbors, split: str | None) -> pl.DataFrame:
    item, place = np.nonzero(near.similarities >= DUPLICATE)
    partner, similarity = near.indices[item, place].astype(np.int64), near.similarities[item, place]
    pairs = np.column_stack([np.minimum(item, partner), np.maximum(item, partner)])
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    a, b = pairs[:, 0], pairs[:, 1]
    different = np.zeros(len(a), np.int32)
    for block in row_blocks(len(a), ds.n_labels * 4):
        one, other = _rows(ds, a[block]), _rows(ds, b[block])
        different[block] = ((one != other) & (one != UNKNOWN) & (other != UNKNOWN)).sum(axis=1)
    across = pl.Series([None] * len(a), dtype=pl.Boolean)
    if split is not None:
        named = ds.items[split].cast(pl.String, strict=False)
        across = named[a] != named[b]
    return pl.DataFrame({
        "item_a": ds.item_ids[a], "item_b": ds.item_ids[b], "similarity": similarity[first], "n_different": different,
        "across_splits": across,
    }).sort("similarity", "n_different", descending=True, maintain_order=True)  # fmt: skip


def _rows(ds: Dataset, rows: np.ndarray) -> np.ndarray:
    """States of single items, int8 (len(rows), n_labels)."""
    columns = np.arange(ds.n_labels)
    return ds.labels.states(np.repeat(rows, ds.n_labels), np.tile(columns, len(rows))).reshape(len(rows), ds.n_labels)


def _warnings(frame: pl.DataFrame, duplicates: pl.DataFrame, rank: float, n_features: int, hubs: float, split: str | None) -> list[str]:
    words = []
    invisible = frame.filter("invisible")["label"].to_list()
    if invisible:
        few = ", ".join(invisible[:3]) + (f" and {len(invisible) - 3} more" if len(invisible) > 3 else "")
        words.append(
            f"{_count(len(invisible), 'label is', 'labels are')} invisible in this embedding ({few}): neighbours say little about it"
        )
    if n_features >= 20 and rank < COLLAPSED * n_features:
        words.append(f"the embedding has collapsed: {rank:.0f} effective dimensions of {n_features}")
    if hubs > HUBS:
        words.append(f"a few items are neighbours of very many (hubness {hubs:.1f}): their labels spread by votes")
    if duplicates.height:
        different = duplicates.filter(pl.col("n_different") > 0).height
        words.append(f"{_count(duplicates.height, 'pair', 'pairs')} of near-duplicates, {different:,} of them with different labels")
    across = int(duplicates["across_splits"].sum() or 0)
    if across:
        words.append(f"{_count(across, 'pair lies', 'pairs lie')} across splits of {split}: those test items were seen in training")
    return words


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
