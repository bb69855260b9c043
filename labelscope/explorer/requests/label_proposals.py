"""The answers about merges, renames and splits that the data suggest: what they would change, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from labelscope.errors import DataError
from labelscope.explorer.asked_labels import LabelColumnAsked, ProposalApplied, ProposalAsked
from labelscope.explorer.replies.label_proposals import LabelProposal, LabelProposals, ProposalShown
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import check_cell
from labelscope.review.label_edit import EditPreview, LabelEdit
from labelscope.session import Session

__all__ = ["LabelProposalRequests"]

COLUMNS = ("edit_id", "action", "label", "into", "n_items", "reason")


class LabelProposalRequests:
    """Answers about edits of the label set that are suggested.

    Parameters
    ----------
    session : Session
    follow : callable
        Shows what was decided.
    """

    def __init__(self, session: Session, follow: Callable[[], object]) -> None:
        self._session, self._dataset, self._follow = session, session.dataset, follow

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"proposals": self.proposals, "proposal": self.preview, "proposal_apply": self.apply}

    def proposals(self, request: Request) -> Reply:
        """What is suggested for a label, of labels that are there."""
        asked = request.read(LabelColumnAsked)
        check_cell(self._dataset, 0, asked.label)
        name, there = self._dataset.label_names[asked.label], list(self._session.label_names)
        own = (pl.col("label") == name) | (pl.col("into") == name)
        here = pl.col("label").is_in(there) & (pl.col("into").is_null() | pl.col("into").is_in(there))
        frame = self._session.proposed_edits.frame.filter(own, here).select(COLUMNS).with_columns(pl.col("into").fill_null(""))
        return Reply(LabelProposals([LabelProposal(*row) for row in frame.iter_rows()]))

    def preview(self, request: Request) -> Reply:
        """What an edit would change in the labels as they stand."""
        return Reply(_shown(self._session.preview(self._edit(request.read(ProposalAsked)))))

    def apply(self, request: Request) -> Reply:
        """Do what was shown: one batch, one undo.

        Raises
        ------
        DataError
            If something else would change than was shown.
        """
        asked = request.read(ProposalApplied)
        edit = self._edit(asked)
        shown = _shown(self._session.preview(edit))
        if shown.cells != asked.cells:
            raise DataError(f"label set: expected {asked.cells:,} cells as shown, got {shown.cells:,}: somebody decided; preview it again")
        self._session.apply(edit)
        self._follow()
        return Reply(shown)

    def _edit(self, asked: ProposalAsked) -> LabelEdit:
        return self._session.proposed_edits.edit(asked.edit_id, into=" ".join(asked.into.split()) or None)


def _shown(made: EditPreview) -> ProposalShown:
    words = []
    for label, before, after in made.counts.iter_rows():
        if before is None:
            words.append(f"{label}: new, {_items(after)}")
        elif after is None:
            words.append(f"{label}: {_items(before)} → removed")
        else:
            words.append(f"{label}: {_items(before)} → {after:,}")
    return ProposalShown(made.frame.height, words)


def _items(n: int) -> str:
    return f"{n:,} {'item' if n == 1 else 'items'}"
