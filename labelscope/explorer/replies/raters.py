"""Who votes, how far to believe whom, and where people agree."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["LabelAgreement", "RaterRow", "RaterTable"]

Share = tuple[float, float, float]


class RaterRow(ReplyBody, frozen=True):
    """A voter over all labels: shares with their 95% limits, null where there is nothing to count.

    `at_chance`: it cannot be told from a guess; `drift`: p-value that it agrees with the others as often in the second half of its votes
    as in the first; `right`: share of its `n_decided` votes on cells that people decided on that say the same.
    """

    rater: str
    kind: Literal["rater", "rule", "judge"]
    n_votes: int
    n_items: int
    sensitivity: Share | None
    specificity: Share | None
    basis: Literal["audited", "agreement"]
    at_chance: bool
    drift: float | None
    n_decided: int
    right: Share | None


class LabelAgreement(ReplyBody, frozen=True):
    """How far voters agree on a label: alpha (Krippendorff) with its limits, and AC1 (Gwet), on cells with two votes or more."""

    label: str
    n_cells: int
    alpha: Share | None
    ac1: float | None


class RaterTable(ReplyBody, frozen=True):
    """All voters, the most informed first, and the labels, the least agreement first; `why`: why there are none.

    `undecided`: share of the voted cells that depend on whom to believe; `suffice`: whether that is so small that more votes of the same
    voters change little; `ambiguous`: cells on which people disagree with reason; `wanted`: votes to ask people for.
    """

    why: str
    rows: list[RaterRow]
    labels: list[LabelAgreement]
    undecided: float
    suffice: bool
    ambiguous: int
    wanted: int
