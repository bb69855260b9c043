import base64
import gzip
import json
import re

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.publish import publish
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session
from labelscope.widgets.static_view import summary

N = 400


@pytest.fixture
def opened(tmp_path):
    rng = np.random.default_rng(0)
    truth = (rng.random((N, 2)) < 0.4).astype(int)
    raters = np.arange(N) % 10
    given = np.where(((raters == 3) & (rng.random(N) < 0.5))[:, None], 1 - truth, truth)
    items = pl.DataFrame({
        "text": [f"text {k}{' ann@example.org' * (k % 40 == 0)}" for k in range(N)],
        "rater": [f"r{k}" for k in raters],
        "tell": [("yes" if one else "no") for one in truth[:, 1]],
    })  # fmt: skip
    x = (truth * 3 + rng.normal(size=(N, 2)) * 0.3).astype(np.float32)
    session = Session(
        Dataset.from_arrays(given, label_names=["a", "b"], items=items, text="text", embeddings=x),
        ledger=tmp_path / "l.sqlite",
        reviewer="ann",
    )
    board = ExplorerState(session, lambda: None)
    handlers = answers(board, lambda path, *, redact: session.export(path, redact=redact))
    yield session, board, truth, lambda of, **body: handlers[of](Request("1", of, body)).body
    session.close()


def test_before_the_search_is_over_it_says_so_and_starts_no_stage(opened):
    session, _, _, ask = opened
    told = ask("sources")
    assert "not over" in told["why"]
    assert told["rows"] == []
    assert [row["label"] for row in told["shortcuts"]] == ["b"]
    assert "findings" not in session.ready


def test_suspicion_is_a_guess_until_enough_cells_are_decided(opened):
    session, board, truth, ask = opened
    board.take_findings(session.findings)
    told = ask("sources")
    assert (told["basis"], told["why"], told["rows"][0]["column"], told["rows"][0]["value"]) == ("suspicion", "", "rater", "r3")
    assert told["rows"][0]["out"]
    assert told["personal"] == [{"column": "text", "kind": "e-mail address", "n_items": 10}]
    for row in range(200):
        session.edit(row, "a", int(truth[row, 0])) if session.state(row, "a") != truth[row, 0] else session.confirm(row, "a")
    told = ask("sources")
    first = told["rows"][0]
    assert (told["basis"], told["n_decided"], first["value"], first["n"]) == ("decided", 200, "r3", 20)
    assert first["low"] < first["share"] < first["high"]
    assert ask("sources", basis="suspicion")["basis"] == "suspicion"


def test_each_row_is_a_filter_one_at_a_time(opened):
    _, _, _, ask = opened
    assert ask("filter", by="source", column="rater", value="r3")["count"] == N // 10
    told = ask("filter", by="personal", column="text", kind="e-mail address")
    assert (told["count"], [chip["title"] for chip in told["filters"]]) == (10, ["e-mail address in text"])
    with pytest.raises(DataError, match="expected a value of a column that the tab Sources lists, got rater: nobody"):
        ask("filter", by="source", column="rater", value="nobody")


def test_the_export_of_the_tab_leaves_personal_data_out(opened, tmp_path):
    _, _, _, ask = opened
    said = ask("export", path=str(tmp_path / "out.csv"), redact=True)
    assert "personal data replaced in 10 rows" in said["summary"]
    assert "example.org" not in (tmp_path / "out.csv").read_text("utf-8")


def test_the_saved_picture_says_what_was_found(opened):
    session, board, _, _ = opened
    board.take_findings(session.findings)
    board.take_suggestions(session.suggestions)
    lines = summary("data", board)
    assert any(line.startswith("Sources: rater r3 (") and "a guess" in line for line in lines)
    assert any("tell yes alone tells b" in line for line in lines)
    assert "Personal data: e-mail address in 10 places" in lines


def test_a_page_without_personal_data_holds_none_of_them(opened, tmp_path):
    session, _, _, _ = opened
    session.confirm(0, "a")
    done = publish(session, tmp_path / "page.html", redact=["personal"])
    page = done.path.read_text("utf-8")
    block = gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', page)[1]))
    for kept in (page.encode(), block):
        assert b"example.org" not in kept
        assert b'"ann"' not in kept
    assert b"[e-mail address]" in block
    assert "personal data in 1 column" in done.notes[0]
    header = json.loads(block[8 : 8 + int.from_bytes(block[:8], "little")])
    assert header["personal"] == []
    assert {one["column"] for one in header["slices"]} == {"rater", "tell", "text length"}
    whole = gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', publish(session, done.path).path.read_text("utf-8"))[1]))
    assert b"ann@example.org" in whole
