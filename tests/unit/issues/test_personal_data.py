from contextlib import closing

import polars as pl
import pytest

from labelscope import DataError, Dataset, Session, personal_data, read

FOUND = [
    ("write to ann.o-x+1@mail.example.org, now", "write to [e-mail address], now"),
    ("an IBAN: DE89 3704 0044 0532 0130 00.", "an IBAN: [bank account]."),
    ("GB82WEST12345698765432", "[bank account]"),
    ("paid with 4111-1111-1111-1111", "paid with [card number]"),
    ("amex 378282246310005", "amex [card number]"),
    ("SSN 078-05-1120", "SSN [social security number]"),
    ("call +49 (30) 1234-5678 or (415) 555-2671", "call [phone number] or [phone number]"),
    ("from 8.8.8.8", "from [IP address]"),
]
NOTHING = [
    "4111 1111 1111 1112",  # no card: the check digit
    "DE88 3704 0044 0532 0130 00",  # no account: the check digits
    "order 4000000000000000000002",
    "666-05-1120, 078-00-1120",
    "10.0.0.1, 192.168.1.1, 999.1.1.1, v2.10.3.1",
    "2026-12-02 10:00:00, id 1234567890, 1,000,000, 555-2671",
    "@handle a@b",
]


@pytest.fixture(scope="module")
def ds():
    texts = [text for text, _ in FOUND] + NOTHING
    items = pl.DataFrame({"text": texts, "who": ["bo@example.com", *["nobody"] * (len(texts) - 1)], "n": range(len(texts))})
    return Dataset.from_arrays([["a"]] * len(texts), items=items, text="text")


def test_each_kind_is_found_where_its_check_digits_hold_and_nothing_else(ds):
    found = personal_data(ds)
    told = {(column, kind): n for column, kind, n in found.frame.select("column", "kind", "n_items").iter_rows()}
    assert told == {
        ("text", "e-mail address"): 1, ("text", "bank account"): 2, ("text", "card number"): 2, ("text", "social security number"): 1,
        ("text", "phone number"): 1, ("text", "IP address"): 1, ("who", "e-mail address"): 1,
    }  # fmt: skip
    assert found.frame.filter(kind="phone number")["n_found"].item() == 2
    assert found.places.filter(column="text", kind="phone number")["row"].to_list() == [6]
    assert not any(text in found.summary() for text, _ in FOUND)  # what was found is said nowhere
    assert personal_data(ds, ["who"]).frame.height == 1


def test_the_copy_names_the_kinds_and_the_data_set_stays_as_it_is(ds):
    found = personal_data(ds)
    masked = found.redact(ds)
    assert masked.items["text"].to_list() == [words for _, words in FOUND] + NOTHING
    assert masked.items["who"][0] == "[e-mail address]"
    assert ds.items["text"][0] == FOUND[0][0]
    assert personal_data(masked).frame.is_empty()
    assert "none of the known kinds" in personal_data(masked).summary()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_an_export_leaves_them_out_and_every_other_byte_alone(tmp_path, suffix):
    table = tmp_path / "in.csv"
    table.write_text('id,text,note,labels\n1,"mail ann@example.org, ""now""", x ,a;b\n2,plain,,b\n3,call +49 30 12345678,,a\n', "utf-8")
    with closing(Session(read(table, labels="labels", text="text", id="id"), ledger=tmp_path / "ledger.sqlite")) as session:
        session.edit(2, "a", 1)
        done = session.export(tmp_path / f"out.{suffix}", redact=True)
    assert (done.n_redacted, done.n_changes) == (2, 1)
    assert "personal data replaced in 2 rows" in str(done)
    assert "ann@example.org" in table.read_text("utf-8")
    if suffix == "csv":
        assert done.path.read_text("utf-8") == (
            'id,text,note,labels\n1,"mail [e-mail address], ""now""", x ,a;b\n2,plain,,b;a\n3,call [phone number],,a\n'
        )
    else:
        written = pl.read_parquet(done.path) if suffix == "parquet" else pl.read_ndjson(done.path)
        assert written["text"].to_list() == ['mail [e-mail address], "now"', "plain", "call [phone number]"]


def test_ids_with_personal_data_are_refused_before_anything_is_written(tmp_path):
    items = pl.DataFrame({"item_id": ["ann@example.org", "x"], "text": ["one", "two"]})
    ds = Dataset.from_arrays([["a"], ["b"]], items=items, text="text")
    refused = pytest.raises(DataError, match="expected item ids without personal data, got 1")
    with closing(Session(ds, ledger=tmp_path / "ledger.sqlite")) as session, refused:
        session.export(tmp_path / "out.csv", redact=True)
    assert not (tmp_path / "out.csv").exists()


def test_a_column_that_holds_no_text_is_one_line(ds):
    with pytest.raises(DataError, match="columns: expected"):
        personal_data(ds, ["nowhere"])
