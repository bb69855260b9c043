"""Decisions about one version of a table, carried over to another: those on cells that are given as they were, with all that was said.

A new ledger is written; the earlier one stays as it is. Its entries keep their numbers, reviewers, times, batches and reasons, and the
new ledger ends with a note of where they come from.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE
from labelscope.data.matching import match_rows
from labelscope.data.results import Result
from labelscope.errors import DataError, LedgerError
from labelscope.review.carried_entries import Block, KeptEntries
from labelscope.review.carried_since import last_carried, newer_entries
from labelscope.review.database import place_url
from labelscope.review.defaults import default_place, default_reviewer, usual_place, version_place
from labelscope.review.events import CARRIED, utc_now
from labelscope.review.fates import AGREED, ASKED, KEPT, NO_LABEL, OUTCOMES, Fates, fates
from labelscope.review.ledger import Ledger
from labelscope.review.ledger_errors import reason
from labelscope.review.relation_verdicts import RelationVerdicts
from labelscope.review.replay_index import ReplayIndex
from labelscope.review.sqlite_file import new_ledger_file

__all__ = ["Carried", "carry_ledger", "target_place"]

ENOUGH = 5  # decided positives that tell whether ids name the same items


@dataclass(frozen=True, eq=False, repr=False)
class Carried(Result):
    """What became of the decisions of an earlier ledger.

    Attributes
    ----------
    frame : polars.DataFrame
        One row a cell on which somebody's decision stands: item_id (in the new version; null where it is gone), earlier_id, label,
        outcome ("kept"; "agreed": the table says now what was decided, which is kept as a confirmation; "asked again": the cell is
        given otherwise now, and open; "item gone"; "label gone"), verdict, decided (the state that the cell had in the end),
        given_before, given_now, reviewer, time.
    others : polars.DataFrame
        The same of what is no cell: what (an edit of the label set, a verdict on a relation, the audit sample), outcome, why.
    source, ledger : str
        The earlier ledger, and the new one.
    written : bool
        False for a dry run, and where all of it had been carried over before.
    note : str
        Why nothing was written; "" if it was.
    """

    others: pl.DataFrame = field(default_factory=pl.DataFrame)
    source: str = ""
    ledger: str = ""
    written: bool = False
    note: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Outcome to number of cells, those without any left out."""
        found = dict(self.frame.group_by("outcome").len().iter_rows())
        return {outcome: found[outcome] for outcome in OUTCOMES if outcome in found}

    def summary(self) -> str:
        """One line of plain text."""
        told = ", ".join(f"{n:,} {outcome}" for outcome, n in self.counts.items()) or "none"
        end = f"written to {self.ledger}" if self.written else self.note
        return f"Decisions on {self.frame.height:,} cells of {self.source}: {told}; {end}"


def target_place(dataset: Dataset) -> Path:
    """Where decisions go that are carried over to a data set: its usual place, or one beside it where those about another version lie."""
    place = default_place(dataset)
    if place != usual_place(dataset):
        return place  # the file of this version is there
    about = dataset.fingerprint
    with suppress(LedgerError):
        about = Ledger.found(place).fingerprint
    return place if about == dataset.fingerprint else version_place(place, dataset)


def carry_ledger(
    source: Ledger, new: Dataset, *, old: Dataset | None = None, to: str | os.PathLike[str] | sa.URL | None = None, dry_run: bool = False
) -> Carried:
    """Carry the decisions of a ledger over to another version of its table.

    Parameters
    ----------
    source : Ledger
        The earlier one.
    new : Dataset
        The version that they go to.
    old : Dataset, optional
        The version that they are about. Needed where the items of either have no ids, but numbers.
    to : path or database URL, optional
        The ledger to write. Default: :func:`target_place`.
    dry_run : bool
        Work it out, and write nothing.

    Raises
    ------
    DataError
        If nothing tells which row is which.
    LedgerError
        If the new ledger holds decisions that are not from this one, or cannot be written. Where the earlier ledger went on since it
        was carried over, what is new in it goes behind all that the new one holds.
    """
    place = place_url(target_place(new) if to is None else to)
    if place == source.url:
        raise LedgerError(
            f"ledger {source.name}: expected another ledger to write to, got the earlier one itself; name a new file with ledger="
        )
    target = Ledger.open(place, fingerprint=new.fingerprint)
    rows = _rows(old, new)
    last, last_hash, blocks = source.entries()
    log = source.events()
    found = fates(ReplayIndex(log), source.label_edits(), rows, new)
    same = old is not None and _same(old, new, rows)
    lost, others = _others(source, new, found, same=same)
    if old is None and new.item_ids.dtype.is_integer():
        others = _doubted(others, found)
    done = Carried(found.frame, others=others, source=source.name, ledger=target.name)
    if _carried_before(target, last_hash):
        return replace(done, note=f"all of it is in {target.name} already")
    n, _, there = target.entries()
    before = last_carried(target.notes(CARRIED), source)
    if n > 0 and before is None:
        raise LedgerError(
            f"ledger {target.name}: expected one without decisions to carry others into, got {n:,} entries; name a new file with ledger="
        )
    if dry_run:
        return replace(done, note="nothing was written")
    ids = pl.DataFrame({"row": np.arange(new.n_items), "new_id": new.item_ids.cast(pl.String)})
    renamed = rows.join(ids, on="row", how="left", maintain_order="left") if _by_content(old, new) else None
    about = {
        "time": utc_now(), "reviewer": default_reviewer(), "ledger": source.name, "fingerprint": source.fingerprint, "seq": last,
        "hash": last_hash, "cells": done.counts,
    }  # fmt: skip
    kept = KeptEntries(found, renamed, lost, same=same).blocks(blocks, about)
    if before is None:
        _write(target, kept)
    else:
        target.extend(newer_entries(kept, source, there, target.notes(CARRIED), last=n), after=n)
    return replace(done, written=True)


