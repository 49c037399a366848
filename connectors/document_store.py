"""The documents of a stand-in, in SQLite.

Belongs here: holding them, and finding them by what APIs list and filter by. Does not belong here: serving them
(`connectors/stand_in.py`) and what is in them (`connectors/<source>/documents.py`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True)
class Record:
    """One document of a stand-in.

    Attributes:
        collection: its kind, such as people.
        account: whose it is; '' where the source has one account.
        id: unique within both.
        document: what the API answers, as JSON text or an object.
        ord: what lists are sorted by.
        changed: its last change, where the API filters by it (epoch seconds, or any number that grows).
        parent: what it hangs on, where the API lists by that.
    """

    collection: str
    account: str
    id: str
    document: Any
    ord: float = 0
    changed: float = 0
    parent: str = ""


class Store:
    """A stand-in's documents, in a SQLite file: flat memory, and they survive a restart.

    Columns for `where` and `order`: id, ord, changed, parent, doc (JSON text: `doc ->> '$.stage'`).
    """

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._path = str(path)
        self._local = threading.local()
        # A memory database has one connection only, which threads share.
        self._shared = self._open() if self._path == ":memory:" else None
        self._lock = threading.RLock()
        self._connection.executescript(
            "create table if not exists document (collection text, account text, id text, ord real, changed real,"
            " parent text, doc text, primary key (collection, account, id)) without rowid;"
            "create index if not exists by_ord on document (collection, account, ord, id);"
            "create index if not exists by_changed on document (collection, account, changed, id);"
            "create index if not exists by_parent on document (collection, account, parent, ord, id);"
            "create table if not exists note (name text primary key, value text);"
        )

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=60)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = off")
        return connection

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._shared:
            return self._shared
        if not hasattr(self._local, "connection"):
            self._local.connection = self._open()
        opened: sqlite3.Connection = self._local.connection
        return opened

    def hold(self, records: Iterable[Record]) -> None:
        """Hold exactly these records: in one transaction what differs is written, what is missing is removed."""
        connection = self._connection
        with self._lock:
            connection.execute("begin")
            connection.execute("create temp table if not exists seen (c text, a text, i text, primary key (c, a, i))")
            connection.execute("delete from seen")
            for batch in _batches(records, 5_000):
                rows = [_row(record) for record in batch]
                connection.executemany("insert into seen values (?, ?, ?)", [row[:3] for row in rows])
                connection.executemany(_UPSERT, rows)
            connection.execute(
                "delete from document where not exists"
                " (select 1 from seen where c = collection and a = account and i = id)"
            )
            connection.execute("commit")

    def put(self, record: Record) -> None:
        """Add or change one record."""
        with self._lock:
            self._connection.execute(_UPSERT, _row(record))

    def remove(self, collection: str, account: str, id: str) -> None:  # noqa: A002 - the column's name
        """Remove one record."""
        with self._lock:
            self._connection.execute(
                "delete from document where collection = ? and account = ? and id = ?", [collection, account, id]
            )

    def select(
        self,
        collection: str,
        account: str = "",
        where: str = "true",
        values: Sequence[Any] = (),
        order: str = "ord, id",
        limit: int = -1,
        offset: int = 0,
    ) -> list[tuple[str, float, float, str]]:
        """Return (id, ord, changed, document as JSON text) of the records that meet a SQL condition, in order."""
        with self._lock if self._shared else _no_lock():
            return self._connection.execute(
                f"select id, ord, changed, doc from document where collection = ? and account = ? and ({where})"
                f" order by {order} limit ? offset ?",
                [collection, account, *values, limit, offset],
            ).fetchall()

    def count(self, collection: str, account: str = "", where: str = "true", values: Sequence[Any] = ()) -> int:
        """Count the records that meet a SQL condition."""
        with self._lock if self._shared else _no_lock():
            (count,) = self._connection.execute(
                f"select count(*) from document where collection = ? and account = ? and ({where})",
                [collection, account, *values],
            ).fetchone()
        return int(count)

    def get(self, collection: str, account: str, id: str) -> str | None:  # noqa: A002
        """Return one document as JSON text."""
        found = self.select(collection, account, "id = ?", [id])
        return found[0][3] if found else None

    def note(self, name: str, value: str | None = None) -> str | None:
        """Read a note, or write it: what the store was filled with, tokens that were given out."""
        with self._lock:
            if value is not None:
                self._connection.execute("insert or replace into note values (?, ?)", [name, value])
                return value
            row = self._connection.execute("select value from note where name = ?", [name]).fetchone()
        return row[0] if row else None


_UPSERT = (
    "insert into document values (?, ?, ?, ?, ?, ?, ?) on conflict do update set ord = excluded.ord,"
    " changed = excluded.changed, parent = excluded.parent, doc = excluded.doc where doc <> excluded.doc"
    " or ord <> excluded.ord or changed <> excluded.changed or parent <> excluded.parent"
)


@contextmanager
def _no_lock() -> Iterator[None]:
    yield


def _row(record: Record) -> tuple[Any, ...]:
    document = record.document if isinstance(record.document, str) else orjson.dumps(record.document).decode()
    return (record.collection, record.account, record.id, record.ord, record.changed, record.parent, document)


def _batches(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch
