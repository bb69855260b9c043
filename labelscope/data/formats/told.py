"""What a format says of itself to people: what is read, how a decision is written into it, and what is lost."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AS_LINES", "IN_PLACE", "NOT", "NOTHING", "Told"]

IN_PLACE = "in place"  # every byte outside the edited value stays as it was
NOT = "not: export to another format"
NOTHING = "nothing"
AS_LINES = "as JSON Lines"


@dataclass(frozen=True)
class Told:
    """One format, or one tool's shape of it, in the documentation.

    Attributes
    ----------
    title : str
        In Markdown, with its file name endings.
    read : str
        What is read.
    edited : str
        How a table that came so is exported with decisions in it.
    written : str
        Whether a table that came in another format can be exported to it.
    lost : str
        What an export loses.
    formats : tuple of str
        Names for ``format=`` that it explains.
    """

    title: str
    read: str
    edited: str
    written: str
    lost: str
    formats: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """As a row of a Markdown table."""
        return f"| {self.title} | {self.read} | {self.edited} | {self.written} | {self.lost} |"
