"""What the app writes on the map: regions with names, hot spots of likely errors, novel groups, and lines of equal density."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Literal

import numpy as np

from labelscope.data.positions import positions
from labelscope.errors import DataError
from labelscope.explorer.known_groups import KnownGroups
from labelscope.explorer.replies.regions import RegionPlace, RegionsShown, SpotPlace
from labelscope.explorer.replies.reply import as_json
from labelscope.explorer.stage_results import StageResults
from labelscope.export.scanned import RegionsTold
from labelscope.issues.find import Findings
from labelscope.issues.hot_spots import HotSpots, hot_spots, spot_title
from labelscope.query.terms import Asked
from labelscope.session import Session
from labelscope.space.basins import Raster
from labelscope.space.contours import contours
from labelscope.space.regions import MapRegions, placed

__all__ = ["KnownRegions"]

CROWDED = 5000  # items from which points hide one another
OF_SPOT = ("spot", "level", "label", "kind", "name", "x", "y", "n_cells", "expected")
OUTDATED = "region: expected one of the map that is shown, got one of an earlier map; click again once the new names are there"


@dataclass(frozen=True)
class _Made:
    """What is written on one map."""

    number: int
    xy: np.ndarray
    findings: Findings | None
    regions: MapRegions
    spots: HotSpots | None
    lines: list[np.ndarray]


class KnownRegions:
    """The regions of the map of a session.

    Parameters
    ----------
    session : Session
    results : StageResults
    groups : KnownGroups
    before : KnownRegions, optional
        Those under the labels that there were before.
    """

    def __init__(self, session: Session, results: StageResults, groups: KnownGroups, before: KnownRegions | None = None) -> None:
        self._session, self._results, self._groups = session, results, groups
        self._lock = Lock()
        self._made: _Made | None = None
        self.number: int = 0 if before is None else before.number  # of the last one that was made

    def report(self) -> tuple[RegionsShown, list[np.ndarray]]:
        """What is written on the map, and the lines of equal density; nothing before there is a map. Starts no stage."""
        images = self._session.dataset.image is not None
        xy = self._results.xy
        if xy is None or not self._results.has_embeddings:
            return RegionsShown(self.number, images, [], [], [], []), []
        made = self._on(xy)
        frame = made.regions.frame
        rows = positions(frame["exemplar"], made.regions.item_ids, expected="regions: expected items", remedy="reload the view").tolist()
        columns = frame.select("region", "level", "name", "x", "y", "n_items").iter_rows()
        regions = [RegionPlace(at, level, name, x, y, n, row) for (at, level, name, x, y, n), row in zip(columns, rows, strict=True)]
        spots = [] if made.spots is None else [
            SpotPlace(at, level, label, kind, name, x, y, n, round(expected, 2))
            for at, level, label, kind, name, x, y, n, expected in made.spots.frame.select(OF_SPOT).iter_rows()
        ]  # fmt: skip
        shown = RegionsShown(made.number, images, regions, spots, self._groups.places(made.xy), [len(line) for line in made.lines])
        return shown, made.lines

    @property
    def told(self) -> RegionsTold | None:
        """The same for a copy that computes nothing; None where there is no map."""
        shown, lines = self.report()
        if self._made is None or not shown.regions:
            return None
        cells = [self.asked("spot", shown.made, spot.at)[1].cells for spot in shown.spots]
        points = np.concatenate([np.empty((0, 2), np.float32), *lines])
        return RegionsTold(as_json(shown), self._made.regions.codes, points, [of for of in cells if of is not None])

    def asked(self, what: Literal["region", "spot"], number: int, at: int) -> tuple[str, Asked]:
        """A title for a region or a hot spot, and its items or cells.

        Raises
        ------
        DataError
            If it is of another map, or there is none of that number.
        """
        made = self._made
        if made is None or made.number != number:
            raise DataError(OUTDATED)
        if what == "region":
            return f"Region: {made.regions.name(at)}", Asked(made.regions.holds(at), None)
        if made.spots is None or not 0 <= at < made.spots.frame.height:
            raise DataError(OUTDATED)
        return self._spot(made.spots, at)

    def _spot(self, spots: HotSpots, at: int) -> tuple[str, Asked]:
        label, kind, name = spots.frame.select("label", "kind", "name").row(at)
        dataset, items = self._session.dataset, spots.cells.filter(spot=at)["item_id"]
        rows = positions(items, dataset.item_ids, expected="hot spot: expected items of this data set", remedy="reload the view")
        mask = np.zeros(dataset.n_items, bool)
        mask[rows] = True
        return spot_title(label, kind, name), Asked(mask, (rows, np.full(len(rows), dataset.label_position(label))))

    def _on(self, xy: np.ndarray) -> _Made:
        """What belongs to a map and the findings as they are."""
        with self._lock:
            before, findings, dataset = self._made, self._results.findings, self._session.dataset
            same_map = before is not None and before.xy is xy
            if before is not None and same_map and before.findings is findings:
                return before
            regions = before.regions if before is not None and same_map else placed(dataset, xy, self._session.embeddings)
            lines = before.lines if before is not None and same_map else self._lines(xy)
            spots = None if findings is None else hot_spots(dataset, findings, regions)
            self.number += 1
            self._made = _Made(self.number, xy, findings, regions, spots, lines)
            return self._made

    def _lines(self, xy: np.ndarray) -> list[np.ndarray]:
        return contours(Raster.of(xy)) if len(xy) >= CROWDED else []
