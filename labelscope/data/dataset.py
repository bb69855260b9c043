"""The data set: items, tri-state labels and everything that may come with them. Immutable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from warnings import warn

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.cache import content_key
from labelscope.data import checks
from labelscope.data import labels as labels_module
from labelscope.data.cell_scores import Scores
from labelscope.data.frames import is_frame, to_polars
from labelscope.data.images import Images, image_folders
from labelscope.data.item_columns import as_names, check_features, check_plain, join_texts
from labelscope.data.labels import LabelMatrix
from labelscope.data.leaks import find_leaks
from labelscope.data.one_label import LabelsPerItem, one_label_each
from labelscope.data.source import Source
from labelscope.data.taxonomy import Taxonomy
from labelscope.data.votes import Votes
from labelscope.errors import DataError, ReadingWarning

__all__ = ["Dataset", "to_polars"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A multi-label data set. Make one with :meth:`from_arrays` or :func:`labelscope.read`.

    Attributes
    ----------
    item_ids : polars.Series, shape (n_items,)
        Unique, never null; integers or strings.
    label_names : tuple of str, shape (n_labels,)
    labels : LabelMatrix, shape (n_items, n_labels)
        The labels as given, each cell 1, 0 or -1.
    items : polars.DataFrame, n_items rows
        All other columns of the table; `item_id` is always there.
    text, image : str or None
        Name of the column of `items` that holds the text, or the path or bytes of the image.
    text_columns : tuple of str
        Where several columns make the text: their names. `text` is then a further column of `items` that joins them.
    embeddings : array, shape (n_items, n_features), or None
        As given (a memory map stays one).
    probabilities : array, shape (n_items, n_labels), or None
        The user's own out-of-fold probabilities.
    votes : Votes or None
    taxonomy : Taxonomy or None
    label_descriptions : mapping of label name to text
    source : Source or None
        The table it came from, which an export reproduces.
    image_folders : tuple of pathlib.Path
        Folders below which image files may lie, besides that of the table.
    features : tuple of str
        Columns of `items` that predictions learn from beside the embeddings.
    groups : str or None
        Column of `items` whose equal values stay together wherever predictions are made out of fold.
    split : str or None
        Column of `items` that names the split of each item, where it was named.
    numbered : bool
        Whether the item ids are the numbers of the rows, because nothing else was given.
    one_label_each : bool
        Whether each item has one label: then one label replaces another, and no item is left without.
    """

    item_ids: pl.Series
    label_names: tuple[str, ...]
    labels: LabelMatrix
    items: pl.DataFrame
    text: str | None = None
    image: str | None = None
    embeddings: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    votes: Votes | None = None
    taxonomy: Taxonomy | None = None
    label_descriptions: Mapping[str, str] | None = None
    source: Source | None = None
    image_folders: tuple[Path, ...] = ()
    text_columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    groups: str | None = None
    split: str | None = None
    numbered: bool = False
    one_label_each: bool = False

    @property
    def cell_probabilities(self) -> Scores | None:
        """The user's own probabilities, as the stages ask for them."""
        return None if self.probabilities is None else Scores(self.probabilities)

    @classmethod
    def from_arrays(
        cls,
        labels: Any,
        *,
        label_names: Sequence[str] | None = None,
        item_ids: Any = None,
        embeddings: Any = None,
        items: Any = None,
        probabilities: Any = None,
        votes: Any = None,
        taxonomy: Any = None,
        label_descriptions: Mapping[str, str] | None = None,
        text: str | Sequence[str] | None = None,
        image: str | None = None,
        image_root: Any = None,
        features: str | Sequence[str] | None = None,
        groups: str | None = None,
        split: str | None = None,
        labels_per_item: str | None = None,
    ) -> Dataset:
        """A data set from what is in memory.

        Parameters
        ----------
        labels : array-like of shape (n_items, n_labels), sparse matrix, or list of lists
            Dense: states 1, 0 and -1. Sparse: the positives, all else negative. Lists: label names or indices.
        label_names : sequence of str, optional
            Default: the names that occur in the lists, or "0", "1", ...
        item_ids : sequence of int or str, optional
            Default: the column `item_id` of `items`, or 0, 1, ...
        embeddings : array-like of shape (n_items, n_features), optional
            float16 to float64, finite.
        items : polars, pandas or Arrow frame of n_items rows, optional
        probabilities : array-like of shape (n_items, n_labels), optional
            In [0, 1], out of fold.
        votes : frame of (item_id, rater, label, value), optional
            `value`: 1, 0 or -1.
        taxonomy : optional
            Frame or pairs of (parent, child) label names, a mapping of child to parent(s), or a
            :class:`labelscope.data.taxonomy.Taxonomy`.
        label_descriptions : mapping of label name to text, optional
        text, image : str, optional
            The columns of `items` to show (and to embed where `embeddings` is not given). `text` may be several columns, as a
            title and a body: they are joined.
        image_root : path or sequence of paths, optional
            Folders below which the files of an image column may lie. Default: the current folder.
        features : str or sequence of str, optional
            Columns of `items` that predictions learn from beside the embeddings: numbers, words or dates.
        groups : str, optional
            Column of `items` (conversation, patient, sensor) whose equal values stay together in folds.
        split : str, optional
            Column of `items` that says what each item is for: training, validation, test. Default: `split`, if there is one.
        labels_per_item : {"one", "several"}, optional
            "one": a correction replaces the label of an item by another, and no item is left without one. Default: "several", also
            where each item has one, because code that makes arrays can say it.

        Raises
        ------
        DataError
            If anything does not fit: shape, states, duplicates, non-finite values, unknown items or labels.

        Examples
        --------
        >>> ds = Dataset.from_arrays([["cat", "dog"], ["dog"], []])
        >>> ds.label_names, ds.labels.dense().tolist()
        (('cat', 'dog'), [[1, 1], [0, 1], [0, 0]])
        """
        matrix, names = _labels(labels, label_names)
        table = to_polars(items, "items") if items is not None else None
        ids = _item_ids(item_ids, table, matrix.shape[0])
        one_each = one_label_each(LabelsPerItem.of(matrix), labels_per_item or "several", alone=False, taxonomy=taxonomy is not None)
        return assemble(
            ids, names, matrix, table, text=text, image=image, embeddings=embeddings, probabilities=probabilities,
            votes=votes, taxonomy=taxonomy, label_descriptions=label_descriptions, image_root=image_root, features=features, groups=groups,
            split=split,
            numbered=item_ids is None and (table is None or "item_id" not in table.columns), one_label_each=one_each,
        )  # fmt: skip

    @property
    def n_items(self) -> int:
        """Number of items."""
        return self.labels.shape[0]

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return self.labels.shape[1]

    @property
    def has_content(self) -> bool:
        """Whether there is anything to embed: embeddings, a text or an image."""
        return self.embeddings is not None or self.text is not None or self.image is not None

    @cached_property
    def fingerprint(self) -> str:
        """Hash of item ids, label names and given labels: what a decision is about."""
        ids, positives, exceptions = self.item_ids.cast(pl.String), self.labels.positives, self.labels.exceptions
        return content_key(  # ids as one text and its lengths: a million of them take no time one by one
            str(self.item_ids.dtype), ids.str.len_bytes().to_numpy(), "".join(ids), list(self.label_names), self.labels.default,
            positives.indptr.astype(np.int64), positives.indices.astype(np.int64),
            exceptions.indptr.astype(np.int64), exceptions.indices.astype(np.int64),
        )  # fmt: skip

    @cached_property
    def images(self) -> Images:
        """The images of the items, opened when asked for.

        Raises
        ------
        DataError
            If there is no image column.
        """
        if self.image is None:
            raise DataError("image: expected a data set with an image column, got none; name it with image=")
        path = self.source.path if self.source is not None else None
        folder = Path.cwd() if path is None else path.absolute() if path.is_dir() else path.absolute().parent
        return Images(self.items[self.image], self.item_ids, (folder, *self.image_folders))

    def position(self, item_id: object) -> int:
        """Row of an item.

        Raises
        ------
        DataError
            If there is no such item.
        """
        row = self._rows.get(str(item_id))
        if row is None:
            raise DataError(f"item: expected one of the {self.n_items:,} item ids, got {item_id!r}")
        return row

    def has_item(self, item_id: object) -> bool:
        """Whether there is an item of this id."""
        return str(item_id) in self._rows

    def label_position(self, label: str | int) -> int:
        """Column of a label, by name or by position.

        Raises
        ------
        DataError
            If there is no such label.
        """
        if isinstance(label, (int, np.integer)) and 0 <= label < self.n_labels:
            return int(label)
        column = self._columns.get(str(label))
        if column is None:
            raise DataError(f"label: expected one of the {self.n_labels:,} label names, got {label!r}")
        return column

    def has_label(self, name: str) -> bool:
        """Whether there is a label of this name."""
        return name in self._columns

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {item: row for row, item in enumerate(self.item_ids.cast(pl.String).to_list())}

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {label: column for column, label in enumerate(self.label_names)}

    def __repr__(self) -> str:
        unknown = self.labels.n_unknown.sum() / max(1, self.n_items * self.n_labels)
        return (
            f"Dataset of {self.n_items:,} items x {self.n_labels:,} labels: {self.labels.n_positive.sum():,} positive cells"
            f", {unknown:.1%} of cells unknown"
        )


