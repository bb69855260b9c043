"""Every view in every viewer: {live, reopened, untrusted, exported, published, sanitised} x {all views, the Explorer}.

One notebook, run once in a real JupyterLab, serves all columns. Its data is hostile, so each column also shows that nothing
from data runs: no flag is set, no dialog opens, and no other host is asked.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gallery
import labkit
import nbformat
import pytest
from bleach.sanitizer import Cleaner
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary
from traitlets.config import Config

from labelscope.export.markup import TEMPLATES
from labelscope.export.notebook_page import publish_notebook

pytestmark = pytest.mark.browser

PLUGIN = "@jupyter-widgets/jupyterlab-manager:plugin"
WIDGETS = {PLUGIN: {"saveState": True}}
COLUMNS = ("live", "with state", "without state", "untrusted", "default", "template", "published", "pictures", "sanitised")
LAB = COLUMNS[:4]
ALLOWED = {"a", "b", "br", "code", "div", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "hr", "i", "img", "li", "ol", "p", "pre"}
ALLOWED |= {"s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"}
SCRIPTS = re.compile(r"<script\b.*?</script\s*>", re.DOTALL)
SCREENSHOTS = Path(__file__).parent / "screenshots"
PATIENCE_MS, LOOK_MS = 60_000, 250
SEEN = """
([place, pictured]) => {
    const area = document.querySelectorAll('.jp-CodeCell')[place]?.querySelector('.jp-OutputArea');
    if (!area) return 'no output';
    area.scrollIntoView();
    const text = area.innerText;
    const dead = ['model not found', 'Error displaying widget', 'Loading widget', 'Javascript Error'].find(words => text.includes(words));
    if (dead) return dead;
    const seen = node => {
        const { width, height } = node.getBoundingClientRect();
        return node.checkVisibility() && width >= 60 && height >= 20;
    };
    const drawn = node => !(node instanceof HTMLImageElement) || (node.complete && node.naturalWidth > 0);
    const pictures = [...area.querySelectorAll('img, canvas, svg.main-svg')].filter(node => seen(node) && drawn(node));
    if (pictured) return pictures.length ? '' : `no picture; text: ${text.slice(0, 200)}`;
    const read = [...area.querySelectorAll('table, pre, figure, h2')].some(seen) && text.trim().length > 40;
    return read ? '' : `too little: ${text.slice(0, 200)}`;
}
"""  # why nothing is seen of the output of a cell; empty where something is


LINKS = "() => [...document.querySelectorAll('.jp-OutputArea a, .jp-OutputArea area')].filter(a => /^javascript:/i.test(a.href)).length"


class Shown(NamedTuple):
    """A page in one column, and what went wrong on it."""

    page: Any
    errors: list[str]
    foreign: list[str]
    ran: Callable[[], Any]


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory) -> Iterator[labkit.Lab]:
    with labkit.Lab(tmp_path_factory.mktemp("viewers"), settings=WIDGETS) as lab:
        yield lab


def opened(browser, *, blocked: bool = False) -> Shown:
    """A page that notes errors, dialogs and requests; `blocked`: there is no network."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(120_000)
    errors, foreign = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: (errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    own = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "file:")
    page.on("request", lambda request: None if request.url.startswith(own) else foreign.append(request.url))
    if blocked:
        context.set_offline(True)
    return Shown(page, errors, foreign, lambda: page.evaluate("() => window.ran ?? null"))


@pytest.fixture(scope="module")
def live(browser, server) -> Iterator[Shown]:
    """The notebook as it was run in JupyterLab, then saved with the state of its widgets."""
    cells = [
        nbformat.v4.new_code_cell(code, id=name)
        for name, code in [("setup", gallery.SETUP), *((n, v.code) for n, v in gallery.VIEWS.items())]
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(metadata=metadata, cells=cells), server.root / "live.ipynb")
    shown = opened(browser)
    labkit.open_notebook(shown.page, server, "live.ipynb")
    labkit.run_all(shown.page)
    shown.page.get_by_role("application", name="Labelscope explorer").wait_for()
    yield shown
    shown.page.context.close()


@pytest.fixture(scope="module")
def saved(live, server) -> nbformat.NotebookNode:
    """The live notebook as JupyterLab saves it, its kernel ended."""
    labkit.command(live.page, "docmanager:save")
    live.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    found = nbformat.read(server.root / "live.ipynb", as_version=4)
    bad = [output for cell in found.cells if cell.cell_type == "code" for output in cell.outputs if output.output_type == "error"]
    assert not bad, bad[0].evalue
    assert found.metadata.widgets
    return found


def written(server, saved, column: str) -> str:
    """A copy of the notebook in the state that the column is about; its name."""
    copied = copy.deepcopy(saved)
    copied.metadata["title"] = column  # another content than the one that was run, so that it is not trusted by itself
    if column != "with state":
        copied.metadata.pop("widgets")
    name = f"{column.replace(' ', '-')}.ipynb"
    if column != "untrusted":
        NotebookNotary(data_dir=str(server.data)).sign(copied)
    nbformat.write(copied, server.root / name)
    return name


