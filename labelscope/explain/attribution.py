"""Which words of a text, or patches of an image, speak for a label; with the figure that says whether to believe it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.errors import StageError
from labelscope.explain.cell import Cell, ExplainConfig
from labelscope.explain.cutting import Kind, cut
from labelscope.explain.faithfulness import Faithfulness, measure
from labelscope.explain.image import ImageParts, grad_cam
from labelscope.explain.parts import Parts
from labelscope.explain.text import TextParts, integrated_gradients, term_shares
from labelscope.models.influence import shuffled_weights
from labelscope.models.predict import Predictions

__all__ = ["METHODS", "Attribution", "attribute", "attribute_cell"]

LEAST_LIKE = 0.95
N_NAMED, WORTH_NAMING = 3, 0.2


@dataclass(frozen=True, eq=False, repr=False)
class Attribution(Result):
    """How much each part of an item speaks for a label, or for one label rather than another.

    Attributes
    ----------
    frame : polars.DataFrame
        part, then start, stop, word (text) or row, column, left, top, right, bottom (image), and weight: in log-odds,
        positive where the part speaks for the label. In the order of the item.
    item_id : object
    label : str
    against : str or None
        The label that it is compared with.
    of : str
        "text" or "image".
    method : str
        "occlusion", "terms", "integrated_gradients" or "grad_cam".
    side : int
        1 where the item as a whole speaks for the label (its probability is above that with every part left out), else -1:
        then what speaks against the label is what there is to see.
    probability : float
        What the head gives the item, neighbour votes left out; with `against`, its probability relative to that one.
    baseline : float
        The same with every part left out.
    shown : float or None
        Probability of the label in the predictions.
    gap : float or None
        Where the weights should add up: log-odds of the item minus those of the method's baseline, minus their sum. None for
        methods whose weights do not add up.
    faithfulness : Faithfulness
        Deletion and insertion curves beside their controls: of the probability of the label, or where `side` is -1 of its
        absence.
    text : str or None
    pixels : uint8, shape (height, width, 3), or None
        The item as the encoder sees it.
    terms : polars.DataFrame or None
        term, weight; for the method "terms".
    notes : tuple of str
        What to know before believing it.
    """

    item_id: object = None
    label: str = ""
    against: str | None = None
    of: str = "text"
    method: str = "occlusion"
    side: int = 1
    probability: float = float("nan")
    baseline: float = float("nan")
    shown: float | None = None
    gap: float | None = None
    faithfulness: Faithfulness = field(default_factory=lambda: Faithfulness(pl.DataFrame()))
    text: str | None = None
    pixels: np.ndarray | None = None
    terms: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()

    @property
    def top(self) -> pl.DataFrame:
        """The parts on the side of the item as a whole, the strongest first."""
        return self.frame.filter(pl.col("weight") * self.side > 0).sort(pl.col("weight").abs(), descending=True, maintain_order=True)

    @property
    def words(self) -> list[str]:
        """The words that a sentence names: the strongest, and those that have a good part of its weight."""
        top = self.top.filter(pl.col("weight").abs() >= WORTH_NAMING * pl.col("weight").abs().max()) if self.of == "text" else None
        return [] if top is None else list(dict.fromkeys(top["word"].to_list()))[:N_NAMED]

    @property
    def image(self) -> bytes | None:
        """The image as the encoder sees it, as PNG."""
        return None if self.pixels is None else as_png(self.pixels)

    def summary(self) -> str:
        """One line of plain text."""
        rather = "" if self.against is None else f" rather than '{self.against}'"
        head = f"Item {self.item_id}, label '{self.label}'{rather} ({self.probability:.0%}): {self.finding()}"
        return f"{head}. {self.faithfulness.summary()}"

    def finding(self) -> str:
        """Which parts speak for the label, or against it, in words."""
        top, side = self.top, "for" if self.side > 0 else "against"
        if top.is_empty():
            return f"no part speaks {side} it"
        if self.of == "image":
            return f"what speaks {side} it is {where(top, self.frame)}"
        words = [f"'{word}'" for word in self.words]
        return f"{', '.join(words)} {'speak' if len(words) > 1 else 'speaks'} {side} it most"


@dataclass(frozen=True, eq=False)
class _Found:
    weights: np.ndarray
    gap: float | None = None
    terms: pl.DataFrame | None = None


@checked
def attribute(
    dataset: Dataset,
    predictions: Predictions | None = None,
    *,
    item: object,
    label: str | int,
    method: str = "auto",
    of: Kind | None = None,
    against: str | None = None,
    encoder: Any = None,
    config: ExplainConfig | None = None,
) -> Attribution:
    """Which parts of an item speak for a label.

    What is explained is the head's log-odds of the label, from the heads that did not see the item, as a function of the
    item's text or image: parts are left out and the rest is embedded anew. Every attribution comes with deletion and
    insertion curves beside random orders, since a picture that looks plausible may say nothing about the model.

    Parameters
    ----------
    dataset : Dataset
        With a text or an image column.
    predictions : Predictions, optional
        Says which embedding model was used, and is compared with the heads.
    item : item id
    label : str
    method : {"auto", "occlusion", "terms", "integrated_gradients", "grad_cam"}
        "auto" is occlusion. "terms" needs the default text encoder, the last two a torch encoder and captum.
    of : {"text", "image"}, optional
        Which column; by default the one without which the score changes more.
    against : str, optional
        Another label: the weights then say what speaks for `label` rather than for this one.
    encoder : object, optional
        For embeddings that came with the data set: what made them. The name or folder of a sentence-transformers or timm
        model; for text anything with ``encode(list of str)``; for images :class:`labelscope.space.encoder.NetworkImages` or
        the like.
    config : ExplainConfig, optional

    Returns
    -------
    Attribution

    Raises
    ------
    DataError
        If there is no such item or label.
    StageError
        If the method does not fit the encoder, or nothing can be encoded anew.
    MissingExtra
        If captum is needed and not installed.

    Examples
    --------
    >>> import labelscope as ls
    >>> found = attribute(ls.demo(200), item="synthetic-00003", label="round", of="text")
    >>> found.frame.columns
    ['part', 'start', 'stop', 'word', 'weight']
    """
    cell = Cell.find(dataset, predictions, item, label, config)
    return attribute_cell(cell, method=method, of=of, against=against, encoder=encoder)


def attribute_cell(
    cell: Cell, *, method: str = "auto", of: Kind | None = None, against: str | None = None, encoder: Any = None
) -> Attribution:
    """The same of a cell that was found already."""
    if method not in {"auto", *METHODS}:
        raise StageError(f"attribution: expected one of {', '.join(['auto', *METHODS])}, got {method!r}")
    method = "occlusion" if method == "auto" else method
    weights, constant = cell.head.of_item(cell.row)
    if against is not None:
        other, other_constant = cell.head_of(cell.dataset.label_position(against)).of_item(cell.row)
        weights, constant = weights - other, constant - other_constant
    parts = cut(cell, weights, of, encoder)
    found = METHODS[method](parts, weights, cell.config)
    control = METHODS[method](parts, shuffled_weights(cell.features, cell.head, cell.row, cell.config.seed), cell.config)
    full, empty = (float(end @ weights + constant) for end in parts.ends)
    side = 1 if full >= empty else -1

    def log_odds(keep: np.ndarray) -> np.ndarray:
        return side * (parts.vectors(keep) @ weights + constant)

    told = measure(log_odds, side * found.weights, side * control.weights, config=cell.config.faithfulness, seed=cell.config.seed)
    return Attribution(
        parts.frame.with_row_index("part").with_columns(weight=pl.Series(found.weights)),
        item_id=cell.item_id,
        label=cell.label,
        against=None if against is None else cell.dataset.label_names[cell.dataset.label_position(against)],
        of=parts.kind,
        method=method,
        side=side,
        probability=_sigmoid(full),
        baseline=_sigmoid(empty),
        shown=cell.probability,
        gap=found.gap,
        faithfulness=told,
        text=parts.text if isinstance(parts, TextParts) else None,
        pixels=parts.pixels if isinstance(parts, ImageParts) else None,
        terms=found.terms,
        notes=_notes(cell, parts),
    )


def as_png(pixels: np.ndarray) -> bytes:
    """Pixels uint8 (height, width, 3) as a PNG file."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def where(top: pl.DataFrame, frame: pl.DataFrame) -> str:
    """Where in an image the strongest patches lie that hold half of the weight, in words.

    Parameters
    ----------
    top : polars.DataFrame
        Patches of one side, the strongest first.
    frame : polars.DataFrame
        All patches.
    """
    weight = top["weight"].abs().to_numpy()
    half = np.cumsum(weight) - weight < weight.sum() / 2
    x, y = (
        float(np.average((top[low].to_numpy() + top[high].to_numpy())[half] / 2, weights=weight[half]) / frame[high].to_numpy().max())
        for low, high in (("left", "right"), ("top", "bottom"))
    )
    row, column = ("at the top", "in the middle", "at the bottom")[min(2, int(3 * y))], ("left", "", "right")[min(2, int(3 * x))]
    return f"on the {column}" if row == "in the middle" and column else f"{row} {column}".strip()


