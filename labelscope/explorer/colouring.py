"""What the map may be coloured by: labels, one label's state, suspicion, review, raters, and any column of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.errors import DataError, StageError
from labelscope.explorer import map as maps
from labelscope.explorer.map import N_HUES, N_LEVELS, Colours
from labelscope.query.grammar import quoted
from labelscope.space.clusters import group, named

if TYPE_CHECKING:
    from labelscope.explorer.state import Board

__all__ = ["colours", "ways"]

STATE_WORDS = {"positive": "", "negative": ":no", "unknown": ":?"}
NONE = "(none)"
MOST_VALUES = 1000  # of a column of words: one with more names items, not groups of them


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
        "labels": lambda: maps.commonest_labels(board.dataset.labels, board.dataset.label_names),
        "label": lambda: _of_label(board, label),
        "suspicion": lambda: maps.suspicion_levels(board.suspicion),
        "review": lambda: maps.review_states(board.dataset.n_items, board.worklist.rows, board.worklist.verdicts),
        "number": lambda: _numbers(np.diff(board.dataset.labels.positives.indptr)),
        "cluster": lambda: _clusters(board),
        "rater": lambda: _raters(board),
        "column": lambda: _of_column(board, column),
    }
    if by not in kinds:
        raise DataError(f"colours: expected one of {', '.join(kinds)}, got {by!r}")
    found = kinds[by]()
    name = board.dataset.label_names[label] if by == "label" else column
    return Colours(found.codes, [{**entry, **_query(by, name, entry)} for entry in found.legend])


def _query(by: str, name: str, entry: dict[str, Any]) -> dict[str, str]:
    """The query for the items of one colour, where there is one."""
    role, value = entry["role"], entry["name"]
    if by == "labels" and role.startswith("hue"):
        return {"query": quoted(value)}
    if by == "label" and role in STATE_WORDS:
        return {"query": f"{quoted(name)}{STATE_WORDS[role]}"}
    if by == "review" and role != "negative":
        return {"query": f"is:{role}"}
    if by == "column" and role.startswith("hue") and value != NONE:
        return {"query": f"{quoted(name)}:{quoted(value)}"}
    return {}


def _of_label(board: Board, label: int) -> Colours:
    board.check(0, label)
    worklist = board.worklist
    here = (worklist.verdicts == 0) & (worklist.labels == label)
    adds, removes = worklist.rows[here & worklist.adds], worklist.rows[here & ~worklist.adds]
    return maps.label_states(board.dataset.labels, label, board.decided.of_label(label), adds, removes)


def _columns(board: Board) -> list[str]:
    items = board.dataset.items
    own = {"item_id", board.dataset.text, board.dataset.image}
    return [name for name in items.columns if name not in own and _groups(items[name])][:40]


def _groups(column: pl.Series) -> bool:
    """Whether a column can be shown in colours: a number, or words that are few."""
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return True
    return column.dtype in (pl.String, pl.Categorical, pl.Enum) and column.head(5000).n_unique() <= MOST_VALUES


def _of_column(board: Board, name: str) -> Colours:
    if name not in _columns(board):
        raise DataError(f"colours: expected a column of numbers or of few words, got {name!r}")
    column = board.dataset.items[name]
    if column.dtype.is_numeric():
        values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        if len(np.unique(values[np.isfinite(values)][:5000])) > N_HUES:
            return _numbers(values)
    return _words(column.cast(pl.String).fill_null(NONE))


def _words(values: pl.Series) -> Colours:
    """A hue for each of the commonest values."""
    common = values.value_counts(sort=True)[values.name].head(N_HUES).to_list()
    codes = np.full(len(values), len(common), np.uint8)
    for code, value in enumerate(common):
        codes[(values == value).to_numpy()] = code
    return Colours.of(codes, [*((f"hue{code}", str(value)) for code, value in enumerate(common)), ("other", "Other")])


def _numbers(values: np.ndarray) -> Colours:
    """Levels between the 1st and the 99th percentile: a few extreme values must not take all the colours."""
    values = np.asarray(values, np.float64)
    finite = values[np.isfinite(values)]
    low, high = (float(v) for v in np.percentile(finite, [1, 99])) if len(finite) else (0.0, 1.0)
    scaled = np.nan_to_num((values - low) / max(high - low, 1e-12))
    codes = np.clip(scaled * N_LEVELS, 0, N_LEVELS - 1).astype(np.uint8)
    edges = np.linspace(low, high, N_LEVELS + 1)
    return Colours.of(codes, [(f"level{code}", f"{edges[code]:.3g}-{edges[code + 1]:.3g}") for code in range(N_LEVELS)])


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
    return _words(pl.Series("rater", names, dtype=pl.String))