def _rows(old: Dataset | None, new: Dataset) -> pl.DataFrame:
    """item_id as the earlier ledger has it, and its row in the new version."""
    if old is not None and _by_content(old, new):
        rows = pl.DataFrame({"item_id": old.item_ids.cast(pl.String), "row": match_rows(old, new)})
        return rows.filter(pl.col("row") >= 0)
    if new.numbered:
        raise DataError(
            "carry: expected items with ids, got rows that only have numbers, which another version may give to other rows; give the "
            "earlier version of the table in place of its ledger, or name the column of unique values with id= if it was read with that"
        )
    return pl.DataFrame({"item_id": new.item_ids.cast(pl.String), "row": np.arange(new.n_items, dtype=np.int64)})


def _by_content(old: Dataset | None, new: Dataset) -> bool:
    return old is not None and (old.numbered or new.numbered)


def _same(old: Dataset, new: Dataset, rows: pl.DataFrame) -> bool:
    """Whether two versions have the same cells with the same given states, in whatever order."""
    if (old.n_items, sorted(old.label_names)) != (new.n_items, sorted(new.label_names)) or rows.height != new.n_items:
        return False
    at = old.item_ids.cast(pl.String).to_frame("item_id").join(rows, on="item_id", how="left", maintain_order="left")["row"]
    if at.null_count():
        return False
    columns = np.array([new.label_position(name) for name in old.label_names])
    row = at.to_numpy()
    return all(
        (mine != theirs[row][:, columns]).nnz == 0
        for mine, theirs in ((old.labels.positives, new.labels.positives), (_unknown(old), _unknown(new)))
    )


def _unknown(dataset: Dataset) -> Any:
    labels = dataset.labels
    return labels.exceptions if labels.default == 0 else labels.positives + labels.exceptions


def _others(source: Ledger, new: Dataset, found: Fates, *, same: bool) -> tuple[set[int], pl.DataFrame]:
    """Numbers of the verdicts on relations of labels that are not there; and what becomes of all that is no cell."""
    told: list[tuple[str, str, str]] = []
    for record in source.label_edits():
        of = "new label" if record.label is None else f"{record.action} {record.label} into"
        outcome, why = "asked again", "its labels or items are others now; edit the labels again"
        if record.batch in found.edits.kept:
            outcome, why = KEPT, ""
        elif record.batch in found.edits.agreed:
            outcome, why = AGREED, "the table has these labels already"
        told.append((f"{of} {', '.join(record.into)}", outcome, why))
    verdicts = RelationVerdicts(source, str)
    names = {name for event in verdicts.events for name in (event.label_a, event.label_b)}
    gone = {name for name in names if not new.has_label(name) and name not in found.edits.first}
    for a, relation, b in verdicts.frame.select("label_a", "relation", "label_b").iter_rows():
        told.append((f"relation {a} {relation} {b}", NO_LABEL if gone & {a, b} else KEPT, ""))
    if source.sample() is not None:
        why = "" if same else "it was drawn from other cells; its verdicts are decisions like any other; draw another"
        told.append(("audit sample", KEPT if same else "ended", why))
    lost = {event.seq for event in verdicts.events if gone & {event.label_a, event.label_b}}
    return lost, pl.DataFrame(told, schema={"what": pl.String, "outcome": pl.String, "why": pl.String}, orient="row")


def _doubted(others: pl.DataFrame, found: Fates) -> pl.DataFrame:
    """A word on ids that are numbers: were they ids in the earlier version too? Refused where the labels say that they were not."""
    positive = found.frame.filter(pl.col("given_before") == POSITIVE)["outcome"]
    n, changed = int(positive.is_in([KEPT, ASKED]).sum()), int((positive == ASKED).sum())
    if n >= ENOUGH and changed > n / 2:
        raise DataError(
            f"carry: expected the item ids that the decisions name, got ids under which {changed:,} of {n:,} decided positives are not "
            "given now; the earlier version was read without an id column, or with another: give that version in place of its ledger"
        )
    told = (
        "item ids",
        "taken as they are",
        "numbers: if the earlier version was read without an id column, give it in place of its ledger",
    )
    return pl.concat([others, pl.DataFrame([told], schema=others.schema, orient="row")])


def _carried_before(target: Ledger, last: str) -> bool:
    return any(note.payload.get("hash") == last for note in target.notes(CARRIED))


def _write(target: Ledger, blocks: Iterator[Block]) -> None:
    """Write a ledger, all or none: a file that was not there appears when it is complete."""
    path = target.path
    if path is None or path.exists():
        target.fill(blocks)
        return
    with new_ledger_file(path) as (aside, place):
        part = Ledger(place_url(aside), target.fingerprint, 10.0)
        try:
            part.fill(blocks)
            part.close()
            with target.alone():
                if path.exists():
                    raise LedgerError(f"ledger {path}: expected none yet, got one that somebody made meanwhile; carry again")
                aside.rename(place)
        except OSError as error:
            raise reason(str(path), error) from None
        finally:
            part.close()
