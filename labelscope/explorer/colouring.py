"""What the map may be coloured by: labels, one label's state, suspicion, review, raters, and any column of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.errors import DataError, StageError
from labelscope.space.clusters import group, named
from labelscope.views.item_colours import (
    N_HUES,
    NONE,
    Colours,
    column_values,
    common_words,
    commonest_labels,
    has_groups,
    label_states,
    number_levels,
    review_states,
    suspicion_levels,
)

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["colours", "ways"]


def ways(board: Board) -> list[dict[str, str]]:
    """What this data set can be coloured by beside single labels: `by`, `column` and words for people."""
    fixed = [("labels", "Common labels"), ("suspicion", "Suspicion"), ("review", "Review"), ("number", "Labels per item")]
    if board.session.has_map:
        fixed.append(("cluster", "Groups of like items"))
    if board.dataset.votes is not None:
        fixed.append(("rater", "Rater"))
    listed = [{"by": by, "column": "", "name": name} for by, name in fixed]
    return listed + [{"by": "column", "column": name, "name": name} for name in _columns(board)]


def colours(board: Board, by: str, label: int = 0, column: str = "") -> Colours:
    """One code an item.

    Parameters
    ----------
    board : Board
    by : str
        "labels", "label", "suspicion", "review", "number", "cluster", "rater" or "column".
    label : int
        For "label".
    column : str
        For "column".

    Raises
    ------
    DataError
        If there is no such way to colour.
    """
    kinds: dict[str, Callable[[], Colours]] = {
        "labels": lambda: commonest_labels(board.dataset.labels, board.dataset.label_names),
        "label": lambda: _of_label(board, label),
        "suspicion": lambda: suspicion_levels(board.suspicion),
        "review": lambda: review_states(board.dataset.n_items, board.worklist.rows, board.worklist.verdicts),
        "number": lambda: number_levels(np.diff(board.dataset.labels.positives.indptr)),
        "cluster": lambda: _clusters(board),
        "rater": lambda: _raters(board),
        "column": lambda: _of_column(board, column),
    }
    if by not in kinds:
        raise DataError(f"colours: expected one of {', '.join(kinds)}, got {by!r}")
    return kinds[by]().queried(by, board.dataset.label_names[label] if by == "label" else column)


def _of_label(board: Board, label: int) -> Colours:
    board.check(0, label)
    worklist = board.worklist
    here = (worklist.verdicts == 0) & (worklist.labels == label)
    adds, removes = worklist.rows[here & worklist.adds], worklist.rows[here & ~worklist.adds]
    return label_states(board.states(label), adds, removes)


def _columns(board: Board) -> list[str]:
    items = board.dataset.items
    own = {"item_id", board.dataset.text, board.dataset.image, *board.dataset.text_columns}
    return [name for name in items.columns if name not in own and has_groups(items[name])][:40]


def _of_column(board: Board, name: str) -> Colours:
    if name not in _columns(board):
        raise DataError(f"colours: expected a column of numbers or of few words, got {name!r}")
    return column_values(board.dataset.items[name])


def _clusters(board: Board) -> Colours:
    if board.groups is None:
        if board.similarity is None:
            raise StageError("colours: expected embeddings, got none yet; wait for the map")
        board.groups = group(board.session.embeddings, N_HUES, seed=board.session.seed)
    names = named(board.groups, board.dataset.labels, board.dataset.label_names)
    return Colours.of(board.groups, [(f"hue{code}", name) for code, name in enumerate(names)])


def _raters(board: Board) -> Colours:
    """The rater who gave most of an item's votes."""
    votes = board.dataset.votes
    if votes is None:
        raise DataError("colours: expected votes, got none; give votes=")
    counts = pl.DataFrame({"item": votes.items, "rater": votes.raters}).group_by("item", "rater").len()
    first = counts.sort("item", "len", "rater", descending=[False, True, False]).unique("item", keep="first")
    names: Any = np.full(board.dataset.n_items, NONE, object)
    names[first["item"].to_numpy()] = np.asarray(votes.rater_names, object)[first["rater"].to_numpy()]
    return common_words(pl.Series("rater", names, dtype=pl.String))
