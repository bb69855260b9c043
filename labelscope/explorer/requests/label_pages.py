"""The page of one label: first what is known, then the examples that it takes longer to choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from labelscope.explorer.asked_labels import LabelColumnAsked, LabelTextAsked
from labelscope.explorer.cards import Cards
from labelscope.explorer.label_figures import FIGURES
from labelscope.explorer.replies.label_pages import (
    ConfusedLabel,
    LabelBin,
    LabelExamples,
    LabelFact,
    LabelItem,
    LabelPageShown,
    LabelRule,
    LabelShare,
    LabelTextShown,
)
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import check_cell
from labelscope.query.grammar import quoted
from labelscope.session import Session
from labelscope.space.quality import lift_of
from labelscope.suggest.label_page import LabelPage, sight_words

__all__ = ["LabelPageRequests"]

N_SUSPECTS = 4  # of each kind
TEXT = 180


class LabelPageRequests:
    """Answers about one label.

    Parameters
    ----------
    session : Session
    cards : Cards
    """

    def __init__(self, session: Session, cards: Cards) -> None:
        self._session, self._dataset, self._cards = session, session.dataset, cards
        self._examples: dict[int, tuple[object, object, LabelExamples]] = {}  # with the predictions and findings that they are from

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"label_page": self.label_page, "label_examples": self.label_examples, "label_text": self.label_text}

    def label_page(self, request: Request) -> Reply:
        """What is known about a label at once."""
        label, page = self._page(request)
        flagged = page.suspects.filter("flagged")
        suspects = pl.concat([flagged.filter(kind=kind).head(N_SUSPECTS) for kind in ("missing", "spurious")])
        listed = (pl.col("query") == "") & pl.col("figure").is_in(list(FIGURES)) & (pl.col("value") > 0)
        facts = page.frame.filter(pl.col("words") != "").with_columns(cells=listed.fill_null(value=False))
        facts = facts.select(LabelFact.__struct_fields__)
        rules = page.rules.select("label_a", "relation", "label_b", "counter_examples", "query")
        return Reply(
            LabelPageShown(
                label=label,
                name=page.label,
                description=page.description,
                guideline=page.instructions,
                facts=[LabelFact(*row) for row in facts.iter_rows()],
                rules=[LabelRule(*row) for row in rules.iter_rows()],
                shares=[LabelShare(*row) for row in page.shares.select(LabelShare.__struct_fields__).iter_rows()],
                bins=[LabelBin(*row) for row in page.reliability.iter_rows()],
                items=[self._item(row, row["kind"], "", row["suspicion"]) for row in suspects.iter_rows(named=True)],
                examples=page.has_examples,
                images=self._dataset.image is not None,
            )
        )

    def label_examples(self, request: Request) -> Reply:
        """Typical and borderline items of a label; nothing where it cannot be predicted."""
        label, page = self._page(request)
        of = page.sources
        predictions, findings, examples = self._examples.get(label, (None, None, None))
        if examples is None or predictions is not of.predictions or findings is not of.findings:
            examples = self._chosen(label, page)
            self._examples[label] = of.predictions, of.findings, examples
        return Reply(examples)

    def _chosen(self, label: int, page: LabelPage) -> LabelExamples:
        told = page.guideline
        if told is None:
            return LabelExamples([], [], [], "")
        name, at = quoted(told.label), f"{told.threshold:.6g}"
        return LabelExamples(
            items=[self._item(row, row["section"], row["other"] or "", row["probability"]) for row in told.frame.iter_rows(named=True)],
            confused=[
                ConfusedLabel(other, _words(claimed, lost), f"{quoted(other)} AND {name}:no AND {name}>={at}")
                for other, claimed, lost in told.confusions.select("label", "claimed", "lost").iter_rows()
            ],
            goes_with=[
                ConfusedLabel(other, f"{100 * share:.0f}%", f"{name} AND {quoted(other)}")
                for other, share in told.goes_with.select("label", "share").iter_rows()
            ],
            sight=sight_words(lift_of(self._dataset.labels, label, self._session.embeddings)),
        )

    def label_text(self, request: Request) -> Reply:
        """Write what a label means."""
        asked = request.read(LabelTextAsked)
        check_cell(self._dataset, 0, asked.label)
        self._session.describe(asked.label, asked.description, guideline=asked.guideline)
        return Reply(LabelTextShown(*self._session.label_text(asked.label)))

    def _page(self, request: Request) -> tuple[int, LabelPage]:
        label = request.read(LabelColumnAsked).label
        check_cell(self._dataset, 0, label)
        return label, self._session.label_page(label)

    def _item(self, of: Mapping[str, Any], kind: Any, other: str, figure: float) -> LabelItem:
        row = self._dataset.position(of["item_id"])
        text = " ".join(self._cards.text(row).split())[:TEXT]
        return LabelItem(row, str(of["item_id"]), kind, other, text, round(float(figure), 3))


def _words(claimed: int, lost: int) -> str:
    """How a label is confused with another: how many items look like this one, and how many of its own like the other."""
    told = [f"{claimed:,} of its items look like this label"] if claimed else []
    return "; ".join([*told, *([f"{lost:,} of this label look like it"] if lost else [])])
