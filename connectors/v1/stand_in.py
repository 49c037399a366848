"""The stand-in for V1: fills a Postgres database the way Xano keeps one.

Layout: `public.mvpw1_<id>`, most of them (id, xdo jsonb) with `id` not inside xdo, one in Standard SQL
format (a column a field), one keyed by uuid, a few that nobody listed or uses; `public.mvp_tables` lists
ids and names (an assumed name, see `connectors/v1/other_tables.py`). Its comment keeps what the database
was filled with.

Alone: `python -m connectors.v1.stand_in --url postgresql://… --scale 0.1`. Does not belong here: what is in
the documents (`connectors/v1/documents.py`) and the truth they tell (`connectors/sandbox/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import orjson
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.errors import HeadwaterError
from connectors.postgres import quoted
from connectors.sandbox import command
from connectors.sandbox import edition as editions
from connectors.sandbox.world import SEED, build
from connectors.v1.documents import TABLES, Document, documents
from connectors.v1.other_tables import OTHER_TABLES, XDO, listed_tables

_LIST = "public.mvp_tables"
_CATCH_UP: tuple[LiteralString, ...] = (
    "insert into {0} (id, xdo) select id, xdo from coming where not exists (select from {0} where {0}.id = coming.id)",
    "update {0} as v1 set xdo = coming.xdo from coming where coming.id = v1.id and coming.xdo is distinct from v1.xdo",
    "delete from {0} as v1 where not exists (select from coming where coming.id = v1.id)",
)
"""What brings a table up to the documents in `coming`, writing no other row: new, changed and deleted ones."""
_LIST_COLUMNS = (
    "id bigint, workspace_id bigint, name text, description text, guid text, auth boolean,"
    " created_at text, updated_at text"
)


class NotFilledError(HeadwaterError):
    """The database holds no V1 that a day could pass over."""


class Filled(NamedTuple):
    """What a database was filled with: which world, made by which code, on which of its days."""

    seed: int
    scale: float
    edition: str
    day: int


def fill(url: str, seed: int = SEED, scale: float = 1.0, day: int = 0) -> dict[str, int]:
    """Make V1 anew, in one transaction: whoever reads sees the old V1 or the new one.

    Args:
        url: the database to fill; its `mvpw1_*` tables are dropped.
        seed: of the made-up world.
        scale: its size, 1 for the real one's.
        day: how many days have passed in it.

    Returns:
        The rows per table, by the table's name or, where it has none, its relation.
    """
    world = build(seed, scale, day)
    counts: dict[str, int] = {}
    with psycopg.connect(url) as connection, ThreadPoolExecutor(1) as sender:
        _drop(connection)
        for table in TABLES:
            relation = f"public.mvpw1_{table.xano_id}"
            connection.execute(f"create table {relation} (id bigint primary key, {XDO})")
            counts[table.name] = _copy_documents(connection, relation, documents(world, table, seed), sender)
        for other in OTHER_TABLES:
            relation = f"public.mvpw1_{other.xano_id}"
            counts[other.name or f"mvpw1_{other.xano_id}"] = _copy_rows(connection, relation, other.columns, other.rows)
        _copy_rows(connection, _LIST, _LIST_COLUMNS, listed_tables())
        _note(connection, Filled(seed, scale, edition(), day))
        ids = [table.xano_id for table in TABLES] + [other.xano_id for other in OTHER_TABLES]
        relations = (f"public.mvpw1_{xano_id}" for xano_id in ids)
        connection.execute(f"analyze {', '.join(relations)}, {_LIST}")
    return counts


def edition() -> str:
    """Return what tells this code's world from another version's."""
    return editions.edition(Path(__file__).parent)


def filled_with(url: str) -> Filled | None:
    """Return what the database was filled with, None if it never was."""
    with psycopg.connect(url) as connection:
        row = connection.execute("select obj_description(to_regclass(%s), 'pg_class')", [_LIST]).fetchone()
    if row is None or row[0] is None:
        return None
    noted = orjson.loads(row[0])
    return Filled(int(noted["seed"]), float(noted["scale"]), str(noted.get("edition", "")), int(noted.get("day", 0)))


def _note(connection: psycopg.Connection[Any], filled: Filled) -> None:
    noted = orjson.dumps(filled._asdict()).decode()
    connection.execute(sql.SQL("comment on table {} is {}").format(sql.SQL(_LIST), sql.Literal(noted)))


def advance(url: str) -> dict[str, tuple[int, int, int]]:
    """Let a day pass in V1, in one transaction; rows that stay as they are are not written.

    What was changed by hand is undone: V1 then is as a fill of that day makes it.

    Args:
        url: the database, filled by this code.

    Returns:
        How many rows were new, changed and deleted, by the table's name; tables without any are left out.

    Raises:
        NotFilledError: the database was never filled, or by other code.
    """
    filled = filled_with(url)
    if filled is None or filled.edition != edition():
        problem = "was never filled" if filled is None else "was filled by another version of the sandbox"
        raise NotFilledError(f"V1 stand-in: the database {problem}. Fill it first: headwater sandbox fill.")
    world = build(filled.seed, filled.scale, filled.day + 1)
    written = {}
    with psycopg.connect(url) as connection, ThreadPoolExecutor(1) as sender:
        connection.execute("create temporary table coming (id bigint primary key, xdo jsonb) on commit drop")
        for table in TABLES:
            connection.execute("truncate coming")
            _copy_documents(connection, "coming", documents(world, table, filled.seed), sender)
            connection.execute("analyze coming (id)")
            relation = sql.Identifier("public", f"mvpw1_{table.xano_id}")
            new, changed, deleted = (connection.execute(sql.SQL(text).format(relation)).rowcount for text in _CATCH_UP)
            if new or changed or deleted:
                written[table.name] = new, changed, deleted
        _note(connection, filled._replace(day=filled.day + 1))
    return written


def _drop(connection: psycopg.Connection[Any]) -> None:
    """Drop every V1 table, also those an earlier version of the stand-in made."""
    tables = connection.execute(
        "select tablename from pg_tables where schemaname = 'public' and tablename ~ '^(mvpw1_[0-9]+|mvp_tables)$'"
    ).fetchall()
    if tables:
        connection.execute(f"drop table {', '.join(quoted('public', name) for (name,) in tables)}")


def _copy_documents(
    connection: psycopg.Connection[Any],
    relation: str,
    chunks: Iterator[list[tuple[int, Document]]],
    sender: ThreadPoolExecutor,
) -> int:
    """Copy documents in; one chunk is sent while the next is rendered, and no more exist."""
    rows = 0
    with connection.cursor().copy(f"copy {relation} from stdin") as copy:
        sending: Future[None] | None = None
        for chunk in chunks:
            rows += len(chunk)
            lines = b"".join(b"%d\t%b\n" % (key, orjson.dumps(document)) for key, document in chunk)
            if sending:
                sending.result()
            # JSON escapes tabs and line ends itself: of COPY's escapes only the backslash is left.
            sending = sender.submit(copy.write, lines.replace(b"\\", b"\\\\"))
        if sending:
            sending.result()
    return rows


def _copy_rows(connection: psycopg.Connection[Any], relation: str, columns: str, rows: Sequence[Sequence[Any]]) -> int:
    connection.execute(f"create table {relation} ({columns})")
    with connection.cursor().copy(f"copy {relation} from stdin") as copy:
        for row in rows:
            copy.write_row([Jsonb(value) if isinstance(value, dict) else value for value in row])
    return len(rows)


def main() -> None:
    """Fill V1 from the command line."""
    command.run("Fill a Postgres database with the made-up V1.", "SOURCES__V1__URL", fill)


if __name__ == "__main__":
    main()
