"""What columns, and keys of objects, are called that name raters, or that hold what one rater says."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["called_raters", "names_raters", "stem_of"]

NAMES = re.compile(r"(?i)(?:^|_)(?:rater|annotator|coder|worker|labell?er|judge|reviewer|crowd_?worker|user)(?:_?(?:id|name))?$")
NUMBER = re.compile(r"[\s_.-]*(?:\d+|[A-Da-d])$")
RATERS = re.compile(
    r"(?i)(?:^|[\s_.-])(?:rater|annotator|ann(?:ot?)?|annotation|coder|worker|labell?er|judge|reviewer|expert|person|assessor)s?$"
)


def names_raters(name: str) -> bool:
    """Whether something is called as a column is that names the rater of each row.

    Examples
    --------
    >>> names_raters("worker_id"), names_raters("work")
    (True, False)
    """
    return NAMES.search(name) is not None


def called_raters(names: Sequence[str]) -> bool:
    """Whether some columns are called as raters are.

    Examples
    --------
    >>> called_raters(["annotator_1", "annotator_2"]), called_raters(["tag_1", "tag_2"])
    (True, False)
    """
    return len(names) > 1 and all(RATERS.search(stem_of(name)) for name in names)


def stem_of(name: str) -> str:
    """The name of a column without the number, or the letter, that tells it from its like."""
    return NUMBER.sub("", name)
