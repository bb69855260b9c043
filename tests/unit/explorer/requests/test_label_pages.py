import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.replies.label_pages import LabelExamples, LabelPageShown
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session

N = 300
NAMES = ("wolf", "New York", "animal", "rare")


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    rng = np.random.default_rng(2)
    wolf, town = rng.random(N) < 0.4, rng.random(N) < 0.4
    truth = np.column_stack([wolf, town, wolf | (rng.random(N) < 0.2), np.arange(N) == 4])
    given = (truth ^ (rng.random(truth.shape) < [0.08, 0.05, 0.02, 0])).astype(np.int8)
    embeddings = (truth[:, :3] @ (np.eye(3) * 4) + rng.normal(size=(N, 3))).astype("f4")
    items = pl.DataFrame({"text": [f"item {k}" for k in range(N)], "split": ["train", "test"] * (N // 2)})
    said = [(k, who, "wolf", int(wolf[k] ^ (who == "bea" and k % 7 == 0))) for k in range(60) for who in ("abe", "bea")]
    votes = pl.DataFrame(said, schema=["item_id", "rater", "label", "value"], orient="row")
    dataset = Dataset.from_arrays(given, label_names=NAMES, embeddings=embeddings, items=items, text="text", votes=votes)
    session = Session(dataset, ledger=tmp_path_factory.mktemp("page") / "ledger.sqlite", reviewer="ann")
    session.run()
    made = ExplorerState(session, lambda: None)
    made.take_map(session.map, "map")
    made.take_embeddings(session.embeddings)
    made.take_predictions(session.predictions)
    made.take_findings(session.findings)
    made.take_suggestions(session.suggestions)
    yield made
    session.close()


@pytest.fixture(scope="module")
def ask(state):
    known = answers(state, lambda path: path)
    return lambda kind, **body: known[kind](Request("1", kind, body)).content


def test_every_figure_selects_what_it_says(state, ask):
    """Each query is one that the filter understands, and its items or cells are as many as the figure."""
    for label in range(3):
        page = ask("label_page", label=label)
        assert isinstance(page, LabelPageShown)
        for fact in page.facts:
            if fact.query and fact.figure != "threshold":
                asked = state.terms.asked(fact.query)
                n = int(asked.items.sum()) if asked.cells is None else len(asked.cells[0])
                assert fact.words.startswith(f"{n:,} "), fact
        for rule in page.rules:
            assert int(state.terms.query(rule.query).sum()) == rule.exceptions, rule
        for share in page.shares:
            assert int(state.terms.query(share.query).sum()) == share.n_positive, share
    assert {rule.label_b for rule in ask("label_page", label=0).rules} == {"animal"}


def test_examples_are_items_of_their_kind(state, ask):
    told = ask("label_examples", label=0)
    assert isinstance(told, LabelExamples)
    states = state.dataset.labels.dense()[:, 0]
    kinds = {item.kind for item in told.items}
    assert {"exemplar", "borderline, given", "borderline, not given"} <= kinds
    assert all(states[item.row] == (item.kind != "borderline, not given") for item in told.items if item.kind != "confused")
    assert [other.name for other in told.goes_with] == ["animal"]
    for other in told.goes_with + told.confused:
        assert state.terms.query(other.query).any()
    assert "times as often as chance" in told.sight


def test_a_figure_without_a_query_lists_its_cells(state, ask):
    changed = int(np.flatnonzero(state.dataset.labels.dense()[:, 0] == 0)[0])
    state.session.edit(str(state.dataset.item_ids[changed]), 0, 1)
    state.decisions.follow()
    n_given = int(state.dataset.labels.n_positive[0])
    facts = {fact.figure: fact for fact in ask("label_page", label=0).facts}
    assert {name for name, fact in facts.items() if fact.cells} == {"given", "changed", "disagreement"}
    assert facts["given"].words == f"{n_given} positives were given; review changed that by +1"
    rows = {}
    for figure in ("given", "changed", "disagreement"):
        ask("filter", by="figure", label=0, figure=figure, rows=[])
        found, cells = state.filters.mask, state.filters.chosen
        rows[figure] = np.flatnonzero(found).tolist()
        assert facts[figure].words.startswith(f"{len(rows[figure]):,} ")
        assert cells is not None
        ask("select", rows=[])
    assert rows["given"] == np.flatnonzero(state.dataset.labels.dense()[:, 0] == 1).tolist()
    assert rows["changed"] == [changed]
    votes = state.dataset.votes.frame.filter(pl.col("label") == 0).group_by("item").agg(pl.col("value").n_unique())
    assert rows["disagreement"] == sorted(votes.filter(pl.col("value") > 1)["item"])
    state.session.undo()
    state.decisions.follow()


def test_examples_are_listed_as_the_cells_that_they_are(state, ask):
    typical = sorted(item.row for item in ask("label_examples", label=0).items if item.kind == "exemplar")
    ask("filter", by="figure", label=0, figure="exemplar", rows=typical)
    assert np.flatnonzero(state.filters.mask).tolist() == typical
    assert state.filters.chips[-1].title == "Typical of wolf"
    ask("select", rows=[])
    with pytest.raises(DataError, match="cell: expected an item up to"):
        ask("filter", by="figure", label=0, figure="exemplar", rows=[10_000_000])
    with pytest.raises(DataError, match="cell"):
        ask("filter", by="figure", label=9, figure="given", rows=[])


def test_a_label_that_cannot_be_predicted_has_no_examples(ask):
    page = ask("label_page", label=3)
    assert not page.examples
    assert page.items == []
    assert ask("label_examples", label=3) == LabelExamples([], [], [], "")


def test_a_label_that_is_not_there_is_refused(ask):
    with pytest.raises(DataError, match="a label up to 3, got 0 and 9"):
        ask("label_page", label=9)


def test_there_is_a_page_before_any_stage(tmp_path):
    dataset = Dataset.from_arrays([["a"], ["a", "b"], []])
    session = Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    page = answers(ExplorerState(session, lambda: None), str)["label_page"](Request("1", "label_page", {"label": 0})).content
    assert page.facts[0].words.startswith("2 items have it")
    assert not page.examples
    session.close()
