"""Any taxonomy, any exclusions, any flags: what is suggested can be applied, all of it or from any confidence on."""

from itertools import pairwise

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from labelscope import Dataset
from labelscope.data.cell_scores import Scores
from labelscope.errors import DataError
from labelscope.issues.find import Findings
from labelscope.stats.constraints import Constraints
from labelscope.stats.relations import Relations
from labelscope.suggest.acceptance import calibrate, place_outcomes
from labelscope.suggest.changes import SCHEMA
from labelscope.suggest.consistency import cohere, complete, requirements, swaps
from labelscope.suggest.label_logic import label_logic


@st.composite
def cases(draw):
    """A data set with a random taxonomy, exclusive pairs, suspicion and flagged cells."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_items, n_labels = draw(st.integers(1, 6)), draw(st.integers(2, 9))
    names = [f"l{k}" for k in range(n_labels)]
    upper = np.triu(rng.random((n_labels, n_labels)) < draw(st.sampled_from([0.0, 0.15, 0.4])), 1)
    shuffled = rng.permutation(n_labels)
    edges = [(names[shuffled[a]], names[shuffled[b]]) for a, b in np.argwhere(upper)]
    labels = rng.choice([1, 0, -1], (n_items, n_labels), p=draw(st.sampled_from([(0.4, 0.6, 0.0), (0.4, 0.4, 0.2)])))
    labels[0, 0] = 1  # a data set has a positive
    one_label = not edges and draw(st.booleans())
    if one_label:
        labels = np.eye(n_labels, dtype=int)[rng.integers(0, n_labels, n_items)]
    ds = Dataset.from_arrays(labels, label_names=names, taxonomy=edges or None)
    clash = np.argwhere(np.triu(rng.random((n_labels, n_labels)) < draw(st.sampled_from([0.0, 0.2])), 1))
    frame = pl.DataFrame({"label_a": [names[a] for a, _ in clash], "label_b": [names[b] for _, b in clash]}).cast(pl.String)
    frame = frame.with_columns(relation=pl.lit("exclusive"), expected=pl.lit(50.0), n_ab=pl.lit(0), n_a=pl.lit(100), n_b=pl.lit(100))
    stated = [(child, "implies", parent) for parent, child in edges]
    try:
        constraints = Constraints.build(stated + [(names[a], "exclusive", names[b]) for a, b in clash[:: draw(st.integers(1, 3))]], names)
    except DataError:  # a label under two that exclude each other could never be given
        constraints = Constraints.build(stated, names)
    suspicion = np.where(labels < 0, np.nan, rng.random(labels.shape).round(1)).astype(np.float32)
    return ds, Relations(frame), constraints, suspicion, one_label, rng


def suggested(ds, relations, constraints, suspicion, one_label, rng):
    states = ds.labels.dense()
    rows, columns = np.nonzero(suspicion > 0.5)
    best = np.argsort(-suspicion[rows, columns], kind="stable")
    rows, columns = rows[best], columns[best]
    sure = suspicion[rows, columns].astype(float)
    kinds = np.where(states[rows, columns] == 1, "spurious", "missing")
    cells = pl.DataFrame(
        {"item_id": ds.item_ids[rows], "label": pl.Series(ds.label_names)[columns], "kind": kinds, "confidence": sure * 0.7},
        schema_overrides={"label": pl.String, "kind": pl.String},
    )
    changes = {"row": rows, "column": columns, "add": kinds == "missing", "confidence": sure * 0.7, "strength": sure}
    changes = pl.DataFrame(changes | {"kind": "flagged", "cause": -1}, schema=SCHEMA, strict=False)
    logic = label_logic(ds, relations, constraints, one_label=one_label)
    changes = complete(changes, ds, Findings(cells, scores=suspicion), Scores(rng.random(states.shape)), logic)
    return changes, logic


def violations(labels, logic):
    """Cells of children without a parent, and pairs that exclude each other."""
    broken, clashes = set(), set()
    for row, states in enumerate(labels.dense()):
        for a in np.flatnonzero(states == 1):
            for b in range(len(states)):
                pair = np.array([a]), np.array([b])
                if logic.implies(*pair)[0] and states[b] == 0:
                    broken.add((row, int(a), b))
                if states[b] == 1 and a < b and logic.excludes(*pair)[0]:
                    clashes.add((row, int(a), b))
    return broken, clashes


def applied(ds, changes):
    return ds.labels.replace(changes["row"].to_numpy(), changes["column"].to_numpy(), changes["add"].cast(pl.Int8).to_numpy())


@settings(max_examples=100, deadline=None)
@given(cases())
def test_all_suggestions_together_leave_the_labels_consistent(case):
    ds, *_ = case
    changes, logic = suggested(*case)
    assert not changes.select(pl.struct("row", "column").is_duplicated()).to_series().any()
    before = ds.labels.states(np.array(changes["row"]), np.array(changes["column"]))
    assert (np.where(changes["add"], before != 1, before == 1)).all()  # each changes something
    broken, clashes = violations(applied(ds, changes), logic)
    assert not broken
    assert clashes <= violations(ds.labels, logic)[1]
    assert not any(logic.keeps_apart(np.array([a]), np.array([b]))[0] for _, a, b in clashes)


@settings(max_examples=60, deadline=None)
@given(cases(), st.booleans())
def test_the_suggestions_from_any_confidence_on_break_nothing(case, decided):
    ds, *_, rng = case
    changes, logic = suggested(*case)
    source, needed = requirements(changes, logic)
    changes = changes.with_columns(pl.Series("confidence", cohere(np.array(changes["confidence"]), source, needed)))
    items, labels = ds.item_ids[np.array(changes["row"])], pl.Series(ds.label_names)[np.array(changes["column"])]
    cells = pl.DataFrame({"item_id": items, "label": labels, "right": rng.random(changes.height) < 0.3})
    reviewed = place_outcomes(cells.with_columns(pl.col("label").cast(pl.String)), ds.item_ids, ds.label_names) if decided else None
    confidence = cohere(calibrate(changes, reviewed)[0], source, needed, swaps(changes, source, needed))
    assert (confidence[needed] >= confidence[source]).all()
    old = violations(ds.labels, logic)
    for low, high in pairwise([0.0, *np.unique(confidence), 1.1]):
        broken, clashes = violations(applied(ds, changes.filter(pl.Series(confidence >= (low + high) / 2))), logic)
        assert broken <= old[0]
        assert clashes <= old[1]
