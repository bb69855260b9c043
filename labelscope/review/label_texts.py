"""What a label means, in words that people change while they review: a description and a guideline, in the same ledger.

They are notes of the ledger, with the same rules as its events: append-only, an undo is a note, and the last word that stands counts,
whoever gave it. A text follows its label under another name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labelscope.errors import DataError
from labelscope.review.events import utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.said_notes import Said, SaidNotes

__all__ = ["LONGEST_TEXTS", "LabelText", "LabelTexts", "told"]

LONGEST_TEXTS = {"description": 2000, "guideline": 20_000}


@dataclass(frozen=True, slots=True)
class LabelText(Said):
    """What a label means and how it is given, as somebody wrote it; or the undo of that.

    Attributes
    ----------
    seq : int
        Number that the ledger gave, in the order of commit; 0 before that.
    kind : {"describe", "undo"}
    label : str
        Its name at the time.
    description : str
        What the label means, in a sentence or two; "" for nothing.
    guideline : str
        When it is to be given and when not; "" for nothing.
    reviewer : str
    time : str
        ISO 8601, UTC.
    undoes : int or None
    """

    seq: int
    kind: str
    label: str
    description: str
    guideline: str
    reviewer: str
    time: str
    undoes: int | None = None

    @property
    def key(self) -> str:
        """The label: of several texts the last one stands."""
        return self.label


class LabelTexts(SaidNotes[LabelText]):
    """The texts of labels in a ledger, as one reviewer writes them.

    Parameters
    ----------
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next text.
    """

    def __init__(self, ledger: Ledger, reviewer: Callable[[], str]) -> None:
        super().__init__(ledger, reviewer, "label text", LabelText)

    def write(self, label: str, description: str, guideline: str, *, before: tuple[str, str]) -> LabelText | None:
        """Write both texts of a label; they replace those `before`. None if they are the same.

        Raises
        ------
        DataError
            If a text is too long, or no text.
        LedgerError
            If they could not be made durable; then the earlier ones stand.
        """
        description, guideline = _text("description", description), _text("guideline", guideline)
        wanted = ("describe", self.reviewer, label, description, guideline)
        if (description, guideline) == before:
            return self.pressed_before(wanted)
        note = LabelText(0, "describe", label, description, guideline, self.reviewer, utc_now())
        return self.add(note, wanted)


def told(description: str, guideline: str) -> str:
    r"""Both texts of a label as one, for whoever decides on its cells: a person or a judge.

    Examples
    --------
    >>> told("a dog", "puppies too")
    'a dog\nGuideline: puppies too'
    """
    return "\n".join(filter(None, (description, guideline and f"Guideline: {guideline}")))


def _text(part: str, given: object) -> str:
    """A text without white space at its ends and without what is no letter, digit, sign or white space."""
    most = LONGEST_TEXTS[part]
    if not isinstance(given, str):
        raise DataError(f"{part}: expected a text, got {given!r:.60}; write it in words")
    words = "".join(sign for sign in given.replace("\r\n", "\n") if sign.isprintable() or sign in "\n\t").strip()
    if len(words) > most:
        raise DataError(f"{part}: expected up to {most:,} letters, got {len(words):,}; shorten it")
    return words
