"""A data set with its results as one compressed block that the script of a published page unpacks.

Cells go by position, so that a label's name is there once; places and scores go in 16 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.vectors import unit_rows
from labelscope.data.frames import is_plain
from labelscope.data.labels import POSITIVE
from labelscope.data.positions import positions
from labelscope.errors import DataError
from labelscope.export.page_block import NONE, Block, sixteen
from labelscope.export.page_findings import put_groups, put_health, put_regions, put_sources
from labelscope.export.page_labels import label_pages_note, put_label_pages
from labelscope.export.page_people import conflicts, decisions, put_votes, raters, review, rules
from labelscope.export.redaction import Redacted
from labelscope.export.scanned import Scanned
from labelscope.review.verdicts import VERDICTS
from labelscope.suggest.listing_orders import group_places, label_places, shuffled_places, suspicion_places
from labelscope.suggest.replacements import other_labels, second_halves
from labelscope.views.item_colours import (
    column_values,
    commonest_labels,
    density_levels,
    has_groups,
    number_levels,
    review_states,
    suspicion_levels,
)
from labelscope.views.item_text import item_text
from labelscope.views.thumbnails import thumbnail

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["record"]

LONGEST_TEXT = 5000
N_NEIGHBORS = 25
MOST_WITH_NEIGHBORS = 20_000  # items
MOST_PAIRS, COMMONEST = 20_000, 48
MOST_RELATIONS = 2000
MOST_COLUMNS = 12
PIXELS = 112
PICTURE_BYTES = 2_500_000
RELATION = (
    "label_a", "label_b", "relation", "n_a", "n_b", "n_ab", "expected", "counter_examples", "q_value", "source", "supported", "direct",
)  # fmt: skip


def record(scanned: Scanned, redaction: Redacted, shown: np.ndarray, title: str) -> tuple[bytes, tuple[str, ...]]:
    """The block of a page.

    Parameters
    ----------
    scanned : Scanned
    redaction : Redacted
        The data set without what is confidential: the one source of everything that names items.
    shown : array of int64
        Rows of the items to hold, rising.
    title : str

    Returns
    -------
    bytes, tuple of str
        The block, and what did not fit into it, in words.
    """
    block, dataset = Block(), redaction.dataset
    place = np.full(scanned.dataset.n_items, -1, np.int64)
    place[shown] = np.arange(len(shown))
    _put_labels(block, scanned, shown)
    _put_flagged(block, scanned, place)
    reasons = _put_suggestions(block, scanned, place)
    _put_places(block, scanned, shown)
    _put_pairs(block, scanned)
    near = _put_neighbors(block, scanned, shown, place)
    said = put_votes(block, scanned, redaction, place)
    _put_pictures(block, scanned, dataset, shown, near)
    _put_orders(block, scanned, shown, place)
    columns = _put_columns(block, dataset, shown)
    told = {
        **put_sources(block, scanned, redaction, shown, place),
        "health": put_health(block, scanned, redaction, place),
        "groups": put_groups(block, scanned, redaction, place),
        "regions": put_regions(block, scanned, redaction, shown, place),
    }
    put_label_pages(block, scanned, redaction, place)
    ways = _put_colours(block, scanned, dataset, shown, [column["name"] for column in columns if column["groups"]])
    notes = _caps(block, scanned, dataset, shown, len(columns))
    return block.packed({
        "version": 1,
        "title": title,
        "n_items": len(shown),
        "n_changed": _changed(scanned).height,
        "labels": list(dataset.label_names),
        "descriptions": dict(dataset.label_descriptions or {}),
        "default": int(dataset.labels.default),
        "ids": dataset.item_ids.gather(shown).cast(pl.String).to_list(),
        "texts": _texts(dataset, shown),
        "text": dataset.text is not None,
        "image": dataset.image is not None,
        "method": "" if scanned.places is None else "map",
        "no_map": "No map: this data set has no embeddings, text or image." if scanned.places is None else "",
        "no_neighbors": _no_neighbors(scanned),
        "reasons": reasons,
        "columns": columns,
        **said,
        **told,
        "decisions": decisions(scanned, redaction, place),
        "conflicts": conflicts(scanned, redaction, place),
        "review": review(scanned, redaction),
        "remaining": scanned.remaining,
        "audit": scanned.audit,
        "models": scanned.models,
        "rater_table": raters(scanned, redaction),
        "rule_table": rules(scanned, redaction),
        "pairs": scanned.pairs_summary,
        "relations": _relations(scanned.relations),
        "ways": ways,
    }), notes  # fmt: skip


def _caps(block: Block, scanned: Scanned, dataset: Dataset, shown: np.ndarray, n_columns: int) -> tuple[str, ...]:
    """What is there in part only: no cap is silent."""
    kept = {name: length for name, (_, _, length) in block.table.items()}
    n_asked = len(np.unique(np.concatenate([scanned.rows, scanned.decisions["row"].to_numpy()])))
    all_columns = len(_columns(dataset))
    parts = [
        (dataset.image is not None, kept.get("picture_rows", 0), len(shown), "pictures"),
        (
            dataset.text is not None,
            len(shown) - _n_cut(dataset, shown),
            len(shown),
            f"texts whole, the rest cut at {LONGEST_TEXT:,} letters",
        ),
        (True, n_columns, all_columns, "columns"),
        (True, kept["p_n"], scanned.pairs.height, "pairs of labels"),
        (True, min(MOST_RELATIONS, scanned.relations.height), scanned.relations.height, "relations"),
        (
            "near_row" in kept and n_asked > MOST_WITH_NEIGHBORS,
            kept.get("near_row", 0),
            n_asked,
            "suggested or decided items with their near items",
        ),
    ]
    said = [f"{n:,} of {total:,} {words}" for asked, n, total, words in parts if asked and n < total]
    return (*((f"Holds {', '.join(said)}.",) if said else ()), *label_pages_note(scanned))


def _n_cut(dataset: Dataset, shown: np.ndarray) -> int:
    if dataset.text is None:
        return 0
    return int((dataset.items[dataset.text].gather(shown).cast(pl.String).str.len_chars() > LONGEST_TEXT).sum())


def _put_labels(block: Block, scanned: Scanned, shown: np.ndarray) -> None:
    labels = scanned.dataset.labels
    for name, matrix in (("positive", labels.positives), ("exception", labels.exceptions)):
        part = matrix[shown].sorted_indices()
        block.put(f"{name}_lengths", np.diff(part.indptr))
        block.put(f"{name}s", part.indices)
    moved = np.zeros(scanned.dataset.n_labels, np.int64)
    changed = _changed(scanned)
    gained = (changed["after"] == POSITIVE).cast(pl.Int8) - (changed["given"] == POSITIVE).cast(pl.Int8)
    np.add.at(moved, changed["column"].to_numpy(), gained.to_numpy())
    block.put("n_given", labels.n_positive)
    block.put("n_positive", labels.n_positive + moved)
    block.put("n_unknown", labels.n_unknown)
    block.put("suspicion", sixteen(scanned.suspicion[shown]))


def _put_flagged(block: Block, scanned: Scanned, place: np.ndarray) -> None:
    """The suspicious cells of the shown items."""
    rows = place[scanned.flagged["row"].to_numpy()]
    block.put("f_row", rows[rows >= 0])
    block.put("f_label", scanned.flagged["column"].to_numpy()[rows >= 0])
    block.put("f_spurious", (scanned.flagged["kind"] == "spurious").to_numpy()[rows >= 0])


def _changed(scanned: Scanned) -> pl.DataFrame:
    """Cells other than given: row, column, given, after."""
    said = scanned.decisions.filter(pl.col("verdict") != "skipped").unique(["row", "column"], keep="last", maintain_order=True)
    given = scanned.dataset.labels.states(said["row"].to_numpy(), said["column"].to_numpy())
    return said.select("row", "column", "after").with_columns(pl.Series("given", given, pl.Int8)).filter(pl.col("given") != pl.col("after"))


def _put_suggestions(block: Block, scanned: Scanned, place: np.ndarray) -> list[str]:
    """Suggestions on the shown items; the reasons they name come back, each once."""
    kept = np.flatnonzero(place[scanned.rows] >= 0)
    frame = scanned.suggestions[kept]
    reasons = frame["reason"].fill_null("").unique(maintain_order=True)
    verdicts = [VERDICTS.index(scanned.verdicts.get(one, "pending")) for one in frame["suggestion_id"]]
    block.put("s_row", place[scanned.rows[kept]])
    block.put("s_label", scanned.labels[kept])
    block.put("s_add", (frame["action"] == "add").to_numpy())
    block.put("s_confidence", sixteen(frame["confidence"].cast(pl.Float64).fill_null(float("nan")).to_numpy()))
    block.put("s_verdict", verdicts)
    block.put("s_agreed", scanned.agreed[kept])
    block.put("s_listed", ~second_halves(scanned.dataset, scanned.suggestions, scanned.rows, scanned.labels)[kept])
    block.put("s_other", other_labels(scanned.dataset, scanned.suggestions, scanned.rows, scanned.labels)[kept] + 1)
    block.put("s_reason", positions(frame["reason"].fill_null(""), reasons, expected="reasons: expected known ones", remedy="report it"))
    return reasons.to_list()


def _put_orders(block: Block, scanned: Scanned, shown: np.ndarray, place: np.ndarray) -> None:
    """Where items, labels and suggestions stand in the orders of the worklist: the page only compares them."""
    dataset = scanned.dataset
    kept = place[scanned.rows] >= 0
    block.put("shuffled", shuffled_places(dataset.n_items)[shown])
    block.put("suspected", suspicion_places(scanned.suspicion)[shown])
    block.put("alphabetical", label_places(dataset.label_names))
    block.put("grouped", group_places(scanned.suggestions, scanned.labels, dataset.n_labels)[kept])


def _put_places(block: Block, scanned: Scanned, shown: np.ndarray) -> None:
    if scanned.places is None:
        return
    xy = scanned.places[shown].astype(np.float64)
    known = np.isfinite(xy).all(axis=1)
    low, high = (xy[known].min(axis=0), xy[known].max(axis=0)) if known.any() else (np.zeros(2), np.ones(2))
    scaled = np.round((xy - low) / np.maximum(high - low, 1e-12) * (NONE - 1))
    for axis, name in enumerate("xy"):
        block.put(name, np.where(known, np.nan_to_num(scaled[:, axis]), NONE), "u2")
    block.put("box", np.concatenate([low, high]), "f8")


def _put_pairs(block: Block, scanned: Scanned) -> None:
    names = pl.Series(scanned.dataset.label_names, dtype=pl.String)
    common = names.gather(np.argsort(-scanned.dataset.labels.n_positive, kind="stable")[:COMMONEST])
    among = pl.col("label_a").is_in(common.implode()) & pl.col("label_b").is_in(common.implode())
    frame = scanned.pairs.with_row_index("place").filter((pl.col("place") < MOST_PAIRS) | among)
    for name, column in (("p_a", "label_a"), ("p_b", "label_b")):
        block.put(name, positions(frame[column], names, expected="pairs: expected labels of this data set", remedy="scan it again"))
    block.put("p_n", frame["n_ab"].to_numpy())
    block.put("p_lift", frame["lift"].cast(pl.Float64).fill_null(float("nan")).to_numpy(), "f4")
    block.put("p_q", frame["q_value"].cast(pl.Float64).fill_null(1.0).to_numpy(), "f4")


def _put_neighbors(block: Block, scanned: Scanned, shown: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The nearest shown items of those that something is suggested or decided for; all rows named come back."""
    asked = np.concatenate([scanned.rows, scanned.decisions["row"].to_numpy()]).astype(np.int64)
    asked = np.array([row for row in dict.fromkeys(asked.tolist()) if place[row] >= 0][:MOST_WITH_NEIGHBORS], np.int64)
    if scanned.embeddings is None or not len(asked) or len(shown) < 2:
        return asked
    items, cosines = _nearest(scanned.embeddings, asked, shown, min(N_NEIGHBORS, len(shown) - 1))
    block.put("near_row", place[asked])
    block.put("near_items", items.ravel())
    block.put("near_cosines", np.round(cosines.ravel() * 10_000), "i2")
    return np.array(list(dict.fromkeys([*asked.tolist(), *shown[items[:, :4].ravel()].tolist()])), np.int64)


