"""What every stage returns: a frozen result that wraps a polars frame and can show itself.

What draws it is found by its type (:mod:`labelscope.data.view_hook`): a result knows nothing of plotly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.data.view_hook import views

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["Result"]


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """Base of the results: a frame, a figure where there is one, and a static view for every viewer.

    Parameters
    ----------
    frame : polars.DataFrame
        Keyed by names (`item_id`, `label`), never by row position.
    """

    frame: pl.DataFrame

    @property
    def figure(self) -> Figure:
        """The plotly figure of this result, built anew at each access.

        Raises
        ------
        AttributeError
            If this kind of result has no figure.
        """
        return views().figure(self)

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        return f"{type(self).__name__} of {self.frame.height:,} rows"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:  # IPython names what it wants; all of it is small
        return views().bundle(self)

    def __repr__(self) -> str:
        return self.summary()
