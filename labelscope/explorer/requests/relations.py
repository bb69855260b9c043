"""The relations between labels, and what people say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from labelscope.explorer.decisions import Decisions
from labelscope.explorer.messages import RelationTableAsked, RuleAsked
from labelscope.explorer.replies.panels import RelationRow, RelationTable
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import StageResults
from labelscope.session import Session

__all__ = ["RelationRequests"]

MOST_RELATIONS = 400


class RelationRequests:
    """Answers about relations between labels.

    Parameters
    ----------
    session : Session
    results : StageResults
    decisions : Decisions
    """

    def __init__(self, session: Session, results: StageResults, decisions: Decisions) -> None:
        self._session, self._results, self._decisions = session, results, decisions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"relation_table": self.relation_table, "rule": self.rule}

    def relation_table(self, request: Request) -> Reply:
        """The relations between labels, those with exceptions to review first in each kind."""
        if self._results.relations is None:
            return Reply(RelationTable(ready=False))
        frame = self._session.constraints.judged(self._results.relations.frame)
        kinds = dict(frame.group_by("relation").len().iter_rows())
        asked = request.read(RelationTableAsked)
        kind, query = asked.relation, asked.query.strip().lower()
        if kind:
            frame = frame.filter(pl.col("relation") == kind)
        if query:
            names = pl.col("label_a", "label_b").str.to_lowercase().str.contains(query, literal=True)
            frame = frame.filter(pl.any_horizontal(names))
        frame = frame.with_columns(clean=pl.col("counter_examples").fill_null(0) == 0).sort("clean", maintain_order=True)
        rows = [RelationRow(**row) for row in frame.select(RelationRow.__struct_fields__).head(MOST_RELATIONS).to_dicts()]
        return Reply(RelationTable(ready=True, total=frame.height, kinds=kinds, rows=rows))

    def rule(self, request: Request) -> Reply:
        """Say that a relation holds, that it does not, or nothing of it any more."""
        asked, rules = request.read(RuleAsked), self._session.constraints
        relation = (asked.a, asked.relation, asked.b)
        self._decisions.show_relation_verdicts()  # what was said before is not news
        if asked.verdict == "confirm":
            rules.confirm(*relation)
        elif asked.verdict == "reject":
            rules.reject(*relation)
        else:
            rules.withdraw(*relation)
        self._decisions.show_relation_verdicts()
        return Reply()
