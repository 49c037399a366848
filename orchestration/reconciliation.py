"""V1 against V2, told to people and to CI: the verdict, its JSON and its table.

Belongs here: renewing the recon_* tables and reading them. Does not belong here: what a difference is
(`dbt_project/macros/reconciliation`), the same as a page (`report/`). No value of a record is read here, only tables,
keys and columns: what is printed ends up in logs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from connectors.errors import HeadwaterError

MOST_LISTED = 1000
"""Rows a list of the JSON holds at most; `checks` always has the full numbers."""

_RENEWED = {
    "recon_differences": "table_name, key, v1_key, column_name, check_name, kind, v1_value, v2_value, accepted, reason",
    "recon_unmapped_fields": (
        "table_name, column_name, check_name, documents, example_type, first_seen, accepted, reason"
    ),
}


_LOCATED = (
    "missing_records",
    "extra_records",
    "field_mismatches",
    "rejected_values",
    "duplicate_keys",
    "contract_violations",
)
"""Checks whose findings are single rows, or values of one."""


class ReconciliationError(HeadwaterError):
    """There is nothing to reconcile yet."""


@contextmanager
def built() -> Iterator[None]:
    """Say what to do where the models are missing."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise ReconciliationError("V2 is not built, or not whole: run `headwater run` first.") from error


def renew(connection: psycopg.Connection) -> None:
    """Compare V1, as landed, with V2, as it stands, and keep the outcome in the recon_* tables.

    Raises:
        ReconciliationError: the models were never built.
    """
    with built(), connection.transaction():
        for table, columns in _RENEWED.items():
            live = "reconciliation." + table.replace("recon_", "recon_live_")
            connection.execute(f"truncate reconciliation.{table}")
            connection.execute(f"insert into reconciliation.{table} select {columns} from {live}")


def collect(connection: psycopg.Connection) -> dict[str, Any]:
    """Read the recon_* tables as the JSON answer of `headwater reconcile`.

    Raises:
        ReconciliationError: the models were never built.
    """
    with built():
        return _collected(connection)


def _collected(connection: psycopg.Connection) -> dict[str, Any]:
    def rows(query: str, most: int | str = MOST_LISTED) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"{query} limit {most}").fetchall()

    checks = rows(
        'select check_name as "check", table_name as "table", passed, failing_rows, severity, accepted'
        " from reconciliation.recon_summary order by passed, check_name, table_name",
        most="all",
    )
    aggregations = rows(
        "select mart, measure, rows, newest_period, source_total, mart_total, difference, status, built_at"
        " from reconciliation.recon_aggregation_status order by mart, measure"
    )
    failed = any(not check["passed"] and check["severity"] == "error" for check in checks)
    failed = failed or any(row["status"] == "differs" for row in aggregations)
    located = 'table_name as "table", key, column_name as "column"'
    return {
        "verdict": "fail" if failed else "pass",
        "generated_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "entities": rows("select * from reconciliation.recon_entity_counts order by entity"),
        "missing_records": rows(
            'select table_name as "table", key, accepted from reconciliation.recon_missing_records order by 1, 2'
        ),
        "extra_records": rows(
            'select table_name as "table", key, accepted from reconciliation.recon_differences'
            " where check_name = 'extra_records' order by 1, 2"
        ),
        "orphan_references": rows(
            'select table_name as "table", column_name as "column", references_table as "references",'
            " count(*) as rows, count(*) filter (where accepted) as accepted,"
            " (array_agg(key order by key))[:20] as keys"
            " from reconciliation.recon_orphan_references group by 1, 2, 3 order by 1, 2"
        ),
        "field_mismatches": rows(
            f"select {located}, kind, accepted from reconciliation.recon_field_mismatches order by 1, 2, 3"
        ),
        "unmapped_fields": rows(
            'select v1_table as "table", json_path as path, documents, accepted'
            " from reconciliation.recon_unmapped_fields where check_name = 'unmapped_fields' order by accepted, 1, 2"
        ),
        "dead_paths": rows(
            'select v1_table as "table", json_path as path, accepted from reconciliation.recon_unmapped_fields'
            " where check_name = 'dead_paths' order by accepted, 1, 2"
        ),
        "rejected_values": rows(
            f"select {located}, accepted from reconciliation.recon_rejected_values order by 1, 2, 3"
        ),
        "duplicate_keys": rows(
            f"select {located}, accepted from reconciliation.recon_differences"
            " where check_name = 'duplicate_keys' order by 1, 2, 3"
        ),
        "contract_violations": rows(
            f"select {located}, kind, accepted from reconciliation.recon_differences"
            " where check_name = 'contract_violations' order by 1, 2, 3"
        ),
        "coverage": rows(
            "select coverage, count(*) as tables, coalesce(sum(v1_rows), 0)::bigint as v1_rows"
            " from reconciliation.recon_table_coverage group by coverage order by coverage"
        ),
        "aggregations": aggregations,
        "checks": checks,
    }


