"""What a reading is: one way in which a column says labels, and what it would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from labelscope.data.readings.column import Column
    from labelscope.data.readings.encoding import LabelEncoding

__all__ = ["Offer", "Reading", "shown"]


@dataclass(frozen=True, eq=False)
class Offer:
    """What a reading would make of a column.

    Attributes
    ----------
    format : str
        What ``labels_format=`` calls it.
    title : str
        The way in words: "names joined by ';'".
    encoding : LabelEncoding
    score : float
        How well it fits, in [0, 1]; .5 is a doubt.
    why : str
        What speaks for it.
    remedy : str
        The argument that chooses it: ``labels_delimiter=';'``.
    refusal : str, optional
        The line that refuses it, although no other reading fits better.
    """

    format: str
    title: str
    encoding: LabelEncoding
    score: float
    why: str
    remedy: str
    refusal: str | None = None


class Reading(Protocol):
    """One way in which a column says its labels."""

    @property
    def formats(self) -> tuple[str, ...]:
        """Names of the way for ``labels_format=``, the usual one first."""

    def offer(self, column: Column, unlisted: str) -> list[Offer]:
        """What it would give, seen from the whole column; nothing where it does not fit."""

    def forced(self, column: Column, unlisted: str, name: str, detail: str) -> Offer:
        """What it gives because the caller says so.

        Parameters
        ----------
        column : Column
        unlisted : {"negative", "unknown"}
        name, detail : str
            ``labels_format="name:detail"``.

        Raises
        ------
        DataError
            If a cell cannot be read so; with its row.
        """


def shown(text: str, most: int = 60) -> str:
    """A cell in a message."""
    return repr(text if len(text) <= most else f"{text[: most - 1]}…")
