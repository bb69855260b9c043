"""Focus mode, grid mode and one key for 300 cells, in a real JupyterLab: 12-megapixel photos and small pictures.

    python benchmarks/focus_and_grid.py [--out DIR]

Each figure is printed with its bar. The photos are made here (4,000 x 3,000 pixels, JPEG, about 5 MB each); the stages are played,
so what is measured is the app. "cold": no picture was asked for before. A picture counts as shown once the browser has decoded it and
painted the next frame. The last part accepts a group of 300 unknown cells of 100,000 items by one key.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import zoom

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "browser"))
import labkit
from explorer import Bench

N_PHOTOS, N_MADE, WIDE, HIGH, SMALL = 60, 5, 4000, 3000, 480
PLAYED = """
import os; os.environ["LABELSCOPE_CACHE"] = "off"  # no worker process: the stages are played
import numpy as np, polars as pl, scipy.sparse as sp, labelscope as ls
from types import SimpleNamespace
from labelscope.data.cell_scores import Scores
from labelscope.session import Session
from labelscope.widgets.explorer import Explorer

class Played(Session):
    embeddings = property(lambda self: xy)
    first_map = map = property(lambda self: SimpleNamespace(frame=pl.DataFrame({"item_id": ds.item_ids, "x": xy[:, 0], "y": xy[:, 1]})))
    predictions = property(lambda self: SimpleNamespace(cell_probabilities=Scores(np.full(ds.labels.shape, 0.25, np.float32))))
    findings = property(lambda self: SimpleNamespace(items=pl.DataFrame({"item_id": ds.item_ids[:1], "suspicion": [1.0]})))

def suggested(rows, labels):
    n = len(rows)
    return SimpleNamespace(frame=pl.DataFrame({"suggestion_id": [f"s{k}" for k in range(n)], "item_id": ds.item_ids.gather(rows),
        "label": pl.Series(ds.label_names).gather(labels), "action": pl.Series(["add"]).new_from_index(0, n),
        "confidence": np.linspace(0.8, 0.5, n, dtype="f4"), "reason": pl.Series(["near items say so"]).new_from_index(0, n)}))
"""
PICTURES = """
rng = np.random.default_rng(0)
places = sorted(os.listdir("FOLDER"))
n = len(places)
xy = rng.normal(size=(n, 2)).astype("f4")
items = pl.DataFrame({"picture": places})
ds = ls.Dataset.from_arrays(np.eye(3, dtype=int)[np.zeros(n, int)], label_names=["sky", "sea", "sun"], items=items, image="picture",
    image_root="FOLDER")
session = Played(ds, ledger="FOLDER.sqlite", reviewer="ann", suggestions=suggested(np.arange(n), np.ones(n, int)))
"""
UNKNOWN = """
from labelscope.suggest.pseudo import PseudoLabels
n, k = 100_000, 28
rng = np.random.default_rng(0)
xy = rng.normal(size=(n, 2)).astype("f4")
states = np.where(rng.random((n, k)) < 0.05, 1, 0).astype(np.int8)
states[:400, :10] = -1
ds = ls.Dataset.from_arrays(states, label_names=[f"label {i}" for i in range(k)],
    items=pl.DataFrame({"item_id": np.arange(n), "text": [f"comment {i}" for i in range(n)]}), text="text")
cells = pl.DataFrame({"item_id": np.tile(np.arange(300), 10), "label": np.repeat([f"label {i}" for i in range(10)], 300)})
made = cells.with_columns(state=pl.lit(1, pl.Int8), probability=pl.lit(0.95, pl.Float32), method=pl.lit("conformal selection"))
none = pl.DataFrame(schema={"label": pl.String, "n_cells": pl.Int64, "reason": pl.String})

class Proposed(Played):
    pseudo_labels = property(lambda self: PseudoLabels(made, abstained=none))

