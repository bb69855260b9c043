"""The cells of an audit whose truth is known, and how likely each was to be drawn: what estimates are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from labelscope.audit.sample import Audit
from labelscope.data.dataset import Dataset
from labelscope.data.frames import is_frame, to_polars
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.positions import positions
from labelscope.errors import DataError

__all__ = ["AuditedCells"]

NEEDED = ("item_id", "label", "state", "inclusion")
MOST_LEVELS = 8  # levels of inclusion that are taken for strata; of more, cells that are about as likely to be drawn are put together


@dataclass(frozen=True, eq=False)
class AuditedCells:
    """Audited cells, by position.

    Attributes
    ----------
    items, labels : int64 (n_cells,)
    state, given : int64 (n_cells,)
        1 or 0: what the cell is, and what was given.
    inclusion : float64 (n_cells,)
        Probability that the cell was drawn and could be decided.
    stratum : int64 (n_cells,)
        Cells of one stratum were drawn together, each as likely as the others.
    """

    items: np.ndarray
    labels: np.ndarray
    state: np.ndarray
    given: np.ndarray
    inclusion: np.ndarray
    stratum: np.ndarray

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def weight(self) -> np.ndarray:
        """Cells that each one stands for, float64 (n_cells,)."""
        return 1 / self.inclusion

    @classmethod
    def of(cls, dataset: Dataset, audited: Any, corrected: LabelMatrix | None) -> AuditedCells:
        """The audited cells that a user hands in.

        Parameters
        ----------
        dataset : Dataset
        audited : Audit or frame
            A frame: item_id, label, state (1, 0; -1 or null where nobody could tell or nobody has decided), inclusion, and
            stratum if the sample has any. Of an audit alone, the states are those of `corrected`.
        corrected : LabelMatrix or None

        Raises
        ------
        DataError
            If a column is missing, a value makes no sense, a cell is not of the data set or is there twice, or none is decided.
        """
        if isinstance(audited, Audit):
            if corrected is None:
                raise DataError(
                    "audited: expected the state of each cell, got an audit without verdicts; "
                    "give audit.frame with a column state, or the corrected labels too"
                )
            frame = audited.frame
        elif is_frame(audited):
            frame = to_polars(audited, "audited")
        else:
            raise DataError(
                f"audited: expected an audit or a frame of its cells, got {type(audited).__name__}; pass audit.frame with a column state"
            )
        items, labels = _places(dataset, frame, needed=NEEDED[:2] if isinstance(audited, Audit) else NEEDED)
        given = dataset.labels.states(items, labels).astype(np.int64)
        if (given == UNKNOWN).any():
            raise DataError("audited: expected cells that are given as positive or negative, got an unknown one; an audit draws none")
        state = corrected.states(items, labels) if isinstance(audited, Audit) and corrected is not None else _states(frame)
        chance, stratum = _inclusion(frame), _strata(frame, given)
        decided = state != UNKNOWN
        if not decided.any():
            raise DataError("audited: expected at least one decided cell, got none; decide some cells of the audit")
        told, drawn = np.bincount(stratum[decided], minlength=stratum.max() + 1), np.bincount(stratum)
        chance = chance * (told / np.maximum(drawn, 1))[stratum]  # those decided stand for those that were not
        return cls(*(part[decided] for part in (items, labels, state.astype(np.int64), given, chance, stratum)))


def _places(dataset: Dataset, frame: pl.DataFrame, needed: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        got = ", ".join(frame.columns) or "none"
        raise DataError(f"audited: expected the columns {', '.join(needed)}, got {got}; add {missing[0]}")
    items = positions(frame["item_id"], dataset.item_ids, expected="audited: expected items of the data set", remedy="drop the others")
    names = pl.Series(dataset.label_names, dtype=pl.String)
    labels = positions(frame["label"], names, expected="audited: expected labels of the data set", remedy="drop the others")
    if len(np.unique(items * dataset.n_labels + labels)) < len(items):
        raise DataError("audited: expected each cell once, got some several times; keep one, with .unique(['item_id', 'label'])")
    return items, labels


def _states(frame: pl.DataFrame) -> np.ndarray:
    states = _numbers(frame, "state").fill_null(UNKNOWN)
    if not states.is_in([1.0, 0.0, -1.0]).all():
        odd = states.filter(~states.is_in([1.0, 0.0, -1.0]))[0]
        raise DataError(f"audited: expected the states 1, 0 and -1, got {odd:g}; write -1 where nobody could tell")
    return states.to_numpy().astype(np.int8)


def _inclusion(frame: pl.DataFrame) -> np.ndarray:
    chance = _numbers(frame, "inclusion")
    if chance.null_count() or not (chance.is_finite() & (chance > 0) & (chance <= 1)).all():
        raise DataError("audited: expected inclusion probabilities above 0 and up to 1, got others; give how likely each cell was drawn")
    return chance.to_numpy()


def _numbers(frame: pl.DataFrame, column: str) -> pl.Series:
    try:
        return frame[column].cast(pl.Float64)
    except pl.exceptions.PolarsError:
        raise DataError(f"audited: expected numbers in {column}, got {frame[column].dtype}; convert the column") from None


def _strata(frame: pl.DataFrame, given: np.ndarray) -> np.ndarray:
    """Number of the stratum of each cell: as told, or cells that were given alike and are about as likely to be drawn."""
    if "stratum" in frame.columns and not frame["stratum"].null_count():
        return frame["stratum"].cast(pl.String).rank("dense").to_numpy().astype(np.int64) - 1
    rank = frame["inclusion"].cast(pl.Float64).round_sig_figs(9).rank("dense").to_numpy().astype(np.int64) - 1
    if rank.max(initial=0) >= MOST_LEVELS:
        order = frame["inclusion"].rank("ordinal").to_numpy().astype(np.int64) - 1
        rank = order * MOST_LEVELS // len(order)
    return np.unique(2 * rank + (given == POSITIVE), return_inverse=True)[1].astype(np.int64)
