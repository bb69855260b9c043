"""What a format says of itself to people: what is read, how a decision is written into it, and what is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["AS_LINES", "IN_PLACE", "NOT", "NOTHING", "FormatNotes"]

IN_PLACE = "in place"  # every byte outside the edited value stays as it was
NOT = "not: export to another format"
NOTHING = "nothing"
AS_LINES = "as JSON Lines"


@dataclass(frozen=True)
class FormatNotes:
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
    def page(self) -> str:
        """Name of its page in the documentation, out of what is bold in the title."""
        return re.sub(r"\W+", "_", self.title.split("**")[1].lower())

    @property
    def row(self) -> str:
        """As a row of a Markdown table on a page beside the folder of the formats' pages."""
        _, name, rest = self.title.split("**")
        return f"| [**{name}**](../formats/{self.page}.md){rest} | {self.read} | {self.edited} | {self.written} | {self.lost} |"

    @property
    def facts(self) -> str:
        """As the list on its own page."""
        told = {"Read": self.read, "Exported as it came": self.edited, "Exported from another format": self.written, "Lost": self.lost}
        return "\n".join(f"- **{what}**: {said}" for what, said in told.items())
