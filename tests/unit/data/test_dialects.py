"""A delimited file is read in one dialect, values and bytes alike; an edit changes one field and nothing else."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.data.formats.dialect import Dialect
from labelscope.data.formats.format import Edits, ReadOptions
from labelscope.data.formats.registry import find_format

FILES = {
    "backslash before a quote": (b'id,t,y\n1,"5\\" wide",a\n2,"x, y",b\n', [("1", '5" wide', "a"), ("2", "x, y", "b")]),
    "backslash at the end of a field": (b'id,t,y\n1,"5\\" c:\\\\",a\n2,x,b\n', [("1", '5" c:\\\\', "a"), ("2", "x", "b")]),
    "single quote inside a quoted field": (b'id,t,y\n1,"pipe of 5" steel",a\n2,x,b\n', [("1", 'pipe of 5" steel', "a"), ("2", "x", "b")]),
    "quote in a field without quotes": (b'id,t,y\n1,5" pipe,"a"\n2,"x, y",b\n', [("1", '5" pipe', "a"), ("2", "x, y", "b")]),
    "two quotes in plain fields": (b'id,t,y\n1,5" pipe,a\n2,6" pipe,b\n', [("1", '5" pipe', "a"), ("2", '6" pipe', "b")]),
    "blank before a quoted field": (b'id, t, y\n1, "x, y", a\n2, z, b\n', [("1", "x, y", "a"), ("2", "z", "b")]),
    "line of the separator": (b"sep=;\r\nid;t;y\r\n1;x,x;a\r\n2;z;b\r\n", [("1", "x,x", "a"), ("2", "z", "b")]),
    "comments, the last one the header": (b'# made\n# n=2\n# id, t, y\n1, "x, y", a\n2, z, b\n', [("1", "x, y", "a"), ("2", "z", "b")]),
    "one line of comment": (b"# made by hand\nid,t,y\n1,x,a\n2,z,b\n", [("1", "x", "a"), ("2", "z", "b")]),
    "a comma in the header of a tab file": (b"id\tt\ty\n1\tx, x\ta\n2\tz\tb\n", [("1", "x, x", "a"), ("2", "z", "b")]),
}


@pytest.mark.parametrize(("raw", "rows"), FILES.values(), ids=FILES)
def test_one_dialect_for_values_and_bytes(tmp_path, raw, rows):
    path = tmp_path / "x.csv"
    path.write_bytes(raw)
    kind = find_format(path)
    table, layout = kind.read(path, ReadOptions())
    assert (table.columns, table.rows()) == (["id", "t", "y"], rows)
    for labels, expected in ((["a", "b"], raw), (["new", "b"], raw[: raw.rindex(b"a", 0, raw.index(b"\n2"))] + b"new")):
        file = io.BytesIO()
        kind.write(table.with_columns(y=pl.Series(labels)), file, layout, Edits(np.array([0]), ("y",)))
        written = file.getvalue()
        assert written.startswith(expected)
        assert len(written) == len(raw) + 2 * (labels[0] == "new")


def test_a_header_in_comments_stays_as_it_is_when_a_column_comes(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"# made\n# n=1\n# id, y\n1, a\n")
    kind = find_format(path)
    table, layout = kind.read(path, ReadOptions())
    file = io.BytesIO()
    kind.write(table.with_columns(z=pl.lit("c")), file, layout, Edits(np.array([0]), ("y", "z"), restructured=True))
    assert file.getvalue() == b"# made\n# n=1\n# id, y, z\n1, a, c\n"


def test_doubled_quotes_in_a_header_are_one_in_the_name(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('id,"remark ""internal""",is a\n1,none,1\n2,none,0\n')
    ds = ls.read(path, labels=["is a"], id="id")
    assert ds.items.columns == ["item_id", "id", 'remark "internal"']


def test_a_quote_that_fits_no_dialect_is_named_with_its_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('id,t\n1,"a" b",c"\n2,x\n')
    with pytest.raises(ls.DataError, match=r"a single one in line 2; double it|got 3 in line 2|got an open one"):
        ls.read(path, labels="t")


