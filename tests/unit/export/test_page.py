from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from PIL import Image

from labelscope import DataError, Dataset, cooccurrence, long_tail, relations
from labelscope.errors import LabelscopeWarning
from labelscope.export import page as published
from labelscope.export.item_cell import excerpt
from labelscope.export.page import publish
from labelscope.export.redaction import choose
from labelscope.issues.find import Findings
from labelscope.space.project import EmbeddingMap
from labelscope.suggest.relabel import Suggestions

EVIL = "</script><script>alert(1)</script>"
FORMULA = "=HYPERLINK(javascript:alert(2))"
NAMES = [EVIL, "plain", FORMULA]
MARKER = "secret-word"


def material(n_items: int = 60, *, image: bool = False) -> dict:
    """A small data set with hostile texts, labels and ids, and results about it."""
    rng = np.random.default_rng(0)
    labels = (rng.random((n_items, 3)) < [0.5, 0.3, 0.2]).astype(np.int8)
    labels[0] = [1, 0, -1]
    items = pl.DataFrame({
        "item_id": [f"{EVIL}{k}" for k in range(n_items)],
        "text": [f"{EVIL} text {k} {MARKER}" for k in range(n_items)],
        "group": [f"group {k % 3}" for k in range(n_items)],
        "note": [f"{MARKER} note {k}" * 9 for k in range(n_items)],
        "score": np.linspace(0, 1, n_items),
    })  # fmt: skip
    if image:
        out = io.BytesIO()
        Image.new("RGB", (300, 200), "red").save(out, "PNG")
        items = items.with_columns(pl.Series("picture", [out.getvalue()] * n_items))
    X = rng.normal(size=(n_items, 4)).astype(np.float32)
    ds = Dataset.from_arrays(labels, label_names=NAMES, items=items, text="text", image="picture" if image else None, embeddings=X)
    n = n_items // 3
    rows = np.arange(n) * 2
    given = labels[rows, 1]
    todo = pl.DataFrame({
        "suggestion_id": [f"{row}.1" for row in rows],
        "item_id": items["item_id"].gather(rows),
        "label": ["plain"] * n,
        "action": np.where(given == 1, "remove", "add"),
        "confidence": np.linspace(0.9, 0.1, n).astype("f4"),
        "reason": [EVIL] * n,
    })  # fmt: skip
    scores = pl.DataFrame({"item_id": items["item_id"].gather(rows), "suspicion": np.linspace(0.99, 0.4, n)})
    cells = pl.DataFrame(
        schema={
            "item_id": pl.String,
            "label": pl.String,
            "given": pl.Int8,
            "kind": pl.String,
            "suspicion": pl.Float64,
            "flagged": pl.Boolean,
            "confidence": pl.Float64,
        }
    )
    xy = rng.normal(size=(n_items, 2)).astype(np.float32)
    return {
        "dataset": ds, "long_tail": long_tail(ds), "cooccurrence": cooccurrence(ds), "relations": relations(ds),
        "map": EmbeddingMap(pl.DataFrame({"item_id": items["item_id"], "x": xy[:, 0], "y": xy[:, 1]})),
        "findings": Findings(cells, items=scores, not_scored=()), "suggestions": Suggestions(todo), "embeddings": X, "name": EVIL,
        "decisions": decided(ds), "verdicts": {"0.1": "accepted", "2.1": "rejected"},
    }  # fmt: skip


def decided(ds: Dataset) -> pl.DataFrame:
    """The first suggestion accepted, the second rejected, one edit that was undone."""
    ids = ds.item_ids
    states = ds.labels.states(np.array([0, 2]), np.array([1, 1])).tolist()
    return pl.DataFrame({
        "seq": [1, 2, 3], "item_id": [ids[0], ids[2], ids[4]], "label": ["plain", "plain", EVIL],
        "verdict": ["accepted", "rejected", "edited"],
        "before": [states[0], states[1], 0], "after": [1 - states[0], states[1], 1], "suggestion_id": ["0.1", "2.1", None],
        "reviewer": ["ann", "bob", "ann"], "time": ["2026-01-01T10:00:00+00:00"] * 3, "undone": [False, False, True],
    })  # fmt: skip


@pytest.fixture(scope="module")
def given() -> dict:
    return material()


@pytest.fixture(autouse=True)
def drawn(monkeypatch, request):
    """Figures cost a second each: they are drawn in one test only."""
    if "figures" not in request.node.name:
        monkeypatch.setattr("labelscope.export.markup.png", lambda *_, **__: b"")


