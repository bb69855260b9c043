"""Where a result finds what draws it, without knowing what that is.

The data layers know nothing of plotly, and a result that nobody looks at draws nothing. The facade (``labelscope/__init__.py``)
says once which module draws; that module is loaded when the first result is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from labelscope.data.results import Result

__all__ = ["Views", "install", "views"]


class Views(Protocol):
    """What draws results; :mod:`labelscope.views.registry` is the one in use."""

    def figure(self, result: Result, /, **options: Any) -> Figure:
        """The plotly figure of a result. Raises AttributeError if this kind of result has none."""

    def bundle(self, result: Result, /) -> dict[str, Any]:
        """MIME type to data, for ``_repr_mimebundle_``."""

    def page(self, result: Result, /, form: str) -> str:
        """A result that is a page of its own, as "html" or "markdown". Raises AttributeError if it is none."""


_loaders: list[Callable[[], Views]] = []


def install(load: Callable[[], Views]) -> None:
    """Say what draws results from now on.

    Parameters
    ----------
    load : callable
        Gives it; called whenever a result is looked at, so it should be quick the second time.
    """
    _loaders[:] = [load]


def views() -> Views:
    """What draws results."""
    return _loaders[-1]()
