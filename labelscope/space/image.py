"""Images as vectors: the fixed encoder by default, a timm model by name or folder, in batches.

An image that cannot be read counts as none; :func:`labelscope.space.embed.embed` says which these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labelscope.compute.progress import advance
from labelscope.compute.vectors import unit_rows
from labelscope.data.images import Images
from labelscope.errors import ImageError, StageError
from labelscope.space import optional_packages, texture

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["as_texture", "embed_network", "fit_texture", "load_network", "picture"]

BATCH = 128
STAGE = "image embeddings"


def fit_texture(images: Images) -> tuple[np.ndarray, texture.Standard]:
    """Embeddings of the fixed colour-and-texture encoder, and what makes the vector of a further image.

    Returns
    -------
    embeddings : float32, shape (n_items, at most 256)
        Rows of length 1, or 0 where there is no image.
    standard : Standard
        See :mod:`labelscope.space.texture`.
    """

    def encode(pictures: list[Image]) -> list[np.ndarray]:
        return texture.describe(np.stack([as_texture(one) for one in pictures]))

    rows, batches = _batches(images, encode)
    if not batches:
        return np.zeros((len(images), 1), np.float32), texture.Standard.blank()
    blocks = texture.join(batches)
    standard = texture.fit_standard(blocks)
    return _spread_out(rows, standard.apply(blocks), len(images)), standard


def picture(images: Images, row: int) -> Image | None:
    """An image in RGB as the encoders get it, no finer than they need; None if the item has none.

    Raises
    ------
    ImageError
        If it may not be opened or cannot be read.
    """
    return images.opaque(row, 4 * texture.SIZE)


def as_texture(image: Image) -> np.ndarray:
    """The pixels of an image as the fixed encoder sees them, uint8 (side, side, 3)."""
    side = (texture.SIZE, texture.SIZE)
    return np.array(image.resize(side, resample=3, reducing_gap=2.0))


def load_network(model: str) -> tuple[Any, Callable[[Image], Any], Mapping[str, Any]]:
    """A timm model without its classifier, what prepares an image for it, and the settings of that (mean, std, ...).

    Parameters
    ----------
    model : str
        Name, or a local folder with ``config.json`` and weights.

    Raises
    ------
    MissingExtra
        If timm is not installed.
    StageError
        If the model is not there and cannot be fetched.
    """
    timm = optional_packages.load("timm", "timm", "image", f"image model {model!r}")
    name = f"local-dir:{model}" if Path(model).is_dir() else model
    try:
        network = timm.create_model(name, pretrained=True, num_classes=0).eval()
    except Exception as error:
        remedy = "give a local folder, or leave out model"
        raise StageError(
            f"image model: expected a timm model that can be loaded, got {model!r} ({optional_packages.reason(error)}); {remedy}"
        ) from error
    settings = timm.data.resolve_model_data_config(network)
    return network, timm.data.create_transform(**settings), settings


def embed_network(images: Images, model: str) -> np.ndarray:
    """Pooled features of a timm model, rows of length 1, or 0 where there is no image.

    Parameters
    ----------
    images : Images
    model : str
        Name, or a local folder with ``config.json`` and weights.

    Raises
    ------
    MissingExtra
        If timm is not installed.
    StageError
        If the model is not there and cannot be fetched.
    """
    import torch

    network, prepare, _ = load_network(model)

    def encode(pictures: list[Image]) -> list[np.ndarray]:
        with torch.inference_mode():
            return [network(torch.stack([prepare(one) for one in pictures])).float().numpy()]

    rows, batches = _batches(images, encode)
    features = texture.join(batches)[0] if batches else np.zeros((0, 1), np.float32)
    return _spread_out(rows, unit_rows(features), len(images))


def _batches(images: Images, encode: Callable[[list[Image]], list[np.ndarray]]) -> tuple[list[int], list[list[np.ndarray]]]:
    rows: list[int] = []
    batches = []
    with ThreadPoolExecutor(4) as pool:  # decoding releases the interpreter lock
        for block in _slices(len(images)):
            pictures = list(pool.map(lambda row: _readable(images, row), block))
            rows += [row for row, found in zip(block, pictures, strict=True) if found is not None]
            present = [found for found in pictures if found is not None]
            if present:
                batches.append(encode(present))
            advance(STAGE, block.stop / len(images))
    return rows, batches


def _slices(n_items: int) -> Iterator[range]:
    for start in range(0, n_items, BATCH):
        yield range(start, min(n_items, start + BATCH))


def _spread_out(rows: list[int], features: np.ndarray, n_items: int) -> np.ndarray:
    out = np.zeros((n_items, features.shape[1]), np.float32)
    out[rows] = features
    return out


def _readable(images: Images, row: int) -> Image | None:
    try:
        return picture(images, row)
    except ImageError:
        return None
