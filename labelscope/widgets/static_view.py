"""The Explorer where no kernel answers: text, script-free HTML, a picture, and data for labelscope's own viewers."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import polars as pl

from labelscope.explorer.remaining_errors import remaining
from labelscope.explorer.state import ExplorerState
from labelscope.views.display import MIME, picture_tag, table
from labelscope.views.html import pieces
from labelscope.voters.voter_words import headcount
from labelscope.widgets.static_picture import WIDTH, Bar, Line, Picture, draw

__all__ = ["picture", "static_view", "summary"]

N_ROWS, N_PICTURED, N_BARS, N_REASONS = 12, 5, 10, 3
MOST_POINTS = 8_000  # more make the same picture, and hold up the app while they are drawn
PENDING = ("accepted", "rejected", "skipped", "pending")


def summary(name: str, state: ExplorerState, trouble: str = "") -> list[str]:
    """What there is to say in two or three lines; `trouble` is why there are no suggestions, if something failed."""
    dataset, counts = state.dataset, state.worklist.counts()
    unknown = dataset.labels.n_unknown.sum() / max(1, dataset.n_items * dataset.n_labels)
    lines = [f"{name}: {dataset.n_items:,} items × {dataset.n_labels:,} labels, {unknown:.1%} of cells unknown"]
    total = state.worklist.frame.height
    if total:
        lines.append(
            f"{total:,} suggestions: {counts['pending']:,} pending, {counts['accepted']:,} accepted, "
            f"{counts['rejected']:,} rejected, {counts['skipped']:,} skipped"
        )
    elif trouble:
        lines.append(trouble)
    elif not state.versions["worklist"]:
        lines.append("The stages have not finished; display the Explorer again for a newer picture")
    else:
        lines.append("No label looks wrong")
    if state.versions["worklist"]:
        lines += state.sources.words
    if state.versions["worklist"] and (voters := headcount(state.session.voters.kinds.values())):  # the findings have heard them
        lines.append(voters)
    if reasons := _reasons(state):
        lines.append(reasons)
    if health := state.health.line():
        lines.append(health)
    if groups := state.groups.line():
        lines.append(groups)
    if models := state.models.line():
        lines.append(models)
    return lines


def picture(name: str, state: ExplorerState, trouble: str = "") -> bytes:
    """The picture as PNG."""
    head, *rest = summary(name, state, trouble)
    counts = state.worklist.counts()
    lines = [head.removeprefix(f"{name}: "), *rest[state.worklist.frame.height > 0 :], *_left(state)]
    pending, rows = _pending(state), state.dataset.n_items
    has = {kind: np.zeros(rows, bool) for kind in ("add", "remove")}
    for kind, mask in has.items():
        mask[state.worklist.rows[pending & (state.worklist.frame["action"] == kind).to_numpy()]] = True
    shown = np.unique(np.linspace(0, rows - 1, min(rows, MOST_POINTS)).astype(np.int64))
    return draw(
        Picture(
            title=name,
            lines=lines,
            counts={part: counts[part] for part in PENDING} if state.worklist.frame.height else {},
            xy=None if state.results.xy is None else state.results.xy[shown],
            add=has["add"][shown],
            remove=has["remove"][shown],
            n_add=int(has["add"].sum()),
            n_remove=int(has["remove"].sum()),
            bars=_bars(state, pending),
            top=[Line(*row) for row in _top(state).head(N_PICTURED).select("change", "label", "confidence", "text", "reason").iter_rows()],
        )
    )


def _reasons(state: ExplorerState) -> str:
    """The reasons that people gave for decisions, the most frequent first; "" without any."""
    said = state.session.reasons["reason"].value_counts().sort(["count", "reason"], descending=[True, False])
    named = ", ".join(f"{reason} {n:,}" for reason, n in said.head(N_REASONS).iter_rows())
    return f"Reasons given: {named}" if named else ""


def _left(state: ExplorerState) -> list[str]:
    """What an audit says of the errors that are left, or that nobody made one."""
    if not state.worklist.frame.height:
        return []
    known = remaining(state.session)
    if known.count is None or known.low is None or known.high is None:
        return ["Suggestions are suspicions: how many labels are wrong, only an audit can say."]
    count, low, high = (f"{float(f'{value:.2g}'):,.0f}" for value in (known.count, known.low, known.high))
    return [f"About {count} wrong cells are left (95% interval {low} to {high}), by an audit of {known.n_judged:,} cells."]


def _pending(state: ExplorerState) -> np.ndarray:
    return np.asarray(state.worklist.verdicts == 0)


def _bars(state: ExplorerState, pending: np.ndarray) -> list[Bar]:
    frame = state.worklist.frame.filter(pl.Series(pending))
    by_label = frame.group_by("label").agg(add=(pl.col("action") == "add").sum(), remove=(pl.col("action") == "remove").sum())
    ranked = by_label.sort(pl.col("add") + pl.col("remove"), "label", descending=[True, False]).head(N_BARS)
    return [Bar(*row) for row in ranked.select("label", "add", "remove").iter_rows()]


def static_view(name: str, state: ExplorerState, image: bytes, trouble: str = "") -> dict[str, Any]:
    """MIME bundle without the live view; everything in its HTML that came from data is escaped."""
    lines = summary(name, state, trouble)
    top = _top(state)
    words = (
        f"  {row['change']} {row['label']} ({row['confidence']:.2f}), item {row['item']}: {row['text'][:60]}" for row in top.to_dicts()
    )
    shown = picture_tag(image, f"Map and progress. {lines[0]}", width=WIDTH)
    figure = pieces("result.html.j2").captioned(shown, " · ".join([*lines, *_left(state)]))
    return {
        MIME: {"v": 1, "kind": "Explorer", "name": name, "summary": lines, "worklist": top.to_dicts()},
        "image/png": base64.b64encode(image).decode(),
        "text/html": f"{figure}{_worklist(top, state)}",
        "text/plain": "\n".join(["labelscope Explorer", *lines, *words]),
    }


def _worklist(top: pl.DataFrame, state: ExplorerState) -> str:
    """The first suggestions as a table, folded up: the picture shows the first of them."""
    if not top.height:
        return ""
    total = int(_pending(state).sum())
    return str(pieces("result.html.j2").folded(f"The first {top.height} of {total:,} pending suggestions", table(top, N_ROWS)))


def _top(state: ExplorerState) -> pl.DataFrame:
    """The first pending suggestions, with the words of their items."""
    frame = state.worklist.frame.filter(pl.Series(state.worklist.verdicts == 0)).head(N_ROWS)
    texts = [" ".join(state.cards.text(state.dataset.position(item)).split())[:140] for item in frame["item_id"]]
    return frame.select(
        pl.col("action").alias("change"),
        "label",
        "confidence",
        pl.col("item_id").cast(pl.String).alias("item"),
        pl.Series("text", texts, dtype=pl.String),
        pl.col("reason").fill_null(""),
    )
