"""What a person should know about a reading that is right as far as can be seen."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

import numpy as np
import polars as pl

from labelscope.data.readings.column import NULL_WORDS
from labelscope.data.readings.scores import ScoreCells
from labelscope.data.readings.sets import CellSets
from labelscope.data.readings.spans import FORMAT as SPANS
from labelscope.data.readings.vocabulary import whole_number

if TYPE_CHECKING:
    from labelscope.data.readings.encoding import LabelEncoding
    from labelscope.data.readings.reading import Offer

__all__ = ["warnings_of"]

LOOKED_AT = 10_000  # rows
MOST_SHOWN = 12  # names in a line
MOST_GROUPS = 3  # of names that look alike, each with a line of its own
PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")
GARBLED = re.compile("[\u00c2-\u00c3\u00e2][\u0080-\u00bf\u0152-\u0178\u2010-\u2122]")  # UTF-8 that was read as Latin-1
ENTITIES = re.compile(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,6}|[A-Za-z]{2,8}\d{0,2});")
NOTHING = re.compile(  # what people call no label
    r"(?:none (?:of (?:the |these |those )?(?:above|these|those|them|following|others?)|appl(?:y|ies)|listed)"
    r"|no (?:labels?|tags?|class(?:es)?|categor(?:y|ies)|topics?|findings?|answer|response|emotions?|issues?)"
    r"|un(?:labell?ed|tagged|categori[sz]ed|classified)|nothing(?: of the above)?|not applicable|does not apply"
    r"|kein(?:e|s|er)? (?:davon|der genannten|label|angabe)|aucune? (?:de ces réponses|des choix|étiquette)"
    r"|ninguna? de (?:las|los) anteriores"
    r"|nessun[oa] dei precedenti|nenhum[a]? d[oa]s anteriores|以上都不是|该当なし|該当なし)(?: \(n/?a\))?",
    re.IGNORECASE,
)


def warnings_of(table: pl.DataFrame, offer: Offer) -> tuple[str, ...]:
    """One line a thing: names that look alike or hold entities, words for no label or for nothing known.

    Parameters
    ----------
    table : polars.DataFrame
    offer : Offer
        The reading that was chosen.
    """
    encoding = offer.encoding
    lines = [*_alike(encoding.label_names), *_entities(encoding), *_nothing(table, encoding), *_zero(table, offer)]
    if isinstance(encoding, CellSets) and encoding.silence.missing:
        cells = table[encoding.column].cast(pl.String).str.strip_chars()
        n = int(cells.is_in(list(encoding.silence.missing)).sum())
        words = ", ".join(map(repr, sorted(encoding.silence.missing)))
        lines.append(f"{words} in {n:,} cells of {encoding.column!r} is read as unknown; pass missing=[] if it is a label")
    lines += [*_stripped(table, offer), *_repeated(table, offer)]
    if offer.format == SPANS:
        lines.append(
            f"an item has the labels of its spans in {encoding.columns[0]!r}; an export removes the spans of a label that goes, and cannot"
            " place one that comes: the changes file says it"
        )
    if isinstance(encoding, ScoreCells) and encoding.says_no and encoding.gaps:
        lines.append(
            f"a label that an object of {encoding.column!r} does not have is read as unknown, because others are said to be negative;"
            " write it with 0 where it is negative"
        )
    odd = [name for name in encoding.label_names if name in NULL_WORDS]
    if odd:
        lines.append(f"{odd[0]!r} is read as a label; pass missing=[{odd[0]!r}] if it means that nothing is known")
    return tuple(lines)


def _stripped(table: pl.DataFrame, offer: Offer) -> list[str]:
    """Names that are written with and without blanks around them, in a column of one label a cell."""
    cells = table[offer.encoding.columns[0]]
    if offer.format != "single" or cells.dtype != pl.String:
        return []
    written = cells.drop_nulls().unique().sort()
    around = written.filter((written != written.str.strip_chars()) & written.str.strip_chars().is_in(written.to_list()))
    if not len(around):
        return []
    return [f"{around[0]!r} is read as {around[0].strip()!r}: blanks around a label do not count ({len(around):,} such texts)"]


def _repeated(table: pl.DataFrame, offer: Offer) -> list[str]:
    """Labels that a cell lists twice, which may be answers of several people; the first rows are looked at."""
    encoding = offer.encoding
    if not isinstance(encoding, CellSets) or offer.format in {"single", SPANS} or encoding.silence:
        return []
    listed = encoding.codec.tokens(table[encoding.column].head(LOOKED_AT))
    twice = listed.group_by("row", "token", maintain_order=True).len().filter(pl.col("len") > 1)
    if not twice.height:
        return []
    n = twice["row"].n_unique()
    cells = f"{n:,} cell{'s' * (n != 1)} of the first {min(LOOKED_AT, table.height):,}"
    told = f"{twice['token'][0]!r} is listed more than once in a cell of {encoding.column!r} and counts once (so in {cells})"
    return [f"{told}; where it holds the answers of several raters, write one row a rater and pass rater="]


def _twins(names: tuple[str, ...]) -> list[list[str]]:
    """Names that a reader cannot tell apart, or that mean the same: but for case, blanks, unseen characters, entities, ".0"."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[_plain(name)].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _plain(name: str) -> str:
    """A name without what a reader does not see in it."""
    if name.isascii() and "&" not in name and "." not in name:  # most are
        return "".join(name.split()).casefold()
    seen = unicodedata.normalize("NFKC", html.unescape(name))
    return whole_number("".join(c for c in seen if not c.isspace() and unicodedata.category(c) != "Cf").casefold())


