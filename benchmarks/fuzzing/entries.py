"""The other ways in: a new version of a table, a ledger, rules, and the command line with whatever is typed after it."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import labelscope as ls
from fuzzing.material import LABELS, N_ITEMS, RULES, TABLE, Material
from fuzzing.mutations import broken
from fuzzing.options import FORMATS, NAMES
from labelscope.cli.app import app
from labelscope.review.events import Event
from labelscope.review.ledger import Ledger

TIME = "2024-05-06T07:08:09.000+00:00"
TYPED = (
    "",
    "0",
    "-1",
    "nonsense",
    "*",
    "^.*$",
    "a,b",
    "é\u2028",
    "=1+1",
    "{}",
    "[]",
    "x" * 300,
    ";",
    "cat",
    "negative",
    "unknown",
    "csv",
    "xmc",
)
FILES = ("embeddings", "probabilities", "votes", "taxonomy", "label_names", "image_root")
OF_COLUMNS = ("labels", "text", "image", "id", "values", "rater", "features", "groups", "split")
OF_WORDS = ("labels_delimiter", "labels_format", "missing", "empty", "separator", "columns", "unlisted", "format")


def attempt_entry(valid: Material, other: Material, folder: Path, draw: random.Random) -> tuple[str, Callable[[], object]]:
    """One input of these ways in: its name, and what is to be tried.

    Parameters
    ----------
    valid, other : Material
        Files to break.
    folder : pathlib.Path
        Where what is needed is written.
    draw : random.Random
    """
    for left in folder.iterdir():
        if left.is_file():
            left.unlink()
    return draw.choice((_carry, _ledger, _inspect, _rules))(valid, other, folder, draw)


def _carry(valid: Material, other: Material, folder: Path, draw: random.Random) -> tuple[str, Callable[[], object]]:
    """Decisions to a new version: the ledger, the earlier version or the new one is broken."""
    which = draw.choice(("ledger", "old", "new"))
    if which == "ledger":
        given: Any = _written(folder / "old.sqlite", _broken_ledger(draw))
    else:
        given = _written(folder / "old.sqlite", _valid_ledger())
    table = _written(folder / f"t{valid.suffix}", broken(valid.content, other.content, draw))
    new: Any = _data_set() if which == "ledger" or draw.random() < 0.3 else table
    how = {} if isinstance(new, ls.Dataset) and which != "old" else {"labels": valid.labels}
    old: Any = table if which == "old" else given
    options = {"ledger": folder / "new.sqlite", "dry_run": draw.random() < 0.5, **({"earlier_ledger": given} if which == "old" else {})}
    return f"carry, broken {which}", lambda: repr(ls.carry(old, new, **options, **how))


def _ledger(valid: Material, _: Material, folder: Path, draw: random.Random) -> tuple[str, Callable[[], object]]:
    """A broken ledger, or another file in its place, is checked and recovered."""
    content = _broken_ledger(draw) if draw.random() < 0.9 else valid.content
    place = _written(folder / "old.sqlite", content)
    command = draw.choice(("check", "recover"))
    return f"ledger {command}", lambda: _run(["ledger", command, str(place)])


def _inspect(valid: Material, other: Material, folder: Path, draw: random.Random) -> tuple[str, Callable[[], object]]:
    """A file is looked at with up to five options, most of which do not fit it."""
    place = str(_written(folder / f"t{valid.suffix}", _maybe_broken(valid, other, draw)))
    beside = str(_written(folder / f"b{other.suffix}", other.content))
    typed: list[str] = ["--json"] if draw.random() < 0.3 else []
    for name in draw.sample((*FILES, *OF_COLUMNS, *OF_WORDS), draw.randrange(6)):
        right = (beside, place, str(folder)) if name in FILES else _fitting(name)
        for _ in range(draw.choice((1, 1, 2))):
            typed += [f"--{name.replace('_', '-')}", draw.choice(TYPED) if draw.random() < 0.2 else draw.choice(right)]
    return f"inspect {' '.join(typed)[:200]}", lambda: _run(["inspect", place, *typed])


def _rules(valid: Material, other: Material, folder: Path, draw: random.Random) -> tuple[str, Callable[[], object]]:
    """Rules on a table: they or it are broken."""
    of_rules = draw.random() < 0.5
    rules = _written(folder / "rules.json", broken(RULES, other.content, draw) if of_rules else RULES)
    if of_rules:
        place = folder / "t.parquet"
        TABLE.write_parquet(place)
    else:
        place = _written(folder / f"t{valid.suffix}", _maybe_broken(valid, other, draw))
    typed = ["--rules", str(rules), "--out", str(folder / draw.choice(("votes.csv",) * 4 + ("votes.parquet",) * 4 + ("votes", place.name)))]
    for name in draw.sample(("labels", "text", "id", "labels_delimiter", "labels_format"), draw.randrange(4)):
        typed += [f"--{name.replace('_', '-')}", draw.choice(TYPED) if draw.random() < 0.2 else draw.choice(_fitting(name))]
    return f"rules apply {' '.join(typed[4:])[:200]}", lambda: _run(["rules", "apply", str(place), *typed])


def _run(arguments: list[str]) -> None:
    """A command; what it raises is raised, but for an exit status with a message."""
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, SystemExit):
        if result.exit_code not in {0, 1, 2} or "Traceback" in result.output:
            raise AssertionError(f"exit status {result.exit_code}: {result.output[-1000:]}")
    elif result.exception is not None:
        raise result.exception


def _fitting(name: str) -> tuple[str, ...]:
    """What could be meant by an option of a column or a word."""
    return NAMES if name in OF_COLUMNS else tuple(FORMATS) if name == "labels_format" else (";", "|", ",", "a,b", "negative", "unknown")


def _maybe_broken(valid: Material, other: Material, draw: random.Random) -> bytes:
    return valid.content if draw.random() < 0.5 else broken(valid.content, other.content, draw)


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _data_set() -> ls.Dataset:
    return ls.read(TABLE, labels="tags", id="item_id", text="text")


@cache
def _valid_ledger() -> bytes:
    """A ledger of thirty decisions on the table, two of them undone."""
    dataset = _data_set()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.open(Path(folder) / "ledger.sqlite", fingerprint=dataset.fingerprint)
        for k in range(30):
            cell = (f"i{k % N_ITEMS}", LABELS[k % len(LABELS)])
            given = dataset.labels.states([dataset.position(cell[0])], [dataset.label_position(cell[1])])[0]
            ledger.append([Event(0, "edit", *cell, int(given), 1 - int(given), None, ("ann", "bob")[k % 2], TIME)])
        ledger.close()
        return (Path(folder) / "ledger.sqlite").read_bytes()


def _broken_ledger(draw: random.Random) -> bytes:
    return broken(_valid_ledger(), RULES, draw)
