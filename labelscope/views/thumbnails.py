"""Small pictures of image items, for cards and reports."""

from __future__ import annotations

import base64
import io

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError

__all__ = ["as_png_uri", "full_picture", "large_enough", "thumbnail"]

SIZES = (128, 256, 512)  # pixels of the longer side: an image is made in few sizes, so that it is seldom made twice


def thumbnail(dataset: Dataset, row: int, size: int = SIZES[0]) -> bytes:
    """A WebP of at most `size` x `size` pixels of an item's image.

    Raises
    ------
    DataError
        If the data set has no images, the item has none, or this one may not be opened or cannot be read.
    """
    picture = dataset.images.open(row, size)
    if picture is None:
        raise DataError(f"image: expected an item with an image, got item {dataset.item_ids[row]!r} without one")
    picture.thumbnail((size, size))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=82, method=2)
    return out.getvalue()


def large_enough(pixels: int) -> int:
    """The smallest of the sizes that is sharp where a picture is shown at so many pixels, or the largest one.

    Examples
    --------
    >>> large_enough(100), large_enough(200), large_enough(4000)
    (128, 256, 512)
    """
    return next((size for size in SIZES if size >= pixels), SIZES[-1])


def full_picture(dataset: Dataset, row: int) -> tuple[str, bytes]:
    """MIME type and bytes of an item's image at its own resolution: JPEG, or PNG where it is transparent. Raises as :func:`thumbnail`."""
    picture = dataset.images.open(row)
    if picture is None:
        raise DataError(f"image: expected an item with an image, got item {dataset.item_ids[row]!r} without one")
    out = io.BytesIO()
    if picture.mode == "RGB":
        picture.save(out, "JPEG", quality=92, subsampling=0)
        return "image/jpeg", out.getvalue()
    picture.save(out, "PNG", compress_level=1)
    return "image/png", out.getvalue()


def as_png_uri(picture: bytes) -> tuple[str, int, int]:
    """A picture that we made for a figure: the URI that holds it as PNG, its width and its height."""
    from PIL import Image

    with Image.open(io.BytesIO(picture), formats=["PNG", "WEBP"]) as opened:
        out = io.BytesIO()
        opened.convert("RGBA" if opened.mode == "RGBA" else "RGB").save(out, "PNG")
        return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode(), opened.width, opened.height
