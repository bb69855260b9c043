from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.data.votes import Votes
from labelscope.suggest.pseudo import PseudoConfig


def make(seed, hidden=0.4, noise=0.5):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1500, 6)).astype(np.float32)
    truth = (x[:, :3] + noise * rng.normal(size=(1500, 3)) > 0.5).astype(np.int8)
    given = np.where(rng.random(truth.shape) < hidden, -1, truth).astype(np.int8)
    return ls.Dataset.from_arrays(given, embeddings=x, label_names=list("abc")), truth, given


def places(ds, frame):
    return [ds.position(i) for i in frame["item_id"]], [ds.label_position(name) for name in frame["label"]]


def wrong_shares(ds, truth, frame):
    """Share of wrong states among the positive and the negative ones, and how many there are."""
    rows, columns = places(ds, frame)
    state = frame["state"].to_numpy()
    wrong = truth[rows, columns] != state
    return [float(wrong[state == s].mean()) if (state == s).any() else 0.0 for s in (1, 0)], [(state == s).sum() for s in (1, 0)]


def audit(truth, able, n, rng, p):
    """Cells with their true state, more of them where the probability is high."""
    rows, columns = np.nonzero(able)
    drawn = rng.choice(len(rows), n, replace=False, p=(odds := p[rows, columns] + 0.02) / odds.sum())
    rows, columns = rows[drawn], columns[drawn]
    return pl.DataFrame({"item_id": rows, "label": np.array(list("abc"))[columns], "state": truth[rows, columns]})


def test_realised_false_discovery_rate_stays_near_the_stated_one():
    wrong = total = 0
    for seed in range(4):
        ds, truth, given = make(seed)
        frame = ls.pseudo_label(ds).frame
        rows, columns = places(ds, frame)
        assert (given[rows, columns] == -1).all()
        wrong += (truth[rows, columns] != frame["state"].to_numpy()).sum()
        total += frame.height
    assert total > 1000
    assert wrong / total < 0.12


def test_the_rate_holds_for_each_state_and_cells_are_found():
    shares, counts = zip(*[wrong_shares(ds, truth, ls.pseudo_label(ds).frame) for ds, truth, _ in map(make, range(6))], strict=True)
    assert np.mean(shares, axis=0).max() < 0.11
    assert np.mean(counts, axis=0).min() > 150


def test_only_positives_hidden_gives_no_wrong_negatives():
    made = 0
    for seed in range(4):
        ds, truth, _ = make(seed, hidden=0)
        former = (truth == 1) & (np.random.default_rng(seed).random(truth.shape) < 0.3)
        hidden = ls.Dataset.from_arrays(np.where(former, -1, truth), embeddings=ds.embeddings, label_names=list("abc"))
        frame = ls.pseudo_label(hidden).frame
        made += frame.filter(state=1).height
        assert frame.filter(state=0).height <= 2  # every unknown cell is positive: at the usual conformal selection 300 are made negative
    assert made > 400


def test_wrong_known_cells_void_the_rate_and_an_audit_restores_it():
    shares = {"given": [], "audited": []}
    found = 0
    for seed in range(5):
        rng = np.random.default_rng(100 + seed)
        ds, truth, _ = make(seed, hidden=0, noise=0.3)
        spurious = (truth == 0) & (ds.embeddings[:, :3] > -0.2) & (rng.random(truth.shape) < 0.9)  # look-alikes, given as positive
        able = rng.random(truth.shape) < 0.4
        noisy = ls.Dataset.from_arrays(np.where(able, -1, truth | spurious), embeddings=ds.embeddings, label_names=list("abc"))
        predictions = ls.predict(noisy)
        checked = audit(truth, able, 400, rng, predictions.probabilities)
        shares["given"].append(wrong_shares(ds, truth, ls.pseudo_label(noisy, predictions).frame)[0][0])
        pseudo = ls.pseudo_label(noisy, predictions, audited=checked)
        shares["audited"].append(wrong_shares(ds, truth, pseudo.frame)[0][0])
        found += pseudo.frame.filter(state=1).height
        assert "against 400 audited cells" in pseudo.summary()
        assert pseudo.frame.join(checked, on=["item_id", "label"]).is_empty()  # a person's state is not given again
    assert np.mean(shares["given"]) > 0.2
    assert np.mean(shares["audited"]) < 0.12
    assert found > 300


