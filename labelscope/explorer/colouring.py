"""What the map may be coloured by: labels, one label's state, suspicion, review, raters, and any column of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from labelscope.errors import DataError, StageError
from labelscope.explorer.label_column import CurrentLabels
from labelscope.explorer.messages import Colour
from labelscope.explorer.replies.state import Way
from labelscope.explorer.second_looks import SecondLooks
from labelscope.explorer.stage_results import StageResults, check_cell
from labelscope.explorer.worklist import Suggested
from labelscope.issues.hot_spots import error_density
from labelscope.session import Session
from labelscope.space.clusters import group, named
from labelscope.views.item_colours import (
    N_HUES,
    NONE,
    Colours,
    column_values,
    common_words,
    commonest_labels,
    density_levels,
    has_groups,
    label_states,
    number_levels,
    review_states,
    suspicion_levels,
)

__all__ = ["Colouring"]


class Colouring:
    """Makes the colours of one data set.

    Parameters
    ----------
    session : Session
    labels : CurrentLabels
    results : StageResults
    suggested : Suggested
    looks : SecondLooks
        What no colour may tell apart from what nobody has decided on.
    """

    def __init__(self, session: Session, labels: CurrentLabels, results: StageResults, suggested: Suggested, looks: SecondLooks) -> None:
        self._session, self._dataset, self._looks = session, session.dataset, looks
        self._labels, self._results, self._suggested = labels, results, suggested

    def ways(self) -> list[Way]:
        """What this data set can be coloured by beside single labels."""
        fixed: list[tuple[Colour, str]] = [
            ("labels", "Common labels"),
            ("suspicion", "Suspicion"),
            ("review", "Review"),
            ("number", "Labels per item"),
        ]
        if self._session.has_map:
            fixed += [("density", "Error density"), ("cluster", "Clusters")]
        if self._dataset.votes is not None:
            fixed.append(("rater", "Rater"))
        return [*(Way(by, "", name) for by, name in fixed), *(Way("column", name, name) for name in self._columns())]

    def colours(self, by: str, label: int = 0, column: str = "") -> Colours:
        """One code an item.

        Parameters
        ----------
        by : str
            "labels", "label", "suspicion", "density", "review", "number", "cluster", "rater" or "column".
        label : int
            For "label".
        column : str
            For "column".

        Raises
        ------
        DataError
            If there is no such way to colour.
        StageError
            If what it shows is not there yet.
        """
        dataset, worklist = self._dataset, self._suggested.worklist
        kinds: dict[str, Callable[[], Colours]] = {
            "labels": lambda: commonest_labels(dataset.labels, dataset.label_names),
            "label": lambda: self._of_label(label),
            "suspicion": lambda: suspicion_levels(self._results.suspicion),
            "density": self._density,
            "review": lambda: review_states(dataset.n_items, worklist.rows, self._looks.hidden(worklist.verdicts)),
            "number": lambda: number_levels(np.diff(dataset.labels.positives.indptr)),
            "cluster": self._clusters,
            "rater": self._raters,
            "column": lambda: self._of_column(column),
        }
        if by not in kinds:
            raise DataError(f"colours: expected one of {', '.join(kinds)}, got {by!r}")
        return kinds[by]().queried(by, dataset.label_names[label] if by == "label" else column)

    def _of_label(self, label: int) -> Colours:
        check_cell(self._dataset, 0, label)
        worklist = self._suggested.worklist
        here = (self._looks.hidden(worklist.verdicts) == 0) & (worklist.labels == label)
        adds, removes = worklist.rows[here & worklist.adds], worklist.rows[here & ~worklist.adds]
        states, due = self._labels.column(label), self._looks.due
        again = due[worklist.labels[due] == label]
        rows = worklist.rows[again]
        states[rows] = self._dataset.labels.states(rows, worklist.labels[again])
        return label_states(states, adds, removes)

    def _density(self) -> Colours:
        xy, findings = self._results.xy, self._results.findings
        if xy is None or findings is None:
            raise StageError("colours: expected a map and what the search for wrong labels found, got nothing yet; wait for them")
        return density_levels(error_density(self._dataset, findings, xy))

    def _columns(self) -> list[str]:
        items = self._dataset.items
        own = {"item_id", self._dataset.text, self._dataset.image, *self._dataset.text_columns}
        return [name for name in items.columns if name not in own and has_groups(items[name])][:40]

    def _of_column(self, name: str) -> Colours:
        if name not in self._columns():
            raise DataError(f"colours: expected a column of numbers or of few words, got {name!r}")
        return column_values(self._dataset.items[name])

    def _clusters(self) -> Colours:
        results, dataset = self._results, self._dataset
        if results.groups is None:
            if not results.has_embeddings:
                raise StageError("colours: expected embeddings, got none yet; wait for the map")
            results.groups = group(self._session.embeddings, N_HUES, seed=self._session.seed)
        names = named(results.groups, dataset.labels, dataset.label_names)
        return Colours.of(results.groups, [(f"hue{code}", name) for code, name in enumerate(names)])

    def _raters(self) -> Colours:
        """The rater who gave most of an item's votes."""
        votes = self._dataset.votes
        if votes is None:
            raise DataError("colours: expected votes, got none; give votes=")
        counts = pl.DataFrame({"item": votes.items, "rater": votes.raters}).group_by("item", "rater").len()
        first = counts.sort("item", "len", "rater", descending=[False, True, False]).unique("item", keep="first")
        names: Any = np.full(self._dataset.n_items, NONE, object)
        names[first["item"].to_numpy()] = np.asarray(votes.rater_names, object)[first["rater"].to_numpy()]
        return common_words(pl.Series("rater", names, dtype=pl.String))
