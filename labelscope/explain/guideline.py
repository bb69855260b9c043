"""A page that tells annotators what a label means here: examples, borderline cases, and what it is confused with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.files import write_files
from labelscope.data.inputs import input_files
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.positions import positions
from labelscope.data.results import Result
from labelscope.data.view_hook import views
from labelscope.errors import DataError, StageError
from labelscope.explain.confusions import confusions, threshold_of
from labelscope.explain.prototypes import ENOUGH_TO_DOUBT, PrototypeConfig, choose_prototypes
from labelscope.issues.find import Findings, find_issues
from labelscope.models.predict import Predictions, predict
from labelscope.space.embed import embed

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Guideline", "GuidelineConfig", "guideline"]

Examples = list[tuple[str, "str | None", np.ndarray]]  # section, other label, rows
SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown"}


@dataclass(frozen=True)
class GuidelineConfig:
    """How :func:`guideline` works.

    Attributes
    ----------
    n_borderline : int
        Borderline cases shown on either side.
    n_confused : int
        Most labels shown that it is confused with.
    n_examples : int
        Examples of each of them.
    prototypes : PrototypeConfig
        How the exemplars are chosen.
    """

    n_borderline: int = 4
    n_confused: int = 5
    n_examples: int = 2
    prototypes: PrototypeConfig = field(default_factory=PrototypeConfig)


@dataclass(frozen=True, eq=False, repr=False)
class Guideline(Result):
    """What a label means in this data set, by example.

    Attributes
    ----------
    frame : polars.DataFrame
        section ("exemplar", "borderline, given", "borderline, not given", "confused"), other (the other label, or null),
        item_id, state (1 or 0), probability, text (where there is one).
    label : str
    description : str
        As given with the data set, or empty.
    n_positive, n_negative, n_unknown : int
    threshold : float
        Probability above which as many items lie as carry the label.
    confusions : polars.DataFrame
        label, claimed, lost, lift: see :func:`labelscope.explain.confusions.confusions`.
    goes_with : polars.DataFrame
        label, share (of the items with this label that carry it too), lift; the most frequent first, lift above 1 only.
    n_left_out : int
        Cells of the label that are flagged as suspicious: none of them is an example.
    dataset : Dataset or None
        Where the items come from, for pictures.
    """

    label: str = ""
    description: str = ""
    n_positive: int = 0
    n_negative: int = 0
    n_unknown: int = 0
    threshold: float = 0.5
    confusions: pl.DataFrame = field(default_factory=pl.DataFrame)
    goes_with: pl.DataFrame = field(default_factory=pl.DataFrame)
    n_left_out: int = 0
    dataset: Dataset | None = None

    def summary(self) -> str:
        """One line of plain text."""
        confused = self.confusions["label"].head(3).to_list() if self.confusions.height else []
        with_what = f"confused with {', '.join(confused)}" if confused else "confused with no other label"
        return f"Guideline for '{self.label}': {(self.frame['section'] == 'exemplar').sum()} examples, {with_what}"

    @property
    def html(self) -> str:
        """The page as HTML that needs no network and runs no script; what came from data is escaped."""
        return views().page(self, "html")

    @property
    def markdown(self) -> str:
        """The page as Markdown; what came from data is escaped."""
        return views().page(self, "markdown")

    def write(self, path: str | PathLike[str]) -> None:
        """Write the page, as HTML or as Markdown by the ending of the path (.html, .md).

        Raises
        ------
        DataError
            If the ending is another, or the file cannot be written; then no part of it is.
        """
        to = Path(path)
        form = SUFFIXES.get(to.suffix.lower())
        if form is None:
            raise DataError(f"guideline: expected a path that ends in .html or .md, got {str(to)!r}")
        content = views().page(self, form).encode()
        inputs = () if self.dataset is None else input_files(self.dataset)
        write_files({to: lambda file: file.write(content)}, name="guideline", inputs=inputs)


@checked
def guideline(
    dataset: Dataset,
    predictions: Predictions | None = None,
    findings: Findings | None = None,
    *,
    label: str | int,
    config: GuidelineConfig | None = None,
) -> Guideline:
    """A labelling guideline for one label, made of the data itself.

    Exemplars are k-medoids of those positives that the model finds clear, where there are enough; borderline cases are the
    known items on either side of the line where the model says the label as often as it is given; confusions are other labels
    on the items where model and label disagree. Suspicious cells are never examples: a guideline must not teach the errors.
    It shows how the label *was* used; whether that is how it should be used is for a person to say.

    Parameters
    ----------
    dataset : Dataset
    predictions : Predictions, optional
        Default: ``predict(dataset)``.
    findings : Findings, optional
        Default: ``find_issues(dataset, predictions)``.
    label : str
    config : GuidelineConfig, optional

    Returns
    -------
    Guideline
        Shows itself in a notebook; ``.write("label.html")`` or ``.write("label.md")`` for others.

    Raises
    ------
    DataError
        If there is no such label.
    StageError
        If the label has too few positives or negatives to be predicted.
    """
    config = config or GuidelineConfig()
    column = dataset.label_position(label)
    predictions = predictions if predictions is not None else predict(dataset)
    if not predictions.scored[column]:
        raise StageError(f"guideline: expected a label with positives and negatives enough to be predicted, got {label!r}")
    findings = findings if findings is not None else find_issues(dataset, predictions)
    states = dataset.labels.columns(np.array([column]))[:, 0]
    probability, flagged = predictions.cell_probabilities.column(column), _flagged(dataset, findings, column)
    threshold = threshold_of(states, probability)
    confused, behind = confusions(dataset, predictions.cell_probabilities, column, threshold)
    confused = confused.head(config.n_confused)
    sound = np.flatnonzero((states == POSITIVE) & ~flagged)
    clear = sound[probability[sound] >= threshold]
    sound = clear if len(clear) >= ENOUGH_TO_DOUBT else sound if len(sound) else np.flatnonzero(states == POSITIVE)
    features = embed(dataset, model=predictions.model)
    exemplars = choose_prototypes(dataset, features, sound, probability[sound], column, config.prototypes)
    chosen = positions(exemplars["item_id"], dataset.item_ids, expected="guideline: expected items of the data set", remedy="")
    given, absent = _borderline(states, probability, flagged, threshold, chosen, config.n_borderline)
    parts: Examples = [("exemplar", None, chosen), ("borderline, given", None, given), ("borderline, not given", None, absent)]
    for other in confused["label"]:
        fresh = behind[other][~np.isin(behind[other], np.concatenate([rows for *_, rows in parts]))]
        clean = fresh[~flagged[fresh]]
        parts.append(("confused", other, (clean if len(clean) else behind[other])[: config.n_examples]))
    return Guideline(
        pl.concat([_examples(dataset, states, probability, *part) for part in parts]),
        label=dataset.label_names[column],
        description=(dataset.label_descriptions or {}).get(dataset.label_names[column], ""),
        n_positive=int(dataset.labels.n_positive[column]),
        n_negative=int(dataset.labels.n_negative[column]),
        n_unknown=int(dataset.labels.n_unknown[column]),
        threshold=threshold,
        confusions=confused,
        goes_with=_goes_with(dataset, states, column),
        n_left_out=int(flagged.sum()),
        dataset=dataset,
    )


def _flagged(dataset: Dataset, findings: Findings, column: int) -> np.ndarray:
    """Items whose cell of the label is flagged, bool (n_items,)."""
    cells = findings.cells.filter("flagged", pl.col("label") == dataset.label_names[column])
    out = np.zeros(dataset.n_items, bool)
    out[positions(cells["item_id"], dataset.item_ids, expected="findings: expected items of this data set", remedy="find its issues")] = (
        True
    )
    return out


def _borderline(
    states: np.ndarray, probability: np.ndarray, flagged: np.ndarray, threshold: float, chosen: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Items nearest to the threshold, given and not given the label, nearest first."""
    clipped, line = np.clip(probability.astype(np.float64), 1e-6, 1 - 1e-6), min(max(threshold, 1e-6), 1 - 1e-6)
    away = np.abs(np.log(clipped / (1 - clipped)) - np.log(line / (1 - line)))
    away[flagged] = np.inf
    away[chosen] = np.inf
    sides = []
    for state in (POSITIVE, NEGATIVE):
        rows = np.flatnonzero((states == state) & np.isfinite(away))
        sides.append(rows[np.argsort(away[rows], kind="stable")][:n])
    return sides[0], sides[1]


def _examples(
    dataset: Dataset, states: np.ndarray, probability: np.ndarray, section: str, other: str | None, rows: np.ndarray
) -> pl.DataFrame:
    text = {} if dataset.text is None else {"text": dataset.items[dataset.text][rows].cast(pl.String)}
    return pl.DataFrame({
        "section": pl.Series([section] * len(rows), dtype=pl.String),
        "other": pl.Series([other] * len(rows), dtype=pl.String),
        "item_id": dataset.item_ids[rows],
        "state": states[rows],
        "probability": probability[rows],
        **text,
    })  # fmt: skip


def _goes_with(dataset: Dataset, states: np.ndarray, column: int, n: int = 5) -> pl.DataFrame:
    positives = dataset.labels.positives
    share = np.asarray(positives[states == POSITIVE].mean(axis=0)).ravel()
    share[column] = 0
    lift = share / np.maximum(dataset.labels.n_positive / dataset.n_items, 1e-12)
    order = np.argsort(-share, kind="stable")
    order = order[(lift[order] > 1) & (share[order] > 0.05)][:n]
    return pl.DataFrame({"label": pl.Series(dataset.label_names, dtype=pl.String)[order], "share": share[order], "lift": lift[order]})
