"""The Explorer with a million items in a real JupyterLab: speed, bytes, memory, and decisions that must not be lost.

    python benchmarks/explorer.py [--items 1000000] [--peer] [--no-scan] [--out DIR]

Each figure is printed with its bar. With a million items the stages are played (a map, probabilities and 100,000
suggestions are there at once): what is measured is the app. Then the real stages run on 54,000 comments (those of
../shared/data/goemotions, or made-up ones), and keys are pressed meanwhile. `--peer` shows the same million points with
plotly's own widget and, where the kernel can import it, with jupyter-scatter.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "browser"))
import labkit
import nbformat

from labelscope.review.ledger import Ledger

DATA = """
import os; os.environ["LABELSCOPE_CACHE"] = "off"  # no worker process: the stages are played
import resource, threading, numpy as np, polars as pl, scipy.sparse as sp, labelscope as ls
from types import SimpleNamespace
from labelscope.data.cell_scores import Scores
from labelscope.data.labels import from_sparse
from labelscope.session import Session
from labelscope.widgets.explorer import Explorer

def rss():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1e6

rng = np.random.default_rng(0)
n, k, m = N_ITEMS, 50, N_SUGGESTIONS
rows, columns = rng.integers(0, n, 3 * n), np.minimum(rng.geometric(0.08, 3 * n) - 1, k - 1)
labels = sp.csr_matrix((np.ones(3 * n, bool), (rows, columns)), shape=(n, k)); labels.sum_duplicates()
centres = rng.normal(size=(30, 2)) * 6
xy = (centres[rng.integers(0, 30, n)] + rng.normal(size=(n, 2))).astype("f4")
ids = pl.Series("item_id", np.arange(n))
items = pl.DataFrame({"item_id": ids, "text": pl.select(pl.format("comment {} about nothing much", pl.Series(np.arange(n)))).to_series()})
ds = ls.Dataset.from_arrays(labels, label_names=[f"label {i}" for i in range(k)], items=items, text="text", embeddings=xy)
cells = np.sort(rng.choice(n * 10, m, replace=False)); r, c = cells // 10, cells % 10
made = pl.DataFrame({"suggestion_id": pl.select(pl.format("{}.{}", pl.Series(r), pl.Series(c))).to_series(), "item_id": r,
    "label": np.array(ds.label_names)[c], "action": np.where(np.asarray(labels[r, c]).ravel(), "remove", "add"),
    "confidence": np.linspace(1, 0, m, dtype="f4"), "reason": pl.Series(["near items say so"]).new_from_index(0, m)})
P = np.full((n, k), 0.25, np.float32)
placed = SimpleNamespace(frame=pl.DataFrame({"item_id": ids, "x": xy[:, 0], "y": xy[:, 1]}))
scores = SimpleNamespace(items=pl.DataFrame({"item_id": r[:1000], "suspicion": np.linspace(1, 0.5, 1000)}).unique("item_id"))

class Played(Session):
    embeddings = property(lambda self: xy)
    first_map = map = property(lambda self: placed)
    predictions = property(lambda self: SimpleNamespace(cell_probabilities=Scores(P)))
    findings = property(lambda self: scores)

session = Played(ds, ledger="LEDGER", reviewer="ann", suggestions=SimpleNamespace(frame=made))
ds.fingerprint; ds.position(0)
before = rss()
"""
SHOW = "app = Explorer(session, name='A million')\napp"
PLOTLY = """
import plotly.graph_objects as go
figure = go.FigureWidget(go.Scattergl(x=xy[:, 0], y=xy[:, 1], mode='markers', marker=dict(size=2)))
figure
"""
SCATTER = """
import jscatter
scatter = jscatter.Scatter(x=xy[:, 0], y=xy[:, 1])
scatter.show()
"""
SCAN = """
import numpy as np, polars as pl, labelscope as ls
from pathlib import Path
rng, place = np.random.default_rng(0), Path("SHARED")
if place.is_dir():
    z = np.load(place / "data.npz", allow_pickle=False)
    keep = (z["truth"] >= 0).all(axis=1)
    labels, names = z["given_simulated"][keep], [str(name) for name in z["label_names"]]
    items = pl.read_parquet(place / "items.parquet").filter(pl.Series(keep)).select("item_id", "text")
    X = np.load(place / "emb_minilm.npy").astype("f4")[keep]
