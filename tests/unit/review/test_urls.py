"""Which URLs can be a ledger's, and that no message ever shows a password."""

import sys

import pytest
import sqlalchemy as sa

from labelscope.errors import LedgerError, MissingExtra
from labelscope.review.ledger import Ledger
from labelscope.review.urls import parse_url, redacted, shown_url

SECRET = "hunter2"  # noqa: S105 - what no message may show


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "PostgreSQL"])
def test_every_form_of_a_postgresql_url_leads_to_one_driver(scheme):
    url = parse_url(f" {scheme}://ann:{SECRET}@host:5433/team?sslmode=require ")
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port, url.database) == ("ann", SECRET, "host", 5433, "team")
    assert url.query == {"sslmode": "require"}
    assert shown_url(url) == "postgresql://ann:***@host:5433/team"


@pytest.mark.parametrize("place", ["ledger.sqlite", "a folder/x@y.sqlite", "C:\\data\\ledger.sqlite", "postgres", "sqlite"])
def test_a_path_is_no_url(place):
    assert parse_url(place) is None


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@word@host/team",  # an @ in the password
        f"postgresql://ann:x@{SECRET}@host:54/team",
        f"postgresql://ann:{SECRET}@host:port/team",  # a port that is no number
        f"postgresql://an/n:{SECRET}@host/team",
        f"postgresql://ann:{SECRET}@[::1/team",
        f"postgresql:ann:{SECRET}@host/team",
        f"postgresql:/ann:{SECRET}@host/team",
        f"://ann:{SECRET}@host/team",
        f"ann:{SECRET}@host://team",
        f"my sql://ann:{SECRET}@host/team",
        f"host=localhost dbname=team user=ann password={SECRET}",
        f"mysql:ann:{SECRET}@host/team",
        f"postgresql//ann:{SECRET}@host/team",
    ],
)
def test_a_url_that_cannot_be_read_is_not_repeated(url):
    with pytest.raises(LedgerError, match="cannot be read") as caught:
        Ledger.open(url, fingerprint="f")
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "postgresql://user:password@host:5432/database" in str(caught.value)


@pytest.mark.parametrize("backend", ["mysql", "mariadb", "mysql+pymysql", "oracle", "mssql", "duckdb", "cockroachdb", "http"])
def test_another_database_is_refused_by_name(backend):
    with pytest.raises(LedgerError, match=f"SQLite or PostgreSQL, got {backend.partition('+')[0]}; name a file") as caught:
        Ledger.open(f"{backend}://ann:{SECRET}@host/team", fingerprint="f")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("driver", ["postgresql+psycopg2", "postgresql+asyncpg", "postgres+pg8000", "sqlite+aiosqlite"])
def test_another_driver_is_refused_by_name(driver):
    with pytest.raises(LedgerError, match=f"got {driver.partition('+')[2]}; write") as caught:
        Ledger.open(f"{driver}://ann:{SECRET}@host/team", fingerprint="f")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_missing_driver_says_what_to_install(scheme, monkeypatch):
    monkeypatch.delitem(sys.modules, "labelscope.review.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r'psycopg, which is not installed: pip install "multilabelscope\[team\]"') as caught:
        Ledger.open(f"{scheme}://ann:{SECRET}@host/team", fingerprint="f")
    assert SECRET not in str(caught.value)


def test_the_name_of_a_ledger_is_no_url_to_open_it_with():
    name = shown_url(parse_url(f"postgresql://ann:{SECRET}@host/team"))
    with pytest.raises(LedgerError, match="whose password is hidden"):
        Ledger.open(name, fingerprint="f")


def test_passwords_in_options_are_passwords():
    url = parse_url(f"postgresql://host/team?user=ann&password={SECRET}&sslpassword=other-one")
    assert shown_url(url) == "postgresql://host/team"
    assert redacted(f"password={SECRET} sslpassword=other-one user=ann", url) == "password=*** sslpassword=*** user=ann"


def test_a_password_is_found_in_every_way_it_is_written():
    url = sa.URL.create("postgresql", "ann", "pa:ss/wo rd@", "host")
    for written in ("pa:ss/wo rd@", "pa%3Ass%2Fwo%20rd%40", "pa%3Ass/wo%20rd%40", "pa%3Ass%2Fwo+rd%40"):
        assert redacted(f"<{written}>", url) == "<***>"


@pytest.mark.parametrize("option", ["nonsense=1", "sslmode=nonsense", "connect_timeout=nonsense", "options=-c%20nonsense"])
def test_what_the_driver_says_of_a_bad_option_holds_no_password(option):
    pytest.importorskip("psycopg", reason="needs the extra team")
    with pytest.raises(LedgerError) as caught:
        Ledger.open(f"postgresql://ann:{SECRET}@127.0.0.1:1/team?{option}&password={SECRET}", fingerprint="f")
    message = str(caught.value)
    assert SECRET not in message
    assert "\n" not in message
    assert "postgresql://ann:***@127.0.0.1:1/team" in message


def test_no_representation_shows_a_password():
    ledger = Ledger(parse_url(f"postgresql://ann:{SECRET}@host/team?password={SECRET}"), "f", 1.0)
    for text in (repr(ledger), str(ledger), ledger.name):
        assert SECRET not in text
