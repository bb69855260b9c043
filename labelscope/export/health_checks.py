"""The checks of a data set's health: each gives sentences by what was measured, with the items, cells or labels that they are about.

The cut-offs are rules of thumb: they say what to look at first, not what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import polars as pl

from labelscope.data.labels import NEGATIVE, UNKNOWN
from labelscope.models.groups import join_pairs
from labelscope.space.diagnosis import HUBS
from labelscope.space.duplicates import unlike_cells
from labelscope.stats.characteristics import imbalance
from labelscope.stats.long_tail import TAIL_BELOW
from labelscope.views.theme import clip, plural

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.data.labels import LabelMatrix
    from labelscope.models.reliability import Calibration
    from labelscope.space.diagnosis import EmbeddingQuality
    from labelscope.stats.equal_rows import EqualRows
    from labelscope.stats.splits import Splits
    from labelscope.voters.agreement import Agreement

__all__ = ["CHECKS", "OF_LABELS", "SEVERITIES", "Found", "HealthSources", "Severity"]

Severity = Literal["serious", "warning", "fine", "not measured"]
SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "fine", "not measured")
MANY_COPIES = 0.01  # share of the items that are near-duplicates from which that is said as a warning
COPIES = 10  # items of a group of near-duplicates, or 2% of all: a larger group is no set of copies but an embedding with few directions
HALF = 0.5  # of the labels: an embedding that does not see so many is no good for these labels
SURE = 0.95  # area under the ROC curve from which a column or a word tells a label almost exactly
RARER = 10.0  # times rarer than the most frequent label is the average label: from here on that is said as a warning
RELIABLE, POOR = 0.667, 0.4  # alpha below which only tentative conclusions are drawn (Krippendorff 2004), and below which hardly any
OFF = 0.25  # calibration error beyond chance, as a share of how often the label is given
MOST_CELLS = 2_000_000  # unknown cells that are listed


@dataclass(frozen=True)
class HealthSources:
    """What the health of a data set is told from; what is None was not measured.

    Attributes
    ----------
    labels : LabelMatrix, optional
        As corrected so far. Default: as given.
    quality, equal, splits, agreement, calibration : results, optional
        From `embedding_quality`, `equal_rows`, `compare_splits`, `agreement` and `calibration`; those of labels may be of earlier ones.
    shortcuts : polars.DataFrame, optional
        As of :attr:`labelscope.issues.sources.Sources.shortcuts`.
    """

    labels: LabelMatrix | None = None
    quality: EmbeddingQuality | None = None
    equal: EqualRows | None = None
    splits: Splits | None = None
    agreement: Agreement | None = None
    calibration: Calibration | None = None
    shortcuts: pl.DataFrame | None = None


class Found(NamedTuple):
    """What a check says. `labels`: names, and what of each; `rows` and `columns`: the items, or the cells, that it is about."""

    check: str
    severity: Severity
    says: str
    figure: float | None = None
    labels: Sequence[tuple[str, str]] = ()
    rows: np.ndarray | None = None
    columns: np.ndarray | None = None
    column: str = ""


Check = Callable[["Dataset", HealthSources], Iterator[Found]]


def _embedding(ds: Dataset, of: HealthSources) -> Iterator[Found]:
    """Whether it has collapsed, and whether few items are everybody's neighbours."""
    if of.quality is None:
        needs = "it needs the embeddings" if ds.has_content else "this data set has no embeddings, text or image"
        yield Found("embedding", "not measured", f"Embedding and near-duplicates are not measured: {needs}.")
        return
    rank, width = of.quality.rank_me, of.quality.n_features
    if of.quality.collapsed:
        says = f"The embedding has collapsed: it uses {rank:,.0f} of {width:,} dimensions. Neighbours say little; try another model."
        yield Found("embedding", "serious", says, rank)
    else:
        yield Found("embedding", "fine", f"The embedding uses {rank:,.0f} of its {plural(width, 'dimension')}.", rank)
    hubs, hubness = of.quality.search.hubs, of.quality.hubness
    if hubness > HUBS:
        many = f"{plural(len(hubs), 'item')} {'is' if len(hubs) == 1 else 'are'} among the nearest of very many others"
        yield Found("hubs", "warning", f"{many} (hubness {hubness:.1f}), so their labels spread by votes.", hubness, rows=hubs)
    elif np.isfinite(hubness):
        yield Found("hubs", "fine", f"No item is a neighbour of very many others (hubness {hubness:.1f}).", hubness)


