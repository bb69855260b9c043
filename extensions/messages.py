"""Write the TypeScript types of what travels between a view and the kernel: ``extensions/widgets/src/messages.ts``.

``python extensions/messages.py`` makes them from the declarations in ``labelscope/explorer/messages.py`` and
``labelscope/explorer/replies``; a test fails where the file is older than these.
"""

from __future__ import annotations

import sys
import textwrap
import types
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from labelscope.explorer import asked, asked_labels, messages
from labelscope.explorer.replies import card, kinds, panels
from labelscope.explorer.replies.reply import ReplyBody

TARGET = Path(__file__).resolve().parent / "widgets" / "src" / "messages.ts"
WIDTH = 120
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", Any: "unknown"}
HEAD = "/** What travels between a view and the kernel. Made by extensions/messages.py: do not edit. */"


def typescript() -> str:
    """The whole file."""
    made = Types()
    lines = [f"  {kind}: [{made.name(asked)}, {made.name(kinds.ANSWERED[kind])}];" for kind, asked in messages.ASKED.items()]
    table = ["/** Body of the request and body of the reply, by kind. */", "export interface Kinds {", *lines, "}"]
    aliases = [_alias(name, made.spelled(hint)) for name, hint in made.words.items()]
    return "\n".join([HEAD, "", *aliases, "", *made.declared(), "\n".join(table), ""])


class Types:
    """The types that were met so far, by their TypeScript names."""

    def __init__(self) -> None:
        modules = (asked, messages, asked_labels, card, panels)
        named = {
            name: value for module in modules for name, value in vars(module).items() if get_origin(value) in {Literal, types.UnionType}
        }
        self.words = {name: value for name, value in named.items() if name[0].isupper()}
        self._classes: dict[type, str] = {}

    def name(self, hint: Any) -> str:
        """A type as TypeScript says it; classes are declared along with it."""
        known = next((name for name, words in self.words.items() if words == hint), None)
        return known or self.spelled(hint)

    def spelled(self, hint: Any) -> str:
        """The same, without the name of an alias."""
        origin, arguments = get_origin(hint), get_args(hint)
        if hint in PLAIN:
            return PLAIN[hint]
        if origin is Literal:
            return " | ".join(f'"{word}"' if isinstance(word, str) else str(word) for word in arguments)
        if origin in {Union, types.UnionType}:
            return " | ".join(self.name(one) for one in arguments if one is not msgspec.UnsetType)
        if origin is list:
            of = self.name(arguments[0])
            return f"({of})[]" if " | " in of else f"{of}[]"
        if origin is tuple:
            return f"[{', '.join(map(self.name, arguments))}]"
        if origin is dict:
            return f"Record<{self.name(arguments[0])}, {self.name(arguments[1])}>"
        if isinstance(hint, type) and (issubclass(hint, msgspec.Struct) or is_dataclass(hint)):
            return self._declare(hint)
        raise TypeError(f"messages: expected a type that travels as JSON, got {hint!r}; say it in TypeScript in extensions/messages.py")

    def declared(self) -> Iterator[str]:
        """The interfaces, in the order of their names."""
        for _, text in sorted((one.__name__, text) for one, text in self._classes.items()):
            yield text

    def _declare(self, one: type) -> str:
        if one not in self._classes:
            self._classes[one] = ""  # a type may speak of itself
            self._classes[one] = "\n".join(self._interface(one))
        return one.__name__

    def _interface(self, one: type) -> Iterator[str]:
        base = next((of for of in one.__bases__ if of not in {msgspec.Struct, asked.Asked, ReplyBody, object}), None)
        hints, inherited = get_type_hints(one), get_type_hints(base) if base else {}
        fields = [(name, hint) for name, hint in hints.items() if name not in inherited and not name.startswith("__")]
        config = getattr(one, "__struct_config__", None)
        tag = [f'  {config.tag_field}: "{config.tag}";'] if config is not None and config.tag is not None else []
        yield from _comment(one)
        if not tag and not fields and base is None:
            yield f"export type {one.__name__} = Record<string, never>;\n"
            return
        yield f"export interface {one.__name__}{f' extends {self.name(base)}' if base else ''} {{"
        yield from tag
        for name, hint in fields:
            start, spelled = f"  {name}{'?' if msgspec.UnsetType in get_args(hint) else ''}:", self.name(hint)
            yield f"{start} {spelled};" if len(start) + len(spelled) + len(" ;") <= WIDTH else f"{start}\n    {spelled};"
        yield "}\n"


def _alias(name: str, spelled: str) -> str:
    line = f"export type {name} = {spelled};"
    if len(line) <= WIDTH:
        return line
    if len(spelled) + len("  ;") <= WIDTH:
        return f"export type {name} =\n  {spelled};"
    return "\n".join([f"export type {name} =", *(f"  | {one}" for one in spelled.split(" | "))]) + ";"


def _comment(one: type) -> Iterator[str]:
    words = " ".join((one.__doc__ or "").split("\n\n")[0].split()).replace("``", "`")
    if len(words) <= WIDTH - len("/**  */"):
        yield f"/** {words} */"
        return
    yield "/**"
    yield from (f" * {line}" for line in textwrap.wrap(words, WIDTH - 3))
    yield " */"


if __name__ == "__main__":
    TARGET.write_text(typescript(), "utf-8")
    sys.stdout.write(f"{TARGET}: written\n")
