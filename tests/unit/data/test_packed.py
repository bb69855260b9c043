from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zipfile

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.data import limits
from labelscope.data.formats import packed
from labelscope.errors import DataError
from labelscope.export.corrected import export_labels

zstd = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
PACK = {".gz": gzip.compress, ".zst": zstd.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
UNPACK = {".gz": gzip.decompress, ".zst": zstd.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
CSV = b'id,text,labels\n1,"a, b",cat|dog\n2,x,dog\n3,y,\n'
CHANGE = pl.DataFrame(
    {"item_id": [2], "label": ["cat"], "before": [0], "after": [1]}, schema_overrides={"before": pl.Int8, "after": pl.Int8}
)


def export(ds, path):
    export_labels(ds, CHANGE, path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", sorted(PACK))
def test_a_packed_csv_is_read_and_only_the_edited_field_changes(tmp_path, suffix):
    (tmp_path / f"in.csv{suffix}").write_bytes(PACK[suffix](CSV))
    ds = ls.read(tmp_path / f"in.csv{suffix}", labels="labels", id="id")
    assert ds.labels.dense().tolist() == [[1, 1], [0, 1], [0, 0]]
    written = export(ds, tmp_path / f"out.csv{suffix}")
    assert UNPACK[suffix](written) == CSV.replace(b"2,x,dog", b"2,x,dog|cat")
    assert export(ds, tmp_path / "plain.csv") == UNPACK[suffix](written)  # unpacked, the same bytes
    assert export(ds, tmp_path / f"again.csv{suffix}") == written


def test_any_format_may_be_packed(tmp_path):
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1, "labels": ["a"]}\n{"id": 2, "labels": []}\n'))
    assert ls.read(tmp_path / "in.jsonl.gz", labels="labels", id="id").labels.dense().tolist() == [[1], [0]]
    pl.DataFrame({"labels": [["a"], ["b"]]}).write_parquet(tmp_path / "in.parquet")
    (tmp_path / "in.parquet.zst").write_bytes(zstd.compress((tmp_path / "in.parquet").read_bytes()))
    assert ls.read(tmp_path / "in.parquet.zst", labels="labels").labels.dense().tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("suffix", sorted(PACK))
def test_a_file_that_was_cut_off_or_is_not_packed_is_one_line(tmp_path, suffix):
    rough = b"id,labels\n" + b"".join(b"%d,%d\n" % (k, v) for k, v in enumerate(np.random.default_rng(0).integers(0, 9**9, 3000)))
    for content in (PACK[suffix](rough)[:-2000], CSV):
        (tmp_path / f"in.csv{suffix}").write_bytes(content)
        with pytest.raises(DataError, match="cannot be read") as refused:
            ls.read(tmp_path / f"in.csv{suffix}", labels="labels")
        assert "\n" not in str(refused.value)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "LEAST_SUSPECT", 1 << 20)
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress(b"id,labels\n" + b"1,aaaaaaaa\n" * (1 << 19)))
    with pytest.raises(DataError, match="at most 200 times its size"):
        ls.read(tmp_path / "in.csv.gz", labels="labels")


def archive(path, **files):
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)


def test_an_archive_of_one_table_is_read_and_packed_again(tmp_path):
    archive(tmp_path / "in.zip", **{"data/train.csv": CSV, "__MACOSX/._train.csv": b"x"})
    ds = ls.read(tmp_path / "in.zip", labels="labels", id="id")
    export(ds, tmp_path / "out.csv.zip")
    with zipfile.ZipFile(tmp_path / "out.csv.zip") as opened:
        assert opened.namelist() == ["out.csv"]
        assert opened.read("out.csv") == CSV.replace(b"2,x,dog", b"2,x,dog|cat")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.csv": CSV, "b.csv": CSV}, r"expected one file in the archive, got 2 \(a.csv, b.csv\); unpack it"),
        ({"a.pdf": b"x"}, "expected one of .parquet"),
        ({}, "expected one file in the archive, got 0"),
    ],
)
def test_an_archive_of_something_else_is_one_line(tmp_path, files, message):
    archive(tmp_path / "in.zip", **files)
    with pytest.raises(DataError, match=message):
        ls.read(tmp_path / "in.zip", labels="labels")


