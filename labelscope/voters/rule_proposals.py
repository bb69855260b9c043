"""Rules proposed from the words that go with a label."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from labelscope.compute.intervals import wilson
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.labels import NEGATIVE, POSITIVE
from labelscope.data.results import Result
from labelscope.errors import DataError
from labelscope.voters.rules import Rule

__all__ = ["RuleProposals", "propose_rules"]

LEAST_TEXTS = 5
LEAST_PRECISION = 0.8  # lower limit of the interval
WORD = r"(?u)\b\w[\w']+\b"


@dataclass(frozen=True, eq=False, repr=False)
class RuleProposals(Result):
    """Words that nearly always go with a label, each a rule that can be taken over.

    Attributes
    ----------
    frame : polars.DataFrame
        word, label, n (known texts with the word), right (of these with the label), precision, low, high (95 % interval);
        the largest lower limit first.
    rules : tuple of Rule
        One a row: the word in any case, as a word of its own.
    """

    rules: tuple[Rule, ...] = ()

    def summary(self) -> str:
        """One line of plain text."""
        return (
            f"RuleProposals: {self.frame.height:,} words that go with '{self.frame['label'][0]}'" if self.rules else "RuleProposals: none"
        )


@checked
def propose_rules(ds: Dataset, label: str, *, n: int = 20) -> RuleProposals:
    """Keyword rules for a label: the words that occur with it more often than chance explains.

    A word is proposed if it is in at least five texts whose state of the label is known, and the lower limit of the share
    that has the label is at least 0.8. The share is that of the given labels: where these are wrong, so is it.

    Parameters
    ----------
    ds : Dataset
        With a text.
    label : str
    n : int
        Most words that are proposed.

    Returns
    -------
    RuleProposals

    Raises
    ------
    DataError
        If there is no text or no such label.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    if ds.text is None:
        raise DataError("propose_rules: expected a data set with a text column, got none; name it with text=")
    column = ds.label_position(label)
    states = ds.labels.columns(np.array([column]))[:, 0]
    known = states >= NEGATIVE
    texts = ds.items[ds.text].cast(pl.String).fill_null("").filter(pl.Series(known))
    found = pl.DataFrame(schema={"word": pl.String, "label": pl.String, "n": pl.Int64, "right": pl.Int64, **_SHARES})
    counter = CountVectorizer(binary=True, token_pattern=WORD)
    try:
        held = counter.fit_transform(texts.to_list())
    except ValueError:  # not a word in any text
        return RuleProposals(found)
    n_texts = np.asarray(held.sum(axis=0)).ravel().astype(np.int64)
    right = np.asarray((states[known] == POSITIVE).astype(np.int64) @ held).ravel()
    low, high = wilson(right, n_texts)
    words = counter.get_feature_names_out()
    strong = np.flatnonzero((n_texts >= LEAST_TEXTS) & (low >= LEAST_PRECISION))
    strong = strong[np.lexsort((words[strong], -low[strong]))][:n]
    name = ds.label_names[column]
    frame = pl.DataFrame({
        "word": words[strong].tolist(), "label": [name] * len(strong), "n": n_texts[strong], "right": right[strong],
        "precision": right[strong] / n_texts[strong], "low": low[strong], "high": high[strong],
    }, schema=found.schema)  # fmt: skip
    return RuleProposals(frame, rules=tuple(word_rule(word, name) for word in frame["word"]))


def word_rule(word: str, label: str) -> Rule:
    """The rule that a word, in any case and standing alone, speaks for a label."""
    return Rule(f"{label}: {word}", label, re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE))


_SHARES = {"precision": pl.Float64, "low": pl.Float64, "high": pl.Float64}
