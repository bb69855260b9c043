"""Whether probabilities mean what they say: reliability, expected calibration error and Brier score by label.

Two questions that must not be mixed. Calibrated *to the labels as given*: of the cells at 0.8, eight in ten are given as positive;
finding wrong labels needs exactly that. Calibrated *to the truth*: eight in ten are true; only audited cells can tell,
and where labels are missed by the dozen the two are far apart.

The expected calibration error of all cells flatters a model of rare labels: nineteen in twenty cells are easy negatives
in the lowest bins. So it is also given where the positives are: bins of equal numbers of positives, weighted by them.
And it is never 0 for a finite sample: a perfectly calibrated model would show `ece_by_chance`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson
from labelscope.compute.progress import advance
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN, LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.models.audited_labels import audited_labels
from labelscope.models.calibration_error import Cells, MassBins, calibration_error, chance_error, count_cells, equal_mass
from labelscope.models.check_predictions import predictions_of
from labelscope.models.folds import assign_folds
from labelscope.models.histograms import column_blocks, take_columns
from labelscope.models.predict import Predictions
from labelscope.models.recalibration import fit_recalibration, known_cells

__all__ = ["Calibration", "CalibrationConfig", "calibration", "label_calibration"]

N_FOLDS = 5


@dataclass(frozen=True)
class CalibrationConfig:
    """How :func:`calibration` works.

    Attributes
    ----------
    n_bins : int
        Bins of equal numbers of cells (or of positives).
    """

    n_bins: int = 15


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Result):
    """How well probabilities match frequencies.

    Attributes
    ----------
    frame : polars.DataFrame
        label (null in the first row: all labels pooled), n (cells compared), n_positive, prevalence, mean_probability,
        ece, ece_by_chance (what a perfectly calibrated model would show on so few cells), ece_positives (in
        bins of equal numbers of positives, weighted by them; null without positives), brier; with audited cells also
        ece_recalibrated and brier_recalibrated (cross-fitted over the items) and curve ("isotonic", "own" or
        "shared"; null in the first row). Labels furthest beyond chance first.
    bins : polars.DataFrame
        label (null: pooled), equal ("cells" or "positives": what the bins hold equal numbers of), bin, n, mean_probability,
        share_positive, low, high (Wilson interval, 95%), start, stop (start <= probability < stop; infinity in the last bin); the pooled
        bins and those of each label.
    against : str
        "the labels as given" or "N audited cells".
    recalibrated : Predictions or None
        With audited cells: the predictions with probabilities of the truth (its log_loss is still that of the ones before).
        For people, thresholds and prediction sets; not for finding wrong labels.
    """

    bins: pl.DataFrame = field(default_factory=pl.DataFrame)
    against: str = "the labels as given"
    recalibrated: Predictions | None = None

    def summary(self) -> str:
        """One line of plain text."""
        pooled = self.frame.row(0, named=True)
        after = pooled.get("ece_recalibrated")
        gained = "" if after is None else f", {after:.3f} once recalibrated"
        return (
            f"Calibration of {self.frame.height - 1:,} labels to {self.against}: expected calibration error "
            f"{pooled['ece']:.3f} over all cells, {pooled['ece_positives']:.3f} where the positives are{gained}"
        )


@checked
def calibration(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    audited: Any = None,
    config: CalibrationConfig | None = None,
    seed: int = 0,
) -> Calibration:
    """How well the probabilities match the labels as given, or the truth as far as it was audited.

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions, optional
        Default: ``predict(dataset)``. Labels that are not scored are left out.
    audited : frame of (item_id, label, state), optional
        Cells that a person has checked; they take the place of the labels, and the predictions are recalibrated to
        them. Figures then speak of the audited cells: where these were drawn by their score, of more of the uncertain ones.
    config : CalibrationConfig, optional
    seed : int
        Of the folds that recalibrated probabilities are judged in.

    Returns
    -------
    Calibration

    Raises
    ------
    StageError
        If no label is scored, `n_bins` is less than 2, or nothing can be predicted.
    DataError
        If `audited` does not fit the data set.

    Notes
    -----
    Equal-mass bins: A. Kumar, P. Liang, T. Ma, *Verified uncertainty calibration* (NeurIPS 2019); equal widths would
    put nearly all cells of a rare label into one bin. Bounds of bins lie on the grid of :mod:`labelscope.models.histograms`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random((2000, 1))
    >>> ds = Dataset.from_arrays((rng.random((2000, 1)) < p).astype(int), probabilities=p)
    >>> bool(calibration(ds).frame["ece"][0] < 0.05)
    True
    """
    config = config or CalibrationConfig()
    if config.n_bins < 2:
        raise StageError(f"n_bins: expected at least 2, got {config.n_bins}")
    known = None if audited is None else audited_labels(dataset, audited)
    predictions = predictions_of(dataset, predictions)
    if not predictions.scored.any():
        raise StageError("calibration: expected a label with enough positives and negatives to be scored, got none; label more items")
    if known is None:
        frame, bins = _measure(dataset.labels, predictions, dataset.label_names, config.n_bins)
        return Calibration(_ranked(frame), bins)
    if not (known.n_positive + known.n_negative)[predictions.scored].any():
        raise StageError("audited: expected cells of labels that are scored, got none; audit labels with enough positives and negatives")
    frame, bins = _measure(known, predictions, dataset.label_names, config.n_bins)
    recalibrated, judged = _recalibrate(predictions, known, dataset.label_names, config.n_bins, seed)
    frame = frame.join(judged, on="label", how="left", nulls_equal=True, maintain_order="left")
    return Calibration(_ranked(frame), bins, f"{frame['n'][0]:,} audited cells", recalibrated)


def label_calibration(dataset: Dataset, predictions: Predictions, label: int) -> Calibration | None:
    """What :func:`calibration` says of one label, by its position, against the labels as given; the others are not measured.

    None where the label is not scored. It takes a hundredth of the time where there are a hundred labels.
    """
    if not predictions.scored[label]:
        return None
    column = slice(label, label + 1)
    cells = _count(take_columns(dataset.labels, column), predictions.cell_probabilities.columns(column), np.array([0]))
    frame, bins = _tables(cells, [dataset.label_names[label]], CalibrationConfig().n_bins)
    return Calibration(frame.filter(pl.col("n") > 0), bins)


def _ranked(frame: pl.DataFrame) -> pl.DataFrame:
    """The pooled row, then the labels that are furthest beyond chance."""
    return frame.sort(pl.col("label").is_null(), pl.col("ece") - pl.col("ece_by_chance"), descending=True, maintain_order=True)


def _measure(labels: LabelMatrix, predictions: Predictions, names: Sequence[str], n_bins: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames by label and by bin; labels that are not scored, and labels without a known cell, are left out."""
    tables: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    everything: Cells | None = None
    for columns in column_blocks(*labels.shape):
        scored = np.flatnonzero(predictions.scored[columns])
        if not len(scored):
            continue
        cells = _count(take_columns(labels, columns), predictions.cell_probabilities.columns(columns), scored)
        everything = cells.pooled() if everything is None else everything + cells.pooled()
        tables.append(_tables(cells, [names[columns.start + k] for k in scored], n_bins))
        advance("calibration", columns.stop / labels.shape[1])
    tables.insert(0, _tables(cast("Cells", everything), [None], n_bins))
    frame, bins = (pl.concat(part) for part in zip(*tables, strict=True))
    return frame.filter(pl.col("label").is_null() | (pl.col("n") > 0)), bins


