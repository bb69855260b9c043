"""An order of suspicious cells that learns: every verdict changes what comes next.

Five models of how far the suspicion can be trusted learn from the verdicts: only its level (the order of the findings), also
the kind of cell, also its label, also what the item has and what the model thinks of it, also where the item lies in the
embedding (:mod:`labelscope.suggest.cell_evidence`). Each is a logistic regression on top of the log odds of the suspicion,
held back by a penalty. What counts is their mixture: a model weighs as much as its own predictions *before* each verdict
were good (Bayesian model averaging by the predictive likelihood, Hoeting et al. 1999), so that where the verdicts teach
nothing the order of the findings stays. Compared on real noise by ``benchmarks/cell_order.py``.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import polars as pl
from scipy.linalg import solve
from scipy.special import expit, xlogy

from labelscope.compute.executor import one_thread
from labelscope.data.arguments import checked
from labelscope.data.outcomes import outcome_weights, said
from labelscope.errors import DataError, StageError
from labelscope.issues.find import Findings
from labelscope.suggest.cell_evidence import SLOPE, CellEvidence

__all__ = ["CellOrder", "rank_cells"]

BLOCK = 10  # verdicts after which the models are weighed and fitted again, later a tenth of what is known
TRUST = 0.5  # how fast the mixture follows the better model
LEAST_SLOPE = -0.7  # added to the slope of 1 on the log odds of the suspicion: verdicts never turn its order round
STEPS, HALVINGS = 6, 8  # of Newton's method, which begins at the last fit
ENOUGH = 0.02  # twice the loss, summed over the verdicts, that one more step is expected to save
SURE = 0.99  # no prediction counts as surer than this
CELL = ["item_id", "label"]
COLUMNS = (*CELL, "wrong")


@checked
def rank_cells(findings: Findings, outcomes: pl.DataFrame | None = None, *, n: int | None = None) -> pl.DataFrame:
    """The cells most worth looking at, by what was found so far.

    Parameters
    ----------
    findings : Findings
    outcomes : polars.DataFrame, optional
        item_id, label, wrong (bool: the given state is wrong) of the cells that people decided, in the order of the
        decisions, and perhaps weight (0 to 1: how much a decision counts). Without any the order is that of the findings.
    n : int, optional
        Number of cells. Default: all.

    Returns
    -------
    polars.DataFrame
        item_id, label, kind ("spurious" or "missing"), probability (that the given state is wrong); the most probable
        first, without the cells that are decided. The 100,000 most suspicious cells of the findings are ordered anew; the
        others follow as they were.

    Raises
    ------
    DataError
        If a column of `outcomes` is missing or of another type, or an item or label is unknown.
    StageError
        If `n` is not a positive whole number.

    Examples
    --------
    >>> from labelscope.data.dataset import Dataset
    >>> from labelscope.issues.find import find_issues
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 4)).astype(np.float32)
    >>> given = np.where(rng.random((500, 2)) < 0.1, x[:, :2] < 0, x[:, :2] > 0).astype(int)
    >>> found = find_issues(Dataset.from_arrays(given, embeddings=x))
    >>> rank_cells(found, n=3).rows() == found.cells.select("item_id", "label", "kind", "confidence").head(3).rows()
    True
    """
    if n is not None and (isinstance(n, bool) or n < 1):
        raise StageError(f"n: expected a number of cells, 1 or more, or None for all, got {n!r}")
    order = CellOrder(findings)
    if outcomes is not None:
        order.learn(outcomes)
    return order.frame(n)


class CellOrder:
    """The order of the cells of some findings during one review: verdicts go in, the next cells come out.

    Parameters
    ----------
    findings : Findings
    """

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._decided = np.zeros(0, np.int64)  # places in findings.cells, in the order of the decisions
        self._wrong, self._weight = np.zeros(0), np.zeros(0)
        self._forget()

    def _forget(self) -> None:
        self._n_learnt = 0  # verdicts that the models have been weighed by
        self._loss: np.ndarray | float = 0.0
        self._fits: list[np.ndarray] | None = None
        self._scores: np.ndarray | None = None  # log odds by each model, (n_candidates, n_models)

    def learn(self, outcomes: pl.DataFrame) -> None:
        """Takes in all verdicts so far; what was learnt from the first of them is not learnt again.

        Parameters
        ----------
        outcomes : polars.DataFrame
            As for :func:`rank_cells`: all of them, the last ones last.

        Raises
        ------
        DataError
            If a column is missing or of another type, or an item or label is unknown.
        """
        place, wrong, weight = self._placed(outcomes)
        known = slice(0, self._n_learnt)
        if not (np.array_equal(self._decided[known], place[known]) and np.array_equal(self._wrong[known], wrong[known])):
            self._forget()
        self._decided, self._wrong, self._weight = place, wrong, weight
        while (end := self._n_learnt + max(BLOCK, self._n_learnt // BLOCK)) <= len(place):
            if self._scores is not None:
                self._weigh(slice(self._n_learnt, end))
            self._fit(end)
            self._n_learnt = end
        if self._n_learnt < len(place) and self._n_learnt:
            self._fit(len(place))

    def frame(self, n: int | None = None) -> pl.DataFrame:
        """The cells that are not decided, most worth looking at first; see :func:`rank_cells`."""
        cells = self.findings.cells
        probability = cells["confidence"].to_numpy().astype(np.float64)
        left = np.ones(cells.height, bool)
        left[self._decided] = False
        places = np.flatnonzero(left)
        if self._scores is not None:
            head = places[: np.searchsorted(places, len(self._scores))]
            with one_thread():
                probability[: len(self._scores)] = expit(self._scores) @ self.trust
            places[: len(head)] = head[np.argsort(-probability[head], kind="stable")]
        places = places[:n]
        return cells.select(*CELL, "kind")[places].with_columns(probability=pl.Series(probability[places]))

    @property
    def trust(self) -> np.ndarray:
        """Weight of each model in the mixture, float64 (n_models,), summing to 1."""
        weights = np.exp(-TRUST * (self._loss - np.min(self._loss)))
        return np.asarray(weights / np.sum(weights))

    @cached_property
    def _evidence(self) -> CellEvidence:
        return CellEvidence.of(self.findings)

    def _weigh(self, verdicts: slice) -> None:
        """Counts what each model said of some verdicts before it had learnt from them."""
        place, wrong, weight = self._among_candidates(verdicts)
        said = np.clip(expit(self._scores[place]), 1 - SURE, SURE)  # type: ignore[index]
        self._loss = self._loss - weight @ (xlogy(wrong[:, None], said) + xlogy(1 - wrong[:, None], 1 - said))

    def _fit(self, end: int) -> None:
        """All models on the first verdicts."""
        evidence = self._evidence
        place, wrong, weight = self._among_candidates(slice(0, end))
        design, offset = evidence.design(place), evidence.offset[place]
        starts = self._fits or [np.zeros(design.shape[1])] * len(evidence.penalties)
        pairs = zip(evidence.penalties, starts, strict=True)
        with one_thread():
            fits = [_fitted(design, wrong, weight, offset, penalty, start) for penalty, start in pairs]
            self._fits, self._scores = fits, evidence.offset[:, None] + evidence.scores(np.column_stack(fits))
        if np.ndim(self._loss) == 0:
            self._loss = np.zeros(len(self._fits))

    def _among_candidates(self, verdicts: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        place = self._decided[verdicts]
        candidate = place < len(self._evidence.offset)
        return place[candidate], self._wrong[verdicts][candidate], self._weight[verdicts][candidate]

    @cached_property
    def _index(self) -> tuple[np.ndarray, np.ndarray]:
        """Hashes of the cells, sorted, and the place of each: looking up a few costs the same whatever their number."""
        keys = _hashes(self.findings.cells)
        order = np.argsort(keys)
        return keys[order], order

    def _placed(self, outcomes: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Place in the findings, whether wrong, and weight of each decided cell that they list; its last verdict counts."""
        missing = [name for name in COLUMNS if name not in outcomes.columns]
        if missing:
            raise DataError(f"outcomes: expected the columns {', '.join(COLUMNS)}, got {', '.join(outcomes.columns)}; add {missing[0]}")
        wrong, weight = said(outcomes, "wrong"), outcome_weights(outcomes)
        keys, order = self._index
        asked = _hashes(outcomes)
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        listed = pl.Series(keys[at] == asked if len(keys) else np.zeros(len(asked), bool))
        self._check_known(outcomes.filter(~listed))
        verdicts = pl.DataFrame({"wrong": wrong, "weight": weight, "place": order[at]}).filter(listed)
        verdicts = verdicts.unique("place", keep="last", maintain_order=True)
        return verdicts["place"].to_numpy(), verdicts["wrong"].to_numpy().astype(np.float64), verdicts["weight"].to_numpy()

    def _check_known(self, others: pl.DataFrame) -> None:
        """A decided cell that the findings do not list is legal; another item or label is not."""
        for name, table in (("item_id", self.findings.items), ("label", self.findings.miss_rates)):
            if others.height and name in table.columns:
                unknown = others.filter(~pl.col(name).cast(pl.String).is_in(table[name].cast(pl.String).implode()))
                if unknown.height:
                    raise DataError(f"outcomes: expected items and labels of the findings, got {name} {unknown[name][0]!r}; drop such rows")


