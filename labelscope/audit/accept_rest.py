"""Accept the rest: how far down a list the changes may be accepted unseen, at a stated error.

Cells drawn uniformly from the list are decided by a person. Of ten prefixes of the list, the shortest first, each is free
once the share of wrong changes among its cells that nobody saw is below the stated error. That is a bet against the opposite
(Waudby-Smith and Ramdas 2024, for draws without replacement): money grows only if the prefix is better than that, so that it
reaches 1/delta with probability delta at most, *however often one looks*. The prefixes share delta: each has a part of it, and
hands that to the next longer one once it is free (the fallback procedure, Wiens 2003).
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from scipy.special import logsumexp
from scipy.stats import ks_1samp, uniform

from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.outcomes import said
from labelscope.errors import DataError, StageError

__all__ = ["accept_rest", "draw_rest"]

PARTS_OF_DELTA = (0.2, 0.0, 0.4, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.2)  # of ten prefixes, the shortest first
BETS = np.linspace(0.0, 0.95, 20)  # supposed shares of wrong changes, as parts of the share that is to be refuted
NOT_DRAWN = 1e-7  # a uniform sample stands so unevenly in the list with this probability, and it is looked at after each decision
CELL = ["item_id", "label"]
SCHEMA = {
    "n_cells": pl.Int64(),
    "n_decided": pl.Int64(),
    "n_wrong": pl.Int64(),
    "at_most": pl.Float64(),
    "free": pl.Boolean(),
    "n_free": pl.Int64(),
    "n_more": pl.Int64(),
}


@checked
def accept_rest(listed: pl.DataFrame, outcomes: pl.DataFrame, *, alpha: float = 0.1, delta: float = 0.1) -> pl.DataFrame:
    """How far down a list the cells may be accepted unseen, and how many more decisions would let how many more cells follow.

    Parameters
    ----------
    listed : polars.DataFrame
        item_id, label, best first: suggestions, findings, or pseudo-labels (with a column `state`).
    outcomes : polars.DataFrame
        item_id, label, wrong (bool) of the cells **that were drawn uniformly from the list** (:func:`draw_rest` draws them),
        in the order in which they were decided. `wrong`: the given state is wrong, so the listed change is right; in a list
        of pseudo-labels, the listed state is wrong. Decisions of other cells are left out.
    alpha : float
        Largest share of wrong changes among the cells that are accepted unseen, between 0 and 1.
    delta : float
        Largest probability that this promise is broken at any time, between 0 and 1.

    Returns
    -------
    polars.DataFrame
        A row a prefix, the shortest first: n_cells (its length), n_decided (of these, by the sample), n_wrong (changes that
        were wrong), at_most (upper limit on the share of wrong changes among its cells not decided), free (whether those may
        be accepted), n_free (how many they are), n_more (further decisions in the whole list that would free it if the rate
        of wrong changes stays as it is; 0 where it is free, null where no number would).

    Raises
    ------
    DataError
        If a column is missing, a cell is listed twice, or the outcomes are the top of the list instead of a uniform sample.
    StageError
        If `alpha` or `delta` is not between 0 and 1.

    Examples
    --------
    >>> listed = pl.DataFrame({"item_id": range(1000), "label": "cat"})
    >>> drawn = draw_rest(listed, n=100).with_columns(wrong=True)  # all 100 changes turned out right
    >>> accept_rest(listed, drawn, alpha=0.1)["n_free"].max()
    900
    """
    for name, value in (("alpha", alpha), ("delta", delta)):
        if not 0 < value < 1:
            raise StageError(f"{name}: expected a number between 0 and 1, got {value!r}")
    place, bad = _decided(listed, outcomes)
    rows, handed_on = [], 0.0
    for part, length in zip(PARTS_OF_DELTA, _lengths(listed.height), strict=True):
        inside = bad[place < length]
        unseen, level = length - len(inside), delta * part + handed_on
        at_most = _most_wrong(inside, length, level) / unseen if unseen else 0.0
        free = at_most <= alpha
        handed_on = level if free else 0.0
        n_more = 0 if free else _more(inside, length, listed.height, alpha, level)
        rows.append((length, len(inside), int(inside.sum()), at_most, free, unseen if free else 0, n_more))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").unique("n_cells", keep="last", maintain_order=True)


@checked
def draw_rest(listed: pl.DataFrame, outcomes: pl.DataFrame | None = None, *, n: int = 20, seed: int = 0) -> pl.DataFrame:
    """The next cells of a list to decide for :func:`accept_rest`: a uniform sample, the same for the same list and seed.

    Parameters
    ----------
    listed : polars.DataFrame
        item_id, label.
    outcomes : polars.DataFrame, optional
        item_id, label of the cells of the sample that are decided: the draw goes on behind them.
    n : int
        Number of cells; fewer where fewer are left.
    seed : int

    Returns
    -------
    polars.DataFrame
        item_id, label, in the order in which to decide them.

    Raises
    ------
    DataError
        If a column is missing or a cell is listed twice.
    StageError
        If `n` is not a positive whole number.
    """
    if isinstance(n, bool) or n < 1:
        raise StageError(f"n: expected a number of cells, 1 or more, got {n!r}")
    keys = _keys(listed, "listed")
    drawn = generator(seed, "accept_rest", len(keys)).permutation(len(keys))
    if outcomes is not None:
        drawn = drawn[~keys.is_in(_keys(outcomes, "outcomes").implode()).to_numpy()[drawn]]
    return listed.select(CELL)[drawn[:n]]


def _lengths(n_listed: int) -> list[int]:
    """Cells of each prefix: tenths of the list."""
    return [-(-n_listed * k // len(PARTS_OF_DELTA)) for k in range(1, len(PARTS_OF_DELTA) + 1)]


def _keys(cells: pl.DataFrame, role: str) -> pl.Series:
    """Each cell as one text value, whatever the type of the ids."""
    missing = [name for name in CELL if name not in cells.columns]
    if missing:
        raise DataError(
            f"{role}: expected the columns item_id and label, got {', '.join(cells.columns) or 'none'}; {missing[0]} is missing"
        )
    keys = cells.select(key=pl.struct(pl.col(CELL).cast(pl.String)).struct.json_encode())["key"]
    if keys.n_unique() < len(keys):
        twice = cells.filter(keys.is_duplicated()).row(0, named=True)
        cell = f"item {twice['item_id']!r}, label {twice['label']!r}"
        raise DataError(f"{role}: expected each cell once, got {cell} several times; keep one, with .unique(['item_id', 'label'])")
    return keys


def _decided(listed: pl.DataFrame, outcomes: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Place in the list of each decided cell, and whether its change was wrong, in the order of the decisions."""
    decided = pl.DataFrame({"key": _keys(outcomes, "outcomes"), "wrong": _wrong(outcomes)})
    places = pl.DataFrame({"key": _keys(listed, "listed")}).with_row_index("place")
    found = decided.join(places, on="key", how="inner", maintain_order="left")
    place, state_is_wrong = found["place"].to_numpy().astype(np.int64), found["wrong"].to_numpy()
    looks_drawn = ks_1samp((place + 0.5) / max(1, listed.height), uniform.cdf).pvalue >= NOT_DRAWN if len(place) else True
    if not looks_drawn:
        middle = (np.median(place) + 1) / listed.height
        raise DataError(
            f"outcomes: expected cells drawn uniformly from the list, got {len(place):,} whose middle one stands at {middle:.0%} of it; "
            "decide the cells that labelscope.draw_rest gives"
        )
    return place, state_is_wrong if "state" in listed.columns else ~state_is_wrong


