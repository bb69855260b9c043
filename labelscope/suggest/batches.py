"""The same fix on many items, offered as one: batches that somebody can look at and decide as a whole.

A fix is a change with what it brings along: "add 'dog' and its parents", "replace 'cat' by 'dog'", "add 'animal' where
'dog' is given". The suggestions of a fix whose items lie near each other are a batch: those with the label that most of
them have in common first, then the rest. Near means that two items are among each other's five nearest of the group,
and as alike as an item and its neighbours usually are; mutual neighbours chain less than one-sided ones (Brito et al.
1997), and what still chains into a long string is cut by Ward's criterion. Where fewer than five hang together, they are
left for single review: a batch says "these are alike", and not every suggestion is in one.

On the real-noise sets the members of a batch are right or wrong together more often than suggestions of the same fix
drawn at random where errors are systematic, and no more often where they are whims of a rater
(``benchmarks/RESULTS.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from labelscope.space.neighbors import unit_rows
from labelscope.suggest.changes import given_labels
from labelscope.suggest.consistency import swaps

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["SCHEMA", "gather"]

SMALLEST, LARGEST, AIM = 5, 60, 30  # items of a batch; a larger one is cut to about AIM
MUTUAL = 5
PIECE = 2000  # items of a fix compared at once
EXAMPLES = 5
COMMON = 0.5  # share of all items that carry a label from which a title does not mention it
SCHEMA = {
    "batch_id": pl.String(), "title": pl.String(), "action": pl.String(), "label": pl.String(), "n": pl.Int64(),
    "n_suggestions": pl.Int64(), "confidence": pl.Float32(), "coherence": pl.Float32(), "item_ids": pl.List(pl.String()),
}  # fmt: skip


def gather(
    changes: pl.DataFrame,
    required: tuple[np.ndarray, np.ndarray],
    dataset: Dataset,
    features: np.ndarray | None = None,
    reach: float = -1.0,
) -> tuple[pl.DataFrame, pl.Series]:
    """Batches of suggestions, and the batch of each suggestion.

    Parameters
    ----------
    changes : polars.DataFrame
        id, row, column, add, kind, cause, swap, confidence; best first.
    required : pair of int arrays
        (i, j): change i makes change j necessary (:func:`labelscope.suggest.consistency.requirements`).
    dataset : Dataset
    features : float array of shape (n_items, n_features), optional
        Without them, batches are made by fix and common label alone.
    reach : float
        Cosine from which two items are near: how alike an item and its neighbours usually are.

    Returns
    -------
    batches : polars.DataFrame
        batch_id (stable for its suggestions), title in words, action ("add", "remove" or "swap"), label, n (items),
        n_suggestions, confidence (mean), coherence (mean cosine of two of its items; null where it rests on a rule, or without features),
        item_ids (up to five, the most central first, as text); most right changes to expect first.
    batch_id : polars.Series of String, shape (n_changes,)
        Null for a suggestion without a batch.
    """
    lead = _leads(changes, required)
    heads = np.flatnonzero(lead == np.arange(changes.height))
    heads = heads[np.lexsort((changes["column"].to_numpy()[heads], changes["row"].to_numpy()[heads]))]  # confidence has no say
    fixes = _fixes(changes[heads], dataset)
    number = np.full(changes.height, -1)
    number[heads] = _clusters(fixes, features, reach)
    number = number[lead]
    ids = _ids(changes, number)
    if not ids.len() or number.max(initial=-1) < 0:
        return pl.DataFrame(schema=SCHEMA), pl.repeat(None, changes.height, dtype=pl.String, eager=True).alias("batch_id")
    in_batch = changes.with_columns(batch_id=ids)[heads].hstack(fixes.select("shared")).filter(pl.col("batch_id").is_not_null())
    sizes = ids.drop_nulls().value_counts(name="n_suggestions").rename({ids.name: "batch_id"})
    return _described(in_batch, sizes, dataset, features), ids


def _leads(changes: pl.DataFrame, required: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The change whose fix each change is part of: itself, or the best that brings it along."""
    forced = (changes["kind"] == "forced").to_numpy()
    lead = np.arange(changes.height)
    source, needed = required
    heads = ~forced[source] & (swaps(changes, source, needed) | forced[needed])
    first = np.full(changes.height, changes.height)
    np.minimum.at(first, needed[heads], source[heads])
    return np.where(first < changes.height, first, lead)


