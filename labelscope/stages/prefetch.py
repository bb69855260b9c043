"""Stages that run before the person has asked: while somebody reads the form of the columns, the kernel works with what it proposes.

Nothing is shown or written before the columns are confirmed. What was confirmed then goes on from where the work is;
what was not is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from labelscope.compute.progress import Cancelled
from labelscope.errors import LabelscopeError
from labelscope.stages.cache_warmup import compute
from labelscope.stages.runner import Runner, StageRun
from labelscope.stages.table import blocked, stage_of

if TYPE_CHECKING:
    from labelscope.session import Session

__all__ = ["Prefetch"]

FETCHED = ("embeddings", "first_map", "predictions", "findings", "suggestions")


class Prefetch:
    """A session that is made, and whose stages are run, in a thread.

    Parameters
    ----------
    make : callable
        Makes the session; may raise what :func:`labelscope.read` raises.

    Examples
    --------
    >>> from labelscope.data.dataset import Dataset
    >>> from labelscope.session import Session
    >>> prefetch = Prefetch(lambda: Session(Dataset.from_arrays([[1], [0]])))
    >>> prefetch.take().dataset.n_items
    2
    """

    def __init__(self, make: Callable[[], Session]) -> None:
        self._make = make
        self._session: Future[Session] = Future()
        self._runner: Future[Runner] = Future()
        self._taken, self._dropped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="labelscope-prefetch", daemon=True)
        self._thread.start()

    def take(self) -> Session:
        """The session, with the stages that are over; the one that runs is finished by the thread, no other is begun.

        Raises
        ------
        LabelscopeError
            What making it raised.
        """
        self._taken.set()
        session = self._session.result()
        self._runner.result().finish()
        return session

    def drop(self) -> None:
        """Stop at the next point at which the running stage reports progress."""
        self._dropped.set()
        if self._runner.done():
            self._runner.result().cancel()

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
        specs = [stage_of(name) for name in FETCHED]
        runner = Runner([StageRun(spec, partial(compute, spec, session), blocked=blocked(spec, session.dataset)) for spec in specs])
        self._runner.set_result(runner)
        self._session.set_result(session)
        if self._taken.is_set() or self._dropped.is_set():
            return
        with suppress(Cancelled, LabelscopeError, MemoryError):  # the Explorer asks again, and says what is wrong
            runner.run(strict=True)
