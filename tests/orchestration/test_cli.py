"""The commands: exit codes, one line for an error a person can mend, and no value of a record in what they print.

Does not belong here: arguments (`unit/test_command_line.py`) and whole runs (`end_to_end/`).
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import psycopg
import pytest
from embedded import gone
from homes import REPOSITORY, fresh_home

from orchestration.database import Databases
from orchestration.postgres_server import PostgresServer

CANARY = "Kanarienvogel"
SHAPE = {
    "entities": {"entity", "v1_count", "v2_count", "missing", "extra", "updated_live", "live_only", "status"},
    "missing_records": {"table", "key", "accepted"},
    "extra_records": {"table", "key", "accepted"},
    "orphan_references": {"table", "column", "references", "rows", "accepted", "keys"},
    "field_mismatches": {"table", "key", "column", "kind", "accepted"},
    "unmapped_fields": {"table", "path", "documents", "accepted"},
    "rejected_values": {"table", "key", "column", "accepted"},
    "duplicate_keys": {"table", "key", "column", "accepted"},
    "contract_violations": {"table", "key", "column", "kind", "accepted"},
    "dead_paths": {"table", "path", "accepted"},
    "coverage": {"coverage", "tables", "v1_rows"},
    "aggregations": {
        "mart",
        "measure",
        "rows",
        "newest_period",
        "source_total",
        "mart_total",
        "difference",
        "status",
        "built_at",
    },
    "checks": {"check", "table", "passed", "failing_rows", "severity", "accepted"},
}


def one_line(text: str) -> str:
    assert re.fullmatch(r"headwater: [^\n]+\n", text), text
    return text


@pytest.mark.parametrize("scale", ["many", "0", "-1", "nan", "inf", ""])
def test_a_wrong_scale_is_one_line(
    scale: str, headwater: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A setting that makes no sense is named with what it says, before anything is filled."""
    assert headwater("reconcile", HEADWATER_SCALE=scale) == 1
    assert f"HEADWATER_SCALE is '{scale}'" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        (["exec"], {}, "needs a program"),
        (["database", "stop"], {"DATABASE_URL": "postgresql://a:b@c/d"}, "DATABASE_URL is set"),
        (["psql"], {"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ],
)
def test_errors_a_person_can_mend_are_one_line(
    arguments: list[str],
    settings: dict[str, str],
    says: str,
    headwater: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was called wrongly is said in one line, with exit code 1 and without a traceback."""
    assert headwater(*arguments, **settings) == 1
    assert says in one_line(capsys.readouterr().err)


def test_an_unknown_program_is_one_line(headwater: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """`headwater exec -- nosuch` names the program that is not there."""
    assert headwater("exec", "--", "nosuch") != 0
    assert "nosuch" in one_line(capsys.readouterr().err)


def test_an_unreachable_v1_is_one_line(headwater: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """A V1 that does not answer is named without its password."""
    assert headwater("reconcile", SOURCES__V1__URL="postgresql://somebody:hunter2@127.0.0.1:1/v1") == 1
    assert "hunter2" not in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("arguments", "code", "printed"),
    [
        (["-Atc", "select count(*) > 0 from v2.agent"], 0, "t\n"),
        (["-v", "ON_ERROR_STOP=1", "-Atc", "select 1/0"], 1, ""),
        (["--no-such-option"], 1, ""),
    ],
)
def test_psql_is_psql(
    arguments: list[str],
    code: int,
    printed: str,
    headwater: Callable[..., int],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Arguments reach the bundled psql, and its exit code comes back."""
    assert headwater("psql", "--", *arguments) == code
    assert capfd.readouterr().out == printed


def test_exec_gives_the_exit_code_back(headwater: Callable[..., int]) -> None:
    """A failed program fails the command, with its own code."""
    assert headwater("exec", "--", "sh", "-c", "exit 7") == 7


def test_exec_leads_to_the_warehouse(
    headwater: Callable[..., int], built: Databases, capfd: pytest.CaptureFixture[str]
) -> None:
    """A program finds the databases, dbt's folders and our own programs; V1 is not handed on."""
    names = "$PGDATABASE $DATABASE_URL ${SOURCES__V1__URL:-none}"
    assert headwater("exec", "--", "sh", "-c", f"echo {names}; command -v dbt") == 0
    first, second = capfd.readouterr().out.splitlines()
    assert first == f"headwater {built.warehouse} none"
    assert second.startswith(os.path.dirname(sys.executable))  # noqa: PTH120 - a symbolic link stays one


def test_the_environment_is_usable_by_a_shell(headwater: Callable[..., int], capfd: pytest.CaptureFixture[str]) -> None:
    """`headwater database env` prints exports after which dbt reaches the warehouse."""
    assert headwater("database", "env") == 0
    exports = capfd.readouterr().out
    assert all(line.startswith("export ") for line in exports.splitlines())
    command = f'{exports}\nexec "{sys.executable}" -m dbt.cli.main debug --connection'
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    shell = subprocess.run(["sh", "-c", command], env=bare, capture_output=True, text=True, check=False)
    assert shell.returncode == 0, shell.stdout
    assert "OK connection ok" in shell.stdout


def test_a_healthy_home_has_no_problems(
    headwater: Callable[..., int], built: Databases, capsys: pytest.CaptureFixture[str]
) -> None:
    """`headwater doctor` looks, finds nothing, and shows no password."""
    assert headwater("doctor") == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == {"ok"}
    assert not [line for line in lines if psycopg.conninfo.conninfo_to_dict(built.warehouse)["password"] in line]


def test_a_v1_that_does_not_answer_is_a_problem(
    headwater: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """`headwater doctor` fails for a configured V1 it cannot reach, and keeps its password."""
    assert headwater("doctor", SOURCES__V1__URL="postgresql://somebody:hunter2@127.0.0.1:1/v1") == 1
    printed = capsys.readouterr().out
    assert "PROBLEM  source v1" in printed
    assert "hunter2" not in printed


@pytest.fixture
def canary(built: Databases, headwater: Callable[..., int]) -> Iterator[None]:
    """A user of V1 whose every kind of value is a canary; undone and landed again at the end."""
    paths = ("first_name", "email", "password", "api_key", "confirmation_code", "birthdate", "agent_id")
    with psycopg.connect(built.v1, autocommit=True) as v1:
        (document,) = v1.execute("select xdo from mvpw1_41 where id = 1").fetchone()
        changed = document | dict.fromkeys(paths, CANARY)
        v1.execute("update mvpw1_41 set xdo = %s where id = 1", [json.dumps(changed)])
        yield
        v1.execute("update mvpw1_41 set xdo = %s where id = 1", [json.dumps(document)])
    assert headwater("reconcile") == 0


def test_the_json_of_a_reconciliation(
    canary: None, headwater: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    """What CI reads: its exact shape, exit code 1 for a difference, places and never values."""
    assert headwater("reconcile", "--json") == 1
    printed = capfd.readouterr()
    result = json.loads(printed.out)
    assert set(result) == {"verdict", "generated_at", *SHAPE}
    assert result["verdict"] == "fail"
    assert {name: set(row) for name, keys in SHAPE.items() for row in result[name]} == {
        name: keys for name, keys in SHAPE.items() if result[name]
    }
    found = {(row["table"], row["key"], row["column"]) for row in result["field_mismatches"]}
    assert {("user", "1", "first_name"), ("user_credentials", "1", "password_hash")} <= found
    assert CANARY.lower() not in (printed.out + printed.err).lower()


def test_the_table_of_a_reconciliation(
    canary: None, headwater: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    """What people read names the place of a difference, and never its value."""
    assert headwater("reconcile") == 1
    printed = capfd.readouterr()
    assert "v2.user key 1 first_name" in printed.out
    assert "verdict: fail" in printed.out
    assert CANARY.lower() not in (printed.out + printed.err).lower()


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_an_interrupted_command_leaves_nothing_running(order: signal.Signals) -> None:
    """Told to end, a command ends its program and its server, and says that it was interrupted."""
    with fresh_home() as home:
        command = [sys.executable, "-m", "orchestration.cli", "exec", "--", "sh", "-c", "echo $$; exec sleep 60"]
        settings = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "HEADWATER_HOME": str(home)}
        with subprocess.Popen(
            command, cwd=REPOSITORY, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            program = int(process.stdout.readline())
            assert PostgresServer(home).is_healthy()
            process.send_signal(order)
            _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "interrupted" in one_line(said)
        assert gone(program)
        assert not PostgresServer(home).is_healthy()
        assert not [one for one in psutil.process_iter(["cmdline"]) if str(home) in " ".join(one.info["cmdline"] or [])]
