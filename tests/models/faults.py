"""Faults planted in V1 and in V2, and what the reconciliation finds of them.

Belongs here: how a fault is planted and how findings are told, for all tests of the reconciliation. Does not belong
here: which faults there are (`test_reconciliation.py`, `test_reconciliation_of_v1.py`, `test_exceptions.py`).
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

import pytest
import yaml
from psycopg import Connection, sql

from connectors.postgres import quoted
from orchestration import reconciliation
from orchestration.project import DBT_PROJECT, ROOT, dbt_target

MODELS = {
    model["name"]: model
    for file in sorted((DBT_PROJECT / "models" / "v2").rglob("*__models.yml"))
    for model in yaml.safe_load(file.read_text())["models"]
    if "v1" in model.get("config", {}).get("meta", {})
}
"""The V2 tables that are held against V1."""

V1 = {table: model["config"]["meta"]["v1"] for table, model in MODELS.items()}
COLUMNS = {table: {column["name"]: column for column in model["columns"]} for table, model in MODELS.items()}
V1_TABLES = sorted({table for v1 in V1.values() for table in [v1["table"], *v1.get("also", {})]})
FAULTS = list(csv.DictReader((ROOT / "connectors" / "v1" / "planted_faults.csv").open()))
"""The faults the sandbox's V1 has from the start."""

NEW = 888_888_888
"""An id that no row has."""

UNKNOWN = {"text": "new", "date": "2999-12-31", "bigint": NEW, "integer": NEW}
"""For a key of each type one that no row has."""

CHANGED = {
    "text": "coalesce({0}, '') || 'x'",
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "numeric": "coalesce({0}, 0) + 0.01",
    "double precision": "coalesce({0}, 0) + 0.000001",
    "boolean": "not coalesce({0}, false)",
    "date": "coalesce({0}, '2020-01-01') + 1",
    "timestamptz": "coalesce({0}, '2020-01-01') + interval '1 microsecond'",
    "jsonb": "'{{\"changed\": true}}'::jsonb",
}
"""The smallest change of a value of each type, a null included."""


class Finding(NamedTuple):
    check: str
    table: str
    key: str | None = None
    column: str | None = None
    accepted: bool = False


Found = Counter[Finding]
Rows = dict[str, list[tuple[str, int]]]
"""Keys and ids of rows by table."""


def findings(connection: Connection) -> Found:
    """Compare anew; every finding, with how often it was made."""
    reconciliation.renew(connection)
    rows = connection.execute(
        "select check_name, table_name, key, column_name, accepted from reconciliation.recon_differences"
        " union all"
        " select check_name, v1_table, null, json_path, accepted from reconciliation.recon_unmapped_fields"
    )
    return Counter(Finding(*row) for row in rows)


def assert_found(connection: Connection, baseline: Found, planted: Iterable[Finding]) -> None:
    """Compare anew: exactly what was planted is found beyond the baseline, and all of the baseline still is."""
    found, expected = findings(connection), baseline + Counter(planted)
    wrong = [f"not found: {_in_words(finding)}" for finding in expected - found]
    wrong += [f"found, and not planted: {_in_words(finding)}" for finding in found - expected]
    if wrong:
        pytest.fail("\n".join(sorted(wrong)), pytrace=False)


def _in_words(finding: Finding) -> str:
    place = f"key {finding.key} {finding.column or ''}".rstrip() if finding.key else finding.column
    return f"{finding.check}: {finding.table} {place}{' (accepted)' if finding.accepted else ''}"


def data_type(table: str, column: str) -> str:
    """A column's type without its precision."""
    return str(COLUMNS[table][column]["data_type"]).split("(")[0]


def meta(table: str, column: str) -> dict[str, Any]:
    """What a column's declaration says beyond name and type."""
    return dict(COLUMNS[table][column].get("config", {}).get("meta", {}))


def paths(table: str, column: str) -> list[str]:
    """The V1 paths a column declares."""
    path = meta(table, column).get("path", [])
    return [path] if isinstance(path, str) else list(path)


def is_told_by_v1(table: str, column: str) -> bool:
    """Does V1 have the column? Some only live sources tell."""
    told = meta(table, column)
    return "path" in told or "live" not in told


