"""Start a JupyterLab of its own and drive it: everything is local, with folders and a token of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]
SETTINGS = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none", "autoStartDefaultKernel": False},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
SAVED_MS = 90_000
DRAWN = """
() => {
    const canvas = document.querySelector('.ls-root canvas'), { width, height } = canvas;
    const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const ink = (x, y) => [0, 1, 2, 3].some(c => Math.abs(pixels[4 * (y * width + x) + c] - pixels[c]) > 40);
    const found = [];
    for (let y = 2; y < height - 2; y++)
        for (let x = 2; x < width - 2; x++)
            if (ink(x, y) && ink(x - 1, y) && ink(x + 1, y) && ink(x, y - 1) && ink(x, y + 1)) found.push([x / width, y / height]);
    return found.filter((_, k) => k % Math.ceil(found.length / 40) === 0);
}
"""  # where something is drawn, as shares of the canvas
IDLE = "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


def find_chromium() -> str | None:
    """Path of a Chromium of the system, or None to leave it to Playwright's own."""
    named = os.environ.get("LABELSCOPE_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Lab:
    """One JupyterLab server on a folder."""

    def __init__(self, root: Path, *, theme: str = "JupyterLab Light", settings: dict[str, dict[str, object]] | None = None) -> None:
        self.root, self.port, self.token = root, free_port(), "labelscope-test"
        self._state, self._settings = (
            root / ".lab",
            {**SETTINGS, "@jupyterlab/apputils-extension:themes": {"theme": theme}, **(settings or {})},
        )
        self.data = self._state / "data"  # JUPYTER_DATA_DIR: where it keeps which notebooks are trusted

    def __enter__(self):
        folders = {name: self._state / name for name in ("config", "settings", "workspaces", "runtime", "data", "ipython")}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        for plugin, values in self._settings.items():
            package, name = plugin.split(":")
            place = folders["settings"] / package
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{name}.jupyterlab-settings").write_text(json.dumps(values))
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(folders["config"]),
            "JUPYTER_RUNTIME_DIR": str(folders["runtime"]),
            "JUPYTER_DATA_DIR": str(folders["data"]),
            "JUPYTERLAB_SETTINGS_DIR": str(folders["settings"]),
            "JUPYTERLAB_WORKSPACES_DIR": str(folders["workspaces"]),
            "IPYTHONDIR": str(folders["ipython"]),
            "LABELSCOPE_CACHE": os.environ.get("LABELSCOPE_LAB_CACHE", str(self._state / "cache")),
            "XDG_DATA_HOME": str(folders["data"]),
            "HOME": str(self._state),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        self._log = (self._state / "server.log").open("wb")
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={self.port}",
            "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}",
            "--LabApp.expose_app_in_browser=True",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, env=environment, cwd=self.root)
        deadline = time.monotonic() + 90
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.url("api/status"), timeout=2).read()  # noqa: S310 - our own server
                return self
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._state / "server.log").read_text())
            time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()  # the server shuts its kernels down
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._log.close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"


def restored(page) -> None:
    """Wait until JupyterLab has put back what was open: before, it has no current document."""
    page.wait_for_function("() => !!window.jupyterapp")
    page.evaluate("() => window.jupyterapp.restored.then(() => true)")


def reload(page) -> None:
    """Load the page again, and wait until JupyterLab has put back what was open.

    Without the path of the document in the address: JupyterLab opens it once more when it comes to it, even if somebody has closed
    it by then.
    """
    page.goto(re.sub(r"/tree/[^?]*", "", page.url))
    restored(page)


def open_notebook(page, lab: Lab, name: str) -> None:
    """The notebook alone: no side bars, no restored workspace."""
    page.goto(lab.url(f"lab/workspaces/t-{time.monotonic_ns()}/tree/{name}"))
    restored(page)
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.context?.isReady")
    page.wait_for_function(IDLE)


