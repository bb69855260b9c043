"""Columns of the table as evidence: what they add, what they must not harm, and what stays together."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.models.metadata import encode_features

N = 600


@pytest.fixture(scope="module")
def parts():
    """Embeddings that tell the label "seen"; a column of kinds that tells "kind"; columns of nothing."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(N, 8)).astype(np.float32)
    kind = rng.integers(0, 4, N)
    labels = np.stack([x[:, 0] > 0, kind == 1, rng.random(N) < 0.5], axis=1).astype(np.int8)
    labels = np.where(rng.random(labels.shape) < 0.05, 1 - labels, labels)
    items = pl.DataFrame(
        {
            "kind": [None if k == 0 else f"kind {k}" for k in kind],
            "noise": rng.normal(size=N),
            "junk": [f"j{k}" for k in rng.integers(0, 20, N)],
            "patient": [f"p{k // 6}" for k in range(N)],
        }
    )
    return x, labels, items


def losses(parts, **options):
    _, labels, items = parts
    ds = ls.Dataset.from_arrays(labels, label_names=["seen", "kind", "chance"], items=items, **options)
    return dict(ls.predict(ds, progress=False).frame.select("label", "log_loss").iter_rows())


def test_a_column_helps_the_label_that_it_tells_and_columns_of_nothing_harm_none(parts):
    x, _, _ = parts
    without, useful = losses(parts, embeddings=x), losses(parts, embeddings=x, features=["kind", "noise", "junk"])
    useless = losses(parts, embeddings=x, features=["noise", "junk"])
    assert useful["kind"] < 0.6 * without["kind"]
    for label in without:
        assert useless[label] < without[label] + 0.01
        assert useful[label] < without[label] + 0.01


def test_features_alone_are_enough_to_predict_and_suggest(parts, tmp_path):
    _, labels, items = parts
    ds = ls.Dataset.from_arrays(labels, label_names=["seen", "kind", "chance"], items=items, features="kind")
    predictions = ls.predict(ds, progress=False)
    assert "features for 3 of 3 labels" in predictions.method
    assert dict(predictions.frame.select("label", "log_loss").iter_rows())["kind"] < 0.3
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite")
    assert session.stages == ("predictions", "findings", "suggestions", "pseudo_labels")
    assert session.suggestions.frame.filter(label="kind").height


def test_groups_stay_in_one_fold_and_items_without_a_group_are_alone(parts):
    """A column that names the group of an item would repeat the group's label, were its items split over folds."""
    rng = np.random.default_rng(0)
    group = np.arange(N) // 12
    labels = (rng.random(N // 12) < 0.5)[group][:, None].astype(int)
    names = pl.Series("patient", [f"p{k}" for k in group])
    known = losses_of(labels, names, None), losses_of(labels, names, "patient")
    assert known[0] < 0.2
    assert known[1] > 0.6
    some = ls.Dataset.from_arrays(labels, items=names.set(pl.Series(group > 5), None).to_frame(), embeddings=np.eye(N), groups="patient")
    assert ls.predict(some, progress=False).probabilities.shape == (N, 1)  # items without a group are no group of their own


def losses_of(labels, column, groups):
    with pytest.warns(ls.errors.ReadingWarning, match="'patient' tells the label"):
        ds = ls.Dataset.from_arrays(labels, label_names=["ill"], items=column.to_frame(), features="patient", groups=groups)
    return ls.predict(ds, progress=False).frame["log_loss"].item()


def test_numbers_words_dates_and_gaps_become_numbers():
    n = 60
    days = [datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(days=11 * k) for k in range(n)]
    items = pl.DataFrame(
        {
            "number": [None if k % 4 == 0 else float(k) for k in range(n)],
            "written": ["" if k % 3 == 0 else str(k) for k in range(n)],
            "word": ["a", "b", "c"] * (n // 3),
            "rare": [f"r{k}" if k < 20 else "often" for k in range(n)],
            "name": [f"n{k}" for k in range(n)],
            "constant": ["one"] * n,
            "nothing": pl.Series([None] * n, dtype=pl.Float64),
            "infinite": [float("inf") if k < 15 else 1.0 * k for k in range(n)],
            "day": days,
            "day as text": [str(day.date()) for day in days],
            "yes": [k % 2 == 0 for k in range(n)],
        }
    )
    widths = {"number": 2, "written": 2, "word": 3, "rare": 2, "name": 0, "constant": 0, "nothing": 0, "infinite": 2, "yes": 1}
    labels = [[k % 7 == 0] for k in range(n)]
    for name in items.columns:
        encoded = encode_features(ls.Dataset.from_arrays(labels, items=items, features=name))
        assert np.isfinite(encoded).all()
        assert encoded.shape[1] == widths.get(name, 5), name
        assert not encoded.shape[1] or encoded.var(axis=0).sum() == pytest.approx(1, abs=1e-5)


def test_a_column_that_was_made_from_a_label_is_warned_about():
    rng = np.random.default_rng(1)
    labels = (rng.random((200, 2)) < 0.3).astype(int)
    items = pl.DataFrame(
        {"flag": ["x" if cell else "y" for cell in labels[:, 1]], "score": labels[:, 0] + 0.4 * rng.random(200), "free": rng.random(200)}
    )
    with pytest.warns(ls.errors.ReadingWarning) as told:
        ls.Dataset.from_arrays(labels, label_names=["a", "b"], items=items, features=["flag", "score", "free"])
    assert [str(w.message).split(";")[0] for w in told] == [
        "features: 'flag' tells the label 'b' of every item",
        "features: 'score' tells the label 'a' of every item",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": ["sise"]}, "features: expected a column of the table, got 'sise'; did you mean 'size'"),
        ({"features": ["vector"]}, "features: expected columns of numbers, words or dates, got List"),
        ({"features": ["size", "size"]}, "features: expected each column once, got size, size; leave out the second"),
        ({"groups": "sise"}, "groups: expected a column of the table, got 'sise'"),
        ({"text": ["word", "word"]}, "text: expected each column once"),
    ],
)
def test_a_role_that_a_column_cannot_have_is_one_clear_line(options, message):
    table = pl.DataFrame({"size": [1, 2], "vector": [[1], [2]], "word": ["a", "b"], "tags": [["x"], ["y"]]})
    with pytest.raises(ls.DataError, match=message):
        ls.read(table, labels="tags", **options)
