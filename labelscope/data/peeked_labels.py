"""The labels of a table that was only looked at: what would be chosen, what else there is, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from labelscope.data.formats.format import Layout, Peek
from labelscope.data.item_columns import as_names
from labelscope.data.long_table import refuse_long
from labelscope.data.offered import READINGS, describe_offers
from labelscope.data.opened import Opened, read_labels
from labelscope.data.readings.choose import column_of, offers_of
from labelscope.data.readings.reading import Offer
from labelscope.data.roles import Roles
from labelscope.errors import DataError

__all__ = ["DEFAULT_ID", "PeekedLabels", "read_peek"]

MOST_OFFERS = 6
DEFAULT_ID = "item_id"


@dataclass(frozen=True, eq=False)
class PeekedLabels:
    """What a look at the label columns says.

    Attributes
    ----------
    readings : polars.DataFrame
        In :data:`labelscope.data.offered.READINGS`.
    refusals, told : tuple of str
        The lines with which reading would stop, and what else a person should know.
    ids : polars.Series or None
        The column of the ids, one value a row of `table`.
    n_items : int
    label_names : tuple of str
        Of the reading that is chosen; none where none is.
    """

    readings: pl.DataFrame
    refusals: tuple[str, ...]
    told: tuple[str, ...]
    ids: pl.Series | None
    n_items: int
    label_names: tuple[str, ...]


def read_peek(peek: Peek, opened: Opened, roles: Roles, values: str | None) -> PeekedLabels:
    """The readings of the label columns of a table; the whole of these columns is read.

    Parameters
    ----------
    peek : Peek
    opened : Opened
    roles : Roles
    values : str, optional
        Column of a long table that says whether the label of its row is there.
    """
    labels = roles.labels
    if labels is None:
        line = f"labels: expected a column that looks like labels, got {', '.join(map(repr, peek.names[:8]))}; name it with labels="
        return PeekedLabels(pl.DataFrame(schema=READINGS), (line,), (), None, peek.n_rows, ())
    gathers = values is not None or opened.wishes.format == "long"
    named = [labels] if isinstance(labels, str) else labels
    ids = roles.id or (DEFAULT_ID if DEFAULT_ID in peek.names else None)
    needed = dict.fromkeys([*named, *filter(None, (ids, values if gathers else None))])
    whole = opened.with_table(peek.columns(list(needed)), labels, peek.layout if isinstance(peek.layout, Layout) else None)
    chosen: Offer | None = None
    refusals: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    table = whole.table
    try:
        read, choice = read_labels(whole, roles.id, _one(roles.text), values)
        if choice.offer.format == "single" and isinstance(labels, str) and not gathers:
            refuse_long(peek.columns(peek.names), labels, roles.id, _one(roles.text))
        chosen, told, table = choice.offer, choice.warnings, read.table
    except DataError as error:
        refusals = (str(error),)
    offers = [] if chosen is None else [chosen]
    if isinstance(labels, str) and values is None:
        others = _offers(whole, labels)
        offers += [offer for offer in others if chosen is None or offer.remedy != chosen.remedy]
    offers = offers[:MOST_OFFERS]
    return PeekedLabels(
        describe_offers(offers, [table if offer is chosen else whole.table for offer in offers], whole.wishes.unlisted, chosen),
        refusals, told, None if ids is None else table[ids], table.height,
        () if chosen is None else tuple(chosen.encoding.label_names),
    )  # fmt: skip


def _one(text: str | list[str] | None) -> str | None:
    """The text, or the first of several."""
    return next(iter(as_names(text)), None)


def _offers(opened: Opened, label: str) -> list[Offer]:
    try:
        return offers_of(column_of(opened.table, label, opened.wishes), opened.wishes.unlisted)
    except DataError:  # said among the refusals already
        return []
