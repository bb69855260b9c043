"""The answers about single items, and about labels by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import UNSET

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.asked_labels import LabelsAsked
from labelscope.explorer.cards import Cards
from labelscope.explorer.messages import ItemAsked, ThumbnailAsked
from labelscope.explorer.replies.card import Label
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.review import FoundLabels, Text, Thumbnail
from labelscope.explorer.requests.request import Request
from labelscope.explorer.second_looks import SecondLooks
from labelscope.views.thumbnails import full_picture, large_enough, thumbnail

__all__ = ["ItemRequests"]

N_FOUND = 50


class ItemRequests:
    """Answers about single items.

    Parameters
    ----------
    dataset : Dataset
    cards : Cards
    looks : SecondLooks
        Nothing tells what was decided on cells that are to be looked at again.
    """

    def __init__(self, dataset: Dataset, cards: Cards, looks: SecondLooks) -> None:
        self._dataset, self._cards, self._looks = dataset, cards, looks

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"text": self.text, "hover": self.hover, "thumbnail": self.thumbnail, "picture": self.picture, "labels": self.labels}

    def text(self, request: Request) -> Reply:
        """The whole text of an item."""
        return Reply(Text(self._cards.text(self._row(request.read(ItemAsked).row))))

    def hover(self, request: Request) -> Reply:
        """What the map shows when the pointer rests on an item."""
        row = self._row(request.read(ItemAsked).row)
        return Reply(self._cards.title(row, self._looks.labels(row)))

    def thumbnail(self, request: Request) -> Reply:
        """A small picture of an item."""
        asked = request.read(ThumbnailAsked)
        return Reply(Thumbnail("image/webp"), [thumbnail(self._dataset, self._row(asked.row), large_enough(asked.pixels))])

    def picture(self, request: Request) -> Reply:
        """The picture of an item at its real resolution."""
        kind, data = full_picture(self._dataset, self._row(request.read(ItemAsked).row))
        return Reply(Thumbnail(kind), [data])

    def labels(self, request: Request) -> Reply:
        """Labels whose name holds the query, those that begin with it first, then the commoner ones."""
        asked = request.read(LabelsAsked)
        query, names, counts = asked.query.strip().lower(), self._dataset.label_names, self._dataset.labels.n_positive
        found = [k for k, name in enumerate(names) if query in name.lower() and self._cards.there[k]]
        found.sort(key=lambda k: (not names[k].lower().startswith(query), -int(counts[k])))
        row = self._row(asked.row) if asked.row >= 0 else -1
        labels = [Label(k, names[k], int(counts[k]), self._cards.chip(row, k) if row >= 0 else UNSET) for k in found[:N_FOUND]]
        return Reply(FoundLabels(labels, len(found)))

    def _row(self, row: int) -> int:
        if not 0 <= row < self._dataset.n_items:
            raise DataError(f"expected an item from 0 to {self._dataset.n_items - 1}, got {row}; reload the view")
        return row
