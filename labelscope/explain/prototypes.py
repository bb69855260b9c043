"""What a label looks like: a few of its own items, chosen so that every other one is near to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.compute.progress import advance
from labelscope.compute.seeds import generator
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.errors import DataError, StageError
from labelscope.explain.kmedoids import greedy_start, medoids, separation
from labelscope.models.predict import Predictions
from labelscope.space.embed import embed
from labelscope.space.neighbors import unit_rows

__all__ = ["PrototypeConfig", "Prototypes", "choose_prototypes", "prototypes"]

ENOUGH_TO_DOUBT = 12  # positives from which the most doubtful are left out
EACH = 5  # positives there should be for each prototype, beyond the fewest


@dataclass(frozen=True)
class PrototypeConfig:
    """How :func:`prototypes` works.

    Attributes
    ----------
    fewest, most : int
        Prototypes a label; as many as separate its positives best.
    doubtful : float
        Share of the positives, those that the model gives the least, that takes no part.
    max_items : int
        Positives looked at; of more a sample is drawn.
    seed : int
        Of that sample.
    """

    fewest: int = 3
    most: int = 5
    doubtful: float = 0.25
    max_items: int = 2000
    seed: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Prototypes(Result):
    """Real examples of labels.

    Attributes
    ----------
    frame : polars.DataFrame
        label, rank (1 stands for the most), item_id, share (of the positives looked at that are nearest to it), similarity
        (their mean cosine with it), text (where there is one). Labels in the order asked for.
    dataset : Dataset or None
        Where the items come from, for pictures.
    """

    dataset: Dataset | None = None

    def summary(self) -> str:
        """One line of plain text."""
        n_labels = self.frame["label"].n_unique()
        if n_labels == 1:
            return f"Prototypes of '{self.frame['label'][0]}': items {', '.join(str(item) for item in self.frame['item_id'])}"
        return f"Prototypes: {self.frame.height:,} items for {n_labels:,} labels"


@checked
def prototypes(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    label: str | Sequence[str] | None = None,
    config: PrototypeConfig | None = None,
) -> Prototypes:
    """Three to five real examples of a label.

    k-medoids on the cosine distances of its positives: unlike averages they can be shown, and unlike the most confident
    items they cover the kinds of things that carry the label. Where positives are wrong, a prototype may be: with
    predictions the quarter that the model doubts most takes no part.

    Parameters
    ----------
    dataset : Dataset
        With embeddings, or text or images to embed.
    predictions : Predictions, optional
    label : str or sequence of str, optional
        All labels with a positive by default.
    config : PrototypeConfig, optional

    Returns
    -------
    Prototypes

    Raises
    ------
    DataError
        If there is no such label.
    StageError
        If a named label has no positive, or there is nothing to embed.

    Examples
    --------
    >>> x = np.array([[1, 0], [1, 0.1], [0.9, 0], [0, 1], [0.1, 1], [0, 0.9], [-1, -1]], np.float32)
    >>> ds = Dataset.from_arrays([["a"]] * 6 + [[]], embeddings=x)
    >>> prototypes(ds, label="a").frame["rank"].to_list()
    [1, 2, 3]
    """
    config = config or PrototypeConfig()
    if label is None:
        columns = np.flatnonzero(dataset.labels.n_positive).tolist()
    else:
        columns = [dataset.label_position(name) for name in ([label] if isinstance(label, str) else label)]
    if not columns:
        raise DataError("label: expected the name of a label or of several, got an empty list")
    features = embed(dataset, model=None if predictions is None else predictions.model)
    by_label = dataset.labels.positives.tocsc()
    frames = []
    for done, column in enumerate(columns):
        rows = np.sort(by_label.indices[by_label.indptr[column] : by_label.indptr[column + 1]]).astype(np.int64)
        if not len(rows):
            raise StageError(f"prototypes: expected a label with a positive, got {dataset.label_names[column]!r}, which has none")
        probability = None if predictions is None else predictions.cell_probabilities.at(rows, np.full(len(rows), column))
        frames.append(choose_prototypes(dataset, features, rows, probability, column, config))
        advance("prototypes", (done + 1) / len(columns))
    return Prototypes(pl.concat(frames), dataset=dataset)


def choose_prototypes(
    dataset: Dataset, features: np.ndarray, rows: np.ndarray, probability: np.ndarray | None, column: int, config: PrototypeConfig
) -> pl.DataFrame:
    """Prototypes among some items of a label, as in `Prototypes.frame`.

    Parameters
    ----------
    dataset : Dataset
    features : float array of shape (n_items, n_features)
    rows : int array of shape (n_positives,)
        Items to choose from, at least one.
    probability : float array of shape (n_positives,), optional
        Of the label; the most doubtful are left out.
    column : int
        Position of the label.
    config : PrototypeConfig
    """
    if probability is not None and len(rows) >= ENOUGH_TO_DOUBT:
        rows = rows[probability >= np.quantile(probability, config.doubtful)]
    if len(rows) > config.max_items:
        rows = np.sort(generator(config.seed, "prototypes", column).choice(rows, config.max_items, replace=False))
    unit = unit_rows(features[rows])
    distances = (1 - unit @ unit.T).clip(0).astype(np.float64)
    most = max(config.fewest, min(config.most, len(rows) // EACH))  # else every item of few would stand for itself
    start = greedy_start(distances, min(most, len(rows)))
    tried = [medoids(distances, k, start=start) for k in range(config.fewest, most + 1)]
    chosen = max(tried, key=lambda found: round(separation(distances, found), 9))
    nearest = distances[:, chosen].argmin(axis=1)
    counts = np.bincount(nearest, minlength=len(chosen))
    likeness = 1 - np.bincount(nearest, distances[np.arange(len(rows)), chosen[nearest]], len(chosen)) / np.maximum(counts, 1)
    order = np.argsort(-counts, kind="stable")
    items = rows[chosen[order]]
    text = {} if dataset.text is None else {"text": dataset.items[dataset.text][items].cast(pl.String)}
    return pl.DataFrame({
        "label": pl.Series([dataset.label_names[column]] * len(order), dtype=pl.String),
        "rank": np.arange(1, len(order) + 1),
        "item_id": dataset.item_ids[items],
        "share": counts[order] / len(rows),
        "similarity": likeness[order],
        **text,
    })  # fmt: skip
