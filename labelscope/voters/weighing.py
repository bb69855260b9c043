"""How far voters are to be believed, and what their votes come to: the one engine behind the consensus.

Each voter has, for each group of questions, a table P(answer | truth), estimated together with the truth by
expectation and maximisation (Dawid and Skene, *Maximum likelihood estimation of observer error-rates using the EM
algorithm*, 1979). Three things differ. Tables are shrunk: a voter's own counts towards what the voter is elsewhere and what
others are on the group, and that towards everybody, so that few votes cannot make a table of their own. A voter who
always gives the same answer, as a rule does, tells nothing by agreeing with others who do so: without audited cells such a
voter is rated by how often it speaks. A rule that calls half of all items by a label that a sixth of them has cannot
often be right, and a narrow rule among wide ones usually is. And where cells were audited, they come before agreement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelscope.voters.ballots import Ballots
from labelscope.voters.dependence import ballot_weights, likeness

__all__ = ["Weighed", "softmax", "weigh"]

ROUNDS = 10
START = 1.0  # votes' worth of an answer's share in the first guess
EVERYBODY = 8.0  # votes' worth of a plain table mixed into that of all voters
MIDDLE = 4.0  # of that of all voters into those of a voter and of a group
OWN = 32.0  # of those into that of a voter on a group
AUDITED = 8.0  # of what agreement says into what audited cells say
ACCURACY = 0.8  # of a voter of whom nothing is known
ONE_ANSWER = 12.0  # audited cells' worth of what is expected of a voter with one answer
WIDE = 0.5  # how far a rule that speaks as often as its label occurs is trusted less
AGREEMENT = 300.0  # cells' worth of that in what a rule's agreement with others says: little
BY_CHANCE = 1e-3  # probability below which a voter's single answer is taken for its nature
LEAST, MOST = 1e-3, 1 - 1e-3


@dataclass(frozen=True, eq=False)
class Weighed:
    """What the votes come to.

    Attributes
    ----------
    ballots : Ballots
    posterior : float64, shape (n_questions, n_answers)
        P(answer is right), rows adding up to one.
    evidence : float64, shape (n_questions, n_answers)
        Log-likelihood of the votes under each answer, without any prior.
    prior : float64, shape (n_groups, n_answers)
        How frequent each answer is.
    each : float64, shape (n_ballots, n_answers)
        What each ballot adds to `evidence`.
    one_answer : bool, shape (n_voters,)
        Voters who gave one answer only.
    """

    ballots: Ballots
    posterior: np.ndarray
    evidence: np.ndarray
    prior: np.ndarray
    each: np.ndarray
    one_answer: np.ndarray


def weigh(
    ballots: Ballots, *, known: np.ndarray | None = None, base: np.ndarray | None = None, beside: np.ndarray | None = None
) -> Weighed:
    """Weigh the votes on all questions.

    Parameters
    ----------
    ballots : Ballots
        At least one.
    known : int array of shape (n_questions,), optional
        The audited answers; -1 where nobody audited.
    base : float array of shape (n_groups, n_answers), optional
        How frequent answers are, for groups on which every voter gives one answer only. Default: all alike.
    beside : float array of shape (n_questions, n_answers), optional
        Log-probability of each answer from elsewhere (a model), which takes the place of how frequent it is. Voters with
        one answer are then rated by where they speak, for something that does not vote itself tells them right from wrong.
    """
    known = np.full(ballots.n_questions, -1) if known is None else known
    base = np.full((ballots.n_groups, ballots.n_answers), 1 / ballots.n_answers) if base is None else np.clip(base, LEAST, MOST)
    one_answer = _one_answer(ballots)
    weights = ballot_weights(ballots, likeness(ballots, one_answer=one_answer))
    narrow = one_answer[ballots.voter]
    asked = np.bincount(ballots.group[ballots.question], minlength=ballots.n_groups)
    open_groups = 2 * np.bincount(ballots.group[ballots.question[~narrow]], minlength=ballots.n_groups) >= asked
    audited = known >= 0
    fixed = np.eye(ballots.n_answers)[known[audited]]
    belief = _start(ballots)
    prior = np.where(open_groups[:, None], _prior(ballots, belief), base)
    belief[audited] = fixed
    trust = _expected_precision(ballots, one_answer, prior) if narrow.any() else np.zeros(0)
    evidence, each = np.zeros_like(belief), np.zeros((len(weights), ballots.n_answers))
    for turn in range(ROUNDS):
        prior = np.where(open_groups[:, None], _prior(ballots, belief), base)
        logs = np.zeros((len(weights), ballots.n_answers))
        if not narrow.all():
            logs = _log_tables(ballots, belief, audited, ~narrow)
        if narrow.any():
            if beside is None and turn <= 1:  # once more would rate them by what they themselves said
                trust = _checked_precision(ballots, each, prior, known, trust, weights, hears_others=turn == 1)
            told = _log_precision(ballots, trust, prior) if beside is None else _log_firing(ballots, belief)
            logs[narrow] = told[narrow]
        each = logs * weights[:, None]
        evidence = ballots.by_question(each)
        belief = softmax(evidence + (np.log(prior)[ballots.group] if beside is None else beside))
        belief[audited] = fixed
    return Weighed(ballots, belief, evidence, prior, each, one_answer)


def softmax(logs: np.ndarray) -> np.ndarray:
    """Rows of log-weights as probabilities."""
    out = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def _one_answer(ballots: Ballots) -> np.ndarray:
    """Voters who gave one answer only, by their nature, bool (n_voters,).

    Among voters with several answers, a few who gave the same one may have met nothing else, and who always gives the
    most frequent answer is a lazy rater: their tables tell that they inform nobody.
    """
    said = np.zeros((ballots.n_voters, ballots.n_answers))
    np.add.at(said, (ballots.voter, ballots.answer), 1.0)
    one = (said > 0).sum(axis=1) == 1
    several = said[(said > 0).sum(axis=1) > 1].sum(axis=0)
    if several.sum() < said.sum() / 2:
        return one  # rules, with a few others among them
    share = (several + 1) / (several.sum() + ballots.n_answers)
    rare = share[said.argmax(axis=1)] < 0.5
    return np.asarray(one & rare & ((said * np.log(share)).sum(axis=1) < np.log(BY_CHANCE)))


def _start(ballots: Ballots) -> np.ndarray:
    """The share of the votes, with a little of how frequent each answer is."""
    share = np.ones((ballots.n_groups, ballots.n_answers))
    np.add.at(share, ballots.group, ballots.counts)
    share /= share.sum(axis=1, keepdims=True)
    first = ballots.counts + START * share[ballots.group]
    return first / first.sum(axis=1, keepdims=True)


def _prior(ballots: Ballots, belief: np.ndarray) -> np.ndarray:
    total = np.zeros((ballots.n_groups, ballots.n_answers))
    np.add.at(total, ballots.group, belief)
    everywhere = total.sum(axis=0) / max(total.sum(), 1.0)
    return np.clip((total + everywhere * ballots.n_answers) / (total.sum(axis=1, keepdims=True) + ballots.n_answers), 1e-9, None)


def _log_tables(ballots: Ballots, belief: np.ndarray, audited: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Log P(the ballot's answer | truth), (n_ballots, n_answers), of ballots of voters with several answers."""
    keys, pair = ballots.pairs
    agreed = _shrunk(ballots, _tables(ballots, belief, taken), keys)
    if audited.any():
        own = _tables(ballots, belief, taken & audited[ballots.question])
        agreed = (own + AUDITED * agreed) / (own.sum(axis=2, keepdims=True) + AUDITED)
    return np.log(np.maximum(agreed, 1e-9))[pair, :, ballots.answer]


