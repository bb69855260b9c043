"""What is written on the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.explorer.known_regions import KnownRegions
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request

__all__ = ["RegionRequests"]


class RegionRequests:
    """Answers about regions.

    Parameters
    ----------
    regions : KnownRegions
    """

    def __init__(self, regions: KnownRegions) -> None:
        self._regions = regions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"regions": self.regions}

    def regions(self, _: Request) -> Reply:
        """Regions, hot spots and groups; in the buffer the points of the lines of equal density."""
        shown, lines = self._regions.report()
        return Reply(shown, [b"".join(line.tobytes() for line in lines)])
