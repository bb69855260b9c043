import sys
import threading
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from labelscope.compute.progress import Cancelled, advance
from labelscope.data.dataset import Dataset
from labelscope.errors import DataError, LedgerError, StageError
from labelscope.session import Session
from labelscope.stages.results import KEPT

STATES = [[1, 0], [0, 1], [-1, 0]]
SUGGESTED = pl.DataFrame(
    {
        "suggestion_id": ["a", "b", "c"],
        "item_id": [0, 1, 2],
        "label": ["dog", "dog", "cat"],
        "action": ["add", "remove", "add"],
        "confidence": [0.9, 0.8, 0.4],
        "reason": ["", "", ""],
    }
)
HOMES = {
    "embed": "labelscope.space.embed",
    "embedding_map": "labelscope.space.project",
    "predict": "labelscope.models.predict",
    "find_issues": "labelscope.issues.find",
    "suggest": "labelscope.suggest.relabel",
    "pseudo_label": "labelscope.suggest.pseudo",
    "export_labels": "labelscope.export.corrected",
}


def pets(**options):
    return Dataset.from_arrays(np.asarray(STATES), label_names=["cat", "dog"], **options)


@dataclass
class Stages:
    """Stand-ins for the stages: what each was called with."""

    calls: list

    def names(self):
        return [name for name, _, _ in self.calls]

    def inputs(self, name):
        return next(args for called, args, _ in self.calls if called == name)


@pytest.fixture
def stages(monkeypatch):
    calls = []
    results = {"embed": np.ones((3, 2), np.float32), "suggest": SimpleNamespace(frame=SUGGESTED)}

    def stand_in(name):
        def stage(*args, **options):
            advance(name, 0.5)
            calls.append((options.get("method", name), args, options))
            return results.get(name, SimpleNamespace(name=options.get("method", name)))

        return stage

    homes = {name: import_module(home) for name, home in HOMES.items()}  # all before any: they import one another
    for name, home in homes.items():
        monkeypatch.setattr(home, name, stand_in(name))
    return Stages(calls)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def session(place):
    return Session(pets(), ledger=place, reviewer="ann", suggestions=SimpleNamespace(frame=SUGGESTED))


def test_stages_run_once_in_an_order_for_somebody_who_waits(stages, place):
    session = Session(pets(items=pl.DataFrame({"text": ["x", "y", "z"]}), text="text"), ledger=place, seed=3, noise="missing")
    seen = []
    assert session.run(lambda stage, done: seen.append((stage, done))) == {}
    assert stages.names() == ["embed", "pca", "predict", "find_issues", "suggest", "pseudo_label", "umap"]
    assert session.ready == set(KEPT)
    session.run()
    assert session.map.name == "umap"
    assert len(stages.calls) == 7
    assert seen[:3] == [("embeddings", 0.0), ("embed", 0.5), ("embeddings", 1.0)]
    assert stages.calls[3][2]["noise"] == "missing"
    assert all(options["seed"] == 3 for name, _, options in stages.calls if name in {"pca", "predict", "find_issues", "umap"})


def test_nothing_is_embedded_twice(stages, place):
    session = Session(pets(items=pl.DataFrame({"text": ["x", "y", "z"]}), text="text"), ledger=place)
    session.run()
    for name in ("pca", "umap", "predict", "find_issues", "suggest", "pseudo_label"):
        assert stages.inputs(name)[0].embeddings is session.embeddings
    assert stages.inputs("suggest")[1:] == (session.predictions, session.findings)


def test_the_users_probabilities_need_no_embeddings(stages, place):
    session = Session(pets(probabilities=np.full((3, 2), 0.5)), ledger=place)
    assert not session.has_map
    assert session.run() == {}
    assert stages.names() == ["predict", "find_issues", "suggest", "pseudo_label"]
    assert session.suggestions.frame is SUGGESTED


def test_labels_alone_allow_review_and_no_stage(place):
    session = Session(pets(), ledger=place)
    assert session.stages == ()
    with pytest.raises(StageError, match="embeddings"):
        _ = session.map
    with pytest.raises(StageError):
        _ = session.suggestions
    session.edit(0, "dog", 1)
    assert session.progress["n_changed"] == 1


