"""One small result of each kind, with labels that try to be markup."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from labelscope import Dataset, compare_splits, cooccurrence, embedding_quality, long_tail, relations, sources
from labelscope.explain.explanation import Explanation
from labelscope.issues.find import Findings
from labelscope.issues.hot_spots import HotSpots
from labelscope.models.predict import Predictions
from labelscope.space.regions import MapRegions
from labelscope.stats.constraints import Constraints
from labelscope.stats.violations import violations
from labelscope.suggest.pseudo import PseudoLabels
from labelscope.suggest.relabel import Suggestions
from labelscope.views import embedding_map

NAMES = ["<b>cat</b>", "$x^2$", "A & B", "a label whose name goes on for much longer than any axis has room for"]


@pytest.fixture
def dataset() -> Dataset:
    rng = np.random.default_rng(0)
    labels = (rng.random((300, 4)) < [0.6, 0.4, 0.2, 0.04]).astype(np.int8)
    labels[labels[:, 0] == 1, 2] = 0
    labels[rng.random(labels.shape) < 0.1] = -1
    features = rng.normal(size=(300, 6)) + 3 * (labels[:, :1] == 1)
    split = pl.DataFrame({"split": ["train", "<i>test"] * 150})
    return Dataset.from_arrays(labels, label_names=NAMES, embeddings=features, items=split)


@pytest.fixture
def findings() -> Findings:
    n = 40
    cells = pl.DataFrame({
        "item_id": np.arange(n), "label": [NAMES[k % 3] for k in range(n)], "given": [k % 2 for k in range(n)],
        "kind": ["missing", "spurious"] * (n // 2), "suspicion": np.linspace(0.99, 0.3, n), "flagged": np.linspace(0.99, 0.3, n) > 0.5,
    })  # fmt: skip
    return Findings(cells, items=cells.select("item_id", "suspicion", n_flagged=pl.lit(1)))


@pytest.fixture
def suggestions(findings) -> Suggestions:
    return Suggestions(
        findings.cells.filter("flagged").select(
            pl.col("item_id").cast(pl.String).alias("suggestion_id"), "item_id", "label",
            pl.col("kind").replace({"missing": "add", "spurious": "remove"}).alias("action"), pl.col("suspicion").alias("confidence"),
            pl.lit("near items <i>say so</i>").alias("reason"),
        )
    )  # fmt: skip


@pytest.fixture
def pseudo_labels() -> PseudoLabels:
    frame = pl.DataFrame(
        {"item_id": [1, 2, 3], "label": [NAMES[0]] * 3, "state": [1, 0, 0], "probability": [0.99, 0.01, 0.02], "method": ["x"] * 3}
    )
    return PseudoLabels(frame, abstained=pl.DataFrame({"label": [NAMES[1]], "n_cells": [7], "reason": ["too few"]}))


@pytest.fixture
def explanation() -> Explanation:
    frame = pl.DataFrame({
        "item_id": ["a", "b"], "similarity": [0.9, 0.7], "state": [1, 0], "agrees": [True, False], "duplicate": [False, False],
        "text": ["<script>x</script>", "plain"],
    })  # fmt: skip
    return Explanation(frame, item_id="q", label=NAMES[0], state=1, n_agree=3, n_contradict=2, probability=0.25)


@pytest.fixture
def predictions() -> Predictions:
    frame = pl.DataFrame({
        "label": NAMES, "n_positive": [60, 40, 20, 0], "prevalence": [0.6, 0.4, 0.2, 0.0], "mean_probability": [0.5, 0.41, 0.1, 0.0],
        "log_loss": [0.3, 0.2, 0.1, 0.0], "scored": [True, True, True, False],
    })  # fmt: skip
    return Predictions(frame, probabilities=np.zeros((300, 4), np.float32), method="test")


@pytest.fixture
def item_map() -> SimpleNamespace:
    xy = np.random.default_rng(1).normal(size=(300, 2)).astype(np.float32)
    return SimpleNamespace(frame=pl.DataFrame({"item_id": np.arange(300), "x": xy[:, 0], "y": xy[:, 1]}), trustworthiness=0.9)


@pytest.fixture
def regions() -> MapRegions:
    """Three heaps, of which two lie so near that only one name has room."""
    codes = np.repeat([0, 1, 2], 100)
    xy = np.array([[0, 0], [0.1, 0], [9, 9]])[codes] + np.random.default_rng(1).normal(scale=0.02, size=(300, 2))
    frame = pl.DataFrame({
        "region": [0, 1, 2], "level": [0, 0, 0], "name": [NAMES[0], "near", NAMES[2]], "words": [[], ["near"], []],
        "x": [0.0, 0.1, 9.0], "y": [0.0, 0.0, 9.0], "n_items": [100, 100, 100],
    })  # fmt: skip
    return MapRegions(frame, codes=np.array([codes, codes - 9, codes - 9]), item_ids=pl.Series(np.arange(300)), places=xy)


@pytest.fixture
def hot_spots() -> HotSpots:
    frame = pl.DataFrame({
        "spot": [0, 1], "label": [NAMES[0], NAMES[1]], "kind": ["missing", "spurious"], "region": [0, 1], "name": ["<i>say", "near"],
        "level": [0, 0], "x": [0.0, 0.1], "y": [0.0, 0.0], "n_cells": [23, 6], "expected": [4.2, 0.1], "q_value": [1e-6, 1e-3],
    })  # fmt: skip
    return HotSpots(frame, cells=pl.DataFrame())


@pytest.fixture
def figures(dataset, findings, suggestions, pseudo_labels, explanation, predictions, item_map, regions, hot_spots):
    """Every figure by name, drawn light and dark."""
    decided = pl.DataFrame({"item_id": dataset.item_ids, "label": NAMES[0], "wrong": np.arange(dataset.n_items) % 3 == 0})
    results = {
        "long_tail": long_tail(dataset), "cooccurrence": cooccurrence(dataset), "relations": relations(dataset), "findings": findings,
        "suggestions": suggestions, "pseudo_labels": pseudo_labels, "explanation": explanation, "predictions": predictions,
        "splits": compare_splits(dataset), "embedding_quality": embedding_quality(dataset, split="split"),
        "violations": violations(dataset, Constraints.build([(NAMES[1], "implies", NAMES[0])], NAMES)),
        "sources": sources(dataset, columns=["split"], outcomes=decided), "map_regions": regions, "hot_spots": hot_spots,
    }  # fmt: skip
    drawn = {name: result.figure for name, result in results.items()}
    return drawn | {"embedding_map": embedding_map.figure(item_map)}
