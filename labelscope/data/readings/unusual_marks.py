"""Marks that are common in names and rare between labels, and letters that are labels themselves: only ever asked about.

That no usual delimiter is found is no evidence for one label a cell: ``boats__food`` and ``ABD`` may be several.
"""

from __future__ import annotations

import polars as pl

from labelscope.data.readings.evidence import Delimiter, share, split_at
from labelscope.data.readings.reading import shown

__all__ = ["LETTER", "are_letters", "ask_about_marks"]

RUN = r"[^\w\s]+|_+"
MOST_MARKS = 40
LEAST_JOINED = 4
LETTER = r"\S\x{FE0F}?(?:\x{200D}\S\x{FE0F}?)*"  # emojis may be several characters
LEAST_LETTERS, MOST_LETTERS = 3, 15  # texts of several, and different ones


def ask_about_marks(column: str, texts: pl.DataFrame) -> Delimiter | None:
    """The question about a mark whose parts recur as labels do; None where there is none.

    Parameters
    ----------
    column : str
        For messages.
    texts : polars.DataFrame
        Columns text and n: the different texts, between whose parts no usual delimiter stands.
    """
    runs = texts["text"].str.extract_all(RUN).explode().drop_nulls().unique(maintain_order=True)
    for mark in runs.head(MOST_MARKS).to_list():
        split = split_at(texts, mark)
        if split.n_joined < LEAST_JOINED or split.n_sizes < 2 or split.n_parts >= texts.height or split.glued.height:
            continue
        if split.alone >= 0.5 and split.recurring >= 0.8 and split.repeated <= 0.01:
            example = texts["text"].filter(texts["text"].str.contains(mark, literal=True))[0]
            return Delimiter(
                mark, "the parts recur, which names may do too",
                f"labels: expected a clear delimiter in {column!r}, got {mark!r} (as in {shown(example)}), which may join labels or belong"
                f" to their names; pass labels_delimiter={mark!r}, or labels_delimiter='' if each cell is one label",
            )  # fmt: skip
    return None


def are_letters(texts: pl.Series) -> bool:
    """Whether the different texts are made of a few characters, none twice in a text, as the answers "A", "BD" and "ABD" are."""
    if len(texts) < LEAST_JOINED or not texts.str.contains(rf"^(?:{LETTER}){{1,{MOST_LETTERS}}}$").all():
        return False
    letters = texts.str.extract_all(LETTER)
    sizes = letters.list.len()
    each = letters.explode()
    different = each.unique()
    joined = int((sizes > 1).sum())
    if joined < LEAST_LETTERS or len(different) > MOST_LETTERS or len(texts) <= len(different) or sizes.n_unique() < 3:
        return False
    once = bool((letters.list.n_unique() == sizes).all())
    order = {letter: k for k, letter in enumerate(sorted(different.to_list()))}
    places = each.replace_strict(order, return_dtype=pl.Int64)
    rising = pl.DataFrame({"row": pl.Series(range(len(texts))).repeat_by(sizes).explode(), "place": places})
    falls = rising.select((pl.col("place").diff().over("row") < 0).any()).item()
    alone = share(different.is_in(texts.to_list()))
    return once and (not falls or alone >= 0.8)