def _wrong(outcomes: pl.DataFrame) -> pl.Series:
    if "wrong" not in outcomes.columns:
        raise DataError(f"outcomes: expected the column wrong (True or False), got {', '.join(outcomes.columns)}; add it")
    return said(outcomes, "wrong")


def _most_wrong(bad: np.ndarray, length: int, delta: float) -> int:
    """Upper limit on the wrong changes among the cells of a prefix that were not drawn, valid at any time.

    Parameters
    ----------
    bad : bool array, shape (n_drawn,)
        Whether each drawn change was wrong, in the order of the draw.
    length : int
        Cells of the prefix.
    delta : float
    """
    known, least, most = int(bad.sum()), int(bad.sum()), length - len(bad) + int(bad.sum())
    if delta <= 0:
        return most - known
    while least < most:  # the smallest total that the draws refute, by halving: the more are supposed, the easier refuted
        middle = (least + most + 1) // 2
        if _log_wealth(bad, length, middle) >= math.log(1 / delta):
            most = middle - 1
        else:
            least = middle
    return most - known


def _log_wealth(bad: np.ndarray, length: int, total: int) -> float:
    """Log of what a bet of 1 against `total` or more wrong changes in a prefix has become, spread evenly over :data:`BETS`."""
    before = np.arange(len(bad))
    left_bad = total - np.concatenate([[0], np.cumsum(bad)[:-1]]) if len(bad) else np.zeros(0)
    share = np.clip(left_bad / (length - before), 0, 1)  # of wrong ones among those not yet drawn, were `total` the truth
    with np.errstate(divide="ignore", invalid="ignore"):
        of_right = np.log((1 - BETS[:, None] * share) / (1 - share))
        of_wrong = np.log(np.broadcast_to(BETS[:, None], of_right.shape))
    return float(logsumexp(np.where(bad, of_wrong, of_right).sum(axis=1)) - math.log(len(BETS)))


def _more(bad: np.ndarray, length: int, n_listed: int, alpha: float, level: float) -> int | None:
    """Further decisions in the whole list that would free a prefix if the rate of wrong changes stays; None if none would."""
    if level <= 0:  # nothing was handed on: the prefix before it comes first
        return None
    rate = (bad.sum() + 0.5) / (len(bad) + 1)
    with np.errstate(divide="ignore"):
        gain = rate * np.log(BETS) + (1 - rate) * np.log((1 - BETS * alpha) / (1 - alpha))
    best = float(gain.max())
    if best <= 0:
        return None
    wanted = math.log(len(BETS) / level) - _log_of_best(bad, alpha, int(gain.argmax()))
    more = max(1, math.ceil(max(wanted, 0.0) / best))
    return min(math.ceil(more * n_listed / length), n_listed) if more < length - len(bad) else None


def _log_of_best(bad: np.ndarray, alpha: float, bet: int) -> float:
    """Log of what one bet has become so far, as if cells were drawn without end."""
    if not BETS[bet] and bad.any():
        return -math.inf
    n_bad = int(bad.sum())
    lost = n_bad * math.log(BETS[bet]) if n_bad else 0.0
    return lost + (len(bad) - n_bad) * math.log((1 - BETS[bet] * alpha) / (1 - alpha))
