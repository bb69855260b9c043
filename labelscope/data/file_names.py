"""Names that no file can have and places that cannot be reached: refused in one line, before the system does it in its own words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from labelscope.errors import DataError

__all__ = ["check_file_name"]

SHOWN = 60  # characters of a name in a message, its end: there it differs from others
ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EBADF}  # whoever reads or writes there has a better message


def check_file_name(given: str | os.PathLike[str], role: str) -> None:
    """Refuse a path that no file can have, or below a folder that may not be entered. Whether there is a file does not matter.

    Parameters
    ----------
    given : str or path
    role : str
        The argument or the command, for the message.

    Raises
    ------
    DataError
        If it is too long, holds a zero byte or half of a character, or may not be looked at.
    """
    try:
        Path(given).stat()
    except ValueError:  # a zero byte; UnicodeEncodeError is one too
        raise DataError(f"{role}: expected a name that a file can have, got {_end(given)}; choose another name") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise DataError(f"{role}: expected a name that a file can have, got {_end(given)}, which is too long; shorten it") from None
        if error.errno not in ABSENT:
            reason = (error.strerror or str(error)).lower()
            raise DataError(f"{role}: expected a place that can be reached, got {_end(given)} ({reason}); name another") from None


def _end(given: str | os.PathLike[str]) -> str:
    name = os.fspath(given)
    return repr(name if len(name) <= SHOWN else f"...{name[-SHOWN:]}")