else:
    n, names = 54_000, [f"label {i}" for i in range(28)]
    main = np.minimum(rng.geometric(0.12, n) - 1, 27)
    labels = np.eye(28, dtype=np.int8)[main] ^ (rng.random((n, 28)) < 0.02)
    X = (rng.normal(size=(28, 384))[main] + 3 * rng.normal(size=(n, 384))).astype("f4")
    items = pl.DataFrame({"item_id": np.arange(n), "text": [f"comment {i} about {names[k]}" for i, k in enumerate(main)]})
ds = ls.Dataset.from_arrays(labels, label_names=names, embeddings=X, items=items, text="text")
"""
SHOW_SCAN = "app = ls.explore(ds, ledger='scan.sqlite', reviewer='ann', name='54 thousand')\napp"
WATCH_CHIPS = """
() => {
    window.spent = [];
    window.pressed = 0;
    window.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
    const seen = changes => {
        if (!window.pressed || !changes.some(change => change.target.closest?.('.ls-current .ls-chips'))) return;
        window.spent.push(performance.now() - window.pressed);
        window.pressed = 0;
    };
    const list = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .ls-list');
    new MutationObserver(seen).observe(list, { attributes: true, childList: true, subtree: true });
}
"""
WATCH = """
() => {
    const now = () => performance.now();
    window.spent = [];
    let pressed = 0;
    window.addEventListener('keydown', () => { pressed = now(); }, true);
    const count = [...document.querySelectorAll('.ls-tab')].find(tab => tab.ariaLabel === 'Accepted').querySelector('.ls-count');
    const seen = () => {
        if (pressed) window.spent.push(now() - pressed);
        pressed = 0;
    };
    new MutationObserver(seen).observe(count, { childList: true, characterData: true, subtree: true });
}
"""
FRAMES = """
async () => {
    const canvas = document.querySelector('.ls-canvas');
    const box = canvas.getBoundingClientRect();
    const at = (type, x, y) =>
        canvas.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, button: 0, pointerId: 1, bubbles: true }));
    canvas.setPointerCapture = () => {};
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const paint = [], spans = [];
    at('pointerdown', x, y);
    let last = await new Promise(requestAnimationFrame);
    for (let i = 1; i <= 60; i++) {
        at('pointermove', x + 40 * Math.sin(i / 6), y + 30 * Math.cos(i / 6));
        const next = await new Promise(requestAnimationFrame);
        spans.push(next - last); last = next;
        paint.push(Number(canvas.dataset.ms));
    }
    at('pointerup', x, y);
    for (let i = 0; i < 40; i++) {
        const turn = { deltaY: i < 20 ? -60 : 60, clientX: x, clientY: y, bubbles: true, cancelable: true };
        canvas.dispatchEvent(new WheelEvent('wheel', turn));
        const next = await new Promise(requestAnimationFrame);
        spans.push(next - last); last = next;
        paint.push(Number(canvas.dataset.ms));
    }
    const middle = values => values.sort((a, b) => a - b)[values.length >> 1];
    return [middle(spans), middle(paint)];
}
"""


INKED, NEAR = 0.06, 12  # share of pixels unlike the ground from which points are drawn; levels of grey that are like it
LONGEST_PEER, LONGEST_SCAN = 90, 200  # seconds
PATIENCE = 30  # seconds without a new decision after which no more come


class Bench:
    """One JupyterLab, one page, and what was measured."""

    def __init__(self, lab, page, out: Path) -> None:
        self.lab, self.page, self.out = lab, page, out
        self.received = 0
        self.figures: list[dict[str, object]] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, payload) -> None:
        self.received += len(payload)

    def note(self, name: str, value: float, bar: float | None = None, unit: str = "ms") -> None:
        """Print and keep one figure."""
        held = "" if bar is None else "  ok" if value <= bar else "  MISSED"
        limit = "" if bar is None else f"  (bar {bar:g})"
        print(f"{name:58s} {value:10.1f} {unit:4s}{limit}{held}", flush=True)
        self.figures.append({"name": name, "value": round(value, 2), "unit": unit, "bar": bar})

    def conclude(self) -> None:
        """Write the figures down, and say which bars were missed."""
        (self.out / "figures.json").write_text(json.dumps(self.figures, indent=1))
        missed = [figure["name"] for figure in self.figures if figure["bar"] is not None and figure["value"] > figure["bar"]]
        print(f"{sum(figure['bar'] is not None for figure in self.figures) - len(missed)} bars held, {len(missed)} missed: {missed}")

    def open(self, name: str, *cells: str) -> None:
        """A notebook of these cells, all but the last one run."""
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        made = [nbformat.v4.new_code_cell(cell, metadata={"jupyter": {"source_hidden": True}}) for cell in cells]
        nbformat.write(nbformat.v4.new_notebook(metadata=metadata, cells=made), self.lab.root / name)
        labkit.open_notebook(self.page, self.lab, name)
        for _ in cells[:-1]:
            labkit.command(self.page, "notebook:run-cell-and-select-next")
            self.page.wait_for_function(labkit.IDLE, timeout=300_000)

    def app(self):
        return self.page.get_by_role("application", name="Labelscope explorer")

    def kernel(self, code: str) -> str:
        return labkit.kernel(self.page, code)

    def drawn(self, n: int) -> None:
        """Wait until all points are on the canvas, in colour."""
        canvas = "document.querySelector('.ls-canvas')?.dataset"
        self.page.wait_for_function(f"() => {canvas} && Number({canvas}.drawn) === {n} && Number({canvas}.colours) > 0")

    def picture(self, name: str) -> None:
        self.app().screenshot(path=str(self.out / f"{name}.png"), animations="disabled")


def opening(bench: Bench, n: int) -> None:
    """Run the cell: until the points are drawn, and what came over the wire."""
    bench.received = 0
    start = time.perf_counter()
    labkit.command(bench.page, "notebook:run-cell")
    bench.drawn(n)
    bench.note("run to drawn", 1e3 * (time.perf_counter() - start), 2000)
    bench.note("received to open", bench.received / 1e6, 15, "MB")
    bench.app().get_by_role("listitem").first.wait_for()
    bench.note("run to the list of suggestions", 1e3 * (time.perf_counter() - start))
    bench.app().get_by_role("status").filter(has_text="Ready").wait_for(timeout=300_000)
    bench.note("received until the second map is there as well", bench.received / 1e6, unit="MB")
    bench.picture("a-million")


def moving(bench: Bench) -> None:
    """Pan and zoom, frame by frame."""
    frame, paint = bench.page.evaluate(FRAMES)
    bench.note("pan and zoom, frame to frame, median", frame, 33)
    bench.note("pan and zoom, painting alone, median", paint)


def recolouring(bench: Bench) -> None:
    """Colour by one label and by review."""
    spent, sizes = [], []
    for value in ("label:1", "review", "label:2", "labels"):
        before, bench.received = bench.page.evaluate("() => document.querySelector('.ls-canvas').dataset.colours"), 0
        start = time.perf_counter()
        bench.app().get_by_role("combobox", name="Colour by").select_option(value)
        bench.page.wait_for_function("before => document.querySelector('.ls-canvas').dataset.colours !== before", arg=before)
        spent.append(1e3 * (time.perf_counter() - start))
        sizes.append(bench.received / 1e6)
    bench.note("recolour, median", statistics.median(spent), 250)
    bench.note("received to recolour", max(sizes), 1.2, "MB")


def lassoing(bench: Bench, n: int) -> None:
    """From the end of the stroke to a frame in Python."""
    app = bench.app()
    app.get_by_role("button", name="Lasso").click()
    box = app.get_by_role("img", name="Map of").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    turn = [2 * math.pi * i / 40 for i in range(41)]
    labkit.drag(bench.page, [(x + box["width"] * 0.15 * math.cos(t), y + box["height"] * 0.15 * math.sin(t)) for t in turn])
    start = time.perf_counter()
    app.get_by_role("button", name="Clear selection").wait_for()
    selected = int(bench.kernel("frame = app.selection; print(frame.height)"))
    bench.note(f"lasso of {selected:,} items to a frame", 1e3 * (time.perf_counter() - start), 1500)
    bench.picture("a-million-lasso")
    app.get_by_role("button", name="Clear selection").click()
    app.get_by_role("button", name="Clear selection").wait_for(state="detached")
    app.get_by_role("button", name="Lasso").click()
    assert selected > 0.05 * n


def accepting(bench: Bench, n: int = 60) -> None:
    """From the key to the changed count, with the decision in the ledger."""
    app = bench.app()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    bench.page.evaluate(WATCH)
    for i in range(n):
        bench.page.keyboard.press("a")
        bench.page.wait_for_function(f"() => window.spent.length > {i}")
    spent = sorted(bench.page.evaluate("() => window.spent"))
    bench.note(f"accept by key, median of {n}", spent[n // 2], 100)
    bench.note("accept by key, 95th percentile", spent[int(0.95 * n)], 250)


def deciding(bench: Bench, n: int = 500) -> None:
    """As fast as the keyboard goes; then the kernel is killed and the page reloaded."""
    before = int(bench.kernel("print(len(app.decisions))"))
    start = time.perf_counter()
    for i in range(n):
        bench.page.keyboard.press("ars"[i % 3])
    count, at, found = "print(len(app.decisions))", start, before
    while found < before + n and time.perf_counter() - at < PATIENCE:
        time.sleep(0.2)
        now = int(bench.kernel(count))
        found, at = now, time.perf_counter() if now > found else at
    bench.note(f"{n} decisions by keyboard, each", 1e3 * (at - start) / n)
    bench.note(f"key presses of {n} that decided nothing", before + n - found, 0, "")
    process, fingerprint = bench.kernel("import os; print(os.getpid(), ds.fingerprint)").split()
    os.kill(int(process), signal.SIGKILL)
    bench.page.reload()
    kept = len(Ledger.open(bench.lab.root / "bench.sqlite", fingerprint=fingerprint).events())
    bench.note("decisions lost over a killed kernel and a reload", found - kept, 0, "")
    bench.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context?.isReady", timeout=120_000)
    bench.page.wait_for_function(labkit.IDLE)
    labkit.run_all(bench.page)
    again = bench.page.get_by_role("application", name="Labelscope explorer").last
    again.get_by_role("status").filter(has_text="Ready").wait_for(timeout=300_000)
    shown = sum(_counted(again, name) for name in ("Accepted", "Rejected", "Skipped"))
    standing = "print(app.decisions.filter(~pl.col('undone'))['suggestion_id'].n_unique())"
    bench.note("verdicts missing in the app opened anew", int(bench.kernel(standing)) - shown, 0, "")


def _counted(app, name: str) -> int:
    return int(app.get_by_role("tab", name=name, exact=True).locator(".ls-count").inner_text().replace(",", ""))


def reopening(bench: Bench, n: int = 20) -> None:
    """Open, use and close again and again."""
    code = """
