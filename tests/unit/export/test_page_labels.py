"""What a published page holds of labels and voters: only what may be told, of the items that are there."""

from __future__ import annotations

import base64
import gzip
import json
import re
from contextlib import closing

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.voters.rule_file import SavedRule

N = 240
HIDDEN = "secret-word"


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(N, 4)).astype(np.float32)
    states = (X[:, :3] + rng.normal(size=(N, 3)) * 0.5 > 0.4).astype(np.int8)
    items = pl.DataFrame({
        "item_id": [f"id{k}" for k in range(N)], "text": [f"text {k} {HIDDEN}" for k in range(N)],
        "split": [("seen", "kept")[k % 2] for k in range(N)],
    })  # fmt: skip
    votes = [(f"id{row}", rater, name, (row + len(rater)) % 2) for row in range(30) for rater in ("ann", "jo") for name in ("cat", "dog")]
    dataset = ls.Dataset.from_arrays(
        states, label_names=["cat", "dog", "car"], items=items, text="text", embeddings=X,
        votes=pl.DataFrame(votes, schema=["item_id", "rater", "label", "value"], orient="row"),
    )  # fmt: skip
    with closing(ls.Session(dataset, ledger=tmp_path_factory.mktemp("l") / "l.sqlite", reviewer="zoe")) as opened:
        opened.describe("cat", "A cat.", guideline="If seen.")
        opened.voters.save(SavedRule("worded", "dog", query=f"text:{HIDDEN}"))
        _ = opened.suggestions
        yield opened


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    monkeypatch.setattr("labelscope.export.markup.png", lambda *_, **__: b"")


def published(session, folder, **options):
    """The result, the header, and the records of the label pages by label."""
    done = ls.publish(session, folder / "page.html", **options)
    block = gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', done.path.read_text("utf-8"))[1]))
    length = int.from_bytes(block[:8], "little")
    header = json.loads(block[8 : 8 + length])
    start = 8 + -(-length // 8) * 8

    def array(name):
        kind, offset, n = header["arrays"][name]
        return np.frombuffer(block, kind, n, start + offset)

    ends = np.cumsum(array("page_sizes"))
    whole = array("page_bytes").tobytes()
    records = [json.loads(whole[end - size : end]) for end, size in zip(ends.tolist(), array("page_sizes").tolist(), strict=True)]
    return done, header, dict(zip(array("page_labels").tolist(), records, strict=True))


def test_every_label_has_its_page_with_texts_and_examples(session, tmp_path):
    done, header, pages = published(session, tmp_path)
    assert list(pages) == [0, 1, 2]
    assert [pages[0]["page"][part] for part in ("description", "guideline")] == ["A cat.", "If seen."]
    assert pages[0]["examples"]["items"]
    assert not any("label pages" in note for note in done.notes)
    assert {row["rater"] for row in header["rater_table"]["rows"]} == {"ann", "jo", "worded"}
    assert header["rule_table"]["rows"][0]["condition"] == f"text:{HIDDEN}"


def test_items_that_are_not_shown_are_not_named(session, tmp_path):
    _, header, pages = published(session, tmp_path, max_items=20)
    rows = [item["row"] for page in pages.values() for part in ("page", "examples") for item in page[part]["items"]]
    whole = published(session, tmp_path)[2]
    assert 0 < len(rows) < sum(len(page[part]["items"]) for page in whole.values() for part in ("page", "examples"))
    assert max(rows) < header["n_items"] == 20


def test_what_is_left_out_is_not_in_the_page_of_a_label_nor_among_rules_and_raters(session, tmp_path):
    done, header, pages = published(session, tmp_path, texts=False, redact=["split", "rater", "reviewer", "item_id"])
    told = json.dumps([header, pages])
    for word in (HIDDEN, '"kept"', '"ann"', "zoe", '"id1', "worded"):
        assert word not in told, word
    assert not any(page["page"]["shares"] for page in pages.values())
    assert "Splits" not in {fact["section"] for page in pages.values() for fact in page["page"]["facts"]}
    assert [row["rater"] for row in header["rater_table"]["rows"]] != []
    assert done.n_bytes < 1_000_000


def test_more_labels_than_fit_are_said(session, tmp_path, monkeypatch):
    monkeypatch.setattr("labelscope.explorer.publish.MOST_LABEL_PAGES", 2)
    done, _, pages = published(session, tmp_path)
    commonest = np.sort(np.argsort(-session.labels.n_positive, kind="stable")[:2]).tolist()
    assert list(pages) == commonest
    assert "Holds 2 of 3 label pages: those of the commonest labels." in done.notes
