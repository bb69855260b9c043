"""A reader of the decisions: what it has not read yet, and a sign when there is more.

Everybody who shows decisions has a subscription of their own, so that nobody takes away what another has not seen.
"""

from __future__ import annotations

import threading

from labelscope.review.events import Event
from labelscope.review.standing import Standing

__all__ = ["Subscription"]


class Subscription:
    """Reads the events of a journal from now on, each once; safe to use from several threads.

    The journal holds it weakly: dropping it ends it.

    Parameters
    ----------
    standing : Standing
        What the journal knows.
    lock : threading.RLock
        The journal's: held while it takes in events.
    wake : threading.Event, optional
        Set whenever there is more to read, in the thread that decided. Setting it can neither fail nor wait, so that nobody
        who decides depends on somebody who looks.
    """

    def __init__(self, standing: Standing, lock: threading.RLock, wake: threading.Event | None = None) -> None:
        self._standing, self._lock, self._wake = standing, lock, wake
        self._seq = standing.seq

    def read(self) -> tuple[Event, ...]:
        """What was taken in since the last call: decisions of this process and of others, in their order."""
        with self._lock:
            news = self._standing.since(self._seq)
            self._seq = self._standing.seq
            return news

    def tell(self) -> None:
        """Say that there is more to read."""
        if self._wake is not None:
            self._wake.set()
