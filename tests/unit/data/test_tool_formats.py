"""Files as annotation tools and libraries write them: read, one cell edited, and nothing else changed."""

from __future__ import annotations

import gzip
import json
from contextlib import closing

import polars as pl
import pytest

import labelscope as ls
from labelscope.errors import DataError, LabelscopeWarning
from labelscope.export.corrected import export_labels


def export(ds, path, item, label, state, before=0):
    changes = pl.DataFrame({"item_id": [item], "label": [label], "before": [before], "after": [state]})
    export_labels(ds, changes, path)
    return path.read_bytes()


def given(tmp_path, name, content):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path / name


def states(ds):
    return dict(zip(ds.label_names, ds.labels.dense().T.tolist(), strict=True))


ARRAY = '[\n  {"id": 7, "tags": ["é", "b"],  "x": 1.0},\n  {"id": 8, "tags": []}\n]\n'


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_json_array_is_read_and_edited_in_place(tmp_path, wrapped):
    text = '{"version": 2, "data": ' + ARRAY.strip() + "}" if wrapped else ARRAY
    ds = ls.read(given(tmp_path, "in.json", text), labels="tags", id="id")
    assert states(ds) == {"b": [1, 0], "é": [1, 0]}
    assert export(ds, tmp_path / "out.json", 8, "b", 1).decode() == text.replace('"tags": []', '"tags": ["b"]')
    assert states(ls.read(tmp_path / "out.json", labels="tags", id="id")) == {"b": [1, 1], "é": [1, 0]}


def test_a_json_array_with_a_byte_order_mark_keeps_it(tmp_path):
    ds = ls.read(given(tmp_path, "in.json", "\ufeff" + ARRAY), labels="tags", id="id")
    assert export(ds, tmp_path / "out.json", 8, "b", 1).decode() == "\ufeff" + ARRAY.replace('"tags": []', '"tags": ["b"]')


def test_a_json_array_goes_to_json_lines_and_back(tmp_path):
    ds = ls.read(given(tmp_path, "in.json", ARRAY), labels="tags", id="id")
    lines = export(ds, tmp_path / "out.jsonl", 8, "b", 1).decode().splitlines()
    assert [json.loads(line)["tags"] for line in lines] == [["é", "b"], ["b"]]
    again = ls.read(tmp_path / "out.jsonl", labels="tags", id="id")
    assert json.loads(export(again, tmp_path / "again.json", 8, "é", 1))[1]["tags"] == ["b", "é"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"a": 1}, {"a": ', "expected a complete JSON file"),
        ('{"a": {"0": "x"}, "b": {"0": "y"}}', "expected an array of objects, one an item, got an object with the keys 'a', 'b'"),
        ("[1, 2]", "expected an array of objects"),
        ("3", "expected an array of objects, one an item, got int"),
        ("[" * 100_000, "nested too deep"),
        ("", "expected a complete JSON file"),
    ],
)
def test_json_that_is_no_table_is_one_line(tmp_path, content, message):
    with pytest.raises(DataError, match=message) as refused:
        ls.read(given(tmp_path, "in.json", content), labels="a")
    assert "\n" not in str(refused.value)


def test_json_lines_under_the_name_of_json_are_read_and_stay_lines(tmp_path):
    text = '{"id": 1, "labels": ["a"]}\n{"id": 2, "labels": ["b"]}\n'
    ds = ls.read(given(tmp_path, "in.json", text), labels="labels", id="id")
    assert export(ds, tmp_path / "out.json", 2, "a", 1).decode() == text.replace('["b"]', '["b", "a"]')


CATS = '{"text": "x", "cats": {"A": 1.0, "B": 0.0}}\n{"text": "y", "cats": {"B": 1.0, "A": 0.0}, "meta": {"k":  1}}\n'


def test_scores_of_spacy_keep_their_order_and_their_kind_of_number(tmp_path):
    ds = ls.read(given(tmp_path, "in.jsonl", CATS), labels="cats", text="text")
    assert states(ds) == {"A": [1, 0], "B": [0, 1]}
    assert export(ds, tmp_path / "out.jsonl", 1, "A", 1).decode() == CATS.replace('"B": 1.0, "A": 0.0', '"B": 1.0, "A": 1.0')


