"""A real PostgreSQL. Skipped where there is none, unless LABELSCOPE_POSTGRES names one: then it must work."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests are imported by path: their helpers need a place
import postgres_server


def missing(reason: str) -> None:
    if os.environ.get("LABELSCOPE_POSTGRES"):
        pytest.fail(f"the tests on PostgreSQL must run here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def server():
    if sys.platform == "win32":
        missing("the server of these tests is started as on Unix")
    try:
        import psycopg  # noqa: F401 - its absence is the reason to skip
    except ImportError:
        missing('psycopg is not installed: pip install "multilabelscope[team]"')
    programs = postgres_server.find_postgres()
    if programs is None:
        missing("no PostgreSQL server: install Debian's package postgresql, or name the folder of initdb in LABELSCOPE_POSTGRES")
    with postgres_server.Server(programs) as running:
        yield running


@pytest.fixture
def database(server):
    """Name of an empty database."""
    return server.database()


@pytest.fixture
def url(server, database):
    return server.url(database)
