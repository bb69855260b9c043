"""How a table would be read, for the page on which that is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from labelscope.data.inspection import ARGUMENTS, Inspection, inspect, inspect_as_said
from labelscope.data.remedies import remedies_of
from labelscope.errors import DataError
from labelscope.labextension.choices import arguments_of, choices_of, table_of
from labelscope.labextension.messages import Choices, Example, Inspected, Problem, Reading, Remedy
from labelscope.labextension.place import place_of
from labelscope.labextension.remedy_words import remedy_words

__all__ = ["inspect_choices", "problems"]

CONCERNS = {"item ids": "id", "table": "", "values": "values"}
"""The argument that a message is about, where it is called otherwise."""


def inspect_choices(path: str | Path, choices: Choices, *, guess: bool) -> Inspected:
    """What the choices would give, and what does not fit.

    Parameters
    ----------
    path : path
    choices : Choices
    guess : bool
        Whether columns without a role get the one that they seem to have.

    Raises
    ------
    DataError
        If there is no such file.
    """
    table = table_of(path)
    place = place_of(table, choices.ledger)
    try:
        found = (inspect if guess else inspect_as_said)(table, **arguments_of(choices))
    except DataError as error:
        refusals = problems([str(error)])
        return Inspected(choices, 0, [], one_label_each=False, keeps_one=False, refusals=refusals, warnings=[], call="", place=place)
    return Inspected(
        choices=choices_of(found.arguments, choices.ledger) if guess else choices, n_rows=found.n_rows, readings=_readings(found),
        one_label_each=found.one_label_each, keeps_one=found.keeps_one,
        refusals=problems(found.refusals), warnings=problems(found.warnings[len(found.refusals) :]),
        call=found.call.replace(repr(str(table)), repr(table.name), 1), place=place,
    )  # fmt: skip


def problems(lines: Iterable[str]) -> list[Problem]:
    """Lines as problems: what they concern, and what mends them.

    Parameters
    ----------
    lines : iterable of str
        "argument: expected this, got that; pass argument='x'".
    """
    return [Problem(_about(line), line, _remedies(line)) for line in lines]


def _about(line: str) -> str:
    role = line.partition(":")[0]
    role = CONCERNS.get(role, role)
    return role if role in {*ARGUMENTS, "ledger"} and re.fullmatch(r"\w+", role) else ""


def _remedies(line: str) -> list[Remedy]:
    found = remedies_of(line, ARGUMENTS)
    return [Remedy(remedy_words(of), ", ".join(f"{name}={value!r}" for name, value in of.items()), of) for of in found]


def _readings(found: Inspection) -> list[Reading]:
    return [_reading(of) for of in found.readings.iter_rows(named=True)]


def _reading(of: Mapping[str, Any]) -> Reading:
    return Reading(
        title=of["reading"], why=of["why"], argument=next(iter(_remedies(of["argument"])), None),
        n_labels=of["n_labels"], n_positive=of["n_positive"], n_unknown=of["n_unknown"], names=of["examples"],
        examples=[Example(**row) for row in of["rows"]], chosen=of["chosen"],
    )  # fmt: skip
