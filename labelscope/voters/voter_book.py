"""The voter book: everybody who votes on a data set, with the rules and the votes that people kept in the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Literal
from uuid import uuid4

import msgspec
import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.frames import to_polars
from labelscope.data.votes import Votes
from labelscope.errors import DataError
from labelscope.review.events import utc_now
from labelscope.review.ledger import Ledger
from labelscope.review.said_notes import SaidNotes
from labelscope.voters.rule_file import SavedRule, read_saved, saved_rule, write_saved
from labelscope.voters.rules import Rule, check_rules, holds, rule_votes
from labelscope.voters.voter_notes import RuleNote, VotesNote

__all__ = ["KeptRule", "VoterBook", "VoterKind"]

VoterKind = Literal["rater", "rule", "judge"]
KEPT = {"item_id": pl.String, "rater": pl.String, "label": pl.String, "value": pl.Int8, "reason": pl.String, "of": pl.String}
N_MASKS = 512  # conditions whose items are remembered


@dataclass(frozen=True)
class KeptRule:
    """A rule of the book.

    Attributes
    ----------
    rule_id : str
    saved : SavedRule
    rule : Rule or None
        None where it cannot vote on this data set.
    why : str
        Why it cannot.
    reviewer, time : str
        Who saved it last, and when.
    """

    rule_id: str
    saved: SavedRule
    rule: Rule | None
    why: str
    reviewer: str
    time: str


@dataclass(frozen=True)
class _Book:
    """The book as of a note."""

    rules: tuple[KeptRule, ...] = ()
    kept: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KEPT))
    votes: Votes | None = None


class VoterBook:
    """Raters of the data set, rules that people saved, and votes of judges that were kept.

    Parameters
    ----------
    dataset : Dataset
    ledger : Ledger
    reviewer : callable
        Gives the name that signs the next note.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """

    def __init__(self, dataset: Dataset, ledger: Ledger, reviewer: Callable[[], str]) -> None:
        self.dataset = dataset
        self._rules = SaidNotes(ledger, reviewer, "rule", RuleNote)
        self._votes = SaidNotes(ledger, reviewer, "votes", VotesNote)
        self._lock = RLock()
        self._masks: dict[tuple[object, ...], np.ndarray] = {}
        self._read: tuple[tuple[int, int], _Book] | None = None

    def relabel(self, dataset: Dataset, _: Collection[str]) -> None:
        """Go on with the same data set under another label set."""
        with self._lock:
            self.dataset, self._read = dataset, None
            self._masks.clear()

    # What stands -----------------------------------------------------------------------------------------------

    @property
    def version(self) -> tuple[int, int]:
        """Another one whenever the voters, or what they say, are others."""
        return len(self._rules.events), len(self._votes.events)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The saved rules that can vote on this data set, in the order in which they were saved."""
        return tuple(kept.rule for kept in self.kept_rules if kept.rule is not None)

    @property
    def kept_rules(self) -> tuple[KeptRule, ...]:
        """All saved rules, also those that cannot vote on this data set."""
        return self._standing.rules

    @property
    def votes(self) -> Votes | None:
        """The votes of all voters on this data set; None without any."""
        return self._standing.votes

    @property
    def kept(self) -> pl.DataFrame:
        """The kept votes: item_id (as text), rater, label, value, reason, of ("judge", or "rule" for a Python function)."""
        return self._standing.kept

    @property
    def judged(self) -> Votes | None:
        """The kept votes of judges on this data set; None without any."""
        return self._votes_here(self.kept.filter(of="judge"))

    @property
    def kinds(self) -> dict[str, VoterKind]:
        """What each voter is."""
        kinds: dict[str, VoterKind] = dict.fromkeys(() if self.dataset.votes is None else self.dataset.votes.rater_names, "rater")
        kinds |= dict.fromkeys((rule.name for rule in self.rules), "rule")
        known: dict[str, VoterKind] = {"judge": "judge", "rule": "rule"}
        return kinds | {name: known[of] for name, of in self.kept.select("rater", "of").unique().iter_rows()}

    # What people do --------------------------------------------------------------------------------------------

    def save(self, rule: Rule | SavedRule, *, rule_id: str | None = None) -> None:
        """Save a rule: from now on it is a voter, here and for all who review on this ledger.

        Of a Python function only the votes are kept: it cannot be read from a ledger.

        Parameters
        ----------
        rule : Rule
        rule_id : str, optional
            The rule that it takes the place of.

        Raises
        ------
        DataError
            If another voter has its name, or it cannot vote on this data set.
        LedgerError
            If it could not be made durable; then there is no such rule.
        """
        made = rule.made() if isinstance(rule, SavedRule) else rule
        check_rules(self.dataset, [made])
        with self._lock:
            self.sync()
            if rule_id is not None and all(kept.rule_id != rule_id for kept in self.kept_rules):
                raise DataError(
                    f"rule {made.name!r}: expected a saved rule to take its place, got one that was deleted; save it as a new one"
                )
            if made.kind == "python":
                if self.kept.filter(rater=made.name, of="rule").height:
                    self.drop(made.name)
                self.keep(rule_votes(self.dataset, [made]), of="rule")
                return
            self._check_name(made.name, rule_id)
            self._mask(made)  # refused here, not when the votes are counted
            saved = rule if isinstance(rule, SavedRule) else saved_rule(made)
            self._note("save", rule_id or uuid4().hex, saved)

    def delete(self, rule_id: str) -> None:
        """Delete a rule; :meth:`undo` brings it back.

        Raises
        ------
        DataError
            If there is no such rule.
        LedgerError
            If that could not be made durable; then the rule stands.
        """
        with self._lock:
            self.sync()
            kept = next((kept for kept in self.kept_rules if kept.rule_id == rule_id), None)
            if kept is None:
                raise DataError("rule: expected one that is there, got another; somebody may have deleted it")
            self._note("delete", rule_id, kept.saved)

    def undo(self) -> RuleNote | None:
        """Take back what this reviewer last did to a rule; None if that is nothing."""
        return self._rules.undo()

    def redo(self) -> RuleNote | None:
        """Take back this reviewer's last undo, unless a rule was changed since."""
        return self._rules.redo()

    @property
    def undoable(self) -> RuleNote | None:
        """What :meth:`undo` would take back."""
        return self._rules.undoable

    def keep(self, votes: Any, *, of: Literal["judge", "rule"] = "judge") -> None:
        """Keep votes, as :func:`labelscope.judge` returns them; a voter's later vote on a cell replaces its earlier one.

        Parameters
        ----------
        votes : frame of (item_id, rater, label, value)
            With a column `reason`, that is kept too.
        of : {"judge", "rule"}

        Raises
        ------
        DataError
            If a vote is not on this data set, or a rater or a saved rule has the name of the voter.
        LedgerError
            If they could not be made durable; then none of that voter is kept.
        """
        frame = to_polars(votes, "votes")
        Votes.build(frame, self.dataset.item_ids, self.dataset.label_names)
        reason = pl.col("reason").cast(pl.String).fill_null("") if "reason" in frame.columns else pl.lit("")
        told = frame.select(pl.col("item_id", "rater", "label").cast(pl.String), pl.col("value").cast(pl.Int8), reason=reason)
        for (voter,), part in told.partition_by("rater", as_dict=True, maintain_order=True).items():
            self.check_voter(str(voter), of)
            items, labels, values, reasons = (tuple(part[name].to_list()) for name in ("item_id", "label", "value", "reason"))
            note = VotesNote(0, "keep", str(voter), of, items, labels, values, reasons, self._votes.reviewer, utc_now())
            self._votes.add(note, ("keep", note.reviewer, voter, items, labels, values))

    def check_voter(self, name: str, of: Literal["judge", "rule"]) -> None:
        """Refuse a name under which no votes can be kept.

        Raises
        ------
        DataError
            If a rater, a saved rule or a voter of another kind has it.
        """
        if self.kinds.get(name, of) != of or any(rule.name == name for rule in self.rules):
            raise DataError(f"votes: expected a name that no other voter has, got {name!r}; rename the {of}")

    def drop(self, voter: str) -> None:
        """Drop the kept votes of a voter.

        Raises
        ------
        DataError
            If there are none.
        """
        kept = self.kept.filter(rater=voter)
        if not kept.height:
            raise DataError(f"voter: expected one whose votes were kept, got {voter!r}")
        note = VotesNote(0, "drop", voter, kept["of"][0], (), (), (), (), self._votes.reviewer, utc_now())
        self._votes.add(note, ("drop", note.reviewer, voter, self.version))

    def export_rules(self, path: Any) -> int:
        """Write the saved rules to a file that :func:`labelscope.read_rules` and `labelscope rules apply` read; how many.

        Raises
        ------
        DataError
            If there is none, another file is there, or it cannot be written.
        """
        saved = [kept.saved for kept in self.kept_rules]
        if not saved:
            raise DataError("rules: expected a rule to write, got none; save one first")
        write_saved(saved, path)
        return len(saved)

    def import_rules(self, path: Any) -> tuple[int, int]:
        """Save the rules of a file; those that are here already are passed over. How many were new, and how many known.

        Raises
        ------
        DataError
            If it is no file of rules, or one of them cannot vote here; then none is saved.
        """
        read = read_saved(path)
        known = {kept.saved for kept in self.kept_rules}
        new = [saved for saved in read if saved not in known]
        for rule in check_rules(self.dataset, [saved.made() for saved in new]):
            self._check_name(rule.name, None)
            self._mask(rule)
        for saved in new:
            self.save(saved)
        return len(new), len(read) - len(new)

    def sync(self) -> bool:
        """Take in what other processes wrote; whether there was anything."""
        return bool(self._rules.sync()) | bool(self._votes.sync())

    # Inside ----------------------------------------------------------------------------------------------------

    def held(self, rule: Rule) -> np.ndarray:
        """Where the condition of a rule holds, bool (n_items,), looked up once. Raises as :func:`labelscope.voters.rules.holds`."""
        return self._mask(rule)

    @property
    def _standing(self) -> _Book:
        with self._lock:
            version = self.version
            if self._read is None or self._read[0] != version:
                self._read = (version, self._made())
            return self._read[1]

    def _made(self) -> _Book:
        rules: list[KeptRule] = []
        taken = set(() if self.dataset.votes is None else self.dataset.votes.rater_names)
        first = {note.rule_id: note.seq for note in reversed(self._rules.events)}
        for note in sorted(self._rules.standing, key=lambda note: first[note.rule_id]):
            if note.kind == "save":
                rules.append(self._kept_rule(note, taken))
                taken.add(rules[-1].saved.name)
        kept = self._kept_votes()
        parts = [] if self.dataset.votes is None else [self.dataset.votes]
        parts += [self._votes_of(one.rule) for one in rules if one.rule is not None]
        if (here := self._votes_here(kept)) is not None:
            parts.append(here)
        return _Book(tuple(rules), kept, Votes.joined(parts) if len(parts) > 1 else next(iter(parts), None))

    def _kept_rule(self, note: RuleNote, taken: set[str]) -> KeptRule:
        saved = msgspec.convert(dict(note.rule), SavedRule)
        if saved.name in taken:  # two reviewers chose one name at the same time
            saved = msgspec.structs.replace(saved, name=f"{saved.name} ({note.reviewer} {note.seq})")
        try:
            rule = saved.made()
            check_rules(self.dataset, [rule])
            self._mask(rule)
        except DataError as error:
            return KeptRule(note.rule_id, saved, None, str(error), note.reviewer, note.time)
        return KeptRule(note.rule_id, saved, rule, "", note.reviewer, note.time)

    def _kept_votes(self) -> pl.DataFrame:
        frames: list[pl.DataFrame] = []
        for note in self._votes.standing:
            if note.kind == "drop":
                frames = [frame.filter(pl.col("rater") != note.voter) for frame in frames]
                continue
            said = {name: list(getattr(note, name)) for name in ("item_id", "label", "value", "reason")}
            frame = pl.DataFrame(said, schema={name: KEPT[name] for name in said})
            frames.append(frame.with_columns(rater=pl.lit(note.voter), of=pl.lit(note.of)).select(list(KEPT)))
        told = pl.concat([pl.DataFrame(schema=KEPT), *frames])
        return told.unique(["item_id", "rater", "label"], keep="last", maintain_order=True)

    def _votes_here(self, kept: pl.DataFrame) -> Votes | None:
        """Kept votes on items and labels that are here; None without any."""
        ids = self.dataset.item_ids.cast(pl.String)
        here = kept.filter(pl.col("label").is_in(self.dataset.label_names))
        here = here.filter(pl.col("item_id").is_in(ids.implode()))  # the table may have lost an item since
        return Votes.build(here, ids, self.dataset.label_names) if here.height else None

    def _votes_of(self, rule: Rule) -> Votes:
        items = np.flatnonzero(self._mask(rule))
        label = np.full(len(items), self.dataset.label_position(rule.label))
        return Votes(items, np.zeros(len(items), np.int64), label, np.full(len(items), rule.vote, np.int8), (rule.name,))

    def _mask(self, rule: Rule) -> np.ndarray:
        when = rule.when
        key = (rule.label, when.pattern, when.flags) if isinstance(when, re.Pattern) else (rule.label, when)
        if key not in self._masks:
            if len(self._masks) >= N_MASKS:
                self._masks.pop(next(iter(self._masks)))
            self._masks[key] = holds(self.dataset, rule)
        return self._masks[key]

    def _check_name(self, name: str, rule_id: str | None) -> None:
        others = {kept.saved.name for kept in self.kept_rules if kept.rule_id != rule_id}
        named = {voter for voter, kind in self.kinds.items() if kind != "rule"} | set(self.kept["rater"])
        if name in others or name in named:
            raise DataError(f"rule: expected a name that no other voter has, got {name!r}; choose another")

    def _note(self, kind: str, rule_id: str, saved: SavedRule) -> None:
        note = RuleNote(0, kind, rule_id, msgspec.to_builtins(saved), self._rules.reviewer, utc_now())
        self._rules.add(note, (kind, note.reviewer, msgspec.json.encode(saved)))
