"""Looks after the decisions while somebody looks at the app: those of this process show at once, those of others in a second or two."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from labelscope.errors import LabelscopeError

__all__ = ["Watch"]

logger = logging.getLogger(__name__)


class Watch:
    """Calls functions in a thread of its own while there are views: at a sign, and every second.

    Parameters
    ----------
    follow : callable
        Called soon after `wake` is set: there is something new in this process.
    look : callable
        Called every second: there may be something new elsewhere. An error of either is logged once and tried again: a
        ledger may be locked for a moment.
    wake : threading.Event
    interval : float
        Seconds between two looks.
    pause : float
        Seconds between two times of following: a cell that decides in a loop is not followed step by step.
    """

    def __init__(
        self, follow: Callable[[], object], look: Callable[[], object], wake: threading.Event, *, interval: float = 1.0, pause: float = 0.05
    ) -> None:
        self._follow, self._look, self._wake = follow, look, wake
        self._interval, self._pause = interval, pause
        self._views: set[str] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._failed = False

    def join(self, view: str) -> None:
        """A view was opened."""
        self._views.add(view)
        if self._thread is None or not self._thread.is_alive():
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._stop,), name="labelscope-watch", daemon=True)
            self._thread.start()

    def leave(self, view: str) -> None:
        """A view was closed; with the last one the watch ends."""
        self._views.discard(view)
        if not self._views:
            self.close()

    def close(self) -> None:
        """End at once."""
        self._views.clear()
        self._stop.set()
        self._wake.set()
        self._thread = None

    def _run(self, stop: threading.Event) -> None:
        next_look = time.monotonic() + self._interval
        while not stop.is_set():
            woken = self._wake.wait(max(0.0, next_look - time.monotonic()))
            if stop.wait(self._pause if woken else 0.0):
                return
            self._wake.clear()
            due = time.monotonic() >= next_look
            self._failed = not self._seen(self._look if due else self._follow)
            if due:
                next_look = time.monotonic() + self._interval

    def _seen(self, of: Callable[[], object]) -> bool:
        try:
            of()
        except (LabelscopeError, OSError) as error:
            if not self._failed:
                logger.warning("decisions of others cannot be read: %s", error)
            return False
        except Exception:  # the next look may go well: a view that no longer follows would show what is wrong
            if not self._failed:
                logger.exception("what was decided could not be shown")
            return False
        return True
