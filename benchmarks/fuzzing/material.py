"""Small valid inputs of every kind that labelscope reads: what the fuzzer breaks."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl

N_ITEMS = 24
LABELS = ("cat", "dog", "bird", "mammal", "animal")
TABLE = pl.DataFrame(
    {
        "item_id": [f"i{k}" for k in range(N_ITEMS)],
        "text": [f'picture {k}, "{LABELS[k % 3]}" é\n{k * 7}' for k in range(N_ITEMS)],
        "tags": [sorted({LABELS[k % 5], LABELS[k * 7 % 5], LABELS[k // 8]}) for k in range(N_ITEMS)],
        "cat": [k % 2 for k in range(N_ITEMS)],
        "dog": [None if k % 7 == 0 else float(k % 3 == 0) for k in range(N_ITEMS)],
        "split": pl.Series([("train", "test")[k % 4 == 0] for k in range(N_ITEMS)], dtype=pl.Categorical),
    }
)
VOTES = pl.DataFrame(
    {
        "item_id": [f"i{k // 2}" for k in range(2 * N_ITEMS)],
        "rater": [f"r{k % 3}" for k in range(2 * N_ITEMS)],
        "label": [LABELS[k % 5] for k in range(2 * N_ITEMS)],
        "value": [(1, 0, -1)[k % 3] for k in range(2 * N_ITEMS)],
    }
)
EDGES = pl.DataFrame({"parent": ["mammal", "mammal", "animal", "animal"], "child": ["cat", "dog", "mammal", "bird"]})
TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <http://example.org/> .
ex:cat a skos:Concept ; skos:prefLabel "cat"@en , 'Katze'@de ; skos:broader ex:mammal .
ex:dog skos:prefLabel \"\"\"dog\"\"\" ; skos:notation "17"^^ex:code ; skos:broader [ skos:prefLabel "\\u00e9" ] , ex:mammal .
<http://example.org/mammal> skos:broader ex:animal ; skos:member ( ex:cat ex:dog 1.5e3 true ) . # a comment
"""
RDF = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"
  xml:base="http://example.org/">
  <skos:Concept rdf:about="cat"><skos:prefLabel xml:lang="en">cat</skos:prefLabel><skos:broader rdf:resource="mammal"/></skos:Concept>
  <skos:Concept rdf:ID="dog"><skos:broader><skos:Concept rdf:about="mammal"><skos:prefLabel>mammal</skos:prefLabel></skos:Concept>
  </skos:broader></skos:Concept><rdf:Description rdf:nodeID="x" skos:prefLabel="bird"/>
