"""What the JupyterLab extension asks the kernel: answers are JSON, refusals are one line with what mends them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import polars as pl
import pytest

from labelscope import labextension
from labelscope.data.read import read
from labelscope.labextension import messages, tables
from labelscope.session import Session

TYPES = Path(__file__).parents[3] / "extensions" / "lab" / "src" / "import" / "messages.ts"
STATIC = Path(tables.__file__).parents[1] / "widgets" / "static" / "explorer.js"
CHOICES = {"labels": "labels", "text": ["text"], "id": "item_id"}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "comments.parquet"
    frame = pl.DataFrame({"item_id": ["a", "b"], "text": ["one two", "three four"], "labels": [["x"], ["y"]], "note": ["n", None]})
    frame.write_parquet(path)
    return path


@pytest.fixture
def asked(table):
    """Ask about the table."""
    return lambda kind, **body: labextension.answer({"ask": kind, "path": str(table), **body})


@pytest.fixture
def front_end():
    pytest.importorskip("anywidget")
    if not STATIC.is_file():
        pytest.skip("the front end is not built")


def test_an_answer_is_json_and_a_refusal_is_one_line(tmp_path, table):
    answer = labextension.answer({"ask": "look", "path": str(table)})
    assert json.loads(json.dumps(answer))["protocol"] == labextension.PROTOCOL
    (tmp_path / "broken.parquet").write_bytes(table.read_bytes()[:50])
    for request, words in [
        ({"ask": "look", "path": str(tmp_path / "none.csv")}, "none.csv"),
        ({"ask": "look", "path": str(tmp_path / "broken.parquet")}, "broken.parquet"),
        ({"ask": "open", "path": str(table), "choices": {"labels": "nothing"}}, "nothing"),
        ({"ask": "open", "path": str(table), "choices": {}}, "choose one"),
        ({"ask": "open", "path": str(table), "choices": {"colour": "red"}}, "colour"),
        ({"ask": "sing", "path": str(table)}, "sing"),
        ({}, "update labelscope"),
    ]:
        error = labextension.answer(request)["error"]
        assert words in error
        assert "\n" not in error


def test_a_guess_names_the_columns_and_the_call_that_reads_them(asked):
    found = asked("inspect", choices={}, guess=True)
    assert (found["choices"], found["refusals"]) == (CHOICES, [])
    assert found["call"] == "labelscope.read('comments.parquet', labels='labels', text='text', id='item_id')"
    assert [reading["chosen"] for reading in found["readings"]] == [True]
    assert found["readings"][0]["examples"][0] == {"row": 0, "cell": "['x']", "labels": ["x"], "n_positive": 1, "n_unknown": 0}


@pytest.mark.parametrize(
    ("column", "n_items", "said", "keeps"),
    [("labels", 3, {}, False), ("kind", 3, {}, True), ("labels", 30, {}, True), ("labels", 30, {"labels_per_item": "several"}, False)],
)
def test_one_label_each_is_told_and_whether_it_stays_so(tmp_path, column, n_items, said, keeps):
    path = tmp_path / "t.parquet"
    kinds = ["cat", "dog", "cat"] * (n_items // 3)
    pl.DataFrame({"labels": [[kind] for kind in kinds], "kind": kinds}).write_parquet(path)
    found = labextension.answer({"ask": "inspect", "path": str(path), "choices": {"labels": column, **said}})
    assert (found["one_label_each"], found["keeps_one"]) == (True, keeps)


def test_what_was_said_is_not_guessed_again(asked):
    found = asked("inspect", choices={"labels": "labels"})
    assert found["choices"] == {"labels": "labels"}
    assert found["call"] == "labelscope.read('comments.parquet', labels='labels')"
    assert asked("inspect", choices={})["refusals"][0]["about"] == "labels"


def test_a_problem_says_what_it_concerns(asked, tmp_path):
    (tmp_path / "names.json").write_text("[")
    for change, about in [
        ({"embeddings": "none.npy"}, "embeddings"),
        ({"taxonomy": "none.csv"}, "taxonomy"),
        ({"votes": "none.csv"}, "votes"),
        ({"label_names": str(tmp_path / "names.json")}, "label_names"),
        ({"id": "note"}, "id"),
        ({"features": ["labels"]}, "features"),
        ({"groups": "gone"}, "groups"),
    ]:
        found = asked("inspect", choices=CHOICES | change)
        assert [problem["about"] for problem in found["refusals"]] == [about], change
        assert found["call"] == ""


def test_a_doubt_comes_with_its_ways_out_and_each_is_a_way_out(tmp_path):
    path = tmp_path / "answers.csv"
    pl.DataFrame({"answer": ["agree", "strongly agree", "disagree", "strongly disagree"] * 5}).write_csv(path)
    found = labextension.answer({"ask": "inspect", "path": str(path), "choices": {"labels": "answer"}})
    assert not any(reading["chosen"] for reading in found["readings"])
    ways = [remedy["arguments"] for problem in found["refusals"] for remedy in problem["remedies"]]
    assert len(ways) == 2
    for way in ways:
        settled = labextension.answer({"ask": "inspect", "path": str(path), "choices": {"labels": "answer", **way}})
        assert settled["call"]
        assert not settled["refusals"]


@pytest.mark.parametrize("ledger", ["below/a/file.sqlite", None])
def test_a_place_for_decisions_that_cannot_be_written_is_told_at_once(asked, table, ledger):
    folder = table.with_name("below") if ledger else table.with_name("comments.parquet.labelscope")
    folder.write_text("a file where a folder should be")  # also for the superuser, whom no permission stops
    given = {"ledger": str(table.parent / ledger)} if ledger else {}
    found = asked("inspect", choices=CHOICES | given)
    assert found["place"]["problem"].startswith("ledger: expected a place that can be written")
    folder.unlink()
    assert asked("inspect", choices=CHOICES)["place"]["problem"] == ""
    assert sorted(path.name for path in table.parent.iterdir()) == ["comments.parquet"]  # a look leaves nothing


@pytest.mark.usefixtures("front_end")
def test_what_was_chosen_is_kept_beside_the_ledger_and_the_folder_stands_for_its_table(asked, table):
    answer = asked("open", choices=CHOICES, reviewer="Ann")
    assert (answer["title"], answer["n_items"], answer["n_labels"]) == ("comments.parquet", 2, 2)
    folder = table.with_name("comments.parquet.labelscope")
    look = labextension.answer({"ask": "look", "path": str(folder)})
    assert (look["chosen"], look["is_open"]) == (CHOICES, True)
    app = labextension.app(folder)
    assert (app.dataset.item_ids[0], app.session.reviewer) == ("a", "Ann")
    assert asked("open", choices={"labels": "labels"})["n_labels"] == 2
    again = labextension.app(table)
    assert again is not app
    assert not [path for path in folder.iterdir() if path.suffix == ".part"]
    app.wait(20)
    again.wait(20)
    again.close()


@pytest.mark.usefixtures("front_end")
def test_what_was_prepared_is_what_is_opened_and_nothing_is_written_before(asked, table):
    assert "error" not in asked("prepare", choices=CHOICES)
    assert not table.with_name("comments.parquet.labelscope").exists()
    asked("open", choices=CHOICES)
    app = labextension.app(table)
    asked("prepare", choices={"labels": "note"})
    asked("open", choices=CHOICES)  # other columns than were prepared
    other = labextension.app(table)
    assert other.dataset.label_names == ("x", "y")
    assert other.session is not app.session
    app.wait(20)
    other.wait(20)
    other.close()


def test_a_preparation_that_fails_is_told_at_the_opening(asked):
    assert "error" not in asked("prepare", choices={"labels": "nothing"})
    assert "nothing" in asked("open", choices={"labels": "nothing"})["error"]


def test_a_table_that_changed_is_refused_with_the_offer_to_carry_its_decisions_over(tmp_path):
    path = tmp_path / "t.csv"
    table = pl.DataFrame({"id": ["a", "b", "c"], "labels": ["x;y", "y", "x"]})
    table.write_csv(path)
    choices = {"labels": "labels", "id": "id"}

    def asked(kind, **body):
        return json.loads(json.dumps(labextension.answer({"ask": kind, "path": str(path), "choices": choices, **body})))

    session = Session(read(path, **choices))
    session.edit("b", "x", 1)
    session.close()
    table.reverse().write_csv(path)
    refused = asked("open")
    assert refused["carry"]["counts"] == {"kept": 1}
    assert refused["carry"]["command"] in refused["error"]
    assert asked("carry", dry_run=True)["counts"] == {"kept": 1}
    assert asked("open")["carry"]
    assert "error" not in asked("prepare")  # which the page asks for while its offer is in sight
    assert refused["carry"]["to"] in asked("carry")["line"]
    assert Session(read(path, **choices)).state("b", "x") == 1
    assert asked("open")["n_items"] == 3


def test_an_explorer_that_is_not_open_is_refused(table):
    with pytest.raises(labextension.tables.DataError, match="open it first"):
        labextension.app(table)


def declared() -> dict[str, set[str]]:
    """The fields of the page's types."""
    bodies = re.findall(r"export interface (\w+) \{\n(.*?)\n\}", TYPES.read_text(encoding="utf-8"), re.DOTALL)
    return {name: set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) for name, body in bodies}


def test_both_sides_mean_the_same():
    known = declared()
    for name in (
        "Choices",
        "Cell",
        "Column",
        "Look",
        "Remedy",
        "Problem",
        "Example",
        "Reading",
        "Place",
        "Inspected",
        "Opened",
        "Carry",
        "Carried",
    ):
        struct = getattr(messages, name)
        assert known[name] == {field.name for field in msgspec.structs.fields(struct)}, name
