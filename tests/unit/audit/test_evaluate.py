"""Models on given, corrected and estimated true labels: what is counted, what is estimated, and what is refused."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.neighbors import KNeighborsClassifier

import labelscope as ls
from labelscope.data.labels import from_dense

NAMES = ["cat", "dog", "tree", "sky"]
N = 1500


@pytest.fixture(scope="module")
def world():
    """Labels with errors, the truth, a good and a bad model, and the groups and splits of the items."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 6)).astype(np.float32)
    truth = (x[:, :4] + 0.3 * rng.normal(size=(N, 4)) > 0.8).astype(np.int8)
    given = np.where(rng.random(truth.shape) < 0.06, 1 - truth, truth).astype(np.int8)
    good = np.where(rng.random(truth.shape) < 0.04, 1 - truth, truth)
    bad = np.where(rng.random(truth.shape) < 0.20, 1 - truth, truth)
    items = pl.DataFrame({"split": ["train", "test", "test"] * (N // 3), "person": np.arange(N) // 5})
    ds = ls.Dataset.from_arrays(given, label_names=NAMES, embeddings=x, items=items, groups="person")
    return SimpleNamespace(ds=ds, truth=truth, given=given, good=good, bad=bad)


@pytest.fixture(scope="module")
def cells(world):
    return drawn(world)


def drawn(world, n=300, seed=0):
    sample = ls.audit(world.ds, ls.find_issues(world.ds), n, seed=seed)
    at = sample.frame["item_id"].to_numpy(), [NAMES.index(name) for name in sample.frame["label"]]
    return sample.frame.with_columns(state=pl.Series(world.truth[at]))


def value(told, labels="truth", metric="f1", model="good"):
    return told.frame.filter(labels=labels, metric=metric, model=model).row(0, named=True)


def test_given_and_corrected_labels_are_counted_as_scikit_learn_counts(world, cells):
    told = ls.evaluate(world.ds, {"good": world.good}, audited=cells, corrected=world.truth)
    for labels, states in (("given", world.given), ("corrected", world.truth)):
        for metric, of in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
            row = value(told, labels, metric)
            assert row["value"] == pytest.approx(of(states.ravel(), world.good.ravel()))
            assert row["low"] == row["value"] == row["high"]
    macro = ls.evaluate(world.ds, {"good": world.good}, audited=cells, average="macro")
    assert value(macro, "given")["value"] == pytest.approx(f1_score(world.given, world.good, average="macro"))
    assert macro.averaged == tuple(NAMES)


def test_all_cells_audited_give_the_truth_itself(world):
    item, label = np.divmod(np.arange(N * 4), 4)
    cells = pl.DataFrame({"item_id": item, "label": np.array(NAMES)[label], "state": world.truth.ravel(), "inclusion": 1.0})
    for average in ("micro", "macro"):
        row = value(ls.evaluate(world.ds, {"good": world.good}, audited=cells, average=average))
        assert row["value"] == pytest.approx(f1_score(world.truth, world.good, average=average))
        assert row["high"] - row["low"] < 1e-6


def test_intervals_hold_the_truth_and_the_order_of_two_models_is_right(world):
    goal = f1_score(world.truth.ravel(), world.good.ravel())
    recall = recall_score(world.truth.ravel(), world.good.ravel())
    held, wrong = [], 0
    for seed in range(40):
        told = ls.evaluate(world.ds, {"good": world.good, "bad": world.bad}, audited=drawn(world, 200, seed))
        rows = [(value(told), goal), (value(told, metric="recall"), recall)]
        held += [row["low"] <= at <= row["high"] for row, at in rows]
        wrong += told.differences.filter(metric="f1")["better"][0] == "bad"
    assert np.mean(held) >= 0.9
    assert wrong == 0


def test_a_model_that_repeats_the_wrong_labels_is_best_on_them_and_not_on_the_truth(world, cells):
    told = ls.evaluate(world.ds, {"parrot": world.given, "good": world.good}, audited=cells)
    assert value(told, "given", model="parrot")["value"] == 1
    assert value(told, "truth", model="parrot")["value"] < 0.95
    what_if = told.what_if.filter(metric="f1", model="parrot")
    assert what_if["share"].to_list() == pytest.approx(np.linspace(0, 1, 11).tolist())
    assert what_if["value"].is_sorted(descending=True)
    assert what_if["value"][0] == 1
    assert what_if["value"][-1] == pytest.approx(value(told, "truth", model="parrot")["value"])


def test_two_like_models_are_not_decided_and_it_says_how_many_cells_would_tell(world, cells):
    twin = world.good.copy()
    twin[:60] = 1 - twin[:60]
    row = ls.evaluate(world.ds, {"good": world.good, "twin": twin}, audited=cells.head(80)).differences.row(0, named=True)
    assert row["better"] is None
    assert row["low"] < 0 < row["high"]
    assert row["n_more"] is None or row["n_more"] > 0
    assert row["says"].startswith("F1 of good and twin: not decided, ")
    same = ls.evaluate(world.ds, {"one": world.good, "two": world.good}, audited=cells).differences.row(0, named=True)
    assert (same["difference"], same["better"], same["n_more"]) == (0.0, None, None)
    assert same["says"].endswith("no audit of this data set would tell")


def test_labels_and_splits_have_rows_of_their_own(world, cells):
    told = ls.evaluate(world.ds, {"good": world.good}, audited=cells)
    truth = told.by_label.filter(labels="truth", metric="f1")
    assert truth["label"].to_list() == NAMES
    assert truth["n_audited"].sum() == 300
    true = [f1_score(world.truth[:, k], world.good[:, k]) for k in range(4)]
    assert all(low - 0.05 <= at <= high + 0.05 for at, low, high in zip(true, truth["low"], truth["high"], strict=True))
    splits = told.by_split.filter(metric="f1")
    assert splits["split"].unique(maintain_order=True).to_list() == ["test", "train"]
    counted = splits.filter(labels="given", split="train")["value"][0]
    assert counted == pytest.approx(f1_score(world.given[::3].ravel(), world.good[::3].ravel()))
    few = ls.evaluate(world.ds, {"good": world.good}, audited=cells.head(8)).by_label.filter(labels="truth", metric="f1")
    assert "too few to tell" in "".join(few["note"])
    assert few.filter(pl.col("note") != "")["value"].null_count() > 0


def test_undecided_cells_leave_the_estimate_about_where_it_was(world, cells):
    rng = np.random.default_rng(1)
    holes = cells.with_columns(state=pl.when(pl.Series(rng.random(300) < 0.3)).then(-1).otherwise("state"))
    assert value(ls.evaluate(world.ds, {"good": world.good}, audited=holes))["value"] == pytest.approx(0.9, abs=0.08)


def test_with_a_taxonomy_a_predicted_label_brings_its_ancestors(world, cells):
    tree = ls.Dataset.from_arrays(world.given, label_names=NAMES, taxonomy={"cat": "dog", "dog": "tree"})
    closed = world.good.astype(bool)
    closed[:, 1] |= closed[:, 0]
    closed[:, 2] |= closed[:, 1]
    against = world.given.astype(bool)
    against[:, 1] |= against[:, 0]
    against[:, 2] |= against[:, 1]
    told = ls.evaluate(tree, {"good": world.good}, audited=cells, average="hierarchical")
    assert value(told, "given")["value"] == pytest.approx(f1_score(against.ravel(), closed.ravel()))
    with pytest.raises(ls.StageError, match="expected a data set with a taxonomy"):
        ls.evaluate(world.ds, {"good": world.good}, audited=cells, average="hierarchical")


def test_an_audit_alone_takes_its_states_from_the_corrected_labels(world):
    sample = ls.audit(world.ds, ls.find_issues(world.ds), 200)
    one = ls.evaluate(world.ds, {"good": world.good}, audited=sample, corrected=world.truth).frame
    other = ls.evaluate(world.ds, {"good": world.good}, audited=drawn(world, 200), corrected=from_dense(world.truth)).frame
    assert one.equals(other)
    with pytest.raises(ls.DataError, match="got an audit without verdicts"):
        ls.evaluate(world.ds, {"good": world.good}, audited=sample)


def wide(world):
    return pl.DataFrame({"item_id": range(N)} | dict(zip(NAMES, world.good.T.tolist(), strict=True)))


def forms(world, folder):
    """The good model in every form in which predictions come."""
    p = np.where(world.good == 1, 0.9, 0.2)
    item, label = np.nonzero(np.ones_like(p))
    long = pl.DataFrame({"item_id": item, "label": np.array(NAMES)[label], "probability": p.ravel()})
    lists = pl.DataFrame({"item_id": range(N), "labels": [[NAMES[k] for k in np.flatnonzero(row)] for row in world.good]})
    wide(world).write_parquet(folder / "wide.parquet")
    long.write_csv(folder / "long.csv")
    np.save(folder / "p.npy", p)
    samples = [
        {
            "filepath": f"/data/{k}.jpg",
            "predictions": {"_cls": "Classifications", "classifications": [{"label": NAMES[j], "confidence": row[j]} for j in range(4)]},
        }
        for k, row in enumerate(p.tolist())
    ]
    (folder / "fiftyone.json").write_text(json.dumps({"samples": samples}))
    targets = {str(k): [{"label": j, "confidence": row[j]} for j in range(4)] for k, row in enumerate(p.tolist())}
    (folder / "classes.json").write_text(json.dumps({"classes": NAMES, "labels": targets}))
    pipeline = [[{"label": f"LABEL_{j}", "score": row[j]} for j in range(4)] for row in p.tolist()]
    return {
        "probabilities": p, "states": world.good, "booleans": world.good.astype(bool), "lists of lists": p.tolist(),
        "sparse": sp.csr_matrix(world.good), "sparse probabilities": sp.csr_matrix(p), "labels": from_dense(world.good),
        "wide": wide(world), "shuffled": wide(world).sample(fraction=1, shuffle=True, seed=1), "pandas": wide(world).to_pandas(),
        "without ids": wide(world).drop("item_id"), "long": long, "positives": long.filter(pl.col("probability") > 0.5).drop("probability"),
        "lists": lists, "parquet": folder / "wide.parquet", "csv": str(folder / "long.csv"), "npy": folder / "p.npy",
        "fiftyone": folder / "fiftyone.json", "fiftyone classes": folder / "classes.json", "pipeline": pipeline,
        "trainer": SimpleNamespace(predictions=np.log(p / (1 - p)), label_ids=None, metrics={}),
    }  # fmt: skip


def test_predictions_come_in_any_form(world, cells, tmp_path):
    expected = ls.evaluate(world.ds, {"good": world.good}, audited=cells).frame.drop("model")
    for name, given in forms(world, tmp_path).items():
        told = ls.evaluate(world.ds, {name: given}, audited=cells).frame
        assert told["model"].unique().to_list() == [name]
        assert told.drop("model").equals(expected), name


def test_a_hugging_face_data_set_of_predictions_is_read(world, cells):
    datasets = pytest.importorskip("datasets")
    told = ls.evaluate(world.ds, {"hf": datasets.Dataset.from_polars(wide(world))}, audited=cells)
    assert value(told, model="hf") == value(ls.evaluate(world.ds, {"hf": world.good}, audited=cells), model="hf")


def test_of_one_label_an_item_the_most_probable_is_predicted(cells):
    rng = np.random.default_rng(0)
    best = rng.integers(0, 4, N)
    p = np.full((N, 4), 0.2)
    p[np.arange(N), best] = 0.4
    states = (best[:, None] == np.arange(4)).astype(int)
    ds = ls.Dataset.from_arrays(states, label_names=NAMES, labels_per_item="one")
    told = ls.evaluate(ds, {"p": p}, audited=cells.with_columns(given=0))
    assert value(told, "given", model="p")["value"] == 1


def test_an_estimator_is_fitted_out_of_fold_with_groups_together(world, cells):
    told = ls.evaluate(world.ds, {"logistic": LogisticRegression()}, audited=cells)
    assert 0.7 < value(told, "given", model="logistic")["value"] < 0.98
    copies = np.repeat(np.random.default_rng(0).normal(size=(60, 3)), 5, axis=0)  # an item that saw its copy would know its label
    labels = np.repeat(np.random.default_rng(1).integers(0, 2, (60, 2)), 5, axis=0)
    ds = ls.Dataset.from_arrays(labels, embeddings=copies)
    some = pl.DataFrame({"item_id": range(300), "label": "0", "state": labels[:, 0], "inclusion": 0.5})
    memory = ls.evaluate(ds, {"memory": KNeighborsClassifier(1)}, audited=some)
    assert value(memory, "given", "accuracy", "memory")["value"] < 0.75


def wide_of_two():
    return pl.DataFrame({name: [1, 0] for name in NAMES})


BAD = {
    "an empty mapping": ({}, r"models: expected a mapping of name to predictions, got an empty one"),
    "a shape": ({"m": np.zeros((3, 4))}, r"models\['m'\]: expected shape \(1500, 4\), got \(3, 4\)"),
    "logits": ({"m": np.full((N, 4), 3.0)}, r"models\['m'\]: expected values in \[0, 1\], got 3.0 .*sigmoid"),
    "unknown states": ({"m": np.full((N, 4), -1)}, r"models\['m'\]: expected values in \[0, 1\], got -1"),
    "a table without labels": ({"m": pl.DataFrame({"item_id": range(N), "x": 0.5})}, r"there is no column 'cat'"),
    "another label": (
        {"m": pl.DataFrame({"item_id": [1], "label": ["cow"], "score": [0.9]})},
        r"labels of the data set, got 'cow'",
    ),
    "another item": ({"m": pl.DataFrame({"item_id": [-1], "label": ["cat"], "score": [0.9]})}, r"expected items of the data set, got -1"),
    "a cell twice": ({"m": pl.DataFrame({"item_id": [1, 1], "label": ["cat"] * 2, "score": [0.9, 0.1]})}, r"expected each cell once"),
    "a missing file": ({"m": "nowhere.parquet"}, r"models\['m'\]: expected an existing file"),
    "half of the items": ({"m": wide_of_two()}, r"expected 1,500 rows \(one an item\) or a column item_id"),
    "a class": ({"m": LogisticRegression}, r"models\['m'\]: expected"),
}


@pytest.mark.parametrize("name", BAD)
def test_predictions_that_cannot_be_read_are_refused_in_one_line(world, cells, name):
    models, message = BAD[name]
    with pytest.raises(ls.LabelscopeError, match=message) as refusal:
        ls.evaluate(world.ds, models, audited=cells)
    assert "\n" not in str(refusal.value)


def test_audited_cells_that_make_no_sense_are_refused(world, cells):
    models = {"good": world.good}
    wrong = [
        (cells.drop("inclusion"), "add inclusion"),
        (cells.with_columns(state=2), "expected the states 1, 0 and -1, got 2"),
        (cells.with_columns(inclusion=0.0), "above 0 and up to 1"),
        (cells.with_columns(state=-1), "at least one decided cell"),
        (pl.concat([cells, cells]), "each cell once"),
        (cells.with_columns(label=pl.lit("cow")), "labels of the data set"),
        ([1], "expected an audit or a frame"),
    ]
    for given, message in wrong:
        with pytest.raises(ls.DataError, match=message):
            ls.evaluate(world.ds, models, audited=given)
    with pytest.raises(ls.StageError, match="confidence"):
        ls.evaluate(world.ds, models, audited=cells, confidence=1)
    with pytest.raises(ls.DataError, match=r"expected labels of shape \(1500, 4\), got \(2, 2\)"):
        ls.evaluate(world.ds, models, audited=cells, corrected=np.zeros((2, 2), int))


def test_cells_drawn_each_by_itself_need_no_strata(world):
    rng = np.random.default_rng(3)
    chance = np.clip(rng.beta(1, 12, N * 4), 0.01, 1)
    chosen = np.flatnonzero(rng.random(N * 4) < chance)
    item, label = np.divmod(chosen, 4)
    cells = pl.DataFrame(
        {"item_id": item, "label": np.array(NAMES)[label], "state": world.truth.ravel()[chosen], "inclusion": chance[chosen]}
    )
    row = value(ls.evaluate(world.ds, {"good": world.good}, audited=cells))
    assert row["low"] <= f1_score(world.truth.ravel(), world.good.ravel()) <= row["high"] < row["low"] + 0.3


def test_a_session_evaluates_with_its_audit_and_its_labels(world, tmp_path):
    session = ls.Session(world.ds, ledger=tmp_path / "ledger.sqlite")
    with pytest.raises(ls.StageError, match=r"draw one with session\.audit"):
        session.evaluate({"good": world.good})
    frame = session.audit(60).frame
    states = [(item, label, int(world.truth[item, NAMES.index(label)])) for item, label in frame.select("item_id", "label").iter_rows()]
    session.edit_all(states[:50])
    told = session.evaluate({"good": world.good})
    assert told.n_audited == 50
    assert value(told, "corrected")["value"] != value(told, "given")["value"]
    assert session.evaluate().models == ["labelscope"]
    session.models["mine"] = world.bad
    assert session.evaluate().models == ["mine"]
    assert told.summary().startswith("Evaluation: micro F1 on the truth by 50 audited cells: good 0.")
    session.close()


def test_the_figure_and_the_notebook_show_it(world, cells):
    told = ls.evaluate(world.ds, {"<b>good</b>": world.good, "bad": world.bad}, audited=cells, corrected=world.given)
    figure = told.figure
    assert figure.layout.title.text == "&lt;b&gt;good&lt;/b&gt; has the better F1 on the truth"
    assert "300 audited cells" in figure.layout.title.subtitle.text
    row = value(told, model="bad")
    assert (row["low"], row["high"]) in {tuple(trace.x) for trace in figure.data if trace.mode == "lines"}
    bundle = told._repr_mimebundle_()
    assert "image/png" in bundle
    assert "<b>good" not in bundle["text/html"]
    assert ls.evaluate(world.ds, {"good": world.good}, audited=cells).figure.layout.title.text.startswith("good: F1 0.")