def test_missed_labels_are_found_among_the_negatives_with_an_audit():
    wrong, found, missing = [], 0, 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        ds, truth, _ = make(seed, hidden=0, noise=0.2)
        given = np.where((truth == 1) & (rng.random(truth.shape) < 0.4), 0, truth)
        noisy = ls.Dataset.from_arrays(given, embeddings=ds.embeddings, label_names=list("abc"))
        predictions = ls.predict(noisy)
        checked = audit(truth, given == 0, 400, rng, predictions.probabilities)
        pseudo = ls.pseudo_label(noisy, predictions, target="negatives", audited=checked)
        rows, columns = places(ds, pseudo.frame)
        assert (given[rows, columns] == 0).all()
        assert set(pseudo.frame["state"]) == {1}
        wrong.append((truth[rows, columns] == 0).mean())
        found, missing = found + len(rows), missing + int(((given == 0) & (truth == 1)).sum())
    assert np.mean(wrong) < 0.12
    assert found > 0.3 * missing
    assert "negative cells made positive" in pseudo.summary()


def test_a_handful_of_audited_cells_is_too_few():
    ds, truth, given = make(0)
    rows, columns = (places[:5] for places in np.nonzero(given == -1))
    few = pl.DataFrame({"item_id": rows, "label": np.array(list("abc"))[columns], "state": truth[rows, columns]})
    pseudo = ls.pseudo_label(ds, audited=few)
    assert pseudo.frame.height == 0
    assert "too few" in pseudo.abstained["reason"][0]


def test_every_unknown_cell_is_given_a_state_or_an_abstention():
    ds, _, given = make(0)
    for method in ("conformal", "propagation", "class_aware", "asymmetric"):
        pseudo = ls.pseudo_label(ds, method=method)
        assert pseudo.frame.height + pseudo.abstained["n_cells"].sum() == (given == -1).sum()
        assert pseudo.abstained["reason"].str.len_chars().min() > 0
        assert pseudo.frame.select("item_id", "label").is_unique().all()
        assert (pseudo.frame["probability"] - 0.5).abs().is_sorted(descending=True)


def test_nothing_unknown_gives_nothing():
    ds, *_ = make(0, hidden=0)
    pseudo = ls.pseudo_label(ds)
    assert pseudo.frame.height == 0
    assert pseudo.frame.columns == ["item_id", "label", "state", "probability", "method"]
    assert pseudo.abstained.columns == ["label", "n_cells", "reason"]


def test_positives_only_abstains_and_says_why():
    ds, truth, _ = make(0)
    only = ls.Dataset.from_arrays(np.where(truth == 1, 1, -1), embeddings=ds.embeddings)
    for method in ("conformal", "propagation"):
        pseudo = ls.pseudo_label(only, method=method)
        assert pseudo.frame.height == 0
        assert "opposite state" in pseudo.abstained["reason"][0]


def test_uncontrolled_methods_say_so():
    ds, truth, _ = make(0)
    for method in ("propagation", "class_aware", "asymmetric"):
        pseudo = ls.pseudo_label(ds, method=method)
        assert set(pseudo.frame["method"]) == {f"{method}, uncontrolled"}
        assert "without control of errors" in pseudo.summary()
        assert pseudo.false_discovery_rate is None
        assert np.sum(wrong_shares(ds, truth, pseudo.frame)[0]) < 0.4  # they work all the same on easy data
    assert set(ls.pseudo_label(ds, method="class_aware").frame["state"]) == {1}
    asymmetric = ls.pseudo_label(ds, method="asymmetric").frame
    assert set(asymmetric["state"]) == {0}
    assert asymmetric.height == pytest.approx(0.9 * ds.labels.n_unknown.sum(), rel=0.03)


def test_labels_whose_unknown_cells_are_unlike_the_known_ones_are_left_alone():
    rng = np.random.default_rng(0)
    p = rng.beta(0.3, 0.3, size=(4000, 2))
    states = (rng.random(p.shape) < p).astype(int)
    middle = (p[:, 0] > 0.3) & (p[:, 0] < 0.7)
    states[:, 0][middle] = -1  # the undecided ones only
    states[:, 1][rng.random(4000) < 0.3] = -1
    pseudo = ls.pseudo_label(ls.Dataset.from_arrays(states, probabilities=p))
    assert set(pseudo.frame["label"]) == {"1"}
    assert "unlike" in dict(pseudo.abstained.select("label", "reason").iter_rows())["0"]


