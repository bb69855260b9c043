"""A notebook's outputs in the forms that a page shows without a kernel and without a network.

The nbconvert template ``labelscope`` (``jupyter nbconvert --to html --template labelscope NOTEBOOK``) asks for it. Charts
of plotly become live again with plotly's script once in the page, taken from the installed plotly; their saved picture
stays where that fails. Widgets, which would need a kernel and a script from a CDN, are replaced by the page or picture
that was saved with them: the Explorer by its map, progress and worklist. The template's content security policy lets the
page load nothing; HTML that needs no script is cleaned as well, see :mod:`labelscope.export.harmless`.
"""

from __future__ import annotations

import html
import json
from typing import Any

from nbconvert.preprocessors import Preprocessor

from labelscope.export.harmless import harmless
from labelscope.views.display import PLOTLY, plotly_script

__all__ = ["MISSING", "Offline"]

WIDGET = "application/vnd.jupyter.widget-view+json"
STILL = ("text/html", "image/svg+xml", "image/png", "image/jpeg")
MISSING = "This output needs a kernel, and no picture of it was saved."


class Offline(Preprocessor):
    """Replaces what needs a kernel or a network, and hands the script of the charts to the template."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """The notebook without the state of widgets; `resources` gets `chart_script`, empty where there is no chart."""
        nb, resources = super().preprocess(nb, resources)  # type: ignore[no-untyped-call]
        nb.metadata.pop("widgets", None)
        charts = any(PLOTLY in output.get("metadata", {}) for cell in nb.cells for output in cell.get("outputs", ()))
        resources["chart_script"] = _chart_script() if charts else ""
        return nb, resources

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:  # noqa: ARG002 - as nbconvert calls it
        """A cell with its outputs replaced."""
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "text/html" in data and "<script" not in _text(data["text/html"]).lower():
                data["text/html"] = harmless(_text(data["text/html"]))
            if PLOTLY in data:
                output.data = {"text/html": _chart(data)}
                output.setdefault("metadata", {})[PLOTLY] = True
            elif WIDGET in data:
                output.data = {kind: data[kind] for kind in STILL if kind in data} or {"text/plain": MISSING}
        return cell, resources


def _chart(data: Any) -> str:
    """A chart as data for the script, with what was saved of it in its place until then."""
    still = _text(data["text/html"]) if "text/html" in data and "<script" not in _text(data["text/html"]) else ""
    if not still and "image/png" in data:
        still = f'<img alt="Chart" src="data:image/png;base64,{html.escape(_text(data["image/png"]).strip())}">'
    figure = json.dumps(data[PLOTLY]).replace("<", "\\u003c")  # so that no text in it ends the script
    return (
        f'<div class="labelscope-chart"><div class="labelscope-chart-live" hidden></div><div class="labelscope-chart-still">{still}</div>'
        f'<script type="application/json" class="labelscope-chart-data">{figure}</script></div>'
    )


def _chart_script() -> str:
    from labelscope.export.markup import TEMPLATES

    own = (TEMPLATES / "labelscope" / "charts.js").read_text("utf-8")
    return f"{plotly_script()};\n{{\n{own}}}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)
