"""Which databases are opened, and what is said when they cannot be; no password is ever said.

Does not belong here: the embedded server's own life (`test_postgres_server.py`).
"""

import shutil
import socket
import subprocess
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from orchestration import database
from orchestration.database import (
    Databases,
    UnsupportedPostgresError,
    home,
    open_databases,
    psql_command,
    redact,
    require_supported,
)
from orchestration.postgres_server import DatabaseError, PostgresServer

PASSWORD = "s3/cr@et?"


@pytest.fixture(scope="module")
def outside() -> Iterator[PostgresServer]:
    """A second embedded server in the part of somebody's own PostgreSQL."""
    base = Path(tempfile.mkdtemp(prefix="headwater-test-"))
    base.chmod(0o755)  # as root the server runs as somebody else, who has to get in
    with PostgresServer(base / "var").in_use() as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("create database shop")
            connection.execute(f"create role clerk login password '{PASSWORD}'")
        yield server
    shutil.rmtree(base)


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="headwater-test-"))
    base.chmod(0o755)
    monkeypatch.setenv("HEADWATER_HOME", str(base / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield base / "var"
    shutil.rmtree(base)


def _clerk(outside: PostgresServer, password: str = PASSWORD, name: str = "shop") -> str:
    known = outside.environment(name)
    return f"postgresql://clerk:{quote(password, safe='')}@{known['PGHOST']}:{known['PGPORT']}/{name}"


def _refusal(monkeypatch: pytest.MonkeyPatch, url: str) -> str:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(DatabaseError) as raised, open_databases():
        pass
    message = str(raised.value)
    assert "\n" not in message
    shown = "".join(traceback.format_exception(raised.value))
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "s3"):
        assert secret not in shown
    return message


def test_embedded_databases_exist_and_the_server_ends(own_home: Path) -> None:
    with open_databases() as databases:
        for url, name in zip(vars(databases).values(), ("", "_v1", "_dagster", "_app"), strict=True):
            with psycopg.connect(url) as connection:
                assert connection.info.dbname == f"headwater{name}"
        with open_databases() as again:
            assert again == databases
        command, environment = psql_command(databases)
        query = ["-Atc", "select current_database()"]
        for extra, name in (([], "headwater"), (["-d", "headwater_v1"], "headwater_v1")):
            done = subprocess.run(
                [*command, *extra, *query], env=environment, capture_output=True, text=True, check=True
            )
            assert done.stdout.strip() == name
        assert PostgresServer(own_home).environment("x")["PGPASSWORD"] not in repr(databases)
    assert PostgresServer(own_home).pid is None


def test_outside_databases(outside: PostgresServer, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    url = outside.url("shop").replace("postgresql://", "postgres://") + "?application_name=headwater"
    monkeypatch.setenv("DATABASE_URL", url)
    for _ in range(2):
        with open_databases() as databases:
            for one, name in zip(
                vars(databases).values(), ("shop", "shop_v1", "shop_dagster", "shop_app"), strict=True
            ):
                assert one.startswith("postgresql://")
                with psycopg.connect(one) as connection:
                    assert connection.info.dbname == name
    assert psql_command(databases)[1]["PGAPPNAME"] == "headwater"
    assert not (own_home / "postgres").exists()
    assert outside.is_healthy()


def test_may_not_create(outside: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    message = _refusal(monkeypatch, _clerk(outside, name="postgres"))
    assert "postgres_v1 is missing" in message
    assert "permission denied to create database" in message
    assert "CREATEDB" in message


def test_wrong_password(outside: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "password authentication failed" in _refusal(monkeypatch, _clerk(outside, "s3-wrong"))


def test_missing_warehouse(outside: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert '"nowhere" does not exist' in _refusal(monkeypatch, _clerk(outside, name="nowhere"))


def test_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        message = _refusal(monkeypatch, f"postgresql://u:s3cret@127.0.0.1:{closed.getsockname()[1]}/shop")
    assert message.startswith("Cannot connect to postgresql://u:***@127.0.0.1:")
    assert "refused" in message


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u@h/shop", "has no password, and dlt refuses"),
        ("postgresql://u:@h/shop", "has no password"),
        ("postgresql://u:s3cret@h", "is not of the form"),
        ("postgresql://:s3cret@h/shop", "is not of the form"),
        ("postgresql://u:s3cret@h:port/shop", "is not of the form"),
        ("postgresql://u:s3/cr@et?@h:1/shop", "is not of the form"),
        ("postgresql://u:s3%zz@h:1/shop", "is not of the form"),
        ("mysql://u:s3cret@h/shop", "is not of the form"),
        ("postgresql+psycopg2://u:s3cret@h/shop", "is not of the form"),
        ("host=h user=u password=s3cret dbname=shop", "is not of the form"),
        (f"postgresql://u:s3cret@h/{'n' * 60}", "longer than 63 bytes"),
    ],
)
def test_unusable_urls(monkeypatch: pytest.MonkeyPatch, url: str, said: str) -> None:
    assert said in _refusal(monkeypatch, url)


def test_too_old(outside: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    require_supported(170000, "x")
    with pytest.raises(UnsupportedPostgresError, match=r"^x is PostgreSQL 16\.9, Headwater needs 17 or later: upgr"):
        require_supported(160009, "x")
    monkeypatch.setattr(database, "OLDEST_SUPPORTED", 990000)
    message = _refusal(monkeypatch, outside.url("shop"))
    assert "is PostgreSQL 18." in message
    assert outside.environment("shop")["PGPASSWORD"] not in message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@h:1/d", "postgresql://u:***@h:1/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
        ("postgresql://u:secret@[::1]:5/d", "postgresql://u:***@[::1]:5/d"),
        ("postgresql://u:a@secret/b?c@h/d", "postgresql://u:***@h/d"),
        (
            "postgresql://u@h/d?sslmode=require&password=secret",
            "postgresql://u@h/d?sslmode=require&password=***",
        ),
        ("postgresql://u:secret", "***"),
        ("host=h password=secret", "***"),
        ("secret", "***"),
    ],
)
def test_redact(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_databases_are_shown_without_passwords() -> None:
    databases = Databases(*(f"postgresql://u:secret@h/{name}" for name in "abcd"))
    assert "secret" not in f"{databases} {databases!r}"
    assert "postgresql://u:***@h/b" in repr(databases)


def test_home(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    assert home() == own_home
    assert own_home.is_dir()
    (own_home / "file").touch()
    monkeypatch.setenv("HEADWATER_HOME", str(own_home / "file" / "below"))
    with pytest.raises(DatabaseError, match="cannot be made: Not a directory"):
        home()