def _alike(names: tuple[str, ...]) -> list[str]:
    """A line for each group of names that look alike; where there are many, one for all."""
    groups = _twins(names)
    if len(groups) <= MOST_GROUPS:
        return [_twins_line(group) for group in groups]
    return [f"{_twins_line(groups[0])}; so do {len(groups) - 1:,} more pairs of names"]


def _twins_line(names: list[str]) -> str:
    kept, other = names[0], names[1]
    only_case = len({"".join(name.split()).casefold() for name in names}) == 1
    what = "in case or blanks alone" if only_case else "in nothing that one sees or that counts"
    return (
        f"{' and '.join(map(repr, names))} differ {what} and are kept apart;"
        f" to merge them: session.apply(LabelEdit.merge({other!r}, {kept!r}))"
    )


def _entities(encoding: LabelEncoding) -> list[str]:
    """Names that hold entities of HTML or other codes, and how to read them as what they stand for."""
    found = next(((what, read) for pattern, what, read in CODES if any(map(pattern.search, encoding.label_names))), None)
    if found is None or not isinstance(encoding, CellSets):
        return []
    what, read = found
    plain = {name: read(name) for name in encoding.label_names}
    names = [name for name, other in plain.items() if name != other]
    if not names:
        return []
    told = f"{names[0]!r} holds {what} and is kept as it is written"
    if len(set(plain.values())) < len(plain) or encoding.vocabulary.tokens != encoding.label_names:
        return [f"{told}; clean the column where it is made"]
    return [
        f"{told}; to read it as {plain[names[0]]!r}: label_names={plain!r}"
        if len(plain) <= MOST_SHOWN
        else f"{told}; name the labels with label_names="
    ]


def _ungarbled(name: str) -> str:
    """A name whose UTF-8 was read as Latin-1, as it was."""
    with suppress(UnicodeError):
        return name.encode("cp1252").decode("utf-8")
    return name


def _unescaped(name: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), name)


CODES: tuple[tuple[re.Pattern[str], str, Callable[[str], str]], ...] = (
    (ENTITIES, "an entity of HTML", html.unescape),
    (PERCENT, "percent signs as in addresses", unquote),
    (ESCAPED, "the code of a character", _unescaped),
    (GARBLED, "characters that were read in a wrong encoding", _ungarbled),
)


def _zero(table: pl.DataFrame, offer: Offer) -> list[str]:
    """An id 0 that is never beside another, where all others are: programs write so that there is no label."""
    encoding = offer.encoding
    if not isinstance(encoding, CellSets) or offer.format == "single" or "0" not in encoding.label_names or len(encoding.label_names) < 3:
        return []
    if not all(token.isdecimal() for token in encoding.vocabulary.tokens) or encoding.vocabulary.tokens != encoding.label_names:
        return []
    positives = encoding.decode(table).positives
    sizes = np.diff(positives.indptr)
    beside = np.asarray(positives[sizes > 1].sum(axis=0)).ravel()
    zero = encoding.label_names.index("0")
    if beside[zero] or not (np.delete(beside, zero) > 0).all():
        return []
    n = int(positives[:, [zero]].sum())
    return [f"'0' is never beside another label, in {n:,} cells of {encoding.column!r}; pass empty=['0'] if it says that no label applies"]


def _nothing(table: pl.DataFrame, encoding: LabelEncoding) -> list[str]:
    """Names that say that no label applies."""
    if not isinstance(encoding, CellSets):
        return []
    names = [name for name in encoding.label_names if NOTHING.fullmatch(name.strip(" .!"))]
    if not names:
        return []
    positives = encoding.decode(table).positives
    column = positives[:, encoding.label_names.index(names[0])]
    rows = column.nonzero()[0]
    beside = int((np.diff(positives.indptr)[rows] > 1).sum())
    others = f", beside other labels in {beside:,} of them" if beside else ""
    where = f"in {len(rows):,} cells of {encoding.column!r}{others}"
    return [f"{names[0]!r} is read as a label, {where}; pass empty={names!r} if it says that no label applies"]
