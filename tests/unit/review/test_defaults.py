import getpass
from dataclasses import replace
from pathlib import Path

import platformdirs
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.data.source import Source
from labelscope.review.defaults import default_place, default_reviewer


def test_the_ledger_lies_beside_the_table(tmp_path):
    dataset = Dataset.from_arrays([["cat"]])
    source = Source(pl.DataFrame(), "csv", tmp_path / "pets.csv", None, {})
    assert default_place(replace(dataset, source=source)) == tmp_path / "pets.csv.labelscope" / "ledger.sqlite"


def test_a_name_that_is_too_long_for_a_ledger_beside_it_is_no_error_before_something_is_decided(tmp_path):
    dataset = Dataset.from_arrays([["cat"]])
    path = tmp_path / f"{'x' * 250}.csv"
    place = default_place(replace(dataset, source=Source(pl.DataFrame(), "csv", path, None, {})))
    assert place == tmp_path / f"{path.name}.labelscope" / "ledger.sqlite"


def test_without_a_table_it_goes_by_fingerprint(monkeypatch):
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda _: "home")
    dataset = Dataset.from_arrays([["cat"]])
    assert default_place(dataset) == Path("home") / f"{dataset.fingerprint}.labelscope" / "ledger.sqlite"


@pytest.mark.parametrize("error", [None, KeyError, OSError])
def test_the_reviewer_is_the_user_unless_told(monkeypatch, error):
    def user():
        if error is not None:
            raise error
        return "ann"

    monkeypatch.setattr(getpass, "getuser", user)
    monkeypatch.delenv("LABELSCOPE_REVIEWER", raising=False)
    assert default_reviewer() == ("ann" if error is None else "anonymous")
    monkeypatch.setenv("LABELSCOPE_REVIEWER", "Zoë")
    assert default_reviewer() == "Zoë"
