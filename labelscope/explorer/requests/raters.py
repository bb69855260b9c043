"""The voters as a table: whom to believe, and where they agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from labelscope.data.inputs import input_files
from labelscope.data.table_files import check_table_file, write_table_file
from labelscope.errors import DataError, StageError
from labelscope.explorer.known_voters import KnownVoters
from labelscope.explorer.messages import RaterFile
from labelscope.explorer.replies.raters import LabelAgreement, RaterRow, RaterTable
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.rules import RulesFile
from labelscope.explorer.requests.request import Request
from labelscope.explorer.versions import Versions
from labelscope.session import Session

__all__ = ["RaterRequests"]

DIGITS = 3
MOST_LABELS = 400
NOBODY = "Nobody votes here. Give the votes of raters with votes=, save a rule, or keep the answers of a judge."


class RaterRequests:
    """Answers about voters.

    Parameters
    ----------
    session : Session
    voters : KnownVoters
    versions : Versions
        Told that the queues of voters are counted.
    """

    def __init__(self, session: Session, voters: KnownVoters, versions: Versions) -> None:
        self._session, self._voters, self._versions = session, voters, versions

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"raters": self.raters, "raters_export": self.raters_export}

    def raters(self, _: Request) -> Reply:
        """All voters, measured on the cells that people decided on where they voted on any, else by what the others say."""
        before = self._voters.counts()
        found = self._voters.raters
        if found is None:
            return Reply(RaterTable(NOBODY, [], [], 0.0, suffice=False, ambiguous=0, wanted=0))
        n_wanted = len(self._voters.wanted_cells()[0])
        if self._voters.counts() != before:
            self._versions.changed()
        kinds = self._session.voters.kinds
        labels = found.labels.with_columns(pl.col(pl.Float64).fill_nan(None)) if found.labels.width else found.labels
        return Reply(
            RaterTable(
                why="",
                rows=[
                    RaterRow(
                        row["rater"], kinds.get(row["rater"], "rater"), row["n_votes"], row["n_items"], _share(row, "sensitivity"),
                        _share(row, "specificity"), row["basis"], row["at_chance"], row["drift"], row["n_audited"], _share(row, "right"),
                    )
                    for row in found.frame.iter_rows(named=True)
                ],
                labels=[
                    LabelAgreement(row["label"], row["n_cells"], _share(row, "alpha"), _rounded(row["ac1"]))
                    for row in labels.head(MOST_LABELS).iter_rows(named=True)
                ],
                undecided=round(found.undecided, DIGITS),
                suffice=found.suffice,
                ambiguous=found.ambiguous.height,
                wanted=n_wanted,
            )
        )  # fmt: skip

    def raters_export(self, request: Request) -> Reply:
        """Write the votes wanted, or soft labels, as a table."""
        asked = request.read(RaterFile)
        if not asked.path.strip():
            raise DataError("raters: expected a file name, got none")
        path = Path(asked.path.strip())
        check_table_file(path, name="raters")
        frame = self._wanted() if asked.what == "wanted" else self._soft()
        write_table_file(frame, path, name="raters", inputs=input_files(self._session.dataset))
        words = "votes wanted" if asked.what == "wanted" else "soft labels"
        return Reply(RulesFile(f"{frame.height:,} {words} written to {path}"))

    def _wanted(self) -> pl.DataFrame:
        if not self._voters.people:
            raise StageError("raters: expected votes of people, got none; give them with votes=")
        return self._voters.wanted

    def _soft(self) -> pl.DataFrame:
        found = self._voters.raters
        if found is None:
            raise StageError("raters: expected votes to make soft labels of, got none; give them with votes=")
        return found.soft


def _share(row: Mapping[str, Any], name: str) -> tuple[float, float, float] | None:
    share, low, high = (_rounded(row[column]) for column in (name, f"{name}_low", f"{name}_high"))
    return None if share is None or low is None or high is None else (share, low, high)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)