session = Proposed(ds, ledger="unknown.sqlite", reviewer="ann", suggestions=suggested(np.arange(1000, 11000), np.arange(10000) % k))
"""
SHOW = "app = Explorer(session, name='NAME')\napp"
SHOWN = """
async ([pictures, n, least]) => {
    const found = () => [...document.querySelectorAll(pictures)].filter(image => image.naturalWidth >= least);
    while (found().length < n) await new Promise(requestAnimationFrame);
    await Promise.all(found().map(image => image.decode()));
    await new Promise(requestAnimationFrame);
    return performance.now() - window.pressed;
}
"""  # milliseconds from the last key to the frame in which all pictures are there
NEXT = """
async ([before, least]) => {
    const viewer = () => document.querySelector('.ls-viewer'), image = () => viewer()?.querySelector('img');
    const next = () => viewer() && viewer().ariaLabel !== before;
    while (!next()) await new Promise(requestAnimationFrame);
    const drawn = viewer().querySelector('canvas');  // in the pixels that it takes on the screen
    const fills = drawn && Math.max(drawn.width / viewer().clientWidth, drawn.height / viewer().clientHeight) / devicePixelRatio;
    if (drawn && fills < 0.99) throw new Error(`drawn in too few pixels: ${fills}`);
    if (!drawn) {
        while (!(image()?.naturalWidth >= least)) await new Promise(requestAnimationFrame);
        await image().decode();
    }
    await new Promise(requestAnimationFrame);
    const seen = performance.now() - window.pressed;
    while (!(image()?.naturalWidth >= least)) await new Promise(requestAnimationFrame);
    await image().decode();
    return [seen, performance.now() - window.pressed];
}
"""  # milliseconds until all of the next photo is seen, sharp at the size of its place, and until its own pixels are decoded
PAN = """
async () => {
    const viewer = document.querySelector('.ls-viewer'), { left, top, width, height } = viewer.getBoundingClientRect();
    const middle = { clientX: left + width / 2, clientY: top + height / 2 };
    const send = (kind, at) => viewer.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerId: 1, ...at }));
    viewer.setPointerCapture = () => {};
    send('pointerdown', middle);
    const spans = [];
    let last = await new Promise(requestAnimationFrame);
    for (let k = 1; k <= 120; k++) {
        send('pointermove', { clientX: middle.clientX + 400 * Math.sin(k / 8), clientY: middle.clientY + 300 * Math.cos(k / 11) });
        const next = await new Promise(requestAnimationFrame);
        spans.push(next - last);
        last = next;
    }
    send('pointerup', middle);
    spans.sort((a, b) => a - b);
    return [spans[60], spans[114]];
}
"""
WATCH_KEYS = "() => window.addEventListener('keydown', () => { window.pressed = performance.now(); }, true)"
ACCEPTED = """
async before => {
    const told = () => document.querySelector('.ls-result').textContent;
    while (told() === before || !told().includes('on 300 items')) await new Promise(requestAnimationFrame);
    return performance.now() - window.pressed;
}
"""


def photos(place: Path, n: int) -> None:
    """Photos of 12 megapixels: large soft shapes, and the noise of a sensor."""
    place.mkdir()
    rng = np.random.default_rng(0)
    noise = rng.normal(scale=7, size=(HIGH, WIDE, 3)).astype(np.float32)
    for k in range(n):
        path = place / f"{k:03d}.jpg"
        if k >= N_MADE:  # files of their own, which is what counts
            shutil.copy(place / f"{k % N_MADE:03d}.jpg", path)
            continue
        soft = zoom(rng.uniform(20, 235, (7, 9, 3)), (HIGH / 7, WIDE / 9, 1), order=1).astype(np.float32)
        Image.fromarray(np.clip(soft + noise, 0, 255).astype(np.uint8)).save(path, quality=92)
    print(f"a photo: {WIDE} x {HIGH}, {(place / '000.jpg').stat().st_size / 1e6:.1f} MB")


def small_pictures(large: Path, place: Path) -> None:
    """The same photos in a few hundred pixels."""
    place.mkdir()
    for path in sorted(large.iterdir()):
        with Image.open(path) as opened:
            opened.draft("RGB", (SMALL, SMALL))
            opened.thumbnail((SMALL, SMALL))
            opened.save(place / path.name, quality=90)


def show(bench: Bench, name: str, *cells: str) -> None:
    """Open a notebook with an app on these cells, and give its list the keys."""
    bench.open(f"{name}.ipynb", PLAYED + "".join(cells), SHOW.replace("NAME", name))
    labkit.command(bench.page, "notebook:run-cell")
    bench.app().get_by_role("status").filter(has_text="Ready").wait_for()
    bench.app().get_by_role("listitem").first.locator(".ls-card-head").click()
    bench.page.evaluate(WATCH_KEYS)


def grid(bench: Bench, kind: str, bar: float) -> None:
    """24 pictures at once, nothing of them asked for before; then the next 24."""
    page, tiles = bench.page, ".ls-gtile img"
    page.keyboard.press("g")
    bench.note(f"grid of 24 {kind}, cold", page.evaluate(SHOWN, [tiles, 24, 1]), bar)
    ratio = "() => Math.min(...[...document.querySelectorAll('.ls-gtile img')].map(i => i.naturalWidth / i.clientWidth / devicePixelRatio))"
    bench.note(f"grid of {kind}: pixels of a picture for one of the screen", page.evaluate(ratio), unit="")
    bench.picture(f"grid-{kind.replace(' ', '-')}")
    page.wait_for_timeout(5000)  # somebody looks at the 24
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.ls-grid-head').textContent.includes('36 items')")
    bench.note(f"the next 24 {kind}, 24 verdicts included", page.evaluate(SHOWN, [tiles, 24, 1]))
    page.keyboard.press("u")
    bench.app().get_by_role("status").filter(has_text="Undone").wait_for()
    page.keyboard.press("Escape")
    bench.app().get_by_role("grid").wait_for(state="detached")


def focus(bench: Bench, n: int = 12) -> None:
    """Large photos one after the other, then one of them moved about at its pixels."""
    page = bench.page
    page.keyboard.press("f")
    bench.note("focus mode: the first photo", page.evaluate(NEXT, ["", WIDE])[0])
    bench.picture("focus-photo")
    spent = []
    for _ in range(n):
        page.wait_for_timeout(2500)  # somebody looks at it, and the next ones are fetched
        before = page.locator(".ls-viewer").get_attribute("aria-label")
        watch = page.evaluate_handle(f"asked => ({{ seen: ({NEXT.strip()})(asked) }})", [before, WIDE])
        page.keyboard.press("j")
        spent.append(watch.evaluate("watch => watch.seen"))
    seen, whole = zip(*spent, strict=True)
    bench.note(f"focus mode: next photo of 12 megapixels, median of {n}", statistics.median(seen), 50)
    bench.note("focus mode: next photo, slowest", max(seen))
    bench.note("focus mode: next photo, its own pixels decoded, median", statistics.median(whole))
    page.locator(".ls-viewer").dblclick()
    page.locator(".ls-viewer.ls-zoomed").wait_for()
    middle, slow = page.evaluate(PAN)
    bench.note("a photo of 12 megapixels moved, frame to frame, median", middle, 33)
    bench.note("a photo of 12 megapixels moved, frame to frame, 95 %", slow)
    page.keyboard.press("Escape")


def one_key(bench: Bench, n: int = 7) -> None:
    """A group of 300 unknown cells accepted by one key."""
    bench.app().get_by_role("tab", name="Unknown").click()
    bench.app().get_by_role("region", name="Groups of unknown cells").wait_for()
    spent = []
    for k in range(n):
        bench.page.wait_for_function("() => document.activeElement?.matches('.ls-card.ls-current')")
        before = bench.page.locator(".ls-result").inner_text()
        bench.page.keyboard.press("Shift+A")
        spent.append(bench.page.evaluate(ACCEPTED, before))
        left = bench.app().locator(f'[aria-description="{3000 - 300 * (k + 1):,}"]')
        bench.app().get_by_role("tab", name="Unknown").and_(left).wait_for()
    bench.note(f"300 unknown cells by one key, median of {n}", statistics.median(spent), 250)
    bench.note("300 unknown cells by one key, slowest", max(spent))


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("focus-and-grid"))
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as root, labkit.Lab(Path(root)) as lab, sync_playwright() as playwright:
        photos(Path(root) / "photos", N_PHOTOS)
        small_pictures(Path(root) / "photos", Path(root) / "pictures")
        browser = playwright.chromium.launch(args=labkit.CHROMIUM_ARGS, executable_path=labkit.find_chromium())
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        bench = Bench(lab, page, options.out)
        for name, kind, bar in (("photos", "photos of 12 megapixels", 2000), ("pictures", "small pictures", 500)):
            show(bench, name, PICTURES.replace("FOLDER", name))
            grid(bench, kind, bar)
            if name == "photos":
                focus(bench)
        show(bench, "unknown", UNKNOWN)
        one_key(bench)
        browser.close()
    bench.conclude()


if __name__ == "__main__":
    main()
