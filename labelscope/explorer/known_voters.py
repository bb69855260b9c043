"""What the app says of voters: their words on each cell and how far to believe them, worked out when it is asked for."""

from __future__ import annotations

import warnings
from dataclasses import replace
from threading import Lock

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE
from labelscope.data.positions import positions
from labelscope.data.votes import Votes
from labelscope.errors import DataError, LabelscopeWarning
from labelscope.query.grammar import Term
from labelscope.query.terms import Cells
from labelscope.session import Session
from labelscope.voters.raters import Raters, raters
from labelscope.voters.voter_words import VoterWords, words_of

__all__ = ["KnownVoters", "is_stale"]

TITLES = {
    "votes": "Votes of {}", "overlaps": "{} and other rules", "conflicts": "Rules against {}", "right": "{} as given",
    "wrong": "{} against the given labels",
}  # fmt: skip
STALE = 0.1  # share of decisions more, from which voters are measured anew
FEW = 5
MOST_WANTED = 500  # votes that are asked for


class KnownVoters:
    """The voters of a session.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = Lock()
        self._known: tuple[object, int, VoterWords | None] | None = None
        self._rated: tuple[object, int, Raters | None] | None = None
        self._wanted: tuple[object, int, pl.DataFrame] | None = None

    @property
    def words(self) -> VoterWords | None:
        """The words of all voters, measured by what people decided until lately; None where nobody votes."""
        book = self._session.voters
        with self._lock:
            n_decided = self._session.standing_numbers.height
            if self._known is None or self._known[0] != book.version or is_stale(n_decided, self._known[1]):
                self._known = (book.version, n_decided, words_of(book, self._session.decided))
            return self._known[2]

    @property
    def raters(self) -> Raters | None:
        """The voters as a table, measured as :attr:`words`; None where nobody votes."""
        book = self._session.voters
        with self._lock:
            n_decided = self._session.standing_numbers.height
            if self._rated is None or self._rated[0] != book.version or is_stale(n_decided, self._rated[1]):
                self._rated = (book.version, n_decided, self._rate(book.votes))
            return self._rated[2]

    @property
    def people(self) -> tuple[str, ...]:
        """The raters of the data set: who can be asked for votes."""
        votes = self._session.dataset.votes
        return () if votes is None or not (votes.values >= NEGATIVE).any() else votes.rater_names

    @property
    def wanted(self) -> pl.DataFrame:
        """The votes to ask people for next, the most useful first: item_id, rater, label, score. Worked out as :attr:`words`."""
        book = self._session.voters
        with self._lock:
            n_decided = self._session.standing_numbers.height
            if self._wanted is None or self._wanted[0] != book.version or is_stale(n_decided, self._wanted[1]):
                self._wanted = (book.version, n_decided, self._session.votes_wanted(MOST_WANTED))
            return self._wanted[2]

    def ambiguous(self) -> Cells:
        """The cells on which people disagree with reason, as :meth:`voted` gives them."""
        found = self.raters
        return self._placed(pl.DataFrame() if found is None else found.ambiguous)

    def wanted_cells(self) -> Cells:
        """The items of :attr:`wanted` with the label that is the least sure, as :meth:`voted` gives them."""
        return self._placed(self.wanted) if self.people else self._placed(pl.DataFrame())

    def whom(self) -> dict[int, str]:
        """Whom to ask about an item, by its row."""
        return dict(zip(self.wanted_cells()[0].tolist(), self.wanted["rater"].to_list(), strict=True)) if self.people else {}

    def counts(self) -> tuple[int | None, int | None]:
        """Entries of the queues "ask_next" and "ambiguous"; None where that was not worked out yet. Works nothing out."""
        if not self.people:
            return 0, 0
        wanted, rated = self._wanted, self._rated
        n_ambiguous = None if rated is None else 0 if rated[2] is None else rated[2].ambiguous.height
        return None if wanted is None else wanted[2].height, n_ambiguous

    def _placed(self, cells: pl.DataFrame) -> Cells:
        if not cells.height:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        dataset = self._session.dataset
        here = {"expected": "votes: expected items and labels of this data set", "remedy": "read it anew"}
        rows = positions(cells["item_id"], dataset.item_ids, **here)
        return rows, positions(cells["label"], pl.Series(dataset.label_names, dtype=pl.String), **here)

    def _rate(self, votes: Votes | None) -> Raters | None:
        if votes is None or not (votes.values >= NEGATIVE).any():
            return None
        decided = self._session.decided
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LabelscopeWarning)  # who guesses is said in the table
            return raters(replace(self._session.dataset, votes=votes), audited=decided if decided.height else None)

    def voted(self, term: Term) -> Cells:
        """The cells that a voter spoke on, as rows and labels, int64.

        Raises
        ------
        DataError
            If nobody has that name.
        """
        votes, named = self._session.voters.votes, term.value.lower()
        found = [k for k, name in enumerate(() if votes is None else votes.rater_names) if name.lower() == named]
        if votes is None or not found:
            known = ", ".join(repr(name) for name in (() if votes is None else votes.rater_names)[:5])
            raise DataError(f"filter: expected vote: and the name of a voter{f', such as {known}' if known else ''}, got {term.value!r}")
        here = np.isin(votes.raters, found)
        cells = np.unique(votes.items[here] * self._session.dataset.n_labels + votes.labels[here])
        return np.divmod(cells, self._session.dataset.n_labels)

    def of_rule(self, rule_id: str, which: str) -> tuple[str, Cells]:
        """A title for some of the cells that a saved rule votes on, and the cells, as :meth:`voted` gives them.

        Parameters
        ----------
        rule_id : str
        which : {"votes", "overlaps", "conflicts", "right", "wrong"}
            "overlaps": with votes of other rules; "conflicts": with contrary ones; "right" and "wrong": by the given label.

        Raises
        ------
        DataError
            If there is no such rule.
        """
        book, dataset = self._session.voters, self._session.dataset
        kept = next((kept for kept in book.kept_rules if kept.rule_id == rule_id), None)
        if kept is None or kept.rule is None:
            raise DataError("rule: expected one that votes here, got another; somebody may have deleted it")
        rule, label = kept.rule, dataset.label_position(kept.rule.label)
        held = book.held(rule)
        others = [other for other in book.rules if other.label == rule.label and other.name != rule.name]
        if which == "overlaps":
            held = held & _any([book.held(other) for other in others], held)
        elif which == "conflicts":
            held = held & _any([book.held(other) for other in others if other.vote != rule.vote], held)
        rows = np.flatnonzero(held)
        if which in ("right", "wrong"):
            states = dataset.labels.states(rows, np.full(len(rows), label))
            rows = rows[(states == rule.vote) if which == "right" else (states == 1 - rule.vote)]
        return TITLES[which].format(rule.name), (rows, np.full(len(rows), label))


def is_stale(now: int, before: int) -> bool:
    """Whether there are so many more decisions (or fewer) than before that what was measured on them is measured anew."""
    return abs(now - before) > max(FEW, STALE * before)


def _any(masks: list[np.ndarray], like: np.ndarray) -> np.ndarray:
    return np.logical_or.reduce(masks) if masks else np.zeros_like(like)
