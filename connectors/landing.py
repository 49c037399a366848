"""The one way to land rows: Arrow chunks through dlt into Postgres, payload untouched.

Belongs here: the landed columns, the dlt pipeline every source uses, and what must hold after a load.
Does not belong here: where rows come from (the source folders) and what they mean (`dbt_project/`).

Route: Arrow -> parquet -> ADBC's binary COPY. dlt and ADBC can only land `json` that way; a `jsonb` column is
reached because binary COPY takes jsonb as one version byte followed by the text, and ADBC sends the bytes of
an Arrow string as they are. So `chunk` puts that byte in front, and nothing is parsed on our side.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("DLT_PROJECT_DIR", str(Path(__file__).parents[1]))  # where .dlt/config.toml is

import dlt
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from dlt.destinations.impl.postgres.factory import PostgresTypeMapper
from dlt.destinations.impl.postgres.postgres import PostgresClient, PostgresParquetCopyJob

from connectors.errors import HeadwaterError
from connectors.postgres import arrow_connect, arrow_connections, quoted

COLUMNS: dict[str, dict[str, Any]] = {
    "key": {"data_type": "text", "nullable": False},
    "payload": {"data_type": "json", "nullable": False},
    "extracted_at": {"data_type": "timestamp", "nullable": False},
    "deleted_at": {"data_type": "timestamp", "nullable": True},
}
"""Every landed table has these, and dlt's `_dlt_load_id`. `deleted_at`: gone from the source since then."""

ARRIVING_COLUMNS: dict[str, dict[str, Any]] = {
    "account": {"data_type": "text", "nullable": False},
    "key": {"data_type": "text", "nullable": False},
    "request": {"data_type": "json", "nullable": True},
    "payload": {"data_type": "json", "nullable": False},
    "cursor_value": {"data_type": "text", "nullable": True},
    "extracted_at": {"data_type": "timestamp", "nullable": False},
}
"""What a live source's rows have on their way; `connectors/landing_live.py` says what they become."""

_FROZEN = {"tables": "evolve", "columns": "freeze", "data_type": "freeze"}
_JSONB_VERSION = "\x01"


class LandingError(HeadwaterError):
    """A load that did not leave what it should have. The message says source, table and what to do."""


class _JsonbTypeMapper(PostgresTypeMapper):  # type: ignore[misc]
    """Types `json` columns as jsonb also when they arrive as parquet (see the module's docstring)."""

    def to_destination_type(self, column: Any, table: Any) -> str:
        if column["data_type"] == "json":
            return "jsonb"
        return str(super().to_destination_type(column, table))


class _CopyJob(PostgresParquetCopyJob):  # type: ignore[misc]
    """Loads a parquet file over a connection that the next file takes over: most tables are a few rows."""

    def run_managed(self, job_client: Any, done_event: Any, /) -> None:
        """Run the job without the second connection that dlt opens for each, and a copy does not use."""
        job_client.sql_client.open_connection = _no_connection
        super().run_managed(job_client, done_event)

    def _connect(self) -> Any:
        self._config = self._job_client.config
        return _idle_connection(self._config.credentials.to_native_representation())


def _no_connection() -> None:
    """What a copy job's client opens; closing it is no error."""


_idle: dict[str, list[Any]] = {}


@contextmanager
def _idle_connection(url: str) -> Iterator[Any]:
    """Lend a connection that no job uses, else a new one; one that saw an error is not lent again."""
    try:
        connection = _idle.setdefault(url, []).pop()
    except IndexError:
        connection = arrow_connect(url)
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    _idle[url].append(connection)


class _Client(PostgresClient):  # type: ignore[misc]
    def create_load_job(self, table: Any, file_path: str, load_id: str, restore: bool = False) -> Any:
        job = super().create_load_job(table, file_path, load_id, restore)
        return _CopyJob(file_path) if isinstance(job, PostgresParquetCopyJob) else job


class LandingPostgres(dlt.destinations.postgres):  # type: ignore[misc]
    """dlt's Postgres, typing JSON as jsonb and sharing ADBC's handles."""

    @property
    def client_class(self) -> Any:
        """The client with our copy job."""
        return _Client


def as_jsonb(texts: pa.Array) -> pa.Array:
    """JSON texts as the bytes that Postgres' binary COPY takes for jsonb (see the module's docstring)."""
    return pc.binary_join_element_wise(_JSONB_VERSION, texts, "")


def chunk(keys: pa.Array, payloads: pa.Array, extracted_at: datetime) -> pa.Table:
    """Build one landing chunk.

    Args:
        keys: the rows' natural keys as text.
        payloads: the rows' JSON documents as text, exactly as received.
        extracted_at: the moment of the extraction, with time zone.
    """
    rows = len(keys)
    moment = pa.scalar(extracted_at, pa.timestamp("us", tz="UTC"))
    columns = {
        "key": keys,
        "payload": as_jsonb(payloads),
        "extracted_at": pa.repeat(moment, rows),
        "deleted_at": pa.nulls(rows, moment.type),
    }
    return pa.table(columns)


