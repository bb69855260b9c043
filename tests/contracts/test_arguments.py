"""Every public function, called with what it does not take, says so in one line instead of failing somewhere inside."""

from __future__ import annotations

import inspect

import numpy as np
import polars as pl
import pytest

import labelscope as ls

WRITES = {"demo", "demo_truth", "write_demo", "write_rules"}  # they make data or a file: a wrong first argument could be a name
FUNCTIONS = [name for name in ls.__all__ if name.islower() and name not in WRITES]
LABELS = np.arange(120).reshape(40, 3) % 7 % 2
QUICK = {"embedding_map": {"method": "pca"}}  # the default compiles for a minute
FRAME = pl.DataFrame({"item_id": [1], "label": ["a"]})


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A text is a path to some functions: what they write goes into a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def dataset():
    return ls.Dataset.from_arrays(LABELS, embeddings=np.random.default_rng(0).normal(size=(40, 4)))


@pytest.fixture(scope="module")
def wrong(dataset):
    """What no function takes in place of its first argument, or of anything but a text, a number or a list."""
    return [None, FRAME, FRAME.to_pandas(), 3, "text", [], {}, np.zeros((2, 2)), object(), dataset.labels, ls.long_tail(dataset), b"x"]


def parameters(name: str) -> list[inspect.Parameter]:
    """Those with a name of their own; what a function hands on (``**as_read``) another one checks."""
    collects = {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    return [each for each in inspect.signature(getattr(ls, name)).parameters.values() if each.kind not in collects]


def refused(function, *given, **named) -> str:
    """The message of a refusal; "" where the call came to a result."""
    message = ""
    try:
        function(*given, **named)
    except ls.LabelscopeError as error:
        message = str(error)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_first_argument_of_another_kind_is_refused(name, wrong, dataset):
    first, *others = parameters(name)
    needed = {other.name: "0" for other in others if other.default is other.empty}
    for given in wrong:
        message = refused(getattr(ls, name), given, **needed)
        if first.annotation in {"Dataset", "Dataset | Session"}:
            assert message.startswith(f"{first.name}: expected a Dataset")
            assert "make one with labelscope.read(...) or Dataset.from_arrays(...)" in message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_data_set_alone_gives_a_result_one_line_or_pythons_own_words(name, dataset):
    needs = [other for other in parameters(name)[1:] if other.default is other.empty]
    by_place = [other for other in needs if other.kind is not other.KEYWORD_ONLY]
    if needs:
        with pytest.raises(TypeError, match=rf"{name}\(\) missing {len(by_place or needs)} required"):
            getattr(ls, name)(dataset)
    else:
        refused(getattr(ls, name), dataset, **QUICK.get(name, {}))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_other_argument_of_another_kind_is_refused_or_understood(name, wrong, dataset):
    _, *others = parameters(name)
    kinds = [other for other in others if "Config" in str(other.annotation) or str(other.annotation).split(" |")[0] in RESULTS]
    for other in kinds:
        needed = {of.name: 0 for of in others if of.default is of.empty} | {other.name: None}
        for given in wrong[1:]:
            if type(given).__name__ in str(other.annotation):
                continue
            message = refused(getattr(ls, name), dataset, **(needed | {other.name: given}))
            assert message.startswith(f"{other.name}: expected a"), (other.name, type(given))


RESULTS = {"Predictions", "Findings", "Relations", "LongTail", "Splits", "EmbeddingQuality", "Constraints", "Audited"}


def test_names_of_labels_come_from_a_data_set_too():
    ds = ls.Dataset.from_arrays([[1, 0], [0, 1]], label_names=["oak", "carved oak"])
    assert ls.name_relations(ds).frame.equals(ls.name_relations(ds.label_names).frame)
    assert ls.name_relations(ds).frame.height == 1
    with pytest.raises(ls.DataError, match="label_names: expected a list of texts or a Dataset, got str 'oak'"):
        ls.name_relations("oak")
