"""Runs stages one after the other, and tells how far each is: here, or in a thread beside the kernel's.

Callbacks of a notebook do not run while a cell runs, and a stage takes seconds to minutes, so an Explorer lets them run in
a thread of their own: what one of them finds is taken over as soon as it is there, its error is kept with it, and a
stage whose input failed is not tried.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Literal

from labelscope.compute.progress import Cancelled, advance, watch
from labelscope.errors import LabelscopeError
from labelscope.stages.memory import give_back, keep_pools_few
from labelscope.stages.table import StageSpec

__all__ = ["Runner", "StageReport", "StageRun"]

logger = logging.getLogger(__name__)


Status = Literal["idle", "waiting", "running", "done", "failed", "cancelled", "skipped"]


@dataclass(frozen=True)
class StageReport:
    """Where a stage is: its share done, and why it did not run to its end."""

    name: str
    title: str
    status: Status
    done: float
    error: str


@dataclass
class StageRun:
    """One stage on its way: what it computes, what is done with the result, and how far it is.

    Attributes
    ----------
    spec : StageSpec
        Its row of the table.
    compute : callable
    take : callable
        Called with the result, in the thread that runs it.
    blocked : str
        Why this data set does not allow it, if it does not.
    status : {"idle", "waiting", "running", "done", "failed", "cancelled", "skipped"}
        "idle": nobody has asked for it, and it runs on request alone.
    done : float
        Share done, 0 to 1.
    failure : Exception or None
        What ended it, or ended the stage that it needs.
    """

    spec: StageSpec
    compute: Callable[[], Any]
    take: Callable[[Any], object] = lambda _: None
    blocked: str = ""
    status: Status = "waiting"
    done: float = 0.0
    failure: Exception | None = None
    skipped: str = ""

    def __post_init__(self) -> None:
        if self.spec.on_request:
            self.status = "idle"

    @property
    def error(self) -> str:
        """Why it did not run to its end, in one line; empty if it did, or has not."""
        if self.skipped or self.failure is None:
            return self.skipped
        words = " ".join(str(self.failure).split())
        return words if isinstance(self.failure, LabelscopeError) else f"{type(self.failure).__name__}: {words[:400]}"

    def report(self) -> StageReport:
        """Where this stage is."""
        return StageReport(self.spec.name, self.spec.title, self.status, round(self.done, 3), self.error)

    def reset(self) -> None:
        """Back to the start: it waits for its turn."""
        self.status, self.done, self.failure, self.skipped = "waiting", 0.0, None, ""


class Runner:
    """Runs stages in their order, each that waits.

    Parameters
    ----------
    runs : sequence of StageRun
    changed : callable, optional
        Called, from the thread that runs them, whenever a report changes.
    between : callable, optional
        Called, from that thread, after each stage: what else is to be done there, or waited for.
    """

    def __init__(
        self, runs: Sequence[StageRun], changed: Callable[[], None] = lambda: None, between: Callable[[], None] = lambda: None
    ) -> None:
        self._runs = list(runs)
        self._changed = changed
        self._between = between
        self._stop, self._finish = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._progress = threading.Condition()

    @property
    def running(self) -> bool:
        """Whether a thread of this runner is at work."""
        return self._thread is not None and self._thread.is_alive()

    def reports(self) -> list[StageReport]:
        """Where every stage is."""
        return [run.report() for run in self._runs]

    def run(self, *, strict: bool = False) -> None:
        """Run the stages here; their progress goes on to whoever watches (:func:`labelscope.compute.progress.watch`).

        Parameters
        ----------
        strict : bool
            Raise the error of the first stage that fails, and begin no other.

        Raises
        ------
        Cancelled
            If :meth:`cancel` was called, or who watches asked for it; what was found until then is kept.
        """
        while (run := self._next()) is not None:
            advance(run.spec.name, 0.0)
            self._run_stage(run, lambda: advance(run.spec.name, 1.0))
            if run.status == "cancelled":
                raise Cancelled
            if strict and run.failure is not None:
                raise run.failure
            self._between()

    def start(self) -> None:
        """Run what is not done yet in a daemon thread; nothing happens while one runs."""
        if self.running:
            return
        for run in self._runs:
            if run.status not in ("done", "idle"):
                run.reset()
        self._launch()

    def again(self, name: str) -> None:
        """Run a stage once more; after the one that runs, if one does."""
        run = next(run for run in self._runs if run.spec.name == name)
        with self._progress:
            if run.status == "running":
                return
            run.reset()
            if not self.running:
                self._launch()

    def cancel(self) -> None:
        """Stop at the next point where the running stage reports progress."""
        self._stop.set()

    def finish(self) -> None:
        """Let the running stage come to its end, and begin no other."""
        self._finish.set()

    def wait(self, timeout: float | None = None, *, stage: str | None = None) -> bool:
        """Wait until a stage (default: all of them) is over; False where `timeout` seconds were not enough."""
        with self._progress:
            return self._progress.wait_for(lambda: self._over(stage), timeout)

    def _launch(self) -> None:
        self._stop.clear()
        self._finish.clear()
        keep_pools_few()
        self._thread = threading.Thread(target=self._work, name="labelscope-stages", daemon=True)
        self._thread.start()

    def _over(self, name: str | None) -> bool:
        return not self.running or any(run.spec.name == name and run.status not in ("waiting", "running") for run in self._runs)

    def _work(self) -> None:
        try:
            while (run := self._next()) is not None:
                self._run_stage(run)
                self._between()
        finally:
            give_back()
            with self._progress:
                if self._thread is threading.current_thread():  # not one that was started since
                    self._thread = None
            self._notify()

    def _next(self) -> StageRun | None:
        """The next stage to run; where there is none, nobody may count on this thread any more."""
        with self._progress:
            run = None if self._finish.is_set() else next((run for run in self._runs if run.status == "waiting"), None)
            if run is None:
                self._thread = None
            return run

    def _run_stage(self, run: StageRun, tell: Callable[[], None] = lambda: None) -> None:
        missing = [other for other in self._runs if other.spec.name in run.spec.needs and other.status != "done"]
        if self._stop.is_set():
            run.status = "cancelled"
        elif run.blocked or missing:
            run.status, run.skipped = "skipped", run.blocked or f"Not run: it needs {missing[0].spec.title}, which did not finish."
            run.failure = None if run.blocked else missing[0].failure
        else:
            run.status = "running"
            self._notify()
            self._compute(run)
            tell()
        self._notify()

    def _compute(self, run: StageRun) -> None:
        def sink(name: str, done: float) -> None:
            if self._stop.is_set():
                raise Cancelled
            run.done = done
            self._changed()
            outer.run(advance, name, done)

        outer = copy_context()  # whoever watches this runner
        try:
            with watch(sink):
                result = run.compute()
            run.take(result)
            run.status, run.done = "done", 1.0
        except Cancelled:
            run.status = "cancelled"
        except LabelscopeError as error:
            run.status, run.failure = "failed", error
        except Exception as error:  # shown in the app: nobody reads a log while looking at a widget
            logger.exception("stage %s failed", run.spec.name)
            run.status, run.failure = "failed", error

    def _notify(self) -> None:
        with self._progress:
            self._progress.notify_all()
        self._changed()
