"""Where errors come from: the values of each column among whose items more labels are wrong than among the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.special import gammaincc, ndtr

from labelscope.compute.intervals import wilson
from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN
from labelscope.data.listed_scores import ListedScores
from labelscope.data.outcomes import outcome_weights, said
from labelscope.data.positions import positions
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.issues.find import Findings
from labelscope.issues.shortcuts import SHORTCUTS, shortcuts
from labelscope.issues.slices import Slices, slices_of
from labelscope.stats.hypergeometric import benjamini_hochberg

__all__ = ["Basis", "Sources", "compare_slices", "sources"]

Basis = Literal["decided", "suspicion"]
FRAME = {
    "column": pl.String, "value": pl.String, "label": pl.String, "n": pl.Int64, "wrong": pl.Float64, "rate": pl.Float64,
    "low": pl.Float64, "high": pl.Float64, "q_value": pl.Float64, "basis": pl.String,
}  # fmt: skip
COLUMNS = {"column": pl.String, "n_values": pl.Int64, "n": pl.Int64, "p_value": pl.Float64, "q_value": pl.Float64}
OUTCOMES = ("item_id", "label", "wrong")
STANDS_OUT = 0.05  # adjusted p-value below which a value is said to have more errors than the others
WIDTH = 1.959964  # standard errors of a 95% interval
N_SHUFFLES = 2_000  # of the decisions among the values: what stands out by chance
SAME = 1e-9  # figures that differ by less are the same


@dataclass(frozen=True, eq=False, repr=False)
class Sources(Result):
    """Values of columns and how many of their cells are wrong. A value that stands out is a place to look, not a cause.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a value of a column, what stands out first: column, value, label (null: all labels together; the labels of
        a value are listed where it stands out), n (cells decided, or scored), wrong (of these, or their summed
        suspicion), rate in [0, 1] (drawn towards that of the whole set where n is small), low and high (95% interval of
        the unshrunk rate), q_value (of having more errors than the others, adjusted for the number of values; that of a
        label for the number of labels), basis ("decided", or "suspicion": a guess, before anybody decided).
    columns : polars.DataFrame
        column, n_values, n (cells), p_value of one rate in all its values, q_value; the most different first.
    shortcuts : polars.DataFrame
        Labels that one column or one word alone tells: label, column, value, auc, n_items.
    """

    columns: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COLUMNS))
    shortcuts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SHORTCUTS))

    @property
    def standing_out(self) -> pl.DataFrame:
        """The rows of whole values with a q_value of at most 0.05."""
        return self.frame.filter(pl.col("label").is_null() & (pl.col("q_value") <= STANDS_OUT))

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        if self.frame.is_empty():
            return "Sources: no column whose values at least two groups of ten items share"
        basis = "decided cells" if self.frame["basis"][0] == "decided" else "suspicion alone, a guess until cells are decided"
        out, n = self.standing_out, self.columns.height
        shares = out.select("column", "value", pl.col("wrong") / pl.col("n")).head(3)
        first = ", ".join(f"{column} {value} ({share:.0%})" for column, value, share in shares.iter_rows())
        more = (
            f"{out.height:,} values have more errors than the others, first {first}"
            if first
            else "no value has more errors than the others"
        )
        told = f"; {self.shortcuts.height:,} labels are told by one column or word" if self.shortcuts.height else ""
        return f"Sources: {n:,} columns by {basis}: {more}{told}"


@checked
def sources(
    ds: Dataset, findings: Findings | None = None, *, columns: Sequence[str] | None = None, outcomes: pl.DataFrame | None = None
) -> Sources:
    """Compare how often labels are wrong between the values of each column: rater, source, batch, language, length, ...

    Parameters
    ----------
    ds : Dataset
    findings : Findings, optional
        What is compared before anybody decided: the suspicion of all cells.
    columns : sequence of str, optional
        Columns of `ds.items`. Default: all with 2 to 500 values, numbers and dates in five bins, and the length of the text.
    outcomes : polars.DataFrame, optional
        Cells that people decided: item_id, label, wrong (Boolean: the given state was wrong), and weight in [0, 1] where
        some count less. With them the suspicion is not used.

    Returns
    -------
    Sources

    Raises
    ------
    DataError
        If there are neither findings nor outcomes, a column is not there, or the outcomes cannot be read.

    Notes
    -----
    A value stands out where few shuffles of the decisions among the values of all columns have any that stands out as
    much (Westfall and Young 1993). By suspicion, the items' sums are compared with what cells of the same labels and
    states have elsewhere (positives are more suspicious everywhere, and some labels are), adjusted by Benjamini and
    Hochberg (1995); so are labels. Whole columns: chi-squared of one rate. Rates are shrunk as in a beta-binomial fitted to the
    column by its moments.

    Examples
    --------
    >>> items = pl.DataFrame({"source": ["web"] * 20 + ["print"] * 20})
    >>> ds = Dataset.from_arrays([["cat"]] * 40, items=items)
    >>> wrong = [k < 15 for k in range(40)]
    >>> told = sources(ds, outcomes=pl.DataFrame({"item_id": ds.item_ids, "label": "cat", "wrong": wrong}))
    >>> told.standing_out.select("value", "n", "wrong").rows()
    [('web', 20, 15.0)]
    """
    if outcomes is None and findings is None:
        raise DataError(
            "sources: expected findings or outcomes, got neither; pass what find_issues returns, or the cells that people decided"
        )
    found = slices_of(ds, columns)
    return compare_slices(ds, found, shortcuts(ds, found), findings=findings, outcomes=outcomes)


def compare_slices(
    ds: Dataset, found: Sequence[Slices], told: pl.DataFrame, *, findings: Findings | None = None, outcomes: pl.DataFrame | None = None
) -> Sources:
    """:func:`sources` for slices and shortcuts that are known already: they are the same whatever people decide."""
    if not found:
        return Sources(pl.DataFrame(schema=FRAME), shortcuts=told)
    cells: _Cells = _decided(ds, outcomes) if outcomes is not None else _suspected(ds, findings)  # type: ignore[arg-type]
    wholes = [_whole(one, cells) for one in found]
    q_values = _adjusted(wholes, cells)
    frames = [whole.rows(q, None, cells.basis) for whole, q in zip(wholes, q_values, strict=True)]
    order = (
        pl.concat([*frames, _labels(found, wholes, q_values, cells, ds.label_names)])
        .with_row_index("at")
        .with_columns(first=pl.col("q_value").filter(pl.col("label").is_null()).first().over("column", "value"))
    )
    sort = order.sort(
        "first", -pl.col("rate").max().over("column", "value"), "column", "value", pl.col("label").is_not_null(), "q_value", "at"
    )
    return Sources(sort.drop("at", "first"), _columns(found, wholes), told)


@dataclass(frozen=True, eq=False)
class _Cells:
    """Sums over the cells of each item and label.

    n, wrong : sparse or dense, shape (n_items, n_labels); `exact`: they are counts of decided cells; `usual`: the mean of `wrong` in all
    cells of the same label and state.
    """

    n: Any
    wrong: Any
    exact: bool
    usual: Any = None

    @property
    def basis(self) -> str:
        return "decided" if self.exact else "suspicion"

    def sums(self, label: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Cells and wrong ones of each item, float64 (n_items,) each."""
        return _of_items(self.n, label), _of_items(self.wrong, label)

    def beyond(self, label: int | None = None) -> np.ndarray:
        """By how much each item is more suspicious than such cells are elsewhere, float64 (n_items,)."""
        return _of_items(self.wrong, label) - _of_items(self.usual, label)


