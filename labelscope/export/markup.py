"""The pieces that a report is made of, as HTML. Every text that comes in is escaped here, and only here."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labelscope.views import registry
from labelscope.views.picture import png

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from labelscope.data.results import Result

__all__ = [
    "Cell",
    "Html",
    "bullets",
    "cards",
    "facts",
    "figure",
    "figure_of",
    "paragraph",
    "pill",
    "preformatted",
    "section",
    "steps",
    "table",
]

PICTURE_BYTES = 125_000  # light and dark, seven times, within 2 MB


class Html(str):
    """Text that is HTML already: it is not escaped again."""

    __slots__ = ()


@dataclass(frozen=True)
class Cell:
    """A cell of a table with a class: "number", "label", "reason", "excerpt"."""

    value: object
    role: str = ""


def escaped(value: object) -> Html:
    """Any value as HTML; what is HTML already stays."""
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def paragraph(text: object, role: str = "") -> Html:
    """A paragraph, "note" and "callout" being roles that the style sheet knows."""
    return Html(f'<p class="{role}">{escaped(text)}</p>' if role else f"<p>{escaped(text)}</p>")


def bullets(texts: Iterable[object]) -> Html:
    """A list."""
    return Html(f'<ul class="findings">{"".join(f"<li>{escaped(text)}</li>" for text in texts)}</ul>')


def steps(texts: Iterable[object]) -> Html:
    """A list in an order."""
    return Html(f'<ol class="findings">{"".join(f"<li>{escaped(text)}</li>" for text in texts)}</ol>')


def heading(text: object) -> Html:
    """A heading within a section."""
    return Html(f"<h3>{escaped(text)}</h3>")


def cards(entries: Iterable[tuple[str, str, str]]) -> Html:
    """Key numbers as (number, words, role)."""
    body = "".join(f'<div class="card {role}"><dt>{escaped(words)}</dt><dd>{escaped(number)}</dd></div>' for number, words, role in entries)
    return Html(f'<dl class="cards">{body}</dl>')


def facts(title: str, entries: Iterable[tuple[object, object]]) -> Html:
    """A titled list of (fact, value)."""
    body = "".join(f"<div><dt>{escaped(fact)}</dt><dd>{escaped(value)}</dd></div>" for fact, value in entries)
    return Html(f'<div class="facts"><h3>{escaped(title)}</h3><dl>{body}</dl></div>')


def pill(word: str) -> Html:
    """A word in the colour of its role: add, remove, missing, spurious."""
    return Html(f'<span class="pill {escaped(word)}">{escaped(word)}</span>')


def meter(share: float) -> Html:
    """A number in [0, 1] with a bar."""
    width = round(100 * min(1.0, max(0.0, share)))
    return Html(f'<span class="meter" aria-hidden="true"><i style="width:{width}%"></i></span>{share:.2f}')


def preformatted(code: str) -> Html:
    """Code or commands."""
    return Html(f"<pre><code>{escaped(code)}</code></pre>")


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
    head = "".join(f'<th scope="col"{_role(cell)}>{escaped(_value(cell))}</th>' for cell in heads)
    body = ""
    for k, row in enumerate(rows):
        role = f' class="{escaped(roles[k])}"' if k < len(roles) else ""
        body += f"<tr{role}>" + "".join(f"<td{_role(cell)}>{escaped(_value(cell))}</td>" for cell in row) + "</tr>"
    return Html(
        f'<div class="scroll"><table><caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def figure_of(result: Result) -> Html:
    """The figure of a result, in a light and a dark version."""
    return figure(registry.figure(result), registry.figure(result, dark=True))


def figure(light: Figure, dark: Figure) -> Html:
    """Two versions of a figure, of which the reader's colour scheme chooses one."""
    title = light.layout.title
    alt = ". ".join(html.unescape(str(part)) for part in (title.text, title.subtitle.text) if part)
    day, night = (base64.b64encode(png(version, most_bytes=PICTURE_BYTES)).decode() for version in (light, dark))
    return Html(
        f'<figure><picture><source media="(prefers-color-scheme: dark)" srcset="data:image/png;base64,{night}">'
        f'<img src="data:image/png;base64,{day}" width="{light.layout.width}" height="{light.layout.height}" alt="{html.escape(alt)}">'
        "</picture></figure>"
    )


def section(name: str, title: str, *parts: object) -> Html:
    """A section with an anchor; parts that are empty are left out."""
    body = "".join(escaped(part) for part in parts if part)
    return Html(f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{escaped(title)}</h2>{body}</section>')


def _role(cell: Any) -> str:
    return f' class="{cell.role}"' if isinstance(cell, Cell) and cell.role else ""


def _value(cell: Any) -> object:
    return cell.value if isinstance(cell, Cell) else cell
