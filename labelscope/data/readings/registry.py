"""The readings there are: one line each."""

from __future__ import annotations

from labelscope.data.readings.bare_lists import ANGLE_TAGS, BARE_LISTS
from labelscope.data.readings.choices import CHOICES
from labelscope.data.readings.encoded_twice import ENCODED_TWICE
from labelscope.data.readings.joined import JOINED
from labelscope.data.readings.json_lists import JSON_LISTS
from labelscope.data.readings.letters import LETTERS
from labelscope.data.readings.lists import LISTS
from labelscope.data.readings.numbered import NUMBERED
from labelscope.data.readings.numpy_text import NUMPY_TEXT
from labelscope.data.readings.postgres_arrays import POSTGRES_ARRAYS
from labelscope.data.readings.prose import PROSE_TEXT
from labelscope.data.readings.python_lists import PYTHON_LISTS
from labelscope.data.readings.quoted import QUOTED
from labelscope.data.readings.r_vectors import R_VECTORS
from labelscope.data.readings.reading import Reading
from labelscope.data.readings.records import NAME_MAPS, RECORDS
from labelscope.data.readings.scores import SCORES
from labelscope.data.readings.single import SINGLE
from labelscope.data.readings.spans import SPANS
from labelscope.data.readings.vectors import VECTORS

__all__ = ["READINGS"]

READINGS: tuple[Reading, ...] = (
    LISTS,
    VECTORS,
    JSON_LISTS,
    ENCODED_TWICE,
    PYTHON_LISTS,
    NUMPY_TEXT,
    R_VECTORS,
    POSTGRES_ARRAYS,
    BARE_LISTS,
    ANGLE_TAGS,
    SCORES,
    CHOICES,
    SPANS,
    RECORDS,
    NAME_MAPS,
    QUOTED,
    LETTERS,
    NUMBERED,
    PROSE_TEXT,
    JOINED,
    SINGLE,
)
