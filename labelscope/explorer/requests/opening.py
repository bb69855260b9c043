"""The answers with which a view begins: what the data set is, its map and its colours; who reviews, and where to export."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from labelscope.errors import DataError
from labelscope.explorer.colouring import Colouring
from labelscope.explorer.judge_run import JudgeRun
from labelscope.explorer.map_sample import in_sight
from labelscope.explorer.messages import ColoursAsked, ExportAsked, MapAsked, NameAsked
from labelscope.explorer.replies.card import Label
from labelscope.explorer.replies.reply import Reply
from labelscope.explorer.replies.state import Coloured, Exported, LegendEntry, Opened, Placed, Renamed
from labelscope.explorer.requests.request import Request
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.versions import Versions
from labelscope.review.defaults import default_reviewer
from labelscope.session import Session
from labelscope.views.item_colours import Colours
from labelscope.voters.asking import name_of

__all__ = ["OpeningRequests"]

N_TOP_LABELS = 60
LONGEST_NAME = 80


class OpeningRequests:
    """Answers about the whole data set.

    Parameters
    ----------
    session : Session
    results : StageResults
    colouring : Colouring
    versions : Versions
    run : JudgeRun
    export : callable
        Writes the corrected table to a path, `redact` as for :meth:`~labelscope.session.Session.export`, and returns what it wrote.
    """

    def __init__(
        self,
        session: Session,
        results: StageResults,
        colouring: Colouring,
        versions: Versions,
        run: JudgeRun,
        export: Callable[..., Any],
    ) -> None:
        self._session, self._dataset = session, session.dataset
        self._results, self._colouring, self._versions, self._run, self._export = results, colouring, versions, run, export

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Reply]]:
        """Handlers by kind."""
        return {"open": self.open, "map": self.map, "colours": self.colours, "rename": self.rename, "export": self.export}

    def open(self, _: Request) -> Reply:
        """What the data set is; with the map and its colours where they are there: the first frame takes one question."""
        dataset, (placed, buffers) = self._dataset, self._placed([])
        coloured = self._colouring.colours("labels") if buffers else None
        there = np.flatnonzero(self._session.labels_there)
        top = there[np.argsort(-dataset.labels.n_positive[there], kind="stable")][:N_TOP_LABELS].tolist()
        counts = dataset.labels.n_positive
        opened = Opened(
            n_items=dataset.n_items,
            n_labels=len(there),
            labels=[Label(k, dataset.label_names[k], int(counts[k])) for k in top],
            image=dataset.image is not None,
            text=dataset.text is not None,
            export_path=self._export_path(),
            reviewer=self._session.reviewer,
            guessed=self._guessed(),
            colours=self._colouring.ways(),
            judge=", ".join(name_of(judge) for judge in self._run.judges),
            map=placed,
            legend=_legend(coloured) if coloured is not None else [],
        )
        return Reply(opened, [*buffers, coloured.codes.tobytes()] if coloured is not None else [])

    def map(self, request: Request) -> Reply:
        """The places of the items, or of a sample of those in sight."""
        return Reply(*self._placed(request.read(MapAsked).bounds))

    def colours(self, request: Request) -> Reply:
        """Codes of the items, and what they mean."""
        asked = request.read(ColoursAsked)
        colours = self._colouring.colours(asked.by, asked.label, asked.column)
        return Reply(Coloured(_legend(colours)), [colours.codes.tobytes()])

    def rename(self, request: Request) -> Reply:
        """Somebody else reviews."""
        self._session.reviewer = request.read(NameAsked).name[:LONGEST_NAME]
        self._versions.changed()
        return Reply(Renamed(self._session.reviewer))

    def export(self, request: Request) -> Reply:
        """Write the corrected table."""
        asked = request.read(ExportAsked)
        path = asked.path.strip()
        if not path:
            raise DataError("export: expected a file name, got none")
        return Reply(Exported(str(self._export(path, redact=asked.redact))))

    def _placed(self, bounds: list[float]) -> tuple[Placed, list[bytes]]:
        xy = self._results.xy
        if xy is None:
            return Placed(0, "", 0), []
        placed = Placed(self._versions["map"], self._results.map_method, len(xy))
        rows = in_sight(xy, bounds)
        if rows is None:
            return placed, [xy.tobytes()]
        return placed, [xy[rows].tobytes(), rows.astype(np.uint32).tobytes()]

    def _export_path(self) -> str:
        """Where an export goes unless the person says otherwise: beside the data."""
        source = self._dataset.source
        path = None if source is None else source.path
        if path is None:
            return "labels.corrected.parquet"
        place = path.with_name(f"{path.stem}.corrected{path.suffix}")
        try:
            return place.resolve().relative_to(Path.cwd()).as_posix()
        except ValueError:
            return str(place)

    def _guessed(self) -> bool:
        """Whether nobody said who reviews: the name is that of the account, which several people may share."""
        told = os.environ.get("LABELSCOPE_REVIEWER", "").strip()
        return not told and self._session.reviewer == default_reviewer()


def _legend(colours: Colours) -> list[LegendEntry]:
    return [LegendEntry(**entry) for entry in colours.legend]
