"""An item and the encoder that its vector came from, cut into parts that can be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from labelscope.compute.vectors import unit_rows
from labelscope.errors import StageError
from labelscope.explain.cell import Cell
from labelscope.explain.image import ImageParts
from labelscope.explain.parts import Parts
from labelscope.explain.text import TextParts
from labelscope.space.encoder import ImageEncoder, TextEncoder, image_encoder, text_encoder
from labelscope.space.image import picture

__all__ = ["Kind", "cut"]

Kind = Literal["text", "image"]
LEAST_LIKE = 0.9  # cosine of an item's vector and what the encoder makes of it, below which it is another encoder
UNIT = 1e-2  # relative difference of lengths up to which a vector is taken as it comes


@dataclass(frozen=True, eq=False)
class _Unit:
    """An encoder that the user gave, its vectors scaled to length 1 as those of the data set are."""

    given: Any

    def prepare(self, image: Any) -> np.ndarray:
        return np.asarray(self.given.prepare(image))

    def encode(self, values: Any) -> np.ndarray:
        found = np.asarray(self.given.encode(values), np.float32)
        return unit_rows(found)


def cut(cell: Cell, weights: np.ndarray, of: Kind | None, encoder: Any = None) -> Parts:
    """The parts of an item: words of its text or patches of its image.

    Parameters
    ----------
    cell : Cell
    weights : float array of shape (n_features,)
        Of the score that is to be explained.
    of : "text", "image" or None
        None takes the column that there is, and of two the one without which the score changes more.
    encoder : object, optional
        What made the embeddings that came with the data set, or the name or folder of its model.

    Raises
    ------
    StageError
        If nothing can be encoded anew, or the encoder is not the one that made the embeddings.
    """
    kinds = _kinds(cell, of, encoder)
    if len(kinds) > 1:  # an empty text beside an image is none, and the other way round
        kinds = [kind for kind in kinds if (_text(cell).strip() if kind == "text" else _has_picture(cell))] or kinds[:1]
    found = [_parts(cell, kind, encoder) for kind in kinds]
    moved = [abs(float((parts.ends[0] - parts.ends[1]) @ weights)) for parts in found]
    return found[int(np.argmax(moved))]


def _kinds(cell: Cell, of: Kind | None, encoder: Any) -> list[Kind]:
    if of not in (None, "text", "image"):
        raise StageError(f'of: expected "text" or "image", got {of!r}')
    dataset = cell.dataset
    columns: list[Kind] = [kind for kind, column in (("text", dataset.text), ("image", dataset.image)) if column is not None]  # type: ignore[misc]
    if isinstance(encoder, str):  # one model sees one kind: of two columns the text, unless the image is asked for
        columns = [kind for kind in columns if of in (None, kind)][:1]
    elif encoder is not None:
        columns = [kind for kind in columns if kind == ("image" if hasattr(encoder, "prepare") else "text")]
    elif dataset.embeddings is not None and cell.model is None:
        raise StageError(
            "attribution: the embeddings came with the data set, expected encoder= (what made them) or predictions with model="
        )
    wanted = [kind for kind in columns if of in (None, kind)]
    if not wanted:
        raise StageError(f"attribution: expected a data set with {of or 'a text or an image'} column to take apart, got none; name it")
    return wanted


def _parts(cell: Cell, kind: Kind, encoder: Any) -> Parts:
    whole = np.asarray(cell.features[cell.row], np.float64)
    if encoder is not None:
        given = _own(cell, kind, encoder) if isinstance(encoder, str) else encoder
        return _cut(cell, kind, _matching(cell, kind, given, whole), whole, slice(None), 1.0)
    dataset, named = cell.dataset, cell.model
    own = _own(cell, kind, named.get(kind) if isinstance(named, Mapping) else named)
    both = dataset.text is not None and dataset.image is not None
    scale = 0.5**0.5 if both else 1.0
    if not both:
        return _cut(cell, kind, own, whole, slice(None), scale)
    width = _raw(cell, kind, own).shape[0]
    place = slice(0, width) if kind == "text" else slice(len(whole) - width, len(whole))
    return _cut(cell, kind, own, whole, place, scale)


def _own(cell: Cell, kind: Kind, model: str | None) -> Any:
    return text_encoder(cell.dataset, model, seed=cell.config.seed) if kind == "text" else image_encoder(cell.dataset, model)


def _cut(cell: Cell, kind: Kind, encoder: Any, whole: np.ndarray, place: slice, scale: float) -> Parts:
    if kind == "text":
        return TextParts(_text(cell), encoder, cell.config.most_words, whole, place, scale)
    return ImageParts(encoder.prepare(_picture(cell)), encoder, cell.config.grid, whole, place, scale)


def _raw(cell: Cell, kind: Kind, encoder: TextEncoder | ImageEncoder) -> np.ndarray:
    """What an encoder makes of the item as it is, (n_encoded,)."""
    if isinstance(encoder, ImageEncoder) and kind == "image":
        return np.asarray(encoder.encode(encoder.prepare(_picture(cell))[None]), np.float64)[0]
    return np.asarray(encoder.encode([_text(cell)]), np.float64)[0]  # type: ignore[arg-type]


def _matching(cell: Cell, kind: Kind, encoder: Any, whole: np.ndarray) -> Any:
    """The user's encoder, once it is seen to make the vector that the item has, up to its length."""
    if not hasattr(encoder, "encode"):
        raise StageError(f"encoder: expected an object with a method encode, got {type(encoder).__name__}")
    found = _raw(cell, kind, encoder)
    lengths = float(np.linalg.norm(found)), float(np.linalg.norm(whole))
    like = float(found @ whole) / max(lengths[0] * lengths[1], 1e-12) if found.shape == whole.shape else 0.0
    unit = abs(lengths[0] - lengths[1]) > UNIT * lengths[1]
    if like < LEAST_LIKE or (unit and abs(lengths[1] - 1) > UNIT):
        raise StageError(
            f"encoder: expected the one that made the embeddings, got one whose vector of this item has shape {found.shape} and cosine "
            f"{like:.2f} with the given one of shape {whole.shape}; name the right one, or leave the embeddings out"
        )
    return _Unit(encoder) if unit else encoder


def _text(cell: Cell) -> str:
    if cell.dataset.text is None:
        raise StageError("attribution: expected a data set with a text column, got none; name it with text=")
    value = cell.dataset.items[cell.dataset.text].cast(pl.String)[cell.row]
    return "" if value is None else str(value)


def _has_picture(cell: Cell) -> bool:
    return cell.dataset.image is not None and cell.dataset.images.has(cell.row)


def _picture(cell: Cell) -> Any:
    if cell.dataset.image is None:
        raise StageError("attribution: expected a data set with an image column, got none; name it with image=")
    found = picture(cell.dataset.images, cell.row)
    if found is None:
        raise StageError("attribution: expected an item with an image, got one without; choose another item")
    return found
