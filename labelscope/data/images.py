"""The images of a data set: the one place where a file that data names is opened, and where an image is decoded.

A table may come from anybody, so its image column is not trusted. A path is followed only to a regular file below the
folder of the table or below a folder that the user named with ``image_root=``; symbolic links are resolved before that is
checked. Nothing is fetched over a network. A file or the bytes in a cell are decoded only up to a limit of bytes and
pixels, and only in the formats listed here.
"""

from __future__ import annotations

import base64
import io
import os
import re
import stat
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.data.file_names import check_file_name
from labelscope.data.formats.format import is_ours
from labelscope.errors import DataError, ImageError, LabelscopeWarning

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MOST_BYTES", "MOST_PIXELS", "Images", "image_folders", "image_uri", "is_image_type"]

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")
MOST_BYTES = 64 << 20
MOST_PIXELS = 64_000_000
URL = re.compile(r"([a-z][a-z0-9+.-]+)://|(data):", re.IGNORECASE)
SUSPECT = r"(?i)^[/\\~]|^[a-z]:|\.\.|^[a-z][a-z0-9+.-]+://|^data:|\x00"  # all that can lead out of a folder
SHOWN = 80
NOT_OPENED = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


def image_folders(given: Any) -> tuple[Path, ...]:
    """The argument ``image_root``: a folder or several, as absolute paths.

    Raises
    ------
    DataError
        If one of them is no folder.
    """
    if given is None:
        return ()
    if isinstance(given, (str, os.PathLike)):
        given = [given]
    try:
        folders = [Path(os.fspath(one)).expanduser() for one in given]
    except TypeError:
        raise DataError(f"image_root: expected a folder or a list of folders, got {given!r}") from None
    for folder in folders:
        check_file_name(folder, "image_root")
        if not folder.is_dir():
            raise DataError(f"image_root: expected a folder that exists, got {str(folder)!r}; name the folder that holds the images")
    return tuple(Path(os.path.abspath(folder)) for folder in folders)  # noqa: PTH100 - links are kept: paths may be written with them


def is_image_type(dtype: pl.DataType) -> bool:
    """Whether a column can hold images: paths, bytes, or structs of both as Hugging Face writes them."""
    if isinstance(dtype, pl.Struct):
        fields = {field.name: field.dtype for field in dtype.fields}
        return "bytes" in fields and fields["bytes"] in (pl.Binary, pl.Null) and fields.get("path", pl.String()) in (pl.String, pl.Null)
    return dtype in (pl.String, pl.Binary, pl.Null) or isinstance(dtype, (pl.Categorical, pl.Enum))


