"""What is written on the map: names of its regions, hot spots, groups that no label explains, and lines of equal density."""

from __future__ import annotations

from typing import Literal

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["GroupPlace", "RegionPlace", "RegionsShown", "SpotPlace"]


class RegionPlace(ReplyBody, frozen=True):
    """A region: `at` names it in a request, `level` is 0 for the largest, `row` is its most typical item."""

    at: int
    level: int
    name: str
    x: float
    y: float
    items: int
    row: int


class SpotPlace(ReplyBody, frozen=True):
    """A hot spot: where so many cells of a label look wrong in one way, of which an even spread would put `expected` there."""

    at: int
    level: int
    label: str
    kind: Literal["missing", "spurious"]
    region: str
    x: float
    y: float
    cells: int
    expected: float


class GroupPlace(ReplyBody, frozen=True):
    """A group that no label explains, by its key."""

    key: str
    name: str
    x: float
    y: float
    items: int


class RegionsShown(ReplyBody, frozen=True):
    """What is written on the map.

    `made`: which of the maps it is for, to be sent with a filter; `images`: whether a region is told by its most typical item; `lines`:
    how many of the points (float32 x, y) in the buffer belong to each line of equal density.
    """

    made: int
    images: bool
    regions: list[RegionPlace]
    spots: list[SpotPlace]
    groups: list[GroupPlace]
    lines: list[int]
