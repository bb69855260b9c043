"""The terms of a query that name cells: what is suggested, what is suspicious, what was decided and by whom, who voted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from labelscope.data.positions import positions
from labelscope.errors import DataError
from labelscope.explorer.known_voters import KnownVoters
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.worklist import Suggested
from labelscope.query.grammar import Term
from labelscope.query.terms import Cells
from labelscope.session import Session

__all__ = ["CellTerms"]

HERE = {"expected": "decisions: expected items and labels of this data set", "remedy": "name the ledger of this one"}


class CellTerms:
    """Gives the cells of a term, as they are when it is asked for.

    Parameters
    ----------
    session : Session
    results : StageResults
    suggested : Suggested
    voters : KnownVoters
    """

    def __init__(self, session: Session, results: StageResults, suggested: Suggested, voters: KnownVoters) -> None:
        self._session, self._dataset = session, session.dataset
        self._results, self._suggested, self._voters = results, suggested, voters

    @property
    def of_label(self) -> Mapping[str, Callable[[int], Cells]]:
        """The terms whose value is a label."""
        return {
            "add": lambda label: self._suggestions(label, adds=True),
            "remove": lambda label: self._suggestions(label, adds=False),
            "missing": lambda label: self._suspicious(label, spurious=False),
            "spurious": lambda label: self._suspicious(label, spurious=True),
            "decided": self._decided,
        }

    @property
    def others(self) -> Mapping[str, Callable[[Term], Cells]]:
        """The terms whose value is something else."""
        return {"by": self._by, "vote": self._voters.voted}

    def _suggestions(self, label: int, *, adds: bool) -> Cells:
        worklist = self._suggested.worklist
        here = (worklist.labels == label) & (worklist.adds == adds)
        return worklist.rows[here], worklist.labels[here]

    def _suspicious(self, label: int, *, spurious: bool) -> Cells:
        found = self._results.suspicious
        here = (found.labels == label) & (found.spurious == spurious)
        return found.rows[here], found.labels[here]

    def _decided(self, label: int) -> Cells:
        """The cells of a label on which the last word is a decision: who skips it leaves it open."""
        said = self._standing().filter(pl.col("label") == self._dataset.label_names[label])
        last = said.unique("item_id", keep="last", maintain_order=True)
        return self._placed(last.filter(pl.col("verdict") != "skipped"))

    def _by(self, term: Term) -> Cells:
        """The cells on which a reviewer has decided, whatever others said since."""
        made = self._standing().filter(pl.col("verdict") != "skipped")
        own = made.filter(pl.col("reviewer").str.to_lowercase() == term.value.lower())
        if not own.height:
            known = ", ".join(made["reviewer"].unique(maintain_order=True))
            raise DataError(f"filter: no decision by {term.value!r}; {f'there are some by {known}' if known else 'nobody has decided yet'}")
        return self._placed(own.unique(["item_id", "label"], maintain_order=True))

    def _standing(self) -> pl.DataFrame:
        return self._session.decisions.filter(~pl.col("undone"))

    def _placed(self, said: pl.DataFrame) -> Cells:
        if not said.height:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        names = pl.Series(self._dataset.label_names, dtype=pl.String)
        return positions(said["item_id"], self._dataset.item_ids, **HERE), positions(said["label"], names, **HERE)
