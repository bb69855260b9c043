"""Relations between labels as bars: the rules that the most items break, for those items are the ones to review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.stats.relations import Relations
from labelscope.views import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["figure", "rule", "rule_axes", "rule_bars"]

MOST_BARS = 24
WORDS = {"implies": "{a} implies {b}", "identical": "{a} is {b}", "exclusive": "{a} excludes {b}"}


def figure(result: Relations, *, dark: bool = False) -> go.Figure:
    """Counter-examples of each direct rule (implies, identical, exclusive) that nothing contradicts, most first."""
    told = result.frame.filter((pl.col("relation") != "overlaps") & pl.col("direct"))
    rules = told.filter(~pl.col("conflict"))
    disputed = told.height - rules.height
    if rules.is_empty():
        return theme.blank("No rule between labels is supported", _overlaps(result.frame), dark=dark)
    shown = rules.sort(["counter_examples", "n_ab"], descending=True, maintain_order=True).head(MOST_BARS)
    broken, cases = int((rules["counter_examples"] > 0).sum()), int(rules["counter_examples"].sum())
    noise = f" (noise breaks a true one in {result.rate:.1%})" if result.n_rules else ""
    rest = f"; top {shown.height} of {rules.height:,}" if rules.height > shown.height else ""
    aside = f"; left out: {disputed:,} contradicted" if disputed else ""
    return theme.figure(
        *rule_bars(shown, shown["counter_examples"].to_list(), [_share(row) for row in shown.iter_rows(named=True)]),
        title=f"{theme.plural(rules.height, 'rule')} between labels; {broken:,} broken in {theme.plural(cases, 'case')} to review",
        subtitle=f"Items that break a rule{noise}{rest}{aside}",
        dark=dark,
        **rule_axes(shown, shown["counter_examples"].to_list(), room=1.25),
    )


def rule_bars(rules: pl.DataFrame, counts: list[int], words: list[str]) -> list[go.Bar]:
    """One bar a rule, coloured by its relation.

    Parameters
    ----------
    rules : polars.DataFrame
        label_a, relation, label_b; `sources`, `n_a`, `n_b` and `n_ab` are told on hovering where they are there.
    counts : list of int
        Length of each bar: items that break the rule.
    words : list of str
        Text beside each bar.
    """
    import plotly.graph_objects as go

    traces = []
    rows = list(rules.iter_rows(named=True))
    for relation in WORDS:
        mine = [k for k, row in enumerate(rows) if row["relation"] == relation]
        if mine:
            traces.append(
                go.Bar(
                    x=[counts[k] for k in mine],
                    y=mine,
                    orientation="h",
                    name=relation,
                    marker={"color": theme.ROLES[relation]},
                    text=[words[k] for k in mine],
                    textposition="outside",
                    cliponaxis=False,
                    customdata=[[rule(rows[k], 80), _evidence(rows[k])] for k in mine],
                    hovertemplate="<b>%{customdata[0]}</b><br>%{x:,} items break it%{customdata[1]}<extra></extra>",
                )
            )
    return traces


def rule_axes(rules: pl.DataFrame, counts: list[int], *, room: float) -> dict[str, Any]:
    """Layout of :func:`rule_bars`, with `room` times the longest bar."""
    most = max([1, *counts])
    return {
        "height": theme.bars_height(rules.height),
        "barmode": "stack",
        "xaxis": {"range": [0, most * room], "tickformat": ",", "nticks": min(6, most + 1)},
        "yaxis": theme.row_axis([""] * rules.height) | {"ticktext": [rule(row, 20) for row in rules.iter_rows(named=True)]},
    }


def _evidence(row: dict[str, Any]) -> str:
    if "sources" not in row:
        return ""
    return f"<br>{row['n_a']:,} and {row['n_b']:,} items, {row['n_ab']:,} in common<br>said by: {', '.join(row['sources'])}"


def rule(row: dict[str, object], length: int) -> str:
    """A relation in words, its label names clipped to a length."""
    return WORDS[str(row["relation"])].format(a=theme.safe(row["label_a"], length), b=theme.safe(row["label_b"], length))


def _share(row: dict[str, int]) -> str:
    """Counter-examples, and what share they are of the items that the rule speaks about."""
    base = {"implies": row["n_a"], "identical": row["n_a"] + row["n_b"] - row["n_ab"]}.get(
        str(row["relation"]), min(row["n_a"], row["n_b"])
    )
    return f"{row['counter_examples']:,} ({row['counter_examples'] / max(1, base):.1%})"


def _overlaps(frame: pl.DataFrame) -> str:
    n_overlaps = frame.filter(relation="overlaps").height
    return f"{theme.plural(n_overlaps, 'pair')} of labels overlap more than chance without following a rule."
