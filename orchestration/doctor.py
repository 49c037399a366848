"""`headwater doctor`: what is configured, what is missing and what is wrong, before anything runs.

Belongs here: looking and telling. Does not belong here: mending.
"""

import os
import shutil
import sys

import psycopg
from dlt.common.configuration.exceptions import ConfigurationException

from connectors.errors import HeadwaterError
from connectors.registry import live_sources
from connectors.sync import Source
from orchestration.database import DatabaseError, home, open_databases, redact
from orchestration.project import V1_VARIABLE, is_v1_configured

_FREE_GIB_WANTED = 5


def report() -> list[str]:
    """Print one line a finding and return the problems."""
    problems: list[str] = []

    def tell(good: bool, line: str) -> None:
        print(("ok       " if good else "PROBLEM  ") + line)
        if not good:
            problems.append(line)

    tell(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}, 3.11 or later is needed")
    free = shutil.disk_usage(home()).free / 2**30
    tell(free >= _FREE_GIB_WANTED, f"{free:.0f} GiB free in {home()}, {_FREE_GIB_WANTED} are wanted")
    try:
        with open_databases() as databases:
            kind = "DATABASE_URL" if os.environ.get("DATABASE_URL") else "embedded server"
            tell(True, f"warehouse: {redact(databases.warehouse)} ({kind})")
            tell(*_v1(databases.v1))
            for source in live_sources():
                tell(*_live(source))
    except DatabaseError as error:
        tell(False, str(error))
    return problems


def _live(source: Source) -> tuple[bool, str]:
    """A live source: who names its accounts. That they can log in, only a run can tell."""
    try:
        accounts = source.configured()
    except ConfigurationException as error:
        return False, f"source {source.name}: {type(error).__name__}: check sources.{source.name}"
    except HeadwaterError as error:
        return False, f"source {error}"
    if accounts:
        return True, f"source {source.name}: {len(accounts)} accounts configured"
    if not is_v1_configured():
        return True, f"source {source.name}: not configured, the sandbox plays it"
    if accounts is None and source.declared:
        return True, f"source {source.name}: accounts are those that v2.{source.declared.table} names"
    return True, f"source {source.name}: not configured, its tables stay empty; see connectors/{source.name}/README.md"


def _v1(sandbox: str) -> tuple[bool, str]:
    if not is_v1_configured():
        return True, f"source v1: not configured, the sandbox plays it ({redact(sandbox)})"
    import dlt  # 2 s that only a configured source is worth

    url = os.environ.get(V1_VARIABLE) or str(dlt.secrets.get("sources.v1.url"))
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            query = "select count(*) from information_schema.tables where table_name ~ '^mvpw1_[0-9]+$'"
            (count,) = connection.execute(query).fetchone() or (0,)
    except psycopg.Error as error:
        return (
            False,
            f"source v1: {redact(url)} cannot be reached ({type(error).__name__}): check sources.v1.url",
        )
    return count > 0, f"source v1: {redact(url)} has {count} tables mvpw1_<id>"