</rdf:RDF>
"""
COCO = {
    "images": [{"id": k, "file_name": f"{k}.jpg"} for k in range(N_ITEMS)],
    "categories": [{"id": k, "name": name} for k, name in enumerate(LABELS)],
    "annotations": [{"id": k, "image_id": k % N_ITEMS, "category_id": k % 5} for k in range(40)],
}
ARFF = "@relation 'x: -C 2'\n@attribute cat {0,1}\n@attribute dog {0,1}\n@attribute size numeric\n@data\n" + "".join(
    f"{k % 2},{k % 3 // 2},{k}.5\n" if k % 4 else f"{{{k % 2} 1, 2 {k}}}\n" for k in range(N_ITEMS)
)
XMC = f"{N_ITEMS} 3 5\n" + "".join(f"{k % 5},{(k + 1) % 5} 0:{k}.5 2:1\n" for k in range(N_ITEMS))
RULES = b"""{"labelscope_rules": 1, "rules": [
 {"name": "words", "label": "cat", "words": ["cat", "picture 3"]},
 {"name": "a pattern", "label": "dog", "vote": 0, "regex": "d.g", "flags": "is"},
 {"name": "a query", "label": "bird", "query": "text:bird AND NOT text:picture"}]}"""
TREE = {"name": "animal", "children": [{"name": "mammal", "children": ["cat", {"name": "dog"}]}, {"id": "bird", "parents": ["animal"]}]}


class Material(NamedTuple):
    """One valid file.

    Attributes
    ----------
    role : str
        The argument of `read` that takes it.
    suffix : str
    content : bytes
    labels : str or list of str
        What the label column of the table is.
    """

    role: str
    suffix: str
    content: bytes
    labels: str | list[str] = "tags"


def _written(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _npy(array: np.ndarray) -> bytes:
    return _written(lambda file: np.save(file, array))


def _flat(joint: str) -> pl.DataFrame:
    return TABLE.with_columns(pl.col("tags").list.join(joint), pl.col("split").cast(pl.String))


def valid_files() -> list[Material]:
    """One file a kind."""
    rng = np.random.default_rng(0)
    json_cells = TABLE.with_columns(pl.Series("tags", [json.dumps(tags) for tags in TABLE["tags"].to_list()]))
    reprs = TABLE.with_columns(pl.Series("tags", [repr(tags) for tags in TABLE["tags"].to_list()]))
    coded = TABLE.with_columns(pl.col("tags").list.eval(pl.element().replace_strict(LABELS, list(range(5)), return_dtype=pl.Int32)))
    return [
        Material("path", ".csv", _flat(";").write_csv().encode()),
        Material("path", ".csv", _flat(", ").write_csv(separator=";", quote_style="always").encode()),
        Material("path", ".csv", json_cells.write_csv().encode()),
        Material("path", ".csv", reprs.write_csv(line_terminator="\r\n").encode()),
        Material("path", ".csv", _flat("|").write_csv().encode(), ["cat", "dog"]),
        Material("path", ".tsv", _flat("|").write_csv(separator="\t").encode()),
        Material("path", ".jsonl", TABLE.write_ndjson().encode()),
        Material("path", ".jsonl", coded.write_ndjson().encode()),
        Material("path", ".jsonl", TABLE.write_ndjson().encode(), ["cat", "dog"]),
        Material("path", ".parquet", _written(TABLE.write_parquet)),
        Material("path", ".parquet", _written(lambda file: coded.write_parquet(file, compression="uncompressed", statistics=False))),
        Material(
            "path", ".parquet", _written(lambda file: TABLE.write_parquet(file, compression="snappy", row_group_size=7)), ["cat", "dog"]
        ),
        Material("path", ".arrow", _written(TABLE.write_ipc)),
        Material("path", ".arrow", _written(lambda file: coded.write_ipc(file, compression="zstd"))),
        Material("path", ".arrows", _written(TABLE.write_ipc_stream)),
        Material("path", ".json", json.dumps(TABLE.to_dicts()).encode()),
        Material("path", ".json", json.dumps(COCO).encode(), "labels"),
        Material("path", ".arff", ARFF.encode(), ["cat", "dog"]),
        Material("path", ".txt", XMC.encode(), "labels"),
        Material("embeddings", ".npy", _npy(rng.normal(size=(N_ITEMS, 6)))),
        Material("embeddings", ".npy", _npy(rng.normal(size=(N_ITEMS, 40)).astype(np.float16))),
        Material("probabilities", ".npy", _npy(rng.random((N_ITEMS, len(LABELS))).astype(np.float32))),
        Material("label_names", ".txt", "\n".join(LABELS).encode()),
        Material("label_names", ".json", json.dumps(LABELS).encode()),
        Material("label_names", ".json", json.dumps({name: name.upper() for name in LABELS}).encode()),
        Material("label_names", ".json", json.dumps({name: k for k, name in enumerate(LABELS)}).encode()),
        Material("votes", ".csv", VOTES.write_csv().encode()),
        Material("votes", ".jsonl", VOTES.write_ndjson().encode()),
        Material("votes", ".parquet", _written(VOTES.write_parquet)),
        Material("votes", ".arrow", _written(VOTES.write_ipc)),
        Material("taxonomy", ".csv", EDGES.write_csv().encode()),
        Material("taxonomy", ".parquet", _written(EDGES.write_parquet)),
        Material("taxonomy", ".json", json.dumps(TREE, indent=1).encode()),
        Material("taxonomy", ".json", json.dumps({"cat": "mammal", "dog": ["mammal", "animal"]}).encode()),
        Material("taxonomy", ".json", json.dumps({"animal": {"mammal": {"cat": {}, "dog": []}, "bird": {}}}).encode()),
        Material("taxonomy", ".ttl", TURTLE.encode()),
        Material("taxonomy", ".rdf", RDF.encode()),
    ]
