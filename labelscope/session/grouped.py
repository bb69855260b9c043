"""Groups of items that no label explains: found on request, and what people say of them, with the same undo as decisions."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from labelscope.errors import DataError
from labelscope.review.group_verdicts import GroupVerdict, GroupVerdicts, sketch
from labelscope.session.measured import Measured
from labelscope.stages.results import Computed

if TYPE_CHECKING:
    from labelscope.review.said_notes import SaidNotes
    from labelscope.suggest.novel import NovelLabels

__all__ = ["Grouped"]

TAKEN = 0.5  # share of the items of a group from which a label that came since takes it
NAME = "novel_labels"


class Grouped(Measured):
    """A review, and the groups of items that no label explains."""

    _found_at: tuple[int, frozenset[str]] | None = None  # last event when groups were looked for, and the labels that there were

    @Computed
    def novel_labels(self) -> NovelLabels:
        """The groups, as :func:`labelscope.novel_labels` finds them in the labels as they stand when this is first asked for.

        :meth:`find_novel_labels` looks for them anew.
        """
        return self._find_groups()

    @property
    def has_groups(self) -> bool:
        """Whether groups were looked for by now."""
        return NAME in self._results

    def find_novel_labels(self) -> NovelLabels:
        """Look for groups anew, in the labels as they stand now.

        Raises
        ------
        StageError
            If there is nothing to embed.
        """
        made = self._find_groups()
        with self._locks[NAME], self._swapping:
            self._made[NAME] = made
            made = self._results[NAME] = made.on(self.dataset)
        return made

    @property
    def groups_are_stale(self) -> bool:
        """Whether anything was decided since groups were looked for: the next run takes it into account."""
        return self.has_groups and self._found_at is not None and self.last_event != self._found_at[0]

    @property
    def novel_groups(self) -> pl.DataFrame:
        """The groups with what people said of them; they are looked for where nobody has.

        Columns: those of :attr:`labelscope.suggest.novel.NovelLabels.frame` for the labels as they stand, `name` as somebody called the
        group; proposed (name), state ("open", "taken": a label that came since is on most of its items, or "dismissed"), label (that
        label, else null).
        """
        found, now = self.novel_labels, replace(self.dataset, labels=self.labels)
        carried = found.carried(now)
        known = frozenset(map(self._label_set.origin, now.label_names)) if self._found_at is None else self._found_at[1]
        came = [k for k, name in enumerate(now.label_names) if self._label_set.origin(name) not in known]
        takers = np.asarray(carried[:, came].todense()) if came else np.zeros((found.frame.height, 0), np.int64)
        rows: list[tuple[Any, ...]] = []
        for of, counts, items in zip(found.frame.iter_rows(named=True), takers, self._sketches(found), strict=True):
            standing, best = self._groups.of(items), int(counts.argmax()) if came else -1
            taken = best >= 0 and counts[best] >= TAKEN * of["n_items"]
            state = "dismissed" if standing.dismissed else "taken" if taken else "open"
            rows.append((standing.name or of["name"], of["name"], state, now.label_names[came[best]] if taken else None))
        said = pl.DataFrame(rows, schema=dict.fromkeys(("name", "proposed", "state", "label"), pl.String), orient="row")
        return found.on(now).frame.drop("name").hstack(said)

    def dismiss_group(self, group: int) -> GroupVerdict:
        """Say that a group deserves no label: kept in the ledger, seen by all who review on it, taken back by one :meth:`undo`.

        A group of a later run that shares most of its items with it is dismissed too.

        Parameters
        ----------
        group : int
            Number in :attr:`novel_labels`.

        Raises
        ------
        DataError
            If there is no such group.
        LedgerError
            If it could not be made durable; then the group is there as before.
        """
        return self._say("dismiss", group)

    def restore_group(self, group: int) -> GroupVerdict:
        """Take a dismissed group up again, whoever dismissed it. Parameters and errors as for :meth:`dismiss_group`."""
        return self._say("restore", group)

    def name_group(self, group: int, name: str) -> GroupVerdict:
        """Call a group by another name than the proposed one; kept and undone as :meth:`dismiss_group`.

        Parameters
        ----------
        group : int
        name : str
            A line of up to 120 letters.

        Raises
        ------
        DataError
            If there is no such group, or the name is no line of text.
        LedgerError
            If it could not be made durable; then the earlier name stands.
        """
        return self._say("name", group, name)

    @property
    def group_verdicts(self) -> pl.DataFrame:
        """What was said of groups, by anybody: seq, verdict ("dismiss", "restore" or "name"), name, n_items, reviewer, time.

        Undone words are left out; of groups of more than 1,000 items 1,000 are counted.
        """
        schema = {"seq": pl.Int64, "verdict": pl.String, "name": pl.String, "n_items": pl.Int64, "reviewer": pl.String, "time": pl.String}
        said = [(of.seq, of.kind, of.name, len(of.items), of.reviewer, of.time) for of in self._groups.standing]
        return pl.DataFrame(said, schema=schema, orient="row")

    @property
    def n_group_verdicts(self) -> int:
        """Notes about groups that are known here, undone ones and undos too: while it is the same, so is what they say."""
        return len(self._groups.events)

    def catch_up(self) -> None:
        """Take in what others decided on the same ledger; :meth:`sync` and every subscriber still tell of it.

        Raises
        ------
        LedgerError
            If the ledger cannot be read.
        """
        super().catch_up()
        self._groups.sync()

    @cached_property
    def _groups(self) -> GroupVerdicts:
        return GroupVerdicts(self._ledger, lambda: self.reviewer)

    @property
    def _notes(self) -> list[SaidNotes[Any]]:
        """What is said beside the decisions, and undone in turn with them."""
        return [*super()._notes, self._groups]

    def _find_groups(self) -> NovelLabels:
        from labelscope.suggest.novel import novel_labels

        at, names = self.last_event, frozenset(map(self._label_set.origin, self.label_names))
        found = novel_labels(replace(self.embedded, labels=self.labels), seed=self.seed)
        self._found_at = at, names
        return found

    def _sketches(self, found: NovelLabels) -> list[tuple[str, ...]]:
        """The sketch of the items of each group; made only where somebody said anything."""
        if not self._groups.standing:
            return [()] * found.frame.height
        items = found.members.with_columns(pl.col("item_id").cast(pl.String))
        of = {group: part["item_id"] for (group,), part in items.partition_by("group", as_dict=True).items()}
        return [sketch(of[group]) for group in found.frame["group"]]

    def _say(self, kind: Literal["dismiss", "restore", "name"], group: int, name: str = "") -> GroupVerdict:
        if isinstance(group, bool) or not isinstance(group, int):
            raise DataError(f"group: expected the number of a group, got {group!r:.60}; see novel_labels.frame")
        items, called = self.novel_labels.items(group), self.novel_labels.frame.row(by_predicate=pl.col("group") == group, named=True)
        return self._groups.say(kind, name if kind == "name" else called["name"], items)
