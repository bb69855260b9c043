"""The constraint book: what people say about relations, kept in the ledger, and the constraints that come of it."""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.review.ledger import Ledger
from labelscope.review.relation_verdicts import RelationEvent, RelationVerdicts
from labelscope.stats.constraints import Constraints

__all__ = ["ConstraintBook"]

KEY = ["label_a", "relation", "label_b"]


class ConstraintBook:
    """Verdicts on the relations of a data set.

    In force are the edges of the taxonomy that nobody rejected, and all that was confirmed.

    Parameters
    ----------
    dataset : Dataset
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next verdict.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """

    def __init__(self, dataset: Dataset, ledger: Ledger, reviewer: Callable[[], str]) -> None:
        self.dataset, self._there = dataset, dataset.label_names
        self._verdicts = RelationVerdicts(ledger, reviewer)

    def relabel(self, dataset: Dataset, there: Collection[str]) -> None:
        """Go on with the same data set under another label set; what was said of labels that are not there does not count."""
        self.dataset, self._there = dataset, tuple(there)

    def confirm(self, label_a: str | int, relation: str, label_b: str | int, *, source: str | None = None) -> RelationEvent:
        """Say that a relation holds.

        Parameters
        ----------
        label_a, label_b : str or int
            Names or positions.
        relation : {"implies", "identical", "exclusive"}
            "implies" reads: a implies b.
        source : str, optional
            Who had proposed it.

        Raises
        ------
        DataError
            If there is no such label or relation, or it cannot hold together with what holds already; the message names
            what stands against it.
        LedgerError
            If the verdict could not be made durable; then it does not count.
        """
        a, b = self._name(label_a), self._name(label_b)
        stated = self._stated().filter(~((pl.col("label_a") == a) & (pl.col("relation") == relation) & (pl.col("label_b") == b)))
        new = pl.DataFrame({"label_a": [a], "relation": [relation], "label_b": [b]})
        Constraints.build(pl.concat([stated, new], how="diagonal"), self.dataset.label_names)
        return self._verdicts.confirm(a, relation, b, source=source)

    def reject(self, label_a: str | int, relation: str, label_b: str | int, *, source: str | None = None) -> RelationEvent:
        """Say that a relation does not hold. Parameters and errors as for :meth:`confirm`, but nothing can stand against it."""
        return self._verdicts.reject(self._name(label_a), relation, self._name(label_b), source=source)

    def withdraw(self, label_a: str | int, relation: str, label_b: str | int) -> int:
        """Take back every verdict on a relation, whoever gave it; how many there were. Raises as :meth:`confirm`."""
        return self._verdicts.withdraw(self._name(label_a), relation, self._name(label_b))

    def undo(self) -> RelationEvent | None:
        """Take back this reviewer's last verdict on a relation; None if there is none."""
        return self._verdicts.undo()

    def redo(self) -> RelationEvent | None:
        """Take back this reviewer's last undo, unless a verdict came after it."""
        return self._verdicts.redo()

    def sync(self) -> tuple[RelationEvent, ...]:
        """Take in what other processes wrote, and return it."""
        return self._verdicts.sync()

    @property
    def events(self) -> tuple[RelationEvent, ...]:
        """Every verdict and undo known here, in their order."""
        return self._verdicts.events

    @property
    def frame(self) -> pl.DataFrame:
        """The verdicts that stand: label_a, relation, label_b, verdict, source, reviewer, time."""
        return self._verdicts.frame

    @property
    def in_force(self) -> Constraints:
        """What holds.

        Raises
        ------
        DataError
            If reviewers confirmed what cannot hold together; the message names it.
        """
        return Constraints.build(self._stated(), self.dataset.label_names)

    @property
    def constraints(self) -> Constraints:
        """The earlier name of :attr:`in_force`."""
        return self.in_force

    def judged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame of relations with the verdict on each: "confirmed", "rejected" or "pending".

        Parameters
        ----------
        frame : polars.DataFrame
            label_a, relation, label_b, as in :class:`labelscope.stats.relations.Relations`.
        """
        mine = self.frame.select(*KEY, "verdict")
        swapped = mine.filter(pl.col("relation") != "implies").select(
            label_a="label_b", relation="relation", label_b="label_a", verdict="verdict"
        )
        found = frame.join(pl.concat([mine, swapped]), on=KEY, how="left", maintain_order="left")
        return found.with_columns(pl.col("verdict").fill_null("pending"))

    def _stated(self) -> pl.DataFrame:
        known = pl.Series(self._there, dtype=pl.String).implode()
        verdicts = self.frame.filter(pl.col("label_a").is_in(known), pl.col("label_b").is_in(known))
        given = Constraints.build(self.dataset.taxonomy if self.dataset.taxonomy is not None else [], self.dataset.label_names).frame
        kept = given.join(verdicts, on=KEY, how="anti", maintain_order="left")
        return pl.concat([kept, verdicts.filter(verdict="confirmed").drop("verdict")], how="diagonal")

    def _name(self, label: str | int) -> str:
        return self.dataset.label_names[self.dataset.label_position(label)]
