"""The advice about files and what comes beside a table: done to the letter, by hand too, it leads on."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile

import numpy as np
import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError, LabelscopeWarning

pytestmark = pytest.mark.filterwarnings(f"ignore::{LabelscopeWarning.__module__}.{LabelscopeWarning.__name__}")


def dumped(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def task(*choices):
    made = [{"type": "choices", "from_name": "topics", "to_name": "text", "value": {"choices": list(choices)}}]
    return {"id": 1, "data": {"text": "t"}, "annotations": [{"result": made}] if choices else []}


def record(*answers):
    said = [{"value": [one], "user_id": "5", "status": "submitted"} for one in answers]
    return {"id": 1, "fields": {"text": "t"}, "responses": {"q": said}, "suggestions": {}}


def line(ids, names):
    return {"source-ref": "a.jpg", "topics": ids, "topics-metadata": {"class-map": {str(k): names[k] for k in ids}}}


def coco(images=(1, 2), names=("cat", "dog"), image=1):
    return {
        "images": [{"id": k, "file_name": f"{k}.jpg"} for k in images],
        "annotations": [{"id": 1, "image_id": image, "category_id": 0}],
        "categories": [{"id": k, "name": name} for k, name in enumerate(names)],
    }


def archive(*names):
    with zipfile.ZipFile(file := io.BytesIO(), "w") as made:
        for name in names:
            made.writestr(name, CSV)
    return file.getvalue()


def saved(array):
    np.save(file := io.BytesIO(), array)
    return file.getvalue()


CSV = "id,labels\n1,a;b\n2,b\n3,a;b\n4,a\n"
ARFF = "@relation x\n@attribute f numeric\n@attribute cat {0,1}\n@attribute dog {0,1}\n@data\n1,0,1\n2,1,0\n"
VOTES = "item_id,rater,label,value\n1,ann,a,1\n"
VOC = "<annotation><filename>a.jpg</filename><object><name>cat</name></object></annotation>"
FIFTYONE = '{"classes": ["a", "b"], "labels": {"x": [0], "y": [0, 1]}}'
# name of the file: what is in it, how it is read, words of the advice, and what is in it or how it is read after that
FILES = {
    "Label Studio without annotations": (
        "a.json", json.dumps([task()]), {"labels": "topics"}, "export the project with",
        json.dumps([task("a")]),
    ),
    "Label Studio, another control": (
        "a.json", json.dumps([task("a", "b")] * 3), {"labels": "annotations"}, "'topics'",
        {"labels": "topics"},
    ),
    "Argilla, another question": ("a.json", json.dumps([record("a"), record("b")]), {"labels": "labels"}, "'q'", {"labels": "q"}),
    "Argilla, the responses": ("a.json", json.dumps([record("a"), record("b")]), {"labels": "responses"}, "'q'", {"labels": "q"}),
    "Argilla without answers": (
        "a.jsonl", dumped(record(), record()), {"labels": "q"}, "label_names=",
        {"labels": "q", "label_names": ["a"]},
    ),
    "doccano, another name": ("a.jsonl", dumped({"text": "x", "label": ["a"]}), {"labels": "labels"}, "'label'", {"labels": "label"}),
    "doccano, names and numbers": (
        "a.jsonl", dumped({"label": ["a"]}, {"label": [3]}), {"labels": "label"}, "all labels as strings",
        dumped({"label": ["a"]}, {"label": ["3"]}),
    ),
    "Prodigy without answers": ("a.jsonl", dumped({"text": "x", "label": "A"}), {"labels": "accept"}, "'label'", {"labels": "label"}),
    "spaCy, scores": (
        "a.jsonl", dumped({"cats": {"A": 0.8, "B": 0.2}}), {"labels": "cats"}, "labels_format='scores'",
        {"labels": "cats", "labels_format": "scores"},
    ),
    "COCO, an image that is not there": ("a.json", json.dumps(coco(image=9)), {"labels": "labels"}, "write it again", json.dumps(coco())),
    "COCO, an image twice": ("a.json", json.dumps(coco(images=(1, 1))), {"labels": "labels"}, "renumber them", json.dumps(coco())),
    "COCO, a name twice": ("a.json", json.dumps(coco(names=("cat", "cat"))), {"labels": "labels"}, "rename one", json.dumps(coco())),
    "COCO, another column": ("a.json", json.dumps(coco()), {"labels": "category_id"}, "'labels'", {"labels": "labels"}),
    "FiftyOne, a class without a name": (
        "a.json", FIFTYONE.replace("[0, 1]", "[2]"), {"labels": "labels"}, "add its name",
        FIFTYONE.replace("[0, 1]", "[2]").replace('b"', 'b", "c"'),
    ),
    "FiftyOne, scores": ("a.json", FIFTYONE.replace("[0]", '{"label": "a"}'), {"labels": "labels"}, "write the labels alone", FIFTYONE),
    "FiftyOne without classes": (
        "a.json", '{"labels": {"x": [0]}}', {"labels": "labels"}, "orient='records'", '[{"id": "x", "labels": [0]}]',
    ),
    "SageMaker, one number for two classes": (
        "a.manifest", dumped(line([0], {0: "cat"}), line([0], {0: "dog"})), {"labels": "topics"}, "number the classes alike",
        dumped(line([0], {0: "cat"}), line([1], {1: "dog"})),
    ),
    "SageMaker, another name": ("a.manifest", dumped(line([0], {0: "cat"})), {"labels": "labels"}, "'topics'", {"labels": "topics"}),
    "ARFF, labels that it does not name": ("a.arff", ARFF, {"labels": "labels"}, "'cat', 'dog'", {"labels": ["cat", "dog"]}),
    "ARFF, a feature": (
        "a.arff", ARFF, {"labels": ["f", "cat"]}, "labels_format='scores'", {"labels": ["f", "cat"], "labels_format": "scores"},
    ),
    "ARFF without @data": ("a.arff", ARFF.replace("@data\n", ""), {"labels": ["cat"]}, "mend it", ARFF),
    "ARFF without rows": ("a.arff", ARFF.partition("1,0")[0], {"labels": ["cat"]}, "copy the file again", ARFF),
    "ARFF, a short row": ("a.arff", ARFF.replace("1,0,1", "1,0"), {"labels": ["cat"]}, "mend it", ARFF),
    "ARFF, a name twice": ("a.arff", ARFF.replace("dog", "cat"), {"labels": ["cat"]}, "mend the header", ARFF),
    "XMC, a line of text": ("a.txt", "2 3 4\n0,1 0:1\nfoo\n", {"labels": "labels"}, "mend it", "2 3 4\n0,1 0:1\n2 1:1\n"),
    "XMC, a row too few": ("a.txt", "3 3 4\n0,1 0:1\n", {"labels": "labels"}, "copy the file again", "2 3 4\n0,1 0:1\n2 1:1\n"),
    "LIBSVM, another name": ("a.svm", "0,1 0:1\n1 1:1\n", {"labels": "label"}, "'labels'", {"labels": "labels"}),
    "a suffix that says nothing": ("a.dat", CSV, {"labels": "labels"}, "format='csv'", {"labels": "labels", "format": "csv"}),
    "an empty CSV": ("a.csv", "", {"labels": "labels"}, "copy the file again", CSV),
    "a header alone": ("a.csv", "id,labels\n", {"labels": "labels"}, "is whole", CSV),
    "empty lines of JSON": ("a.jsonl", "", {"labels": "labels"}, "copy the file again", '{"labels": ["a"]}'),
    "an array in lines of JSON": (
        "a.jsonl", '[{"labels": ["a"]}, {"labels": ["b"]}]', {"labels": "labels"}, "format='json'", {"labels": "labels", "format": "json"},
    ),
    "a number in lines of JSON": ("a.jsonl", '{"labels": ["a"]}\n3\n', {"labels": "labels"}, "mend it", '{"labels": ["a"]}\n'),
    "an empty array": ("a.json", "[]", {"labels": "labels"}, "orient='records'", '[{"labels": ["a"]}]'),
    "columns as JSON": (
        "a.json", '{"labels": {"0": ["a"]}, "id": {"0": 1}}', {"labels": "labels"}, "orient='records'",
        '[{"labels": ["a"]}]',
    ),
    "UTF-16": ("a.csv", CSV.encode("utf-16"), {"labels": "labels"}, "save it as UTF-8", CSV),
    "carriage returns": ("a.csv", CSV.replace("\n", "\r"), {"labels": "labels"}, "other line ends", CSV),
    "a field too many": (
        "a.csv", "id,labels\n1,a,b\n2,b\n", {"labels": "labels"}, "quote fields that hold ','",
        'id,labels\n1,"a,b"\n2,b\n',
    ),
    "a column twice": ("a.csv", CSV.replace("id,", "labels,"), {"labels": "labels"}, "give each a name of its own", CSV),
    "another separator": ("a.csv", CSV, {"labels": "labels", "separator": "\t"}, "separator=','", {"labels": "labels", "separator": ","}),
    "a long separator": ("a.csv", CSV, {"labels": "labels", "separator": ",,"}, "name another one", {"labels": "labels", "separator": ","}),
    "a name for one of two fields": (
        "a.csv", CSV.partition("\n")[2], {"labels": "labels", "columns": ["labels"]}, "name each field",
        {"labels": "labels", "columns": ["id", "labels"]},
    ),
    "ids that recur": ("a.csv", CSV.replace("2,b", "1,b"), {"labels": "labels", "id": "id"}, "leave out id", {"labels": "labels"}),
    "ids that are missing": ("a.csv", CSV.replace("2,b", ",b"), {"labels": "labels", "id": "id"}, "leave out id", {"labels": "labels"}),
    "no labels named": ("a.csv", CSV, {"labels": []}, "name one", {"labels": "labels"}),
    "a list of one name": ("a.csv", CSV, {"labels": ["labels"]}, "labels='labels'", {"labels": "labels"}),
    "labels named twice": ("a.csv", CSV, {"labels": ["labels", "labels"]}, "name it once", {"labels": "labels"}),
    "a packed file that was cut off": (
        "a.csv.gz", gzip.compress(CSV.encode())[:9], {"labels": "labels"}, "copy it again",
        gzip.compress(CSV.encode()),
    ),
    "two tables in an archive": ("a.csv.zip", archive("a.csv", "b.csv"), {"labels": "labels"}, "unpack it", archive("a.csv")),
    "a Parquet that was cut off": ("a.parquet", b"PAR1", {"labels": "labels"}, "copy it again", None),
    "a broken Pascal VOC": ("voc/0.xml", "<annotation>", {"labels": "labels"}, "write it again", VOC),
    "Pascal VOC, another name": ("voc/0.xml", VOC, {"labels": "name"}, "'filename'", {"labels": "labels"}),
    "an Excel file": ("a.xlsx", b"PK", {"labels": "labels"}, "save it as CSV", None),
}  # fmt: skip
BESIDE = {
    "votes without a column": ("votes.csv", "item_id,rater,value\n1,ann,1\n", "votes", "label is missing", VOTES),
    "votes on other items": ("votes.csv", VOTES.replace("1,ann", "9,ann"), "votes", "drop votes", VOTES),
    "votes on other labels": ("votes.csv", VOTES.replace("a,1", "z,1"), "votes", "drop votes", VOTES),
    "votes of another value": ("votes.csv", VOTES.replace("1\n", "5\n"), "votes", "write one of the three", VOTES),
    "votes of nobody": ("votes.csv", VOTES.replace("ann", ""), "votes", "name unknown raters", VOTES.replace("ann", "anonymous")),
    "a taxonomy with another label": ("tree.csv", "parent,child\na,z\n", "taxonomy", "", "parent,child\na,b\n"),
    "a taxonomy that goes round": ("tree.csv", "parent,child\na,b\nb,a\n", "taxonomy", "", "parent,child\na,b\n"),
    "a taxonomy without parents": ("tree.csv", "name,other\na,b\n", "taxonomy", "", "parent,child\na,b\n"),
    "a taxonomy that is a number": ("tree.json", "3", "taxonomy", "", '{"b": "a"}'),
    "embeddings in text": ("x.csv", "1,2\n", "embeddings", "numpy.save", None),
    "embeddings of other items": ("x.npy", saved(np.ones((3, 2))), "embeddings", "", saved(np.ones((4, 2)))),
    "embeddings with a gap": ("x.npy", saved(np.full((4, 2), np.nan)), "embeddings", "recompute", saved(np.ones((4, 2)))),
    "embeddings of words": ("x.npy", saved(np.full((4, 2), "a")), "embeddings", "convert it", saved(np.ones((4, 2)))),
    "embeddings that were cut off": ("x.npy", saved(np.ones((4, 2)))[:90], "embeddings", "copy it again", saved(np.ones((4, 2)))),
    "probabilities of other labels": ("p.npy", saved(np.ones((4, 3))), "probabilities", "", saved(np.ones((4, 2)))),
    "probabilities above one": ("p.npy", saved(np.full((4, 2), 2.0)), "probabilities", "", saved(np.ones((4, 2)))),
    "names without some": ("names.txt", "a\n", "label_names", "", "a\nb\n"),
    "names twice": ("names.txt", "a\na\nb\n", "label_names", "", "a\nb\n"),
    "names as a number": ("names.json", "3", "label_names", "as a list", '["a", "b"]'),
    "names in other columns": ("names.csv", "x,y,z\na,b,c\n", "label_names", "name them so", "id,name\na,A\nb,B\n"),
    "names of one id twice": ("names.csv", "id,name\na,A\na,B\nb,C\n", "label_names", "remove one", "id,name\na,A\nb,C\n"),
    "names that are not there": (None, "", "label_names", "check the path", "a\nb\n"),
}  # fmt: skip


def refused(source, arguments):
    """The one line that refuses; None where the table is read."""
    try:
        ls.read(source, **arguments)
    except DataError as error:
        line = str(error)
    else:
        return None
    assert re.fullmatch(r"[^\n]+: expected [^\n]+; [^\n]+", line), f"no advice, or several lines: {line}"
    return line


def put(folder, name, content):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / (name.partition("/")[0])


@pytest.mark.parametrize("case", FILES.values(), ids=FILES)
def test_the_advice_about_a_file_leads_on(tmp_path, case):
    name, content, arguments, advice, then = case
    path = put(tmp_path, name, content)
    line = refused(path, arguments)
    assert line is not None
    assert advice in line
    if then is not None:
        path = path if isinstance(then, dict) else put(tmp_path, name, then)
        assert refused(path, then if isinstance(then, dict) else arguments) is None


@pytest.mark.parametrize("case", BESIDE.values(), ids=BESIDE)
def test_the_advice_about_what_comes_beside_a_table_leads_on(tmp_path, case):
    name, content, role, advice, then = case
    table = put(tmp_path, "table.csv", CSV)
    path = tmp_path / "names.txt" if name is None else put(tmp_path, name, content)
    line = refused(table, {"labels": "labels", "id": "id", role: path})
    assert line is not None
    assert advice in line
    if then is not None:
        put(tmp_path, path.name, then)
        assert refused(table, {"labels": "labels", "id": "id", role: path}) is None


def test_the_advice_about_folders_and_patterns_leads_on(tmp_path):
    line = refused(tmp_path, {"labels": "labels"})
    assert f"name them, as '{tmp_path}/*/*.csv'" in line
    (tmp_path / "inner").mkdir()
    put(tmp_path / "inner", "a.csv", CSV)
    assert refused(f"{tmp_path}/*/*.csv", {"labels": "labels"}) is None
    put(tmp_path, "a.csv", CSV)
    put(tmp_path, "b.jsonl", '{"labels": ["a"]}\n')
    line = refused(tmp_path, {"labels": "labels"})
    pattern = re.search(r"name them, as '([^']+)'", line)[1]
    assert refused(pattern, {"labels": "labels"}) is None
    assert "check it" in refused(f"{tmp_path}/*.tsv", {"labels": "labels"})


@pytest.mark.parametrize(
    ("cells", "advice"),
    [
        ([{"bytes": b"x", "path": "p"}] * 2, "name another"),
        ([[b"a"]], "name another"),
        ([b"a"], "name another"),
        (pl.Series([[1]]).cast(pl.List(pl.Duration)), "name another"),
    ],
)
def test_a_column_of_bytes_is_no_column_of_labels(cells, advice):
    table = pl.DataFrame({"image": cells, "labels": [["a"]] * len(cells)})
    assert advice in refused(table, {"labels": "image"})
    assert refused(table, {"labels": "labels"}) is None