def test_prodigy_tasks_that_were_not_accepted_say_nothing_until_somebody_decides(tmp_path):
    lines = [{"text": "t", "accept": ["a"], "_task_hash": k, "answer": answer} for k, answer in enumerate(["accept", "reject", "ignore"])]
    text = "".join(json.dumps(line) + "\n" for line in [*lines, {**lines[0], "accept": ["b"]}])
    ds = ls.read(given(tmp_path, "in.jsonl", text), labels="accept", text="text")
    assert states(ds) == {"a": [1, -1, -1, 0], "b": [0, -1, -1, 1]}
    written = [json.loads(line) for line in export(ds, tmp_path / "out.jsonl", 1, "b", 1, before=-1).decode().splitlines()]
    assert written[1]["accept"] == ["b"]
    assert written[1]["answer"] == "accept"
    assert written[2] == lines[2]
    assert states(ls.read(tmp_path / "out.jsonl", labels="accept", text="text"))["b"] == [0, 1, -1, 1]


@pytest.fixture
def questions(tmp_path):
    asked = [("ECON", "accept"), ('"x" y', "reject"), ("ECON", "ignore"), ('"x" y', "accept"), ("ECON", "reject")]
    lines = [{"text": f"t{k}", "_task_hash": k, "label": label, "answer": answer} for k, (label, answer) in enumerate(asked)]
    return given(tmp_path, "in.jsonl", "".join(json.dumps(line) + "\n" for line in lines))


def test_a_rejected_task_of_prodigy_that_asks_about_one_label_says_that_it_is_absent(questions):
    ds = ls.read(questions, labels="label", text="text")
    assert states(ds) == {"ECON": [1, -1, -1, -1, 0], '"x" y': [-1, 0, -1, 1, -1]}


def test_answers_to_the_questions_of_prodigy_are_written_as_answers(questions, tmp_path):
    ds = ls.read(questions, labels="label", text="text")
    with closing(ls.Session(ds, ledger=tmp_path / "l.sqlite")) as session:
        session.edit_all([(0, "ECON", 0), (1, '"x" y', 1), (2, "ECON", 1), (3, '"x" y', -1)])
        session.export(tmp_path / "out.jsonl")
        before, after = (path.read_text("utf-8").splitlines() for path in (questions, tmp_path / "out.jsonl"))
        answers = [("accept", "reject"), ("reject", "accept"), ("ignore", "accept"), ("accept", "ignore"), ("reject", "reject")]
        assert after == [line.replace(*map(json.dumps, pair)) for line, pair in zip(before, answers, strict=True)]
        session.edit(4, '"x" y', 1)
        with pytest.raises(DataError, match=r"in a task about 'ECON'; export to .parquet"):
            session.export(tmp_path / "other.jsonl")
        session.export(tmp_path / "other.parquet")
    assert states(ls.read(tmp_path / "other.parquet", labels="label"))['"x" y'][4] == 1


FIFTYONE = '{"classes": ["cat", "dog", "ö"],\n "labels": {"0ö1": [0, 2], "002": 1, "003": [], "004": null}}'


def test_fiftyone_has_ids_names_and_unknown_images(tmp_path):
    ds = ls.read(given(tmp_path, "labels.json", FIFTYONE), labels="labels")
    assert ds.item_ids.to_list() == ["0ö1", "002", "003", "004"]
    assert states(ds) == {"cat": [1, 0, 0, -1], "dog": [0, 1, 0, -1], "ö": [1, 0, 0, -1]}
    assert export(ds, tmp_path / "a.json", "003", "dog", 1).decode() == FIFTYONE.replace('"003": []', '"003": [1]')
    assert export(ds, tmp_path / "b.json", "002", "cat", 1).decode() == FIFTYONE.replace('"002": 1', '"002": [1, 0]')


def test_a_new_label_becomes_a_class_of_fiftyone(tmp_path):
    session = ls.Session(ls.read(given(tmp_path, "labels.json", FIFTYONE), labels="labels"), ledger=tmp_path / "ledger.sqlite")
    session.apply(ls.LabelEdit.new("owl", ["003"]))
    session.export(tmp_path / "out.json")
    expected = FIFTYONE.replace('"ö"],', '"ö", "owl"],').replace('"003": []', '"003": [3]')
    assert (tmp_path / "out.json").read_text("utf-8") == expected
    assert states(ls.read(tmp_path / "out.json", labels="labels"))["owl"] == [0, 0, 1, -1]


