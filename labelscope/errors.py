"""The errors that labelscope raises on purpose: one root, one class a phase.

A message is one line and says what was expected, what was got and how to mend it. The command line prints
that line and exits with status 2, so nothing else needs to know which error it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelscope.version import DISTRIBUTION

__all__ = [
    "DataError",
    "ImageError",
    "LabelscopeError",
    "LabelscopeWarning",
    "LedgerError",
    "MissingExtra",
    "OtherDataSet",
    "OutcomeUnknown",
    "ReadingWarning",
    "StageError",
    "UnknownName",
]


LONGEST_MESSAGE = 1000  # characters


class LabelscopeError(Exception):
    """Root of every error that labelscope raises on purpose. Its message is one line, whatever values it quotes."""

    def __str__(self) -> str:
        line = " ".join(super().__str__().splitlines())
        if len(line) <= LONGEST_MESSAGE:
            return line
        half = LONGEST_MESSAGE // 2
        return f"{line[:half]} ... {line[-half:]}"  # the remedy is at the end


class DataError(LabelscopeError, ValueError):
    """The input cannot be used as it is: wrong column, shape, state, file or encoding."""


class UnknownName(DataError):  # noqa: N818 - what the name is
    """A name in a query is none of the data set's.

    Parameters
    ----------
    message : str
    span : (int, int)
        Where the term stands in the query.
    remedies : sequence of (str, str)
        What may have been meant: in words, and the term that says it.
    query : str
        The whole query; with it the remedies are whole queries.
    """

    def __init__(self, message: str, span: tuple[int, int], remedies: Sequence[tuple[str, str]] = (), query: str | None = None) -> None:
        super().__init__(message)
        start, stop = span
        whole = remedies if query is None else [(words, query[:start] + term + query[stop:]) for words, term in remedies]
        self.span = span
        self.remedies = tuple(whole)


class ImageError(DataError):
    """An image that data names or holds may not be opened, is not there or cannot be decoded.

    Parameters
    ----------
    reason : str
        What is wrong, in words that fit "3 of 100 images are ..."; the same for images with the same fault.
    got, remedy, expected : str
        The rest of the line.
    item : object
        Id of the item.
    """

    def __init__(self, reason: str, got: str, remedy: str, expected: str = "a path of a file", item: object = None) -> None:
        super().__init__(f"image of item {item!r}: expected {expected}, got {got}; {remedy}")
        self.reason = reason
        self.got = got
        self.remedy = remedy
        self.expected = expected
        self.item = item

    def of_item(self, item: object) -> ImageError:
        """The same error about an item."""
        return ImageError(self.reason, self.got, self.remedy, self.expected, item)


class StageError(LabelscopeError, RuntimeError):
    """A stage cannot run on this data set (it needs embeddings, positives, ... that are not there)."""


class LedgerError(LabelscopeError, RuntimeError):
    """The ledger cannot take or give a decision: another data set, a locked or full disk, a broken file."""


class OtherDataSet(LedgerError):  # noqa: N818 - what the ledger is about
    """The ledger is about another data set, or about an earlier version of this one.

    Parameters
    ----------
    message : str
    ledger : str
        Its name, as shown to people.
    counts : mapping of str to int, optional
        Where decisions can be carried over to this version: what becomes of how many (:func:`labelscope.carry`).
    command : str, optional
        What carries them over when it is typed: on the command line, or in Python where no command can say it.
    to : str, optional
        The ledger that this would write.
    """

    def __init__(
        self, message: str, ledger: str, *, counts: Mapping[str, int] | None = None, command: str | None = None, to: str | None = None
    ) -> None:
        super().__init__(message)
        self.ledger = ledger
        self.counts = dict(counts or {})
        self.command = command
        self.to = to


class OutcomeUnknown(LedgerError):  # noqa: N818 - what is the case
    """Nobody could say whether a decision was written: the answer to the end of its transaction was lost.

    Parameters
    ----------
    message : str
    client : str
        The id under which the ledger has it, if it has it.
    """

    def __init__(self, message: str, client: str) -> None:
        super().__init__(message)
        self.client = client


class MissingExtra(LabelscopeError, ImportError):  # noqa: N818 - the field's word for it, and short to catch
    """An optional dependency is not installed.

    Parameters
    ----------
    package : str
        Name of the missing distribution.
    extra : str
        The labelscope extra that installs it.
    purpose : str
        What it is needed for, completing the sentence "... needs PACKAGE".
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f'{purpose} needs {package}, which is not installed: pip install "{DISTRIBUTION}[{extra}]"')


class LabelscopeWarning(UserWarning):
    """Part of the input was left out; the line says how much, why, and what would help."""


class ReadingWarning(LabelscopeWarning):
    """A table was read, and there is something about its labels that a person should know."""
