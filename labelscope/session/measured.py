"""What is measured of a data set and its labels, each thing once: how common, how calibrated, how healthy, where errors come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from labelscope.session.growing import Growing
from labelscope.stages.results import Computed

if TYPE_CHECKING:
    from labelscope.export.health import Health
    from labelscope.export.nutrition_label import NutritionLabel
    from labelscope.issues.personal_data import PersonalData
    from labelscope.issues.slices import Slices
    from labelscope.issues.sources import Basis, Sources
    from labelscope.models.reliability import Calibration
    from labelscope.models.thresholds import Thresholds
    from labelscope.space.diagnosis import EmbeddingQuality
    from labelscope.stats.equal_rows import EqualRows
    from labelscope.stats.long_tail import LongTail
    from labelscope.stats.splits import Splits
    from labelscope.suggest.label_edits import LabelEdits
    from labelscope.voters.agreement import Agreement

__all__ = ["Measured"]


class Measured(Growing):
    """A review, and what is measured of its data set."""

    @property
    def long_tail(self) -> LongTail:
        """The long tail of the labels as given, with the errors of each label by the audit so far, if there is one."""
        from labelscope.stats.long_tail import long_tail

        return long_tail(self.dataset, audit=None if self._trail.audit is None else self.estimate)

    @property
    def scored(self) -> bool:
        """Whether there are predictions by now, of at least one label, with a probability for every cell: what calibration needs."""
        from labelscope.data.listed_scores import ListedScores

        if "predictions" not in self.ready or isinstance(self.predictions.cell_probabilities, ListedScores):
            return False
        return bool(self.predictions.scored.any())

    @property
    def _has_embeddings(self) -> bool:
        """Whether there are embeddings by now."""
        return self.has_map and ("embeddings" in self.ready or self.dataset.embeddings is not None)

    @Computed
    def calibration(self) -> Calibration:
        """How well the probabilities match the labels as given."""
        from labelscope.models.reliability import calibration

        return calibration(self.dataset, self.predictions)

    @Computed
    def thresholds(self) -> Thresholds:
        """The probability threshold of each label by the labels as given."""
        from labelscope.models.thresholds import thresholds

        return thresholds(self.dataset, self.predictions)

    @Computed
    def splits(self) -> Splits | None:
        """How often each label occurs in each split; None without a column of splits."""
        from labelscope.stats.splits import compare_splits, split_column

        return compare_splits(self.dataset) if split_column(self.dataset) else None

    @Computed
    def agreement(self) -> Agreement | None:
        """How far the raters of the data set agree; None where no cell has the votes of two."""
        from labelscope.suggest.label_page import agreement_of

        return agreement_of(self.dataset)

    @Computed
    def embedding_quality(self) -> EmbeddingQuality:
        """Where the neighbourhoods of the embeddings mislead, for the labels as given; with near-duplicates across the splits."""
        from labelscope.space.diagnosis import embedding_quality
        from labelscope.stats.splits import split_column

        return embedding_quality(self.embedded, split=split_column(self.dataset), seed=self.seed)

    @Computed
    def proposed_edits(self) -> LabelEdits:
        """Merges, renames and splits of labels that the data suggest, as :func:`labelscope.label_edits`; :meth:`apply` does one."""
        from labelscope.suggest.label_edits import label_edits

        return label_edits(self.embedded if self._has_embeddings else self.dataset, self.relations)

    @Computed
    def equal_rows(self) -> EqualRows:
        """The rows that are equal but for their labels."""
        from labelscope.stats.equal_rows import equal_rows

        return equal_rows(self.dataset)

    @property
    def health(self) -> Health:
        """What to mend before anybody trains on this, the worst first, in the labels as they stand.

        Embeddings and predictions are used where their stages have run; none is started. What was measured of the data is kept,
        so that asking again, after more decisions, takes little time.
        """
        from labelscope.export.health import health_of
        from labelscope.export.health_checks import HealthSources
        from labelscope.stats.splits import compare_splits

        now = replace(self.dataset, labels=self.labels)
        found = HealthSources(
            labels=now.labels,
            quality=self.embedding_quality.on(now) if self._has_embeddings else None,
            equal=self.equal_rows,
            splits=None if self.splits is None else compare_splits(now, self.splits.column),
            agreement=self.agreement,
            calibration=self.calibration if self.scored else None,
            shortcuts=self.shortcuts,
        )
        return health_of(self.dataset, found)

    @property
    def nutrition_label(self) -> NutritionLabel:
        """The data card, as :func:`labelscope.nutrition_label`, with all that is known here; its `health` is :attr:`health`.

        No stage is started: what no stage has found yet is listed as not measured.
        """
        from labelscope.export.nutrition_label import nutrition_label

        judged = "findings" in self.ready
        return nutrition_label(
            self.dataset,
            findings=self.findings if judged else None,
            relations=self.relations,
            splits=self.splits,
            quality=self.embedding_quality if self._has_embeddings else None,
            equal=self.equal_rows,
            agreement=self.agreement,
            estimate=None if self._trail.audit is None else self.estimate,
            decisions=self.decisions,
            sources=self.sources() if judged else None,
            personal=self.personal_data,
            calibration=self.calibration if self.scored else None,
            health=self.health,
        )

    def sources(self, columns: Sequence[str] | None = None, *, basis: Basis | None = None) -> Sources:
        """Where errors come from, as :func:`labelscope.sources`: by the decisions here, or by suspicion before there are any.

        Parameters
        ----------
        columns : sequence of str, optional
        basis : {"decided", "suspicion"}, optional
            What is compared. Default: "decided" from the first decision on.

        Raises
        ------
        DataError
            If a column is not there.
        StageError
            If nobody has decided, and nothing can be found in this data set.
        """
        from labelscope.issues.shortcuts import shortcuts
        from labelscope.issues.slices import slices_of
        from labelscope.issues.sources import compare_slices
        from labelscope.suggest.acceptance import outcomes

        found, told = self._sliced if columns is None else (slices := slices_of(self.dataset, columns), shortcuts(self.dataset, slices))
        decided = outcomes(self.decisions).rename({"right": "wrong"})
        if basis == "suspicion" or (basis is None and decided.is_empty()):
            return compare_slices(self.dataset, found, told, findings=self.findings)
        return compare_slices(self.dataset, found, told, outcomes=decided)

    @Computed
    def _sliced(self) -> tuple[list[Slices], pl.DataFrame]:
        """The slices of all columns, and the labels that one column or word tells: the same whatever people decide."""
        from labelscope.issues.shortcuts import shortcuts
        from labelscope.issues.slices import slices_of

        found = slices_of(self.dataset)
        return found, shortcuts(self.dataset, found)

    @property
    def slices(self) -> list[Slices]:
        """The columns whose values :meth:`sources` compares, and which items have which value."""
        return self._sliced[0]

    @property
    def shortcuts(self) -> pl.DataFrame:
        """Labels that one column or one word alone tells, as :attr:`labelscope.issues.sources.Sources.shortcuts`. Starts no stage."""
        return self._sliced[1]

    @Computed
    def personal_data(self) -> PersonalData:
        """Personal data in the texts and columns, as :func:`labelscope.personal_data`; :meth:`export` can leave them out."""
        from labelscope.issues.personal_data import personal_data

        return personal_data(self.dataset)
