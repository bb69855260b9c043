from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.audit.estimate import estimate
from labelscope.audit.stopping import stopping
from labelscope.issues.find import Findings
from labelscope.views import audit as audit_view
from labelscope.views import stopping as stopping_view
from labelscope.views.picture import png

NAMES = ["<b>cat</b>", "$x^2$", "A & B", "a label whose name goes on for much longer than any axis has room for"]


@pytest.fixture(scope="module")
def told():
    """An estimate of four labels with markup for names, a fifth of the answers undecidable."""
    rng = np.random.default_rng(0)
    given = (rng.random((400, 4)) < 0.4).astype(np.int8)
    truth = np.where(rng.random(given.shape) < 0.1, 1 - given, given)
    ds = ls.Dataset.from_arrays(given, label_names=NAMES)
    none = pl.DataFrame(schema={"item_id": pl.Int64, "label": pl.String, "given": pl.Int8, "kind": pl.String, "suspicion": pl.Float32})
    none = none.with_columns(flagged=pl.lit(value=True), confidence=pl.lit(0.5))
    sample = ls.audit(ds, Findings(none, scores=np.zeros(given.shape, np.float32)), 300)
    columns = [NAMES.index(name) for name in sample.frame["label"]]
    states = truth[sample.frame["item_id"].to_numpy(), columns]
    return sample.estimate(sample.cells.with_columns(state=np.where(np.arange(300) % 5 == 0, -1, states)))


def counts(n_audited, n_wrong):
    strata = pl.DataFrame({
        "stratum": [0], "kind": ["missing"], "flagged": [False], "n_cells": [10_000], "n_drawn": [200], "n_audited": [n_audited],
        "n_wrong": [n_wrong], "n_undecidable": [0],
    })  # fmt: skip
    columns = {"label": pl.String, "stratum": pl.Int64, "kind": pl.String, "n_cells": pl.Int64, "n_audited": pl.Int64, "n_wrong": pl.Int64}
    return estimate(strata, pl.DataFrame(schema=columns), 0.95)


def review(found, total):
    return pl.DataFrame({"item_id": range(total), "label": ["a"] * total, "wrong": [k < found for k in range(total)]})


def words(figure) -> str:
    return str(figure.to_plotly_json())


def test_every_number_of_the_estimate_is_drawn_with_its_interval(told):
    figure = told.figure
    total = told.wrong()
    assert f"of {1600:,} cells are wrong" in figure.layout.title.text
    assert "240 audited cells" in figure.layout.title.subtitle.text
    assert "60 undecidable (20%)" in figure.layout.title.subtitle.text
    ends = {tuple(trace.x) for trace in figure.data if trace.mode == "lines"}
    assert (total.low, total.high) in ends
    assert {(row["error_low"], row["error_high"]) for row in told.labels.iter_rows(named=True)} <= ends
    assert len([trace for trace in figure.data if trace.mode == "markers"]) == 3 + 4
    rates = [trace.x[0] for trace in figure.data if trace.mode == "markers" and trace.xaxis == "x2"]
    assert rates == sorted(rates, reverse=True)


def test_text_from_data_means_nothing_to_plotly(told):
    everything = words(told.figure)
    assert "&lt;b&gt;cat" in everything
    assert "<b>cat" not in everything
    assert "$x" not in everything


def test_an_estimate_without_verdicts_or_labels_is_drawn_too(told):
    assert "No cell of the sample" in counts(0, 0).figure.layout.title.text
    alone = counts(200, 0).figure
    assert alone.layout.title.text == "None found, at most 180 of 10,000 cells are wrong"
    assert "too few for a rate by label" in alone.layout.title.subtitle.text
    assert "yaxis2" not in alone.to_plotly_json()["layout"]


def test_the_course_shows_what_there_is_to_find_as_far_as_it_fits():
    near = stopping(review(150, 300), counts(200, 4)).figure  # 200 (55 to 510) to find
    far = stopping(review(5, 300), counts(200, 100)).figure
    assert "about 4,900 (" in words(far)
    assert "above this chart" in words(far)
    assert len(near.data) > len(far.data) == 1
    assert max(max(trace.y) for trace in near.data) <= near.layout.yaxis.range[1]
    assert near.data[-1].y[-1] == 150
    assert "150 found" in words(near)


def test_titles_give_the_advice_and_its_reason():
    assert (
        stopping(review(20, 100), counts(200, 0)).figure.layout.title.text == "Time to stop: 0% of the last 50 decisions found a wrong cell"
    )
    blind = stopping(review(20, 100)).figure
    assert blind.layout.title.text.startswith("Audit before you stop: 0%")
    assert "nobody knows before an audit" in blind.layout.title.subtitle.text
    assert stopping(review(0, 0)).figure.layout.title.text == "Nothing of the queue was reviewed yet"


def test_long_reviews_stay_small():
    assert len(stopping(review(9000, 50_000)).figure.data[0].x) == 1000


def test_both_draw_without_a_browser_light_and_dark(told):
    for dark in (False, True):
        assert png(audit_view.figure(told, dark=dark)).startswith(b"\x89PNG")
        figure = stopping_view.figure(stopping(review(30, 90), counts(200, 3)), dark=dark)
        assert png(figure).startswith(b"\x89PNG")
    assert figure.layout.template.layout.font.color == "#E8EAED"


def test_results_show_themselves(told):
    for result in (told, stopping(review(30, 90), counts(200, 3))):
        assert {"text/plain", "text/html", "image/png"} <= set(result._repr_mimebundle_())
