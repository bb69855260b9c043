"""``labelscope compare``: two versions of a table, or a table and its ledger; one page on what the repair was worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from labelscope.cli.console import StageBars, say
from labelscope.cli.folder import SUMMARY, load_dataset
from labelscope.cli.table_options import LabelsOrNone, reads_table
from labelscope.data.file_names import check_file_name
from labelscope.data.files import check_target
from labelscope.data.inputs import input_files

__all__ = ["compare"]


@reads_table(labels=(LabelsOrNone, None), without=("probabilities", "votes", "taxonomy"))
def compare(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The table before, or the folder of its scan.")],
    new: Annotated[
        str, typer.Argument(metavar="NEW", help="The table after, the folder of its scan, or the ledger (file or database URL) of OLD.")
    ],
    reading: Any,
    out: Annotated[Path, typer.Option(help="HTML file to write; the same as JSON goes beside it.")] = Path("comparison.html"),
    ledger: Annotated[str | None, typer.Option(help="Ledger of OLD, for its audit and the effort; default: beside OLD.")] = None,
    model: Annotated[bool, typer.Option("--model/--no-model", help="Fit the default model on the labels before and after.")] = True,
    seed: Annotated[int, typer.Option(help="Seed of the folds.")] = 0,
) -> None:
    """Say what a repair was worth: cells changed by kind and label, errors and a model before and after, effort."""
    from labelscope.audit.compare import compare as compared
    from labelscope.export.comparison_page import json_beside, write_comparison

    with StageBars() as bars, bars.stage("Compare"):
        options = {name: value for name, value in reading.items() if value is not None}
        before, after = _version(old, "old"), _version(new, "new")
        told = compared(before, after, ledger=ledger, downstream=model, seed=seed, **options)
        inputs: list[tuple[str, str | Path]] = [("the table", Path(place)) for place in (old, new) if Path(place).is_file()]
        inputs += [pair for version in (before, after) if not isinstance(version, str) for pair in input_files(version)]
        for target in (out, json_beside(out)):
            check_target(target, name="--out", inputs=inputs)
        write_comparison(out, told, name=f"{Path(old).name} and {Path(new).name}", inputs=inputs)
    say(told.summary().removeprefix("Comparison: "))
    say(f"{out}; the same as {json_beside(out)}")


def _version(given: str, role: str) -> Any:
    """The data set of a scan's folder; any other path as it is."""
    if "://" in given:
        return given
    check_file_name(Path(given), role)
    return load_dataset(Path(given)) if (Path(given) / SUMMARY).is_file() else given
