"""The unified tables and property marts, filled anew inside a transaction that never lasts.

Belongs here: what the tests of both need: filling anew, cutting off a system's doors, switching a property's primary
system. Does not belong here: what the tables should hold (`oracle/property.py`, `test_property_*.py`).
"""

import json
from collections.abc import Iterable
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.properties import PropertyWorld, build
from connectors.sandbox.world import SEED
from orchestration.project import dbt_target

REPORTS = ("box_score", "rent_roll", "delinquency", "activity", "monthly_summary", "lease_expirations")
GATEWAY = ("units", "residents", "leases")

ON_BOTH = ["parkside", "edison_at_rino"]
"""Properties that both systems have; RealPage is their primary one."""

FOLDERS = ("models/property/unified/", "models/marts/property/")


def compiled(path: str) -> str:
    """A model's SQL, as dbt compiled it."""
    return (dbt_target() / "compiled" / "headwater" / path).read_text()


@cache
def _queries() -> dict[str, str]:
    """The SQL of every unified table and property mart, as dbt compiled it, parents first."""
    manifest = json.loads((dbt_target() / "manifest.json").read_text())
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["original_file_path"].startswith(FOLDERS)
    }
    order = TopologicalSorter({key: manifest["parent_map"][key] for key in nodes}).static_order()
    return {
        f"{nodes[key]['schema']}.{nodes[key]['name']}": compiled(nodes[key]["original_file_path"])
        for key in order
        if key in nodes
    }


def rebuild(connection: psycopg.Connection) -> None:
    """Fill every unified table and property mart anew from the raw tables as they stand."""
    connection.execute("set local session_replication_role = replica")
    for table, query in _queries().items():
        name = sql.Identifier(*table.split("."))
        connection.execute(sql.SQL("delete from {}").format(name))
        connection.execute(sql.SQL("insert into {} {}").format(name, sql.SQL(query)))
        connection.execute(sql.SQL("analyze {}").format(name))


def world_of(warehouse: str) -> PropertyWorld:
    """The made-up properties as they are on the last day that a warehouse was told of."""
    with psycopg.connect(warehouse) as connection:
        last = one(connection, "select max(property_date) as day from unified.unified_properties")["day"]
    return build(SEED, 0.01, (last - WORLD_DAY).days)


def silence(connection: psycopg.Connection, tables: Iterable[str], site: str | None = None) -> None:
    """Let RealPage have told nothing of some kinds, of one site or of any."""
    for table in tables:
        column = "site_id" if table in GATEWAY else "property_id"
        connection.execute(
            sql.SQL("delete from {} where {} = coalesce(%s, {})").format(
                sql.Identifier("realpage_raw", f"realpage_{table}"), sql.Identifier(column), sql.Identifier(column)
            ),
            [site],
        )


def tell_by(connection: psycopg.Connection, pms: str, properties: Iterable[str]) -> None:
    """Let a system be the primary one of some properties."""
    connection.execute(
        "update seeds.properties set primary_pms = %s where unified_property_id = any(%s)", [pms, list(properties)]
    )


def rows(connection: psycopg.Connection, query: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of a query."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values or None).fetchall()


def one(connection: psycopg.Connection, query: str, *values: Any) -> dict[str, Any]:
    """The one row of a query."""
    (found,) = rows(connection, query, *values)
    return found
