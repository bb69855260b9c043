"""The labels of a table that was only looked at: what would be chosen, what else there is, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from labelscope.data.formats.format import Layout, Peek
from labelscope.data.headings import check_headings
from labelscope.data.item_columns import as_names, called_id
from labelscope.data.list_scores import refuse_scored
from labelscope.data.long_table import refuse_long
from labelscope.data.offered import READINGS, describe_offers
from labelscope.data.opened import Opened, read_labels
from labelscope.data.rater_search import find_raters, may_tell_raters, refuse_raters
from labelscope.data.rater_tables import read_rater_columns
from labelscope.data.readings.choose import column_of, offers_of, spread_offer
from labelscope.data.readings.reading import Offer
from labelscope.data.readings.spread import FORMAT, likeness_of
from labelscope.data.readings.state_ways import holds_states
from labelscope.data.repeated_keys import check_objects
from labelscope.data.roles import Roles, seen_text
from labelscope.errors import DataError

__all__ = ["DEFAULT_ID", "PeekedLabels", "read_peek", "with_raters"]

MOST_OFFERS = 6
SEVERAL = 0.5  # of two readings of several columns where neither is plain
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
        return PeekedLabels(pl.DataFrame(schema=READINGS), (_no_labels(peek),), (), None, peek.n_rows, ())
    gathers = values is not None or opened.wishes.format == "long"
    named = [labels] if isinstance(labels, str) else labels
    ids = roles.id or (DEFAULT_ID if DEFAULT_ID in peek.names else None)
    needed = dict.fromkeys([*named, *as_names(roles.rater), *filter(None, (ids, values if gathers else None))])
    wanted = peek.names if isinstance(roles.rater, str) else list(needed)  # rows are joined: do the other columns differ in them?
    whole = opened.with_table(peek.columns(wanted), labels, peek.layout if isinstance(peek.layout, Layout) else None)
    chosen: Offer | None = None
    refusals: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    table = whole.table
    try:
        if not gathers and roles.rater is None and may_tell_raters(peek.names):
            refuse_raters(_keys(peek, roles), labels, roles.id, _one(roles.text))
        check_headings(peek.sample, peek.layout, labels)
        refuse_scored(peek.sample, labels, opened.wishes.format)
        read, choice = read_labels(whole, roles.id, _one(roles.text), values, roles.rater)
        if choice.offer.format == "single" and isinstance(labels, str) and not gathers and roles.rater is None:
            refuse_long(peek.columns(peek.names), labels, roles.id, _one(roles.text))
        chosen, told, table = choice.offer, choice.warnings, read.table
    except DataError as error:
        refusals = (str(error),)
    offers = [] if chosen is None else [chosen]
    tables = [table] if chosen is not None else []
    if values is None:
        others = (
            [(offer, whole.table) for offer in _offers(whole, labels)]
            if isinstance(labels, str)
            else _offers_of_several(whole, labels, chosen)
        )
        others = [(offer, of) for offer, of in others if chosen is None or offer.remedy != chosen.remedy]
        offers, tables = [*offers, *(offer for offer, _ in others)], [*tables, *(of for _, of in others)]
    offers, tables = offers[:MOST_OFFERS], tables[:MOST_OFFERS]
    try:
        readings = describe_offers(offers, tables, whole.wishes.unlisted, chosen)
    except DataError as error:  # a cell that the way of its column cannot mean
        readings, chosen, refusals = pl.DataFrame(schema=READINGS), None, (*refusals, str(error))
    return PeekedLabels(
        readings,
        refusals, told, None if ids is None else table[ids], table.height,
        () if chosen is None else tuple(chosen.encoding.label_names),
    )  # fmt: skip


def _no_labels(peek: Peek) -> str:
    """Why no column was taken for that of the labels: headings among the rows, an object with a key twice, or none looks so."""
    try:
        check_headings(peek.sample, peek.layout, ())
        for column in peek.sample.select(pl.col(pl.String)).iter_columns():
            check_objects(column)
    except DataError as error:
        return str(error)
    return f"labels: expected a column that looks like labels, got {', '.join(map(repr, peek.names[:8]))}; name it with labels="


def with_raters(peek: Peek, roles: Roles) -> Roles:
    """The roles with the columns of ids and raters, where the rows seem to be what several raters say of one item."""
    if roles.rater is not None or not may_tell_raters(peek.names):
        return roles
    found = find_raters(_keys(peek, roles), roles.labels, roles.id, _one(roles.text))
    if found is None:
        return roles
    rated = replace(roles, id=found[0], rater=found[1])
    items = peek.sample.unique(found[0], keep="first", maintain_order=True)  # the text of an item is there as often as it has raters
    return replace(rated, text=seen_text(items, rated)) if roles.text is None else rated


def _keys(peek: Peek, roles: Roles) -> pl.DataFrame:
    """The columns that may hold ids and raters, and the text."""
    shown = {roles.id, DEFAULT_ID, _one(roles.text), *may_tell_raters(peek.names)}
    return peek.columns([name for name in peek.names if name in shown or called_id(name)])


def _one(text: str | list[str] | None) -> str | None:
    """The text, or the first of several."""
    return next(iter(as_names(text)), None)


def _offers(opened: Opened, label: str) -> list[Offer]:
    try:
        return offers_of(column_of(opened.table, label, opened.wishes), opened.wishes.unlisted)
    except DataError:  # said among the refusals already
        return []


def _offers_of_several(opened: Opened, labels: list[str], chosen: Offer | None) -> list[tuple[Offer, pl.DataFrame]]:
    """Several columns of names as the labels of one set, and as what one rater each says; each with the table that it reads."""
    if chosen is not None and chosen.format == FORMAT:
        return []
    if opened.wishes.format is not None or holds_states(opened.table, labels) or likeness_of(opened.table, labels) is None:
        return []
    rated = read_rater_columns(opened.table, labels, labels, opened.wishes)
    raters = replace(rated.choice.offer, remedy=f"rater={labels!r}", score=SEVERAL)
    spread = replace(spread_offer(opened.table, labels, opened.wishes, said=False), score=SEVERAL)
    return [(spread, opened.table), (raters, rated.table)]
