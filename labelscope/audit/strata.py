"""Strata: the known cells of a data set divided by what was given, flagged or not, and how suspicious, for a sample.

A sample that looks where errors are likely says more with the same clicks, as long as no cell is left out and the weight
of none runs away. Within a stratum every cell is as likely to be drawn as any other, so what is found in it is
hypergeometric whatever the model is worth, and :mod:`labelscope.audit.population_total` knows its distribution exactly.

Shares: a cell counts sqrt(e (1 - e)), with e the estimated probability that it is wrong (Neyman 1934: the allocation of
least variance), mixed with a part that is spread uniformly. No estimate is taken to be surer than `least_error`: models
are sure and wrong, one-sided noise has estimates of zero, and a floor of 2% keeps the weights of any two cells within a
factor of about four. Over good, worthless, over-confident and reversed estimates the interval is then 0.6 to 1.1 times as
wide as that of a uniform sample; without the floor up to seven times (``benchmarks/audit.py``). Both kinds of error and
the flagged cells get a least share, so that each can be told apart; that makes the interval of the total a sixth wider.

The cells are counted and drawn in two passes over blocks of rows; nothing of the size of the matrix is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.compute.seeds import generator
from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE, UNKNOWN
from labelscope.data.positions import positions
from labelscope.errors import StageError
from labelscope.issues.find import Findings

__all__ = ["AuditConfig", "Drawn", "Strata", "apportioned", "draw", "drawn_ranks", "flagged_cells", "stratify"]

N_LEVELS = 4096  # of the square root of the suspicion: fine near 0, where most cells are
KINDS = ("missing", "spurious")  # by code: what is wrong with a wrong negative, with a wrong positive
SMALL = 1 << 16  # a stratum up to this size is permuted whole


@dataclass(frozen=True)
class AuditConfig:
    """How :func:`labelscope.audit` draws, and what its intervals promise.

    Attributes
    ----------
    uniform_share : float
        Share of the sample that is spread evenly over all known cells.
    least_error : float
        No cell is taken to be surer right than this.
    n_bands : int
        Bands of suspicion that the cells of each kind are divided into, besides the flagged ones.
    kind_share, flagged_share : float
        Least share of the sample for each kind of error that any cell is suspected of, and for the flagged cells, which
        take theirs from all others alike.
    confidence : float
        Of every interval.
    """

    uniform_share: float = 0.1
    least_error: float = 0.02
    n_bands: int = 3
    kind_share: float = 0.25
    flagged_share: float = 0.15
    confidence: float = 0.95

    def __post_init__(self) -> None:
        shares = {name: getattr(self, name) for name in ("uniform_share", "least_error", "kind_share", "flagged_share")}
        for name, value in shares.items():
            if not 0 <= value <= 0.5:
                raise StageError(f"{name}: expected a number from 0 to 0.5, got {value!r}")
        if self.uniform_share == self.least_error == 0:
            raise StageError("least_error: expected a number above 0 where uniform_share is 0, got 0; some cells could never be drawn")
        if not 0.5 <= self.confidence < 1:
            raise StageError(f"confidence: expected a number from 0.5 to below 1, got {self.confidence!r}")
        if not 1 <= self.n_bands <= 20:
            raise StageError(f"n_bands: expected 1 to 20, got {self.n_bands!r}")


@dataclass(frozen=True, eq=False)
class Strata:
    """The strata, in rows.

    Attributes
    ----------
    frame : polars.DataFrame
        stratum (from 0), kind ("spurious": given positives; "missing": given negatives), flagged, first_level and
        last_level (of suspicion, both within; -1 for flagged cells, whatever their suspicion), n_cells, share (of a sample).
    """

    frame: pl.DataFrame

    def __len__(self) -> int:
        return self.frame.height

    def of(self, states: np.ndarray, suspicion: np.ndarray) -> np.ndarray:
        """Stratum of each cell as if it were not flagged, int8 of the same shape; -1 where the state is unknown."""
        found = self._codes[(states == POSITIVE).astype(np.intp), _levels(suspicion)]
        found[states == UNKNOWN] = -1
        return found

    def of_flagged(self, states: np.ndarray) -> np.ndarray:
        """Stratum of each flagged cell, int8 (n_cells,)."""
        table = {kind: stratum for stratum, kind in self.frame.filter("flagged").select("stratum", "kind").iter_rows()}
        return np.where(states == POSITIVE, table.get("spurious", -1), table.get("missing", -1)).astype(np.int8)

    @cached_property
    def _codes(self) -> np.ndarray:
        """Stratum by kind (0 missing, 1 spurious) and level."""
        codes = np.full((2, N_LEVELS + 1), -1, np.int8)
        rows = self.frame.filter(~pl.col("flagged")).select("stratum", "kind", "first_level", "last_level")
        for stratum, kind, first, last in rows.iter_rows():
            codes[int(kind == "spurious"), first : last + 1] = stratum
        return codes


class Drawn(NamedTuple):
    """Cells by position, in the order of reading, and how many cells of each label every stratum has."""

    items: np.ndarray
    labels: np.ndarray
    strata: np.ndarray
    uniform: np.ndarray
    counts: np.ndarray  # int64 (n_labels, n_strata)


def flagged_cells(dataset: Dataset, findings: Findings) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the flagged cells, in row-major order.

    Raises
    ------
    StageError
        If the findings are about another data set, or came without their scores.
    """
    if findings.cell_scores.shape != dataset.labels.shape:
        expected, got = dataset.labels.shape, findings.cell_scores.shape
        raise StageError(f"findings: expected scores of shape {expected}, got {got}; find the issues of this data set")
    cells = findings.cells.filter("flagged")
    known = {"expected": "findings: expected items and labels of this data set", "remedy": "find the issues of this one"}
    rows = positions(cells["item_id"], dataset.item_ids, **known)
    columns = positions(cells["label"], pl.Series(dataset.label_names, dtype=pl.String), **known)
    order = np.lexsort((columns, rows))
    return rows[order], columns[order]


