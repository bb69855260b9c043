"""What the command line shows while it works: one progress bar a stage, on standard error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from labelscope.compute.progress import watch

if TYPE_CHECKING:
    from rich.progress import TaskID
    from typing_extensions import Self

__all__ = ["StageBars", "say", "spelled"]

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

_console = Console(stderr=True)


def say(text: str) -> None:
    """Tell the person something: as it is, whatever brackets it holds, and never broken inside a path."""
    _console.print(spelled(text), highlight=False, markup=False, soft_wrap=True)


def spelled(text: str) -> str:
    r"""Text with its control characters written out: a terminal does what they say, and names come from data.

    Examples
    --------
    >>> spelled("label '\x1b[2J'")
    "label '\\x1b[2J'"
    """
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


class StageBars:
    """Shows the stages one under the other; what a stage reports moves its bar."""

    def __init__(self) -> None:
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=30),
            TimeElapsedColumn(),
            console=_console,
            disable=not _console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Show `name` as running in this block."""
        task: TaskID = self._bars.add_task(name, total=1.0)
        if self._bars.disable:
            say(f"{name} ...")
        with watch(lambda _, done: self._bars.update(task, completed=done)):
            yield
        self._bars.update(task, completed=1.0)