def test_a_list_that_is_too_long_keeps_the_surest_and_says_so():
    ds, *_ = make(0)
    whole, short = ls.pseudo_label(ds), ls.pseudo_label(ds, config=PseudoConfig(max_cells=40))
    assert short.frame.group_by("state").len()["len"].to_list() == [40, 40]
    surest = whole.frame.filter(state=1).head(40)["probability"].to_numpy()
    np.testing.assert_array_equal(np.sort(short.frame.filter(state=1)["probability"]), np.sort(surest))
    assert "max_cells" in short.abstained["reason"][0]


def test_labels_in_blocks_of_any_width_give_the_same(monkeypatch):
    ds, *_ = make(0)
    predictions = ls.predict(ds)
    whole = ls.pseudo_label(ds, predictions).frame
    monkeypatch.setattr("labelscope.models.histograms.TABLES", 1)
    assert ls.pseudo_label(ds, predictions).frame.equals(whole)


def test_the_same_call_gives_the_same_answer():
    ds, *_ = make(0)
    predictions = ls.predict(ds)
    before = ds.fingerprint, predictions.probabilities.copy()
    assert ls.pseudo_label(ds, predictions).frame.equals(ls.pseudo_label(ds, predictions).frame)
    assert ds.fingerprint == before[0]
    assert np.array_equal(predictions.probabilities, before[1])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"config": PseudoConfig(false_discovery_rate=1.5)}, "between 0 and 1"),
        ({"config": PseudoConfig(alpha=0)}, "alpha"),
        ({"config": PseudoConfig(n_neighbors=0)}, "n_neighbors"),
        ({"method": "magic"}, "method: expected 'conformal'"),
        ({"target": "positives"}, "target"),
        ({"target": "negatives"}, "audit"),
        ({"target": "negatives", "method": "propagation"}, "propagation"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments, words):
    with pytest.raises(ls.StageError, match=words) as error:
        ls.pseudo_label(make(0)[0], **arguments)
    assert "\n" not in str(error.value)


def voted(ds, truth, shares, *, right, rng, per_cell=3):
    """The data set with `per_cell` voters of a given accuracy on a share of its cells."""
    rows, columns = np.nonzero(rng.random(truth.shape) < shares)
    frames = []
    for rater in range(per_cell):
        said = np.where(rng.random(len(rows)) < right, truth[rows, columns], 1 - truth[rows, columns])
        frames.append(pl.DataFrame({"item_id": rows, "rater": f"r{rater}", "label": np.array(list("abc"))[columns], "value": said}))
    return replace(ds, votes=Votes.build(pl.concat(frames), ds.item_ids, ds.label_names))


def test_pseudo_labels_hear_the_voters_and_hold_the_rate_on_their_cells_too():
    shares, more = [], []
    for seed in range(4):
        ds, truth, given = make(seed, noise=2.0)  # the model can tell little
        heard = voted(ds, truth, 0.5, right=0.85, rng=np.random.default_rng(seed))
        found = ls.pseudo_label(heard)
        rows, columns = places(ds, found.frame)
        assert (given[rows, columns] == -1).all()
        assert found.frame.select("item_id", "label").is_duplicated().sum() == 0
        by_votes = found.frame.filter(method="votes")
        shares.append(wrong_shares(ds, truth, by_votes)[0])
        more.append(found.frame.height - ls.pseudo_label(ds).frame.height)
        assert found.frame.height + found.abstained["n_cells"].sum() == (given == -1).sum()
    assert min(more) > 100
    assert np.mean(shares, axis=0).max() < 0.11


def test_a_coin_as_voter_breaks_no_rate():
    shares = []
    for seed in range(3):
        ds, truth, _ = make(seed)
        heard = voted(ds, truth, 0.5, right=0.5, rng=np.random.default_rng(seed + 9), per_cell=1)
        with_coin = ls.pseudo_label(heard).frame
        shares.append(wrong_shares(ds, truth, with_coin)[0])
        assert with_coin.height < 1.15 * ls.pseudo_label(ds).frame.height
    assert np.mean(shares, axis=0).max() < 0.1


@pytest.mark.parametrize("method", ["class_aware", "asymmetric", "propagation"])
def test_methods_without_a_rate_hear_the_voters_as_well(method):
    ds, truth, _ = make(3, noise=2.0)
    heard = voted(ds, truth, 0.5, right=0.95, rng=np.random.default_rng(3), per_cell=5)

    def wrong(of):
        rows, columns = places(ds, (found := ls.pseudo_label(of, method=method).frame))
        return (truth[rows, columns] != found["state"].to_numpy()).mean()

    assert wrong(heard) < wrong(ds)