def test_fiftyone_with_confidences_is_refused(tmp_path):
    with pytest.raises(DataError, match="expected positions in classes"):
        ls.read(given(tmp_path, "l.json", '{"classes": ["a"], "labels": {"x": {"label": "a", "confidence": 0.5}}}'), labels="labels")


def studio(*annotations):
    def result(choices, control="topics"):
        return {"type": "choices", "from_name": control, "to_name": "text", "value": {"choices": choices}}

    made = [{"result": [result(one)] if one is not None else [], **more} for one, more in annotations]
    return {"id": len(annotations), "data": {"text": "some text"}, "annotations": made}


def test_label_studio_counts_what_most_annotations_say(tmp_path):
    tasks = [
        studio((["a", "b"], {})),
        studio((["a"], {}), (["a"], {})),
        studio((["a"], {}), (["b"], {})),
        studio((["a"], {"was_cancelled": True}), (["b"], {})),
        studio((["a"], {"ground_truth": True}), (["b"], {})),
        studio((None, {})),
        studio(),
    ]
    path = given(tmp_path, "in.json", json.dumps(tasks, indent=1))
    with pytest.warns(LabelscopeWarning, match="1 item is unknown, because as many answers about 'topics'"):
        ds = ls.read(path, labels="topics", text="text")
    assert states(ds) == {"a": [1, 1, -1, 0, 1, 0, -1], "b": [1, 0, -1, 1, 0, 0, -1]}
    assert ds.items["text"][0] == "some text"
    written = json.loads(export(ds, tmp_path / "out.json", 1, "b", 1))
    assert [one["result"][0]["value"]["choices"] for one in written[1]["annotations"]] == [["a", "b"], ["a", "b"]]
    assert written[:1] + written[2:] == tasks[:1] + tasks[2:]
    for item in (5, 6):  # a task with no result yet, and one with no annotation
        export(ds, tmp_path / f"{item}.json", item, "a", 1, before=0 if item == 5 else -1)
        with pytest.warns(LabelscopeWarning, match="as many answers"):
            again = ls.read(tmp_path / f"{item}.json", labels="topics", text="text")
        assert states(again)["a"][item] == 1
        assert json.loads((tmp_path / f"{item}.json").read_text())[:5] == tasks[:5]


def test_label_studio_keeps_the_annotations_of_several_people_as_votes(tmp_path):
    people = [{"completed_by": 7}, {"completed_by": {"id": 8, "email": "bo@x.org"}}, {}]
    tasks = [
        studio((["a"], people[0]), (["a", "b"], people[1]), (["a", "c"], people[2])),
        studio((["b"], people[0]), (["b"], people[1]), (["c"], people[2])),
        studio((["a"], people[0])),
    ]
    ds = ls.read(given(tmp_path, "in.json", json.dumps(tasks)), labels="topics", text="text")
    assert states(ds) == {"a": [1, 0, 1], "b": [0, 1, 0], "c": [0, 0, 0]}
    assert ds.votes.rater_names == ("7", "annotation 3", "bo@x.org")
    assert ds.votes.frame.height == 7 * 3
    assert ds.votes.frame.filter(pl.col("item") == 0, pl.col("value") == 1)["label"].sort().to_list() == [0, 0, 0, 1, 2]
    written = json.loads(export(ds, tmp_path / "out.json", 2, "b", 1))
    assert written[:2] == tasks[:2]
    assert ls.inspect(tmp_path / "in.json", labels="topics").readings["n_positive"][0] == 3


