"""Judges that are asked from the app, in a thread of their own: every answer is on the disk before it is counted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from labelscope.compute.progress import Cancelled, watch
from labelscope.errors import DataError, LabelscopeError
from labelscope.explorer.replies.judges import Asking, JudgeTally
from labelscope.session import Session
from labelscope.voters.answers import Answer, Answers
from labelscope.voters.asking import Judge, name_of
from labelscope.voters.judges import Heard, hear

__all__ = ["JudgeRun"]

logger = logging.getLogger(__name__)

KEEP_EVERY = 5.0  # seconds between two times that answers become votes of the ledger; each is in the answers file at once
SAID = {1: "yes", 0: "no", -1: "unsure"}


class JudgeRun:
    """Asks judges about cells, and keeps what they say as votes of the session.

    Nothing is asked before :meth:`start`.

    Parameters
    ----------
    session : Session
    judges : sequence of callable
        Each next one is asked where the one before contradicts the given state or is undecided.
    changed : callable
        Called whenever :attr:`report` says something else.
    kept : callable
        Called when votes were added to the session.
    """

    def __init__(self, session: Session, judges: Sequence[Judge], changed: Callable[[], None], kept: Callable[[], None]) -> None:
        self.judges = tuple(judges)
        self._session, self._changed, self.kept = session, changed, kept
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._rows = self._labels = np.empty(0, np.int64)
        self._said: list[tuple[str, int, Answer]] = []  # what is no vote yet
        self._counts: dict[str, dict[int, int]] = {}
        self._number, self._trouble = 0, ""

    @property
    def running(self) -> bool:
        """Whether questions are under way."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def report(self) -> Asking | None:
        """How far the last run is; None before the first."""
        if not self._number:
            return None
        tallies = [JudgeTally(name, *(said[value] for value in SAID)) for name, said in list(self._counts.items())]
        return Asking(
            run=self._number, total=len(self._rows), judges=tallies, running=self.running, stopping=self.running and self._stop.is_set(),
            trouble=self._trouble,
        )  # fmt: skip

    def unasked(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Which cells the first judge has not voted on, bool (n_cells,)."""
        known = self._known()
        name = name_of(self.judges[0])
        return np.array([(name, key) not in known for key in self._keys(rows, labels).tolist()], bool)

    def start(self, rows: np.ndarray, labels: np.ndarray) -> None:
        """Ask about cells, in the background.

        Raises
        ------
        DataError
            If there is nobody to ask, another voter has the name of a judge, or questions are still under way.
        """
        with self._lock:
            if not self.judges:
                raise DataError("judge: expected one to ask, got none; open the data with ls.explore(ds, judge=...)")
            if self.running:
                raise DataError("judge: expected no question under way, got some; wait for them or cancel first")
            for judge in self.judges:
                self._session.voters.check_voter(name_of(judge), "judge")
            self._rows, self._labels = rows, labels
            self._counts, self._said, self._trouble = {}, [], ""
            self._number += 1
            self._stop.clear()
            self._thread = threading.Thread(target=self._work, name="labelscope-judges", daemon=True)
            self._thread.start()

    def resume(self) -> None:
        """Ask once more about the cells of the last run: what has an answer is not asked again. Raises as :meth:`start`."""
        self.start(self._rows, self._labels)

    def stop(self) -> None:
        """Ask nothing more; the answers to the questions under way are still kept."""
        self._stop.set()
        self._changed()

    def _work(self) -> None:
        self._changed()
        try:
            self._ask()
        except Cancelled:
            pass
        except LabelscopeError as error:
            self._trouble = " ".join(str(error).split())
        except Exception as error:
            logger.exception("the judges could not be asked")
            self._trouble = f"{type(error).__name__}: {' '.join(str(error).split())}"
        finally:
            self._thread = None
            self._changed()

    def _ask(self) -> None:
        place = self._session.answers_file
        place.parent.mkdir(parents=True, exist_ok=True)
        known = self._known()
        last = time.monotonic()

        def take(name: str, at: int, answer: Answer) -> None:
            nonlocal last
            self._counts.setdefault(name, dict.fromkeys(SAID, 0))[answer.value] += 1
            if known.get((name, int(self._keys(self._rows[at : at + 1], self._labels[at : at + 1])[0]))) != answer.value:
                self._said.append((name, at, answer))
            if time.monotonic() - last > KEEP_EVERY:
                self._keep()
                last = time.monotonic()
            self._changed()

        try:
            with Answers(place) as answers, watch(self._look):
                heard = hear(self._session.for_judges, self._rows, self._labels, self.judges, answers, told=take)
            self._trouble = "; ".join(_unanswered(one) for one in heard if None in one.values)
        finally:
            self._keep()

    def _look(self, *_: object) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _keep(self) -> None:
        """Make votes of what was said since the last time."""
        said, self._said = self._said, []
        if not said:
            return
        dataset, at = self._session.dataset, np.array([at for _, at, _ in said])
        votes = pl.DataFrame({
            "item_id": dataset.item_ids.gather(self._rows[at]), "rater": [name for name, _, _ in said],
            "label": pl.Series(dataset.label_names, dtype=pl.String).gather(self._labels[at]),
            "value": pl.Series([answer.value for *_, answer in said], dtype=pl.Int8), "reason": [answer.reason for *_, answer in said],
        })  # fmt: skip
        self._session.voters.keep(votes)
        self.kept()

    def _known(self) -> dict[tuple[str, int], int]:
        """What the judges said before, by name and cell: it is not kept twice."""
        votes = self._session.voters.judged
        if votes is None:
            return {}
        names = np.array(votes.rater_names, object)[votes.raters].tolist()
        cells = zip(names, self._keys(votes.items, votes.labels).tolist(), strict=True)
        return dict(zip(cells, votes.values.tolist(), strict=True))

    def _keys(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return labels * self._session.dataset.n_items + rows  # a label may come meanwhile: the number of a cell stays


def _unanswered(heard: Heard) -> str:
    n = heard.values.count(None)
    return f"{heard.name}: {n:,} of {len(heard.values):,} questions got no answer ({heard.failure})"
