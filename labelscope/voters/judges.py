"""Judges: any model or function that is asked about single cells, as one more voter."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
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
from labelscope.voters.answers import Answer, Answers
from labelscope.voters.asking import Judge, ask, name_of
from labelscope.voters.question import questions

__all__ = ["N_EXAMPLES", "Heard", "as_judges", "hear", "judge"]

N_EXAMPLES = 2  # like items with the label that a judge is shown, and as many without


@checked
def judge(
    ds: Dataset, cells: Any, judge: Any, *, examples: int = N_EXAMPLES, cache: str | os.PathLike[str] | None = None, progress: bool = True
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
    judges = as_judges(judge)
    if n_examples < 0:
        raise DataError(f"examples: expected 0 or more, got {n_examples}; 0 shows none")
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
    with Answers(cache) as answers:
        heard = hear(ds, rows, labels, judges, answers, others=others, n_examples=n_examples)
    for one in heard:
        _tell(one)
    return pl.concat([_votes(ds, rows[one.cells], labels[one.cells], None if others is None else others[one.cells], one) for one in heard])


def as_judges(judge: Any) -> list[Judge]:
    """One judge or a sequence of them, as a list.

    Raises
    ------
    DataError
        If it is neither.
    """
    judges = list(judge) if isinstance(judge, Sequence) else [judge]
    if not judges or not all(callable(one) for one in judges):
        raise DataError("judge: expected a callable or a list of them, got something else; define a function of a question")
    return judges


class Heard(NamedTuple):
    """What one judge said of the cells that it was asked about.

    Attributes
    ----------
    name : str
    cells : int64 array of shape (n_asked,)
        Positions among the cells.
    values : list of int or None
        1, 0, -1, or None without an answer.
    reasons : list of str
    failure : str
        Why the last question without an answer has none.
    spent : bool
        Whether a budget was used up.
    """

    name: str
    cells: np.ndarray
    values: list[int | None]
    reasons: list[str]
    failure: str
    spent: bool


def hear(
    ds: Dataset,
    rows: np.ndarray,
    labels: np.ndarray,
    judges: Sequence[Judge],
    answers: Answers,
    *,
    others: np.ndarray | None = None,
    n_examples: int = N_EXAMPLES,
    told: Callable[[str, int, Answer], None] | None = None,
) -> list[Heard]:
    """Ask judges about cells; each next one where the one before contradicts the given state or is undecided.

    Parameters
    ----------
    ds : Dataset
    rows, labels : int arrays of shape (n_cells,)
    judges : sequence of callable
    answers : Answers
    others : int array of shape (n_cells,), optional
        Labels to compare with.
    n_examples : int
    told : callable, optional
        Called in this thread with the name of the judge, the position of the cell and the answer, as each arrives.

    Raises
    ------
    DataError
        If there is nothing to show to a judge, or it returns something else than an answer.
    StageError
        If a judge fails.
    """
    if ds.text is None and ds.image is None:
        raise DataError("judge: expected a data set with a text or images to show, got neither; name them with text= or image=")
    out, left = [], np.arange(len(rows))
    for judge in judges:
        compared = None if others is None else others[left]
        heard = _ask(ds, rows, labels, left, compared, judge, n_examples, answers, told)
        out.append(heard)
        states = ds.labels.states(rows[left], labels[left]).tolist()
        left = left[np.array([value is not None and value != state for value, state in zip(heard.values, states, strict=True)], bool)]
    return out


def _ask(
    ds: Dataset,
    rows: np.ndarray,
    labels: np.ndarray,
    cells: np.ndarray,
    others: np.ndarray | None,
    judge: Judge,
    n_examples: int,
    answers: Answers,
    told: Callable[[str, int, Answer], None] | None,
) -> Heard:
    rows, labels, name = rows[cells], labels[cells], name_of(judge)

    def arrived(at: int, answer: Answer) -> None:
        if told is not None:
            told(name, int(cells[at]), answer)

    first = ask(judge, questions(ds, rows, labels, others, n_examples=n_examples), len(rows), answers, arrived)
    reasons = [a.reason if a else "" for a in first.answers]
    if others is None:
        return Heard(name, cells, [a and a.value for a in first.answers], reasons, first.failure, first.spent)
    second = ask(judge, questions(ds, rows, others, labels, n_examples=n_examples), len(rows), answers)
    values: list[int | None] = []
    for one, turned in zip(first.answers, second.answers, strict=True):
        if one is None or turned is None:
            values.append(None)
        else:
            values.append(one.value if one.value >= 0 and one.value == 1 - turned.value else UNKNOWN)
    return Heard(name, cells, values, reasons, first.failure or second.failure, first.spent or second.spent)


def _tell(heard: Heard) -> None:
    left = heard.values.count(None)
    if left:
        remedy = "raise its budget" if heard.spent else "call again to ask them"
        warn(
            f"judge {heard.name!r}: {left:,} of {len(heard.values):,} questions got no answer ({heard.failure}); {remedy}",
            LabelscopeWarning,
            stacklevel=5,
        )


def _votes(ds: Dataset, rows: np.ndarray, labels: np.ndarray, others: np.ndarray | None, heard: Heard) -> pl.DataFrame:
    name, values, reasons = heard.name, heard.values, heard.reasons
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
