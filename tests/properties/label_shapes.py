"""Random label sets written in every way that the readings know, with and without noise; and what reading makes of them."""

from __future__ import annotations

import ast
import contextlib
import itertools
import json
import random
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

import labelscope as ls
from labelscope.errors import ReadingWarning

__all__ = ["SHAPES", "Outcome", "attempt"]

WORDS = ["boats", "coding", "music", "sport", "food", "rivers", "travel", "history", "art", "science", "health", "politics", "weather"]
WORDS += ["family", "money", "games"]
MORE = [
    "Live music",
    "Team sport",
    "Boats & rivers",
    "rock'n'roll",
    "R&B",
    "C++",
    "über uns",
    "日本",
    "No finding",
    "a/b test",
    "e-mail",
    "v1.2",
    "50%",
]
MORE += [
    'the "best"',
    "<b>bold</b>",
    "=1+1",
    "left (hand)",
    "Food, drink",
    "semi; colon",
    "new_york",
    "don't know",
    "{x}",
    "[y]",
    "a|b",
    "x#1",
]
ADVICE = re.compile(r"\b(\w+)=('[^']*'|\"[^\"]*\"|\[[^\]]*\]|True\b|False\b)")
MOST_STEPS = 3


@dataclass(frozen=True)
class Shape:
    """One way to write label sets.

    Attributes
    ----------
    write : callable (names of one item, all names) -> cell
    legal : callable (name) -> bool
        Whether a name can be written so without being something else.
    options : dict
        Arguments of ``labelscope.read`` without which the file says nothing of the kind.
    """

    write: Callable[[list[str], list[str]], Any]
    legal: Callable[[str], bool] = lambda _: True
    options: dict[str, Any] = field(default_factory=dict)


def joined(mark: str, lead: str = "", trail: str = "") -> Shape:
    """Names joined by a mark that is in none of them."""
    core = mark.strip() or mark
    return Shape(lambda mine, _: lead + mark.join(mine) + trail if mine else "", lambda name: core not in name and _plain(name))


def _plain(name: str) -> bool:
    """Whether a name is one of letters, digits, blanks and what belongs to words, so that it starts no other syntax."""
    return re.fullmatch(r"[\w &'./+%-]+", name) is not None


def _word(name: str) -> bool:
    return name.isalnum()


def _element(name: str) -> str:
    """An element of an array of PostgreSQL."""
    return name if re.fullmatch(r"[\w&+%.-]+", name) else json.dumps(name, ensure_ascii=False)


def _prose(mine: list[str]) -> str:
    return ", ".join(mine[:-1]) + " and " + mine[-1] if len(mine) > 1 else "".join(mine)


def _option(name: str) -> str:
    return f'"{name}"' if "," in name else name


def _ids(names: list[str]) -> dict[str, int]:
    return {name: 10 * k + 3 for k, name in enumerate(sorted(names))}


