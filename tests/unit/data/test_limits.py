"""Small files that claim to be large, and what libraries raise on broken ones."""

from __future__ import annotations

import json
import tracemalloc
from types import SimpleNamespace

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import labelscope as ls
from labelscope.data import limits
from labelscope.data.formats.format import reading
from labelscope.data.readings.choose import offers_of
from labelscope.data.readings.column import Column
from labelscope.data.readings.state_ways import read_states

TABLE = pl.DataFrame({"tags": [["cat"], ["dog"]]})


@pytest.fixture
def small(monkeypatch):
    """Limits that a test reaches without writing much."""
    monkeypatch.setattr(limits, "UNFOLDED", 1 << 20)
    monkeypatch.setattr(limits, "SMALL", 1 << 12)


@pytest.mark.parametrize("write", [pl.DataFrame.write_parquet, pl.DataFrame.write_ipc], ids=["parquet", "arrow"])
def test_a_small_file_of_many_rows_is_refused_before_it_is_read(small, tmp_path, write, monkeypatch):
    path = tmp_path / ("t.parquet" if write is pl.DataFrame.write_parquet else "t.arrow")
    write(pl.DataFrame({"y": pl.repeat(1, 4_000_000, dtype=pl.Int64, eager=True)}), path, compression="zstd")
    monkeypatch.setattr(pl, "read_parquet", lambda *_, **__: pytest.fail("read"))
    monkeypatch.setattr(pl, "read_ipc", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(ls.DataError, match=r"4,000,000 rows of .* \(256 MB\) in .* bytes; check where the file comes from"):
        ls.read(path, labels=["y"])


def test_a_thin_but_real_table_is_read(small, tmp_path):
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"y{k}": (rng.random(20_000) < 0.001).astype(np.int64) for k in range(50)})
    frame.write_parquet(tmp_path / "t.parquet", compression="zstd")
    assert frame.estimated_size() > 100 * (tmp_path / "t.parquet").stat().st_size  # far beyond the absolute limit
    assert ls.read(tmp_path / "t.parquet", labels=frame.columns).n_items == 20_000


@pytest.mark.parametrize("column", [pl.Series("tags", ["a;" * 50_000]), pl.Series("tags", [[7] * 100_000])], ids=["text", "list"])
def test_one_long_cell_that_many_rows_share_is_refused(small, tmp_path, column):
    table = pl.DataFrame({"tags": column.gather([0] * 50)})
    table.write_parquet(tmp_path / "t.parquet", compression="zstd")
    with pytest.raises(ls.DataError, match=r"got (the column 'tags'|50 rows of 5,000,000 values) .*pass the frame"):
        ls.read(tmp_path / "t.parquet", labels="tags")


def test_lines_with_keys_of_their_own_are_refused_and_rare_keys_are_read(small, tmp_path):
    own = "".join(json.dumps({"tags": ["a"], f"k{k}": 1}) + "\n" for k in range(4000))
    (tmp_path / "own.jsonl").write_text(own)
    with pytest.raises(ls.DataError, match="4,000 lines of about 4,001 different keys"):
        ls.read(tmp_path / "own.jsonl", labels="tags")
    rare = "".join(json.dumps({"tags": ["a"], f"k{k % 40}": 1}) + "\n" for k in range(4000))
    (tmp_path / "rare.jsonl").write_text(rare)
    assert ls.read(tmp_path / "rare.jsonl", labels="tags").items.width == 41


def test_a_long_line_and_a_long_cell_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(limits, "LINE", 1000)
    monkeypatch.setattr(limits, "CELL", 1000)
    (tmp_path / "t.jsonl").write_text('{"tags": ["a"]}\n' + json.dumps({"tags": ["a"] * 500}) + "\n")
    with pytest.raises(ls.DataError, match="at most 1,000 bytes a line, got 2,510 in line 2"):
        ls.read(tmp_path / "t.jsonl", labels="tags")
    with pytest.raises(ls.DataError, match="at most 1,000 bytes of labels an item in 'tags', got 2,000 in row 1"):
        ls.read(pl.DataFrame({"tags": ["a;b", "a;" * 1000]}), labels="tags")