def test_a_stage_that_cannot_run_does_not_stop_the_others(stages, place, monkeypatch):
    def refuse(*_, **__):
        raise StageError("predict: expected two positives a label, got one")

    monkeypatch.setattr(sys.modules[HOMES["predict"]], "predict", refuse)
    session = Session(pets(embeddings=np.ones((3, 2))), ledger=place)
    assert set(session.run()) == {"predictions", "findings", "suggestions", "pseudo_labels"}
    assert session.ready == {"embeddings", "first_map", "map"}


def test_a_run_can_be_cancelled_and_taken_up_again(stages, place):
    def stop(stage, _):
        if stage == "predict":
            raise Cancelled

    session = Session(pets(embeddings=np.ones((3, 2))), ledger=place)
    with pytest.raises(Cancelled):
        session.run(stop)
    assert session.ready == {"embeddings", "first_map"}
    session.run()
    assert session.ready == set(KEPT)


def test_threads_that_ask_for_one_stage_run_it_once(stages, place):
    session = Session(pets(embeddings=np.ones((3, 2))), ledger=place)
    threads = [threading.Thread(target=lambda: session.suggestions) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stages.names()) == ["embed", "find_issues", "predict", "suggest"]


def test_decisions_do_not_wait_for_a_stage(stages, place, monkeypatch):
    started, go_on = threading.Event(), threading.Event()

    def slow(*_, **__):
        started.set()
        assert go_on.wait(10)
        return SimpleNamespace(frame=SUGGESTED)

    monkeypatch.setattr(sys.modules[HOMES["suggest"]], "suggest", slow)
    session = Session(pets(embeddings=np.ones((3, 2))), ledger=place)
    thread = threading.Thread(target=lambda: session.verdicts)
    thread.start()
    assert started.wait(10)
    session.edit(0, "dog", 1)
    assert session.progress == {"n_suggestions": 0, "pending": 0, "accepted": 0, "rejected": 0, "skipped": 0, "n_changed": 1}
    go_on.set()
    thread.join()
    assert session.verdict("a") == "accepted"


def test_review_from_first_decision_to_the_labels(session):
    assert session.verdict("a") == "pending"
    accepted = session.accept("a")
    assert (accepted.seq, accepted.item_id, accepted.label, accepted.before, accepted.after) == (1, "0", "dog", 0, 1)
    session.reject("b")
    session.skip("c")
    assert [session.verdict(i) for i in "abc"] == ["accepted", "rejected", "skipped"]
    assert session.progress == {"n_suggestions": 3, "pending": 0, "accepted": 1, "rejected": 1, "skipped": 1, "n_changed": 1}
    assert session.state(0, "dog") == 1
    assert session.labels.dense().tolist() == [[1, 1], [0, 1], [-1, 0]]
    assert session.dataset.labels.dense().tolist() == STATES
    assert session.changes.select("item_id", "label", "before", "after", "reviewer", "suggestion_id", "source").rows() == [
        (0, "dog", 0, 1, "ann", "a", "review")
    ]
    assert session.decisions["verdict"].to_list() == ["accepted", "rejected", "skipped"]


def test_undo_and_redo_up_to_the_ends(session):
    session.accept("a")
    session.edit("2", 0, 0)
    assert session.undo().item_id == "2"
    assert session.undo().undoes == 1
    assert session.undo() is None
    assert session.labels.dense().tolist() == STATES
    assert session.redo().label == "dog"
    assert session.redo().label == "cat"
    assert session.redo() is None
    assert session.labels.dense().tolist() == [[1, 1], [0, 1], [0, 0]]


def test_a_batch_has_one_undo(session):
    events = session.decide("accept", ["a", "b", "c"])
    assert session.labels.dense().tolist() == [[1, 1], [0, 0], [1, 0]]
    assert session.together(events[0]) == events
    assert len(session.together(session.undo())) == 3
    assert session.progress["pending"] == 3
    session.edit_all([(0, "cat", 0), (1, "cat", 1)])
    session.undo()
    assert session.labels.dense().tolist() == STATES


