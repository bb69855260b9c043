"""The detectors there are, those that run by default, and those that can run on a data set.

A new detector is one file in :mod:`labelscope.issues.detectors` and one line here.
"""

from __future__ import annotations

from collections.abc import Sequence

from labelscope.data.cell_scores import Scores
from labelscope.data.dataset import Dataset
from labelscope.data.listed_scores import ListedScores
from labelscope.errors import StageError
from labelscope.issues.context import NEEDS, has
from labelscope.issues.detector import Detector
from labelscope.issues.detectors import (
    competing_labels,
    learning_dynamics,
    mentions,
    neighbors,
    noise_rates,
    relations,
    self_confidence,
    taxonomy,
    votes,
    words,
)

__all__ = ["DEFAULT", "DETECTORS", "able", "available", "choose"]

DETECTORS: dict[str, Detector] = {
    module.DETECTOR.name: module.DETECTOR
    for module in (
        competing_labels,
        words,
        mentions,
        votes,
        taxonomy,
        self_confidence,
        noise_rates,
        neighbors,
        learning_dynamics,
        relations,
    )
}
DEFAULT = ("label_set", "words", "mentions", "votes", "taxonomy")
"""What holds on the real-noise sets (``benchmarks/RESULTS.md``); each runs where it can."""


def available(dataset: Dataset) -> tuple[str, ...]:
    """Names of the detectors that have what they need."""
    return tuple(name for name, detector in DETECTORS.items() if all(has(dataset, need) for need in detector.needs))


def able(detectors: Sequence[Detector], scores: Scores, *, named: bool) -> tuple[Detector, ...]:
    """Those that can judge the cells that have a probability.

    Parameters
    ----------
    detectors : sequence of Detector
    scores : Scores
        The probabilities. Where only some cells are listed, detectors that need all cells of an item or label cannot.
    named : bool
        Whether somebody asked for exactly these detectors.

    Raises
    ------
    StageError
        If one that was asked for cannot, or none can.
    """
    if not isinstance(scores, ListedScores):
        return tuple(detectors)
    able_ = tuple(detector for detector in detectors if detector.on_listed)
    if len(able_) < len(detectors) if named else not able_:
        unable = next(detector.name for detector in detectors if not detector.on_listed)
        possible = ", ".join(name for name, detector in DETECTORS.items() if detector.on_listed)
        raise StageError(
            f"detectors: expected some of {possible}, which can judge listed cells, got {unable!r}; leave it out, or compute all"
            " cells with predict(..., cells='all')"
        )
    return able_


def choose(names: Sequence[str] | None, dataset: Dataset) -> tuple[Detector, ...]:
    """The detectors of those names; by default those of `DEFAULT` that can run.

    Raises
    ------
    StageError
        On an unknown name, or a detector that cannot run on this data set.
    """
    runs = available(dataset)
    if names is None:
        return tuple(DETECTORS[name] for name in DEFAULT if name in runs)
    asked = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
    if not asked:
        raise StageError(f"detectors: expected at least one of {', '.join(DETECTORS)}, got none; leave it out for the default")
    for name in asked:
        if name not in DETECTORS:
            raise StageError(f"detectors: expected names out of {', '.join(DETECTORS)}, got {name!r}")
        if name not in runs:
            lacking = ", ".join(NEEDS[need] for need in DETECTORS[name].needs if not has(dataset, need))
            raise StageError(f"detectors: expected what this data set can run ({', '.join(runs)}), got {name!r}, which needs {lacking}")
    return tuple(DETECTORS[name] for name in asked)
