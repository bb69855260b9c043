"""Is the model better? Models judged on the labels as given, as corrected, and on the truth, with intervals from an audit.

Wrong labels make a good model look bad and a model that repeats them look good. An audit sample says what the truth of some
cells is and how likely each was to be drawn; that is enough for an estimate that is right on average and for an interval
(:mod:`labelscope.audit.ratio_estimate`), whatever the models and the labels are worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.special import ndtri

from labelscope.audit.audited_cells import AuditedCells
from labelscope.audit.confusion_counts import ancestors_too, closed_labels, confusion_counts, pair_counts
from labelscope.audit.estimate import about
from labelscope.audit.evaluation import BY_LABEL, BY_SPLIT, DIFFERENCES, FRAME, WHAT_IF, Average, Evaluation
from labelscope.audit.metrics import METRICS, Metric, count_value, value_of
from labelscope.audit.model_outputs import read_models
from labelscope.audit.ratio_estimate import ModelSample, Ratio, difference_variance, limits
from labelscope.data import labels as labels_module
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.errors import DataError, StageError
from labelscope.stats.splits import split_column

__all__ = ["evaluate"]

LEAST_AUDITED, LEAST_POSITIVE = 5, 10  # audited cells of a label that its interval needs; positives among them to count in the macro mean
SHOWN = {name: "F1" if name == "f1" else name for name in METRICS}
SHARES = np.linspace(0, 1, 11)
POWER = 0.8  # probability with which the cells that are asked for would decide

Row = tuple[Any, ...]


@checked
def evaluate(
    ds: Dataset,
    models: Mapping[str, Any],
    *,
    audited: Any,
    corrected: Any = None,
    average: Average = "micro",
    confidence: float = 0.95,
) -> Evaluation:
    """How good models are on the labels as given, as corrected so far, and on the truth, and which of two is better.

    Parameters
    ----------
    ds : Dataset
    models : mapping of str to predictions
        Name to what the model says of every item, out of fold or from a model that never saw it: an array of probabilities
        (at 0.5 and above a label is predicted; of data with one label an item the most probable one) or of 1 and 0, of shape
        (n_items, n_labels), dense or sparse; what :func:`labelscope.predict` returns; a table (frame or file) with a column
        a label, or the columns item_id, label, probability, or item_id and labels; what a transformers pipeline or trainer
        returns, a ``datasets.Dataset``; a FiftyOne export in JSON; or an estimator of scikit-learn, which is fitted out of
        fold on the vectors of the data set, groups and near-duplicates kept together.
    audited : Audit or frame
        The cells of an audit sample with what they are: item_id, label, state (1, 0; -1 or null where nobody could tell),
        inclusion (probability of having been drawn) and, where there is one, stratum; that is ``audit.frame`` with a column
        `state`. Of an audit alone, the states are those of `corrected`.
    corrected : Dataset, LabelMatrix or array of 1, 0, -1, shape (n_items, n_labels), optional
        The labels as they stand after the review so far.
    average : {"micro", "macro", "hierarchical"}
        All cells together; the mean over the labels with at least ten audited positives; or all cells together where each
        predicted label brings its ancestors in the taxonomy.
    confidence : float
        Of each interval, from 0.5 to below 1.

    Returns
    -------
    Evaluation

    Raises
    ------
    DataError
        If the predictions, the audited cells or the corrected labels cannot be read or are of other items or labels.
    StageError
        If there is no taxonomy for "hierarchical", or `confidence` is out of range.

    Notes
    -----
    Cells that are given as unknown are left out, for an audit draws none of them. Undecided cells of the sample are taken to
    be like the decided ones of their stratum. On the truth the taxonomy is taken to hold.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = (rng.random((400, 5)) < 0.3).astype(int)
    >>> given, model = (np.where(rng.random(truth.shape) < 0.1, 1 - truth, truth) for _ in range(2))
    >>> ds = Dataset.from_arrays(given)
    >>> cells = pl.DataFrame({"item_id": range(0, 400, 2), "label": "3", "state": truth[::2, 3], "inclusion": 0.1})
    >>> told = evaluate(ds, {"mine": model}, audited=cells).frame.filter(metric="f1")
    >>> told["labels"].to_list(), bool(told["low"][1] < told["high"][1])
    (['given', 'truth'], True)
    """
    if not 0.5 <= confidence < 1:
        raise StageError(f"confidence: expected a number from 0.5 to below 1, got {confidence!r}")
    repaired = None if corrected is None else _labels(ds, corrected)
    cells = AuditedCells.of(ds, audited, repaired)
    return _Judged(ds, read_models(ds, models), cells, repaired, average, confidence).evaluation()


def _labels(ds: Dataset, corrected: Any) -> LabelMatrix:
    made = corrected.labels if isinstance(corrected, Dataset) else corrected
    made = made if isinstance(made, LabelMatrix) else labels_module.from_dense(made)
    if made.shape != ds.labels.shape:
        raise DataError(f"corrected: expected labels of shape {ds.labels.shape}, got {made.shape}; give the same items and labels")
    return made


@dataclass(frozen=True)
class _Judged:
    """Models, cells and labels: everything that the tables are made from."""

    ds: Dataset
    said: Mapping[str, sp.csr_matrix]
    cells: AuditedCells
    corrected: LabelMatrix | None
    average: Average
    confidence: float

    @cached_property
    def z(self) -> float:
        """Standard errors to either side."""
        return float(ndtri((1 + self.confidence) / 2))

    @cached_property
    def edges(self) -> np.ndarray | None:
        """Parents and children, where each predicted label brings its ancestors."""
        if self.average != "hierarchical":
            return None
        if self.ds.taxonomy is None:
            raise StageError("average: expected a data set with a taxonomy for 'hierarchical', got none; give it with taxonomy=")
        return self.ds.taxonomy.edges

    @cached_property
    def positives(self) -> dict[str, sp.csr_matrix]:
        """What each model says, with the ancestors where they count."""
        return {name: said if self.edges is None else ancestors_too(said, self.edges) for name, said in self.said.items()}

    @cached_property
    def counted(self) -> dict[str, LabelMatrix]:
        """The labels that are simply counted against."""
        known = {"given": self.ds.labels} | ({} if self.corrected is None else {"corrected": self.corrected})
        return {name: labels if self.edges is None else closed_labels(labels, self.edges) for name, labels in known.items()}

    @cached_property
    def splits(self) -> tuple[list[str], np.ndarray]:
        """Names of the splits, and the number of that of each item."""
        column = split_column(self.ds)
        if column is None:
            return [], np.zeros(self.ds.n_items, np.int64)
        names = self.ds.items[column].cast(pl.String).fill_null("none")
        number = names.rank("dense").to_numpy().astype(np.int64) - 1
        return names.unique().sort().to_list(), number

    @cached_property
    def known(self) -> dict[str, np.ndarray]:
        """Of each model: cells by split, label and code, by the labels as given, which the sample was drawn from."""
        return {name: confusion_counts(self.ds.labels, said, self.splits[1]) for name, said in self.positives.items()}

    @cached_property
    def counts(self) -> dict[tuple[str, str], np.ndarray]:
        """The same by model and by the labels that are counted against."""
        plain = self.edges is None
        return {
            (name, kind): self.known[name] if plain and kind == "given" else confusion_counts(labels, said, self.splits[1])
            for name, said in self.positives.items()
            for kind, labels in self.counted.items()
        }

    @cached_property
    def samples(self) -> dict[str, ModelSample]:
        """The audited cells as each model saw them."""
        at = self.cells.items, self.cells.labels
        found = {name: np.asarray(said[at], np.int64).ravel() for name, said in self.positives.items()}
        return {name: ModelSample.of(self.cells, said) for name, said in found.items()}

    @cached_property
    def audited(self) -> np.ndarray:
        """Audited cells of each label, int64 (n_labels,)."""
        return np.bincount(self.cells.labels, minlength=self.ds.n_labels)

    @cached_property
    def found(self) -> np.ndarray:
        """Audited cells of each label that are positive in truth, int64 (n_labels,)."""
        return np.bincount(self.cells.labels, self.cells.state, self.ds.n_labels).astype(np.int64)

    @cached_property
    def averaged(self) -> np.ndarray:
        """Labels that the macro mean is made of."""
        return np.flatnonzero(self.found >= LEAST_POSITIVE)

    def evaluation(self) -> Evaluation:
        """All tables."""
        rows = {name: list(part()) for name, part in (("labels", self._by_label), ("splits", self._by_split), ("what_if", self._what_if))}
        return Evaluation(
            pl.DataFrame(list(self._frame()), schema=FRAME, orient="row"),
            differences=pl.DataFrame(list(self._differences()), schema=DIFFERENCES, orient="row"),
            by_label=pl.DataFrame(rows["labels"], schema=BY_LABEL, orient="row"),
            by_split=pl.DataFrame(rows["splits"], schema=BY_SPLIT, orient="row"),
            what_if=pl.DataFrame(rows["what_if"], schema=WHAT_IF, orient="row"),
            average=self.average,
            n_audited=len(self.cells),
            n_cells=int(next(iter(self.known.values())).sum()),
            averaged=tuple(self.ds.label_names[k] for k in self.averaged) if self.average == "macro" else (),
            confidence=self.confidence,
        )

    # Rows ------------------------------------------------------------------------------------------------------

    def _frame(self) -> Iterator[Row]:
        for name in self.said:
            for kind in self.counted:
                for word, metric in METRICS.items():
                    value = self._counted_value(metric, self.counts[name, kind].sum(axis=0))
                    yield (name, kind, word, value, value, value)
            for word in METRICS:
                yield (name, "truth", word, *self._estimate(name, word))

    def _counted_value(self, metric: Metric, by_label: np.ndarray) -> float | None:
        """A metric by cells that are counted, of shape (n_labels, CODES)."""
        if self.average != "macro":
            return _told(value_of(*(float(part) for part in count_value(metric, by_label.sum(axis=0)))))
        if not len(self.averaged):
            return None
        tops, bottoms = count_value(metric, by_label[self.averaged])
        return float(np.divide(tops, bottoms, out=np.zeros(len(tops)), where=bottoms > 0).mean())  # never predicted: nothing was found

    def _estimate(self, name: str, word: str) -> Row:
        """Value, low and high of a metric on the truth."""
        if self.average != "macro":
            return self._limits(self.whole[name][word])
        values, variance = self._of_labels(name, word)
        if not len(values):
            return (None, None, None)
        middle, half = values.mean(), self.z * np.sqrt(variance.sum()) / len(values)
        return (float(middle), max(float(middle - half), 0.0), min(float(middle + half), 1.0))

    @cached_property
    def whole(self) -> dict[str, dict[str, Ratio]]:
        """Every metric of each model in all cells."""
        return {name: sample.ratios(self.known[name].sum(axis=(0, 1))) for name, sample in self.samples.items()}

    @cached_property
    def parts(self) -> dict[tuple[str, int], dict[str, Ratio]]:
        """Every metric of each model in the labels of which enough cells were audited."""
        enough = np.flatnonzero(self.audited >= LEAST_AUDITED).tolist()
        return {
            (name, k): sample.ratios(self.known[name][:, k].sum(axis=0), self.cells.labels == k)
            for name, sample in self.samples.items()
            for k in enough
        }

    def _limits(self, ratio: Ratio) -> Row:
        value = value_of(ratio.top, ratio.bottom)
        if np.isnan(value):
            return (None, None, None)
        low, high = limits(ratio, self.z)
        value = float(np.clip(value, 0, 1))
        return (value, min(low, value), max(high, value))

    def _of_labels(self, name: str, word: str) -> tuple[np.ndarray, np.ndarray]:
        """Estimate and variance of a metric in each averaged label, float64 (n_averaged,) each."""
        ratios = [self.parts[name, k][word] for k in self.averaged.tolist()]
        values = np.array([np.clip(ratio.top / ratio.bottom, 0, 1) if ratio.bottom > 0 else 0.0 for ratio in ratios])
        spread = []
        for ratio, value in zip(ratios, values, strict=True):
            moves = np.array([1.0, -value]) / max(ratio.bottom, 1e-9)
            spread.append(float(moves @ ratio.covariance @ moves) if ratio.bottom > 0 else 0.25)
        return values, np.array(spread)

    def _differences(self) -> Iterator[Row]:
        if len(self.said) < 2:
            return
        pairs = pair_counts(self.ds.labels, self.positives)
        for one, other in combinations(self.said, 2):
            for word in METRICS:
                yield (one, other, word, *self._difference(one, other, word, pairs[one, other]))

    def _difference(self, one: str, other: str, word: str, counts: np.ndarray) -> Row:
        """Everything of a row of differences behind its key."""
        first, second = (self._estimate(name, word)[0] for name in (one, other))
        if first is None or second is None:
            return (None, None, None, None, None, f"{SHOWN[word]}: nothing can be said of one of the two")
        difference, error = first - second, np.sqrt(self._difference_variance(one, other, word, counts))
        low, high = max(difference - self.z * error, -1.0), min(difference + self.z * error, 1.0)
        if low > 0 or high < 0:
            better = one if low > 0 else other
            return (difference, low, high, better, None, f"{better} has the better {SHOWN[word]}")
        more = self._more(difference, error)
        cells = "no audit of this data set would tell" if more is None else f"about {about(more)} more audited cells would tell"
        return (difference, low, high, None, more, f"{SHOWN[word]} of {one} and {other}: not decided, {cells}")

    def _difference_variance(self, one: str, other: str, word: str, counts: np.ndarray) -> float:
        metric, samples = METRICS[word], self.samples
        if self.average != "macro":
            first, second = ((samples[name], samples[name].influence(metric, self.whole[name][word])) for name in (one, other))
            return difference_variance(first, second, counts.sum(axis=0))
        total = 0.0
        for k in self.averaged.tolist():
            first, second = ((samples[name], samples[name].influence(metric, self.parts[name, k][word])) for name in (one, other))
            total += difference_variance(first, second, counts[k], self.cells.labels == k)
        return total / len(self.averaged) ** 2

    def _more(self, difference: float, error: float) -> int | None:
        """Further cells that would decide, if the difference is what it looks like; None if there are not so many."""
        if not abs(difference) > 0:
            return None
        wanted = len(self.cells) * (float((self.z + ndtri(POWER)) * error / abs(difference)) ** 2 - 1)
        left = int(next(iter(self.known.values())).sum()) - len(self.cells)
        return max(1, int(np.ceil(wanted))) if wanted <= left else None

    def _by_label(self) -> Iterator[Row]:
        for k, label in enumerate(self.ds.label_names):
            seen, positive = int(self.audited[k]), int(self.found[k])
            for name in self.said:
                for kind in self.counted:
                    at = self.counts[name, kind][:, k].sum(axis=0)
                    for word, metric in METRICS.items():
                        value = _told(value_of(*(float(part) for part in count_value(metric, at))))
                        yield (label, name, kind, word, value, value, value, seen, positive, "")
                note = "" if seen >= LEAST_AUDITED else f"{seen} of its cells were audited, too few to tell"
                for word in METRICS:
                    told = (None, None, None) if note else self._limits(self.parts[name, k][word])
                    yield (label, name, "truth", word, *told, seen, positive, note)

    def _by_split(self) -> Iterator[Row]:
        names, part = self.splits
        for number, split in enumerate(names):
            inside = part[self.cells.items] == number
            for name in self.said:
                for kind in self.counted:
                    for word, metric in METRICS.items():
                        value = self._counted_value(metric, self.counts[name, kind][number])
                        yield (split, name, kind, word, value, value, value, int(inside.sum()))
                seen = inside.sum() >= LEAST_AUDITED and self.average != "macro"
                found = self.samples[name].ratios(self.known[name][number].sum(axis=0), inside) if seen else {}
                for word in METRICS:
                    told: Row = self._limits(found[word]) if seen else (None, None, None)
                    yield (split, name, "truth", word, *told, int(inside.sum()))

    def _what_if(self) -> Iterator[Row]:
        if self.average == "macro":
            return
        for name in self.said:
            at = self.counts[name, "given"].sum(axis=(0, 1))
            for word, metric in METRICS.items():
                truth, (top, bottom) = self.whole[name][word], (float(part) for part in count_value(metric, at))
                for share in SHARES.tolist():
                    rest = 1 - share
                    mixed = Ratio(share * truth.top + rest * top, share * truth.bottom + rest * bottom, share**2 * truth.covariance)
                    yield (name, word, share, *self._limits(mixed))


def _told(value: float) -> float | None:
    return None if np.isnan(value) else value
