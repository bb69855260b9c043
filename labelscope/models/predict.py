"""Out-of-fold probabilities of every cell.

Default: cross-fitted ridge heads with Platt scaling, and a tenth of neighbour votes where these are worth their cost:
the search for neighbours grows with the square of the number of items, everything else only with the number itself. On
the real-noise sets this finds more wrong labels than the usual logistic regression per label, in a fraction of its time
(``benchmarks/RESULTS.md``). Other heads, and losses for imbalanced or incomplete labels, are there for data on which the
default does badly: several heads are mixed with weights chosen out of fold.

The probabilities are calibrated to the labels *as given*, noise included: that is what finding wrong labels needs; they
are not the probability that the label is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance, watch
from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE, UNKNOWN, LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.models.calibration import fit_platt
from labelscope.models.ensemble import choose_weights, mix
from labelscope.models.folds import assign_folds
from labelscope.models.groups import close_neighbors, hashed_duplicates, join_groups, join_pairs
from labelscope.models.heads import HEADS, TRAINED, Problem, check_heads, trainable
from labelscope.models.metadata import encode_features
from labelscope.models.votes import Landmarks, neighbor_votes
from labelscope.models.widening import SURE, WEIGHTS, gains, widen
from labelscope.space.embed import embed
from labelscope.space.neighbors import Neighbors, nearest

__all__ = ["PredictConfig", "Predictions", "enough_known", "kept_together", "n_cross_fits", "predict", "searches_all"]

JUDGED = 1_000_000  # cells on which it is judged whether landmark votes help


@dataclass(frozen=True)
class PredictConfig:
    """How :func:`predict` works.

    Attributes
    ----------
    heads : tuple of str
        What is cross-fitted: "ridge", "logistic", "mlp", "votes" (:mod:`labelscope.models.heads`). Several are mixed with
        weights chosen out of fold; each holds one more array of the size of the probabilities.
    loss : str
        Of the logistic and MLP heads: "bce", "focal", "asl", "db", "pu" or "em" (:mod:`labelscope.models.losses`).
    n_folds : int
    n_repeats : int
        Cross-fits with other folds whose scores are averaged: less noise from the draw of the folds.
    steady : int
        With more items a feature than this, one cross-fit is steady enough.
    n_neighbors : int
        Neighbours that vote; 0 leaves the votes out.
    vote_share : float
        Share of the votes in the mix, 0 to 1. Fixed: choosing it by the log loss of the noisy labels favours votes
        most where noise is shared by neighbours.
    min_positives : int
        A label with fewer known positives (or negatives) is reported, not scored.
    duplicate : float
        Cosine from which two items are near-duplicates: kept in one fold, no vote for each other.
    searched_per_label : int
        Up to this many items a label, all pairs of items are compared to find who votes. With more, the search would cost
        many times what the heads cost: landmarks vote instead, where that lowers the out-of-fold log loss.
    max_voting_items : int
        Above this many items all pairs are never compared: heads that have seen so many gain nothing from votes.
    """

    heads: tuple[str, ...] = ("ridge",)
    loss: str = "bce"
    n_folds: int = 5
    n_repeats: int = 3
    steady: int = 40
    n_neighbors: int = 25
    vote_share: float = 0.1
    min_positives: int = 5
    duplicate: float = 0.995
    searched_per_label: int = 400
    max_voting_items: int = 20_000


@dataclass(frozen=True, eq=False, repr=False)
class Predictions(Result):
    """Out-of-fold probabilities.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a label: label, n_positive, prevalence, mean_probability, log_loss, scored (bool).
    probabilities : float32, shape (n_items, n_labels)
        P(the label is given), from models that did not see the item.
    method : str
        What made them, for the record.
    vote_share : float
        Share of the neighbour votes in the mix, 0 to 1.
    model : str or None
        Embedding model that was asked for; the stages after this one use the same.
    heads : mapping of str to float
        Weight of each head in the mix before the votes, adding up to one (mean over the folds); empty where the user gave
        the probabilities.
    """

    probabilities: np.ndarray = field(repr=False, default_factory=lambda: np.empty((0, 0), np.float32))
    method: str = ""
    vote_share: float = 0.0
    model: str | None = None
    heads: Mapping[str, float] = field(default_factory=dict)

    @property
    def cell_probabilities(self) -> Scores:
        """The probabilities, as the stages ask for them."""
        return Scores(self.probabilities)

    @property
    def scored(self) -> np.ndarray:
        """Labels with enough positives and negatives to be scored, bool (n_labels,)."""
        return self.frame["scored"].to_numpy()

    def summary(self) -> str:
        """One line of plain text."""
        n_items, n_labels = self.cell_probabilities.shape
        return f"Predictions of {n_items:,} items x {n_labels:,} labels ({self.method}; {int((~self.scored).sum())} labels not scored)"


@checked
def predict(
    dataset: Dataset,
    *,
    heads: str | Sequence[str] | None = None,
    loss: str | None = None,
    config: PredictConfig | None = None,
    groups: str | None = None,
    model: str | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: bool = True,
) -> Predictions:
    """Out-of-fold probabilities of every cell.

    Parameters
    ----------
    dataset : Dataset
        With embeddings, text, images, features or probabilities of its own (which are then taken as they are). Features join the
        embeddings for the labels whose out-of-fold log loss they lower; without anything else they are all there is to learn from.
    heads : str or sequence of str, optional
        "ridge" (the default), "logistic", "mlp", "votes", or several of them, mixed with weights chosen out of fold.
    loss : str, optional
        Of the logistic and MLP heads: "bce" (the default), "focal", "asl", "db", "pu" or "em".
    config : PredictConfig, optional
        Everything else; `heads` and `loss` count before what it says.
    groups : str, optional
        A column of `dataset.items` (conversation, patient, sensor) whose items are never split over folds. Default: that of the
        data set, if it has one.
    model : str, optional
        Embedding model, as for :func:`labelscope.space.embed.embed`.
    seed : int
    executor : concurrent.futures.Executor, optional
        Where independent chunks of the work run; the answer is the same with any.
    progress : bool
        Report progress to whoever watches (:mod:`labelscope.compute.progress`); False works in silence.

    Returns
    -------
    Predictions

    Raises
    ------
    StageError
        If there is nothing to learn from (no embeddings, text, images, features or probabilities, or fewer items than
        folds), or a head, loss or column is not there.

    Notes
    -----
    Cells of labels with fewer than `config.min_positives` known positives or negatives get the label's prevalence.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 4)).astype(np.float32)
    >>> ds = Dataset.from_arrays((x[:, :2] > 0).astype(int), embeddings=x)
    >>> predict(ds, progress=False).probabilities.shape
    (200, 2)
    """
    if not progress:
        with watch(None):
            return predict(dataset, heads=heads, loss=loss, config=config, groups=groups, model=model, seed=seed, executor=executor)
    config = _settled(config or PredictConfig(), heads, loss)
    if dataset.probabilities is not None:
        given = np.asarray(dataset.probabilities, np.float32)
        return Predictions(_per_label(dataset, given, enough_known(trainable(dataset.labels), config)), given, "given by the user")
    if dataset.n_items < config.n_folds:
        raise StageError(f"predict: expected at least {config.n_folds} items (one a fold), got {dataset.n_items}; give probabilities")
    metadata = encode_features(dataset)
    alone = not dataset.has_content and metadata.shape[1] > 0  # then equal rows are no copies, and no neighbours
    config = replace(config, vote_share=0.0) if alone else config
    features = metadata if alone else embed(dataset, model=model, seed=seed)
    near = nearest(features, config.n_neighbors, seed=seed) if searches_all(dataset, config) else None
    together = kept_together(dataset, None if alone else features, near, groups, config, seed)
    trained = trainable(dataset.labels)
    enough = enough_known(trained, config)
    problem = Problem(features, dataset.labels, np.empty(0, np.int64), together, config.loss, near, config.duplicate, seed, executor)
    fitted, informed = [], np.full(dataset.n_labels, alone)
    for head in config.heads:
        fitted.append(_calibrated(head, problem, trained, config))
        if metadata.shape[1] and not alone and head != "votes":
            informed |= _inform(fitted[-1], head, problem, metadata, trained, config)
    probabilities, mixture = fitted[0], {config.heads[0]: 1.0}
    if len(fitted) > 1:
        folds = assign_folds(together, config.n_folds, seed)
        weights = choose_weights(fitted, trained, folds, enough, seed)
        probabilities, mixture = mix(fitted, weights, folds), dict(zip(config.heads, weights.mean(axis=0).tolist(), strict=True))
    del fitted
    prevalence = (trained.n_positive + 1) / (dataset.n_items - trained.n_unknown + 2)
    share = _vote(probabilities, features, trained, prevalence, near, together, config, seed)
    probabilities[:, ~enough] = prevalence[~enough]
    advance("predict", 1.0)
    method = _method(mixture, config.loss, share)
    if dataset.features:
        method += f" + features for {int(informed.sum()):,} of {dataset.n_labels:,} labels"
    return Predictions(_per_label(dataset, probabilities, enough), probabilities, method, share, model, mixture)


def _settled(config: PredictConfig, heads: str | Sequence[str] | None, loss: str | None) -> PredictConfig:
    """The configuration with what was asked for by name in it, checked."""
    asked = config.heads if heads is None else heads
    config = replace(config, heads=(asked,) if isinstance(asked, str) else tuple(asked))
    if loss is not None:
        config = replace(config, loss=loss)
    check_heads(config.heads, config.loss)
    return config


def searches_all(dataset: Dataset, config: PredictConfig) -> bool:
    """Whether every item is compared with every other."""
    if "votes" in config.heads:
        return config.n_neighbors > 0
    few_enough = min(config.max_voting_items, max(2000, config.searched_per_label * dataset.n_labels))
    return config.vote_share > 0 and 0 < config.n_neighbors < dataset.n_items <= few_enough


def kept_together(
    dataset: Dataset, features: np.ndarray | None, near: Neighbors | None, column: str | None, config: PredictConfig, seed: int
) -> np.ndarray:
    """Group of each item, int64 (n_items,): near-duplicates (without `features`, none), and what the user keeps together."""
    if features is None:
        pairs = np.empty((0, 2), np.int64)
    elif near is not None:
        pairs = close_neighbors(near.indices, near.similarities, config.duplicate)
    else:
        pairs = hashed_duplicates(features, config.duplicate, seed)
    together = join_pairs(pairs, dataset.n_items, largest=max(10, dataset.n_items // 50))
    column = dataset.groups if column is None else column
    if column is not None:
        if column not in dataset.items.columns:
            raise StageError(f"groups: expected a column of the items ({', '.join(dataset.items.columns)}), got {column!r}")
        named = dataset.items[column].cast(pl.String).rank("dense").fill_null(0).to_numpy().astype(np.int64)
        alone = np.flatnonzero(named == 0)  # an item of which no group is known is in none
        named[alone] = named.max() + 1 + np.arange(len(alone))
        together = join_groups(named, together)
    n_groups = int(together.max()) + 1
    if n_groups < config.n_folds:
        raise StageError(f"groups: expected at least {config.n_folds} groups (one a fold), got {n_groups}; leave groups out")
    return together


def _cross_fit(head: str, problem: Problem, config: PredictConfig) -> np.ndarray:
    """Out-of-fold scores of a head, the mean of its cross-fits."""
    repeats = 1 if head == "votes" else n_cross_fits(problem.features, config)
    total = np.empty(0, np.float32)
    for repeat in range(repeats):
        folds = assign_folds(problem.groups, config.n_folds, problem.seed + repeat)
        scores = HEADS[head](replace(problem, folds=folds, seed=problem.seed + repeat))
        if repeat:
            total += scores
        else:
            total = scores
    total /= repeats
    return total


def _calibrated(head: str, problem: Problem, trained: LabelMatrix, config: PredictConfig) -> np.ndarray:
    """Out-of-fold probabilities of a head."""
    scores = _cross_fit(head, problem, config)
    return fit_platt(scores, trained).apply(scores)


def _inform(
    probabilities: np.ndarray, head: str, problem: Problem, metadata: np.ndarray, trained: LabelMatrix, config: PredictConfig
) -> np.ndarray:
    """Let a head learn from the features too, in place, where that helps; tells for which labels it does, bool (n_labels,)."""
    informed = np.zeros(probabilities.shape[1], bool)
    for weight in WEIGHTS:
        wide = _calibrated(head, replace(problem, features=widen(problem.features, metadata, weight)), trained, config)
        better = gains(trained, probabilities, wide, problem.groups) > SURE
        probabilities[:, better] = wide[:, better]
        informed |= better
    return informed


def n_cross_fits(features: np.ndarray, config: PredictConfig) -> int:
    """How many cross-fits are averaged: the more items there are to a feature, the steadier one is."""
    n_items, n_features = features.shape
    return config.n_repeats if n_items <= config.steady * n_features else 1


def enough_known(labels: LabelMatrix, config: PredictConfig) -> np.ndarray:
    """Labels with enough known positives and negatives to be scored, bool (n_labels,)."""
    return np.minimum(labels.n_positive, labels.n_negative) >= config.min_positives


def _vote(
    probabilities: np.ndarray,
    features: np.ndarray,
    labels: LabelMatrix,
    prevalence: np.ndarray,
    near: Neighbors | None,
    groups: np.ndarray,
    config: PredictConfig,
    seed: int,
) -> float:
    """Mix votes into the probabilities, in place, and tell their share."""
    share = np.float32(config.vote_share)
    if "votes" in config.heads or not (share > 0 and config.n_neighbors > 0):
        return 0.0
    if near is not None:
        votes = neighbor_votes(labels, near.indices, near.similarities, prevalence, groups, duplicate=config.duplicate)
        for block, part in votes:
            probabilities[block] += share * (part - probabilities[block])
        return config.vote_share
    landmarks = Landmarks(features, labels, prevalence, groups, seed=seed)
    n_items = len(features)
    most = max(1, JUDGED // labels.shape[1])
    judged = np.sort(generator(seed, "judged").permutation(n_items)[:most]) if n_items > most else slice(0, n_items)
    states, before, votes_ = labels.dense(judged), probabilities[judged], landmarks.votes(judged)
    after = before + share * (votes_ - before)
    if _log_losses(states, after).sum() >= _log_losses(states, before).sum():
        return 0.0
    if n_items <= most:
        probabilities[:] = after
        return config.vote_share
    for block in row_blocks(n_items, 4 * labels.shape[1]):
        probabilities[block] += share * (landmarks.votes(block) - probabilities[block])
    return config.vote_share


def _method(mixture: Mapping[str, float], loss: str, share: float) -> str:
    named = [f"{head} ({loss})" if head in TRAINED else head for head in mixture]
    if len(named) > 1:
        named = [f"{weight:.2f} {name}" for name, weight in zip(named, mixture.values(), strict=True)]
    return " + ".join([*named, "Platt", *([f"{share:.0%} neighbour votes"] if share else [])])


def _log_losses(states: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Summed log loss of the known cells of each label, float64 (n_labels,)."""
    right = np.where(states == POSITIVE, probabilities, 1 - probabilities)
    np.log(np.maximum(right, np.float32(1e-6), out=right), out=right)
    return -np.where(states == UNKNOWN, np.float32(0), right).sum(axis=0, dtype=np.float64)


def _per_label(dataset: Dataset, probabilities: np.ndarray, enough: np.ndarray) -> pl.DataFrame:
    losses = np.zeros(dataset.n_labels)
    for block, states in dataset.labels.blocks(4 << 20):
        losses += _log_losses(states, probabilities[block])
    known = np.maximum(dataset.n_items - dataset.labels.n_unknown, 1)
    columns: Mapping[str, object] = {
        "label": list(dataset.label_names),
        "n_positive": dataset.labels.n_positive,
        "prevalence": dataset.labels.n_positive / known,
        "mean_probability": probabilities.mean(axis=0, dtype=np.float64),
        "log_loss": losses / known,
        "scored": enough,
    }
    return pl.DataFrame(columns)
