"""Rules as JSON, in a file or a ledger: words, patterns and queries; nothing in it is ever executed."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from labelscope.data.arguments import checked
from labelscope.data.companions import is_path, open_file
from labelscope.data.file_names import check_file_name
from labelscope.data.files import write_files
from labelscope.data.repeated_keys import load_json
from labelscope.errors import DataError
from labelscope.voters.rules import FLAGS, Rule

__all__ = ["SavedRule", "read_rules", "read_saved", "saved_rule", "write_rules", "write_saved"]

MOST_BYTES = 10 << 20


class SavedRule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A rule as it is written: a name, a label, a vote, and one of a query, a regex with flags out of "imsx", and words."""

    name: str
    label: str
    vote: Literal[0, 1] = 1
    query: str | None = None
    regex: str | None = None
    flags: str = ""
    words: tuple[str, ...] | None = None

    def made(self) -> Rule:
        """The rule.

        Raises
        ------
        DataError
            If it is not valid.
        """
        return _made(self)

    @property
    def condition(self) -> str:
        """When it votes, in words."""
        if self.words is not None:
            return f"words: {', '.join(self.words)}"
        return self.query if self.query is not None else f"/{self.regex}/{self.flags}"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    labelscope_rules: Literal[1]
    rules: list[SavedRule]


@checked
def write_rules(rules: Sequence[Any], path: str | os.PathLike[str]) -> None:
    """Write rules of patterns and queries to a JSON file.

    Parameters
    ----------
    rules : sequence of Rule
    path : path
        A file of rules there is replaced; any other file is not.

    Returns
    -------
    None

    Raises
    ------
    DataError
        If a rule is a Python function: its votes can be kept (``rule_votes``), the function cannot. If another file is there,
        or it cannot be written.
    """
    saved = []
    for rule in rules:
        if not isinstance(rule, Rule):
            raise DataError(f"rules: expected a list of Rule, got a {type(rule).__name__} in it; make it with Rule(name, label, when)")
        saved.append(saved_rule(rule))
    write_saved(saved, path)


def saved_rule(rule: Rule) -> SavedRule:
    """A rule as it is written.

    Raises
    ------
    DataError
        If it is a Python function.
    """
    vote: Literal[0, 1] = 1 if rule.vote else 0
    if isinstance(rule.when, re.Pattern):
        flags = "".join(letter for flag, letter in FLAGS if rule.when.flags & flag)
        return SavedRule(rule.name, rule.label, vote, regex=rule.when.pattern, flags=flags)
    if isinstance(rule.when, str):
        return SavedRule(rule.name, rule.label, vote, query=rule.when)
    raise DataError(
        f"rule {rule.name!r}: expected a query or a pattern, got a Python function, which no file may hold; keep its votes instead"
    )


def write_saved(saved: Sequence[SavedRule], path: str | os.PathLike[str]) -> None:
    """Write rules as they are written. Raises as :func:`write_rules`."""
    check_file_name(path, "write_rules")
    if Path(path).exists():
        try:
            read_saved(path)
        except DataError:
            raise DataError(
                f"write_rules: expected a file that may be replaced, got {Path(path).name}, which holds no rules; name another one"
            ) from None
    text = msgspec.json.format(msgspec.json.encode(_File(1, list(saved))), indent=2)
    write_files({Path(path): lambda file: file.write(text + b"\n")}, name="write_rules", inputs=())


def read_rules(path: str | os.PathLike[str]) -> tuple[Rule, ...]:
    """The rules of a file that :func:`write_rules` wrote, or somebody by hand.

    Each has a name, a label and one of "query", "regex" (with "flags" out of i, m, s and x) and "words" (a list), and may
    have "vote": 0.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple of Rule

    Raises
    ------
    DataError
        If the file is missing or too large, is no such JSON, or holds a rule that is not valid.
    """
    return tuple(saved.made() for saved in read_saved(path))


def read_saved(path: str | os.PathLike[str]) -> tuple[SavedRule, ...]:
    """The rules of such a file as they are written. Raises as :func:`read_rules`."""
    if not is_path(path):
        raise DataError(f"rules: expected the path of a JSON file, got {type(path).__name__}; write_rules writes one")
    place = open_file(path, "rules")
    size = place.stat().st_size
    if size > MOST_BYTES:
        raise DataError(f"rules: expected a file of at most {MOST_BYTES >> 20} MiB, got {size >> 20} MiB; this is no file of rules")
    try:
        raw = place.read_bytes()
        told = msgspec.json.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(
            f'rules: expected JSON as {{"labelscope_rules": 1, "rules": [...]}}, got {error} in {place.name}; mend it'
        ) from None
    load_json(raw, "rules")
    for saved in told.rules:
        saved.made()
    return tuple(told.rules)


def _made(saved: SavedRule) -> Rule:
    given = [name for name in ("query", "regex", "words") if getattr(saved, name) is not None]
    if len(given) != 1:
        raise DataError(f"rule {saved.name!r}: expected one of query, regex and words, got {', '.join(given) or 'none'}; give one")
    if saved.query is not None:
        return Rule(saved.name, saved.label, saved.query, saved.vote)
    letters = {letter: flag for flag, letter in FLAGS}
    unknown = sorted(set(saved.flags) - set(letters))
    if unknown:
        raise DataError(f"rule {saved.name!r}: expected flags out of {', '.join(letters)}, got {unknown[0]!r}; leave it out")
    flags = 0
    for letter in saved.flags:
        flags |= letters[letter]
    pattern = saved.regex
    if saved.words is not None:
        if not saved.words or not all(word.strip() for word in saved.words):
            raise DataError(f"rule {saved.name!r}: expected words, got an empty one or none; leave it out")
        pattern, flags = rf"\b(?:{'|'.join(re.escape(word) for word in saved.words)})\b", re.IGNORECASE
    try:
        return Rule(saved.name, saved.label, re.compile(pattern or "", flags), saved.vote)
    except (re.error, OverflowError, RecursionError) as error:
        raise DataError(f"rule {saved.name!r}: expected a regular expression, got {pattern!r} ({error}); mend it") from None
