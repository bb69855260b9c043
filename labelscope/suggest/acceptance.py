"""Confidence that has met decisions: how often suggestions like this one turned out right.

Without decisions the level of noise cannot be known, so a stated confidence is a prior, and it is kept at 0.8 or
below (:data:`UNPROVEN`). Decisions settle it, for each kind of suggestion apart: P(right) is a logistic function of the
evidence (Platt 1999), fitted to the reviewed cells and to the prior, which counts as a number of further decisions. A
label's own record then shifts its suggestions, pooled with the others of its kind.

People review the best suggestions first, so what they find says little about those further down: below the reviewed
range the fit stays where it was at its lower end and fades to the prior, if that is lower. And a confidence above 0.8
takes 120 decisions of its kind: with fewer, 0.9 could not be told from 0.84 (two standard errors).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from labelscope.data.outcomes import outcome_weights, said
from labelscope.data.positions import positions
from labelscope.errors import DataError

__all__ = ["PROOF", "RECORD", "UNPROVEN", "calibrate", "outcomes", "place_outcomes"]

UNPROVEN = 0.8  # most confidence without decisions
PROOF = 120.0  # decisions of a kind that a higher one takes
PRIOR = 30.0  # decisions that the prior counts for at first; it fades as exp(-n / 30) with the n that were made
LABEL_PRIOR = 10.0  # decisions on a label that its kind counts for
FADE = 2.0  # standard deviations of the reviewed evidence, below its range, in which the fit fades by a factor e
BULK = 5.0  # decisions that one bulk decision counts for at most
EDGE = 1e-3
Curve = Callable[[np.ndarray], np.ndarray]
COLUMNS = ("item_id", "label", "right")
RECORD = {"action": pl.String(), "kind": pl.String(), "n_decided": pl.Int64(), "n_right": pl.Int64(), "stated": pl.Float64()}


def outcomes(decisions: pl.DataFrame) -> pl.DataFrame:
    """What the decisions say about the given state of each cell.

    The last decision on a cell counts. Accepted: the suggested change was right; rejected: wrong; edited: right if the
    cell ended in the other state. Undone decisions, skips, edits to unknown, and cells accepted unseen (`source`) say nothing.

    Parameters
    ----------
    decisions : polars.DataFrame
        As of :attr:`labelscope.Session.decisions`: seq, item_id, label, verdict, before, after, reviewer, time, undone; source
        where it is known.

    Returns
    -------
    polars.DataFrame
        item_id, label, right (Boolean), weight: 1, or less for a cell of many that were decided at once, which count as
        five decisions together.

    Examples
    --------
    >>> columns = ["seq", "item_id", "label", "verdict", "before", "after", "reviewer", "time", "undone"]
    >>> rows = [(1, 7, "dog", "accepted", 0, 1, "ann", "09:00", False), (2, 7, "cat", "rejected", 1, 1, "ann", "09:01", False)]
    >>> outcomes(pl.DataFrame(rows, schema=columns, orient="row")).rows()
    [(7, 'dog', True, 1.0), (7, 'cat', False, 1.0)]
    """
    cell = ["item_id", "label"]
    frame = decisions.sort("seq").with_columns(given=pl.col("before").first().over(cell))
    looked_at = pl.col("source").is_null() if "source" in frame.columns else pl.lit(value=True)
    frame = frame.filter(~pl.col("undone") & (pl.col("verdict") != "skipped") & looked_at)
    frame = frame.with_columns(weight=(BULK / pl.len().over("reviewer", "time")).clip(upper_bound=1.0))
    right = (
        pl.when(pl.col("verdict") == "accepted").then(pl.lit(value=True)).when(pl.col("verdict") == "rejected").then(pl.lit(value=False))
    )
    right = right.when(pl.col("after") >= 0).then(pl.col("after") != pl.col("given"))
    last = frame.unique(cell, keep="last", maintain_order=True)
    return last.select(*cell, right.alias("right"), "weight").drop_nulls("right")


def place_outcomes(given: pl.DataFrame, item_ids: pl.Series, label_names: tuple[str, ...]) -> pl.DataFrame:
    """Outcomes by position: row, column, right (Float64), weight; the last one of a cell counts.

    Raises
    ------
    DataError
        If a column is missing, an item or label unknown, `right` not Boolean, or a weight not within [0, 1].
    """
    missing = [name for name in COLUMNS if name not in given.columns]
    if missing:
        raise DataError(f"outcomes: expected the columns {', '.join(COLUMNS)}, got {', '.join(given.columns)}; {missing[0]} is missing")
    right, weight = said(given, "right"), outcome_weights(given)
    rows = positions(given["item_id"], item_ids, expected="outcomes: expected known items", remedy="drop the others")
    columns = positions(
        given["label"], pl.Series(label_names, dtype=pl.String), expected="outcomes: expected known labels", remedy="drop the others"
    )
    frame = pl.DataFrame({"row": rows, "column": columns, "right": right.cast(pl.Float64), "weight": weight})
    return frame.unique(["row", "column"], keep="last", maintain_order=True)


def calibrate(changes: pl.DataFrame, reviewed: pl.DataFrame | None) -> tuple[np.ndarray, pl.DataFrame]:
    """Confidence of suggestions, given what was decided.

    Parameters
    ----------
    changes : polars.DataFrame
        row, column, add, kind, confidence (the prior), strength (the evidence, in [0, 1]).
    reviewed : polars.DataFrame, optional
        From :func:`place_outcomes`; cells without a suggestion are left out.

    Returns
    -------
    confidence : float64, shape (n_changes,)
    record : polars.DataFrame
        One row a kind of suggestion with decisions: action ("add" or "remove"), kind (how it came about), n_decided,
        n_right, stated (their mean confidence before that).
    """
    prior = np.clip(changes["confidence"].to_numpy(), 0.01, UNPROVEN)
    if reviewed is None or reviewed.is_empty() or changes.is_empty():
        return prior, pl.DataFrame(schema=RECORD)
    known = changes.select("row", "column", "add", "kind").join(reviewed, on=["row", "column"], how="left", maintain_order="left")
    right, weight = known["right"].fill_null(0.0).to_numpy(), known["weight"].fill_null(0.0).to_numpy()
    out, rows = prior.copy(), []
    for (add, kind), part in known.with_row_index().group_by("add", "kind", maintain_order=True):
        index = part["index"].to_numpy()
        decided = index[weight[index] > 0]
        if len(decided):
            columns, strength = changes["column"].to_numpy()[index], changes["strength"].to_numpy()[index]
            out[index] = _posterior(_logit(strength), prior[index], right[index], weight[index], columns)
            rows.append(("add" if add else "remove", kind, len(decided), int(right[decided].sum()), float(prior[decided].mean())))
    return out, pl.DataFrame(rows, schema=RECORD, orient="row")


def _posterior(evidence: np.ndarray, prior: np.ndarray, right: np.ndarray, weight: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """P(right) of suggestions of one kind, float64 (n_changes,); weight 0: not reviewed."""
    seen = weight > 0
    low, spread = float(evidence[seen].min()), max(float(evidence[seen].std()), 1e-6)
    trust = np.exp(np.minimum(evidence - low, 0) / spread / FADE)
    evidence = np.maximum(evidence, low)  # a slope is not drawn out of the range that it was seen in
    believed = PRIOR * np.exp(-weight.sum() / PRIOR)
    fitted = _curve(evidence[seen], prior[seen], right[seen], weight[seen], believed)(evidence)
    plain = _curve(evidence[seen], prior[seen], right[seen], weight[seen], 0.0)(evidence)
    fitted += _shifts(_sigmoid(plain), right, weight, labels)
    faded = trust * fitted + (1 - trust) * np.minimum(fitted, _logit(prior))  # it fades down to the prior, never up
    found = _sigmoid(faded)
    proven = (weight.sum() * trust >= PROOF) & (trust >= 0.5)
    return np.where(proven, found, np.minimum(found, UNPROVEN))


def _curve(evidence: np.ndarray, prior: np.ndarray, right: np.ndarray, weight: np.ndarray, believed: float) -> Curve:
    """Logit of P(right) as a line over the evidence, never falling, from decisions and a prior that counts as so many."""
    share = believed * weight / weight.sum()
    x = np.tile(evidence, 3)
    y = np.concatenate([right, np.ones(len(right)), np.zeros(len(right))])
    counts = np.concatenate([weight, share * prior, share * (1 - prior)])
    level = float(_logit(np.average(y, weights=counts)))
    x, y, counts = x[counts > 0], y[counts > 0], counts[counts > 0]
    if 0 < y.mean() < 1:
        from sklearn.linear_model import LogisticRegression

        fit = LogisticRegression(C=1e4).fit(x[:, None], y, sample_weight=counts)
        if fit.coef_[0, 0] > 0:
            slope, intercept = float(fit.coef_[0, 0]), float(fit.intercept_[0])
            return lambda evidence: slope * evidence + intercept
    return lambda evidence: np.full(len(evidence), level)


def _shifts(expected: np.ndarray, right: np.ndarray, weight: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How far each suggestion's label is off its kind's curve, in logits, float64 (n_changes,): 0 without decisions on it."""
    width = int(labels.max()) + 1
    n, n_right, n_expected = (np.bincount(labels, weight * value, width) for value in (1.0, right, expected))
    share = np.divide(n_expected, n, out=np.full(width, 0.5), where=n > 0)
    return np.asarray(_logit((n_right + LABEL_PRIOR * share) / (n + LABEL_PRIOR)) - _logit(share))[labels]


def _logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, EDGE, 1 - EDGE)
    return np.asarray(np.log(p / (1 - p)))


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-z)))