def _invisible(_: Dataset, of: HealthSources) -> Iterator[Found]:
    if of.quality is None:
        return
    seen = of.quality.frame.drop_nulls("lift").filter(pl.col("n_positive") >= TAIL_BELOW)  # of fewer it says little
    blind = seen.filter("invisible")
    if not blind.height:
        if seen.height:
            yield Found("invisible", "fine", f"The embedding sees {_all(seen.height, 'label')} with enough positives.", 0)
        return
    says = (
        f"{_of(blind.height, seen.height, 'label', 'cannot', 'cannot')} be seen in this embedding: neighbours, and what rests on them, "
        f"say little about {'it' if blind.height == 1 else 'them'}."
    )
    named = [(label, f"{lift:.1f} times chance") for label, lift in blind.select("label", "lift").iter_rows()]
    yield Found("invisible", "serious" if blind.height >= HALF * seen.height else "warning", says, blind.height, named)


def _duplicates(ds: Dataset, of: HealthSources) -> Iterator[Found]:
    """Near-duplicates: how many, with other labels, and across splits."""
    if of.quality is None:
        return
    pairs = of.quality.search.pairs
    groups = join_pairs(pairs, ds.n_items, largest=max(COPIES, ds.n_items // 50))
    copies = groups[pairs[:, 0]] == groups[pairs[:, 1]]
    pairs, crowd = pairs[copies], np.unique(pairs[~copies])
    apart = f" {plural(len(crowd), 'item')} in large groups of like items are left out: they are no copies." if len(crowd) else ""
    rows, columns = unlike_cells(ds.labels, pairs)
    if len(rows):
        n = len(np.unique(rows))
        says = f"{plural(n, 'item')} {'has' if n == 1 else 'have'} a near-duplicate with other labels, in {plural(len(rows), 'cell')}: "
        yield Found("different duplicates", "serious", f"{says}one of the two is likely wrong.", len(rows), rows=rows, columns=columns)
    elif len(pairs):
        yield Found("different duplicates", "fine", "No near-duplicates have different labels.", 0)
    if len(pairs):
        items = np.unique(pairs)
        says = f"{plural(len(pairs), 'pair')} of near-duplicates, {plural(len(items), 'item')} in all.{apart}"
        yield Found("duplicates", "warning" if len(items) >= MANY_COPIES * ds.n_items else "fine", says, len(pairs), rows=items)
    else:
        yield Found("duplicates", "fine", f"No near-duplicates.{apart}", 0)
    if of.quality.split is not None:
        yield _leak(pairs, of.quality.duplicates["across_splits"].fill_null(value=False).to_numpy()[copies], of.quality.split)


def _leak(pairs: np.ndarray, across: np.ndarray, split: str) -> Found:
    n = int(across.sum())
    if not n:
        return Found("leaks", "fine", f"No near-duplicates lie in two splits ({split}).", 0, column=split)
    lie = "pair of near-duplicates lies" if n == 1 else "pairs of near-duplicates lie"
    says = f"{n:,} {lie} in two splits ({split}): a model has seen those test items in training."
    return Found("leaks", "serious", says, n, rows=np.unique(pairs[across]), column=split)


def _equal_rows(ds: Dataset, of: HealthSources) -> Iterator[Found]:
    if of.equal is None:
        return
    n = of.equal.frame.height
    if not n:
        yield Found("equal rows", "fine", "No rows are equal but for their labels.", 0)
        return
    n_differ, rows, columns = of.equal.unlike_cells(ds)
    groups = f"{plural(n, 'group')} of rows {'is' if n == 1 else 'are'} equal but for {'its' if n == 1 else 'their'} labels"
    if n_differ:
        says = f"{groups}, and {n_differ:,} of them {'has' if n_differ == 1 else 'have'} other labels, in {plural(len(rows), 'cell')}."
        yield Found("equal rows", "serious", says, n_differ, rows=rows, columns=columns)
    else:
        yield Found("equal rows", "warning", f"{groups}; their labels agree.", n, rows=of.equal.rows(ds))


def _drift(_: Dataset, of: HealthSources) -> Iterator[Found]:
    """Labels that occur more often in one split than in another, and those that one lacks."""
    if of.splits is None:
        says = "Splits are not compared: no column says which split an item belongs to. Name it with split= of read."
        yield Found("drift", "not measured", says)
        return
    column, labels = of.splits.column, of.splits.labels
    drifting, absent = labels.filter("drifts"), labels.filter(pl.col("absent_from") != "", pl.col("n_positive") > 0)
    if drifting.height:
        says = (
            f"{_of(drifting.height, labels.height, 'label', 'differs', 'differ')} in frequency between the splits ({column}) beyond chance."
        )
        named = [(label, f"{low:.1%} to {high:.1%}") for label, low, high in drifting.select("label", "lowest", "highest").iter_rows()]
        yield Found("drift", "warning", says, drifting.height, named, column=column)
    else:
        says = f"Labels are equally frequent in all splits ({column}), as far as can be told."
        yield Found("drift", "fine", says, 0, column=column)
    if absent.height:
        says = f"{_of(absent.height, labels.height, 'label', 'has', 'have')} no positive in a split ({column}): nothing is measured there."
        named = [(label, f"none in {clip(where)}") for label, where in absent.select("label", "absent_from").iter_rows()]
        yield Found("absent", "warning", says, absent.height, named, column=column)


def _shortcuts(_: Dataset, of: HealthSources) -> Iterator[Found]:
    if of.shortcuts is None:
        yield Found("shortcuts", "not measured", "Whether a column or a word alone tells a label is not measured.")
        return
    best = of.shortcuts.group_by("label", maintain_order=True).agg(pl.col("auc").max()).sort("auc", descending=True, maintain_order=True)
    if not best.height:
        yield Found("shortcuts", "fine", "No column and no word alone tells a label.", 0)
        return
    are = f"{plural(best.height, 'label')} {'is' if best.height == 1 else 'are'}"
    says = f"{are} told by one column or one word alone: a model may learn that."
    named = [(label, f"AUC {auc:.2f}") for label, auc in best.iter_rows()]
    yield Found("shortcuts", "serious" if best["auc"][0] >= SURE else "warning", says, best.height, named)


def _counts(ds: Dataset, _: HealthSources) -> Iterator[Found]:
    """Labels with no, or few, positives, and how uneven the labels are."""
    n, names = ds.labels.n_positive, ds.label_names
    never, rare = np.flatnonzero(n == 0), np.flatnonzero((n > 0) & (n < TAIL_BELOW))
    rare = rare[np.argsort(n[rare], kind="stable")]
    if len(never):
        says = f"{_of(len(never), len(n), 'label')} never given: nothing can be learnt of {'it' if len(never) == 1 else 'them'}."
        yield Found("never", "warning", says, len(never), [(names[k], "no positives") for k in never])
    if len(rare):
        says = f"{_of(len(rare), len(n), 'label', 'has', 'have')} fewer than {TAIL_BELOW} positives: too few to learn from or to judge."
        chosen = ds.labels.positives[:, rare].tocoo()
        named = [(names[k], plural(int(n[k]), "positive")) for k in rare]
        yield Found("rare", "warning", says, len(rare), named, chosen.row.astype(np.int64), rare[chosen.col])
    elif not len(never):
        yield Found("rare", "fine", f"Every label has at least {TAIL_BELOW} positives.", 0)
    mean = float(np.nanmean(ir)) if len(ir := imbalance(n)) > 1 and np.isfinite(ir).any() else float("nan")
    if np.isfinite(mean):
        says = f"The average label is {mean:,.1f} times rarer than the most frequent one, “{clip(names[int(n.argmax())])}”."
        yield Found("imbalance", "warning" if mean > RARER else "fine", says, mean)


def _unknown(ds: Dataset, _: HealthSources) -> Iterator[Found]:
    n = ds.labels.n_unknown
    total = int(n.sum())
    if not total:
        yield Found("unknown", "fine", "Every cell has a state: none is unknown.", 0)
        return
    share, most = total / (ds.n_items * ds.n_labels), np.argsort(-n, kind="stable")[: int((n > 0).sum())]
    says = f"{share:.1%} of the cells are unknown ({total:,}): nobody has checked them."
    rows, columns = _unknown_cells(ds.labels) if total <= MOST_CELLS else (None, None)
    yield Found("unknown", "warning", says, share, [(ds.label_names[k], f"{n[k] / ds.n_items:.0%} unknown") for k in most], rows, columns)


def _unknown_cells(labels: LabelMatrix) -> tuple[np.ndarray, np.ndarray]:
    if labels.default == NEGATIVE:  # then they are what is listed
        unknown = labels.exceptions.tocoo()
        return unknown.row.astype(np.int64), unknown.col.astype(np.int64)
    found = [(rows.start, np.nonzero(states == UNKNOWN)) for rows, states in labels.blocks()]
    return np.concatenate([row + start for start, (row, _) in found]), np.concatenate([column for _, (_, column) in found])


def _agreement(ds: Dataset, of: HealthSources) -> Iterator[Found]:
    if of.agreement is None:
        none = "The labels do not say who gave them: votes= of read measures how far raters agree."
        yield Found(
            "agreement", "not measured", none if ds.votes is None else "No cell has the votes of two raters: agreement is not known."
        )
        return
    alpha, frame = of.agreement.alpha, of.agreement.frame
    low = frame.filter(pl.col("alpha") < RELIABLE).sort("alpha")
    named = [(label, f"alpha {value:.2f}") for label, value in low.select("label", "alpha").iter_rows()]
    if not np.isfinite(alpha):
        return
    told = f"Krippendorff's alpha is {alpha:.2f} over {plural(frame.height, 'label')}"
    if alpha < RELIABLE:
        yield Found("agreement", "serious" if alpha < POOR else "warning", f"Raters agree little: {told}.", alpha, named)
    elif named:
        yield Found("agreement", "warning", f"Raters agree ({told}), but little on {plural(len(named), 'label')}.", alpha, named)
    else:
        yield Found("agreement", "fine", f"Raters agree: {told}.", alpha)


def _calibration(_: Dataset, of: HealthSources) -> Iterator[Found]:
    if of.calibration is None:
        yield Found("calibration", "not measured", "Calibration is not measured: it needs a probability for every cell.")
        return
    frame = of.calibration.frame.drop_nulls("label")
    beyond = pl.col("ece") - pl.col("ece_by_chance")
    room = pl.min_horizontal("prevalence", 1 - pl.col("prevalence"))
    off = frame.filter(beyond > OFF * room).sort(beyond / room, descending=True, maintain_order=True)
    if not off.height:
        says = f"Probabilities match how often labels are given, for {_all(frame.height, 'label')} that could be scored."
        yield Found("calibration", "fine", says, 0)
        return
    says = (
        f"For {off.height:,} of {plural(frame.height, 'label')} the probabilities are off by more than a quarter of how often the "
        "label is given: do not read them as chances there."
    )
    named = [(label, f"off by {error:.3f}") for label, error in off.select("label", "ece").iter_rows()]
    yield Found("calibration", "warning", says, off.height, named)


def _of(n: int, total: int, noun: str, one: str = "is", many: str = "are") -> str:
    """Words such as "3 of 28 labels are", in which the verb follows the first number."""
    return f"{n:,} of {plural(total, noun)} {one if n == 1 else many}"


def _all(n: int, noun: str) -> str:
    return f"the one {noun}" if n == 1 else f"all {n:,} {noun}s"


CHECKS: tuple[Check, ...] = (
    _duplicates, _equal_rows, _invisible, _embedding, _drift, _shortcuts, _agreement, _calibration, _unknown, _counts,
)  # fmt: skip
OF_LABELS = frozenset({"never", "rare", "imbalance", "unknown"})
"""Checks that need no stage: they are told at once."""
