"""What a way out of a problem does, in words for a button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

__all__ = ["remedy_words"]

FORMATS = {
    "single": "Each cell is one label",
    "states": "Each column is one label: 1, 0, blank for unknown",
    "plus_minus_one": "-1 means that the label is absent",
    "marks": "A blank means that the label is absent",
    "columns": "The columns hold the labels of one set",
    "joined": "The labels are joined by a mark",
    "list": "Each element of a list is a label",
    "vector": "Each place in a list is one label",
    "names": "The values are the labels",
    "choices": "A name alone is a list of one",
    "twice": "Lists in JSON that was encoded twice",
    "spans": "Items have the labels of their spans",
}
MARKS = {" ": "a blank", "\t": "a tab", "\n": "a line break", ",": "a comma", ";": "a semicolon", "|": "a bar"}
MOST_NAMED = 3
Arguments = Mapping[str, str | Sequence[str]]


def remedy_words(arguments: Arguments) -> str:
    """The words, beginning with a capital letter.

    Parameters
    ----------
    arguments : mapping
        Of :func:`labelscope.read`; texts or lists of texts.

    Examples
    --------
    >>> remedy_words({"labels_delimiter": ","})
    'Split at a comma'
    >>> remedy_words({"id": "image", "values": "there"})
    "Join the rows of each 'image', with 'there' for yes and no"
    """
    said = dict(arguments)
    for name, words in WORDS:
        if name in said:
            return words(said)
    return "Read it so: " + ", ".join(f"{name} {_listed(value)}" for name, value in said.items())


def _rater_words(said: Arguments) -> str:
    if not isinstance(said["rater"], str):
        return "Each column is what one rater says" + (f", about {_listed(said['label_names'])}" if "label_names" in said else "")
    joined = f"Join the rows of each {said['id']!r}: " if "id" in said else ""
    return f"{joined}{said['rater']!r} says who gave the labels"


def _joined_words(said: Arguments) -> str:
    return f"Join the rows of each {said['id']!r}" if "id" in said else "Join the rows of each item"


def _values_words(said: Arguments) -> str:
    return f"{_joined_words(said)}, with {said['values']!r} for yes and no"


def _mark_words(said: Arguments) -> str:
    mark = str(said["labels_delimiter"])
    return f"Split at {MARKS.get(mark, repr(mark))}" if mark else FORMATS["single"]


def _missing_words(said: Arguments) -> str:
    return f"{_listed(said['missing'])} means that nothing is known" if said["missing"] else "It is a label"


def _format_words(said: Arguments) -> str:
    name, _, detail = str(said["labels_format"]).partition(":")
    if name == "long":
        return f"{_joined_words(said)}: each row is one label"
    if name == "scores":
        return f"Numbers from {detail} on mean yes" if detail else "They are scores: the higher half means yes"
    if name == "records":
        return f"The labels are under {detail!r}"
    if name == "joined" and detail:
        return f"Split at {MARKS.get(detail, repr(detail))}"
    return FORMATS.get(name, f"They are written as {name}")


def _listed(value: str | Sequence[str]) -> str:
    names = [value] if isinstance(value, str) else list(value)
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(map(repr, names[:MOST_NAMED])) + more


WORDS: tuple[tuple[str, Callable[[Arguments], str]], ...] = (  # the first that is said tells most
    ("rater", _rater_words),
    ("values", _values_words),
    ("columns", lambda _: "The first line is a record, not the names"),
    ("labels_delimiter", _mark_words),
    ("labels_format", _format_words),
    ("missing", _missing_words),
    ("empty", lambda said: f"{_listed(said['empty'])} means that no label applies"),
    (
        "labels_per_item",
        lambda said: "An item may have several labels" if said["labels_per_item"] == "several" else "An item has one label",
    ),
    ("label_names", lambda said: f"The labels are {_listed(said['label_names'])}"),
)
