"""What the tests of live connectors share: a tiny source, walks without a database, landed rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from connectors.rest import SourceError
from connectors.sync import Account, Context, Done, Outcome, Page, Resource, Source, land


def walked(resource: Resource, client: Any, context: Context) -> tuple[dict[str, list[dict[str, Any]]], Done]:
    """Every row a walk yields, by table in order, and how it ended."""
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in resource.tables}
    walk = resource.fetch(client, context)
    while True:
        try:
            page = next(walk)
        except StopIteration as end:
            return rows, end.value
        for row in page.rows:
            assert resource.key(row, dict(page.request or {}))
        rows[page.table or resource.tables[0]] += page.rows


def first_walk(resource: Resource, client: Any) -> tuple[dict[str, list[dict[str, Any]]], Done]:
    """A walk of an account that nothing is known of."""
    return walked(resource, client, Context(None))


def landed(url: str, schema: str, table: str, columns: str = "account, key, payload") -> list[tuple[Any, ...]]:
    """Landed rows in order of their keys."""
    with psycopg.connect(url) as connection:
        return connection.execute(f"select {columns} from staging_{schema}.{table} order by account, key").fetchall()


def state(url: str, schema: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(status, error, cursor, last_rows, rows_landed) per account and resource."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            f"select account, resource, status, error, cursor, last_rows, rows_landed from staging_{schema}.sync_state"
        )
        return {row[:2]: row[2:] for row in rows}


class Tiny:
    """A source in memory: people with a cursor, stages as a complete walk. A test changes what it answers."""

    def __init__(self) -> None:
        self.people: dict[str, list[dict[str, Any]]] = {}
        self.stages: dict[str, list[dict[str, Any]]] = {}
        self.errors: dict[tuple[str, str], SourceError] = {}
        self.asked: list[tuple[str, str, str | None]] = []

    def source(self) -> Source:
        return Source(
            name="tiny",
            schema="tiny",
            resources=(
                Resource("people", ("people",), self._people, lambda row, _: str(row["id"]), lambda row: row["at"]),
                Resource("stages", ("stages",), self._stages, lambda row, _: str(row["id"])),
            ),
            configured=list,
            connect=lambda account, _: account.name,
        )

    def land(self, url: str, folder: Path, *accounts: str, full: bool = False) -> Outcome:
        return land(self.source(), url, folder, [Account(name) for name in accounts], full=full)

    def _people(self, account: str, context: Context) -> Iterator[Any]:
        self.asked.append((account, "people", context.cursor))
        since = int(context.cursor or 0)
        rows = [row for row in self.people.get(account, []) if row["at"] >= since]
        for row in rows:
            yield Page([row])
            if ("mid", account) in self.errors:
                raise self.errors["mid", account]
        if ("people", account) in self.errors:
            raise self.errors["people", account]
        return Done(cursor=str(max([since, *(row["at"] for row in rows)])))

    def _stages(self, account: str, context: Context) -> Iterator[Any]:
        self.asked.append((account, "stages", context.cursor))
        if ("stages", account) in self.errors:
            raise self.errors["stages", account]
        yield Page(self.stages.get(account, []), {"of": account})
        return Done(complete=True)
