"""The options that say how a table is read, of the same names as the arguments of :func:`labelscope.read`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

__all__ = ["Labels", "LabelsDelimiter", "LabelsFormat", "UnlistedOrNone", "as_read", "reads_table"]


class Unlisted(str, Enum):
    """What a label that an item does not list means."""

    negative = "negative"
    unknown = "unknown"


class PerItem(str, Enum):
    """How many labels an item may have."""

    one = "one"
    several = "several"


Labels = Annotated[
    list[str], typer.Option(help="Label column; or several columns, one a label: repeat it, or join names without a comma by commas.")
]
LabelsOrNone = Annotated[list[str] | None, typer.Option(help="Label column or columns; default: those that look like it.")]
LabelsDelimiter = Annotated[
    str | None,
    typer.Option(
        help="What joins the labels of a text cell, where it is not clear (\\t: a tab, \\n: a line end); empty: one label a cell."
    ),
]
LabelsFormat = Annotated[
    str | None, typer.Option(help="How the labels are written, where it is not clear; `labelscope inspect` lists the ways.")
]
LabelNames = Annotated[Path | None, typer.Option(help="Names of the labels: JSON, a CSV with the columns id and name, or one name a line.")]
Missing = Annotated[
    list[str] | None, typer.Option(help="Text that means that nothing is known of an item (repeat for more); empty: no text does.")
]
Empty = Annotated[list[str] | None, typer.Option(help="Word among the labels that says that none applies (repeat for more).")]
Values = Annotated[str | None, typer.Option(help="Column of a long table that says whether the label of its row is there (1 or 0).")]
Rater = Annotated[
    list[str] | None,
    typer.Option(help="Column that names the rater of each row; or, repeated, columns with the labels of one rater each."),
]
Separator = Annotated[str | None, typer.Option(help="What stands between the fields of a CSV, where it is not clear; \\t is a tab.")]
Columns = Annotated[list[str] | None, typer.Option(help="Names of the columns of a CSV without a header line: repeat, or join by commas.")]
Text = Annotated[list[str] | None, typer.Option(help="Column with the text; repeat it for several, as title and body.")]
Image = Annotated[str | None, typer.Option(help="Column with the image (path or bytes).")]
ImageRoot = Annotated[
    list[Path] | None, typer.Option(help="Folder below which image files may lie, besides that of INPUT (repeat for more).")
]
Id = Annotated[str | None, typer.Option(help="Column with unique item ids; rows are numbered without it.")]
Embeddings = Annotated[Path | None, typer.Option(help=".npy of shape (n_items, n_features), rows as in the table.")]
Probabilities = Annotated[Path | None, typer.Option(help=".npy of shape (n_items, n_labels), out of fold.")]
Votes = Annotated[Path | None, typer.Option(help="Table of item_id, rater, label, value.")]
Taxonomy = Annotated[Path | None, typer.Option(help="Table of parent and child; JSON; or SKOS (.rdf, .ttl, .nt).")]
UnlistedLabels = Annotated[Unlisted, typer.Option(help="What a label that an item does not list means.")]
UnlistedOrNone = Annotated[Unlisted | None, typer.Option(help="What a label that an item does not list means: negative or unknown.")]
LabelsPerItem = Annotated[
    PerItem | None,
    typer.Option(help="Whether an item has one label, which a correction replaces, or several; default: seen from the data."),
]
Features = Annotated[
    list[str] | None, typer.Option(help="Column to learn from beside the embeddings: numbers, words or dates (repeat for more).")
]
Groups = Annotated[
    str | None, typer.Option(help="Column (patient, conversation) whose equal values are not split between training and test.")
]
Split = Annotated[str | None, typer.Option(help="Column that says what each item is for: training, validation, test.")]
Format = Annotated[str | None, typer.Option(help="Format of INPUT where its name does not tell.")]


TYPED = {r"\t": "\t", r"\n": "\n"}  # as messages write what no key of the command line types

OPTIONS: dict[str, tuple[Any, Any]] = {  # what each is, and its default, in the order of the help
    "labels": (LabelsOrNone, None),
    "text": (Text, None),
    "image": (Image, None),
    "image_root": (ImageRoot, None),
    "id": (Id, None),
    "embeddings": (Embeddings, None),
    "probabilities": (Probabilities, None),
    "votes": (Votes, None),
    "taxonomy": (Taxonomy, None),
    "unlisted": (UnlistedLabels, Unlisted.negative),
    "labels_delimiter": (LabelsDelimiter, None),
    "labels_format": (LabelsFormat, None),
    "labels_per_item": (LabelsPerItem, None),
    "label_names": (LabelNames, None),
    "missing": (Missing, None),
    "empty": (Empty, None),
    "values": (Values, None),
    "rater": (Rater, None),
    "separator": (Separator, None),
    "columns": (Columns, None),
    "features": (Features, None),
    "groups": (Groups, None),
    "split": (Split, None),
    "format": (Format, None),
}


def reads_table(*, without: Collection[str] = (), **instead: tuple[Any, Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that say how a table is read, in the place of its parameter `reading`.

    The command gets there what was typed, as arguments of :func:`labelscope.read`.

    Parameters
    ----------
    without : collection of str
        Options that it does not take.
    **instead : tuple of (type, default)
        Options that are other than elsewhere.
    """
    declared = {name: of for name, of in (OPTIONS | instead).items() if name not in without}
    options = [Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind) for name, (kind, default) in declared.items()]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(command, include_extras=True)
        own = [of.replace(annotation=hints[of.name]) for of in signature(command).parameters.values()]
        at = [of.name for of in own].index("reading")
        taken = Signature([*own[:at], *options, *(of.replace(kind=Parameter.KEYWORD_ONLY) for of in own[at + 1 :])])

        @wraps(command)
        def run(*given: Any, **typed: Any) -> None:
            bound = taken.bind(*given, **typed)
            bound.apply_defaults()
            said = bound.arguments
            reading = as_read({name: said.pop(name) for name in declared})
            command(**said, reading=reading)

        run.__signature__ = taken  # type: ignore[attr-defined] # what typer reads
        run.__annotations__ = {name: of.annotation for name, of in taken.parameters.items()}
        return run

    return decorate


def as_read(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Options as arguments of :func:`labelscope.read`; what was typed is taken as it is, blanks included."""
    return {name: _argument(name, value) for name, value in typed.items()}


def _argument(name: str, value: Any) -> Any:
    if name in {"labels", "text", "rater"}:
        return value[0] if value and len(value) == 1 else value or None
    if name in {"separator", "labels_delimiter"}:
        return TYPED.get(value, value)
    if name == "missing" and value == [""]:
        return []
    if name == "columns" and value and len(value) == 1:
        return value[0].split(",")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return value or None if isinstance(value, (list, tuple)) else value
