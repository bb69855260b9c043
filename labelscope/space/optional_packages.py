"""Packages that only some embeddings need: absent, broken or fine, told apart in one line."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from labelscope.errors import MissingExtra, StageError
from labelscope.version import DISTRIBUTION

__all__ = ["load", "reason"]


def load(module: str, package: str, extra: str, purpose: str) -> Any:
    """The module, imported.

    Parameters
    ----------
    module, package, extra : str
        Name to import, distribution it comes in, extra of labelscope that installs it.
    purpose : str
        What needs it.

    Raises
    ------
    MissingExtra
        If it is not installed.
    StageError
        If it is installed but cannot be imported (mismatched versions).
    """
    try:
        return import_module(module)
    except Exception as error:  # a broken installation raises anything
        if find_spec(module.partition(".")[0]) is None:
            raise MissingExtra(package, extra, purpose) from None
        remedy = f'pip install --force-reinstall "{DISTRIBUTION}[{extra}]"'
        raise StageError(f"{purpose}: expected a working {package}, got {type(error).__name__} ({reason(error)}); {remedy}") from error


def reason(error: BaseException) -> str:
    """The first sentence of an error on one line, for the brackets of ours."""
    text = re.sub(r"<_io[^>]*>", "these bytes", str(error))  # an object's address says nothing
    return re.sub(r"\s+", " ", text).strip().split(". ")[0].rstrip(".")[:160] or type(error).__name__
