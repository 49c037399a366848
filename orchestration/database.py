"""Which databases Headwater works with: the warehouse, the sandbox's V1 system and customer app, Dagster's own.

Belongs here: choosing between `DATABASE_URL` and the embedded server, checking what was chosen, making
missing databases, hiding passwords. Does not belong here: how the embedded server is run
(`postgres_server.py`) and what is in the databases.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from orchestration.postgres_server import DatabaseError, PostgresServer

WAREHOUSE = "headwater"
OLDEST_SUPPORTED = 170000
CONNECT_SECONDS = 10
NAME_BYTES = 63  # PostgreSQL cuts longer names off without a word


class UnsupportedPostgresError(DatabaseError):
    """The server is older than what the models need."""


@dataclass(frozen=True, repr=False)
class Databases:
    """Connection URLs, passwords included; shown without them.

    Attributes:
        warehouse: Where everything is loaded and modelled.
        v1: The legacy system of the sandbox.
        dagster: Runs, schedules and events of Dagster.
        app: The customer app of the sandbox.
    """

    warehouse: str
    v1: str
    dagster: str
    app: str

    def __repr__(self) -> str:
        shown = (f"{name}={redact(url)!r}" for name, url in vars(self).items())
        return f"Databases({', '.join(shown)})"


def home() -> Path:
    """The folder of everything Headwater keeps: `HEADWATER_HOME`, else `var/` in the repository.

    Raises:
        DatabaseError: It cannot be made.
    """
    named = os.environ.get("HEADWATER_HOME")
    folder = Path(named).expanduser() if named else Path(__file__).parents[1] / "var"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    return folder.absolute()


@contextmanager
def open_databases() -> Iterator[Databases]:
    """Give the databases, reachable and existing; the embedded server runs as long as this is open.

    Raises:
        DatabaseError: They cannot be reached or made.
        UnsupportedPostgresError: `DATABASE_URL` leads to a server that is too old.
    """
    outside = os.environ.get("DATABASE_URL", "").strip()
    if outside:
        databases = _beside(_checked_url(outside))
        _prepare(databases)
        yield databases
        return
    with PostgresServer(home()).in_use() as server:
        _create_missing(server.url("postgres"), [WAREHOUSE])
        databases = _beside(server.url(WAREHOUSE))
        _prepare(databases)
        yield databases


def redact(url: str) -> str:
    """The URL without its password, also when it is malformed: rather too little than too much."""
    address, mark, query = url.partition("?")
    if "@" in url:
        # Up to the last @: a password may hold one, or a slash or question mark, unescaped.
        shown = re.sub(r"^([\w+]+://[^:/@?]*):.*@", r"\1:***@", url, flags=re.DOTALL)
        address, mark, query = shown.partition("?")
    if not re.fullmatch(r"[\w+]+://([^:/@]*(:\*\*\*)?@)?([\w.-]*|\[[\w:.]+\])(:\d+)?(/[^@:]*)?", address):
        return "***"
    return address + mark + re.sub(r"(password=)[^&]*", r"\1***", query, flags=re.IGNORECASE)


def psql_command(databases: Databases) -> tuple[list[str], dict[str, str]]:
    """The bundled psql and an environment in which it opens the warehouse, and with `-d` its neighbours.

    Raises:
        DatabaseError: psql is not installed.
    """
    options = conninfo_to_dict(databases.warehouse)
    known = {item.keyword.decode(): item.envvar.decode() for item in Conninfo.get_defaults() if item.envvar}
    chosen = {known[name]: str(value) for name, value in options.items() if name in known}
    return [str(PostgresServer(home()).binary("psql"))], {**os.environ, **chosen}


def require_supported(version: int, where: str) -> None:
    """Refuse a server that is too old.

    Args:
        version: Its `server_version_num`.
        where: Its URL without the password.

    Raises:
        UnsupportedPostgresError: It is too old.
    """
    if version < OLDEST_SUPPORTED:
        raise UnsupportedPostgresError(
            f"{where} is PostgreSQL {version // 10000}.{version % 10000}, Headwater needs"
            f" {OLDEST_SUPPORTED // 10000} or later: upgrade it, or unset DATABASE_URL for the"
            " embedded server."
        )


def _checked_url(url: str) -> str:
    """The URL in the spelling every client here understands."""
    shown = redact(url)
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
        usable = parts.scheme in {"postgres", "postgresql"} and parts.hostname and has_port
        conninfo_to_dict(url)
    except (ValueError, psycopg.ProgrammingError):
        usable = False  # their messages quote the URL
    if not usable or not parts.username or not parts.path.strip("/"):
        raise DatabaseError(
            f"DATABASE_URL ({shown}) is not of the form postgresql://user:password@host:port/database;"
            " write special characters in the password as %XX."
        )
    if not parts.password:
        raise DatabaseError(
            f"DATABASE_URL ({shown}) has no password, and dlt refuses to connect without one:"
            " write postgresql://user:password@host:port/database."
        )
    return urlunsplit(parts._replace(scheme="postgresql"))


def _beside(warehouse: str) -> Databases:
    return Databases(warehouse, *(_renamed(warehouse, suffix) for suffix in ("_v1", "_dagster", "_app")))


def _database_name(url: str) -> str:
    return unquote(urlsplit(url).path[1:])


def _renamed(url: str, suffix: str) -> str:
    name = _database_name(url) + suffix
    if len(name.encode()) > NAME_BYTES:
        raise DatabaseError(f"The database name {name} is longer than {NAME_BYTES} bytes: take a shorter one.")
    return urlunsplit(urlsplit(url)._replace(path="/" + quote(name, safe="")))


def _prepare(databases: Databases) -> None:
    beside = (databases.v1, databases.dagster, databases.app)
    _create_missing(databases.warehouse, [_database_name(url) for url in beside])


def _create_missing(url: str, names: list[str]) -> None:
    with _connected(url) as connection:
        for name in names:
            known = connection.execute("select 1 from pg_database where datname = %s", [name])
            if known.fetchone():
                continue
            try:
                # template0 has no sessions, which would forbid to copy it.
                connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                continue  # another command made it just now
            except psycopg.Error as error:
                raise DatabaseError(
                    f"The database {name} is missing beside {redact(url)} and could not be created"
                    f" ({_one_line(error, url)}): create it, or give the user the right CREATEDB."
                ) from None


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(url, connect_timeout=CONNECT_SECONDS, autocommit=True)
        row = connection.execute("show server_version_num").fetchone()
    except psycopg.Error as error:
        # From None: what is said here is all there is, and it is known to hold no password.
        raise DatabaseError(f"Cannot connect to {redact(url)}: {_one_line(error, url)}") from None
    with connection:
        require_supported(int(row[0]) if row else 0, redact(url))
        yield connection


def _one_line(error: psycopg.Error, url: str) -> str:
    text = " ".join(str(error).split())
    password = urlsplit(url).password or ""
    for secret in {password, unquote(password)} - {""}:
        text = text.replace(secret, "***")
    return text
