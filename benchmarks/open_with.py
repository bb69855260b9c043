"""Open With > Labelscope on a large table: how long until a person can work, from the file browser, by mouse alone.

    python benchmarks/open_with.py [--table FILE | --data ../shared/data] [--items N] [--limit SECONDS] [--out DIR]

A real JupyterLab and a real Chromium. Default table: the comments of GoEmotions as Parquet, texts and lists of labels, no
embeddings. The clock starts at the click on "Labelscope" in the menu "Open With"; the form of the columns is confirmed as
soon as it is there. Printed: the time of each thing that a person sees, and when each stage in the kernel began and
ended. The table is opened twice: as on the first day (nothing is cached, new kernel), and again (what was computed is
found on the disk, the columns are not asked).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "browser"))
import labkit
import numpy as np
import polars as pl

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BAR = 20.0  # seconds until the map and the worklist are there and answer
READ_ALONG = """
() => {
    window.reported = [];
    const start = performance.now();
    const session = window.jupyterapp.shell.currentWidget.context.sessionContext;
    session.iopubMessage.connect((_, message) => {
        const content = message.content?.data?.content;
        if (content?.kind !== 'state' || !Array.isArray(content.body?.stages)) return;
        window.reported.push([performance.now() - start, content.body.stages.map(({ name, status }) => [name, status])]);
    });
}
"""
DRAWN = """n => {
    const canvas = document.querySelector('.ls-canvas')?.dataset;
    return canvas && Number(canvas.drawn) === n && Number(canvas.colours) > 0;
}"""


class Clock:
    """Seconds since the click, one line each."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.lines: list[dict[str, object]] = []

    def note(self, what: str, *, bar: float | None = None) -> float:
        """Print and keep when something was there."""
        at = time.perf_counter() - self.start
        held = "" if bar is None else f"  (bar {bar:g} s)  {'ok' if at <= bar else 'MISSED'}"
        sys.stdout.write(f"{at:8.2f} s  {what}{held}\n")
        sys.stdout.flush()
        self.lines.append({"what": what, "seconds": round(at, 2), "bar": bar})
        return at


def comments(data: Path, n: int | None) -> pl.DataFrame:
    """The comments of GoEmotions with the labels of a simulated rater."""
    found = np.load(data / "goemotions" / "data.npz", allow_pickle=False)
    names = found["label_names"].tolist()
    items = pl.read_parquet(data / "goemotions" / "items.parquet").select("item_id", "text")
    given = [[names[k] for k in np.flatnonzero(row == 1)] for row in found["given_simulated"]]
    return items.with_columns(labels=pl.Series(given, dtype=pl.List(pl.String))).slice(0, n)


def open_with(page, name: str) -> Clock:
    """By mouse, as a person does it; the clock starts with the last click."""
    page.mouse.move(2, 2)  # from where it was, the menu would not see it come
    page.locator(".jp-DirListing-item[data-isdir=false]", has_text=name).click(button="right")
    page.locator(".lm-Menu-itemLabel", has_text="Open With").hover()
    entry = page.locator(".lm-Menu-item[data-command='filebrowser:open']", has_text="Labelscope")
    entry.wait_for(timeout=20_000)
    clock = Clock()
    entry.click()
    return clock


