"""The session that people hold: what was found and decided, shown label by label and written to a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.files import check_target
from labelscope.data.inputs import input_files
from labelscope.data.positions import positions
from labelscope.review.events import utc_now
from labelscope.session.growing import Growing
from labelscope.stages.results import Computed

if TYPE_CHECKING:
    from labelscope.export.corrected import Exported
    from labelscope.issues.personal_data import PersonalData
    from labelscope.issues.slices import Slices
    from labelscope.issues.sources import Basis, Sources
    from labelscope.models.reliability import Calibration
    from labelscope.models.thresholds import Thresholds
    from labelscope.stats.long_tail import LongTail
    from labelscope.stats.splits import Splits
    from labelscope.suggest.label_page import LabelPage
    from labelscope.voters.agreement import Agreement

__all__ = ["Session"]


class Session(Growing):
    """Stages and review of one data set.

    Parameters
    ----------
    dataset : Dataset
    ledger : path or SQLAlchemy URL, optional
        Where decisions are kept. Default: ``<file>.labelscope/ledger.sqlite`` beside the table that was read, or
        the user's data folder for a data set that came from memory. Made at the first decision.
    reviewer : str, optional
        Default: the environment variable LABELSCOPE_REVIEWER, or the name of the user.
    seed : int
    noise : {"auto", "both", "missing", "spurious"}
        As for :func:`labelscope.find_issues`.
    model : str, optional
        Embedding model, as for :func:`labelscope.space.embed.embed`.
    executor : concurrent.futures.Executor, optional
        Where the chunks of the stages run.
    suggestions : Suggestions, optional
        Those of an earlier run, to review without running the stages again.

    Attributes
    ----------
    models : dict of str to predictions
        The models that :meth:`evaluate` and the tab "Models" compare; more can be put into it at any time. It is not kept.

    Raises
    ------
    LedgerError
        If the ledger is about another data set or an earlier version of this one (:class:`labelscope.errors.OtherDataSet` says how
        its decisions are carried over), cannot be read, or could never be made.
    """

    @property
    def long_tail(self) -> LongTail:
        """The long tail of the labels as given, with the errors of each label by the audit so far, if there is one."""
        from labelscope.stats.long_tail import long_tail

        return long_tail(self.dataset, audit=None if self._trail.audit is None else self.estimate)

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

    def label_page(self, label: str | int) -> LabelPage:
        """Everything that is known here about one label, as :func:`labelscope.label_page`: with the audit and the decisions.

        No stage is started: what no stage has found yet is missing on the page.

        Parameters
        ----------
        label : str or int
            Name or position.

        Raises
        ------
        DataError
            If there is no such label.
        """
        from labelscope.suggest.label_page import LabelSources, compose_label_page

        column, ready = self.dataset.label_position(label), self.ready
        scored = "predictions" in ready and bool(self.predictions.scored.any())
        sources = LabelSources(
            predictions=self.predictions if "predictions" in ready else None,
            findings=self.findings if "findings" in ready else None,
            suggestions=self.suggestions if "suggestions" in ready else None,
            relations=self.relations,
            calibration=self.calibration if scored else None,
            thresholds=self.thresholds if scored else None,
            splits=self.splits,
            agreement=self.agreement,
            estimate=None if self._trail.audit is None else self.estimate,
            decisions=self.decisions,
            labels=self.labels,
        )
        return compose_label_page(self.embedded if "embeddings" in ready else self.dataset, column, sources)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        accept_above: float | None = None,
        escape_formulas: bool | None = None,
        redact: bool = False,
    ) -> Exported:
        """Write the table with the changes applied, and ``<path>.changes.jsonl`` beside it.

        Parameters
        ----------
        path : path
            Its suffix says the format.
        accept_above : float in [0, 1], optional
            Apply also the suggestions that nobody has decided and whose confidence is at least this; their changes
            say so. They are not written to the ledger.
        escape_formulas : bool, optional
            As for :func:`labelscope.export.corrected.export_labels`.
        redact : bool
            Write the name of its kind, such as "[e-mail address]", in the place of each of :attr:`personal_data`. The table that
            was read stays as it is.

        Raises
        ------
        DataError
            If the file cannot be written as asked, or the ids of the items hold personal data and are to be written without.
        """
        from labelscope.export.corrected import export_labels
        from labelscope.export.pending_changes import pending_changes

        changes = self._with_reasons(pl.concat([self.changes, self._confirmed]))
        columns = self.personal_data.columns_to_redact if redact else ()
        if accept_above is not None:
            check_target(Path(path), name="export", inputs=input_files(self.dataset))  # before any stage runs
            frame = self.suggestions.frame
            options = {"reviewer": self.reviewer, "time": utc_now()}
            pending = pending_changes(self.dataset, frame, self.verdicts, accept_above, **options)
            changes = pl.concat([changes, pending], how="diagonal")
        return export_labels(self.dataset, changes, path, escape_formulas=escape_formulas, label_set=self._label_set, redact=columns)

    def changes_above(self, thresholds: Sequence[float] = (0.9, 0.8, 0.7, 0.6, 0.5)) -> pl.DataFrame:
        """How many labels an export with `accept_above` would change besides those that people decided: nothing is written.

        Parameters
        ----------
        thresholds : sequence of float in [0, 1]

        Returns
        -------
        polars.DataFrame
            accept_above, n_added, n_removed, n_changes: a row a threshold.

        Raises
        ------
        DataError
            If a threshold is outside [0, 1].
        """
        from labelscope.export.pending_changes import changes_above

        return changes_above(self.dataset, self.suggestions.frame, self.verdicts, thresholds)

    @property
    def _confirmed(self) -> pl.DataFrame:
        """The cells that were confirmed as given, with the columns of :attr:`changes`: an export tells of them too."""
        said = self.decisions.filter(~pl.col("undone")).unique(["item_id", "label"], keep="last", maintain_order=True)
        said = said.filter(pl.col("verdict") == "confirmed").with_columns(source=pl.lit("confirmed"))
        items = positions(said["item_id"], self.dataset.item_ids, expected="ledger: expected item ids of the data set", remedy="check it")
        columns = np.array([self.dataset.label_position(label) for label in said["label"]], np.int64)
        given = pl.Series("before", self.dataset.labels.states(items, columns), dtype=pl.Int8)
        return said.with_columns(given).filter(pl.col("before") == pl.col("after")).select(self.changes.columns)

    def _with_reasons(self, changes: pl.DataFrame) -> pl.DataFrame:
        """Changes with the reasons that were given for them."""
        cell = ["item_id", "label"]
        said = self.decisions.filter(~pl.col("undone")).unique(cell, keep="last").select(*cell, "reason")
        return changes.join(said, on=cell, how="left", maintain_order="left")
