"""V1, the legacy Xano database: every `mvpw1_<id>` table lands, mapped or not, as (key, payload).

Paging: one streamed query a table, all tables at one snapshot. A row is unique by its `id`.
Incremental: V1 has no reliable change column, so a table whose row count and `xmin`s stand as they stood is
not read again; of a changed one the rows written since are merged, and the ids compared to find deleted rows.
Names: Xano's list of tables gives a table its name; one without a name lands under its Xano name.

    public.mvp_tables ──names──┐
    public.mvpw1_41 (id, xdo) ─┴─> staging_v1.user (key, payload, extracted_at, deleted_at)

Alone: `python -m connectors.v1` with SOURCES__V1__URL and DATABASE_URL set. Does not belong here: what a key means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import psycopg
import pyarrow as pa

from connectors import landing
from connectors.postgres import exported_snapshot, quoted, read_arrow, written_since

SOURCE = "v1"
STATE_TABLE = "landing_state"
"""Landed beside the tables: key = table, payload = `Fingerprint` as of its last complete load."""

_TABLE_PATTERN = r"^mvpw1_(\d+)$"  # branch and data-source copies carry suffixes and are not V1


@dataclass(frozen=True)
class Fingerprint:
    """What tells a changed table from an unchanged one, and the rows written since.

    Attributes:
        rows: the row count.
        writers: sum of hashes of (id, xmin); any insert, update or delete moves it.
        next_xid: the snapshot's oldest transaction that may still write, 64 bit: a row it or a later one
            wrote may be missing from this load.
        relation: the V1 table's Xano name, by which the models tell which V1 table landed here.
    """

    rows: int
    writers: str
    next_xid: int
    relation: str = ""

    def stands_as(self, other: Fingerprint) -> bool:
        """Tell whether the table is as it was when `other` was taken."""
        return (self.rows, self.writers, self.relation) == (other.rows, other.writers, other.relation)


@dataclass(frozen=True)
class Table:
    """One V1 table: its Xano name, and the name it lands under."""

    relation: str
    name: str
    has_xdo: bool

    @property
    def payload(self) -> str:
        """SQL of the document: `xdo`, or all columns of a table in Xano's Standard SQL format."""
        return "t.xdo" if self.has_xdo else "to_jsonb(t) - 'id'"


def landing_name(xano_table: str, human_name: str | None) -> str:
    """Return the landing table's name: the human one in snake case, else Xano's own."""
    name = re.sub(r"[^a-z0-9]+", "_", (human_name or "").lower()).strip("_")
    return name if re.match(r"[a-z]", name) else xano_table


def discover(connection: psycopg.Connection[Any]) -> list[Table]:
    """Find every V1 table, its format and its name. A name two tables claim stays with the lower id."""
    found = connection.execute(
        "select c.table_name, substring(c.table_name from %(pattern)s)::bigint as xano_id,"
        " bool_or(c.column_name = 'xdo') from information_schema.columns c"
        " where c.table_schema = 'public' and c.table_name ~ %(pattern)s group by 1, 2 order by 2",
        {"pattern": _TABLE_PATTERN},
    ).fetchall()
    names = _xano_names(connection)
    taken: set[str] = {STATE_TABLE}
    tables = []
    for relation, xano_id, has_xdo in found:
        name = landing_name(relation, names.get(xano_id))
        if name in taken:
            name = relation
        taken.add(name)
        tables.append(Table(relation, name, has_xdo))
    return tables


def _xano_names(connection: psycopg.Connection[Any]) -> dict[int, str]:
    if connection.execute("select to_regclass('public.mvp_tables')").fetchone() == (None,):
        return {}
    return dict(connection.execute("select id, name from public.mvp_tables where workspace_id = 1").fetchall())


