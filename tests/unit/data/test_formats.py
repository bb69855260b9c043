"""Each format reads what it is given and writes it back as it was."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from labelscope.data.formats.format import Edits, ReadOptions
from labelscope.data.formats.json_text import replace_value
from labelscope.data.formats.registry import FORMATS, find_format
from labelscope.errors import DataError

NONE = Edits(np.zeros(0, np.int64), ())


def rewrite(path: Path, table: pl.DataFrame | None = None, edits: Edits = NONE) -> bytes:
    kind = find_format(path)
    read, layout = kind.read(path, ReadOptions())
    file = io.BytesIO()
    kind.write(read if table is None else table, file, layout, edits)
    return file.getvalue()


@pytest.mark.parametrize("name", [suffix for kind in FORMATS for suffix in kind.suffixes])
def test_every_suffix_finds_its_format(name):
    assert name in find_format(Path(f"x{name.upper()}")).suffixes
    assert find_format(Path("x"), name[1:]) is find_format(Path(f"x{name}"))


def test_an_unknown_suffix_lists_the_known_ones():
    with pytest.raises(DataError, match=r"expected one of \.parquet.*got x\.unknown"):
        find_format(Path("x.unknown"))


CSVS = {
    "plain": b"a,b\n1,x\n2,\n",
    "null and empty": b'a,b\n1,\n2,""\n',
    "quotes": b'a,b\n1,"x ""y"", z"\n"2","line\nbreak"\n',
    "crlf, no last newline": b"a,b\r\n1,x\r\n2,y",
    "bom": b"\xef\xbb\xbfa,b\n1,x\n",
    "semicolons": b"a;b\n1;x,y\n",
    "pandas index": b",a\n0,x\n1,y\n",
    "blank lines": b"a,b\n1,x\n\n2,y\n\n",
    "stray quote": b'a,b\n1,5" pipe\n2,x\n',
    "formula": b"a,b\n=1+1,@x\n",
    "unicode": "a,b\n1,żółw 🐢\n".encode(),
}


@pytest.mark.parametrize("raw", CSVS.values(), ids=CSVS)
def test_csv_comes_back_byte_for_byte(tmp_path, raw):
    path = tmp_path / "x.csv"
    path.write_bytes(raw)
    assert rewrite(path) == raw


def test_csv_keeps_null_empty_and_leading_zeros_apart(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'id,b\n007,\n008,""\n')
    table, _ = find_format(path).read(path, ReadOptions())
    assert table.rows() == [("007", None), ("008", "")]


def test_csv_rewrites_one_field_in_its_style(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'id,"tags",t\r\n1,"a;b","x,\r\ny"\r\n 2 ,a,z\r\n')
    table, _ = find_format(path).read(path, ReadOptions())
    new = table.with_columns(tags=pl.Series(["a", 'a,"b"']))
    assert rewrite(path, new, Edits(np.array([0, 1]), ("tags",))) == b'id,"tags",t\r\n1,"a","x,\r\ny"\r\n 2 ,"a,""b""",z\r\n'


def test_tsv_without_quoting(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_bytes(b'id\ttext\n1\t"hello\n2\tx\n')
    table, _ = find_format(path).read(path, ReadOptions())
    assert table["text"].to_list() == ['"hello', "x"]
    assert rewrite(path) == path.read_bytes()


BROKEN = {
    ("x.csv", b"a,b\n1,2\n3,4,5\n"): "expected 2 fields a record.*got 3 in line 3",
    ("y.csv", b'a,b\n"x\ny",2\n3\n'): "got 1 in line 4",
    ("z.csv", b'a,b\n1,"x\n2,y\n'): "open one in the record of line 2",
    ("u.csv", b"a,b\n1,\xff\n"): "expected UTF-8 text, got other bytes in line 2",
    ("v.csv", b"a,a\n1,2\n"): "unique column names, got 'a'",
    ("w.csv", b""): "empty file",
    ("mark.csv", b"\xef\xbb\xbf"): "empty file",
    ("mark.tsv", b"\xef\xbb\xbf\n\n"): "empty file",
    ("excel.csv", b"sep=;\r\n"): "empty file",
    ("x.jsonl", b'{"a":1}\n{"a":2\n'): "line 2, which is none",
    ("y.jsonl", b'{"a":1}\n[1]\n'): "got list in line 2",
    ("z.jsonl", b'{"a":1}\n{"a":NaN}\n'): "line 2.*NaN is no JSON",
    ("w.jsonl", b"\n\n"): "empty file",
    ("x.parquet", b"PAR1 not really"): "x.parquet: expected a complete Parquet file",
    ("x.arrow", b"ARROW1 not really"): "x.arrow: expected a complete Arrow IPC file",
}


@pytest.mark.parametrize(("name", "raw"), BROKEN, ids=[name for name, _ in BROKEN])
def test_broken_files_are_named_in_one_line(tmp_path, name, raw):
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(DataError, match=BROKEN[name, raw]) as caught:
        find_format(path).read(path, ReadOptions())
    assert "\n" not in str(caught.value)


def test_a_truncated_parquet(tmp_path):
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="complete Parquet file"):
        find_format(path).read(path, ReadOptions())


