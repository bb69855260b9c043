import re

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.data.cell_scores import Scores
from labelscope.explain.confusions import confusions, threshold_of

NAMES = ["<b>wolf</b>", "dog", "animal", "outside"]


@pytest.fixture(scope="module")
def ds():
    """Wolves and dogs that overlap in one direction, both animals; "outside" lies on half of everything."""
    rng = np.random.default_rng(0)
    n = 400
    kind = rng.integers(0, 3, n)  # 0 wolf, 1 dog, 2 neither
    x = rng.normal(size=(n, 8))
    x[:, 0] += np.where(kind == 0, 1.6, np.where(kind == 1, 0.4, -3))
    x[:, 1] += np.where(kind == 1, 2.0, 0)
    outside = rng.random(n) < 0.5
    x[:, 2] += 3 * outside
    labels = np.column_stack([kind == 0, kind == 1, kind < 2, outside]).astype(int)
    items = pl.DataFrame({"text": [f"item {k} <script>alert({k})</script> [a](b) *c*" for k in range(n)]})
    return ls.Dataset.from_arrays(
        labels, label_names=NAMES, embeddings=x.astype(np.float32), items=items, text="text",
        taxonomy=[("animal", "<b>wolf</b>"), ("animal", "dog")], label_descriptions={"<b>wolf</b>": "a <i>wild</i> animal"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(ds):
    predictions = ls.predict(ds)
    findings = ls.find_issues(ds, predictions)
    return ls.guideline(ds, predictions, findings, label=NAMES[0]), predictions, findings


def test_the_threshold_gives_as_many_items_as_carry_the_label():
    states, p = np.array([1, 0, 1, 0, -1, 0]), np.array([0.9, 0.8, 0.3, 0.2, 0.99, 0.1])
    assert threshold_of(states, p) == pytest.approx(0.55)
    assert (p[states >= 0] >= threshold_of(states, p)).sum() == 2
    assert threshold_of(np.array([0, 0]), np.array([0.1, 0.2])) == 0.5


def test_the_label_that_it_overlaps_with_is_the_confusion(made):
    guideline = made[0]
    assert guideline.confusions["label"].to_list() == ["dog"]  # "outside" is merely frequent, "animal" goes with it
    row = guideline.confusions.row(0, named=True)
    assert row["claimed"] + row["lost"] >= 5
    assert row["lift"] > 1.2
    assert guideline.goes_with["label"][0] == "animal"


def test_counts_of_a_confusion_are_the_items_behind_it(ds, made):
    _, predictions, _ = made
    states, p = ds.labels.dense(), predictions.probabilities
    threshold = threshold_of(states[:, 0], p[:, 0])
    frame, rows = confusions(ds, Scores(p), 0, threshold)
    behind = rows["dog"]
    claimed = (states[:, 0] == 0) & (p[:, 0] >= threshold) & (states[:, 1] == 1)
    assert frame["claimed"][0] in (0, claimed.sum())
    assert len(behind) == frame["claimed"][0] + frame["lost"][0]
    assert (states[behind, 1] == 1).sum() == frame["claimed"][0]
    assert (states[behind, 0] == 1).sum() == frame["lost"][0]


def test_suspicious_cells_are_no_examples(ds, made):
    guideline, _, findings = made
    flagged = findings.cells.filter("flagged", label=NAMES[0])["item_id"]
    assert guideline.n_left_out == len(flagged) > 0
    assert not set(guideline.frame["item_id"]) & set(flagged)
    sections = guideline.frame["section"].unique(maintain_order=True).to_list()
    assert sections == ["exemplar", "borderline, given", "borderline, not given", "confused"]


def test_borderline_cases_lie_near_the_line_on_either_side(made):
    guideline = made[0]
    for section, state in (("borderline, given", 1), ("borderline, not given", 0)):
        part = guideline.frame.filter(section=section)
        assert part.height == 4
        assert (part["state"] == state).all()
        assert (part["probability"] - guideline.threshold).abs().max() < 0.2
    exemplars = guideline.frame.filter(section="exemplar")
    assert exemplars["probability"].min() > guideline.threshold


def test_the_page_escapes_whatever_came_from_data(made):
    page = made[0].html
    assert page.startswith("<!DOCTYPE html>")
    assert "&lt;b&gt;wolf" in page
    for markup in ("<script", "<b>wolf", "<i>wild"):
        assert markup not in page
    assert not re.search(r"https?://", page)
    assert "not how it ought to be used" in page


def test_the_markdown_means_what_it_shows(made):
    text = made[0].markdown
    assert text.startswith("# &lt;b&gt;wolf&lt;/b&gt;\n")
    assert r"\[a\]\(b\) \*c\*" in text
    assert "<script" not in text
    assert text.count("## ") >= 4


def test_pages_are_written_whole_or_not_at_all(made, tmp_path):
    made[0].write(tmp_path / "wolf.html")
    made[0].write(tmp_path / "wolf.md")
    assert (tmp_path / "wolf.html").read_text() == made[0].html
    assert (tmp_path / "wolf.md").read_text() == made[0].markdown
    with pytest.raises(ls.DataError, match=r"ends in \.html or \.md"):
        made[0].write(tmp_path / "wolf.docx")
    with pytest.raises(ls.DataError, match="no such folder"):
        made[0].write(tmp_path / "nowhere" / "wolf.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wolf.html", "wolf.md"]


def test_a_label_that_nothing_is_confused_with(ds):
    guideline = ls.guideline(ds, label="outside")
    assert guideline.confusions.is_empty()
    assert "confused with no other label" in guideline.summary()
    assert "confused" not in guideline.frame["section"].to_list()
    assert guideline.html.count("<h3>") == 3


def test_a_label_that_cannot_be_predicted_is_refused(ds):
    labels = ds.labels.dense()
    labels[:, 1] = 0
    labels[:2, 1] = 1
    with pytest.raises(ls.StageError, match="positives and negatives enough to be predicted, got 'dog'"):
        ls.guideline(ls.Dataset.from_arrays(labels, label_names=NAMES, embeddings=ds.embeddings), label="dog")
