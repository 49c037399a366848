"""Rows of the customer app as they land, and the tables made of them inside a transaction that never lasts.

Belongs here: a small app to begin with, how its tables and marts are filled anew, what dbt's tests find. Does not
belong here: what should come out (`tests/models/test_customer*.py`).
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from connectors.landing_live import prepare
from orchestration.project import dbt_target

Row = dict[str, Any]

ENTITIES = (
    "users",
    "l0_user_tokenization",
    "l0_pii_users",
    "transactions",
    "user_events",
    "onboarding_responses",
    "l1_transaction_facts",
)
"""Parents first."""

MARTS = ("agg_cohort_activation", "agg_cohort_engagement", "agg_vanity_metrics_monthly", "customer_data")
KEYS = {"l0_pii_users": "internal_user_id", "l0_user_tokenization": "internal_user_id"}

FOUND = {entity: {"table": entity, "missing": []} for entity in ENTITIES}
"""What the connector notes of a source that has every table and column."""


def token(user: int) -> str:
    """A token such as the app makes."""
    return hashlib.sha256(f"{user} and salt".encode()).hexdigest()


def stand(connection: psycopg.Connection) -> None:
    """Let the landed tables stand, and be empty; and foreign keys wait while tables are filled anew."""
    connection.execute("set local session_replication_role = replica")
    prepare(connection, "customer", [*ENTITIES, "shape"])
    for table in (*ENTITIES, "shape"):
        connection.execute(sql.SQL("truncate staging_customer.{}").format(sql.Identifier(table)))


def land(connection: psycopg.Connection, table: str, *rows: Row, deleted: bool = False) -> None:
    """Land rows of a table; of one that the app deleted the key is left."""
    key = KEYS.get(table, "id")
    for row in rows:
        payload = {key: row[key]} if deleted else row
        connection.execute(
            sql.SQL(
                "insert into staging_customer.{} (account, key, payload, extracted_at, deleted_at, _dlt_load_id)"
                " values ('app', %s, %s, now(), case when %s then now() end, '1') on conflict (account, key)"
                " do update set payload = excluded.payload, deleted_at = excluded.deleted_at"
            ).format(sql.Identifier(table)),
            [str(row[key]), json.dumps(payload), deleted],
        )


def land_shape(connection: psycopg.Connection, letter: str, **tables: Row | None) -> None:
    """Note which shape the source has; per table what is found, None for no such table."""
    payload = {"shape": letter, "tables": FOUND | tables}
    connection.execute(
        "insert into staging_customer.shape (account, key, payload, extracted_at, _dlt_load_id)"
        " values ('app', 'app', %s, now(), '1') on conflict (account, key) do update set payload = excluded.payload",
        [json.dumps(payload)],
    )


def user(number: int, created_at: str | None, **more: Any) -> Row:
    """A user."""
    return {"id": number, "email": f"p{number}@app.example", "created_at": created_at} | more


def event(number: int, user_id: int, kind: str, at: str, **more: Any) -> Row:
    """An event."""
    return {"id": number, "user_id": user_id, "event_type": kind, "event_timestamp": at} | more


def line(number: int, user_id: int, at: str, account: str = "TD Chequing", **more: Any) -> Row:
    """A statement line."""
    return {"id": number, "user_id": user_id, "date": at[:10], "created_at": at} | _spent(account) | more


def fact(number: int, user_id: int, at: str, account: str = "TD Chequing", **more: Any) -> Row:
    """A statement line under a token."""
    row = {"id": number, "tokenized_user_id": token(user_id), "transaction_date": at[:10], "created_at": at}
    return row | _spent(account) | more


def _spent(account: str) -> Row:
    said = {"description": "COFFEE", "merchant": "Coffee", "cashflow": "expense", "category": "Food", "label": ""}
    return said | {"amount": -4.5, "account": account, "upload_session_id": None, "legacy_transaction_id": None}


def build(connection: psycopg.Connection) -> None:
    """Fill the tables and marts anew from what is landed."""
    for entity in ENTITIES:
        if entity in {"transactions", "user_events", "onboarding_responses"}:
            # As lean_table leaves a not-null out that a row breaks.
            connection.execute(f"alter table customer.{entity} alter column user_id drop not null")
        _fill(connection, "customer", entity, f"customer/{entity}.sql")
    build_marts(connection)


def build_marts(connection: psycopg.Connection) -> None:
    """Fill the marts anew from the tables as they are."""
    for mart in MARTS:
        _fill(connection, "marts", mart, f"marts/customer/{mart}.sql")


def findings(connection: psycopg.Connection, test: str) -> list[Row]:
    """What a dbt test of this name finds."""
    (file,) = _compiled().rglob(f"{test}.sql")
    return _rows(connection, file.read_text())


def table(connection: psycopg.Connection, name: str, order: str = "1") -> list[Row]:
    """The rows of `schema.table`."""
    return _rows(connection, f"select * from {name} order by {order}")


def _rows(connection: psycopg.Connection, query: str) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode()).fetchall()


def _fill(connection: psycopg.Connection, schema: str, name: str, file: str) -> None:
    query = (_compiled() / "models" / file).read_text()
    connection.execute(f"create temporary table rebuilt on commit drop as {query}".encode())
    connection.execute(f"delete from {schema}.{name}".encode())
    connection.execute(f"insert into {schema}.{name} select * from rebuilt".encode())
    connection.execute("drop table rebuilt")


def _compiled() -> Path:
    return dbt_target() / "compiled" / "headwater"