def resource(name: str, rows: Callable[[], Any] | None, *, replace: bool) -> Any:
    """Declare a landed table for dlt.

    Args:
        name: the table's name.
        rows: called when dlt asks, yields tables made by `chunk`; None for a source table without rows, whose
            landing table is to stand all the same.
        replace: empty the table first; otherwise rows are merged by `key`. Both keep the table in place.
    """
    disposition = "replace" if replace else {"disposition": "merge", "strategy": "upsert"}
    return dlt.resource(
        rows or _no_rows,
        name=name,
        columns=COLUMNS,
        primary_key="key",
        write_disposition=disposition,
        schema_contract=_FROZEN,
        file_format="parquet" if rows else "insert_values",  # ADBC cannot load a parquet file without rows
        parallelized=True,
    )()


def arriving(name: str, rows: Callable[[], Iterator[pa.Table]]) -> Any:
    """Declare for dlt what has arrived for a live source's table; what arrived before is emptied out first."""
    return dlt.resource(
        rows,
        name=name,
        columns=ARRIVING_COLUMNS,
        write_disposition="replace",
        schema_contract=_FROZEN,
        file_format="parquet",
        parallelized=True,
    )()


def _no_rows() -> Iterator[Any]:
    yield dlt.mark.materialize_table_schema()


def pipeline(source: str, warehouse_url: str, folder: Path, dataset: str | None = None) -> Any:
    """Return the source's dlt pipeline into a schema, by default `staging_<source>`.

    A package left half loaded by an interrupted run is dropped with the local state: what the warehouse
    holds from complete packages decides what is extracted again.
    """
    made = dlt.pipeline(
        f"headwater_{source}",
        pipelines_dir=str(folder / "dlt"),
        destination=LandingPostgres(credentials=warehouse_url, type_mapper=_JsonbTypeMapper),
        dataset_name=dataset or f"staging_{source}",
    )
    return made.drop() if made.has_pending_data else made


def definitions(columns: Mapping[str, Mapping[str, Any]]) -> str:
    """SQL of the columns of a table that dlt loads into, `_dlt_load_id` last.

    JSON is stored uncompressed: compressing takes a third of a load, and every model that reads a payload would undo
    it again.
    """
    types = {"text": "text", "json": "jsonb storage external", "timestamp": "timestamptz"}
    declared = {**columns, "_dlt_load_id": {"data_type": "text", "nullable": False}}
    return ", ".join(
        f"{name} {types[column['data_type']]}{'' if column['nullable'] else ' not null'}"
        for name, column in declared.items()
    )


def prepare(connection: psycopg.Connection[Any], source: str, tables: list[str]) -> None:
    """Create landing tables as dlt would, but for how payloads are stored."""
    connection.execute(f"create schema if not exists {quoted(f'staging_{source}')}")
    for table in tables:
        relation = quoted(f"staging_{source}", table)
        connection.execute(f"create table {relation} ({definitions(COLUMNS)})")


def load(pipe: Any, source: Any) -> dict[str, int]:
    """Extract, normalize and load; return the rows landed per table (tables with rows only)."""
    with arrow_connections():
        try:
            pipe.run(source)
        finally:
            while _idle:
                for connection in _idle.popitem()[1]:
                    connection.close()
    counts: Mapping[str, int] = pipe.last_trace.last_normalize_info.row_counts
    return {table: rows for table, rows in counts.items() if rows and not table.startswith("_dlt")}


def landed_tables(connection: psycopg.Connection[Any], source: str) -> set[str]:
    """Names of the tables that stand in `staging_<source>`."""
    query = "select table_name from information_schema.tables where table_schema = %s"
    return {name for (name,) in connection.execute(query, [f"staging_{source}"])}


def mark_deleted(connection: psycopg.Connection[Any], source: str, table: str, live_keys: list[str]) -> int:
    """Set `deleted_at` on landed rows whose key the source no longer has. They are kept.

    Returns:
        The number of rows newly marked.
    """
    relation = quoted(f"staging_{source}", table)
    with connection.transaction():
        connection.execute("create temp table live (key text primary key) on commit drop")
        with connection.cursor().copy("copy live from stdin") as copy:
            for key in live_keys:
                copy.write_row([key])
        gone = connection.execute(
            f"update {relation} as landed set deleted_at = %s where deleted_at is null"
            " and not exists (select from live where live.key = landed.key)",
            [datetime.now(UTC)],
        )
        return gone.rowcount


def row_count(connection: psycopg.Connection[Any], source: str, table: str) -> int:
    """Landed rows that the source still has."""
    relation = quoted(f"staging_{source}", table)
    counted = connection.execute(f"select count(*) from {relation} where deleted_at is null").fetchone()
    return int(counted[0]) if counted else 0


def settle(connection: psycopg.Connection[Any], source: str, table: str, expected: int) -> None:
    """Give Postgres the statistics of a loaded table, and compare its rows with the source's own count.

    Raises:
        LandingError: if they differ.
    """
    # Not the payload: its statistics cost most of the time and serve no plan.
    connection.execute(f"analyze {quoted(f'staging_{source}', table)} (key, deleted_at)")
    landed = row_count(connection, source, table)
    if landed != expected:
        raise LandingError(
            f"staging_{source}.{table} holds {landed} rows after the load, the source has {expected}:"
            f" run `headwater run --full` to land {source} afresh."
        )
