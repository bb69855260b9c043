"""How long a label page takes to show, with all stages done: from the click to the first figures, and to the examples.

    python benchmarks/label_page.py [--items 54000] [--labels 28]

Made-up data with embeddings, probabilities, splits and the votes of two raters, in headless Chromium. The first page of a session
measures what holds for all labels (calibration, thresholds, relations, splits, agreement); pages after it need their own label only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ["LABELSCOPE_CACHE"] = "off"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "browser"))
import labkit
import numpy as np
import playkit
import polars as pl

import labelscope as ls

BAR = 500  # milliseconds to the first figures
N_PAGES = 9
LONGEST = 120_000
PAINTED = """button => new Promise(done => {
  const start = performance.now(), root = button.getRootNode();
  const look = () => requestAnimationFrame(now =>
    [...root.querySelectorAll("h3")].some(h => h.textContent === "Counts") ? done(now - start) : look());
  button.click();
  look();
})"""  # timed in the page: the kernel shares its process with this script


def data_set(n: int, k: int) -> ls.Dataset:
    """Labels of falling frequency that the embeddings tell, 4 % of the cells wrong."""
    rng = np.random.default_rng(0)
    common = 0.3 / (1 + np.arange(k)) + 0.002
    centres = rng.normal(size=(k, 32)).astype("f4")
    truth = rng.random((n, k)) < common
    embeddings = truth.astype("f4") @ centres + rng.normal(size=(n, 32)).astype("f4")
    sure = np.clip(np.where(truth, 0.8, 0.03) + rng.normal(0, 0.1, (n, k)), 0.001, 0.999).astype("f4")
    given = truth ^ (rng.random((n, k)) < np.where(truth, 0.04, 0.002))
    names = [f"label {i:02d}" for i in range(k)]
    items = pl.DataFrame({
        "item_id": np.arange(n), "text": [f"comment {i} about nothing much" for i in range(n)],
        "split": rng.choice(["train", "valid", "test"], n, p=[0.8, 0.1, 0.1]),
    })  # fmt: skip
    rows = np.repeat(np.arange(n // 10), 2)
    votes = pl.DataFrame({
        "item_id": rows, "rater": np.tile(["ann", "bob"], n // 10), "label": names[0],
        "value": (truth[rows, 0] ^ (rng.random(len(rows)) < 0.05)).astype(np.int8),
    })  # fmt: skip
    return ls.Dataset.from_arrays(
        given.astype(np.int8), label_names=names, items=items, text="text", embeddings=embeddings, probabilities=sure, votes=votes
    )


def main() -> None:
    """Print what each page takes."""
    from playwright.sync_api import sync_playwright

    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--items", type=int, default=54_000)
    asked.add_argument("--labels", type=int, default=28)
    of = asked.parse_args()
    with tempfile.TemporaryDirectory() as root, sync_playwright() as playwright:
        session = ls.Session(data_set(of.items, of.labels), ledger=f"{root}/ledger.sqlite", reviewer="ann")
        browser = playwright.chromium.launch(args=labkit.CHROMIUM_ARGS, executable_path=labkit.find_chromium())
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(LONGEST)
        app = playkit.play(page, session)
        app.get_by_role("tab", name="Labels").click()
        took: list[tuple[float, float]] = []
        for name in session.dataset.label_names[:N_PAGES]:
            button = app.get_by_role("button", name=f"Label page: {name}")
            button.scroll_into_view_if_needed()
            dialog = app.get_by_role("dialog", name=f"Label page: {name}")
            start = time.perf_counter()
            figures = button.evaluate(PAINTED)
            dialog.get_by_role("heading", name="Typical").wait_for()
            took.append((figures, 1000 * (time.perf_counter() - start)))
            page.keyboard.press("Escape")
            dialog.wait_for(state="detached")
        browser.close()
        session.close()
    rest = [statistics.median(column) for column in zip(*took[1:], strict=True)]
    print(f"{of.items:,} items x {of.labels} labels; milliseconds from the click")
    for title, (figures, examples) in (("first page", took[0]), (f"median of {len(took) - 1} more", tuple(rest))):
        print(f"{title}: figures {figures:.0f}, examples {examples:.0f}")
    print(f"bar: figures within {BAR} ms: {'met' if took[0][0] <= BAR and rest[0] <= BAR else 'MISSED'}")


if __name__ == "__main__":
    main()
