"""Rules: short statements that vote on one label, written by a person, where their condition holds (labelling functions)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.errors import DataError
from labelscope.query.grammar import And, Node, Not, Or, Term, parse
from labelscope.query.terms import ItemTerms

__all__ = ["Rule", "check_rules", "holds", "rule_votes"]

Row = Mapping[str, Any]
HEARSAY = {"suspicion", "is", "add", "remove", "missing", "spurious", "unknown", "decided", "by", "vote"}  # what others concluded
PYTHON_ONLY = re.compile(r"\(\?[=!<P]|\\[1-9ZbB]?[Z]|(?<!\\)\$|\\[1-9]")  # lookaround, references, and ends that Rust reads otherwise
FLAGS = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"), (re.VERBOSE, "x"))


@dataclass(frozen=True)
class Rule:
    """A rule votes on one label, for the items on which its condition holds; on the others it says nothing.

    Attributes
    ----------
    name : str
        Under which it votes.
    label : str
        The label that it votes on.
    when : str, compiled regular expression, or callable
        A query of the filter bar (``text:refund AND column:source:mail``), a pattern to be found in the text, or a
        function of the row (a mapping of column to value) that says whether it holds. A query may name other labels and
        columns; not the rule's own label, nor suspicion, probabilities or verdicts, which would make it its own witness.
    vote : {1, 0}
        What it says: the label is there, or it is not.

    Examples
    --------
    >>> Rule("refund", "complaint", re.compile(r"money back", re.I)).kind
    'regex'
    """

    name: str
    label: str
    when: str | re.Pattern[str] | Callable[[Row], Any]
    vote: int = POSITIVE

    def __post_init__(self) -> None:
        for field in ("name", "label"):
            if not (isinstance(getattr(self, field), str) and getattr(self, field).strip()):
                raise DataError(f"rule: expected a {field} in words, got {getattr(self, field)!r}; name it")
        vote: object = self.vote
        if not isinstance(vote, int) or vote not in (POSITIVE, NEGATIVE) or isinstance(vote, bool):
            raise DataError(f"rule {self.name!r}: expected vote 1 or 0, got {self.vote!r}; 1 says that the label is there")
        condition: object = self.when  # callers need not be typed
        if isinstance(condition, re.Pattern):
            pattern: object = condition.pattern
            if not isinstance(pattern, str):
                raise DataError(f"rule {self.name!r}: expected a pattern of text, got one of bytes; leave out the b before it")
        elif isinstance(condition, str):
            _refuse_hearsay(parse(condition), self)
        elif not callable(condition):
            kinds = "a query, a compiled regular expression or a function of the row"
            raise DataError(f"rule {self.name!r}: expected when= to be {kinds}, got {type(condition).__name__}; re.compile(...) makes one")

    @property
    def kind(self) -> str:
        """How the condition is written: "query", "regex" or "python"."""
        return "query" if isinstance(self.when, str) else "regex" if isinstance(self.when, re.Pattern) else "python"


@checked
def rule_votes(ds: Dataset, rules: Sequence[Any]) -> pl.DataFrame:
    """The votes of rules on a data set.

    Parameters
    ----------
    ds : Dataset
    rules : sequence of Rule

    Returns
    -------
    polars.DataFrame
        item_id, rater (the rule), label, value (1 or 0), rule by rule; what ``consensus`` and ``Dataset`` take as votes.

    Raises
    ------
    DataError
        If two rules have one name, a rule is about an unknown label or column, or its function fails: one line.

    Examples
    --------
    >>> ds = Dataset.from_arrays([[1], [0]], label_names=["spam"], items=pl.DataFrame({"text": ["win money", "hello"]}), text="text")
    >>> rule_votes(ds, [Rule("money", "spam", "text:money")]).rows()
    [(0, 'money', 'spam', 1)]
    """
    columns = [pl.DataFrame(schema={"item_id": ds.item_ids.dtype, "rater": pl.String, "label": pl.String, "value": pl.Int8})]
    for rule in check_rules(ds, rules):
        items = ds.item_ids.filter(pl.Series(holds(ds, rule)))
        said = {"rater": pl.lit(rule.name), "label": pl.lit(rule.label), "value": pl.lit(rule.vote, pl.Int8)}
        columns.append(items.to_frame("item_id").with_columns(**said))
    return pl.concat(columns)


def check_rules(ds: Dataset, rules: Sequence[Any]) -> list[Rule]:
    """The rules, if they can vote on this data set.

    Raises
    ------
    DataError
        If not.
    """
    names: set[str] = set()
    for rule in rules:
        if not isinstance(rule, Rule):
            raise DataError(f"rules: expected a list of Rule, got a {type(rule).__name__} in it; make it with Rule(name, label, when)")
        if rule.name in names:
            raise DataError(f"rules: expected one rule a name, got two of {rule.name!r}; rename one")
        names.add(rule.name)
        if not ds.has_label(rule.label):
            raise DataError(
                f"rule {rule.name!r}: expected a label of the data set, got {rule.label!r}; mend the name or leave the rule out"
            )
    return list(rules)


def holds(ds: Dataset, rule: Rule) -> np.ndarray:
    """Where the condition of a rule holds, bool (n_items,).

    Raises
    ------
    DataError
        If it cannot be told on this data set.
    """
    if isinstance(rule.when, re.Pattern):
        return _found(ds, rule, rule.when)
    if isinstance(rule.when, str):
        return _queried(ds, rule, rule.when)
    return _called(ds, rule, rule.when)


def _found(ds: Dataset, rule: Rule, pattern: re.Pattern[str]) -> np.ndarray:
    if ds.text is None:
        raise DataError(f"rule {rule.name!r}: expected a data set with a text column to search, got none; name it with text=")
    texts = ds.items[ds.text].cast(pl.String)
    flags = "".join(letter for flag, letter in FLAGS if pattern.flags & flag)
    if not PYTHON_ONLY.search(pattern.pattern) and not pattern.flags & re.ASCII:
        try:
            found = texts.str.contains(f"(?{flags}){pattern.pattern}" if flags else pattern.pattern)
            return found.fill_null(value=False).to_numpy().copy()
        except pl.exceptions.ComputeError:  # Python knows constructs that Rust does not
            pass
    search = pattern.search
    return np.fromiter((text is not None and search(text) is not None for text in texts), bool, len(texts))


def _queried(ds: Dataset, rule: Rule, query: str) -> np.ndarray:
    tree = parse(query)
    _refuse_hearsay(tree, rule, tuple(ds.label_names))
    labels = ds.labels

    def states(label: int) -> np.ndarray:
        return labels.columns(np.array([label]))[:, 0]

    return ItemTerms(ds, states).query(query)


def _called(ds: Dataset, rule: Rule, condition: Callable[[Row], Any]) -> np.ndarray:
    def answer() -> Iterator[bool]:
        for row in ds.items.iter_rows(named=True):
            answered.append(None)
            yield bool(condition(row))

    answered: list[None] = []
    try:
        return np.fromiter(answer(), bool, ds.n_items)
    except Exception as error:
        said, item = f"{type(error).__name__}: {error}", ds.item_ids[len(answered) - 1]
        raise DataError(
            f"rule {rule.name!r}: expected its function to answer for every row, got {said} for item {item!r}; mend it"
        ) from error


def _refuse_hearsay(node: Node, rule: Rule, labels: tuple[str, ...] = ()) -> None:
    """Refuse a query that asks what others concluded, or for the label that the rule is about."""
    match node:
        case Not(child):
            _refuse_hearsay(child, rule, labels)
        case And(left, right) | Or(left, right):
            _refuse_hearsay(left, rule, labels)
            _refuse_hearsay(right, rule, labels)
        case Term():
            field, about = node.field.lower(), rule.label.lower()
            known = {name.lower() for name in labels}
            what = ""
            if about in (node.raw.lower(), field):
                what = "its own label"
            elif field == "labels" and node.op:
                what = "the number of labels, its own among them,"
            elif field in HEARSAY and node.op and field not in known:
                what = f"{field}:"
            elif node.op in (">", "<", ">=", "<=") and field in known:
                what = "a probability"
            if what:
                raise DataError(
                    f"rule {rule.name!r}: expected a condition on texts, columns and other labels, got {what} in {node.raw!r};"
                    " a rule that asks for conclusions would confirm them"
                )
