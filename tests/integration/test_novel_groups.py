"""Groups that no label explains: found on request, dismissed and named for all who review, made labels, and known again in another run."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.publish import publish
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.review.carry import carry
from labelscope.review.group_verdicts import GroupVerdict
from labelscope.review.label_edit import LabelEdit
from labelscope.session import Session
from tests.integration.sky import COMETS, sky

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, sys
from labelscope import Session
from tests.integration.sky import sky

session = Session(sky(), ledger=sys.argv[1], reviewer="ann")
(group,) = session.novel_groups.filter(proposed="comet, orbit")["group"]
session.name_group(group, "shooting stars")
session.dismiss_group(group)
os._exit(9)
"""


@pytest.fixture(scope="module")
def dataset():
    return sky()


@pytest.fixture
def opened(dataset, tmp_path):
    made = []

    def open_(reviewer="ann", of=dataset, ledger="ledger.sqlite"):
        made.append(Session(of, ledger=tmp_path / ledger, reviewer=reviewer))
        return made[-1]

    yield open_
    for session in made:
        session.close()


def of_comets(session, *columns):
    """The group of the comets: its number, or some columns of its row."""
    found = session.novel_groups.filter(proposed="comet, orbit")
    return found["group"][0] if not columns else found.select(columns).row(0)


def test_the_session_finds_the_groups_of_the_labels_as_they_stand(opened, dataset):
    session = opened()
    assert not session.has_groups
    assert set(session.novel_labels.items(of_comets(session))) == set(COMETS)
    assert of_comets(session, "state", "name", "label") == ("open", "comet, orbit", None)
    assert not session.groups_are_stale
    session.edit_all([(item, "leaf", 1) for item in COMETS])
    assert session.groups_are_stale
    assert of_comets(session, "nearest", "nearest_share") == ("leaf", 1.0)
    assert session.find_novel_labels().frame["nearest"].to_list() == session.novel_labels.frame["nearest"].to_list()
    assert not session.groups_are_stale


def test_what_is_said_of_a_group_is_there_for_others_in_another_run_and_undone_in_turn(opened):
    ann, bob = opened(), opened("bob")
    ann.edit("i0", "small", 1)
    ann.name_group(of_comets(ann), "comet")
    ann.dismiss_group(of_comets(ann))
    bob.catch_up()
    assert of_comets(bob, "state", "name") == ("dismissed", "comet")
    assert bob.group_verdicts.select("verdict", "name", "n_items", "reviewer").rows() == [
        ("name", "comet", 30, "ann"),
        ("dismiss", "comet, orbit", 30, "ann"),
    ]
    bob.find_novel_labels()
    assert of_comets(bob, "state", "name") == ("dismissed", "comet")
    assert isinstance(ann.undo(), GroupVerdict)
    assert of_comets(ann, "state", "name") == ("open", "comet")
    assert ann.undo().kind == "name"
    assert ann.undo().item_id == "i0"
    assert ann.redo().item_id == "i0"
    assert ann.redo().name == "comet"
    ann.redo()
    bob.restore_group(of_comets(bob))
    ann.catch_up()
    assert of_comets(ann, "state", "name") == ("open", "comet")


def test_it_survives_a_killed_kernel(opened, tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "ledger.sqlite")]
    killed = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == 9
    assert of_comets(opened(), "state", "name") == ("dismissed", "shooting stars")


def test_it_is_known_again_in_another_version_of_the_table_where_items_have_other_ids(opened, dataset, tmp_path):
    def version(first):
        rows = slice(first, None)
        items = dataset.items.select("text").slice(first)
        return Dataset.from_arrays(
            dataset.labels.dense()[rows], label_names=dataset.label_names, items=items, text="text", embeddings=dataset.embeddings[rows]
        )

    old, new = version(0), version(20)
    before = opened(of=old)
    before.edit(200, "small", 1)
    before.dismiss_group(of_comets(before))
    before.judge_early("comet", 385, 0)
    before.judge_early("comet", 3, 0)
    before.close()
    carry(old, new, ledger=tmp_path / "new.sqlite", earlier_ledger=tmp_path / "ledger.sqlite")
    after = opened(of=new, ledger="new.sqlite")
    assert of_comets(after, "state") == ("dismissed",)
    assert after.early_negatives("comet").tolist() == [365]  # and the item that is gone has no say


def test_a_label_that_is_made_of_a_group_takes_it_and_one_undo_gives_it_back(opened):
    session = opened()
    session.apply(session.novel_labels.edit(of_comets(session), "comet"))
    assert of_comets(session, "state", "label", "nearest", "nearest_share") == ("taken", "comet", "comet", 1.0)
    session.apply(LabelEdit.rename("comet", "falling star"))
    assert of_comets(session, "state", "label") == ("taken", "falling star")
    session.undo()
    session.undo()
    assert of_comets(session, "state", "label") == ("open", None)
    session.redo()
    assert not session.find_novel_labels().frame.filter(name="comet, orbit").height  # the new label explains it
    assert session.corrected.label_names == ("apple", "leaf", "small", "comet")