@pytest.mark.parametrize("size", [1e16, 1e300, -1e20])
def test_embeddings_whose_squares_overflow_are_refused(size):
    with pytest.raises(ls.DataError, match=r"numbers up to 1e\+15 in size, got larger ones in row 1; rescale them"):
        ls.Dataset.from_arrays([[1], [0]], embeddings=[[1.0], [size]])


def test_a_wide_file_of_holes_is_refused_by_its_shape(tmp_path):
    np.lib.format.open_memmap(tmp_path / "e.npy", "w+", np.int8, (2, 30_000_000)).flush()
    with pytest.raises(ls.DataError, match="at most 1,048,576 features, got 30,000,000"):
        ls.read(TABLE, labels="tags", embeddings=tmp_path / "e.npy")


def test_an_archive_that_calls_itself_an_array_is_refused(tmp_path):
    np.savez(tmp_path / "e.npz", a=np.ones((2, 2)))
    (tmp_path / "e.npz").rename(tmp_path / "e.npy")
    with pytest.raises(ls.DataError, match=r"one array, got an [.]npz archive in e[.]npy; save the array with"):
        ls.read(TABLE, labels="tags", embeddings=tmp_path / "e.npy")


@pytest.mark.parametrize(
    "raised", [ValueError("a\nb"), KeyError(), RecursionError(), MemoryError(), pl.exceptions.PanicException("x" * 999)]
)
def test_whatever_a_library_raises_becomes_one_line(tmp_path, raised):
    with pytest.raises(ls.DataError, match="; ") as refused, reading("Parquet", tmp_path / "t.parquet"):
        raise raised
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), SystemExit(2), ls.StageError("our own")])
def test_what_is_not_the_fault_of_the_file_passes(tmp_path, raised):
    with pytest.raises(type(raised)), reading("Parquet", tmp_path / "t.parquet"):
        raise raised


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.rdf", b"<a xmlns='b' xml:base='http://" + b"c" * 10_000 + b"'/>", "longer than"),
        ("t.ttl", b"<http://" + b"c" * 10_000 + b"> <b> <c> .", "an IRI longer than 8,192 characters"),
        ("t.ttl", b'<a> <b> "\\UFFFFFFFF" .', "got text that is not"),
        ("t.csv", b"child,parents\ncat," + b"[" * 100_000 + b"\n", "expected label names"),
        ("t.json", b'{"children": [{"name": "cat", "children": 5}]}', "a list of children in t.json, got '5'"),
    ],
    ids=["long base", "long IRI", "no character", "deep list", "number for a list"],
)
def test_taxonomies_that_no_reader_can_finish_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ls.DataError, match=message):
        ls.read(TABLE, labels="tags", taxonomy=tmp_path / name)


def test_ids_of_more_digits_than_python_reads_are_labels_like_others(tmp_path):
    long = "9" * 10_000
    (tmp_path / "t.csv").write_text(f"tags\n1;22\n{long};3\n")
    assert ls.read(tmp_path / "t.csv", labels="tags").label_names == ("1", "3", "22", long)


def test_nested_votes_are_refused():
    votes = pl.DataFrame({"item_id": [["0"]], "rater": [["a"]], "label": ["cat"], "value": [1]})
    with pytest.raises(ls.DataError, match="expected one value a row in item_id"):
        ls.read(TABLE, labels="tags", votes=votes)


@pytest.mark.parametrize("place", ["labelscope.data.formats.parquet.class_names", "labelscope.data.opened.check_table"])
def test_a_fault_of_ours_is_no_fault_of_the_file(tmp_path, monkeypatch, place):
    TABLE.write_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(place, None)  # a line of ours that calls it raises
    with pytest.raises(TypeError, match="not callable"):
        ls.read(tmp_path / "t.parquet", labels="tags")