def fingerprint(connection: psycopg.Connection[Any], table: Table) -> Fingerprint:
    """Read a table's fingerprint: one scan of the row headers, documents stay untouched."""
    row = connection.execute(
        "select count(*), coalesce(sum(hashtextextended(id::text, xmin::text::bigint)), 0)::text,"
        f" pg_snapshot_xmin(pg_current_snapshot())::text::bigint from public.{quoted(table.relation)}"
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    rows, writers, next_xid = row
    return Fingerprint(rows, writers, next_xid, table.relation)


def _rows(url: str, table: Table, condition: str, snapshot: str, moment: datetime) -> Callable[[], Iterator[pa.Table]]:
    def chunks() -> Iterator[pa.Table]:
        query = f"select t.id::text, ({table.payload})::text from public.{quoted(table.relation)} t where {condition}"
        for batch in read_arrow(url, query, snapshot):
            yield landing.chunk(batch.column(0), batch.column(1), moment)

    return chunks


def _state_rows(prints: dict[str, Fingerprint], moment: datetime) -> Callable[[], Iterator[pa.Table]]:
    def chunks() -> Iterator[pa.Table]:
        documents = [json.dumps(asdict(value)) for value in prints.values()]
        yield landing.chunk(pa.array(prints), pa.array(documents), moment)

    return chunks


def _landed_state(connection: psycopg.Connection[Any], tables: set[str]) -> dict[str, Fingerprint]:
    """Fingerprints whose load package is complete: a half-loaded one must not vouch for its tables."""
    if STATE_TABLE not in tables:
        return {}
    rows = connection.execute(
        f"select s.key, s.payload from staging_v1.{STATE_TABLE} s"
        " join staging_v1._dlt_loads l on l.load_id = s._dlt_load_id and l.status = 0"
    )
    return {key: Fingerprint(**payload) for key, payload in rows if key in tables}


@dlt.source(name=SOURCE, section=SOURCE)
def v1(url: str, snapshot: str, changed: dict[str, tuple[Table, Fingerprint, str | None]]) -> Iterator[Any]:
    """The changed V1 tables and their new fingerprints.

    Args:
        url: V1's Postgres.
        snapshot: the exported snapshot all tables are read at.
        changed: per landing table: where it is, its new fingerprint, and the SQL condition of the rows to
            merge, or None to (re)place the whole table.
    """
    moment = datetime.now(UTC)
    for name, (table, new, condition) in changed.items():
        rows = _rows(url, table, condition or "true", snapshot, moment) if new.rows else None
        if rows or condition is None:
            yield landing.resource(name, rows, replace=condition is None)
    prints = {name: new for name, (_, new, _) in changed.items()}
    yield landing.resource(STATE_TABLE, _state_rows(prints, moment), replace=False)


@dlt.common.configuration.with_config(sections=("sources", SOURCE))
def land(warehouse_url: str, folder: Path, *, full: bool = False, url: str = dlt.secrets.value) -> dict[str, int]:
    """Land what changed in V1 since the last run.

    Args:
        warehouse_url: where to land, schema `staging_v1`.
        folder: where dlt keeps its working files.
        full: merge every row again, whatever the fingerprints say.
        url: V1's Postgres (`sources.v1.url`).

    Returns:
        Rows landed, or newly marked as deleted, per changed table; empty when V1 stands as it stood.

    Raises:
        landing.LandingError: a table holds other rows than V1 after the load.
    """
    with (
        psycopg.connect(warehouse_url, autocommit=True) as warehouse,
        exported_snapshot(url) as (source, snapshot),
    ):
        present = landing.landed_tables(warehouse, SOURCE)
        known = _landed_state(warehouse, present)
        changed: dict[str, tuple[Table, Fingerprint, str | None]] = {}
        for table in discover(source):
            new, old = fingerprint(source, table), known.get(table.name)
            if not full and old and new.stands_as(old):
                continue
            since = "true" if full or not old else written_since(old.next_xid)
            changed[table.name] = (table, new, since if table.name in present else None)
        if not changed:
            return {}
        landing.prepare(warehouse, SOURCE, [name for name, (_, _, condition) in changed.items() if condition is None])
        rows = landing.load(landing.pipeline(SOURCE, warehouse_url, folder), v1(url, snapshot, changed))
        rows.pop(STATE_TABLE, None)
        for name, (table, new, condition) in changed.items():
            if condition is not None:
                keys = source.execute(f"select id::text from public.{quoted(table.relation)}").fetchall()
                rows[name] = rows.get(name, 0) + landing.mark_deleted(warehouse, SOURCE, name, [k for (k,) in keys])
            landing.settle(warehouse, SOURCE, name, new.rows)
    return rows