def test_a_file_without_a_header_is_told_how_to_name_its_columns(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a|b,one text\nb,another\na|b,a third\n")
    with pytest.raises(ls.DataError, match=r"looks like a record.*columns=\['labels', 'column_2'\]"):
        ls.read(path, labels="labels")
    ds = ls.read(path, labels="labels", columns=["labels", "column_2"])
    assert (ds.n_items, ds.label_names) == (3, ("a", "b"))
    with pytest.raises(ls.DataError, match="expected 2 names"):
        ls.read(path, labels="labels", columns=["labels"])


@pytest.mark.parametrize("lines", ["a|b,one text\nb,another\na|b,a third\n", "a,one text\nb,another\na,a third\n"])
def test_a_first_line_that_is_a_record_is_never_taken_for_names(tmp_path, lines):
    path = tmp_path / "x.csv"
    path.write_text(lines)
    name = lines.partition(",")[0]
    remedy = r"reads like a record.*labels='labels', columns=\['labels', 'column_2'\]"
    with pytest.raises(ls.DataError, match=remedy):
        ls.read(path, labels=name, labels_delimiter="|" if "|" in name else "")
    found = ls.inspect(path)
    assert any("reads like a record" in line for line in found.refusals)
    ds = ls.read(path, labels="labels", columns=["labels", "column_2"], labels_delimiter="|" if "|" in name else "")
    assert (ds.n_items, ds.label_names) == (3, ("a", "b"))


def test_the_separator_can_be_given(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("id:y\n1:a\n2:b\n")
    assert ls.read(path, labels="y", separator=":").label_names == ("a", "b")
    with pytest.raises(ls.DataError, match="expected one character"):
        ls.read(path, labels="y", separator="::")


NAMES = {
    "id,name\n1,dog\n0,cat\n": "csv",
    "name,id\ndog,1\ncat,0\n": "csv",
    "0\tcat\n1\tdog\n": "tsv",
    "attribute_id,attribute_name,extra\n0,cat,x\n1,dog,y\n": "csv",
    "name\ncat\ndog\n": "csv",
    "cat\ndog\n": "csv",
}


@pytest.mark.parametrize(("text", "suffix"), NAMES.items())
def test_label_names_come_from_a_table_too(tmp_path, text, suffix):
    path = tmp_path / f"names.{suffix}"
    path.write_text(text)
    ds = ls.read(pl.DataFrame({"y": ["0;1", "1"]}), labels="y", label_names=path)
    assert dict(zip(ds.label_names, ds.labels.n_positive.tolist(), strict=True)) == {"cat": 1, "dog": 2}


def test_label_names_of_an_unclear_table_are_refused(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("a,b,c\n0,cat,x\n")
    with pytest.raises(ls.DataError, match=r"expected the columns id and name in names\.csv, got 'a', 'b', 'c'"):
        ls.read(pl.DataFrame({"y": ["0"]}), labels="y", label_names=path)


def test_columns_joined_by_commas_are_several_unless_one_is_called_so():
    table = pl.DataFrame({"a": [1, 0], "b": [0, 1], "x, y": ["p;q", "q"]})
    assert ls.read(table, labels="a,b").label_names == ("a", "b")
    assert ls.read(table, labels="a, b").label_names == ("a", "b")
    assert ls.read(table, labels="x, y").label_names == ("p", "q")


@pytest.mark.parametrize("record", [b'"a,' * 100_000, b'"a"",' * 100_000, b'"a""b,' * 100_000], ids=["open", "doubled", "both"])
def test_a_hundred_thousand_quotes_that_close_nothing_are_seen_at_once(record):
    fields = Dialect(",", lenient=True).fields(record)
    assert fields[-1][1] == len(record)
    assert b",".join(record[start:end] for start, end in fields) == record


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (b'"say "hi"",b', [b'"say "hi""', b"b"]),
        (b'"a"",b",c', [b'"a"",b"', b"c"]),
        (b'"a"",b', [b'"a""', b"b"]),
        (b'"",""', [b'""', b'""']),
        (b'"a,b,', [b'"a', b"b", b""]),
    ],
)
def test_a_quote_closes_a_lenient_field_only_at_its_end(record, fields):
    assert [record[start:end] for start, end in Dialect(",", lenient=True).fields(record)] == fields


def test_a_table_of_many_columns_is_read_column_by_column(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("tags," + ",".join(f"c{k}" for k in range(20_000)) + "\n" + ("a;b" + ",1" * 20_000 + "\n") * 3)
    assert ls.read(path, labels="tags").items.width == 20_001


@pytest.mark.parametrize("ids", [["/m/0a", "/m/0b"], ["0", "1"], ["/m/0a,/m/0b", "/m/0b"], [["/m/0b"], ["/m/0a"]]])
def test_names_of_a_table_with_two_ids_go_with_the_id_that_the_labels_use(tmp_path, ids):
    path = tmp_path / "class_labels_indices.csv"
    path.write_text('index,mid,display_name\n0,/m/0a,Speech\n1,/m/0b,"Male speech, man speaking"\n')
    dataset = ls.read(pl.DataFrame({"y": ids}), labels="y", label_names=path)
    assert dataset.label_names == ("Speech", "Male speech, man speaking")
    assert dataset.labels.dense().sum() == sum(str(cell).count("/m/") or 1 for cell in ids)
