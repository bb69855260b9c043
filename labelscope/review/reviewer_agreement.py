"""How far reviewers agree, by second looks at cells that did not say what was decided before, and what that says of each.

Two reviewers who are right with the same probability a, apart from one another, agree with A = a² + (1 - a)², so
a = (1 + sqrt(2A - 1)) / 2. That they are equally good cannot be seen from their agreement; that they are not shows in how often
each repeats their own verdict. A mistake that somebody makes every time is not seen by own repeats: they measure how steady a
reviewer is, which is an upper bound of how good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson

__all__ = ["ReviewerAgreement", "agreement"]


@dataclass(frozen=True)
class ReviewerAgreement:
    """How often two reviewers, or one and the same, came to the same verdict.

    Attributes
    ----------
    first, second : str
        In the order of their names; the same for repeats of one's own verdicts.
    n, same : int
    share, low, high : float
        Agreement with its 95% interval (Wilson 1927).
    accuracy, accuracy_low, accuracy_high : float
        What it says of how often each is right, if both are equally often; of own repeats, of how often at most.
    unequal : bool
        Whether their own repeats differ by more than chance (95%, Newcombe 1998): then one of the two is steadier.
    """

    first: str
    second: str
    n: int
    same: int
    share: float
    low: float
    high: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    unequal: bool = False


def agreement(pairs: pl.DataFrame) -> list[ReviewerAgreement]:
    """Agreement of each pair of reviewers, and of each with themselves, the one with the most looks first.

    Parameters
    ----------
    pairs : polars.DataFrame
        first, second (reviewers), same (Boolean): as of :attr:`labelscope.review.second_looks.SecondLooks.pairs`.

    Examples
    --------
    >>> looks = pl.DataFrame({"first": ["ann"] * 50, "second": ["bob"] * 50, "same": [True] * 41 + [False] * 9})
    >>> found = agreement(looks)[0]
    >>> f"{found.share:.2f}: {found.accuracy:.2f} ({found.accuracy_low:.2f} to {found.accuracy_high:.2f})"
    '0.82: 0.90 (0.81 to 0.95)'
    """
    ordered = pairs.select(first=pl.min_horizontal("first", "second"), second=pl.max_horizontal("first", "second"), same="same")
    counted = ordered.group_by("first", "second").agg(n=pl.len(), same=pl.col("same").sum())
    counted = counted.sort(["n", "first", "second"], descending=[True, False, False])
    if not counted.height:
        return []
    n, same = counted["n"].to_numpy(), counted["same"].to_numpy()
    low, high = wilson(same, n)
    shares = np.stack([same / n, low, high], axis=1)
    accuracies = _accuracy(shares)
    people = list(counted.select("first", "second").iter_rows())
    own = {first: k for k, (first, second) in enumerate(people) if first == second}
    out = []
    for k, (first, second) in enumerate(people):
        (share, least, most), (right, right_least, right_most) = shares[k].tolist(), accuracies[k].tolist()
        unequal = first in own and second in own and _differ(shares[own[first]], shares[own[second]])
        told = (int(n[k]), int(same[k]), share, least, most, right, right_least, right_most)
        out.append(ReviewerAgreement(first, second, *told, unequal=unequal))
    return out


def _accuracy(agreed: np.ndarray) -> np.ndarray:
    """How often each of two equally good reviewers is right, by their agreement; at chance or below .5."""
    return (1 + np.sqrt(np.maximum(2 * agreed - 1, 0))) / 2


def _differ(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two shares, each with its limits, differ by more than chance: the square-and-add interval of their difference."""
    higher, lower = (one, other) if one[0] >= other[0] else (other, one)
    return bool(higher[0] - lower[0] > np.hypot(higher[0] - higher[1], lower[2] - lower[0]))
