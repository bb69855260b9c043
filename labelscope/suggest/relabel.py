"""Relabel suggestions: what to change, with everything that follows from it, how sure that is, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.positions import positions
from labelscope.data.results import Result
from labelscope.errors import DataError, StageError
from labelscope.issues.find import Findings, find_issues
from labelscope.models.predict import Predictions, predict
from labelscope.space.embed import embed
from labelscope.space.neighbors import Neighbors, nearest_to
from labelscope.stats.constraints import Constraints
from labelscope.stats.relations import Relations
from labelscope.suggest import batches as batching
from labelscope.suggest.acceptance import RECORD, calibrate, place_outcomes
from labelscope.suggest.changes import SCHEMA
from labelscope.suggest.consistency import cohere, complete, requirements, swaps
from labelscope.suggest.label_logic import LabelLogic, label_logic
from labelscope.suggest.reasons import explain_changes

__all__ = ["SuggestConfig", "Suggestions", "suggest"]

NEIGHBORHOOD = 25  # neighbours that say what is near: those that every search keeps
REACH = 0.25  # quantile, over the items, of the similarity to their last neighbour: what is near
SAMPLED = 10_000  # items up to which all of them say what is near; of more, a tenth of this


@dataclass(frozen=True)
class SuggestConfig:
    """How :func:`suggest` works.

    Attributes
    ----------
    n_neighbors : int
        Neighbours that a reason counts.
    max_suggestions : int
        Most flagged cells that become suggestions, the surest first. What they require comes on top.
    one_label : bool, optional
        Whether an item carries one label at most, so that to add one is to replace the other. Default: if practically all
        do, and there is no taxonomy.
    """

    n_neighbors: int = 10
    max_suggestions: int = 100_000
    one_label: bool | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Suggestions(Result):
    """Proposed changes, surest first.

    Attributes
    ----------
    frame : polars.DataFrame
        suggestion_id (stable for a data set and a cell), item_id, label, action ("add" or "remove"), confidence
        (estimated probability that the change is right, 0 to 1; at most 0.8 until a person has decided on such
        suggestions), reason; set_id (shared by suggestions on one item that hang together, null for one alone),
        companions (ids of the suggestions that this one makes necessary; empty for most), swap (the label that comes or
        goes in exchange, or null), batch_id (of `batches`, or null).
    batches : polars.DataFrame
        The same fix on many items: batch_id, title, action ("add", "remove" or "swap"), label, n (items), n_suggestions,
        confidence (mean), coherence (how alike the items are: mean cosine; null where a rule is the reason), item_ids (examples);
        most right changes to expect first.
    record : polars.DataFrame
        The decisions that confidence rests on: action, kind (how the suggestion came about), n_decided, n_right, stated
        (mean confidence before them).
    """

    batches: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=batching.SCHEMA))
    record: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RECORD))

    def summary(self) -> str:
        """One line of plain text."""
        counts = dict(self.frame.group_by("action").len().iter_rows())
        words = f"Suggestions: add {counts.get('add', 0):,} and remove {counts.get('remove', 0):,} labels"
        n = self.batches.height
        return f"{words}; {n:,} {'batch' if n == 1 else 'batches'} of the same fix" if n else words

    def together(self, suggestion_ids: Iterable[str]) -> list[str]:
        """The suggestions and all that they make necessary: what to accept as one.

        Raises
        ------
        DataError
            If there is no such suggestion.
        """
        asked = pl.Series("suggestion_id", list(suggestion_ids), dtype=pl.String)
        unknown = asked.filter(~asked.is_in(self.frame["suggestion_id"].implode()))
        if len(unknown):
            raise DataError(f"suggestion: expected one of the {self.frame.height:,} suggestion ids, got {unknown[0]!r}")
        wanted = self.frame.filter(pl.col("suggestion_id").is_in(asked.implode()))
        if "companions" not in wanted.columns:
            return wanted["suggestion_id"].to_list()
        return pl.concat([wanted["suggestion_id"], wanted["companions"].explode().drop_nulls()]).unique(maintain_order=True).to_list()

    def of_batch(self, batch_id: str) -> list[str]:
        """Ids of the suggestions of a batch and all that they make necessary.

        Raises
        ------
        DataError
            If there is no such batch.
        """
        if batch_id not in self.batches["batch_id"]:
            raise DataError(f"batch: expected one of the {self.batches.height:,} batch ids, got {batch_id!r}")
        return self.together(self.frame.filter(pl.col("batch_id") == batch_id)["suggestion_id"])


@checked
def suggest(
    dataset: Dataset,
    predictions: Predictions | None = None,
    findings: Findings | None = None,
    *,
    relations: Relations | None = None,
    constraints: Constraints | None = None,
    outcomes: pl.DataFrame | None = None,
    config: SuggestConfig | None = None,
) -> Suggestions:
    """Relabel suggestions: labels to add or remove in the flagged cells, and the changes that these make necessary.

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions, optional
        Default: ``predict(dataset)``.
    findings : Findings, optional
        Default: ``find_issues(dataset, predictions)``.
    relations : Relations, optional
        From :func:`labelscope.relations`: its well supported exclusive pairs become constraints.
    constraints : Constraints, optional
        Relations that hold, as a person confirmed them. Default: the taxonomy of the data set.
    outcomes : polars.DataFrame, optional
        What people decided: item_id, label, right (Boolean: the suggested change was right), and optionally weight;
        :func:`labelscope.suggest.acceptance.outcomes` makes it from the decisions of a session. It changes confidence
        and order, never which cells are suggested.
    config : SuggestConfig, optional

    Returns
    -------
    Suggestions
        Applied together they leave no positive without a label that it implies, and make no exclusive pair
        (:mod:`labelscope.suggest.consistency`); the same holds for those above any confidence.

    Raises
    ------
    StageError
        If nothing can be predicted for this data set, or an argument is not what the stage before returns.
    DataError
        If `outcomes` lacks a column, or it or `constraints` is about other items or labels.

    Examples
    --------
    >>> x = np.repeat([[0.0, 1.0], [1.0, 0.0]], 20, axis=0) + np.random.default_rng(0).normal(0, 0.1, (40, 2))
    >>> ds = Dataset.from_arrays([["cat"]] * 19 + [["dog"]] * 21, embeddings=x)
    >>> suggest(ds).frame.select("item_id", "label", "action", "swap").rows()
    [(19, 'cat', 'add', 'dog'), (19, 'dog', 'remove', 'cat')]
    """
    config = config or SuggestConfig()
    if not (relations is None or isinstance(relations, Relations)):
        raise StageError(f"relations: expected what labelscope.relations returns, got {type(relations).__name__}")
    predictions = predictions if predictions is not None else predict(dataset)
    findings = findings if findings is not None else find_issues(dataset, predictions)
    reviewed = None if outcomes is None else place_outcomes(outcomes, dataset.item_ids, dataset.label_names)
    guess = None if config.one_label is None and _removable(dataset, findings) else bool(config.one_label)
    logic = label_logic(dataset, relations, constraints, one_label=guess)
    changes = complete(_flagged(dataset, findings, config), dataset, findings, predictions.cell_probabilities, logic)
    changes, record, required = _ordered(changes, reviewed, logic)
    features = _features(dataset, predictions) if changes.height else None
    near, reach = (None, -1.0) if features is None else _neighborhoods(features, changes["row"].to_numpy())
    groups, batch_id = batching.gather(changes, required, dataset, features, reach)
    frame = pl.DataFrame({
        "suggestion_id": changes["id"],
        "item_id": dataset.item_ids.gather(changes["row"]),
        "label": _labels(dataset, changes["column"]),
        "action": changes.select(pl.when("add").then(pl.lit("add")).otherwise(pl.lit("remove")).alias("action"))["action"],
        "confidence": changes["confidence"].cast(pl.Float32),
        "reason": explain_changes(changes, dataset, predictions, near, config.n_neighbors),
        "set_id": _sets(changes, required),
        "companions": _companions(changes, required),
        "swap": _labels(dataset, changes["swap"]),
        "batch_id": batch_id,
    })  # fmt: skip
    return Suggestions(frame, batches=groups, record=record)


def _removable(dataset: Dataset, findings: Findings) -> bool:
    """Whether any positive is under suspicion at all: not where the noise is known to be missing labels only."""
    rows, columns = dataset.labels.positives.nonzero()
    return bool(len(rows)) and bool(np.nanmax(findings.cell_scores.at(rows, columns)) > 0)


def _flagged(dataset: Dataset, findings: Findings, config: SuggestConfig) -> pl.DataFrame:
    """The flagged cells as changes by position, most suspicious first."""
    cells = findings.cells.filter("flagged").head(config.max_suggestions)
    known = {"expected": "findings: expected items and labels of this data set", "remedy": "find the issues of this one"}
    return pl.DataFrame(
        {
            "row": positions(cells["item_id"], dataset.item_ids, **known),
            "column": positions(cells["label"], pl.Series(dataset.label_names, dtype=pl.String), **known),
            "add": cells["kind"] == "missing",
            "confidence": cells["confidence"],
            "strength": cells["suspicion"],
            "kind": pl.repeat("flagged", cells.height, eager=True),
            "cause": pl.repeat(-1, cells.height, eager=True),
        },
        schema=SCHEMA,
        strict=False,
    )


def _ordered(
    changes: pl.DataFrame, reviewed: pl.DataFrame | None, logic: LabelLogic
) -> tuple[pl.DataFrame, pl.DataFrame, tuple[np.ndarray, np.ndarray]]:
    """The changes with ids, swaps and the final confidence, best first; the record of decisions; what requires what."""
    source, needed = requirements(changes, logic)
    prior = cohere(changes["confidence"].to_numpy(), source, needed)
    confidence, record = calibrate(changes.with_columns(pl.Series("confidence", prior)), reviewed)
    confidence = cohere(confidence, source, needed, swaps(changes, source, needed))
    changes = changes.with_columns(pl.Series("confidence", confidence), id=pl.format("{}.{}", "row", "column")).sort(
        ["confidence", "strength", "row", "column"], descending=[True, True, False, False]
    )
    source, needed = requirements(changes, logic)
    columns, swap = changes["column"].to_numpy(), np.full(changes.height, -1)
    swapped = swaps(changes, source, needed)
    for mine, other in ((source[swapped], needed[swapped]), (needed[swapped], source[swapped])):
        best_last = np.argsort(-other, kind="stable")
        swap[mine[best_last]] = columns[other[best_last]]
    return changes.with_columns(pl.Series("swap", swap)), record, (source, needed)


def _features(dataset: Dataset, predictions: Predictions) -> np.ndarray | None:
    try:
        return embed(dataset, model=predictions.model)
    except StageError:  # the user's own probabilities, and nothing to find neighbours in
        return None


def _neighborhoods(features: np.ndarray, rows: np.ndarray) -> tuple[Neighbors, float]:
    """Neighbours of the item of each change, and how alike an item and its last neighbour usually are.

    Few items of a large set have a suggestion: only they, and a sample that says what is usual, are looked up.
    """
    n_items = len(features)
    usual = np.arange(n_items) if n_items <= SAMPLED else np.linspace(0, n_items - 1, SAMPLED // 10).astype(np.int64)
    found = nearest_to(features, np.concatenate([rows, usual]), NEIGHBORHOOD)
    near = Neighbors(found.indices[: len(rows)], found.similarities[: len(rows)])
    return near, float(np.quantile(found.similarities[len(rows) :, -1], REACH)) if found.k else -1.0


def _labels(dataset: Dataset, columns: pl.Series) -> pl.Series:
    """Label names by position, null for -1."""
    return pl.Series(dataset.label_names, dtype=pl.String).gather(columns.set(columns < 0, None))


def _sets(changes: pl.DataFrame, required: tuple[np.ndarray, np.ndarray]) -> pl.Series:
    """The id of the best suggestion of each set; null for a suggestion that hangs together with none."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    n = changes.height
    links = csr_matrix((np.ones(len(required[0]), bool), required), shape=(n, n))
    marks = connected_components(links, directed=False)[1] if n else np.empty(0, np.int64)
    alone = np.bincount(marks)[marks] == 1 if n else np.empty(0, bool)
    first = np.unique(marks, return_index=True)[1][marks] if n else marks
    return changes["id"].gather(pl.Series(first, dtype=pl.Int64).set(pl.Series(alone, dtype=pl.Boolean), None))


def _companions(changes: pl.DataFrame, required: tuple[np.ndarray, np.ndarray]) -> pl.Series:
    """Ids of the suggestions that each one makes necessary, best first; an empty list for most."""
    pairs = pl.DataFrame({"index": required[0], "needed": required[1]}).sort("index", "needed")
    pairs = pairs.with_columns(companions=changes["id"].gather(pairs["needed"]))
    lists = pairs.group_by("index").agg("companions")
    each = pl.DataFrame({"index": np.arange(changes.height)}).join(lists, on="index", how="left", maintain_order="left")
    return each["companions"].fill_null([])