def told_by_v1(table: str) -> str:
    """SQL: is the row one that no live source tells newer?"""
    conditions = ["_source = 'v1'"] if "_source" in COLUMNS[table] else ["true"]
    for parent in V1[table].get("follows", []):
        newer = f"select id from v2.{parent['table']} where _source <> 'v1'"
        conditions.append(f"coalesce({parent['column']}, 0) not in ({newer})")
    return " and ".join(conditions)


def key_columns(table: str) -> set[str]:
    """Columns the reconciliation's key is made of: another value there is a row missing and a row too many."""
    return {name for name in COLUMNS[table] if re.search(rf"\b{name}\b", V1[table]["key"])}


def change(connection: Connection, table: str, row_id: int, columns: Iterable[str]) -> list[Finding]:
    """Set columns of a row to another value of their type; what that breaks of the declared accepted values."""
    columns = list(columns)
    changes = []
    for name in columns:
        kind = data_type(table, name)
        value = f"'{UNKNOWN[kind]}'" if meta(table, name).get("natural_key") else CHANGED[kind].format(quoted(name))
        changes.append(f"{quoted(name)} = {value}")
    connection.execute(f'update v2."{table}" set {", ".join(changes)} where id = %s', [row_id])
    limited = {name: values for name in columns if (values := meta(table, name).get("accepted_values"))}
    if not limited:
        return []
    names = ", ".join(f"{quoted(name)}::text" for name in limited)
    row = connection.execute(f'select {names} from v2."{table}" where id = %s', [row_id]).fetchone()
    assert row
    return [
        Finding("contract_violations", table, str(row_id), name)
        for (name, accepted), value in zip(limited.items(), row, strict=True)
        if value not in map(str, accepted)
    ]


def plant(connection: Connection, v1_table: str, key: str, path: str, value: Any) -> None:
    """Set what a landed document holds at a path: `city`, `address.city`, `history.0.price`."""
    updated = connection.execute(
        sql.SQL("update staging_v1.{} set payload = jsonb_set(payload, %s, %s) where key = %s").format(
            sql.Identifier(v1_table)
        ),
        [path.split("."), json.dumps(value), key],
    )
    assert updated.rowcount == 1, f"V1's {v1_table} has no document {key}"


@cache
def _queries(schema: str) -> dict[str, str]:
    """The SQL of every table of a schema, as dbt compiled it, parents first."""
    manifest = json.loads((dbt_target() / "manifest.json").read_text())
    compiled = dbt_target() / "compiled" / manifest["metadata"]["project_name"]
    files = {
        key: compiled / node["original_file_path"]
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["schema"] == schema
        and node["config"]["materialized"] == "lean_table"
    }
    order = TopologicalSorter({key: manifest["parent_map"][key] for key in files}).static_order()
    return {files[key].stem: files[key].read_text() for key in order if key in files}


def rebuild(connection: Connection, *tables: str) -> None:
    """Fill V2 tables anew, all of them if none is named; not-nulls that a row breaks go, as in lean_table."""
    for table, query in _queries("v2").items():
        if tables and table not in tables:
            continue
        for name, column in COLUMNS.get(table, {}).items():
            if {"type": "not_null"} in column.get("constraints", []):
                connection.execute(f'alter table v2."{table}" alter column "{name}" drop not null')
        _fill(connection, "v2", table, query)


def _fill(connection: Connection, schema: str, table: str, query: str) -> None:
    """Replace a table's rows by those of its query, which may read what the table holds."""
    connection.execute(sql.SQL("create temporary table rebuilt on commit drop as {}").format(sql.SQL(query)))
    connection.execute(f'delete from {schema}."{table}"')
    connection.execute(f'insert into {schema}."{table}" select * from rebuilt')
    connection.execute("drop table rebuilt")


def leave_v1_alone(connection: Connection) -> None:
    """Let live sources have landed nothing, and V2 and the marts be what V1 alone makes of them."""
    connection.execute("set local session_replication_role = replica")
    landed = connection.execute(
        "select format('%I.%I', table_schema, table_name) from information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema like 'staging\\_%'"
        " and table_schema <> 'staging_v1' and table_name not like '\\_dlt%'"
    ).fetchall()
    for (table,) in landed:
        connection.execute(f"delete from {table}")
    for history in ("transaction_history", "listing_history"):
        connection.execute(f"delete from v2.{history} where _source <> 'v1'")
    for schema in ("v2", "marts"):
        for table, query in _queries(schema).items():
            _fill(connection, schema, table, query)