SHAPES: dict[str, Shape] = {
    "list": Shape(lambda mine, _: mine),
    "json": Shape(lambda mine, _: json.dumps(mine, ensure_ascii=False)),
    "compact json": Shape(lambda mine, _: json.dumps(mine, separators=(",", ":"))),
    "json encoded twice": Shape(lambda mine, _: json.dumps(json.dumps(mine, ensure_ascii=False), ensure_ascii=False)),
    "python list": Shape(lambda mine, _: repr(mine)),
    "python tuple": Shape(lambda mine, _: repr(tuple(mine))),
    "python set": Shape(lambda mine, _: "{" + ", ".join(map(repr, mine)) + "}" if mine else "set()"),
    "numpy": Shape(lambda mine, _: "[" + " ".join(map(repr, mine)) + "]"),
    "R": Shape(lambda mine, _: f"c({', '.join(map(json.dumps, mine))})" if mine else "character(0)", lambda name: name.isascii()),
    "postgres": Shape(lambda mine, _: "{" + ",".join(map(_element, mine)) + "}"),
    "brackets": Shape(lambda mine, _: "[" + ", ".join(mine) + "]", _plain),
    "tags": Shape(lambda mine, _: "".join(f"<{name}>" for name in mine), lambda name: not set(name) & set("<>")),
    "semicolons": joined(";"),
    "bars": joined("|"),
    "spaced bars": joined(" | "),
    "doubled bars": joined("||"),
    "outer bars": joined("|", "|", "|"),
    "trailing semicolon": joined(";", "", ";"),
    "commas": joined(","),
    "spaced commas": joined(", "),
    "hash": joined("#"),
    "blanks": Shape(lambda mine, _: " ".join(mine), _word),
    "slashes": joined("/"),
    "plus": joined(" + "),
    "ampersand": joined(" & "),
    "and": Shape(lambda mine, _: " and ".join(mine), lambda name: _plain(name) and " " not in name),
    "prose": Shape(lambda mine, _: _prose(mine), lambda name: _plain(name) and " " not in name),
    "quoted": Shape(lambda mine, _: ",".join(map(_option, mine)), lambda name: not set(name) & set('"[](){};|')),
    "vector": Shape(lambda mine, names: [int(name in mine) for name in names], options={"label_names": True}),
    "vector text": Shape(lambda mine, names: str([int(name in mine) for name in names]), options={"label_names": True}),
    "vector of floats": Shape(lambda mine, names: [float(name in mine) for name in names], options={"label_names": True}),
    "numpy vector": Shape(
        lambda mine, names: "[" + " ".join(f"{int(name in mine)}." for name in names) + "]", options={"label_names": True}
    ),
    "bits": Shape(lambda mine, names: "".join(str(int(name in mine)) for name in names), options={"label_names": True}),
    "ids": Shape(lambda mine, names: [sorted(names).index(name) for name in mine], options={"label_names": "sorted"}),
    "joined ids": Shape(lambda mine, names: " ".join(str(sorted(names).index(name)) for name in mine), options={"label_names": "sorted"}),
    "choices": Shape(
        lambda mine, _: "" if not mine else mine[0] if len(mine) == 1 else json.dumps({"choices": mine}, ensure_ascii=False),
        lambda name: name.strip()[0] not in "[{",
    ),
    "objects": Shape(lambda mine, names: json.dumps([{"id": _ids(names)[name], "name": name} for name in mine], ensure_ascii=False)),
    "python objects": Shape(lambda mine, names: repr([{"id": _ids(names)[name], "name": name} for name in mine])),
    "structs": Shape(lambda mine, names: [{"id": _ids(names)[name], "name": name} for name in mine]),
    "names by id": Shape(lambda mine, names: json.dumps({f"/m/{_ids(names)[name]}": name for name in mine}, ensure_ascii=False)),
    "scores": Shape(lambda mine, names: json.dumps({name: float(name in mine) for name in names}, ensure_ascii=False)),
    "truths": Shape(lambda mine, names: json.dumps({name: name in mine for name in names})),
    "score structs": Shape(lambda mine, names: {name: float(name in mine) for name in names}),
}  # fmt: skip
SILENT = {
    "json": "nan",
    "semicolons": "NA",
    "commas": "nan",
    "hash": "NULL",
    "python list": "None",
    "list": None,
    "vector": None,
    "bars": "<NA>",
}


@dataclass(frozen=True)
class Outcome:
    """What became of an example.

    Attributes
    ----------
    shape : str
    kind : {"read", "refused", "different", "no way out"}
    detail : str
    """

    shape: str
    kind: str
    detail: str = ""


