"""Where errors come from, in the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.explorer.known_sources import KnownSources
from labelscope.explorer.messages import SourcesAsked
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request

__all__ = ["SourceRequests"]


class SourceRequests:
    """Answers about sources.

    Parameters
    ----------
    sources : KnownSources
    """

    def __init__(self, sources: KnownSources) -> None:
        self._sources = sources

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"sources": self.sources}

    def sources(self, request: Request) -> Reply:
        """The values of all columns, shortcuts, and personal data."""
        return Reply(self._sources.table(request.read(SourcesAsked).basis))