def test_jsonl_keeps_untouched_lines(tmp_path):
    raw = b'{"id": 1, "tags": ["a"], "x": 1.0}\n\n{"tags":["b","c"],"id":2,"x":1e3}\r\n{"id": 3, "extra": {"k": [1, "a"]}}'
    path = tmp_path / "x.jsonl"
    path.write_bytes(raw)
    assert rewrite(path) == raw
    table, _ = find_format(path).read(path, ReadOptions())
    new = table.with_columns(tags=pl.Series([["a"], ["c", "a"], ["b"]]))
    lines = rewrite(path, new, Edits(np.array([1, 2]), ("tags",))).splitlines()
    assert lines[0] == raw.splitlines()[0]
    assert lines[2] == b'{"tags":["c","a"],"id":2,"x":1e3}'
    assert lines[3] == b'{"id": 3, "extra": {"k": [1, "a"]}, "tags": ["b"]}'


def test_jsonl_refuses_a_mix_that_polars_makes_strings(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"tags":["1"]}\n{"tags":["a",1]}\n')
    with pytest.raises(DataError, match=r"mix of str and int.*line 2"):
        find_format(path).read(path, ReadOptions(labels=("tags",)))


@pytest.mark.parametrize(("line", "value", "expected"), [
    ('{"a":0}', 1, '{"a":1}'),
    ('{"a": 1.0}', 1.0, '{"a": 1.0}'),
    ('{"a": 0.0}', 1.0, '{"a": 1.0}'),
    ('{"a": 0}', 1.0, '{"a": 1}'),
    ('{"a": null}', None, '{"a": null}'),
    ('{"b": "}", "a": true}', False, '{"b": "}", "a": false}'),
    ("{}", 1, '{"a":1}'),
    ('{"a":"x\\u00e9;y"}', "xé", '{"a":"x\\u00e9"}'),
])  # fmt: skip
def test_one_json_value_is_replaced_in_its_text(line, value, expected):
    assert replace_value(line, "a", value) == expected


def test_parquet_keeps_arrow_types_and_metadata(tmp_path):
    path, out = tmp_path / "x.parquet", tmp_path / "y.parquet"
    table = pa.table({
        "id": pa.array([1, 2], pa.int32()), "tags": pa.array([["a"], []], pa.list_(pa.string())), "s": pa.array(["x", None]),
        "c": pa.array(["x", "y"]).dictionary_encode(),
        "t": pa.array([1, 2], pa.timestamp("us", "UTC")), "d": pa.array([1, 2], pa.decimal128(5, 2)),
        "v": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2)),
    }).replace_schema_metadata({"owner": "me"})  # fmt: skip
    pq.write_table(table, path)
    out.write_bytes(rewrite(path))
    assert pq.read_table(out).equals(pq.read_table(path), check_metadata=True)


def test_polars_types_survive_parquet_and_arrow(tmp_path):
    table = pl.DataFrame({
        "e": pl.Series(["u", None], dtype=pl.Enum(["u", "v"])), "c": pl.Series(["u", "v"], dtype=pl.Categorical),
        "l": pl.Series([["u"], None], dtype=pl.List(pl.Enum(["u", "v"]))), "i": pl.Series([1, 2], dtype=pl.UInt8),
    })  # fmt: skip
    for name, write in {"x.parquet": table.write_parquet, "x.arrow": table.write_ipc, "x.arrows": table.write_ipc_stream}.items():
        write(tmp_path / name)
        (tmp_path / f"new.{name}").write_bytes(rewrite(tmp_path / name))
        again, _ = find_format(tmp_path / name).read(tmp_path / f"new.{name}", ReadOptions())
        assert again.schema == table.schema
        assert again.equals(table)


def test_feather_of_other_programs(tmp_path):
    path = tmp_path / "x.feather"
    pyarrow.feather.write_feather(pa.table({"a": ["x"]}), path)
    path.write_bytes(rewrite(path))
    assert pyarrow.feather.read_table(path).to_pydict() == {"a": ["x"]}


def test_text_formats_write_lists_as_json_and_refuse_bytes(tmp_path):
    table = pl.DataFrame({"a": [["x", 'y"']], "b": [None]}, schema={"a": pl.List(pl.String), "b": pl.List(pl.Int64)})
    file = io.BytesIO()
    find_format(Path("x.csv")).write(table, file, None, None)
    assert json.loads(pl.read_csv(file.getvalue())["a"][0]) == ["x", 'y"']
    for name in ("x.csv", "x.jsonl"):
        with pytest.raises(DataError, match=r"export to \.parquet"):
            find_format(Path(name)).write(pl.DataFrame({"a": [b"x"]}), io.BytesIO(), None, None)


def test_json_cannot_hold_nan():
    with pytest.raises(DataError, match="finite"):
        find_format(Path("x.jsonl")).write(pl.DataFrame({"a": [float("nan")]}), io.BytesIO(), None, None)
