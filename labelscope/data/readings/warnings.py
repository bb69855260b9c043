"""What a person should know about a reading that is right as far as can be seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from labelscope.data.readings.column import NULL_WORDS
from labelscope.data.readings.scores import ScoreCells
from labelscope.data.readings.sets import CellSets

if TYPE_CHECKING:
    from labelscope.data.readings.reading import Offer

__all__ = ["warnings_of"]


def warnings_of(table: pl.DataFrame, offer: Offer) -> tuple[str, ...]:
    """One line a thing: names that differ in case or blanks alone, words read as unknown, names that look like missing values.

    Parameters
    ----------
    table : polars.DataFrame
    offer : Offer
        The reading that was chosen.
    """
    encoding = offer.encoding
    lines = [_twins_line(names) for names in _twins(encoding.label_names)]
    if isinstance(encoding, CellSets) and encoding.silence.missing:
        cells = table[encoding.column].cast(pl.String).str.strip_chars()
        n = int(cells.is_in(list(encoding.silence.missing)).sum())
        words = ", ".join(map(repr, sorted(encoding.silence.missing)))
        lines.append(f"{words} in {n:,} cells of {encoding.column!r} is read as unknown; pass missing=[] if it is a label")
    lines += _stripped(table, offer)
    if isinstance(encoding, ScoreCells) and encoding.says_no and encoding.gaps:
        lines.append(
            f"a label that an object of {encoding.column!r} does not have is read as unknown, because others are said to be negative;"
            " write it with 0 where it is negative"
        )
    odd = [name for name in encoding.label_names if name in NULL_WORDS]
    if odd:
        lines.append(f"{odd[0]!r} is read as a label; pass missing=[{odd[0]!r}] if it means that nothing is known")
    return tuple(lines)


def _stripped(table: pl.DataFrame, offer: Offer) -> list[str]:
    """Names that are written with and without blanks around them, in a column of one label a cell."""
    cells = table[offer.encoding.columns[0]]
    if offer.format != "single" or cells.dtype != pl.String:
        return []
    written = cells.drop_nulls().unique().sort()
    around = written.filter((written != written.str.strip_chars()) & written.str.strip_chars().is_in(written.to_list()))
    if not len(around):
        return []
    return [f"{around[0]!r} is read as {around[0].strip()!r}: blanks around a label do not count ({len(around):,} such texts)"]


def _twins(names: tuple[str, ...]) -> list[list[str]]:
    """Names that are the same but for case and blanks."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups["".join(name.split()).casefold()].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _twins_line(names: list[str]) -> str:
    kept, other = names[0], names[1]
    return (
        f"{' and '.join(map(repr, names))} differ in case or blanks alone and are kept apart;"
        f" to merge them: session.apply(LabelEdit.merge({other!r}, {kept!r}))"
    )
