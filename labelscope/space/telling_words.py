"""The words, or labels, that set groups of items apart: what a group of items, or a region of the map, may be called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from labelscope.space.text import TOKEN

__all__ = ["CountedWords", "count_words"]

COMMON = 0.5  # share of the texts above which a word sets nothing apart
OFTEN, MANY = 0.05, 2000  # where there are so many words, it is this: those above are "he", "there", "of"
LIFT = 2.0  # share of a word in a group, times that in all texts, from which it sets the group apart


class CountedWords:
    """How often each word occurs in each text.

    Parameters
    ----------
    counts : sparse matrix of int, shape (n_texts, n_words)
    words : array of str, shape (n_words,)
    """

    def __init__(self, counts: sp.csr_matrix, words: np.ndarray) -> None:
        self._counts, self._words = counts, words
        self._total = np.asarray(counts.sum(axis=0), np.float64).ravel()
        self._overall = np.maximum(self._total, 1) / max(self._total.sum(), 1)  # of a label that no item has, nothing is set apart

    def apart(self, groups: Sequence[np.ndarray], n_words: int) -> list[list[str]]:
        """The words that set each group apart from the other groups and from the rest, the most telling first.

        Parameters
        ----------
        groups : sequence of int arrays
            Rows of the texts of each group.
        n_words : int
            Of a group, at most.

        Notes
        -----
        Share of a word in the group, times the logarithm of how often that is its share in all texts: its part of the divergence of
        the two distributions, Kullback and Leibler (1951). A word that is not twice as common in the group tells nothing; in a group of
        a third of all words or more, one that is not half as telling as a word could be.

        Examples
        --------
        >>> texts = ["cat purrs", "cat naps", "dog barks", "dog digs", "eel", "owl", "ant", "bee", "fox", "elk"]
        >>> count_words(texts).apart([[0, 1], [2, 3]], 1)
        [['cat'], ['dog']]
        """
        if not groups:
            return []
        sizes = [len(rows) for rows in groups]
        at = (np.repeat(np.arange(len(groups)), sizes), np.concatenate([np.asarray(rows, np.int64) for rows in groups]))
        sums = sp.csr_matrix((np.ones(len(at[0])), at), shape=(len(groups), self._counts.shape[0])) @ self._counts
        share = np.asarray(sums.todense(), np.float64)
        said = np.maximum(share.sum(axis=1, keepdims=True), 1)
        share /= said
        lift = share / self._overall
        least = np.minimum(LIFT, (1 + self._total.sum() / said) / 2)  # nothing is twice as common in a group of more than half
        weight = np.where(lift >= least, share * np.log(np.maximum(lift, least)), 0)
        order = np.argsort(-weight, axis=1, kind="stable")[:, :n_words]
        return [[str(self._words[term]) for term in row if weight[group, term] > 0] for group, row in enumerate(order)]


def count_words(texts: Sequence[str]) -> CountedWords | None:
    """Count the words of texts but for the commonest; None where there is no word, or none but those."""
    from sklearn.feature_extraction.text import CountVectorizer  # slow to load

    counter = CountVectorizer(token_pattern=TOKEN, max_df=COMMON)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # that is how it says that no word is left
        return None
    words = counter.get_feature_names_out()
    told = np.array([_tells(word) for word in words])
    if len(words) >= MANY:
        told &= np.bincount(counts.indices, minlength=len(words)) <= OFTEN * len(texts)
    return CountedWords(counts[:, told], words[told]) if told.any() else None


def _tells(word: str) -> bool:
    """Whether a word can name something: a letter alone is what is left of "I'm"; "of", "in" and numbers say nothing by themselves."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return (len(word) > 1 or not word.isascii()) and word not in ENGLISH_STOP_WORDS and not word.isdecimal()
