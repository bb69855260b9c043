"""Constraint violations as bars: the confirmed constraints that most items break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelscope.stats.violations import Violations
from labelscope.views import theme
from labelscope.views.relations import rule_axes, rule_bars

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["figure"]

MOST_BARS = 24


def figure(result: Violations, *, dark: bool = False) -> go.Figure:
    """Items that break each stated constraint, most first."""
    if not result.n_broken:
        stated = theme.plural(result.rules.height, "constraint")
        return theme.blank(f"No item breaks a constraint ({stated})", "Confirm relations, or give a taxonomy, to check more.", dark=dark)
    broken = result.rules.filter(result.rules["n_items"] > 0)
    shown = broken.head(MOST_BARS)
    counts = shown["n_items"].to_list()
    adds = int((result.frame["action"] == "add").sum())
    rest = f"; top {shown.height} of {broken.height:,} broken" if broken.height > shown.height else ""
    return theme.figure(
        *rule_bars(shown, counts, [f"{count:,}" for count in counts]),
        title=f"{result.n_broken:,} of {theme.plural(result.n_items, 'item')} break a constraint ({1 - result.clean_share:.1%})",
        subtitle=f"Items that break each; to mend them add {adds:,} and remove {theme.plural(result.frame.height - adds, 'label')}{rest}",
        dark=dark,
        **rule_axes(shown, counts, room=1.15),
    )
