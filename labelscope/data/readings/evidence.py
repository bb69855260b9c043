"""Whether a mark joins labels or belongs to their names: labels recur in other company, the parts of a name do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.data.readings.reading import shown

__all__ = ["Delimiter", "Split", "find_delimiter", "glued_names", "possible_marks", "share", "split_at"]

STRONG = (";", "|", "\t", "\n", "；", "｜")
MEDIUM = (",", "，", "、")
WORDS = ("  ", "<br>", "<br/>", "<br />", " and ", " AND ", " & ", " + ", " / ", " - ", " > ", "->")
NAME_MARKS = r"['’.()\[\]{}\"°%$€£*!?=<>@\\`´]"  # never taken for a delimiter: they are common in names and in code
PROSE = ", and"  # stands for "a, b and c"
PROSE_LAST = r"(?:,\s*|\s+)(?:and|&|und|et|y|e)\s+"
NATURAL = (" ", "-", "_", " and ", " AND ", " & ", " - ")  # marks that are common inside names
MOST_TEXTS = 50_000
ENTITY = r"&(#?\w{2,8});"  # "&amp;" holds a semicolon that joins nothing
HELD = "ꙮ"  # a letter that stands for the ends of an entity while marks are looked for
OTHER = (  # an answer in free words begins so in a survey
    r"(?i)^\W*(?:others?|something else|somewhere else|specify|autres?|andere[snr]?|anders|sonstige[sr]?|otr[oa]s?|altr[oi]|outr[oa]s?"
    r"|inne|другое|其他|その他|기타)(?:$|[\s:：(（\-–,]).*"
)
THOUSANDS = r"^\d{1,3}(?:,\d{3})+$"  # "1,204" is one number, or the ids 1 and 204
OFTEN, MOSTLY = 5, 0.8  # the options of a survey recur: each in as many rows, and they are as much of all parts
SHORT = 2  # words of two rare names side by side
IDS = r"^\s*\d+(?:\.0+)?(\s+\d+(?:\.0+)?)*\s*$"  # integers may be joined by blanks: names may hold blanks


@dataclass(frozen=True)
class Delimiter:
    """What was found.

    Attributes
    ----------
    mark : str
        What joins the labels; "" if each cell is one label.
    why : str
    refusal : str, optional
        The line that refuses, where it is not clear.
    """

    mark: str
    why: str
    refusal: str | None = None


@dataclass(frozen=True)
class Split:
    """What the texts of a column look like when they are split at a mark.

    Attributes
    ----------
    n_joined : int
        Different texts with the mark between two parts.
    n_parts : int
        Different parts of all texts.
    recurring : float
        Share of the joined texts all of whose parts are in other texts too.
    apart : float
        Share of the parts of joined texts that are in more than one text.
    alone : float
        Share of the parts of joined texts that also stand alone.
    repeated : float
        Share of the joined texts that hold a part twice.
    n_sizes : int
        Different numbers of parts.
    never_apart : bool
        Whether the joined texts recur as wholes, but none of their parts is in another text.
    few_rows : bool
        Whether the joined texts have so few rows that their parts had no chance to be in other company.
    glued : polars.DataFrame
        Parts that only ever stand side by side, in one order: left, right.
    """

    n_joined: int
    n_parts: int
    recurring: float
    apart: float
    alone: float
    repeated: float
    n_sizes: int
    never_apart: bool
    few_rows: bool
    glued: pl.DataFrame


def find_delimiter(column: str, texts: pl.DataFrame) -> Delimiter:
    """What joins the labels in a column of text, seen from its different texts.

    Parameters
    ----------
    column : str
        For messages.
    texts : polars.DataFrame
        Columns text and n.
    """
    texts = texts.head(MOST_TEXTS) if texts.height > MOST_TEXTS else texts
    if texts["text"].str.contains(ENTITY).any():
        plain = texts.with_columns(pl.col("text").str.replace_all(ENTITY, f"{HELD}$1{HELD}"))
        if not any(mark.startswith(";") for mark in possible_marks(plain["text"])):
            return _with_entities(_judge(column, plain), texts["text"])
    return _judge(column, texts)


def _judge(column: str, texts: pl.DataFrame) -> Delimiter:
    marks = possible_marks(texts["text"])
    if not any(mark[0] in STRONG or mark[0] in MEDIUM for mark in marks) and (edge := _at_edges(texts["text"])):
        return Delimiter(edge, f"{edge!r} starts or ends the cells")
    if not marks:
        if texts["text"].str.contains(IDS).all() and texts["text"].str.contains(r"\d\s+\d").any():
            return Delimiter(" ", "integers joined by blanks")
        return Delimiter("", "no delimiter: every cell is one label")
    usual = [mark for mark in marks if mark[0] in STRONG or mark[0] in MEDIUM]
    marks = [mark for mark in marks if not any(mark in other for other in usual if other != mark)]
    if len(usual) == 1:
        return (_judge_prose(column, texts) if usual[0] == "," else None) or _judge_usual(column, texts, usual[0])
    if usual:
        return _judge_several(column, texts, usual)
    return _judge_weak(column, texts, [mark for mark in marks if mark not in usual])


def _at_edges(texts: pl.Series) -> str:
    """The delimiter that starts or ends most texts, or some that also stand without it, where it is never between two parts."""
    for mark in (*STRONG, *MEDIUM):
        bare = texts.str.strip_chars(mark + " ")
        edged = (bare != texts) & (bare != "")
        if edged.any() and (share(edged) >= 0.5 or bare.filter(edged).is_in(texts.to_list()).any()):
            return mark
    return ""


def _with_entities(found: Delimiter, texts: pl.Series) -> Delimiter:
    """What was found in texts without HTML entities, told with them."""
    told = found.refusal
    for entity in texts.str.extract_all(ENTITY).explode().drop_nulls().unique().to_list() if told else ():
        held = f"{HELD}{entity[1:-1]}{HELD}"
        told = told and told.replace(held, entity)
    return Delimiter(found.mark, found.why, told)


def possible_marks(texts: pl.Series) -> list[str]:
    """The marks that stand between two words of some text, a doubled one where it is never single."""
    found = texts.str.extract_all(r"[^\w\s]+|\s").explode().drop_nulls().unique(maintain_order=True).to_list()
    characters = dict.fromkeys(character for run in found for character in run)
    marks = []
    for character in characters:
        inner = texts.str.strip_chars(character + " ").str.contains(character, literal=True)
        if not inner.any() or pl.Series([character]).str.contains(NAME_MARKS)[0]:
            continue
        marks.append(_doubled(texts.filter(inner).str.strip_chars(character + " "), character))
    joined_ids = texts.str.contains(IDS).all()
    marks = [mark for mark in dict.fromkeys(marks) if mark not in {" ", "\r"} or (mark == " " and not joined_ids)]
    words = [word for word in WORDS if texts.str.contains(word, literal=True).any()]
    single = {word.strip() for word in words}
    order = {mark: k for k, mark in enumerate([*STRONG, *MEDIUM])}
    marks = [mark for mark in marks if mark not in {"\n", "\t"} or not _only_spaces(texts, mark, [m for m in marks if m in order])]
    return sorted([*(mark for mark in marks if mark not in single), *words], key=lambda mark: order.get(mark[0], 99))


def _only_spaces(texts: pl.Series, space: str, others: Sequence[str]) -> bool:
    """Whether a line end or a tab only ever stands behind another mark, as a blank would."""
    return any(not texts.str.contains(rf"[^{_escaped(mark)}\s]\s*{space}").any() for mark in others if mark != space and len(mark) == 1)


def _doubled(texts: pl.Series, character: str) -> str:
    """The mark twice, if it never stands singly between two parts."""
    runs = texts.str.extract_all(rf"{_escaped(character)}+").explode().drop_nulls().str.len_chars()
    if character != " " and (runs == 2).all():
        return character * 2
    pairs = texts.str.extract_all(rf"{_escaped(character)}[^\w\s]?").explode().drop_nulls().unique()
    return pairs[0] if character in STRONG and len(pairs) == 1 and pairs[0][-1] not in "\"'([{<" else character


def glued_names(texts: pl.DataFrame, mark: str) -> tuple[str, str, list[str]] | None:
    """Two parts that never come apart at a mark, and all names if they are one; None where every part has been in other company.

    Parameters
    ----------
    texts : polars.DataFrame
        Columns text and n.
    mark : str
    """
    glued = split_at(texts, mark).glued
    if not glued.height:
        return None
    left, right = glued.select("left", "right").row(0)
    return left, right, _rejoined(texts["text"], mark, glued)


def share(flags: pl.Series) -> float:
    """Share of True; 0 where there is nothing."""
    return float(flags.sum()) / len(flags) if len(flags) else 0.0


def _escaped(mark: str) -> str:
    return "".join(
        f"\\{character}" if not (character.isalnum() or character.isspace() or ord(character) > 127) else character for character in mark
    )


def split_at(texts: pl.DataFrame, mark: str) -> Split:
    """Measures of the texts when they are split at a mark."""
    pieces = texts.select("text", "n", part=pl.col("text").str.split(mark)).with_row_index("row").explode("part")
    pieces = pieces.with_columns(pl.col("part").str.strip_chars()).filter(pl.col("part") != "")
    sizes = pieces.group_by("row").agg(size=pl.len(), different=pl.col("part").n_unique())
    once = pieces.unique(["row", "part"], maintain_order=True).join(sizes, on="row", how="left", maintain_order="left")
    parts = once.group_by("part", maintain_order=True).agg(
        n_texts=pl.len(), n_rows=pl.col("n").sum(), alone=(pl.col("size") == 1).any(), joined=(pl.col("size") > 1).any()
    )
    joined = once.filter(pl.col("size") > 1).join(parts.select("part", "n_texts"), on="part", how="left", maintain_order="left")
    each = joined.group_by("row").agg(all_recur=(pl.col("n_texts") > 1).all(), n=pl.col("n").first(), none=(pl.col("n_texts") == 1).all())
    of_joined = parts.filter("joined")
    return Split(
        n_joined=each.height,
        n_parts=parts.height,
        recurring=share(each["all_recur"]),
        apart=share(of_joined["n_texts"] > 1),
        alone=share(of_joined["alone"]),
        repeated=share(sizes.filter(pl.col("size") > 1).select(pl.col("size") > pl.col("different")).to_series()),
        n_sizes=sizes["size"].n_unique(),
        never_apart=bool(each["none"].all()) and int(each["n"].sum() or 0) >= 2 * each.height and each.height > 0,
        few_rows=int(each["n"].sum() or 0) < 5 * each.height,
        glued=_glued(pieces, parts),
    )


def _glued(pieces: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Pairs of parts that are never apart and always in one order, in at least two texts and three rows.

    Parameters
    ----------
    pieces : polars.DataFrame
        Columns row, part and n, a line for each part of each text.
    parts : polars.DataFrame
        Columns part, n_texts and n_rows.
    """
    pairs = pieces.select("row", "n", left="part", right=pl.col("part").shift(-1).over("row")).drop_nulls("right")
    pairs = pairs.group_by("left", "right", maintain_order=True).agg(together=pl.col("row").n_unique(), rows=pl.col("n").sum())
    for side in ("left", "right"):
        pairs = pairs.join(parts.select(pl.col("part").alias(side), pl.col("n_texts").alias(f"of_{side}")), on=side, maintain_order="left")
    bound = (pl.col("together") == pl.col("of_left")) & (pl.col("together") == pl.col("of_right")) & (pl.col("left") != pl.col("right"))
    return pairs.filter(bound & (pl.col("together") >= 2) & (pl.col("rows") >= 3)).sort("rows", descending=True, maintain_order=True)


