"""Shapes and text on a bitmap: shapes are drawn at four times their size and reduced, text at its final size.

Coordinates are CSS pixels throughout; the picture has twice as many, for sharp displays.
"""

from __future__ import annotations

import html
import io
import re
import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

__all__ = ["SCALE", "Canvas", "text_width"]

SCALE, SMOOTH = 2, 2
PALETTES = (255, 96, 32)  # colours
FACES = {
    False: ("Helvetica.ttc", "Arial.ttf", "arial.ttf", "LiberationSans-Regular.ttf", "DejaVuSans.ttf", "NotoSans-Regular.ttf"),
    True: ("Arial Bold.ttf", "arialbd.ttf", "LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf"),
}
WIDE = ("DejaVuSans.ttf", "Arial Unicode.ttf", "NotoSansCJK-Regular.ttc", "DroidSansFallbackFull.ttf", "msyh.ttc")
PLAIN = str.maketrans({"–": "-", "—": "-", "−": "-", "…": "...", "×": "x", "·": "-", "’": "'", "‘": "'", "“": '"', "”": '"'})


class Canvas:
    """A bitmap of `width` x `height` CSS pixels on paper of one colour."""

    def __init__(self, width: float, height: float, paper: str) -> None:
        self.width, self.height = width, height
        self._factor = SCALE * SMOOTH
        self._image = Image.new("RGB", (round(width * self._factor), round(height * self._factor)), paper)
        self._draw = ImageDraw.Draw(self._image)
        self._texts: list[tuple[Any, ...]] = []

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: str) -> None:
        """Fill a rectangle; corners in any order."""
        left, right = sorted((x0, x1))
        top, bottom = sorted((y0, y1))
        if right > left and bottom > top:
            f = self._factor
            self._draw.rectangle((left * f, top * f, max(left * f, right * f - 1), max(top * f, bottom * f - 1)), fill=colour)

    def line(self, points: list[tuple[float, float]], colour: str, width: float = 1.0) -> None:
        """Draw a line through the points."""
        f = self._factor
        self._draw.line([(x * f, y * f) for x, y in points], fill=colour, width=max(1, round(width * f)))

    def bitmap(self, rgb: np.ndarray, x0: float, y0: float, x1: float, y1: float) -> None:
        """Fill a rectangle with an array uint8 (n_rows, n_columns, 3), each entry a sharp cell."""
        f = self._factor
        size = max(1, round((x1 - x0) * f)), max(1, round((y1 - y0) * f))
        self._image.paste(Image.fromarray(rgb).resize(size, Image.Resampling.NEAREST), (round(x0 * f), round(y0 * f)))

    def discs(
        self, x: np.ndarray, y: np.ndarray, radius: float, colour: str, opacity: float, box: tuple[float, float, float, float]
    ) -> None:
        """Draw discs that darken where they overlap, inside `box` (left, top, right, bottom)."""
        f = self._factor
        left, top, right, bottom = (round(v * f) for v in box)
        width, height = right - left, bottom - top
        reach = int(np.ceil(radius * f))
        dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        inside = dx**2 + dy**2 <= (radius * f) ** 2
        column = np.rint(np.asarray(x) * f).astype(np.int64) - left
        row = np.rint(np.asarray(y) * f).astype(np.int64) - top
        touched = []
        for step_x, step_y in zip(dx[inside], dy[inside], strict=True):
            i, k = row + step_y, column + step_x
            within = (i >= 0) & (i < height) & (k >= 0) & (k < width)
            touched.append(i[within] * width + k[within])
        place, count = np.unique(np.concatenate(touched), return_counts=True)
        cover = (1 - (1 - opacity) ** np.arange(count.max(initial=0) + 1))[count][:, None]
        below = np.array(self._image.crop((left, top, right, bottom))).reshape(-1, 3)
        below[place] = (below[place] * (1 - cover) + np.array(_rgb(colour)) * cover).round().astype(np.uint8)
        self._image.paste(Image.fromarray(below.reshape(height, width, 3)), (left, top))

    def text(
        self, x: float, y: float, text: str, colour: str, size: float = 12, *, anchor: str = "lm", angle: float = 0, bold: bool = False
    ) -> None:
        """Write a line of plotly text (``<b>`` and entities are understood, other tags dropped).

        `anchor`: l, m or r and t, m or b, as in Pillow. `angle`: degrees clockwise, about the anchor.
        """
        self._texts.append((x, y, text, colour, size, anchor, angle, bold))

    def png(self, most_bytes: int, *, shaded: bool = False, coloured: bool = False) -> bytes:
        """The picture, in as few colours as it takes to keep to `most_bytes` (32 at least).

        `shaded`: it has a colour scale, whose few pixels the palette must not pass over. `coloured`: it holds a photograph,
        which is kept in all its colours if there is room.
        """
        self._image = self._image.reduce(SMOOTH)
        self._draw = ImageDraw.Draw(self._image)
        for x, y, text, colour, size, anchor, angle, bold in self._texts:
            self._write(x * SCALE, y * SCALE, text, colour, size, anchor, angle, bold=bold)
        method = Image.Quantize.MAXCOVERAGE if shaded else Image.Quantize.MEDIANCUT
        for colours in (None, *PALETTES) if coloured else PALETTES:
            picture = self._image if colours is None else self._image.quantize(colours, method=method, dither=Image.Dither.NONE)
            out = io.BytesIO()
            picture.save(out, "PNG", compress_level=9)
            if out.tell() <= most_bytes:
                break
        return out.getvalue()

    def _write(self, x: float, y: float, text: str, colour: str, size: float, anchor: str, angle: float, *, bold: bool) -> None:
        if angle:
            self._write_turned(x, y, text, colour, size, anchor, angle)
            return
        x -= {"l": 0, "m": 0.5, "r": 1}[anchor[0]] * text_width(text, size, bold=bold) * SCALE
        for run, strong in _runs(text):
            font = _font(run, size, bold=bold or strong)
            self._draw.text((x, y), _readable(run, font), fill=colour, font=font, anchor=f"l{ {'t': 'a', 'm': 'm', 'b': 'd'}[anchor[1]] }")
            x += font.getlength(_readable(run, font))

    def _write_turned(self, x: float, y: float, text: str, colour: str, size: float, anchor: str, angle: float) -> None:
        plain = "".join(run for run, _ in _runs(text))
        font = _font(plain, size, bold=False)
        width, height = int(font.getlength(_readable(plain, font))) + 4, int(size * SCALE * 1.5)
        mask = Image.new("L", (2 * width, 2 * height))  # the anchor in the middle, so that turning leaves it there
        start = {"l": width, "m": width / 2, "r": 0}[anchor[0]]
        ImageDraw.Draw(mask).text((start, height), _readable(plain, font), fill=255, font=font, anchor="lm")
        mask = mask.rotate(-angle, resample=Image.Resampling.BICUBIC, expand=True)
        place = round(x - mask.width / 2), round(y - mask.height / 2)
        self._image.paste(Image.new("RGB", mask.size, colour), place, mask)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line of plotly text in CSS pixels."""
    total = 0.0
    for run, strong in _runs(text):
        font = _font(run, size, bold=bold or strong)
        total += font.getlength(_readable(run, font))
    return total / SCALE


def _runs(text: str) -> list[tuple[str, bool]]:
    """The text in pieces of one weight, tags dropped and entities resolved."""
    out, strong = [], False
    for piece in re.split(r"(</?[a-zA-Z][^>]*>)", text):
        if piece.startswith("<") and piece.endswith(">"):
            strong = {"<b>": True, "</b>": False}.get(piece, strong)
        elif piece:
            out.append((html.unescape(piece), strong))
    return out


def _font(text: str, size: float, *, bold: bool) -> Any:
    """A font that has all characters of the text, if any does."""
    pixels = round(size * SCALE)
    faces = [face for face in (_face(names, pixels) for names in (FACES[bold], WIDE)) if face is not None]
    characters = set(text) - {" "}
    return next((face for face in faces if all(_has(face, c) for c in characters)), faces[0] if faces else ImageFont.load_default(pixels))


@lru_cache(maxsize=64)
def _face(names: tuple[str, ...], pixels: int) -> ImageFont.FreeTypeFont | None:
    """The first of these fonts that the system has."""
    if not names:
        return None
    try:
        return ImageFont.truetype(names[0], pixels)
    except OSError:
        return _face(names[1:], pixels)


@lru_cache(maxsize=4096)
def _has(font: ImageFont.FreeTypeFont, character: str) -> bool:
    missing = font.getmask("\U0010ffff")
    mask = font.getmask(character)
    return (mask.size, bytes(mask)) != (missing.size, bytes(missing))


def _readable(text: str, font: Any) -> str:
    """The text as it is, or in plain letters for Pillow's own font, which has no others."""
    if isinstance(font, ImageFont.FreeTypeFont) and font.getname()[0] != "Aileron":
        return text
    return unicodedata.normalize("NFKD", text.translate(PLAIN)).encode("ascii", "ignore").decode()


def _rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))  # type: ignore[return-value]
