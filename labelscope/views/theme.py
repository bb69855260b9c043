"""One look for every figure: a colour-blind-safe palette with fixed roles, light and dark, fonts, sizes and number words.

The colours are Okabe and Ito's ("Color universal design", 2008). A role has one colour wherever it occurs: what is
missing or to be added is blue, what is spurious or to be removed is vermillion, what nobody checked is amber.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "BLUE",
    "CYCLE",
    "DIVERGING",
    "GREEN",
    "GREY",
    "ROLES",
    "VERMILLION",
    "bars_height",
    "blank",
    "figure",
    "plural",
    "row_axis",
    "safe",
]

BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#9AA3AE"
CYCLE = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY)
ROLES = {
    "positive": BLUE,
    "negative": "#C3CAD3",
    "unknown": ORANGE,
    "missing": BLUE,
    "spurious": VERMILLION,
    "add": BLUE,
    "remove": VERMILLION,
    "head": BLUE,
    "medium": SKY,
    "tail": PURPLE,
    "agrees": BLUE,
    "contradicts": VERMILLION,
    "implies": BLUE,
    "identical": GREEN,
    "exclusive": VERMILLION,
    "overlaps": GREY,
}
DIVERGING = ((0.0, "#A33D00"), (0.25, "#E89A6A"), (0.5, "#F4F5F7"), (0.75, "#6FA8D6"), (1.0, "#00508A"))
WIDTH, ROW = 760, 20  # pixels: notebook width, and a bar with its gap
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
INKS = {
    False: {"ink": "#1C2024", "soft": "#5B6470", "grid": "#E6E9ED", "paper": "#FFFFFF"},
    True: {"ink": "#E8EAED", "soft": "#A0A8B4", "grid": "#343A43", "paper": "#14171C"},
}


def figure(*traces: Any, title: str, subtitle: str = "", height: int = 440, dark: bool = False, **layout: Any) -> go.Figure:
    """A figure in the one look.

    Parameters
    ----------
    *traces : plotly traces
    title : str
        What the figure shows as a finding, for instance "3 of 28 labels have fewer than 20 positives".
    subtitle : str
        What is drawn, in which unit.
    height : int
        Pixels.
    dark : bool
        Light ink on dark paper.
    **layout
        Further layout, as in plotly.
    """
    import plotly.graph_objects as go

    head = {"text": title, "subtitle": {"text": subtitle}}
    return go.Figure(list(traces), {"template": template(dark=dark), "title": head, "height": height, "width": WIDTH} | layout)


def template(*, dark: bool = False) -> go.layout.Template:
    """The plotly template, light or dark."""
    import plotly.graph_objects as go

    of = INKS[dark]
    axis = {
        "gridcolor": of["grid"],
        "linecolor": of["grid"],
        "zeroline": False,
        "ticks": "",
        "tickfont": {"size": 12, "color": of["soft"]},
        "title": {"font": {"size": 12, "color": of["soft"]}, "standoff": 8},
        "automargin": True,
    }
    layout = {
        "font": {"family": FONT, "size": 12, "color": of["ink"]},
        "title": {
            "font": {"size": 17, "color": of["ink"], "weight": 600},
            "subtitle": {"font": {"size": 12.5, "color": of["soft"]}},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14, "l": 16},
        },
        "paper_bgcolor": of["paper"],
        "plot_bgcolor": of["paper"],
        "colorway": list(CYCLE),
        "margin": {"l": 16, "r": 24, "t": 92, "b": 44},
        "xaxis": axis,
        "yaxis": axis,
        "legend": {
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1,
            "yanchor": "bottom",
            "traceorder": "normal",
            "itemsizing": "constant",
        },
        "modebar": {"orientation": "v", "bgcolor": "rgba(0,0,0,0)", "color": of["soft"], "remove": ["lasso2d", "select2d", "autoScale2d"]},
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
        "bargap": 0.25,
        "dragmode": False,
    }
    return go.layout.Template(layout=layout)


def blank(title: str, message: str, *, dark: bool = False) -> go.Figure:
    """A figure that says in words why there is nothing to draw."""
    hidden = {"visible": False}
    words = {"text": message, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 14}}
    return figure(title=title, height=200, dark=dark, xaxis=hidden, yaxis=hidden, annotations=[words])


def row_axis(names: Iterable[str], *, n_rows: int | None = None, length: int = 24) -> dict[str, Any]:
    """A y axis with one named row each, the first on top.

    Parameters
    ----------
    names : iterable of str
        Plotly text, one a row.
    n_rows : int, optional
        Rows to make room for; as many as names by default.
    length : int
        Characters kept of a name.
    """
    words = [safe(name, length) for name in names]
    rows = list(range(len(words)))
    return {"tickvals": rows, "ticktext": words, "range": [(n_rows or len(words)) - 0.4, -0.6], "showgrid": False}


def bars_height(n_bars: int) -> int:
    """Height of a figure with this many horizontal bars, in pixels."""
    return 150 + ROW * max(4, n_bars)


def clip(text: str, length: int = 32) -> str:
    """Text cut to a length, with an ellipsis."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def safe(text: object, length: int = 32) -> str:
    """Text from data for a figure: clipped, and without meaning for plotly (no tags, no entities, no formulas)."""
    return html.escape(clip(str(text), length), quote=False).replace("$", "&#36;")


def plural(count: int, singular: str, many: str | None = None) -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "label"), plural(1200, "label"), plural(2, "reply", "replies")
    ('1 label', '1,200 labels', '2 replies')
    """
    return f"{count:,} {singular if count == 1 else many or singular + 's'}"
