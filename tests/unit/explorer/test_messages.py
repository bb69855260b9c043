import pytest

from labelscope.errors import DataError
from labelscope.explorer.asked_labels import LabelTableAsked
from labelscope.explorer.messages import ASKED, FilterAsked, QueryFilter, RowsAsked, StepAsked, WordsAsked
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request


def test_a_body_is_read_as_its_type_with_what_is_not_said():
    assert Request("1", "select", {"rows": [1, 2]}).read(RowsAsked).rows == [1, 2]
    assert Request("1", "undo", {"blind": True}).read(StepAsked).blind
    assert Request("1", "find", {}).read(WordsAsked).query == ""
    assert Request("1", "filter", {"by": "query", "text": "cat"}).read(FilterAsked) == QueryFilter("cat")


@pytest.mark.parametrize(
    ("kind", "asked", "body", "says"),
    [
        ("select", RowsAsked, {"rows": ["x"]}, "expected rows.* to be int, got str"),
        ("select", RowsAsked, {}, "expected rows, got none"),
        ("undo", StepAsked, {"blind": 1}, "expected blind to be bool, got int"),
        ("find", WordsAsked, {"words": "x"}, "unknown field `words`"),
        ("label_table", LabelTableAsked, {"sort": "x"}, "expected count, rare, name, selected or suggested for sort, got 'x'"),
        ("filter", FilterAsked, {"by": "x"}, "expected one of query, label, suggested, pair, .*, similar or item for by, got 'x'"),
        ("filter", FilterAsked, {"by": "label", "label": 0, "state": 7}, "expected 1, 0 or -1 for state, got 7"),
    ],
)
def test_what_is_wrong_in_a_body_is_one_line(kind, asked, body, says):
    with pytest.raises(DataError, match=f"request {kind}: .*{says}.*; reload the view"):
        Request("1", kind, body).read(asked)


def test_every_answer_has_its_message(board):
    of_the_widget = {"leave", "state", "run", "cancel", "reconsider", "static_view", "groups_find"}
    assert set(answers(board, str)) | of_the_widget == set(ASKED)
