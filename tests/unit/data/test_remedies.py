"""The ways out that a message names, as arguments."""

from __future__ import annotations

import pytest

from labelscope.data.inspection import ARGUMENTS
from labelscope.data.remedies import remedies_of


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pass labels_delimiter=';' or labels_delimiter=''", [{"labels_delimiter": ";"}, {"labels_delimiter": ""}]),
        ("pass id='image' and values='there' to gather them", [{"id": "image", "values": "there"}]),
        ("pass missing=['NA'] if nothing is known, or missing=[] if not", [{"missing": ["NA"]}, {"missing": []}]),
        ("pass label_names=['a, b', \"it's\", '[c]'] if", [{"label_names": ["a, b", "it's", "[c]"]}]),
        ("pass colour='red' or my.id='x' or labels_format=name", []),
        ("got 'x' in labels=[1, 2], and id='unfinished", []),
        ("pass separator='\\t'", [{"separator": "\t"}]),
    ],
)
def test_each_way_out_once_with_what_goes_together(line, found):
    assert remedies_of(line, ARGUMENTS) == found
