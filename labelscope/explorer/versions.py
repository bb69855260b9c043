"""Numbers that say what changed since a view last looked."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable

__all__ = ["Versions"]

KINDS = ("map", "selection", "worklist", "decisions", "pairs", "voters", "health", "groups")


class Versions(UserDict[str, int]):
    """A rising number for the map, the selection, the worklist, the decisions, the label pairs, the voters, the health and groups.

    Parameters
    ----------
    changed : callable
        Called whenever what the view shows is another.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__(dict.fromkeys(KINDS, 0))
        self.changed = changed

    def bump(self, what: str) -> None:
        """Something else is to be shown."""
        self[what] += 1
        self.changed()
