"""Each detector alone: what it says about cells that are known to be wrong."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp

import labelscope as ls
from labelscope.data.cell_scores import Scores
from labelscope.data.labels import from_dense
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.context import Context
from labelscope.issues.detectors.competing_labels import best_given, exclusivity, score_label_set
from labelscope.issues.detectors.learning_dynamics import mean_weights
from labelscope.issues.detectors.mentions import find_mentions, learn_worth
from labelscope.issues.detectors.noise_rates import error_posterior, noise_rates
from labelscope.issues.detectors.words import second_share
from labelscope.issues.log_odds import sigmoid
from labelscope.issues.registry import DETECTORS, available, choose
from labelscope.space.embed import embed
from labelscope.space.neighbors import nearest


@pytest.fixture(scope="module")
def clusters():
    """Items in tight clusters that share their true labels, a fifth of them missed, some wrongly given; and three raters."""
    rng = np.random.default_rng(0)
    center = rng.normal(size=(60, 12))
    kind = rng.integers(0, 60, 1200)
    x = (center[kind] + 0.15 * rng.normal(size=(1200, 12))).astype(np.float32)
    truth = (rng.random((60, 3)) < [0.4, 0.3, 0.2])[kind].astype(np.int8)

    def noisy():
        return np.where(rng.random(truth.shape) < np.where(truth == 1, 0.2, 0.05), 1 - truth, truth).astype(np.int8)

    given, answers = noisy(), [noisy() for _ in range(3)]
    votes = pl.concat([
        pl.DataFrame({
            "item_id": np.repeat(np.arange(1200), 3), "rater": f"r{r}", "label": list("abc") * 1200, "value": answer.ravel(),
        })
        for r, answer in enumerate(answers)
    ])  # fmt: skip
    ds = ls.Dataset.from_arrays(given, embeddings=x, label_names=list("abc"), votes=votes, taxonomy=[("a", "b")])
    return ds, given, truth, ls.predict(ds)


def alone(name, ds, predictions):
    scorer = DETECTORS[name].prepare(Context(ds, predictions))
    return scorer(CellBlock(slice(0, ds.n_items), ds.labels.dense()), predictions.probabilities)


@pytest.mark.parametrize("name", ["self_confidence", "label_set", "noise_rates", "neighbors", "learning_dynamics", "votes"])
def test_the_wrong_cells_are_more_suspicious(clusters, name):
    ds, given, truth, predictions = clusters
    scores = alone(name, ds, predictions)
    wrong = given != truth
    assert scores.shape == given.shape
    assert scores.min() >= 0
    assert scores.max() <= 1
    for kind in (0, 1):
        bad, good = scores[wrong & (given == kind)], scores[~wrong & (given == kind)]
        assert (bad[:, None] > good).mean() > 0.85  # area under the ROC curve


@pytest.mark.parametrize("name", ["self_confidence", "label_set", "noise_rates", "neighbors", "learning_dynamics", "votes", "taxonomy"])
def test_a_detector_says_the_same_about_rows_in_any_order_and_leaves_unknown_cells(clusters, name):
    ds, given, _, predictions = clusters
    states = given.copy()
    states[::7, 1] = -1
    ds = ls.Dataset.from_arrays(states, embeddings=ds.embeddings, label_names=list("abc"), votes=ds_votes(ds), taxonomy=[("a", "b")])
    scorer = DETECTORS[name].prepare(Context(ds, predictions))
    rows = np.array([700, 7, 3])
    whole = scorer(CellBlock(slice(0, 1200), ds.labels.dense()), predictions.probabilities)
    part = scorer(CellBlock(rows, ds.labels.dense(rows)), predictions.probabilities[rows])
    np.testing.assert_allclose(part, whole[rows], rtol=1e-4, atol=1e-6)
    assert np.isnan(whole[::7, 1]).all()


def ds_votes(ds):
    votes = ds.votes
    names = np.asarray(ds.label_names)
    return pl.DataFrame({
        "item_id": votes.items, "rater": np.asarray(votes.rater_names)[votes.raters], "label": names[votes.labels], "value": votes.values,
    })  # fmt: skip


def test_neighbours_reveal_the_noise_rates(clusters):
    ds, *_ = clusters
    missed, spurious = noise_rates(ds.labels, nearest(ds.embeddings, 10).indices)
    assert missed == pytest.approx([0.2] * 3, abs=0.06)
    assert spurious == pytest.approx([0.05] * 3, abs=0.03)


def test_the_posterior_is_bayes_rule():
    rng = np.random.default_rng(0)
    true = rng.random(400_000) < 0.3
    given = np.where(true, rng.random(400_000) > 0.2, rng.random(400_000) < 0.1)
    p = 0.3 * 0.8 + 0.7 * 0.1
    for state in (0, 1):
        assert (given[given == state] != true[given == state]).mean() == pytest.approx(
            float(error_posterior(np.array(state), np.array(p), np.array(0.2), np.array(0.1))), abs=0.005
        )


def test_a_missed_label_hides_where_the_given_ones_are_doubtful():
    states = np.array([[1, 0], [1, 0], [0, 0]], np.int8)
    p = np.array([[0.9, 0.5], [0.1, 0.5], [0.1, 0.5]], np.float32)
    sure, doubtful, empty = score_label_set(states, p, 1.0)[:, 1]
    assert sure < doubtful < empty == 0.5
    np.testing.assert_allclose(score_label_set(states, p, 0.0), ls.score_cells(states, p))


def test_a_given_label_is_doubtful_where_another_one_explains_the_item_or_is_likelier():
    p = np.array([[0.3, 0.3], [0.3, 0.9]], np.float32)
    alone, rivalled = score_label_set(np.array([[1, 0], [1, 0]], np.int8), p, 1.0)[:, 0]
    explained = score_label_set(np.array([[1, 1], [1, 1]], np.int8), p, 1.0)[1, 0]
    assert alone < rivalled < explained


def test_best_given_label_and_the_best_other():
    rows, q = np.array([0, 0, 2, 2, 2, 3]), np.array([0.2, 0.7, 0.5, 0.5, 0.1, 0.4], np.float32)
    best, other = best_given(rows, q, 5)
    np.testing.assert_allclose(best, [0.7, 0, 0.5, 0.4, 0])
    np.testing.assert_allclose(other, [0.7, 0.2, 0.5, 0.5, 0.5, 0])


def test_exclusivity_is_the_share_of_positives_that_stand_alone():
    assert exclusivity(from_dense([[1, 0], [1, 1], [0, 0], [0, 1], [1, 0]])) == 3 / 5


def test_a_parent_is_as_suspicious_as_its_given_child_is_plausible(clusters):
    ds, given, _, predictions = clusters
    scores = alone("taxonomy", ds, predictions)
    broken = (given[:, 0] == 0) & (given[:, 1] == 1)
    np.testing.assert_allclose(scores[broken, 0], predictions.probabilities[broken, 1])
    assert np.isnan(scores[~broken]).all()
    assert np.isnan(scores[:, 1:]).all()


def test_cells_that_break_a_relation():
    labels = np.zeros((400, 3), int)
    labels[:150, 0] = labels[:190, 1] = 1  # a implies b
    labels[200:300, 2] = 1  # c excludes both
    labels[5, 1] = 0
    labels[250, 1] = 1
    ds = ls.Dataset.from_arrays(labels, label_names=list("abc"), probabilities=np.full((400, 3), 0.75, np.float32))
    scores = alone("relations", ds, ls.predict(ds))
    assert np.argwhere(scores > 0).tolist() == [[5, 1], [250, 1], [250, 2]]
    assert scores[5, 1] == 0.75


def test_mentions_match_beginnings_of_words_and_weigh_them_by_rarity():
    texts = pl.Series(["I was ANNOYED", "what a side street", "the side effects", None, "no day", "nothing here"])
    found = find_mentions(texts, ["annoyance", "side effect", "joy"]).toarray()
    assert found[0].tolist() == [1, 0, 0]
    assert 0 < found[1, 1] < 0.5  # "side" alone, and the commoner word at that
    assert found[2, 1] == pytest.approx(1)
    assert (found[3:] == 0).all()


def test_descriptions_are_read_and_common_words_are_not():
    texts = pl.Series(["the happy day", "the sad day", "the long day", "the end"])
    found = find_mentions(texts, ["j", "the"], {"j": "feeling happy"}).toarray()
    assert found[0, 0] > 0
    assert (found[:, 1] == 0).all()


def test_mentions_in_other_scripts():
    assert find_mentions(pl.Series(["большая радость", "просто день"]), ["радость"]).toarray().ravel().tolist() == [1, 0]


def test_the_worth_of_a_mention_is_learnt_and_never_negative():
    rng = np.random.default_rng(0)
    mentions = rng.random((4000, 3)) < 0.1
    log_odds = -2 + mentions * np.array([3.0, 0.0, -2.0])
    labels = from_dense((rng.random((4000, 3)) < 1 / (1 + np.exp(-log_odds))).astype(int))
    worth = learn_worth(sp.csr_matrix(mentions.astype(np.float32)), labels, Scores(np.full((4000, 3), 1 / (1 + np.exp(2)), np.float32)))
    assert worth == pytest.approx([3, 0, 0], abs=0.5)


def test_a_text_that_names_the_label_makes_its_absence_suspicious():
    rng = np.random.default_rng(0)
    truth = rng.random(600) < 0.3
    texts = [("full of joy" if named else "as always") + f" {k}" for k, named in enumerate(truth)]
    given = (truth & (rng.random(600) < 0.7)).astype(int)[:, None]
    ds = ls.Dataset.from_arrays(given, label_names=["joy"], items=pl.DataFrame({"text": texts}), text="text",
                                probabilities=np.full((600, 1), 0.2, np.float32))  # fmt: skip
    predictions = ls.predict(ds)
    cells = CellBlock(slice(0, 600), given.astype(np.int8))
    revised = DETECTORS["mentions"].prepare(Context(ds, predictions))(cells, predictions.probabilities)
    assert revised[truth].mean() == pytest.approx(0.7, abs=0.05)
    np.testing.assert_allclose(revised[~truth], 0.2)


def test_the_training_run_is_gradient_descent_on_the_logistic_loss():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 5)).astype(np.float32)
    labels = from_dense((x[:, :2] + 0.3 * rng.normal(size=(300, 2)) > 0).astype(int))
    weights = mean_weights(x, np.zeros(5, np.float32), labels, np.zeros(2, np.float32))
    assert weights[0, 0] > 1 > 2 * abs(weights[1, 0])
    assert weights[1, 1] > 1 > 2 * abs(weights[0, 1])


def test_which_detectors_can_run_follows_from_the_data(clusters):
    assert set(available(clusters[0])) == set(DETECTORS) - {"mentions", "words"}
    bare = ls.Dataset.from_arrays([[1, 0], [0, 1]], probabilities=np.full((2, 2), 0.5))
    assert set(available(bare)) == {"self_confidence", "label_set", "relations"}
    assert [detector.name for detector in choose(None, bare)] == ["label_set"]


@pytest.fixture(scope="module")
def worded():
    """Texts whose words tell the label, with embeddings that tell only half of it."""
    rng = np.random.default_rng(0)
    truth = rng.random((500, 2)) < 0.4
    filler = [f"w{k}" for k in range(30)]
    texts = [" ".join([*rng.choice(filler, 6).tolist(), ("sunny", "rainy")[int(a)], ("loud", "quiet")[int(b)]]) for a, b in truth]
    x = np.where(truth, 1.0, -1.0) * [0.2, 1.0] + rng.normal(size=(500, 2))
    given = (truth ^ (rng.random(truth.shape) < 0.1)).astype(int)
    items = pl.DataFrame({"text": texts})
    return ls.Dataset.from_arrays(given, embeddings=x, items=items, text="text", label_names=["u1", "u2"]), given, truth


def test_the_words_of_the_text_add_what_the_embeddings_lost(worded):
    ds, given, truth = worded
    pred = ls.predict(ds)
    plain, both = (ls.find_issues(ds, pred, detectors=names).scores for names in (["label_set"], None))
    wrong = given != truth
    for k in range(2):

        def area(scores, k=k):
            return (scores[wrong[:, k], k][:, None] > scores[~wrong[:, k], k]).mean()

        assert area(both) > area(plain)


def test_words_do_not_run_on_embeddings_made_of_the_same_words(worded):
    ds, *_ = worded
    assert "words" in available(ds)
    made = embed(replace(ds, embeddings=None))
    assert "words" not in available(replace(ds, embeddings=made))
    assert "words" not in available(replace(ds, embeddings=None))
    assert "words" in available(replace(ds, embeddings=None, probabilities=np.full((500, 2), 0.5, np.float32)))


def test_a_few_items_with_probabilities_and_text_are_judged_by_the_probabilities():
    few = {"items": pl.DataFrame({"t": ["joy", "", None]}), "text": "t", "label_names": ["joy"]}
    ds = ls.Dataset.from_arrays([[1], [0], [0]], probabilities=[[0.3], [0.3], [0.3]], **few)
    assert ls.find_issues(ds).detectors == ("label_set", "mentions")


def test_the_share_of_a_second_model_follows_from_what_it_knows():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(3000, 2)) * 2
    labels = from_dense((rng.random(z.shape) < sigmoid(z)).astype(int))
    knows, guesses = Scores(sigmoid(z)), Scores(sigmoid(rng.normal(size=z.shape)))
    assert second_share(knows, guesses, labels) < 0.05
    assert second_share(guesses, knows, labels) == pytest.approx(0.7)
    assert second_share(knows, knows, labels) == pytest.approx(0.5, abs=0.01)
