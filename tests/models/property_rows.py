"""Landed rows of the property systems made by hand, and a database of their own in which dbt makes raw tables of them.

Belongs here: how a report's file or a day of a system lands, how the tables are built. Does not belong here: what must
come of them (`test_property_raw*.py`); the unified tables (`property_tables.py`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import psycopg
from dbt_database import beside, dbt, refill
from psycopg import sql
from psycopg.rows import dict_row

from connectors.landing_live import prepare
from connectors.realpage_reports.source import SOURCE as REPORTS
from connectors.realpage_rpx.source import SOURCE as GATEWAY
from connectors.yardi.source import SOURCE as YARDI
from orchestration.database import Databases

Payload = dict[str, Any]

SITE, CODE = "4810133", "park01"
"""A property that is on both systems, in America/Denver."""

DAY = "2026-11-01"
LANDED_AT = "2026-11-02T03:00:00Z"
SELECTION = ("properties", "property_vocabulary", "path:models/property/raw")
FOLDER = "models/property/raw/"


class Raw:
    """A database with the property systems' landed tables, and dbt's raw tables over them.

    Args:
        url: where it is.
        target: folder for dbt's artifacts.
    """

    def __init__(self, url: str, target: Path) -> None:
        self.url, self.target = url, target
        with psycopg.connect(url, autocommit=True) as connection:
            for source in (REPORTS, GATEWAY, YARDI):
                prepare(connection, source.schema, source.tables)

    def dbt(self, *arguments: str) -> None:
        """Run dbt on the raw tables."""
        done = dbt(self.url, self.target, *arguments, "--select", *SELECTION)
        assert done.returncode == 0, done.stdout[-4000:]

    def build(self) -> None:
        """Make every raw table as a run does, and the SQL of their tests."""
        self.dbt("build", "--exclude-resource-type", "test", "unit_test")
        self.dbt("compile")

    @cached_property
    def _nodes(self) -> dict[str, Payload]:
        manifest = json.loads((self.target / "manifest.json").read_text())
        nodes = {
            key: node | {"parents": manifest["parent_map"][key]}
            for key, node in manifest["nodes"].items()
            if node["original_file_path"].startswith(FOLDER)
        }
        folder = self.target / "compiled" / manifest["metadata"]["project_name"]
        for node in nodes.values():
            inside = folder / node["original_file_path"]
            if node["resource_type"] == "test":
                inside = inside / f"{node['name']}.sql"
            node["sql"] = inside.read_text() if inside.exists() else ""
        return nodes

    @cached_property
    def queries(self) -> dict[str, str]:
        """The SQL of every raw table, `schema.name`, as dbt compiled it; parents first."""
        models = {key: node for key, node in self._nodes.items() if node["resource_type"] == "model"}
        order = TopologicalSorter({key: node["parents"] for key, node in models.items()}).static_order()
        return {f"{models[key]['schema']}.{models[key]['name']}": models[key]["sql"] for key in order if key in models}

    def rebuild(self, connection: psycopg.Connection) -> None:
        """Fill every raw table anew within a transaction."""
        refill(connection, self.queries)

    def findings(self, connection: psycopg.Connection, test: str) -> list[Payload]:
        """What a test of dbt's finds."""
        (node,) = [node for node in self._nodes.values() if node["resource_type"] == "test" and node["name"] == test]
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(node["sql"]).fetchall()

    @property
    def tests(self) -> list[str]:
        """The names of dbt's tests of raw tables, other models' left out."""
        return [node["name"] for node in self._nodes.values() if node["resource_type"] == "test" and node["sql"]]


@contextmanager
def own_database(databases: Databases, name: str, target: Path) -> Iterator[Raw]:
    """A database beside the warehouse, gone afterwards."""
    with beside(databases, name) as url:
        yield Raw(url, target)


def file(
    connection: psycopg.Connection,
    report: str,
    rows: Sequence[Payload],
    file_id: str = "700",
    *,
    day: str = DAY,
    parameters: Mapping[str, str] | None = None,
    title: str = "",
    site: str = SITE,
) -> None:
    """Land a file of a report."""
    told = {
        "file_id": file_id,
        "report": report,
        "report_date": day,
        "fiscal_period": "112026",
        "parameters": parameters or {},
        "property_name": "Parkside",
        "title": title,
    }
    own = {name: told[name] for name in ("report", "report_date", "parameters", "title")} | {"rows": len(rows)}
    _land(connection, "realpage_reports.files", site, file_id, {"file_id": file_id}, own)
    for number, row in enumerate(rows, 20):
        key = f"{file_id}:Sheet1:{number}"
        _land(connection, f"realpage_reports.{report}", site, key, {**told, "sheet": "Sheet1", "row": number}, row)


def gateway(connection: psycopg.Connection, table: str, *rows: Payload, day: str = DAY, gone: bool = False) -> None:
    """Land rows of a day of RealPage's gateway."""
    keys = {
        "units": ("UnitID",),
        "buildings": ("BuildingID",),
        "residents": ("residentmemberid", "leaseid"),
        "leases": ("LeaseID",),
    }[table]
    request = {"snapshot_date": day, "pmcid": "4248314", "siteid": SITE}
    for row in rows:
        key = ":".join([day, *(str(row.get(name) or "0") for name in keys)])
        _land(connection, f"realpage_rpx.{table}", SITE, key, request, row, gone=gone)


def yardi(connection: psycopg.Connection, table: str, key: str, row: Payload, *, day: str = DAY) -> None:
    """Land a row of a day of Yardi's."""
    request = {"snapshot_date": day, "property_code": CODE}
    if table == "lease_charges":
        request["post_month"] = f"{day[:7]}-01"
    _land(connection, f"yardi.{table}", CODE, key if table == "guest_activity" else f"{day}:{key}", request, row)


def _land(
    connection: psycopg.Connection,
    table: str,
    account: str,
    key: str,
    request: Payload,
    payload: Payload,
    *,
    gone: bool = False,
) -> None:
    source, name = table.split(".")
    connection.execute(
        sql.SQL(
            "insert into {} (account, key, request, payload, extracted_at, deleted_at, _dlt_load_id)"
            " values (%s, %s, %s, %s, %s, %s, '1')"
        ).format(sql.Identifier(f"staging_{source}", name)),
        [account, key, json.dumps(request), json.dumps(payload), LANDED_AT, LANDED_AT if gone else None],
    )


def rows(connection: psycopg.Connection, table: str, order: str = "1") -> list[Payload]:
    """The rows of a raw table."""
    with connection.cursor(row_factory=dict_row) as cursor:
        schema = "yardi_raw" if table.startswith("yardi") else "realpage_raw"
        return cursor.execute(f"select * from {schema}.{table} order by {order}").fetchall()


def one(connection: psycopg.Connection, table: str) -> Payload:
    """The one row of a raw table."""
    (found,) = rows(connection, table)
    return found
