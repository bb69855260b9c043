"""What several people answered about one item, as annotation tools keep it: what all of them say, or nothing where they differ."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labelscope.data.formats.json_units import Place
from labelscope.errors import LabelscopeWarning

__all__ = ["Responses", "settle", "tell_differing"]


@dataclass(frozen=True)
class Responses:
    """What counts of the answers about one item.

    Attributes
    ----------
    labels : list of str or None
        None where there is no answer, or where answers differ.
    places : list of Place
        Where the answers are in the item.
    differ : bool
    """

    labels: list[str] | None
    places: list[Place]
    differ: bool


def settle(said: Sequence[Sequence[str]], places: list[Place]) -> Responses:
    """The labels that all answers agree on, whatever their order.

    Parameters
    ----------
    said : sequence of sequences of str
        The labels of each answer.
    places : list of Place
    """
    differ = len({frozenset(labels) for labels in said}) > 1
    return Responses(None if differ or not said else list(said[0]), places, differ)


def tell_differing(found: Sequence[Responses], column: str, path: Path) -> None:
    """Say in one line of how many items nothing is known because their answers differ."""
    n_differing = sum(one.differ for one in found)
    if n_differing:
        warnings.warn(
            f"{path.name}: {n_differing:,} items have answers about {column!r} that differ, so that their cells are unknown;"
            " give them as votes= to use them all",
            LabelscopeWarning,
            stacklevel=5,
        )
