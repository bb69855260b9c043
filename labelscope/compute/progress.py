"""Progress and cancellation of long work, without the work knowing who watches.

A stage calls :func:`advance`; whoever shows progress (command line, Explorer, a notebook) installs a sink
for the time of the call with :func:`watch`. A sink may raise :class:`Cancelled`: that is how work stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Cancelled", "advance", "part_of", "watch"]

Sink = Callable[[str, float], None]
_sink: ContextVar[Sink | None] = ContextVar("labelscope_progress", default=None)


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The person asked for the running stage to stop."""


def advance(stage: str, done: float) -> None:
    """Report that `stage` is `done` (0 to 1).

    Raises
    ------
    Cancelled
        If the sink asks for it.
    """
    sink = _sink.get()
    if sink is not None:
        sink(stage, min(1.0, done))


@contextmanager
def watch(sink: Sink | None) -> Iterator[None]:
    """Send the progress of everything in this block to ``sink(stage, done)``."""
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)


@contextmanager
def part_of(stage: str, first: float, last: float) -> Iterator[None]:
    """Count the progress of everything in this block as that of a stage from `first` to `last`; it never goes back.

    Raises
    ------
    Cancelled
        If the sink asks for it.
    """
    outer, reached = _sink.get(), first

    def sink(_: str, done: float) -> None:
        nonlocal reached
        reached = max(reached, first + (last - first) * done)
        if outer is not None:
            outer(stage, reached)

    with watch(sink):
        yield
    advance(stage, last)
