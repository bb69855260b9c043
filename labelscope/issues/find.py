"""Suspicious cells of a data set: spurious positives and missed positives, kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.data.arguments import checked
from labelscope.data.cell_scores import AllCells, Scores, scores_of
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.listed_scores import ListedScores
from labelscope.data.positions import positions
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.issues.asymmetry import MOST, miss_rates, missing_weight
from labelscope.issues.cell_block import CellBlock
from labelscope.issues.combine import Sides, Team
from labelscope.issues.confidence import state_confidence
from labelscope.issues.context import Context
from labelscope.issues.detector import Detector
from labelscope.issues.flags import FindConfig, check_config, flag_cells
from labelscope.issues.rarity import rarity_weights
from labelscope.issues.registry import able, available, choose
from labelscope.issues.scores import score_items
from labelscope.models.predict import Predictions, predict

__all__ = ["FindConfig", "Findings", "Noise", "find_issues"]

Noise = Literal["auto", "both", "missing", "spurious"]
BLOCK_BYTES = 16 << 20  # of the states and scores of a block; a detector takes some arrays of its size more
RULED_OUT = {"missing": POSITIVE, "spurious": NEGATIVE}


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Result):
    """Suspicious cells and items. A flag is a reason to look, not an error count.

    Attributes
    ----------
    frame, cells : polars.DataFrame
        item_id, label, given (1 or 0), kind ("spurious" or "missing"), suspicion, flagged, confidence (estimated
        probability that the state is wrong, :mod:`labelscope.issues.confidence`); most suspicious first.
    items : polars.DataFrame
        item_id, suspicion, n_flagged; most suspicious first.
    scores : float32, shape (n_items, n_labels)
        Suspicion in [0, 1], NaN where unknown; 0 for labels that are not scored. Refused with a StageError where the
        predictions list some cells only: `cells` has those that are suspicious.
    not_scored : tuple of str
        Labels with too few positives or negatives to say anything.
    miss_rates : polars.DataFrame
        label, miss_rate: estimated share of its true positives that is given as negative.
    missing_weight : float
        Factor on the odds that a negative cell is wrong, 0 to 4: how much of the noise is on that side.
    detectors : tuple of str
        Those that took part.
    """

    items: pl.DataFrame = field(default_factory=pl.DataFrame)
    scores: AllCells = AllCells()  # noqa: RUF009 - a descriptor, which keeps nothing itself
    not_scored: tuple[str, ...] = ()
    miss_rates: pl.DataFrame = field(default_factory=pl.DataFrame)
    missing_weight: float = 1.0
    detectors: tuple[str, ...] = ()
    _context: Context | None = field(repr=False, default=None)

    @property
    def cell_scores(self) -> Scores:
        """The scores, as the stages ask for them."""
        return scores_of(self, "scores")

    @property
    def cells(self) -> pl.DataFrame:
        """The suspicious cells, most suspicious first."""
        return self.frame

    @property
    def context(self) -> Context | None:
        """What the findings were made of, None for findings made by hand."""
        return self._context

    def evidence(self, cells: pl.DataFrame | None = None, detectors: Sequence[str] | None = None) -> pl.DataFrame:
        """What each detector says about single cells, asked one by one.

        Parameters
        ----------
        cells : polars.DataFrame, optional
            With item_id and label. Default: the flagged cells.
        detectors : sequence of str, optional
            Default: all that can run on the data set. Each is prepared for the occasion, which for those on embeddings
            takes as long as it would have taken in :func:`find_issues`.

        Returns
        -------
        polars.DataFrame
            item_id, label and one float32 column a detector: suspicion in [0, 1], null where it has no opinion.

        Raises
        ------
        DataError
            If a cell is not of this data set.
        StageError
            If a detector is unknown or cannot run.
        """
        if self._context is None:
            raise StageError("evidence: expected findings of find_issues, got findings made by hand; find the issues of the data set")
        cells = self.frame.filter("flagged") if cells is None else cells
        chosen = choose(detectors or available(self._context.dataset), self._context.dataset)
        return _evidence(self._context, cells, able(chosen, self._context.probabilities, named=detectors is not None))

    def summary(self) -> str:
        """One line of plain text."""
        flagged = self.frame.filter("flagged")
        kinds = dict(flagged.group_by("kind").len().iter_rows())
        return f"Findings: the {kinds.get('spurious', 0):,} most suspicious positives and {kinds.get('missing', 0):,} negatives to look at"


@checked
def find_issues(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    noise: Noise = "auto",
    detectors: Sequence[str] | None = None,
    config: FindConfig | None = None,
    seed: int = 0,
    executor: Executor | None = None,
) -> Findings:
    """Cells whose state is probably wrong.

    By default: self-confidence of out-of-fold probabilities in the light of the item's other labels
    (:mod:`labelscope.issues.detectors.competing_labels`), with what the words of the text say
    (:mod:`labelscope.issues.detectors.words`) and whether they name the label
    (:mod:`labelscope.issues.detectors.mentions`), what people voted (:mod:`labelscope.issues.detectors.votes`) and what a
    taxonomy implies (:mod:`labelscope.issues.detectors.taxonomy`), where there is any of these. The suspicion of missing
    cells is weighed by how one-sided the noise of the data set is (:mod:`labelscope.issues.asymmetry`), that of spurious
    cells by how rare the label is (:mod:`labelscope.issues.rarity`).

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions, optional
        Default: ``predict(dataset)``; where there is nothing to predict from but votes or a taxonomy, those alone speak.
    noise : {"auto", "both", "missing", "spurious"}
        What is known about the noise. "auto" estimates it; "both" says that both kinds occur; "missing" (positives are
        never wrong) and "spurious" (negatives are never wrong) rule the other kind out.
    detectors : sequence of str, optional
        Exactly these detectors, out of :data:`labelscope.issues.registry.DETECTORS`. Default: what holds on real noise.
    config : FindConfig, optional
    seed : int
    executor : concurrent.futures.Executor, optional

    Returns
    -------
    Findings

    Raises
    ------
    StageError
        If `noise` is none of the four, a detector is unknown or cannot run, the predictions are of another shape, or
        nothing can be predicted.
    """
    if noise not in ("auto", "both", "missing", "spurious"):
        raise StageError(f'noise: expected "auto", "both", "missing" or "spurious", got {noise!r}')
    if not (predictions is None or isinstance(predictions, Predictions)):
        raise StageError(f"predictions: expected what predict returns, got {type(predictions).__name__}; arrays go to score_cells")
    config = check_config(config or FindConfig())
    chosen = choose(detectors, dataset)
    if predictions is None:
        predictions = predict(dataset, seed=seed, executor=executor) if _learnable(dataset, chosen) else _prevalences(dataset)
    if predictions.cell_probabilities.shape != dataset.labels.shape:
        raise StageError(
            f"predictions: expected shape {dataset.labels.shape}, got {predictions.cell_probabilities.shape}; predict this data set"
        )
    chosen = able(chosen, predictions.cell_probabilities, named=detectors is not None)
    context = Context(dataset, predictions, seed, executor)
    rates = miss_rates(dataset.labels, predictions.cell_probabilities)
    sides = Sides(
        missing_weight(dataset.labels, rates) if noise == "auto" else MOST,
        rarity_weights(context.prevalence, dataset.labels.n_positive),
        predictions.scored,
    )
    team = Team.prepare(chosen, context)
    scores, suspicion, listed = _Sheet.like(predictions.cell_probabilities), np.empty(dataset.n_items, np.float32), []
    for block in row_blocks(dataset.n_items, scores.width * 8, BLOCK_BYTES):
        asked, p = team.context.block(block)
        judged, firm = team.judge(asked, p, sides)
        if noise in RULED_OUT:
            judged[asked.states == RULED_OUT[noise]] = 0
        scores.write(block, asked.kept(judged))
        suspicion[block] = score_items(judged)
        listed.append(_suspicious(judged, asked, firm, block.start, config.list_above))
        advance("find issues", block.stop / dataset.n_items)
    cells, n_flagged = _frame(dataset, listed, config)
    order = np.argsort(-suspicion, kind="stable")
    return Findings(
        cells,
        items=pl.DataFrame({"item_id": dataset.item_ids, "suspicion": suspicion, "n_flagged": n_flagged})[order],
        scores=scores.filled(),
        not_scored=tuple(predictions.frame.filter(~pl.col("scored"))["label"].to_list()),
        miss_rates=pl.DataFrame({"label": list(dataset.label_names), "miss_rate": rates[0]}),
        missing_weight=0.0 if noise == "spurious" else sides.missing,
        detectors=tuple(detector.name for detector in chosen),
        _context=context,
    )


def _learnable(dataset: Dataset, chosen: Sequence[Detector]) -> bool:
    """Whether to predict. Without anything to learn from, detectors that hear people or rules can do without."""
    taught = dataset.has_content or dataset.probabilities is not None or bool(dataset.features)
    return taught or all(detector.role not in ("votes", "rule") for detector in chosen)


def _prevalences(dataset: Dataset) -> Predictions:
    """What is known of a cell of which nothing is known: how frequent its label is."""
    labels = dataset.labels
    share = (labels.n_positive + 1) / (labels.n_positive + labels.n_negative + 2)
    frame = pl.DataFrame({
        "label": list(dataset.label_names), "n_positive": labels.n_positive, "prevalence": share, "mean_probability": share,
        "log_loss": -share * np.log(share) - (1 - share) * np.log1p(-share), "scored": np.zeros(dataset.n_labels, bool),
    })  # fmt: skip
    return Predictions(frame, np.tile(share.astype(np.float32), (dataset.n_items, 1)), "prevalences", 0.0)


@dataclass(frozen=True, eq=False)
class _Sheet:
    """Where the suspicion is written down, in the form that the probabilities have.

    Attributes
    ----------
    form : Scores
    numbers : float32, shape (n_items, n_labels), or (n_cells,) where cells are listed
    """

    form: Scores
    numbers: np.ndarray

    @classmethod
    def like(cls, form: Scores) -> _Sheet:
        return cls(form, np.empty(len(form.labels) if isinstance(form, ListedScores) else form.shape, np.float32))

    @property
    def width(self) -> int:
        """Cells of an item: all, or about as many as the items with the most that are listed."""
        return 4 * -(-len(self.numbers) // self.form.shape[0]) if isinstance(self.form, ListedScores) else self.form.shape[1]

    def write(self, items: slice, numbers: np.ndarray) -> None:
        place = slice(self.form.starts[items.start], self.form.starts[items.stop]) if isinstance(self.form, ListedScores) else items
        self.numbers[place] = numbers

    def filled(self) -> Scores:
        return self.form.like(self.numbers, "scores") if isinstance(self.form, ListedScores) else Scores(self.numbers)


def _suspicious(scores: np.ndarray, cells: CellBlock, firm: np.ndarray | None, start: int, above: float) -> tuple[np.ndarray, ...]:
    """The cells of a block above a suspicion: row, label, suspicion, state, firm."""
    with np.errstate(invalid="ignore"):  # NaN compares as False, which is what unknown means here
        row, column = np.nonzero(scores > above)
    sure = np.zeros(len(row), bool) if firm is None else firm[row, column]
    return row + start, cells.label_of(row, column), scores[row, column], cells.states[row, column], sure


def _frame(dataset: Dataset, listed: Sequence[tuple[np.ndarray, ...]], config: FindConfig) -> tuple[pl.DataFrame, np.ndarray]:
    """The cells worth listing, most suspicious first, and the number of flags of each item."""
    item, label, suspicion, states, firm = (np.concatenate(parts) for parts in zip(*listed, strict=True))
    best = np.argsort(-suspicion, kind="stable")[: config.max_cells]
    item, label, suspicion, states, firm = item[best], label[best], suspicion[best], states[best], firm[best]
    confidence = state_confidence(suspicion, firm)
    flagged = flag_cells(suspicion, confidence, label, states, dataset.labels.n_positive, config)
    cells = pl.DataFrame({
        "item_id": dataset.item_ids[item],
        "label": pl.Series(dataset.label_names, dtype=pl.String)[label],
        "given": states,
        "kind": pl.Series(np.where(states == POSITIVE, "spurious", "missing"), dtype=pl.String),
        "suspicion": suspicion,
        "flagged": flagged,
        "confidence": confidence,
    })  # fmt: skip
    return cells, np.bincount(item[flagged], minlength=dataset.n_items).astype(np.int32)


def _evidence(context: Context, cells: pl.DataFrame, detectors: Sequence[Detector]) -> pl.DataFrame:
    ds = context.dataset
    remedy = "ask about cells of the data set whose issues these are"
    rows = positions(cells["item_id"], ds.item_ids, expected="evidence: expected known items", remedy=remedy)
    names = pl.Series(ds.label_names, dtype=pl.String)
    columns = positions(cells["label"], names, expected="evidence: expected known labels", remedy=remedy)
    asked, place = np.unique(rows, return_inverse=True)
    said = np.full((len(detectors), len(rows)), np.nan, np.float32)
    for d, detector in enumerate(detectors):
        team = Team.prepare([detector], context)
        for block in row_blocks(len(asked), ds.n_labels * 16):
            part = asked[block]
            cells_, p = team.context.block(part)
            opinions, _ = team.judge(cells_, p)
            here = np.flatnonzero((place >= block.start) & (place < block.stop))
            row = place[here] - block.start
            column = cells_.column_of(row, columns[here])
            said[d, here] = np.where(column >= 0, opinions[row, column], np.nan)
    found = {detector.name: pl.Series(said[d], nan_to_null=True) for d, detector in enumerate(detectors)}
    return cells.select("item_id", "label").with_columns(**found)
