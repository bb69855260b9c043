"""The tab "Models": which model is better, on the labels and on the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labelscope.explorer.messages import ModelsAsked
from labelscope.explorer.model_table import ModelTables
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request

__all__ = ["ModelRequests"]


class ModelRequests:
    """Answers about models.

    Parameters
    ----------
    tables : ModelTables
    """

    def __init__(self, tables: ModelTables) -> None:
        self._tables = tables

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"models": self.models}

    def models(self, request: Request) -> Reply:
        """All models, with the average that is asked for."""
        return Reply(self._tables.table(request.read(ModelsAsked).average))
