"""Every public function and class, each of its arguments of a wrong kind: one line that names it, or an answer; never a raw error."""

import inspect

import numpy as np
import polars as pl
import pytest

import labelscope as ls

WRONG = {
    "object": object(),
    "frame": pl.DataFrame({"id": ["1"], "label": ["a"]}),
    "array": np.zeros((2, 3)),
    "mapping": {"a": 1},
    "list": [1, 2],
    "text": "nonsense",
    "number": 5,
    "function": len,
}
MADE_INSIDE = {"Constraints", "Dataset", "LabelEdit"}  # their makers are their class methods; what is stored is theirs
PUBLIC = [
    name
    for name in ls.__all__
    if name not in MADE_INSIDE and not (inspect.isclass(getattr(ls, name)) and issubclass(getattr(ls, name), BaseException))
]


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    """What the arguments that must be there are, by their names."""
    rng = np.random.default_rng(0)
    table = pl.DataFrame(
        {
            "id": [str(k) for k in range(30)],
            "text": [f"text {k % 7} word{k % 3}" for k in range(30)],
            "labels": [["a", "b"] if k % 2 else ["b", "c"] for k in range(30)],
        }
    )
    ds = ls.read(table, labels="labels", text="text", id="id", embeddings=rng.normal(size=(30, 3)))
    predictions = ls.predict(ds, progress=False)
    folder = tmp_path_factory.mktemp("wrong")
    cells = pl.DataFrame({"item_id": ["0"], "label": ["a"]})
    return {
        "dataset": ds, "ds": ds, "predictions": predictions, "findings": ls.find_issues(ds, predictions), "path": folder / "out",
        "folder": folder / "demo", "source": table, "old": table, "new": table, "labels": "labels", "label": "a", "item": "0", "n": 2,
        "n_items": 30, "rules": [ls.Rule("r", "a", "text")], "listed": cells, "outcomes": cells, "cells": cells, "judge": lambda _: None,
        "label_names": ["a", "b"], "positives": ["0"], "name": "n", "when": "text", "model": "m",
        "base_url": "http://127.0.0.1:9", "api_key": "k", "a": ds, "b": ds,
        "models": {"m": np.zeros((30, 3))}, "regions": ls.map_regions(ds), "audited": cells.with_columns(state=1, inclusion=0.5),
        "probabilities": np.zeros((30, 3)), "cell_scores": np.zeros((2, 2)), "session": ls.Session(ds, ledger=folder / "ledger.sqlite"),
    }  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_an_argument_of_a_wrong_kind_is_one_line(name, right, tmp_path, monkeypatch, recwarn):
    monkeypatch.chdir(tmp_path)
    function = getattr(ls, name)
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}]
    needed = {p.name: right[p.name] for p in parameters if p.default is p.empty}
    raw = [
        (parameter.name, kind, fault)
        for parameter in parameters
        for kind, value in WRONG.items()
        if (fault := fault_of(function, {**needed, parameter.name: value})) is not None
    ]
    assert raw == []


def fault_of(function, arguments):
    """What is wrong with how a function refuses its arguments; None if it takes them or says so in one line."""
    try:
        function(**arguments)
    except ls.LabelscopeError as refusal:
        return "several lines" if "\n" in str(refusal) else None
    except Exception as error:  # noqa: BLE001 - any other one is the fault that is looked for
        return repr(error)[:200]
    return None


def test_what_is_not_by_name_alone_is_looked_at_too(right):
    with pytest.raises(ls.LabelscopeError, match="n: expected a whole number, got Predictions"):
        ls.ask_next(right["ds"], right["predictions"])
    with pytest.raises(ls.LabelscopeError, match="dataset: expected a Dataset, got int 5"):
        ls.Session(5)
    with pytest.raises(ls.LabelscopeError, match="expected a data set, a session or an Explorer, got int"):
        ls.publish(5, "page.html")