def test_looking_checks_what_it_reads_as_reading_does(small, tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"tags": [pl.Series(np.zeros(1_000_000, np.int8))]}).write_parquet(path, compression="zstd")
    monkeypatch.setattr("labelscope.data.formats.parquet.check_parquet", lambda *_: None)  # a file whose footer lies
    for look in (ls.read, ls.inspect):
        with pytest.raises(ls.DataError, match=r"the column 'tags' \(40 MB\)"):
            look(path, labels="tags")


def test_a_column_that_is_broken_further_on_is_refused_in_one_line_by_looking(tmp_path):
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame({"text": [f"a text of its own {k}" for k in range(9000)], "tags": [["cat", "dog"][: k % 3] for k in range(9000)]})
    frame.write_parquet(path, compression="uncompressed", row_group_size=3000, statistics=False)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) * 3 // 4] = bytes(len(content) * 3 // 4 - len(content) // 2)
    path.write_bytes(content)
    with pytest.raises(ls.DataError, match="expected a complete parquet file"):
        ls.inspect(path, labels="tags")


@pytest.mark.parametrize("role", ["text", "groups"])
@pytest.mark.parametrize("column", ["lists", "objects", "bytes"])
def test_texts_and_groups_are_columns_of_plain_values(role, column):
    items = pl.DataFrame(
        {"lists": [[1], [2]], "objects": pl.Series([{1}, {2}], dtype=pl.Object), "bytes": [b"a", b"b"], "text": ["a", "b"]}
    )
    for names in (column, ["text", column]) if role == "text" else (column,):
        with pytest.raises(ls.DataError, match=f"{role}: expected a column of text or numbers, got .* in '{column}'"):
            ls.Dataset.from_arrays([[1], [0]], items=items, **{role: names})


def test_a_thin_table_of_states_is_read_where_it_fits_into_memory(tmp_path, monkeypatch):
    path = tmp_path / "thin.parquet"
    path.write_bytes(bytes(9_000_000))
    free = SimpleNamespace(available=40 << 30)
    monkeypatch.setattr("labelscope.data.limits.psutil.virtual_memory", lambda: free)
    limits.check_unfolded(path, 4e9, "1,000,000 rows of 500 columns")  # Int64, three positives in a thousand
    with pytest.raises(ls.LabelscopeError, match="at most 1,500 bytes of memory"):
        limits.check_unfolded(path, 20e9, "rows without end")
    free.available = 4 << 30
    with pytest.raises(ls.LabelscopeError, match="at most 200 bytes of memory"):
        limits.check_unfolded(path, 4e9, "1,000,000 rows of 500 columns")


def test_a_file_below_a_megabyte_is_no_table_of_gigabytes(tmp_path, monkeypatch):
    path = tmp_path / "thin.parquet"
    path.write_bytes(bytes(1_000_000))
    monkeypatch.setattr("labelscope.data.limits.psutil.virtual_memory", lambda: SimpleNamespace(available=400 << 30))
    limits.check_unfolded(path, 5e8, "1,000,000 rows of 60 columns")
    with pytest.raises(ls.LabelscopeError, match=r"at most 537 MB of memory for a file below 1 MB, got .* in 1,000,000 bytes; .*polars"):
        limits.check_unfolded(path, 9e8, "1,000,000 rows of 110 columns")


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Boolean])
def test_a_column_a_label_that_hardly_any_item_has_counts_for_what_it_takes(tmp_path, dtype):
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame({f"y{k}": (np.arange(600_000) == k).astype(np.int8) for k in range(120)}).cast(dtype)
    frame.write_parquet(path, compression="zstd")
    assert path.stat().st_size < 1 << 20  # 72 million cells: of eight bytes each they would be too many for that
    assert ls.read(path, labels=frame.columns).labels.n_positive.tolist() == [1] * 120
    frame.cast(pl.Int64).write_parquet(path, compression="zstd")
    with pytest.raises(ls.DataError, match=r"600,000 rows of 72,000,000 values \(576 MB\)"):
        ls.read(path, labels=frame.columns)


