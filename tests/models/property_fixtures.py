"""Fixtures of the tests of the raw property tables: a test module that names this one in `pytest_plugins` has them.

Belongs here: fixtures. Does not belong here: what they are made of (`property_rows.py`): nobody could import it then.
"""

from collections.abc import Iterator

import psycopg
import pytest
from property_rows import Raw, own_database

from orchestration.database import Databases


@pytest.fixture(scope="session")
def raw(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    """A database in which nothing landed, every raw table built."""
    with own_database(databases, "test_property_raw", tmp_path_factory.mktemp("dbt")) as made:
        made.build()
        yield made


@pytest.fixture
def landing(raw: Raw) -> Iterator[psycopg.Connection]:
    """For one test's rows."""
    with psycopg.connect(raw.url, options="-c timezone=UTC") as opened:
        yield opened
        opened.rollback()
