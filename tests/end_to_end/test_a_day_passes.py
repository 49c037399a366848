"""A day passes in every source: the next run fetches what changed, and ends where a run from scratch ends.

Two homes: in one the pipeline ran the day before, in the other it runs for the first time on the new day.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from embedded import REPOSITORY, fresh_home

SOURCES = {"dotloop", "follow_up_boss", "lofty", "rezen", "skyslope", "stripe"}
OBSERVED = {"transaction_history", "listing_history"}
"""Where what was seen of a day stands: a run from scratch did not see the day before."""
MOMENTS_OF_LOADING = {
    "fub_sync_jobs": {"created_at"}
    | {
        f"{kind}_last_{end}_at"
        for kind in ("appointments", "calls", "deals", "events", "people", "text_messages")
        for end in ("started", "finished")
    },
    "fub_worker_queue": {"created_at", "pickup_at", "finish_at", "attempts"},
    "dotloop_accounts": {"access_token", "token_expires_at", "created_at"},
    "user_filter_preferences": set(),
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


def tables(url: str) -> dict[str, list[str]]:
    """Columns of every table and view of V2 and the marts."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(url) as connection:
        for schema, table, column in connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema in ('v2', 'marts') order by 1, 2, ordinal_position"
        ):
            found.setdefault(f"{schema}.{table}", []).append(column)
    return found


def rows(url: str, table: str, columns: list[str]) -> list[Any]:
    schema, name = table.split(".")
    shown = ", ".join(f'"{column}"' for column in columns)
    with psycopg.connect(url) as connection:
        query = f'select ({shown})::text from "{schema}"."{name}" order by 1'.replace(f"({shown})", f"row({shown})")
        return [row for (row,) in connection.execute(query)]


def test_a_run_fetches_what_changed(incremental: tuple[Home, dict[str, int], dict[str, int]]) -> None:
    """The second run asks less than the first everywhere there is something to save, and writes few rows."""
    home, first, second = incremental
    assert set(first) == set(second) == SOURCES
    assert {name: (first[name], second[name]) for name in SOURCES if second[name] > first[name]} == {}
    assert sum(second.values()) < sum(first.values()) / 2
    with psycopg.connect(home.warehouse()) as connection:
        for source in ("rezen", "skyslope", "fub", "stripe", "dotloop", "lofty"):
            states = connection.execute(f"select resource, status, error from staging_{source}.sync_state").fetchall()
            assert [state for state in states if state[1] != "ready"] == []


def test_the_end_is_that_of_a_run_from_scratch(
    incremental: tuple[Home, dict[str, int], dict[str, int]], from_scratch: Home
) -> None:
    """Row for row in V2 and the marts."""
    one, other = incremental[0].warehouse(), from_scratch.warehouse()
    shapes = tables(one)
    assert shapes == tables(other)
    differing = {}
    for table, columns in shapes.items():
        name = table.split(".")[1]
        if name in OBSERVED or name.endswith("_sync_state"):
            continue
        compared = [column for column in columns if column not in MOMENTS_OF_LOADING.get(name, set())]
        left, right = rows(one, table, compared), rows(other, table, compared)
        if left != right:
            only_left, only_right = set(left) - set(right), set(right) - set(left)
            differing[table] = (len(only_left), len(only_right), sorted(only_left)[:2], sorted(only_right)[:2])
    assert differing == {}


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
