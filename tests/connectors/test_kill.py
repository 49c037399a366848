"""Killed in the middle of a sync and run again: the same end as without, no row twice, none lost."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from killed import PLACES
from sandboxes import NAMES, Sandbox, contents, sandbox, undisturbed

from connectors.sandbox.world import World, build

__all__ = ["undisturbed"]  # a fixture

Kill = Callable[[Sandbox, str, str, Path], int]


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [build(scale=0.01, day=day) for day in range(2)]


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    """Start a sync in another process, kill it at a place, return how it ended: -9."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "killed.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def killed(one: Sandbox, at: str, warehouse: str, folder: Path) -> int:
            order: dict[str, Any] = {
                "source": one.service.name,
                "at": at,
                "warehouse": warehouse,
                "folder": str(folder),
                "accounts": [[account.name, dict(account.secrets)] for account in one.accounts],
                "settings": {name: os.environ[name] for name in os.environ if name.startswith(("SOURCES", "RUNTIME"))},
            }
            process.stdin.write(orjson.dumps(order).decode() + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield killed
        process.stdin.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_sync_that_was_killed_anywhere_ends_as_if_it_had_not_been(
    name: str,
    worlds: list[World],
    kill: Kill,
    empty_database: str,
    undisturbed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """First syncs and later ones, in each step: reading, loading, applying."""
    with sandbox(name, worlds[0], tmp_path, monkeypatch) as one:
        for world, places in zip(worlds, (PLACES, PLACES[-1:]), strict=True):
            one.fill(world)
            before = contents(empty_database, one.source)
            for place in places:
                assert kill(one, place, empty_database, tmp_path / "killed") == -9
                now = contents(empty_database, one.source)
                assert all(rows == before.get(table, []) for table, rows in now.items())
            assert one.sync(empty_database, tmp_path / "killed").failures == []
            one.sync(undisturbed, tmp_path / "undisturbed")
            assert contents(empty_database, one.source) == contents(undisturbed, one.source)
        with psycopg.connect(empty_database) as connection:
            for table in one.source.tables:
                left = connection.execute(f"select count(*) from arriving_{one.source.schema}.{table}").fetchone()
                assert left == (0,)
