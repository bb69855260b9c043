"""Arguments of a reading beside the file: they make other parts of a broken file matter, and need not fit it."""

from __future__ import annotations

import random
from typing import Any

import polars as pl

from labelscope.data.readings.registry import READINGS

FORMATS = sorted({name for reading in READINGS for name in reading.formats} | {"long", "plus_minus_one", "nonsense"})
NAMES = ("text", "cat", "dog", "split", "item_id", "tags", "gone")
VALUES: tuple[Any, ...] = (0, -1.5, None, "a", "", "é\u2028", "2024-01-01", float("nan"), float("inf"), 1e300, 2**62, True, [1], b"\xff")


def asked(draw: random.Random) -> dict[str, Any]:
    """Arguments of `read` that come on top, in half of the cases none."""
    if draw.random() < 0.5:
        return {}
    made: dict[str, Any] = {}
    if draw.random() < 0.6:
        made["features"] = draw.sample(NAMES, draw.choice((1, 1, 2, 3)))
    if draw.random() < 0.4:
        made["groups"] = draw.choice(NAMES)
    if draw.random() < 0.4:
        made["text"] = draw.choice(("text", ["text", "split"], ["text", "text"], ["text", "cat"], []))
    if draw.random() < 0.3:
        made["labels_format"] = draw.choice(FORMATS)
    if draw.random() < 0.2:
        made["labels_delimiter"] = draw.choice((";", ",", "", "|", "\x00", "ab"))
    if draw.random() < 0.2:
        made["unlisted"] = draw.choice(("negative", "unknown"))
    if draw.random() < 0.2:
        made["id"] = draw.choice(NAMES)
    if draw.random() < 0.2:
        made["missing"] = draw.choice(([], ["cat"], ["", "-"]))
    return made


def columns(draw: random.Random, embeddings: object) -> dict[str, Any]:
    """Items with columns of every kind for `Dataset.from_arrays`, some of them features, groups and texts; in half of the cases none."""
    if draw.random() < 0.5:
        return {}
    n = next(iter(getattr(embeddings, "shape", ())), 5)
    kinds = {
        "words": [draw.choice(("red", "green", "")) for _ in range(n)],
        "numbers": [draw.choice((0.0, 1.5, None, 1e300, float("inf"))) for _ in range(n)],
        "whole": [draw.randrange(-(2**63), 2**63) for _ in range(n)],
        "same": ["a"] * n,
        "each": [f"é{k}\u2028" for k in range(n)],
        "nothing": [None] * n,
        "mixed": pl.Series([draw.choice(VALUES) for _ in range(n)], dtype=pl.Object),
        "lists": [[k] * (k % 3) for k in range(n)],
        "bytes": [bytes([k % 256]) for k in range(n)],
    }
    made: dict[str, Any] = {"items": pl.DataFrame({name: kinds[name] for name in draw.sample(list(kinds), draw.choice((1, 2, 4)))})}
    made["features"] = draw.sample(made["items"].columns, draw.choice((1, made["items"].width))) if draw.random() < 0.9 else ["gone"]
    if draw.random() < 0.5:
        made["groups"] = draw.choice(made["items"].columns)
    if draw.random() < 0.3:
        made["text"] = draw.sample(made["items"].columns, draw.choice((1, made["items"].width)))
    return made
