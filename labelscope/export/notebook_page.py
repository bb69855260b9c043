"""A notebook as one HTML file that opens offline: its text, code and outputs, and nothing that runs.

nbconvert lays it out. Of each output the still form is shown (HTML without scripts, else a picture, else text), and
the page's content security policy lets no script run and nothing be loaded, whatever an output or a Markdown cell
holds. Since a policy does not stop a page from leading elsewhere (a `meta refresh`), whatever comes from the notebook is
cleaned as well: see :mod:`labelscope.export.harmless`. Formulas therefore stay TeX, and a figure that only exists as a
script is named as missing. Of the pictures that the notebook names, those in its folder are put into the page.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from os import PathLike
from pathlib import Path
from typing import Any

from labelscope.data.file_names import check_file_name
from labelscope.data.files import write_files
from labelscope.errors import DataError
from labelscope.export.harmless import harmless

__all__ = ["publish_notebook"]

SHOWN = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain")
ACTIVE = frozenset({"script", "iframe", "object", "embed", "meta", "link", "base", "form"})
SCRIPTS = re.compile(r"<script\b[^>]*>.*?</script\s*>", re.IGNORECASE | re.DOTALL)
REMOTE = re.compile(r"<link\b[^>]*\bhref=[\"']https?:[^>]*>", re.IGNORECASE)
POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    'font-src data:; base-uri \'none\'; form-action \'none\'"><meta name="referrer" content="no-referrer">'
)
MISSING = "This output needs JavaScript or a kernel and is not in the published copy; show the figure as a picture as well."


def publish_notebook(path: str | PathLike[str], notebook: str | PathLike[str]) -> int:
    """Write a notebook as one HTML page.

    Parameters
    ----------
    path : str or path
        Replaced if it exists.
    notebook : str or path
        A notebook saved with its outputs. It is not executed.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    DataError
        If it is no notebook, none of its cells was executed, or the page cannot be written.
    """
    import nbformat
    from traitlets.config import Config

    source = Path(notebook)
    check_file_name(source, "publish")
    try:
        document = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
        cells = [cell for cell in document.cells if cell.cell_type == "code"]
    except (OSError, ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        raise DataError(
            f"publish: expected a Jupyter notebook, got {source} ({type(error).__name__}); give a file that ends in .ipynb"
        ) from None
    if cells and not any(cell.get("outputs") for cell in cells):
        raise DataError(f"publish: expected outputs in {source}, got none; run its cells and save it, then publish")
    folder = source.absolute().parent
    for cell in document.cells:
        if cell.cell_type == "raw":
            cell.source = harmless(_text(cell.source), folder)
        cell.outputs = [_still(output, folder) for output in cell.get("outputs", [])]
    document.metadata.pop("widgets", None)  # the state of widgets is of no use without a kernel
    order = Config({"NbConvertBase": {"display_data_priority": list(SHOWN)}})
    exporter = _exporter(folder)(config=order, template_name="lab")
    body, _ = exporter.from_notebook_node(document, resources={"metadata": {"name": source.stem, "path": str(folder)}})
    page = _quiet(body).encode()

    write_files({Path(path): lambda file: file.write(page)}, name="publish", inputs=[("the notebook", source)])
    return len(page)


def _exporter(folder: Path) -> Any:
    """The exporter of nbconvert, its Markdown cleaned once it is HTML: what is HTML is known only then."""
    from jinja2 import pass_context
    from nbconvert import HTMLExporter

    class Exporter(HTMLExporter):
        @pass_context
        def markdown2html(self, context: Any, source: str) -> str:
            return harmless(super().markdown2html(context, source), folder)

    return Exporter


def _still(output: Any, folder: Path) -> Any:
    """An output without its active forms."""
    data = output.get("data")
    if data is None:
        return output
    kept = {
        kind: data[kind]
        for kind in SHOWN
        if kind in data and not (kind in {"text/html", "text/markdown"} and _is_active(_text(data[kind])))
    }
    if "text/html" in kept:
        kept["text/html"] = harmless(_text(kept["text/html"]), folder)
    pictured = any(kind != "text/plain" for kind in kept)
    if not pictured and any(kind.startswith("application/vnd.plotly") or kind == "text/html" for kind in data):
        kept = {"text/plain": MISSING}  # the text of a figure is a dump of its numbers
    output.data = kept or {"text/plain": MISSING}
    return output


class _Markup(HTMLParser):
    """Looks for what runs: elements and attributes, not words of the text that look like them."""

    active = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        runs = any(
            name.startswith("on") or "javascript:" in "".join((value or "").split()).lower() for name, value in attrs if name != "alt"
        )
        self.active = self.active or tag in ACTIVE or runs


def _is_active(markup: str) -> bool:
    found = _Markup()
    found.feed(markup)
    found.close()
    return found.active


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)


def _quiet(body: str) -> str:
    """The page with its policy, and without what the policy would refuse anyway: a browser reports each refusal."""
    head, rest = body.split("<head>", 1)
    return f"{head}<head>{POLICY}{REMOTE.sub('', SCRIPTS.sub('', rest))}"
