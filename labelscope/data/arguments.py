"""What a public function is called with, checked against what its signature says: a wrong kind of argument is one line."""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from inspect import signature
from numbers import Real
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError, StageError

__all__ = ["checked", "checked_but"]

P = ParamSpec("P")
R = TypeVar("R")
NUMBERS = (Real, np.bool_)
MADE_BY = {
    "Dataset": "make one with labelscope.read(...) or Dataset.from_arrays(...)",
    "Predictions": "pass what predict returns",
    "Findings": "pass what find_issues returns",
    "Relations": "pass what relations returns",
    "LongTail": "pass what long_tail returns",
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which refuses arguments of another kind than its annotations name.

    Only the kind is looked at (a data set, a list, a number, a result of another function); whether a value makes sense is for
    the function to say. What nothing is said about (`Any`) is taken, and so is what must be loaded first to be known.

    Raises
    ------
    DataError
        If the data are of another kind; with the argument, what was expected and what to do.
    StageError
        If the result of another function is, or the configuration.

    Examples
    --------
    >>> @checked
    ... def count(ds: Dataset) -> int:
    ...     return ds.n_items
    >>> count(2)
    Traceback (most recent call last):
    labelscope.errors.DataError: ds: expected a Dataset, got int 2; make one with labelscope.read(...) or Dataset.from_arrays(...)
    """
    return _checked(function, frozenset())


def checked_but(*own: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """:func:`checked`, but for parameters of which the function itself says more, whatever it is given."""
    return lambda function: _checked(function, frozenset(own))


def _checked(function: Callable[P, R], own: frozenset[str]) -> Callable[P, R]:
    parameters = signature(function)
    hints: dict[str, Any] = {}
    shown_name = function.__qualname__.removesuffix(".__init__")
    reads = function.__module__.startswith(__name__.removesuffix("arguments"))

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not hints:
            hints.update(get_type_hints(function, localns=_Names(function)))
        try:
            given = parameters.bind(*args, **kwargs).arguments
        except TypeError:  # an argument too many or too few: Python says it itself, of the function that was called
            return function(*args, **kwargs)
        for name, value in given.items():
            if name in hints and name not in own and not _fits(value, hints[name]):
                of_data = reads or {"Dataset", "Sequence", "Iterable"} & _names(hints[name])
                raise (DataError if of_data else StageError)(
                    f"{name}: expected {_described(hints[name])}, got {_shown(value)}; {_remedy(hints[name], shown_name)}"
                )
        return function(*args, **kwargs)

    return call


class _Names(dict[str, Any]):
    """The names of an annotation; those that are imported for type checkers alone stand for anything."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self._globals = {"Dataset": Dataset} | getattr(function, "__globals__", {})

    def __missing__(self, name: str) -> Any:
        return self._globals.get(name, getattr(builtins, name, Any))


def _fits(value: Any, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return any(_fits(value, part) for part in get_args(hint))
    if hint is None or hint is type(None):
        return value is None
    if origin is Literal:
        return isinstance(value, (str, *NUMBERS))  # which texts and numbers make sense, the function says better
    if hint is str:
        return isinstance(value, str)
    if hint in {int, float, bool}:
        return isinstance(value, NUMBERS)
    if origin in {Sequence, Iterable}:
        listed = isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)) and not hasattr(value, "columns")
        return listed and (get_args(hint)[0] is not str or all(np.isscalar(entry) for entry in value))
    plain = origin or hint
    untold = getattr(plain, "_is_protocol", False) and not getattr(plain, "_is_runtime_protocol", False)
    if plain in {Any, object} or not isinstance(plain, type) or untold:
        return True  # what only needs to have something, and cannot be asked for it, the function describes better
    return isinstance(value, plain)


def _described(hint: Any) -> str:
    parts = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    return " or ".join(dict.fromkeys(_noun(part) for part in parts if part is not type(None)))


def _noun(hint: Any) -> str:
    known = {int: "a whole number", float: "a number", str: "a text", bool: "True or False"}
    origin = get_origin(hint)
    if origin is Literal:
        return " or ".join(map(repr, get_args(hint)))
    if hint in known:
        return known[hint]
    if origin in {Sequence, Iterable}:
        return "a list" + (" of texts" if get_args(hint)[0] is str else "")
    name = getattr(origin or hint, "__name__", str(hint))
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _shown(value: Any) -> str:
    shown = f" {value!r}" if isinstance(value, (str, int, float, bytes)) and len(repr(value)) < 60 else ""
    return "None" if value is None else f"{type(value).__name__}{shown}"


def _names(hint: Any) -> set[str]:
    parts = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    return {getattr(get_origin(part) or part, "__name__", "") for part in parts}


def _remedy(hint: Any, function: str) -> str:
    names = _names(hint)
    return next((remedy for name, remedy in MADE_BY.items() if name in names), f"see help({function})")