def test_coco_is_read_as_labels_of_images_and_written_elsewhere(tmp_path):
    document = {
        "images": [{"id": 5, "file_name": "a.jpg", "width": 3}, {"id": 3, "file_name": "b.jpg", "width": 4}],
        "annotations": [{"id": k, "image_id": 5, "category_id": c, "bbox": [0, 0, 1, 1]} for k, c in enumerate([2, 1, 2])],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
    }
    ds = ls.read(given(tmp_path, "in.json", json.dumps(document)), labels="labels")
    assert ds.item_ids.to_list() == [5, 3]
    assert states(ds) == {"cat": [1, 0], "dog": [1, 0]}
    assert ds.items["file_name"].to_list() == ["a.jpg", "b.jpg"]
    with pytest.raises(DataError, match=r"export to \.jsonl or \.parquet"):
        export(ds, tmp_path / "out.json", 3, "cat", 1)
    assert json.loads(export(ds, tmp_path / "out.jsonl", 3, "cat", 1).splitlines()[1])["labels"] == ["cat"]


ARFF = """% a comment
@RELATION 'some data: -C -2'

@attribute 'a feature' NUMERIC
@attribute colour {red,'light green'}
@attribute cat {0,1}
@ATTRIBUTE "big dog" {0, 1}
@DATA
1.50,red,0,1
% in between
?,'light green', 1 ,0

{0 2, 3 1}
{}
"""


@pytest.mark.parametrize("labels", ["labels", ["cat", "big dog"]])
def test_arff_is_read_and_edited_in_place(tmp_path, labels):
    ds = ls.read(given(tmp_path, "in.arff", ARFF), labels=labels)
    assert states(ds) == {"cat": [0, 1, 0, 0], "big dog": [1, 0, 1, 0]}
    assert ds.items["a feature"].to_list() == [1.5, None, 2.0, 0.0]
    assert ds.items["colour"].to_list() == ["red", "light green", "red", "red"]
    assert export(ds, tmp_path / "a.arff", 1, "cat", 0, before=1).decode() == ARFF.replace(" 1 ,0", " 0 ,0")
    assert export(ds, tmp_path / "b.arff", 2, "cat", 1).decode() == ARFF.replace("{0 2, 3 1}", "{0 2,2 1,3 1}")
    assert export(ds, tmp_path / "c.arff", 3, "big dog", 1).decode() == ARFF.replace("{}", "{3 1}")


def test_the_xml_of_mulan_names_the_labels(tmp_path):
    given(tmp_path, "in.arff", ARFF.replace(": -C -2", ""))
    given(tmp_path, "in.xml", '<?xml version="1.0"?><labels xmlns="x"><label name="big dog"></label><label name=\'cat\'/></labels>')
    assert ls.read(tmp_path / "in.arff", labels="labels").label_names == ("big dog", "cat")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@DATA", "", "expected @attribute, @data or a comment in the header, got line 9"),
        ("1.50,red,0,1", "1.50,red,0", r"expected 4 values a row \(one an @attribute\), got 3 in line 9"),
        ("{0 2, 3 1}", "{0 2, 9 1}", "in line 13"),
        ("{0 2, 3 1}", "{0 2, 3 1", "no closing brace"),
        ("{0 2, 3 1}", "{2, 3 1}", "no number and value"),
        ('"big dog"', "cat", "'cat' twice"),
    ],
)
def test_a_broken_arff_names_the_line(tmp_path, old, new, message):
    with pytest.raises(DataError, match=message):
        ls.read(given(tmp_path, "in.arff", ARFF.replace(old, new)), labels=["cat"])


XMC = "4 8 5\n0,3 0:0.5 7:1e-3\n 1:1.0\n4 2:0.25  \n2\n"


def test_xmc_is_read_and_edited_in_place(tmp_path):
    ds = ls.read(given(tmp_path, "in.txt", XMC), labels="labels")
    assert states(ds) == {"0": [1, 0, 0, 0], "2": [0, 0, 0, 1], "3": [1, 0, 0, 0], "4": [0, 0, 1, 0]}
    assert export(ds, tmp_path / "a.txt", 1, "3", 1).decode() == XMC.replace("\n 1:1.0", "\n3 1:1.0")
    assert export(ds, tmp_path / "b.txt", 2, "4", 0, before=1).decode() == XMC.replace("\n4 2:", "\n 2:")


