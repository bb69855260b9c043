"""What a table writes for a label (a name, an id, a code) and the name that the data set gives it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from labelscope.errors import DataError

__all__ = ["Vocabulary", "build_vocabulary", "whole_number"]

MOST_SHOWN = 12  # names in a line
LONGEST_ID = 19  # digits of an integer that a column can hold
FLOAT_ID = re.compile(r"\d+\.0+")  # an id that went through a column of floats
LabelNames = Sequence[str] | Mapping[object, object]


@dataclass(frozen=True)
class Vocabulary:
    """Tokens, as written, and names, by label position.

    Attributes
    ----------
    tokens : tuple of str
        Integers as their decimal text.
    label_names : tuple of str
    """

    tokens: tuple[str, ...]
    label_names: tuple[str, ...]

    def extended(self, names: tuple[str, ...], *, ids: bool = False) -> Vocabulary:
        """The vocabulary with more labels; where tokens are ids, not names, a new label gets the next id.

        Parameters
        ----------
        names : tuple of str
        ids : bool
            Whether the table can hold integers alone.

        Raises
        ------
        DataError
            If the table writes another label as a new one is called.

        Examples
        --------
        >>> Vocabulary(("0", "1"), ("cat", "dog")).extended(("owl",)).tokens
        ('0', '1', '2')
        """
        numbered = all(token.isdecimal() and len(token) < LONGEST_ID for token in self.tokens) and (ids or self.tokens != self.label_names)
        first = max((int(token) for token in self.tokens), default=-1) + 1 if numbered else 0
        tokens = tuple(str(first + k) for k in range(len(names))) if numbered else names
        if taken := set(tokens) & set(self.tokens):
            token = min(taken)
            other = self.label_names[self.tokens.index(token)]
            raise DataError(
                f"export: expected a new label whose name the column does not use for another, got {token!r}, which stands for"
                f" {other!r}; rename the new label"
            )
        return Vocabulary((*self.tokens, *tokens), (*self.label_names, *names))

    @cached_property
    def _kind(self) -> pl.Enum:
        return pl.Enum(self.tokens)

    def positions(self, tokens: pl.Series) -> np.ndarray:
        """Label positions of tokens, int64.

        Raises
        ------
        DataError
            On a token that is in no label.
        """
        found = tokens.cast(self._kind, strict=False).to_physical()  # half the time of a join
        if found.null_count():
            bad = tokens.filter(found.is_null())
            raise DataError(
                f"labels: expected one of the {len(self.tokens)} label names, got {bad[0]!r} ({bad.n_unique()} unknown);"
                " add it to label_names"
            )
        return found.cast(pl.Int64).to_numpy()


def build_vocabulary(occurring: pl.Series, given: LabelNames | None, declared: Sequence[str] = ()) -> Vocabulary:
    """The vocabulary of a table.

    Parameters
    ----------
    occurring : polars.Series of str
        Unique tokens of the table.
    given : sequence or mapping, optional
        Names in the order of the labels; if all tokens are integers that are no names, token k is the name number k.
        Or a mapping of token to name (or of name to integer token).
    declared : sequence of str
        Tokens that the table's type declares (categories of an Enum), whether or not they occur.

    Returns
    -------
    Vocabulary
        Without `given`: the declared tokens, then the occurring ones, integers in numeric order, others sorted.

    Raises
    ------
    DataError
        On a token without a name, a name that two tokens share, or an empty name.
    """
    floats = len(occurring) > 0 and bool(occurring.str.contains(f"^{FLOAT_ID.pattern}$").all())
    if given is not None and floats and not occurring.is_in([str(name) for name in given]).any():
        whole = build_vocabulary(occurring.str.extract(r"^(\d+)", 1).unique(maintain_order=True), given, declared)
        written = {whole_number(token): token for token in occurring.to_list()}
        return Vocabulary(tuple(written.get(token, f"{token}.0") for token in whole.tokens), whole.label_names)
    if isinstance(given, Mapping):
        vocabulary = _from_mapping(given)
    elif given is not None:
        vocabulary = _from_sequence(tuple(str(name) for name in given), occurring)
    else:
        tokens = (*declared, *sorted(set(occurring.to_list()) - set(declared), key=_natural))
        numbers = tuple(map(whole_number, tokens)) if all(FLOAT_ID.fullmatch(token) for token in tokens) else tokens
        vocabulary = Vocabulary(tokens, numbers if len(set(numbers)) == len(tokens) else tokens)
    if any(not name.strip() for name in vocabulary.label_names):
        raise DataError("labels: expected label names, got an empty one; name it or remove it")
    for named in (vocabulary.tokens, vocabulary.label_names):
        if len(set(named)) != len(named):
            twice = next(name for name, n in Counter(named).items() if n > 1)
            raise DataError(f"label_names: expected each name once, got {twice[:60]!r} more than once; remove or rename one")
    vocabulary.positions(occurring)
    return vocabulary


def whole_number(token: str) -> str:
    """A whole number as one writes it, where it is written as a float: 17 for 17.0."""
    return token.partition(".")[0] if FLOAT_ID.fullmatch(token) else token


def _from_sequence(names: tuple[str, ...], occurring: pl.Series) -> Vocabulary:
    as_ids = occurring.str.contains(r"^\d+$").all() and not occurring.is_in(names).all()
    if not as_ids:
        return Vocabulary(names, names)
    numbers = occurring.cast(pl.UInt64, strict=False)
    if len(occurring) and numbers.max() == len(names) and (numbers >= 1).all():
        mapping = {str(k): name for k, name in enumerate(names, 1)}
        told = f"label_names={mapping!r}" if len(names) <= MOST_SHOWN else "label_names= with the number of each name"
        raise DataError(
            f"labels: expected ids from 0 to {len(names) - 1} (there are {len(names)} label names), got ids from {numbers.min()} to"
            f" {len(names)}; pass {told} if the first name has the number 1"
        )
    too_large = occurring.filter(occurring.cast(pl.UInt64, strict=False).fill_null(len(names)) >= len(names))
    if len(too_large):
        raise DataError(
            f"labels: expected ids from 0 to {len(names) - 1} (there are {len(names)} label names), got {too_large[0]}; add its name"
        )
    return Vocabulary(tuple(str(k) for k in range(len(names))), names)


def _from_mapping(given: Mapping[object, object]) -> Vocabulary:
    inverted = all(isinstance(value, int) for value in given.values()) and not all(str(key).isdigit() for key in given)
    pairs = [(str(value), str(key)) if inverted else (str(key), str(value)) for key, value in given.items()]
    names = [name for _, name in pairs]
    if len(set(names)) != len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise DataError(f"label_names: expected a name of its own for each id, got {twice!r} more than once; rename one")
    return Vocabulary(tuple(token for token, _ in pairs), tuple(names))


def _natural(token: str) -> tuple[int, int, str, str]:
    """Sorts integers by their value (more digits: larger; a text of a million digits is never made a number), others behind."""
    number = whole_number(token)
    digits = number.lstrip("0") if number.isascii() and number.isdigit() else None
    return (1, 0, token, token) if digits is None else (0, len(digits), digits, token)
