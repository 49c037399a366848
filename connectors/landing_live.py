"""What is landed of live sources, and the one transaction by which it changes.

Belongs here: the tables of a schema `staging_<source>`, the SQL that lays arrived rows over them, cursors. Does not
belong here: reading a source (`connectors/sync.py`) and dlt (`connectors/landing.py`).

Tables of a source, besides those its rows land in:
    sync_state     per account and resource: cursor, state, moments, counts
    landing_state  per table: the newest load that changed it
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from connectors.landing import ARRIVING_COLUMNS, COLUMNS, definitions
from connectors.postgres import quoted

SYNC_STATE = "sync_state"
LANDING_STATE = "landing_state"

_LANDED_COLUMNS = {**ARRIVING_COLUMNS, "deleted_at": COLUMNS["deleted_at"]}
_numbers = itertools.count()
_SHRINKS_BY = 0.2
_FEW_ROWS = 20
"""A walk may lose this many rows whatever their share: small tables move in large steps."""


@dataclass(frozen=True)
class Attempt:
    """How reading one resource of one account went.

    `error` None: it went well. `gone`: per table keys of rows that the source says it has deleted. `rows`: how many it
    read, where others' rows land in the same tables; without it those that arrived there are counted.
    `lands_nothing`: what arrived before the error is left out.
    """

    account: str
    resource: str
    tables: tuple[str, ...]
    started_at: datetime
    cursor: str | None = None
    is_complete: bool = False
    is_guarded: bool = True
    error: str | None = None
    rows: int | None = None
    gone: Mapping[str, Collection[str]] = field(default_factory=dict)
    lands_nothing: bool = False


@dataclass
class Applied:
    """What became of a load: rows new, changed or gone per table; deletions refused, by account and resource."""

    rows: dict[str, int] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)


def prepare(connection: psycopg.Connection[Any], source: str, tables: Sequence[str]) -> None:
    """Create what is missing of a source's schemas."""
    landed, arriving = f"staging_{source}", f"arriving_{source}"
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [landed])
        for schema in (landed, arriving):
            connection.execute(f"create schema if not exists {quoted(schema)}")
        for table in tables:
            connection.execute(
                f"create table if not exists {quoted(landed, table)}"
                f" ({definitions(_LANDED_COLUMNS)}, primary key (account, key))"
            )
            connection.execute(
                f"create table if not exists {quoted(arriving, table)} ({definitions(ARRIVING_COLUMNS)})"
            )
        connection.execute(
            f"create table if not exists {quoted(landed, SYNC_STATE)} (account text, resource text, cursor text,"
            " status text not null, error text, last_rows bigint not null, rows_landed bigint not null,"
            " first_attempt_at timestamptz not null, last_attempt_at timestamptz not null,"
            " last_success_at timestamptz, primary key (account, resource))"
        )
        connection.execute(
            f"create table if not exists {quoted(landed, LANDING_STATE)}"
            ' ("table" text primary key, load_id text not null)'
        )


def cursors(connection: psycopg.Connection[Any], source: str) -> dict[tuple[str, str], str | None]:
    """Where every account's resources were read up to."""
    rows = connection.execute(f"select account, resource, cursor from {quoted(f'staging_{source}', SYNC_STATE)}")
    return {(account, resource): cursor for account, resource, cursor in rows}


def errors(connection: psycopg.Connection[Any], source: str) -> list[tuple[str, str, str]]:
    """(account, resource, error) of what could not be read when it was last tried; [] for a source never synced."""
    if connection.execute("select to_regclass(%s)", [f"staging_{source}.{SYNC_STATE}"]).fetchone() == (None,):
        return []
    return connection.execute(
        f"select account, resource, error from {quoted(f'staging_{source}', SYNC_STATE)}"
        " where status = 'error' order by account, last_attempt_at, resource"
    ).fetchall()


class Readers:
    """Connections for walks that look up what is landed: one a thread, since to open one costs more than to ask."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: dict[int, psycopg.Connection[Any]] = {}

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """This thread's."""
        thread = threading.get_ident()
        if thread not in self._opened:
            self._opened[thread] = psycopg.connect(self._url, autocommit=True)
        return self._opened[thread]

    def close(self) -> None:
        """Close them all; a later use opens anew."""
        while self._opened:
            self._opened.popitem()[1].close()


