"""The vector of every item: given, or made from its text, its image or both, by what is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from labelscope.compute.cache import cached, content_key
from labelscope.compute.executor import row_blocks
from labelscope.data.dataset import Dataset
from labelscope.data.file_names import check_file_name
from labelscope.data.images import Images
from labelscope.errors import ImageError, StageError
from labelscope.space.image import embed_network, fit_texture
from labelscope.space.text import embed_sentences, embed_tfidf

__all__ = ["embed", "model_version", "textures"]


def embed(ds: Dataset, *, model: str | Mapping[str, str] | None = None, seed: int = 0) -> np.ndarray:
    """Embeddings of all items.

    Embeddings that came with the data set are used as they are, unless a model is named. Otherwise texts become
    TF-IDF reduced by a truncated SVD, images colour-and-texture features; neither needs a download. Where there are
    both, the cosine similarity of two items is the mean of the two similarities.

    Parameters
    ----------
    ds : Dataset
    model : str or mapping, optional
        A sentence-transformers model for the text or a timm model for the image, by name or local folder; with both
        columns ``{"text": ..., "image": ...}``, either of which may be left out.
    seed : int
        Of the truncated SVD.

    Returns
    -------
    float32, shape (n_items, n_features)
        Computed embeddings have rows of length 1 (0 for an empty item, or one whose image cannot be read, which a warning
        counts); given ones are not rescaled. Kept by content.

    Raises
    ------
    StageError
        If there is nothing to embed, a model cannot be loaded or not one image can be read.
    MissingExtra
        If a named model needs a package that is not installed.

    Examples
    --------
    >>> ds = Dataset.from_arrays([[1], [0]], embeddings=np.eye(2, dtype=np.float16))
    >>> embed(ds).dtype.name
    'float32'
    """
    if ds.embeddings is not None and model is None:
        return _as_float32(ds.embeddings)
    columns = {kind: column for kind, column in (("text", ds.text), ("image", ds.image)) if column is not None}
    if not columns:
        raise StageError("embeddings: expected embeddings, a text or an image column, got none; pass embeddings=, text= or image=")
    models = _models(model, columns)
    parts = []
    if "text" in columns:
        parts.append(_embed_text(ds.items[columns["text"]], models.get("text"), seed))
    if "image" in columns:
        parts.append(_embed_image(ds, models.get("image")))
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1) / np.float32(len(parts)) ** 0.5


def _models(model: str | Mapping[str, str] | None, columns: Mapping[str, str]) -> dict[str, str]:
    if model is None:
        return {}
    for name in [model] if isinstance(model, str) else model.values():
        check_file_name(name, "model")  # it may be a folder
    if isinstance(model, str):
        if len(columns) > 1:
            raise StageError(f'model: expected {{"text": ...}} or {{"image": ...}} for a data set with both columns, got {model!r}')
        return dict.fromkeys(columns, model)
    unknown = set(model) - set(columns)
    if unknown:
        raise StageError(f"model: expected models for {' and '.join(columns)} (the columns of this data set), got one for {min(unknown)!r}")
    return dict(model)


def _embed_text(column: pl.Series, model: str | None, seed: int) -> np.ndarray:
    texts = column.cast(pl.String).to_list()
    if model is None:
        return cached(content_key("tfidf", 1, texts, seed), lambda: {"X": embed_tfidf(texts, seed=seed)})["X"]
    return cached(content_key("sentences", 1, texts, model_version(model)), lambda: {"X": embed_sentences(texts, model)})["X"]


def _embed_image(ds: Dataset, model: str | None) -> np.ndarray:
    if model is None:
        embeddings = textures(ds)["X"]
    else:
        images = ds.images
        key = content_key("network", 2, _contents(images), model_version(model))
        embeddings = cached(key, lambda: {"X": embed_network(images, model)})["X"]
    _tell_unread(ds.images, embeddings)
    return embeddings


def _contents(images: Images) -> list[str | None]:
    """What tells the files apart, not their paths; None where there is none or it may not be opened."""

    def content(row: int) -> str | None:
        try:
            data = images.read(row)
        except ImageError:
            return None
        return None if data is None else content_key(data)

    return [content(row) for row in range(len(images))]


def _tell_unread(images: Images, embeddings: np.ndarray) -> None:
    """Say in one line which images could not be read; refuse where not one of them could."""
    blank = [row for row in np.flatnonzero(~embeddings.any(axis=1)).tolist() if images.has(row)]
    problems = images.problems(blank)
    if problems and len(blank) == len(problems) and not embeddings.any():
        raise StageError(f"images: expected some that can be read, got none in {len(problems):,}: {next(iter(problems.values()))}")
    images.tell(problems)


def textures(ds: Dataset) -> dict[str, np.ndarray]:
    """Embeddings "X" of the fixed image encoder, and by their names the arrays of its `Standard`; kept by content."""
    images = ds.images

    def fit() -> dict[str, np.ndarray]:
        embeddings, standard = fit_texture(images)
        return {"X": embeddings, **vars(standard)}

    return cached(content_key("texture", 3, _contents(images)), fit)


def model_version(model: str) -> tuple[Any, ...]:
    """What tells two embedding models apart: the name, or for a folder its files."""
    folder = Path(model)
    if not folder.is_dir():
        return (model,)
    return tuple(
        (str(file.relative_to(folder)), file.stat().st_size, file.stat().st_mtime_ns)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    )


def _as_float32(given: np.ndarray) -> np.ndarray:
    if given.dtype == np.float32 and not isinstance(given, np.memmap):
        return given
    out = np.empty(given.shape, np.float32)
    for block in row_blocks(len(given), given.shape[1] * 8):
        out[block] = given[block]
    return out
