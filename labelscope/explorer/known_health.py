"""What the app says of the health of a data set: by its labels at once, by everything once the stage is over, anew after decisions."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

import numpy as np

from labelscope.errors import DataError
from labelscope.explorer.replies.health import HealthFix, HealthLabel, HealthReport, HealthRow
from labelscope.explorer.replies.reply import as_json
from labelscope.export.health import Health, health_of
from labelscope.export.health_checks import OF_LABELS, HealthSources
from labelscope.export.scanned import HealthTold
from labelscope.query.terms import Asked
from labelscope.session import Session

__all__ = ["KnownHealth"]

MOST_LABELS = 12  # that a row names
STALE = -1  # number of no event
TITLES = {
    "duplicates": "Near-duplicates", "different duplicates": "Near-duplicates with other labels", "leaks": "Near-duplicates in two splits",
    "equal rows": "Equal rows", "hubs": "Neighbours of very many", "rare": "Rare labels", "unknown": "Unknown cells",
}  # fmt: skip
FIXES: Mapping[str, HealthFix] = {
    "unknown": HealthFix("Look at proposed states", queue="unknown"),
    "agreement": HealthFix("Ask for more votes", queue="ask_next"),
    "shortcuts": HealthFix("Show what tells them", tab="Sources"),
    "imbalance": HealthFix("Show the long tail", tab="Labels"),
    "calibration": HealthFix("Audit some cells", tab="Progress"),
}
WANTED = HealthFix("Show what to label next", queue="label_next")


class KnownHealth:
    """The health of a session.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = Lock()
        self._known: tuple[int, Health] | None = None
        self.measured = False

    def take(self, found: Health) -> None:
        """What the stage found."""
        with self._lock:  # of labels as they were at some time during the stage: the first report makes it anew
            self._known, self.measured = (STALE, found), True

    def report(self) -> HealthReport:
        """Everything that the tab shows. Starts no stage."""
        found = self._now()
        return HealthReport(self.measured, found.summary(), [self._row(row) for row in found.records()])

    @property
    def told(self) -> HealthTold:
        """The same for a copy that computes nothing."""
        return HealthTold(as_json(self.report()), {check: (TITLES[check], part) for check, part in self._now().parts.items()})

    def asked(self, check: str) -> tuple[str, Asked]:
        """A title for what a finding is about, and its items or cells.

        Raises
        ------
        DataError
            If it is about none, by now.
        """
        part = (self._now() if self._known is None else self._known[1]).parts.get(check)  # what the tab shows
        if part is None:
            raise DataError("health: expected a finding with items or cells, got one that has none by now; refresh the tab")
        mask = np.zeros(self._session.dataset.n_items, bool)
        mask[part.rows] = True
        return TITLES[check], Asked(mask, None if part.labels is None else (part.rows, part.labels))

    def line(self) -> str:
        """What the stage found, in a line; "" before it is over. Works nothing out."""
        if self._known is None or not self.measured:
            return ""
        frame = self._known[1].frame
        serious = frame.filter(severity="serious")["says"]
        return f"{self._known[1].summary()}{f'. {serious[0]}' if len(serious) else ''}"

    def _now(self) -> Health:
        """By the labels as they stand; before the stage is over, only what these say."""
        with self._lock:
            session = self._session
            seq = session.last_event
            if self._known is None or self._known[0] != seq:
                self._known = (seq, session.health if self.measured else _of_labels(session))
            return self._known[1]

    def _row(self, row: Mapping[str, object]) -> HealthRow:
        check, names = str(row["check"]), self._session.dataset.label_position
        named = list(zip(row["labels"], row["label_words"], strict=True))[:MOST_LABELS]  # type: ignore[call-overload]
        listed = row["n_items"] or 0
        return HealthRow(
            check=check,
            severity=row["severity"],  # type: ignore[arg-type]
            says=str(row["says"]),
            labels=[HealthLabel(names(name), name, words) for name, words in named],
            n_labels=row["n_labels"],  # type: ignore[arg-type]
            items=row["n_items"] if listed else None,  # type: ignore[arg-type]
            cells=row["n_cells"] if listed else None,  # type: ignore[arg-type]
            fix=self._fix(check) if row["severity"] in ("serious", "warning") else None,
            column=str(row["column"]),
        )

    def _fix(self, check: str) -> HealthFix | None:
        if check == "rare":  # the queue holds unknown cells
            return WANTED if self._session.dataset.labels.has_unknown else None
        return FIXES.get(check)


def _of_labels(session: Session) -> Health:
    """What the labels alone tell."""
    found = health_of(session.dataset, HealthSources(labels=session.labels))
    kept = found.frame.filter(found.frame["check"].is_in(list(OF_LABELS)))
    return Health(kept, {check: part for check, part in found.parts.items() if check in OF_LABELS})
