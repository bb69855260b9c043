"""Where on the map the suspicious cells of a label lie closer together than chance would have it.

A label's suspicious cells of one kind (missing or spurious) are compared, region by region of the map, with how many the region would
have if they were spread evenly over the cells that could be of that kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, LabelMatrix
from labelscope.data.positions import cell_positions
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.issues.find import Findings
from labelscope.space.basins import Raster
from labelscope.space.regions import MapRegions
from labelscope.stats.hypergeometric import benjamini_hochberg, tail

__all__ = ["HotSpots", "error_density", "hot_spots", "spot_title"]

LEAST = 5  # suspicious cells in a spot
TIMES = 2.0  # the expected number, at least
RATE = 0.01  # share of the spots that may be chance
SHARED = 0.5  # of the cells of a spot: with so many in a surer one it is the same spot
MOST = 40
WIDTH = 0.02  # of the Gaussian that errors are counted in, as a share of the side of the map
SCHEMA: dict[str, Any] = {
    "spot": pl.Int64, "label": pl.String, "kind": pl.String, "region": pl.Int64, "name": pl.String, "level": pl.Int64, "x": pl.Float64,
    "y": pl.Float64, "n_cells": pl.Int64, "expected": pl.Float64, "q_value": pl.Float64,
}  # fmt: skip


def spot_title(label: str, kind: str, region: str) -> str:
    """What the cells of a hot spot are called, in words."""
    return f"{label} may be {'missing' if kind == 'missing' else 'wrong'}: {region}"


@dataclass(frozen=True, eq=False, repr=False)
class HotSpots(Result):
    """Regions of the map with more suspicious cells of a label than chance would have.

    Attributes
    ----------
    frame : polars.DataFrame
        spot (int), label, kind ("missing" or "spurious"), region and its name and level (as in the regions), x, y (the median of its
        items), n_cells (suspicious cells of that kind), expected (how many an even spread would give), q_value
        (Benjamini-Hochberg over all regions, labels and kinds); most cells beyond the expected ones first.
    cells : polars.DataFrame
        spot, item_id, label: the cells.
    """

    cells: pl.DataFrame

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        if self.frame.is_empty():
            return "HotSpots: the suspicious cells are spread over the map as chance would have it"
        first = ", ".join(f"{n:,} of '{label}' ({kind})" for label, kind, n in self.frame.select("label", "kind", "n_cells").head(3).rows())
        return f"HotSpots: {self.frame.height:,} places with more suspicious cells than chance would have, first {first}"


@checked
def hot_spots(dataset: Dataset, findings: Findings, regions: MapRegions) -> HotSpots:
    """Places on the map with many suspicious cells of one label.

    Parameters
    ----------
    dataset : Dataset
    findings : Findings
        Of :func:`labelscope.issues.find.find_issues`: its suspicious cells, flagged or not.
    regions : MapRegions
        Of :func:`labelscope.space.regions.map_regions`.

    Returns
    -------
    HotSpots

    Raises
    ------
    DataError
        If findings or regions are of other items.

    Notes
    -----
    For each region, label and kind, the upper tail of a hypergeometric distribution; false discoveries by Benjamini and Hochberg (1995).
    A spot has five cells or more, and twice as many as expected. What lies mostly in a surer spot of the same label and kind is left out.
    The map was laid out by what the model sees too, so a spot is a place to look at, not a proof.

    Examples
    --------
    >>> import labelscope as ls
    >>> ds = ls.demo(600)
    >>> ls.hot_spots(ds, ls.find_issues(ds), ls.map_regions(ds)).frame.columns[:5]
    ['spot', 'label', 'kind', 'region', 'name']
    """
    if not regions.item_ids.equals(dataset.item_ids):
        raise DataError("hot_spots: expected regions of this data set, got those of other items; make them anew: ls.map_regions(ds)")
    listed = findings.frame
    rows, labels = cell_positions(listed, dataset.item_ids, dataset.label_names)
    missing = (listed["kind"] == "missing").to_numpy()
    found = [
        _tested(dataset.labels, rows[side], labels[side], codes, len(regions.frame), kind)
        for kind, side in (("missing", missing), ("spurious", ~missing))
        for codes in regions.codes
    ]
    n_tests = sum(n for _, n in found)
    spots = pl.concat([frame for frame, _ in found])
    spots = spots.filter(pl.col("n_cells") > pl.col("expected"))  # the tail of one with fewer is the lower one
    spots = spots.with_columns(q_value=benjamini_hochberg(spots["p_value"].to_numpy(), max(n_tests, spots.height)))
    kept = spots.filter((pl.col("q_value") <= RATE) & (pl.col("n_cells") >= TIMES * pl.col("expected"))).sort("p_value", "region", "code")
    return _result(dataset, regions, kept, rows, labels, missing)


def error_density(dataset: Dataset, findings: Findings, xy: np.ndarray) -> np.ndarray:
    """How many times the average of errors there is around each item of a map.

    Parameters
    ----------
    dataset : Dataset
    findings : Findings
        Their confidence says how probably a suspicious cell is wrong.
    xy : array of float, shape (n_items, 2)
        NaN for an item that is not on the map.

    Returns
    -------
    array of float64, shape (n_items,)
        0 for none, 1 for as many as everywhere; NaN for an item that is not on the map, or all where nothing is suspect.
    """
    raster = Raster.of(xy)
    rows, _ = cell_positions(findings.frame, dataset.item_ids, dataset.label_names)
    errors = np.bincount(rows, findings.frame["confidence"].to_numpy(), len(xy))
    known = raster.cells >= 0
    out = np.full(len(xy), np.nan)
    if not errors[known].any():
        return out
    share = raster.density(WIDTH, errors) / np.maximum(raster.density(WIDTH), 1e-12)
    out[known] = share.ravel()[raster.cells[known]] / errors[known].mean()
    return out


def _tested(
    matrix: LabelMatrix, rows: np.ndarray, labels: np.ndarray, codes: np.ndarray, n_regions: int, kind: str
) -> tuple[pl.DataFrame, int]:
    """Regions and labels with enough suspicious cells of a kind, and how many regions and labels were compared."""
    n_labels = matrix.shape[1]
    member = sp.csr_matrix((np.ones(len(codes)), (codes + 1, np.arange(len(codes)))), shape=(n_regions + 1, len(codes)))[1:]
    spread = _of_kind(matrix, member, kind)
    totals = np.bincount(labels, minlength=n_labels)
    inside = codes[rows] >= 0
    key, n_cells = np.unique(codes[rows[inside]] * n_labels + labels[inside], return_counts=True)
    key, n_cells = key[n_cells >= LEAST], n_cells[n_cells >= LEAST]
    region, label = key // n_labels, key % n_labels
    everywhere = np.asarray(matrix.n_negative if kind == "missing" else matrix.n_positive)[label]
    here = np.asarray(spread[region, label]).ravel() if len(key) else np.empty(0)  # of no places scipy would give a matrix
    of_all = kind == "missing" and matrix.default == NEGATIVE
    n_here = here + np.diff(member.indptr)[region] if of_all else here
    return pl.DataFrame({
        "region": region, "code": label, "kind": pl.Series([kind]).new_from_index(0, len(key)), "n_cells": n_cells,
        "expected": totals[label] * n_here / np.maximum(everywhere, 1),
        "p_value": tail(n_cells, n_here.astype(np.int64), totals[label], everywhere),
    }), len(np.unique(codes[codes >= 0])) * int((totals >= LEAST).sum())  # fmt: skip


def _of_kind(matrix: LabelMatrix, member: sp.csr_matrix, kind: str) -> sp.csr_matrix:
    """Cells of each region and label that could be wrong in this way; for "missing", where negative is the default, less the items."""
    positive = member @ matrix.positives.astype(np.float64)
    if kind == "spurious":
        return sp.csr_matrix(positive)
    exceptions = member @ matrix.exceptions.astype(np.float64)
    return sp.csr_matrix(-positive - exceptions if matrix.default == NEGATIVE else exceptions)


def _result(
    dataset: Dataset, regions: MapRegions, kept: pl.DataFrame, rows: np.ndarray, labels: np.ndarray, missing: np.ndarray
) -> HotSpots:
    """The spots that no surer one covers, and their cells."""
    known: dict[tuple[int, str], list[np.ndarray]] = {}
    found: list[tuple[dict[str, Any], np.ndarray]] = []
    for row in kept.iter_rows(named=True):
        level = regions.frame["level"][row["region"]]
        cells = np.flatnonzero(
            (regions.codes[level][rows] == row["region"]) & (labels == row["code"]) & (missing == (row["kind"] == "missing"))
        )
        before = known.setdefault((row["code"], row["kind"]), [])
        if all(np.isin(cells, other).sum() < SHARED * min(len(cells), len(other)) for other in before):
            before.append(cells)
            found.append(({**row, "level": level}, cells))
    found.sort(key=lambda one: -(one[0]["n_cells"] - one[0]["expected"]))
    found = found[:MOST]
    names, at = regions.frame["name"], regions.places
    spots = [
        {**row, "spot": k, "label": dataset.label_names[row["code"]], "name": names[row["region"]]}
        | dict(zip("xy", np.median(at[rows[cells]], axis=0).tolist(), strict=True))
        for k, (row, cells) in enumerate(found)
    ]
    listed = np.concatenate([np.empty(0, np.int64), *(cells for _, cells in found)])
    named = pl.DataFrame({
        "spot": np.repeat(np.arange(len(found)), [len(cells) for _, cells in found]),
        "item_id": dataset.item_ids.gather(rows[listed]),
        "label": pl.Series(dataset.label_names, dtype=pl.String).gather(labels[listed]),
    })  # fmt: skip
    return HotSpots(pl.DataFrame(spots, schema=SCHEMA), cells=named)
