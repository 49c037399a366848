"""Landing V1 against `psql copy | psql copy` of the same tables, binary, one table after the other.

The two take turns, each on fresh tables. Ours runs in a process of its own, whose peak memory is reported; its
seconds are those of `land`, from discovering the tables to analyzed, counted ones, without Python's imports, which
within `headwater run` Dagster has made by then. The first landing of a process also fills dlt's caches: it is told
apart.
"""

import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from benchmarks.place import own_databases
from connectors.v1 import stand_in
from orchestration.database import Databases, psql_command

_CHILD = """
import json, os, resource, shutil, sys, time
from pathlib import Path
import psycopg
import connectors.landing, dlt._workspace._plugins, pyarrow.parquet, requests
from connectors.v1.source import land
warehouse, v1, folder, rounds = sys.argv[1:]
seconds = []
for _ in range(int(rounds)):
    if seconds:
        with psycopg.connect(warehouse, autocommit=True) as connection:
            connection.execute("drop schema staging_v1 cascade")
            connection.execute("checkpoint")
        shutil.rmtree(Path(folder) / "dlt")
    began = time.perf_counter()
    rows = land(warehouse, Path(folder), url=v1)
    seconds.append(time.perf_counter() - began)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"rows": sum(rows.values()), "first": seconds[0], "seconds": seconds[-1], "peak_mb": peak}))
"""


def measure(runs: int, scale: float) -> list[tuple[str, ...]]:
    """Measure and return table rows: what, reference, our median, its median, ratio, peak memory."""
    with own_databases() as (databases, home):
        stand_in.fill(databases.v1, scale=scale)
        ours, reference = [], []
        for _ in range(runs):
            ours.append(_land(databases, home))
            reference.append(_copy(databases))
        unchanged = _run_child(databases, home, rounds=1)
    median, bare = statistics.median(run["seconds"] for run in ours), statistics.median(reference)
    peak = f"{max(run['peak_mb'] for run in ours):.0f} MB"
    name = f"landing V1, {ours[0]['rows']:,.0f} documents"
    again = unchanged["seconds"]
    first = statistics.median(run["first"] for run in ours)
    return [
        (
            f"{name}, first of a process",
            "psql copy, binary",
            f"{first:.2f} s",
            f"{bare:.2f} s",
            f"{first / bare:.2f}",
            "",
        ),
        (name, "psql copy, binary", f"{median:.2f} s", f"{bare:.2f} s", f"{median / bare:.2f}", peak),
        (
            "landing V1 again, unchanged",
            "the first landing",
            f"{again:.2f} s",
            f"{median:.2f} s",
            f"{again / median:.3f}",
            "",
        ),
    ]


def _land(databases: Databases, home: Path) -> dict[str, float]:
    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        connection.execute("drop schema if exists staging_v1 cascade")
        connection.execute("checkpoint")
    shutil.rmtree(home / "dlt", ignore_errors=True)
    return _run_child(databases, home, rounds=2)


def _run_child(databases: Databases, home: Path, rounds: int) -> dict[str, float]:
    command = [sys.executable, "-c", _CHILD, databases.warehouse, databases.v1, str(home), str(rounds)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(answer.splitlines()[-1])
    return found


def _copy(databases: Databases) -> float:
    program, variables = psql_command(databases)
    with psycopg.connect(databases.v1) as connection:
        query = "select table_name from information_schema.tables where table_name ~ '^mvpw1_[0-9]+$'"
        tables = [name for (name,) in connection.execute(query)]
    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        connection.execute("drop schema if exists copied cascade; create schema copied")
        for name in tables:
            connection.execute(f"create table copied.{name} (id text, xdo jsonb, extracted_at timestamptz)")
        connection.execute("checkpoint")
    began = time.perf_counter()
    for name in tables:
        # The same columns as ours, less dlt's own.
        document = "xdo" if name != "mvpw1_112" else "to_jsonb(t) - 'id'"
        query = f"select id::text, {document}, now() from public.{name} t"
        out = subprocess.Popen(
            [*program, databases.v1, "-qc", f"copy ({query}) to stdout (format binary)"],
            env=variables,
            stdout=subprocess.PIPE,
        )
        into = [*program, databases.warehouse, "-qc", f"copy copied.{name} from stdin (format binary)"]
        subprocess.run(into, env=variables, stdin=out.stdout, check=True)
        out.wait()
    return time.perf_counter() - began
