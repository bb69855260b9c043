"""The stages behind the Explorer, run one after the other in a worker thread.

Callbacks of a notebook do not run while a cell runs, and a stage takes seconds to minutes, so the stages run beside
the kernel's thread: what one of them finds is taken over as soon as it is there, its error is kept with it, and a
stage whose input failed is not tried. The order shows something early: the map by PCA, then what is wrong with the
labels, then the map by UMAP, which takes longest.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labelscope.compute.progress import Cancelled, watch
from labelscope.errors import LabelscopeError
from labelscope.widgets.memory import give_back

__all__ = ["Pipeline", "Stage"]

logger = logging.getLogger(__name__)


@dataclass
class Stage:
    """One step: what it computes, what is done with the result, and how far it is.

    Parameters
    ----------
    name, title : str
        Key, and words for people.
    compute : callable
    take : callable
        Called with the result, in the worker thread.
    needs : sequence of str
        Stages without which this one is not tried.
    blocked : str
        Why this data set does not allow it, if it does not.
    """

    name: str
    title: str
    compute: Callable[[], Any]
    take: Callable[[Any], None]
    needs: Sequence[str] = ()
    blocked: str = ""
    status: str = "waiting"  # waiting, running, done, failed, cancelled or skipped
    done: float = 0.0
    error: str = ""

    def report(self) -> dict[str, Any]:
        """Where this stage is, as JSON."""
        return {"name": self.name, "title": self.title, "status": self.status, "done": round(self.done, 3), "error": self.error}


class Pipeline:
    """Runs stages in a daemon thread.

    Parameters
    ----------
    stages : sequence of Stage
    changed : callable
        Called, from the worker thread, whenever a report changes.
    between : callable, optional
        Called, from the worker thread, after each stage: what else is to be done there, or waited for.
    """

    def __init__(self, stages: Sequence[Stage], changed: Callable[[], None], between: Callable[[], None] = lambda: None) -> None:
        self._stages = list(stages)
        self._changed = changed
        self._between = between
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._progress = threading.Condition()

    @property
    def running(self) -> bool:
        """Whether the worker is at work."""
        return self._thread is not None and self._thread.is_alive()

    def reports(self) -> list[dict[str, Any]]:
        """Where every stage is."""
        return [stage.report() for stage in self._stages]

    def start(self) -> None:
        """Run what is not done yet; nothing happens while the worker runs."""
        if self.running:
            return
        self._stop.clear()
        for stage in self._stages:
            if stage.status != "done":
                stage.status, stage.done, stage.error = "waiting", 0.0, ""
        self._launch()

    def again(self, name: str) -> None:
        """Run a stage once more; after the one that runs, if one does."""
        stage = next(s for s in self._stages if s.name == name)
        with self._progress:
            if stage.status == "running":
                return
            stage.status, stage.done, stage.error = "waiting", 0.0, ""
            if not self.running:
                self._stop.clear()
                self._launch()

    def _launch(self) -> None:
        self._thread = threading.Thread(target=self._run, name="labelscope-stages", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop at the next point where the running stage reports progress."""
        self._stop.set()

    def wait(self, timeout: float | None = None, *, stage: str | None = None) -> bool:
        """Wait until a stage (default: all of them) is over; False where `timeout` seconds were not enough."""
        with self._progress:
            return self._progress.wait_for(lambda: self._over(stage), timeout)

    def _over(self, name: str | None) -> bool:
        return not self.running or any(s.name == name and s.status not in ("waiting", "running") for s in self._stages)

    def _run(self) -> None:
        try:
            while (stage := self._next()) is not None:
                self._run_stage(stage)
                self._between()
        finally:
            give_back()
            with self._progress:
                if self._thread is threading.current_thread():  # not one that was started since
                    self._thread = None
            self._notify()

    def _next(self) -> Stage | None:
        """The next stage to run; where there is none, nobody may count on this thread any more."""
        with self._progress:
            stage = next((stage for stage in self._stages if stage.status == "waiting"), None)
            if stage is None:
                self._thread = None
            return stage

    def _run_stage(self, stage: Stage) -> None:
        missing = [s.title for s in self._stages if s.name in stage.needs and s.status != "done"]
        if self._stop.is_set():
            stage.status = "cancelled"
        elif stage.blocked or missing:
            stage.status, stage.error = "skipped", stage.blocked or f"Not run: it needs {missing[0]}, which did not finish."
        else:
            stage.status = "running"
            self._notify()
            self._compute(stage)
        self._notify()

    def _compute(self, stage: Stage) -> None:
        def sink(_: str, done: float) -> None:
            if self._stop.is_set():
                raise Cancelled
            stage.done = done
            self._changed()

        try:
            with watch(sink):
                result = stage.compute()
            stage.take(result)
            stage.status, stage.done = "done", 1.0
        except Cancelled:
            stage.status = "cancelled"
        except LabelscopeError as error:
            stage.status, stage.error = "failed", " ".join(str(error).split())
        except Exception as error:  # shown in the app: nobody reads a log while looking at a widget
            logger.exception("stage %s failed", stage.name)
            stage.status, stage.error = "failed", f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"

    def _notify(self) -> None:
        with self._progress:
            self._progress.notify_all()
        self._changed()
