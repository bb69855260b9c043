"""The tab "Health": what to mend before anybody trains on the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.explorer.known_health import KnownHealth
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request

__all__ = ["HealthRequests"]


class HealthRequests:
    """Answers about health.

    Parameters
    ----------
    health : KnownHealth
    """

    def __init__(self, health: KnownHealth) -> None:
        self._health = health

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"health": self.health}

    def health(self, _: Request) -> Reply:
        """All findings as the labels stand."""
        return Reply(self._health.report())
