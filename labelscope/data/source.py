"""The table that a data set came from, kept as it was, so that an export changes nothing but the cells changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from labelscope.data.readings.choose import Choice
    from labelscope.data.readings.encoding import LabelEncoding

__all__ = ["Source"]


@dataclass(frozen=True, eq=False)
class Source:
    """Where the labels came from and how they are written there.

    Attributes
    ----------
    table : polars.DataFrame
        Every column and row exactly as read (CSV: all strings).
    format : str
        Name of the format, or "frame" for a table given in memory.
    path : pathlib.Path or None
    encoding : LabelEncoding
        How the label column or columns write a set of labels.
    options : mapping
        The arguments of :func:`labelscope.read`, so that the same data set can be read again; JSON can hold them.
    layout : object
        What the reader of the format kept for its writer: the bytes of a text file, the metadata of a Parquet.
    choice : Choice or None
        The reading of the labels that was chosen, and what a person should know about it.
    """

    table: pl.DataFrame
    format: str
    path: Path | None
    encoding: LabelEncoding
    options: Mapping[str, Any]
    layout: Any = None
    choice: Choice | None = None