def image_uri(path: str, folder: Path) -> str:
    """The image in a file below a folder as a ``data:`` URI, its bytes unchanged.

    Raises
    ------
    ImageError
        If the file may not be opened, is not there, is too large or is no image.
    """
    from PIL import Image

    data = Images(pl.Series([path]), pl.Series([path]), (folder.absolute(),)).read(0) or b""
    if Path(path).suffix.lower() == ".svg":
        kind = "image/svg+xml"  # inert as a picture: it runs nothing and loads nothing
    else:
        with _header(data) as opened:
            kind = Image.MIME[opened.format or ""]
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@dataclass(frozen=True, eq=False)
class Images:
    """The images behind a column, opened when asked for.

    Attributes
    ----------
    values : polars.Series
        Paths, bytes, or structs of "bytes" and "path". Null, an empty text or no bytes means that an item has no image.
    item_ids : polars.Series
        To name an item in an error.
    folders : tuple of pathlib.Path
        Where images may lie: the folder of the table first, then those that the user named. A relative path is looked for
        in each of them, in this order.
    """

    values: pl.Series
    item_ids: pl.Series
    folders: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.values)

    def read(self, row: int) -> bytes | None:
        """The bytes of an image file, not decoded; None if the item has no image.

        Raises
        ------
        ImageError
            If the file may not be opened, is not there or is too large.
        """
        value = self.values[row]
        if isinstance(value, Mapping):
            value = value.get("bytes") or value.get("path")
        if not value:
            return None
        try:
            return _within_limit(bytes(value)) if isinstance(value, (bytes, bytearray, memoryview)) else self._read_file(str(value))
        except ImageError as error:
            raise error.of_item(self.item_ids[row]) from None

    def open(self, row: int, side: int | None = None) -> Image | None:
        """An image in RGB, or in RGBA where it is transparent, turned as its camera says; None if the item has none.

        Of an animation, the first frame.

        Parameters
        ----------
        row : int
        side : int, optional
            Pixels that are enough: a large JPEG is decoded no finer than needed.

        Raises
        ------
        ImageError
            If it may not be opened, is not there, is too large, is damaged or is no image.
        """
        data = self.read(row)
        try:
            return None if data is None else _decode(data, side)
        except ImageError as error:
            raise error.of_item(self.item_ids[row]) from None

    def opaque(self, row: int, side: int | None = None) -> Image | None:
        """As :meth:`open`, in RGB, with white behind what is transparent."""
        from PIL.Image import alpha_composite, new

        image = self.open(row, side)
        if image is None or image.mode == "RGB":
            return image
        return alpha_composite(new("RGBA", image.size, "white"), image).convert("RGB")

    def has(self, row: int) -> bool:
        """Whether an item has something in its cell, be it good or bad."""
        value = self.values[row]
        return bool(any(value.values()) if isinstance(value, Mapping) else value)

    def problems(self, rows: Iterable[int]) -> dict[int, ImageError]:
        """What is wrong with the images of some items, of those with which something is."""
        return self._refused(rows, self.open)

    def check_paths(self) -> None:
        """Refuse a column whose every image lies elsewhere, and warn of some that do, in one line; no file is looked at.

        Raises
        ------
        ImageError
            If not one image may be opened. The line names the argument that allows it.
        """
        paths, n_held = self._split()
        suspects = paths.str.contains(SUSPECT).fill_null(value=False).arg_true().to_list()
        problems = self._refused(suspects, lambda row: self._candidates(paths[row]))
        if problems and not n_held and len(problems) == len(paths) - paths.null_count():
            raise next(iter(problems.values()))
        self.tell(problems)

    def tell(self, problems: Mapping[int, ImageError]) -> None:
        """Warn in one line that some items have no picture: how many, why, and what would help."""
        if not problems:
            return
        kinds: dict[str, list[ImageError]] = {}
        for error in problems.values():
            kinds.setdefault(error.reason, []).append(error)
        parts = [f"{len(errors):,} {reason} (first: item {errors[0].item!r}; {errors[0].remedy})" for reason, errors in kinds.items()]
        warnings.warn(
            f"image: {len(problems):,} of {len(self):,} items have no picture: {'; '.join(parts)}", LabelscopeWarning, stacklevel=3
        )

    def _refused(self, rows: Iterable[int], look: Callable[[int], object]) -> dict[int, ImageError]:
        def error(row: int) -> ImageError | None:
            try:
                look(row)
            except ImageError as refused:
                return refused.of_item(self.item_ids[row])
            return None

        found = ((row, error(row)) for row in rows)
        return {row: refused for row, refused in found if refused is not None}

    def _split(self) -> tuple[pl.Series, int]:
        """The paths, null where an item has none or holds the bytes itself; and how many hold the bytes."""
        values, none = self.values, pl.Series([None] * len(self), dtype=pl.String)
        held = none
        if isinstance(values.dtype, pl.Struct):
            fields = [field.name for field in values.dtype.fields]
            held, values = values.struct.field("bytes"), values.struct.field("path") if "path" in fields else none
        elif values.dtype == pl.Binary:
            held, values = values, none
        there = held.is_not_null() & (held.bin.size() > 0 if held.dtype == pl.Binary else True)
        paths = values.cast(pl.String)
        return paths.set(there | (paths == ""), None), int(there.sum())

    @cached_property
    def _roots(self) -> tuple[str, ...]:
        """The folders as they are written and as they are on the disk, each with a separator at its end."""
        spelled = (place for folder in self.folders for place in (str(folder), os.path.realpath(folder)))
        return tuple(dict.fromkeys(os.path.join(os.path.normcase(place), "") for place in spelled))  # noqa: PTH118 - Path drops the separator

    def _read_file(self, value: str) -> bytes:
        *earlier, last = self._candidates(value)
        place = next((place for place in earlier if os.path.lexists(place)), last)
        return self._open_below(place, value)

    def _candidates(self, value: str) -> list[str]:
        """Where a path may lead, by its words alone: nothing is looked up for a path that leads elsewhere."""
        url = URL.match(value)
        if url is not None:
            raise _remote((url[1] or url[2]).lower())
        if "\x00" in value:
            raise ImageError(MISSING, "a path with a null character", "correct the path", "a file")
        if os.name == "nt" and value.startswith(("\\\\", "//")):
            raise _outside(value, value)
        places = [value] if os.path.isabs(value) else [os.path.join(folder, value) for folder in self.folders]  # noqa: PTH117, PTH118 - many
        inside = [place for place in map(os.path.normpath, places) if self._is_below(place)]
        if not inside:
            raise _outside(value, os.path.normpath(places[0]))
        return inside

    def _open_below(self, place: str, value: str) -> bytes:
        try:
            real = os.path.realpath(place, strict=True)
        except (OSError, ValueError) as error:
            raise _missing(value, error) from None
        if not self._is_below(real):
            raise _outside(value, real)
        try:
            return _read_regular(real, value)
        except OSError as error:
            raise _missing(value, error) from None

    def _is_below(self, place: str) -> bool:
        return os.path.normcase(place).startswith(self._roots)


