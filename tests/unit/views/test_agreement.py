from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, agreement
from labelscope.views.agreement import TENTATIVE, figure
from labelscope.views.picture import png

NAMES = ["<b>cat</b>", "$x^2$", "A & B"]


@pytest.fixture
def found():
    rng = np.random.default_rng(0)
    truth = rng.random((80, 3)) < [0.5, 0.3, 0.2]
    rows = [
        (item, f"<i>r{rater}</i>", NAMES[label], int(truth[item, label] ^ (rng.random() < (0.02, 0.2, 0.4)[label])))
        for item in range(80)
        for rater in range(4)
        for label in range(3)
    ]
    votes = pl.DataFrame(rows, schema=["item_id", "rater", "label", "value"], orient="row")
    return agreement(Dataset.from_arrays(truth.astype(int), label_names=NAMES, votes=votes))


def test_the_title_says_what_was_found(found):
    weak = (found.frame["alpha"] < TENTATIVE).sum()
    assert figure(found).layout.title.text == f"Raters agree least on 'A &amp; B'; alpha is below 0.667 on {weak} of 3 labels"
    assert weak == 2


def test_every_label_and_rater_is_drawn_and_no_name_is_markup(found):
    drawn = figure(found)
    by_name = {trace.name: trace for trace in drawn.data if trace.name}
    assert by_name["alpha, 95% interval"].x == pytest.approx(found.frame["alpha"].to_list())
    assert by_name["AC1"].x == pytest.approx(found.frame["ac1"].to_list())
    assert len(drawn.data[-1].x) == 4
    words = str(drawn.to_plotly_json())
    for markup in ("<b>cat", "$x", "<i>r"):
        assert markup not in words


def test_it_can_be_a_picture_in_both_inks(found):
    light, dark = (png(figure(found, dark=dark)) for dark in (False, True))
    assert light[:4] == dark[:4] == b"\x89PNG"
    assert light != dark


def test_full_agreement_has_words_too():
    votes = pl.DataFrame({"item_id": [0, 0, 1, 1], "rater": ["a", "b"] * 2, "label": "x", "value": [0] * 4})
    drawn = figure(agreement(Dataset.from_arrays([[1], [0]], label_names=["x"], votes=votes)))
    assert drawn.layout.title.text == "Raters say the same on every label"
