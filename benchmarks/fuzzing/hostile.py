"""Files that are small, or soon written, and ask for much memory, time or depth."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from fuzzing.material import N_ITEMS, TURTLE

SKOS = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"'


class Hostile(NamedTuple):
    """A file, the argument of `read` that takes it, and the label column of the table."""

    role: str
    suffix: str
    write: Callable[[Path], object]
    labels: str | list[str] = "tags"


def _bytes(make: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(make())


def _constant(n: int, value: str | int, path: Path) -> None:
    """A Parquet file of one value, many times: written as a dictionary of one entry, read as what the entry is."""
    n_at_once = min(n, 10_000_000)
    codes = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n_at_once, np.int8)), pa.array([value]))
    table = pa.table({"tags": codes})
    with pq.ParquetWriter(path, table.schema, store_schema=False, compression="zstd") as file:
        for _ in range(n // n_at_once):
            file.write_table(table, row_group_size=n_at_once)


def _long_list(path: Path) -> None:
    one = pl.Series([pl.Series(np.zeros(20_000_000, np.int8))])
    pl.DataFrame({"tags": one}).write_parquet(path, compression="zstd")


def _claimed(write: Callable[..., object], n_bytes: int, path: Path) -> None:
    """Arrow IPC with a compressed buffer that says that it will be so large."""
    numbers = np.zeros(4321)
    file = io.BytesIO()
    write(pl.DataFrame({"tags": [["a"]], "x": pl.Series([numbers])}), file, compression="zstd")
    path.write_bytes(file.getvalue().replace(struct.pack("<q", numbers.nbytes), struct.pack("<q", n_bytes)))


def _wide_lines(path: Path) -> None:
    path.write_text("".join(f'{{"tags": ["a"], "k{k}": {k}}}\n' for k in range(20_000)))


def _npy(shape: tuple[int, ...], descr: str = "<f4", content: bytes = b"", version: int = 1) -> bytes:
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
    size = struct.pack("<H", len(header)) if version == 1 else struct.pack("<I", len(header))
    return b"\x93NUMPY" + bytes((version, 0)) + size + header + content


def _sparse_file(shape: tuple[int, ...], descr: str, n_bytes: int, path: Path) -> None:
    with path.open("wb") as file:
        file.write(_npy(shape, descr))
        file.truncate(128 + n_bytes)


def _object_npy(path: Path) -> None:
    np.save(path, np.array([[{"a": 1}]] * N_ITEMS, dtype=object), allow_pickle=True)


def _zip(n: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("e.npy", "w", force_zip64=True) as member:
        member.write(_npy((N_ITEMS, n // (4 * N_ITEMS))))
        for _ in range(n >> 20):
            member.write(bytes(1 << 20))
    return file.getvalue()


def _deep_xml(n: int) -> bytes:
    pair = "<skos:Concept><skos:broader>", "</skos:broader></skos:Concept>"
    return f"<rdf:RDF {SKOS}>{pair[0] * n}<skos:Concept rdf:about='a'/>{pair[1] * n}</rdf:RDF>".encode()


def _entities() -> bytes:
    inner = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 10 if k else "lol"}">' for k in range(10))
    return f'<!DOCTYPE r [{inner}]><rdf:RDF {SKOS}><skos:Concept rdf:about="a">&e9;</skos:Concept></rdf:RDF>'.encode()


def _long_bases(n: int) -> bytes:
    concepts = "<skos:Concept rdf:about='x'/>" * 3000
    return f"<rdf:RDF {SKOS} xml:base='http://e.org/{'a/' * n}'>{concepts}</rdf:RDF>".encode()


def _crossing(n: int) -> bytes:
    return b"".join(b"ex:a%d skos:broader ex:b . ex:b skos:broader ex:c%d .\n" % (k, k) for k in range(n))


def _wide_csv(n: int) -> bytes:
    return b"tags," + b",".join(b"c%d" % k for k in range(n)) + b"\na" + b"," * n


def _csv(cell: str) -> bytes:
    return b'tags\n"' + cell.replace('"', '""').encode() + b'"\n"[""a""]"\n'


HOSTILE: dict[str, Hostile] = {
    "18 KB Parquet of 50 million texts": Hostile("path", ".parquet", lambda path: _constant(50_000_000, "a", path)),
    "Parquet of 400 million numbers": Hostile("path", ".parquet", lambda path: _constant(400_000_000, 1, path), ["tags"]),
    "Parquet with one list of 20 million ids": Hostile("path", ".parquet", _long_list),
    "Arrow file with a buffer of 1 TB": Hostile("path", ".arrow", lambda path: _claimed(pl.DataFrame.write_ipc, 1 << 40, path)),
    "Arrow stream with a buffer of 3 GB": Hostile("path", ".arrows", lambda path: _claimed(pl.DataFrame.write_ipc_stream, 3 << 30, path)),
    "16 KB dictionary": Hostile("path", ".parquet", lambda path: _constant(20_000, "ab;" * 200_000, path)),
    "JSON Lines of 20,000 keys": Hostile("path", ".jsonl", _wide_lines),
    "JSON Lines with a line of 100 MB": Hostile("path", ".jsonl", _bytes(lambda: b'{"tags": ["a"], "t": "' + b"x" * 100_000_000 + b'"}\n')),
    "JSON Lines with a list of 50 MB": Hostile("path", ".jsonl", _bytes(lambda: b'{"tags": ["a"' + b',"a"' * 12_000_000 + b"]}\n")),
    "JSON Lines 100,000 deep": Hostile("path", ".jsonl", _bytes(lambda: b'{"tags": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")),
    "JSON Lines objects 10,000 deep": Hostile(
        "path", ".jsonl", _bytes(lambda: b'{"tags": ["a"], "t": ' + b'{"t":' * 10_000 + b"1" + b"}" * 10_001)
    ),
    "JSON Lines: one line of 20,000 keys": Hostile(
        "path", ".jsonl", _bytes(lambda: json.dumps({"tags": ["a"], **{f"k{k}": k for k in range(20_000)}}).encode())
    ),
    "CSV of 200,000 columns": Hostile("path", ".csv", _bytes(lambda: _wide_csv(200_000))),
    "CSV with a literal of 50 MB": Hostile("path", ".csv", _bytes(lambda: _csv("['a'" + ", 'a'" * 10_000_000 + "]"))),
    "CSV with JSON of 50 MB": Hostile("path", ".csv", _bytes(lambda: _csv('["a"' + ', "a"' * 10_000_000 + "]"))),
    "CSV with a joined cell of 50 MB": Hostile("path", ".csv", _bytes(lambda: b"tags\na;b\n" + b"a;" * 25_000_000 + b"\n")),
    "CSV with JSON 100,000 deep": Hostile("path", ".csv", _bytes(lambda: _csv("[" * 100_000 + "]" * 100_000))),
    "CSV with a literal 100,000 deep": Hostile("path", ".csv", _bytes(lambda: _csv("[" + "(" * 100_000 + ")" * 100_000 + "]"))),
    "CSV with a literal of minus signs": Hostile("path", ".csv", _bytes(lambda: _csv("[" + "-" * 100_000 + "1]"))),
    "CSV with an id of 100,000 digits": Hostile("path", ".csv", _bytes(lambda: _csv("[" + "9" * 100_000 + "]"))),
    "CSV with joined ids of 100,000 digits": Hostile("path", ".csv", _bytes(lambda: b"tags\n1;2\n" + b"9" * 100_000 + b"\n")),
    "JSON Lines with an id of 100,000 digits": Hostile("path", ".jsonl", _bytes(lambda: b'{"tags": [' + b"9" * 100_000 + b"]}\n")),
    "JSON Lines with a lone surrogate": Hostile("path", ".jsonl", _bytes(lambda: b'{"tags": ["\\ud800"]}\n')),
    "gzip": Hostile("path", ".csv", _bytes(lambda: gzip.compress(b"tags\n" + b"a" * 100_000_000))),
    "npy that claims 2**62 numbers": Hostile("embeddings", ".npy", _bytes(lambda: _npy((2**31, 2**31)))),
    "npy that claims a negative size": Hostile("embeddings", ".npy", _bytes(lambda: _npy((-1, 5)))),
    "npy of a billion features": Hostile("embeddings", ".npy", lambda path: _sparse_file((N_ITEMS, 10**9), "|i1", N_ITEMS * 10**9, path)),
    "npy of 100 GB": Hostile("embeddings", ".npy", lambda path: _sparse_file((10**9, 25), "<f4", 10**11, path)),
    "npy of one long row an item": Hostile(
        "embeddings", ".npy", lambda path: _sparse_file((N_ITEMS, 10**8), "<f8", 8 * N_ITEMS * 10**8, path)
    ),
    "npy with a broken header": Hostile("embeddings", ".npy", _bytes(lambda: _npy((1, 1)).replace(b"False", b"F(((("))),
    "npy with a header of 1 MB": Hostile(
        "embeddings", ".npy", _bytes(lambda: b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 20) + b"[" * (1 << 20))
    ),
    "npy with a strange type": Hostile("embeddings", ".npy", _bytes(lambda: _npy((2, 2), "|V9999999999"))),
    "npy of a structured type": Hostile("embeddings", ".npy", lambda path: np.save(path, np.zeros(N_ITEMS, "f4,i8"))),
    "npy of Python objects": Hostile("embeddings", ".npy", _object_npy),
    "npy that is a zip": Hostile("probabilities", ".npy", _bytes(lambda: _zip(200 << 20))),
    "npz bomb": Hostile("embeddings", ".npz", _bytes(lambda: _zip(200 << 20))),
    "npy of nothing": Hostile("embeddings", ".npy", _bytes(bytes)),
    "names: JSON 100,000 deep": Hostile("label_names", ".json", _bytes(lambda: b"[" * 100_000 + b"]" * 100_000)),
    "names: numbers of 100,000 digits": Hostile("label_names", ".json", _bytes(lambda: b'{"a": ' + b"9" * 100_000 + b"}")),
    "names: ids of 100,000 digits": Hostile("label_names", ".json", _bytes(lambda: b'{"' + b"9" * 100_000 + b'": "cat"}')),
    "names: lone surrogates": Hostile("label_names", ".json", _bytes(lambda: b'["\\ud800", "cat", "dog", "bird", "mammal", "animal"]')),
    "names: what is no name": Hostile("label_names", ".json", _bytes(lambda: b'[null, [], {"a": 1}, 1.5, true, "cat"]')),
    "names: one long line": Hostile("label_names", ".txt", _bytes(lambda: b"a" * 50_000_000)),
    "names: UTF-16": Hostile("label_names", ".txt", _bytes(lambda: "cat\ndog".encode("utf-16"))),
    "tree: JSON 100,000 deep": Hostile("taxonomy", ".json", _bytes(lambda: b'{"a":' * 100_000 + b"{}" + b"}" * 100_000)),
    "tree: 900 deep": Hostile("taxonomy", ".json", _bytes(lambda: b"".join(b'{"a%d":' % k for k in range(900)) + b"{}" + b"}" * 900)),
    "tree: children that are no list": Hostile("taxonomy", ".json", _bytes(lambda: b'{"children": [{"name": "cat", "children": 5}]}')),
    "tree: a surrogate": Hostile("taxonomy", ".json", _bytes(lambda: b'{"\\ud800": "cat"}')),
    "tree: a chain of 100,000": Hostile(
        "taxonomy", ".csv", _bytes(lambda: b"parent,child\n" + b"".join(b"%d,%d\n" % (k, k + 1) for k in range(100_000)))
    ),
    "tree: 300 x 300 through one": Hostile(
        "taxonomy",
        ".ttl",
        _bytes(lambda: TURTLE.encode() + _crossing(3000)),
    ),
    "tree: long JSON lists in cells": Hostile("taxonomy", ".csv", _bytes(lambda: b"child,parents\ncat," + b"[" * 100_000 + b"\n")),
    "Turtle 100,000 deep": Hostile("taxonomy", ".ttl", _bytes(lambda: b"<a> <b> " + b"[ <c> " * 100_000)),
    "Turtle with an escape beyond Unicode": Hostile("taxonomy", ".ttl", _bytes(lambda: b'<a> <b> "\\UFFFFFFFF" .')),
    "Turtle with a surrogate": Hostile(
        "taxonomy", ".ttl", _bytes(lambda: b"<a> <http://www.w3.org/2004/02/skos/core#broader> <\\ud800> .")
    ),
    "Turtle with an IRI that is none": Hostile("taxonomy", ".ttl", _bytes(lambda: b"<http://[a> <b> <c> .")),
    "Turtle with an open text": Hostile("taxonomy", ".ttl", _bytes(lambda: b'<a> <b> """' + b'"\\' * 40_000)),
    "Turtle with 10 MB of one name": Hostile("taxonomy", ".ttl", _bytes(lambda: b"a" * 10_000_000)),
    "Turtle with many dots": Hostile("taxonomy", ".ttl", _bytes(lambda: b"_:" + b"." * 30_000 + b"a:" + b"." * 30_000)),
    "RDF/XML 100,000 deep": Hostile("taxonomy", ".rdf", _bytes(lambda: _deep_xml(100_000))),
    "RDF/XML 400 deep with a base of 1 MB": Hostile("taxonomy", ".rdf", _bytes(lambda: _long_bases(500_000))),
    "RDF/XML with entities": Hostile("taxonomy", ".rdf", _bytes(_entities)),
    "RDF/XML with a base that is none": Hostile(
        "taxonomy", ".rdf", _bytes(f"<rdf:RDF {SKOS} xml:base='http://['><skos:Concept rdf:about='a'/></rdf:RDF>".encode)
    ),
    "RDF/XML without RDF": Hostile("taxonomy", ".xml", _bytes(lambda: b"<a>b<c/>d<e f='g'>h</e></a>")),
    "RDF/XML in a strange encoding": Hostile("taxonomy", ".rdf", _bytes(lambda: b'<?xml version="1.0" encoding="idna"?><a/>')),
    "votes of nested values": Hostile(
        "votes", ".jsonl", _bytes(lambda: b'{"item_id": [["i1"]], "rater": {"a": 1}, "label": ["cat"], "value": [1]}\n')
    ),
    "votes without a row": Hostile("votes", ".csv", _bytes(lambda: b"item_id,rater,label,value\n")),
}
