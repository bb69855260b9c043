"""The labels: how many items each has, which go together, and which rules hold between them."""

from __future__ import annotations

from math import isnan
from typing import Any

import polars as pl

from labelscope.export.markup import Cell, Html, columns, figure_of, paragraph, section, table
from labelscope.export.report_input import ReportInput
from labelscope.stats.cooccurrence import SIGNIFICANT
from labelscope.views.theme import clip

__all__ = ["rules", "tail", "together"]

N_PAIRS, N_RULES = 8, 15


def tail(m: ReportInput) -> Html:
    """Label counts and characteristics."""
    of = m.long_tail.characteristics
    rows = [
        ("Positive labels an item (cardinality)", f"{of['cardinality']:.4f}"),
        ("Share of cells that are positive (density)", f"{of['density']:.4f}"),
        ("Distinct label sets (diversity)", f"{of['diversity']:,}"),
        ("Mean imbalance (MeanIR: most common label / this one)", "none" if isnan(of["mean_ir"]) else f"{of['mean_ir']:,.3f}"),
        ("Variation of the imbalance (CVIR)", f"{of['cv_ir']:.3f}"),
        ("Rare labels beside common ones (SCUMBLE, 0 to 1)", f"{of['scumble']:.4f}"),
        ("Inequality of the counts (Gini, 0 to 1)", f"{of['gini']:.3f}"),
    ]
    if not isnan(of["tcs"]):  # NaN where there is no embedding
        rows.append(("Theoretical complexity (TCS)", f"{of['tcs']:.3f}"))
    figures = table(
        "Characteristics, defined as in the R package mldr", ("Figure", Cell("Value", "number")), [(w, Cell(v, "number")) for w, v in rows]
    )
    return section("long-tail", "Long tail", paragraph(m.long_tail.summary() + ".", "note"), figure_of(m.long_tail), figures)


def together(m: ReportInput) -> Html:
    """Pairs of labels."""
    sure = m.cooccurrence.frame.filter(pl.col("q_value") <= SIGNIFICANT)
    more = sure.filter(pl.col("lift") > 1).sort("lift_low", descending=True).head(N_PAIRS)
    less = sure.filter(pl.col("lift") < 1).sort("lift_high", "expected", descending=[False, True]).head(N_PAIRS)
    tables = [
        _pairs(frame, caption)
        for frame, caption in ((more, "More often together than chance"), (less, "Less often together than chance"))
        if frame.height
    ]
    return section(
        "cooccurrence",
        "Co-occurrence",
        paragraph(m.cooccurrence.summary() + ".", "note"),
        figure_of(m.cooccurrence),
        columns(tables) if tables else "",
    )


def _pairs(frame: pl.DataFrame, caption: str) -> Html:
    rows = [
        (f"{clip(a, 24)} + {clip(b, 24)}", Cell(f"{n:,}", "number"), Cell(f"{expected:,.1f}", "number"), Cell(f"{lift:.2f}", "number"))
        for a, b, n, expected, lift in frame.select("label_a", "label_b", "n_ab", "expected", "lift").iter_rows()
    ]
    return table(caption, ("Labels", *(Cell(name, "number") for name in ("Items", "By chance", "Ratio"))), rows)


def rules(m: ReportInput) -> Html:
    """Relations and the items that break them."""
    frame = m.relations.frame.filter((pl.col("relation") != "overlaps") & pl.col("direct") & ~pl.col("conflict"))
    note = paragraph(
        m.relations.summary() + ". A rule is proposed where noise alone can explain its exceptions; the exceptions are worth a look.",
        "note",
    )
    if not frame.height:
        return section("relations", "Relations", note)
    worst = frame.sort(["counter_examples", "n_ab"], descending=True, maintain_order=True).head(N_RULES)
    rows = [
        (
            clip(row["label_a"]),
            row["relation"],
            clip(row["label_b"]),
            Cell(f"{row['counter_examples']:,}", "number"),
            Cell(f"{row['n_a']:,}", "number"),
            Cell(f"{row['n_b']:,}", "number"),
            _source(row),
        )
        for row in worst.iter_rows(named=True)
    ]
    heads = (
        "Label",
        "Relation",
        "Label",
        Cell("Items that break it", "number"),
        Cell("With the first", "number"),
        Cell("With the second", "number"),
        "Source",
    )
    caption = f"The {worst.height} rules of {frame.height:,} with the most counter-examples"
    return section("relations", "Relations", note, figure_of(m.relations), table(caption, heads, rows))


def _source(row: dict[str, Any]) -> str:
    others = [source for source in row["sources"] if source != "labels"]
    if not others:
        return "found in the labels"
    support = {True: "the labels agree", False: "the labels disagree", None: "the labels cannot tell"}[row["supported"]]
    return f"{', '.join(others)}; {support}"