def _fixes(heads: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Row and fix of each leading change, and the given label that most items of the fix share (-1 for none)."""
    implied = (pl.col("kind") == "implied").alias("implied")
    keys = ["column", "add", "swap", "by"]
    heads = heads.select("row", "column", "add", "swap", implied, by=pl.when(implied).then("cause").otherwise(-1))
    heads = heads.with_columns(fix=pl.struct(keys).rank("dense").cast(pl.Int64)).with_row_index("head")
    given = given_labels(dataset.labels, heads["row"].to_numpy(), "shared")
    beside = heads.filter(~pl.col("implied")).join(given, on="row").filter(pl.col("shared") != pl.col("column"))
    beside = beside.filter(pl.col("shared") != pl.col("swap")).with_columns(n=pl.len().over("fix", "shared"))
    best = beside.sort(["n", "shared"], descending=[True, False]).unique("head", keep="first", maintain_order=True)
    best = best.filter(pl.len().over("fix", "shared") >= SMALLEST).select("head", "shared")
    return heads.join(best, on="head", how="left", maintain_order="left").with_columns(pl.col("shared").fill_null(-1))


def _clusters(fixes: pl.DataFrame, features: np.ndarray | None, reach: float) -> np.ndarray:
    """Number of the batch of each leading change, -1 for none, int64 (n_heads,)."""
    rows, implied = fixes["row"].to_numpy(), fixes["implied"].to_numpy()
    out, n = np.full(fixes.height, -1), 0
    for by in (["fix", "shared"], ["fix"]):
        groups = fixes.select(pl.struct(by).rank("dense")).to_series().to_numpy()
        links = [
            _chain(group) if features is None or implied[group[0]] else group[_near(unit_rows(features[rows[group]]), reach)]
            for group in _groups(groups, out < 0)
        ]
        a, b = np.concatenate([*links, np.empty((2, 0), np.int64)], axis=1)
        graph = sp.csr_matrix((np.ones(len(a), bool), (a, b)), shape=(len(rows), len(rows)))
        for together in _groups(connected_components(graph, directed=False)[1], out < 0):
            cut = features is not None and len(together) > LARGEST and not implied[together[0]]
            marks = _cut(unit_rows(features[rows[together]])) if cut else np.zeros(len(together), np.int64)  # type: ignore[index]
            large = np.bincount(marks) >= SMALLEST
            out[together] = np.where(large, np.cumsum(large) - 1 + n, -1)[marks]
            n += int(large.sum())
    return out


def _groups(marks: np.ndarray, left: np.ndarray) -> list[np.ndarray]:
    """Positions with the same mark, out of those that are left; only groups that could be a batch."""
    positions = np.flatnonzero(left)
    positions = positions[(np.bincount(marks[positions]) >= SMALLEST)[marks[positions]]]
    if not len(positions):
        return []
    order = positions[np.argsort(marks[positions], kind="stable")]
    ends = np.flatnonzero(np.diff(marks[order])) + 1
    return np.split(order, ends)


def _chain(group: np.ndarray) -> np.ndarray:
    """Links that hold a whole group together, int64 (2, n - 1)."""
    return np.stack([group[:-1], group[1:]])


def _near(unit: np.ndarray, reach: float) -> np.ndarray:
    """Pairs of mutual near neighbours among unit vectors, int64 (2, n_pairs)."""
    if len(unit) > PIECE:
        from sklearn.cluster import BisectingKMeans

        pieces = BisectingKMeans(-(-len(unit) // (PIECE // 2)), random_state=0).fit_predict(unit)
        groups = _groups(pieces, np.ones(len(unit), bool))
        small = [part for piece in groups for part in np.array_split(piece, -(-len(piece) // PIECE))]  # copies cannot be told apart
        return np.concatenate([part[_near(unit[part], reach)] for part in small], axis=1)
    k = min(MUTUAL, len(unit) - 1)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    nearest = np.argpartition(-cosines, k - 1, axis=1)[:, :k]
    similar = np.take_along_axis(cosines, nearest, axis=1)
    last = similar.min(axis=1)  # who is at least as near as the last neighbour is one of them, also among copies
    a, place = np.nonzero((similar >= last[nearest] - 1e-6) & (similar >= reach))
    return np.stack([a, nearest[a, place]])


def _cut(unit: np.ndarray) -> np.ndarray:
    """Marks of compact parts of about AIM items, int64 (n_rows,)."""
    from sklearn.cluster import AgglomerativeClustering

    return np.asarray(AgglomerativeClustering(-(-len(unit) // AIM)).fit_predict(unit))


def _ids(changes: pl.DataFrame, number: np.ndarray) -> pl.Series:
    """Batch id of each change: that of its first cell in the order of the data, so that it outlives another order."""
    cells = changes.select("id", "row", "column", number=pl.Series(number)).filter(pl.col("number") >= 0)
    first = cells.sort("row", "column").unique("number", keep="first").select("number", batch_id="b" + pl.col("id"))
    return pl.DataFrame({"number": number}).join(first, on="number", how="left", maintain_order="left")["batch_id"]


def _described(heads: pl.DataFrame, sizes: pl.DataFrame, dataset: Dataset, features: np.ndarray | None) -> pl.DataFrame:
    names = pl.Series(dataset.label_names, dtype=pl.String)
    ids = heads["batch_id"].unique(maintain_order=True)
    marks = heads["batch_id"].replace_strict(ids, np.arange(len(ids)), return_dtype=pl.Int64).to_numpy()
    items, confidence = heads["row"].to_numpy(), heads["confidence"].to_numpy()
    item_ids = dataset.item_ids.gather(items).cast(pl.String).to_list()
    firsts = heads.unique("batch_id", keep="first", maintain_order=True)
    rows = []
    for group, of in zip(_groups(marks, np.ones(len(marks), bool)), firsts.iter_rows(named=True), strict=True):
        implied = of["kind"] == "implied"
        coherence, order = _center(items[group], None if implied else features)
        central = [item_ids[place] for place in group[order[:EXAMPLES]]]
        words = {key: None if of[key] < 0 else names[of[key]] for key in ("column", "swap", "cause", "shared")}
        if of["shared"] >= 0 and dataset.labels.n_positive[of["shared"]] > COMMON * dataset.n_items:
            words["shared"] = None
        action = "swap" if of["swap"] >= 0 else "add" if of["add"] else "remove"
        title = _title(action, words, len(group), implied=implied, near=features is not None)
        mean = float(confidence[group].mean())
        rows.append((of["batch_id"], title, action, words["column"], len(group), mean, coherence, central))
    schema = {name: dtype for name, dtype in SCHEMA.items() if name != "n_suggestions"}
    frame = pl.DataFrame(rows, schema=schema, orient="row").join(sizes, on="batch_id", maintain_order="left")
    gain = pl.col("n") * pl.col("confidence")
    return frame.sort([gain, pl.col("batch_id")], descending=[True, False]).select(pl.col(k).cast(v) for k, v in SCHEMA.items())


def _center(rows: np.ndarray, features: np.ndarray | None) -> tuple[float | None, np.ndarray]:
    """Mean cosine of two items, and the order of the items, the most central first."""
    if features is None:
        return None, np.arange(len(rows))
    unit = unit_rows(features[rows])
    center = unit.mean(axis=0)
    n = len(rows)
    return float((n * (center @ center) - 1) / max(n - 1, 1)), np.argsort(-(unit @ center), kind="stable")


def _title(action: str, of: dict[str, str | None], n: int, *, implied: bool, near: bool) -> str:
    items = f"{n:,} items"
    if implied:
        return f"add '{of['column']}' to {items} that have '{of['cause']}'"
    place = " near each other" if near else ""
    also = f" that {'also ' if action == 'remove' else ''}have '{of['shared']}'" if of["shared"] is not None else ""
    start = {
        "add": f"add '{of['column']}' to",
        "remove": f"remove '{of['column']}' from",
        "swap": f"replace '{of['swap']}' by '{of['column']}' on",
    }[action]
    return f"{start} {items}{place}{also}"
