"""What the bodies of all requests have in common, and the words that several of them use."""

from __future__ import annotations

from typing import Literal, cast

import msgspec

__all__ = ["Asked", "LabelState", "as_state"]

LabelState = Literal[1, 0, -1]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request."""


def as_state(state: int) -> LabelState:
    """A state as the type of it."""
    return cast("LabelState", state)