def test_numbers_and_names_that_are_none_are_refused_and_write_nothing(opened):
    session = opened()
    for group in (99, -1):
        with pytest.raises(DataError, match="group: expected one of the 3 groups"):
            session.dismiss_group(group)
    for group in ("0", True, None):
        with pytest.raises(DataError, match="group: expected the number of a group"):
            session.restore_group(group)
    with pytest.raises(DataError, match="name: expected a line"):
        session.name_group(0, "")
    assert session.group_verdicts.is_empty()
    assert session.undo() is None


def test_the_app_lists_selects_names_dismisses_and_undoes(opened):
    session = opened()
    state = ExplorerState(session, lambda: None)
    known = answers(state, lambda path: path)

    def ask(kind, **body):
        return known[kind](Request("1", kind, body)).body

    assert (ask("groups")["found"], ask("groups")["groups"]) == (False, [])
    session.find_novel_labels()
    first = ask("groups")["groups"][0]
    assert (first["name"], first["items"], first["state"], first["steady"]) == ("comet, orbit", 30, "open", "very stable")
    assert first["examples"][0]["text"].startswith("<b>comet orbit</b>")
    key = first["key"]
    chosen = ask("filter", by="group", key=key)
    assert (chosen["count"], chosen["filters"][0]["title"]) == (30, "Group: comet, orbit")
    assert ask("group_say", key=key, do="name", name="comet")["groups"][0]["name"] == "comet"
    version = state.versions["groups"]
    said = ask("group_say", key=key, do="dismiss")
    assert [of["state"] for of in said["groups"]] == ["dismissed", "open", "open"]
    assert state.versions["groups"] == version + 1
    undone = ask("undo")
    assert (undone["group"], undone["label"], undone["entry"]) == (True, "comet, orbit", None)
    assert ask("groups")["groups"][0]["state"] == "open"
    session.edit_all([(item, "leaf", 1) for item in COMETS[:3]])
    assert ask("groups")["stale"]
    with pytest.raises(DataError, match="refresh the tab"):
        ask("group_say", key="0" * 16, do="dismiss")


def test_a_label_of_the_app_grows_from_a_group_in_one_batch(opened):
    session = opened()
    session.find_novel_labels()
    known = answers(ExplorerState(session, lambda: None), lambda path: path)

    def ask(kind, **body):
        return known[kind](Request("1", kind, body)).body

    ask("filter", by="group", key=ask("groups")["groups"][0]["key"])
    assert ask("grow_selected", label="comet", description="comet, orbit")["positive"] == 30
    assert of_comets(session, "state", "label") == ("taken", "comet")
    session.undo()
    assert session.label_names == ("apple", "leaf", "small")


def test_a_set_without_anything_to_compare_by_says_so(tmp_path):
    session = Session(Dataset.from_arrays([[1, 0], [0, 1]]), ledger=tmp_path / "l.sqlite")
    told = answers(ExplorerState(session, lambda: None), lambda path: path)["groups"](Request("1", "groups", {})).body
    assert told["blocked"].startswith("Groups need something to compare items by")
    session.close()


@pytest.mark.parametrize(("options", "told"), [({}, True), ({"texts": False}, False), ({"redact": ["item_id"]}, False)])
def test_a_published_page_holds_no_word_of_what_is_left_out(opened, tmp_path, options, told):
    session = opened()
    session.find_novel_labels()
    page = publish(session, tmp_path / "page.html", **options).path.read_text("utf-8")
    header = unpacked(page)["groups"]["report"]["groups"]
    assert next(of["name"] for of in header) == ("comet, orbit" if told else "Group 1")
    assert bool(header[0]["words"]) is told
    assert "comet" not in str(header) or told
    session.name_group(of_comets(session), "comet")
    again = publish(session, tmp_path / "page.html", **options).path.read_text("utf-8")
    assert unpacked(again)["groups"]["report"]["groups"][0]["name"] == "comet"  # a person's word, as the name of a label is


def unpacked(page):
    """The header of the block of a page."""
    block = gzip.decompress(base64.b64decode(re.search(r'id="data">([^<]*)<', page)[1]))
    length = int.from_bytes(block[:4], "little")
    return json.loads(block[8 : 8 + length])


def test_the_picture_of_a_saved_notebook_names_the_open_groups(opened):
    session = opened()
    state = ExplorerState(session, lambda: None)
    assert state.groups.line() == ""
    session.find_novel_labels()
    assert state.groups.line().startswith("Novel groups that no label explains: comet, orbit (30), ")
    session.dismiss_group(of_comets(session))
    assert "comet" not in state.groups.line()