class Page:
    """A page as a reader gets it: the file, and what its block holds."""

    def __init__(self, path) -> None:
        self.text = path.read_text("utf-8")
        block = gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', self.text)[1]))
        length = int.from_bytes(block[:8], "little")
        self.header = json.loads(block[8 : 8 + length])
        self._start, self._block = 8 + -(-length // 8) * 8, block
        self.everything = self.text + block.decode("utf-8", "replace")

    def array(self, name: str) -> np.ndarray:
        kind, offset, length = self.header["arrays"][name]
        return np.frombuffer(self._block, kind, length, self._start + offset)


def test_page_holds_what_was_found_and_decided(given, tmp_path):
    done = publish(tmp_path / "page.html", **given)
    page = Page(tmp_path / "page.html")
    ds, frame = given["dataset"], given["suggestions"].frame
    assert done.n_bytes == (tmp_path / "page.html").stat().st_size < 1_000_000
    assert (done.n_items, done.n_shown, done.notes) == (60, 60, ())
    assert page.header["labels"] == NAMES
    assert page.header["ids"] == ds.item_ids.to_list()
    assert page.header["texts"] == ds.items["text"].to_list()
    positives = np.split(page.array("positives"), np.cumsum(page.array("positive_lengths"))[:-1])
    assert [row.tolist() for row in positives] == [np.flatnonzero(row == 1).tolist() for row in ds.labels.dense()]
    assert page.array("exceptions").tolist() == [2]
    assert page.array("s_row").tolist() == list(range(0, 40, 2))
    assert page.array("s_verdict").tolist()[:3] == [1, 2, 0]
    np.testing.assert_allclose(page.array("s_confidence") / 10_000, frame["confidence"].to_numpy(), atol=1e-4)
    assert [said["reviewer"] for said in page.header["decisions"]] == ["ann", "bob"]  # the undone one is not there
    assert page.header["n_changed"] == 1
    moved = page.array("n_positive").astype(int) - page.array("n_given")
    assert moved.tolist() == [0, 1 if ds.labels.state(0, 1) == 0 else -1, 0]
    assert [column["name"] for column in page.header["columns"]] == ["group", "note", "score"]


def test_places_and_neighbours_are_those_of_the_data(given, tmp_path):
    publish(tmp_path / "page.html", **given)
    page, X = Page(tmp_path / "page.html"), given["embeddings"]
    box = page.array("box")
    xy = np.stack([page.array("x"), page.array("y")], axis=1) / 65534 * (box[2:] - box[:2]) + box[:2]
    np.testing.assert_allclose(xy, given["map"].frame.select("x", "y").to_numpy(), atol=1e-4)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    near = page.array("near_items").reshape(-1, 25)
    for at, row in enumerate(page.array("near_row")):
        assert set(near[at]) == set(np.argsort(-cosines[row])[:25])
        assert near[at][0] == cosines[row].argmax()


def test_text_from_data_is_never_markup_and_only_the_page_s_own_script_may_run(given, tmp_path):
    publish(tmp_path / "page.html", **given)
    text = Page(tmp_path / "page.html").text
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1
    assert text.lower().count("<script") == 2  # the data block, which is no script, and the app
    assert "alert(1)" in text
    assert "<script>alert" not in text
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    loads = "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    assert policy == f"default-src 'none'; script-src 'sha256-{digest}'; {loads}"
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert "url(http" not in text


def test_without_javascript_there_are_figures_and_a_table(given, tmp_path):
    publish(tmp_path / "page.html", **given)
    still = Page(tmp_path / "page.html").text.split('id="still"')[1].split('id="data"')[0]
    pictures = [base64.b64decode(found) for found in re.findall(r"data:image/png;base64,([^\"]+)", still)]
    assert len(pictures) == 4  # map and long tail, light and dark
    assert all(Image.open(io.BytesIO(picture)).width > 1000 for picture in pictures)
    assert still.count("<tr") == 13
    assert "60 items × 3 labels, 20 suggestions (1 accepted, 1 rejected)" in still


def test_the_same_input_gives_the_same_page(given, tmp_path):
    for name in "ab":
        publish(tmp_path / name, **given)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_texts_leaves_no_trace_of_them(given, tmp_path):
    done = publish(tmp_path / "page.html", **given, texts=False)
    page = Page(tmp_path / "page.html")
    assert MARKER not in page.everything
    assert page.header["text"] is False
    assert [column["name"] for column in page.header["columns"]] == ["group", "score"]  # the note is free words
    assert done.notes == ("Left out: the texts, 1 column.",)
    assert done.notes[0] in page.text


def test_redaction_leaves_no_trace(given, tmp_path):
    done = publish(tmp_path / "page.html", **{**given, "name": "page"}, redact=["group", "note", "text", "item_id", "reviewer"])
    page = Page(tmp_path / "page.html")
    for word in (MARKER, "group 1", '"ann"', '"bob"', f"{EVIL}3", "&lt;/script&gt;3"):
        assert word not in page.everything, word
    assert page.header["ids"][:3] == ["1", "2", "3"]
    assert [said["reviewer"] for said in page.header["decisions"]] == ["reviewer 1", "reviewer 2"]
    assert done.notes == ("Left out: the texts, 2 columns, the item ids, the names of reviewers.",)


def test_pictures_are_small_and_can_be_left_out(tmp_path):
    given = material(30, image=True)
    publish(tmp_path / "with.html", **given)
    page = Page(tmp_path / "with.html")
    sizes = page.array("picture_sizes")
    assert len(sizes) == 30
    first = Image.open(io.BytesIO(page.array("pictures")[: sizes[0]].tobytes()))
    assert max(first.size) == 112
    publish(tmp_path / "without.html", **given, images=False)
    page = Page(tmp_path / "without.html")
    assert page.header["image"] is False
    assert "pictures" not in page.header["arrays"]
    assert "data:image/webp" not in page.text


def test_a_file_from_elsewhere_is_in_no_page_no_report_and_no_notebook(tmp_path, monkeypatch):
    """A row may name any file of the machine; only those that the user allowed are read, not one byte of others."""
    for place, colour in ((tmp_path / "data" / "own.png", "red"), (tmp_path / "secret.png", "blue")):
        place.parent.mkdir(exist_ok=True)
        Image.new("RGB", (300, 200), colour).save(place)
    (tmp_path / "data" / "link.png").symlink_to(tmp_path / "secret.png")
    given = material(30)
    names = ["link.png", "../secret.png", str(tmp_path / "secret.png"), *["own.png"] * 27]
    monkeypatch.chdir(tmp_path / "data")
    with pytest.warns(LabelscopeWarning, match="2 of 30 items have no picture"):
        ds = Dataset.from_arrays(
            given["dataset"].labels.dense(), label_names=NAMES, items=given["dataset"].items.with_columns(picture=pl.Series(names)),
            text="text", image="picture", embeddings=given["embeddings"],
        )  # fmt: skip
    given["dataset"] = ds
    decoded = []
    open_picture = Image.open
    monkeypatch.setattr(Image, "open", lambda file, *args, **more: decoded.append(file.read()) or open_picture(file, *args, **more))
    publish(tmp_path / "page.html", **given)
    page = Page(tmp_path / "page.html")
    sizes = np.cumsum(page.array("picture_sizes"))
    pictures = [open_picture(io.BytesIO(data.tobytes())).convert("RGB") for data in np.split(page.array("pictures"), sizes[:-1])]
    assert len(pictures) == 27
    assert all(picture.getpixel((5, 5))[0] > 200 for picture in pictures)
    assert (tmp_path / "secret.png").read_bytes() not in decoded
    assert "data:image/webp" in "".join(str(excerpt(ds, item).value) for item in ds.item_ids[3:])
    assert "data:image/webp" not in "".join(str(excerpt(ds, item).value) for item in ds.item_ids[:3])


def test_pictures_keep_to_their_budget_and_the_suggested_come_first(tmp_path, monkeypatch):
    monkeypatch.setattr("labelscope.export.page_data.PICTURE_BYTES", 700)
    publish(tmp_path / "page.html", **material(30, image=True))
    page = Page(tmp_path / "page.html")
    assert 0 < page.array("picture_sizes").sum() <= 700
    assert set(page.array("picture_rows")) <= set(page.array("s_row"))


def test_max_items_shows_the_surest_and_an_even_sample(given, tmp_path):
    done = publish(tmp_path / "page.html", **given, max_items=10)
    page = Page(tmp_path / "page.html")
    assert done.n_shown == page.header["n_items"] == 10
    ids = given["dataset"].item_ids
    assert set(ids.gather([0, 2, 4, 6, 8])) <= set(page.header["ids"])  # decided or surest
    assert page.array("n_given").tolist() == given["dataset"].labels.n_positive.tolist()  # of all items
    assert "Shows 10 of 60 items" in done.notes[0]
    assert "10 of 60 items" in str(done)
    near = page.array("near_items").reshape(len(page.array("near_row")), -1)
    assert near.max() < 10


def test_choose_is_exact_and_even():
    assert choose(5, np.array([4]), None).tolist() == [0, 1, 2, 3, 4]
    assert choose(5, np.array([4]), 9).tolist() == [0, 1, 2, 3, 4]
    shown = choose(1000, np.array([990, 990, 980]), 102)
    assert len(shown) == 102
    assert {990, 980} <= set(shown.tolist())
    assert np.diff(shown[:-3]).max() <= 11


def test_a_page_without_map_suggestions_or_decisions(tmp_path):
    given = material(12)
    bare = {
        **given,
        "map": None,
        "embeddings": None,
        "decisions": None,
        "verdicts": None,
        "suggestions": Suggestions(given["suggestions"].frame.clear()),
    }
    publish(tmp_path / "page.html", **bare)
    page = Page(tmp_path / "page.html")
    assert page.header["no_map"]
    assert page.header["no_neighbors"] == "No near items: this data set has no embeddings."
    assert "No label looks wrong." in page.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"redact": ["absent"]},
            "redact: expected one of the columns item_id, text, group, note, score, reviewer, rater, personal, got 'absent'",
        ),
        ({"max_items": 0}, "max_items: expected at least 1, got 0"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(given, tmp_path, options, message):
    with pytest.raises(DataError) as caught:
        publish(tmp_path / "page.html", **given, **options)
    assert str(caught.value) == message
    assert not list(tmp_path.iterdir())


def test_the_label_column_cannot_be_redacted(given, tmp_path):
    from dataclasses import replace

    source = SimpleNamespace(path=tmp_path / "table.csv", options={"labels": "tags", "id": "key"}, choice=None)
    dataset = replace(given["dataset"], source=source)
    with pytest.raises(DataError, match="redact: expected another column than 'tags', which holds the labels"):
        publish(tmp_path / "page.html", **{**given, "dataset": dataset}, redact=["tags"])
    publish(tmp_path / "page.html", **{**given, "dataset": dataset}, redact=["key"])
    assert Page(tmp_path / "page.html").header["ids"][0] == "1"


def test_a_page_that_is_too_large_is_refused_with_a_remedy(given, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(published, "LARGEST", 1000)
        with pytest.raises(DataError, match=r"at most 0 MB, got .* MB; --max-items N shows fewer items"):
            publish(tmp_path / "page.html", **given)
    monkeypatch.setattr(published, "LARGE", 1000)
    assert "large to send: --max-items N" in str(publish(tmp_path / "page.html", **given))


def test_conflicts_and_the_audit_are_there_and_people_are_numbered_alike(given, tmp_path):
    ids = given["dataset"].item_ids
    opinions = pl.DataFrame({"item_id": [ids[0], ids[0]], "label": ["plain", "plain"], "reviewer": ["ann", "bob"], "state": [1, 0]})
    extra = {"conflicts": opinions, "remaining": {"text": "About 9"}, "audit": {"judged": 30}}
    publish(tmp_path / "page.html", **given, **extra, redact=["reviewer"])
    header = Page(tmp_path / "page.html").header
    said = [{"reviewer": "reviewer 1", "state": 1}, {"reviewer": "reviewer 2", "state": 0}]
    assert header["conflicts"] == [{"row": 0, "label": 1, "opinions": said}]
    assert [one["reviewer"] for one in header["decisions"]] == ["reviewer 1", "reviewer 2"]
    assert (header["remaining"], header["audit"]) == (extra["remaining"], extra["audit"])


def test_no_cap_is_silent(given, tmp_path, monkeypatch):
    monkeypatch.setattr("labelscope.export.page_data.MOST_COLUMNS", 1)
    monkeypatch.setattr("labelscope.export.page_data.LONGEST_TEXT", 5)
    done = publish(tmp_path / "page.html", **given)
    assert done.notes == ("Holds 0 of 60 texts whole, the rest cut at 5 letters, 1 of 3 columns.",)
    assert done.notes[0] in Page(tmp_path / "page.html").text
