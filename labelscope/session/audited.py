"""The audit of a session: its sample, the verdicts on it, and what they say of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.errors import StageError
from labelscope.session.standing import Standing
from labelscope.stages.results import Computed

if TYPE_CHECKING:
    from labelscope.audit.estimate import AuditEstimate
    from labelscope.audit.evaluation import Average, Evaluation
    from labelscope.audit.sample import Audit
    from labelscope.audit.stopping import Stopping
    from labelscope.audit.trail import AuditTrail

__all__ = ["Audited"]

OWN_MODEL = "labelscope"  # what the predictions of the stages are called among the models


class Audited(Standing):
    """What stands, and how many labels are wrong by a sample of it."""

    @Computed
    def _trail(self) -> AuditTrail:
        from labelscope.audit.trail import AuditTrail

        return AuditTrail(self.dataset, self._ledger, self._reviewer_log)

    def audit(self, n: int = 200, *, fresh: bool = False) -> Audit:
        """The audit sample: drawn at the first call and kept in the ledger, where every process finds it.

        The decisions on its cells are its verdicts, whoever makes them and however: an accepted or edited cell was
        wrong, a rejected suggestion or :meth:`confirm` says that it was right, :meth:`undecided` that nobody can tell. A
        suggestion that is skipped says nothing: its cell still waits for a verdict.

        Parameters
        ----------
        n : int
            Cells. More than before makes the sample larger and keeps its verdicts; fewer changes nothing.
        fresh : bool
            Draw another sample instead, which then stands; decisions that were made stay decisions.

        Returns
        -------
        Audit

        Raises
        ------
        StageError
            If nothing can be found in this data set, or the sample cannot be made larger because the findings have
            changed since it was drawn.
        LedgerError
            If it could not be made durable; then there is no sample.
        """
        standing = self._trail.audit
        if standing is not None and not fresh and n <= standing.frame.height:
            return standing
        from labelscope.audit.sample import audit

        if standing is None or fresh:
            return self._trail.keep(audit(self.dataset, self.findings, n, seed=self.seed + self._trail.number))
        larger = audit(self.dataset, self.findings, n, config=standing.config, seed=standing.seed)
        if not larger.extends(standing):
            raise StageError(
                f"audit: expected the findings that its {standing.frame.height:,} cells were drawn from, got others; "
                "finish it as it is, or draw another with fresh=True"
            )
        return standing if larger.frame.height == standing.frame.height else self._trail.keep(larger)

    @property
    def audit_sample(self) -> Audit | None:
        """The audit sample that stands, whoever drew it; None without one. Draws none."""
        return self._trail.audit

    @property
    def audit_cells(self) -> pl.DataFrame:
        """The cells of the audit sample that nobody has decided, in the order of reading: item_id, label, given.

        Raises
        ------
        StageError
            If no sample was drawn, here as for :attr:`estimate`.
        """
        return self._trail.verdicts.filter(pl.col("verdict").is_null()).drop("verdict")

    @property
    def audited(self) -> pl.DataFrame:
        """The cells of the audit sample that were decided, and what they are: item_id, label, state. Empty without a sample.

        What :func:`labelscope.pseudo_label`, :func:`labelscope.calibration` and :func:`labelscope.thresholds` take as `audited`.
        """
        return self._trail.audited

    @property
    def estimate(self) -> AuditEstimate:
        """How many labels are wrong, by the verdicts on the audit sample so far."""
        return self._trail.estimate

    def evaluate(self, models: Mapping[str, Any] | None = None, *, average: Average = "micro", confidence: float = 0.95) -> Evaluation:
        """How good models are on the labels as given, as they stand here, and on the truth by the audit sample so far.

        Parameters
        ----------
        models : mapping of str to predictions, optional
            As for :func:`labelscope.evaluate`. Default: :attr:`models` and, where no model is named, the predictions here.
        average : {"micro", "macro", "hierarchical"}
        confidence : float

        Raises
        ------
        StageError
            If no audit sample was drawn, or nothing can be predicted here and no model is given.
        DataError
            If no cell of the sample was decided, or the predictions cannot be read.
        """
        from labelscope.audit.evaluate import evaluate

        audited = self._trail.drawn
        chosen = self.models or {OWN_MODEL: self.predictions} if models is None else models
        return evaluate(self.dataset, chosen, audited=audited, corrected=self.labels, average=average, confidence=confidence)

    @property
    def stopping(self) -> Stopping:
        """Whether to stop reviewing now, and what that would leave. Starts no stage."""
        return self._trail.stopping(self._results.get("findings"))
