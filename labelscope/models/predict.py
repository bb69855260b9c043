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
from labelscope.data.arguments import checked
from labelscope.data.cell_scores import AllCells, Scores, scores_of
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.models.calibration import fit_platt
from labelscope.models.ensemble import choose_weights, mix
from labelscope.models.folds import assign_folds
from labelscope.models.groups import close_neighbors, join_groups, join_pairs
from labelscope.models.heads import HEADS, TRAINED, Problem, trainable
from labelscope.models.label_rows import label_rows, summed_losses
from labelscope.models.listed import list_cells
from labelscope.models.metadata import encode_features
from labelscope.models.predict_config import Cells, PredictConfig, enough_known, lists_cells, n_cross_fits, searches_all, settled
from labelscope.models.voting import choose_voters
from labelscope.models.widening import SURE, WEIGHTS, gains, widen
from labelscope.space.duplicates import hashed_duplicates
from labelscope.space.embed import embed
from labelscope.space.neighbors import Neighbors, nearest

__all__ = ["PredictConfig", "Predictions", "kept_together", "predict"]


@dataclass(frozen=True, eq=False, repr=False)
class Predictions(Result):
    """Out-of-fold probabilities.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a label: label, n_positive, prevalence, mean_probability, log_loss, scored (bool).
    probabilities : float32, shape (n_items, n_labels)
        P(the label is given), from models that did not see the item. Refused with a StageError where only some cells are
        listed (:mod:`labelscope.models.listed`): `cells` has those.
    method : str
        What made them, for the record.
    vote_share : float
        Share of the neighbour votes in the mix, 0 to 1.
    model : str or None
        Embedding model that was asked for; the stages after this one use the same.
    heads : mapping of str to float
        Weight of each head in the mix before the votes, adding up to one (mean over the folds); empty where the user gave
        the probabilities.
    item_ids : polars.Series, shape (n_items,)
        Of the data set; empty for predictions made by hand.
    """

    probabilities: AllCells = AllCells()  # noqa: RUF009 - a descriptor, which keeps nothing itself
    method: str = ""
    vote_share: float = 0.0
    model: str | None = None
    heads: Mapping[str, float] = field(default_factory=dict)
    item_ids: pl.Series = field(default_factory=lambda: pl.Series("item_id", [], dtype=pl.Int64))

    @property
    def cell_probabilities(self) -> Scores:
        """The probabilities, as the stages ask for them."""
        return scores_of(self, "probabilities")

    @property
    def cells(self) -> pl.DataFrame:
        """The cells that have a probability: item_id, label, probability, in the order of the data; all, or those listed."""
        item, label, probability = self.cell_probabilities.cells()
        ids = self.item_ids if len(self.item_ids) else pl.Series("item_id", np.arange(self.cell_probabilities.shape[0]))
        return pl.DataFrame({"item_id": ids.gather(item), "label": self.frame["label"].gather(label), "probability": probability})

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
    cells: Cells | None = None,
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
    cells : {"auto", "all", "listed"}, optional
        Whether all cells have a probability, in one array, or only those worth one (:mod:`labelscope.models.listed`). By
        default that depends on the size: listed above 200,000,000 cells and 1,000 labels.
    config : PredictConfig, optional
        Everything else; `heads`, `loss` and `cells` count before what it says.
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
        folds), a head, loss or column is not there, or what is asked for needs all cells where they are listed.

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
            return predict(
                dataset, heads=heads, loss=loss, cells=cells, config=config, groups=groups, model=model, seed=seed, executor=executor
            )
    config = settled(config or PredictConfig(), heads, loss, cells)
    if dataset.probabilities is not None:
        given = np.asarray(dataset.probabilities, np.float32)
        enough, losses = enough_known(trainable(dataset.labels), config), summed_losses(dataset, given)
        frame = label_rows(dataset, given.mean(axis=0, dtype=np.float64), losses, enough)
        return Predictions(frame, given, "given by the user", item_ids=dataset.item_ids)
    if dataset.n_items < config.n_folds:
        raise StageError(f"predict: expected at least {config.n_folds} items (one a fold), got {dataset.n_items}; give probabilities")
    listed = lists_cells(dataset, config)
    metadata = encode_features(dataset)
    alone = not dataset.has_content and metadata.shape[1] > 0  # then equal rows are no copies, and no neighbours
    config = replace(config, vote_share=0.0) if alone else config
    features = metadata if alone else embed(dataset, model=model, seed=seed)
    near = nearest(features, config.n_neighbors, seed=seed) if searches_all(dataset, config) else None
    together = kept_together(dataset, None if alone else features, near, groups, config, seed)
    trained = trainable(dataset.labels)
    enough = enough_known(trained, config)
    problem = Problem(features, dataset.labels, np.empty(0, np.int64), together, config.loss, near, config.duplicate, seed, executor)
    prevalence = (trained.n_positive + 1) / (dataset.n_items - trained.n_unknown + 2)
    informed = np.full(dataset.n_labels, alone)
    if listed:
        found = list_cells(dataset, problem, trained, prevalence, enough, config)
        frame = label_rows(dataset, found.scores.means(), found.losses, enough)
        method = _method({"ridge": 1.0}, config.loss, found.vote_share) + _of_features(dataset, informed)
        return Predictions(frame, found.scores, method, found.vote_share, model, {"ridge": 1.0}, dataset.item_ids)
    fitted = []
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
    share = _vote(probabilities, problem, trained, prevalence, config)
    probabilities[:, ~enough] = prevalence[~enough]
    advance("predict", 1.0)
    method = _method(mixture, config.loss, share) + _of_features(dataset, informed)
    frame = label_rows(dataset, probabilities.mean(axis=0, dtype=np.float64), summed_losses(dataset, probabilities), enough)
    return Predictions(frame, probabilities, method, share, model, mixture, dataset.item_ids)


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
    repeats = 1 if head == "votes" else n_cross_fits(problem.features, problem.labels, config)
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


def _vote(probabilities: np.ndarray, problem: Problem, labels: LabelMatrix, prevalence: np.ndarray, config: PredictConfig) -> float:
    """Mix votes into the probabilities, in place, and tell their share."""
    voters = choose_voters(problem, labels, prevalence, config, probabilities.__getitem__)
    if voters is None:
        return 0.0
    for block in row_blocks(len(probabilities), voters.cell_bytes * labels.shape[1]):
        probabilities[block] += np.float32(config.vote_share) * (voters.votes(block) - probabilities[block])
    return config.vote_share


def _of_features(dataset: Dataset, informed: np.ndarray) -> str:
    return f" + features for {int(informed.sum()):,} of {dataset.n_labels:,} labels" if dataset.features else ""


def _method(mixture: Mapping[str, float], loss: str, share: float) -> str:
    named = [f"{head} ({loss})" if head in TRAINED else head for head in mixture]
    if len(named) > 1:
        named = [f"{weight:.2f} {name}" for name, weight in zip(named, mixture.values(), strict=True)]
    return " + ".join([*named, "Platt", *([f"{share:.0%} neighbour votes"] if share else [])])
