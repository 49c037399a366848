"""Postgres for connectors: quoting, plain queries, and reads as Arrow.

Belongs here: what every connector that reads or checks a Postgres needs. Does not belong here: how rows land
(`connectors/landing.py`) and what a source's tables are called.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from connectors.errors import HeadwaterError


class SourceUnreachableError(HeadwaterError):
    """A database does not answer."""


CHUNK_BYTES = 8 * 2**20
"""Size hint of one Arrow chunk read from Postgres: small enough that a dozen fit in 100 MB."""


def quoted(*names: str) -> str:
    """Return the names as one quoted, dotted SQL identifier."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


@contextmanager
def exported_snapshot(url: str) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """Open a read-only repeatable-read transaction and export its snapshot.

    Every reader that adopts the snapshot id sees the database at one moment, so a row and the row it
    points to are never read from two different states.

    Yields:
        The open connection and the snapshot id, valid while the block is open.

    Raises:
        SourceUnreachableError: the database does not answer or refuses the user.
    """
    try:
        opened = psycopg.connect(url, connect_timeout=30)
    except psycopg.OperationalError as error:
        raise SourceUnreachableError(" ".join(str(error).split())) from None  # libpq's words hold no password
    with opened as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        (snapshot,) = connection.execute("select pg_export_snapshot()").fetchone() or ("",)
        yield connection, snapshot


def written_since(next_xid: int) -> str:
    """SQL condition: row `t` was written by that transaction or a later one.

    Ages survive wrap-around. Both are counted from the same moment, which is not that of the transaction's snapshot:
    others have begun since.
    """
    return f"age(t.xmin) <= age('{next_xid % 2**32}'::xid)"


_opened: dict[str, dbapi.Connection] = {}
_opening = threading.Lock()


@contextmanager
def arrow_connections() -> Iterator[None]:
    """Keep ADBC's database handles open for the block, so that `arrow_connect` clones from them.

    A new handle reads the server's whole type catalog, 70 ms; a load opens one connection a file.
    """
    try:
        yield
    finally:
        with _opening:
            while _opened:
                _opened.popitem()[1].close()


def arrow_connect(url: str) -> dbapi.Connection:
    """Open an ADBC connection; inside `arrow_connections` cheaply. Safe to call from any thread."""
    with _opening:
        if url not in _opened:
            _opened[url] = dbapi.connect(url)
        return _opened[url].adbc_clone()


def read_arrow(url: str, query: str, snapshot: str) -> Iterator[pa.RecordBatch]:
    """Stream a query's rows as Arrow batches of about `CHUNK_BYTES`, as of an exported snapshot."""
    with arrow_connect(url) as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(CHUNK_BYTES)})
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute(f"set transaction snapshot '{snapshot}'")
        cursor.execute(query)
        yield from cursor.fetch_record_batch()
