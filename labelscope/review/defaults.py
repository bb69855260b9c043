"""Where a ledger lies and who writes to it, unless told otherwise."""

from __future__ import annotations

import getpass
import os
import re
from contextlib import suppress
from pathlib import Path

import platformdirs

from labelscope.data.dataset import Dataset

__all__ = ["default_place", "default_reviewer", "usual_place", "version_place"]


def default_place(dataset: Dataset) -> Path:
    """Beside the table that was read; in the user's data folder, by fingerprint, for a data set that came from memory.

    Where decisions were carried over to this version of a table, they are in a file of its own.
    """
    usual = usual_place(dataset)
    own = version_place(usual, dataset)
    return own if os.path.exists(own) else usual  # noqa: PTH110 - a name that is too long for the file system is no error here


def version_place(place: Path, dataset: Dataset) -> Path:
    """Beside a ledger that is about another version of the table: the place of one about this version."""
    return place.with_name(f"{place.stem}.{dataset.fingerprint[:8]}{place.suffix or '.sqlite'}")


def usual_place(dataset: Dataset) -> Path:
    """Where the first ledger of a table is made."""
    path = None if dataset.source is None else dataset.source.path
    if path is not None:
        name = re.sub(r"[*?\[\]]", "_", path.name)  # a pattern that several files fit
        return path.with_name(f"{name}.labelscope") / "ledger.sqlite"
    return Path(platformdirs.user_data_dir("labelscope")) / f"{dataset.fingerprint}.labelscope" / "ledger.sqlite"


def default_reviewer() -> str:
    """The environment variable LABELSCOPE_REVIEWER, else the name of the user, else "anonymous"."""
    name = os.environ.get("LABELSCOPE_REVIEWER", "").strip()
    if not name:
        with suppress(KeyError, OSError, ImportError):  # a user without a name, as in some containers
            name = getpass.getuser()
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(name.split())) or "anonymous"
