"""Personal data in the columns of the items: found by pattern and check digits, and replaced in a copy, never in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

import polars as pl

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.item_columns import check_plain
from labelscope.data.results import Result
from labelscope.errors import DataError

__all__ = ["PersonalData", "PersonalDataKind", "personal_data", "redacted_texts"]

FRAME = {"column": pl.String, "kind": pl.String, "n_items": pl.Int64, "n_found": pl.Int64}
FOUND = {"row": pl.Int64, "column": pl.String, "kind": pl.String, "n": pl.Int64}
CARDS = re.compile(r"4\d{12}(\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(011|4[4-9]\d|5\d\d)\d{12}|35\d{14}|3(0[0-5]|[68]\d)\d{11}")
SHORTEST_PHONE, LONGEST_PHONE = 8, 15  # digits with the country code (ITU-T E.164)


def _is_card(found: str) -> bool:
    """Whether a number has the prefix and length of a payment card, and the check digit of Luhn."""
    digits = re.sub(r"\D", "", found)
    if not CARDS.fullmatch(digits):
        return False
    doubled = [2 * int(digit) if k % 2 else int(digit) for k, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_iban(found: str) -> bool:
    """Whether the check digits are those of the rest (ISO 7064, MOD 97-10)."""
    plain = found.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _is_phone(found: str) -> bool:
    return SHORTEST_PHONE <= len(re.sub(r"\D", "", found)) <= LONGEST_PHONE


def _is_social_security_number(found: str) -> bool:
    """Whether the United States give out such numbers: no part is all zeros, and none begins with 666."""
    return not found.startswith(("000", "666")) and found[4:6] != "00" and found[7:] != "0000"


def _is_public_address(found: str) -> bool:
    """Whether it is an address that can lead to somebody: not one of a private network, or of documentation."""
    try:
        return IPv4Address(found).is_global
    except ValueError:
        return False


@dataclass(frozen=True)
class PersonalDataKind:
    """One kind of personal data.

    Attributes
    ----------
    name : str
        It stands in brackets in the place of what was found.
    pattern : str
        A regular expression without look-around, which the engines of Polars and of Python read alike.
    check : callable (str) -> bool
        Whether what the pattern matched is one: check digits, lengths.
    """

    name: str
    pattern: str
    check: Callable[[str], bool] = field(default=bool)


KINDS = (  # in this order: what is one kind is not looked at again
    PersonalDataKind("e-mail address", r"\b[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}\b"),
    PersonalDataKind("bank account", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b", _is_iban),
    PersonalDataKind("card number", r"\b[2-6](?:[ -]?\d){12,18}\b", _is_card),
    PersonalDataKind("social security number", r"\b[0-8]\d\d-\d\d-\d{4}\b", _is_social_security_number),
    PersonalDataKind("phone number", r"\+[1-9](?:[ ./()-]{0,2}\d){7,14}\b", _is_phone),
    PersonalDataKind("phone number", r"(?:\([2-9]\d\d\) ?|\b[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}\b"),
    PersonalDataKind("IP address", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", _is_public_address),
)
PATTERNS = tuple((kind, re.compile(kind.pattern)) for kind in KINDS)


@dataclass(frozen=True, eq=False, repr=False)
class PersonalData(Result):
    """What was found, by column and kind. Nothing of what was found is kept here, only where it is.

    Attributes
    ----------
    frame : polars.DataFrame
        column, kind, n_items (that hold it), n_found; the most items first.
    places : polars.DataFrame
        row (position of the item), item_id (as text), column, kind, n.
    """

    places: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FOUND | {"item_id": pl.String}))

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        if self.frame.is_empty():
            return "Personal data: none of the known kinds; names and addresses of people are not looked for"
        told = ", ".join(f"{kind} in {n:,} of {column}" for column, kind, n in self.frame.select("column", "kind", "n_items").iter_rows())
        return f"Personal data: items with {told}"

    def redact(self, ds: Dataset) -> Dataset:
        """A copy of the data set in which each place has the name of its kind, such as "[e-mail address]".

        Parameters
        ----------
        ds : Dataset
            The one that was searched. It stays as it is.

        Raises
        ------
        DataError
            If the ids of the items hold personal data: they name the items, and cannot be replaced one by one.
        """
        return replace(ds, items=ds.items.with_columns(redacted_texts(ds.items[name]) for name in self.columns_to_redact))

    @property
    def columns_to_redact(self) -> tuple[str, ...]:
        """The columns with personal data.

        Raises
        ------
        DataError
            As :meth:`redact`.
        """
        columns = self.frame["column"].unique(maintain_order=True).to_list()
        if "item_id" in columns:
            n = int(self.frame.filter(column="item_id")["n_items"].sum())
            raise DataError(f"redact: expected item ids without personal data, got {n:,} with some; read the table with another id=")
        return tuple(columns)


@checked
def personal_data(ds: Dataset, columns: Sequence[str] | None = None) -> PersonalData:
    """Find personal data in the texts of a data set: e-mail addresses, phone, card, bank account and social security numbers, IP addresses.

    A number counts only with its check digits, prefix and length, so that ids are left alone. Names and postal addresses
    of people are not looked for: no pattern tells them from other words.

    Parameters
    ----------
    ds : Dataset
    columns : sequence of str, optional
        Columns of `ds.items`. Default: every column of text but that of the pictures.

    Returns
    -------
    PersonalData

    Raises
    ------
    DataError
        If a column is not there, or its values have no text.

    Examples
    --------
    >>> items = pl.DataFrame({"text": ["write to ann@example.org", "card 4111 1111 1111 1111", "order 4111 1111 1111 1112"]})
    >>> found = personal_data(Dataset.from_arrays([["a"], ["b"], ["a"]], items=items, text="text"))
    >>> found.frame.select("kind", "n_items").rows()
    [('card number', 1), ('e-mail address', 1)]
    """
    if columns is None:
        joined = {ds.text} if ds.text_columns else set()
        columns = [name for name, dtype in ds.items.schema.items() if dtype == pl.String and name not in {ds.image, *joined}]
    else:
        check_plain(ds.items, columns, "columns")
    places = pl.concat([pl.DataFrame(schema=FOUND), *(_places(ds.items[name]) for name in columns)])
    places = places.insert_column(1, ds.item_ids.cast(pl.String).gather(places["row"]).alias("item_id"))
    counts = places.group_by("column", "kind").agg(n_items=pl.len(), n_found=pl.col("n").sum())
    counts = counts.sort("n_items", "column", "kind", descending=[True, False, False])
    return PersonalData(counts.cast(FRAME), places=places)  # type: ignore[arg-type]


def redacted_texts(column: pl.Series) -> pl.Series:
    """A column of text with the name of its kind in the place of all personal data; the other values as they are."""
    rows = _candidates(column)
    made = [_masked(text)[0] for text in column.gather(rows).to_list()]
    return column.clone().scatter(rows, made) if len(rows) else column


def _candidates(column: pl.Series) -> pl.Series:
    """The rows in which some pattern matches."""
    texts = column.cast(pl.String)
    matches = texts.to_frame("text").select(pl.any_horizontal(pl.col("text").str.contains(kind.pattern) for kind in KINDS)).to_series()
    return matches.fill_null(value=False).arg_true()


def _places(column: pl.Series) -> pl.DataFrame:
    rows = _candidates(column)
    texts = column.cast(pl.String).gather(rows).to_list()
    found = [(row, column.name, kind, n) for row, text in zip(rows.to_list(), texts, strict=True) for kind, n in _masked(text)[1].items()]
    return pl.DataFrame(found, schema=FOUND, orient="row")


def _masked(text: str) -> tuple[str, dict[str, int]]:
    """A text without personal data, and how much there was of each kind."""
    counts: dict[str, int] = {}
    for kind, pattern in PATTERNS:

        def mask(match: re.Match[str], kind: PersonalDataKind = kind) -> str:
            if not kind.check(match[0]):
                return match[0]
            counts[kind.name] = counts.get(kind.name, 0) + 1
            return f"[{kind.name}]"

        text = pattern.sub(mask, text)
    return text, counts