def _count(labels: LabelMatrix, probabilities: np.ndarray, scored: np.ndarray) -> Cells:
    """Sums over the known cells of the scored labels of a block."""
    place = np.full(labels.shape[1], -1)
    place[scored] = np.arange(len(scored))
    total = None
    for block, states in labels.blocks(8 << 20):
        rows, columns = np.nonzero((states != UNKNOWN) & (place >= 0))
        part = count_cells(place[columns], states[rows, columns], probabilities[block][rows, columns], len(scored))
        total = part if total is None else total + part
    return cast("Cells", total)


def _tables(cells: Cells, names: Sequence[str | None], n_bins: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    even, by_positive = equal_mass(cells, n_bins), equal_mass(cells, n_bins, positives=True)
    n, n_positive = cells.n.sum(axis=1), cells.n_positive.sum(axis=1)
    frame = pl.DataFrame({
        "label": pl.Series(names, dtype=pl.String),
        "n": n.astype(np.int64),
        "n_positive": n_positive.astype(np.int64),
        "prevalence": n_positive / np.maximum(n, 1),
        "mean_probability": cells.probability.sum(axis=1) / np.maximum(n, 1),
        "ece": calibration_error(even),
        "ece_by_chance": chance_error(even),
        "ece_positives": calibration_error(by_positive),
        "brier": cells.squares / np.maximum(n, 1),
    })  # fmt: skip
    frame = frame.with_columns(ece_positives=pl.when(pl.col("n_positive") > 0).then("ece_positives"))
    return frame, pl.concat([_bin_table(even, names, "cells"), _bin_table(by_positive, names, "positives")])


def _bin_table(bins: MassBins, names: Sequence[str | None], equal: str) -> pl.DataFrame:
    row, group = np.nonzero(bins.n)
    n, hits = bins.n[row, group], bins.n_positive[row, group]
    low, high = wilson(hits, np.maximum(n, 1))
    return pl.DataFrame({
        "label": pl.Series(names, dtype=pl.String)[row],
        "equal": pl.repeat(equal, len(row), dtype=pl.String, eager=True),
        "bin": group,
        "n": n.astype(np.int64),
        "mean_probability": bins.mean[row, group],
        "share_positive": bins.share[row, group],
        "low": low,
        "high": high,
        "start": bins.start[row, group],
        "stop": bins.stop[row, group],
    })  # fmt: skip


def _recalibrate(
    predictions: Predictions, known: LabelMatrix, names: Sequence[str], n_bins: int, seed: int
) -> tuple[Predictions, pl.DataFrame]:
    """Recalibrated predictions, and how good they are by label, judged on audited items that the curves did not see."""
    rows, columns, states = known_cells(known)
    keep = predictions.scored[columns]
    rows, columns, states = rows[keep], columns[keep], states[keep]
    items = np.unique(rows, return_inverse=True)[1]
    folds = assign_folds(np.arange(items.max() + 1), N_FOLDS, seed)[items]
    held_out = np.zeros(len(rows), np.float32)
    for fold in np.unique(folds):
        mine, rest = folds == fold, folds != fold
        curves = fit_recalibration(rows[rest], columns[rest], states[rest], predictions.cell_probabilities)
        held_out[mine] = curves.apply_at(predictions.cell_probabilities.at(rows[mine], columns[mine]), columns[mine])
    curves = fit_recalibration(rows, columns, states, predictions.cell_probabilities)
    some, place = np.unique(columns, return_inverse=True)
    cells = count_cells(place, states, held_out, len(some))
    judged = pl.concat([_tables(cells.pooled(), [None], n_bins)[0], _tables(cells, [names[k] for k in some], n_bins)[0]])
    curve = pl.Series("curve", [None, *curves.kinds[some].tolist()], dtype=pl.String)
    judged = judged.select("label", ece_recalibrated="ece", brier_recalibrated="brier").with_columns(curve)
    probabilities = curves.apply(predictions.cell_probabilities)
    left = np.flatnonzero(~predictions.scored)
    probabilities[:, left] = predictions.cell_probabilities.columns(left)
    method = f"{predictions.method}, recalibrated on {len(rows):,} audited cells"
    frame = predictions.frame.with_columns(mean_probability=probabilities.mean(axis=0, dtype=np.float64))
    return replace(predictions, frame=frame, probabilities=probabilities, method=method), judged
