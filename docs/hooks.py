"""What the pages are made of beside their text: the table of the formats, and the notebooks as pages of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
from mkdocs.structure.files import File, Files

from labelscope.data.formats.declared import DECLARED, format_table
from labelscope.export.notebook_page import publish_notebook

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
FOLDER = "gallery"


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """Add each notebook with the outputs that it was saved with, as a page that needs no kernel."""
    with tempfile.TemporaryDirectory() as folder:
        for notebook in NOTEBOOKS:
            page = Path(folder) / f"{notebook.stem}.html"
            publish_notebook(page, notebook)
            files.append(File.generated(config, f"{FOLDER}/{page.name}", content=page.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Fill in what a page leaves to be made."""
    facts = next((told.facts for told in DECLARED if page.file.src_uri == f"formats/{told.page}.md"), "")
    return (
        markdown.replace("<!-- format -->", facts)
        .replace("<!-- formats -->", format_table())
        .replace("<!-- notebooks -->", _notebook_list())
    )


def _notebook_list() -> str:
    return "\n".join(
        f"- [{title}]({FOLDER}/{notebook.stem}.html): {told}" for notebook in NOTEBOOKS for title, told in [_opening(notebook)]
    )


def _opening(notebook: Path) -> tuple[str, str]:
    """The heading of a notebook, and its first paragraph."""
    cells = nbformat.read(notebook, as_version=4)["cells"]
    first = next(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    title, _, rest = first.partition("\n")
    paragraph = next((part for part in rest.split("\n\n") if part.strip()), "")
    told = " ".join(paragraph.split())
    return title.lstrip("# ").strip(), told.rpartition(". ")[0] + "." if told.endswith(":") else told
