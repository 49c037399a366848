"""A day passes in every source: the next run fetches what changed, and ends where a run from scratch ends.

Two homes: in one the pipeline ran the day before, in the other it runs for the first time on the new day.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import psycopg
import pytest
from homes import REPOSITORY, fresh_home

SNAPSHOTS = {"realpage_reports", "realpage_rpx", "yardi"}
"""Sources that land what there is on each day."""
SOURCES = {"dotloop", "follow_up_boss", "jobnimbus", "lofty", "rezen", "skyslope", "stripe"} | SNAPSHOTS
SCHEMAS = ("csv", "customer", "dotloop", "fub", "jobnimbus", "lofty", "rezen", "skyslope", "stripe", *sorted(SNAPSHOTS))
OBSERVED = {"transaction_history", "listing_history"}
"""What was seen of a day stands there, and in the properties' marts: a run from scratch did not see the day before."""
MOMENTS_OF_READING = {
    "fub_accounts": {"created_at"},
    "fub_sync_jobs": {"created_at"}
    | {
        f"{kind}_last_{end}_at"
        for kind in ("appointments", "calls", "deals", "events", "people", "text_messages")
        for end in ("started", "finished")
    },
    "fub_worker_queue": {"created_at", "pickup_at", "finish_at", "attempts"},
    "dotloop_accounts": {"created_at", "access_token", "token_expires_at"},
    "dotloop_profiles": {"created_at"},
    "dotloop_contacts": {"created_at"},
    "lofty_accounts": {"created_at"},
    "stripe_events": {"created_at", "processed_at"},
}
"""Columns that say when we read, not what there is."""


