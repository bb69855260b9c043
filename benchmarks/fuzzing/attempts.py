"""One input a seed: made, read and studied, or taken another way in; what it came to is returned."""

from __future__ import annotations

import random
import traceback
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import labelscope as ls
from fuzzing.entries import attempt_entry
from fuzzing.hostile import HOSTILE
from fuzzing.material import TABLE, valid_files
from fuzzing.mutations import broken
from fuzzing.numbers import parts
from fuzzing.options import asked, columns

VALID = valid_files()
TABLES = [of for of in VALID if of.role == "path"]
FORMATS = {".arrows": "arrow"}
ENTRIES = (6, 9)  # last digits of the seeds that do not call `read` first


@dataclass(frozen=True)
class Outcome:
    """What became of an input: read, refused in one line, or failed with a traceback (or a message of several lines)."""

    name: str
    kind: str
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether it is neither read nor refused as it should be."""
        return self.kind == "failed"


def attempt(seed: int, folder: Path) -> Outcome:
    """The input of a seed: one in ten is a hostile file, three in ten are numbers, two go other ways in, the others are broken files.

    Half of the files are read with more arguments.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret: the same input for the same seed
    kind, asking = seed % 10, random.Random(f"asked {seed}")  # noqa: S311 - arguments of their own: the files stay what they were
    if kind == 0:
        names = list(HOSTILE)
        return attempt_hostile(names[seed // 10 % len(names)], folder)
    if kind <= 3:
        name, made = parts(draw)
        made |= columns(asking, embeddings=made["embeddings"])
        return _judged(name, lambda: _study(ls.Dataset.from_arrays(**made), draw))
    valid, other = draw.choice(VALID), draw.choice(VALID)
    if kind in ENTRIES:
        return _judged(*attempt_entry(draw.choice(TABLES), other, folder, draw))
    path = folder / f"broken{valid.suffix}"
    path.write_bytes(broken(valid.content, other.content, draw))
    deep = kind == 4 or valid.suffix == ".npy"
    options = asked(asking)
    name = f"{valid.role} {valid.suffix}{''.join(f', {key}={value!r}' for key, value in options.items())}"
    return _judged(name, lambda: _read(valid.role, path, valid.labels, draw if deep else None, options))


def warm_up() -> None:
    """Load what is loaded late, so that no input pays for it."""
    for seed in range(20):
        draw = random.Random(seed)  # noqa: S311
        labels, embeddings = [[k % 2, k % 3 == 0] for k in range(20)], [[k, k * k % 7] for k in range(20)]
        _judged("warm", partial(_study, ls.Dataset.from_arrays(labels, embeddings=embeddings), draw))


def attempt_hostile(name: str, folder: Path) -> Outcome:
    """One of the hostile files."""
    hostile = HOSTILE[name]
    path = folder / f"hostile{hostile.suffix}"
    hostile.write(path)
    try:
        return _judged(name, lambda: _read(hostile.role, path, hostile.labels, None, {}))
    finally:
        path.unlink()


def _read(role: str, path: Path, labels: Any, draw: random.Random | None, options: dict[str, Any]) -> None:
    """Look at it and read it, and once more as an export does; with a generator, study what was read."""
    given: dict[str, Any] = {"path": TABLE, "labels": labels, **options, role: path}
    if role == "path":
        given["format"] = FORMATS.get(path.suffix)
        _inspect(path, given)
    place = given.pop("path")
    dataset = ls.read(place, **given)
    repr(dataset)
    if options and dataset.source is not None:
        again = ls.read(place, **dataset.source.options)
        if again.fingerprint != dataset.fingerprint and role == "path":
            raise AssertionError("read again with the arguments that were kept, it is another data set")
    if draw is not None:
        _study(dataset, draw)


def _inspect(path: Path, given: dict[str, Any]) -> None:
    """Look at it first; what is refused here may be read all the same, and the other way round."""
    told = {name: value for name, value in given.items() if name not in ("path", "features", "groups")}
    try:
        repr(ls.inspect(path, **(told if len(told) % 2 else {"format": told["format"]})))  # or as somebody looks who knows nothing of it
    except ls.LabelscopeError as error:
        if "\n" in str(error):
            raise AssertionError(f"several lines: {error}") from None


def _study(dataset: ls.Dataset, draw: random.Random) -> None:
    """Find issues and suggest labels, and one more thing."""
    findings = ls.find_issues(dataset, seed=1)
    ls.suggest(dataset, None, findings)
    more = (ls.long_tail, ls.cooccurrence, ls.relations, ls.embedding_map, ls.pseudo_label, ls.calibration, ls.thresholds, ls.rank)
    more += (
        ls.prototypes,
        ls.novel_labels,
        ls.prediction_sets,
        ls.audit,
        ls.label_edits,
        ls.violations,
        ls.agreement,
        ls.embedding_quality,
    )
    repr(draw.choice(more)(dataset))


def _judged(name: str, do: Any) -> Outcome:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            do()
    except ls.LabelscopeError as error:
        text = str(error)
        return Outcome(name, "failed" if "\n" in text or len(text) > 2000 else "refused", text[:2500])
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - a panic of polars is no Exception
        return Outcome(name, "failed", traceback.format_exc(limit=-12))
    return Outcome(name, "read")