@pytest.mark.parametrize("write", [pl.DataFrame.write_ipc, pl.DataFrame.write_ipc_stream], ids=["file", "stream"])
def test_a_buffer_that_claims_to_unpack_into_gigabytes_is_refused_before_it_is(tmp_path, write, monkeypatch):
    path, size = tmp_path / "t.arrow", (3 * 4321 * 8).to_bytes(8, "little")
    frame = pl.DataFrame({"tags": [["a"], ["a", "b"], ["b"]], "x": pl.Series([np.zeros(4321)] * 3)})
    write(frame, path, compression="zstd")
    assert ls.read(path, labels="tags").n_items == 3
    content = path.read_bytes()
    assert content.count(size) == 1
    path.write_bytes(content.replace(size, (3 << 30).to_bytes(8, "little")))
    monkeypatch.setattr(pl, "read_ipc", lambda *_, **__: pytest.fail("read"))
    monkeypatch.setattr(pl, "read_ipc_stream", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(ls.DataError, match=r"3 rows of [\d,]+ values \(3,221 MB\) in .* bytes"):
        ls.read(path, labels="tags")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_what_arrow_says_of_its_size_is_what_it_takes(tmp_path, monkeypatch, stream, compression):
    claims = []
    monkeypatch.setattr("labelscope.data.formats.arrow_messages.check_unfolded", lambda *claim: claims.append(claim[1:]))
    table = pa.table({"tags": [["a"], ["b"]] * 500, "n": range(1000), "word": pa.array(["u", "v"] * 500).dictionary_encode()})
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(tmp_path / "t.arrow", table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=300)
    assert ls.read(tmp_path / "t.arrow", labels="tags").n_items == 1000
    [(n_bytes, what)] = claims
    assert what == "1,000 rows of 4,002 values"  # lists, their texts, numbers, codes; two words
    assert n_bytes == 64_000


def test_small_types_count_for_what_their_labels_take(small, tmp_path):
    frame = pl.DataFrame({f"y{k}": pl.repeat(value=True, n=50_000, eager=True) for k in range(40)})
    frame.write_parquet(tmp_path / "t.parquet", compression="zstd")
    assert frame.estimated_size() < 1 << 20
    with pytest.raises(ls.DataError, match=r"2,000,000 cells other than 0 \(16 MB\)"):
        ls.read(tmp_path / "t.parquet", labels=frame.columns)


def test_states_of_many_cells_take_no_memory_for_each_cell_that_is_absent():
    table = pl.DataFrame({f"y{k}": np.arange(1_000_000, dtype=np.int64) == k for k in range(10)}).cast(pl.Int8)
    encoding = read_states(table, table.columns, None, None).encoding
    tracemalloc.start()
    labels = encoding.decode(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert labels.n_positive.tolist() == [1] * 10
    assert peak < 20e6  # a place of every cell would take 80 MB


def test_the_default_may_be_rare_in_a_column():
    table = pl.DataFrame({"a": [1, *[0] * 99], "b": [-1, *[1] * 99], "c": [0, *[-1] * 99], "d": [0, 1, *[-1] * 98]})
    for columns in (["a", "b", "c"], ["b", "c", "d"], ["a", "c", "d"]):
        labels = read_states(table, columns, None, None).encoding.decode(table)
        assert (labels.dense() == table.select(columns).to_numpy()).all()


def test_a_text_that_is_too_long_for_labels_is_not_taken_apart_to_look_at_it():
    long = Column("tags", pl.Series("tags", ["a;b", "a;" * limits.CELL]))
    with pytest.raises(ls.LabelscopeError, match="bytes of labels an item"):
        offers_of(long, "negative")