def amount(value: Decimal | int | None) -> str:
    """A total for people: 1,250.50, and 511 where the type would add zeros nobody needs."""
    if value is None:
        return "not known"
    whole, point, decimals = f"{value:,f}".partition(".") if isinstance(value, Decimal) else (f"{value:,}", "", "")
    decimals = decimals if len(decimals) == 2 else decimals.rstrip("0")
    return whole + (point + decimals if decimals else "")


def show(result: dict[str, Any], console: Console) -> None:
    """Print the outcome as a table for people."""
    counts = Table(title="V1 against V2", title_justify="left")
    counts.add_column("entity")
    for heading in ("V1", "V2", "missing", "extra"):
        counts.add_column(heading, justify="right")
    counts.add_column("status")
    for entity in result["entities"]:
        numbers = [f"{entity[name]:,}" for name in ("v1_count", "v2_count", "missing", "extra")]
        counts.add_row(entity["entity"], *numbers, entity["status"])
    console.print(counts)

    by_check = Table(title="Checks", title_justify="left")
    for heading in ("check", "tables", "failing rows", "accepted"):
        by_check.add_column(heading, justify="left" if heading == "check" else "right")
    for name in sorted({check["check"] for check in result["checks"]}):
        same = [check for check in result["checks"] if check["check"] == name]
        failing, accepted = (sum(check[key] for check in same) for key in ("failing_rows", "accepted"))
        by_check.add_row(name, str(len(same)), str(failing), str(accepted), style="red" if failing else None)
    console.print(by_check)
    if result["coverage"]:
        console.print(_coverage_table(result["coverage"]))
    if result["aggregations"]:
        console.print(_aggregations_table(result["aggregations"]))

    for line in _failures(result)[:20]:
        console.print(f"  [red]✗[/red] {line}", highlight=False)
    style = "green" if result["verdict"] == "pass" else "red"
    console.print(f"verdict: [bold {style}]{result['verdict']}[/]")


def _coverage_table(coverage: list[dict[str, Any]]) -> Table:
    table = Table(title="V1 tables", title_justify="left")
    table.add_column("coverage")
    for heading in ("tables", "rows"):
        table.add_column(heading, justify="right")
    for row in coverage:
        table.add_row(row["coverage"], f"{row['tables']:,}", f"{row['v1_rows']:,}")
    return table


def _aggregations_table(aggregations: list[dict[str, Any]]) -> Table:
    table = Table(title="Marts against their entities", title_justify="left")
    table.add_column("mart")
    for heading in ("rows", "measures", "differ"):
        table.add_column(heading, justify="right")
    table.add_column("newest period")
    for mart in dict.fromkeys(row["mart"] for row in aggregations):
        same = [row for row in aggregations if row["mart"] == mart]
        differ = sum(row["status"] == "differs" for row in same)
        numbers = [amount(same[0]["rows"]), str(len(same)), str(differ)]
        table.add_row(mart, *numbers, str(same[0]["newest_period"] or ""), style="red" if differ else None)
    return table


def _failures(result: dict[str, Any]) -> list[str]:
    """One line for each thing that fails and nobody accepted."""
    located = [
        f"{check}: v2.{row['table']} key {row['key']} {row.get('column') or ''}".rstrip()
        for check in _LOCATED
        for row in result[check]
        if not row["accepted"]
    ]
    orphans = [
        f"orphan_references: v2.{row['table']} {row['column']}, {row['rows']} rows, keys {', '.join(row['keys'])}"
        for row in result["orphan_references"]
        if row["accepted"] < row["rows"]
    ]
    unmapped = [
        f"unmapped_fields: V1 {row['table']}.{row['path']} in {row['documents']} documents"
        for row in result["unmapped_fields"]
        if not row["accepted"]
    ]
    dead = [
        f"dead_paths: no document of V1 {row['table']} carries {row['path']} (a warning)"
        for row in result["dead_paths"]
        if not row["accepted"]
    ]
    untied = [
        f"aggregations: marts.{row['mart']} {row['measure']} differs from its entities by {row['difference']}"
        for row in result["aggregations"]
        if row["status"] == "differs"
    ]
    return located + orphans + unmapped + dead + untied
