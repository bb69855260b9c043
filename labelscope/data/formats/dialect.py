"""How a delimited text file writes a field: separator, quotes, escapes. Known once, for its values and its bytes alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from labelscope.errors import DataError

__all__ = ["Dialect"]

QUOTES = re.compile(rb'"+')


@dataclass(frozen=True)
class Dialect:
    r"""How the fields of a record are written.

    Attributes
    ----------
    separator : str
        One character.
    quoted : bool
        Whether a quote has a meaning; False for files that use it as a plain character.
    escaped : bool
        Whether a quote inside a quoted field is written ``\"`` (Spark, MySQL), not doubled.
    spaced : bool
        Whether blanks after a separator are no part of the field (``a, "b,c"``).
    lenient : bool
        Whether a quote closes a field only before a separator or the end of the line, and every line is a record.

    Examples
    --------
    >>> Dialect(",", escaped=True).value(rb'"5\" wide"')
    '5" wide'
    """

    separator: str
    quoted: bool = True
    escaped: bool = False
    spaced: bool = False
    lenient: bool = False

    @property
    def plain(self) -> bool:
        """Whether every reader of CSV reads it alike."""
        return not (self.escaped or self.spaced or self.lenient)

    @cached_property
    def _field_pattern(self) -> re.Pattern[bytes]:
        """One field and the separator or the end after it."""
        mark = re.escape(self.separator).encode()
        blanks = rb" *" if self.spaced else rb""
        inside = rb'[^"\\]|\\.|""' if self.escaped else rb'[^"]|""'
        return re.compile(blanks + rb'("(?:' + inside + rb')*"(?=' + mark + rb"|\Z)|[^" + mark + rb"]*)(?:" + mark + rb"|\Z)", re.DOTALL)

    def fields(self, body: bytes) -> list[tuple[int, int]]:
        """Start and end of each field of a record without its line end; blanks that belong to no field are left out."""
        if not self.quoted or b'"' not in body:
            return self._unquoted(body)
        if self.lenient:
            return self._leniently_quoted(body)
        spans: list[tuple[int, int]] = []
        at = 0
        while True:
            found = self._field_pattern.match(body, at)
            if found is None:  # a quote that is never closed: the rest is one field
                spans.append((at, len(body)))
                return spans
            spans.append(found.span(1))
            if found.end() == len(body) and not body.endswith(self.separator.encode(), found.end(1)):
                return spans
            at = found.end()

    def count(self, body: bytes) -> int:
        """Number of fields of a record; 0 if a quote of it is never closed."""
        fields = [body[start:end] for start, end in self.fields(body)]
        closed = all(len(field) > 1 and field.endswith(b'"') for field in fields if field.startswith(b'"'))
        return len(fields) if closed or not self.quoted else 0

    def value(self, field: bytes) -> str | None:
        """What a field says; None if it is left out."""
        if not self.quoted or not field.startswith(b'"'):
            return field.decode() or None
        inner = field[1:-1].replace(b'""', b'"')
        return (inner.replace(b'\\"', b'"') if self.escaped else inner).decode()

    def field(self, value: str | None, *, quoted: bool) -> bytes:
        """A value as a field.

        Raises
        ------
        DataError
            If the file has no quotes and the value needs them.
        """
        if value is None:
            return b""
        special = any(mark in value for mark in (self.separator, '"', "\n", "\r")) or (self.spaced and value != value.lstrip(" "))
        if not self.quoted:
            if value.startswith('"') or any(mark in value for mark in (self.separator, "\n", "\r")):
                raise DataError(f"export: expected labels that a file without quotes can hold, got {value!r}; export to another format")
            return value.encode()
        if not (quoted or special or not value):
            return value.encode()
        return b'"' + value.replace('"', '\\"' if self.escaped else '""').encode() + b'"'

    def canonical(self, body: bytes) -> bytes:
        """The record as every reader of CSV reads it alike."""
        usual = Dialect(self.separator)
        values = [self.value(body[start:end]) for start, end in self.fields(body)]
        return self.separator.encode().join(usual.field(value, quoted=False) for value in values)

    def _leniently_quoted(self, body: bytes) -> list[tuple[int, int]]:
        """Fields where a quote closes one only at its end. Each byte is looked at a few times at most, however many quotes stay open."""
        mark, spans, at, closes = self.separator.encode(), [], 0, True
        while True:
            end = self._closing(body, at) if closes and body.startswith(b'"', at) else None
            if end is None:
                closes = closes and not body.startswith(b'"', at)  # what closes no field here closes none further on
                end = body.find(mark, at)
                end = len(body) if end < 0 else end
            spans.append((at, end))
            if end == len(body):
                return spans
            at = end + 1

    def _closing(self, body: bytes, at: int) -> int | None:
        """Where the quoted field that starts at `at` ends: behind a quote that is not doubled, else behind the last one that may be."""
        last = None
        for run in QUOTES.finditer(body, at + 1):
            if run.end() == len(body) or body.startswith(self.separator.encode(), run.end()):
                last = run.end()
                if (run.end() - run.start()) % 2:
                    break
        return last

    def _unquoted(self, body: bytes) -> list[tuple[int, int]]:
        mark, spans, at = self.separator.encode(), [], 0
        for piece in body.split(mark):
            lead = len(piece) - len(piece.lstrip(b" ")) if self.spaced else 0
            spans.append((at + lead, at + len(piece)))
            at += len(piece) + 1
        return spans
