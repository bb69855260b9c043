"""Everything that a report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from labelscope.audit.estimate import AuditEstimate
    from labelscope.data.dataset import Dataset
    from labelscope.export.nutrition_label import NutritionLabel
    from labelscope.issues.find import Findings
    from labelscope.issues.personal_data import PersonalData
    from labelscope.issues.sources import Sources
    from labelscope.space.project import EmbeddingMap
    from labelscope.stats.cooccurrence import Cooccurrence
    from labelscope.stats.long_tail import LongTail
    from labelscope.stats.relations import Relations
    from labelscope.suggest.pseudo import PseudoLabels
    from labelscope.suggest.relabel import Suggestions

__all__ = ["SUSPICION", "ReportInput"]

SUSPICION = (
    "A flag is a suspicion to review, not an error count: some flags are wrong, and some errors carry none. "
    "How many errors there are only a person's verdicts on a random sample can say."
)


@dataclass(frozen=True)
class ReportInput:
    """The data set, the results and the summary of a scan."""

    dataset: Dataset
    long_tail: LongTail
    cooccurrence: Cooccurrence
    relations: Relations
    map: EmbeddingMap | None
    findings: Findings
    suggestions: Suggestions
    pseudo_labels: PseudoLabels
    nutrition_label: NutritionLabel
    summary: dict[str, Any]
    progress: Mapping[str, int] | None = None
    estimate: AuditEstimate | None = None
    sources: Sources | None = None
    personal: PersonalData | None = None
    reasons: pl.DataFrame | None = None

    @property
    def name(self) -> str:
        """What to call the data set: the name of its file."""
        source = self.dataset.source
        return source.path.name if source is not None and source.path is not None else "Data set"

    @property
    def made_at(self) -> str:
        """When the scan was made, as the end of a sentence."""
        created = self.summary.get("created")
        return f", {str(created).replace('T', ' ')[:16]} UTC" if created else ""

    @property
    def skipped(self) -> Mapping[str, str]:
        """Why this data set does not allow a stage, by the verb of the stage."""
        return self.summary.get("skipped") or {}

    def flagged(self, kind: str) -> pl.DataFrame:
        """Flagged cells of a kind, most suspicious first."""
        return self.findings.cells.filter(pl.col("flagged") & (pl.col("kind") == kind))
