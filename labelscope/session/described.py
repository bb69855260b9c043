"""What labels mean, in words that people change while they review: descriptions and guidelines, with the same undo as decisions."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from labelscope.review.label_texts import LabelText, LabelTexts, told
from labelscope.session.audited import Audited

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["Described"]

TEXTS = dict.fromkeys(("label", "description", "guideline", "reviewer", "time"), pl.String)


class Described(Audited):
    """A review, and what its labels mean."""

    @cached_property
    def _texts(self) -> LabelTexts:
        return LabelTexts(self._ledger, lambda: self.reviewer)

    @property
    def label_texts(self) -> pl.DataFrame:
        """What the labels mean, by the last word of anybody: label, description, guideline, reviewer, time; a row a label that has any.

        Reviewer and time are null where the description came with the data. A text follows a label under another name.
        """
        written = self._written
        rows = [(name, *self._standing_text(name, written)) for name in self.label_names]
        return pl.DataFrame([row for row in rows if row[1] or row[2]], schema=TEXTS, orient="row")

    def label_text(self, label: str | int) -> tuple[str, str]:
        """Description and guideline of a label as they stand, "" for none.

        Parameters
        ----------
        label : str or int
            Name or position.

        Raises
        ------
        DataError
            If there is no such label.
        """
        description, guideline, *_ = self._standing_text(self.dataset.label_names[self.dataset.label_position(label)], self._written)
        return description, guideline

    def describe(self, label: str | int, description: str | None = None, *, guideline: str | None = None) -> LabelText | None:
        """Write what a label means: kept in the ledger, seen by all who review on it, exported, taken back by one :meth:`undo`.

        The description is what :meth:`reconsider` looks for in texts; judges are told both.

        Parameters
        ----------
        label : str or int
            Name or position.
        description : str, optional
            What the label means, up to 2,000 letters; "" takes it away. Default: as it is.
        guideline : str, optional
            When it is to be given and when not, up to 20,000 letters; "" takes it away. Default: as it is.

        Returns
        -------
        LabelText or None
            What was written; None if it stands already.

        Raises
        ------
        DataError
            If there is no such label, or a text is too long.
        LedgerError
            If it could not be made durable; then the earlier texts stand.
        """
        name = self.dataset.label_names[self.dataset.label_position(label)]
        self._label_set.check(name)
        self._texts.sync()
        before = self.label_text(name)
        return self._texts.write(
            name, before[0] if description is None else description, before[1] if guideline is None else guideline, before=before
        )

    def with_texts(self, dataset: Dataset, *, guidelines: bool = False) -> Dataset:
        """A data set of these labels with the descriptions as they stand, and the guidelines behind them if asked for."""
        if not self._texts.events:
            return dataset
        texts = {
            name: told(description, guideline) if guidelines else description
            for name, description, guideline in self.label_texts.select("label", "description", "guideline").iter_rows()
        }
        return replace(dataset, label_descriptions={name: words for name, words in texts.items() if words} or None)

    def catch_up(self) -> None:
        """Take in what others decided on the same ledger; :meth:`sync` and every subscriber still tell of it.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        super().catch_up()
        self._texts.sync()

    def _standing_text(self, name: str, written: dict[str, LabelText]) -> tuple[str, str, str | None, str | None]:
        """Description and guideline of a label, who wrote them and when; nobody and null where they came with the data."""
        note = written.get(self._label_set.origin(name)) if written else None
        if note is None:
            return (self.dataset.label_descriptions or {}).get(name, ""), "", None, None
        return note.description, note.guideline, note.reviewer, note.time

    @property
    def _written(self) -> dict[str, LabelText]:
        """The last text that was written for each label, by the name that the label had first."""
        return {self._label_set.origin(note.label): note for note in self._texts.standing}
