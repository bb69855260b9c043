"""How a result shows itself: live where plotly runs, and as a picture, as HTML and as text everywhere else.

One bundle serves every viewer. JupyterLab draws the plotly figure (from JSON in the notebook: no kernel, and no copy of
plotly in it); GitHub, PDF and mail take the picture; nbconvert and untrusted notebooks the script-free HTML; a terminal
the text. Whatever came from data is escaped.
"""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.data.formats.formulas import escape_formulas
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.views.html import Html, pieces
from labelscope.views.theme import clip

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["MIME", "bundle", "data_link", "picture_tag", "plotly_script", "table", "text_table"]

MIME = "application/vnd.labelscope.v1+json"
PLOTLY = "application/vnd.plotly.v1+json"
MOST_JSON = 1_500_000  # bytes of a figure in a notebook; a larger one is shown as a picture
MOST_DATA = 24_000  # bytes of the rows that go along as a file to download
N_ROWS, N_TEXT_ROWS, LENGTH = 10, 5, 90
WIDEST = 44  # characters of a cell in a table of text


def plotly_script() -> str:
    """Plotly's own script, megabytes of JavaScript, taken from the installed plotly: what a page without a network draws with."""
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script


def bundle(result: Result, figure: Figure | None, *, page: Html | None = None) -> dict[str, Any]:
    """MIME type to data, for ``_repr_mimebundle_``.

    Parameters
    ----------
    result : Result
    figure : plotly figure or None
        Its figure, where it has one.
    page : Html, optional
        What is shown wherever HTML is, instead of the figure and the rows; the figure then is the picture only.

    Returns
    -------
    dict
        text/plain, text/html and labelscope's own JSON; with a figure also image/png and, where it is not too large,
        plotly's JSON.
    """
    summary = result.summary()
    out: dict[str, Any] = {
        "text/plain": _text(summary, result.frame),
        MIME: {"v": 1, "kind": type(result).__name__, "summary": summary, "n_rows": result.frame.height, "columns": result.frame.columns},
    }
    image = None
    if figure is not None:
        from labelscope.views.picture import png

        image = png(figure)
        out["image/png"] = base64.b64encode(image).decode()
        live = figure.to_json() if page is None else None  # JupyterLab would show the figure and not the page
        if live is not None and len(live) <= MOST_JSON:
            out[PLOTLY] = json.loads(live) | {"config": {"displaylogo": False}}
    out["text/html"] = str(_html(summary, result.frame, image, type(result).__name__) if page is None else page)
    return out


def picture_tag(image: bytes, alt: str, *, width: int = 760) -> Html:
    """An <img> that carries its picture.

    As lossless WebP, which every browser shows and which takes half the room of a PNG: a notebook holds each picture twice.
    """
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(image)) as opened:
        opened.convert("RGB").save(out, "WEBP", lossless=True, method=2, quality=60)
    return _made("picture", base64.b64encode(out.getvalue()).decode(), alt, width)


def table(frame: pl.DataFrame, n_rows: int = N_ROWS) -> Html:
    """The head of a frame as an HTML table."""
    columns = [(name, dtype.is_numeric()) for name, dtype in frame.schema.items()]
    return _made("table", columns, [[word(value) for value in row] for row in frame.head(n_rows).iter_rows()])


def text_table(frame: pl.DataFrame, widest: int = WIDEST) -> list[str]:
    """A frame as lines of text, a heading first."""
    columns = [[name, *(clip(word(value), widest) for value in frame[name])] for name in frame.columns]
    widths = [max(len(cell) for cell in column) for column in columns]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in zip(*columns, strict=True)]


def word(value: object) -> str:
    """A value of a frame as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}" if 0.001 <= abs(value) < 1e6 else f"{value:.2g}"
    if isinstance(value, (list, pl.Series)):  # a cell of a list column
        return clip(", ".join(map(str, value)), LENGTH)
    return clip(str(value), LENGTH)


def data_link(frame: pl.DataFrame, name: str) -> Html:
    """A link to all rows as CSV, which it carries; where they are too many, how to write them.

    Text that a spreadsheet would run as a formula gets an apostrophe. Numbers keep seven digits.
    """
    short = [
        pl.col(column).cast(pl.Float32)
        for column, dtype in frame.schema.items()
        if dtype == pl.Float64 and not (frame[column].abs().is_between(0, 1e-30, closed="none")).any()  # p-values may be tiny
    ]
    try:
        rows = escape_formulas(frame.with_columns(short))[0].write_csv().encode() if frame.height <= MOST_DATA // 8 else b""
    except DataError:  # bytes in it, which no text holds
        rows = b""
    if not 0 < len(rows) <= MOST_DATA:
        return _made("how_to_write", name) if frame.height else Html()
    return _made("rows_as_file", name, base64.b64encode(rows).decode(), f"{frame.height:,}")


def _html(summary: str, frame: pl.DataFrame, image: bytes | None, name: str) -> Html:
    shown = _made("captioned", "" if image is None else picture_tag(image, summary), summary)
    rows = table(frame) if frame.height else Html()
    rest = _made("n_of", N_ROWS, f"{frame.height:,}") if frame.height > N_ROWS else Html()
    return shown + rows + rest + (Html() if image is None else data_link(frame, name))


def _made(piece: str, *values: Any) -> Html:
    return Html(getattr(pieces("result.html.j2"), piece)(*values))


def _text(summary: str, frame: pl.DataFrame) -> str:
    lines = [summary]
    shown = frame.head(N_TEXT_ROWS)
    if shown.height:
        columns = [[name, *(clip(word(v), 28) for v in shown[name])] for name in shown.columns]
        widths = [max(len(cell) for cell in column) for column in columns]
        rows = (zip(row, widths, strict=True) for row in zip(*columns, strict=True))
        lines += ["  " + "  ".join(cell.ljust(width) for cell, width in row).rstrip() for row in rows]
    if frame.height > N_TEXT_ROWS:
        lines.append(f"  {frame.height - N_TEXT_ROWS:,} more rows in .frame")
    return "\n".join(lines)
