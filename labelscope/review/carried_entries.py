"""The entries of an earlier ledger as a new one gets them: as they are, but for what another version of the table makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import polars as pl

from labelscope.review.early_verdicts import EARLY_VERDICTS
from labelscope.review.events import CARRIED, KINDS
from labelscope.review.fates import Fates
from labelscope.review.group_verdicts import GROUP_VERDICTS
from labelscope.review.payloads import encode_note

__all__ = ["Block", "KeptEntries"]

SAMPLE, RELATION, LABEL_EDIT, VOTES = "sample", "relation", "label set", "votes"  # kinds of notes
VOTED = ("item_id", "label", "value", "reason")
Block = Sequence[tuple[int, str, str]]


class KeptEntries:
    """The entries of an earlier ledger that a new one gets.

    Parameters
    ----------
    found : Fates
    renamed : polars.DataFrame or None
        item_id (in the earlier ledger), row and new_id (in the new version), where items have other ids now.
    lost : set of int
        Numbers of the verdicts on relations that are left out.
    same : bool
        Whether both versions have the same cells, so that the audit sample still is one.
    """

    def __init__(self, found: Fates, renamed: pl.DataFrame | None, lost: set[int], *, same: bool) -> None:
        self._seqs = found.events["seq"].to_numpy()
        self._agreed = found.events["agreed"].to_list() if found.events["agreed"].null_count() < found.events.height else None
        self._names = renamed
        self._ids = None if renamed is None else _ids(found.events["row"], renamed)
        self._edits = found.edits.kept
        self._lost, self._same = lost, same

    def blocks(self, blocks: Iterable[Sequence[Sequence[Any]]], about: Mapping[str, Any]) -> Iterator[Block]:
        """The entries, and the note on where they come from."""
        n, n_left_out = 0, 0
        for block in blocks:
            kept = self._block(block)
            n_left_out += len(block) - len(kept)
            n += len(kept)
            yield kept
        yield [(about["seq"] + 1, CARRIED, encode_note({**about, "n_kept": n, "n_left_out": n_left_out}))]

    def _block(self, block: Sequence[Sequence[Any]]) -> Block:
        numbers = np.array([row[0] for row in block], np.int64)
        at = np.searchsorted(self._seqs, numbers)
        kept = at < len(self._seqs)
        kept[kept] = self._seqs[at[kept]] == numbers[kept]
        out = []
        for row, place, keep in zip(block, at.tolist(), kept.tolist(), strict=True):
            if keep:
                out.append((row[0], *self._event(row[1], row[2], place)))
            elif row[1] not in KINDS and (payload := self._note(row)) is not None:
                out.append((row[0], row[1], payload))
        return out

    def _event(self, kind: str, payload: str, place: int) -> tuple[str, str]:
        state = None if self._agreed is None else self._agreed[place]
        name = None if self._ids is None else self._ids[place]
        if state is None and name is None:
            return kind, payload
        said = msgspec.json.decode(payload)
        if name is not None:
            said["item"] = name
        if state is not None:  # the decision is what the table says now: it confirms it
            kind = "edit"
            said |= {"before": state, "after": state}
            said.pop("suggestion", None)
        return kind, encode_note(said)

    def _note(self, row: Sequence[Any]) -> str | None:
        number, kind, payload = row[:3]
        if kind == RELATION:
            return None if number in self._lost else payload
        if kind == LABEL_EDIT:
            return payload if msgspec.json.decode(payload)["batch"] in self._edits else None
        if kind == SAMPLE:
            return self._sample(payload) if self._same else None
        if kind == GROUP_VERDICTS:
            return self._group(payload)
        if kind == EARLY_VERDICTS:
            return self._early(payload)
        return self._votes(payload) if kind == VOTES else str(payload)

    def _votes(self, payload: str) -> str:
        """Votes that were kept, their items named as in the new version; those on items that are not in it are left out."""
        if self._names is None:
            return payload
        said = msgspec.json.decode(payload)
        columns = pl.DataFrame({name: said[name] for name in VOTED}, schema_overrides={"item_id": pl.String})
        there = columns.join(self._names, on="item_id", how="inner", maintain_order="left").with_columns(item_id="new_id")
        return encode_note({**said, **{name: there[name].to_list() for name in VOTED}})

    def _group(self, payload: str) -> str:
        """What was said of a group, its items named as in the new version; those that are not in it are left out."""
        if self._names is None:
            return payload
        said = msgspec.json.decode(payload)
        return encode_note({**said, "items": _renamed(said["items"], self._names)})

    def _early(self, payload: str) -> str | None:
        """What was said of an item and a label that was not there yet; None where the item is gone."""
        if self._names is None:
            return payload
        said = msgspec.json.decode(payload)
        there = _renamed([said["item_id"]], self._names)
        return encode_note({**said, "item_id": there[0]}) if there else None

    def _sample(self, payload: str) -> str:
        """The audit sample, its cells named as in the new version."""
        if self._names is None:
            return payload
        said = msgspec.json.decode(payload)
        sample = json.loads(said["sample"])
        cells = pl.DataFrame({"item_id": sample["frame"]["item_id"]}, schema={"item_id": pl.String})
        sample["frame"]["item_id"] = cells.join(self._names, on="item_id", how="left", maintain_order="left")["new_id"].to_list()
        return encode_note({**said, "sample": json.dumps(sample, ensure_ascii=False)})


def _renamed(items: list[str], names: pl.DataFrame) -> list[str]:
    """Items as the new version names them, those that are gone left out."""
    told = pl.DataFrame({"item_id": items}, schema={"item_id": pl.String})
    return told.join(names, on="item_id", how="inner", maintain_order="left")["new_id"].to_list()


def _ids(rows: pl.Series, renamed: pl.DataFrame) -> list[str | None]:
    """Id in the new version of each row, None for -1."""
    return rows.to_frame("row").join(renamed, on="row", how="left", maintain_order="left")["new_id"].to_list()
