"""A published page in a real browser, opened from a file: nothing is asked of any network, nothing from data runs."""

from __future__ import annotations

import importlib.util
import re
from contextlib import closing
from pathlib import Path

import labkit
import numpy as np
import polars as pl
import pytest
from onscreen import tab

import labelscope as ls
from labelscope.export.page import publish
from labelscope.voters.rule_file import SavedRule

pytestmark = pytest.mark.browser

spec = importlib.util.spec_from_file_location("published_material", Path(__file__).parents[1] / "unit" / "export" / "test_page.py")
unit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(unit)
N = 300
EVIL = "<img src=x onerror='window.ran=1'><script>window.ran=2</script>"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A page of which every text, label, id and name tries to run."""
    folder = tmp_path_factory.mktemp("published")
    before = unit.EVIL, list(unit.NAMES)
    unit.EVIL, unit.NAMES[0] = EVIL, EVIL
    try:
        given = unit.material(400, image=True)
    finally:
        unit.EVIL, unit.NAMES[:] = before
    return publish(folder / "page.html", **given).path


@pytest.fixture
def open_page(browser, screenshot):
    """Open a file in a page; at the end, no error and no request but for itself."""
    opened = []

    def open_(path: Path, *, width: int = 1280, scheme: str = "light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.set_default_timeout(60_000)
        errors, asked = [], []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.get_by_role("img", name=re.compile(r"^Map of ")).wait_for()
        page.get_by_role("listitem").first.wait_for()
        opened.append((context, page, errors, asked, path))
        return page

    yield open_
    for context, page, errors, asked, path in opened:
        ran = page.evaluate("() => window.ran ?? null")
        context.close()
        assert ran is None
        assert not errors, errors
        assert not [url for url in asked if url != path.as_uri() and not url.startswith(("data:", "blob:"))]


SCROLLED = """
() => {
    const list = document.querySelector('.ls-list');
    list.scrollTop = list.scrollHeight;
    return list.querySelector('.ls-card[aria-posinset="400"]');
}
"""  # further down each time, as heights become known

READ_ONLY = "it can be read, not changed"
CLICK_ALL = """
async refusal => {
    const root = document.querySelector('.ls-root'), clicked = new Set(), refused = new Set();
    const answered = async () => {
        for (let k = 0; k < 4; k++) await new Promise(done => setTimeout(done));
    };
    const offered = role => [...root.querySelectorAll('button')].filter(button =>
        (button.getAttribute('role') === 'tab') === (role === 'tab') && button.checkVisibility() && !button.disabled);
    const nameOf = button => button.getAttribute('aria-label') ?? button.textContent;
    const click = async button => {
        const before = root.textContent.includes(refusal);
        button.click();
        await answered();
        clicked.add(nameOf(button));
        if (!before && root.textContent.includes(refusal)) refused.add(nameOf(button));
    };
    for (const tab of offered('tab')) {
        await click(tab);
        for (let next; (next = offered('button').find(button => !clicked.has(nameOf(button)))); ) {
            if (nameOf(next) === 'Full screen') clicked.add('Full screen');
            else await click(next);
        }
    }
    return [[...clicked], [...refused]];
}
"""  # every button that is in sight, in every view, once a name: their names, and the names of those that were refused


def drawn(page):
    page.wait_for_function("() => Number(document.querySelector('.ls-root canvas')?.dataset.drawn) > 0")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (900, "dark")])
def test_opens_from_a_file_with_map_hover_and_labels(hostile, open_page, screenshot, width, scheme):
    page = open_page(hostile, width=width, scheme=scheme)
    drawn(page)
    assert page.locator("#still").count() == 0
    assert page.get_by_text(EVIL).count() > 2  # text, not markup
    assert page.locator("img[src=x]").count() == 0
    labkit.hover_item(page)
    screenshot(page.locator("body"), f"published-{width}-{scheme}")


def test_views_filters_and_queues_answer(hostile, open_page):
    page = open_page(hostile)
    for name, says in (("Labels", "plain"), ("Progress", "Reviewed"), ("Relations", "No two labels")):
        page.get_by_role("tab", name=name, exact=True).click()
        page.get_by_role("tabpanel", name=name).get_by_text(says).first.wait_for()
    page.get_by_role("tab", name="Co-occurrence", exact=True).click()
    page.get_by_role("group", name="Co-occurrence of 3 labels").wait_for()
    page.get_by_role("tab", name="Evidence", exact=True).click()
    page.get_by_role("tabpanel", name="Evidence").get_by_text(re.compile("of 25 similar items")).first.wait_for()
    assert page.get_by_role("tabpanel", name="Evidence").locator(".ls-parts").count() == 1
    assert page.get_by_role("button", name="Show what influenced the model").count() == 0  # needs the model: not offered
    page.get_by_role("tab", name="Accepted").click()
    page.get_by_role("listitem").filter(has_text="Accepted").wait_for()
    assert page.get_by_role("listitem").count() == 1
    page.get_by_role("tab", name="All items").click()
    field = page.get_by_role("combobox", name="Filter items")
    field.fill('plain AND group:"group 1"')
    page.keyboard.press("Enter")
    chosen = page.get_by_role("button", name="Clear selection")
    chosen.wait_for()
    n_shown = int(chosen.inner_text().split()[0])
    given = unit.material(400)["dataset"]
    has = (given.labels.dense()[:, 1] == 1) & (given.items["group"] == "group 1").to_numpy()
    change = 1 if has[0] else 0  # item 0, of group 0, was changed by a decision: it is not in this group
    assert change == 0
    assert n_shown == has.sum()
    field.fill("(plain")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="closing bracket").wait_for()
    chosen.click()
    page.get_by_role("searchbox", name="Search the worklist").fill("text 77 ")
    page.get_by_role("listitem").filter(has_text="text 77").wait_for()
    assert not page.get_by_role("status").filter(has_text="published copy").is_visible()  # the map shows what was found


def test_worklist_scrolls_to_its_end_and_nothing_can_be_changed(hostile, open_page):
    page = open_page(hostile)
    page.get_by_role("tab", name="All items").click()
    page.get_by_role("combobox", name="Order").select_option("data")
    page.wait_for_function(SCROLLED)
    for name in ("Accept", "Reject", "Export", "Bulk review"):
        assert not page.get_by_role("button", name=name, exact=True).is_visible()
    page.get_by_role("tab", name="Pending").click()
    said = page.get_by_role("status").locator(".ls-result")
    for key in ("a", "b", "c", "1", "e", "Control+z"):
        page.get_by_role("listitem").first.click()
        said.evaluate("element => element.replaceChildren()")
        page.keyboard.press(key)
        said.filter(has_text=READ_ONLY).wait_for()
        assert page.get_by_role("dialog").filter(visible=True).count() == 0


def test_no_button_is_offered_that_would_change_something(hostile, open_page):
    page = open_page(hostile)
    clicked, refused = page.evaluate(CLICK_ALL, READ_ONLY)
    assert {"Help", "Lasso", "Clear selection"} <= set(clicked)
    assert len(clicked) > 20
    assert not refused


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    """A page of a session, with pages of labels, voters and rules; the name of a label tries to run."""
    folder = tmp_path_factory.mktemp("reviewed")
    rng = np.random.default_rng(1)
    X = rng.normal(size=(N, 4)).astype(np.float32)
    states = (X[:, :3] + rng.normal(size=(N, 3)) * 0.5 > 0.4).astype(np.int8)
    items = pl.DataFrame({
        "item_id": [f"id{k}" for k in range(N)], "text": [f"text {k} on {'birds' if k % 3 else 'fish'}" for k in range(N)],
        "split": [("train", "test")[k % 2] for k in range(N)],
    })  # fmt: skip
    votes = [(f"id{row}", rater, name, (row + len(rater)) % 2) for row in range(40) for rater in ("ann", "jo") for name in ("cat", EVIL)]
    dataset = ls.Dataset.from_arrays(
        states, label_names=["cat", EVIL, "car"], items=items, text="text", embeddings=X,
        votes=pl.DataFrame(votes, schema=["item_id", "rater", "label", "value"], orient="row"),
    )  # fmt: skip
    with closing(ls.Session(dataset, ledger=folder / "l.sqlite", reviewer="zoe")) as session:
        session.describe("cat", "A cat.", guideline=f"If seen. {EVIL}")
        session.voters.save(SavedRule("fishy", "cat", query="text:fish"))
        yield ls.publish(session, folder / "page.html").path


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (900, "dark")])
def test_the_page_of_a_label_opens_read_only_and_its_figures_are_filters(reviewed, open_page, screenshot, width, scheme):
    page = open_page(reviewed, width=width, scheme=scheme)
    tab(page, "Labels")
    page.get_by_role("button", name="Label page: cat").click()
    dialog = page.get_by_role("dialog", name="Label page: cat")
    dialog.get_by_role("heading", name="Typical").wait_for()
    assert "A cat." in dialog.inner_text()
    assert f"If seen. {EVIL}" in dialog.inner_text()
    assert dialog.get_by_role("button", name=re.compile("description|Preview|Apply|Save")).count() == 0
    assert dialog.get_by_text(re.compile("^The best threshold")).is_visible()
    assert dialog.get_by_role("button", name=re.compile("^The best threshold")).count() == 0  # a copy has no model to ask
    screenshot(page.locator("body"), f"published-label-{width}-{scheme}")
    figure = dialog.get_by_role("button", name=re.compile("items have it"))
    n = int(figure.inner_text().split()[0])
    figure.click()
    page.get_by_role("button", name="Clear selection").filter(has_text=re.compile(rf"^{n} ")).wait_for()
    page.keyboard.press("p")  # by keyboard: the label that the entry is about
    opened = page.get_by_role("dialog", name=re.compile("^Label page: "))
    opened.get_by_role("heading", name="Typical").wait_for()
    typical = opened.get_by_role("button", name="Typical")
    m = int(re.search(r"\d+", typical.get_attribute("title"))[0])
    typical.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Clear selection").filter(has_text=re.compile(rf"^{m} ")).wait_for()


def test_voters_and_rules_can_be_read_and_nothing_is_offered_that_is_refused(reviewed, open_page, screenshot):
    page = open_page(reviewed, width=1440)
    for name, says in (("Raters", "ann"), ("Rules", "fishy")):
        tab(page, name)
        panel = page.get_by_role("tabpanel", name=name)
        panel.get_by_text(says).first.wait_for()
        assert panel.get_by_role("button").count() == 0
        screenshot(page.locator("body"), f"published-{name.lower()}")
    clicked, refused = page.evaluate(CLICK_ALL, READ_ONLY)
    assert {"Label page: cat", "Help"} <= set(clicked)
    assert not refused


def test_lasso_selects_and_other_views_follow(hostile, open_page):
    page = open_page(hostile)
    drawn(page)
    box = page.locator(".ls-root canvas").first.bounding_box()
    page.get_by_role("button", name="Lasso").click()
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    page.mouse.move(x + 0.1 * w, y + 0.1 * h)
    page.mouse.down()
    for dx, dy in ((0.9, 0.1), (0.9, 0.6), (0.1, 0.6), (0.1, 0.1)):
        page.mouse.move(x + dx * w, y + dy * h, steps=4)
    page.mouse.up()
    chosen = page.get_by_role("button", name="Clear selection")
    chosen.wait_for()
    n = int(chosen.inner_text().split()[0])
    assert 0 < n < 400
    assert int(page.get_by_role("tab", name="All items").inner_text().split()[-1]) == n
    chosen.click()
    page.get_by_role("status").filter(has_text="Selection cleared").wait_for()


def test_without_javascript_there_is_a_summary(browser, hostile):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hostile.as_uri())
    assert page.get_by_role("heading", name="Suggestions").is_visible()
    assert page.get_by_role("img", name=re.compile("Map of 400 items")).is_visible()
    assert "400 items × 3 labels" in page.locator(".lead").inner_text()
    context.close()


@pytest.mark.shared_data
def test_real_comments_open_quickly(shared_data, open_page, tmp_path):
    """54,000 comments: at most 25 MB, and the map and the worklist within 3 seconds of work of the page."""
    import numpy as np
    import polars as pl

    import labelscope as ls
    from labelscope.issues.find import Findings
    from labelscope.space.project import EmbeddingMap
    from labelscope.suggest.relabel import Suggestions

    ds = ls.read(shared_data / "goemotions" / "comments.parquet", text="text", labels="labels")
    rng = np.random.default_rng(0)
    xy = rng.normal(size=(ds.n_items, 2)).astype("f4")
    rows = rng.permutation(ds.n_items)[:5000]
    todo = pl.DataFrame({
        "suggestion_id": [f"{row}.0" for row in rows], "item_id": ds.item_ids.gather(rows), "label": [ds.label_names[0]] * 5000,
        "action": np.where(ds.labels.states(rows, np.zeros(5000, int)) == 1, "remove", "add"),
        "confidence": np.linspace(0.9, 0.1, 5000).astype("f4"), "reason": ["near items say so"] * 5000,
    })  # fmt: skip
    cells = pl.DataFrame(
        schema={
            "item_id": pl.String,
            "label": pl.String,
            "given": pl.Int8,
            "kind": pl.String,
            "suspicion": pl.Float64,
            "flagged": pl.Boolean,
            "confidence": pl.Float64,
        }
    )
    done = publish(
        tmp_path / "page.html", dataset=ds, long_tail=ls.long_tail(ds), cooccurrence=ls.cooccurrence(ds), relations=ls.relations(ds),
        map=EmbeddingMap(pl.DataFrame({"item_id": ds.item_ids, "x": xy[:, 0], "y": xy[:, 1]})), suggestions=Suggestions(todo),
        findings=Findings(cells, items=pl.DataFrame({"item_id": ds.item_ids[:1], "suspicion": [0.5]}), not_scored=()),
        embeddings=rng.normal(size=(ds.n_items, 16)).astype("f4"),
    )  # fmt: skip
    assert done.n_bytes < 25_000_000
    page = open_page(done.path)
    drawn(page)
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")
    worked = {metric["name"]: metric["value"] for metric in metrics.send("Performance.getMetrics")["metrics"]}
    assert 0 < worked["ThreadTime"] < 3  # of the processor: other programs do not count


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(hostile, open_page, scheme):
    assert not labkit.serious_findings(open_page(hostile, scheme=scheme), "body")