def _free_words(texts: pl.DataFrame, mark: str) -> pl.DataFrame:
    """Neighbouring parts that may be one answer in free words. Columns left, right.

    No other row has them, or the first says "Other" and no row has the second without it.
    """
    pieces = texts.select("n", part=pl.col("text").str.split(mark)).with_row_index("row").explode("part")
    pieces = pieces.with_columns(pl.col("part").str.strip_chars()).filter(pl.col("part") != "")
    rows = pieces.group_by("part").agg(rows=pl.col("n").sum())
    often = rows.filter(pl.col("rows") > 1)["rows"].to_numpy()
    closed = len(often) >= 2 and np.median(often) >= OFTEN and often.sum() >= MOSTLY * int(rows["rows"].sum())
    told = pieces.join(rows, on="part", how="left", maintain_order="left").with_columns(once=pl.col("rows") == 1)
    told = told.with_columns(says_other=pl.col("part").str.contains(OTHER))
    told = told.with_columns(
        right=pl.col("part").shift(-1).over("row"), right_once=pl.col("once").shift(-1).over("row"), run=pl.col("once").rle_id().over("row")
    )
    told = told.with_columns(bound=pl.col("n").sum().over("part", "right") == pl.col("rows").shift(-1).over("row"))
    wordy = (pl.col("part") + pl.lit(" ") + pl.col("right")).str.count_matches(r"\S+") > SHORT
    free = pl.col("says_other").any().over("row", "run") | (pl.lit(bool(closed)) & wordy)
    alone = pl.col("right_once").fill_null(value=False) & pl.col("once") & free
    found = told.filter(alone | (pl.col("says_other") & pl.col("bound").fill_null(value=False)))
    return found.select(pl.col("part").alias("left"), "right").unique(maintain_order=True)


