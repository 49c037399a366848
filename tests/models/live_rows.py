"""Landed rows of the live sources, and V2 made of them inside a transaction that never lasts.

Belongs here: how a landed row stands, how V2's tables are filled anew from what is landed, what holds of every one of
them. Does not belong here: what the APIs answer and what V2 makes of it (`tests/models/test_live_models_*.py`).
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql
from psycopg.rows import dict_row

from connectors.landing_live import prepare
from orchestration.project import DBT_PROJECT

Document = dict[str, Any]

FIRST_LIVE_ID, LAST_LIVE_ID = 2**52, 2**53 - 1

TABLES = {
    "fub": [
        "accounts",
        "users",
        "people",
        "deals",
        "calls",
        "events",
        "stage_appointments_fub_onboarding",
        "stage_text_messages_fub_onboarding",
        "stages",
        "pipelines",
        "groups",
        "text_queue",
    ],
    "stripe": ["products", "prices", "subscriptions", "customers", "invoices", "events"],
    "dotloop": ["accounts", "profiles", "dotloop_staging", "participants", "contacts"],
    "lofty": ["accounts", "organisations", "members", "lofty_staging"],
}

TOKENS = (
    "create table if not exists staging_dotloop.tokens (account text primary key, access_token text not null,"
    " refresh_token text not null, expires_at timestamptz not null, dotloop_account_id bigint)"
)
"""What dotloop's connector keeps besides what it lands."""


def documents(source: str) -> dict[str, Document]:
    """What a source's API answers, by kind: made-up people, in the manuals' words."""
    told: dict[str, dict[str, Document]] = json.loads(Path(__file__).with_name("live_documents.json").read_text())
    return told[source]


def stand(connection: psycopg.Connection) -> None:
    """Let every landed table of the four sources stand, and be empty."""
    for source, tables in TABLES.items():
        prepare(connection, source, tables)
        for table in [*tables, "sync_state"]:
            connection.execute(sql.SQL("truncate {}").format(sql.Identifier(f"staging_{source}", table)))
    connection.execute(TOKENS)
    connection.execute("truncate staging_dotloop.tokens")


def land(
    connection: psycopg.Connection,
    table: str,
    account: str,
    rows: Mapping[str, Document],
    *,
    request: Document | None = None,
    extracted_at: str = "2026-11-01T12:00:00Z",
    deleted_at: str | None = None,
) -> None:
    """Put documents, by key, into the landed table `<source>.<table>`."""
    source, name = table.split(".")
    statement = sql.SQL(
        "insert into {} (account, key, request, payload, extracted_at, deleted_at, _dlt_load_id)"
        " values (%s, %s, %s, %s, %s, %s, '1') on conflict (account, key) do update"
        " set payload = excluded.payload, extracted_at = excluded.extracted_at, deleted_at = excluded.deleted_at"
    ).format(sql.Identifier(f"staging_{source}", name))
    told = json.dumps(request) if request else None
    for key, payload in rows.items():
        connection.execute(statement, [account, key, told, json.dumps(payload), extracted_at, deleted_at])


def attempted(
    connection: psycopg.Connection, source: str, account: str, *resources: str, error: str | None = None
) -> None:
    """Note how reading some kinds of record went."""
    for resource in resources:
        connection.execute(
            sql.SQL(
                "insert into {} (account, resource, cursor, status, error, last_rows, rows_landed, first_attempt_at,"
                " last_attempt_at, last_success_at)"
                " values (%s, %s, 'mark', %s, %s, 3, 5, '2026-10-30Z', '2026-10-31Z', %s)"
            ).format(sql.Identifier(f"staging_{source}", "sync_state")),
            [account, resource, "error" if error else "ready", error, None if error else "2026-10-31Z"],
        )


def one(connection: psycopg.Connection, table: str, **where: Any) -> dict[str, Any]:
    """The one row of a V2 table with these values."""
    found = rows(connection, table, **where)
    assert len(found) == 1, f"v2.{table} has {len(found)} rows where {where}"
    return found[0]


def rows(connection: psycopg.Connection, table: str, **where: Any) -> list[dict[str, Any]]:
    """The rows of a V2 table with these values, by id."""
    with connection.cursor(row_factory=dict_row) as cursor:
        conditions = [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in where]
        query = sql.SQL("select * from v2.{}{} order by id").format(
            sql.Identifier(table), sql.SQL(" where ") + sql.SQL(" and ").join(conditions) if where else sql.SQL("")
        )
        return cursor.execute(query, list(where.values())).fetchall()


def declared(folder: str) -> dict[str, dict[str, Any]]:
    """The models of a folder of V2, each with its columns by name."""
    models = {}
    for file in sorted((DBT_PROJECT / "models" / "v2" / folder).glob("*__models.yml")):
        for model in yaml.safe_load(file.read_text())["models"]:
            models[model["name"]] = model | {"columns": {column["name"]: column for column in model["columns"]}}
    return models


def broken(connection: psycopg.Connection, folder: str, tables: Iterable[str]) -> list[str]:
    """What does not hold of what these tables declare: keys, not-nulls, accepted values, references."""
    wrong = []
    models = declared(folder)
    for table in tables:
        for name, column in models[table]["columns"].items():
            meta = column.get("config", {}).get("meta", {})
            kinds = {constraint["type"] for constraint in column.get("constraints", [])}
            checks = {}
            if "primary_key" in kinds:
                checks["key"] = "select {0} from v2.{1} group by {0} having count(*) > 1 or {0} is null"
            if "not_null" in kinds:
                checks["null"] = "select 1 from v2.{1} where {0} is null"
            if "references" in meta:
                checks["reference"] = (
                    "select {0} from v2.{1} as child where {0} is not null"
                    " and not exists (select from v2.{2} as parent where parent.id = child.{0})"
                )
            for kind, check in checks.items():
                query = sql.SQL(check).format(
                    sql.Identifier(name), sql.Identifier(table), sql.Identifier(meta.get("references", ""))
                )
                if connection.execute(query).fetchone():
                    wrong.append(f"{table}.{name}: {kind}")
            if accepted := meta.get("accepted_values"):
                query = sql.SQL("select distinct {0}::text from v2.{1} where {0} is not null").format(
                    sql.Identifier(name), sql.Identifier(table)
                )
                found = {value for (value,) in connection.execute(query)}
                wrong += [f"{table}.{name}: {value}" for value in found - set(map(str, accepted))]
    return wrong
