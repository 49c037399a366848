"""dbt building every model and seed, against the same SQL in plain psql.

The two take turns over the same tables, V1 landed before. dbt is a process of its own, so its start-up counts. What
psql runs is what dbt sent to Postgres in a build before, less what dbt asked for itself (the catalog, contracts):
tables made and swapped in with their keys, indexes, descriptions and statistics, foreign keys at the end. Two psql
processes take the tables as dbt's two threads do, each as soon as its parents stand. What stands afterwards is
compared, so that neither can be fast by doing less.

Belongs here: the build and its reference. Does not belong here: what is asked of the built tables (`lookup.py`).
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

import psycopg

from benchmarks import lookup
from benchmarks.place import own_databases
from connectors.v1 import stand_in
from connectors.v1.source import land
from orchestration.database import Databases, psql_command
from orchestration.project import SEEDS, dbt_target, environment

_BUILD = ["--log-level", "none", "build", "--exclude-resource-type", "test"]  # as orchestration/dbt_build.py
_PROCESSES = 2  # threads in dbt_project/profiles.yml
_CHANGES = re.compile(r"^\s*(create|drop|alter|truncate)\s", re.IGNORECASE | re.MULTILINE)
_INDEX_NAME = re.compile(r'index if not exists\s+"\w+"')  # dbt makes one up each time; so does Postgres
_DONE = "-- done --"

Scripts = dict[str, str]


@dataclass(frozen=True)
class DbtRun:
    """One dbt process.

    Attributes:
        seconds: from its start to its end.
        building: of these, from the first node to the last; the rest is start-up.
        python: processor seconds of the process itself, Postgres' not among them.
        peak_mb: the most memory it held.
    """

    seconds: float
    building: float
    python: float
    peak_mb: float


def measure(runs: int, scale: float) -> list[tuple[str, ...]]:
    """Measure and return table rows: what, reference, our median, its median, ratio, peak memory."""
    with own_databases() as (databases, home):
        stand_in.fill(databases.v1, scale=scale)
        land(databases.warehouse, home, url=databases.v1)
        with patch.dict(os.environ, environment(databases)):
            scripts, parents = _recorded()
            _dbt(home)  # compiles the project's and dbt's own code
            ours, reference = [], []
            for _ in range(runs):
                ours.append(_dbt(home))
                built = _standing(databases)
                reference.append(_psql(databases, scripts, parents))
                if (copied := _standing(databases)) != built:
                    raise RuntimeError(f"psql left {copied}, dbt {built}")
        return [*_rows(ours, reference, built), *lookup.measure(databases.warehouse)]


def _rows(ours: list[DbtRun], reference: list[float], built: dict[str, int]) -> list[tuple[str, ...]]:
    bare = statistics.median(reference)
    name = f"dbt build, {built['tables']} tables and views, {built['rows']:,} rows"
    whole = statistics.median(run.seconds for run in ours)
    building = statistics.median(run.building for run in ours)
    python = statistics.median(run.python for run in ours)
    peak = f"{max(run.peak_mb for run in ours):.0f} MB"
    what = "the same SQL, two psql"
    return [
        (name, what, f"{whole:.1f} s", f"{bare:.1f} s", f"{whole / bare:.2f}", peak),
        ("of it after dbt's start-up", what, f"{building:.1f} s", f"{bare:.1f} s", f"{building / bare:.2f}", ""),
        ("of it dbt's own processor time", what, f"{python:.1f} s", f"{bare:.1f} s", f"{python / bare:.2f}", ""),
    ]


def _dbt(home: Path) -> DbtRun:
    """Build everything in a dbt process, as on a machine where Python may keep its bytecode."""
    variables = {**os.environ, "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    _settle()
    began = time.perf_counter()
    process = subprocess.Popen([str(Path(sys.executable).with_name("dbt")), *_BUILD], env=variables)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise RuntimeError(f"dbt build failed; see {dbt_target().parent / 'logs'}")
    results = json.loads((dbt_target() / "run_results.json").read_text())
    return DbtRun(seconds, results["elapsed_time"], usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _settle() -> None:
    """Write out what the last round left, so that the next one does not pay for it."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("checkpoint")


