"""The last thing that somebody wanted written, as long as nobody can say whether it was: looked up before anything else is.

Where the answer to the end of a transaction is lost (a server restarts, a cable is pulled), the decision may be in the ledger or not.
To press again must not decide twice, so the next press first asks for the last one by the id under which it was written.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from labelscope.errors import LedgerError, OutcomeUnknown
from labelscope.review.ledger import Ledger
from labelscope.review.ledger_errors import unknown_outcome

__all__ = ["LastPress"]


class LastPress:
    """What one writer wanted last.

    Parameters
    ----------
    ledger : Ledger
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._open: tuple[Hashable, str] | None = None

    @contextmanager
    def remembered(self, wanted: Hashable) -> Iterator[None]:
        """Write what is wanted in this block, and keep in mind that it may be written if nobody can say."""
        try:
            yield
        except OutcomeUnknown as unknown:
            self._open = (wanted, unknown.client)
            raise

    def settle(self, wanted: Hashable) -> tuple[range, bool]:
        """What became of the last press: its numbers, none where nothing was written, and whether that is what is wanted again.

        Raises
        ------
        OutcomeUnknown
            If nobody can say yet.
        """
        if self._open is None:
            return range(0), False
        before, client = self._open
        try:
            numbers = self._ledger.outcome(client)
        except LedgerError as error:
            raise unknown_outcome(self._ledger.name, error, client) from None
        self._open = None
        return numbers, bool(numbers) and before == wanted
