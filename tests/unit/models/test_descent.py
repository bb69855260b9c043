import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from labelscope.data.labels import from_dense
from labelscope.models import descent
from labelscope.models.descent import Dropout, cross_fit
from labelscope.models.folds import assign_folds
from labelscope.models.linear import LOGISTIC, PENALTY
from labelscope.models.losses import LOSSES
from labelscope.models.mlp import MLP


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 6)).astype(np.float32) * [1, 1, 2, 3, 1, 1] + 2
    y = (x @ rng.normal(size=(6, 3)) + 2 * rng.normal(size=(500, 3)) > 1).astype(np.int8)
    return x.astype(np.float32), y, assign_folds(np.arange(500), 3, 0)


def fit(x, y, folds, recipe=LOGISTIC, loss="bce", seed=0, **options):
    return cross_fit(x, from_dense(y), folds, recipe=recipe, loss=LOSSES[loss], seed=seed, **options)


def test_equals_logistic_regression_with_the_same_penalty(problem):
    x, y, folds = problem
    logits = fit(x, y, folds)
    scaled = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0).mean())
    for fold in range(3):
        train = folds != fold
        for k in range(3):
            model = LogisticRegression(C=1 / (PENALTY * train.sum()), tol=1e-8).fit(scaled[train], y[train, k])
            np.testing.assert_allclose(logits[~train, k], model.decision_function(scaled[~train]), atol=0.01)


def test_unknown_cells_take_no_part(problem):
    x, y, folds = problem
    hidden = y.copy()
    hidden[::3, 1] = -1
    logits = fit(x, hidden, folds)
    scaled = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0).mean())
    train = (folds != 0) & (hidden[:, 1] != -1)
    model = LogisticRegression(C=1 / (PENALTY * train.sum()), tol=1e-8).fit(scaled[train], y[train, 1])
    np.testing.assert_allclose(logits[folds == 0, 1], model.decision_function(scaled[folds == 0]), atol=0.01)


@pytest.mark.parametrize("recipe", [LOGISTIC, MLP])
def test_same_seed_same_answer_from_memory_or_from_disk(problem, recipe, tmp_path, monkeypatch):
    x, y, folds = problem
    monkeypatch.setattr(descent, "STEPS", 20)
    np.save(tmp_path / "x.npy", x)
    torch.manual_seed(1)
    first = fit(x, y, folds, recipe)
    state = torch.random.get_rng_state()
    monkeypatch.setattr(descent, "HELD", 0)
    again = fit(np.load(tmp_path / "x.npy", mmap_mode="r"), y, folds, recipe)
    assert (first == again).all()
    assert (torch.random.get_rng_state() == state).all()  # the user's own random numbers are left alone
    if recipe is MLP:
        assert (first != fit(x, y, folds, recipe, seed=1)).any()


def test_held_out_labels_are_never_seen(problem):
    x, y, folds = problem
    swapped = y.copy()
    swapped[folds == 2] = y[folds == 2][::-1]  # as many positives as before, on other items
    before, after = fit(x, y, folds), fit(x, swapped, folds)
    assert (before[folds == 2] == after[folds == 2]).all()
    assert np.abs(before[folds != 2] - after[folds != 2]).max() > 0.1


def test_mlp_learns_what_a_linear_head_cannot():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 4)).astype(np.float32)
    y = ((x[:, :1] > 0) ^ (x[:, 1:2] > 0)).astype(np.int8)
    folds = assign_folds(np.arange(1500), 2, 0)
    right = {name: ((fit(x, y, folds, recipe) > 0) == y).mean() for name, recipe in (("linear", LOGISTIC), ("mlp", MLP))}
    assert right["linear"] < 0.6
    assert right["mlp"] > 0.8


def test_dropout_masks_do_not_depend_on_the_global_generator():
    x = torch.ones(4, 1000)
    first, second = Dropout(3), Dropout(3)
    assert torch.equal(first(x), second(x))
    assert torch.equal(first.eval()(x), x)
    assert 0.9 < second(x).mean() < 1.1


def test_batches_take_each_item_before_any_comes_again(monkeypatch):
    seen = list(descent.batches(np.arange(10), 4, 5, seed=0))
    assert sorted(np.concatenate(seen).tolist()) == sorted([*range(10)] * 2)
    assert all((np.diff(batch) >= 0).all() for batch in seen)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("recipe", [LOGISTIC, MLP])
def test_the_gpu_gives_the_same_within_rounding(problem, recipe):
    x, y, folds = problem
    np.testing.assert_allclose(fit(x, y, folds, recipe, device="cuda"), fit(x, y, folds, recipe, device="cpu"), atol=1e-2)
