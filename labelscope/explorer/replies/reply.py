"""What every reply is: JSON values of a declared type, and binary buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = ["Done", "Reply", "ReplyBody", "as_json"]


class ReplyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reply says."""


class Done(ReplyBody, frozen=True):
    """It is done: there is nothing else to say."""


@dataclass(frozen=True)
class Reply:
    """What the kernel answers.

    Parameters
    ----------
    content : ReplyBody
    buffers : sequence of bytes or memoryview
        Binary data.
    """

    content: ReplyBody = field(default_factory=Done)
    buffers: Sequence[bytes | memoryview] = ()

    @property
    def body(self) -> dict[str, Any]:
        """The JSON values that travel."""
        return as_json(self.content)


def as_json(content: ReplyBody) -> dict[str, Any]:
    """What a reply says as JSON values."""
    body: dict[str, Any] = msgspec.to_builtins(content)
    return body
