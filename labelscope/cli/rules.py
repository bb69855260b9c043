"""``labelscope rules``: what rules say about a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import labelscope
from labelscope.cli.console import say
from labelscope.cli.table_options import LabelsDelimiter, LabelsFormat, as_read
from labelscope.data.checks import check_column
from labelscope.data.companions import load_frame
from labelscope.data.inputs import input_files
from labelscope.data.table_files import check_table_file, write_table_file
from labelscope.voters.rule_file import read_rules

__all__ = ["rules"]

rules = typer.Typer(help="Apply rules that vote on labels.", no_args_is_help=True)


@rules.callback()
def _group() -> None:
    """Apply rules that vote on labels."""


@rules.command()
def apply(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="The file with the table.")],
    rules_file: Annotated[Path, typer.Option("--rules", help="JSON file of rules, as write_rules writes it.")],
    out: Annotated[Path, typer.Option(help="File to write the votes to: .csv or .parquet, for --votes of scan.")],
    labels: Annotated[list[str] | None, typer.Option(help="Label column or columns, where rules ask for other labels.")] = None,
    text: Annotated[str, typer.Option(help="Column with the text that is searched.")] = "text",
    id: Annotated[str | None, typer.Option(help="Column with unique item ids. Default: item_id, or the position.")] = None,  # noqa: A002 - the contract's name
    labels_delimiter: LabelsDelimiter = None,
    labels_format: LabelsFormat = None,
) -> None:
    """Write the votes of rules on a table: item_id, rater, label, value."""
    check_table_file(out, name="out")
    chosen = read_rules(rules_file)
    if labels:
        reading = as_read({"labels": labels, "labels_delimiter": labels_delimiter, "labels_format": labels_format})
        dataset = labelscope.read(table, text=text, id=id, **reading)
    else:
        items = load_frame(str(table), "table")
        check_column(items, text, "text")
        if id is not None:
            check_column(items, id, "id")
        names = list(dict.fromkeys(rule.label for rule in chosen))
        unknown = np.full((items.height, len(names)), -1, np.int8)
        ids = items[id] if id is not None else None
        dataset = labelscope.Dataset.from_arrays(unknown, label_names=names, items=items, item_ids=ids, text=text)
    votes = labelscope.rule_votes(dataset, chosen)
    inputs = [("the table", table), ("the rules", rules_file), *input_files(dataset)]
    write_table_file(votes, out, name="rules apply", inputs=inputs)
    say(f"{out}: {votes.height:,} votes of {len(chosen):,} rules on {votes['item_id'].n_unique():,} of {dataset.n_items:,} items")
