"""What people and other voters said, as a published page holds it: their names only where these may be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import msgspec
import numpy as np
import polars as pl

from labelscope.export.page_block import Block, sixteen
from labelscope.export.redaction import Redacted
from labelscope.export.scanned import Scanned
from labelscope.review.review_yield import review_yield

__all__ = ["conflicts", "decisions", "put_votes", "raters", "review", "rules"]

CONDITION = "The condition is left out of this copy"


def put_votes(block: Block, scanned: Scanned, redaction: Redacted, place: np.ndarray) -> dict[str, Any]:
    """Votes on the cells that something is suggested for; who the voters are, and how far to believe them, comes back."""
    words, n_labels = scanned.voters, scanned.dataset.n_labels
    if words is None:
        return {"raters": [], "voter_kinds": [], "voter_rates": [], "voter_reasons": []}
    votes = words.votes
    cells = votes.items * n_labels + votes.labels
    about = np.flatnonzero(np.isin(cells, scanned.rows * n_labels + scanned.labels) & (place[votes.items] >= 0))
    voters, codes = np.unique(votes.raters[about], return_inverse=True)
    pairs, which = np.unique(votes.raters[about] * n_labels + votes.labels[about], return_inverse=True)
    names = [votes.rater_names[rater] for rater in voters]
    said = [words.word(vote) for vote in about.tolist()]
    reasons = {"": 0} | {word.reason: 0 for word in said if not _withheld(scanned, redaction)}
    reasons = {reason: k for k, reason in enumerate(reasons)}
    called = _called_voters(scanned, redaction)
    block.put("v_row", place[votes.items[about]])
    block.put("v_label", votes.labels[about])
    block.put("v_rater", codes)
    block.put("v_value", votes.values[about], "i1")
    block.put("v_rates", which)
    block.put("v_reason", [reasons.get(word.reason, 0) for word in said])
    block.put("v_agreed", sixteen(np.array([words.agreed.get(key, np.nan) for key in cells[about].tolist()], np.float64)))
    return {
        "raters": [called[name] for name in names],
        "voter_kinds": [words.kinds.get(name, "rater") for name in names],
        "voter_rates": [
            msgspec.to_builtins(words.rates.get((votes.rater_names[pair // n_labels], pair % n_labels))) for pair in pairs.tolist()
        ],
        "voter_reasons": list(reasons),
    }


def raters(scanned: Scanned, redaction: Redacted) -> dict[str, Any] | None:
    """The table of voters; None where nobody votes."""
    if scanned.raters is None or scanned.raters["why"]:
        return None
    called = _called_voters(scanned, redaction)
    return {**scanned.raters, "rows": [{**row, "rater": called[row["rater"]]} for row in scanned.raters["rows"]]}


def rules(scanned: Scanned, redaction: Redacted) -> dict[str, Any] | None:
    """The table of rules without what can be done to them; None where there are none.

    The condition of a rule may tell of a text or of a column: where some are left out, so are the conditions.
    """
    if scanned.rules is None or not (scanned.rules["rows"] or scanned.rules["functions"]):
        return None
    voters = _called_voters(scanned, redaction)
    withheld = _withheld(scanned, redaction) or bool({*scanned.dataset.items.columns} - {*redaction.dataset.items.columns})
    known = [row["reviewer"] for row in scanned.rules["rows"]]
    reviewers = _called(scanned, redaction, known)
    rows = [
        {
            **row, "name": voters.get(row["name"], row["name"]), "reviewer": reviewers[row["reviewer"]],
            **({"condition": CONDITION, "why": "", "query": None, "regex": None, "words": None} if withheld else {}),
        }
        for row in scanned.rules["rows"]
    ]  # fmt: skip
    functions = [voters.get(name, name) for name in scanned.rules["functions"]]
    return {**scanned.rules, "rows": rows, "functions": functions, "undo": "", "path": ""}


def decisions(scanned: Scanned, redaction: Redacted, place: np.ndarray) -> list[dict[str, Any]]:
    """The standing decisions on shown items, in their order."""
    frame = scanned.decisions.filter(pl.Series(place[scanned.decisions["row"].to_numpy()] >= 0))
    called = _called(scanned, redaction)
    rows = frame.select("row", "column", "verdict", "before", "after", "reviewer", "time", "suggestion_id").iter_rows()
    return [
        {
            "row": int(place[row]), "label": column, "verdict": verdict, "before": before, "after": after, "reviewer": called[reviewer],
            "time": time, "suggested": suggestion is not None,
        }
        for row, column, verdict, before, after, reviewer, time, suggestion in rows
    ]  # fmt: skip


def review(scanned: Scanned, redaction: Redacted) -> dict[str, Any]:
    """What the decisions have come to, of all items. Nobody reviews in a copy: there is no pace."""
    called = pl.col("reviewer").replace_strict(_called(scanned, redaction), return_dtype=pl.String)
    time, answers = pl.lit(None, pl.Datetime("ms")), pl.col("suggestion_id").is_not_null()
    numbered = scanned.decisions.with_columns(called, time=time, answers=answers, cell=pl.struct("row", "column"))
    return {**asdict(review_yield(numbered, _reasons(scanned))), "per_minute": None, "seconds": None, "repairs_per_hour": None}


def _reasons(scanned: Scanned) -> pl.Series:
    """The reasons of the decisions, where somebody gave one."""
    known = "reason" in scanned.decisions.columns
    return scanned.decisions["reason"].drop_nulls() if known else pl.Series(dtype=pl.String)


def conflicts(scanned: Scanned, redaction: Redacted, place: np.ndarray) -> list[dict[str, Any]]:
    """The cells of shown items that reviewers disagree on, with who says what."""
    called, cells = _called(scanned, redaction), dict[tuple[int, int], list[dict[str, Any]]]()
    for row, column, reviewer, state in scanned.conflicts.select("row", "column", "reviewer", "state").iter_rows():
        if place[row] >= 0:
            cells.setdefault((int(place[row]), column), []).append({"reviewer": called[reviewer], "state": state})
    return [{"row": row, "label": column, "opinions": opinions} for (row, column), opinions in cells.items()]


def _withheld(scanned: Scanned, redaction: Redacted) -> bool:
    """Whether words that may tell of a text are left out."""
    return bool(redaction.masked) or (scanned.dataset.text is not None and redaction.dataset.text is None)


def _called_voters(scanned: Scanned, redaction: Redacted) -> dict[str, str]:
    """What to call each voter, the same everywhere on the page."""
    names = [] if scanned.voters is None else list(scanned.voters.votes.rater_names)
    told = [] if scanned.raters is None else [row["rater"] for row in scanned.raters["rows"]]
    names = list(dict.fromkeys([*names, *told]))
    return dict(zip(names, _people("rater", names, redaction), strict=True))


def _called(scanned: Scanned, redaction: Redacted, more: Sequence[str] = ()) -> dict[str, str]:
    """What to call each reviewer, the same everywhere on the page; `more`: of those who did other things than decide."""
    names = list(dict.fromkeys([*scanned.decisions["reviewer"].unique(maintain_order=True).to_list(), *more]))
    return dict(zip(names, _people("reviewer", names, redaction), strict=True))


def _people(kind: str, names: Sequence[str], redaction: Redacted) -> list[str]:
    return [f"{kind} {i}" for i in range(1, len(names) + 1)] if kind in redaction.people else list(names)
