import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.data.view_hook import views
from labelscope.query.terms import ItemTerms
from labelscope.space.neighbors import nearest
from labelscope.space.quality import label_lift, lift_of
from labelscope.suggest.label_page import broken_query

N = 600
NAMES = ("<b>wolf</b>", "New York", "animal", "rare")


@pytest.fixture(scope="module")
def ds():
    """Wolves are animals, with exceptions; one split holds more of them; two raters; "rare" is there once."""
    rng = np.random.default_rng(0)
    wolf, town, other = rng.random(N) < 0.3, rng.random(N) < 0.4, rng.random(N) < 0.2
    animal = (wolf | other) & (rng.random(N) > 0.03)
    x = rng.normal(size=(N, 8)) + 3 * np.column_stack([wolf, town, animal, *[np.zeros(N)] * 5])
    given = np.column_stack([wolf ^ (rng.random(N) < 0.04), town, animal, np.arange(N) == 5]).astype(np.int8)
    given[rng.random(N) < 0.1, 1] = -1
    split = np.where(wolf & (rng.random(N) < 0.9), "train", np.where(rng.random(N) < 0.5, "test", "train"))
    items = pl.DataFrame({"text": [f"item {k} <i>{k}</i>" for k in range(N)], "split": split})
    said = [(k, rater, NAMES[0], int(given[k, 0] ^ (rater == "bo" and k % 9 == 0))) for k in range(0, N, 3) for rater in ("ann", "bo")]
    votes = pl.DataFrame(said, schema=["item_id", "rater", "label", "value"], orient="row")
    return ls.Dataset.from_arrays(
        given, label_names=NAMES, embeddings=x.astype(np.float32), items=items, text="text", votes=votes,
        label_descriptions={NAMES[0]: "a <u>wild</u> dog"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def parts(ds):
    predictions = ls.predict(ds)
    findings = ls.find_issues(ds, predictions)
    return predictions, findings


@pytest.fixture(scope="module")
def page(ds, parts):
    return ls.label_page(ds, NAMES[0], *parts, suggestions=ls.suggest(ds, *parts))


def figures(page):
    return {row["figure"]: row for row in page.frame.iter_rows(named=True)}


def test_the_page_says_what_the_functions_that_it_is_made_of_say(ds, parts, page):
    predictions, findings = parts
    told = figures(page)
    assert told["positive"]["value"] == ds.labels.n_positive[0]
    flagged = findings.cells.filter("flagged", label=NAMES[0])
    assert told["possibly missing"]["value"] == flagged.filter(kind="missing").height
    assert told["possibly wrong"]["value"] == flagged.filter(kind="spurious").height > 0
    assert told["threshold"]["value"] == ls.thresholds(ds, predictions).frame["threshold"][0]
    assert told["alpha"]["value"] == pytest.approx(ls.agreement(ds).frame.filter(label=NAMES[0])["alpha"][0])
    assert "beyond chance" in told["drift"]["words"]
    assert page.shares["split"].to_list() == ["train", "test"] or page.shares["split"].to_list() == ["test", "train"]
    assert page.reliability["n"].sum() == N
    assert told["audit"]["words"] == "not audited: how many of its labels are wrong is not known"
    assert page.suspects.filter(kind="spurious")["suspicion"].is_sorted(descending=True)


def test_every_query_of_items_selects_as_many_as_its_figure_says(ds, parts):
    predictions, findings = parts
    states = ds.labels.dense()
    terms = ItemTerms(ds, lambda k: states[:, k], probabilities=lambda k, _: predictions.probabilities[:, k])
    for label in NAMES[:3]:
        page = ls.label_page(ds, label, predictions, findings)
        for row in page.frame.filter(pl.col("figure").is_in(["positive", "negative", "unknown"])).iter_rows(named=True):
            assert terms.query(row["query"]).sum() == row["value"], row
        for row in page.shares.iter_rows(named=True):
            assert terms.query(row["query"]).sum() == row["n_positive"], row
        for row in page.rules.filter(pl.col("counter_examples").is_not_null()).iter_rows(named=True):
            assert terms.query(row["query"]).sum() == row["counter_examples"], row
    assert ls.label_page(ds, "animal", predictions, findings).rules["relation"].to_list() == ["implies"]


def test_the_query_of_a_relation_is_about_what_breaks_it():
    assert broken_query("a", "identical", "New York") == '(a AND "New York":no) OR ("New York" AND a:no)'
    assert broken_query("a", "exclusive", "b") == "a AND b"


def test_a_label_that_cannot_be_predicted_has_a_page_all_the_same(ds, parts):
    page = ls.label_page(ds, "rare", *parts)
    told = figures(page)
    assert told["positive"]["words"] == "1 item has it (0.2% of 600 known)"
    assert told["possibly missing"]["words"] == "too few positives or negatives to say which are wrong"
    assert page.guideline is None
    assert "no probabilities" in page.figure.layout.title.text


def test_labels_alone_are_enough():
    page = ls.label_page(ls.Dataset.from_arrays([["cat"], ["cat", "dog"], []]), "dog")
    told = figures(page)
    assert told["positive"]["value"] == 1
    assert told["possibly missing"]["words"] == "not searched for wrong labels"
    assert "text/html" in page._repr_mimebundle_()


def test_it_shows_itself_and_nothing_of_the_data_is_markup(page):
    shown = page._repr_mimebundle_()
    whole = views().page(page, "html")
    for html in (shown["text/html"], whole):
        assert "<b>wolf" not in html
        assert "<u>wild" not in html
        assert "<i>" not in html
        assert "&lt;b&gt;wolf" in html
    assert "Typical" in whole
    assert "possibly wrong" in whole
    assert "always has" in views().page(page, "markdown")
    assert page.summary().startswith("Label page of '<b>wolf</b>': ")


def test_a_session_hands_in_what_it_knows(ds, tmp_path):
    with_ledger = ls.Session(ds, ledger=tmp_path / "ledger.sqlite")
    before = figures(with_ledger.label_page("animal"))
    assert before["possibly missing"]["words"] == "not searched for wrong labels"  # no stage was started for it
    assert with_ledger.findings.cells.height
    row = int(np.flatnonzero(ds.labels.dense()[:, 2] == 0)[0])
    with_ledger.edit(row, "animal", 1)
    after = with_ledger.label_page("animal")
    told = figures(after)
    assert told["positive"]["value"] == before["positive"]["value"] + 1
    assert told["given"]["words"].endswith("review changed that by +1")
    assert told["decided"]["words"] == "1 of its cells was decided"
    assert after.guideline.label == "animal"
    with pytest.raises(ls.DataError, match="label: expected one of the 4 label names"):
        with_ledger.label_page("anymal")
    with_ledger.close()


def test_the_audit_gives_its_interval(ds, tmp_path):
    audited = ls.Session(ds, ledger=tmp_path / "ledger.sqlite")
    for item, label, given in audited.audit(200).cells.select("item_id", "label", "given").iter_rows():
        audited.edit(item, label, 1 - given if label == "animal" and given == 1 else given)
    told = figures(audited.label_page("animal"))
    assert told["wrong by the audit"]["low"] <= told["wrong by the audit"]["value"] <= told["wrong by the audit"]["high"]
    audited.close()


def test_the_lift_of_one_label_is_that_of_all(ds):
    all_of_them = label_lift(ds.labels, nearest(ds.embeddings, 25))
    for column in range(3):
        seen = lift_of(ds.labels, column, ds.embeddings)
        assert seen.lift == pytest.approx(all_of_them["lift"][column])
        assert seen.invisible == all_of_them["invisible"][column]
    assert lift_of(ds.labels, 3, ds.embeddings) is None


def test_no_page_says_that_two_labels_are_identical_and_exclusive():
    ds = ls.Dataset.from_arrays([["etching"]] * 8 + [["etchings"]] * 60 + [["oil"]] * 60)
    rules = ls.label_page(ds, "etching").rules
    assert rules.select("relation", "label_b").rows() == [("identical", "etchings"), ("exclusive", "oil")]
