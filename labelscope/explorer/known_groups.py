"""What the app says of groups that no label explains: the list of them, the items of one, and what people say of it."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np
import polars as pl

from labelscope.data.positions import positions
from labelscope.errors import DataError
from labelscope.explorer.replies.groups import GroupExample, GroupShown, GroupsShown
from labelscope.explorer.replies.regions import GroupPlace
from labelscope.explorer.replies.reply import as_json
from labelscope.explorer.versions import Versions
from labelscope.export.scanned import GroupsTold
from labelscope.session import Session
from labelscope.suggest.novel import NovelLabels
from labelscope.views.item_text import item_text

__all__ = ["KnownGroups"]

TEXT = 180
STEADY = ((0.85, "very stable"), (0.7, "stable"), (0.0, "fairly stable"))
NOTHING_TO_COMPARE = "Groups need something to compare items by, and these have no embeddings, text or image. Give one of them."


class KnownGroups:
    """The groups of a session.

    Parameters
    ----------
    session : Session
    versions : Versions
    """

    def __init__(self, session: Session, versions: Versions) -> None:
        self._session, self._versions = session, versions
        self._said = session.n_group_verdicts
        self._keyed: tuple[pl.DataFrame, list[str]] | None = None

    def show(self) -> None:
        """Show what was said of groups since the last call, by anybody."""
        said = self._session.n_group_verdicts
        if said != self._said:
            self._said = said
            self._versions.bump("groups")

    def report(self) -> GroupsShown:
        """Everything that the tab shows. Starts no stage."""
        session = self._session
        images = session.dataset.image is not None
        if not session.has_groups:
            return GroupsShown(False, "" if session.has_map else NOTHING_TO_COMPARE, False, 0, images, [])
        found, frame = session.novel_labels, session.novel_groups
        rows = [self._row(key, of) for key, of in zip(self._keys(found), frame.iter_rows(named=True), strict=True)]
        return GroupsShown(True, "", session.groups_are_stale, found.n_alone, images, rows)

    def places(self, xy: np.ndarray) -> list[GroupPlace]:
        """Where the groups that are neither taken nor dismissed lie on a map, float (n_items, 2)."""
        if not self._session.has_groups:
            return []
        found, frame = self._session.novel_labels, self._session.novel_groups
        left = [(key, of) for key, of in zip(self._keys(found), frame.iter_rows(named=True), strict=True) if of["state"] == "open"]
        middles = [np.nanmedian(xy[self._rows(found, of["group"])], axis=0).tolist() for _, of in left]
        return [GroupPlace(key, of["name"], x, y, of["n_items"]) for (key, of), (x, y) in zip(left, middles, strict=True)]

    @property
    def told(self) -> GroupsTold | None:
        """The same for a copy that computes nothing; None where nobody looked for groups."""
        if not self._session.has_groups:
            return None
        found = self._session.novel_labels
        parts = {key: self._rows(found, group) for group, key in enumerate(self._keys(found))}
        return GroupsTold(as_json(self.report()), parts)

    def asked(self, key: str) -> tuple[str, np.ndarray]:
        """A title for the items of a group, and these, bool (n_items,).

        Raises
        ------
        DataError
            If there is no such group by now.
        """
        group = self._number(key)
        mask = np.zeros(self._session.dataset.n_items, bool)
        mask[self._rows(self._session.novel_labels, group)] = True
        return f"Group: {self._session.novel_groups['name'][group]}", mask

    def say(self, key: str, do: Literal["dismiss", "restore", "name"], name: str) -> None:
        """Dismiss a group, take it up again, or give it a name. Raises DataError as :meth:`asked`."""
        group = self._number(key)
        if do == "dismiss":
            self._session.dismiss_group(group)
        elif do == "restore":
            self._session.restore_group(group)
        else:
            self._session.name_group(group, name)
        self.show()

    def line(self) -> str:
        """The groups in a line; "" where nobody looked for them, or they are all dismissed or taken."""
        if not self._session.has_groups:
            return ""
        left = self._session.novel_groups.filter(state="open")
        named = ", ".join(f"{name} ({n:,})" for name, n in left.select("name", "n_items").head(3).iter_rows())
        more = f" and {left.height - 3:,} more" if left.height > 3 else ""
        return f"Novel groups that no label explains: {named}{more}" if named else ""

    def _row(self, key: str, of: dict[str, Any]) -> GroupShown:
        found = self._session.novel_labels
        central = found.members.filter(pl.col("group") == of["group"], pl.col("exemplar").is_not_null())["item_id"]
        return GroupShown(
            key=key,
            group=of["group"],
            name=of["name"],
            proposed=of["proposed"],
            words=of["words"],
            items=of["n_items"],
            stability=round(of["stability"], 3),
            steady=next(words for least, words in STEADY if of["stability"] >= least),
            nearest=of["nearest"] or "",
            share=round(of["nearest_share"], 3),
            state=of["state"],
            label=of["label"] or "",
            examples=[self._example(item) for item in central],
        )

    def _example(self, item: object) -> GroupExample:
        dataset = self._session.dataset
        row = dataset.position(item)
        return GroupExample(row, str(item), " ".join(item_text(dataset, row, separator="\n", n_columns=6).split())[:TEXT])

    def _keys(self, found: NovelLabels) -> list[str]:
        """A name for each group, made of its items: in another run another group has another."""
        if self._keyed is None or self._keyed[0] is not found.members:
            self._keyed = (found.members, [_key(found.items(group)) for group in found.frame["group"]])
        return self._keyed[1]

    def _number(self, key: str) -> int:
        keys = self._keys(self._session.novel_labels) if self._session.has_groups else []
        if key not in keys:
            raise DataError("group: expected one of those that were found last, got one of an earlier run; refresh the tab")
        return keys.index(key)

    def _rows(self, found: NovelLabels, group: int) -> np.ndarray:
        here = {"expected": "groups: expected items of this data set", "remedy": "look for groups again"}
        return positions(found.items(group), self._session.dataset.item_ids, **here)


def _key(items: pl.Series) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for item in items.cast(pl.String).sort():
        digest.update(item.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
