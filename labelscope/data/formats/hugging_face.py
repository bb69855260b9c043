"""Data sets of Hugging Face: one in memory, one that was saved to a folder, and the names of class labels in metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.formats.format import Layout
from labelscope.data.formats.format_notes import FormatNotes
from labelscope.errors import DataError

__all__ = ["NOTES", "class_names", "is_saved", "saved_files", "table_of", "with_class_names"]

NOTES = FormatNotes(
    "**Hugging Face** `Dataset` in memory; the folder of `save_to_disk`",
    "one split, class names",
    "`.arrow` for the file of the folder",
    "as Parquet or Arrow",
    "a folder of several shards becomes one file",
)

KEY = "huggingface"


def class_names(metadata: Mapping[str, str] | None) -> dict[str, tuple[str, ...]]:
    """Names of the ids 0, 1, ... of each column of a ``ClassLabel``, or of lists of them.

    Parameters
    ----------
    metadata : mapping, optional
        Key-value metadata of a file or schema.

    Examples
    --------
    >>> names = {"feature": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "_type": "Sequence"}
    >>> class_names({"huggingface": json.dumps({"info": {"features": {"labels": names}}})})
    {'labels': ('cat', 'dog')}
    """
    try:
        features = json.loads((metadata or {})[KEY])["info"]["features"]
        found = {column: _names(feature) for column, feature in features.items()}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {column: names for column, names in found.items() if names is not None}


def with_class_names(metadata: Mapping[str, str], names: Mapping[str, Any]) -> dict[str, str]:
    """The metadata with the names of class labels that came since.

    Examples
    --------
    >>> before = {"huggingface": '{"info": {"features": {"y": {"names": ["a"], "_type": "ClassLabel"}}}}'}
    >>> class_names(with_class_names(before, {"y": ("a", "b")}))
    {'y': ('a', 'b')}
    """
    known = class_names(metadata)
    new = {column: of for column, of in names.items() if column in known and tuple(of) != known[column]}
    if not new:
        return dict(metadata)
    told = json.loads(metadata[KEY])
    for column, of in new.items():
        _leaf(told["info"]["features"][column])["names"] = list(of)
    return {**metadata, KEY: json.dumps(told)}


def table_of(given: Any) -> tuple[pl.DataFrame, Layout] | None:
    """The table of a ``datasets.Dataset`` and the names of its class labels; None if it is no such object.

    Raises
    ------
    DataError
        If it has several splits, or its rows are only streamed.
    """
    if not type(given).__module__.startswith("datasets."):
        return None
    if isinstance(given, dict):
        raise DataError(f"table: expected one data set, got one with the splits {_listed(given)}; pass one of them, as ds[{min(given)!r}]")
    if not hasattr(given, "num_rows"):
        raise DataError("table: expected a data set in memory, got one that is streamed; load it without streaming=True")
    table = pl.DataFrame(given.with_format("arrow")[:])
    names = class_names({KEY: json.dumps({"info": {"features": given.features.to_dict()}})})
    return table, Layout(label_names=names)


def is_saved(folder: Path) -> bool:
    """Whether a folder is what ``save_to_disk`` writes."""
    return (folder / "state.json").is_file() or (folder / "dataset_dict.json").is_file()


def saved_files(folder: Path) -> list[Path]:
    """The files of a data set that was saved, in order.

    Raises
    ------
    DataError
        If it has several splits, or is not as it was saved.
    """
    try:
        if (folder / "dataset_dict.json").is_file():
            splits = json.loads((folder / "dataset_dict.json").read_text("utf-8"))["splits"]
            one = str(folder / splits[0])
            raise DataError(f"table: expected one data set, got the splits {_listed(splits)} in {folder}; read one of them, as {one!r}")
        files = [folder / str(entry["filename"]) for entry in json.loads((folder / "state.json").read_text("utf-8"))["_data_files"]]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(f"table: expected a data set as save_to_disk writes it in {folder}, got another ({error}); save it again") from None
    outside = [file for file in files if file.parent != folder or not file.is_file()]
    if outside or not files:
        raise DataError(f"table: expected the Arrow files of a saved data set in {folder}, got none called {outside[:1]}; save it again")
    return files


def _listed(names: Any) -> str:
    return ", ".join(map(repr, names))


def _leaf(feature: Any) -> Any:
    """The type of the elements of lists."""
    while isinstance(feature, list) or (isinstance(feature, dict) and isinstance(feature.get("feature"), (dict, list))):
        feature = feature[0] if isinstance(feature, list) else feature["feature"]
    return feature


def _names(feature: Any) -> tuple[str, ...] | None:
    feature = _leaf(feature)
    if not isinstance(feature, dict) or feature.get("_type") != "ClassLabel" or not isinstance(feature.get("names"), list):
        return None
    return tuple(str(name) for name in feature["names"])
