"""A data set with what a ledger says of it, read without a session: the labels as decided, the decisions, and the audit."""

from __future__ import annotations

import os
from typing import NamedTuple

import polars as pl
import sqlalchemy as sa

from labelscope.audit.estimate import AuditEstimate
from labelscope.audit.trail import AuditTrail
from labelscope.data.dataset import Dataset
from labelscope.errors import LedgerError
from labelscope.review import decisions
from labelscope.review.edited_label_set import EditedLabelSet
from labelscope.review.events import Cell
from labelscope.review.ledger import Ledger
from labelscope.review.reviewer_log import ReviewerLog

__all__ = ["Reviewed", "reviewed"]


class Reviewed(NamedTuple):
    """What a ledger says of a data set.

    Attributes
    ----------
    corrected : Dataset
        With the decisions and the edits of the label set.
    decisions : polars.DataFrame
        Those that were not undone, as of :func:`labelscope.review.decisions.decisions`.
    estimate : AuditEstimate or None
        None without an audit of which a cell was decided.
    audited : polars.DataFrame or None
        The cells of the audit as :func:`labelscope.evaluate` takes them.
    """

    corrected: Dataset
    decisions: pl.DataFrame
    estimate: AuditEstimate | None
    audited: pl.DataFrame | None


def reviewed(dataset: Dataset, place: str | os.PathLike[str] | sa.URL) -> Reviewed:
    """What the ledger at a place says of a data set; nothing is written.

    Parameters
    ----------
    dataset : Dataset
    place : path or database URL

    Raises
    ------
    LedgerError
        If there is no ledger, it cannot be read, or it is about another data set.
    """
    ledger = Ledger.found(place)
    try:
        if ledger.fingerprint != dataset.fingerprint:
            raise LedgerError(
                f"ledger {ledger.name}: expected decisions about this table ({dataset.fingerprint[:8]}), got those about another "
                f"({ledger.fingerprint[:8]}); give the version that was reviewed, read as it was then"
            )

        def given(cells: list[Cell]) -> list[int]:
            return label_set.given(cells)

        log = ReviewerLog(ledger, "compare", given)
        label_set = EditedLabelSet(dataset, log)
        trail = AuditTrail(dataset, ledger, log)
        told = decisions.decisions(log.index, dataset.item_ids.dtype).filter(~pl.col("undone"))
        audited = trail.audit is not None and trail.audited.height > 0
        return Reviewed(label_set.dataset, told, trail.estimate if audited else None, trail.drawn if audited else None)
    finally:
        ledger.close()
