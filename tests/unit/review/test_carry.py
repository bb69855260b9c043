"""Decisions about one version of a table, on another: what is given as before is kept, nothing else is believed."""

from __future__ import annotations

import shlex

import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.data.read import read
from labelscope.errors import DataError, LedgerError, OtherDataSet
from labelscope.review.carry import carry
from labelscope.review.label_edit import LabelEdit
from labelscope.review.ledger import Ledger
from labelscope.review.recovery import survey
from labelscope.session import Session

LABELS = ("cat", "dog", "owl")
GIVEN = {"i0": "cat", "i1": "dog", "i2": "cat owl", "i3": "", "i4": "owl", "i5": "dog"}


def made(given: dict[str, str], labels=LABELS, **more) -> Dataset:
    return Dataset.from_arrays([cell.split() for cell in given.values()], label_names=labels, item_ids=list(given), **more)


def outcomes(done) -> dict[tuple[str, str], str]:
    return {(item, label): outcome for item, label, outcome in done.frame.select("earlier_id", "label", "outcome").iter_rows()}


@pytest.fixture
def place(tmp_path):
    return tmp_path / "old.sqlite"


@pytest.fixture
def session(place):
    opened = Session(made(GIVEN), ledger=place, reviewer="ann")
    yield opened
    opened.close()


@pytest.fixture
def to(tmp_path):
    return tmp_path / "new.sqlite"


def test_the_given_state_decides_what_becomes_of_a_decision(session, place, to):
    session.edit("i0", "dog", 1)  # given as before
    session.edit("i1", "cat", 1)  # the table says so now
    session.edit("i2", "dog", 0)  # the table says otherwise now
    session.edit("i3", "cat", 1)  # gone
    session.edit("i4", "owl", 0)  # its label is gone
    new = made({"i4": "", "i2": "cat dog", "i9": "cat", "i1": "cat dog", "i0": "cat", "i5": "dog"}, labels=("dog", "cat"))
    done = carry(place, new, ledger=to)
    assert outcomes(done) == {
        ("i0", "dog"): "kept",
        ("i1", "cat"): "agreed",
        ("i2", "dog"): "asked again",
        ("i3", "cat"): "item gone",
        ("i4", "owl"): "label gone",
    }
    assert done.counts == {"kept": 1, "agreed": 1, "asked again": 1, "item gone": 1, "label gone": 1}
    after = Session(new, ledger=to)
    assert [after.state("i0", "dog"), after.state("i1", "cat"), after.state("i2", "dog")] == [1, 1, 1]
    assert after.decided_cells.select("item_id", "label").rows() == [("i0", "dog"), ("i1", "cat")]
    assert after.changes.select("item_id", "label", "before", "after").rows() == [("i0", "dog", 0, 1)]


def test_who_when_and_what_was_written_together_stay_as_they_were(session, place, to):
    session.edit_all([("i0", "dog", 1), ("i1", "owl", 1), ("i3", "cat", 1)])
    session.edit("i4", "cat", 1)
    session.undo()
    session.reviewer = "ben"
    session.edit("i0", "dog", 0)
    before = {event.seq: event for event in Ledger.found(place).events() if event.item_id != "i3"}
    new = made({item: cell for item, cell in reversed(GIVEN.items()) if item != "i3"})
    carry(place, new, ledger=to)
    events = Ledger.open(to, fingerprint=new.fingerprint).events()
    assert {event.seq: event for event in events} == before
    after = Session(new, ledger=to, reviewer="ben")
    assert after.conflicts.height == 2
    after.undo()
    assert after.state("i0", "dog") == 1
    after.reviewer = "ann"
    after.undo()  # the batch: what of it is there
    assert [after.state("i0", "dog"), after.state("i1", "owl")] == [0, 0]
    assert survey(to).is_whole


def test_a_decision_that_the_table_follows_is_not_kept_where_another_reviewer_says_otherwise(session, place, to):
    session.edit("i0", "dog", 0)
    session.reviewer = "ben"
    session.edit("i0", "dog", 1)
    assert outcomes(carry(place, made({**GIVEN, "i0": "cat dog"}), ledger=to)) == {("i0", "dog"): "asked again"}


