"""Data sets with other labels than they were read with: labels added, labels dropped, everything that hangs on them kept right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.data.labels import UNKNOWN
from labelscope.data.source import Source
from labelscope.data.taxonomy import Taxonomy
from labelscope.data.votes import Votes

__all__ = ["blank_labels", "drop_labels", "extend_labels"]


def extend_labels(dataset: Dataset, states: Mapping[str, np.ndarray], *, renamed: Mapping[str, str] | None = None) -> Dataset:
    """The data set with more labels, behind those that it has.

    Parameters
    ----------
    dataset : Dataset
    states : mapping of name to int8 array of shape (n_items,)
        States of each new label: 1, 0 or -1.
    renamed : mapping of new name to label, optional
        New labels that are a label of the data set under another name: votes, place in the taxonomy, description and
        probabilities go over to them.

    Returns
    -------
    Dataset
        Without probabilities if a label is really new: there are none for it.

    Examples
    --------
    >>> ds = Dataset.from_arrays([["cat"], []])
    >>> extend_labels(ds, {"dog": np.array([-1, 1], np.int8)}).labels.dense().tolist()
    [[1, -1], [0, 1]]
    """
    if not states:
        return dataset
    of = {dataset.label_position(old): dataset.n_labels + list(states).index(new) for new, old in (renamed or {}).items()}
    moved = np.arange(dataset.n_labels)
    moved[list(of)] = list(of.values())
    names, known = (*dataset.label_names, *states), dataset.probabilities
    told, votes, taxonomy = dataset.label_descriptions, dataset.votes, dataset.taxonomy
    return replace(
        dataset,
        label_names=names,
        labels=dataset.labels.extended(np.stack(list(states.values()), axis=1)),
        probabilities=None if known is None or len(of) < len(states) else np.concatenate([known, known[:, _order(of)]], axis=1),
        votes=None if votes is None else replace(votes, labels=moved[votes.labels]),
        taxonomy=None if taxonomy is None else replace(taxonomy, edges=moved[taxonomy.edges], n_labels=len(names)),
        label_descriptions=None if told is None else {names[moved[dataset.label_position(name)]]: text for name, text in told.items()},
        source=None if dataset.source is None else _extended_source(dataset.source, states),
    )


def drop_labels(dataset: Dataset, names: Collection[str]) -> Dataset:
    """The data set without some labels: their votes go, and in the taxonomy their children come under their parents.

    Parameters
    ----------
    dataset : Dataset
    names : collection of str

    Returns
    -------
    Dataset
        It stands for itself: it has no source, so an export of it is a table of its own.
    """
    gone = np.array([dataset.label_position(name) for name in names], np.int64)
    kept = np.setdiff1d(np.arange(dataset.n_labels), gone)
    place = np.full(dataset.n_labels, -1)
    place[kept] = np.arange(len(kept))
    told, known = dataset.label_descriptions, dataset.probabilities
    return replace(
        dataset,
        label_names=tuple(dataset.label_names[k] for k in kept),
        labels=dataset.labels.chosen(kept),
        probabilities=None if known is None else known[:, kept],
        votes=None if dataset.votes is None else _kept_votes(dataset.votes, place),
        taxonomy=None if dataset.taxonomy is None else _bridged(dataset.taxonomy, gone, place),
        label_descriptions=None if told is None else {name: text for name, text in told.items() if name not in set(names)},
        source=None,
    )


def blank_labels(dataset: Dataset, names: Collection[str]) -> Dataset:
    """The data set in which nothing is known of some labels, which keep their places.

    Their votes go, and in the taxonomy their children come under their parents.

    Parameters
    ----------
    dataset : Dataset
    names : collection of str

    Examples
    --------
    >>> ds = Dataset.from_arrays([["cat"], ["dog"]])
    >>> blank_labels(ds, ["cat"]).labels.dense().tolist()
    [[-1, 0], [-1, 1]]
    """
    gone = np.array([dataset.label_position(name) for name in names], np.int64)
    rows = np.tile(np.arange(dataset.n_items), len(gone))
    place = np.arange(dataset.n_labels)
    votes = dataset.votes
    return replace(
        dataset,
        labels=dataset.labels.replace(rows, np.repeat(gone, dataset.n_items), np.full(len(rows), UNKNOWN, np.int8)),
        votes=None if votes is None else _kept_votes(votes, np.where(np.isin(place, gone), -1, place)),
        taxonomy=None if dataset.taxonomy is None else _bridged(dataset.taxonomy, gone, place),
    )


def _order(of: Mapping[int, int]) -> list[int]:
    """Columns of the labels renamed, in the order of their new names."""
    return sorted(of, key=of.__getitem__)


def _extended_source(source: Source, states: Mapping[str, np.ndarray]) -> Source:
    encoding, table = source.encoding.extended(source.table, states)
    return replace(source, encoding=encoding, table=table)


def _kept_votes(votes: Votes, place: np.ndarray) -> Votes:
    kept = place[votes.labels] >= 0
    return replace(votes, items=votes.items[kept], raters=votes.raters[kept], labels=place[votes.labels[kept]], values=votes.values[kept])


def _bridged(taxonomy: Taxonomy, gone: np.ndarray, place: np.ndarray) -> Taxonomy:
    edges = {(int(a), int(b)) for a, b in taxonomy.edges}
    for label in gone.tolist():
        above, below = [a for a, b in edges if b == label], [b for a, b in edges if a == label]
        edges = {(a, b) for a, b in edges if label not in (a, b)} | {(a, b) for a in above for b in below}
    rows = place[np.array(sorted(edges), np.int64).reshape(-1, 2)]
    return replace(taxonomy, edges=rows, n_labels=int((place >= 0).sum()))
