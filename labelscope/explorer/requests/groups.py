"""The tab "Novel groups": groups of items that no label explains, and what a person says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.explorer.asked_labels import GroupSaid
from labelscope.explorer.known_groups import KnownGroups
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request

__all__ = ["GroupRequests"]


class GroupRequests:
    """Answers about groups.

    Parameters
    ----------
    groups : KnownGroups
    """

    def __init__(self, groups: KnownGroups) -> None:
        self._groups = groups

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"groups": self.groups, "group_say": self.say}

    def groups(self, _: Request) -> Reply:
        """All groups, with what people said of them."""
        return Reply(self._groups.report())

    def say(self, request: Request) -> Reply:
        """Dismiss a group, take it up again, or name it; all groups as they are then."""
        asked = request.read(GroupSaid)
        self._groups.say(asked.key, asked.do, asked.name)
        return Reply(self._groups.report())
