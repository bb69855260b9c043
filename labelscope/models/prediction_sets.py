"""Label sets that hold the truth as often as stated: what is certain of an item, and what remains possible.

Two guarantees, and what they cost. *Per label* (Mondrian inductive conformal prediction: Vovk, Lindsay, Nouretdinov and Gammerman 2003): of
the cells that are positive at least the stated share keep "positive" among their possible states, and the same of
negative cells, for each label. The commoner state is held to as many errors as the rarer one may have, so that "certain"
means something for a rare label. A label with fewer than 1 / (1 - coverage) - 1 positives can exclude nothing and stays
possible everywhere. *Label set* (Papadopoulos 2014; the power set of the labels as the space): the item's whole set is
among the predicted ones with the stated probability. Its sets grow fast where the model is weak.

The nonconformity of a set is its negative log-likelihood under independent labels; powers of |state - p|, as in the paper,
gave larger sets of sets at the same coverage (``benchmarks/RESULTS.md``). The most likely set comes first, every flip of a label
costs its absolute log-odds, and the sets within the calibrated budget are those of the cheapest flips: exact, without listing
2^n_labels.

An item is judged by the cells of other folds of items, so no cell speaks for itself, and the coverage that comes back
is held out. Calibrated to the labels as given the sets hold what *would be given*; audited cells make it what is true.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.models.audited_labels import audited_labels
from labelscope.models.check_predictions import predictions_of
from labelscope.models.folds import assign_folds
from labelscope.models.predict import Predictions
from labelscope.models.set_regions import Budgets, Region, best_first, label_bounds, set_budgets

__all__ = ["PredictionSets", "SetConfig", "prediction_sets"]

Method = Literal["per_label", "label_set"]


@dataclass(frozen=True)
class SetConfig:
    """How :func:`prediction_sets` works.

    Attributes
    ----------
    n_folds : int
        Parts of the items; each is calibrated on the others.
    max_sets : int
        Where the count and the listing of sets stop.
    max_listed : int
        Most labels named of an item in each column, the most probable first.
    """

    n_folds: int = 5
    max_sets: int = 1000
    max_listed: int = 20


@dataclass(frozen=True, eq=False, repr=False)
class PredictionSets(Result):
    """Certain and possible labels of each item.

    Attributes
    ----------
    frame : polars.DataFrame
        item_id, n_certain, n_possible (not certain, not excluded), n_sets (label sets within the prediction; the cap
        `max_sets` stands for that many or more; 0 where no set is usual enough), certain, possible (lists of label
        names, the most probable first, cut at `max_listed`).
    labels : polars.DataFrame
        label, n_positive, n_negative, covered_positive, covered_negative (held-out share of known cells of each state that
        keep their state as possible; null where there is none), share_possible (of all cells undecided).
    coverage : float
        As stated.
    realised : float
        Held out: the smaller of the shares of known positive and of known negative cells that are covered ("per_label"), or
        of items whose labels are all known ("label_set").
    method : str
    against : str
        "the labels as given" or "N audited cells".
    region : Region or None
        What the label sets of an item are listed from.
    """

    labels: pl.DataFrame = field(default_factory=pl.DataFrame)
    coverage: float = 0.9
    realised: float = float("nan")
    method: str = "per_label"
    against: str = "the labels as given"
    region: Region | None = None

    def sets(self, item_id: object) -> pl.DataFrame:
        """The label sets of one item, the most likely first, at most `max_sets`.

        Parameters
        ----------
        item_id : int or str

        Returns
        -------
        polars.DataFrame
            rank, labels (list of names), log_likelihood (natural, under independent labels).

        Raises
        ------
        DataError
            If there is no such item.
        """
        if self.region is None:
            raise StageError("sets: expected a result of prediction_sets, got one without its predictions")
        return best_first(self.region, item_id)

    def _mean(self, column: str) -> float:
        return float(self.frame[column].to_numpy().mean())

    def summary(self) -> str:
        """One line of plain text."""
        unit = "the cells of either state" if self.method == "per_label" else "the label sets"
        return (
            f"PredictionSets of {self.frame.height:,} items: {self._mean('n_certain'):.1f} certain and "
            f"{self._mean('n_possible'):.1f} possible labels an item; covers {self.realised:.1%} of {unit}, held out, "
            f"{self.coverage:.0%} stated (against {self.against})"
        )


@checked
def prediction_sets(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    coverage: float = 0.9,
    method: Method = "per_label",
    audited: Any = None,
    config: SetConfig | None = None,
    seed: int = 0,
) -> PredictionSets:
    """Which labels are certain and which are possible, at a stated coverage.

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions, optional
        Default: ``predict(dataset)``. Labels that are not scored are possible everywhere ("per_label") or left out
        ("label_set").
    coverage : float
        In (0, 1): of the cells of each label and state ("per_label"), or of the items' whole label sets ("label_set").
    method : {"per_label", "label_set"}
    audited : frame of (item_id, label, state), optional
        Cells that a person has checked, a random sample: they take the place of the labels as calibration.
    config : SetConfig, optional
    seed : int
        Of the folds.

    Returns
    -------
    PredictionSets

    Raises
    ------
    StageError
        If an argument is out of its range, nothing can be predicted, or too few items have all their labels known
        ("label_set").
    DataError
        If `audited` does not fit the data set.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.beta(0.3, 0.5, size=(1000, 4))
    >>> ds = Dataset.from_arrays((rng.random(p.shape) < p).astype(int), probabilities=p)
    >>> found = prediction_sets(ds, coverage=0.9)
    >>> 0.88 < found.realised < 0.92, found.frame.columns[:4]
    (True, ['item_id', 'n_certain', 'n_possible', 'n_sets'])
    """
    config = config or SetConfig()
    _check(coverage, method, config, dataset)
    known = None if audited is None else audited_labels(dataset, audited)
    labels = dataset.labels if known is None else known
    predictions = predictions_of(dataset, predictions)
    folds = assign_folds(np.arange(dataset.n_items), config.n_folds, seed)
    if method == "per_label":
        bounds, budgets = label_bounds(labels, predictions, folds, config.n_folds, 1 - coverage), None
    else:
        bounds, budgets = None, set_budgets(labels, predictions, folds, config.n_folds, coverage)
    region = Region(dataset, predictions, folds, bounds, budgets, config.max_sets)
    frame, counts = _describe(region, labels, config)
    table = _label_table(dataset, counts)
    return PredictionSets(
        frame,
        labels=table,
        coverage=coverage,
        realised=_realised(counts, budgets),
        method=method,
        against="the labels as given" if known is None else f"{int(known.n_positive.sum() + known.n_negative.sum()):,} audited cells",
        region=region,
    )


def _check(coverage: float, method: str, config: SetConfig, dataset: Dataset) -> None:
    if not 0 < coverage < 1:
        raise StageError(f"coverage: expected a number between 0 and 1, got {coverage}")
    if method not in get_args(Method):
        raise StageError(f'method: expected "per_label" or "label_set", got {method!r}')
    if not 2 <= config.n_folds <= dataset.n_items:
        raise StageError(f"n_folds: expected 2 to {dataset.n_items:,} (the items), got {config.n_folds}")
    if config.max_sets < 1 or config.max_listed < 1:
        raise StageError(f"max_sets and max_listed: expected at least 1, got {config.max_sets} and {config.max_listed}")


def _describe(region: Region, labels: LabelMatrix, config: SetConfig) -> tuple[pl.DataFrame, np.ndarray]:
    """The frame of the items, and by label: positives, negatives, those covered, and undecided cells, (5, n_labels)."""
    n_items, n_labels = labels.shape
    parts, counts = [], np.zeros((5, n_labels), np.int64)
    for block in row_blocks(n_items, n_labels * 40):
        certain, possible = region.masks(block)
        states = labels.dense(block)
        positive, negative = states == POSITIVE, states == NEGATIVE
        covered = positive & (certain | possible), negative & ~certain
        counts += [part.sum(axis=0) for part in (positive, negative, *covered, possible)]
        p, ids = region.predictions.cell_probabilities.rows(block), region.dataset.item_ids[block.start : block.stop]
        parts.append(
            pl.DataFrame({
                "item_id": ids,
                "n_certain": certain.sum(axis=1),
                "n_possible": possible.sum(axis=1),
                "n_sets": region.count(block, possible),
                "certain": _named(certain, p, region.dataset.label_names, config.max_listed),
                "possible": _named(possible, p, region.dataset.label_names, config.max_listed),
            })
        )  # fmt: skip
        advance("prediction sets", block.stop / n_items)
    return pl.concat(parts), counts


def _named(mask: np.ndarray, p: np.ndarray, names: tuple[str, ...], most: int) -> pl.Series:
    """The most probable labels of each row of a mask, as lists of names."""
    ranked = np.where(mask, p, np.float32(-1))
    if most < mask.shape[1]:  # the few to be named, before they are put in order
        top = np.sort(np.argpartition(-ranked, most - 1, axis=1)[:, :most], axis=1)
        ranked = np.take_along_axis(ranked, top, axis=1)
    else:
        top = np.broadcast_to(np.arange(mask.shape[1]), mask.shape)
    order = np.argsort(-ranked, axis=1, kind="stable")
    ranked, top = np.take_along_axis(ranked, order, axis=1), np.take_along_axis(top, order, axis=1)
    rows, places = np.nonzero(ranked >= 0)
    listed = pl.DataFrame({"row": rows, "label": pl.Series(names, dtype=pl.String)[top[rows, places]]})
    lists = listed.group_by("row", maintain_order=True).agg("label")
    return pl.DataFrame({"row": np.arange(len(mask))}).join(lists, on="row", how="left", maintain_order="left")["label"].fill_null([])


def _label_table(dataset: Dataset, counts: np.ndarray) -> pl.DataFrame:
    positive, negative, covered_positive, covered_negative, possible = counts
    shares = {
        "covered_positive": (covered_positive, positive),
        "covered_negative": (covered_negative, negative),
        "share_possible": (possible, np.full_like(possible, dataset.n_items)),
    }
    columns: dict[str, Any] = {"label": pl.Series(dataset.label_names, dtype=pl.String), "n_positive": positive, "n_negative": negative}
    for name, (part, whole) in shares.items():
        columns[name] = pl.Series(np.where(whole > 0, part / np.maximum(whole, 1), np.nan)).fill_nan(None)
    return pl.DataFrame(columns)


def _realised(counts: np.ndarray, budgets: Budgets | None) -> float:
    if budgets is not None:
        return budgets.realised
    known, covered = counts[:2].sum(axis=1), counts[2:4].sum(axis=1)
    return float((covered / np.maximum(known, 1))[known > 0].min(initial=1.0))
