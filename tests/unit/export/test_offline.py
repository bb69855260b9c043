from __future__ import annotations

import json
import re

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from labelscope.export.markup import TEMPLATES
from labelscope.export.offline import MISSING
from labelscope.views.display import PLOTLY

WIDGET = "application/vnd.jupyter.widget-view+json"
END = "</script><script>window.ran=1</script>"


def page(*outputs):
    cells = [new_code_cell("1", outputs=[new_output("display_data", data=data) for data in outputs])]
    notebook = new_notebook(cells=cells, metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": {}}}}})
    body, _ = HTMLExporter(template_name="labelscope", extra_template_basedirs=[str(TEMPLATES)]).from_notebook_node(notebook)
    return body


def test_a_chart_is_live_and_its_picture_stays_until_then():
    figure = {"data": [{"type": "bar", "x": [END], "y": [1]}], "layout": {}}
    text = page({PLOTLY: figure, "text/html": "<b>the still</b>", "image/png": "QUJD"})
    (data,) = re.findall(r'<script class="labelscope-chart-data"[^>]*>(.*?)</script>', text)
    assert json.loads(data) == figure  # a label cannot end the script
    assert "<b>the still</b>" in text
    assert text.count("Plotly.newPlot(live") == 1


def test_a_chart_of_another_library_is_shown_by_its_picture():
    text = page({PLOTLY: {"data": []}, "text/html": "<script>drawn_by_a_script()</script>", "image/png": "QUJD"})
    assert "drawn_by_a_script" not in text
    assert 'src="data:image/png;base64,QUJD"' in text


def test_without_a_chart_there_is_no_script_and_nothing_is_fetched():
    text = page({"text/plain": "words"})
    assert not re.findall(r"<script|<link[^>]+https?:|src=[\"']https?:", text)


def test_no_output_leads_elsewhere_and_the_page_may_load_nothing():
    away = "<meta http-equiv=refresh content='0;url=//away.example'><img src='//away.example/x.png'><style>@import '//away.example'</style>"
    text = page({"text/html": f"words of an output {away}"}, {PLOTLY: {"data": []}, "text/html": f"words of a chart {away}"})
    assert "away.example" not in text
    assert "words of an output" in text
    assert "words of a chart" in text
    assert re.search(r"""content="default-src 'none';[^"]*" http-equiv="Content-Security-Policy\"""", text)


@pytest.mark.parametrize(
    ("saved", "shown"),
    [({"text/html": "<b>a face</b>"}, "<b>a face</b>"), ({"image/png": "QUJD"}, "QUJD"), ({"text/plain": "x()"}, MISSING)],
)
def test_a_widget_is_replaced_by_what_was_saved_of_it(saved, shown):
    text = page({WIDGET: {"model_id": "x"}, **saved})
    assert shown in text
    assert "widget-view" not in text
    assert "widget-state" not in text
