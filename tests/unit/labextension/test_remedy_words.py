"""The buttons of the import page say in words what a way out does."""

from __future__ import annotations

import pytest

from labelscope.labextension.remedy_words import remedy_words

WORDS = [
    ({"labels_format": "plus_minus_one"}, "-1 means that the label is absent"),
    ({"labels_format": "records:name"}, "The labels are under 'name'"),
    ({"labels_format": "scores:0.3"}, "Numbers from 0.3 on mean yes"),
    ({"labels_format": "json"}, "They are written as json"),
    ({"labels_delimiter": ""}, "Each cell is one label"),
    ({"labels_delimiter": "::"}, "Split at '::'"),
    ({"id": "image", "labels_format": "long"}, "Join the rows of each 'image': each row is one label"),
    ({"id": "c", "rater": "annotator"}, "Join the rows of each 'c': 'annotator' says who gave the labels"),
    ({"rater": ["a", "b"], "label_names": ["positive"]}, "Each column is what one rater says, about 'positive'"),
    ({"labels": "labels", "columns": ["labels", "column_2"]}, "The first line is a record, not the names"),
    ({"missing": ["-"]}, "'-' means that nothing is known"),
    ({"missing": []}, "It is a label"),
    ({"empty": ["None of the above"]}, "'None of the above' means that no label applies"),
    ({"label_names": ["a", "b", "c", "d"]}, "The labels are 'a', 'b', 'c' and 1 more"),
    ({"id": "key"}, "Read it so: id 'key'"),
]


@pytest.mark.parametrize(("arguments", "words"), WORDS)
def test_a_way_out_says_what_it_means(arguments, words):
    assert remedy_words(arguments) == words