def attempt(seed: int, shape: str | None = None) -> Outcome:
    """Write the label sets of a seed in a way, read them, and follow what a refusal says."""
    draw = random.Random(seed)  # noqa: S311 - no secret: the same example for the same seed
    name = shape or list(SHAPES)[seed % len(SHAPES)]
    way = SHAPES[name]
    legal = [word for word in (*WORDS, *(MORE if draw.random() < 0.6 else ())) if way.legal(word)]
    names = draw.sample(legal, min(len(legal), draw.randint(3, 9)))
    weights = [1 / (1 + k) for k in range(len(names))]
    rows = [_drawn(draw, names, weights) for _ in range(draw.randint(8, 60))]
    rows[0] = names[:2]
    cells: list[Any] = [way.write(mine, names) for mine in rows]
    states = [[int(label in mine) for label in names] for mine in rows]
    if name in SILENT and draw.random() < 0.4:
        for k in draw.sample(range(1, len(rows)), 2):
            cells[k], states[k] = SILENT[name], [-1] * len(names)
    broken = draw.random() < 0.1 and isinstance(cells[0], str)
    if broken:
        cells[-1] = draw.choice(['["', '{"choices": [', '{"a": '])
    options = dict(way.options)
    if "label_names" in options:
        options["label_names"] = names if options["label_names"] is True else sorted(names)
    table = pl.DataFrame({"y": pl.Series(cells, strict=False)})
    return _followed(name, table, options, dict(zip(names, zip(*states, strict=True), strict=True)), broken=broken)


def _drawn(draw: random.Random, names: list[str], weights: list[float]) -> list[str]:
    mine = dict.fromkeys(draw.choices(names, weights, k=draw.choice([0, 1, 1, 2, 2, 3])))
    return draw.sample(list(mine), len(mine))


def _followed(shape: str, table: pl.DataFrame, options: dict[str, Any], states: dict[str, tuple[int, ...]], *, broken: bool) -> Outcome:
    """What reading comes to, and whether the advice of a refusal leads on."""
    said: list[str] = []
    pending: list[dict[str, Any]] = [options]
    for _ in range(MOST_STEPS):
        following: list[dict[str, Any]] = []
        for given in pending:
            line = _read(table, given, states, first=not said, broken=broken)
            if line is None:
                return Outcome(shape, "read" if not said else "refused", said[0] if said else "")
            if line.startswith("different: "):
                if not said:
                    return Outcome(shape, "different", f"{line[11:]} {table['y'].head(4).to_list()}")
                continue
            if said and line == said[-1] and given != options:
                return Outcome(shape, "no way out", f"the same line again with {given}: {line}")
            following += [{**given, **more} for more in _advice(line)]
            said.append(line)
        if not following:
            break
        pending = following
    mends = any(word in said[0] for word in ("mend", "remove", "write", "name another column", "use one type", "rename"))
    return Outcome(shape, "refused" if mends or broken else "no way out", said[0])


def _read(table: pl.DataFrame, options: dict[str, Any], states: dict[str, tuple[int, ...]], *, first: bool, broken: bool) -> str | None:
    """None if it is read as it was written; else the line that refuses, or how it differs."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReadingWarning)
            ds = ls.read(table, labels="y", **options)
    except ls.DataError as error:
        return str(error)
    got = dict(zip(ds.label_names, map(tuple, ds.labels.dense().T.tolist()), strict=True))
    expected = {name: of for name, of in states.items() if name in got or any(state == 1 for state in of)}
    if broken and first:
        return f"different: a broken cell was read: {table['y'][-1]!r}"
    return None if got == expected else f"different: expected {sorted(expected)}, got {sorted(got)}"


def _advice(line: str) -> Iterator[dict[str, Any]]:
    """The arguments that a line names, each value apart."""
    found: dict[str, list[Any]] = {}
    for name, value in ADVICE.findall(line):
        with contextlib.suppress(ValueError, SyntaxError):
            found.setdefault(name, []).append(ast.literal_eval(value))
    for name, values in found.items():
        yield from ({name: value} for value in values)
    if len(found) > 1:
        yield from (dict(zip(found, chosen, strict=True)) for chosen in itertools.islice(itertools.product(*found.values()), 16))
