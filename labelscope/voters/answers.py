"""Answers of judges, kept in an SQLite file as they arrive, so that nothing is asked twice and nothing is lost in a kill."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from labelscope.data.file_names import check_file_name
from labelscope.errors import DataError

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Answer", "Answers"]

TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, judge TEXT, value INTEGER, reason TEXT, tokens INTEGER) WITHOUT ROWID"


class Answer(NamedTuple):
    """What a judge said.

    Attributes
    ----------
    value : int
        1, 0, or -1 for undecided.
    reason : str
    tokens : int
        That the answer cost; 0 where that is not known.
    """

    value: int
    reason: str = ""
    tokens: int = 0


class Answers:
    """The answers of a file, or of this call alone.

    Parameters
    ----------
    path : path, optional
        Made if it is not there. Default: kept in memory.

    Raises
    ------
    DataError
        If the file is no such database.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._name = ":memory:" if path is None else str(Path(path))
        check_file_name(self._name, "cache")
        try:
            self._database = sqlite3.connect(self._name, timeout=30)
            others = self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'answers'").fetchone()
            if others is not None:  # a ledger, or a database of somebody else
                raise sqlite3.DatabaseError(f"it holds a table {others[0]}")
            self._database.execute(TABLE)
            self._database.execute("SELECT key, judge, value, reason, tokens FROM answers LIMIT 0")
            self._database.commit()
        except sqlite3.Error as error:
            raise DataError(
                f"cache: expected a file of answers, or a name for a new one, got {self._name} ({error}); name another"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._database.close()

    def get(self, key: str) -> Answer | None:
        """The answer to a question, if there is one.

        Raises
        ------
        DataError
            If the file cannot be read any more.
        """
        try:
            row = self._database.execute("SELECT value, reason, tokens FROM answers WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise DataError(f"cache: expected to read {self._name}, got {error}; restore it from a copy, or name another file") from None
        return None if row is None else Answer(*row)

    def put(self, key: str, judge: str, answer: Answer) -> None:
        """Keep an answer, on the disk before this returns.

        Raises
        ------
        DataError
            If the disk does not take it.
        """
        try:
            self._database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", (key, judge, *answer))
            self._database.commit()
        except sqlite3.Error as error:
            raise DataError(f"cache: expected to write to {self._name}, got {error}; free some space or name another file") from None
