from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from PIL import Image

from labelscope import DataError, Dataset, cooccurrence, long_tail, personal_data, relations, sources
from labelscope.audit.estimate import estimate
from labelscope.export.report import write_report
from labelscope.issues.find import Findings
from labelscope.suggest.pseudo import PseudoLabels
from labelscope.suggest.relabel import Suggestions

EVIL = "<img src=x onerror=alert(1)>"
NO_STATES = pl.DataFrame(schema={"item_id": pl.Int64, "label": pl.String, "state": pl.Int8, "probability": pl.Float32, "method": pl.String})
NO_REASONS = pl.DataFrame(schema={"label": pl.String, "n_cells": pl.Int64, "reason": pl.String})


class Page(HTMLParser):
    """Tags, ids, links and unclosed elements of a page."""

    VOID = ("meta", "img", "source", "br", "link", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def results(n_items: int = 200, *, with_unknown: bool = False, image: bool = False, empty: bool = False) -> dict:
    rng = np.random.default_rng(0)
    labels = (rng.random((n_items, 3)) < [0.5, 0.3, 0.05]).astype(np.int8)
    if with_unknown:
        labels[rng.random(labels.shape) < 0.2] = -1
    names = [EVIL, "=cmd()", "plain"]
    items = {"text": [f"{EVIL} text {k}" for k in range(n_items)]}
    if image:
        out = io.BytesIO()
        Image.new("RGB", (64, 64), "red").save(out, "PNG")
        items = {"picture": [out.getvalue()] * n_items}
    ds = Dataset.from_arrays(
        labels, label_names=names, items=pl.DataFrame(items), text=None if image else "text", image="picture" if image else None
    )
    n = 0 if empty else 40
    kinds = ["missing", "spurious"] * (n // 2)
    cells = pl.DataFrame(
        {
            "item_id": np.arange(n),
            "label": [names[k % 3] for k in range(n)],
            "given": [k % 2 for k in range(n)],
            "kind": kinds,
            "suspicion": np.linspace(0.99, 0.6, n),
            "flagged": [True] * n,
        },
        schema_overrides={"label": pl.String, "kind": pl.String, "flagged": pl.Boolean},
    )
    actions = pl.col("kind").replace({"missing": "add", "spurious": "remove"}).alias("action")
    todo = cells.select(
        pl.col("item_id").cast(pl.String).alias("suggestion_id"), "item_id", "label", actions, confidence="suspicion", reason=pl.lit(EVIL)
    )
    xy = rng.normal(size=(n_items, 2)).astype(np.float32)
    states = (
        NO_STATES
        if not with_unknown
        else pl.DataFrame({"item_id": [1], "label": [EVIL], "state": [1], "probability": [0.9], "method": ["x"]})
    )
    reasons = NO_REASONS if not with_unknown else pl.DataFrame({"label": ["plain"], "n_cells": [9], "reason": ["too few known positives"]})
    return {
        "dataset": ds,
        "long_tail": long_tail(ds),
        "cooccurrence": cooccurrence(ds),
        "relations": relations(ds),
        "map": None if empty else SimpleNamespace(frame=pl.DataFrame({"item_id": ds.item_ids, "x": xy[:, 0], "y": xy[:, 1]})),
        "findings": Findings(cells, not_scored=("plain",)),
        "suggestions": Suggestions(todo),
        "pseudo_labels": PseudoLabels(states, abstained=reasons),
        "summary": {
            "seed": 7,
            "created": "2030-01-02T03:04:05+00:00",
            "versions": {"numpy": "9.9"},
            "stages": {"predict": {"seconds": 1.5, "peak_memory_mib": 321}},
        },
    }


def written(tmp_path, **options) -> str:
    path = tmp_path / "report.html"
    write_report(path, **results(**options))
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> str:
    """An ordinary report."""
    return written(tmp_path_factory.mktemp("report"))


def test_one_file_that_asks_for_nothing_and_runs_nothing(text):
    page = Page(text)
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "embed"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "srcset", "href"):
            assert (attributes.get(name) or "data:").startswith(("data:", "#"))
    assert not re.search(r"url\(|@import|http", re.sub(r"base64,[A-Za-z0-9+/=]+", "", text))


def test_everything_from_data_is_escaped(text):
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt; text 3" in text


def test_it_is_accessible(text):
    page = Page(text)
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {a["href"].removeprefix("#") for tag, a in page.tags if tag == "a"} <= ids
    assert all(len(a.get("alt") or "") > 10 for tag, a in page.tags if tag == "img")
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    tables = sum(tag == "table" for tag, _ in page.tags)
    assert tables == sum(tag == "caption" for tag, _ in page.tags) > 5
    assert ("html", {"lang": "en"}) in page.tags


def test_it_says_what_was_found_and_that_a_flag_is_no_error(text):
    for words in (
        "A flag is a suspicion to review, not an error count",
        "Possibly missing: absent labels",
        "Spurious: given labels that look wrong",
        "The 12 most suspicious of 20 flagged cells",
        "The 12 surest of 20 labels to add",
        "The 12 surest of 20 labels to remove",
        "labelscope export . --to corrected.parquet",
        "numpy",
        "9.9",
        "2030-01-02 03:04 UTC",
        "321",
        "1 label could not be scored",
    ):
        assert words in text
    assert 'id="pseudo-labels"' not in text
    sure, n = re.search(r"--accept-above (0\.\d+)  # and the (\d+) suggestions at least this sure", text).groups()
    assert float(sure) >= 0.7
    assert 0 < int(n) <= 40


def test_unknown_cells_have_their_chapter_with_reasons(tmp_path):
    text = written(tmp_path, with_unknown=True)
    assert 'id="pseudo-labels"' in text
    assert "too few known positives" in text


def test_images_are_shown_small(tmp_path):
    text = written(tmp_path, image=True)
    assert text.count("data:image/webp;base64,") == 24 + 24 + 3 * 6  # two lists, and the suspicious cells of three label pages


def test_a_clean_set_without_a_map_has_a_report_too(tmp_path):
    text = written(tmp_path, empty=True)
    assert "None: no absent label looks missing." in text
    assert "--accept-above" not in text
    assert 'id="map"' not in text


def test_large_sets_keep_it_under_two_megabytes(tmp_path):
    assert len(written(tmp_path, n_items=54_000, with_unknown=True)) < 2_000_000


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        write_report(tmp_path / "nowhere" / "report.html", **results())


def test_it_begins_with_what_is_wrong_how_sure_that_is_and_what_to_do(text):
    said = re.sub(r"<[^>]*>", "\n", text[text.index('id="overview"') : text.index('id="suggestions"')])
    places = [said.index(words) for words in ("What looks wrong", "How sure that is", "What to do next")]
    assert places == sorted(places)
    assert "20 labels that are absent look present: most of all “&lt;img src=x onerror=alert(1)&gt;” (7)" in said
    assert "Nobody has audited these labels yet, so this report gives no number of errors." in said
    assert "Review the 40 suggestions" in said


def test_sources_are_a_chapter_where_somebody_looked(tmp_path, text):
    assert 'id="sources"' not in text
    of = results()
    ds = of["dataset"]
    ds = replace(
        ds, items=ds.items.with_columns(rater=pl.Series([EVIL if k % 2 else "bo" for k in range(ds.n_items)]), mail=pl.lit("a@b.org"))
    )
    wrong = pl.DataFrame({"item_id": ds.item_ids, "label": "plain", "wrong": [bool(k % 2) for k in range(ds.n_items)]})
    found = sources(ds, outcomes=wrong)
    write_report(tmp_path / "report.html", **{**of, "dataset": ds}, sources=found, personal=personal_data(ds, ["mail"]))
    chapter = (tmp_path / "report.html").read_text("utf-8").split('id="sources"')[1].split("<section")[0]
    said = re.sub(r"<[^>]*>", " ", chapter)
    assert "The first 1 of 1 values with more errors than the others" in said
    assert "rater: &lt;img src=x" in said
    assert "by decided cells" in said
    assert re.search(r"e-mail address\s+mail\s+200", said)
    assert "a@b.org" not in chapter


def test_health_is_a_chapter_with_the_worst_first(tmp_path):
    of = results()
    ds = of["dataset"]
    ds = replace(ds, labels=ds.labels.replace(np.arange(5), np.zeros(5, np.int64), np.full(5, -1, np.int8)))
    write_report(tmp_path / "report.html", **{**of, "dataset": ds})
    chapter = (tmp_path / "report.html").read_text("utf-8").split('id="health"')[1].split("<section")[0]
    said = re.sub(r"<[^>]*>", " ", chapter)
    assert "of the cells are unknown (5): nobody has checked them." in said
    assert "&lt;img src=x onerror=alert(1)&gt; (" in said
    assert said.index("check") < said.index("Fine") < said.index("Not measured")


def test_an_audit_and_the_review_are_told(tmp_path):
    strata = pl.DataFrame({
        "stratum": ["a"], "kind": ["spurious"], "flagged": [True], "n_cells": [100], "n_drawn": [20], "n_audited": [20], "n_wrong": [5],
        "n_undecidable": [0],
    })  # fmt: skip
    by_label = pl.DataFrame(
        {"label": ["plain"], "stratum": ["a"], "kind": ["spurious"], "n_cells": [100], "n_audited": [20], "n_wrong": [5]}
    )
    progress = {"n_suggestions": 40, "pending": 28, "accepted": 10, "rejected": 2, "skipped": 0, "n_changed": 10}
    write_report(tmp_path / "report.html", **results(), progress=progress, estimate=estimate(strata, by_label, 0.95))
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "An audit has measured it: about 25 (" in text
    assert "12 of 40 are decided" in text
    assert "Nobody has audited" not in text


def test_the_reasons_that_people_gave_are_counted_and_escaped(tmp_path):
    said = [("clearly wrong", "accepted", "plain"), (EVIL, "rejected", "plain"), ("clearly wrong", "rejected", EVIL)]
    reasons = pl.DataFrame(said, schema=["reason", "verdict", "label"], orient="row")
    write_report(tmp_path / "report.html", **results(), reasons=reasons)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<img src=x" not in text
    chapter = " ".join(re.sub(r"<[^>]*>", " ", text.split('id="suggestions"')[1].split("<section")[0]).split())
    assert "Reasons that people gave for 3 decisions" in chapter
    assert "clearly wrong 2 1 1 plain, &lt;img" in chapter


def test_label_pages_are_folded_up_those_with_flagged_cells_first(tmp_path):
    given = results()
    write_report(tmp_path / "report.html", **given)
    text = (tmp_path / "report.html").read_text("utf-8")
    chapter = text[text.index('<section id="label-pages"') :]
    chapter = chapter[: chapter.index("</section>")]
    Page(text)
    titles = re.findall(r"<summary>(.*?)</summary>", chapter)
    assert len(titles) == 3
    flagged = given["findings"].cells.filter("flagged")["label"].value_counts(sort=True)
    assert titles[0].endswith(f"{flagged['count'][0]:,} flagged")
    assert EVIL not in chapter
    n = int(given["dataset"].labels.n_positive[0])
    assert f"{n:,} items have it" in chapter
    assert "not audited" in chapter