import gc
from labelscope.stages.memory import give_back
for one in range({n}):
    again = Explorer(session, name='again'); again.wait(60); again.filter('is:pending'); again.close()
    del again
gc.collect()
give_back()  # what the allocator only keeps for later is not left behind
print(rss(), threading.active_count())
"""
    memory, threads = map(float, bench.kernel(code.format(n=3)).split())
    later, after = map(float, bench.kernel(code.format(n=n)).split())
    bench.note(f"memory left behind by {n} more views", later - memory, 100, "MB")
    bench.note(f"threads left behind by {n} more views", after - threads, 0, "")


def scanning(bench: Bench) -> None:
    """The real stages, while somebody changes labels by key; then what the saved notebook weighs."""
    from playwright.sync_api import TimeoutError as Late

    shared = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "goemotions"
    bench.open("scan.ipynb", SCAN.replace("SHARED", str(shared)), SHOW_SCAN)
    start = time.perf_counter()
    labkit.command(bench.page, "notebook:run-cell")
    app = bench.app()
    app.get_by_role("tab", name="All items", exact=True).click()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    bench.page.evaluate(WATCH_CHIPS)
    spent: list[float] = []
    ready = app.get_by_role("status").filter(has_text="Ready")
    while not ready.count() and time.perf_counter() - start < LONGEST_SCAN:
        bench.page.evaluate("() => { window.spent.length = 0; }")
        bench.page.keyboard.press("1")
        with contextlib.suppress(Late):  # once, when the suggestions come, the list is made anew under the key press
            bench.page.wait_for_function("() => window.spent.length", timeout=5000)
        spent.extend(bench.page.evaluate("() => window.spent"))
        bench.page.wait_for_timeout(60)
        if len(spent) % 5 == 0:
            bench.page.keyboard.press("j")
    spent.sort()
    bench.note("54k items: all stages, keys pressed meanwhile", time.perf_counter() - start, unit="s")
    bench.note(f"54k items, stages running: key to changed chip, median of {len(spent)}", spent[len(spent) // 2], 100)
    bench.note("54k items, stages running: key to changed chip, p95", spent[int(0.95 * len(spent))], 250)
    bench.note("54k items, stages running: key to changed chip, longest", spent[-1])
    bench.picture("scanned")
    labkit.command(bench.page, "docmanager:save")
    bench.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    bench.note("54k items: saved notebook", (bench.lab.root / "scan.ipynb").stat().st_size / 1e6, 3, "MB")
    end(bench)


def end(bench: Bench) -> None:
    """Shut the kernel of the notebook in sight down: the next figure gets the machine for itself."""
    bench.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => null)")


def peers(bench: Bench, n: int) -> None:
    """The same points with the widgets of others, until as many pixels of the output are painted."""
    _peer(bench, n, "plotly FigureWidget", PLOTLY)
    if json.loads(bench.kernel("import importlib.util, json; print(json.dumps(importlib.util.find_spec('jscatter') is not None))")):
        _peer(bench, n, "jupyter-scatter", SCATTER)
    else:
        print("jupyter-scatter: the kernel cannot import it; not measured")
    end(bench)


def _peer(bench: Bench, n: int, name: str, cell: str) -> None:
    bench.open(f"{name.split(maxsplit=1)[0]}.ipynb", bench.cells[0], cell)
    bench.received = 0
    start = time.perf_counter()
    labkit.command(bench.page, "notebook:run-cell")
    output = bench.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell-outputArea").last
    output.locator("canvas").first.wait_for(timeout=300_000)
    while _inked(output.screenshot()) < INKED:
        if time.perf_counter() - start > LONGEST_PEER:
            print(f"{name}: nothing was drawn in {LONGEST_PEER} s")
            return
    bench.note(f"{name}, {n:,} points: run to drawn", 1e3 * (time.perf_counter() - start))
    bench.note(f"{name}: received", bench.received / 1e6, unit="MB")
    (bench.out / f"peer-{name.split(maxsplit=1)[0]}.png").write_bytes(output.screenshot())


def _inked(picture: bytes) -> float:
    """Share of the pixels of a picture that are not as its ground, which most of them are."""
    from PIL import Image

    grey = Image.open(io.BytesIO(picture)).convert("L").histogram()
    return 1 - sum(grey[max(0, grey.index(max(grey)) - NEAR) :][: 2 * NEAR + 1]) / sum(grey)


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--no-scan", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("explorer-benchmark"))
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    n = options.items
    data = DATA.replace("N_ITEMS", str(n)).replace("N_SUGGESTIONS", str(n // 10)).replace("LEDGER", "bench.sqlite")
    with tempfile.TemporaryDirectory() as root, labkit.Lab(Path(root)) as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(args=labkit.CHROMIUM_ARGS, executable_path=labkit.find_chromium())
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.set_default_timeout(120_000)
        bench = Bench(lab, page, options.out)
        bench.cells = (data, SHOW)
        bench.open("million.ipynb", data, SHOW)
        opening(bench, n)
        moving(bench)
        recolouring(bench)
        lassoing(bench, n)
        accepting(bench)
        above = float(bench.kernel("print(rss() - before)"))
        bench.note("kernel memory above the data", above, 400, "MB")
        reopening(bench)
        labkit.command(page, "docmanager:save")
        page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
        bench.note(f"saved notebook with {n:,} items", (lab.root / "million.ipynb").stat().st_size / 1e6, 3, "MB")
        bench.app().locator(".ls-card-head").first.click()
        deciding(bench)
        end(bench)
        if not options.no_scan:
            scanning(bench)
        if options.peer:
            peers(bench, n)
        browser.close()
    bench.conclude()


if __name__ == "__main__":
    main()
