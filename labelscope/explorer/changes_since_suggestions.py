"""What people said since the suggestions were made: it makes the next suggestions better."""

from __future__ import annotations

__all__ = ["ChangesSinceSuggestions"]


class ChangesSinceSuggestions:
    """Decisions on suggestions and verdicts on relations since the suggestions were made.

    Parameters
    ----------
    decided : int
        Suggestions accepted or rejected when they were made.
    """

    def __init__(self, decided: int) -> None:
        self._decided = decided
        self.n_relations = 0

    def report(self, decided: int) -> dict[str, int]:
        """How many there are of each, as JSON, with the suggestions that are decided now."""
        return {"decisions": max(0, decided - self._decided), "relations": self.n_relations}
