"""The labels as a hurried annotator gives them: wrong where the picture makes it easy to be wrong.

Whoever misses a small or half hidden object misses all that only it carries; look-alikes (square and rectangle,
red and orange, dusk and night, ...) are taken for each other, most where they differ least; habits add what usually
goes together; and now and then a tick is forgotten. The tool fills in the parents of what is ticked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from labelscope.compute.seeds import generator
from labelscope.data.demo.drawing import Pictures
from labelscope.data.demo.scenes import EMPTY, Scenes
from labelscope.data.demo.truth import carriers
from labelscope.data.demo.vocabulary import COLOURS, LABELS, SHAPES, SKIES, closure, columns
from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN

__all__ = ["CAUSES", "Annotation", "annotate", "oversight"]

Confusion = tuple[str, str, np.ndarray]  # one taken for the other, and the chance of it at each place

CAUSES = ("", "small", "hidden", "look-alike", "habit", "slip")
_HABITS = (  # seen, usual with it, how often it is ticked unseen
    ("star", "yellow", 0.12),
    ("night", "star", 0.05),
    ("square", "blue", 0.03),
    ("circle", "red", 0.03),
    ("triangle", "green", 0.06),
    ("rectangle", "striped", 0.05),
    ("heart", "red", 0.5),
)
_SLIP = 0.010  # of positives forgotten for no reason
_UNCHECKED = (  # labels, share of their cells left unknown, whether all of them together; 15% of all cells
    (("texture", "striped", "dotted", "checkered"), 0.27, True),
    (("day", "night"), 0.14, True),
    (("shape", "polygon", "square", "rectangle", "triangle", "round", "circle", "ring", "star", "heart"), 0.12, False),
    (("warm", "red", "orange", "yellow", "cool", "blue", "green", "purple"), 0.13, False),
)


@dataclass(frozen=True, eq=False)
class Annotation:
    """Given labels beside the true ones.

    Attributes
    ----------
    truth, given : int8, shape (n_items, n_labels)
    cause : int8, shape (n_items, n_labels)
        Position in CAUSES of why a known cell is wrong; 0 where it is right or unknown.
    """

    truth: np.ndarray
    given: np.ndarray
    cause: np.ndarray


def annotate(scenes: Scenes, pictures: Pictures, seed: int) -> Annotation:
    """Labels of scenes with instance-dependent errors, and 15% of the cells unknown."""
    rng = generator(seed, "demo", "annotation")
    parts, parts_as_seen = carriers(scenes), carriers(_mistaken(scenes, rng))
    truth = np.asarray(parts.any(axis=1))
    small, hidden = oversight(scenes, pictures)
    missed = rng.random(small.shape) < small + hidden
    parts_as_seen[:, : missed.shape[1]] &= ~missed[..., None]
    ticked = np.asarray(parts_as_seen.any(axis=1))
    usual = _habits(ticked, rng)
    forgotten = (ticked | usual) & (rng.random(truth.shape) < _SLIP)
    given = (ticked | usual) & ~forgotten
    unseen = (parts[:, : missed.shape[1]] & (missed & (hidden > small))[..., None]).any(axis=1)
    overlooked = (parts[:, : missed.shape[1]] & missed[..., None]).any(axis=1)
    reasons = {"slip": forgotten, "habit": usual & ~truth, "hidden": truth & unseen, "small": truth & overlooked}
    cause = np.select([given == truth, *reasons.values()], [0, *map(CAUSES.index, reasons)], CAUSES.index("look-alike"))
    unknown = _unknown(truth.shape, rng)
    return Annotation(
        truth=truth.astype(np.int8),
        given=np.where(unknown, UNKNOWN, np.where(given, POSITIVE, NEGATIVE)).astype(np.int8),
        cause=np.where(unknown, 0, cause).astype(np.int8),
    )


def oversight(scenes: Scenes, pictures: Pictures) -> tuple[np.ndarray, np.ndarray]:
    """Chance that an object is missed because it is small, and because it is partly hidden: float64 (n_items, 4)."""
    small = 0.012 + 0.36 / (1 + np.exp((pictures.visible - 70) / 16))
    hidden = 0.45 / (1 + np.exp((pictures.share - 0.66) / 0.06))
    return np.where(scenes.shape == EMPTY, 0, small), np.where(scenes.shape == EMPTY, 0, hidden)


def _mistaken(scenes: Scenes, rng: np.random.Generator) -> Scenes:
    """The scenes as they look to the annotator: some parts taken for what they resemble."""
    blur = np.clip(12 / scenes.radius, 0.6, 1.6)  # small objects are harder to tell apart
    hue = np.where(scenes.hue > 300, scenes.hue - 360, scenes.hue)
    shapes: list[Confusion] = [
        ("square", "rectangle", 0.45 * blur * _near(scenes.aspect, 1.22, 0.10)),
        ("rectangle", "square", 0.40 * blur * _near(scenes.aspect, 1.22, 0.16)),
        ("ring", "circle", 0.50 * blur * _near(scenes.hole, 0.30, 0.08)),
    ]
    colours: list[Confusion] = []
    for one, other, boundary, width in (("red", "orange", 10.5, 3.0), ("orange", "yellow", 41.0, 4.0), ("blue", "purple", 249.0, 3.5)):
        chance = 0.45 * blur * _near(hue, boundary, width)
        colours += [(one, other, chance), (other, one, chance)]
    dusk = 0.5 * _near(scenes.daylight, 0.5, 0.05)
    return replace(
        scenes,
        shape=_confuse(scenes.shape, SHAPES, shapes, rng),
        colour=_confuse(scenes.colour, COLOURS, colours, rng),
        sky=_confuse(scenes.sky, SKIES, [("day", "night", dusk), ("night", "day", dusk)], rng),
    )


def _near(value: np.ndarray, boundary: float, width: float) -> np.ndarray:
    return np.exp(-np.abs(value - boundary) / width)


def _confuse(codes: np.ndarray, names: tuple[str, ...], confusions: list[Confusion], rng: np.random.Generator) -> np.ndarray:
    seen = codes.copy()
    for one, other, chance in confusions:
        seen[(codes == names.index(one)) & (rng.random(codes.shape) < chance)] = names.index(other)
    return seen


def _habits(given: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels that habit adds, parents included: bool (n_items, n_labels)."""
    added = np.zeros_like(given)
    for seen, usual, chance in _HABITS:
        added[:, LABELS.index(usual)] |= given[:, LABELS.index(seen)] & (rng.random(len(given)) < chance)
    return (added.astype(int) @ closure().astype(int) > 0) & ~given


def _unknown(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Cells that nobody checked: one cell here and there, for patterns and skies the whole question at once."""
    unknown = np.zeros(shape, bool)
    for names, share, together in _UNCHECKED:
        unknown[:, columns(names)] = rng.random((shape[0], 1 if together else len(names))) < share
    return unknown