def test_libsvm_without_a_first_line_is_read(tmp_path):
    text = "0,1 1:0.5\n1 2:1 # a comment\n"
    assert states(ls.read(given(tmp_path, "in.libsvm", text), labels="labels")) == {"0": [1, 0], "1": [1, 1]}
    assert states(ls.read(given(tmp_path, "in.dat", text), labels="labels", format="xmc")) == {"0": [1, 0], "1": [1, 1]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (XMC.replace("4 8 5", "5 8 5"), r"expected 5 rows, as the first line says, got 4"),
        (XMC.replace("0,3", "0;3"), "something else in line 2"),
        (XMC.replace("0,3", "-1,3"), "something else in line 2"),
        ("some text\n", "rename it or name its format, as format='csv'"),
    ],
)
def test_text_that_is_not_xmc_is_one_line(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        ls.read(given(tmp_path, "in.txt", content), labels="labels")


def test_several_files_are_one_table(tmp_path):
    (tmp_path / "shards").mkdir()
    for k in range(3):
        pl.DataFrame({"item_id": [2 * k, 2 * k + 1], "labels": [["a"], ["b"] * (k % 2)]}).write_parquet(
            tmp_path / "shards" / f"{k}.parquet"
        )
    for path in (tmp_path / "shards", str(tmp_path / "shards" / "*.parquet"), str(tmp_path / "shards" / "[0-2].parquet")):
        ds = ls.read(path, labels="labels")
        assert ds.item_ids.to_list() == list(range(6))
        assert states(ds)["b"] == [0, 0, 0, 1, 0, 0]
    export(ds, tmp_path / "out.parquet", 5, "a", 1)
    assert pl.read_parquet(tmp_path / "out.parquet")["labels"].to_list()[5] == ["a"]
    with pytest.raises(DataError, match="the input is never overwritten"):
        export(ds, tmp_path / "shards" / "1.parquet", 5, "a", 1)
    pl.DataFrame({"item_id": [9], "other": [["a"]]}).write_parquet(tmp_path / "shards" / "9.parquet")
    with pytest.raises(DataError, match=r"9\.parquet: expected the columns of 0\.parquet"):
        ls.read(tmp_path / "shards", labels="labels")
    (tmp_path / "shards" / "x.csv").write_text("a\n")
    with pytest.raises(DataError, match="got files of the formats csv, parquet"):
        ls.read(tmp_path / "shards", labels="labels")
    with pytest.raises(DataError, match="expected files that the pattern"):
        ls.read(str(tmp_path / "*.arrow"), labels="labels")


def answer(labels, status="submitted"):
    return {"value": labels, "user_id": "5e0", "status": status}


RECORDS = {
    "nested": lambda answers: {"id": 1, "fields": {"text": "t"}, "responses": {"q": answers} if answers else {}, "suggestions": {}},
    "plain": lambda answers: {"text": "t", "q": answers},
    "flat": lambda answers: {"text": "t", "q": [one["value"] for one in answers], "q.status": [one["status"] for one in answers]},
}


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("shape", sorted(RECORDS))
def test_argilla_counts_what_most_submitted_answers_say(tmp_path, shape, lines):
    answers = [
        [answer(["a"]), answer(["a"])],
        [answer(["a"]), answer(["b"])],
        [answer(["a"], "draft"), answer(["b", "a"])],
        [answer(["a"], "discarded")],
        [],
    ]
    records = [RECORDS[shape](one) for one in answers]
    text = "".join(json.dumps(record) + "\n" for record in records) if lines else json.dumps(records)
    path = given(tmp_path, "in.jsonl" if lines else "in.json", text)
    with pytest.warns(LabelscopeWarning, match="1 item is unknown, because as many answers about 'q'"):
        ds = ls.read(path, labels="q", text="text")
    assert states(ds) == {"a": [1, -1, 1, -1, -1], "b": [0, -1, 1, -1, -1]}
    for item, before in ((0, 0), (4, -1)):  # one that has answers, and one that has none
        out = export(ds, tmp_path / f"out{item}{path.suffix}", item, "b", 1, before=before).decode()
        written = [json.loads(line) for line in out.splitlines()] if lines else json.loads(out)
        assert written[:item] + written[item + 1 :] == records[:item] + records[item + 1 :]
        with pytest.warns(LabelscopeWarning, match="as many answers"):
            assert states(ls.read(tmp_path / f"out{item}{path.suffix}", labels="q", text="text"))["b"][item] == 1


def manifest_line(ids, names):
    metadata = {"class-map": {str(k): names[k] for k in ids}, "confidence-map": {}, "human-annotated": "yes"}
    return json.dumps({"source-ref": "s3://b/1.jpg", "topics": ids, "topics-metadata": metadata})


def test_a_manifest_of_sagemaker_has_its_class_names_and_names_an_added_class(tmp_path):
    names = {0: "cat", 2: "dog", 11: "owl"}
    lines = [manifest_line([0, 2], names), manifest_line([11], names), manifest_line([], names)]
    ds = ls.read(given(tmp_path, "in.manifest", "\n".join(lines) + "\n"), labels="topics")
    assert states(ds) == {"cat": [1, 0, 0], "dog": [1, 0, 0], "owl": [0, 1, 0]}
    written = export(ds, tmp_path / "out.manifest", 1, "dog", 1).decode().splitlines()
    assert written[::2] == lines[::2]
    assert json.loads(written[1])["topics"] == [11, 2]
    assert json.loads(written[1])["topics-metadata"]["class-map"] == {"11": "owl", "2": "dog"}
    assert states(ls.read(tmp_path / "out.manifest", labels="topics"))["dog"] == [1, 1, 0]


def test_a_manifest_whose_class_maps_differ_is_refused(tmp_path):
    lines = [manifest_line([0], {0: "cat"}), manifest_line([0], {0: "dog"})]
    with pytest.raises(DataError, match=r"expected one name for the class 0 of 'topics', got 'cat' and 'dog' \(line 2\)"):
        ls.read(given(tmp_path, "in.manifest", "\n".join(lines)), labels="topics")


VOC = """<annotation><folder>VOC</folder><filename>{k}.jpg</filename><size><width>30</width><height>20</height></size>
{objects}</annotation>"""


def voc(tmp_path, *images):
    (tmp_path / "voc").mkdir()
    for k, labels in enumerate(images):
        objects = "".join(f"<object><name>{label}</name><part><name>head</name></part></object>" for label in labels)
        (tmp_path / "voc" / f"{k}.xml").write_text(VOC.format(k=k, objects=objects))
    return tmp_path / "voc"


def test_pascal_voc_is_read_as_labels_of_images(tmp_path):
    ds = ls.read(voc(tmp_path, ["cat", "dog", "cat"], [], ["dog"]), labels="labels")
    assert states(ds) == {"cat": [1, 0, 0], "dog": [1, 0, 1]}
    assert ds.item_ids.to_list() == ["0", "1", "2"]
    assert ds.items["filename"].to_list() == ["0.jpg", "1.jpg", "2.jpg"]
    assert json.loads(export(ds, tmp_path / "out.jsonl", "1", "cat", 1).splitlines()[1])["labels"] == ["cat"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotation><object>", r"0\.xml: expected an annotation of Pascal VOC, got broken XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><annotation>&a;</annotation>', "a document with a DOCTYPE"),
    ],
)
def test_broken_voc_names_the_file(tmp_path, text, message):
    folder = voc(tmp_path, ["cat"])
    (folder / "0.xml").write_text(text)
    with pytest.raises(DataError, match=message):
        ls.read(folder, labels="labels")


