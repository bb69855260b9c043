"""Regions of the map and what they are called: by the words that set their texts apart, or, without texts, by such labels.

Three levels, for three distances from which one looks. A region is where items are dense (:mod:`labelscope.space.basins`), so it
says how the map lies, not what belongs together by meaning: that is left to the names.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from labelscope.compute.vectors import unit_rows
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.positions import positions
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.space.basins import Raster, basins
from labelscope.space.embed import embed
from labelscope.space.project import EmbeddingMap, embedding_map
from labelscope.space.telling_words import CountedWords, count_words

__all__ = ["LEVELS", "MapRegions", "map_regions", "placed"]

LEVELS = ((0.05, 0.012, 14), (0.025, 0.004, 50), (0.012, 0.0012, 160))  # width of the Gaussian, least share of the items, most regions
LEAST = 5  # items of a region
N_WORDS = 5
NAMED_BY = 2  # words in a name
MOST_READ = 60_000  # items that the names are made of: a sample of more, where the words of a region are as sure
SAMPLE_SEED = 0
SCHEMA: dict[str, Any] = {
    "region": pl.Int64, "level": pl.Int64, "name": pl.String, "words": pl.List(pl.String), "x": pl.Float64, "y": pl.Float64,
    "n_items": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class MapRegions(Result):
    """Regions of the map at three levels.

    Attributes
    ----------
    frame : polars.DataFrame
        region (int), level (0 for the largest regions, 2 for the smallest), name, words (list of str; labels where there are no texts), x,
        y (where the region is densest), n_items, exemplar (id of its most typical item); level by level, the largest regions first.
    codes : int64, shape (3, n_items)
        Region of each item at each level, -1 for an item in none.
    item_ids : polars.Series
    places : float, shape (n_items, 2)
        Where the items are on the map, NaN for one that is not.
    """

    codes: np.ndarray
    item_ids: pl.Series
    places: np.ndarray

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        first = self.frame.filter(level=0)["name"].to_list()
        named = ", ".join(f"'{name}'" for name in first[:4])
        return f"MapRegions: {self.frame.height:,} regions of the map at three levels" + (f", the largest {named}" if named else "")

    def items(self, region: int) -> pl.Series:
        """Ids of the items of a region.

        Raises
        ------
        DataError
            If there is no such region.
        """
        return self.item_ids.gather(np.flatnonzero(self.holds(region)))

    def holds(self, region: int) -> np.ndarray:
        """Which items are in a region, bool (n_items,). Raises as :meth:`items`."""
        return np.asarray(self.codes[self._row(region)["level"]] == region)

    def name(self, region: int) -> str:
        """What a region is called. Raises as :meth:`items`."""
        return str(self._row(region)["name"])

    def _row(self, region: int) -> dict[str, Any]:
        if not 0 <= region < self.frame.height:
            raise DataError(f"region: expected a number from 0 to {self.frame.height - 1:,}, got {region!r}")
        return self.frame.row(region, named=True)


@checked
def map_regions(dataset: Dataset, layout: EmbeddingMap | None = None, *, seed: int = 0) -> MapRegions:
    """Regions of the map of a data set, with names.

    Parameters
    ----------
    dataset : Dataset
        With embeddings, a text or an image.
    layout : EmbeddingMap, optional
        Default: :func:`labelscope.space.project.embedding_map` of the data set.
    seed : int

    Returns
    -------
    MapRegions

    Raises
    ------
    StageError
        If there is nothing to embed.
    DataError
        If the map is of other items.

    Notes
    -----
    Regions: mean shift to the peaks of a density (Fukunaga and Hostetler 1975), on a grid. Names: by
    :mod:`labelscope.space.telling_words`, of words or labels; a region that none sets apart is called like its most typical item, the one
    nearest to the mean of its embeddings. Of more than 60,000 items, an even sample is read.

    Examples
    --------
    >>> import labelscope as ls
    >>> found = ls.map_regions(ls.demo(240))
    >>> found.codes.shape, sorted(set(found.frame["level"]))
    ((3, 240), [0, 1, 2])
    """
    layout = embedding_map(dataset, seed=seed) if layout is None else layout
    return placed(dataset, _coordinates(dataset, layout), embed(dataset, seed=seed))


def placed(dataset: Dataset, xy: np.ndarray, features: np.ndarray) -> MapRegions:
    """The regions of items at these places, float (n_items, 2), with these embeddings."""
    raster, read = Raster.of(xy), _read(dataset.n_items)
    words = _counted(dataset, read)
    rows: list[tuple[Any, ...]] = []
    codes = np.full((len(LEVELS), dataset.n_items), -1, np.int64)
    exemplars: list[int] = []
    for level, (width, share, most) in enumerate(LEVELS):
        found = basins(raster, width, least=max(LEAST, round(share * dataset.n_items)), most=most)
        codes[level] = np.where(found.codes < 0, -1, found.codes + len(rows))
        sizes = np.bincount(found.codes[found.codes >= 0], minlength=len(found.peaks)).tolist()
        members = _members(found.codes[read], len(found.peaks))
        typical = [_typical(features, read[group]) if len(group) else int((found.codes == k).argmax()) for k, group in enumerate(members)]
        told = words.apart(members, N_WORDS) if words else [[] for _ in members]
        names = _names(told, [f"like item {dataset.item_ids[at]}" for at in typical])
        rows += [
            (len(rows) + k, level, name, terms, *peak, size)
            for k, (name, terms, peak, size) in enumerate(zip(names, told, found.peaks.tolist(), sizes, strict=True))
        ]
        exemplars += typical
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(exemplar=dataset.item_ids.gather(exemplars))
    return MapRegions(frame, codes=codes, item_ids=dataset.item_ids, places=xy)


def _coordinates(dataset: Dataset, layout: EmbeddingMap) -> np.ndarray:
    frame = layout.frame
    here = {"expected": "layout: expected a map of this data set's items", "remedy": "make it anew: ls.embedding_map(ds)"}
    xy = np.full((dataset.n_items, 2), np.nan, np.float32)
    xy[positions(frame["item_id"], dataset.item_ids, **here)] = frame.select("x", "y").to_numpy()
    return xy


def _names(words: list[list[str]], otherwise: list[str]) -> list[str]:
    """As few words as tell the regions of a level apart: two, or more where two regions would be called the same."""
    names: list[str] = []
    for terms, other in zip(words, otherwise, strict=True):
        tried = [", ".join(terms[:n]) for n in range(NAMED_BY, N_WORDS + 1)] if terms else [other]
        names.append(next((name for name in tried if name not in names), tried[-1]))
    return names


def _read(n_items: int) -> np.ndarray:
    """Rows of the items that the names are made of, rising."""
    if n_items <= MOST_READ:
        return np.arange(n_items)
    return np.sort(np.random.default_rng(SAMPLE_SEED).choice(n_items, MOST_READ, replace=False))


def _counted(dataset: Dataset, read: np.ndarray) -> CountedWords | None:
    """The words of these items; their labels, where there are no texts."""
    if dataset.text is None:
        return CountedWords(dataset.labels.positives[read], np.asarray(dataset.label_names, object))
    return count_words(dataset.items[dataset.text].gather(read).cast(pl.String).fill_null("").to_list())


def _members(codes: np.ndarray, n: int) -> list[np.ndarray]:
    """Places of each of the codes 0 to n - 1."""
    order = np.argsort(codes, kind="stable")
    return [order[start:stop] for start, stop in pairwise(np.searchsorted(codes[order], np.arange(n + 1)))]


def _typical(features: np.ndarray, rows: np.ndarray) -> int:
    """The most typical of some items: the one whose embedding points most the way of the mean."""
    near = unit_rows(features[rows])
    return int(rows[(near @ near.mean(axis=0)).argmax()])