def landed_rows(readers: Readers, source: str, table: str, account: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Yield (key, columns…) of an account's landed rows, those the source has deleted left out."""
    name = f"landed_{next(_numbers)}"  # two may be read side by side
    with readers.connection.cursor(name, withhold=True) as rows:
        rows.execute(
            f"select {', '.join(map(quoted, ('key', *columns)))} from {quoted(f'staging_{source}', table)}"
            " where account = %s and deleted_at is null",
            [account],
        )
        yield from rows


def landed_keys(readers: Readers, source: str, table: str, account: str, beginning: str = "") -> set[str]:
    """Return the keys of an account's landed rows that begin so, those the source has deleted left out."""
    rows = readers.connection.execute(
        f"select key from {quoted(f'staging_{source}', table)}"
        " where account = %s and deleted_at is null and starts_with(key, %s)",
        [account, beginning],
    )
    return {key for (key,) in rows}


def apply(
    connection: psycopg.Connection[Any], source: str, load_id: str | None, attempts: Sequence[Attempt]
) -> Applied:
    """Lay a load over what is landed, mark what is gone, move the cursors: all of it or nothing.

    Args:
        connection: to the warehouse.
        source: schema `staging_<source>`.
        load_id: dlt's, None when nothing arrived.
        attempts: how the reading went; only what went well moves a cursor or deletes.
    """
    applied = Applied()
    now = datetime.now(UTC)
    tables = list(dict.fromkeys(table for attempt in attempts for table in attempt.tables))
    # Names a change that came without rows: a walk that found less.
    change = load_id or f"{now.timestamp():.6f}"
    with connection.transaction():
        connection.execute("set local timezone to 'UTC'")
        for attempt in attempts:
            if attempt.is_complete and not attempt.error and attempt.is_guarded:
                refusal = _refusal(connection, source, load_id, attempt)
                if refusal:
                    applied.refused[attempt.account, attempt.resource] = refusal
        arrived: dict[tuple[str, str], int] = {}
        for table in tables:
            gone_of = [
                one.account
                for one in attempts
                if table in one.tables
                and one.is_complete
                and not one.error
                and (one.account, one.resource) not in applied.refused
            ]
            rows = _lay_over(connection, source, table, load_id, attempts) if load_id else 0
            rows += _mark_gone(connection, source, table, load_id, gone_of, change)
            rows += _mark_told(connection, source, table, attempts, change)
            if rows:
                applied.rows[table] = rows
                _note_change(connection, source, table, change)
            arrived |= _arrived(connection, source, table, load_id)
        for attempt in attempts:
            came = _came(attempt, arrived)
            refused = applied.refused.get((attempt.account, attempt.resource))
            _note_attempt(connection, source, attempt, came, refused, now)
        if applied.rows or (load_id and any(attempt.error for attempt in attempts)):
            _note_change(connection, source, SYNC_STATE, change)
    for table in applied.rows:
        connection.execute(f"analyze {quoted(f'staging_{source}', table)} (account, key, deleted_at)")
    for table in tables:
        connection.execute(f"truncate {quoted(f'arriving_{source}', table)}")
    return applied


def _lay_over(
    connection: psycopg.Connection[Any], source: str, table: str, load_id: str, attempts: Sequence[Attempt]
) -> int:
    """Write new and changed rows. Of twins that moved between pages the one that came last is the newest."""
    landed, arriving = quoted(f"staging_{source}", table), quoted(f"arriving_{source}", table)
    if broken := [one.account for one in attempts if one.lands_nothing and table in one.tables]:
        connection.execute(f"delete from {arriving} where _dlt_load_id = %s and account = any(%s)", [load_id, broken])
    names = ", ".join(ARRIVING_COLUMNS)
    updates = ", ".join(f"{name} = excluded.{name}" for name in ARRIVING_COLUMNS if name not in {"account", "key"})
    return connection.execute(
        f"insert into {landed} as landed ({names}, deleted_at, _dlt_load_id)"
        f" select distinct on (account, key) {names}, null, _dlt_load_id from {arriving} where _dlt_load_id = %s"
        " order by account, key, extracted_at desc"
        f" on conflict (account, key) do update set {updates}, deleted_at = null, _dlt_load_id = excluded._dlt_load_id"
        " where landed.payload is distinct from excluded.payload or landed.request is distinct from excluded.request"
        " or landed.deleted_at is not null",
        [load_id],
    ).rowcount


_NOT_SEEN = (
    "landed.deleted_at is null and not exists (select from {arriving} as arrived"
    " where arrived.account = landed.account and arrived.key = landed.key"
    " and arrived._dlt_load_id is not distinct from %(load)s)"
)


def _mark_gone(
    connection: psycopg.Connection[Any], source: str, table: str, load_id: str | None, accounts: list[str], change: str
) -> int:
    if not accounts:
        return 0
    not_seen = _NOT_SEEN.format(arriving=quoted(f"arriving_{source}", table))
    return connection.execute(
        f"update {quoted(f'staging_{source}', table)} as landed set deleted_at = now(), _dlt_load_id = %(change)s"
        f" where landed.account = any(%(accounts)s) and {not_seen}",
        {"load": load_id, "accounts": accounts, "change": change},
    ).rowcount


def _mark_told(
    connection: psycopg.Connection[Any], source: str, table: str, attempts: Sequence[Attempt], change: str
) -> int:
    """Mark the rows that the source names as deleted."""
    told = [one for one in attempts if one.gone.get(table) and not one.error]
    return sum(
        connection.execute(
            f"update {quoted(f'staging_{source}', table)} set deleted_at = now(), _dlt_load_id = %s"
            " where account = %s and key = any(%s) and deleted_at is null",
            [change, one.account, list(one.gone[table])],
        ).rowcount
        for one in told
    )


def loses_too_many(had: int, gone: int) -> bool:
    """Tell whether so many of the rows there were are more than businesses lose between two runs."""
    return gone > max(_FEW_ROWS, had * _SHRINKS_BY)


def _refusal(connection: psycopg.Connection[Any], source: str, load_id: str | None, attempt: Attempt) -> str | None:
    """Why a complete walk is not believed: it lost more rows than businesses lose between two runs."""
    for table in attempt.tables:
        not_seen = _NOT_SEEN.format(arriving=quoted(f"arriving_{source}", table))
        row = connection.execute(
            f"select count(*), count(*) filter (where {not_seen}) from {quoted(f'staging_{source}', table)} as landed"
            " where landed.account = %(account)s and landed.deleted_at is null",
            {"load": load_id, "account": attempt.account},
        ).fetchone()
        had, gone = row or (0, 0)
        if loses_too_many(had, gone):
            return (
                f"{gone} of {had} rows of {table} are gone, which nobody believes: they are kept as they are;"
                f" if it is so, delete the account's rows from staging_{source}.{table} and run again"
            )
    return None


def _arrived(
    connection: psycopg.Connection[Any], source: str, table: str, load_id: str | None
) -> dict[tuple[str, str], int]:
    rows = connection.execute(
        f"select account, count(distinct key) from {quoted(f'arriving_{source}', table)}"
        " where _dlt_load_id = %s group by account",
        [load_id],
    )
    return {(table, account): count for account, count in rows}


def _came(attempt: Attempt, arrived: Mapping[tuple[str, str], int]) -> int:
    if attempt.rows is not None:
        return attempt.rows
    return sum(arrived.get((table, attempt.account), 0) for table in attempt.tables)


def _note_change(connection: psycopg.Connection[Any], source: str, table: str, change: str) -> None:
    connection.execute(
        f'insert into {quoted(f"staging_{source}", LANDING_STATE)} ("table", load_id) values (%s, %s)'
        ' on conflict ("table") do update set load_id = excluded.load_id',
        [table, change],
    )


def _note_attempt(
    connection: psycopg.Connection[Any], source: str, attempt: Attempt, rows: int, refused: str | None, now: datetime
) -> None:
    error = attempt.error or refused
    connection.execute(
        f"insert into {quoted(f'staging_{source}', SYNC_STATE)} as state (account, resource, cursor, status, error,"
        " last_rows, rows_landed, first_attempt_at, last_attempt_at, last_success_at)"
        " values (%(account)s, %(resource)s, %(cursor)s, %(status)s, %(error)s, %(rows)s, %(rows)s,"
        " %(began)s, %(began)s, %(ended)s)"
        " on conflict (account, resource) do update set status = excluded.status, error = excluded.error,"
        " last_rows = excluded.last_rows, rows_landed = state.rows_landed + excluded.rows_landed,"
        " last_attempt_at = excluded.last_attempt_at,"
        " cursor = case when excluded.error is null then excluded.cursor else state.cursor end,"
        " last_success_at = coalesce(excluded.last_success_at, state.last_success_at)",
        {
            "account": attempt.account,
            "resource": attempt.resource,
            "cursor": None if error else attempt.cursor,
            "status": "error" if error else "ready",
            "error": error,
            "rows": rows,
            "began": attempt.started_at,
            "ended": None if error else now,
        },
    )
