"""Another data set compared with this one, and both written as one table once a person confirmed what their labels have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.inspection import Inspection, inspect
from labelscope.data.read import read
from labelscope.errors import DataError
from labelscope.explorer.asked_join import JoinAsked, JoinConfirmed
from labelscope.explorer.replies.join import JoinCompared, JoinPair, JoinSide, JoinTold
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.requests.request import Request
from labelscope.session import Session
from labelscope.suggest.joined import PAIRED, SIDES, UNCLEAR, Join, join
from labelscope.views.item_text import item_text

__all__ = ["JoinRequests"]

TEXT = 140
THIS = "This data set"


class JoinRequests:
    """Answers about another data set; the last comparison is kept.

    Parameters
    ----------
    session : Session
        Its labels are taken as they stand.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made, self._other = 0, Path()
        self._found: Join | None = None

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"join": self.compare, "join_write": self.write}

    def compare(self, request: Request) -> Reply:
        """Read another table and compare its labels.

        Raises
        ------
        DataError
            If it cannot be read, or can be read in several ways.
        StageError
            If the two have no embedding in common.
        """
        asked = request.read(JoinAsked)
        if not asked.path.strip():
            raise DataError("join: expected the file of another data set, got none")
        path = Path(asked.path.strip()).expanduser()
        here = self._session.corrected
        seen = _seen(path, here.text, asked.embeddings.strip())
        if seen.refusals:
            raise DataError(f"join: {seen.refusals[0]}")
        found = join(here, read(path, **seen.arguments))
        self._made, self._found, self._other = self._made + 1, found, path
        return Reply(self._compared(found, seen.summary().partition("; ")[2] or seen.summary(), list(seen.warnings)))

    def write(self, request: Request) -> Reply:
        """Write both as one table, joined by the rows that a person confirmed.

        Raises
        ------
        DataError
            If something else was compared since, a label would be identical to several, or the file cannot be written.
        """
        asked = request.read(JoinConfirmed)
        if self._found is None or asked.made != self._made:
            raise DataError("join: expected the comparison that was made last, got an earlier one; compare again")
        if not asked.path.strip():
            raise DataError("join: expected a file name, got none")
        confirmed = self._found.frame.with_row_index("at").filter(pl.col("at").is_in(asked.confirmed))
        return Reply(JoinTold(f"Joined: {self._found.write(confirmed, Path(asked.path.strip()).expanduser())}"))

    def _compared(self, found: Join, reading: str, told: list[str]) -> JoinCompared:
        frame = found.frame.with_row_index("at")
        pairs = [
            JoinPair(at, left, right, relation, _rounded(score), [_text(found, item) for item in examples])
            for at, left, right, relation, score, examples in frame.filter(pl.col("relation").is_in(PAIRED)).iter_rows()
        ]
        names = (_name(self._session.dataset) or THIS, self._other.name)
        sides = [_side(frame, side, name, of) for side, name, of in zip(SIDES, names, (found.a, found.b), strict=True)]
        return JoinCompared(self._made, sides[0], sides[1], reading, told, pairs, self._path())

    def _path(self) -> str:
        source = self._session.dataset.source
        mine = None if source is None else source.path
        other = self._other.name.partition(".")[0]
        return "joined.parquet" if mine is None else str(mine.with_name(f"{mine.name.partition('.')[0]}_and_{other}.parquet"))


def _text(found: Join, item: str) -> str:
    """What an item says, by its id in the joined data set."""
    side, _, own = item.partition(":")
    dataset = dict(zip(SIDES, (found.a, found.b), strict=True))[side]
    return " ".join(item_text(dataset, dataset.position(own)).split())[:TEXT] or own


def _seen(path: Path, text: str | None, embeddings: str) -> Inspection:
    """How the table is read: as it seems, and with the text of this data set where it has a column of that name and no text is seen."""
    given = {"embeddings": embeddings} if embeddings else {}
    seen = inspect(path, **given)
    return inspect(path, text=text, **given) if "text" not in seen.arguments and text in seen.frame["column"] else seen


def _side(frame: pl.DataFrame, side: str, name: str, of: Dataset) -> JoinSide:
    alone = frame.filter(~pl.col("relation").is_in(PAIRED), pl.col(side).is_not_null())
    unclear = alone.filter(relation=UNCLEAR)[side].to_list()
    return JoinSide(name, of.n_items, of.n_labels, alone.filter(pl.col("relation") != UNCLEAR)[side].to_list(), unclear)


def _name(dataset: Dataset) -> str:
    return "" if dataset.source is None or dataset.source.path is None else dataset.source.path.name


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(min(1.0, score), 2)