def _of_items(part: Any, label: int | None) -> np.ndarray:
    if label is None:
        return np.asarray(part.sum(axis=1), np.float64).ravel()
    column = part[:, [label]]
    return np.asarray(column.todense() if sp.issparse(column) else column, np.float64).ravel()


def _decided(ds: Dataset, outcomes: pl.DataFrame) -> _Cells:
    missing = [name for name in OUTCOMES if name not in outcomes.columns]
    if missing:
        raise DataError(f"outcomes: expected the columns {', '.join(OUTCOMES)}, got {', '.join(outcomes.columns)}; add {missing[0]}")
    wrong, weight = said(outcomes, "wrong").to_numpy().astype(np.float64), outcome_weights(outcomes).to_numpy()
    n, bad = _placed(ds, outcomes, weight, weight * wrong)
    return _Cells(n, bad, exact=True)


def _suspected(ds: Dataset, findings: Findings) -> _Cells:
    """The suspicion of all cells; of those that are listed where only some are, or the findings of an earlier run are read again."""
    if isinstance(findings.cell_scores, ListedScores):
        return _suspected_of_listed(ds, findings.cell_scores)
    if findings.scores.size:
        scores = findings.scores
    else:
        scores = _placed(ds, findings.cells, findings.cells["suspicion"].to_numpy()).toarray().astype(np.float32)
    states = ds.labels.dense()
    known = (states != UNKNOWN) & np.isfinite(scores)
    suspicion = np.where(known, scores, np.float32(0))
    usual = np.zeros_like(suspicion)
    for state in (NEGATIVE, POSITIVE):  # a label's positives are more suspicious than its negatives everywhere
        alike = known & (states == state)
        mean = (suspicion * alike).sum(axis=0, dtype=np.float64) / np.maximum(alike.sum(axis=0), 1)
        usual += alike * mean.astype(np.float32)
    return _Cells(known, suspicion, exact=False, usual=usual)


