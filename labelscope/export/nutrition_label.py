"""The nutrition label of a data set: one page that says what is in it before anybody trains on it.

After "The Dataset Nutrition Label" (Holland et al. 2018): the same sections for every data set, facts in numbers, and
what was not measured said as such instead of being left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.export.health import Health, health_of
from labelscope.export.health_checks import HealthSources
from labelscope.issues.find import Findings
from labelscope.issues.personal_data import PersonalData
from labelscope.issues.sources import Sources
from labelscope.models.reliability import Calibration
from labelscope.space.diagnosis import EmbeddingQuality
from labelscope.stats.equal_rows import EqualRows
from labelscope.stats.long_tail import TIERS, LongTail, long_tail
from labelscope.stats.relations import Relations
from labelscope.stats.splits import Splits
from labelscope.version import __version__
from labelscope.voters.agreement import Agreement

__all__ = ["NutritionLabel", "nutrition_label"]

NOT_MEASURED = "not measured"
SCHEMA = {"section": pl.String, "fact": pl.String, "value": pl.String, "number": pl.Float64}
Fact = tuple[str, "float | str | None", str]  # what, the figure, the figure in words


@dataclass(frozen=True, eq=False, repr=False)
class NutritionLabel(Result):
    """Facts on one data set, by section.

    Attributes
    ----------
    frame : polars.DataFrame
        section, fact, value (in words, "not measured" where nobody looked), number (Float64, null where there is none).
    name : str
        Of the data set.
    health : Health
        What of it to mend or to look at first, the worst first, with the items and cells that it is about.
    """

    name: str
    health: Health = field(default_factory=lambda: Health.from_records([]))

    def summary(self) -> str:
        """One line of plain text."""
        open_facts = self.frame.filter(value=NOT_MEASURED).height
        return f"Nutrition label of {self.name}: {self.frame.height} facts, {open_facts} not measured"

    def with_review(self, decisions: pl.DataFrame) -> NutritionLabel:
        """The same facts with the review as it stands now.

        Parameters
        ----------
        decisions : polars.DataFrame
            With a column `verdict`.
        """
        review = _frame({"Review": _review(decisions)})
        return NutritionLabel(pl.concat([self.frame.filter(pl.col("section") != "Review"), review]), self.name, self.health)

    @classmethod
    def from_json(cls, text: str) -> NutritionLabel:
        """The label that :meth:`to_json` wrote.

        Parameters
        ----------
        text : str

        Raises
        ------
        DataError
            If it is something else.
        """
        try:
            read = json.loads(text)
            rows = [(section, fact, of["value"], of["number"]) for section, facts in read["sections"].items() for fact, of in facts.items()]
            return cls(pl.DataFrame(rows, schema=SCHEMA, orient="row"), str(read["name"]), Health.from_records(read.get("health", [])))
        except (ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError):
            raise DataError("nutrition label: expected the JSON that to_json wrote, got something else; make the label anew") from None

    def to_json(self) -> str:
        """The facts as JSON: ``{"name", "labelscope", "sections": {section: {fact: {"value", "number"}}}, "health": [row]}``."""
        sections: dict[str, dict[str, Any]] = {}
        for section, fact, value, number in self.frame.iter_rows():
            sections.setdefault(section, {})[fact] = {"value": value, "number": number}
        told = {"name": self.name, "labelscope": __version__, "sections": sections, "health": self.health.records()}
        return json.dumps(told, indent=2, ensure_ascii=False)

    def to_markdown(self) -> str:
        """The facts as a Markdown page, one table a section; text from data cannot become markup."""
        lines = [f"# Nutrition label: {_plain(self.name)}"]
        wrong = self.health.frame.filter(pl.col("severity").is_in(["serious", "warning"]))
        lines += ["", "## To look at first", "", *(f"- {_plain(says)}" for says in wrong["says"])] if wrong.height else []
        for section, rows in self.frame.group_by("section", maintain_order=True):
            lines += ["", f"## {section[0]}", "", "| | |", "|---|---|"]
            lines += [f"| {_plain(fact)} | {_plain(value)} |" for fact, value in rows.select("fact", "value").iter_rows()]
        return "\n".join(lines) + "\n"


@checked
def nutrition_label(
    dataset: Dataset,
    *,
    name: str | None = None,
    tail: LongTail | None = None,
    findings: Findings | None = None,
    relations: Relations | None = None,
    splits: Splits | None = None,
    quality: EmbeddingQuality | None = None,
    equal: EqualRows | None = None,
    agreement: Agreement | None = None,
    estimate: Result | None = None,
    decisions: pl.DataFrame | None = None,
    sources: Sources | None = None,
    personal: PersonalData | None = None,
    calibration: Calibration | None = None,
    health: Health | None = None,
) -> NutritionLabel:
    """The data card on one page. Nothing slow is run for it: what is not passed in is listed as not measured.

    Parameters
    ----------
    dataset : Dataset
    name : str, optional
        Default: the name of its file.
    tail : LongTail, optional
        Default: ``long_tail(dataset)``.
    findings, relations, splits, quality, equal, agreement, estimate : results, optional
        From `find_issues`, `relations`, `compare_splits`, `embedding_quality`, `equal_rows`, `agreement` and an audit.
    decisions : polars.DataFrame, optional
        Of a review, with a column `verdict`.
    sources : Sources, optional
    personal : PersonalData, optional
        From `sources` and `personal_data`.
    calibration : Calibration, optional
        From `calibration`.
    health : Health, optional
        As of :attr:`labelscope.Session.health`. Default: what the other results say.

    Returns
    -------
    NutritionLabel

    Examples
    --------
    >>> from labelscope import Dataset
    >>> label = nutrition_label(Dataset.from_arrays([["cat"], ["dog"], []]), name="pets")
    >>> label.frame.filter(fact="items without a label")["value"].item()
    '1 (33.3%)'
    """
    tail = tail if tail is not None else long_tail(dataset)
    source = dataset.source
    name = name or (source.path.name if source is not None and source.path is not None else "data set")
    sections: dict[str, Iterator[Fact]] = {
        "What it is": _contents(dataset),
        "Labels": _labels(dataset, tail),
        "Balance": _balance(tail),
        "Errors": _errors(findings, estimate),
        "Raters": _raters(dataset, agreement),
        "Sources": _sources(sources, personal),
        "Label relations": _relations(relations),
        "Splits and duplicates": _splits(splits, quality, equal),
        "Embedding": _embedding(quality),
        "Predictions": _predictions(calibration),
        "Review": _review(decisions),
    }
    if health is None:
        told = None if sources is None else sources.shortcuts
        found = HealthSources(None, quality, equal, splits, agreement, calibration, told)
        health = health_of(dataset, found)
    return NutritionLabel(_frame(sections), name, health)


def _frame(sections: Mapping[str, Iterator[Fact]]) -> pl.DataFrame:
    rows = [(section, fact, words, _number(figure)) for section, facts in sections.items() for fact, figure, words in facts]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _contents(dataset: Dataset) -> Iterator[Fact]:
    kinds = [word for word, there in (("text", dataset.text), ("images", dataset.image)) if there]
    yield "items", dataset.n_items, f"{dataset.n_items:,}"
    yield "labels", dataset.n_labels, f"{dataset.n_labels:,}"
    yield "content", None, " and ".join(kinds) or "no text, no images"
    yield "embeddings", None, "none given" if dataset.embeddings is None else f"{dataset.embeddings.shape[1]:,} features an item"
    yield "taxonomy", None, "none" if dataset.taxonomy is None else f"{len(dataset.taxonomy.edges):,} edges"
    yield "fingerprint", None, dataset.fingerprint


def _labels(dataset: Dataset, tail: LongTail) -> Iterator[Fact]:
    of = tail.characteristics
    n_positive = int(dataset.labels.n_positive.sum())
    bare = int((np.diff(dataset.labels.positives.indptr) == 0).sum())
    never = int((dataset.labels.n_positive == 0).sum())
    yield "positive cells", n_positive, f"{n_positive:,}"
    yield "labels an item (cardinality)", of["cardinality"], f"{of['cardinality']:.2f}"
    yield "share of cells that are positive (density)", of["density"], f"{of['density']:.2%}"
    yield "different label sets", of["diversity"], f"{int(of['diversity']):,}"
    yield "items without a label", bare, f"{bare:,} ({bare / dataset.n_items:.1%})"
    yield "labels that never occur", never, f"{never:,}"
    yield "cells that nobody checked", of["unknown_share"], f"{of['unknown_share']:.1%}"


def _balance(tail: LongTail) -> Iterator[Fact]:
    of = tail.characteristics
    sizes = dict(tail.frame.group_by("tier").len().iter_rows())
    yield "head, medium and tail labels", None, " / ".join(f"{sizes.get(tier, 0):,}" for tier in TIERS)
    yield (
        "mean imbalance (MeanIR)",
        of["mean_ir"],
        f"{of['mean_ir']:.1f}: so many times rarer than the most frequent is the average label" if np.isfinite(of["mean_ir"]) else "none",
    )
    yield "inequality of label counts (Gini)", of["gini"], f"{of['gini']:.2f} (0 equal, 1 all in one label)"
    yield "rare labels meeting frequent ones (SCUMBLE)", of["scumble"], f"{of['scumble']:.3f}"


def _errors(findings: Findings | None, estimate: Result | None) -> Iterator[Fact]:
    words = "not audited: how many labels are wrong is not known" if estimate is None else estimate.summary()
    yield "wrong labels", None, words
    if findings is None:
        yield "flagged for review", None, NOT_MEASURED
        return
    for kind, meaning in (("missing", "absent, look present"), ("spurious", "present, look wrong")):
        n = findings.cells.filter(pl.col("flagged") & (pl.col("kind") == kind)).height
        yield f"flagged {kind}", n, f"{n:,} cells {meaning}; a reason to look, not a count of errors"
    n = len(findings.not_scored)
    yield "labels too rare to judge", n, f"{n:,}"


def _raters(dataset: Dataset, agreement: Agreement | None) -> Iterator[Fact]:
    if dataset.votes is None:
        yield "votes", None, "none: the labels do not say who gave them"
    else:
        yield "agreement", None, NOT_MEASURED if agreement is None else agreement.summary()


def _sources(sources: Sources | None, personal: PersonalData | None) -> Iterator[Fact]:
    if sources is None:
        yield "values with more errors than the others", None, NOT_MEASURED
        yield "labels that one column or word tells", None, NOT_MEASURED
    else:
        out = sources.standing_out
        basis = "by decided cells" if out.height and out["basis"][0] == "decided" else "by suspicion, a guess"
        named = ", ".join(f"{column} {value}" for column, value in out.select("column", "value").head(5).iter_rows())
        yield "values with more errors than the others", out.height, f"{out.height:,}" + (f" {basis}: {named}" if named else "")
        n = sources.shortcuts["label"].n_unique()
        yield "labels that one column or word tells", n, f"{n:,}"
    if personal is None:
        yield "personal data", None, NOT_MEASURED
    else:
        told = "; ".join(
            f"{kind} in {n:,} of {column}" for column, kind, n in personal.frame.select("column", "kind", "n_items").iter_rows()
        )
        yield "personal data", personal.places["row"].n_unique(), told or "none of the known kinds (names are not looked for)"


def _relations(relations: Relations | None) -> Iterator[Fact]:
    if relations is None:
        yield "rules between labels", None, NOT_MEASURED
        return
    rules = relations.frame.filter(pl.col("relation") != "overlaps")
    broken = rules.filter(pl.col("counter_examples") > 0).height
    yield "rules between labels", rules.height, f"{rules.height:,} (one implies, equals or excludes another)"
    yield "rules that some items break", broken, f"{broken:,}"


def _splits(splits: Splits | None, quality: EmbeddingQuality | None, equal: EqualRows | None) -> Iterator[Fact]:
    yield "label shares in the splits", None, NOT_MEASURED if splits is None else splits.summary()
    if equal is not None:
        n = equal.frame.height
        yield "rows equal but for their labels", n, f"{n:,} groups, {equal.n_different:,} with different labels"
    if quality is None:
        yield "near-duplicates", None, NOT_MEASURED
        return
    pairs = quality.duplicates
    different = pairs.filter(pl.col("n_different") > 0).height
    yield "near-duplicates", pairs.height, f"{pairs.height:,} pairs, {different:,} with different labels"
    if pairs["across_splits"].count():
        across = int(pairs["across_splits"].sum())
        yield "near-duplicates across splits", across, f"{across:,} pairs"


def _embedding(quality: EmbeddingQuality | None) -> Iterator[Fact]:
    if quality is None:
        yield "labels that neighbours cannot tell", None, NOT_MEASURED
        return
    invisible = quality.frame.filter("invisible")["label"].to_list()
    yield (
        "labels that neighbours cannot tell",
        len(invisible),
        f"{len(invisible):,}" + (f": {', '.join(invisible[:5])}" if invisible else ""),
    )
    yield "effective dimensions", quality.rank_me, f"{quality.rank_me:.0f} of {quality.n_features}"


def _predictions(calibration: Calibration | None) -> Iterator[Fact]:
    yield "calibration", None, NOT_MEASURED if calibration is None else calibration.summary()


def _review(decisions: pl.DataFrame | None) -> Iterator[Fact]:
    if decisions is None or decisions.is_empty():
        yield "decisions", 0, "none yet"
        return
    if "verdict" not in decisions.columns:
        raise DataError(f"decisions: expected a frame with the column verdict, got {', '.join(decisions.columns)}; pass session.decisions")
    yield "decisions", decisions.height, f"{decisions.height:,}"
    for verdict, n in decisions.group_by("verdict").len().sort("len", descending=True).iter_rows():
        yield str(verdict), n, f"{n:,}"


def _number(figure: float | str | None) -> float | None:
    return None if figure is None or isinstance(figure, str) or not np.isfinite(figure) else float(figure)


def _plain(text: object) -> str:
    """Text that means nothing to Markdown or HTML, on one line."""
    words = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "\\`*_[]|#!~" else c for c in words)
