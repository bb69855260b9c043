"""The rules that vote: what they do, and what people do to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from labelscope.errors import DataError
from labelscope.explorer.asked_labels import LabelNameAsked
from labelscope.explorer.decisions import Decisions
from labelscope.explorer.messages import PathAsked, RuleIdAsked, RuleWritten
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.rules import RuleMeasured, RuleProposal, RuleProposals, RuleRow, RulesFile, RuleTable
from labelscope.explorer.requests.request import Request
from labelscope.session import Session
from labelscope.voters.rule_file import SavedRule
from labelscope.voters.rule_proposals import propose_rules
from labelscope.voters.rule_report import report_on
from labelscope.voters.rules import Rule, check_rules
from labelscope.voters.voter_book import KeptRule

__all__ = ["RuleRequests"]

MOST_PROPOSED = 12
DIGITS = 3
RULES_FILE = "rules.json"
UNDONE = {"save": "Undo: save {}", "delete": "Undo: delete {}"}


class RuleRequests:
    """Answers about rules.

    Parameters
    ----------
    session : Session
    decisions : Decisions
        Shows that voters have changed.
    """

    def __init__(self, session: Session, decisions: Decisions) -> None:
        self._session, self._dataset, self._decisions = session, session.dataset, decisions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {
            "rules": self.rules, "rule_try": self.rule_try, "rule_save": self.rule_save, "rule_delete": self.rule_delete,
            "rule_undo": self.rule_undo, "rule_words": self.rule_words, "rules_export": self.rules_export,
            "rules_import": self.rules_import,
        }  # fmt: skip

    def rules(self, _: Request) -> Reply:
        """All rules and what they do."""
        book = self._session.voters
        kept = book.kept_rules
        measured = self._measured(list(book.rules))
        undo = book.undoable
        table = RuleTable(
            rows=[_row(one, measured.get(one.saved.name)) for one in kept],
            text=self._dataset.text is not None,
            undo="" if undo is None else UNDONE[undo.kind].format(undo.rule["name"]),
            functions=sorted(book.kept.filter(of="rule")["rater"].unique().to_list()),
            path=RULES_FILE,
        )
        return Reply(table)

    def rule_try(self, request: Request) -> Reply:
        """What a rule would do, before it is saved."""
        asked = request.read(RuleWritten)
        rule = _written(asked).made()
        check_rules(self._dataset, [rule])
        others = [kept.rule for kept in self._session.voters.kept_rules if kept.rule is not None and kept.rule_id != asked.rule_id]
        return Reply(self._measured([*(other for other in others if other.name != rule.name), rule])[rule.name])

    def rule_save(self, request: Request) -> Reply:
        """Save a rule, in place of another where one is named."""
        asked = request.read(RuleWritten)
        self._session.voters.save(_written(asked), rule_id=asked.rule_id or None)
        self._decisions.show_voters()
        return Reply()

    def rule_delete(self, request: Request) -> Reply:
        """Delete a rule."""
        self._session.voters.delete(request.read(RuleIdAsked).rule_id)
        self._decisions.show_voters()
        return Reply()

    def rule_undo(self, _: Request) -> Reply:
        """Take back what this reviewer last did to a rule."""
        if self._session.voters.undo() is None:
            raise DataError("rules: nothing to undo")
        self._decisions.show_voters()
        return Reply()

    def rule_words(self, request: Request) -> Reply:
        """Words that nearly always go with a label."""
        label = request.read(LabelNameAsked).label
        found = propose_rules(self._dataset, label, n=MOST_PROPOSED).frame
        words = [
            RuleProposal(word, n, right, _share(precision, low, high))
            for word, n, right, precision, low, high in found.select("word", "n", "right", "precision", "low", "high").iter_rows()
        ]
        return Reply(RuleProposals(label, words))

    def rules_export(self, request: Request) -> Reply:
        """Write the rules to a file."""
        path = _path(request)
        n = self._session.voters.export_rules(path)
        return Reply(RulesFile(f"{n:,} {'rule' if n == 1 else 'rules'} written to {path}; labelscope rules apply reads it"))

    def rules_import(self, request: Request) -> Reply:
        """Save the rules of a file."""
        path = _path(request)
        new, known = self._session.voters.import_rules(path)
        self._decisions.show_voters()
        return Reply(RulesFile(f"{new:,} new {'rule' if new == 1 else 'rules'} of {path}{f'; already here: {known:,}' if known else ''}"))

    def _measured(self, rules: list[Rule]) -> dict[str, RuleMeasured]:
        decided = self._session.decided
        masks = [self._session.voters.held(rule) for rule in rules]
        frame = report_on(self._dataset, rules, masks, audited=decided if decided.height else None).frame
        return {row["rule"]: _measure(row) for row in frame.with_columns(pl.col(pl.Float64).fill_nan(None)).iter_rows(named=True)}


def _row(kept: KeptRule, measured: RuleMeasured | None) -> RuleRow:
    saved = kept.saved
    return RuleRow(
        rule_id=kept.rule_id, name=saved.name, label=saved.label, vote=saved.vote, condition=saved.condition, reviewer=kept.reviewer,
        why=kept.why, measured=measured, query=saved.query, regex=saved.regex, flags=saved.flags,
        words=None if saved.words is None else list(saved.words),
    )  # fmt: skip


def _measure(row: Mapping[str, Any]) -> RuleMeasured:
    given = None if row["precision"] is None else _share(row["precision"], row["low"], row["high"])
    decided = None if row["precision_audited"] is None else _share(row["precision_audited"], row["audited_low"], row["audited_high"])
    return RuleMeasured(
        row["n"], row["coverage"], row["overlaps"], row["conflicts"], row["right"], row["wrong"], given, row["n_audited"] or 0, decided
    )


def _share(share: float, low: float, high: float) -> tuple[float, float, float]:
    return round(share, DIGITS), round(low, DIGITS), round(high, DIGITS)


def _written(asked: RuleWritten) -> SavedRule:
    """The rule that a form holds: what is empty in it was not meant."""
    words = tuple(word.strip() for word in asked.words if word.strip()) or None
    return SavedRule(
        asked.name.strip(), asked.label, asked.vote, query=asked.query.strip() or None, regex=asked.regex or None,
        flags=asked.flags, words=words,
    )  # fmt: skip


def _path(request: Request) -> str:
    path = request.read(PathAsked).path.strip()
    if not path:
        raise DataError("rules: expected a file name, got none")
    return path
