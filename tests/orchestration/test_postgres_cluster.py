"""The embedded server on disk: made once and whole, in places out of reach, by whom it may be used.

Does not belong here: the life of the running server (`test_postgres_server.py`).
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from embedded import client_of, gone, leave, python_for, query, ready, wait
from homes import fresh_home

from orchestration import postgres_cluster
from orchestration.postgres_server import DatabaseError, PostgresServer

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")


def programs_are_in_reach() -> bool:
    if os.geteuid() != 0:
        return True
    user = postgres_cluster._server_user()
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    programs = postgres_cluster.package() / "bin" / "postgres"
    return subprocess.run([programs, "--version"], check=False, capture_output=True, cwd="/", **who).returncode == 0


try:
    IN_REACH = programs_are_in_reach()
except PermissionError:
    IN_REACH = False
in_place = pytest.mark.skipif(
    not IN_REACH, reason="root's checkout is closed to the server's user: clusters are made in /var/lib, by other rules"
)


@pytest.fixture
def home() -> Iterator[Path]:
    with fresh_home() as path:
        yield path


@pytest.fixture
def server(home: Path) -> PostgresServer:
    return PostgresServer(home)


@in_place
def test_interrupted_initdb_is_redone(home: Path, server: PostgresServer) -> None:
    with client_of(home) as client:
        wait(lambda: any(server.cluster.folder.glob("initializing-*/data/global")))
        client.kill()
        client.wait()
    assert not server.cluster.data.exists()
    server.start()
    assert server.is_healthy()
    assert not list(server.cluster.folder.glob("initializing-*"))


@in_place
def test_path_too_long_for_a_socket(home: Path) -> None:
    deep = PostgresServer(home / ("long-" * 20) / "with space, comma")
    with deep.in_use():
        folder = deep.cluster.socket_folder
        assert folder.parent == Path(tempfile.gettempdir())
        assert query(deep, "select 1", host=str(folder)) == 1
    assert not folder.exists()


@in_place
def test_other_version_and_lost_password_are_refused(server: PostgresServer) -> None:
    server.start()
    server.stop()
    version = server.cluster.data / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(DatabaseError, match=r"was made by PostgreSQL 17, this release has 18: .*pg_dump"):
        server.start()
    version.write_text("18\n")
    server.cluster.password_file.unlink()
    with pytest.raises(DatabaseError, match="password is missing"):
        server.start()


def test_home_deleted_while_it_runs(home: Path, server: PostgresServer) -> None:
    server.start()
    old = server.pid
    shutil.rmtree(home)
    server.start()
    assert server.is_healthy()
    assert server.pid != old
    wait(lambda: gone(old))


@as_root
def test_home_out_of_reach_is_kept_elsewhere() -> None:
    with fresh_home() as home:
        home.parent.chmod(0o700)
        server = PostgresServer(home)
        server.start()
        away, old = server.cluster.data.parent, server.pid
        assert away.parent.name == "headwater"
        assert (home / "postgres" / "data").samefile(away / "data")
        assert query(server, "select 1", host=str(home / "postgres" / "socket")) == 1
        query(server, "create table t as select 1")
        server.stop()
        server.start()
        assert query(server, "select count(*) from t") == 1
        old = server.pid
        shutil.rmtree(home)
        server.start()
        assert gone(old)
        assert server.is_healthy()
        assert query(server, "select to_regclass('t')") is None


@as_root
def test_programs_out_of_reach_are_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as private:
        installed = postgres_cluster.package()
        copy = Path(private) / installed.parent.name / installed.name
        shutil.copytree(installed, copy)
        shutil.copytree(f"{installed.parent}.libs", f"{copy.parent}.libs")
        monkeypatch.setattr(postgres_cluster, "package", lambda: copy)
        server = PostgresServer(home)
        server.start()
        assert server.is_healthy()
        assert "/headwater/" in psutil.Process(server.pid).exe()


@as_root
def test_moved_home_says_where_its_data_is(home: Path, server: PostgresServer) -> None:
    home.parent.chmod(0o700)
    with server.in_use():
        pass
    moved = home.rename(home.with_name("moved"))
    with pytest.raises(DatabaseError, match="moved or copied, its database stayed in /"):
        PostgresServer(moved).start()
    moved.rename(home)


@as_root
def test_ordinary_user(home: Path) -> None:
    other = pwd.getpwnam("nobody")
    python, environment = python_for(other)
    options = {"python": python, "env": environment, "user": other.pw_uid, "group": other.pw_gid}
    home.mkdir()
    os.chown(home, other.pw_uid, other.pw_gid)
    with client_of(home, **options) as client:
        process = psutil.Process(ready(client))
        assert process.uids().real == other.pw_uid
        leave(client)
    assert gone(process.pid)
    with pytest.raises(DatabaseError, match="belongs to user nobody and cannot be used by root"):
        PostgresServer(home).start()
    shutil.rmtree(home)
    PostgresServer(home).start()
    with client_of(home, stderr=subprocess.PIPE, **options) as client:
        said = client.communicate()[1]
    assert "belongs to user root and cannot be used by nobody" in said