def _suspected_of_listed(ds: Dataset, scores: ListedScores) -> _Cells:
    item, label, suspicion = scores.cells()
    states = ds.labels.states(item, label)
    known = (states != UNKNOWN) & np.isfinite(suspicion)
    item, label, suspicion = item[known], label[known], suspicion[known].astype(np.float64)
    alike = 2 * label.astype(np.int64) + (states[known] == POSITIVE)
    mean = np.bincount(alike, suspicion) / np.maximum(np.bincount(alike), 1)
    numbers = (np.ones(len(item)), suspicion, mean[alike])
    n, wrong, usual = (sp.coo_matrix((of, (item, label)), shape=scores.shape).tocsc() for of in numbers)
    return _Cells(n, wrong, exact=False, usual=usual)


def _placed(ds: Dataset, cells: pl.DataFrame, *values: np.ndarray) -> Any:
    """Values of cells that are named, as sparse matrices (n_items, n_labels)."""
    rows = positions(cells["item_id"], ds.item_ids, expected="cells: expected known items", remedy="drop the others")
    names = pl.Series(ds.label_names, dtype=pl.String)
    columns = positions(cells["label"], names, expected="cells: expected known labels", remedy="drop the others")
    made = [sp.coo_matrix((of, (rows, columns)), shape=(ds.n_items, ds.n_labels)).tocsc() for of in values]
    return made if len(made) > 1 else made[0]


@dataclass(frozen=True, eq=False)
class _Whole:
    """One column: cells and wrong ones of each value, its interval, and the p-value of having more errors than the others."""

    one: Slices
    n: np.ndarray
    wrong: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    p_same: float

    def rows(self, q_value: np.ndarray, label: str | None, basis: str) -> pl.DataFrame:
        """As rows of the frame; values without a cell are left out."""
        there = np.flatnonzero(self.n > 0)
        return pl.DataFrame({
            "column": [self.one.column] * len(there), "value": [self.one.values[k] for k in there],
            "label": [label] * len(there), "n": self.n[there].round().astype(np.int64), "wrong": self.wrong[there],
            "rate": _shrunk(self.n, self.wrong)[there], "low": self.low[there], "high": self.high[there],
            "q_value": q_value[there], "basis": [basis] * len(there),
        }, schema=FRAME)  # fmt: skip


def _whole(one: Slices, cells: _Cells, label: int | None = None) -> _Whole:
    n_item, wrong_item = cells.sums(label)
    members = one.members.astype(np.float64)
    n, wrong = members @ n_item, members @ wrong_item
    total, bad = n.sum(), wrong.sum()
    rate = bad / total if total else 0.0
    if cells.exact:
        low, high = wilson(wrong, n)
        p_value = ndtr(-_stand_out(n, wrong, rate))
        spread = np.divide((wrong - n * rate) ** 2, n * rate * (1 - rate), out=np.zeros(len(n)), where=n * rate * (1 - rate) > 0)
    else:  # cells of an item are suspicious together: items are what is counted
        rest = cells.beyond(label)
        inside = one.codes >= 0
        deviation = float(np.sqrt((rest[inside] ** 2).mean())) if inside.any() else 0.0
        size = np.asarray(members.sum(axis=1)).ravel()
        share = np.minimum(size / max(size.sum(), 1), 1 - 1e-9)
        error = deviation * np.sqrt(size * (1 - share))
        z = np.divide(members @ rest, error, out=np.zeros(len(n)), where=error > 0)
        p_value, spread = ndtr(-z), z**2 * (1 - share)
        half = np.divide(WIDTH * error, n, out=np.zeros(len(n)), where=n > 0)
        mean = np.divide(wrong, n, out=np.zeros(len(n)), where=n > 0)
        low, high = np.clip(mean - half, 0, 1), np.clip(mean + half, 0, 1)
    freedom = int((n > 0).sum()) - 1
    same = float(gammaincc(freedom / 2, spread.sum() / 2)) if freedom > 0 else 1.0
    return _Whole(one, n, wrong, low, high, np.where(n > 0, p_value, 1.0), same)


