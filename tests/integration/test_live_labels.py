"""Labels are alive: whatever becomes of the label set is at once in the session, its stages, the app, and other reviewers' sessions."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState

N = 200
NAMES = ("wolf", "dog", "town")


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(4)
    truth = np.column_stack([rng.random(N) < 0.4, rng.random(N) < 0.4, rng.random(N) < 0.3])
    given = (truth ^ (rng.random(truth.shape) < 0.06)).astype(np.int8)
    embeddings = (truth @ (np.eye(3) * 4) + rng.normal(size=(N, 3))).astype("f4")
    items = pl.DataFrame({"item_id": [f"i{k}" for k in range(N)], "text": [f"note {k}" for k in range(N)]})
    return ls.Dataset.from_arrays(given, label_names=NAMES, embeddings=embeddings, items=items, text="text")


@pytest.fixture
def session(dataset, tmp_path):
    opened = ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    yield opened
    opened.close()


@pytest.fixture
def staged(session):
    assert session.suggestions.frame.height
    return session


def first_items(session, label, n=None):
    column = session.labels.columns(np.array([session.dataset.label_position(label)]))[:, 0]
    return session.dataset.item_ids.gather(np.flatnonzero(column == 1)[:n]).to_list()


EDITS = {
    "new": lambda _: ls.LabelEdit.new("fox", ["i3", "i8"]),
    "merge": lambda _: ls.LabelEdit.merge("dog", "wolf"),
    "rename": lambda _: ls.LabelEdit.rename("dog", "hound"),
    "split": lambda session: ls.LabelEdit.split("dog", {"pug": first_items(session, "dog", 9)}),
    "removed by a split": lambda session: ls.LabelEdit.split("dog", {"pug": first_items(session, "dog")}, parent="goes"),
}
ADDED = {"new": {"fox"}, "merge": set(), "rename": {"hound"}, "split": {"pug"}, "removed by a split": {"pug"}}
GONE = {"new": set(), "merge": {"dog"}, "rename": {"dog"}, "split": set(), "removed by a split": {"dog"}}


def there(session):
    return {name for name, is_there in zip(session.dataset.label_names, session.labels_there, strict=True) if is_there}


def column(dataset, labels, name):
    return labels.columns(np.array([dataset.label_position(name)]))[:, 0].tolist()


@pytest.mark.parametrize("kind", EDITS)
def test_the_session_goes_on_with_the_label_set_and_undo_brings_the_old_one(staged, kind):
    before, labels = staged.dataset.label_names, staged.labels.dense()
    staged.apply(EDITS[kind](staged))
    assert there(staged) == set(staged.label_names) == (set(NAMES) - GONE[kind]) | ADDED[kind]
    assert staged.dataset.label_names[:3] == NAMES  # every label keeps its place
    for name in staged.label_names:
        handed_on = staged.corrected
        assert column(staged.dataset, staged.labels, name) == column(handed_on, handed_on.labels, name), name
    for name in GONE[kind]:
        assert set(column(staged.dataset, staged.labels, name)) == {-1}
    assert staged.predictions.probabilities.shape == staged.labels.shape
    assert staged.findings.scores.shape == staged.labels.shape
    assert set(staged.suggestions.frame["label"]) <= set(staged.label_names)
    assert set(staged.findings.cells["label"]) <= set(staged.label_names)
    staged.undo()
    assert staged.dataset.label_names == before
    assert (staged.labels.dense() == labels).all()
    assert set(staged.suggestions.frame["label"]) == set(NAMES)


def test_a_renamed_label_keeps_its_probabilities_and_open_suggestions(staged):
    mine = staged.suggestions.frame.filter(label="dog")
    answered = mine["suggestion_id"][0]
    staged.accept(answered)
    p = staged.predictions.probabilities[:, 1].copy()
    staged.apply(ls.LabelEdit.rename("dog", "hound"))
    renamed = staged.suggestions.frame.filter(label="hound")
    assert renamed["item_id"].to_list() == mine["item_id"].to_list()[1:]
    assert set(renamed["suggestion_id"]).isdisjoint(mine["suggestion_id"])
    assert staged.predictions.probabilities[:, 3].tolist() == p.tolist()
    staged.accept(renamed["suggestion_id"][0])
    assert staged.decisions["label"].to_list() == ["dog", "hound"]
    staged.undo()
    staged.undo()
    assert staged.suggestions.frame.filter(label="dog").equals(mine)
    assert staged.verdict(answered) == "accepted"


def test_stages_learn_a_label_that_came_when_they_run_again(staged):
    wolves = first_items(staged, "wolf", 40)
    staged.apply(ls.LabelEdit.new("canine", wolves[:1]))
    rest = staged.dataset.item_ids.filter(~staged.dataset.item_ids.is_in(wolves)).head(40)
    staged.edit_all([*((item, "canine", 1) for item in wolves[1:]), *((item, "canine", 0) for item in rest)])
    assert not staged.predictions.scored[3]
    staged.reconsider()
    assert staged.predictions.scored[3]
    likely = staged.predictions.probabilities[:, 3]
    states = staged.states("canine")
    assert likely[states == 1].mean() > likely[states == 0].mean() + 0.3


def test_listed_probabilities_of_very_many_labels_are_fitted_too(dataset, tmp_path):
    listed = ls.predict(dataset, cells="listed")
    other = ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    other.once("predictions", lambda _: listed)
    other.apply(ls.LabelEdit.new("fox", ["i3"]))
    now = other.predictions.cell_probabilities
    assert now.shape == (N, 4)
    assert other.predictions.frame["label"].to_list() == [*NAMES, "fox"]
    assert now.cells()[2].tolist() == listed.cell_probabilities.cells()[2].tolist()
    other.undo()
    assert other.predictions.cell_probabilities.shape == (N, 3)
    other.close()


def test_it_is_there_again_after_the_kernel_and_in_the_next_session(staged, dataset, tmp_path):
    staged.apply(ls.LabelEdit.merge("dog", "wolf"))
    staged.apply(ls.LabelEdit.new("fox", ["i3"]))
    staged.close()
    again = ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bo")
    assert there(again) == {"wolf", "town", "fox"}
    assert set(again.suggestions.frame["label"]) <= {"wolf", "town"}
    assert again.label_page("fox").frame.filter(figure="positive")["value"].item() == 1
    again.close()


def test_another_session_sees_it_when_it_looks(session, dataset, tmp_path):
    other = ls.Session(dataset, ledger=tmp_path / "ledger.sqlite", reviewer="bo")
    session.apply(ls.LabelEdit.new("fox", ["i3"]))
    assert there(other) == set(NAMES)
    other.sync()
    assert there(other) == {*NAMES, "fox"}
    other.edit("i4", "fox", 0)
    session.undo()
    other.sync()
    assert there(other) == set(NAMES)
    other.close()


class Views:
    """What the views of the app show of a session."""

    def __init__(self, session):
        state = ExplorerState(session, lambda: None)
        state.take_embeddings(session.embeddings)
        state.take_predictions(session.predictions)
        state.take_findings(session.findings)
        state.take_suggestions(session.suggestions)
        self._state, self._session = state, session

    def renew(self):
        self._state.decisions.follow()
        self._state = ExplorerState(self._session, lambda: None, before=self._state)

    def ask(self, kind, **body):
        return answers(self._state, str)[kind](Request("1", kind, body))

    @property
    def counts(self):
        return {row.name: row.positive for row in self.ask("label_table").content.rows}

    def chips(self, row):
        self.ask("select", rows=[row])
        entry = self.ask("worklist", queue="all", order="data").content.entries[0]
        self.ask("select", rows=[])
        return {chip.name: chip.state for chip in entry.chips}

    def found(self, query):
        return self.ask("count", queries=[query]).content.found[0].items


def test_every_view_of_the_app_shows_the_labels_that_there_are(staged):
    views = Views(staged)
    before = views.counts
    items = first_items(staged, "dog")
    row = staged.dataset.position(items[0])
    pending = views.ask("worklist", queue="pending", order="confidence").content.total
    staged.apply(ls.LabelEdit.merge("dog", "wolf"))
    staged.apply(ls.LabelEdit.new("fox", items[:5]))
    views.renew()
    wolves = int((staged.states("wolf") == 1).sum())
    assert views.counts == {"wolf": wolves, "town": before["town"], "fox": 5}
    assert "dog" not in {label.name for label in views.ask("labels", query="").content.labels}
    chips = views.chips(row)
    assert chips["fox"] == chips["wolf"] == 1
    assert "dog" not in chips
    assert (views.found("wolf"), views.found("fox"), views.found("fox:?")) == (wolves, 5, N - 5)
    assert views.ask("worklist", queue="pending", order="confidence").content.total < pending
    opened = views.ask("open").content
    assert (opened.n_labels, {label.name for label in opened.labels}) == (3, {"wolf", "town", "fox"})
    codes = np.frombuffer(views.ask("colours", by="label", label=3).buffers[0], np.uint8)
    assert len(set(codes[[staged.dataset.position(item) for item in items[:5]]])) == 1
    staged.edit("i3", "fox", 1)
    staged.undo()
    staged.undo()
    staged.undo()
    views.renew()
    assert views.counts == before
    assert views.found("dog") == before["dog"]
    assert views.ask("worklist", queue="pending", order="confidence").content.total == pending


def test_an_audit_and_rules_on_a_label_that_went_do_no_harm(staged):
    staged.voters.save(ls.Rule("dogs", "dog", when="text:note"))
    staged.audit(40)
    views = Views(staged)
    staged.constraints.confirm("wolf", "implies", "dog")
    staged.apply(ls.LabelEdit.merge("dog", "wolf"))
    views.renew()
    assert views.ask("rules").content.rows
    assert views.ask("progress").content is not None
    assert views.ask("worklist", queue="audit", order="data").content.total <= 40
    staged.reconsider()
    assert set(staged.suggestions.frame["label"]) <= {"wolf", "town"}