def exported(saved, folder: Path, column: str) -> Path:
    """The notebook as an HTML file, as the column has it."""
    path, copied = folder / f"{column}.html", copy.deepcopy(saved)
    if column == "published":
        nbformat.write(copied, folder / "in.ipynb")
        publish_notebook(path, folder / "in.ipynb")
        return path
    if column != "template":
        copied.metadata.pop("widgets")  # JupyterLab's default
    options: dict[str, Any] = {"template_name": "labelscope", "extra_template_basedirs": [str(TEMPLATES)]} if column == "template" else {}
    config = Config()
    if column in ("pictures", "sanitised"):  # a code host: no scripts, pictures before HTML, or the other way round
        first = ["image/png", "text/html"] if column == "pictures" else ["text/html", "image/png"]
        config.NbConvertBase.display_data_priority = [*first, "text/plain"]
        cleaner = Cleaner(tags=ALLOWED, attributes=["alt", "title", "scope", "src", "href"], strip=True)
        for output in (output for cell in copied.cells for output in cell.outputs):
            kept = {kind: content for kind, content in output.get("data", {}).items() if kind.startswith(("image/", "text/"))}
            output.data = kept | {"text/html": cleaner.clean(kept["text/html"])} if "text/html" in kept else kept
    exporter = HTMLExporter(config=config, **options)
    body, _ = exporter.from_notebook_node(copied, resources={"metadata": {"name": "gallery", "path": str(folder)}})
    path.write_text(SCRIPTS.sub("", body) if column in ("pictures", "sanitised") else body, "utf-8")
    return path


@pytest.fixture(scope="module", params=COLUMNS)
def column(request, browser, server, live, saved, tmp_path_factory) -> Iterator[tuple[str, Shown]]:
    """The notebook in one viewer."""
    if request.param == "live":
        yield request.param, live
        return
    shown = opened(browser, blocked=request.param not in LAB)
    if request.param in LAB:
        labkit.open_notebook(shown.page, server, written(server, saved, request.param))
    else:
        shown.page.goto(exported(saved, tmp_path_factory.mktemp("exported"), request.param).as_uri())
    yield request.param, shown
    shown.page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown().catch(() => null)")
    shown.page.context.close()


@pytest.mark.parametrize("view", gallery.VIEWS)
def test_is_seen(column, view):
    from playwright.sync_api import TimeoutError  # noqa: A004 - only where there is a browser

    name, shown = column
    pictured = gallery.VIEWS[view].pictured and name != "sanitised"  # there the words and the table of the page have to do
    asked = [1 + list(gallery.VIEWS).index(view), pictured]
    with contextlib.suppress(TimeoutError):
        shown.page.wait_for_function(f"asked => !({SEEN})(asked)", arg=asked, polling=LOOK_MS, timeout=PATIENCE_MS)
    assert shown.page.evaluate(SEEN, asked) == "", f"{view}, {name}"


def test_charts_are_live_where_scripts_may_run(column):
    name, shown = column
    area = shown.page.locator(".jp-CodeCell").nth(1 + list(gallery.VIEWS).index("long_tail")).locator(".jp-OutputArea-output")
    chart = area.locator(".js-plotly-plot svg.main-svg")
    if name in {"live", "with state", "without state", "template"}:
        area.hover(timeout=20_000)  # JupyterLab shows the saved picture until then
        chart.first.wait_for(timeout=20_000)
    else:
        assert not chart.count()


def test_nothing_failed_ran_or_was_fetched(column):
    name, shown = column
    shown.page.wait_for_load_state("networkidle")
    assert shown.ran() is None
    assert not shown.errors, shown.errors[:3]
    assert not shown.foreign or name == "default", shown.foreign[:3]  # nbconvert's own template names CDNs; here there is no network
    assert not [url for url in shown.foreign if "evil" in url]
    assert shown.page.evaluate(LINKS) == 0  # nor by a click
    SCREENSHOTS.mkdir(exist_ok=True)
    shown.page.screenshot(path=str(SCREENSHOTS / f"viewer-{name.replace(' ', '-')}.png"))


def test_the_published_explorer_shows_decisions_conflicts_and_the_audit(browser, server, saved):
    shown = opened(browser, blocked=True)
    page = shown.page
    page.set_default_timeout(20_000)
    page.goto((server.root / "explorer.html").as_uri())
    page.get_by_role("img", name=re.compile("^Map of 240 items")).wait_for()
    page.get_by_role("tab", name="Conflicts").click()
    page.locator(".ls-dispute", has_text="reviewers disagree").first.wait_for()
    page.get_by_role("tab", name="Accepted").click()
    page.get_by_role("listitem").first.wait_for()
    page.get_by_role("tab", name="Progress", exact=True).click()
    panel = page.get_by_role("tabpanel", name="Progress")
    panel.get_by_text("of 30 judged").wait_for()
    assert panel.get_by_role("table", name="Wrong cells by kind").is_visible()
    assert not panel.get_by_role("button").filter(visible=True).count()  # nothing to decide in a copy
    page.screenshot(path=str(SCREENSHOTS / "viewer-explorer.png"))
    assert shown.ran() is None
    assert not shown.errors
    assert not shown.foreign
    page.context.close()
