"""What travels between the view and the kernel: requests and replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labelscope.errors import DataError

__all__ = ["Reply", "Request"]


@dataclass(frozen=True)
class Request:
    """What the view asks for.

    Parameters
    ----------
    id : str
        Chosen by the view, unique among all views.
    kind : str
        Name of the handler.
    body : mapping
        JSON values.
    buffers : sequence of memoryview
        Binary data.
    """

    id: str
    kind: str
    body: Mapping[str, Any] = field(default_factory=dict)
    buffers: Sequence[memoryview] = ()

    def text(self, name: str, default: str | None = None) -> str:
        """A string of the body."""
        return str(self._value(name, str, default))

    def number(self, name: str, default: int | None = None) -> int:
        """An integer of the body."""
        return int(self._value(name, int, default))

    def decimal(self, name: str, default: float | None = None) -> float:
        """A number of the body."""
        value = self.body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise DataError(f"request {self.kind}: expected {name!r} to be a number, got {type(value).__name__}; reload the view")
        return float(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean of the body."""
        return bool(self._value(name, bool, default))

    def numbers(self, name: str) -> list[int]:
        """A list of integers of the body."""
        values: list[Any] = self._value(name, list, None)
        if not all(isinstance(value, int) for value in values):
            raise DataError(f"request {self.kind}: expected integers in {name!r}; reload the view")
        return values

    def decimals(self, name: str) -> list[float]:
        """A list of numbers of the body, empty where it is not given."""
        values: list[Any] = self._value(name, list, [])
        if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
            raise DataError(f"request {self.kind}: expected numbers in {name!r}; reload the view")
        return [float(value) for value in values]

    def _value(self, name: str, kind: type, default: Any) -> Any:
        value = self.body.get(name, default)
        if value is None or not isinstance(value, kind):
            raise DataError(f"request {self.kind}: expected {name!r} to be {kind.__name__}, got {type(value).__name__}; reload the view")
        return value


@dataclass(frozen=True)
class Reply:
    """What the kernel answers: JSON values and binary buffers."""

    body: Mapping[str, Any] = field(default_factory=dict)
    buffers: Sequence[bytes | memoryview] = ()
