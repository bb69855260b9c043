"""An item in words, for cards, tables and the report."""

from __future__ import annotations

from labelscope.data.dataset import Dataset

__all__ = ["item_text"]


def item_text(dataset: Dataset, row: int, *, separator: str = "; ", n_columns: int = 4) -> str:
    """The text of an item; where it has neither text nor image, its first columns as "name: value".

    Where several columns make the text, each part has the name of its column.

    Parameters
    ----------
    dataset : Dataset
    row : int
        Position of the item.
    separator : str
        Between the columns.
    n_columns : int
        Most columns named.
    """
    if dataset.text_columns:
        parts = ((name, dataset.items[name][row]) for name in dataset.text_columns)
        return "\n\n".join(f"{name}: {value}" for name, value in parts if value is not None and value != "")
    if dataset.text is not None:
        value = dataset.items[dataset.text][row]
        return "" if value is None else str(value)
    if dataset.image is not None:
        return ""
    columns = [name for name in dataset.items.columns if name != "item_id"][:n_columns]
    values = ((name, dataset.items[name][row]) for name in columns)
    return separator.join(f"{name}: {value}" for name, value in values if value is not None and not isinstance(value, bytes))