def _judge_usual(column: str, texts: pl.DataFrame, mark: str) -> Delimiter:
    """One of the usual delimiters: it joins, unless its parts are never apart."""
    split = split_at(texts, mark)
    example = texts["text"].filter(texts["text"].str.contains(mark, literal=True))[0]
    if mark == ";" and texts["text"].str.contains(ENTITY).any():
        return Delimiter(mark, "", _entity_line(column, texts["text"]))
    if mark == "," and texts["text"].str.contains(THOUSANDS).all():
        return Delimiter(mark, "", _name_line(column, mark, example))
    if mark[0] in MEDIUM and not split.never_apart:
        if split.glued.height:
            return Delimiter(mark, "", _glued_line(column, texts, mark, split.glued))
        if (free := _free_words(texts, mark)).height:
            return Delimiter(
                mark, "", _glued_line(column, texts, mark, free, "which stand in one cell only, as an answer in free words does")
            )
        if split.n_joined >= 5 and split.apart < 0.5 and not (split.alone >= 0.3 or split.recurring >= 0.5):
            return Delimiter(mark, "", _name_line(column, mark, example))
    if split.never_apart and (mark[0] in MEDIUM or split.n_joined > 1):
        return Delimiter(mark, "", _name_line(column, mark, example))
    if mark[0] in STRONG and split.glued.height * 2 >= max(split.n_parts, 2):
        return Delimiter(mark, "", _glued_line(column, texts, mark, split.glued))
    return Delimiter(mark, f"{split.n_parts:,} parts in {texts.height:,} different cells, {split.apart:.0%} of them in several")