def assemble(
    item_ids: pl.Series, label_names: tuple[str, ...], labels: LabelMatrix, items: pl.DataFrame | None, *,
    text: str | Sequence[str] | None, image: str | None, embeddings: Any, probabilities: Any, votes: Any, taxonomy: Any,
    label_descriptions: Mapping[str, str] | None, source: Source | None = None, image_root: Any = None,
    features: str | Sequence[str] | None = None, groups: str | None = None, split: str | None = None, numbered: bool = False,
    one_label_each: bool = False,
) -> Dataset:  # fmt: skip
    """A data set of checked parts: the one place where parts from arrays and from files are checked.

    Raises
    ------
    DataError
        On the first part that does not fit.
    """
    n_items, n_labels = labels.shape
    checks.check_labels(labels, label_names)
    checks.check_ids(item_ids, n_items)
    table = checks.check_items(items, item_ids, n_items)
    text_columns = as_names(text)
    if len(text_columns) > 1:
        table, text = join_texts(table, text_columns)
    else:
        text, text_columns = next(iter(text_columns), None), ()
    if image is not None:
        checks.check_column(table, image, "image")
    for role, column in (("text", text), ("groups", groups), ("split", split)):
        check_plain(table, as_names(column), role)
    check_features(table, as_names(features))
    if label_descriptions is not None:
        checks.check_descriptions(label_descriptions, label_names)
    dataset = Dataset(
        item_ids=item_ids,
        label_names=label_names,
        labels=labels,
        items=table,
        text=text,
        image=image,
        embeddings=None if embeddings is None else checks.check_embeddings(embeddings, n_items),
        probabilities=None if probabilities is None else checks.check_probabilities(probabilities, n_items, n_labels),
        votes=votes if votes is None or isinstance(votes, Votes) else Votes.build(to_polars(votes, "votes"), item_ids, label_names),
        taxonomy=None
        if taxonomy is None
        else Taxonomy.build(to_polars(taxonomy, "taxonomy") if is_frame(taxonomy) else taxonomy, label_names),
        label_descriptions=label_descriptions,
        source=source,
        image_folders=image_folders(image_root),
        text_columns=text_columns,
        features=as_names(features),
        groups=groups,
        split=split,
        numbered=numbered,
        one_label_each=one_label_each,
    )
    if image is not None:
        dataset.images.check_paths()
    for feature, label in find_leaks(table, dataset.features, labels, label_names).items():
        warn(
            f"features: {feature!r} tells the label {label!r} of every item; leave it out if it was made from the labels",
            ReadingWarning,
            stacklevel=4,
        )
    return dataset


