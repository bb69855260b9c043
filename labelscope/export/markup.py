"""The pieces that a report is made of, as HTML: the macros of one template, which escape whatever comes in."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelscope.views import registry
from labelscope.views.html import Html, pieces
from labelscope.views.picture import png

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from labelscope.data.results import Result

__all__ = [
    "TEMPLATES",
    "Cell",
    "Html",
    "bullets",
    "cards",
    "columns",
    "facts",
    "figure",
    "figure_of",
    "folded",
    "heading",
    "item",
    "link",
    "meter",
    "paragraph",
    "pill",
    "preformatted",
    "section",
    "stacked",
    "steps",
    "table",
]

TEMPLATES = Path(__file__).with_name("templates")
PICTURE_BYTES = 125_000  # light and dark, seven times, within 2 MB


@dataclass(frozen=True)
class Cell:
    """A cell of a table with a class: "number", "label", "reason", "excerpt"."""

    value: object
    role: str = ""


def paragraph(text: object, role: str = "") -> Html:
    """A paragraph, "note" and "callout" being roles that the style sheet knows."""
    return _made("paragraph", text, role)


def bullets(texts: Iterable[object]) -> Html:
    """A list."""
    return _made("listed", "ul", texts)


def steps(texts: Iterable[object]) -> Html:
    """A list in an order."""
    return _made("listed", "ol", texts)


def heading(text: object, anchor: str = "") -> Html:
    """A heading within a section, to which a link may lead."""
    return _made("heading", text, anchor)


def link(anchor: str, text: object) -> Html:
    """A link to a section or heading."""
    return _made("link", anchor, text)


def columns(parts: Iterable[object]) -> Html:
    """Parts side by side, where there is room."""
    return _made("columns", parts)


def stacked(parts: Iterable[object]) -> Html:
    """Parts below one another, as one."""
    return _made("stacked", parts)


def folded(title: object, parts: Iterable[object]) -> Html:
    """Parts that show once the title is opened."""
    return _made("folded", title, parts)


def cards(entries: Iterable[tuple[str, str, str]]) -> Html:
    """Key numbers as (number, words, role)."""
    return _made("cards", entries)


def facts(title: str, entries: Iterable[tuple[object, object]]) -> Html:
    """A titled list of (fact, value)."""
    return _made("facts", title, entries)


def pill(word: str) -> Html:
    """A word in the colour of its role: add, remove, missing, spurious."""
    return _made("pill", word)


def meter(share: float) -> Html:
    """A number in [0, 1] with a bar."""
    return _made("meter", round(100 * min(1.0, max(0.0, share))), f"{share:.2f}")


def preformatted(code: str) -> Html:
    """Code or commands."""
    return _made("preformatted", code)


def item(picture: str, words: str, name: str) -> Html:
    """An item: its picture as WebP in base64, its text, its id; either of the first may be empty."""
    return _made("excerpt", picture, words, name)


def table(caption: str, heads: Sequence[object], rows: Iterable[Sequence[object]], roles: Sequence[str] = ()) -> Html:
    """A table with a caption.

    Parameters
    ----------
    caption : str
    heads : sequence of str or Cell
    rows : iterable of sequences of str, Html or Cell
    roles : sequence of str
        A class a row.
    """
    told = [(roles[k] if k < len(roles) else "", [_cell(value) for value in row]) for k, row in enumerate(rows)]
    return _made("table", caption, [_cell(head) for head in heads], told)


def figure_of(result: Result) -> Html:
    """The figure of a result, in a light and a dark version."""
    return figure(registry.figure(result), registry.figure(result, dark=True))


def figure(light: Figure, dark: Figure) -> Html:
    """Two versions of a figure, of which the reader's colour scheme chooses one."""
    title = light.layout.title
    alt = ". ".join(html.unescape(str(part)) for part in (title.text, title.subtitle.text) if part)
    day, night = (base64.b64encode(png(version, most_bytes=PICTURE_BYTES)).decode() for version in (light, dark))
    return _made("figure", day, night, light.layout.width, light.layout.height, alt)


def section(name: str, title: str, *parts: object) -> Html:
    """A section with an anchor; parts that are empty are left out."""
    return _made("section", name, title, [part for part in parts if part])


def _made(piece: str, *values: Any) -> Html:
    return Html(getattr(pieces("pieces.html.j2", TEMPLATES), piece)(*values))


def _cell(given: object) -> tuple[object, str]:
    return (given.value, given.role) if isinstance(given, Cell) else (given, "")