def _judge_prose(column: str, texts: pl.DataFrame) -> Delimiter | None:
    """Whether the last label of a text is joined by "and", as people write: "a, b and c"."""
    last = texts["text"].str.contains(PROSE_LAST)
    if not last.any():
        return None
    plain = texts.with_columns(pl.col("text").str.replace(PROSE_LAST, ","))
    split, before = split_at(plain, ","), split_at(texts, ",")
    if split.n_parts < before.n_parts and split.recurring >= 0.8 and split.alone >= 0.5 and not split.glued.height:
        return Delimiter(PROSE, f"{split.n_parts:,} parts, joined by ',' and at the end by 'and'")
    inside = split_at(_parts_of(texts, ",").with_columns(pl.col("text").str.replace(PROSE_LAST, ";")), ";")
    if not inside.recurring and not inside.alone:
        return None  # the word belongs to the names
    example = texts["text"].filter(last)[0]
    return Delimiter(
        PROSE, "",
        f"labels: expected a clear delimiter in {column!r}, got ',' and a word such as 'and' (as in {shown(example)}), which may join"
        " labels or belong to their names; pass labels_format='prose' if it joins them, or labels_delimiter=',' if it does not",
    )  # fmt: skip


def _judge_several(column: str, texts: pl.DataFrame, marks: list[str]) -> Delimiter:
    """Several usual delimiters: the one of them whose parts hold the others only inside names."""
    fitting = []
    for mark in marks:
        if _judge_usual(column, texts, mark).refusal or split_at(texts, mark).apart < 0.5:
            continue
        parts = _parts_of(texts, mark)
        others = [split_at(parts, other) for other in marks if other != mark and parts["text"].str.contains(other, literal=True).any()]
        if others and all(split.recurring == 0 and split.alone == 0 for split in others):
            fitting.append(mark)
    if len(fitting) == 1:
        return Delimiter(fitting[0], f"the parts between {fitting[0]!r} recur, what is inside them does not")
    example = texts["text"].filter(texts["text"].str.contains(marks[1], literal=True))[0]
    names = " and ".join(map(repr, marks))
    options = " or ".join(f"labels_delimiter={mark!r}" for mark in marks)
    return Delimiter(
        marks[0], "", f"labels: expected one delimiter in {column!r}, got {names} (as in {shown(example)}); name it with {options}"
    )


