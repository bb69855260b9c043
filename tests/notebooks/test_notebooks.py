"""Every notebook runs from top to bottom, and shows its results where there is no kernel."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
RESULT = "application/vnd.labelscope.v1+json"
PLACES = re.compile(r"/(?:home|root|tmp|Users|private|work)/")
LARGEST = 1_500_000  # bytes of a saved notebook
FETCHES = re.compile(r"<(script|link|iframe)\b|\bsrc=[\"']?(?:https?:)?//|url\([\"']?(?:https?:)?//", re.IGNORECASE)


def name(path: Path) -> str:
    return path.stem


def outputs(notebook: nbformat.NotebookNode, tag: str | None = None):
    for cell in notebook.cells:
        if cell.cell_type == "code" and (tag is None or tag in cell.metadata.get("tags", [])):
            yield cell.id, cell.outputs


def assert_shows_results(notebook: nbformat.NotebookNode) -> None:
    """Every cell that shows a result shows it without a kernel; those tagged as results have a picture as well."""
    for cell, found in outputs(notebook):
        assert found, f"{cell} shows nothing"
        for output in found:
            assert RESULT not in output.get("data", {}) or "text/html" in output.data, cell
    for cell, found in outputs(notebook, "result"):
        bundles = [output.data for output in found if output.output_type in {"execute_result", "display_data"}]
        assert bundles, cell
        for bundle in bundles:
            assert {"image/png", "text/html", "text/plain"} <= set(bundle), cell
            assert not FETCHES.search(bundle["text/html"]), cell


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """What the notebooks compute of the same demo data, once for all of them, as a person has it who reads one after the other."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def own_places(tmp_path, cache, monkeypatch) -> Path:
    """A folder to run in, with the ledgers and Jupyter's files of its own."""
    monkeypatch.setenv("LABELSCOPE_CACHE", str(cache))
    for variable in ("XDG_DATA_HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


@pytest.mark.notebook
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_runs(path, own_places):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(own_places)}}).execute()
    found = [output for _, cell in outputs(notebook) for output in cell]
    assert [output for output in found if output.output_type == "error"] == []
    assert [output.text for output in found if output.get("name") == "stderr"] == []
    assert_shows_results(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_is_saved_with_its_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert_shows_results(notebook)
    assert [cell for cell, found in outputs(notebook) for output in found if output.output_type == "error"] == []
    assert path.stat().st_size < LARGEST


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_saved_outputs_name_no_place_of_the_machine(path):
    notebook = nbformat.read(path, as_version=4)
    texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "") for _, found in outputs(notebook) for output in found]
    assert [text for text in texts if PLACES.search(text)] == []


def test_goemotions_are_read_from_the_files_as_published(tmp_path, monkeypatch):
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.tsv").write_text(f'so "kind\t2,0\t{split}1\nwhat?\t1\t{split}2\n', encoding="utf-8")
    (tmp_path / "emotions.txt").write_text("admiration\nanger\njoy\n", encoding="utf-8")
    monkeypatch.setenv("GOEMOTIONS", str(tmp_path))
    notebook = nbformat.read(ROOT / "notebooks" / "11_goemotions.ipynb", as_version=4)
    (source,) = (cell.source for cell in notebook.cells if cell.id == "read")
    found = {}
    exec(source, found)  # noqa: S102 - a cell of the notebook in this repository
    ds = found["ds"]
    assert ds.label_names == ("admiration", "anger", "joy")
    assert ds.item_ids.to_list() == ["train1", "train2", "dev1", "dev2", "test1", "test2"]
    assert ds.labels.dense().tolist() == [[1, 0, 1], [0, 1, 0]] * 3
    assert ds.items["text"][0] == 'so "kind'


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_says_that_its_data_is_synthetic(path):
    notebook = nbformat.read(path, as_version=4)
    sources = [cell.source for cell in notebook.cells]
    if any("ls.demo" in source for source in sources):
        assert any("synthetic" in source.lower() for source in sources[:2])
