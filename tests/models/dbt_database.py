"""A database beside the warehouse in which dbt builds a part of the project, over landed rows made by hand.

Belongs here: the database, running dbt on it, filling its tables again. Does not belong here: what lands
(`growth_rows.py`, `property_rows.py`).
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from orchestration.database import Databases
from orchestration.project import DBT_PROJECT


@contextmanager
def beside(databases: Databases, name: str) -> Iterator[str]:
    """The URL of a database beside the warehouse, gone afterwards."""
    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
        connection.execute(f'create database "{name}" template template0')
        try:
            yield databases.warehouse.rsplit("/", 1)[0] + "/" + name
        finally:
            connection.execute(f'drop database if exists "{name}" with (force)')


def dbt(url: str, target: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run dbt on a database, its artifacts in a folder of its own; `settings` are variables of the environment."""
    given = conninfo_to_dict(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments],
        env={
            **os.environ,
            **{names[name]: str(value) for name, value in given.items() if name in names},
            "DBT_PROJECT_DIR": str(DBT_PROJECT),
            "DBT_PROFILES_DIR": str(DBT_PROJECT),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(target / "logs"),
            **settings,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def refill(connection: psycopg.Connection, queries: Mapping[str, str]) -> None:
    """Fill tables anew by their SQL, parents first, within a transaction."""
    for table, query in queries.items():
        connection.execute(f"delete from {table}")
        connection.execute(sql.SQL("insert into {} {}").format(sql.SQL(table), sql.SQL(query)))