def _recorded() -> tuple[Scripts, dict[str, set[str]]]:
    """Build with dbt and note what it sends: the SQL of each node, and the nodes each one follows."""
    from dbt.cli.main import dbtRunner  # takes seconds to import, which the other benchmarks need not wait for

    sent: dict[str, list[str]] = {}

    def note(event: Any) -> None:
        if event.info.name == "SQLQuery" and _CHANGES.search(event.data.sql):
            sent.setdefault(event.data.node_info.unique_id, []).append(event.data.sql)

    dbtRunner().invoke(_BUILD)  # the first build also makes schemas and seeds, which later ones find
    outcome = dbtRunner(callbacks=[note]).invoke(_BUILD)
    if not outcome.success:
        raise RuntimeError(f"dbt build failed: {outcome.exception}")
    manifest = json.loads((dbt_target() / "manifest.json").read_text())
    sent = {uid: statements for uid, statements in sent.items() if not uid.startswith("unit_test.")}
    for uid, statements in sent.items():
        if uid.startswith("seed."):
            node = manifest["nodes"][uid]
            file = SEEDS.parent / "dbt_project" / node["original_file_path"]
            statements.append(f"\\copy {node['schema']}.{node['alias']} from '{file}' with (format csv, header)\n")
    hooks = sorted(uid for uid in sent if uid.startswith("operation."))
    parents = {uid: set(manifest["parent_map"].get(uid, [])) & sent.keys() for uid in sent}
    for number, hook in enumerate(hooks):
        parents[hook] = sent.keys() - set(hooks[number:])
    return {uid: _script(statements) for uid, statements in sent.items()}, parents


def _script(statements: list[str]) -> str:
    """Each statement in a transaction, as dbt's are: what it read is let go of before the next waits for its turn."""
    commands = [text if text.startswith("\\copy") else f"{text.rstrip().rstrip(';')};\n" for text in statements]
    return _INDEX_NAME.sub("index", "".join(f"begin;\n{command}commit;\n" for command in commands))


class _Session:
    """A psql process that is given scripts and says when each is done."""

    def __init__(self, process: "subprocess.Popen[str]", errors: IO[str]) -> None:
        self._process, self._errors = process, errors

    def run(self, script: str) -> None:
        """Run a script to its end."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{script}\\echo {_DONE}\n")
        self._process.stdin.flush()
        if (said := self._process.stdout.readline().strip()) != _DONE:
            self._errors.seek(0)
            raise RuntimeError(f"psql: {said} {self._errors.read()[-2000:]}")


@contextmanager
def _session(databases: Databases) -> Iterator[_Session]:
    program, variables = psql_command(databases)
    options = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            [*program, *options],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        yield _Session(process, errors)


def _psql(databases: Databases, scripts: Scripts, parents: dict[str, set[str]]) -> float:
    """Run the scripts, each once its parents are done, those that most others wait for first."""
    waited_for = {uid: sum(uid in _ancestors(other, parents) for other in scripts) for uid in scripts}
    todo = sorted(scripts, key=lambda uid: -waited_for[uid])
    done: set[str] = set()
    running: dict[Future[None], tuple[str, _Session]] = {}
    _settle()
    began = time.perf_counter()
    with ExitStack() as stack:
        idle = [stack.enter_context(_session(databases)) for _ in range(_PROCESSES)]
        pool = stack.enter_context(ThreadPoolExecutor(_PROCESSES))
        while todo or running:
            ready = [uid for uid in todo if parents[uid] <= done]
            for uid in ready[: len(idle)]:
                session = idle.pop()
                todo.remove(uid)
                running[pool.submit(session.run, scripts[uid])] = (uid, session)
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                uid, session = running.pop(future)
                future.result()
                done.add(uid)
                idle.append(session)
    return time.perf_counter() - began


def _ancestors(uid: str, parents: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = [uid]
    while todo:
        new = parents[todo.pop()] - found
        found |= new
        todo += new
    return found


def _standing(databases: Databases) -> dict[str, int]:
    """What a build leaves: tables and views, their rows, constraints, indexes, descriptions."""
    schemas = "('v2', 'marts', 'reconciliation', 'seeds')"
    within = f"in (select c.oid from pg_class c where c.relnamespace::regnamespace::text in {schemas})"
    counts = {
        "tables": f"select count(*) from pg_class where oid {within} and relkind in ('r', 'v')",
        "constraints": f"select count(*) from pg_constraint where conrelid {within}",
        "indexes": f"select count(*) from pg_index where indrelid {within}",
        "descriptions": f"select count(*) from pg_description where objoid {within}",
    }
    with psycopg.connect(databases.warehouse) as connection:
        found = {name: _number(connection, query) for name, query in counts.items()}
        tables = connection.execute(f"select oid::regclass::text from pg_class where oid {within} and relkind = 'r'")
        found["rows"] = sum(_number(connection, f"select count(*) from {name}") for (name,) in tables.fetchall())
    return found


def _number(connection: psycopg.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone() or (0,)
    return int(number)
