import numpy as np
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.session import Session

N = 240


@pytest.fixture
def session(tmp_path):
    """Two spellings of one label, and a label that is two: its items lie in two places and differ in another label."""
    rng = np.random.default_rng(1)
    place = np.arange(N) % 4
    bank, river = place >= 2, place == 2
    etching, etchings = (np.arange(N) % 6) == 0, (np.arange(N) % 6) == 1
    truth = np.column_stack([etching, etchings, bank, river]).astype(np.int8)
    embeddings = (np.eye(4)[place] * 8 + rng.normal(size=(N, 4)) * 0.3).astype("f4")
    made = Session(
        Dataset.from_arrays(truth, label_names=["etching", "etchings", "bank", "river"], embeddings=embeddings),
        ledger=tmp_path / "ledger.sqlite",
        reviewer="ann",
    )
    yield made
    made.close()


@pytest.fixture
def ask(session):
    known = answers(ExplorerState(session, lambda: None), str)
    return lambda kind, **body: known[kind](Request("1", kind, body)).body


def test_a_rename_is_on_the_pages_of_both_labels_previewed_done_and_undone(session, ask):
    first = ask("proposals", label=0)["proposals"]
    assert first == ask("proposals", label=1)["proposals"]
    assert [(of["action"], of["label"], of["into"]) for of in first] == [("rename", "etchings", "etching")]
    asked = {"edit_id": first[0]["edit_id"], "into": "etching"}
    shown = ask("proposal", **asked)
    assert shown["cells"] == 80
    assert set(shown["words"]) == {"etching: 40 items → 80", "etchings: 40 items → removed"}
    assert session.label_names == ("etching", "etchings", "bank", "river")  # a preview changes nothing
    with pytest.raises(DataError, match="expected 7 cells as shown, got 80"):
        ask("proposal_apply", **asked, cells=7)
    ask("proposal_apply", **asked, cells=80)
    assert session.label_names == ("etching", "bank", "river")
    session.undo()
    assert session.label_names == ("etching", "etchings", "bank", "river")
    assert session.undo() is None


def test_a_split_needs_a_name_and_makes_the_label(session, ask):
    (split,) = [of for of in ask("proposals", label=2)["proposals"] if of["action"] == "split"]
    assert (split["label"], split["into"]) == ("bank", "")
    with pytest.raises(DataError, match="into: expected a label"):
        ask("proposal", edit_id=split["edit_id"], into=" ")
    shown = ask("proposal", edit_id=split["edit_id"], into="river bank")
    ask("proposal_apply", edit_id=split["edit_id"], into="river bank", cells=shown["cells"])
    assert "river bank" in session.label_names
    assert int((session.states("river bank") == 1).sum()) == N // 4


def test_what_went_is_not_proposed_any_more(session, ask):
    (of,) = ask("proposals", label=1)["proposals"]
    ask("proposal_apply", edit_id=of["edit_id"], into="etching", cells=80)
    again = answers(ExplorerState(session, lambda: None), str)
    left = again["proposals"](Request("1", "proposals", {"label": 0})).body["proposals"]
    assert not [of for of in left if "etchings" in (of["label"], of["into"])]