def test_an_edit_answers_the_suggestion_on_its_cell(session):
    assert session.edit(0, "dog", 1).suggestion_id == "a"
    assert session.verdict("a") == "accepted"
    session.edit(0, "dog", -1)
    assert session.verdict("a") == "rejected"


def test_decisions_outlive_the_session(session, place):
    session.accept("a")
    again = Session(pets(), ledger=place, reviewer="ben", suggestions=session.suggestions)
    assert again.verdict("a") == "accepted"
    assert again.state(0, "dog") == 1
    assert again.undo() is None


def test_two_sessions_see_each_other_and_their_conflicts(session, place):
    other = Session(pets(), ledger=place, reviewer="ben", suggestions=session.suggestions)
    accepted = session.accept("a")
    assert other.sync() == (accepted,)
    other.reject("a")
    session.sync()
    assert session.state(0, "dog") == 0
    assert session.conflicts.select("item_id", "reviewer", "state").rows() == [(0, "ann", 1), (0, "ben", 0)]


@pytest.mark.parametrize("name", ["a\ud800", "a\x00b", "\x1b[31m", 5])
def test_a_name_that_cannot_be_written_signs_nothing(place, name):
    with pytest.raises(DataError, match="reviewer: expected a name"):
        Session(pets(), ledger=place, reviewer=name)
    assert not place.exists()


def test_the_name_of_the_account_always_signs(place, monkeypatch):
    monkeypatch.setenv("LABELSCOPE_REVIEWER", " Zo\udceb\n\x1b ann ")  # bytes of another encoding come so
    session = Session(pets(), ledger=place)
    session.edit("0", "dog", 1)
    assert session.decisions["reviewer"].to_list() == ["Zo? ? ann"]


def test_what_does_not_exist_is_refused(session):
    for call, told in [
        (lambda: session.accept("x"), "suggestion"),
        (lambda: session.edit(9, "cat", 1), "item"),
        (lambda: session.edit(0, "cow", 1), "label"),
        (lambda: session.edit(0, "cat", 2), "state: expected 1, 0 or -1, got 2"),
        (lambda: session.decide("undo", ["a"]), "decide"),
        (lambda: session.export("x.csv", accept_above=2), "accept_above"),
    ]:
        with pytest.raises(DataError, match=told):
            call()
    assert session.decisions.is_empty()


def test_a_batch_with_an_unknown_suggestion_writes_nothing(session):
    with pytest.raises(DataError):
        session.decide("accept", ["a", "x"])
    assert session.progress["pending"] == 3


def test_a_ledger_of_another_data_set_is_refused(session, place):
    session.accept("a")
    with pytest.raises(LedgerError, match="another"):
        Session(Dataset.from_arrays([["cat"], ["dog"]]), ledger=place)


def test_export_applies_the_review_and_pending_suggestions_only(session, stages, tmp_path):
    session.reject("b")
    session.edit(1, "cat", 1)
    session.export(tmp_path / "out.csv", accept_above=0.4)
    dataset, changes, path = stages.calls[-1][1]
    assert (dataset, path) == (session.dataset, tmp_path / "out.csv")
    assert changes.select("item_id", "label", "before", "after", "source").rows() == [
        (1, "cat", 0, 1, "review"),
        (0, "dog", 0, 1, "accept-above 0.4"),
        (2, "cat", -1, 1, "accept-above 0.4"),
    ]


def test_export_leaves_skipped_suggestions_alone(session, stages, tmp_path):
    session.skip("a")
    session.export(tmp_path / "out.csv", accept_above=0.7)
    assert stages.calls[-1][1][1]["suggestion_id"].to_list() == ["b"]


def test_opening_leaves_no_trace(session, place):
    assert session.progress["n_changed"] == 0
    assert session.decisions.is_empty()
    assert session.changes.is_empty()
    assert session.sync() == ()
    assert session.undo() is None
    assert not place.exists()


