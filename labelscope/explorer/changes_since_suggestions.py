"""What people said since the suggestions were made: it makes the next suggestions better."""

from __future__ import annotations

from labelscope.explorer.replies.state import SinceSuggestions

__all__ = ["ChangesSinceSuggestions"]


class ChangesSinceSuggestions:
    """Decisions on suggestions, verdicts on relations, changes of voters and edits of the label set since the suggestions were made.

    Parameters
    ----------
    decided : int
        Suggestions accepted or rejected when they were made.
    """

    def __init__(self, decided: int) -> None:
        self._decided = decided
        self.n_relations = 0
        self.n_voters = 0
        self.n_label_edits = 0

    def report(self, decided: int) -> SinceSuggestions:
        """How many there are of each, with the suggestions that are decided now."""
        return SinceSuggestions(max(0, decided - self._decided), self.n_relations, self.n_voters, self.n_label_edits)
