import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelscope.errors import DataError
from labelscope.query.grammar import And, Not, Or, Term, evaluate, parse, quoted

MASKS = {"a": np.array([1, 1, 0, 0], bool), "b": np.array([1, 0, 1, 0], bool)}


def items(query):
    return evaluate(parse(query), lambda term: MASKS[term.raw]).tolist()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a", [1, 1, 0, 0]),
        ("a b", [1, 0, 0, 0]),
        ("a AND NOT b", [0, 1, 0, 0]),
        ("not not a", [1, 1, 0, 0]),
        ("a or b", [1, 1, 1, 0]),
        ("NOT a OR b", [1, 0, 1, 1]),  # NOT before OR
        ("NOT (a OR b)", [0, 0, 0, 1]),
        ("a OR b AND NOT a", [1, 1, 1, 0]),  # AND before OR
        ("(a OR b) AND NOT a", [0, 0, 1, 0]),
    ],
)
def test_operators_bind_as_in_logic(query, expected):
    assert items(query) == [bool(value) for value in expected]


@pytest.mark.parametrize(
    ("query", "field", "op", "value"),
    [
        ("joy:?", "joy", ":", "?"),
        ('"New York":no', "New York", ":", "no"),
        ('text:"a b"', "text", ":", "a b"),
        ("joy>=0.8", "joy", ">=", "0.8"),
        ('"not"', "not", "", ""),
        (r'"say \"hi\""', 'say "hi"', "", ""),
        ("time:10:30", "time", ":", "10:30"),
        ("odd:", "odd:", "", ""),
    ],
)
def test_terms(query, field, op, value):
    term = parse(query)
    assert (term.field, term.op, term.value) == (field, op, value)


@pytest.mark.parametrize("query", ["", "  ", "a AND", "OR a", "(a", "a)", "()", 'text:"open', "NOT", "a AND AND b", "(" * 100 + "a"])
def test_what_cannot_be_read_is_one_line(query):
    with pytest.raises(DataError, match=r"^filter: .*expected") as error:
        parse(query)
    assert "\n" not in str(error.value)


@given(st.text(min_size=1).filter(lambda name: name.strip()))
def test_any_name_survives_quoting(name):
    assert parse(quoted(name)).raw == name


names = st.sampled_from(["a", "b"]).map(lambda name: Term(name, name))
trees = st.recursive(names, lambda of: st.one_of(st.builds(Not, of), st.builds(And, of, of), st.builds(Or, of, of)), max_leaves=8)


def written(node):
    match node:
        case Term():
            return node.raw
        case Not(child):
            return f"NOT ({written(child)})"
        case And(left, right):
            return f"({written(left)}) AND ({written(right)})"
        case Or(left, right):
            return f"({written(left)}) OR ({written(right)})"


@given(trees)
def test_a_written_tree_is_read_back(tree):
    assert parse(written(tree)) == tree