AUDITED = np.array([[1, 0], [0, 1], [1, 0], [0, 0], [1, 1], [0, 0], [1, 0], [0, 1]])


@pytest.fixture
def audited(place):
    """Opens a session on eight items with findings of its own, and an audit of all sixteen cells or fewer."""
    from labelscope.issues.find import Findings

    scores = np.linspace(0.05, 0.95, 16, dtype=np.float32).reshape(8, 2)
    suspicious = np.argsort(-scores.ravel())[:12]
    cells = pl.DataFrame({
        "item_id": suspicious // 2, "label": np.array(["cat", "dog"])[suspicious % 2], "given": AUDITED.ravel()[suspicious],
        "kind": np.where(AUDITED.ravel()[suspicious] == 1, "spurious", "missing"), "suspicion": scores.ravel()[suspicious],
        "flagged": np.arange(12) < 3, "confidence": scores.ravel()[suspicious] / 2,
    })  # fmt: skip

    def opened(reviewer="ann", scores=scores, **options):
        session = Session(
            Dataset.from_arrays(AUDITED, label_names=["cat", "dog"], embeddings=np.eye(8)), ledger=place, reviewer=reviewer, **options
        )
        if scores is not None:
            session.once("findings", lambda _: Findings(cells, scores=scores))
        return session

    return opened


def test_an_audit_is_drawn_once_and_kept(audited, place):
    session = audited()
    assert not place.exists()
    with pytest.raises(StageError, match=r"draw one with session.audit\(\)"):
        _ = session.estimate
    sample = session.audit(6)
    assert place.exists()
    assert session.audit(6).frame.equals(sample.frame)
    assert session.audit(3).frame.height == 6
    other = audited("ben", seed=9)
    assert other.audit(4).frame.equals(sample.frame)
    assert other.audit_cells.equals(session.audit_cells)
    assert session.audit_cells.columns == ["item_id", "label", "given"]
    assert session.audit_cells.height == 6


def test_decisions_on_audited_cells_are_their_verdicts(audited):
    session = audited()
    session.audit(6)
    (a, b, c, d, e), given = session.audit_cells.rows()[:5], session.dataset.labels
    session.edit(*a[:2], 1 - a[2])
    session.confirm(*b[:2])
    session.undecided(*c[:2])
    session.edit(*d[:2], -1)
    told = session.estimate
    assert told.strata["n_audited"].sum() == 2
    assert told.strata["n_wrong"].sum() == 1
    assert told.strata["n_undecidable"].sum() == 2
    assert session.audit_cells.rows()[0] == e
    session.undo()
    session.undo()
    assert session.estimate.strata["n_undecidable"].sum() == 0
    assert session.audit_cells.rows()[0] == c
    assert session.state(*a[:2]) == 1 - given.states(np.array([a[0]]), np.array([session.dataset.label_position(a[1])]))[0]


def test_a_suggestion_on_an_audited_cell_answers_it(audited):
    suggested = pl.DataFrame(
        {"suggestion_id": ["s"], "item_id": [7], "label": ["dog"], "action": ["remove"], "confidence": [0.5], "reason": [""]}
    )
    session = audited(suggestions=SimpleNamespace(frame=suggested))
    session.audit(16)
    assert session.dataset.labels.state(7, 1) == 1
    for say, counts in [
        (lambda: session.accept("s"), (1, 1, 0)),
        (lambda: session.reject("s"), (1, 0, 0)),
        (lambda: session.confirm(7, "dog"), (1, 0, 0)),
        (lambda: session.undecided(7, "dog"), (0, 0, 1)),
    ]:
        say()
        told = session.estimate.strata
        assert tuple(told[name].sum() for name in ("n_audited", "n_wrong", "n_undecidable")) == counts
    assert session.verdict("s") == "skipped"
    session.confirm(7, "dog")
    assert session.verdict("s") == "rejected"


