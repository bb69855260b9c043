"""What several people answered about one item, as annotation tools keep it: what most of them say, and each answer as votes."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from labelscope.data.formats.json_units import Place
from labelscope.errors import LabelscopeWarning

__all__ = ["Responses", "answers_of", "named", "settle", "tell_tied"]


@dataclass(frozen=True)
class Responses:
    """What counts of the answers about one item.

    Attributes
    ----------
    labels : list of str or None
        Those that more than half of the answers give; where every answer is one label, the one that most give. None where there is
        no answer, or where as many answers speak for a label as against it.
    places : list of Place
        Where the answers are in the item.
    tied : bool
    said : sequence of (rater, labels)
    """

    labels: list[str] | None
    places: list[Place]
    tied: bool
    said: Sequence[tuple[str, Sequence[str]]] = field(default=())


def settle(said: Sequence[tuple[str, Sequence[str]]], places: list[Place]) -> Responses:
    """The labels that most answers give.

    Parameters
    ----------
    said : sequence of (rater, labels)
        Each answer; the labels come out in the order in which they are first given.
    places : list of Place
    """
    counts = Counter(label for _, labels in said for label in dict.fromkeys(labels))
    if len(said) > 1 and all(len(labels) == 1 for _, labels in said):
        best = max(counts.values())
        tied = list(counts.values()).count(best) > 1
        chosen = [label for label, n in counts.items() if n == best]
    else:
        tied = any(2 * n == len(said) for n in counts.values())
        chosen = [label for label, n in counts.items() if 2 * n > len(said)]
    return Responses(None if tied or not said else chosen, places, tied, said)


def answers_of(found: Sequence[Responses]) -> pl.DataFrame | None:
    """A row for each answer, with the row of its item, the rater and the labels; None where no item has two answers."""
    if all(len(one.said) < 2 for one in found):
        return None
    rows = [(row, rater, list(labels)) for row, one in enumerate(found) for rater, labels in one.said]
    return pl.DataFrame(rows, schema={"row": pl.Int64, "rater": pl.String, "labels": pl.List(pl.String)}, orient="row")


def named(answers: Mapping[str, pl.DataFrame]) -> dict[str, tuple[str, ...]]:
    """The labels that any answer gives, by column: also those that most people never agreed on."""
    return {column: tuple(said["labels"].explode().drop_nulls().unique().sort().to_list()) for column, said in answers.items()}


def tell_tied(found: Sequence[Responses], column: str, path: Path) -> None:
    """Say in one line of how many items nothing is known because their answers are tied."""
    n_tied = sum(one.tied for one in found)
    if n_tied:
        are = "item is" if n_tied == 1 else "items are"
        warnings.warn(
            f"{path.name}: {n_tied:,} {are} unknown, because as many answers about {column!r} speak for a label as against it;"
            " every answer is kept as votes",
            LabelscopeWarning,
            stacklevel=5,
        )
