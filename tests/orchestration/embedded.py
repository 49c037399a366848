"""What the tests of the embedded server share: homes to throw away, clients in processes of their own."""

import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from homes import REPOSITORY

from orchestration.postgres_server import PostgresServer

USE = """
import sys
from pathlib import Path
from orchestration.postgres_server import PostgresServer
with PostgresServer(Path(sys.argv[1])).in_use() as server:
    print(server.pid, flush=True)
    sys.stdin.readline()
"""


def query(server: PostgresServer, text: str, **options: str) -> object:
    with psycopg.connect(server.url("postgres"), autocommit=True, **options) as connection:
        cursor = connection.execute(text)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@contextmanager
def client_of(home: Path, python: str = sys.executable, **options: object) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [python, "-c", USE, str(home)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def gone(pid: int) -> bool:
    # Where the first process of a container collects no orphans, a zombie is as gone as it gets.
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def ready(client: subprocess.Popen[str]) -> int:
    return int(client.stdout.readline())


def leave(client: subprocess.Popen[str]) -> None:
    client.communicate("\n")
    assert client.returncode == 0


def python_for(user: pwd.struct_passwd) -> tuple[str, dict[str, str]]:
    """An interpreter with our packages for somebody who may not enter root's folders."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(psycopg.__file__).parents[1])}
    probe = f"import sys, psycopg, psutil; assert sys.version_info[:2] == {sys.version_info[:2]}"
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            subprocess.run([python, "-c", probe], check=True, cwd=REPOSITORY, env=environment, **who)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python, environment
    pytest.skip(f"user {user.pw_name} can run no Python of this version here")
