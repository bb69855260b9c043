"""Judges: any model or function that is asked about single cells, as one more voter."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from warnings import warn

import numpy as np
import polars as pl

from labelscope.compute.progress import watch
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.frames import to_polars
from labelscope.data.labels import UNKNOWN
from labelscope.data.positions import positions
from labelscope.errors import DataError, LabelscopeWarning
from labelscope.voters.answers import Answers
from labelscope.voters.asking import Asked, Judge, ask, name_of
from labelscope.voters.question import questions

__all__ = ["judge"]


@checked
def judge(
    ds: Dataset, cells: Any, judge: Any, *, examples: int = 2, cache: str | os.PathLike[str] | None = None, progress: bool = True
) -> pl.DataFrame:
    """Ask a judge about cells; its answers are votes.

    The judge sees the item, the label with its description and a few like items with and without the label, but not the
    state that the cell has: it would follow it. Its answers are one more voter, no truth: a judge may err where the model
    errs, so pass what people decided to :func:`labelscope.raters` to see whether it is better than a guess.

    Nothing is sent anywhere unless the judge does so: a callable of your own, or :class:`labelscope.OpenAIJudge` with
    the address that you name.

    Parameters
    ----------
    ds : Dataset
        With a text or images.
    cells : frame of (item_id, label)
        What to ask about; others of its columns are not looked at. With a column `other` (a label), the judge is asked
        which of the two fits better, in both orders, and only a consistent answer counts.
    judge : callable, OpenAIJudge, or sequence of them
        Called with a :class:`labelscope.voters.question.Question`; returns 1, 0 or -1 (undecided), or a pair of that and a
        reason. Its attribute `name`, or else its ``__name__``, is the voter's name; `workers` is how many questions it takes
        at once (default 1). Of a sequence each next one is asked where the one before contradicts the given state or is
        undecided: the cheap one first.
    examples : int
        Like items with the label that are shown, and as many without.
    cache : path, optional
        SQLite file that keeps every answer as it arrives. A question that it has an answer to is not asked, so a run that was
        stopped goes on where it was, and one that is complete is replayed without a network.
    progress : bool
        Report progress to whoever watches; False works in silence.

    Returns
    -------
    polars.DataFrame
        item_id, rater, label, value (1, 0, -1), reason. Cells without an answer are left out, and a warning counts them.

    Raises
    ------
    DataError
        If a cell is not of this data set, there is nothing to show, or the judge returns something else.
    StageError
        If the judge, one of your own, fails; what it answered before is in the cache.

    Examples
    --------
    >>> ds = Dataset.from_arrays([[1], [0]], label_names=["spam"], items=pl.DataFrame({"text": ["win money", "hello"]}), text="text")
    >>> def reader(question):
    ...     return int("money" in question.text), "it is about money"
    >>> judge(ds, pl.DataFrame({"item_id": [0, 1], "label": ["spam"] * 2}), reader, examples=0)["value"].to_list()
    [1, 0]
    """
    if not progress:
        with watch(None):
            return _judge(ds, cells, judge, examples, cache)
    return _judge(ds, cells, judge, examples, cache)


def _judge(ds: Dataset, cells: Any, judge: Any, n_examples: int, cache: str | os.PathLike[str] | None) -> pl.DataFrame:
    if ds.text is None and ds.image is None:
        raise DataError("judge: expected a data set with a text or images to show, got neither; name them with text= or image=")
    if n_examples < 0:
        raise DataError(f"examples: expected 0 or more, got {n_examples}; 0 shows none")
    judges = list(judge) if isinstance(judge, Sequence) else [judge]
    if not judges or not all(callable(one) for one in judges):
        raise DataError("judge: expected a callable or a list of them, got something else; define a function of a question")
    asked = to_polars(cells, "cells")
    missing = [name for name in ("item_id", "label") if name not in asked.columns]
    if missing:
        raise DataError(f"cells: expected the columns item_id and label, got {', '.join(asked.columns)}; {missing[0]} is missing")
    rows = positions(asked["item_id"], ds.item_ids, expected="cells: expected known values in item_id", remedy="drop them")
    names = pl.Series(ds.label_names, dtype=pl.String)
    labels = positions(asked["label"], names, expected="cells: expected known values in label", remedy="drop them")
    others = None
    if "other" in asked.columns:
        others = positions(asked["other"], names, expected="cells: expected known values in other", remedy="drop them")
    votes, left = [], np.arange(len(rows))
    with Answers(cache) as answers:
        for one in judges:
            compared = None if others is None else others[left]
            values, reasons = _ask(ds, rows[left], labels[left], compared, one, n_examples, answers)
            votes.append(_votes(ds, rows[left], labels[left], compared, name_of(one), values, reasons))
            states = ds.labels.states(rows[left], labels[left]).tolist()
            doubted = [value is not None and value != state for value, state in zip(values, states, strict=True)]
            left = left[np.array(doubted, bool)]
    return pl.concat(votes)


def _ask(
    ds: Dataset, rows: np.ndarray, labels: np.ndarray, others: np.ndarray | None, judge: Judge, n_examples: int, answers: Answers
) -> tuple[list[int | None], list[str]]:
    """The value and the reason of each cell; None where there is no answer."""
    first = ask(judge, questions(ds, rows, labels, others, n_examples=n_examples), len(rows), answers)
    _tell(first, name_of(judge))
    if others is None:
        return [a and a.value for a in first.answers], [a.reason if a else "" for a in first.answers]
    second = ask(judge, questions(ds, rows, others, labels, n_examples=n_examples), len(rows), answers)
    _tell(second, name_of(judge))
    values: list[int | None] = []
    for one, turned in zip(first.answers, second.answers, strict=True):
        if one is None or turned is None:
            values.append(None)
        else:
            values.append(one.value if one.value >= 0 and one.value == 1 - turned.value else UNKNOWN)
    return values, [a.reason if a else "" for a in first.answers]


def _tell(asked: Asked, name: str) -> None:
    left = sum(answer is None for answer in asked.answers)
    if left:
        remedy = "raise its budget" if asked.spent else "call again to ask them"
        warn(
            f"judge {name!r}: {left:,} of {len(asked.answers):,} questions got no answer ({asked.failure}); {remedy}",
            LabelscopeWarning,
            stacklevel=6,
        )


def _votes(
    ds: Dataset, rows: np.ndarray, labels: np.ndarray, others: np.ndarray | None, name: str, values: list[int | None], reasons: list[str]
) -> pl.DataFrame:
    told = np.array([value is not None for value in values], bool)
    value = np.array([-1 if value is None else value for value in values], np.int8)[told]
    items, label = ds.item_ids.gather(rows[told]), pl.Series(ds.label_names, dtype=pl.String)
    reason = pl.Series(reasons, dtype=pl.String).filter(pl.Series(told))
    columns = {"item_id": items, "rater": [name] * len(items), "label": label.gather(labels[told]), "value": value, "reason": reason}
    frame = pl.DataFrame(columns, schema_overrides={"rater": pl.String})
    if others is None:
        return frame
    turned = np.where(value < 0, value, 1 - value).astype(np.int8)
    return pl.concat([frame, frame.with_columns(label=label.gather(others[told]), value=pl.Series(turned))])
