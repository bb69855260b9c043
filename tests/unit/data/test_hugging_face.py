"""Data sets of Hugging Face: class names, types and metadata come in and go out."""

from __future__ import annotations

import json
import sys

import polars as pl
import pytest

import labelscope as ls
from labelscope.data.formats.hugging_face import class_names
from labelscope.errors import DataError, MissingExtra
from labelscope.export.corrected import export_labels

CHANGE = pl.DataFrame({"item_id": [1], "label": ["cat"], "before": [0], "after": [1]})
CLASS = {"names": ["cat", "dog"], "_type": "ClassLabel"}


def metadata(feature) -> dict[str, str]:
    return {"huggingface": json.dumps({"info": {"features": {"labels": feature, "text": {"dtype": "string", "_type": "Value"}}}})}


@pytest.mark.parametrize(
    "feature", [CLASS, [CLASS], {"feature": CLASS, "_type": "Sequence"}, {"feature": CLASS, "length": -1, "_type": "LargeList"}]
)
def test_names_of_class_labels_are_found_in_every_kind_of_list(feature):
    assert class_names(metadata(feature)) == {"labels": ("cat", "dog")}


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"info": {"features": []}}', '{"info": {"features": {"labels": {"names": 3}}}}'])
def test_other_metadata_says_nothing(text):
    assert class_names({"huggingface": text}) == {}


def test_a_parquet_with_class_names_is_read_by_name(tmp_path):
    frame = pl.DataFrame({"item_id": [0, 1], "labels": [[0, 1], [1]]})
    frame.write_parquet(tmp_path / "in.parquet", metadata=metadata([CLASS]))
    ds = ls.read(tmp_path / "in.parquet", labels="labels")
    assert ds.label_names == ("cat", "dog")
    assert ls.read(tmp_path / "in.parquet", labels="labels", label_names=["x", "y"]).label_names == ("x", "y")  # what the user says counts
    export_labels(ds, CHANGE, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["labels"].to_list() == [[0, 1], [1, 0]]
    assert pl.read_parquet_metadata(tmp_path / "out.parquet")["huggingface"] == metadata([CLASS])["huggingface"]


@pytest.mark.parametrize("stream", [True, False])
def test_an_arrow_file_keeps_its_types_and_metadata(tmp_path, stream):
    pa = pytest.importorskip("pyarrow")
    fields = [
        ("item_id", pa.int32()),
        ("text", pa.string()),
        ("labels", pa.list_(pa.int64())),
        ("kind", pa.dictionary(pa.int8(), pa.string())),
    ]
    schema = pa.schema([pa.field(name, dtype, metadata={"k": name}) for name, dtype in fields], metadata=metadata([CLASS]))
    table = pa.table([[0, 1], ["a", None], [[0, 1], [1]], pa.array(["x", "y"]).dictionary_encode().cast(fields[3][1])], schema=schema)
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(tmp_path / "in.arrow", schema) as writer:
        writer.write_table(table)
    ds = ls.read(tmp_path / "in.arrow", labels="labels")
    assert ds.label_names == ("cat", "dog")
    export_labels(ds, CHANGE, tmp_path / "out.arrow")
    written = (pa.ipc.open_stream if stream else pa.ipc.open_file)(pa.OSFile(str(tmp_path / "out.arrow"))).read_all()
    assert written.schema.equals(schema, check_metadata=True)
    assert written.to_pylist() == [table.to_pylist()[0], {**table.to_pylist()[1], "labels": [1, 0]}]


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_a_new_label_is_named_in_the_metadata(tmp_path, suffix):
    pa = pytest.importorskip("pyarrow")
    path = tmp_path / f"in{suffix}"
    frame = pl.DataFrame({"item_id": [0, 1], "labels": [[0, 1], [1]]})
    if suffix == ".parquet":
        frame.write_parquet(path, metadata=metadata([CLASS]))
    else:
        table = frame.to_arrow().replace_schema_metadata(metadata([CLASS]))
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
    session = ls.Session(ls.read(path, labels="labels"), ledger=tmp_path / "ledger.sqlite")
    session.apply(ls.LabelEdit.new("owl", [1]))
    session.export(tmp_path / f"out{suffix}")
    again = ls.read(tmp_path / f"out{suffix}", labels="labels")
    assert again.label_names == ("cat", "dog", "owl")
    assert again.labels.dense().tolist() == [[1, 1, 0], [0, 1, 1]]


def test_without_pyarrow_names_that_cannot_be_seen_are_not_left_out_silently(tmp_path, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    schema = pa.schema([("labels", pa.list_(pa.int64()))], metadata=metadata([CLASS]))
    with pa.ipc.new_stream(tmp_path / "in.arrow", schema) as writer:
        writer.write_table(pa.table([[[0], [1]]], schema=schema))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"labelscope\[datasets\]"):
        ls.read(tmp_path / "in.arrow", labels="labels")


@pytest.fixture
def emotions():
    datasets = pytest.importorskip("datasets")
    kinds = datasets.Sequence(datasets.ClassLabel(names=["cat", "dog"]))
    features = datasets.Features({"item_id": datasets.Value("int64"), "text": datasets.Value("string"), "labels": kinds})
    return datasets.Dataset.from_dict({"item_id": [0, 1, 2], "text": ["a", "b", "c"], "labels": [[0, 1], [1], []]}, features=features)


def test_a_data_set_in_memory_is_read_with_its_class_names(emotions):
    ds = ls.read(emotions.select([2, 0]), labels="labels", text="text")
    assert ds.label_names == ("cat", "dog")
    assert ds.labels.dense().tolist() == [[0, 0], [1, 1]]
    assert ds.items["text"].to_list() == ["c", "a"]


def test_a_saved_data_set_is_read_from_its_folder_and_comes_out_as_its_file(emotions, tmp_path):
    datasets = pytest.importorskip("datasets")
    emotions.save_to_disk(tmp_path / "saved")
    ds = ls.read(tmp_path / "saved", labels="labels", text="text")
    assert (ds.label_names, ds.item_ids.to_list()) == (("cat", "dog"), [0, 1, 2])
    file = next((tmp_path / "saved").glob("data-*.arrow"))
    export_labels(ds, CHANGE, tmp_path / "out.arrow")
    file.write_bytes((tmp_path / "out.arrow").read_bytes())
    again = datasets.load_from_disk(str(tmp_path / "saved"))
    assert again["labels"][:] == [[0, 1], [1, 0], []]
    assert again.features == emotions.features


def test_a_data_set_saved_in_shards_is_one_table(emotions, tmp_path):
    emotions.save_to_disk(tmp_path / "saved", num_shards=2)
    ds = ls.read(tmp_path / "saved", labels="labels", text="text")
    assert (ds.label_names, ds.item_ids.to_list()) == (("cat", "dog"), [0, 1, 2])


def test_splits_are_named(emotions, tmp_path):
    datasets = pytest.importorskip("datasets")
    both = datasets.DatasetDict({"train": emotions, "test": emotions})
    with pytest.raises(DataError, match=r"the splits 'train', 'test'; pass one of them, as ds\['test'\]"):
        ls.read(both, labels="labels")
    both.save_to_disk(tmp_path / "saved")
    with pytest.raises(DataError, match=r"read one of them, as '(.*train)'") as refused:
        ls.read(tmp_path / "saved", labels="labels")
    ls.read(str(refused.value).split("'")[-2], labels="labels")