def test_a_skipped_suggestion_says_nothing_in_the_audit(audited):
    suggested = pl.DataFrame(
        {"suggestion_id": ["s"], "item_id": [7], "label": ["dog"], "action": ["remove"], "confidence": [0.5], "reason": [""]}
    )
    session = audited(suggestions=SimpleNamespace(frame=suggested))
    session.audit(16)
    session.skip("s")
    assert session.estimate.strata.select(pl.col("n_audited", "n_undecidable").sum()).row(0) == (0, 0)
    assert session.audit_cells.height == 16
    session.accept("s")
    assert session.audited.rows() == [(7, "dog", 0)]
    session.skip("s")  # takes the accepted change back
    assert session.audited.is_empty()
    session.undecided(7, "dog")
    assert session.estimate.strata["n_undecidable"].sum() == 1
    session.skip("s")
    assert session.estimate.strata["n_undecidable"].sum() == 1


def test_undecided_takes_a_changed_cell_back(audited):
    session = audited()
    session.edit(3, "cat", 1)
    event = session.undecided(3, "cat")
    assert (event.kind, event.before, event.after) == ("skip", 1, 0)
    assert session.state(3, "cat") == 0


def test_an_unknown_cell_cannot_be_confirmed(session):
    with pytest.raises(DataError, match="unknown; edit it"):
        session.confirm(2, "cat")
    assert session.decisions.is_empty()


def test_another_process_sees_the_verdicts_and_the_last_one_counts(audited):
    ann, ben = audited(), audited("ben")
    ann.audit(16)
    ann.edit(0, "cat", 0)
    ben.sync()
    assert ben.estimate.strata["n_wrong"].sum() == 1
    ben.confirm(0, "cat")
    ann.sync()
    assert ann.estimate.strata["n_wrong"].sum() == ben.estimate.strata["n_wrong"].sum() == 0
    assert ann.conflicts.height == 2


def test_an_audit_grows_and_keeps_its_verdicts(audited):
    session = audited()
    first = session.audit(5)
    session.confirm(*first.cells.row(0)[:2])
    larger = session.audit(9)
    assert larger.extends(first)
    assert session.estimate.strata["n_audited"].sum() == 1
    assert session.audit_cells.height == 8
    assert session.audit(100).frame.height == 16
    assert audited("ben").audit().frame.height == 16


def test_an_audit_does_not_grow_on_other_findings(audited):
    session = audited()
    first = session.audit(5)
    other = audited(scores=np.linspace(0.95, 0.05, 16, dtype=np.float32).reshape(8, 2))
    with pytest.raises(StageError, match="fresh=True"):
        other.audit(9)
    assert other.audit(5).frame.equals(first.frame)
    fresh = other.audit(9, fresh=True)
    assert not fresh.extends(first)
    assert session.audit(5).frame.equals(fresh.frame)


def test_stopping_counts_the_review_outside_the_audit(audited):
    session = audited()
    assert session.stopping.advice == "go on"
    sample = session.audit(6).frame
    cells = [(i, label) for i in range(8) for label in ("cat", "dog")]
    outside = [cell for cell in cells if cell not in set(sample.select("item_id", "label").iter_rows())]
    for k, (item, label) in enumerate(outside):
        session.edit(item, label, int(session.dataset.labels.state(item, session.dataset.label_position(label)) ^ (k < 2)))
    for item, label, _ in session.audit_cells.iter_rows():
        session.confirm(item, label)
    stopping = session.stopping
    assert stopping.frame.height == 10
    assert stopping.frame["n_found"].to_list() == [1, *[2] * 9]
    assert stopping.left == (0, 0, 0)  # every cell was seen, and the findings tell of which stratum
    unsearched = audited(scores=None)
    assert unsearched.stopping.left.high >= 0
    assert unsearched.stopping.found == 2


def test_confirmed_relations_are_rules_whose_violations_are_found(tmp_path):
    ds = Dataset.from_arrays([["dog", "animal"], ["dog"], ["animal"]])
    session = Session(ds, ledger=tmp_path / "ledger.sqlite")
    session.constraints.confirm("dog", "implies", "animal")
    assert session.rules is session.constraints  # the earlier name
    again = Session(ds, ledger=tmp_path / "ledger.sqlite")
    assert again.violations.frame.select("item_id", "label", "action").rows() == [(1, "animal", "add")]
    again.edit(1, "animal", 1)
    assert again.violations.frame.is_empty()
    again.constraints.undo()
    assert again.constraints.frame.is_empty()