def stratify(dataset: Dataset, findings: Findings, config: AuditConfig) -> Strata:
    """The strata of the known cells.

    Parameters
    ----------
    dataset : Dataset
    findings : Findings
    config : AuditConfig

    Raises
    ------
    StageError
        If the findings are about another data set.
    """
    flagged = _flagged_levels(dataset, findings)
    counts = _count_levels(dataset, findings)
    error = np.clip(_error_of_levels(findings.cells), config.least_error, 1 - config.least_error)
    size = np.sqrt(error * (1 - error))
    rows = [(kind, True, -1, -1, int(flagged[code].sum()), float(flagged[code] @ size)) for code, kind in enumerate(KINDS)]
    for code, kind in enumerate(KINDS):
        rest = counts[code] - flagged[code]
        for first, last in _cut(rest * size, config.n_bands):
            part = slice(first, last + 1)
            rows.append((kind, False, first, last, int(rest[part].sum()), float(rest[part] @ size[part])))
    names = ["kind", "flagged", "first_level", "last_level", "n_cells", "size"]
    frame = pl.DataFrame(rows, schema=names, orient="row").filter(pl.col("n_cells") > 0)
    frame = frame.with_row_index("stratum").cast({"stratum": pl.Int64})
    suspected = {kind: bool(counts[code, 1:].any()) for code, kind in enumerate(KINDS)}
    return Strata(frame.drop("size").with_columns(share=_shares(frame, suspected, config)))


def draw(dataset: Dataset, findings: Findings, strata: Strata, n: int, config: AuditConfig, seed: int) -> Drawn:
    """Draw `n` known cells, none twice.

    The first cells of a larger sample are the smaller sample: each place in the order of reading belongs to a stratum
    (Sainte-Laguë's rule gives the next place to the stratum furthest behind its share), and each stratum has an order.
    So reading may stop anywhere, and a sample can be made larger later.
    """
    sizes, shares = strata.frame["n_cells"].to_numpy(), strata.frame["share"].to_numpy()
    seats = apportioned(shares, sizes, min(n, int(sizes.sum())))
    wanted = [drawn_ranks(int(size), int((seats == h).sum()), seed, h) for h, size in enumerate(sizes)]
    flat, counts = _locate(dataset, findings, strata, wanted)
    chosen = np.empty(len(seats), np.int64)
    for h, cells in enumerate(flat):
        chosen[seats == h] = cells
    evenly = config.uniform_share * sizes / sizes.sum() / shares
    uniform = generator(seed, "audit", "part").random(len(seats)) < evenly[seats]
    return Drawn(chosen // dataset.n_labels, chosen % dataset.n_labels, seats, uniform, counts)


def _levels(suspicion: np.ndarray) -> np.ndarray:
    """Level of each suspicion, uint16 in [0, N_LEVELS]; 0 where it is NaN."""
    root = np.sqrt(np.nan_to_num(suspicion, nan=0.0))
    root *= N_LEVELS
    return np.clip(root, 0, N_LEVELS, out=root).astype(np.uint16)


def _blocks(dataset: Dataset, findings: Findings) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """Blocks of rows with their states and their levels of suspicion."""
    for block in row_blocks(dataset.n_items, dataset.n_labels * 24):
        yield block, dataset.labels.dense(block), _levels(findings.cell_scores.rows(block))


def _count_levels(dataset: Dataset, findings: Findings) -> np.ndarray:
    """Known cells by kind (0 missing, 1 spurious) and level, int64 (2, N_LEVELS + 1)."""
    width = N_LEVELS + 1
    counts = np.zeros(3 * width, np.int64)
    for block, states, levels in _blocks(dataset, findings):
        code = np.where(states == UNKNOWN, 2, states).astype(np.int32)
        code *= width
        code += levels
        counts += np.bincount(code.ravel(), minlength=3 * width)
        advance("audit: count", block.stop / dataset.n_items)
    return counts.reshape(3, width)[:2]


def _flagged_levels(dataset: Dataset, findings: Findings) -> np.ndarray:
    """The same of the flagged cells alone."""
    rows, columns = flagged_cells(dataset, findings)
    counts = np.zeros((2, N_LEVELS + 1), np.int64)
    np.add.at(counts, (np.maximum(dataset.labels.states(rows, columns), 0), _levels(findings.cell_scores.at(rows, columns))), 1)
    return counts


def _error_of_levels(cells: pl.DataFrame) -> np.ndarray:
    """Estimated probability that a cell of each level is wrong: the confidence of the listed cells, in proportion below them."""
    listed = cells.group_by("suspicion").agg(pl.col("confidence").mean()).sort("suspicion")
    suspicion = np.concatenate([[0.0], listed["suspicion"].to_numpy()])
    confidence = np.concatenate([[0.0], listed["confidence"].to_numpy()])
    return np.interp(((np.arange(N_LEVELS + 1) + 0.5) / N_LEVELS) ** 2, suspicion, confidence)


def _cut(sizes: np.ndarray, n_bands: int) -> list[tuple[int, int]]:
    """Ranges of levels (first, last) whose sizes are as equal as whole levels allow; together they cover every level."""
    total = sizes.sum()
    part = np.minimum((np.cumsum(sizes) - sizes / 2) * n_bands / max(total, 1e-300), n_bands - 1).astype(np.int64)
    edges = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(sizes)]
    return [(first, after - 1) for first, after in pairwise(edges)]


