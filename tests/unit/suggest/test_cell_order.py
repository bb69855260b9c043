"""The order of cells that learns: what verdicts teach, and where they teach nothing."""

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.issues.find import Findings
from labelscope.suggest.cell_order import CellOrder

N_CELLS = 3000
RATES = np.array([0.9, 0.5, 0.05])  # share of the listed cells of each label that are wrong


def by_hand(seed=0, rates=RATES):
    """Findings whose suspicion says nothing, with labels that err unlike each other; and whether each cell is wrong."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, len(rates), N_CELLS)
    wrong = rng.random(N_CELLS) < rates[label]
    cells = pl.DataFrame({
        "item_id": np.arange(N_CELLS), "label": np.array(["cat", "dog", "cow"])[label], "given": np.int8(1), "kind": "spurious",
        "suspicion": np.linspace(0.9, 0.5, N_CELLS, dtype=np.float32), "flagged": False, "confidence": np.linspace(0.6, 0.3, N_CELLS),
    })  # fmt: skip
    return Findings(cells), wrong


def on_data(n=600, seed=0):
    """Findings of find_issues: every cat is mislabelled where the first coordinate is low, nothing else is."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5)).astype(np.float32)
    truth = (x[:, 1:4] > 0).astype(np.int8)
    given = np.where((rng.random(truth.shape) < 0.08) & (x[:, :1] < -0.3), 1 - truth, truth)
    return ls.find_issues(ls.Dataset.from_arrays(given, embeddings=x, label_names=["cat", "dog", "cow"])), given != truth


def review(order, wrong_of, n, every=10):
    outcomes = []
    for _ in range(n // every):
        batch = order.frame(every)
        outcomes.append(batch.select("item_id", "label").with_columns(wrong=wrong_of(batch)))
        order.learn(pl.concat(outcomes))
    return pl.concat(outcomes)


def test_without_verdicts_it_is_the_order_of_the_findings():
    found, _ = on_data()
    frame = ls.rank_cells(found)
    assert frame.columns == ["item_id", "label", "kind", "probability"]
    assert frame.rows() == found.cells.select("item_id", "label", "kind", "confidence").rows()
    assert ls.rank_cells(found, frame.clear().select("item_id", "label", wrong=pl.lit(value=True))).rows() == frame.rows()


def test_labels_that_err_more_come_first():
    found, wrong = by_hand()
    outcomes = review(CellOrder(found), lambda batch: pl.Series(wrong[batch["item_id"].to_numpy()]), 500)
    assert outcomes["wrong"].sum() > 1.4 * wrong[:500].sum()
    first = ls.rank_cells(found, outcomes, n=100)
    assert (first["label"] == "cat").mean() > 0.95
    assert abs(first["probability"].mean() - 0.9) < 0.07


def test_where_verdicts_teach_nothing_the_order_stays():
    found, wrong = by_hand(rates=np.array([0.4, 0.4, 0.4]))
    order = CellOrder(found)
    outcomes = review(order, lambda batch: pl.Series(wrong[batch["item_id"].to_numpy()]), 300)
    assert outcomes["wrong"].sum() >= 0.85 * wrong[:300].sum()
    assert order.trust[0] > 0.05


def test_verdicts_are_learnt_once_and_in_any_portions_alike():
    found, wrong = by_hand()
    outcomes = found.cells.select("item_id", "label").with_columns(wrong=pl.Series(wrong)).sample(123, seed=1)
    at_once = ls.rank_cells(found, outcomes)
    order = CellOrder(found)
    for n in (40, 90, 123):
        order.learn(outcomes.head(n))
    piecewise = order.frame()
    both = at_once.join(piecewise, on=["item_id", "label"])
    assert np.allclose(both["probability"], both["probability_right"], atol=0.02)
    order.learn(outcomes.head(55))  # the later ones were undone
    undone = order.frame().join(ls.rank_cells(found, outcomes.head(55)), on=["item_id", "label"])
    assert np.allclose(undone["probability"], undone["probability_right"], atol=1e-9)


def test_decided_cells_are_left_out_and_the_last_verdict_counts():
    found, _ = by_hand()
    cells = found.cells.select("item_id", "label").head(20)
    twice = pl.concat([cells.with_columns(wrong=pl.lit(value=True)), cells.with_columns(wrong=pl.lit(value=False))])
    frame = ls.rank_cells(found, twice)
    assert frame.height == N_CELLS - 20
    assert frame.join(cells, on=["item_id", "label"]).is_empty()
    assert frame["probability"][0] < 0.5


def test_a_verdict_on_a_cell_that_is_not_listed_is_legal():
    found, _ = on_data()
    listed = set(found.cells.select("item_id", "label").rows())
    other = next((i, name) for i in range(600) for name in ("cat", "dog", "cow") if (i, name) not in listed)
    outcomes = pl.DataFrame([(*other, True)], schema=["item_id", "label", "wrong"], orient="row")
    assert ls.rank_cells(found, outcomes).height == found.cells.height


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ({"item_id": [1], "label": ["cat"]}, "outcomes: expected the columns item_id, label, wrong, got item_id, label; add wrong"),
        ({"item_id": [1], "label": ["cat"], "wrong": [1]}, "outcomes: expected True or False in wrong, got Int64"),
        ({"item_id": [1], "label": ["cat"], "wrong": [True], "weight": [2.0]}, "outcomes: expected weights within"),
        (
            {"item_id": [10**6], "label": ["cat"], "wrong": [True]},
            "outcomes: expected items and labels of the findings, got item_id 1000000",
        ),
        ({"item_id": [1], "label": ["horse"], "wrong": [True]}, "outcomes: expected items and labels of the findings, got label 'horse'"),
    ],
)
def test_bad_outcomes_are_one_line(outcomes, said):
    found, _ = on_data()
    with pytest.raises(ls.DataError) as caught:
        ls.rank_cells(found, pl.DataFrame(outcomes))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_bad_number_of_cells_is_one_line():
    found, _ = by_hand()
    with pytest.raises(ls.StageError, match="n: expected a number of cells, 1 or more, or None for all, got 0"):
        ls.rank_cells(found, n=0)
