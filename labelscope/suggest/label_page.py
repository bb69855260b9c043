"""A page on one label: everything that is known about it, put together from what the other functions found.

It lies with the suggestions because it draws on all of them, and below the views, which show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from labelscope.audit.estimate import AuditEstimate
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import LabelMatrix
from labelscope.data.results import Result
from labelscope.errors import DataError, StageError
from labelscope.explain.guideline import Guideline, guideline
from labelscope.issues.find import Findings, find_issues
from labelscope.models.predict import Predictions, predict
from labelscope.models.reliability import Calibration, label_calibration
from labelscope.models.thresholds import Thresholds, thresholds
from labelscope.query.grammar import quoted
from labelscope.space.embed import embed
from labelscope.space.quality import Sight, lift_of
from labelscope.stats.relations import Relations, relations
from labelscope.stats.splits import Splits, compare_splits, split_column
from labelscope.suggest.relabel import Suggestions
from labelscope.voters.agreement import Agreement, agreement, disputed

__all__ = ["LabelPage", "LabelSources", "compose_label_page", "label_page", "sight_words"]

SCHEMA = {
    "section": pl.String, "figure": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "words": pl.String,
    "query": pl.String,
}  # fmt: skip
SHARES = {
    "split": pl.String, "n_positive": pl.Int64, "n_known": pl.Int64, "share": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "query": pl.String,
}  # fmt: skip
SUSPECTS = ("item_id", "kind", "suspicion", "flagged")
DECISIONS = ("item_id", "label", "verdict", "before", "after", "undone")
N_SUSPECTS = 20  # of each kind
N_RULES = 12


class Figure(NamedTuple):
    """One row of :attr:`LabelPage.frame`, without its section."""

    figure: str
    value: float | None
    words: str
    query: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class LabelSources:
    """What a label page is made from; what is None was not measured, and the page says so.

    Attributes
    ----------
    predictions, findings, suggestions, relations, calibration, thresholds, splits, agreement, estimate : results, optional
    sight : Sight, optional
        Whether the embedding sees the label, as :func:`labelscope.space.quality.lift_of` says.
    decisions : polars.DataFrame, optional
        As :attr:`labelscope.Session.decisions`.
    labels : LabelMatrix, optional
        The labels as corrected so far. Default: as given.
    texts : (str, str), optional
        Description and guideline as people wrote them. Default: the description that came with the data, and no guideline.
    """

    predictions: Predictions | None = None
    findings: Findings | None = None
    suggestions: Suggestions | None = None
    relations: Relations | None = None
    calibration: Calibration | None = None
    thresholds: Thresholds | None = None
    splits: Splits | None = None
    sight: Sight | None = None
    agreement: Agreement | None = None
    estimate: AuditEstimate | None = None
    decisions: pl.DataFrame | None = None
    labels: LabelMatrix | None = None
    texts: tuple[str, str] | None = None


@dataclass(frozen=True, eq=False, repr=False)
class LabelPage(Result):
    """What is known about one label.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a figure: section ("Counts", "Errors", "Model", "Splits", "Raters", "Review"), figure (its name), value, low and high
        (its interval; null where there is none), words (what it says), query (the filter of the Explorer that shows its items or
        cells; empty where there is none).
    label, description : str
    instructions : str
        The guideline that people wrote: when the label is to be given and when not (:meth:`labelscope.Session.describe`).
    suspects : polars.DataFrame
        Its most suspicious cells, at most 20 of each kind: item_id, kind ("missing" or "spurious"), suspicion, flagged.
    rules : polars.DataFrame
        Its relations to other labels, as :attr:`labelscope.stats.relations.Relations.frame`, with query (the items that break the
        rule, or that have both labels where it cannot be broken).
    shares : polars.DataFrame
        Its share in each split: split, n_positive, n_known, share, low, high, query.
    reliability : polars.DataFrame
        Bins of equally many positives: n, mean_probability, share_positive, low, high, query (its items).
    dataset : Dataset or None
    sources : LabelSources
    """

    label: str = ""
    description: str = ""
    instructions: str = ""
    suspects: pl.DataFrame = field(default_factory=pl.DataFrame)
    rules: pl.DataFrame = field(default_factory=pl.DataFrame)
    shares: pl.DataFrame = field(default_factory=pl.DataFrame)
    reliability: pl.DataFrame = field(default_factory=pl.DataFrame)
    dataset: Dataset | None = None
    sources: LabelSources = field(default_factory=LabelSources)

    def summary(self) -> str:
        """One line of plain text."""
        told = {name: words for name, words in self.frame.select("figure", "words").iter_rows() if words}
        parts = [told[name] for name in ("positive", "possibly missing", "possibly wrong") if name in told]
        return f"Label page of '{self.label}': {'; '.join(parts)}"

    @cached_property
    def guideline(self) -> Guideline | None:
        """Typical and borderline items, and what the label is confused with; made when it is first asked for.

        None where the label has too few positives or negatives to be predicted, or nothing was predicted.
        """
        if not self.has_examples:
            return None
        assert self.dataset is not None
        return guideline(self.dataset, self.sources.predictions, self.sources.findings, label=self.label)

    @property
    def has_examples(self) -> bool:
        """Whether there is a guideline."""
        of = self.sources
        if self.dataset is None or of.predictions is None or of.findings is None or not self.dataset.has_content:
            return False
        return bool(of.predictions.scored[self.dataset.label_position(self.label)])


@checked
def label_page(
    ds: Dataset,
    label: str | int,
    predictions: Predictions | None = None,
    findings: Findings | None = None,
    *,
    suggestions: Suggestions | None = None,
    estimate: AuditEstimate | None = None,
    decisions: pl.DataFrame | None = None,
) -> LabelPage:
    """Everything that is known about one label, on one page.

    Counts, errors of both kinds (with the interval of an audit), typical and borderline items, labels that it is confused with or
    goes with, its rules and their exceptions, calibration and threshold, its share in each split, whether the embedding sees it, how
    far raters agree on it, and what was decided. Every figure has the filter of the Explorer that shows its items.

    Parameters
    ----------
    ds : Dataset
    label : str or int
        Name or position.
    predictions : Predictions, optional
        Default: ``predict(ds)``, where the data set has something to learn from.
    findings : Findings, optional
        Default: ``find_issues(ds, predictions)``, where it has.
    suggestions, estimate, decisions : optional
        From `suggest`, from an audit, and of a review (:attr:`labelscope.Session.decisions`). Without them the page says that they
        are missing. :meth:`labelscope.Session.label_page` hands in all that a session knows.

    Returns
    -------
    LabelPage
        Shows itself in a notebook. Examples are chosen when it is first shown.

    Raises
    ------
    DataError
        If there is no such label, or `decisions` lacks a column.

    Examples
    --------
    >>> from labelscope import Dataset
    >>> page = label_page(Dataset.from_arrays([["cat"], ["cat", "dog"], []]), "cat")
    >>> page.frame.filter(figure="positive").select("value", "words", "query").row(0)
    (2.0, '2 items have it (66.7% of 3 known)', 'cat')
    """
    column = ds.label_position(label)
    lacking = [] if decisions is None else [name for name in DECISIONS if name not in decisions.columns]
    if lacking:
        raise DataError(f"decisions: expected the columns of session.decisions, got a frame without {lacking[0]!r}; pass session.decisions")
    learns = ds.has_content or ds.probabilities is not None or bool(ds.features)
    predictions = predict(ds) if predictions is None and learns else predictions
    findings = find_issues(ds, predictions) if findings is None and predictions is not None else findings
    scored = predictions is not None and bool(predictions.scored.any())
    return compose_label_page(
        ds,
        column,
        LabelSources(
            predictions=predictions,
            findings=findings,
            suggestions=suggestions,
            relations=relations(ds),
            calibration=label_calibration(ds, predictions, column) if scored and predictions is not None else None,
            thresholds=thresholds(ds, predictions) if scored else None,
            splits=compare_splits(ds) if split_column(ds) else None,
            sight=lift_of(ds.labels, column, embed(ds)) if ds.has_content else None,
            agreement=agreement_of(ds),
            estimate=estimate,
            decisions=decisions,
        ),
    )


def agreement_of(dataset: Dataset) -> Agreement | None:
    """Agreement of the raters; None where no cell has the votes of two."""
    if dataset.votes is None:
        return None
    try:
        return agreement(dataset)
    except StageError:
        return None


def compose_label_page(dataset: Dataset, column: int, sources: LabelSources) -> LabelPage:
    """The page of a label from what there is; nothing is computed that is not of this label alone.

    Parameters
    ----------
    dataset : Dataset
    column : int
        Position of the label.
    sources : LabelSources
    """
    name = dataset.label_names[column]
    shares = _shares(sources.splits, name)
    description, instructions = sources.texts or ((dataset.label_descriptions or {}).get(name, ""), "")
    sections: dict[str, Iterator[Figure]] = {
        "Counts": _counts(dataset, column, sources),
        "Errors": _errors(name, sources),
        "Model": _model(name, sources),
        "Splits": _splits(name, sources),
        "Raters": _raters(dataset, column, sources),
        "Review": _review(dataset, column, sources),
    }
    rows = [(section, f.figure, f.value, f.low, f.high, f.words, f.query) for section, figures in sections.items() for f in figures]
    return LabelPage(
        pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        label=name,
        description=description,
        instructions=instructions,
        suspects=_suspects(sources.findings, name),
        rules=_rules(sources.relations, name),
        shares=shares,
        reliability=_reliability(sources.calibration, name),
        dataset=dataset,
        sources=sources,
    )


def _counts(dataset: Dataset, column: int, of: LabelSources) -> Iterator[Figure]:
    name = quoted(dataset.label_names[column])
    now = dataset.labels if of.labels is None else of.labels
    positive, negative, unknown = (int(n[column]) for n in (now.n_positive, now.n_negative, now.n_unknown))
    known = positive + negative
    share = f" ({_percent(positive / known)} of {known:,} known)" if known else ""
    yield Figure("positive", positive, f"{_items(positive)} {'has' if positive == 1 else 'have'} it{share}", name)
    yield Figure("negative", negative, f"{_items(negative)} without it", f"{name}:no")
    if unknown:
        yield Figure("unknown", unknown, f"{_items(unknown)} that nobody checked", f"unknown:{name}")
    given = int(dataset.labels.n_positive[column])
    if given != positive:
        yield Figure("given", given, f"{given:,} positives were given; review changed that by {positive - given:+,}")
    if of.estimate is None:
        return
    told = of.estimate.label_errors.filter(pl.col("label") == dataset.label_names[column])
    for row in told.filter(pl.col("true").is_not_null()).iter_rows(named=True):
        yield _interval("truly positive", row, "true", f"items have it in truth, by the audit: {{}} of {known:,} known")


def _errors(label: str, of: LabelSources) -> Iterator[Figure]:
    name = quoted(label)
    if of.findings is None:
        yield Figure("possibly missing", None, "not searched for wrong labels")
    elif label in of.findings.not_scored:
        yield Figure("possibly missing", None, "too few positives or negatives to say which are wrong")
    else:
        flagged = of.findings.cells.filter("flagged", pl.col("label") == label)
        for kind, figure, words in (
            ("missing", "possibly missing", "{} without it look as if they had it"),
            ("spurious", "possibly wrong", "{} with it look as if they had not"),
        ):
            n = flagged.filter(kind=kind).height
            yield Figure(figure, n, words.format(_items(n)), f"{kind}:{name}")
    if of.suggestions is not None:
        actions = of.suggestions.frame.filter(pl.col("label") == label)
        for action, words in (("add", "suggested additions"), ("remove", "suggested removals")):
            n = actions.filter(action=action).height
            yield Figure(f"to {action}", n, f"{n:,} {words}", f"{action}:{name}")
    yield from _audited(label, of.estimate)


def _audited(label: str, estimate: AuditEstimate | None) -> Iterator[Figure]:
    if estimate is None:
        yield Figure("audit", None, "not audited: how many of its labels are wrong is not known")
        return
    row = _row(estimate.label_errors, label)
    if row is None:
        yield Figure("audit", None, "no cell of it is in the audit sample")
        return
    for part, figure, words in (
        ("missing", "missing by the audit", "{} of its negatives are positive, by the audit"),
        ("spurious", "wrong by the audit", "{} of its positives are wrong, by the audit"),
    ):
        if row[part] is not None:
            yield _interval(figure, row, part, words)
    if row["note"]:
        yield Figure("audit", None, row["note"])


def _model(label: str, of: LabelSources) -> Iterator[Figure]:
    name = quoted(label)
    if of.thresholds is not None:
        row = of.thresholds.frame.filter(pl.col("label") == label).row(0, named=True)
        at, f = float(row["threshold"]), row["f_shrunk"]
        worth = "" if f is None else f"; {of.thresholds.metric.upper()} {f:.2f} there, held out"
        yield Figure("threshold", at, f"The best threshold is {at:.2f}{worth}", f"{name}>={at:.6g}")
    if of.calibration is not None:
        calibrated = _row(of.calibration.frame, label)
        if calibrated is not None and calibrated["ece_positives"] is not None:
            error = float(calibrated["ece_positives"])
            yield Figure("calibration error", error, f"Where the positives are, probabilities are {100 * error:.1f} points off on average")
    if of.sight is not None:
        yield Figure("lift", of.sight.lift, sight_words(of.sight))


def sight_words(sight: Sight | None) -> str:
    """Whether an embedding sees a label, as a sentence."""
    if sight is None:
        return "Too few of its items have a known neighbour to tell whether the embedding sees it"
    seen = "The embedding hardly sees it: neighbours" if sight.invisible else "Neighbours"
    return f"{seen} of its items have it {sight.lift:.1f} times as often as chance"


def _splits(label: str, of: LabelSources) -> Iterator[Figure]:
    if of.splits is None:
        return
    row = of.splits.labels.filter(pl.col("label") == label).row(0, named=True)
    if row["absent_from"]:
        yield Figure("absent", None, f"No positive in {row['absent_from']}")
    if row["q_value"] is None:
        yield Figure("drift", None, "Too few positives to tell whether its share differs between splits")
    else:
        says = "Its share differs between splits beyond chance" if row["drifts"] else "Its share is alike in all splits"
        yield Figure("drift", float(row["q_value"]), f"{says} (q = {row['q_value']:.2g})")


def _raters(dataset: Dataset, column: int, of: LabelSources) -> Iterator[Figure]:
    if of.agreement is None:
        return
    row = _row(of.agreement.frame, dataset.label_names[column])
    if row is None:
        yield Figure("alpha", None, "No item has two votes on it")
        return
    if row["alpha"] is not None:
        limits = f" ({row['alpha_low']:.2f} to {row['alpha_high']:.2f})"
        words = f"Raters agree with alpha {row['alpha']:.2f}{limits} on {_items(row['n_cells'])}"
        yield Figure("alpha", row["alpha"], words, "", row["alpha_low"], row["alpha_high"])
    if row["ac1"] is not None:
        yield Figure("AC1", row["ac1"], f"AC1 {row['ac1']:.2f}: the same without the effect of rarity")
    n = len(disputed(dataset.votes, column))
    yield Figure("disagreement", n, f"{_items(n)} on which raters disagree" if n else "Raters disagree on none of its items")


def _review(dataset: Dataset, column: int, of: LabelSources) -> Iterator[Figure]:
    if of.decisions is None:
        return
    label = dataset.label_names[column]
    standing = of.decisions.filter(pl.col("label") == label, ~pl.col("undone"), pl.col("verdict") != "skipped")
    last = standing.unique("item_id", keep="last", maintain_order=True)
    n = last.height
    if not n:
        yield Figure("decided", 0, "None of its cells has been decided")
        return
    yield Figure("decided", n, f"{n:,} of its cells {'was' if n == 1 else 'were'} decided", f"decided:{quoted(label)}")
    if of.labels is not None:
        given, now = (states.columns(np.array([column])) for states in (dataset.labels, of.labels))
        changed = int((given != now).sum())
        yield Figure("changed", changed, f"{changed:,} of its cells {'is' if changed == 1 else 'are'} other than given")


def _suspects(findings: Findings | None, label: str) -> pl.DataFrame:
    """The head of each kind, most suspicious first."""
    if findings is None:
        return pl.DataFrame(schema={"item_id": pl.String, "kind": pl.String, "suspicion": pl.Float32, "flagged": pl.Boolean})
    cells = findings.cells.filter(pl.col("label") == label).select(SUSPECTS)
    return pl.concat([cells.filter(kind=kind).head(N_SUSPECTS) for kind in ("missing", "spurious")])


def _rules(of: Relations | None, label: str) -> pl.DataFrame:
    """Relations of the label that a person can judge, those that are broken first; overlaps are in what it goes with.

    Of two words for one thing, names say that they are identical and the labels that they exclude each other: only the first is a rule
    to judge.
    """
    if of is None:
        return pl.DataFrame(schema=dict.fromkeys(("label_a", "relation", "label_b", "query"), pl.String) | {"counter_examples": pl.Int64})
    own = (pl.col("label_a") == label) | (pl.col("label_b") == label)
    frame = of.frame.filter(
        own, pl.col("relation") != "overlaps", pl.col("direct"), (pl.col("relation") != "exclusive") | ~pl.col("conflict")
    )
    frame = frame.sort("counter_examples", descending=True, nulls_last=True, maintain_order=True).head(N_RULES)
    queries = [broken_query(a, relation, b) for a, relation, b in frame.select("label_a", "relation", "label_b").iter_rows()]
    return frame.with_columns(query=pl.Series(queries, dtype=pl.String))


def broken_query(a: str, relation: str, b: str) -> str:
    """The filter that shows the items that break a relation; those with both labels where it cannot be broken.

    Examples
    --------
    >>> broken_query("dog", "implies", "animal")
    'dog AND animal:no'
    """
    first, second = quoted(a), quoted(b)
    if relation == "implies":
        return f"{first} AND {second}:no"
    return f"({first} AND {second}:no) OR ({second} AND {first}:no)" if relation == "identical" else f"{first} AND {second}"


def _shares(of: Splits | None, label: str) -> pl.DataFrame:
    if of is None:
        return pl.DataFrame(schema=SHARES)
    frame = of.frame.filter(pl.col("label") == label).drop("label")
    queries = [f"{quoted(label)} AND column:{quoted(of.column)}:{quoted(str(split))}" for split in frame["split"]]
    return frame.with_columns(query=pl.Series(queries, dtype=pl.String))


def _reliability(of: Calibration | None, label: str) -> pl.DataFrame:
    columns = ("n", "mean_probability", "share_positive", "low", "high")
    if of is None:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.Float64) | {"query": pl.String})
    frame = of.bins.filter(pl.col("label") == label, equal="positives").sort("mean_probability")
    queries = [_between(label, start, stop) for start, stop in frame.select("start", "stop").iter_rows()]
    return frame.select(*columns, query=pl.Series(queries, dtype=pl.String))


def _between(label: str, start: float, stop: float) -> str:
    """The items that are known to have the label or not, and whose probability lies in a bin."""
    bounds = [f"{quoted(label)}>={start:.9g}"] if start > 0 else []
    bounds += [f"{quoted(label)}<{stop:.9g}"] if stop <= 1 else []
    return " AND ".join([*bounds, f"NOT unknown:{quoted(label)}"])


def _row(frame: pl.DataFrame, label: str) -> dict[str, Any] | None:
    """The row of a label, None where it has none."""
    rows = frame.filter(pl.col("label") == label)
    return rows.row(0, named=True) if rows.height else None


def _interval(figure: str, row: dict[str, Any], part: str, words: str) -> Figure:
    value, low, high = row[part], row[f"{part}_low"], row[f"{part}_high"]
    return Figure(figure, value, words.format(f"about {value:,.0f} ({low:,.0f} to {high:,.0f})"), "", low, high)


def _items(n: int) -> str:
    return f"{n:,} {'item' if n == 1 else 'items'}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
