"""What a model says of each cell, in whatever form it comes: arrays, tables, files of other tools, estimators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.special import expit

from labelscope.audit.fiftyone_predictions import fiftyone_cells
from labelscope.compute.executor import row_blocks
from labelscope.data.checks import check_probabilities
from labelscope.data.companions import is_path, load_array, load_frame, open_file
from labelscope.data.dataset import Dataset
from labelscope.data.formats.hugging_face import table_of
from labelscope.data.frames import is_frame, to_polars
from labelscope.data.labels import LabelMatrix
from labelscope.data.limits import plain_array
from labelscope.data.positions import positions
from labelscope.data.read import read
from labelscope.data.repeated_keys import load_json
from labelscope.errors import DataError
from labelscope.models.out_of_fold import is_estimator, out_of_fold
from labelscope.models.predict import Predictions

__all__ = ["read_models"]

SCORES = ("probability", "score", "confidence", "value", "state", "prediction")
LISTS = ("labels", "predictions", "prediction", "predicted", "predicted_labels")
HALF = 0.5
NUMBERED = "LABEL_"  # what transformers calls labels without a name


def read_models(dataset: Dataset, models: Any) -> dict[str, sp.csr_matrix]:
    """The cells that each model says are positive: bool (n_items, n_labels), by the name of the model.

    Parameters
    ----------
    dataset : Dataset
    models : mapping of name to what :func:`labelscope.evaluate` takes

    Raises
    ------
    DataError
        If it is no mapping, or a model's predictions cannot be read, or are of other items or labels.
    """
    if not isinstance(models, Mapping) or not models:
        raise DataError(f"models: expected a mapping of name to predictions, got {_kind(models)}; write {{'my model': probabilities}}")
    return {str(name): _positives(dataset, given, f"models[{str(name)!r}]") for name, given in models.items()}


def _positives(dataset: Dataset, given: Any, role: str) -> sp.csr_matrix:
    if isinstance(given, LabelMatrix) or sp.issparse(given):
        return _of_sparse(dataset, given.positives if isinstance(given, LabelMatrix) else given, role)
    if is_path(given):
        return _of_file(dataset, given, role)
    table = table_of(given)
    if table is not None or is_frame(given):
        return _of_table(dataset, to_polars(given, role) if table is None else table[0], role)
    if isinstance(given, Sequence) and len(given) and _is_pipeline(given[0]):
        return _of_pipeline(dataset, given, role)
    return _decided(dataset, _numbers(dataset, given, role), role)


def _numbers(dataset: Dataset, given: Any, role: str) -> np.ndarray:
    """Probabilities or states, one a cell."""
    if isinstance(given, Predictions):
        return given.probabilities
    if is_estimator(given):
        return out_of_fold(dataset, given, name=role)
    logits = getattr(given, "predictions", None)  # what a trainer of transformers predicts: before the sigmoid
    return expit(np.asarray(logits, np.float64)) if isinstance(logits, np.ndarray) else plain_array(role, given)


def _decided(dataset: Dataset, numbers: np.ndarray, role: str) -> sp.csr_matrix:
    """The positives among probabilities or states; of one label an item, the most probable."""
    if numbers.dtype == bool:
        numbers = numbers.astype(np.int8)
    try:
        checked = check_probabilities(numbers, dataset.n_items, dataset.n_labels)
    except DataError as error:
        raise DataError(f"{role}: {str(error).removeprefix('probabilities: ')}") from None
    parts = []
    for block in row_blocks(dataset.n_items, dataset.n_labels * 8):
        rows = np.asarray(checked[block])
        positive = rows >= HALF
        if dataset.one_label_each and rows.dtype.kind == "f":
            positive = np.zeros(rows.shape, bool)
            positive[np.arange(len(rows)), rows.argmax(axis=1)] = True
        parts.append(sp.csr_matrix(positive))
    return sp.csr_matrix(sp.vstack(parts, format="csr"))


def _of_file(dataset: Dataset, given: Any, role: str) -> sp.csr_matrix:
    if Path(given).suffix.lower() == ".npy":
        return _decided(dataset, load_array(given, role), role)
    path = open_file(given, role)
    if path.suffix.lower() == ".json":
        try:
            told = load_json(path.read_bytes(), role)
        except (ValueError, UnicodeDecodeError) as error:
            raise DataError(f"{role}: expected JSON in {path.name}, got something else ({str(error)[:80]}); export it again") from None
        cells = fiftyone_cells(dataset, told, role)
        if cells is not None:
            return _of_cells(dataset, cells, role)
        if isinstance(told, list) and told and _is_pipeline(told[0]):
            return _of_pipeline(dataset, told, role)
    return _of_table(dataset, load_frame(path, role), role)


def _of_table(dataset: Dataset, table: pl.DataFrame, role: str) -> sp.csr_matrix:
    """Positives of a table: a row a cell (item_id, label, probability), a column a label, or a column of labels."""
    score = next((name for name in SCORES if name in table.columns), None)
    if {"item_id", "label"} <= set(table.columns):
        known = table.select("item_id", "label", score=pl.lit(1.0) if score is None else pl.col(score))
        return _of_cells(dataset, known, role)
    if set(dataset.label_names) <= set(table.columns):
        return _decided(dataset, _in_order(dataset, table, role).select(dataset.label_names).to_numpy(), role)
    lists = next((name for name in LISTS if name in table.columns), None)
    if lists is None:
        missing = next(name for name in dataset.label_names if name not in table.columns)
        got = ", ".join(table.columns[:8])
        raise DataError(
            f"{role}: expected a column for each label, or item_id, label and probability, or item_id and labels, got {got}; "
            f"there is no column {missing!r}"
        )
    made = read(_in_order(dataset, table, role), labels=lists, label_names=None)
    where = positions(
        pl.Series(made.label_names), pl.Series(dataset.label_names), expected=f"{role}: expected labels of the data set",
        remedy="rename or drop it",
    )  # fmt: skip
    spread = sp.csr_matrix((np.ones(len(where), bool), (np.arange(len(where)), where)), shape=(len(where), dataset.n_labels))
    return sp.csr_matrix(made.labels.positives @ spread, dtype=bool)


def _in_order(dataset: Dataset, table: pl.DataFrame, role: str) -> pl.DataFrame:
    """The rows in the order of the items."""
    if "item_id" not in table.columns:
        if table.height != dataset.n_items:
            raise DataError(
                f"{role}: expected {dataset.n_items:,} rows (one an item) or a column item_id, got {table.height:,} rows; add item_id"
            )
        return table
    where = _rows(dataset, table["item_id"], role)
    if table.height != dataset.n_items or len(np.unique(where)) != dataset.n_items:
        raise DataError(f"{role}: expected each of the {dataset.n_items:,} items once, got {table.height:,} rows; predict every item once")
    return table[np.argsort(where)]


def _of_cells(dataset: Dataset, cells: pl.DataFrame, role: str) -> sp.csr_matrix:
    """Positives of a frame item_id, label, score; cells that are not listed are negative."""
    try:
        score = cells["score"].cast(pl.Float64)
    except pl.exceptions.PolarsError:
        raise DataError(f"{role}: expected numbers as probabilities, got {cells['score'].dtype}; convert the column") from None
    if score.null_count() or not score.is_between(0, 1).all():
        raise DataError(f"{role}: expected probabilities in [0, 1], got others; apply a sigmoid to logits, drop empty rows")
    names = pl.Series(dataset.label_names, dtype=pl.String)
    columns = positions(cells["label"], names, expected=f"{role}: expected labels of the data set", remedy="rename or drop it")
    rows, values = _rows(dataset, cells["item_id"], role), score.to_numpy()
    flat = rows * dataset.n_labels + columns
    if len(np.unique(flat)) < len(flat):
        raise DataError(f"{role}: expected each cell once, got one twice; keep one, with .unique(['item_id', 'label'])")
    chosen = values >= HALF
    if dataset.one_label_each:
        best = pl.DataFrame({"row": rows, "value": values}).select(pl.col("value").max().over("row"))["value"].to_numpy()
        chosen = values == best
    return sp.csr_matrix((np.ones(int(chosen.sum()), bool), (rows[chosen], columns[chosen])), shape=dataset.labels.shape)


def _is_pipeline(first: Any) -> bool:
    """Whether this is what a transformers pipeline says of one item: a mapping of label and score, or a list of them."""
    one = first[0] if isinstance(first, list) and first else first
    return isinstance(one, Mapping) and {"label", "score"} <= set(one)


def _of_pipeline(dataset: Dataset, told: Sequence[Any], role: str) -> sp.csr_matrix:
    if len(told) != dataset.n_items:
        raise DataError(f"{role}: expected what a pipeline says of {dataset.n_items:,} items, got {len(told):,}; run it on every item")
    per_item = [said if isinstance(said, list) else [said] for said in told]
    flat = [one for said in per_item for one in said]
    if not all(isinstance(one, Mapping) and {"label", "score"} <= set(one) for one in flat):
        raise DataError(f"{role}: expected a label and a score for each, got something else; pass what the pipeline returns")
    rows = np.repeat(np.arange(len(per_item)), [len(said) for said in per_item])
    known = set(dataset.label_names)
    labels = [_named(str(one["label"]), dataset, known) for one in flat]
    cells = pl.DataFrame({"item_id": dataset.item_ids[rows], "label": labels, "score": [float(one["score"]) for one in flat]})
    return _of_cells(dataset, cells, role)


def _named(label: str, dataset: Dataset, known: set[str]) -> str:
    number = label.removeprefix(NUMBERED)
    if label in known or not label.startswith(NUMBERED) or not number.isdigit() or int(number) >= dataset.n_labels:
        return label
    return dataset.label_names[int(number)]


def _rows(dataset: Dataset, item_ids: pl.Series, role: str) -> np.ndarray:
    return positions(item_ids, dataset.item_ids, expected=f"{role}: expected items of the data set", remedy="drop the others")


def _of_sparse(dataset: Dataset, given: Any, role: str) -> sp.csr_matrix:
    """The positives among ones or probabilities that are stored sparse."""
    if given.shape != dataset.labels.shape:
        raise DataError(f"{role}: expected shape {dataset.labels.shape}, got {given.shape}; rows must be in the order of the items")
    matrix = sp.csr_matrix(given, dtype=np.float64)
    if not ((matrix.data >= 0) & (matrix.data <= 1)).all():
        raise DataError(f"{role}: expected ones or probabilities in a sparse matrix, got other values; apply a sigmoid to logits")
    matrix.data = (matrix.data >= HALF).astype(np.float64)
    matrix.eliminate_zeros()
    return sp.csr_matrix(matrix, dtype=bool)


def _kind(given: Any) -> str:
    return "an empty one" if isinstance(given, Mapping) else type(given).__name__
