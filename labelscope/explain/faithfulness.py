"""Whether an attribution tells the truth about the model: take away what it points at, and see what the model says.

*Deletion*: parts are left out from the one that is said to speak for the label most; the faster the probability falls, the
smaller the area under the curve. *Insertion*: parts come back in that order; the larger the better (Petsiuk, Das and
Saenko 2018). Neither figure means anything alone: short texts and busy pictures fall whatever is left out. So the same is
done in random orders, and in the order that a head trained on shuffled labels gives (Adebayo et al. 2018 on explanations
that do not depend on the labels at all). An attribution is called faithful where it beats 95% of the random orders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from labelscope.compute.seeds import generator
from labelscope.data.results import Result

__all__ = ["Faithfulness", "FaithfulnessConfig", "apart", "measure"]

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
LEAST_PARTS = 4  # of three parts there are only six orders: chance beats most of them too often
LEAST_MOVE = 0.05  # log-odds between the most and the least that any tried mask gives
SURE, SOME = 0.95, 0.75
WORDS = {
    "faithful": "faithful",
    "weak": "only a little better than random: read it with care",
    "unfaithful": "not better than random: do not trust this picture",
    "flat": "nothing in it moves the model: there is nothing to see in this picture",
    "short": "too few parts to tell it from chance",
}


@dataclass(frozen=True)
class FaithfulnessConfig:
    """How :func:`measure` works.

    Attributes
    ----------
    n_steps : int
        Steps of a curve, at most the number of parts.
    n_random : int
        Random orders to compare with: half of them drawn, half the same read backwards. Leaving out in one order passes
        through the same masks as putting in in the other, so a pair costs one.
    """

    n_steps: int = 20
    n_random: int = 20


@dataclass(frozen=True, eq=False, repr=False)
class Faithfulness(Result):
    """Deletion and insertion curves of one attribution beside its controls.

    Attributes
    ----------
    frame : polars.DataFrame
        curve ("attribution", "shuffled labels", "random 1", ...), share (of the parts left out or put in), deletion and
        insertion (probability at that share).
    deletion_auc, insertion_auc : float
        Areas under the curves of the attribution, 0 to 1.
    random_deletion_auc, random_insertion_auc : float
        Means over the random orders.
    shuffled_deletion_auc : float or None
        Of the order that a head trained on shuffled labels gives.
    beaten : float
        Share of the random orders whose deletion area is larger; an equal one counts half.
    summary_scores : polars.DataFrame
        share (1, 5, 10, 20, 50% of the parts, at least one), comprehensiveness (fall of the probability without the top
        parts; larger is better) and sufficiency (fall with the top parts alone; smaller is better), and both for random
        orders (DeYoung et al. 2020).
    verdict : str
        "faithful", "weak", "unfaithful", "flat" (nothing moves the model) or "short" (fewer than four parts).
    """

    deletion_auc: float = float("nan")
    insertion_auc: float = float("nan")
    random_deletion_auc: float = float("nan")
    random_insertion_auc: float = float("nan")
    shuffled_deletion_auc: float | None = None
    beaten: float = float("nan")
    verdict: str = "short"
    summary_scores: pl.DataFrame = field(default_factory=pl.DataFrame)

    def summary(self) -> str:
        """One line of plain text."""
        own, chance = apart(self.deletion_auc, self.random_deletion_auc)
        return f"Deletion AUC {own} against {chance} for random orders: {WORDS[self.verdict]}"


def measure(
    log_odds: Callable[[np.ndarray], np.ndarray],
    weights: np.ndarray,
    shuffled: np.ndarray | None = None,
    *,
    config: FaithfulnessConfig | None = None,
    seed: int = 0,
) -> Faithfulness:
    """Deletion and insertion curves of an attribution and of its controls.

    Parameters
    ----------
    log_odds : callable
        Log-odds (n_masks,) of the label for masks bool (n_masks, n_parts) of the parts that are kept.
    weights : float array of shape (n_parts,)
        How much each part speaks for the label.
    shuffled : float array of shape (n_parts,), optional
        The same attribution of a head that was trained on shuffled labels.
    config : FaithfulnessConfig, optional
    seed : int
        Of the random orders.

    Returns
    -------
    Faithfulness

    Examples
    --------
    >>> gives = np.array([3.0, 0.0, -1.0, 0.0, 2.0, 0.0])
    >>> found = measure(lambda keep: keep @ gives - 2, gives)
    >>> found.verdict, found.deletion_auc < found.random_deletion_auc
    ('faithful', True)
    """
    config = config or FaithfulnessConfig()
    n_parts = len(weights)
    from scipy.integrate import trapezoid

    cuts = np.maximum(1, np.ceil(np.asarray(SHARES) * n_parts).astype(np.int64))
    counts = np.concatenate([np.linspace(0, n_parts, min(n_parts, config.n_steps) + 1).round().astype(np.int64), cuts])
    counts = np.union1d(counts, n_parts - counts)
    rng = generator(seed, "faithfulness")
    orders = {"attribution": np.argsort(-weights, kind="stable")}
    if shuffled is not None:
        orders["shuffled labels"] = np.argsort(-shuffled, kind="stable")
    n_controls = len(orders)
    for k in range(-(-config.n_random // 2)):
        drawn = rng.permutation(n_parts)
        orders |= {f"random {2 * k + 1}": drawn, f"random {2 * k + 2}": drawn[::-1]}
    deletion, insertion = _curves(log_odds, list(orders.values()), counts)
    areas = [trapezoid(curves, counts / n_parts, axis=1) for curves in (deletion, insertion)]
    frame = pl.DataFrame({
        "curve": np.repeat(list(orders), len(counts)), "share": np.tile(counts / n_parts, len(orders)),
        "deletion": deletion.ravel(), "insertion": insertion.ravel(),
    })  # fmt: skip
    chance, at = slice(n_controls, None), np.searchsorted(counts, cuts)
    beaten = float(((areas[0][chance] > areas[0][0]) + 0.5 * (areas[0][chance] == areas[0][0])).mean())
    return Faithfulness(
        frame,
        deletion_auc=float(areas[0][0]),
        insertion_auc=float(areas[1][0]),
        random_deletion_auc=float(areas[0][chance].mean()),
        random_insertion_auc=float(areas[1][chance].mean()),
        shuffled_deletion_auc=float(areas[0][1]) if shuffled is not None else None,
        beaten=beaten,
        verdict=_verdict(n_parts, beaten, np.concatenate([deletion.ravel(), insertion.ravel()])),
        summary_scores=_summary_scores(deletion[:, 0], deletion[:, at], insertion[:, at], chance),
    )


def apart(first: float, second: float) -> tuple[str, str]:
    """Two areas with as many digits as it takes to tell them apart, two at least and four at most.

    Examples
    --------
    >>> apart(0.31, 0.55), apart(0.9981, 0.9989)
    (('0.31', '0.55'), ('0.998', '0.999'))
    """
    digits = next((n for n in (2, 3) if round(first, n) != round(second, n) and min(first, second) > 10.0**-n), 4)
    return f"{first:.{digits}f}", f"{second:.{digits}f}"


def _curves(log_odds: Callable[[np.ndarray], np.ndarray], orders: list[np.ndarray], counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities after leaving out, and after putting in, the first parts of each order: (n_orders, n_counts) each."""
    ranks = np.stack([np.argsort(order) for order in orders])
    first = (ranks[:, None, :] < counts[:, None]).reshape(-1, ranks.shape[1])
    found = 1 / (1 + np.exp(-np.clip(log_odds(np.concatenate([~first, first])), -50, 50)))
    return found[: len(first)].reshape(len(orders), -1), found[len(first) :].reshape(len(orders), -1)


def _verdict(n_parts: int, beaten: float, probabilities: np.ndarray) -> str:
    if n_parts < LEAST_PARTS:
        return "short"
    extremes = np.clip([probabilities.min(), probabilities.max()], 1e-9, 1 - 1e-9)
    if np.diff(np.log(extremes / (1 - extremes)))[0] < LEAST_MOVE:
        return "flat"
    return "faithful" if beaten >= SURE else "weak" if beaten >= SOME else "unfaithful"


def _summary_scores(whole: np.ndarray, without: np.ndarray, alone: np.ndarray, chance: slice) -> pl.DataFrame:
    fall, rest = whole[:, None] - without, whole[:, None] - alone
    return pl.DataFrame({
        "share": SHARES, "comprehensiveness": fall[0], "sufficiency": rest[0],
        "random_comprehensiveness": fall[chance].mean(axis=0), "random_sufficiency": rest[chance].mean(axis=0),
    })  # fmt: skip
