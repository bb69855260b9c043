"""What a published page is made of: a data set, and what the stages and people found in it, by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.issues.slices import Slices
from labelscope.voters.voter_words import VoterWords

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.export.health import HealthPart
    from labelscope.issues.personal_data import PersonalData

__all__ = ["GroupsTold", "HealthTold", "RegionsTold", "Scanned", "SourcesTold"]


@dataclass(frozen=True)
class Scanned:
    """A data set and what the stages and people found in it, by position.

    Attributes
    ----------
    dataset : Dataset
        The whole one, with the labels as given.
    suggestions : polars.DataFrame
        As of :class:`~labelscope.suggest.relabel.Suggestions`, best first.
    rows, labels : array of int64
        Item and label of each suggestion.
    suspicion : array of float32, shape (n_items,)
        NaN where nothing is suspect.
    flagged : polars.DataFrame
        The flagged cells: row, column, kind.
    places : array of float32, shape (n_items, 2), or None
        On the map; NaN for an item that is not on it.
    density : array of float64, shape (n_items,), or None
        As of :func:`labelscope.issues.hot_spots.error_density`; None without a map.
    pairs, relations : polars.DataFrame
        Of the co-occurrence and the relations.
    pairs_summary : str
    decisions : polars.DataFrame
        The standing ones, in their order, with `row` and `column`.
    verdicts : mapping of suggestion id to verdict
    embeddings : array, shape (n_items, n_features), or None
    conflicts : polars.DataFrame
        Opinions on the cells that reviewers disagree on: row, column, reviewer, state.
    remaining, audit : mapping or None
        As of :func:`labelscope.explorer.review_progress.report`.
    voters : VoterWords or None
    agreed : array of bool, shape (n_suggestions,)
        Which suggestions a judge agrees with.
    sources : SourcesTold or None
    models : mapping or None
        The replies to the request "models", by the average.
    health : HealthTold or None
    groups : GroupsTold or None
    regions : RegionsTold or None
    label_pages : mapping of label to (page, examples)
        The replies to the requests "label_page" and "label_examples", by position.
    raters, rules : mapping or None
        The replies to the requests of these names.
    """

    dataset: Dataset
    suggestions: pl.DataFrame
    rows: np.ndarray
    labels: np.ndarray
    suspicion: np.ndarray
    flagged: pl.DataFrame
    places: np.ndarray | None
    density: np.ndarray | None
    pairs: pl.DataFrame
    relations: pl.DataFrame
    pairs_summary: str
    decisions: pl.DataFrame
    verdicts: Mapping[str, str]
    embeddings: np.ndarray | None
    conflicts: pl.DataFrame
    remaining: Mapping[str, Any] | None
    audit: Mapping[str, Any] | None
    voters: VoterWords | None
    agreed: np.ndarray
    sources: SourcesTold | None = None
    models: Mapping[str, Any] | None = None
    health: HealthTold | None = None
    groups: GroupsTold | None = None
    regions: RegionsTold | None = None
    label_pages: Mapping[int, tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=dict)
    raters: Mapping[str, Any] | None = None
    rules: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class SourcesTold:
    """What the app's tab of sources shows.

    Attributes
    ----------
    tables : mapping of basis to table
        As JSON, of "suspicion", "decided" and "" (what is shown first).
    slices : sequence of Slices
        Which item has which value.
    personal : PersonalData
    """

    tables: Mapping[str, Mapping[str, Any]]
    slices: Sequence[Slices]
    personal: PersonalData


@dataclass(frozen=True)
class HealthTold:
    """What the app's tab of health shows.

    Attributes
    ----------
    report : mapping
        As JSON.
    parts : mapping of check to (title, HealthPart)
        What each finding is about.
    """

    report: Mapping[str, Any]
    parts: Mapping[str, tuple[str, HealthPart]]


@dataclass(frozen=True)
class GroupsTold:
    """What the app's tab of novel groups shows.

    Attributes
    ----------
    report : mapping
        As JSON.
    parts : mapping of key to array of int64
        Rows of the items of each group.
    """

    report: Mapping[str, Any]
    parts: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class RegionsTold:
    """What the app writes on the map.

    Attributes
    ----------
    report : mapping
        As JSON.
    codes : array of int64, shape (n_levels, n_items)
        Region of each item at each level, -1 for none.
    lines : array of float32, shape (n_points, 2)
    spots : sequence of (rows, labels)
        The cells of each hot spot.
    """

    report: Mapping[str, Any]
    codes: np.ndarray
    lines: np.ndarray
    spots: Sequence[tuple[np.ndarray, np.ndarray]]
