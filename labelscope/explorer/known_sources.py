"""What the app says of sources, worked out when it is asked for: the table, the items of a value, and the picture's line."""

from __future__ import annotations

from threading import Lock
from typing import Any, Literal

import numpy as np
import polars as pl

from labelscope.errors import DataError, LabelscopeError, StageError
from labelscope.explorer.known_voters import is_stale
from labelscope.explorer.replies.reply import as_json
from labelscope.explorer.replies.sources import PersonalRow, ShortcutRow, SourceRow, SourceTable
from labelscope.explorer.stage_results import StageResults
from labelscope.export.scanned import SourcesTold
from labelscope.issues.sources import STANDS_OUT, Basis, Sources
from labelscope.session import Session
from labelscope.suggest.acceptance import outcomes

__all__ = ["KnownSources"]

ENOUGH = 50  # decided cells from which they tell more than suspicion
MOST_ROWS, MOST_LABELS, MOST_SHORTCUTS = 400, 3, 200
SMALL = 20_000  # items up to which a picture works it out, if nobody has looked
DIGITS = 4
NO_COLUMN = "No column to compare: at least two groups of ten items must share its values."
SEARCHING = "Comparing needs the search for wrong labels, which is not over, or decisions."


class KnownSources:
    """The sources of a session.

    Parameters
    ----------
    session : Session
    results : StageResults
        Whether suspicion is known.
    """

    def __init__(self, session: Session, results: StageResults) -> None:
        self._session, self._results = session, results
        self._lock = Lock()
        self._known: dict[str, tuple[object, int, Sources]] = {}

    @property
    def n_decided(self) -> int:
        """Decided cells that tell whether a label was wrong."""
        return outcomes(self._session.decisions).height

    def table(self, basis: Literal["", "decided", "suspicion"] = "") -> SourceTable:
        """Everything that the tab shows. Starts no stage.

        Parameters
        ----------
        basis : {"", "decided", "suspicion"}
            "": decided from 50 decided cells on, or where there is no suspicion.
        """
        session, n = self._session, self.n_decided
        chosen = basis or self._basis(n)
        found = self._found(chosen, n)
        why = "" if session.slices and found is not None else SEARCHING if session.slices else NO_COLUMN
        rows = [] if found is None else _rows(found.frame)
        total = 0 if found is None else found.frame["label"].null_count()
        words = set(session.dataset.text_columns or (session.dataset.text,))
        shortcuts = [ShortcutRow(*row, row[1] in words or row[1] == session.dataset.text) for row in _shortcuts(session.shortcuts)]
        personal = session.personal_data
        named = [PersonalRow(*row) for row in personal.frame.select("column", "kind", "n_items").iter_rows()]
        return SourceTable(why, chosen, n, rows, total, shortcuts, named, _reason(session))

    @property
    def told(self) -> SourcesTold:
        """The same for a copy that computes nothing."""
        bases: tuple[Literal["", "decided", "suspicion"], ...] = ("", "decided", "suspicion")
        tables: dict[str, dict[str, Any]] = {basis: as_json(self.table(basis)) for basis in bases}
        return SourcesTold(tables, self._session.slices, self._session.personal_data)

    def mask(self, column: str, value: str) -> np.ndarray:
        """The items with a value of a column, bool (n_items,).

        Raises
        ------
        DataError
            If nothing is compared of that name.
        """
        for one in self._session.slices:
            if one.column == column and value in one.values:
                return one.codes == one.values.index(value)
        raise DataError(f"source: expected a value of a column that the tab Sources lists, got {column}: {value}; reload the view")

    def personal(self, column: str, kind: str) -> np.ndarray:
        """The items with personal data of a kind in a column, bool (n_items,)."""
        mask = np.zeros(self._session.dataset.n_items, bool)
        mask[self._session.personal_data.places.filter(column=column, kind=kind)["row"].to_numpy()] = True
        return mask

    @property
    def words(self) -> list[str]:
        """What a picture says: the values with more errors, shortcuts and personal data. Empty before anybody has looked at much data."""
        if not self._known and self._session.dataset.n_items > SMALL:
            return []
        found = self.table()
        out = [row for row in found.rows if row.out]
        said = []
        if out:
            what = "of its decided cells wrong" if found.basis == "decided" else "mean suspicion, a guess"
            first, more = out[0], f" and {len(out) - 1:,} more" if len(out) > 1 else ""
            has = "have" if more else "has"
            said.append(f"Sources: {first.column} {first.value} ({first.share:.0%} {what}){more} {has} more errors than the others")
        if found.shortcuts:
            one = found.shortcuts[0]
            said.append(f"Shortcut: {one.column} {one.value} alone tells {one.label} (AUC {one.auc:.2f})")
        if found.personal:
            n = sum(row.n_items for row in found.personal)
            said.append(f"Personal data: {', '.join(dict.fromkeys(row.kind for row in found.personal))} in {n:,} places")
        return said

    def _basis(self, n_decided: int) -> Basis:
        """What there is more of to tell."""
        return "decided" if n_decided >= ENOUGH or (n_decided and not self._results.searched) else "suspicion"

    def _found(self, basis: Basis, n_decided: int) -> Sources | None:
        """The comparison, made anew where it is stale; None where there is nothing to compare."""
        if basis == "suspicion" and not self._results.searched:
            return None
        of = self._results.findings if basis == "suspicion" else None
        with self._lock:
            known = self._known.get(basis)
            if known is None or known[0] is not of or (basis == "decided" and is_stale(n_decided, known[1])):
                try:
                    self._known[basis] = (of, n_decided, self._session.sources(basis=basis))
                except StageError:
                    return None
            return self._known[basis][2]


def _rows(frame: pl.DataFrame) -> list[SourceRow]:
    out = frame.drop_nulls("label").filter(pl.col("q_value") <= STANDS_OUT)
    labels = {key: of["label"].to_list() for key, of in out.group_by(["column", "value"], maintain_order=True)}
    whole = frame.filter(pl.col("label").is_null()).head(MOST_ROWS)
    shares = (pl.col("wrong") / pl.col("n")).alias("share"), pl.col("q_value") <= STANDS_OUT
    shown = whole.select("column", "value", "n", *shares, pl.col("low", "high").round(DIGITS)).with_columns(pl.col("share").round(DIGITS))
    return [
        SourceRow(column, value, n, share, low, high, out=out, labels=labels.get((column, value), [])[:MOST_LABELS])
        for column, value, n, share, out, low, high in shown.iter_rows()
    ]


def _shortcuts(frame: pl.DataFrame) -> list[tuple[str, str, str, float, int]]:
    return frame.head(MOST_SHORTCUTS).with_columns(pl.col("auc").round(DIGITS)).select("label", "column", "value", "auc", "n_items").rows()


def _reason(session: Session) -> str:
    """Why personal data cannot be left out of an export; "" where they can."""
    try:
        session.personal_data.columns_to_redact  # noqa: B018 - asked for its error
    except LabelscopeError as error:
        return str(error)
    return ""