MISSING = "not found"


def _missing(value: str, error: OSError | ValueError) -> ImageError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    folder = "or name the folder of the images with image_root="
    return ImageError(MISSING, f"{_short(value)} ({reason})", f"correct the path {folder}", "a file")


def _outside(value: str, place: str) -> ImageError:
    folder = str(Path(place).parent)
    linked = "" if os.path.normpath(value) == place else f", which is {_short(place)},"
    return ImageError(
        "outside the folder of the table",
        f"{_short(value)}{linked}",
        f"if it belongs to the data, pass image_root={folder!r} (--image-root on the command line)",
        "a file below the folder of the table",
    )


def _remote(scheme: str) -> ImageError:
    remedy = {
        "data": "put the bytes themselves, or the path of a file, into the column",
        "file": "write the path without file://",
    }.get(scheme, "download the images and put their paths into the column")
    return ImageError(f"{scheme}: URLs, and nothing is fetched", f"a URL ({scheme}:), and nothing is fetched", remedy, "a path or bytes")


def _read_regular(place: str, value: str) -> bytes:
    """The bytes of a regular file. A pipe or a device is not opened; one that takes its place in between is not read."""
    _check_regular(os.stat(place).st_mode, value)  # noqa: PTH116 - the mode of what was resolved
    flags = ("O_RDONLY", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_NOFOLLOW", "O_BINARY")
    handle = os.open(place, sum(getattr(os, flag, 0) for flag in flags))
    with open(handle, "rb") as file:  # noqa: PTH123 - a file descriptor
        facts = os.fstat(handle)
        _check_regular(facts.st_mode, value)
        if facts.st_size > MOST_BYTES:
            raise _too_many_bytes()
        return _within_limit(file.read(MOST_BYTES + 1))


def _check_regular(mode: int, value: str) -> None:
    if not stat.S_ISREG(mode):
        what = next((name for is_kind, name in NOT_OPENED.items() if is_kind(mode)), "no file")
        raise ImageError("no regular files", f"{what} ({_short(value)})", "correct the path", "a regular file")


def _within_limit(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise _too_many_bytes()
    return data


def _too_many_bytes() -> ImageError:
    most = f"{MOST_BYTES >> 20} MiB"
    return ImageError("too large", "a larger one", "save it smaller", f"a file of at most {most}")


def _decode(data: bytes, side: int | None) -> Image:
    from PIL import ImageOps

    with _header(data) as opened:
        if side is not None:
            opened.draft("RGB", (side, side))
        image = ImageOps.exif_transpose(opened)
        return image.convert("RGBA" if image.has_transparency_data else "RGB")


@contextmanager
def _header(data: bytes) -> Iterator[Image]:
    """An image of which only the size is known yet; what goes wrong from here on is one line."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=_formats()) as opened:
            _check_size(opened)
            yield opened
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels("many more") from None
    except Exception as error:  # a broken file raises whatever its decoder stumbles over
        if is_ours(error):
            raise
        kinds = "JPEG, PNG, GIF, WebP, BMP, TIFF, AVIF or JPEG 2000"
        got = f"another or a damaged file ({type(error).__name__})"
        raise ImageError("no picture that can be read", got, "replace it or leave it empty", f"a picture in {kinds}") from None


@cache
def _formats() -> tuple[str, ...]:
    """Those of the formats that this Pillow reads."""
    from PIL import Image

    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _check_size(image: Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels(f"{image.width:,} x {image.height:,}")


def _too_many_pixels(got: str) -> ImageError:
    return ImageError("too large", got, "save it smaller", f"at most {MOST_PIXELS / 1e6:.0f} million pixels")


def _short(value: str) -> str:
    return repr(value if len(value) <= SHOWN else f"{value[: SHOWN - 1]}…")
