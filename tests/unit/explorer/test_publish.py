from __future__ import annotations

import base64
import gzip
import json
import re

import pytest

import labelscope as ls

LISTS = [[1, 0], [0, 1]] * 20


def header(path):
    block = gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', path.read_text("utf-8"))[1]))
    return json.loads(block[8 : 8 + int.from_bytes(block[:8], "little")])


@pytest.fixture
def session(tmp_path):
    ds = ls.Dataset.from_arrays(LISTS, embeddings=[[k % 2, k / 40] for k in range(40)])
    return ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    monkeypatch.setattr("labelscope.export.markup.png", lambda *_, **__: b"")


def test_a_session_is_published_as_it_stands(session, tmp_path):
    session.edit(0, "0", 0)
    bob = ls.Session(session.dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bob")
    bob.edit(0, "0", 1)
    session.sync()
    for item, label, given in session.audit(8).cells.iter_rows():
        session.edit(item, label, given)
    done = ls.publish(session, tmp_path / "page.html", name="N")
    found = header(done.path)
    assert found["title"] == "N"
    assert found["audit"]["judged"] == 8
    assert found["remaining"]["n_judged"] == 8
    assert {"ann", "bob"} == {one["reviewer"] for one in found["decisions"]}
    assert [len(one["opinions"]) for one in found["conflicts"]] in ([2], [])  # settled if the audit judged the same cell
    assert str(done).startswith(f"{done.path}: 40 items, 0.")


def test_an_explorer_has_its_title_and_the_same_options(session, tmp_path):
    app = ls.explore(session, name="Mine")
    app.wait()
    done = app.publish(tmp_path / "page.html", max_items=10)
    app.close()
    assert (done.n_shown, header(done.path)["title"]) == (10, "Mine")
    assert header(done.path)["audit"] is None


def test_what_cannot_be_published_is_one_line(session, tmp_path):
    with pytest.raises(ls.DataError, match="expected a data set, a session or an Explorer, got str"):
        ls.publish("notebook.ipynb", tmp_path / "page.html")
    with pytest.raises(ls.DataError, match="redact: expected one of the columns"):
        ls.publish(session, tmp_path / "page.html", redact=["absent"])
    assert not session.ready  # no stage ran for it
