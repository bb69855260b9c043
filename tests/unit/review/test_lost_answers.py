"""The answer to the end of a transaction is lost: what was written counts, what was not is refused, and nothing is decided twice."""

import sqlite3

import pytest
from sqlalchemy.engine.default import DefaultDialect

from labelscope.data.dataset import Dataset
from labelscope.errors import LedgerError, OutcomeUnknown
from labelscope.review.edited_label_set import EditedLabelSet
from labelscope.review.label_edit import LabelEdit
from labelscope.review.ledger import Ledger
from labelscope.review.relation_verdicts import RelationVerdicts
from labelscope.review.reviewer_log import Decision, ReviewerLog
from tests.unit.review.old_ledger import make_old

CAT = ("1", "cat")
ACCEPT = [Decision("accept", CAT, 1, "s1")]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ann(place):
    reviewer_log = ReviewerLog(Ledger.open(place, fingerprint="f", timeout=0.05), "ann", lambda cells: [0] * len(cells))
    reviewer_log.decide([Decision("edit", ("2", "dog"), 1)])
    return reviewer_log


@pytest.fixture
def lose(monkeypatch, place):
    """Lose the answer to the next end of a transaction that writes, before or after it took effect; `hidden`: nobody can look then."""
    usual = DefaultDialect.do_commit

    def arm(when, *, hidden=False):
        def commit(dialect, connection):
            if not connection.total_changes:  # it only read
                usual(dialect, connection)
                return
            monkeypatch.setattr(DefaultDialect, "do_commit", usual)
            if when == "after":
                usual(dialect, connection)
            if hidden:
                connection.rollback()
                holder.append(sqlite3.connect(place, isolation_level=None))
                holder[0].execute("BEGIN EXCLUSIVE")
            raise sqlite3.OperationalError("the cable was pulled")

        holder = []
        monkeypatch.setattr(DefaultDialect, "do_commit", commit)
        return holder

    return arm


def kept(place):
    return [(event.kind, event.item_id) for event in Ledger.open(place, fingerprint="f").events()][1:]


def test_what_was_written_counts(ann, lose, place):
    lose("after")
    (event,) = ann.decide(ACCEPT)
    assert (event.seq, event.after) == (2, 1)
    assert kept(place) == [("accept", "1")]
    assert ann.state(CAT) == 1
    assert ann.sync() == ()


def test_what_was_not_written_is_said_so(ann, lose, place):
    lose("before")
    with pytest.raises(LedgerError, match=r"the cable was pulled; nothing was written") as refusal:
        ann.decide(ACCEPT)
    assert not isinstance(refusal.value, OutcomeUnknown)
    assert kept(place) == []
    assert ann.decide(ACCEPT)[0].seq == 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("press", [lambda log: log.decide(ACCEPT), lambda log: log.undo()], ids=["decide", "undo"])
def test_what_nobody_can_say_is_looked_up_at_the_next_press_and_never_done_twice(ann, lose, place, when, press):
    ann.decide([Decision("edit", ("3", "dog"), 1)])
    holder = lose(when, hidden=True)
    with pytest.raises(OutcomeUnknown, match=r"it is unknown whether the decision was written .*decide again") as unknown:
        press(ann)
    assert "nothing was written" not in str(unknown.value)
    with pytest.raises(OutcomeUnknown, match="it is unknown"):  # still nobody can look
        press(ann)
    holder[0].execute("ROLLBACK")
    holder[0].close()
    (event,) = press(ann)
    assert event.seq == 3
    assert len(kept(place)) == 2
    assert ann.sync() == ()
    if event.kind == "accept":
        assert ann.decide(ACCEPT)[0].seq == 4  # a press of its own is a decision of its own
    else:
        assert ann.redo()[0].undoes == 3


def test_another_press_goes_on_after_the_look(ann, lose, place):
    holder = lose("after", hidden=True)
    with pytest.raises(OutcomeUnknown):
        ann.decide(ACCEPT)
    holder[0].close()
    assert ann.decide([Decision("edit", ("9", "dog"), 1)])[0].seq == 3
    assert kept(place) == [("accept", "1"), ("edit", "9")]
    assert ann.state(CAT) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_verdict_on_a_relation_is_looked_up_too(ann, lose, place, when):
    verdicts = RelationVerdicts(ann.ledger, lambda: "ann")
    verdicts.confirm("a", "implies", "b")
    holder = lose(when, hidden=True)
    with pytest.raises(OutcomeUnknown):
        verdicts.undo()
    holder[0].close()
    assert verdicts.undo().kind == "undo"
    assert [event.kind for event in verdicts.events] == ["confirm", "undo"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_relation_that_is_withdrawn_is_looked_up_too(ann, lose, place, when):
    verdicts = RelationVerdicts(ann.ledger, lambda: "ann")
    verdicts.confirm("a", "implies", "b")
    holder = lose(when, hidden=True)
    with pytest.raises(OutcomeUnknown):
        verdicts.withdraw("a", "implies", "b")
    holder[0].close()
    assert verdicts.withdraw("a", "implies", "b") == 1
    assert [event.kind for event in verdicts.events] == ["confirm", "undo"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_edit_of_the_label_set_says_what_became_of_the_first_try(place, lose, when):
    pets = Dataset.from_arrays([["cat"], ["dog"], []], item_ids=["1", "2", "3"])
    reviewer_log = ReviewerLog(Ledger.open(place, fingerprint="f", timeout=0.05), "ann", lambda cells: labels.given(cells))  # noqa: PLW0108 - it comes later
    labels = EditedLabelSet(pets, reviewer_log)
    labels.apply(LabelEdit.new("owl", ["3"]))
    holder = lose(when, hidden=True)
    with pytest.raises(OutcomeUnknown):
        labels.apply(LabelEdit.merge("cat", "dog"))
    holder[0].close()
    written = labels.apply(LabelEdit.merge("cat", "dog"))  # which would change nothing if it were planned anew
    assert {(event.item_id, event.label, event.after) for event in written if not event.of_label_set} == {("1", "cat", 0), ("1", "dog", 1)}
    assert labels.frame["action"].to_list() == ["new", "merge"]
    assert labels.names == ("dog", "owl")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("schema", [None, 2])
def test_the_first_decision_of_a_new_or_of_an_old_ledger(tmp_path, lose, when, schema):
    place = tmp_path / "other.sqlite"
    n_before = 0 if schema is None else len(make_old(place, schema, log=False))
    ben = ReviewerLog(Ledger.open(place, fingerprint="f"), "ben", lambda cells: [0] * len(cells))
    lose(when)
    if when == "before":
        with pytest.raises(LedgerError, match="nothing was written"):
            ben.decide(ACCEPT)
    ben.decide(ACCEPT)
    assert len(Ledger.open(place, fingerprint="f").events()) == len(ben.events) == n_before + 1


def test_an_id_is_written_once(ann, place):
    with sqlite3.connect(place) as database:
        (client,) = database.execute("SELECT client FROM labelscope_events").fetchone()
        with pytest.raises(sqlite3.IntegrityError):
            database.execute("INSERT INTO labelscope_events VALUES (9, 'x', '{}', ?, '')", (client,))
