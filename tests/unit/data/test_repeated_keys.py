"""A key twice in one object of JSON: no reader may pick one of its values in silence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import labelscope as ls
from labelscope.data.repeated_keys import repeated_key

FIRST = '{"id": 1, "note": "x", "labels": ["a"]}'


@pytest.mark.parametrize(
    "other",
    [
        '{"id": 2, "note": "x", "labels": ["a"], "labels": ["b"]}',
        '{"id": 2, "labels": ["a"], "labels": ["b"]}',
        '{"id": 2, "labels": ["a"], "l\\u0061bels": ["b"]}',
        '{"id": 2, "labels": ["a"], "labels": null}',
        '{"id": 2, "labels": null, "labels" : ["a"]}',
        '{"id": 2, "note": "x", "labels": ["a"], "note": "y"}',
    ],
)
@pytest.mark.parametrize(("name", "form"), [("t.jsonl", "{}\n{}\n"), ("t.json", "[{},\n{}]"), ("k.json", '{{"items": [{}, {}]}}')])
def test_an_object_with_a_key_twice_is_refused(tmp_path: Path, other: str, name: str, form: str) -> None:
    table = tmp_path / name
    table.write_text(form.format(FIRST, other))
    with pytest.raises(ls.DataError, match=re.escape(f"{name}: expected each key once in an object, got '")):
        ls.read(table, labels="labels")


def test_the_line_of_a_repeated_key_is_named_where_it_is_deep_inside(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text('{"id": 1, "labels": [{"name": "a"}]}\n\n{"id": 2, "labels": [{"name": "a", "name": "b"}]}\n')
    with pytest.raises(ls.DataError, match="got 'name' twice in line 3"):
        ls.read(table, labels="labels")


@pytest.mark.parametrize(
    ("usual", "other", "key"),
    [
        ('{"cat": 1, "dog": 0}', '{"cat": 1, "cat": 0}', "cat"),
        ("{'cat': 1, 'dog': 0}", "{'cat': 1, 'cat': 0}", "cat"),
        ('[{"name": "a", "id": 1}]', '[{"name": "a", "name": "b", "id": 1}]', "name"),
        ('{"choices": ["a"]}', '{"choices": ["a"], "choices": ["b"]}', "choices"),
    ],
)
@pytest.mark.parametrize("at", [0, 5])
def test_a_cell_of_labels_with_a_key_twice_is_refused(usual: str, other: str, key: str, at: int) -> None:
    cells = [usual] * 5
    cells.insert(at, other)
    with pytest.raises(ls.DataError, match=f"in 'labels', got '{key}' twice in row {at}"):
        ls.read(pl.DataFrame({"labels": cells}), labels="labels")


def test_texts_that_are_no_labels_may_say_what_they_like(tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text('{"id": 1, "note": "{\\"a\\": 1, \\"a\\": 2}", "labels": ["a"]}\n{"id": 2, "note": null, "labels": ["b", "\\": n"]}\n')
    assert ls.read(table, labels="labels").label_names == ('": n', "a", "b")


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ('{"a": ["b"], "a": ["c"]}', lambda path: ls.read(pl.DataFrame({"labels": ["a;b;c"]}), labels="labels", taxonomy=path)),
        ('{"1": "x", "1": "y"}', lambda path: ls.read(pl.DataFrame({"labels": ["1"]}), labels="labels", label_names=path)),
        ('{"labelscope_rules": 1, "rules": [{"name": "r", "label": "a", "label": "b", "regex": "x"}]}', ls.read_rules),
    ],
)
def test_what_comes_beside_the_table_has_each_key_once(tmp_path: Path, text: str, use: Callable[[Path], object]) -> None:
    path = tmp_path / "beside.json"
    path.write_text(text)
    with pytest.raises(ls.DataError, match="expected each key once in an object"):
        use(path)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"a": {"b": 1}, "c": {"b": 1}}', "{'a': {'a': 1}}", "[" * 100_000, "{**a}"])
def test_what_has_each_key_once_or_is_no_literal_has_none_twice(text: str) -> None:
    assert repeated_key(text) is None


@pytest.mark.parametrize("labels", [None, "y"])
def test_a_look_names_the_key_too_whoever_chose_the_column(labels: str | None) -> None:
    cells = ['{"a": 1, "b": 0}', '{"a": 1, "a": 0}', '{"a": 1, "b": 1}']
    found = ls.inspect(pl.DataFrame({"id": [1, 2, 3], "y": cells}), labels=labels)
    assert found.refusals == ("labels: expected each key once in an object in 'y', got 'a' twice in row 1; keep the value that is right",)
    assert found.call == ""
