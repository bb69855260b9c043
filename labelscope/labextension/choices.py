"""What a person chose, as arguments of :func:`labelscope.read` and back; kept for the next time the table is opened."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
import platformdirs

from labelscope.compute.cache import content_key
from labelscope.data.companions import open_file
from labelscope.data.file_names import check_file_name
from labelscope.data.small_files import read_small
from labelscope.labextension.messages import Choices

__all__ = ["FOLDER", "arguments_of", "choices_of", "keep", "kept", "named_columns", "table_of"]

FOLDER = ".labelscope"
COLUMNS = ("labels", "text", "image", "id", "features", "groups", "split", "values", "rater")


def table_of(path: str | Path) -> Path:
    """The table that a path names, also where the folder beside it was meant.

    Raises
    ------
    DataError
        If there is no such file.
    """
    place = Path(path)
    check_file_name(place, "table")
    place = (place.expanduser() if place.parts[:1] == ("~",) else place).resolve()  # "~table.csv" is a name, not the home of a user
    return open_file(place.with_name(place.name.removesuffix(FOLDER)) if place.name.endswith(FOLDER) else place, "table")


def arguments_of(choices: Choices) -> dict[str, Any]:
    """The arguments of :func:`labelscope.read` that were chosen; one text is no list."""
    said = {name: getattr(choices, name) for name in choices.__struct_fields__ if name != "ledger"}
    if isinstance(choices.text, list):
        said["text"] = choices.text[0] if len(choices.text) == 1 else choices.text or None
    return {name: value for name, value in said.items() if value is not None and not (name == "unlisted" and value == "negative")}


def choices_of(arguments: Mapping[str, Any], ledger: str | None = None) -> Choices:
    """The choices that arguments of :func:`labelscope.read` stand for."""
    known = {name: value for name, value in arguments.items() if name in Choices.__struct_fields__}
    known["text"] = [known["text"]] if isinstance(known.get("text"), str) else known.get("text")
    return msgspec.convert({**known, "ledger": ledger}, Choices)


def named_columns(choices: Choices) -> list[str]:
    """The columns that have a role."""
    values = [getattr(choices, name) for name in COLUMNS]
    return [name for value in values if value for name in ([value] if isinstance(value, str) else value)]


def kept(table: Path) -> Choices | None:
    """What was chosen for a table the last time; None where nothing was, or where it cannot be understood any more."""
    for note in _notes(table):
        with suppress(OSError, msgspec.DecodeError):
            chosen = msgspec.json.decode(read_small(note), type=Choices)
            return chosen if chosen.labels else None
    return None


def keep(table: Path, choices: Choices) -> None:
    """Keep what was chosen beside the ledger, or in the user's own folder where that cannot be written."""
    for note in _notes(table):
        with suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("wb", dir=note.parent, delete=False, suffix=".part") as part:
                part.write(msgspec.json.format(msgspec.json.encode(choices), indent=1))
            os.replace(part.name, note)  # noqa: PTH105 - a name, not a path
            return


def _notes(table: Path) -> tuple[Path, Path]:
    own = Path(platformdirs.user_data_dir("labelscope")) / "tables" / f"{content_key(str(table))}.json"
    return table.with_name(f"{table.name}{FOLDER}") / "columns.json", own
