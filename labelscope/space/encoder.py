"""The map from any text or image to its vector: what :func:`labelscope.space.embed.embed` did to the items of a data set.

An explanation changes an item (a word left out, a patch covered) and asks for the vector of what is left. So the encoder
of a data set has to be applied to what is not in it, in batches, and in the very units of the data set's embeddings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import polars as pl

from labelscope.compute.cache import cached, content_key
from labelscope.compute.vectors import unit_rows
from labelscope.data.dataset import Dataset
from labelscope.errors import StageError
from labelscope.space import texture
from labelscope.space.embed import model_version, textures
from labelscope.space.image import as_texture, load_network
from labelscope.space.text import Tfidf, fit_tfidf, load_sentences, vectorizer_of

__all__ = [
    "REMEMBERED",
    "ImageEncoder",
    "NetworkImages",
    "Sentences",
    "TextEncoder",
    "TextureImages",
    "TfidfTexts",
    "image_encoder",
    "text_encoder",
]

BATCH = 64


@runtime_checkable
class TextEncoder(Protocol):
    """What turns texts into vectors. A sentence-transformers model is one."""

    def encode(self, texts: list[str]) -> np.ndarray:
        """float32, shape (n_texts, n_features)."""
        ...


@runtime_checkable
class ImageEncoder(Protocol):
    """What turns images into vectors, in two steps: an image as the network sees it, and its vector."""

    def prepare(self, image: Any) -> np.ndarray:
        """The pixels of a Pillow image in RGB as the encoder sees them, uint8 (height, width, 3)."""
        ...

    def encode(self, pixels: np.ndarray) -> np.ndarray:
        """float32 (n_images, n_features) of uint8 (n_images, height, width, 3)."""
        ...


@dataclass(frozen=True, eq=False)
class TfidfTexts:
    """The default text encoder.

    Attributes
    ----------
    fitted : Tfidf or None
        None where no text of the data set has a term: every vector is zero.
    """

    fitted: Tfidf | None

    def encode(self, texts: list[str]) -> np.ndarray:
        """Vectors of length 1, or 0 for a text without a known term."""
        return np.zeros((len(texts), 1), np.float32) if self.fitted is None else self.fitted.encode(texts)

    @property
    def words(self) -> bool:
        """Whether terms are words and word pairs (else runs of characters)."""
        return self.fitted is not None and self.fitted.vectorizer.analyzer == "word"


@dataclass(frozen=True, eq=False)
class Sentences:
    """A sentence-transformers model as a text encoder.

    Attributes
    ----------
    model : SentenceTransformer
    """

    model: Any

    def encode(self, texts: list[str]) -> np.ndarray:
        """Vectors of length 1, or 0 for a blank text."""
        rows = [row for row, text in enumerate(texts) if text.strip()]
        if not rows:
            return np.zeros((len(texts), 1), np.float32)
        found = np.asarray(self.model.encode([texts[row] for row in rows], normalize_embeddings=True, show_progress_bar=False))
        out = np.zeros((len(texts), found.shape[1]), np.float32)
        out[rows] = found
        return out


@dataclass(frozen=True, eq=False)
class TextureImages:
    """The default image encoder.

    Attributes
    ----------
    standard : labelscope.space.texture.Standard
    """

    standard: texture.Standard

    def prepare(self, image: Any) -> np.ndarray:
        """The image at the size at which it is described."""
        return as_texture(image)

    def encode(self, pixels: np.ndarray) -> np.ndarray:
        """Vectors of length 1."""
        starts = range(0, len(pixels), BATCH)
        return np.concatenate([self.standard.apply(texture.describe(pixels[start : start + BATCH])) for start in starts])


@dataclass(frozen=True, eq=False)
class NetworkImages:
    """A torch network as an image encoder.

    Attributes
    ----------
    network : torch.nn.Module
        Takes (n, 3, height, width), gives (n, n_features); vectors are scaled to length 1.
    transform : callable
        Makes the tensor (3, height, width) of a Pillow image.
    mean, std : sequence of 3 float
        With which the transform normalises the channels in its last step; 0 and 1 where it does not.

    Examples
    --------
    >>> import torch
    >>> from PIL import Image
    >>> network = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    >>> to_tensor = lambda image: torch.from_numpy(np.asarray(image) / np.float32(255)).permute(2, 0, 1)
    >>> encoder = NetworkImages(network, to_tensor)
    >>> encoder.encode(encoder.prepare(Image.new("RGB", (4, 4), (255, 0, 0)))[None]).tolist()
    [[1.0, 0.0, 0.0]]
    """

    network: Any
    transform: Callable[[Any], Any]
    mean: Sequence[float] = (0.0, 0.0, 0.0)
    std: Sequence[float] = (1.0, 1.0, 1.0)

    def prepare(self, image: Any) -> np.ndarray:
        """What is left of the image after resizing and cropping, before normalising."""
        pixels = self.transform(image).float().permute(1, 2, 0).numpy() * np.asarray(self.std) + np.asarray(self.mean)
        return np.asarray((pixels * 255).round().clip(0, 255).astype(np.uint8))

    def tensor(self, pixels: np.ndarray) -> Any:
        """Prepared pixels (n, height, width, 3) as the network takes them."""
        import torch

        scaled = (pixels / np.float32(255) - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), np.float32))

    def encode(self, pixels: np.ndarray) -> np.ndarray:
        """Vectors of length 1."""
        import torch

        with torch.inference_mode():
            starts = range(0, len(pixels), BATCH)
            found = np.concatenate([self.network(self.tensor(pixels[start : start + BATCH])).float().numpy() for start in starts])
        return unit_rows(found)


def text_encoder(ds: Dataset, model: str | None = None, *, seed: int = 0) -> TextEncoder:
    """The encoder of the text column.

    Parameters
    ----------
    ds : Dataset
    model : str, optional
    seed : int
        As they were given to `embed`.

    Raises
    ------
    StageError, MissingExtra
        If the model cannot be loaded.
    """
    if model is not None:
        return _remembered(("sentences", content_key(model_version(model))), lambda: Sentences(load_sentences(model)))
    if ds.text is None:
        raise StageError("text: expected a data set with a text column, got none; name it with text=")
    texts = ds.items[ds.text].cast(pl.String).to_list()
    key = content_key("tfidf encoder", 1, texts, seed)
    return _remembered(("tfidf", key), lambda: TfidfTexts(_tfidf(texts, key, seed)))


def image_encoder(ds: Dataset, model: str | None = None) -> ImageEncoder:
    """The encoder of the image column; parameters and errors as for :func:`text_encoder`."""
    if model is not None:
        return _remembered(("network", content_key(model_version(model))), lambda: _network(model))
    if ds.image is None:
        raise StageError("image: expected a data set with an image column, got none; name it with image=")
    arrays = textures(ds)
    return TextureImages(texture.Standard(**{name: arrays[name] for name in ("mean", "scale", "kept", "axes")}))


def _network(model: str) -> NetworkImages:
    network, transform, settings = load_network(model)
    return NetworkImages(network, transform, settings["mean"], settings["std"])


def _tfidf(texts: Sequence[str | None], key: str, seed: int) -> Tfidf | None:
    """The fitted map, kept on the disk as its terms, their weights and the axes."""

    def fit() -> dict[str, np.ndarray]:
        fitted = fit_tfidf(texts, seed=seed)
        if fitted is None:
            return {}
        terms = "\n".join(fitted.vectorizer.get_feature_names_out())
        words = np.array(fitted.vectorizer.analyzer == "word")
        return {"axes": fitted.axes, "idf": fitted.vectorizer.idf_, "terms": np.frombuffer(terms.encode(), np.uint8), "words": words}

    return _restored(cached(key, fit))


def _restored(arrays: Mapping[str, np.ndarray]) -> Tfidf | None:
    if not arrays:
        return None
    terms = arrays["terms"].tobytes().decode().split("\n")
    return Tfidf(vectorizer_of(terms, arrays["idf"], words=bool(arrays["words"])), arrays["axes"])


REMEMBERED: dict[tuple[str, str], Any] = {}
_MOST_REMEMBERED = 4


def _remembered(key: tuple[str, str], make: Callable[[], Any]) -> Any:
    """Encoders in use stay in memory, the last few of them."""
    if key not in REMEMBERED:
        while len(REMEMBERED) >= _MOST_REMEMBERED:
            del REMEMBERED[next(iter(REMEMBERED))]
        REMEMBERED[key] = make()
    return REMEMBERED[key]
