from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from labelscope import DataError, Dataset, Session, StageError, novel_labels
from labelscope.compute.progress import Cancelled, watch
from labelscope.suggest.novel import NovelConfig

WORDS = {0: "red apple", 1: "green leaf", 2: "comet orbit"}


@pytest.fixture(scope="module")
def sky():
    """Apples and leaves are labelled; comets, one item in six, have no label that fits, though some carry "small"."""
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1, 2], [150, 150, 60])
    within = rng.normal(scale=0.3, size=(360, 6))  # items differ in a few directions, and none is that of the groups
    x = np.pad(within, ((0, 0), (3, 0))).astype(np.float32)
    x[np.arange(360), kind] += 3
    labels = np.column_stack([kind == 0, kind == 1, rng.random(360) < 0.4]).astype(int)
    items = pl.DataFrame({"text": [f"{WORDS[k]} seen on day {rng.integers(200)}" for k in kind]})
    return Dataset.from_arrays(labels, label_names=["apple", "leaf", "small"], embeddings=x, items=items, text="text"), kind


@pytest.fixture(scope="module")
def found(sky):
    return novel_labels(sky[0], config=NovelConfig(largest=0.3))


def test_the_group_without_a_label_is_found_and_named(sky, found):
    ds, kind = sky
    best = found.frame["group"][0]
    members = kind[rows(ds, found, best)] == 2
    assert members.mean() > 0.8
    assert members.sum() > 55
    row = found.frame.filter(group=best).row(0, named=True)
    assert set(row["words"][:2]) == {"comet", "orbit"}
    assert row["nearest"] in (None, "small")
    assert row["stability"] >= 0.5
    exemplars = found.members.filter(group=best).drop_nulls("exemplar")
    assert exemplars["exemplar"].to_list() == [1, 2, 3, 4, 5]


def rows(ds, found, group):
    return [ds.position(item) for item in found.members.filter(group=group)["item_id"]]


def test_items_belong_to_one_group_and_the_others_are_counted(sky, found):
    assert found.members["item_id"].is_unique().all()
    assert found.n_alone == sky[0].n_items - found.members.height
    assert found.frame["n_items"].sum() == found.members.height


def test_the_same_seed_gives_the_same_groups(sky, found):
    again = novel_labels(sky[0], config=NovelConfig(largest=0.3))
    assert again.frame.equals(found.frame)
    assert again.members.equals(found.members)


def test_items_outside_of_the_sample_join_the_groups_most_like_them(sky):
    ds, kind = sky
    found = novel_labels(ds, config=NovelConfig(largest=0.4, max_items=240))
    comets = max(found.frame["group"], key=lambda g: (kind[rows(ds, found, g)] == 2).sum())
    assert (kind[rows(ds, found, comets)] == 2).sum() > 45, "the sample holds 40 of the 60"


def test_noise_has_no_groups():
    rng = np.random.default_rng(0)
    ds = Dataset.from_arrays((rng.random((120, 2)) < 0.5).astype(int), embeddings=rng.normal(size=(120, 40)))
    found = novel_labels(ds, config=NovelConfig(stability=0.8))
    assert found.frame.is_empty()
    assert "no stable group" in found.summary()


def test_nothing_to_embed_is_refused():
    with pytest.raises(StageError, match="embeddings"):
        novel_labels(Dataset.from_arrays([[1], [0]]))


def test_a_group_becomes_a_label_that_is_unknown_elsewhere(sky, found, tmp_path):
    ds, _ = sky
    session = Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    edit = found.edit(found.frame["group"][0], "comet")
    members = rows(ds, found, found.frame["group"][0])
    assert session.preview(edit).counts.rows() == [("comet", None, len(members))]
    session.apply(edit)
    now = session.corrected
    states = now.labels.columns(np.array([now.label_position("comet")]))[:, 0]
    assert set(np.flatnonzero(states == 1)) == set(members)
    assert set(states.tolist()) == {1, -1}
    assert "that no label explains, stability" in session.label_edits["reason"][0]
    with pytest.raises(DataError, match="expected one of the"):
        found.edit(99)


def test_more_labels_than_items_make_no_matrix_of_labels_by_labels(monkeypatch):
    sizes = []
    monkeypatch.setattr(np.linalg, "solve", lambda a, b, solve=np.linalg.solve: (sizes.append(len(a)), solve(a, b))[1])
    rng = np.random.default_rng(0)
    labels, x = (rng.random((60, 500)) < 0.02).astype(int), rng.normal(size=(60, 8))
    labels[0] = 1
    novel_labels(Dataset.from_arrays(labels, embeddings=x), config=NovelConfig(min_items=5))
    twice = np.repeat(labels, 10, axis=0)  # 600 items: more than labels
    novel_labels(Dataset.from_arrays(twice, embeddings=rng.normal(size=(600, 8))), config=NovelConfig(min_items=5))
    assert sizes == [60, 500]


def test_both_forms_of_the_regression_on_the_labels_agree():
    rng = np.random.default_rng(0)
    kind, x = np.repeat([0, 1], [25, 35]), rng.normal(size=(60, 6)) * 0.1
    x[:, 0] += 5 * kind
    labels = np.column_stack([kind == 0, rng.random(60) < 0.5]).astype(int)
    padded = np.column_stack([labels, np.zeros((60, 80), int)])  # labels that nobody has change nothing but the form
    config = NovelConfig(min_items=5, largest=0.9)
    few, many = (novel_labels(Dataset.from_arrays(of, embeddings=x), config=config) for of in (labels, padded))
    assert few.n_alone == many.n_alone
    assert few.frame.equals(many.frame)
    assert few.frame.height


def test_words_that_are_as_common_elsewhere_name_no_group(sky):
    ds, kind = sky
    rng = np.random.default_rng(1)
    fillers, topics = ["and", "the", "is", "of", "to", "in"], {2: ["comet", "orbit", "tail", "ice", "meteor"]}
    texts = [f"{rng.choice(topics.get(k, ['apple', 'leaf']))} {' '.join([rng.choice(fillers)] * 3)}" for k in kind]
    items = pl.DataFrame({"text": texts})
    bare = Dataset.from_arrays(ds.labels.dense(), label_names=ds.label_names, embeddings=ds.embeddings, items=items, text="text")
    found = novel_labels(bare, config=NovelConfig(largest=0.3))
    assert set(found.frame["words"][0][:4]) <= set(topics[2])


def test_the_same_groups_stand_by_other_labels_of_the_same_items(sky, found):
    ds, kind = sky
    other = Dataset.from_arrays((kind == 2).astype(int)[:, None], label_names=["comet"], item_ids=ds.item_ids)
    now = found.on(other)
    assert now.members.equals(found.members)
    assert now.frame.select("name", "stability").equals(found.frame.select("name", "stability"))
    assert now.frame["nearest"][0] == "comet"
    assert now.frame["nearest_share"][0] == pytest.approx((kind[rows(ds, found, 0)] == 2).mean())
    assert found.carried(other).toarray()[0, 0] == (kind[rows(ds, found, 0)] == 2).sum()


def test_progress_only_rises_and_a_cancel_stops_it(sky, monkeypatch):
    monkeypatch.setenv("LABELSCOPE_CACHE", "off")
    told = []
    with watch(lambda stage, done: told.append((stage, done))):
        novel_labels(sky[0], config=NovelConfig(largest=0.3), seed=5)
    shares = [done for stage, done in told if stage == "novel labels"]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(set(shares)) >= 5

    def stop(*_):
        raise Cancelled

    with pytest.raises(Cancelled), watch(stop):
        novel_labels(sky[0], config=NovelConfig(largest=0.3), seed=6)
