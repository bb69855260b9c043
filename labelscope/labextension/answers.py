"""The answers to the requests of the JupyterLab extension."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import polars as pl

from labelscope import version
from labelscope.errors import LabelscopeError, OtherDataSet
from labelscope.labextension import messages
from labelscope.labextension.inspected import inspect_choices, problems
from labelscope.labextension.messages import (
    Asked,
    Carry,
    CarryAsked,
    Head,
    InspectAsked,
    LookAsked,
    OpenAsked,
    PrepareAsked,
    Prepared,
    Refused,
)
from labelscope.labextension.preview import look
from labelscope.labextension.tables import carry_over, open_table, prepare

__all__ = ["answer"]


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one request; bad input comes back as words, never as a traceback.

    Parameters
    ----------
    request : mapping
        One of :mod:`labelscope.labextension.messages`, as JSON.

    Returns
    -------
    dict
        The fields of a `Head`, and of a `Look`, `Inspected`, `Prepared`, `Opened`, `Carried` or `Refused`, as JSON.
    """
    head = Head(messages.PROTOCOL, version.__version__)
    return {**msgspec.to_builtins(head), **msgspec.to_builtins(_answered(request))}


def _answered(request: Mapping[str, Any]) -> msgspec.Struct:
    try:
        asked = msgspec.convert(dict(request), LookAsked | InspectAsked | PrepareAsked | OpenAsked | CarryAsked)
    except msgspec.ValidationError as error:
        return Refused(f"request: expected one that this version knows, got another ({error}); update labelscope in this kernel")
    try:
        return _ANSWERS[type(asked)](asked)
    except OtherDataSet as refused:
        told = Carry(refused.ledger, refused.counts, refused.command, refused.to) if refused.command else None
        return Refused(str(refused), problems([str(refused)])[0], told)
    except (LabelscopeError, OSError, MemoryError, pl.exceptions.PolarsError) as error:
        line = " ".join(str(error).split()) or type(error).__name__
        return Refused(line, problems([line])[0])


def _look(asked: LookAsked) -> msgspec.Struct:
    return look(asked.path, separator=asked.separator, columns=asked.columns)


def _inspect(asked: InspectAsked) -> msgspec.Struct:
    return inspect_choices(asked.path, asked.choices, guess=asked.guess)


def _prepare(asked: PrepareAsked) -> msgspec.Struct:
    prepare(asked.path, asked.choices)
    return Prepared()


def _open(asked: OpenAsked) -> msgspec.Struct:
    return open_table(asked.path, asked.choices, asked.reviewer)


def _carry(asked: CarryAsked) -> msgspec.Struct:
    return carry_over(asked.path, asked.choices, dry_run=asked.dry_run)


_ANSWERS: dict[type[Asked], Callable[[Any], msgspec.Struct]] = {
    LookAsked: _look,
    InspectAsked: _inspect,
    PrepareAsked: _prepare,
    OpenAsked: _open,
    CarryAsked: _carry,
}
