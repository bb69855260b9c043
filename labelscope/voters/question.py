"""What a judge is asked: one item and one label, without the state that the cell has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from labelscope.compute.executor import row_blocks
from labelscope.compute.vectors import unit_rows
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.space.embed import embed

__all__ = ["Example", "Question", "questions"]

LONGEST = 8000  # characters of a text that are asked about
BLOCK = 1024  # questions whose nearest examples are looked for at once


class Example(msgspec.Struct, frozen=True):
    """A like item that has the label, or not, as the data set has it.

    Attributes
    ----------
    text : str
    has_label : bool
    """

    text: str
    has_label: bool


@dataclass(frozen=True)
class Question:
    """One question to a judge.

    Attributes
    ----------
    item_id : str
    label : str
    text : str
        Of the item; at most 8,000 characters.
    description : str
        Of the label; empty where there is none.
    examples : tuple of Example
    other : str
        The other label where two are compared; else empty. The answer 1 then means that `label` fits better, 0 that `other` does.
    other_description : str
    image : bytes or None
        The picture of the item, as its file has it.
    """

    item_id: str
    label: str
    text: str
    description: str = ""
    examples: tuple[Example, ...] = ()
    other: str = ""
    other_description: str = ""
    image: bytes | None = None

    @property
    def written(self) -> str:
        """The question in words, as a judge that reads text gets it: what is data stands between <item> and </item>."""
        lines = [_named("First label" if self.other else "Label", self.label, self.description)]
        if self.other:
            lines.append(_named("Second label", self.other, self.other_description))
        for example in self.examples:
            words = "has the label" if example.has_label else "does not have the label"
            lines.append(f"An example that {words} {self.label!r}:\n<item>{_inert(example.text)}</item>")
        lines.append(f"The item:\n<item>{_inert(self.text)}</item>")
        return "\n\n".join(lines)

    def key(self, judge: str) -> str:
        """Hash of the question and who is asked, hexadecimal: the same question to the same judge is not asked twice."""
        digest = hashlib.blake2b(digest_size=20)
        told = (judge, self.label, self.text, self.description, [(e.text, e.has_label) for e in self.examples], self.other)
        digest.update(msgspec.json.encode((*told, self.other_description)))
        digest.update(self.image or b"")
        return digest.hexdigest()


def questions(ds: Dataset, rows: np.ndarray, labels: np.ndarray, others: np.ndarray | None, *, n_examples: int) -> Iterator[Question]:
    """The questions about some cells, in their order.

    Parameters
    ----------
    ds : Dataset
        With a text or images.
    rows, labels : int arrays of shape (n_cells,)
    others : int array of shape (n_cells,), optional
        The labels to compare with.
    n_examples : int
        Like items with the label, and as many without.
    """
    texts = ds.items[ds.text].cast(pl.String).fill_null("") if ds.text is not None else None
    told = ds.label_descriptions or {}
    chosen = _examples(ds, rows, labels, n_examples) if texts is not None and n_examples else None
    for at, (row, label) in enumerate(zip(rows.tolist(), labels.tolist(), strict=True)):
        shown: tuple[Example, ...] = ()
        if chosen is not None and texts is not None:
            shown = tuple(Example(texts[int(one)][:LONGEST], bool(has)) for one, has in chosen[at])
        name, other = ds.label_names[label], "" if others is None else ds.label_names[int(others[at])]
        yield Question(
            str(ds.item_ids[row]), name, "" if texts is None else texts[row][:LONGEST], told.get(name, ""), shown, other,
            told.get(other, ""), ds.images.read(row) if ds.image is not None else None,
        )  # fmt: skip


def _named(word: str, name: str, told: str) -> str:
    return f"{word}: {name} ({told})" if told else f"{word}: {name}"


def _inert(text: str) -> str:
    """Text that cannot end the element that it stands in."""
    return text.replace("</item", "< /item").replace("<item", "< item")


def _likeness(unit: np.ndarray, rows: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Cosines of some rows with others, float32 (n_rows, n_members), the same whoever else is asked about.

    A product of matrices rounds differently in other company, and which of two like examples is shown must not hang on that, or
    a question is asked again. So it is made in double precision and rounded so far that nothing of it is left.
    """
    asked, similar = unit[rows].astype(np.float64), np.empty((len(rows), len(members)), np.float32)
    for block in row_blocks(len(members), 8 * (unit.shape[1] + len(rows))):
        similar[:, block] = np.round(asked @ unit[members[block]].T.astype(np.float64), 5)
    return similar


def _examples(ds: Dataset, rows: np.ndarray, labels: np.ndarray, n: int) -> list[list[tuple[int, bool]]]:
    """The nearest items with and without the label, of each cell; never the item itself or another of the same text."""
    unit = unit_rows(np.asarray(embed(ds), np.float32), tiny=1e-12)
    out: list[list[tuple[int, bool]]] = [[] for _ in rows]
    for label in np.unique(labels):
        states = ds.labels.columns(np.array([label]))[:, 0]
        asked = np.flatnonzero(labels == label)
        for state in (POSITIVE, NEGATIVE):
            members = np.flatnonzero(states == state)
            if not len(members):
                continue
            for start in range(0, len(asked), BLOCK):
                block = asked[start : start + BLOCK]
                similar = _likeness(unit, rows[block], members)
                similar[similar > 1 - 1e-4] = -np.inf  # the item itself, or a copy, whose state would tell that of the cell
                near = np.argsort(-similar, axis=1, kind="stable")[:, :n]
                for at, found, likeness in zip(block, members[near], np.take_along_axis(similar, near, axis=1), strict=True):
                    out[at] += [(int(one), state == POSITIVE) for one, like in zip(found, likeness, strict=True) if np.isfinite(like)]
    return out