def _stand_out(n: np.ndarray, wrong: np.ndarray, rate: float) -> np.ndarray:
    """How many standard errors the share of each value is above a rate, on the scale on which errors are alike (Anscombe 1948)."""
    share = (wrong + 3 / 8) / (n + 3 / 4)
    return np.asarray(2 * np.sqrt(n + 0.5) * (np.arcsin(np.sqrt(share)) - np.arcsin(np.sqrt(rate))))


def _adjusted(wholes: Sequence[_Whole], cells: _Cells) -> list[np.ndarray]:
    """Adjusted p-values of all values of all columns."""
    if not cells.exact:
        p_value = np.concatenate([whole.p_value for whole in wholes])
        adjusted = benjamini_hochberg(p_value, len(p_value))
        return np.split(adjusted, np.cumsum([len(whole.n) for whole in wholes])[:-1])
    rng = generator(0, "shuffled decisions")
    most = np.full(N_SHUFFLES, -np.inf)
    counted = [(np.rint(whole.n).astype(np.int64), int(np.rint(whole.wrong).sum())) for whole in wholes]
    for n, bad in counted:
        if 0 < bad < n.sum():
            drawn = rng.multivariate_hypergeometric(n, bad, size=N_SHUFFLES, method="marginals")
            most = np.maximum(most, _stand_out(n, drawn, bad / n.sum()).max(axis=1))
    seen = [_stand_out(n, np.rint(whole.wrong), bad / max(n.sum(), 1)) for whole, (n, bad) in zip(wholes, counted, strict=True)]
    more = [((most > one[:, None] + SAME).mean(axis=1), (most >= one[:, None] - SAME).mean(axis=1)) for one in seen]
    return [(above + as_much) / 2 for above, as_much in more]  # mid-p: counts are few, and ties many


def _shrunk(n: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """The rate of each value, drawn towards that of all by as many cells as the spread between the values says."""
    total = n.sum()
    rate = wrong.sum() / total if total else 0.0
    there = n > 0
    chance = rate * (1 - rate)
    if there.sum() < 2 or chance <= 0:
        return np.divide(wrong, n, out=np.full(len(n), rate), where=there)
    observed = (n[there] * (wrong[there] / n[there] - rate) ** 2).sum()
    expected, scale = chance * (there.sum() - 1), total - (n[there] ** 2).sum() / total
    between = max((observed - expected) / scale, 1e-9)
    strength = max(chance / between - 1, 0.0)
    return (wrong + strength * rate) / (n + strength)


def _labels(
    found: Sequence[Slices], wholes: Sequence[_Whole], q_values: Sequence[np.ndarray], cells: _Cells, names: Sequence[str]
) -> pl.DataFrame:
    """The labels of the values that stand out."""
    frames = [pl.DataFrame(schema=FRAME)]
    for one, whole, q_value in zip(found, wholes, q_values, strict=True):
        out = np.flatnonzero((q_value <= STANDS_OUT) & (whole.n > 0))
        if not len(out):
            continue
        per_label = [_whole(one, cells, label) for label in range(len(names))]
        p_value = np.array([[part.p_value[k] for part in per_label] for k in out])
        adjusted = np.vstack([benjamini_hochberg(row, len(row)) for row in p_value])
        for label, part in enumerate(per_label):
            q = np.ones(len(part.n))
            q[out] = adjusted[:, label]
            rows = part.rows(q, names[label], cells.basis)
            frames.append(rows.filter(pl.col("value").is_in([one.values[k] for k in out])))
    return pl.concat(frames)


def _columns(found: Sequence[Slices], wholes: Sequence[_Whole]) -> pl.DataFrame:
    p_value = np.array([whole.p_same for whole in wholes])
    return pl.DataFrame({
        "column": [one.column for one in found], "n_values": [len(one.values) for one in found],
        "n": [round(whole.n.sum()) for whole in wholes], "p_value": p_value, "q_value": benjamini_hochberg(p_value, len(p_value)),
    }, schema=COLUMNS).sort("p_value")  # fmt: skip