def test_one_label_alone_stays_alone_and_two_become_a_list(tmp_path):
    text = '{"id": 1, "tags": "é"}\n{"id": 2, "tags": ["b"]}\n{"id": 3, "tags": []}\n{"id": 4, "tags": null}\n'
    ds = ls.read(given(tmp_path, "in.jsonl", text), labels="tags", id="id")
    assert states(ds) == {"b": [0, 1, 0, -1], "é": [1, 0, 0, -1]}
    assert export(ds, tmp_path / "a.jsonl", 1, "b", 1).decode() == text.replace('"é"', '["é", "b"]')
    assert export(ds, tmp_path / "b.jsonl", 1, "é", 0, before=1).decode() == text.replace('"é"', "[]")
    assert export(ds, tmp_path / "c.jsonl", 2, "é", 1).decode() == text.replace('["b"]', '["b", "é"]')


def test_named_ids_are_no_vectors(tmp_path):
    text = '{"classes": ["cat", "dog"], "labels": {"a": [0, 1], "b": [1, 0], "c": [1, 0]}}'
    assert states(ls.read(given(tmp_path, "l.json", text), labels="labels")) == {"cat": [1, 1, 1], "dog": [1, 1, 1]}


def test_answers_without_a_value_are_none(tmp_path):
    records = [RECORDS["nested"]([answer(["a"])]), {"id": 2, "fields": {}, "responses": {"q": [{"status": "submitted"}]}}]
    records.append({"id": 3, "fields": {}, "responses": {"q": None}})
    ds = ls.read(given(tmp_path, "in.json", json.dumps(records)), labels="q")
    assert states(ds) == {"a": [1, -1, -1]}
    for item in (1, 2):
        export(ds, tmp_path / "out.json", item, "a", 1, before=-1)
        assert states(ls.read(tmp_path / "out.json", labels="q"))["a"][item] == 1


