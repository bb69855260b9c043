"""The models of a session as a table: on the labels as given, as they stand, and on the truth by the audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import scipy.sparse as sp

from labelscope.audit.evaluation import Evaluation
from labelscope.audit.metrics import METRICS
from labelscope.audit.model_outputs import read_models
from labelscope.explorer.messages import Averaged
from labelscope.explorer.replies.models import ModelLabel, ModelPair, ModelRow, ModelTable
from labelscope.session import Session
from labelscope.session.audited import OWN_MODEL

__all__ = ["ModelTables"]

DIGITS = 4
MOST_LABELS = 100
MOST_MODELS, N_NAMED = 12, 3
NO_MODEL = "No model yet. The predictions here are one as soon as they are there; put more into session.models."
NO_AUDIT = (
    "Nobody has audited these labels, so nothing is known of how good a model is in truth. Draw an audit in the tab Progress and decide "
    "some of its cells."
)


class ModelTables:
    """Tables of the models of a session; predictions are read once, and a table is made anew when something was decided.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: dict[str, tuple[Any, sp.csr_matrix]] = {}
        self._known: tuple[Any, ModelTable] | None = None

    def table(self, average: Averaged = "micro") -> ModelTable:
        """The table now. Starts no stage.

        Raises
        ------
        LabelscopeError
            If the predictions of a model cannot be read.
        """
        session = self._session
        averages: list[Averaged] = ["micro", "macro", *(["hierarchical"] if session.dataset.taxonomy is not None else [])]  # type: ignore[list-item]
        models = self._models()
        if not models:
            return ModelTable(NO_MODEL, average, averages, 0, 0.0, [], [], [], 0)
        if session.audit_sample is None or not session.audited.height:
            return ModelTable(NO_AUDIT, average, averages, 0, 0.0, [], [], [], 0)
        now = (average, tuple(models), [id(said) for said in models.values()], session.last_event)
        if self._known is None or self._known[0] != now:
            self._known = (now, _table(session, session.evaluate(models, average=average), average, averages))
        return self._known[1]

    @property
    def tables(self) -> dict[Averaged, ModelTable]:
        """The table for each average; empty where nothing is known of the truth. Raises as :meth:`table`."""
        first = self.table()
        return {} if first.why else {average: self.table(average) for average in first.averages}

    def line(self) -> str:
        """What the table that was made last says of F1, in a line; "" before one was. It makes none: a picture does not wait for it."""
        rows = [] if self._known is None else self._known[1].rows
        said = [
            f"{row.model} {row.truth[0]:.2f} ({row.truth[1]:.2f} to {row.truth[2]:.2f})" for row in rows if row.metric == "f1" and row.truth
        ]
        return f"F1 on the truth: {', '.join(said[:N_NAMED])}" if said else ""

    def _models(self) -> dict[str, sp.csr_matrix]:
        """What each model says is positive."""
        session = self._session
        given: dict[str, Any] = dict(list(session.models.items())[:MOST_MODELS])
        if not given and "predictions" in session.ready:
            given = {OWN_MODEL: session.predictions}
        kept = {name: self._read[name] for name in given if name in self._read and self._read[name][0] is given[name]}
        new = {name: of for name, of in given.items() if name not in kept}
        if new:
            said = read_models(session.dataset, new)
            kept |= {name: (of, said[str(name)]) for name, of in new.items()}
        self._read = kept
        return {str(name): kept[name][1] for name in given}


def _table(session: Session, told: Evaluation, average: Averaged, averages: list[Averaged]) -> ModelTable:
    by_label = told.by_label.filter(metric="f1")
    audited = by_label.group_by("label", maintain_order=True).agg(pl.col("n_audited").first()).sort("n_audited", descending=True)
    shown = audited.head(MOST_LABELS)
    parts = by_label.filter(pl.col("label").is_in(shown["label"].implode())).partition_by("label", as_dict=True)
    return ModelTable(
        why="",
        average=average,
        averages=averages,
        n_audited=told.n_audited,
        confidence=told.confidence,
        rows=list(_rows(told.frame)),
        pairs=[
            ModelPair(row["model"], row["other"], row["metric"], _three(row, "difference"), row["better"], row["says"])
            for row in told.differences.iter_rows(named=True)
        ],
        labels=[
            ModelLabel(session.dataset.label_position(label), label, n, list(_rows(parts[(label,)])))
            for label, n in shown.iter_rows()
        ],
        n_more_labels=audited.height - shown.height,
    )  # fmt: skip


def _rows(frame: pl.DataFrame) -> Iterator[ModelRow]:
    """A row a model and metric, in the order of the metrics."""
    order = {metric: k for k, metric in enumerate(METRICS)}
    told = {(row["metric"], row["model"], row["labels"]): row for row in frame.iter_rows(named=True)}
    models = frame["model"].unique(maintain_order=True).to_list()
    for metric in sorted(frame["metric"].unique(), key=order.__getitem__):
        for model in models:
            of = {labels: told.get((metric, model, labels)) for labels in ("given", "corrected", "truth")}
            given, corrected = (_rounded(of[labels]) for labels in ("given", "corrected"))
            truth = of["truth"]
            yield ModelRow(model, metric, given, corrected, None if truth is None else _three(truth, "value"))


def _rounded(row: dict[str, Any] | None) -> float | None:
    return None if row is None or row["value"] is None else round(row["value"], DIGITS)


def _three(row: dict[str, Any], value: str) -> tuple[float, float, float] | None:
    if row[value] is None:
        return None
    return (round(row[value], DIGITS), round(row["low"], DIGITS), round(row["high"], DIGITS))
