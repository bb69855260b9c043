"""What the pages are made of beside their text: the tables of formats and of capabilities, and the notebooks as pages of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
import tomllib
from mkdocs.structure.files import File, Files

from labelscope.data.formats.declared import DECLARED, format_table
from labelscope.export.notebook_page import publish_notebook

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
FOLDER = "gallery"
CAPABILITIES = Path(__file__).resolve().parent / "capabilities.toml"


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
        .replace("<!-- capabilities -->", capability_table("shows", ("By mouse", "mouse"), ("By keyboard", "keys")))
        .replace("<!-- capabilities outside -->", capability_table("why", ("Why not in the app", "why")))
    )


def capability_table(marked: str, *columns: tuple[str, str]) -> str:
    """The rows of the table of capabilities that have a field, as Markdown."""
    rows = [row for row in tomllib.loads(CAPABILITIES.read_text(encoding="utf-8"))["capability"] if marked in row]
    heads = ["In Python", "What it does", *(head for head, _ in columns)]
    lines = [[_names(row), row["does"], *(_way(row[field]) for _, field in columns)] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, ["---"] * len(heads), *lines])


def _names(row: dict[str, Any]) -> str:
    names = ", ".join(f"`{name}`" for name in row["names"])
    return f"{names} (in {row['place']})" if "place" in row else names


def _way(steps: list[str] | str) -> str:
    """Clicks or keys, in words."""
    if isinstance(steps, str):
        return steps
    return ", ".join(map(_step, steps)) or "In sight"


def _step(step: str) -> str:
    kind, _, name = step.partition(": ")
    if not name:
        return f"**{step.title().replace('Control', 'Ctrl')}**"
    return f'"{name}"' if kind == "type" else f"{kind} {name}".removeprefix("combobox ").replace(": *", "").replace(" = ", ": ")


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
