"""States for unknown cells, within a stated false discovery rate, or an abstention that says why.

The default is conformal selection (:mod:`labelscope.suggest.conformal`), the one method here that promises something: of the cells
made positive, and of those made negative, at most the stated share is wrong on average. What "wrong" refers to depends on
the reference. Without an audit it is the labels as given: where a given label is as often wrong as the rate allows,
no list can be found to hold it against the truth, and nothing in the labels alone tells (Liu, Cheng and Zhang 2023).
With a few hundred audited cells it is the truth.

Where raters, rules or judges voted, what they say and what the model says are taken together, as in the findings
(:mod:`labelscope.voters.fusion`). Against audited cells the rate holds for the cells with votes as for all others; without
them it is an estimate there, by what the voters are worth.

The other methods are in common use and promise nothing; their results are marked "uncontrolled".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.arguments import checked
from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, UNKNOWN, LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.models.audited_labels import audited_labels
from labelscope.models.check_predictions import predictions_of
from labelscope.models.predict import Predictions
from labelscope.models.recalibration import fit_recalibration, known_cells
from labelscope.space.embed import embed
from labelscope.space.neighbors import nearest
from labelscope.suggest.conformal import audited_bounds, known_bounds
from labelscope.suggest.propagation import neighbor_graph, propagate
from labelscope.suggest.soft_targets import SoftLabels
from labelscope.suggest.state_bounds import Bounds, Picks, pick
from labelscope.suggest.uncontrolled import asymmetric_bounds, class_aware_bounds, fixed_bounds
from labelscope.suggest.voted_states import voted_picks
from labelscope.voters.fusion import heard

__all__ = ["PseudoConfig", "PseudoLabels", "pseudo_label"]

Method = Literal["conformal", "propagation", "class_aware", "asymmetric"]
Target = Literal["unknown", "negatives"]
GIVEN = "the labels as given"


@dataclass(frozen=True)
class PseudoConfig:
    """How :func:`pseudo_label` works.

    Attributes
    ----------
    false_discovery_rate : float
        Expected share of wrong states among those given, over all labels and for each state, at most. "conformal" only.
    threshold : float
        Probability from which "class_aware" and "propagation" give a positive state; the latter gives a negative one up
        to 1 - threshold.
    share : float
        Share of each label's unknown cells that "asymmetric" makes negative.
    n_neighbors : int
        Of the graph of "propagation"; 10 to 50.
    alpha : float
        What "propagation" takes from the neighbours at each step; 0.5 to 0.9.
    n_steps : int
        Most steps of "propagation".
    max_cells : int
        Most cells listed of each state, the surest first; ``PseudoLabels.soft`` has all.
    """

    false_discovery_rate: float = 0.1
    threshold: float = 0.7
    share: float = 0.9
    n_neighbors: int = 15
    alpha: float = 0.8
    n_steps: int = 20
    max_cells: int = 5_000_000


@dataclass(frozen=True, eq=False, repr=False)
class PseudoLabels(Result):
    """States given to unknown cells, and what was abstained from.

    Attributes
    ----------
    frame : polars.DataFrame
        item_id, label, state (1 or 0), probability (of positive; of the truth where cells were audited), method; surest
        first. "conformal selection" alone as the method means that the label's own known cells support the state at the
        rate; "pooled over labels" that the rate holds for the list; "votes" that it is an estimate by what voters and model
        together say of the cell; "uncontrolled" that no rate is promised.
    abstained : polars.DataFrame
        label, n_cells, reason: the cells that got no state.
    false_discovery_rate : float or None
        None where none is promised.
    against : str
        What a wrong state is wrong against: the labels as given, or audited cells.
    soft : SoftLabels or None
        P(positive) of the same cells, as a frame, as Parquet or as a matrix.
    """

    abstained: pl.DataFrame = field(default_factory=pl.DataFrame)
    false_discovery_rate: float | None = 0.1
    against: str = GIVEN
    soft: SoftLabels | None = None

    @property
    def source(self) -> str:
        """Where the states come from and what they promise, as an accepted one keeps it."""
        rate = self.false_discovery_rate
        promise = "no rate of errors is promised" if rate is None else f"at most {100 * rate:g}% wrong against {self.against}"
        return f"pseudo-label: {promise}"

    def summary(self) -> str:
        """One line of plain text."""
        left = int(self.abstained["n_cells"].sum()) if self.abstained.height else 0
        missed = self.soft is not None and self.soft.target == NEGATIVE
        cells, fate = ("negative cells made positive", "negative") if missed else ("unknown cells given a state", "unknown")
        rate = self.false_discovery_rate
        terms = f"at a false discovery rate of {rate:g} against {self.against}" if rate is not None else "without control of errors"
        return f"PseudoLabels: {self.frame.height:,} {cells} {terms}, {left:,} left {fate}"


@checked
def pseudo_label(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    method: Method = "conformal",
    audited: Any = None,
    target: Target = "unknown",
    config: PseudoConfig | None = None,
    seed: int = 0,
) -> PseudoLabels:
    """States for the unknown cells.

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions, optional
        Default: ``predict(dataset)``.
    method : {"conformal", "propagation", "class_aware", "asymmetric"}
        "conformal" holds a false discovery rate or abstains. "propagation" asks the neighbours, "class_aware" makes positive what
        is above a threshold a label, "asymmetric" makes the least probable cells negative: these three promise nothing.
    audited : frame of (item_id, label, state), optional
        Cells that a person has checked, drawn at random or by their score: the rate then holds against them, not
        against the labels as given. A few hundred, most of them near the top of the ranking, go a long way.
    target : {"unknown", "negatives"}
        "negatives" looks for missed labels among the cells given as negative instead, and gives positive states only;
        "conformal" then needs `audited`.
    config : PseudoConfig, optional
    seed : int
        Of the folds that the scores are put on one scale with.

    Returns
    -------
    PseudoLabels
        Both frames are empty where there is no cell to choose from.

    Raises
    ------
    StageError
        If an argument is out of its range, the method cannot serve the target, or nothing can be predicted.
    DataError
        If `audited` does not fit the data set.

    Notes
    -----
    The rate is a promise on average over data sets like this one; the share of wrong states in a single list varies
    about it, most where few cells are selected. It presumes that unknown cells of a state score like known cells of that
    state; labels where they visibly do not are left alone.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(400, 3)).astype(np.float32)
    >>> labels = np.where(rng.random((400, 2)) < 0.3, -1, x[:, :2] > 0)
    >>> pseudo = pseudo_label(Dataset.from_arrays(labels, embeddings=x))
    >>> pseudo.frame.height > 100, set(pseudo.frame["state"])
    (True, {0, 1})
    """
    config = config or PseudoConfig()
    _check(method, target, config, audited)
    state = UNKNOWN if target == "unknown" else NEGATIVE
    known = None if audited is None else audited_labels(dataset, audited)
    n_cells = dataset.labels.n_unknown if state == UNKNOWN else dataset.labels.n_negative
    rate = config.false_discovery_rate if method == "conformal" else None
    against = GIVEN if known is None else f"{_size(known):,} audited cells"
    if not n_cells.any():
        nothing = _abstained(dataset, n_cells, [])
        return PseudoLabels(_frame(dataset, None, ""), abstained=nothing, false_discovery_rate=rate, against=against)
    probabilities, bounds, voted = _bounds(dataset, predictions, method, known, state, config, seed)
    passed = known if known is not None else _matrix(voted, dataset.labels.shape)
    picks = pick(dataset.labels, probabilities, bounds, target=state, passed_over=passed, max_cells=config.max_cells)
    curves = None
    if known is not None and method != "propagation":
        curves = fit_recalibration(*known_cells(known), probabilities)
        picks = replace(picks, probability=curves.apply_at(picks.probability, picks.columns))
    cut = f"not among the {config.max_cells:,} surest cells of its state (max_cells)"
    words = f"conformal selection{'' if known is None else ' on audited cells'}" if rate is not None else f"{method}, uncontrolled"
    by_votes = voted_picks(voted, probabilities, config.false_discovery_rate, config.max_cells)
    chosen, of_voted, asked = (
        np.bincount(columns, minlength=dataset.n_labels) for columns in (picks.columns, by_votes.columns, voted % dataset.n_labels)
    )
    left = _abstained(dataset, n_cells - asked - chosen, [cut] * dataset.n_labels if picks.trimmed else bounds.reasons)
    open_votes = [f"its votes and the model leave it open at a false discovery rate of {config.false_discovery_rate:g}"] * dataset.n_labels
    frame = pl.concat([_frame(dataset, picks, words), _frame(dataset, by_votes, "votes")])
    return PseudoLabels(
        frame.sort((pl.col("probability") - 0.5).abs(), descending=True, maintain_order=True),
        abstained=pl.concat([left, _abstained(dataset, asked - of_voted, open_votes)]),
        false_discovery_rate=rate,
        against=against,
        soft=SoftLabels(dataset, probabilities.values, state, curves),
    )


def _check(method: str, target: str, config: PseudoConfig, audited: Any) -> None:
    if method not in get_args(Method):
        raise StageError(f"method: expected {', '.join(map(repr, get_args(Method)))}, got {method!r}")
    if target not in get_args(Target):
        raise StageError(f'target: expected "unknown" or "negatives", got {target!r}')
    for name in ("false_discovery_rate", "threshold", "share", "alpha"):
        if not 0 < getattr(config, name) < 1:
            raise StageError(f"{name}: expected a number between 0 and 1, got {getattr(config, name)}")
    for name in ("n_neighbors", "n_steps", "max_cells"):
        if getattr(config, name) < 1:
            raise StageError(f"{name}: expected at least 1, got {getattr(config, name)}")
    if target == "negatives" and method == "conformal" and audited is None:
        raise StageError(
            'target: expected "unknown" without audited cells, got "negatives"; audit a few hundred of the most probable negatives '
            "(audited=), because the labels alone cannot say which of them are missed"
        )
    if target == "negatives" and method in ("propagation", "asymmetric"):
        raise StageError(f'target: expected "unknown" for the method {method!r}, got "negatives"; use "conformal" or "class_aware"')


def _bounds(
    dataset: Dataset,
    predictions: Predictions | None,
    method: Method,
    known: LabelMatrix | None,
    target: int,
    config: PseudoConfig,
    seed: int,
) -> tuple[Scores, Bounds, np.ndarray]:
    """The probabilities to choose by, the bounds on them, and the cells of the target that they are not for: their voters decide."""
    if method == "propagation":
        near = nearest(embed(dataset, model=None if predictions is None else predictions.model), config.n_neighbors)
        shares = propagate(dataset.labels, neighbor_graph(near), alpha=config.alpha, n_steps=config.n_steps)
        return heard(dataset, Scores(shares))[0], fixed_bounds(dataset, config.threshold), np.empty(0, np.int64)
    predictions = predictions_of(dataset, predictions)
    together, voted = heard(dataset, predictions.cell_probabilities)
    if method == "conformal" and known is None:
        of_target = dataset.labels.states(voted // dataset.n_labels, voted % dataset.n_labels) == target
        return together, known_bounds(dataset, predictions, config.false_discovery_rate, seed), voted[of_target]
    predictions = replace(predictions, probabilities=together.values)
    if method == "class_aware":
        bounds = class_aware_bounds(dataset, predictions, config.threshold)
    elif method == "asymmetric":
        bounds = asymmetric_bounds(dataset, predictions, config.share)
    else:
        assert known is not None
        bounds = audited_bounds(dataset, predictions, known, config.false_discovery_rate, target)
    return together, bounds, voted[:0]


def _frame(dataset: Dataset, picks: Picks | None, words: str) -> pl.DataFrame:
    rows, columns = (np.empty(0, np.int64),) * 2 if picks is None else (picks.rows, picks.columns)
    pooled = words if not words.startswith("conformal") else f"{words}, pooled over labels"
    methods = pl.Series([pooled, words], dtype=pl.String)
    return pl.DataFrame({
        "item_id": dataset.item_ids[rows],
        "label": pl.Series(dataset.label_names, dtype=pl.String)[columns],
        "state": np.empty(0, np.int8) if picks is None else picks.states,
        "probability": np.empty(0, np.float32) if picks is None else picks.probability,
        "method": methods[np.empty(0, np.int64) if picks is None else picks.own.astype(np.int64)],
    })  # fmt: skip


def _abstained(dataset: Dataset, left: np.ndarray, reasons: Any) -> pl.DataFrame:
    some = np.flatnonzero(left) if len(reasons) else np.empty(0, np.int64)
    return pl.DataFrame(
        {
            "label": pl.Series(dataset.label_names, dtype=pl.String)[some],
            "n_cells": left[some],
            "reason": pl.Series([reasons[k] for k in some], dtype=pl.String),
        },
        schema={"label": pl.String, "n_cells": pl.Int64, "reason": pl.String},
    )


def _matrix(cells: np.ndarray, shape: tuple[int, int]) -> LabelMatrix | None:
    """Cells, given as item * n_labels + label, as known ones; None without any."""
    if not len(cells):
        return None
    marked = sp.csr_matrix((np.ones(len(cells), bool), (cells // shape[1], cells % shape[1])), shape=shape)
    return LabelMatrix(marked, sp.csr_matrix(shape, dtype=bool), UNKNOWN)


def _size(known: LabelMatrix) -> int:
    return int(known.positives.nnz + known.exceptions.nnz)