def opening(page, name: str, n: int, out: Path, round_name: str, *, ask: bool, limit: float) -> dict[str, object]:
    """One opening, from the click until every stage is over."""
    sys.stdout.write(f"\n{round_name}\n")
    clock = open_with(page, name)
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.context?.sessionContext")
    page.evaluate(READ_ALONG)
    offset = time.perf_counter() - clock.start
    if ask:
        form = page.get_by_role("form", name=f"Columns of {name}")
        form.wait_for()
        clock.note("the form of the columns")
        page.screenshot(path=str(out / "form.png"))
        form.get_by_role("button", name="Open", exact=True).click()
    app = page.get_by_role("application", name="Labelscope explorer")
    app.wait_for()
    clock.note("the Explorer")
    page.wait_for_function(DRAWN, arg=n)
    clock.note("the map, every item drawn")
    page.screenshot(path=str(out / "map.png"))
    pick(page, app)
    clock.note("a click on the map shows an item", bar=BAR)
    page.screenshot(path=str(out / "picked.png"))
    app.get_by_role("button", name="Clear selection").click()
    app.get_by_role("list", name="Worklist").get_by_role("listitem").first.wait_for(timeout=limit * 1e3)
    clock.note("the worklist", bar=BAR)
    page.screenshot(path=str(out / "worklist.png"))
    app.get_by_role("button", name="Accept").first.click()
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    clock.note("a suggestion accepted")
    app.get_by_role("status").filter(has_text="Ready").wait_for(timeout=limit * 1e3)
    clock.note("every stage over, the second map drawn")
    page.screenshot(path=str(out / "ready.png"))
    return {"round": round_name, "timeline": clock.lines, "stages": stages(page, offset)}


def pick(page, app) -> None:
    """Click on the map until an item is picked: the middle of a map may be empty."""
    box = app.get_by_role("img", name="Map of").bounding_box()
    chip = app.get_by_role("button", name="Clear selection")
    for i in range(60):
        turn, reach = 2.4 * i, 0.06 * i**0.5
        page.mouse.click(
            box["x"] + box["width"] * (0.5 + reach * np.cos(turn) / 2), box["y"] + box["height"] * (0.5 + reach * np.sin(turn) / 2)
        )
        try:
            chip.wait_for(timeout=400)
        except Exception:  # noqa: BLE001, S112 - nothing was there
            continue
        return
    raise RuntimeError("no item under sixty clicks on the map")


def stages(page, offset: float) -> list[dict[str, object]]:
    """When each stage began and ended, as the kernel reported it."""
    spans: dict[str, list[float | None]] = {}
    for at, reported in page.evaluate("() => window.reported"):
        for name, status in reported:
            span = spans.setdefault(name, [None, None])
            now = offset + at / 1e3
            if status != "waiting" and span[0] is None:
                span[0] = now
            if status not in ("waiting", "running") and span[1] is None:
                span[1] = now
    for name, (began, ended) in spans.items():
        sys.stdout.write(f"    stage {name:14s} {began or 0:8.2f} to {ended or 0:8.2f} s\n")
    return [{"stage": name, "began": began, "ended": ended} for name, (began, ended) in spans.items()]


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, help="a table whose columns the guess gets right")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--items", type=int)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds to wait for the stages")
    parser.add_argument("--out", type=Path, default=Path("open-with-benchmark"))
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True, parents=True)
    with tempfile.TemporaryDirectory() as root, labkit.Lab(Path(root)) as lab, sync_playwright() as playwright:
        name = options.table.name if options.table else "comments.parquet"
        place = lab.root / name
        if options.table:
            place.write_bytes(options.table.read_bytes())
        else:
            comments(options.data, options.items).write_parquet(place)
        n = pl.scan_parquet(place).select(pl.len()).collect().item()
        browser = playwright.chromium.launch(args=labkit.CHROMIUM_ARGS, executable_path=labkit.find_chromium())
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.set_default_timeout(options.limit * 1e3)
        page.goto(lab.url("lab/workspaces/open-with"))
        page.wait_for_function("() => !!window.jupyterapp")
        page.evaluate("() => window.jupyterapp.restored.then(() => true)")
        labkit.command(page, "filebrowser:refresh")
        sys.stdout.write(f"{name}: {n:,} items, {place.stat().st_size / 1e6:.1f} MB\n")
        figures = [opening(page, name, n, options.out, "First opening: nothing cached", ask=True, limit=options.limit)]
        labkit.command(page, "application:close")
        time.sleep(3)
        figures.append(opening(page, name, n, options.out, "Second opening, in a new kernel", ask=False, limit=options.limit))
        browser.close()
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
