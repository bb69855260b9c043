"""A condition on the figures of a scan, as ``--fail-if`` takes it: comparisons of names and numbers, joined by and, or, not.

Read by a grammar of its own: nothing of it is ever run as code.

    condition  = all_of ("or" all_of)*
    all_of     = one ("and" one)*
    one        = "not" one | "(" condition ")" | side ("<" | "<=" | ">" | ">=" | "==" | "!=") side
    side       = name | number
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from labelscope.errors import DataError

__all__ = ["Condition"]

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_.]*)|(<=|>=|==|!=|<|>|\(|\)))")
WORDS = {"and", "or", "not"}
DEEPEST = 50  # brackets and nots within each other
EXAMPLE = "'suggestions > 100 and cardinality < 2'"


@dataclass(frozen=True)
class Condition:
    """A condition that was read.

    Attributes
    ----------
    text : str
        As it was typed.
    names : tuple of str
        The figures that it asks for, in order, each once.
    """

    text: str
    names: tuple[str, ...]
    _holds: Callable[[Mapping[str, float]], bool]

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition.

        Parameters
        ----------
        text : str

        Raises
        ------
        DataError
            If it does not follow the grammar, with the place.

        Examples
        --------
        >>> condition = Condition.parse("suggestions > 100 and not (n_items < 10)")
        >>> condition.names, condition.holds({"suggestions": 120, "n_items": 50})
        (('suggestions', 'n_items'), True)
        """
        reader = _Reader(text, _tokens(text))
        holds = reader.condition(0)
        reader.end()
        return cls(text, tuple(dict.fromkeys(reader.names)), holds)

    def check(self, known: Mapping[str, str | None]) -> None:
        """Refuse names that are no figures of the scan, and figures that are not measured.

        Parameters
        ----------
        known : mapping of name to None, or to why it is not measured

        Raises
        ------
        DataError
            With the names that there are, or with the reason.
        """
        for name in self.names:
            if name not in known:
                near = get_close_matches(name, known, n=3, cutoff=0.6)
                hint = f"did you mean {' or '.join(near)}? " if near else ""
                raise DataError(f"--fail-if: expected names of figures, got {name!r}; {hint}there are {', '.join(sorted(known))}")
            if (reason := known[name]) is not None:
                raise DataError(f"--fail-if: expected figures that are measured, got {name!r}, which is not: {reason}")

    def holds(self, values: Mapping[str, float]) -> bool:
        """Whether it holds for these figures."""
        return self._holds(values)


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = TOKEN.match(text, place)
        if match is None:
            wrong = text[place:].strip()[:20]
            raise DataError(
                f"--fail-if: expected names, numbers, comparisons, and, or, not, brackets, got {wrong!r}; write it as {EXAMPLE}"
            )
        found.append(match[0].strip())
        place = match.end()
    return found


class _Reader:
    """What is left to read."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text, self.tokens, self.at = text, tokens, 0
        self.names: list[str] = []

    def condition(self, depth: int) -> Callable[[Mapping[str, float]], bool]:
        parts = [self.all_of(depth)]
        while self.take("or"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else lambda values: any(part(values) for part in parts)

    def all_of(self, depth: int) -> Callable[[Mapping[str, float]], bool]:
        parts = [self.one(depth)]
        while self.take("and"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else lambda values: all(part(values) for part in parts)

    def one(self, depth: int) -> Callable[[Mapping[str, float]], bool]:
        if depth > DEEPEST:
            raise DataError(f"--fail-if: expected at most {DEEPEST} brackets within each other, got more; leave some out")
        if self.take("not"):
            inner = self.one(depth + 1)
            return lambda values: not inner(values)
        if self.take("("):
            inside = self.condition(depth + 1)
            if not self.take(")"):
                raise self.refusal("a closing bracket")
            return inside
        left, sign = self.side(), self.token
        if sign not in COMPARISONS:
            raise self.refusal(f"one of {' '.join(COMPARISONS)}")
        self.at += 1
        right, compare = self.side(), COMPARISONS[sign]
        return lambda values: compare(left(values), right(values))

    def side(self) -> Callable[[Mapping[str, float]], float]:
        token = self.token
        if token and (token[0].isdigit() or token[0] == "."):
            self.at += 1
            number = float(token)
            return lambda _: number
        if not token or token in WORDS or not (token[0].isalpha() or token[0] == "_"):
            raise self.refusal("a name or a number")
        self.at += 1
        self.names.append(token)
        return lambda values: values[token]

    def end(self) -> None:
        if self.at < len(self.tokens):
            raise self.refusal("and, or, or the end")

    @property
    def token(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, word: str) -> bool:
        if self.token != word:
            return False
        self.at += 1
        return True

    def refusal(self, expected: str) -> DataError:
        before = " ".join(self.tokens[: self.at])[-40:]
        place = f" after {before!r}" if before else ""
        return DataError(f"--fail-if: expected {expected}{place}, got {self.token or 'the end'!r}; write it as {EXAMPLE}")
