"""Read and export, for random tables in every format and encoding: what is not changed is equal, what is changed is so."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import labelscope as ls
from labelscope.export.corrected import export_labels

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\",;'="), max_size=12)
NAMES = st.lists(st.text("abcdeżé 1<=&\"'", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=2, max_size=5, unique=True)
STATES = st.integers(0, 2**32 - 1)


def sets_to_cells(encoding: str, names: list[str], sets: list[list[str] | None]) -> pl.Series:
    """A column that writes sets of labels."""
    if encoding == "lists":
        return pl.Series("y", sets, dtype=pl.List(pl.String))
    if encoding == "ids":
        return pl.Series("y", [None if row is None else [names.index(name) for name in row] for row in sets], dtype=pl.List(pl.Int16))
    write = {
        "json": json.dumps,
        "compact json": lambda row: json.dumps(row, separators=(",", ":"), ensure_ascii=False),
        "semicolons": ";".join,
        "bars": " | ".join,
    }[encoding]
    return pl.Series("y", [None if row is None else write(row) for row in sets], dtype=pl.String)


@st.composite
def tables(draw):
    """A table, the arguments to read it, its names, its states, and the suffix of its file."""
    names, seed, n = draw(NAMES), draw(STATES), draw(st.integers(2, 9))
    suffix = draw(st.sampled_from([".parquet", ".arrow", ".jsonl", ".csv", ".tsv"]))
    encoding = draw(st.sampled_from(["lists", "ids", "json", "compact json", "semicolons", "bars", "columns"]))
    rng = np.random.default_rng(seed)
    states = (
        rng.choice([1, 0, -1], size=(n, len(names)), p=[0.5, 0.4, 0.1]) if encoding == "columns" else rng.integers(0, 2, (n, len(names)))
    )
    states[0, 0] = 1
    text_only = suffix in {".csv", ".tsv"}
    table = pl.DataFrame(
        {"id": [f"{k:03}" for k in range(n)], "t": draw(st.lists(TEXT | st.none(), min_size=n, max_size=n))},
        schema={"id": pl.String, "t": pl.String},
    )
    if encoding == "columns":
        columns = [f"c{k}" for k in range(len(names))]
        blank = draw(st.sampled_from([None, -1]))
        table = table.with_columns(
            pl.Series(c, [blank if s == -1 else s for s in states[:, k].tolist()], dtype=pl.Int8) for k, c in enumerate(columns)
        )
        return table, {"labels": columns, "label_names": names, "labels_format": "states"}, names, states, suffix
    if text_only and encoding in {"lists", "ids"}:
        encoding = "json"
    missing = rng.random(n) < (0 if text_only and encoding in {"semicolons", "bars"} else 0.15)
    missing[0] = False
    states[missing] = -1
    sets = [None if missing[k] else [names[j] for j in rng.permutation(len(names)) if states[k, j] == 1] for k in range(n)]
    options = {"labels": "y", "label_names": names}
    if encoding in {"semicolons", "bars"}:
        options["labels_delimiter"] = {"semicolons": ";", "bars": "|"}[encoding]
    if encoding == "ids":
        options["labels_format"] = "list"  # [0, 1] could be a vector of two states as well, which reading refuses to guess
    return table.with_columns(sets_to_cells(encoding, names, sets)), options, names, states, suffix


def write(table: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.write_csv(path)
    elif path.suffix == ".tsv":
        table.write_csv(path, separator="\t", quote_style="always")
    else:
        {".parquet": table.write_parquet, ".arrow": table.write_ipc, ".jsonl": table.write_ndjson}[path.suffix](path)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), STATES)
def test_round_trip(case, seed):
    table, options, names, states, suffix = case
    with tempfile.TemporaryDirectory() as folder:
        path, same, changed = (Path(folder) / f"{name}{suffix}" for name in ("in", "same", "changed"))
        write(table, path)
        ds = ls.read(path, id="id", text="t", **options)
        assert ds.label_names == tuple(names)
        assert ds.labels.dense().tolist() == states.tolist()

        export_labels(ds, pl.DataFrame(), same)
        if suffix not in {".parquet", ".arrow"}:
            assert same.read_bytes() == path.read_bytes()
        again = ls.read(same, id="id", text="t", **options).source.table
        assert again.schema == ds.source.table.schema
        assert again.equals(ds.source.table)

        after, cells = change(states, single_unknowns=isinstance(options["labels"], list), seed=seed)
        frame = pl.DataFrame(
            [(f"{i:03}", names[k], int(states[i, k]), int(after[i, k])) for i, k in cells],
            schema=["item_id", "label", "before", "after"], orient="row",
        )  # fmt: skip
        done = export_labels(ds, frame, changed)
        assert done.unwritten.is_empty()
        new = ls.read(changed, id="id", text="t", **options) if (after == 1).any() else None
        if new is not None:
            assert new.labels.dense().tolist() == after.tolist()
            assert new.source.table.schema == ds.source.table.schema
            assert_only_these_cells_differ(ds, new, {i for i, _ in cells})


def change(states: np.ndarray, *, single_unknowns: bool, seed: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Random new states that the encoding can write, and the cells that changed."""
    rng = np.random.default_rng(seed)
    after = states.copy()
    touched = rng.random(states.shape) < 0.3
    after[touched] = rng.integers(-1 if single_unknowns else 0, 2, int(touched.sum()))
    if not single_unknowns:
        silent = (states == -1).all(axis=1)
        after[silent] = np.where(rng.random((int(silent.sum()), 1)) < 0.5, -1, rng.integers(0, 2, (int(silent.sum()), states.shape[1])))
    return after, [(int(i), int(k)) for i, k in np.argwhere(after != states)]


def assert_only_these_cells_differ(ds: ls.Dataset, new: ls.Dataset, rows: set[int]) -> None:
    label_columns = ds.source.encoding.columns
    assert new.source.table.drop(label_columns).equals(ds.source.table.drop(label_columns))
    untouched = [k for k in range(ds.n_items) if k not in rows]
    assert new.source.table[untouched].equals(ds.source.table[untouched])
