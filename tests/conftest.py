"""Fixtures all tests share: a Headwater home that dies with the session, and a warehouse built in it.

Everything is real: the embedded server, the sandbox's V1 database at scale 0.01, the pipeline through Dagster.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest

from orchestration.database import Databases, open_databases
from orchestration.project import APP_ADMIN_VARIABLE, AS_OF_VARIABLE, V1_VARIABLE, WAREHOUSE_VARIABLE, WORLD_VARIABLE

LED_TO = (WAREHOUSE_VARIABLE, V1_VARIABLE, WORLD_VARIABLE, AS_OF_VARIABLE, APP_ADMIN_VARIABLE)
"""Settings by which one command's databases, world or day would reach the next one in this process."""


def pytest_configure() -> None:
    """Let tests interrupt commands: what a shell started in the background ignores Ctrl-C, and so do its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """No setting of the machine reaches the tests, and nothing they set stays."""
    # Not pytest's own folder: it is closed to the user the embedded server runs as under root.
    folder = Path(tempfile.mkdtemp(prefix="headwater-test-"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        for name in (*LED_TO, "HEADWATER_DAGSTER_URL", "DAGSTER_HOME"):
            patch.delenv(name, raising=False)
        patch.setenv("HEADWATER_HOME", str(folder))
        patch.setenv("HEADWATER_SCALE", "0.01")
        yield patch
    # Under root in a closed checkout the cluster lies elsewhere, behind a link.
    cluster = (folder / "postgres" / "data").resolve().parent
    shutil.rmtree(folder)
    if cluster.parent.name == "headwater":
        shutil.rmtree(cluster, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(environment: pytest.MonkeyPatch) -> Iterator[Databases]:
    """The embedded server's databases, up for the whole session."""
    with open_databases() as opened:
        yield opened


@pytest.fixture(scope="session")
def built(databases: Databases, environment: pytest.MonkeyPatch) -> Databases:
    """The databases after one `headwater run`."""
    from orchestration.cli import main

    assert main(["run"]) == 0
    # What the command led its own process to; the tests' commands find their way themselves.
    for name in LED_TO:
        environment.delenv(name, raising=False)
    return databases


@pytest.fixture(scope="session")
def headwater(built: Databases) -> Callable[..., int]:
    """A command in this process, which leaves no setting behind."""
    from orchestration.cli import main

    def call(*arguments: str, **settings: str) -> int:
        with patch.dict(os.environ, settings):
            return main(arguments)

    return call


@pytest.fixture(scope="session")
def warehouse(built: Databases) -> str:
    """URL of the built warehouse."""
    return built.warehouse


@pytest.fixture
def planted(warehouse: str) -> Iterator[psycopg.Connection]:
    """A connection whose changes never last: faults are planted in it and rolled back."""
    with psycopg.connect(warehouse) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def empty_database(databases: Databases, tmp_path: Path) -> Iterator[str]:
    """URL of a database of this test's own."""
    name = "test_" + "".join(letter for letter in tmp_path.name.lower() if letter.isalnum())[:50]
    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
        connection.execute(f'create database "{name}" template template0')
    yield databases.warehouse.rsplit("/", 1)[0] + "/" + name
    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