class Home:
    """A Headwater of its own: commands in processes, the warehouse over psycopg."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SOURCES__", "DATABASE_"))},
            "HEADWATER_HOME": str(folder),
            "HEADWATER_SCALE": "0.01",
        }

    def headwater(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    def warehouse(self) -> str:
        lines = self.headwater("database", "env").splitlines()
        exported = dict(shlex.split(line)[1].split("=", 1) for line in lines if line.startswith("export "))
        return exported["DATABASE_URL"]

    def requests(self) -> dict[str, int]:
        counts = json.loads((self.folder / "sandbox" / "requests.json").read_text())
        return {name: sum(endpoints.values()) for name, endpoints in counts.items()}


@pytest.fixture(scope="module")
def incremental() -> Iterator[tuple[Home, dict[str, int], dict[str, int]]]:
    """A home that ran on two days, and the requests of each run."""
    with fresh_home() as folder:
        home = Home(folder)
        home.headwater("run")
        first = home.requests()
        home.headwater("sandbox", "advance")
        home.headwater("run")
        second = home.requests()
        home.headwater("database", "start")
        yield home, first, second


@pytest.fixture(scope="module")
def from_scratch() -> Iterator[Home]:
    """A home that runs for the first time on the second day."""
    with fresh_home() as folder:
        home = Home(folder)
        home.headwater("sandbox", "advance")
        home.headwater("run")
        home.headwater("database", "start")
        yield home


def contents(url: str, without: Collection[str] = ()) -> dict[str, list[str]]:
    """The rows of every table and view of V2 and the marts, as text, but for what says when we read."""
    columns: dict[tuple[str, str], list[str]] = {}
    with psycopg.connect(url) as connection:
        for schema, table, column in connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema in ('v2', 'customer', 'marts') order by 1, 2, ordinal_position"
        ).fetchall():
            is_ours = table in without or table.endswith("_sync_state")
            is_ours = is_ours or (bool(without) and table.startswith(("agg_property_", "agg_portfolio_")))
            if not is_ours and column not in MOMENTS_OF_READING.get(table, set()):
                columns.setdefault((schema, table), []).append(column)
        return {
            f"{schema}.{table}": [
                row
                for (row,) in connection.execute(
                    f"select row({', '.join(f'{chr(34)}{one}{chr(34)}' for one in names)})::text"
                    f' from "{schema}"."{table}" order by 1'
                )
            ]
            for (schema, table), names in columns.items()
        }


def differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """Per table that differs, rows that only one of them has."""
    assert one.keys() == other.keys()
    return {
        table: (sorted(set(rows) - set(other[table]))[:3], sorted(set(other[table]) - set(rows))[:3])
        for table, rows in one.items()
        if rows != other[table]
    }


def test_a_run_fetches_what_changed(incremental: tuple[Home, dict[str, int], dict[str, int]]) -> None:
    """The second run asks for far less, writes few rows, and every account is where it should be."""
    home, first, second = incremental
    assert set(first) == set(second) == SOURCES
    assert sum(second.values()) < sum(first.values()) / 2
    written = total = 0
    with psycopg.connect(home.warehouse()) as connection:
        for schema in SCHEMAS:
            states = connection.execute(f"select resource, status, error from staging_{schema}.sync_state").fetchall()
            assert [state for state in states if state[1] != "ready"] == []
            if schema in SNAPSHOTS:
                continue
            tables = connection.execute(f'select distinct "table" from staging_{schema}.landing_state').fetchall()
            for (table,) in tables:
                if table != "sync_state":
                    loads = f"select _dlt_load_id as load, count(*) as rows from staging_{schema}.{table} group by 1"
                    rows = [row for (row,) in connection.execute(f"select rows from ({loads}) as l order by load desc")]
                    total += sum(rows)
                    written += rows[0] if len(rows) > 1 else 0
    assert 0 < written < total / 5


def test_what_was_built_step_by_step_is_what_is_built_at_once(
    incremental: tuple[Home, dict[str, int], dict[str, int]],
) -> None:
    """Models below a change built anew, the others left: the same as all of them built from what is landed."""
    home = incremental[0]
    before = contents(home.warehouse())
    home.headwater("run", "--rebuild")
    assert differences(before, contents(home.warehouse())) == {}


def test_the_end_is_that_of_a_run_from_scratch(
    incremental: tuple[Home, dict[str, int], dict[str, int]], from_scratch: Home
) -> None:
    """Row for row in V2 and the marts, once the rows are taken out that went since: V2 keeps those on purpose."""
    home = incremental[0]
    with psycopg.connect(home.warehouse(), autocommit=True) as connection:
        landed = connection.execute(
            "select table_schema, table_name from information_schema.columns where column_name = 'deleted_at'"
            " and table_schema ~ '^staging_[a-z0-9]+$'"
        ).fetchall()
        gone = [
            connection.execute(f'delete from "{schema}"."{table}" where deleted_at is not null').rowcount
            for schema, table in landed
        ]
        # JobNimbus's events are never deleted: one of them tells that an object is.
        untold = connection.execute(
            "delete from staging_jobnimbus.jobnimbus_raw_events where (request ->> 'object', request ->> 'jnid') in"
            " (select request ->> 'object', request ->> 'jnid' from staging_jobnimbus.jobnimbus_raw_events"
            " where request ? 'gone' or request ->> 'is_active' = 'false')"
        ).rowcount
    assert sum(gone) > 0
    assert untold > 0
    home.headwater("run", "--rebuild")
    assert differences(contents(home.warehouse(), OBSERVED), contents(from_scratch.warehouse(), OBSERVED)) == {}


def test_what_was_seen_stays_seen(incremental: tuple[Home, dict[str, int], dict[str, int]], from_scratch: Home) -> None:
    """A history has at least the rows of one that began later, each once."""
    one, other = incremental[0].warehouse(), from_scratch.warehouse()
    for table in sorted(OBSERVED):
        with psycopg.connect(one) as connection:
            (total, distinct) = connection.execute(f"select count(*), count(distinct id) from v2.{table}").fetchone()
        assert total == distinct
        with psycopg.connect(other) as connection:
            (later,) = connection.execute(f"select count(*) from v2.{table}").fetchone()
        assert total >= later
