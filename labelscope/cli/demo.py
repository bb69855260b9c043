"""``labelscope demo``: the whole path on synthetic data, from a table to corrected labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import labelscope
from labelscope.cli.console import StageBars, say
from labelscope.cli.folder import REPORT
from labelscope.cli.scan import FILES, scan_dataset
from labelscope.compute.meter import Usage, measure
from labelscope.data.file_names import check_file_name
from labelscope.data.files import add_to_mark, write_files
from labelscope.data.folders import new_folder
from labelscope.data.mark import refuse_foreign
from labelscope.errors import StageError

__all__ = ["demo"]

NOTEBOOK, NOTEBOOK_COPY = "00_quickstart.ipynb", "quickstart.ipynb"
CORRECTED = "corrected.parquet"
ACCEPT_ABOVE = 0.5


def demo(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("demo-out"),
    items: Annotated[int, typer.Option(min=20, help="Number of synthetic scenes.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    notebook: Annotated[bool, typer.Option(help="Also execute the quickstart notebook.")] = True,
) -> None:
    """Scan synthetic data, write its report, execute the quickstart notebook and export corrected labels."""
    check_file_name(out, "--out")
    refuse_foreign(out, [NOTEBOOK_COPY, CORRECTED, f"{CORRECTED}.changes.jsonl"], "--out")
    with StageBars() as bars:
        usage: dict[str, Usage] = {}
        with bars.stage("Synthetic data"), measure() as usage["read"]:
            files = labelscope.write_demo(out / "data", items, seed=seed)
            arguments = _arguments(files)
            dataset = labelscope.read(files.table, **arguments)
        with new_folder(out / "scan", name="--out", files=FILES, report=REPORT) as folder:
            summary = scan_dataset(dataset, folder, bars, usage, seed=seed)
        with bars.stage("Export"):
            found = _export(out, dataset, seed)
        if notebook:
            with bars.stage("Quickstart notebook"):
                _execute(out / NOTEBOOK_COPY)
    planted = labelscope.demo_truth(items, seed=seed).found(found)
    kinds = {row["kind"]: f"{row['n_found']} of {row['n_planted']}" for row in planted.iter_rows(named=True)}
    right = planted["n_found"][-1] / max(1, found.height)
    say(
        f"Synthetic data: {summary['counts']['n_items']:,} scenes, {summary['counts']['n_labels']} labels. {found.height:,} suggestions, "
        f"{right:.0%} of them planted errors; found {kinds['spurious']} wrong labels and {kinds['missing']} missed ones.\n"
        f"  {out / 'scan' / 'report.html'}: what is wrong with the labels (opens offline)\n"
        f"  {out / CORRECTED}: the table with suggestions of confidence {ACCEPT_ABOVE:g} and more applied\n"
        f"  {out / CORRECTED}.changes.jsonl: every change"
        + (f"\n  {out / NOTEBOOK_COPY}: the quickstart, executed" if notebook else "")
        + "\nGo on: make lab (or: jupyter lab, and open the quickstart), then labelscope scan YOUR_TABLE --labels COLUMN --out DIR"
    )


def _arguments(files: Any) -> dict[str, Any]:
    import json

    arguments: dict[str, Any] = json.loads(files.arguments.read_text(encoding="utf-8"))
    return {**arguments, "votes": str(files.votes), "taxonomy": str(files.taxonomy)}


def _export(out: Path, dataset: Any, seed: int) -> Any:
    from labelscope.cli.scan_tables import load_frame
    from labelscope.session import Session
    from labelscope.suggest.relabel import Suggestions

    suggestions = Suggestions(load_frame(out / "scan", "suggestions", dataset))
    Session(dataset, seed=seed, suggestions=suggestions).export(out / CORRECTED, accept_above=ACCEPT_ABOVE)
    add_to_mark(out, dict.fromkeys((CORRECTED, f"{CORRECTED}.changes.jsonl"), "export"))
    return suggestions.frame


def _execute(path: Path) -> None:
    """Execute the quickstart beside the demo's files; its outputs are saved with it.

    Raises
    ------
    StageError
        If a cell fails, with the first line of its error.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    package = Path(labelscope.__file__).parent
    source = next(p for p in (package / "notebooks" / NOTEBOOK, package.parent / "notebooks" / NOTEBOOK) if p.exists())
    notebook = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    # without the widgets' state, viewers that have no kernel fall back on the pictures instead of an empty widget
    options: dict[str, Any] = {"timeout": 600, "kernel_name": "python3", "store_widget_state": False}
    client = NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}, **options)
    try:
        client.execute()
    except CellExecutionError as error:
        raise StageError(f"quickstart: expected every cell to run, got {error.ename}: {error.evalue}; run it in JupyterLab") from error
    text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    write_files({path: lambda file: file.write(f"{text}\n".encode())}, name="demo", inputs=())
    add_to_mark(path.parent, {path.name: "demo"})
