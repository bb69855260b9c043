"""Images as vectors: the fixed encoder by default, a timm model by name or folder. Paths or bytes, in batches."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labelscope.compute.progress import advance
from labelscope.errors import StageError
from labelscope.space import optional_packages, texture

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Pictures", "as_texture", "embed_network", "fit_texture", "load_network"]

BATCH = 128
STAGE = "image embeddings"


class Pictures(Sequence[bytes | None]):
    """The files behind a column of paths or bytes, read when asked for.

    Parameters
    ----------
    values : sequence of str, bytes or None
        One an item; None means no image.
    item_ids : sequence
        To name the item in an error.
    folder : pathlib.Path, optional
        Where relative paths start.
    """

    def __init__(self, values: Sequence[Any], item_ids: Sequence[Any], folder: Path | None = None) -> None:
        self.values = values
        self.item_ids = item_ids
        self.folder = folder or Path()

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, row: Any) -> Any:
        value = self.values[row]
        if value is None or isinstance(value, bytes):
            return value
        try:
            return (self.folder / str(value)).expanduser().read_bytes()
        except OSError as error:
            raise StageError(
                f"image of item {self.item_ids[row]!r}: expected a file, got {value!r} ({error.strerror}); correct the path"
            ) from None

    def picture(self, row: int) -> Image | None:
        """The image of one item in RGB, or None where it has none.

        Raises
        ------
        StageError
            If the file is not there or is no image.
        """
        from PIL import Image, ImageOps

        data = self[row]
        if data is None:
            return None
        try:
            with Image.open(io.BytesIO(data)) as opened:
                opened.draft("RGB", (4 * texture.SIZE, 4 * texture.SIZE))  # a JPEG is decoded no finer than needed
                return ImageOps.exif_transpose(_opaque(opened))
        except Exception as error:
            broken = f"image of item {self.item_ids[row]!r}: expected a picture that Pillow reads, got another file"
            raise StageError(f"{broken} ({optional_packages.reason(error)}); replace it or leave it empty") from error


def fit_texture(pictures: Pictures) -> tuple[np.ndarray, texture.Standard]:
    """Embeddings of the fixed colour-and-texture encoder, and what makes the vector of a further image.

    Returns
    -------
    embeddings : float32, shape (n_items, at most 256)
        Rows of length 1, or 0 where there is no image.
    standard : Standard
        See :mod:`labelscope.space.texture`.
    """

    def encode(images: list[Image]) -> list[np.ndarray]:
        return texture.describe(np.stack([as_texture(image) for image in images]))

    rows, batches = _batches(pictures, encode)
    if not batches:
        return np.zeros((len(pictures), 1), np.float32), texture.Standard.blank()
    blocks = texture.join(batches)
    standard = texture.fit_standard(blocks)
    return _spread_out(rows, standard.apply(blocks), len(pictures)), standard


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


def embed_network(pictures: Pictures, model: str) -> np.ndarray:
    """Pooled features of a timm model, rows of length 1, or 0 where there is no image.

    Parameters
    ----------
    pictures : Pictures
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

    def encode(images: list[Image]) -> list[np.ndarray]:
        with torch.inference_mode():
            return [network(torch.stack([prepare(image) for image in images])).float().numpy()]

    rows, batches = _batches(pictures, encode)
    features = texture.join(batches)[0] if batches else np.zeros((0, 1), np.float32)
    norm = np.linalg.norm(features, axis=1, keepdims=True)
    return _spread_out(rows, features / np.where(norm > 0, norm, 1), len(pictures))


def _batches(pictures: Pictures, encode: Callable[[list[Image]], list[np.ndarray]]) -> tuple[list[int], list[list[np.ndarray]]]:
    rows: list[int] = []
    batches = []
    with ThreadPoolExecutor(4) as pool:  # decoding releases the interpreter lock
        for block in _slices(len(pictures)):
            images = list(pool.map(pictures.picture, block))
            rows += [row for row, image in zip(block, images, strict=True) if image is not None]
            present = [image for image in images if image is not None]
            if present:
                batches.append(encode(present))
            advance(STAGE, block.stop / len(pictures))
    return rows, batches


def _slices(n_items: int) -> Iterator[range]:
    for start in range(0, n_items, BATCH):
        yield range(start, min(n_items, start + BATCH))


def _spread_out(rows: list[int], features: np.ndarray, n_items: int) -> np.ndarray:
    out = np.zeros((n_items, features.shape[1]), np.float32)
    out[rows] = features
    return out


def _opaque(image: Image) -> Image:
    """RGB, with white behind what is transparent."""
    from PIL.Image import alpha_composite, new

    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    white = new("RGBA", layered.size, "white")
    return alpha_composite(white, layered).convert("RGB")