def _nearest(X: np.ndarray, asked: np.ndarray, shown: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each asked row the `k` nearest shown ones, by cosine, itself left out: places in `shown`, and cosines."""
    among = unit_rows(np.asarray(X[shown], np.float32))
    own = np.searchsorted(shown, asked)
    items, cosines = np.empty((len(asked), k), np.int64), np.empty((len(asked), k), np.float32)
    for part in row_blocks(len(asked), len(shown) * 12):
        similar = among[own[part]] @ among.T
        similar[np.arange(len(similar)), own[part]] = -np.inf
        best = np.argpartition(-similar, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(similar, best, axis=1)
        order = np.lexsort((best, -values), axis=1)
        items[part], cosines[part] = np.take_along_axis(best, order, axis=1), np.take_along_axis(values, order, axis=1)
    return items, cosines


def _no_neighbors(scanned: Scanned) -> str:
    if scanned.embeddings is None:
        return "No near items: this data set has no embeddings."
    return "Near items are in this copy for suggested and decided items only."


def _put_pictures(block: Block, scanned: Scanned, dataset: Dataset, shown: np.ndarray, near: np.ndarray) -> None:
    """Thumbnails within a budget: of suggested items and those near to them first, then evenly of the others."""
    if dataset.image is None:
        return
    others = shown[np.random.default_rng(0).permutation(len(shown))]
    rows: list[int] = []
    pictures: list[bytes] = []
    room = PICTURE_BYTES
    for row in dict.fromkeys([*near.tolist(), *others.tolist()]):
        try:
            picture = thumbnail(scanned.dataset, row, PIXELS)
        except DataError:  # one that cannot be read is shown as missing, as in the app
            continue
        room -= len(picture)
        if room < 0:
            break
        rows.append(row)
        pictures.append(picture)
    block.put("picture_rows", np.searchsorted(shown, np.array(rows, np.int64)))
    block.put("picture_sizes", [len(picture) for picture in pictures])
    block.put("pictures", np.frombuffer(b"".join(pictures), np.uint8), "u1")


def _put_columns(block: Block, dataset: Dataset, shown: np.ndarray) -> list[dict[str, Any]]:
    """The other columns of the items, as numbers or as words."""
    columns = []
    for k, name in enumerate(_columns(dataset)[:MOST_COLUMNS]):
        column, array = dataset.items[name].gather(shown), f"column{k}"
        if column.dtype.is_numeric():
            block.put(array, column.cast(pl.Float64).fill_null(float("nan")).to_numpy(), "f8")
            whole = column.dtype.is_integer()
            columns.append({"name": name, "kind": "number", "array": array, "values": [], "groups": True, "whole": whole})
            continue
        words = column.cast(pl.String).fill_null("")
        values = words.unique(maintain_order=True)
        block.put(array, positions(words, values, expected="column: expected known words", remedy="report it"))
        columns.append(
            {"name": name, "kind": "words", "array": array, "values": values.to_list(), "groups": has_groups(column), "whole": False}
        )
    return columns


def _columns(dataset: Dataset) -> list[str]:
    own = {"item_id", dataset.text, dataset.image, *dataset.text_columns}
    return [name for name, kind in dataset.items.schema.items() if name not in own and is_plain(kind)]


def _put_colours(block: Block, scanned: Scanned, dataset: Dataset, shown: np.ndarray, columns: Sequence[str]) -> list[dict[str, Any]]:
    """What the map can be coloured by beside single labels: codes of the shown items, and what they mean."""
    verdicts = np.array([VERDICTS.index(scanned.verdicts.get(one, "pending")) for one in scanned.suggestions["suggestion_id"]], np.int64)
    made = [
        ("labels", "", "Common labels", commonest_labels(scanned.dataset.labels, dataset.label_names)),
        ("suspicion", "", "Suspicion", suspicion_levels(scanned.suspicion).of_items(shown)),
        ("review", "", "Review", review_states(dataset.n_items, scanned.rows, verdicts).of_items(shown)),
        ("number", "", "Labels per item", number_levels(np.diff(scanned.dataset.labels.positives.indptr)).of_items(shown)),
        *([] if scanned.density is None else [("density", "", "Error density", density_levels(scanned.density).of_items(shown))]),
        *(("column", name, name, column_values(dataset.items[name]).of_items(shown)) for name in columns),
    ]
    for k, (*_, colours) in enumerate(made):
        block.put(f"colours{k}", colours.codes if len(colours.codes) == len(shown) else colours.codes[shown])
    return [
        {"by": by, "column": column, "name": name, "array": f"colours{k}", "legend": colours.queried(by, column).legend}
        for k, (by, column, name, colours) in enumerate(made)
    ]


def _texts(dataset: Dataset, shown: np.ndarray) -> list[str]:
    if dataset.text is not None:
        named = [item_text(dataset, int(row)) for row in shown] if dataset.text_columns else dataset.items[dataset.text].gather(shown)
        texts = pl.Series(named).cast(pl.String).fill_null("")
        long = texts.str.len_chars() > LONGEST_TEXT
        return (
            pl.select(pl.when(long).then(pl.concat_str(texts.str.slice(0, LONGEST_TEXT), pl.lit("…"))).otherwise(texts))
            .to_series()
            .to_list()
        )
    if dataset.image is not None:
        return []
    return [item_text(dataset, int(row), separator="\n", n_columns=6) for row in shown]


def _relations(frame: pl.DataFrame) -> list[dict[str, Any]]:
    clean = pl.col("counter_examples").fill_null(0) == 0
    kept = frame.sort(clean, maintain_order=True).head(MOST_RELATIONS).select(RELATION)
    return kept.with_columns(pl.col(pl.Float32, pl.Float64).fill_nan(None)).to_dicts()
