"""Relations between labels, read from their names alone: "carved oak" is "oak", "etchings" are "etching".

The recipe of the curators of iMet 2020 (Nguyen and Kim 2021, arXiv:2106.00815), without their quadratic comparison:
names are joined through their words, so that 100,000 of them take seconds. A name is no proof ("hot dog" is no dog): what
comes out is asked of a person, and the labels may contradict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.results import Result
from labelscope.stats.words import Name, near_words, parse_names, path_separators

__all__ = ["NameRelations", "name_relations"]

LEAST_LETTERS = 3  # of a word that stands for a concept
LEAST_RATIO = 0.9  # of two names that may be one with a slip
SCHEMA = {"label_a": pl.String, "relation": pl.String, "label_b": pl.String, "rule": pl.String, "ratio": pl.Float64}
Found = tuple[int, str, int, str, float]  # positions of a and b


@dataclass(frozen=True, eq=False, repr=False)
class NameRelations(Result):
    """Relations that the names suggest, in the order of the labels.

    Attributes
    ----------
    frame : polars.DataFrame
        label_a; relation = "implies" (a implies b) or "identical"; label_b; rule = "path" (01/05 continues 01), "word"
        (b is one word of a), "phrase" (several words of a in a row), "spelling" (the same but for case, punctuation,
        accents, spaces, plural or the order of what "and" joins) or "slip" (one word with one letter wrong); ratio =
        similarity of the two names, 0 to 1.
    """

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        counts = dict(self.frame.group_by("rule").len().sort("rule").iter_rows())
        found = ", ".join(f"{count:,} by {rule}" for rule, count in counts.items()) or "none"
        return f"Relations suggested by {self.frame.height:,} pairs of names: {found}"


@checked
def name_relations(label_names: Sequence[str] | Dataset, *, phrases: bool = False) -> NameRelations:
    """Relations between labels that their names suggest; needs no item.

    Parameters
    ----------
    label_names : sequence of str, or Dataset
        The names, or the data set whose labels have them.
    phrases : bool
        Also what contains another name of several words ("pen and brown ink" implies "brown ink"). On iMet 2020, whose
        curated parents are nearly all single words, this finds no more of them and lowers the precision from 0.91 to
        0.77; a label set with well-kept names of several words may gain.

    Returns
    -------
    NameRelations

    Notes
    -----
    Names are compared within their name space ("medium::silk" is not compared with "tags::silk"). Where most names
    with a separator continue another label, the separator makes paths, and a path implies its beginnings. Codes, that
    is names without a word of three letters, are compared as paths only. A word is looked for as it is written; its
    singular only where nothing is called as it is written.

    Examples
    --------
    >>> name_relations(["oak", "carved oak", "Etching", "etchings"]).frame.rows()
    [('carved oak', 'implies', 'oak', 'word', 0.46153846153846156), ('Etching', 'identical', 'etchings', 'spelling', 0.9333333333333333)]
    """
    names = [str(name) for name in (label_names.label_names if isinstance(label_names, Dataset) else label_names)]
    parsed = parse_names(names)
    found: dict[tuple[int, int], Found] = {}
    for rule in (_paths(names), _same_spelling(names, parsed), _slips(parsed), _contained(names, parsed, phrases=phrases)):
        for row in rule:
            found.setdefault((min(row[0], row[2]), max(row[0], row[2])), row)  # the surest rule speaks
    rows = [(names[a], relation, names[b], rule, ratio) for a, relation, b, rule, ratio in found.values()]
    order = {name: k for k, name in enumerate(names)}
    rows.sort(key=lambda row: (order[row[0]], order[row[2]]))
    return NameRelations(pl.DataFrame(rows, schema=SCHEMA, orient="row"))


def _paths(names: Sequence[str]) -> Iterator[Found]:
    """A path implies each of its beginnings that is a label."""
    position = {name: k for k, name in enumerate(names)}
    for separator in path_separators(names):
        for k, name in enumerate(names):
            rest = name
            while separator in rest:
                rest = rest.rpartition(separator)[0].rstrip()
                if rest in position:
                    yield k, "implies", position[rest], "path", _part_ratio(name, rest)


def _same_spelling(names: Sequence[str], parsed: Sequence[Name]) -> Iterator[Found]:
    """Names that are the same in what matters; each with the first of its kind."""
    for key in (_run_together, _in_any_order):
        first: dict[tuple[str, ...], int] = {}
        for k, name in enumerate(parsed):
            if _is_code(name):
                continue
            j = first.setdefault(key(name), k)
            if j != k and names[j] != names[k]:
                yield j, "identical", k, "spelling", _ratio(names[j], names[k])


def _run_together(name: Name) -> tuple[str, ...]:
    return (name.space, "".join(name.stems))


def _in_any_order(name: Name) -> tuple[str, ...]:
    return (name.space, name.joint, *sorted(" ".join(part) for part in name.parts))


def _slips(parsed: Sequence[Name]) -> Iterator[Found]:
    """Names that become one another by one letter of one word."""
    near = near_words(word for name in parsed for word in name.stems)
    places: dict[tuple[str, ...], int] = {}
    for k, name in enumerate(parsed):
        places.setdefault((name.space, *name.stems), k)
    for k, name in enumerate(parsed):
        for spot, word in enumerate(name.stems):
            for other in near.get(word, ()):
                j = places.get((name.space, *name.stems[:spot], other, *name.stems[spot + 1 :]))
                if j is not None and j > k:
                    ratio = _ratio(" ".join(name.stems), " ".join(parsed[j].stems))
                    if ratio >= LEAST_RATIO:
                        yield k, "identical", j, "slip", ratio


def _contained(names: Sequence[str], parsed: Sequence[Name], *, phrases: bool) -> Iterator[Found]:
    """A name implies the names that stand in it: single words, and phrases that no "and" or comma cuts if asked for."""
    written: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    stemmed: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    longest = 1
    for k, name in enumerate(parsed):
        if len(name.parts) == 1 and (phrases or len(name.words) == 1) and not _is_code(name):
            for words, holders in ((name.words, written), (name.stems, stemmed)):
                key = (name.space, *words)
                holders[key].append(k)
            longest = max(longest, len(name.words))
    for k, name in enumerate(parsed):
        for start in range(len(name.words)):
            for end in range(start + 1, min(len(name.words), start + longest) + 1):
                inside = written.get((name.space, *name.words[start:end])) or stemmed.get((name.space, *name.stems[start:end])) or ()
                for j in inside if end - start < len(name.words) else ():
                    yield k, "implies", j, "word" if end - start == 1 else "phrase", _part_ratio(names[k], names[j])


def _is_code(name: Name) -> bool:
    """Whether no word is long enough to mean something."""
    return not any(len(word) >= LEAST_LETTERS and word.isalpha() for word in name.words)


def _part_ratio(whole: str, part: str) -> float:
    """:func:`_ratio` of a name and one that stands in it, without the search."""
    return 2 * len(part) / (len(whole) + len(part))


def _ratio(a: str, b: str) -> float:
    return SequenceMatcher(None, a.lower(), b.lower(), autojunk=False).ratio()
