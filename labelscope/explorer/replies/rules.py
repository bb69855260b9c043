"""The rules that vote, and what becomes of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["RuleMeasured", "RuleProposal", "RuleProposals", "RuleRow", "RuleTable", "RulesFile"]

Share = tuple[float, float, float]


class RuleMeasured(ReplyBody, frozen=True):
    """What a rule does: cells it votes on, those with votes of other rules and with contrary ones, and how often it is right.

    `given`: share of its votes that the given labels agree with and its 95 % limits, `right` and `wrong` the numbers; `decided`: the
    same on cells that people decided on. Null where nothing is known.
    """

    n: int
    coverage: float
    overlaps: int
    conflicts: int
    right: int
    wrong: int
    given: Share | None
    n_decided: int
    decided: Share | None


class RuleRow(ReplyBody, frozen=True):
    """A saved rule. `why`: why it cannot vote here; `words`, `regex`, `query`: its condition, one of them."""

    rule_id: str
    name: str
    label: str
    vote: Literal[1, 0]
    condition: str
    reviewer: str
    why: str
    measured: RuleMeasured | None
    query: str | None
    regex: str | None
    flags: str
    words: list[str] | None


class RuleTable(ReplyBody, frozen=True):
    """All saved rules; `undo`: what can be taken back, in words; `functions`: voters that are Python rules, of which votes are kept."""

    rows: list[RuleRow]
    text: bool
    undo: str
    functions: list[str]
    path: str


class RuleProposal(ReplyBody, frozen=True):
    """A word that nearly always goes with a label: texts with it, those of them with the label, share and 95% limits."""

    word: str
    n: int
    right: int
    precision: Share


class RuleProposals(ReplyBody, frozen=True):
    """Words for rules, the surest first."""

    label: str
    words: list[RuleProposal] = msgspec.field(default_factory=list)


class RulesFile(ReplyBody, frozen=True):
    """What was written or read, in words."""

    summary: str
