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
from labelscope.session.grouped import Grouped

if TYPE_CHECKING:
    from labelscope.export.corrected import Exported
    from labelscope.suggest.label_page import LabelPage

__all__ = ["Session"]


class Session(Grouped):
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
        from labelscope.models.reliability import label_calibration
        from labelscope.suggest.label_page import LabelSources, compose_label_page

        column, ready = self.dataset.label_position(label), self.ready
        sources = LabelSources(
            predictions=self.predictions if "predictions" in ready else None,
            findings=self.findings if "findings" in ready else None,
            suggestions=self.suggestions if "suggestions" in ready else None,
            relations=self.relations,
            calibration=label_calibration(self.dataset, self.predictions, column) if self.scored else None,
            thresholds=self.thresholds if self.scored else None,
            splits=self.splits,
            agreement=self.agreement,
            estimate=None if self._trail.audit is None else self.estimate,
            decisions=self.decisions,
            labels=self.labels,
            texts=self.label_text(column),
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

        ``<path>.texts.jsonl`` says what the labels mean, if somebody wrote that here (:meth:`describe`).

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
            check_target(Path(path), name="export", inputs=input_files(self._as_read))  # before any stage runs
            frame = self.suggestions.frame
            options = {"reviewer": self.reviewer, "time": utc_now()}
            pending = pending_changes(self.dataset, frame, self.verdicts, accept_above, **options)
            changes = pl.concat([changes, pending], how="diagonal")
        return export_labels(
            self._as_read,
            changes,
            path,
            escape_formulas=escape_formulas,
            label_set=self._label_set,
            redact=columns,
            texts=self.label_texts if self._texts.standing else None,
        )

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
        said = said.filter(pl.col("verdict") == "confirmed", pl.col("label").is_in(self._as_read.label_names))
        said = said.with_columns(source=pl.lit("confirmed"))
        dataset = self._as_read
        items = positions(said["item_id"], dataset.item_ids, expected="ledger: expected item ids of the data set", remedy="check it")
        columns = np.array([dataset.label_position(label) for label in said["label"]], np.int64)
        given = pl.Series("before", dataset.labels.states(items, columns), dtype=pl.Int8)
        return said.with_columns(given).filter(pl.col("before") == pl.col("after")).select(self.changes.columns)

    def _with_reasons(self, changes: pl.DataFrame) -> pl.DataFrame:
        """Changes with the reasons that were given for them."""
        cell = ["item_id", "label"]
        said = self.decisions.filter(~pl.col("undone")).unique(cell, keep="last").select(*cell, "reason")
        return changes.join(said, on=cell, how="left", maintain_order="left")
