"""What in the names of a column shows that they say more than names: a score, a denial, a number, half of a bracket."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

__all__ = ["doubt_of"]

MOST_NAMES = 20_000
VALUE = r"[+-]?(?:0|[1-9]\d{0,2}|[01]?\.\d+)\s?%?|yes|no|true|false"
VALUED = re.compile(rf"(.*[^\s:=|@(\[])\s*(?:[:=|@]\s*|[(\[]\s*|\sx)(?:{VALUE})\s*[)\]]?", re.IGNORECASE)
SCORED = re.compile(rf"(.*[^\s:=])\s*(?:=\s*(?:{VALUE})|:\s*(?:[01]?\.\d+|[01]\.\d+|\d{{1,3}}\s?%))", re.IGNORECASE)
NUMBERED = re.compile(r"\(?\d{1,2}[.)]\s*(\D.*)")
BEFORE = ("not ", "no ", "not_", "no_", "not-", "no-", "non-", "non_", "without ", "!", "~", "¬", "-", "•", "*", "–")
BEHIND = ("?", "*", "(?)", "(maybe)", "(unsure)", "(uncertain)")
TOKEN_TAG = re.compile(r"[BIESLU][-_][A-Za-z].*|O")
QUOTED = re.compile(r"'[^']+'|`[^`]+`|“[^”]+”|‘[^’]+’|«[^»]+»")
ENDINGS = (".", ",", ";", ":", "<br>", "<br >", "<br/>", "<br />", "\\n", "\\r")
LINE = re.compile(r".*<br ?/?>", re.IGNORECASE)
CALL = re.compile(r"(?:[A-Za-z_][\w.]*\(['\"].*['\"]\)|<\w+\.\w+: .*>)")
JOINTS = re.compile(r"[;|,\n]")
CLOSING = {")": "(", "]": "[", "}": "{"}


def doubt_of(names: Sequence[str]) -> str | None:
    """What is odd about some names, with one of them; None where nothing is.

    Parameters
    ----------
    names : sequence of str

    Examples
    --------
    >>> doubt_of(["boats=0", "boats=1", "food=0", "food=1"])
    "'boats=0', a name with a value"
    >>> doubt_of(["boats", "food"])
    """
    names = names[:MOST_NAMES]
    return next((told for look in LOOKS if (told := look(names)) is not None), None)


def _patterned(names: Sequence[str]) -> str | None:
    """A name with something that is no part of names, where others have it too."""
    found = (
        (_varied(names, VALUED, 2) or _mostly(names, SCORED), "a name with a value"),
        (_mostly(names, QUOTED), "a name in quotes"),
        (_mostly(names, LINE), "a name with a line break of HTML"),
        (_varied(names, NUMBERED, 2), "a name with the number of an item"),
        (_mostly(names, TOKEN_TAG), "the tag of a token"),
    )
    return next((f"{name!r}, {what}" for name, what in found if name is not None), None)


def _paired(names: Sequence[str]) -> str | None:
    """A name beside the same with a mark."""
    if (pair := _ended(names)) is not None:
        return f"{pair[0]!r} beside {pair[1]!r}, which differ in a mark at their end alone"
    if (pair := _twin(names)) is not None:
        return f"{pair[0]!r} beside {pair[1]!r}, a name with a mark that may deny or doubt it, or only list it"
    return None


def _made_of_others(names: Sequence[str]) -> str | None:
    name = _composed(names)
    return None if name is None else f"{name!r}, whose parts are names too"


def _broken(names: Sequence[str]) -> str | None:
    """A name that a split or a program left behind, where a quarter of all are so."""
    for what, odd in (("half of a bracket or of a pair of quotes", _unbalanced), ("a name inside of code", _is_code)):
        found = [name for name in names if odd(name)]
        if len(found) >= 2 and len(found) * 4 >= len(names):
            return f"{found[0]!r}, {what}"
    return None


def _varied(names: Sequence[str], pattern: re.Pattern[str], least: int) -> str | None:
    """A name out of those that say one thing with several values, where at least half of all are so."""
    stems: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if (found := pattern.fullmatch(name)) is not None:
            stems[found[1].strip().casefold()].append(name)
    several = [group for group in stems.values() if len(group) > 1]
    enough = len(several) >= least and sum(map(len, stems.values())) * 2 >= len(names)
    return several[0][0] if enough else None


def _mostly(names: Sequence[str], pattern: re.Pattern[str]) -> str | None:
    """The first of at least two names that are so, where four out of five are."""
    found = [name for name in names if pattern.fullmatch(name)]
    return found[0] if len(found) >= 2 and len(found) * 5 >= len(names) * 4 else None


def _ended(names: Sequence[str]) -> tuple[str, str] | None:
    """A name and the same with a mark behind it that ends sentences or lines, where two names are so."""
    known = set(names)
    found = [(name, bare) for name in names if (bare := _without_endings(name).strip()) != name.strip() and bare in known]
    return found[0] if len(found) >= 2 else None


def _without_endings(name: str) -> str:
    """The name without all marks at its end, taken off one by one: a pattern would look at a long run of them again and again."""
    end = len(name)
    while mark := next((mark for mark in ENDINGS if name[max(0, end - len(mark)) : end].lower() == mark), None):
        end -= len(mark)
    return name[:end]


def _twin(names: Sequence[str]) -> tuple[str, str] | None:
    """A name and the same with a mark, where two names are so."""
    known = set(names)
    tests: list[tuple[str, Callable[[str, str], str]]] = [(mark, str.removeprefix) for mark in BEFORE]
    tests += [(mark, str.removesuffix) for mark in BEHIND]
    for mark, without in tests:
        found = [(name, bare) for name in names if (bare := without(name, mark).strip()) != name.strip() and bare in known]
        if len(found) >= 2:
            return found[0]
    return None


def _composed(names: Sequence[str]) -> str | None:
    """A name that joins others, where two do."""
    known = set(names)
    found = [name for name in names if len(parts := JOINTS.split(name)) > 1 and known.issuperset(map(str.strip, parts))]
    return found[0] if len(found) >= 2 else None


def _unbalanced(name: str) -> bool:
    """Whether brackets or double quotes do not come in pairs."""
    stack: list[str] = []
    for character in name:
        if character in "([{":
            stack.append(character)
        elif character in CLOSING and (not stack or stack.pop() != CLOSING[character]):
            return True
    return bool(stack) or name.count('"') % 2 == 1


def _is_code(name: str) -> bool:
    return CALL.fullmatch(name) is not None


LOOKS: tuple[Callable[[Sequence[str]], str | None], ...] = (_patterned, _paired, _made_of_others, _broken)
