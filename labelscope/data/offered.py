"""What the readings of a label column would give: counts, names, and the labels of three of the table's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.labels import LabelMatrix
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.sets import CellSets

__all__ = ["READINGS", "describe_offers"]

LOOKED_AT = 1000  # rows out of which the examples are taken
N_ROWS, N_CHIPS, N_NAMES = 3, 8, 5
LONGEST = 200  # characters of a cell that is shown
CELL: dict[str, Any] = {"row": pl.Int64, "cell": pl.String, "labels": pl.List(pl.String), "n_positive": pl.Int64, "n_unknown": pl.Int64}
READINGS: dict[str, Any] = {
    "reading": pl.String, "format": pl.String, "n_labels": pl.Int64, "n_positive": pl.Int64, "n_unknown": pl.Int64, "n_one": pl.Int64,
    "examples": pl.List(pl.String), "rows": pl.List(pl.Struct(CELL)), "score": pl.Float64, "chosen": pl.Boolean, "why": pl.String,
    "argument": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Cells of a table by state, and its rows with exactly one positive."""

    n_positive: int
    n_unknown: int
    n_one: int


def describe_offers(offers: Sequence[Offer], tables: Sequence[pl.DataFrame], unlisted: str, chosen: Offer | None) -> pl.DataFrame:
    """One line an offer, in :data:`READINGS`.

    Parameters
    ----------
    offers : sequence of Offer
    tables : sequence of polars.DataFrame
        What each of them reads.
    unlisted : {"negative", "unknown"}
    chosen : Offer or None
    """
    heads = [table.head(LOOKED_AT) for table in tables]
    decoded = [offer.encoding.decode(head) for offer, head in zip(offers, heads, strict=True)]
    together = len({head.height for head in heads}) == 1
    shown = _telling(heads[0].select(offers[0].encoding.columns), decoded if together else decoded[:1]) if offers else []
    rows = []
    for offer, table, head, labels in zip(offers, tables, heads, decoded, strict=True):
        counts, names = _counts(offer, table, unlisted), list(offer.encoding.label_names)
        cells = _cells(head.select(offer.encoding.columns), labels, names, [row for row in shown if row < head.height])
        rows.append((
            offer.title, offer.format, len(names), counts.n_positive, counts.n_unknown, counts.n_one, names[:N_NAMES], cells, offer.score,
            offer is chosen, offer.why, offer.remedy,
        ))  # fmt: skip
    return pl.DataFrame(rows, schema=READINGS, orient="row")


def _telling(cells: pl.DataFrame, decoded: Sequence[LabelMatrix]) -> list[int]:
    """Rows with different cells: those that the readings see differently, then those with some labels; in the order of the table."""
    sizes = np.stack([_sizes(labels) for labels in decoded])
    differ = (sizes != sizes[0]).any(axis=0)
    some = np.minimum(sizes.max(axis=0), 3)
    first = cells.with_row_index("row").unique(cells.columns, keep="first", maintain_order=True)["row"].to_numpy()
    best = first[np.lexsort((first, -some[first], ~differ[first]))]
    return sorted(best[:N_ROWS].tolist())


def _cells(cells: pl.DataFrame, labels: LabelMatrix, names: Sequence[str], rows: Sequence[int]) -> list[dict[str, Any]]:
    states = labels.dense(np.asarray(rows, np.int64))
    return [
        {
            "row": row,
            "cell": _cell(cells.row(row), cells.columns),
            "labels": [names[k] for k in np.flatnonzero(state == 1)[:N_CHIPS]],
            "n_positive": int((state == 1).sum()),
            "n_unknown": int((state == -1).sum()),
        }
        for row, state in zip(rows, states, strict=True)
    ]


def _cell(values: Sequence[Any], columns: Sequence[str]) -> str:
    """The label cell as the table has it; of several columns those that say more than "no"."""
    if len(columns) == 1:
        return _clipped("" if values[0] is None else str(values[0]))
    said = [f"{name}: {value}" for name, value in zip(columns, values, strict=True) if value not in (0, "0", False, None, "")]
    return _clipped(", ".join(said))


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _counts(offer: Offer, table: pl.DataFrame, unlisted: str) -> Counts:
    """Cells by state; of sets written as text, each different text is looked at once."""
    encoding = offer.encoding
    if not isinstance(encoding, CellSets) or table[encoding.column].dtype != pl.String:
        labels = encoding.decode(table)
        return Counts(int(labels.n_positive.sum()), int(labels.n_unknown.sum()), int((_sizes(labels) == 1).sum()))
    counted = table[encoding.column].alias("cell").to_frame().group_by("cell").len("n")
    states = encoding.decode(counted.select(pl.col("cell").alias(encoding.column)))
    n, sizes = counted["n"].to_numpy(), _sizes(states)
    n_positive, n_one = int(n @ sizes), int(n[sizes == 1].sum())
    if unlisted == "unknown":
        return Counts(n_positive, table.height * len(encoding.label_names) - n_positive, n_one)
    return Counts(n_positive, int(n @ np.diff(states.exceptions.indptr)), n_one)


def _sizes(labels: LabelMatrix) -> np.ndarray:
    """Number of positives of each item."""
    return np.diff(labels.positives.indptr)