def hover_item(page):
    """Move over the map until what it says of an item shows: the element that says it."""
    from playwright.sync_api import TimeoutError as Late

    canvas, words = page.locator(".ls-root canvas").first, page.locator(".ls-tip-labels")
    box = canvas.bounding_box()
    for x, y in page.evaluate(DRAWN):
        page.mouse.move(box["x"] + box["width"] * x - 3, box["y"] + box["height"] * y)
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        with contextlib.suppress(Late):  # a line or a letter was drawn there
            words.wait_for(timeout=1000)
            break
    words.wait_for()
    return page.locator(".ls-tooltip")


def command(page, name: str) -> None:
    page.evaluate("name => window.jupyterapp.commands.execute(name).then(() => null)", name)


def close(page) -> None:
    """Close the document in sight; where none is, "application:close" would do nothing and say nothing."""
    page.wait_for_function("() => !!window.jupyterapp.shell.currentWidget")
    command(page, "application:close")


@contextlib.contextmanager
def saving(page):
    """Do something that saves the document in sight, and wait until JupyterLab has it saved and would save it again.

    JupyterLab passes over a command to save that comes before the one before is over, its checkpoint included.
    """
    page.evaluate(
        """patience => {
            const { commands, shell } = window.jupyterapp;
            const { context } = shell.currentWidget;
            const states = [];
            const asked = new Promise(done => {
                const follow = (_, { id, result }) => {
                    if (id !== 'docmanager:save') return;
                    commands.commandExecuted.disconnect(follow);
                    result.then(() => done(null), done);
                };
                commands.commandExecuted.connect(follow);
            });
            const completed = new Promise(done => {
                const follow = (_, state) => {
                    states.push(state);
                    if (state !== 'completed') return;
                    context.saveState.disconnect(follow);
                    done(null);
                };
                context.saveState.connect(follow);
            });
            const late = new Promise((_, fail) => setTimeout(() => {
                const dirty = context.model.dirty ? 'has' : 'has no';
                fail(new Error(`expected the document to be saved, got ${states.join(', ') || 'no attempt'}; it ${dirty} changes`));
            }, patience));
            window.saved = Promise.race([Promise.all([asked, completed]), late]).then(() => null, error => String(error));
        }""",
        SAVED_MS,
    )
    yield
    trouble = page.evaluate("() => window.saved")
    assert trouble is None, trouble


def change_theme(page, theme: str) -> None:
    """Change to the "Light" or the "Dark" theme, and wait until the app has followed."""
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => null)", f"JupyterLab {theme}")
    page.wait_for_function("dark => document.querySelector('.ls-root').classList.contains('ls-dark') === dark", arg=theme == "Dark")
    page.wait_for_function(
        "() => !document.getElementById('jupyterlab-splash')"
    )  # JupyterLab takes it away twice if the next one comes sooner


def run_all(page) -> None:
    command(page, "notebook:run-all-cells")
    page.wait_for_function(IDLE)


def kernel(page, code: str) -> str:
    """What code prints in the notebook's kernel."""
    status, text = page.evaluate(
        """async code => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const future = kernel.requestExecute({ code });
            let out = '';
            future.onIOPub = message => { out += message.content.text ?? message.content.evalue ?? ''; };
            return [(await future.done).content.status, out];
        }""",
        code,
    )
    assert status == "ok", text
    return text.strip()


def drag(page, points) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def serious_findings(page, within: str = ".ls-root") -> list[str]:
    """What axe-core finds in a part of a page, as far as it is serious or critical, a line each."""
    from axe_playwright_python.sync_playwright import Axe  # where there is no Playwright the browser tests say so

    told = Axe().run(page, context=within, options={"resultTypes": ["violations"]}).response
    assert len(told["passes"]) > 10, "axe-core looked at next to nothing"
    return [
        f"{rule['id']} ({rule['impact']}), {rule['help']}: {node['html'][:160]}"
        for rule in told["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
