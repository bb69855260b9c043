"""Numbers that more are put behind: an array with room to spare."""

from __future__ import annotations

import numpy as np

__all__ = ["Grown"]

_SPARE = 8  # a growing array gets an eighth of its length as room: a million numbers are seldom copied, and little memory is left unused


class Grown:
    """An array that grows at its end.

    Parameters
    ----------
    values : array of shape (n,)
        Not copied before the array grows.
    """

    def __init__(self, values: np.ndarray) -> None:
        self._room, self._n = values, len(values)

    def __len__(self) -> int:
        return self._n

    @property
    def values(self) -> np.ndarray:
        """The numbers, to read and to write in; what is put behind them later is not in this array."""
        return self._room[: self._n]

    def extend(self, more: np.ndarray | int) -> None:
        """Put numbers, or one number, behind the others."""
        n = self._n + np.size(more)
        if n > len(self._room):
            room = np.empty(n + n // _SPARE + 64, self._room.dtype)
            room[: self._n] = self._room[: self._n]
            self._room = room
        self._room[self._n : n] = more
        self._n = n
