"""A reader of the decisions: what it has not read yet, and a sign when there is more.

Everybody who shows decisions has a subscription of their own, so that nobody takes away what another has not seen.
"""

from __future__ import annotations

import threading

from labelscope.review.events import Event
from labelscope.review.replay_index import ReplayIndex

__all__ = ["Subscription"]


class Subscription:
    """Reads the events of a reviewer's log from now on, each once; safe to use from several threads.

    The reviewer's log holds it weakly: dropping it ends it.

    Parameters
    ----------
    index : ReplayIndex
        What the reviewer's log knows.
    lock : threading.RLock
        The log's: held while it takes in events.
    wake : threading.Event, optional
        Set whenever there is more to read, in the thread that decided. Setting it can neither fail nor wait, so that nobody
        who decides depends on somebody who looks.
    """

    def __init__(self, index: ReplayIndex, lock: threading.RLock, wake: threading.Event | None = None) -> None:
        self._index, self._lock, self._wake = index, lock, wake
        self._seq = index.seq

    def read(self) -> tuple[Event, ...]:
        """What was taken in since the last call: decisions of this process and of others, in their order."""
        with self._lock:
            news = self._index.since(self._seq)
            self._seq = self._index.seq
            return news

    def tell(self) -> None:
        """Say that there is more to read."""
        if self._wake is not None:
            self._wake.set()