def _hashes(cells: pl.DataFrame) -> np.ndarray:
    return cells.select(pl.struct(pl.col(CELL).cast(pl.String)).hash()).to_series().to_numpy()


def _fitted(
    design: np.ndarray, wrong: np.ndarray, weight: np.ndarray, offset: np.ndarray, penalty: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Coefficients of a penalized logistic regression by Newton's method, float64 (n_columns,).

    Only columns that are not zero everywhere and whose penalty is finite take part; the others stay 0.
    """
    out = np.zeros(len(penalty))
    used = np.flatnonzero(np.isfinite(penalty) & design.any(axis=0))
    x, held = design[:, used].astype(np.float64), penalty[used]
    at = start[used]

    def loss(w: np.ndarray) -> float:
        z = x @ w + offset
        return float(weight @ (np.logaddexp(0, z) - wrong * z) + 0.5 * held @ (w * w))

    now = loss(at)
    for _ in range(STEPS):
        p = expit(x @ at + offset)
        curved = x * np.sqrt(weight * p * (1 - p))[:, None]
        hessian = curved.T @ curved  # of one matrix by itself: half of the products are enough
        hessian[np.diag_indices_from(hessian)] += held
        gradient = x.T @ (weight * (p - wrong)) + held * at
        step = solve(hessian, gradient, assume_a="pos", check_finite=False)
        tries = (at - step / (1 << halving) for halving in range(HALVINGS))
        better = next(((w, value) for w in tries if (value := loss(w)) <= now), None)
        if better is None:
            break
        at, now = better
        if gradient @ step < ENOUGH:
            break
    out[used] = at
    out[SLOPE] = max(out[SLOPE], LEAST_SLOPE)
    return out
