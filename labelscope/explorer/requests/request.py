"""A request of a view as it arrives, and its body as the type that was declared for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import inspect

from labelscope.errors import DataError

__all__ = ["Request"]

T = TypeVar("T")


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

    def read(self, asked: type[T]) -> T:
        """The body as one of the types of :mod:`labelscope.explorer.messages`.

        Raises
        ------
        DataError
            If a field is missing, of another type or another word than expected: one line.
        """
        try:
            return msgspec.convert(dict(self.body), asked, strict=True)
        except msgspec.ValidationError as error:
            raise DataError(f"request {self.kind}: {_expected(str(error), asked)}; reload the view") from None


def _expected(error: str, asked: Any) -> str:
    """What was expected instead, with the words to choose from where only some are known."""
    if found := re.fullmatch(r"Invalid (enum )?value (.*) - at `\$\.(\w+)`", error):
        word, value, name = found.groups()
        *first, last = map(str, _words(asked, name))
        known = f"{', '.join(first)} or {last}"
        return f"expected {known if word else f'one of {known}'} for {name}, got {value}"
    if found := re.fullmatch(r"Object missing required field `(\w+)`.*", error):
        return f"expected {found[1]}, got none"
    if found := re.fullmatch(r"Expected `(.*)`, got `(.*)` - at `\$\.(.*)`", error):
        return f"expected {found[3]} to be {found[1]}, got {found[2]}"
    return error[:1].lower() + error[1:]


def _words(asked: Any, name: str) -> Sequence[object]:
    kinds = [asked] if isinstance(asked, type) else get_args(asked)
    if name == "by" and len(kinds) > 1:
        return [kind.tag for kind in inspect.multi_type_info(kinds) if isinstance(kind, inspect.StructType)]
    hints = [get_type_hints(kind).get(name) for kind in kinds]
    return list(dict.fromkeys(word for hint in hints for word in get_args(hint)))
