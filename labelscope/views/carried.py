"""What became of carried decisions: how many of which fate, what is no cell, and the cells that are not as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.review.fates import AGREED, ASKED, KEPT, NO_ITEM, NO_LABEL
from labelscope.views.display import MIME, table, text_table
from labelscope.views.html import pieces

if TYPE_CHECKING:
    from labelscope.review.carried import Carried

__all__ = ["bundle", "lines"]

WORDS = {
    KEPT: "given as before: the decision stands",
    AGREED: "the table says now what was decided: it stands as confirmed",
    ASKED: "given otherwise now: open again",
    NO_ITEM: "the item is not in the new version",
    NO_LABEL: "the label is not in the new version",
}
N_ROWS, WIDEST = 10, 80


def bundle(done: Carried) -> dict[str, Any]:
    """MIME type to data, for ``_repr_mimebundle_``."""
    return {
        "text/plain": "\n".join(lines(done)),
        "text/html": _html(done),
        MIME: {"v": 1, "kind": "Carried", "summary": done.summary(), "n_rows": done.frame.height, "columns": done.frame.columns},
    }


def lines(done: Carried) -> list[str]:
    """What became of what, as lines of text."""
    out = [done.summary(), "", *text_table(_counts(done), WIDEST)]
    if done.others.height:
        out += ["", *text_table(done.others, WIDEST)]
    if (rest := _rest(done)).height:
        out += ["", *text_table(rest.head(N_ROWS))]
        out += [f"{rest.height - N_ROWS:,} more in .frame"] if rest.height > N_ROWS else []
    return out


def _counts(done: Carried) -> pl.DataFrame:
    counts = done.counts
    return pl.DataFrame({"decided cells": list(counts), "number": list(counts.values()), "what it means": [WORDS[name] for name in counts]})


def _rest(done: Carried) -> pl.DataFrame:
    """The cells that are open again or gone, and what was decided on them."""
    rest = done.frame.filter(pl.col("outcome").is_in([ASKED, NO_ITEM, NO_LABEL]))
    return rest.select("outcome", "earlier_id", "label", "verdict", "decided", "given_before", "given_now", "reviewer")


def _html(done: Carried) -> str:
    rest = _rest(done)
    tables = [
        table(_counts(done)),
        *(table(frame, most) for frame, most in ((done.others, done.others.height), (rest, N_ROWS)) if frame.height),
    ]
    n_more = f"{rest.height - N_ROWS:,}" if rest.height > N_ROWS else ""
    return str(pieces("result.html.j2").carried(done.summary(), tables, n_more))
