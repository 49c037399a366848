"""The embedded server, really started: users of it, crashes, leftovers, what it tells and to whom.

Does not belong here: its files (`test_postgres_cluster.py`), which databases there are (`test_database.py`).
"""

import os
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from embedded import client_of, gone, leave, query, ready, wait
from homes import fresh_home

from orchestration.postgres_server import DatabaseError, PostgresServer


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One for all tests: initdb is most of the time of a first start."""
    with fresh_home() as path:
        yield path


@pytest.fixture
def server(home: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(home)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[PostgresServer]:
    with fresh_home() as path, PostgresServer(path).in_use() as server:
        yield server


def test_tcp_and_socket_answer(running: PostgresServer) -> None:
    assert running.is_healthy()
    assert query(running, "select 1") == 1
    assert query(running, "select 1", host=str(running.cluster.socket_folder)) == 1


def test_settings_of_every_session(running: PostgresServer) -> None:
    shown = {name: query(running, f"show {name}") for name in ("timezone", "datestyle", "fsync", "data_checksums")}
    assert shown == {"timezone": "UTC", "datestyle": "ISO, MDY", "fsync": "on", "data_checksums": "on"}
    assert query(running, "select upper('ä')") == "Ä"


def test_psql_finds_it_by_environment(running: PostgresServer) -> None:
    done = subprocess.run(
        [running.binary("psql"), "-Atc", "select current_database()"],
        env={**os.environ, **running.environment("template1")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "template1\n"


def test_unknown_program_is_named(running: PostgresServer) -> None:
    with pytest.raises(DatabaseError, match="bin/oracle is missing"):
        running.binary("oracle")


def test_it_listens_on_this_machine_only(running: PostgresServer) -> None:
    listening = [c.laddr.ip for c in psutil.Process(running.pid).net_connections() if c.status == "LISTEN"]
    assert [ip for ip in listening if ip] == ["127.0.0.1"]


def test_password_stays_where_it_belongs(running: PostgresServer) -> None:
    password = running.environment("postgres")["PGPASSWORD"]
    assert stat.S_IMODE(running.cluster.password_file.stat().st_mode) == 0o600
    arguments = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
    assert not [line for line in arguments if password in line]
    assert password not in running.log.read_text()
    wrong = running.url("postgres").replace(password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    assert b"PGPASSWORD" not in Path(f"/proc/{running.pid}/environ").read_bytes()


def test_rows_of_failing_statements_are_not_logged(running: PostgresServer) -> None:
    with psycopg.connect(running.url("postgres"), autocommit=True) as connection:
        connection.execute("create temp table t (x text primary key)")
        for _ in range(2):
            try:
                connection.execute("insert into t values ('jane@example.org')")
            except psycopg.errors.UniqueViolation as error:
                assert "jane" in str(error)  # noqa: PT017 - the first of the two succeeds
    assert "jane" not in running.log.read_text()


def test_not_started(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    with pytest.raises(DatabaseError, match="not started yet"):
        server.url("postgres")
    assert (server.pid, server.is_healthy()) == (None, False)


def test_start_and_stop(server: PostgresServer) -> None:
    server.stop()
    server.start()
    first = server.pid
    server.start()
    assert server.pid == first
    server.stop()
    assert (server.pid, server.is_healthy()) == (None, False)
    assert gone(first)


def test_last_user_out_stops_it(home: Path, server: PostgresServer) -> None:
    with client_of(home) as one, client_of(home) as two:
        pid = ready(one)
        assert ready(two) == pid
        leave(one)
        assert server.is_healthy()
        leave(two)
    assert server.pid is None
    assert gone(pid)


def test_use_nests_and_spans_threads(home: Path, server: PostgresServer) -> None:
    entered, go = threading.Event(), threading.Event()

    def other() -> None:
        with PostgresServer(home).in_use():
            entered.set()
            go.wait()

    thread = threading.Thread(target=other)
    with server.in_use():
        with server.in_use():
            pass
        assert server.is_healthy()
        thread.start()
        entered.wait()
    assert server.is_healthy()
    go.set()
    thread.join()
    assert server.pid is None


def test_keep_running_outlives_users_until_stop(server: PostgresServer) -> None:
    server.keep_running()
    with server.in_use():
        pass
    assert server.is_healthy()
    server.stop()
    with server.in_use():
        pass
    assert server.pid is None


def test_next_command_takes_over_from_a_killed_one(home: Path, server: PostgresServer) -> None:
    with client_of(home) as client:
        pid = ready(client)
        client.kill()
        client.wait()
    assert server.pid == pid
    with server.in_use():
        assert server.pid == pid
    assert server.pid is None


def test_interrupt_of_the_client_spares_the_server(home: Path, server: PostgresServer) -> None:
    with server.in_use(), client_of(home, start_new_session=True) as client:
        pid = ready(client)
        os.killpg(client.pid, signal.SIGINT)
        client.wait()
        assert server.pid == pid
        assert server.is_healthy()


def test_killed_server_starts_again_with_its_data(server: PostgresServer) -> None:
    server.start()
    with psycopg.connect(server.url("postgres"), autocommit=True) as busy:
        busy.execute("create table kept as select 42 as answer")
        busy.execute("checkpoint")
        backend = busy.info.backend_pid
        endless = threading.Thread(target=_endless, args=(busy,), daemon=True)
        endless.start()
        time.sleep(0.2)
        killed = server.pid
        os.kill(killed, signal.SIGKILL)
        wait(lambda: gone(killed))
        # This backend computes on, holding the shared memory, and does not see that its server is gone.
        assert not gone(backend)
        server.start()
        endless.join(timeout=10)
        assert not endless.is_alive()
    assert query(server, "select answer from kept") == 42


def _endless(connection: psycopg.Connection) -> None:
    try:
        connection.execute("do $$ begin loop end loop; end $$")
    except psycopg.OperationalError:
        return  # its backend was ended, as the test wants


def _write_pid_file(server: PostgresServer, pid: int) -> None:
    data = server.cluster.data
    (data / "postmaster.pid").write_text(f"{pid}\n{data}\n1700000000\n5432\n\n127.0.0.1\n\nready\n")
    shutil.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)


def test_stale_pid_file(server: PostgresServer) -> None:
    server.start()
    server.stop()
    dead = subprocess.Popen(["true"])
    dead.wait()
    _write_pid_file(server, dead.pid)
    server.start()
    assert server.is_healthy()
    server.stop()
    owner = server.cluster.data.stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None) as innocent:
        _write_pid_file(server, innocent.pid)
        port = server.environment("postgres")["PGPORT"]
        shutil.copy(server.cluster.data / "postmaster.pid", server.cluster.socket_folder / f".s.PGSQL.{port}.lock")
        assert server.pid is None
        server.stop()
        server.start()
        assert server.is_healthy()
        assert innocent.poll() is None
        innocent.kill()


def test_port_taken_meanwhile(server: PostgresServer) -> None:
    server.start()
    port = server.environment("postgres")["PGPORT"]
    server.stop()
    server.start()
    assert server.environment("postgres")["PGPORT"] == port
    server.stop()
    with socket.create_server(("127.0.0.1", int(port))):
        server.start()
        assert server.environment("postgres")["PGPORT"] != port
        assert server.is_healthy()


def test_failed_start_shows_the_log(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("orchestration.postgres_server").postgres_server.SETTINGS, "work_mem", "bad")
    with pytest.raises(DatabaseError, match=r"invalid value for parameter .work_mem.") as raised:
        server.start()
    assert str(server.log) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_waiting_for_another_command_ends(home: Path, server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.postgres_server.LOCK_SECONDS", 0.2)
    with PostgresServer(home)._one_at_a_time(), pytest.raises(DatabaseError, match="Another command"):
        server.start()
