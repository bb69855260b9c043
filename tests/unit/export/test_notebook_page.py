from __future__ import annotations

import base64
import io
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from PIL import Image

from labelscope import DataError
from labelscope.export.notebook_page import MISSING, publish_notebook

PNG = io.BytesIO()
Image.new("RGB", (20, 20), "red").save(PNG, "PNG")
PICTURE = base64.b64encode(PNG.getvalue()).decode()
RUNS = "<script>window.ran=1</script>"


def written(tmp_path, *outputs):
    shown = [new_output("display_data", data=data) for data in outputs]
    cells = [
        new_markdown_cell(f"# Title\n\n{RUNS}<img src='https://example.org/x.png' onerror='window.ran=2'>"),
        new_code_cell("1 + 1", outputs=shown),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "in.ipynb")
    n_bytes = publish_notebook(tmp_path / "out.html", tmp_path / "in.ipynb")
    text = (tmp_path / "out.html").read_text("utf-8")
    assert n_bytes == len(text.encode())
    return text


def test_the_still_form_of_each_output_is_shown(tmp_path):
    text = written(
        tmp_path,
        {
            "application/vnd.plotly.v1+json": {"data": []},
            "text/html": f"<div>{RUNS}</div>",
            "image/png": PICTURE,
            "text/plain": "Figure({'x'})",
        },
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/html": "<b>still face</b>", "image/png": PICTURE},
        {"application/vnd.plotly.v1+json": {"data": []}, "text/plain": "Figure({'only numbers'})"},
        {"text/plain": "plain words"},
    )
    assert text.count(f"data:image/png;base64,{PICTURE}") == 1  # the second output has HTML, which comes first
    assert "<b>still face</b>" in text
    assert text.count(MISSING) == 1
    assert "only numbers" not in text
    assert "plain words" in text
    assert "widget-view" not in text


def test_no_script_and_no_address_is_left(tmp_path):
    text = written(tmp_path, {"text/html": f"{RUNS}<b>words</b>"})
    assert "<script" not in text
    assert MISSING in text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert text.index("Content-Security-Policy") < text.index("<title")
    assert not re.search(r"<link[^>]+https?:", text)


@pytest.mark.parametrize(("content", "message"), [("{", "expected a Jupyter notebook"), (None, "expected a Jupyter notebook")])
def test_bad_notebooks_are_one_line(tmp_path, content, message):
    if content is not None:
        (tmp_path / "in.ipynb").write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        publish_notebook(tmp_path / "out.html", tmp_path / "in.ipynb")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.html").exists()


def test_a_notebook_that_was_not_run_is_refused(tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), tmp_path / "in.ipynb")
    with pytest.raises(DataError, match="run its cells and save it"):
        publish_notebook(tmp_path / "out.html", tmp_path / "in.ipynb")


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<td>javascript:alert(1) onerror=x &lt;script&gt;</td>", True),  # words of the data, which only look like it
        ('<img alt="onload=1" src="data:,">', True),
        ('<b OnClick="x">', False),
        ('<a href=" java\nscript:x">', False),
        ("<IFRAME src=x>", False),
    ],
)
def test_what_runs_is_told_from_words_that_look_like_it(tmp_path, markup, shown):
    text = written(tmp_path, {"text/html": f"{markup}words of it"})
    assert ("words of it" in text) == shown
    assert (MISSING in text) != shown


def test_no_cell_leads_elsewhere_or_holds_a_file_from_elsewhere(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "secret.png").write_bytes(PNG.getvalue())
    (tmp_path / "book" / "own.png").write_bytes(PNG.getvalue())
    (tmp_path / "book" / "link.png").symlink_to(tmp_path / "secret.png")
    away = "<meta http-equiv=refresh content='0;url=//away.example/'><base href='//away.example/'><img src='//away.example/x.png'>"
    markdown = f"words of a cell {away}\n\n![](https://away.example/y.png) ![](../secret.png) ![](link.png) ![own](own.png)"
    outputs = [
        {"text/html": "words of an output <style>@import '//away.example'</style>"},
        {"text/markdown": f"not shown {away}"},
        {"text/markdown": "words of more ![](//away.example/z.png)"},
    ]
    cells = [
        new_markdown_cell(markdown),
        new_raw_cell(f"words of a raw cell {away}", metadata={"raw_mimetype": "text/html"}),
        new_code_cell("1", outputs=[new_output("display_data", data=data) for data in outputs]),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "book" / "in.ipynb")
    publish_notebook(tmp_path / "out.html", tmp_path / "book" / "in.ipynb")
    text = (tmp_path / "out.html").read_text("utf-8")
    assert "away.example" not in text
    for words in ("a cell", "a raw cell", "an output", "more"):
        assert f"words of {words}" in text
    assert text.count(PICTURE) == 1
    assert len(re.findall(r"http-equiv=", text)) == 1  # that of the page's own policy