@pytest.mark.parametrize(
    ("name", "advice"), [("a.xlsx", "save it as CSV"), ("a.pkl", "it may run code"), ("a.tar.gz", "unpack it"), ("a.npz", "from_arrays")]
)
def test_a_format_that_is_not_read_says_what_to_do(tmp_path, name, advice):
    (tmp_path / name).write_bytes(gzip.compress(b"x"))
    with pytest.raises(DataError, match=advice):
        ls.read(tmp_path / name, labels="labels")


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("s3://bucket/folder/train.parquet", r"aws s3 cp s3://bucket/folder/train.parquet \.\) and read 'train.parquet'"),
        ("https://example.org/data/train.csv", r"curl -LO https://example.org/data/train.csv\) and read 'train.csv'"),
        ("hf://datasets/somebody/emotions/train.parquet", r"hf download --repo-type dataset somebody/emotions"),
        ("file:///data/train.csv", "write '/data/train.csv'"),
    ],
)
def test_an_address_says_how_to_get_a_copy(address, advice):
    with pytest.raises(DataError, match=advice) as refused:
        ls.read(address, labels="labels")
    assert "\n" not in str(refused.value)


def test_jsonl_with_a_byte_order_mark_is_read_and_keeps_it(tmp_path):
    raw = b'\xef\xbb\xbf{"id": 1, "labels": ["cat"]}\r\n{"id": 2, "labels": ["dog"]}\r\n'
    (tmp_path / "in.jsonl").write_bytes(raw)
    ds = ls.read(tmp_path / "in.jsonl", labels="labels", id="id")
    assert export(ds, tmp_path / "out.jsonl") == raw.replace(b'["dog"]', b'["dog", "cat"]')


CLAIMS = {
    ".csv": b"tags\n" + b"a\n" * 100_000,
    ".tsv": b"tags" + b"".join(b"\tc%d" % k for k in range(20)) + b"\n" + (b"a" + b"\t0" * 20 + b"\n") * 10_000,
    ".jsonl": b'{"tags": ["a"]}\n' * 50_000,
    ".json": b"[" + b'{"tags": ["a"]},' * 50_000 + b'{"tags": ["a"]}]',
}


@pytest.mark.parametrize("suffix", CLAIMS)
def test_rows_and_cells_that_a_packed_file_claims_are_counted_before_they_are_read(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr(limits, "UNFOLDED", 1 << 20)
    path = tmp_path / f"t{suffix}.gz"
    path.write_bytes(gzip.compress(CLAIMS[suffix]))
    with pytest.raises(DataError, match=r"t\.\w+\.gz: expected at most .* of memory .* lines with .* marks between values"):
        ls.read(path, labels="tags")
    (tmp_path / f"t{suffix}").write_bytes(CLAIMS[suffix])
    assert ls.read(tmp_path / f"t{suffix}", labels="tags").n_items >= 10_000  # the same, unpacked, has the size that it says


def test_what_a_packed_parquet_claims_is_compared_with_the_packed_size(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "UNFOLDED", 1 << 20)
    table = pl.DataFrame({"y": pl.repeat(1, 1_000_000, dtype=pl.Int64, eager=True), "pad": ["x" * 700_000, *[""] * 999_999]})
    table.write_parquet(tmp_path / "t.parquet", compression="uncompressed")
    content = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet.gz").write_bytes(gzip.compress(content))
    (tmp_path / "twice.parquet.gz.gz").write_bytes(gzip.compress(gzip.compress(content)))
    for name in ("t.parquet.gz", "twice.parquet.gz.gz"):
        with pytest.raises(DataError, match=f"{name}: expected at most .*1,000,000 rows"):
            ls.read(tmp_path / name, labels=["y"])
