"""The pages: every link leads somewhere, every public name is in the reference, and nothing is fetched from elsewhere."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from pkgutil import iter_modules

import polars as pl
import pytest
import yaml

import labelscope as ls
from labelscope.data import formats
from labelscope.data.formats.declared import DECLARED, format_table
from labelscope.data.formats.format_notes import NOT
from labelscope.data.formats.registry import FORMATS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FETCHES = re.compile(
    r"<(?:script|img|iframe)\b[^>]*\bsrc=[\"']?https?:|<link\b[^>]*\brel=[\"']?stylesheet[^>]*href=[\"']?https?:|@import|url\(https?:"
)


def nav(entries: list | dict | str) -> set[str]:
    if isinstance(entries, str):
        return {entries}
    inner = entries.values() if isinstance(entries, dict) else entries
    return set().union(*map(nav, inner))


def settings() -> dict:
    return yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def test_navigation_lists_every_page_once():
    assert nav(settings()["nav"]) == {page.relative_to(DOCS).as_posix() for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_links_and_notebooks_of_a_page_exist(page):
    text = page.read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []
    assert [name for name in re.findall(r"\b\w+\.ipynb", text) if not (ROOT / "notebooks" / name).is_file()] == []


def test_reference_holds_every_public_name():
    text = "\n".join(
        (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8") for name in ("data", "space", "errors", "explain", "review")
    )
    errors = {"DataError", "LabelscopeError", "LedgerError", "MissingExtra", "StageError"}  # the whole module is there
    assert [name for name in ls.__all__ if name not in errors and not re.search(rf"\b{name}\b", text)] == []


def test_every_format_says_what_is_read_edited_and_lost():
    told = {name for entry in DECLARED for name in entry.formats}
    assert told == {entry.name for entry in FORMATS}
    modules = [import_module(f"{formats.__name__}.{module.name}") for module in iter_modules(formats.__path__)]
    assert {module.NOTES.title for module in modules if hasattr(module, "NOTES")} <= {entry.title for entry in DECLARED}
    assert len({entry.title for entry in DECLARED}) == len(DECLARED)
    assert "<!-- formats -->" in (DOCS / "howto" / "formats.md").read_text(encoding="utf-8")
    assert format_table().count("\n") == 1 + len(DECLARED)
    written = {name for entry in DECLARED if entry.written != NOT for name in entry.formats}
    assert written == set(exported())


def test_home_and_readme_begin_with_what_is_typed_without_a_clone():
    first = [path.read_text(encoding="utf-8").split("```\n")[1] for path in (ROOT / "README.md", DOCS / "index.md")]
    assert first[0] == first[1]
    assert first[0].startswith("pip install multilabelscope")


BLOCK = re.compile(r'^``` ?\w* ?title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("told", DECLARED, ids=lambda told: told.page)
def test_every_format_has_a_page_whose_example_is_read(told, tmp_path, monkeypatch):
    text = (DOCS / "formats" / f"{told.page}.md").read_text(encoding="utf-8")
    assert "<!-- format -->" in text
    assert f"](../formats/{told.page}.md)" in format_table()
    call = [node for node in ast.walk(ast.parse(text.split("```python\n")[1].split("```")[0])) if isinstance(node, ast.Call)]
    call = next(node for node in call if ast.unparse(node.func) == "ls.read")
    blocks = BLOCK.findall(text)
    if not blocks:  # a binary file
        return
    for name, content in blocks:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ds = ls.read(ast.literal_eval(call.args[0]), **{word.arg: ast.literal_eval(word.value) for word in call.keywords})
    assert ds.labels.dense().max() == 1


def exported() -> list[str]:
    """Names of the formats to which a table that came as another one can be exported."""
    table, done = pl.DataFrame({"id": ["a"], "labels": [["x"]]}), []
    for entry in FORMATS:
        try:
            entry.write(table, BytesIO(), None, None)
        except ls.DataError:
            continue
        done.append(entry.name)
    return done


@pytest.mark.skipif(find_spec("mkdocs") is None or find_spec("mkdocstrings") is None, reason="needs the extra docs")
def test_site_builds_without_a_warning_and_fetches_nothing(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    pages = {path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")}
    assert "predict" in pages["reference/errors.html"]
    assert "0.505" in pages["compare.html"]
    assert all(entry.lost in pages["howto/formats.html"] for entry in DECLARED if entry.lost.isalpha())
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"gallery/{notebook.stem}.html" in pages["gallery.html"]
        assert "<img" in pages[f"gallery/{notebook.stem}.html"] or "<pre" in pages[f"gallery/{notebook.stem}.html"]
    assert [name for name, text in pages.items() if FETCHES.search(text)] == []
