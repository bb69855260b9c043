"""Items that break a constraint, and what to change in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.compute.executor import row_blocks
from labelscope.data.arguments import checked
from labelscope.data.labels import NEGATIVE, POSITIVE, LabelMatrix
from labelscope.data.results import Result
from labelscope.stats.constraints import Constraints
from labelscope.stats.pairs import count_given_pairs

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["Violations", "violations"]

NO_OPINION = 0.5
COLUMNS = {"row": pl.Int64, "a": pl.Int64, "b": pl.Int64}


@dataclass(frozen=True, eq=False, repr=False)
class Violations(Result):
    """What to change so that the constraints hold, surest first; within an item the most general label first.

    Attributes
    ----------
    frame : polars.DataFrame
        suggestion_id (as in :func:`labelscope.suggest`), item_id, label, action ("add" or "remove"), kind ("missing
        parent", "unsupported child" or "exclusive pair"), because = the label of the item that the rule speaks of,
        n_rules = rules that this change mends, confidence (see :func:`violations`), reason.
    rules : polars.DataFrame
        label_a, relation, label_b as stated, n_items = items that break it, most broken first.
    n_items, n_broken : int
        Items of the data set, and those that break any constraint.
    n_decided : int
        Unknown cells that the constraints decide: an implied label that nobody checked, positive if they hold.
    """

    rules: pl.DataFrame = field(default_factory=pl.DataFrame)
    n_items: int = 0
    n_broken: int = 0
    n_decided: int = 0

    @property
    def clean_share(self) -> float:
        """Share of the items that keep all constraints, 0 to 1."""
        return 1 - self.n_broken / max(1, self.n_items)

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        counts = dict(self.frame.group_by("action").len().iter_rows())
        return (
            f"Constraints: {self.clean_share:.1%} of {self.n_items:,} items keep all {self.rules.height:,}; "
            f"to mend the others: add {counts.get('add', 0):,} and remove {counts.get('remove', 0):,} labels"
        )


@checked
def violations(ds: Dataset, constraints: Constraints | None = None) -> Violations:
    """The items that break a constraint, and the smallest change that mends each.

    Parameters
    ----------
    ds : Dataset
    constraints : Constraints, optional
        Default: the taxonomy of the data set.

    Returns
    -------
    Violations

    Notes
    -----
    Only known cells break anything: an implied label that nobody checked is no violation.

    With the data set's own probabilities, a child without its parent is mended by adding the parent where that is likelier
    than removing the child (p_child against 1 - p_parent, the two states that the rule allows), and of two labels that
    exclude each other the less plausible one goes; the confidence is the probability of that repair among the two.
    Without probabilities the parent is added, for an oversight is likelier than an error, and the confidence is the
    share of the child's items that have the parent; of an exclusive pair the label goes that breaks more rules in the
    item, or else the rarer one, with a confidence of one half.

    Examples
    --------
    >>> from labelscope import Dataset
    >>> ds = Dataset.from_arrays([["dog", "animal"], ["dog"], ["car"]], taxonomy=[("animal", "dog")])
    >>> violations(ds).frame.select("item_id", "label", "action", "reason").rows()
    [(1, 'animal', 'add', "implied by 'dog'")]
    """
    if constraints is None:
        constraints = Constraints.build(ds.taxonomy if ds.taxonomy is not None else [], ds.label_names)
    lacking, undecided = _lacking(ds.labels, constraints.implies)
    clashing = _clashing(ds.labels, constraints.exclusive)
    cells = pl.concat([_repair_lacking(ds, lacking), _repair_clashing(ds, clashing)])
    broken = pl.concat([lacking["row"], clashing["row"]]).n_unique()
    return Violations(
        _listed(ds, cells, constraints),
        rules=_by_rule(constraints, lacking, clashing),
        n_items=ds.n_items,
        n_broken=broken,
        n_decided=undecided,
    )


def _pairs(labels: LabelMatrix, rules: sp.csr_matrix, block: slice) -> pl.DataFrame:
    """Every positive cell of some items with every rule about its label: row, a (the label), b (what the rule names)."""
    start, stop = labels.positives.indptr[block.start], labels.positives.indptr[block.stop]
    a = labels.positives.indices[start:stop].astype(np.int64)
    rows = np.repeat(np.arange(block.start, block.stop), np.diff(labels.positives.indptr[block.start : block.stop + 1]))
    each = np.diff(rules.indptr)[a]
    first = np.repeat(rules.indptr[a] - (np.cumsum(each) - each), each)
    b = rules.indices[first + np.arange(len(first))].astype(np.int64)
    return pl.DataFrame({"row": np.repeat(rows, each).astype(np.int64), "a": np.repeat(a, each), "b": b}, schema=COLUMNS)


def _expanded(labels: LabelMatrix, rules: sp.csr_matrix, block: slice) -> tuple[pl.DataFrame, np.ndarray]:
    """:func:`_pairs`, and the state of cell (row, b)."""
    pairs = _pairs(labels, rules, block)
    part = LabelMatrix(labels.positives[block], labels.exceptions[block], labels.default)
    width = labels.shape[1]
    flat = (pairs["row"].to_numpy() - block.start) * width + pairs["b"].to_numpy()
    states = np.full(len(flat), labels.default, np.int8)
    states[np.isin(flat, _flat(part.exceptions))] = -1 - labels.default  # the other of negative (0) and unknown (-1)
    states[np.isin(flat, _flat(part.positives))] = POSITIVE
    return pairs, states


def _flat(matrix: sp.csr_matrix) -> np.ndarray:
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr)) * matrix.shape[1] + matrix.indices


def _blocks(labels: LabelMatrix, rules: sp.csr_matrix) -> list[slice]:
    each = np.diff(rules.indptr)[labels.positives.indices].sum() / max(1, labels.shape[0])
    return list(row_blocks(labels.shape[0], 64 * int(each + 4), 64 << 20))


def _lacking(labels: LabelMatrix, implies: sp.csr_matrix) -> tuple[pl.DataFrame, int]:
    """Implied cells that are negative, with each label that implies them; and the number of those that are unknown."""
    found, undecided = [pl.DataFrame(schema=COLUMNS)], 0
    for block in _blocks(labels, implies):
        pairs, states = _expanded(labels, implies, block)
        found.append(pairs.filter(pl.Series(states == NEGATIVE)))
        undecided += pairs.filter(pl.Series((states != NEGATIVE) & (states != POSITIVE))).select("row", "b").n_unique()
    return pl.concat(found), undecided


def _clashing(labels: LabelMatrix, exclusive: sp.csr_matrix) -> pl.DataFrame:
    """Pairs a < b of positive cells of an item that exclude each other."""
    upper = sp.triu(exclusive, 1, format="csr")
    found = [pl.DataFrame(schema=COLUMNS)]
    for block in _blocks(labels, upper):
        pairs, states = _expanded(labels, upper, block)
        found.append(pairs.filter(pl.Series(states == POSITIVE)))
    return pl.concat(found)


def _repair_lacking(ds: Dataset, lacking: pl.DataFrame) -> pl.DataFrame:
    rows, a, b = (lacking[name].to_numpy() for name in ("row", "a", "b"))
    if (known := ds.cell_probabilities) is not None:
        add, remove = known.at(rows, a).astype(np.float64), 1 - known.at(rows, b).astype(np.float64)
        confidence = np.maximum(add, remove) / np.maximum(add + remove, 1e-9)
        adds = add >= remove
    else:
        keys, pair = np.unique(a * ds.n_labels + b, return_inverse=True)
        counts = count_given_pairs(ds.labels, keys // ds.n_labels, keys % ds.n_labels)
        confidence = (counts.n_ab / np.maximum(counts.n_a, 1))[pair]
        adds = np.ones(len(a), bool)
    return pl.DataFrame({
        "row": rows,
        "column": np.where(adds, b, a),
        "because": np.where(adds, a, b),
        "adds": adds,
        "kind": pl.Series(np.where(adds, "missing parent", "unsupported child"), dtype=pl.String),
        "confidence": confidence,
    })  # fmt: skip


def _repair_clashing(ds: Dataset, clashing: pl.DataFrame) -> pl.DataFrame:
    rows, a, b = (clashing[name].to_numpy() for name in ("row", "a", "b"))
    if (known := ds.cell_probabilities) is not None:
        p, q = (np.clip(known.at(rows, label).astype(np.float64), 1e-6, 1 - 1e-6) for label in (a, b))
        keeps_a, keeps_b = p * (1 - q), q * (1 - p)
        confidence, removes_b = np.maximum(keeps_a, keeps_b) / (keeps_a + keeps_b), keeps_a >= keeps_b
    else:
        _, cell = np.unique(np.concatenate([rows, rows]) * ds.n_labels + np.concatenate([a, b]), return_inverse=True)
        in_a, in_b = np.split(np.bincount(cell, minlength=1)[cell], 2) if len(cell) else (np.zeros(0, np.int64),) * 2
        rarer_b = ds.labels.n_positive[b] <= ds.labels.n_positive[a]
        removes_b = (in_b > in_a) | ((in_b == in_a) & rarer_b)
        confidence = np.full(len(rows), NO_OPINION)
    return pl.DataFrame({
        "row": rows,
        "column": np.where(removes_b, b, a),
        "because": np.where(removes_b, a, b),
        "adds": np.zeros(len(rows), bool),
        "kind": pl.Series(["exclusive pair"]).new_from_index(0, len(rows)),
        "confidence": confidence,
    })  # fmt: skip


def _listed(ds: Dataset, cells: pl.DataFrame, constraints: Constraints) -> pl.DataFrame:
    """One row a cell, in words."""
    names = pl.Series(ds.label_names, dtype=pl.String)
    height = np.diff(constraints.implies.indptr)  # labels above: the fewer, the more general
    cells = cells.with_columns(above=pl.Series(height[cells["because"].to_numpy()], dtype=pl.Int64))
    cells = cells.sort(["above", "because"], maintain_order=True)  # of all that imply a label, the nearest speaks
    merged = cells.group_by(["row", "column", "adds"], maintain_order=True).agg(
        pl.col("because").first(), pl.col("kind").first(), n_rules=pl.len().cast(pl.Int64), confidence=pl.col("confidence").max()
    )
    merged = merged.with_columns(general=pl.Series(height[merged["column"].to_numpy()], dtype=pl.Int64))
    merged = merged.sort(["confidence", "row", "general", "column"], descending=[True, False, False, False])
    label, because = names[merged["column"].to_numpy()], names[merged["because"].to_numpy()]
    words = {
        "missing parent": "implied by '{}'",
        "unsupported child": "implies '{}', which is not given",
        "exclusive pair": "excluded by '{}'",
    }
    reason = pl.coalesce(pl.when(pl.col("kind") == kind).then(pl.format(text, "because")) for kind, text in words.items())
    return merged.select(
        suggestion_id=pl.format("{}.{}", "row", "column"),
        item_id=ds.item_ids[merged["row"].to_numpy()],
        label=label,
        action=pl.when("adds").then(pl.lit("add")).otherwise(pl.lit("remove")),
        kind="kind",
        because=because,
        n_rules="n_rules",
        confidence="confidence",
    ).with_columns(reason=reason)


def _by_rule(constraints: Constraints, lacking: pl.DataFrame, clashing: pl.DataFrame) -> pl.DataFrame:
    """Items that break each stated relation."""
    names = pl.DataFrame(
        {"label": constraints.label_names, "k": np.arange(len(constraints.label_names))}, schema={"label": pl.String, "k": pl.Int64}
    )
    stated = constraints.frame.select("label_a", "relation", "label_b")
    for end, name in (("a", "label_a"), ("b", "label_b")):
        stated = stated.join(names.rename({"label": name, "k": end}), on=name, how="left", maintain_order="left")
    swapped = {"a": "b", "b": "a"}
    implied = stated.filter(pl.col("relation") != "exclusive")
    back = stated.filter(relation="identical").rename(swapped)
    excluded = stated.filter(relation="exclusive")
    broken = pl.concat([
        lacking.join(implied, on=["a", "b"]).select("row", "label_a", "relation", "label_b"),
        lacking.join(back, on=["a", "b"]).select("row", "label_a", "relation", "label_b"),
        clashing.join(excluded, on=["a", "b"]).select("row", "label_a", "relation", "label_b"),
        clashing.join(excluded.rename(swapped), on=["a", "b"]).select("row", "label_a", "relation", "label_b"),
    ])  # fmt: skip
    counts = broken.group_by("label_a", "relation", "label_b").agg(n_items=pl.col("row").n_unique().cast(pl.Int64))
    listed = stated.select("label_a", "relation", "label_b").join(
        counts, on=["label_a", "relation", "label_b"], how="left", maintain_order="left"
    )
    return listed.with_columns(pl.col("n_items").fill_null(0)).sort("n_items", descending=True, maintain_order=True)
