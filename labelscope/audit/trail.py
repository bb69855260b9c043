"""The audit of a running review: the sample is kept in the ledger, the verdicts are the ordinary decisions on its cells.

So a killed kernel loses neither, another process sees both, undo works, and a cell needs no second decision because it
happens to be in the sample. A decision that leaves another state than the given one says that the given was wrong; one
that leaves the given state says that it was right; a cell that was left as undecided, or the state unknown, says that nobody
can tell. A suggestion that is skipped in the review says nothing: it is left for another time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from labelscope.audit.estimate import AuditEstimate
from labelscope.audit.sample import Audit
from labelscope.audit.stopping import Stopping, StoppingConfig, stopping
from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN
from labelscope.errors import StageError
from labelscope.issues.find import Findings
from labelscope.review.cell_positions import cell_positions
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger
from labelscope.review.reviewer_log import ReviewerLog

__all__ = ["AuditTrail"]


class _Kept(NamedTuple):
    number: int
    audit: Audit | None


class AuditTrail:
    """The standing audit sample of a ledger, and what the decisions in it amount to.

    Parameters
    ----------
    dataset : Dataset
    ledger : Ledger
    reviewer_log : ReviewerLog
    """

    def __init__(self, dataset: Dataset, ledger: Ledger, reviewer_log: ReviewerLog) -> None:
        self._dataset, self._ledger, self._reviewer_log = dataset, ledger, reviewer_log
        self._kept = _Kept(0, None)
        self._known: tuple[tuple[int, int], AuditEstimate] | None = None
        self._stopping: tuple[tuple[Any, ...], Stopping] | None = None

    @property
    def audit(self) -> Audit | None:
        """The sample that stands, whoever drew it; None if there is none."""
        sample = self._ledger.sample()
        if sample is not None and sample.number != self._kept.number:
            self._kept = _Kept(sample.number, Audit.from_json(sample.sample, self._dataset.item_ids.dtype))
        return self._kept.audit

    @property
    def number(self) -> int:
        """Number of the standing sample as last seen, 0 if there was none."""
        return self._kept.number

    def keep(self, drawn: Audit) -> Audit:
        """Make a sample the standing one, unless another process was faster; give the one that stands.

        Raises
        ------
        LedgerError
            If it could not be made durable; then it does not stand.
        """
        self._ledger.keep(drawn.to_json(), after=self._kept.number, reviewer=self._reviewer_log.reviewer)
        standing = self.audit
        return drawn if standing is None else standing

    @property
    def verdicts(self) -> pl.DataFrame:
        """The sample in its order of reading with the verdict on each cell: item_id, label, given, verdict (null: none yet)."""
        cells = self._sample().cells
        keys = zip(cells["item_id"].cast(pl.String), cells["label"], cells["given"], strict=True)
        with self._reviewer_log.lock:
            latest = self._reviewer_log.index.judged
            told = [_verdict(latest((item, label)), given) for item, label, given in keys]
        return cells.with_columns(verdict=pl.Series(told, dtype=pl.String))

    @property
    def audited(self) -> pl.DataFrame:
        """The cells of the sample that were told to be right or wrong: item_id, label, state; empty if there is no sample."""
        if self.audit is None:
            return pl.DataFrame(schema={"item_id": self._dataset.item_ids.dtype, "label": pl.String, "state": pl.Int8})
        told = self.verdicts.filter(pl.col("verdict").is_in(["right", "wrong"]))
        wrong = pl.col("verdict") == "wrong"
        return told.select("item_id", "label", state=pl.when(wrong).then(1 - pl.col("given")).otherwise("given").cast(pl.Int8))

    @property
    def drawn(self) -> pl.DataFrame:
        """The cells of the sample as :func:`labelscope.evaluate` takes them: its frame with state, null where nobody has told it.

        Raises
        ------
        StageError
            If there is no sample.
        """
        frame = self._sample().frame
        told = self.audited.select(pl.col("item_id").cast(frame["item_id"].dtype), "label", "state")
        return frame.join(told, on=["item_id", "label"], how="left", maintain_order="left")

    @property
    def estimate(self) -> AuditEstimate:
        """The numbers now.

        Raises
        ------
        StageError
            If there is no sample.
        """
        audit = self._sample()
        now = (self._kept.number, self._reviewer_log.index.seq)
        if self._known is None or self._known[0] != now:
            self._known = (now, audit.estimate(self.verdicts.drop_nulls("verdict")))
        return self._known[1]

    def stopping(self, findings: Findings | None, config: StoppingConfig | None = None) -> Stopping:
        """Whether to stop now.

        Parameters
        ----------
        findings : Findings or None
            Where they are those that the sample was drawn from, they tell the strata of the reviewed cells.
        config : StoppingConfig, optional
        """
        audit = self.audit
        now = (self._kept.number, self._reviewer_log.index.seq, findings, config)
        if self._stopping is None or self._stopping[0] != now:
            made = stopping(self._reviewed(audit, findings), None if audit is None else self.estimate, config=config)
            self._stopping = (now, made)
        return self._stopping[1]

    def _sample(self) -> Audit:
        audit = self.audit
        if audit is None:
            raise StageError("audit: expected an audit sample in the ledger, got none; draw one with session.audit()")
        return audit

    def _reviewed(self, audit: Audit | None, findings: Findings | None) -> pl.DataFrame:
        """Standing decisions of right or wrong outside the sample, in their order: item_id, label, wrong, stratum."""
        with self._reviewer_log.lock:
            judged = self._reviewer_log.index.judgements
        told = judged.filter(
            (pl.col("given") != UNKNOWN)
            & (pl.col("kind") != "skip")
            & (pl.col("after") != UNKNOWN)
            & pl.col("label").is_in(self._dataset.label_names)
        ).with_columns(pl.col("label").cast(pl.String))
        if audit is not None:
            told = told.join(
                audit.frame.select(pl.col("item_id").cast(pl.String), "label"), on=["item_id", "label"], how="anti", maintain_order="left"
            )
        frame = told.select("item_id", "label", wrong=pl.col("after") != pl.col("given"))
        strata = None
        if audit is not None and findings is not None:
            strata = audit.strata_of(self._dataset, findings, *cell_positions(self._dataset, frame))
        stratum = pl.Series(np.full(frame.height, -1) if strata is None else strata, dtype=pl.Int64)
        return frame.with_columns(pl.col("item_id").cast(self._dataset.item_ids.dtype), stratum=stratum)


def _verdict(event: Event | None, given: int) -> str | None:
    if event is None:
        return None
    if event.kind == "skip" or event.after == UNKNOWN:
        return "undecidable"
    return "right" if event.after == given else "wrong"
