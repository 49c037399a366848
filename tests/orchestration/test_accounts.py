"""Whom a live source is read for: the configuration's accounts, else those that V1's records name."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from connectors.sync import Account, Declared, Source
from orchestration.accounts import accounts_of, declaring_table

MANIFEST = {
    "nodes": {
        "model.accounts": {
            "schema": "v2",
            "name": "their_accounts",
            "config": {"meta": {"v1": {"table": "legacy accounts"}}},
            "columns": {
                "id": {"config": {"meta": {"path": "id"}}},
                "api_key": {"config": {"meta": {"path": ["key.value", "api_key"]}}},
                "active": {"config": {"meta": {"path": "active"}}},
            },
        }
    }
}
DOCUMENTS = {
    "2": {"api_key": "k2", "active": True},
    "10": {"key": {"value": " k10 "}, "api_key": "old", "active": "true"},
    "11": {"api_key": "k11", "active": False},
    "12": {"api_key": "  ", "active": True},
    "13": {"active": True},
}


def source(configured: list[Account] | None = None, declared: bool = True) -> Source:
    where = Declared("their_accounts", "id", ("api_key",), active="active") if declared else None
    return Source("theirs", "theirs", (), lambda: configured, lambda account, _: account, declared=where)


@pytest.fixture
def connection(empty_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(empty_database, autocommit=True) as opened:
        yield opened


@pytest.fixture
def landed(connection: psycopg.Connection) -> psycopg.Connection:
    connection.execute("create schema staging_v1")
    connection.execute('create table staging_v1."legacy accounts" (key text, payload jsonb, deleted_at timestamptz)')
    for key, document in DOCUMENTS.items():
        connection.execute(
            'insert into staging_v1."legacy accounts" values (%s, %s, null)', [key, json.dumps(document)]
        )
    return connection


def found(made: Source, connection: psycopg.Connection) -> list[tuple[str, Any]] | None:
    accounts = accounts_of(made, MANIFEST, connection)
    return None if accounts is None else [(one.name, dict(one.secrets)) for one in accounts]


def test_records_name_accounts(landed: psycopg.Connection) -> None:
    """By the paths that V2 declares; without a key, or no longer connected, it is no account."""
    assert found(source(), landed) == [("2", {"api_key": "k2"}), ("10", {"api_key": "k10"})]
    landed.execute("""update staging_v1."legacy accounts" set deleted_at = now() where key = '2'""")
    assert found(source(), landed) == [("10", {"api_key": "k10"})]


def test_the_configuration_comes_first(landed: psycopg.Connection) -> None:
    assert found(source(configured=[Account("mine", {"api_key": "k"})]), landed) == [("mine", {"api_key": "k"})]
    assert found(source(configured=[]), landed) == []


def test_nobody_names_any(connection: psycopg.Connection) -> None:
    """Neither the configuration nor a record: not configured."""
    assert found(source(), connection) is None
    assert found(source(declared=False), connection) is None


def test_the_landing_waits_for_the_records() -> None:
    assert declaring_table(source(), MANIFEST) == "legacy accounts"
    assert declaring_table(source(declared=False), MANIFEST) is None


def test_no_secret_is_shown() -> None:
    assert "k2" not in repr(Account("2", {"api_key": "k2"}))