def _occlusion(parts: Parts, weights: np.ndarray, config: ExplainConfig) -> _Found:  # noqa: ARG001 - as its siblings
    return _Found(parts.differences @ weights)


def _terms(parts: Parts, weights: np.ndarray, config: ExplainConfig) -> _Found:  # noqa: ARG001 - as its siblings
    if not isinstance(parts, TextParts):
        raise StageError('attribution: "terms" expected a text, got an image; use "occlusion"')
    words, terms, by_term = term_shares(parts)
    by_word = words @ weights
    full, empty = parts.ends
    listed = terms.select("term", weight=pl.Series(by_term @ weights)).sort("weight", descending=True, maintain_order=True)
    return _Found(by_word, float((full - empty) @ weights - by_word.sum()), listed)


def _integrated_gradients(parts: Parts, weights: np.ndarray, config: ExplainConfig) -> _Found:
    if not isinstance(parts, TextParts):
        raise StageError('attribution: "integrated_gradients" expected a text, got an image; use "occlusion" or "grad_cam"')
    words, _, gap = integrated_gradients(parts, weights, config.gradient_steps)
    return _Found(words, gap)


def _grad_cam(parts: Parts, weights: np.ndarray, config: ExplainConfig) -> _Found:  # noqa: ARG001 - as its siblings
    if not isinstance(parts, ImageParts):
        raise StageError('attribution: "grad_cam" expected an image, got a text; use "occlusion"')
    return _Found(grad_cam(parts, weights))


METHODS: dict[str, Callable[[Parts, np.ndarray, ExplainConfig], _Found]] = {
    "occlusion": _occlusion,
    "terms": _terms,
    "integrated_gradients": _integrated_gradients,
    "grad_cam": _grad_cam,
}


def _notes(cell: Cell, parts: Parts) -> tuple[str, ...]:
    notes = []
    whole, again = parts.whole, parts.ends[0]
    like = float(whole @ again) / max(float(np.linalg.norm(whole) * np.linalg.norm(again)), 1e-12)
    if like < LEAST_LIKE:
        notes.append(f"The encoder does not give this item quite the vector it has (cosine {like:.2f}).")
    if cell.predictions is not None:
        agreement = cell.head.agreement(cell.predictions)
        if agreement < 1:
            notes.append(f"The probabilities do not come from these heads; over all items they correlate by {agreement:.2f}.")
    return tuple(notes)


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(value, -50, 50))))
