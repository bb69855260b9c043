"""What every reply is: JSON values of a declared type, and binary buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = ["Done", "Reply", "Told", "as_json"]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the view is told."""


class Done(Told, frozen=True):
    """It is done: there is nothing else to say."""


@dataclass(frozen=True)
class Reply:
    """What the kernel answers.

    Parameters
    ----------
    told : Told
    buffers : sequence of bytes or memoryview
        Binary data.
    """

    told: Told = field(default_factory=Done)
    buffers: Sequence[bytes | memoryview] = ()

    @property
    def body(self) -> dict[str, Any]:
        """The JSON values that travel."""
        return as_json(self.told)


def as_json(told: Told) -> dict[str, Any]:
    """What is told as JSON values."""
    body: dict[str, Any] = msgspec.to_builtins(told)
    return body