def noisy(n=240):
    """Two labels that the embedding tells apart, with every tenth item given the wrong one, and no unknown cell."""
    truth = np.arange(n) % 2
    given = np.where(np.arange(n) % 10 == 0, 1 - truth, truth)
    x = np.eye(2)[truth] + np.random.default_rng(0).normal(0, 0.15, (n, 2))
    return Dataset.from_arrays(np.eye(2, dtype=int)[given], label_names=["cat", "dog"], embeddings=x.astype(np.float32)), truth


def test_decisions_settle_the_confidence_of_suggestions_made_anew(place):
    ds, truth = noisy()
    session = Session(ds, ledger=place)
    before = session.suggestions.frame
    assert before["confidence"].max() <= 0.8
    for suggestion, item, label, action in before.select("suggestion_id", "item_id", "label", "action").iter_rows():
        right = (("cat", "dog")[truth[item]] == label) == (action == "add")
        session.decide("accept" if right else "reject", [suggestion])
    after = session.reconsider()
    assert session.suggestions is after
    assert after.record["n_decided"].sum() == before.height
    kept = before.join(after.frame, on="suggestion_id", suffix="_now")
    assert kept.height == before.height
    assert kept["confidence_now"].mean() != pytest.approx(kept["confidence"].mean(), abs=0.01)
    assert session.progress["pending"] == after.frame.height - before.height
    assert session.verdict(before["suggestion_id"][0]) in ("accepted", "rejected")
    assert Session(ds, ledger=place).suggestions.frame.equals(after.frame)  # another session starts from the same decisions


def test_a_confirmed_relation_brings_its_violations_into_the_suggestions(place):
    ds, _ = noisy()
    session = Session(ds, ledger=place)
    before = set(session.suggestions.frame["suggestion_id"])
    session.constraints.confirm("dog", "implies", "cat")
    assert set(session.suggestions.frame["suggestion_id"]) == before
    added = session.reconsider().frame.filter(pl.col("reason").str.contains("implied by 'dog'", literal=True))
    assert added.height > 0
    assert set(added["label"]) <= {"cat", "dog"}
    assert session.decide("accept", [added["suggestion_id"][0]])[0].suggestion_id == added["suggestion_id"][0]


def test_without_decisions_no_rule_makes_a_suggestion_sure(place):
    """Confirmed relations once raised confidence to .94, in 64-bit floats."""
    ds, _ = noisy()
    session = Session(ds, ledger=place)
    session.constraints.confirm("dog", "implies", "cat")
    frame = session.suggestions.frame
    assert frame["reason"].str.contains("implied by 'dog'", literal=True).any()
    assert frame.schema["confidence"] == pl.Float32
    assert frame["confidence"].max() <= np.float32(0.8)


def test_audited_cells_say_what_they_are(audited):
    session = audited()
    assert session.audited.is_empty()
    assert session.audited.schema["item_id"] == session.dataset.item_ids.dtype
    session.audit(6)
    (first, label, given), (second, other, state), *_ = session.audit_cells.rows()
    session.edit(first, label, 1 - given)
    session.confirm(second, other)
    assert set(session.audited.rows()) == {(first, label, 1 - given), (second, other, state)}


def test_pseudo_labels_are_held_against_the_audit_once_it_is_large_enough(place, stages, monkeypatch):
    session = Session(pets(probabilities=np.full((3, 2), 0.5)), ledger=place)
    asked = pl.DataFrame({"item_id": [0], "label": ["cat"], "state": [1]})
    monkeypatch.setattr(Session, "audited", property(lambda _: asked))
    _ = session.pseudo_labels
    assert stages.calls[-1][2]["audited"] is None
    monkeypatch.setattr("labelscope.session.heard.AUDITED", 1)
    session.reconsider()
    _ = session.pseudo_labels
    assert stages.calls[-1][2]["audited"] is asked
