"""Stages run ahead of the person: while somebody reads the form of the columns, the kernel works with what it proposes.

Nothing is shown or written before the columns are confirmed. What was confirmed then goes on from where the work is;
what was not is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from labelscope.compute.progress import Cancelled, watch
from labelscope.errors import LabelscopeError

if TYPE_CHECKING:
    from labelscope.session import Session

__all__ = ["Ahead"]

STAGES = ("embeddings", "first_map", "predictions", "findings", "suggestions")


class Ahead:
    """A session that is made, and whose stages are run, in a thread.

    Parameters
    ----------
    make : callable
        Makes the session; may raise what :func:`labelscope.read` raises.

    Examples
    --------
    >>> from labelscope.data.dataset import Dataset
    >>> from labelscope.session import Session
    >>> ahead = Ahead(lambda: Session(Dataset.from_arrays([[1], [0]])))
    >>> ahead.take().dataset.n_items
    2
    """

    def __init__(self, make: Callable[[], Session]) -> None:
        self._make = make
        self._session: Future[Session] = Future()
        self._taken, self._dropped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="labelscope-ahead", daemon=True)
        self._thread.start()

    def take(self) -> Session:
        """The session, with the stages that are over; the one that runs is finished by the thread, no other is begun.

        Raises
        ------
        LabelscopeError
            What making it raised.
        """
        self._taken.set()
        return self._session.result()

    def drop(self) -> None:
        """Stop at the next point at which the running stage reports progress."""
        self._dropped.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until nothing runs any more; False where `timeout` seconds were not enough."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            session = self._make()
        except BaseException as error:  # noqa: BLE001 - whoever takes the session gets it
            self._session.set_exception(error)
            return
        self._session.set_result(session)
        with suppress(Cancelled, LabelscopeError, MemoryError), watch(self._sink):  # the Explorer asks again, and says what is wrong
            for stage in STAGES:
                if self._taken.is_set() or stage not in session.stages:
                    continue
                if stage == "predictions":
                    from labelscope.widgets.warm import predictions

                    predictions(session)
                else:
                    getattr(session, stage)

    def _sink(self, _: str, __: float) -> None:
        if self._dropped.is_set():
            raise Cancelled
