"""An item as a cell of a report's table: its picture or the beginning of its text, and its id."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

from labelscope.errors import DataError
from labelscope.export.markup import Cell, Html
from labelscope.views.item_text import item_text
from labelscope.views.theme import clip
from labelscope.views.thumbnails import thumbnail

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["excerpt"]

LENGTH = 170
PIXELS = 96


def excerpt(dataset: Dataset, item_id: object) -> Cell:
    """What a person needs to recognise an item; everything that came from data is escaped."""
    row = dataset.position(item_id)
    picture = _picture(dataset, row)
    words = clip(item_text(dataset, row), LENGTH)
    text = f"{html.escape(words)} " if words else ""
    return Cell(Html(f'{picture}{text}<span class="item">item {html.escape(clip(str(item_id), 40))}</span>'), "excerpt")


def _picture(dataset: Dataset, row: int) -> str:
    if dataset.image is None:
        return ""
    try:
        data = base64.b64encode(thumbnail(dataset, row, PIXELS)).decode()
    except DataError:
        return ""
    return f'<img src="data:image/webp;base64,{data}" alt="Picture of the item" width="64" height="64">'
