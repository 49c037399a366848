"""Fixtures of the tests of JobNimbus' tables: a test module that names this one in `pytest_plugins` has them.

Belongs here: fixtures. Does not belong here: what they are made of (`growth_rows.py`), which nobody could import then.
"""

from collections.abc import Iterator

import psycopg
import pytest
from growth_rows import Growth, contact, land, own_database, user, workflows

from orchestration.database import Databases


@pytest.fixture(scope="session")
def growth(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Growth]:
    """A database with nobody's events, every table built."""
    with own_database(databases, "test_growth", tmp_path_factory.mktemp("dbt")) as made:
        made.build()
        yield made


@pytest.fixture
def database(growth: Growth) -> Iterator[psycopg.Connection]:
    """For one test's events: a homeowner, his rep and the workflows are there."""
    with psycopg.connect(growth.url, options="-c timezone=UTC") as opened:
        land(opened, 1, user=[user("rep1")], contact=[contact("con1")], workflow=workflows())
        yield opened
        opened.rollback()
