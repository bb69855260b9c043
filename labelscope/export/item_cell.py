"""An item as a cell of a report's table: its picture or the beginning of its text, and its id."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from labelscope.errors import DataError
from labelscope.export.markup import Cell, item
from labelscope.views.item_text import item_text
from labelscope.views.theme import clip
from labelscope.views.thumbnails import thumbnail

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["excerpt"]

LENGTH = 170
PIXELS = 96


def excerpt(dataset: Dataset, item_id: object) -> Cell:
    """What a person needs to recognise an item."""
    row = dataset.position(item_id)
    return Cell(item(_picture(dataset, row), clip(item_text(dataset, row), LENGTH), clip(str(item_id), 40)), "excerpt")


def _picture(dataset: Dataset, row: int) -> str:
    if dataset.image is None:
        return ""
    try:
        return base64.b64encode(thumbnail(dataset, row, PIXELS)).decode()
    except DataError:
        return ""