def _judge_weak(column: str, texts: pl.DataFrame, marks: list[str]) -> Delimiter:
    """Marks that are common in names too: they join only where that is plain."""
    clear, doubtful = [], []
    for mark in marks:
        split = split_at(texts, mark)
        if not split.n_joined:
            continue
        few_parts = split.n_parts < texts.height and split.repeated <= 0.01 and split.n_sizes > 1 and split.n_joined >= 4
        often = split.alone >= 0.5 and split.recurring >= 0.8
        rich = split.recurring >= 0.95 and split.n_parts * 4 <= texts.height and split.n_sizes > 2
        if few_parts and (often or rich) and not split.glued.height:
            clear.append((mark, split))
        elif split.recurring > 0.1 or (split.alone > 0 and (split.glued.height or split.few_rows or mark not in NATURAL)):
            doubtful.append((mark, split))
    others = [mark for mark, _ in [*clear, *doubtful]]
    winners = [(mark, split) for mark, split in clear if all(_inside(texts, mark, other) for other in others if other != mark)]
    if len(winners) == 1:
        mark, split = winners[0]
        return Delimiter(mark, f"{split.n_parts:,} parts in {texts.height:,} different cells, {split.alone:.0%} of them also alone")
    likely = sorted(doubtful, key=lambda entry: -(entry[1].recurring + entry[1].alone))
    unsure = [mark for mark, _ in [*clear, *likely]]
    if not unsure:
        return Delimiter("", f"{texts.height:,} different cells, whose parts do not recur")
    mark = unsure[0]
    example = texts["text"].filter(texts["text"].str.contains(mark, literal=True))[0]
    options = " or ".join(f"labels_delimiter={other!r}" for other in unsure[:4])
    return Delimiter(
        mark, "the parts recur, which names may do too",
        f"labels: expected a clear delimiter in {column!r}, got {' and '.join(map(repr, unsure[:3]))} (as in {shown(example)}), which may"
        f" join labels or belong to their names; pass {options}, or labels_delimiter='' if each cell is one label",
    )  # fmt: skip


def _inside(texts: pl.DataFrame, mark: str, other: str) -> bool:
    """Whether another mark stands only inside the names that are left between `mark`."""
    return split_at(_parts_of(texts, mark), other).recurring <= 0.1


def _parts_of(texts: pl.DataFrame, mark: str) -> pl.DataFrame:
    """The different parts of texts, as texts with their number of rows."""
    pieces = texts.select(pl.col("text").str.split(mark), "n").explode("text").with_columns(pl.col("text").str.strip_chars())
    return pieces.filter(pl.col("text") != "").group_by("text", maintain_order=True).agg(pl.col("n").sum())


def _name_line(column: str, mark: str, example: str) -> str:
    return (
        f"labels: expected a clear delimiter in {column!r}, got {mark!r} in {shown(example)}, which may be part of the name;"
        f" pass labels_delimiter={mark!r}, or labels_delimiter='' if each cell is one label"
    )


def _entity_line(column: str, texts: pl.Series) -> str:
    """The refusal of a semicolon that also ends HTML entities, with the names that the column has if it joins nothing there."""
    protected = texts.str.replace_all(ENTITY, "&$1\0").str.split(";").explode().str.replace_all("\0", ";", literal=True)
    wholes = sorted({name for name in protected.str.strip_chars().to_list() if name})
    names = f"label_names={wholes!r}" if len(wholes) <= 12 else "label_names= with all names"
    example = texts.filter(texts.str.contains(ENTITY))[0]
    return (
        f"labels: expected one delimiter in {column!r}, got ';' that also ends HTML entities (as in {shown(example)}); pass {names},"
        " or labels_delimiter=';' if it joins labels everywhere"
    )


def _glued_line(column: str, texts: pl.DataFrame, mark: str, glued: pl.DataFrame, why: str = "which never come apart") -> str:
    """The refusal of a delimiter that may belong to a name, with the names that the column would have then."""
    left, right = glued.select("left", "right").row(0)
    wholes = _rejoined(texts["text"], mark, glued)
    names = f"label_names={wholes!r}" if len(wholes) <= 12 else f"label_names= with all names, {left + mark + ' ' + right!r} among them"
    return (
        f"labels: expected a clear delimiter in {column!r}, got {mark!r} between {left!r} and {right!r}, {why};"
        f" pass {names} if that is one label with {mark!r} in its name, or labels_delimiter={mark!r} if they are two"
    )


def _rejoined(texts: pl.Series, mark: str, glued: pl.DataFrame) -> list[str]:
    """The names of a column in which glued parts are one name."""
    follows = dict(glued.select("left", "right").iter_rows())
    names: dict[str, None] = {}
    for text in texts.to_list():
        pieces = text.split(mark)
        k = 0
        while k < len(pieces):
            whole = pieces[k]
            while k + 1 < len(pieces) and follows.get(pieces[k].strip()) == pieces[k + 1].strip():
                k += 1
                whole += mark + pieces[k]
            if whole.strip():
                names.setdefault(whole.strip())
            k += 1
    return sorted(names)
