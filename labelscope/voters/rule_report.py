"""What rules cover, where they meet and contradict each other, and how often they are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN
from labelscope.data.results import Result
from labelscope.models.audited_labels import audited_labels
from labelscope.voters.rules import Rule, check_rules, holds

__all__ = ["RuleReport", "report_on", "rule_report"]


@dataclass(frozen=True, eq=False, repr=False)
class RuleReport(Result):
    """How rules do, one row a rule, in the order given.

    Attributes
    ----------
    frame : polars.DataFrame
        rule, label, vote, kind ("query", "regex" or "python"), n (items on which it votes), coverage (share of the items),
        overlaps (of its cells, with a vote of another rule), conflicts (with a contrary vote), known (cells with a given
        state), right, wrong (of these), precision with low and high (95 % interval), and the same of audited cells:
        n_audited, right_audited, wrong_audited, precision_audited, audited_low, audited_high. Null where nothing is known.
    """

    def summary(self) -> str:
        """One line of plain text."""
        conflicts = int(self.frame["conflicts"].sum()) if self.frame.height else 0
        return f"RuleReport of {self.frame.height:,} rules: {int(self.frame['n'].sum()):,} votes, {conflicts:,} of them contradicted"


@checked
def rule_report(ds: Dataset, rules: Sequence[Any], *, audited: Any = None) -> RuleReport:
    """Coverage, overlaps, conflicts and precision of rules.

    The precision against the given labels says how well a rule agrees with them; only audited cells say how often it
    is right where the labels are wrong.

    Parameters
    ----------
    ds : Dataset
    rules : sequence of Rule
    audited : frame of (item_id, label, state), optional
        Cells that a person has checked.

    Returns
    -------
    RuleReport

    Raises
    ------
    DataError
        If a rule cannot vote on this data set.

    Notes
    -----
    The table is that of Snorkel's LFAnalysis (A. Ratner and others, *Snorkel: rapid training data creation with weak
    supervision*, 2017), with the intervals of Wilson (1927).
    """
    chosen = check_rules(ds, rules)
    return report_on(ds, chosen, [holds(ds, rule) for rule in chosen], audited=audited)


def report_on(ds: Dataset, chosen: Sequence[Rule], masks: Sequence[np.ndarray], *, audited: Any = None) -> RuleReport:
    """The report where it is known where each rule holds: masks, bool (n_items,)."""
    columns = [ds.label_position(rule.label) for rule in chosen]
    yes: dict[int, np.ndarray] = {}
    no: dict[int, np.ndarray] = {}
    for label in set(columns):
        counted = [(mask, rule.vote) for mask, rule, column in zip(masks, chosen, columns, strict=True) if column == label]
        for side, store in ((1, yes), (0, no)):
            store[label] = sum((mask.astype(np.int64) for mask, vote in counted if vote == side), np.zeros(ds.n_items, np.int64))
    checked_cells = audited_labels(ds, audited) if audited is not None else None
    rows = []
    for rule, mask, label in zip(chosen, masks, columns, strict=True):
        contrary = (no if rule.vote else yes)[label][mask]
        row: dict[str, Any] = {
            "rule": rule.name, "label": rule.label, "vote": rule.vote, "kind": rule.kind, "n": int(mask.sum()),
            "coverage": float(mask.mean()) if len(mask) else 0.0, "overlaps": int(((yes[label] + no[label])[mask] > 1).sum()),
            "conflicts": int((contrary > 0).sum()),
        }  # fmt: skip
        items = np.flatnonzero(mask)
        row |= _right(
            ds.labels.states(items, np.full(len(items), label)), rule.vote, ("known", "right", "wrong", "precision", "low", "high")
        )
        states = checked_cells.states(items, np.full(len(items), label)) if checked_cells is not None else np.empty(0)
        names = ("n_audited", "right_audited", "wrong_audited", "precision_audited", "audited_low", "audited_high")
        rows.append(row | _right(states, rule.vote, names))
    return RuleReport(pl.DataFrame(rows, schema=_schema()))


def _right(states: np.ndarray, vote: int, names: tuple[str, str, str, str, str, str]) -> dict[str, Any]:
    known = int((states != UNKNOWN).sum())
    right = int((states == vote).sum())
    low, high = wilson(np.array(right), np.array(known))
    shares = (right / known, float(low), float(high)) if known else (None, None, None)
    return dict(zip(names, (known, right, known - right, *shares), strict=True))


def _schema() -> dict[str, type[pl.DataType]]:
    words = dict.fromkeys(("rule", "label"), pl.String)
    known: dict[str, type[pl.DataType]] = {"known": pl.Int64, "right": pl.Int64, "wrong": pl.Int64}
    return {
        **words, "vote": pl.Int64, "kind": pl.String, "n": pl.Int64, "coverage": pl.Float64, "overlaps": pl.Int64, "conflicts": pl.Int64,
        **known, "precision": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n_audited": pl.Int64, "right_audited": pl.Int64,
        "wrong_audited": pl.Int64, "precision_audited": pl.Float64, "audited_low": pl.Float64, "audited_high": pl.Float64,
    }  # fmt: skip