def _labels(labels: Any, label_names: Sequence[str] | None) -> tuple[LabelMatrix, tuple[str, ...]]:
    if label_names is None and hasattr(labels, "columns"):  # a frame names its labels itself
        label_names = list(labels.columns)
    names = None if label_names is None else tuple(str(name) for name in label_names)
    if sp.issparse(labels):
        matrix = labels_module.from_sparse(labels)
    elif isinstance(labels, (list, tuple)) and _ragged(labels):
        items, columns, names = labels_module.index_lists(labels, names)
        return labels_module.from_lists(items, columns, (len(labels), len(names))), names
    else:
        matrix = labels_module.from_dense(labels)
    return matrix, names if names is not None else tuple(str(k) for k in range(matrix.shape[1]))


def _ragged(rows: Sequence[Any]) -> bool:
    """Whether a list of lists names labels, rather than being a dense table written as lists."""
    if not all(isinstance(row, (list, tuple, set, frozenset)) for row in rows):
        return False
    if any(isinstance(value, str) for row in rows for value in row):
        return True
    lengths = {len(row) for row in rows}
    return len(lengths) > 1 or any(value not in (0, 1, -1) for row in rows for value in row)


def _item_ids(item_ids: Any, items: pl.DataFrame | None, n_items: int) -> pl.Series:
    if item_ids is None:
        if items is not None and "item_id" in items.columns:
            return items["item_id"]
        return pl.Series("item_id", np.arange(n_items))
    try:
        return pl.Series("item_id", item_ids)
    except TypeError:
        raise DataError("item_ids: expected integers or strings of one type, got a mix; convert them with str()") from None
