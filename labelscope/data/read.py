"""From a file or a frame to a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from warnings import warn

import polars as pl

from labelscope.data import companions
from labelscope.data.arguments import checked_but
from labelscope.data.checks import check_column
from labelscope.data.dataset import Dataset, assemble
from labelscope.data.images import image_folders, is_image_type
from labelscope.data.item_columns import as_names
from labelscope.data.one_label import TOLD, LabelsPerItem, one_label_each
from labelscope.data.opened import open_table, read_labels
from labelscope.data.readings.choose import Wishes
from labelscope.data.source import Source
from labelscope.data.typed import as_integers, typed_columns
from labelscope.errors import DataError, ReadingWarning

__all__ = ["read"]


@checked_but("labels")
def read(
    path: Any,
    *,
    labels: str | Sequence[str],
    text: str | Sequence[str] | None = None,
    image: str | None = None,
    id: str | None = None,  # noqa: A002 - the word of the public contract
    embeddings: Any = None,
    probabilities: Any = None,
    votes: Any = None,
    taxonomy: Any = None,
    unlisted: str = "negative",
    format: str | None = None,  # noqa: A002 - the word of the public contract
    label_names: Any = None,
    label_descriptions: Mapping[str, str] | None = None,
    labels_delimiter: str | None = None,
    labels_format: str | None = None,
    missing: Sequence[str] | None = None,
    empty: Sequence[str] | None = None,
    separator: str | None = None,
    columns: Sequence[str] | None = None,
    values: str | None = None,
    rater: str | Sequence[str] | None = None,
    image_root: Any = None,
    features: str | Sequence[str] | None = None,
    groups: str | None = None,
    split: str | None = None,
    labels_per_item: str | None = None,
) -> Dataset:
    r"""A data set from a table; an export (:func:`labelscope.export.corrected.export_labels`) reproduces that table.

    Parameters
    ----------
    path : path or data frame
        Parquet, CSV or TSV, JSON or JSON Lines, Arrow IPC or Feather, ARFF, the text of XMC and LIBSVM, each also packed
        (``.gz``, ``.zst``, ``.bz2``, ``.xz``); a folder of such files, or a pattern as ``"data/*.parquet"``; or a polars,
        pandas, Arrow or Hugging Face frame.
    labels : str or sequence of str
        One column that holds the positive labels of each item: lists of strings or of integer ids, JSON lists as text,
        text joined by a delimiter ("a;b", "a|b", "a, b"), or one label. A null says nothing of its item: all its cells
        are unknown. An empty list says that no label is positive (as does a blank in a CSV with joined text, which is
        how most programs write an empty text). Or a list of columns, one a label: 1 or true, 0 or false, and
        -1, null or blank for unknown.
    text, image : str, optional
        Column of the text, or several columns, as a title and a body, which are joined; column of image paths (relative to the
        folder of the table), bytes, or structs of both.
    id : str, optional
        Column of unique item ids, integers or strings. Default: `item_id` if there is one, else the row number.
    embeddings : path of a .npy file or array-like of shape (n_items, n_features), optional
        Finite numbers in the order of the rows; a file is memory-mapped.
    probabilities : path of a .npy file or array-like of shape (n_items, n_labels), optional
        Out of fold, in [0, 1].
    votes : path or frame of (item_id, rater, label, value), optional
        What single raters say, where it is not in the table: then see `rater`.
    taxonomy : path or taxonomy, optional
        A table of (parent, child) or with the parents of each label, a mapping of child to parent(s), pairs; as a file also
        a JSON tree or SKOS (RDF/XML, Turtle, N-Triples), whose concepts that are no label are bridged.
    unlisted : {"negative", "unknown"}
        What a label that is absent from an item's list means.
    format : {"parquet", "csv", "tsv", "jsonl", "json", "arrow", "arff", "xmc"}, optional
        Default: by the suffix of the file.
    label_names : sequence, mapping or path, optional
        The labels and their order: names; names of the ids 0, 1, ...; or id (or code) to name. As a path: JSON, or text
        with one name a line. Default: what occurs in the column, sorted.
    label_descriptions : mapping of label name to text, optional
    labels_delimiter : str, optional
        What joins labels in a column of text; "" if each cell is one label. Default: seen from the data.
    labels_format : str, optional
        How the column says its labels, as :func:`labelscope.inspect` names it ("json", "vector", "plus_minus_one", ...).
        Default: seen from the data; where two ways are as likely, reading stops and says what decides.
    missing : sequence of str, optional
        Texts that mean that nothing is known of an item. Default: "nan", "NA", "NULL", "None", "-" and the like, where
        they stand alone.
    empty : sequence of str, optional
        Words that stand among the labels and say that none applies, as "None of the above": they are no labels.
    separator : str, optional
        What stands between the fields of a CSV or TSV, one character. Default: seen from the file.
    columns : sequence of str, optional
        Names of the columns of a CSV or TSV that has no header line.
    values : str, optional
        For a long table, one row an (item, label): the column that says whether the label is there (1, 0, or blank for
        unknown). The rows of an item, as `id` says, are gathered. Where every row is a positive label, pass
        ``labels_format="long"`` instead.
    rater : str or sequence of str, optional
        For a table of several raters. One column: the one that names the rater of each row; the rows of an item, as `id` says, are
        joined. Several columns: each holds the labels that one rater gave, a blank being no answer; `labels` names the same columns,
        or another one with the given labels. What each rater says becomes a vote. The given state of a cell is what most say, and
        unknown where as many say yes as no; of raters who give one label each the label that most give counts, and an item on which
        two are given as often is unknown.
    image_root : path or sequence of paths, optional
        Folders below which image files may lie, besides the folder of the table; relative paths are looked for in them
        too. A path that leads anywhere else, also by a symbolic link, is not opened.
    features : str or sequence of str, optional
        Columns that predictions learn from beside the embeddings: numbers, words that recur, dates; gaps are allowed. A column
        that tells a label exactly is warned about: it was probably made from the labels.
    groups : str, optional
        Column (conversation, patient, sensor) whose equal values stay together: no item is judged by a model that saw another
        item of its group.
    split : str, optional
        Column that says what each item is for: training, validation, test. Default: `split`, if there is one.
    labels_per_item : {"one", "several"}, optional
        "one": a correction replaces the label of an item by another, and no item is left without one. "several": an item may
        have any number. Default: "one" where each cell is one label, or where twenty items or more have exactly one label each,
        no cell of them is unknown, and there is no taxonomy; a warning says so where the cells could hold several.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        On anything that is missing, broken, ambiguous or does not fit; one line that says how to mend it.

    Examples
    --------
    >>> ds = read(pl.DataFrame({"item_id": [7, 8], "tags": ["cat;dog", "dog"]}), labels="tags")
    >>> ds.label_names, ds.labels.dense().tolist()
    (('cat', 'dog'), [[1, 1], [0, 1]])
    """
    wishes = Wishes(unlisted, labels_delimiter, labels_format, companions.load_label_names(label_names), missing, empty=as_names(empty))
    opened, choice = read_labels(
        open_table(path, labels, wishes, format=format, separator=separator, columns=columns), id, next(iter(as_names(text)), None), values,
        rater,
    )  # fmt: skip
    if votes is not None and rater is not None:
        raise DataError("votes: expected no votes beside rater=, which makes votes of the table, got both; leave out one of them")
    table, encoding = opened.table, choice.encoding
    states, alone = encoding.decode(table), choice.offer.format == "single"
    one_each = one_label_each(LabelsPerItem.of(states), labels_per_item, alone=alone, taxonomy=taxonomy is not None)
    if one_each and labels_per_item is None and not alone:
        choice = replace(choice, warnings=(*choice.warnings, TOLD))
    for line in choice.warnings:
        warn(line, ReadingWarning, stacklevel=3)  # where read was called, not what checks its arguments
    arguments = _options(
        labels=_listed(labels), text=_listed(text), image=image, id=id, embeddings=embeddings, probabilities=probabilities, votes=votes,
        taxonomy=taxonomy, unlisted=unlisted, format=format, label_names=label_names, label_descriptions=label_descriptions,
        labels_delimiter=labels_delimiter, labels_format=labels_format, missing=None if missing is None else list(missing),
        empty=list(as_names(empty)) or None,
        separator=separator, columns=_listed(columns), values=values, rater=_listed(rater),
        features=_listed(features), groups=groups, split=split, labels_per_item=labels_per_item,
        image_root=None if image_root is None else [str(folder) for folder in image_folders(image_root)],
    )  # fmt: skip
    return assemble(
        _item_ids(table, id, textual=opened.textual),
        encoding.label_names,
        states,
        _items(table, encoding.columns, text, image, textual=opened.textual),
        text=text,
        image=image,
        embeddings=companions.load_array(embeddings, "embeddings"),
        probabilities=companions.load_array(probabilities, "probabilities"),
        votes=opened.votes if votes is None else companions.load_frame(votes, "votes"),
        taxonomy=None if taxonomy is None else companions.load_taxonomy(taxonomy),
        label_descriptions=label_descriptions,
        source=Source(table, opened.format, opened.path, encoding, arguments, opened.layout, choice),
        image_root=image_root,
        features=features,
        groups=groups,
        split=split,
        numbered=id is None and "item_id" not in table.columns,
        one_label_each=one_each,
    )


def _item_ids(table: pl.DataFrame, column: str | None, *, textual: bool) -> pl.Series:
    if column is None and "item_id" not in table.columns:
        return pl.Series("item_id", range(table.height), dtype=pl.Int64)
    name = "item_id" if column is None else column
    check_column(table, name, "id")
    ids = table[name]
    if isinstance(ids.dtype, (pl.Categorical, pl.Enum)):
        ids = ids.cast(pl.String)
    if textual:
        ids = as_integers(ids.set(ids == "", None))  # a blank id is a missing one
    return ids.alias("item_id")


def _items(
    table: pl.DataFrame, labels: tuple[str, ...], text: str | Sequence[str] | None, image: str | None, *, textual: bool
) -> pl.DataFrame | None:
    roles = [*(("text", name) for name in as_names(text)), *(("image", name) for name in as_names(image))]
    for role, column in roles:
        check_column(table, column, role)
        dtype = table[column].dtype
        if not (is_image_type(dtype) and (role == "image" or not isinstance(dtype, (pl.Binary, pl.Struct)))):
            wanted = "paths or bytes" if role == "image" else "text"
            raise DataError(f"{role}: expected a column of {wanted}, got {dtype} in {column!r}; name another column")
    shown = list(dict.fromkeys(name for _, name in roles))
    items = table.select(name for name in table.columns if name not in labels or name in shown)
    if not items.width:
        return None
    items = items.with_columns(pl.col(name).cast(pl.String) for name in shown if not isinstance(items[name].dtype, (pl.Binary, pl.Struct)))
    return typed_columns(items, keep=shown) if textual else items


def _listed(names: Any) -> Any:
    return names if isinstance(names, str) or names is None else [str(name) for name in names]


def _options(**given: Any) -> Mapping[str, Any]:
    """The arguments that a later reading needs, as JSON can hold them: files by their whole path, no arrays or frames."""
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if name in {"embeddings", "probabilities", "votes", "taxonomy", "label_names"} and companions.is_path(value):
            kept[name] = str(companions.open_file(value, name).resolve())
        elif isinstance(value, (str, list)) or (isinstance(value, Mapping) and name in {"label_names", "label_descriptions"}):
            kept[name] = value
        elif name == "label_names" and value is not None:
            kept[name] = [str(entry) for entry in value]
    return kept