def test_a_packed_table_is_inspected_unpacked(tmp_path):
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress(b"id,labels\n1,a;b\n2,b\n3,a;b\n"))
    found = ls.inspect(tmp_path / "in.csv.gz", labels="labels")
    assert found.readings.filter("chosen")["n_labels"].to_list() == [2]


SPANS = [[[0, 6, "PER"], [16, 22, "LOC"]], [[0, 6, "LOC"]], [], [[0, 1, "PER"], [2, 3, "PER"]]]
SPAN_SHAPES = {
    "doccano": lambda spans: {"label": spans},
    "doccano with ids": lambda spans: {"label": [{"id": a, "label": name, "start_offset": a, "end_offset": b} for a, b, name in spans]},
    "prodigy": lambda spans: {"label": [{"start": a, "end": b, "label": name} for a, b, name in spans], "_task_hash": 1},
}


@pytest.mark.parametrize("shape", sorted(SPAN_SHAPES))
def test_an_item_has_the_labels_of_its_spans_and_keeps_the_spans_of_the_others(tmp_path, shape):
    lines = [json.dumps({"id": k, "text": "Berlin is not in Berlin", **SPAN_SHAPES[shape](spans)}) for k, spans in enumerate(SPANS)]
    path = given(tmp_path, "in.jsonl", "\n".join(lines) + "\n")
    with pytest.warns(LabelscopeWarning, match="cannot place one that comes: the changes file says it"):
        ds = ls.read(path, labels="label", text="text", id="id")
    assert states(ds) == {"LOC": [1, 1, 0, 0], "PER": [1, 0, 0, 1]}
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite", reviewer="ann")
    for item, label, state in ((0, "LOC", 0), (2, "PER", 1), (3, "LOC", 1)):
        session.edit(item, label, state)
    done = session.export(tmp_path / "out.jsonl")
    session.close()
    assert done.unwritten.select("item_id", "label").rows() == [(2, "PER"), (3, "LOC")]
    written = (tmp_path / "out.jsonl").read_text().splitlines()
    assert written[1:] == lines[1:]
    assert [span["label"] if isinstance(span, dict) else span[2] for span in json.loads(written[0])["label"]] == ["PER"]


def test_tags_of_tokens_and_answers_of_annotators_are_no_labels_in_silence():
    tags = pl.DataFrame({"tags": [["B-PER", "O"], ["O", "O"], ["B-LOC", "I-LOC"]]})
    with pytest.raises(ls.DataError, match=r"'B-LOC', the tag of a token.*labels_format='list'"):
        ls.read(tags, labels="tags")
    said = [[{"annotator": "r1", "label": "a"}, {"annotator": "r2", "label": "ab"[k % 2]}] for k in range(6)]
    with pytest.raises(ls.DataError, match=r"what several 'annotator' say each.*pass labels_format='records:label'"):
        ls.read(pl.DataFrame({"said": said}), labels="said")
    twice = pl.DataFrame({"labels": [["a", "a"], ["a", "b"], ["b", "b"]]})
    with pytest.warns(LabelscopeWarning, match=r"'a' is listed more than once in a cell of 'labels' and counts once \(so in 2 cells"):
        ls.read(twice, labels="labels")