def test_the_earlier_ledger_is_not_touched_and_a_second_time_changes_nothing(session, place, to):
    session.edit("i0", "dog", 1)
    session.close()
    old, new = place.read_bytes(), made({**GIVEN, "i9": "cat"})
    assert not carry(place, new, ledger=to, dry_run=True).written
    assert not to.exists()
    assert carry(place, new, ledger=to).written
    written = to.read_bytes()
    again = carry(place, new, ledger=to)
    assert not again.written
    assert "already" in again.summary()
    assert (place.read_bytes(), to.read_bytes()) == (old, written)
    assert {path.name for path in to.parent.iterdir()} == {"old.sqlite", "new.sqlite"}


def test_what_was_decided_since_is_merged_and_nothing_twice_or_lost(session, place, to):
    session.edit("i0", "dog", 1)
    session.edit("i1", "owl", 1)
    new = made({**GIVEN, "i9": "cat", "i5": "cat"})
    assert carry(place, new, ledger=to).written
    other = Session(new, ledger=to, reviewer="ben")
    other.edit("i9", "dog", 1)
    other.close()
    session.undo()  # of what was carried over
    session.edit("i2", "dog", 1)
    session.edit("i5", "dog", 0)  # the table says so now
    assert carry(place, new, ledger=to).written
    session.undo()
    session.edit("i3", "cat", 1)
    session.undo()  # of what this carrying brings itself
    session.edit("i3", "owl", 1)
    assert carry(place, new, ledger=to).written
    written = to.read_bytes()
    assert not carry(place, new, ledger=to).written
    assert to.read_bytes() == written
    merged = Session(new, ledger=to, reviewer="ann")
    told = {(event.item_id, event.label, event.kind) for event in Ledger.found(to).events()}
    assert len(Ledger.found(to).events()) == 1 + len(Ledger.found(place).events())
    assert {("i0", "dog", "edit"), ("i9", "dog", "edit"), ("i3", "owl", "edit"), ("i1", "owl", "undo")} <= told
    states = {
        cell: merged.state(*cell) for cell in [("i0", "dog"), ("i1", "owl"), ("i2", "dog"), ("i9", "dog"), ("i3", "cat"), ("i3", "owl")]
    }
    assert list(states.values()) == [1, 0, 1, 1, 0, 1]
    merged.close()


def test_an_earlier_ledger_that_is_another_now_is_not_merged(session, place, to, tmp_path):
    session.edit("i0", "dog", 1)
    new = made({**GIVEN, "i9": "cat"})
    carry(place, new, ledger=to)
    another = Session(made(GIVEN), ledger=tmp_path / "another.sqlite", reviewer="ann")
    another.edit("i1", "cat", 1)
    another.close()
    before = to.read_bytes()
    with pytest.raises(LedgerError, match="expected one without decisions"):
        carry(tmp_path / "another.sqlite", new, ledger=to)
    assert to.read_bytes() == before


def test_a_ledger_with_decisions_of_its_own_is_refused(session, place, to):
    session.edit("i0", "dog", 1)
    new = made({**GIVEN, "i9": "cat"})
    Session(new, ledger=to, reviewer="ben").edit("i1", "cat", 1)
    with pytest.raises(LedgerError, match="expected one without decisions"):
        carry(place, new, ledger=to)
    assert len(Ledger.open(to, fingerprint=new.fingerprint).events()) == 1


