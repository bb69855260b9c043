from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp

from labelscope import Dataset, cooccurrence, long_tail, relations
from labelscope.issues.find import Findings
from labelscope.stats.ordering import cluster_order
from labelscope.suggest.pseudo import PseudoLabels
from labelscope.suggest.relabel import Suggestions
from labelscope.views import embedding_map, theme
from labelscope.views import findings as findings_view
from labelscope.views import long_tail as long_tail_view
from labelscope.views.suggestions import rounded_down


def words(figure) -> str:
    return str(figure.to_plotly_json())


def test_every_figure_has_a_finding_for_a_title_and_our_template(figures):
    for figure in figures.values():
        assert len(figure.layout.title.text) > 10
        assert figure.layout.title.subtitle.text
        assert figure.layout.template.layout.paper_bgcolor == "#FFFFFF"
        assert len(figure.layout.template.data.to_plotly_json()) == 0


def test_text_from_data_means_nothing_to_plotly(figures):
    everything = "".join(words(figure) for figure in figures.values())
    assert "&lt;b&gt;cat" in everything
    for markup in ("<b>cat", "$x", "<script", "<i>say"):
        assert markup not in everything


def test_titles_state_the_numbers(figures):
    titles = {name: figure.layout.title.text for name, figure in figures.items()}
    assert titles["findings"] == "Look at these first: 14 given labels, 14 absent ones"
    assert titles["suggestions"] == "14 labels to add, 14 to remove"
    assert titles["pseudo_labels"] == "3 of 10 unknown cells got a state"
    assert titles["explanation"] == "3 of 5 near items agree that item q is &lt;b&gt;cat&lt;/b&gt;"
    assert titles["predictions"] == "2 of 3 labels predicted as often as given, within 20%"
    assert re.fullmatch(r"\d+ of 300 items break a constraint \(\d+\.\d%\)", titles["violations"])
    assert titles["embedding_map"] == "Map of 300 items"
    assert titles["map_regions"] == "3 regions of the map, named by what sets their items apart"
    assert titles["hot_spots"] == "2 hot spots: places with more suspicious cells than chance would have"
    assert titles["long_tail"].startswith("2 labels of 4 hold half of all positives; 1 has fewer than 20")


def test_no_name_of_a_region_is_written_over_another(regions):
    assert [note.text for note in regions.figure.layout.annotations] == ["&lt;b&gt;cat&lt;/b&gt;", "A &amp; B"]


def test_a_hot_spot_stands_beside_what_an_even_spread_would_give(hot_spots):
    missing, spurious, even = hot_spots.figure.data
    assert (list(missing.x), list(spurious.x), list(even.x)) == ([23], [6], [4.2, 0.1])
    assert (missing.text[0], spurious.text[0]) == ("23 · 5 x", "6 · 12 x")


def test_missing_and_spurious_are_apart(findings):
    figure = findings_view.figure(findings)
    assert {trace.name: trace.xaxis for trace in figure.data} == {"missing": "x", "spurious": "x2"}
    assert sum(sum(trace.x) for trace in figure.data) == findings.cells["flagged"].sum()


def test_unknown_cells_show_beside_the_positives(dataset):
    figure = long_tail(dataset).figure
    states = {trace.name: np.asarray(trace.x) for trace in figure.data if trace.xaxis == "x2"}
    assert sum(states.values()) == pytest.approx(np.ones(4))
    assert "unknown" in states


@pytest.fixture
def many_labels() -> Dataset:
    rng = np.random.default_rng(0)
    columns = (5000 * rng.random(60_000) ** 3).astype(int)
    positives = sp.csr_matrix((np.ones(60_000, bool), (np.repeat(np.arange(20_000), 3), columns)), shape=(20_000, 5000))
    positives.sum_duplicates()
    return Dataset.from_arrays(positives)


def test_thousands_of_labels_stay_small(many_labels):
    heat = cooccurrence(many_labels).figure
    assert max(np.asarray(heat.data[0].z).shape) <= 400
    assert "4,984 labels, the strongest pair a cell" in heat.layout.title.subtitle.text
    curve = long_tail(many_labels).figure
    assert sum(len(trace.x) for trace in curve.data) <= 3000
    for figure in (heat, curve, relations(many_labels).figure):
        assert len(figure.to_json()) < 700_000


def test_names_that_clip_to_the_same_keep_their_rows():
    names = [f"{'long ' * 20}{k}" for k in range(3)]
    labels = (np.random.default_rng(0).random((200, 3)) < 0.4).astype(np.int8)
    heat = cooccurrence(Dataset.from_arrays(labels, label_names=names)).figure
    assert len(set(heat.data[0].x)) == 3


def test_the_map_samples_evenly_and_keeps_the_marked_items():
    n = 50_000
    frame = pl.DataFrame({"item_id": np.arange(n), "x": np.arange(n, dtype=np.float32), "y": np.zeros(n, np.float32)})
    result = type("Map", (), {"frame": frame})
    groups = pl.DataFrame({"item_id": np.arange(0, n, 50), "group": ["missing"] * 1000})
    figure = embedding_map.figure(result, groups=groups)
    assert [len(trace.x) for trace in figure.data] == [19_000, 1000]
    assert figure.data[1].marker.color == theme.ROLES["missing"]
    assert len(figure.to_json()) < 900_000


def test_findings_of_one_kind_only_are_drawn(findings):
    spurious = Findings(findings.cells.filter(kind="spurious"))
    assert "0 absent ones" in spurious.figure.layout.title.text


def test_nothing_to_draw_is_said_in_words(findings, suggestions):
    empty = pl.DataFrame(schema={"label": pl.String, "n_cells": pl.Int64, "reason": pl.String})
    states = pl.DataFrame(
        schema={"item_id": pl.Int64, "label": pl.String, "state": pl.Int8, "probability": pl.Float32, "method": pl.String}
    )
    assert Findings(findings.cells.head(0)).figure.layout.title.text == "No cell is flagged"
    assert Suggestions(suggestions.frame.head(0)).figure.layout.title.text == "Nothing to suggest"
    assert PseudoLabels(states, abstained=empty).figure.layout.title.text == "No unknown cell"
    assert cooccurrence(Dataset.from_arrays([[1]])).figure.layout.title.text == "No two labels to compare"
    assert relations(Dataset.from_arrays([[1]])).figure.layout.title.text == "No rule between labels is supported"


def test_dark_figures_have_light_ink(dataset):
    figure = long_tail_view.figure(long_tail(dataset), dark=True)
    assert figure.layout.template.layout.font.color == "#E8EAED"


def test_blocks_lie_side_by_side():
    group = np.array([0, 1, 0, 1, 0, 1])
    order = cluster_order(np.where(group[:, None] == group, 0.9, -0.1))
    assert (np.diff(group[order]) != 0).sum() == 1


@pytest.mark.parametrize(("value", "expected"), [(1, 1), (7, 6), (850, 800), (39, 20)])
def test_ticks_are_round(value, expected):
    assert rounded_down(value) == expected
