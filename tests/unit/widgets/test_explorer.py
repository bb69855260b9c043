import base64
import gc
import io
import threading
import weakref

import numpy as np
import polars as pl
import pytest
from PIL import Image

from labelscope.errors import DataError, StageError
from labelscope.explorer.state import ExplorerState

pytest.importorskip("anywidget")
from labelscope.widgets import explorer as explorer_module
from labelscope.widgets.explorer import Explorer

built = pytest.mark.skipif(not (explorer_module.STATIC / "explorer.js").is_file(), reason="the front end is not built")


@pytest.fixture
def app(session):
    app = Explorer(session, name="A & B")
    assert app.wait(20)
    yield app
    app.close()


@built
def test_selection_goes_in_and_out(app, dataset):
    assert app.selection.height == 0
    for items in (["b", "c"], pl.DataFrame({"item_id": ["c", "b"]}), np.array([False, True, True, False])):
        app.selection = items
        assert app.selection["item_id"].to_list() == ["b", "c"]
    app.selection = None
    assert app.selection.height == 0
    for wrong in (["z"], [True], pl.DataFrame({"x": [1]})):
        with pytest.raises(DataError):
            app.selection = wrong


@built
def test_static_face_holds_all_types_escapes_and_is_small(app):
    bundle, _ = app._repr_mimebundle_()
    assert {"text/plain", "text/html", "image/png", "application/vnd.labelscope.v1+json"} < set(bundle)
    png = base64.b64decode(bundle["image/png"])
    assert len(png) < 150_000
    assert Image.open(io.BytesIO(png)).width > 600
    assert "<script" not in bundle["text/html"]
    assert "a cat &amp; a &lt;dog&gt;" in bundle["text/html"]
    assert "4 items × 3 labels" in bundle["text/plain"]
    assert "3 suggestions" in bundle["text/plain"]


@built
def test_saved_state_holds_no_bulk(app):
    state = app.get_state()
    assert sum(len(str(value)) for key, value in state.items() if key not in {"_esm", "_css"}) < 200_000
    # grid mode, the command bar and unknown cells added 15,000, reasons 3,500, the tabs of sources and models 4,400 and 3,900,
    # a new label 6,300, the tab of health 2,700, texts of labels and proposed edits on the label page 2,700
    # novel groups 7,000, names on the map 5,000, two data sets joined 3,700
    assert len(state["_esm"]) < 249_000


@built
def test_decisions_and_export_are_those_of_the_session(app, session, tmp_path):
    session.accept("s0")
    assert app.decisions["verdict"].to_list() == ["accepted"]
    assert "1 cells changed" in str(app.export(tmp_path / "out.parquet"))


@built
def test_closed_views_leave_nothing_behind(session, talk, until, monkeypatch):
    opened = weakref.WeakSet()

    def noted(*args, **kwargs):
        state = ExplorerState(*args, **kwargs)
        opened.add(state)
        return state

    monkeypatch.setattr(explorer_module, "ExplorerState", noted)

    def open_and_close():
        one = Explorer(session, name="again")
        opened.add(one)
        assert len(opened) >= 2
        assert one.wait(20)
        one.filter("cat")
        talk.request(one, "open", view="v")
        talk.request(one, "evidence", row=0, label=1)
        one.close()
        talk.sent.clear()

    def left():
        talk.sent.clear()  # an answer may come after its view was closed
        gc.collect()
        return list(opened)

    others = set(threading.enumerate())
    for _ in range(20):
        open_and_close()
    assert until(lambda: not left(), 60)  # a timer or a thread may be on its last turn
    assert until(lambda: not [one for one in set(threading.enumerate()) - others if one.name.startswith("labelscope")])


@built
def test_a_query_from_python_narrows_the_selection(app):
    assert app.filter("cat")["item_id"].to_list() == ["a", "d"]
    assert app.filter("NOT dog")["item_id"].to_list() == ["a"]
    with pytest.raises(DataError, match="filter"):
        app.filter("(")
    assert app.selection.height == 1


def test_a_front_end_that_was_not_built_is_named(session, tmp_path, monkeypatch):
    monkeypatch.setattr(explorer_module, "STATIC", tmp_path)
    with pytest.raises(StageError, match="build"):
        Explorer(session)


def stages(talk, app) -> dict[str, str]:
    return {stage["name"]: stage["status"] for stage in talk.ask(app, "state")["body"]["stages"]}


@built
def test_the_stages_of_a_large_data_set_let_the_first_frame_pass(session, monkeypatch, talk, until):
    monkeypatch.setattr(explorer_module, "QUICKLY_DRAWN", 0)
    monkeypatch.setattr(explorer_module, "PAINTED", 60.0)
    monkeypatch.setattr(explorer_module, "DISPLAYED", 20.0)
    app = Explorer(session, name="large")
    repr(app), app._repr_mimebundle_()  # the notebook shows it
    assert until(lambda: stages(talk, app)["first_map"] == "done")
    assert not app.wait(0.2)
    assert stages(talk, app)["predictions"] == "waiting"
    reply, buffers = talk.reply(talk.request(app, "open", view="v"))
    assert (reply["body"]["map"]["version"], len(buffers)) == (1, 2)
    talk.ask(app, "worklist", queue="pending", order="confidence")
    assert app.wait(20)
    app.close()