def _shares(frame: pl.DataFrame, suspected: dict[str, bool], config: AuditConfig) -> np.ndarray:
    """Share of each stratum in a sample, float64, sum 1."""
    sizes, cells, flagged = (frame[name].to_numpy() for name in ("size", "n_cells", "flagged"))
    shares = (1 - config.uniform_share) * sizes / sizes.sum() + config.uniform_share * cells / cells.sum()
    groups = [((frame["kind"] == kind).to_numpy(), config.kind_share, shares) for kind, any_suspected in suspected.items() if any_suspected]
    for group, least, within in [*groups, (flagged, config.flagged_share, sizes)]:
        has = shares[group].sum()
        if 0 < has < min(least, 1 - 1e-9):
            shares = np.where(group, within * (least / within[group].sum()), shares * ((1 - least) / (1 - has)))
    return np.asarray(shares)


def apportioned(shares: np.ndarray, sizes: np.ndarray, n: int) -> np.ndarray:
    """Stratum of each of `n` places, int64 (n,): one for each first, the largest share leading, then by Sainte-Laguë."""
    taken, seats = np.zeros(len(shares), np.int64), np.empty(n, np.int64)
    for place in range(n):
        claim = np.where(taken == 0, 1e9 + shares, shares / (taken + 0.5))
        seats[place] = h = int(np.argmax(np.where(taken < sizes, claim, -1)))
        taken[h] += 1
    return seats


def drawn_ranks(size: int, n: int, seed: int, stratum: int) -> np.ndarray:
    """The first `n` of a random order of ``range(size)``; the same whatever `n`."""
    random = generator(seed, "audit", stratum)
    if size <= SMALL:
        return random.permutation(size)[:n]
    seen: dict[int, None] = {}
    while len(seen) < n:
        seen.update(dict.fromkeys(random.integers(0, size, 1024).tolist()))
    return np.fromiter(seen, np.int64)[:n]


def _locate(dataset: Dataset, findings: Findings, strata: Strata, wanted: list[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """Flat positions of the wanted cells of each stratum (given by their rank in it, row by row), and counts by label."""
    n_labels, n_strata = dataset.n_labels, len(strata)
    rows, columns = flagged_cells(dataset, findings)
    flagged_strata = strata.of_flagged(dataset.labels.states(rows, columns))
    order = [np.argsort(ranks, kind="stable") for ranks in wanted]
    found = [np.empty(len(ranks), np.int64) for ranks in wanted]
    before, counts = np.zeros(n_strata, np.int64), np.zeros((n_labels, n_strata), np.int64)
    for block in row_blocks(dataset.n_items, n_labels * 32):
        codes = strata.of(dataset.labels.dense(block), findings.cell_scores.rows(block))
        mine = slice(*np.searchsorted(rows, [block.start, block.stop]))
        codes[rows[mine] - block.start, columns[mine]] = flagged_strata[mine]
        known = codes >= 0
        place = np.where(known, codes + np.arange(n_labels, dtype=np.int32) * n_strata, n_labels * n_strata)
        counts += np.bincount(place.ravel(), minlength=n_labels * n_strata + 1)[:-1].reshape(n_labels, n_strata)
        here = np.bincount(codes[known], minlength=n_strata)
        for h in range(n_strata):
            ranks = wanted[h][order[h]]
            first, last = np.searchsorted(ranks, [before[h], before[h] + here[h]])
            if last > first:
                cells = np.flatnonzero(codes.ravel() == h)
                found[h][order[h][first:last]] = cells[ranks[first:last] - before[h]] + block.start * n_labels
        before += here
        advance("audit: draw", block.stop / dataset.n_items)
    return found, counts
