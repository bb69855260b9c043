"""What Hugging Face `datasets` writes into the metadata of Parquet and Arrow files: the names of class labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["class_names"]

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


def _names(feature: Any) -> tuple[str, ...] | None:
    while isinstance(feature, list) or (isinstance(feature, dict) and isinstance(feature.get("feature"), (dict, list))):
        feature = feature[0] if isinstance(feature, list) else feature["feature"]
    if not isinstance(feature, dict) or feature.get("_type") != "ClassLabel" or not isinstance(feature.get("names"), list):
        return None
    return tuple(str(name) for name in feature["names"])