def _tables(ballots: Ballots, belief: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """How often each pair of voter and group gave each answer under each truth, (n_pairs, truth, answer)."""
    keys, pair = ballots.pairs
    n = ballots.n_answers
    out = np.zeros((len(keys), n, n))
    at = pair[taken] * n + ballots.answer[taken]
    for truth in range(n):
        out[:, truth, :] = np.bincount(at, belief[ballots.question[taken], truth], len(keys) * n).reshape(len(keys), n)
    return out


def _shrunk(ballots: Ballots, tables: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """P(answer | truth) of each pair, (n_pairs, truth, answer)."""
    n = ballots.n_answers
    plain = np.where(np.eye(n) > 0, ACCURACY, (1 - ACCURACY) / max(n - 1, 1))
    everybody = _mixed(tables.sum(axis=0), plain, EVERYBODY)
    voters, groups = np.zeros((ballots.n_voters, n, n)), np.zeros((ballots.n_groups, n, n))
    np.add.at(voters, keys // ballots.n_groups, tables)
    np.add.at(groups, keys % ballots.n_groups, tables)
    voter, group = _mixed(voters, everybody, MIDDLE)[keys // ballots.n_groups], _mixed(groups, everybody, MIDDLE)[keys % ballots.n_groups]
    middle = voter * group / everybody
    middle /= middle.sum(axis=2, keepdims=True)
    return _mixed(tables, middle, OWN)


def _mixed(counts: np.ndarray, towards: np.ndarray, worth: float) -> np.ndarray:
    return np.asarray((counts + worth * towards) / (counts.sum(axis=-1, keepdims=True) + worth))


def _expected_precision(ballots: Ballots, one_answer: np.ndarray, base: np.ndarray) -> np.ndarray:
    """How often a voter with one answer is expected to be right, by pair of voter and group, from how often it speaks."""
    keys, pair = ballots.pairs
    group = keys % ballots.n_groups
    answer = np.zeros(len(keys), np.int64)
    answer[pair] = ballots.answer
    asked = np.bincount(ballots.group, minlength=ballots.n_groups)[group]
    often = base[group, answer]
    spoken = np.bincount(pair, minlength=len(keys)) / asked / often  # 1: as often as the answer is right
    expected = np.minimum(ACCURACY / (1 + WIDE * spoken), 1 / spoken)
    return np.clip(np.where(one_answer[keys // ballots.n_groups], np.maximum(expected, often), ACCURACY), LEAST, MOST)


def _checked_precision(
    ballots: Ballots,
    each: np.ndarray,
    prior: np.ndarray,
    known: np.ndarray,
    expected: np.ndarray,
    weights: np.ndarray,
    *,
    hears_others: bool,
) -> np.ndarray:
    """The expected precision, corrected by what the other voters say (a little) and by audited cells (fully)."""
    keys, pair = ballots.pairs
    here = np.arange(len(pair))
    others = softmax(ballots.by_question(each)[ballots.question] - each + np.log(prior)[ballots.group[ballots.question]])
    spoken = (ballots.counts.sum(axis=1)[ballots.question] > 1) * weights * hears_others
    right = np.bincount(pair, spoken * others[here, ballots.answer], len(keys))
    agreed = (right + AGREEMENT * expected) / (np.bincount(pair, spoken, len(keys)) + AGREEMENT)
    audited = known[ballots.question] >= 0
    hits = np.bincount(pair, audited * (known[ballots.question] == ballots.answer), len(keys))
    return np.clip((hits + ONE_ANSWER * agreed) / (np.bincount(pair, audited, len(keys)) + ONE_ANSWER), LEAST, MOST)


def _log_precision(ballots: Ballots, trust: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Evidence of a voter who gives one answer only: under the plain prior, the answer becomes as probable as it is trusted."""
    _, pair = ballots.pairs
    often = prior[ballots.group[ballots.question], ballots.answer]
    trusted = trust[pair]
    out = np.zeros((len(pair), ballots.n_answers))
    out[np.arange(len(pair)), ballots.answer] = np.log(trusted / (1 - trusted)) - np.log(often / (1 - often))
    return out


def _log_firing(ballots: Ballots, belief: np.ndarray) -> np.ndarray:
    """Log P(the voter speaks | truth), (n_ballots, n_answers)."""
    keys, pair = ballots.pairs
    spoken, asked = np.zeros((len(keys), ballots.n_answers)), np.zeros((ballots.n_groups, ballots.n_answers))
    np.add.at(spoken, pair, belief[ballots.question])
    np.add.at(asked, ballots.group, belief)
    asked = asked[keys % ballots.n_groups]
    often = spoken.sum(axis=1, keepdims=True) / np.maximum(asked.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.log(np.clip((spoken + often) / (asked + 1), LEAST, 1))[pair])