def test_a_writing_that_fails_leaves_nothing(session, place, to, monkeypatch):
    session.edit("i0", "dog", 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("labelscope.review.ledger.append_rows", full)
    with pytest.raises(LedgerError, match="disk is full"):
        carry(place, made({**GIVEN, "i9": "cat"}), ledger=to)
    assert [path.name for path in to.parent.iterdir()] == ["old.sqlite"]


def test_what_lies_beside_the_new_ledger_stays_and_a_link_is_followed(session, place, to):
    session.edit("i0", "dog", 1)
    beside = to.with_name("new.sqlite.part")
    beside.write_text("somebody's")
    to.symlink_to("target.sqlite")
    new = made({**GIVEN, "i9": "cat"})
    assert carry(place, new, ledger=to).written
    assert beside.read_text() == "somebody's"
    assert to.is_symlink()
    assert len(Ledger.open(to.with_name("target.sqlite"), fingerprint=new.fingerprint).events()) == 1


def test_a_rename_is_kept_unless_the_new_version_has_items_that_it_never_saw(session, place, tmp_path):
    session.apply(LabelEdit.rename("owl", "bird", reason="plainer"))
    session.edit("i0", "bird", 1)
    same, more = made({**GIVEN, "i9": "cat"}), made({**GIVEN, "i9": "owl"})
    kept = carry(place, same, ledger=tmp_path / "same.sqlite")
    assert kept.others.rows() == [("rename owl into bird", "kept", "")]
    after = Session(same, ledger=tmp_path / "same.sqlite")
    assert after.label_names == ("cat", "dog", "bird")
    assert after.label_edits.select("action", "label", "reason").rows() == [("rename", "owl", "plainer")]
    assert after.corrected.labels.dense()[:, 2].tolist() == [1, 0, 1, 0, 1, 0, 0]
    asked = carry(place, more, ledger=tmp_path / "more.sqlite")
    assert asked.others["outcome"].to_list() == ["asked again"]
    assert outcomes(asked) == {("i0", "bird"): "label gone"}
    assert Session(more, ledger=tmp_path / "more.sqlite").label_names == LABELS


def test_a_table_that_was_exported_with_its_edits_agrees_with_them(session, place, to):
    session.apply(LabelEdit.rename("owl", "bird"))
    session.edit("i0", "bird", 1)
    corrected = session.corrected
    done = carry(place, corrected, ledger=to)
    assert done.others["outcome"].to_list() == ["agreed"]
    assert outcomes(done) == {("i0", "bird"): "agreed"}
    after = Session(corrected, ledger=to)
    assert after.label_names == ("cat", "dog", "bird")
    assert after.changes.is_empty()


def test_a_decision_before_an_edit_that_is_asked_again_stands(session, place, to):
    session.edit("i3", "owl", 1)
    session.apply(LabelEdit.rename("owl", "bird"))
    new = made({**GIVEN, "i9": "owl"})
    done = carry(place, new, ledger=to)
    assert done.frame.select("earlier_id", "label", "outcome", "decided").rows() == [("i3", "owl", "kept", 1)]
    assert Session(new, ledger=to).state("i3", "owl") == 1


def test_verdicts_on_relations_go_with_their_labels(session, place, to):
    session.constraints.confirm("cat", "exclusive", "dog")
    session.constraints.confirm("owl", "exclusive", "dog")
    session.constraints.undo()
    session.constraints.reject("owl", "implies", "cat")
    new = made({item: cell.replace("owl", "") for item, cell in GIVEN.items()}, labels=("cat", "dog"))
    done = carry(place, new, ledger=to)
    assert done.others.rows() == [("relation cat exclusive dog", "kept", ""), ("relation owl implies cat", "label gone", "")]
    assert Session(new, ledger=to).rules.frame["verdict"].to_list() == ["confirmed"]


@pytest.fixture
def audited(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    given = np.where(rng.random((300, 2)) < 0.05, 1, 0) ^ (x[:, :2] > 0)
    return x, given


@pytest.mark.parametrize("numbered", [True, False])
def test_an_audit_goes_on_where_the_cells_are_the_same_in_another_order(audited, tmp_path, numbered):
    x, given = audited
    names = pl.DataFrame({"text": [f"text {k}" for k in range(300)]})
    ids = None if numbered else [f"i{k}" for k in range(300)]
    old = Dataset.from_arrays(given, label_names=["a", "b"], embeddings=x, items=names, text="text", item_ids=ids)
    session = Session(old, ledger=tmp_path / "old.sqlite", reviewer="ann")
    cells = session.audit(40).cells
    for item, label in cells.select("item_id", "label").head(20).iter_rows():
        session.confirm(item, label)
    turned = None if ids is None else ids[::-1]
    new = Dataset.from_arrays(given[::-1], label_names=["a", "b"], embeddings=x[::-1], items=names[::-1], text="text", item_ids=turned)
    done = carry(old, new, earlier_ledger=tmp_path / "old.sqlite", ledger=tmp_path / "new.sqlite")
    assert done.others.rows() == [("audit sample", "kept", "")]
    after = Session(new, ledger=tmp_path / "new.sqlite")
    texts = dict(zip(old.item_ids, names["text"], strict=True)), dict(zip(new.item_ids, names["text"][::-1], strict=True))
    told = [[(texts[k][row[0]], *row[1:]) for row in each.audited.rows()] for k, each in enumerate((session, after))]
    assert told[0] == told[1]
    assert len(told[0]) == 20
    assert after.estimate.wrong().low == session.estimate.wrong().low


def test_an_audit_of_other_cells_ends_and_its_verdicts_are_decisions(audited, tmp_path):
    x, given = audited
    old = Dataset.from_arrays(given, embeddings=x, item_ids=[f"i{k}" for k in range(300)])
    session = Session(old, ledger=tmp_path / "old.sqlite")
    cell = session.audit(10).cells.row(0)
    session.confirm(*cell[:2])
    new = Dataset.from_arrays(given[:290], embeddings=x[:290], item_ids=[f"i{k}" for k in range(290)])
    done = carry(tmp_path / "old.sqlite", new, ledger=tmp_path / "new.sqlite")
    assert done.others["outcome"].to_list() == ["ended"]
    assert Session(new, ledger=tmp_path / "new.sqlite").audit_sample is None
    assert done.frame.height == 1


def rows_of(texts: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"text": list(texts), "tags": list(texts.values())})


FIRST = {"red": "cat", "blue": "dog", "green": "cat;dog", "grey": "dog"}


def test_rows_without_ids_are_found_again_by_what_they_hold(tmp_path):
    rows_of(FIRST).write_parquet(tmp_path / "v1.parquet")
    session = Session(read(tmp_path / "v1.parquet", labels="tags", text="text"), reviewer="ann")
    session.edit(0, "dog", 1)
    session.edit(3, "cat", 1)
    rows_of({"new": "cat", "grey": "dog", "green": "cat;dog", "red": "cat"}).write_parquet(tmp_path / "v2.parquet")
    done = carry(tmp_path / "v1.parquet", tmp_path / "v2.parquet", labels="tags", text="text")
    assert done.frame.select("earlier_id", "item_id", "label", "outcome").rows() == [("0", "3", "dog", "kept"), ("3", "1", "cat", "kept")]
    after = Session(read(tmp_path / "v2.parquet", labels="tags", text="text"))
    assert after.changes.select("item_id", "label").rows() == [(3, "dog"), (1, "cat")]


def test_row_numbers_alone_are_not_believed(tmp_path):
    path = tmp_path / "t.parquet"
    rows_of(FIRST).write_parquet(path)
    first = read(path, labels="tags", text="text")
    session = Session(first)
    session.edit(0, "dog", 1)
    session.close()
    rows_of({"new": "cat", **FIRST}).write_parquet(path)
    new = read(path, labels="tags", text="text")
    with pytest.raises(OtherDataSet, match="the earlier version is needed") as refused:
        Session(new)
    assert refused.value.command is None
    with pytest.raises(DataError, match="rows that only have numbers"):
        carry(session.ledger, new)
    assert carry(first, new, earlier_ledger=session.ledger, dry_run=True).counts == {"kept": 1}


def test_numbers_that_name_other_items_are_refused(tmp_path):
    given = ["cat" if k % 3 else "dog" for k in range(30)]
    session = Session(Dataset.from_arrays([[name] for name in given]), ledger=tmp_path / "old.sqlite")
    session.edit_all([(k, given[k], 1) for k in range(10)])
    new = Dataset.from_arrays([[name] for name in given], item_ids=list(range(1, 31)))
    with pytest.raises(DataError, match="expected the item ids that the decisions name"):
        carry(tmp_path / "old.sqlite", new, ledger=tmp_path / "new.sqlite")


def test_equal_rows_are_told_apart_by_their_order_only_where_there_are_as_many(tmp_path):
    old = Dataset.from_arrays([["a"], [], ["a"], []], items=pl.DataFrame({"text": ["x", "x", "y", "y"]}), text="text", label_names=["a"])
    new = Dataset.from_arrays([["a"], ["a"], []], items=pl.DataFrame({"text": ["x", "y", "y"]}), text="text", label_names=["a"])
    session = Session(old, ledger=tmp_path / "old.sqlite")
    session.edit_all([(0, "a", 0), (2, "a", 0)])
    done = carry(old, new, earlier_ledger=tmp_path / "old.sqlite", ledger=tmp_path / "new.sqlite")
    assert outcomes(done) == {("0", "a"): "item gone", ("2", "a"): "kept"}


@pytest.mark.parametrize("named", [True, False])
def test_a_refused_ledger_names_what_carries_its_decisions_over(tmp_path, named, monkeypatch, capsys):
    from labelscope.cli.app import app

    path = tmp_path / "my table.csv"
    ledger = tmp_path / "shared.sqlite" if named else None
    table = pl.DataFrame({"key": ["a", "b", "c", "d"], "words": ["x|y", "y", "x", "no label"]})
    table.write_csv(path)
    options = {"labels": "words", "id": "key", "labels_delimiter": "|", "empty": ["no label"]}
    session = Session(read(path, **options), ledger=ledger)
    session.edit("b", "x", 1)
    session.close()
    table.reverse().write_csv(path)
    new = read(path, **options)
    with pytest.raises(OtherDataSet, match="1 of 1 decided cells") as refused:
        Session(new, ledger=ledger)
    assert str(refused.value).endswith(refused.value.command)
    assert refused.value.counts == {"kept": 1}
    with pytest.raises(SystemExit) as left:
        app(shlex.split(refused.value.command)[1:])
    assert left.value.code == 0
    assert "1 kept" in capsys.readouterr().out
    assert Session(new, ledger=refused.value.to if named else None).state("b", "x") == 1


def test_a_ledger_of_quite_another_table_is_refused_as_such(session, place):
    session.edit("i0", "dog", 1)
    other = Dataset.from_arrays([["sun"]], item_ids=["x"])
    with pytest.raises(OtherDataSet, match="start a new ledger") as refused:
        Session(other, ledger=place)
    assert refused.value.command is None


def test_the_folder_of_a_scan_stands_for_its_table_read_as_it_was_scanned(tmp_path, capsys):
    from labelscope.cli.app import app

    old, path, out = tmp_path / "old.csv", tmp_path / "t.csv", tmp_path / "scan"
    table = pl.DataFrame({"key": ["a", "b", "c", "d"], "words": ["x;y", "y", "x", "no label"]})
    table.write_csv(old)
    table.reverse().write_csv(path)
    Session(read(old, labels="words", id="key", empty=["no label"])).edit("b", "x", 1)
    for command in (["scan", path, "--labels=words", "--id=key", "--empty=no label", f"--out={out}"], ["carry", old, out]):
        with pytest.raises(SystemExit) as left:
            app([str(word) for word in command])
        assert left.value.code == 0
    assert "1 kept" in capsys.readouterr().out
    assert Session(read(path, labels="words", id="key", empty=["no label"])).state("b", "x") == 1


def test_each_version_of_a_table_keeps_its_ledger(tmp_path):
    path = tmp_path / "t.csv"
    first, second = pl.DataFrame({"id": ["a", "b"], "l": ["x;y", "y"]}), pl.DataFrame({"id": ["a"], "l": ["x;y"]})
    first.write_csv(path)
    Session(read(path, labels="l", id="id")).edit("a", "x", 0)
    second.write_csv(path)
    new = read(path, labels="l", id="id")
    carry(path.with_name("t.csv.labelscope") / "ledger.sqlite", new)
    assert Session(new).state("a", "x") == 0
    first.write_csv(path)
    assert Session(read(path, labels="l", id="id")).state("a", "x") == 0


@pytest.mark.parametrize("seed", range(6))
def test_random_reviews_and_versions(tmp_path, seed):
    rng = np.random.default_rng(seed)
    states = rng.choice([1, 0, 0, -1], size=(12, 4))
    old = Dataset.from_arrays(states, label_names=list("abcd"), item_ids=[f"i{k}" for k in range(12)])
    session = Session(old, ledger=tmp_path / "old.sqlite")
    for _ in range(25):
        session.reviewer = str(rng.choice(["ann", "ben"]))
        cells = [(f"i{rng.integers(12)}", "abcd"[rng.integers(4)], int(rng.choice([1, 0, -1]))) for _ in range(rng.integers(1, 4))]
        session.edit_all(cells) if rng.random() < 0.7 else session.undo() if rng.random() < 0.6 else session.redo()
    changed = np.where(rng.random(states.shape) < 0.3, rng.choice([1, 0, -1], size=states.shape), states)
    rows = rng.permutation(12)[:9]
    new = Dataset.from_arrays(changed[rows][:, [2, 0, 1]], label_names=list("cab"), item_ids=[f"i{k}" for k in rows])
    done = carry(tmp_path / "old.sqlite", new, ledger=tmp_path / "new.sqlite")
    after = Session(new, ledger=tmp_path / "new.sqlite")
    listed = outcomes(done)
    decided = session.decisions.filter(~pl.col("undone")).select("item_id", "label").unique().rows()
    assert set(listed) == set(decided)
    for item, label in decided:
        outcome = listed[item, label]
        if int(item[1:]) not in rows or label == "d":
            assert outcome in {"item gone", "label gone"}
            continue
        before, now = states[int(item[1:]), "abcd".index(label)], changed[int(item[1:]), "abcd".index(label)]
        assert (outcome == "kept") == (before == now)
        assert after.state(item, label) == (now if outcome == "asked again" else session.state(item, label))
        assert outcome != "agreed" or session.state(item, label) == now
    kept = pl.DataFrame([cell for cell, outcome in listed.items() if outcome == "kept"], schema=["item_id", "label"], orient="row")
    if kept.height:
        one, other = (each.decisions.join(kept, on=["item_id", "label"], how="semi") for each in (session, after))
        assert one.equals(other)
    assert survey(tmp_path / "new.sqlite").is_whole


def test_a_result_shows_what_became_of_how_many_and_escapes_what_comes_from_data(tmp_path):
    given = {"<b>": "cat", **GIVEN}
    session = Session(made(given), ledger=tmp_path / "old.sqlite", reviewer="<i>ann")
    session.edit("<b>", "dog", 1)
    done = carry(tmp_path / "old.sqlite", made(GIVEN), ledger=tmp_path / "new.sqlite")
    shown = done._repr_mimebundle_()
    assert "item gone" in shown["text/plain"]
    assert "&lt;b&gt;" in shown["text/html"]
    assert "<b>" not in shown["text/html"]
    assert "<i>" not in shown["text/html"]


def test_reasons_go_with_their_verdicts_also_those_that_came_since(session, place, to):
    session.edit("i0", "dog", 1)
    session.give_reason("both labels fit")
    session.edit("i3", "cat", 1)
    session.give_reason("hard to tell")  # its item is gone in the new version
    new = made({item: cell for item, cell in GIVEN.items() if item != "i3"})
    carry(place, new, ledger=to)
    session.edit("i4", "cat", 1)
    session.give_reason("clearly wrong")
    session.edit("i5", "cat", 1)
    session.undo()
    carry(place, new, ledger=to)
    later = Session(new, ledger=to, reviewer="bob")
    assert later.reasons.select("item_id", "reason").rows() == [("i0", "both labels fit"), ("i4", "clearly wrong")]
    later.close()
